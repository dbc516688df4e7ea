"""check: what only looks."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.contract import Column, Connector
from connectors.errors import HubError
from hub.commands.base import Run
from hub.erase.register import MirrorRegister
from hub.render import json as documents
from hub.render import text


def check(run: Run) -> int:
    """Say how each source is."""
    rows: list[documents.CheckRow] = []
    for source in run.sources():
        check = source.check()
        rows.append((source.name, source.kind, check, _coverage(source)))
    if run.glance.mirror and not run.options.source:
        mine = MirrorRegister(run.glance)
        rows.append((mine.name, mine.kind, mine.check(), mine.coverage()))
    packages = [] if run.options.source else run.packages.all()
    if run.options.json:
        run.show_json(documents.check_document(rows, packages))
    else:
        text.check(run.screen, rows)
        text.packages(run.screen, packages)
    return 0 if all(check.may_read for _, _, check, _ in rows) else 3


def _coverage(source: Connector) -> Sequence[Column] | HubError:
    try:
        return source.coverage()
    except HubError as error:
        return error
