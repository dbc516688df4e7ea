"""What the report knows of the configured sources besides their entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.contract import Column, Connector
from hub.config import SourceConfig
from hub.person import Answer
from hub.report.finding import Register


def registers(
    sources: Sequence[Connector], settings: Sequence[SourceConfig], answers: Sequence[Answer]
) -> Mapping[str, Register]:
    """Each source by name; the columns of one that did not answer are not asked for."""
    options = {source.name: source.options for source in settings}
    silent = {answer.source for answer in answers if answer.state == "silent"}
    found: dict[str, Register] = {}
    for source in sources:
        days = options.get(source.name, {}).get("stale_after_days")
        found[source.name] = Register(
            name=source.name,
            kind=source.kind,
            holds=source.features.holds,
            columns=() if source.name in silent else _columns(source),
            stale_after_days=days if isinstance(days, int) else None,
            groups={} if source.name in silent else groups_of(source),
        )
    return found


def _columns(source: Connector) -> Sequence[Column]:
    try:
        return source.coverage()
    except Exception:  # noqa: BLE001  # what keeps a source from being read is told by its answer; the night goes on
        return ()


def groups_of(source: Connector) -> Mapping[str, frozenset[str]]:
    """The groups and lists of a source; none when it cannot tell them now."""
    try:
        return source.groups()
    except Exception:  # noqa: BLE001  # as above
        return {}
