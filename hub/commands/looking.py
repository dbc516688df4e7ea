"""find, persons, check, export: what only looks."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.contract import Column, Connector
from connectors.errors import HubError
from connectors.phrase import Phrase
from hub import permissions, planning
from hub.commands import requesting
from hub.commands.base import Run, answered, decisions, one_person, worst
from hub.fields import field_name
from hub.register import MirrorRegister
from hub.render import json as documents
from hub.render import text

_PACKED = ("access", "portability")
"""Kinds of requests that an access package answers."""


def check(run: Run) -> int:
    """Say how each source is."""
    rows: list[documents.CheckRow] = []
    for source in run.sources():
        check = source.check()
        rows.append((source.name, source.kind, check, _coverage(source)))
    if run.glance.mirror and not run.options.source:
        mine = MirrorRegister(run.glance)
        rows.append((mine.name, mine.kind, mine.check(), mine.coverage()))
    if run.options.json:
        run.show_json(documents.check_document(rows))
    else:
        text.check(run.screen, rows)
    return 0 if all(check.may_read for _, _, check, _ in rows) else 3


def _coverage(source: Connector) -> Sequence[Column] | HubError:
    try:
        return source.coverage()
    except HubError as error:
        return error


def _notice(run: Run, recipients: Sequence[permissions.Disclosed]) -> dict[str, str]:
    """What the page says of who got the data; nothing when nobody did by the owner's hand."""
    told = [
        Phrase(
            "{recipient} got on {day}: {kinds}",
            recipient=item.act.recipient,
            day=run.language.day(item.act.day),
            kinds=[field_name(kind) for kind in item.act.data],
        )
        for item in recipients
        if item.act.recipient
    ]
    return {"recipients": "; ".join(run.language.say(item) for item in told)} if told else {}


def export(run: Run) -> int:
    """Write the access package of one person."""
    from hub.export import write_package

    gathered = run.gather()
    person, code = one_person(run, gathered)
    if person is None:
        if code == 0:
            requesting.nobody_found(run, gathered, *_PACKED)
        return code
    person = planning.make_plan(gathered, person, *decisions(run, gathered, person)).person
    with run.book() as book:
        request = requesting.joined(run, book, gathered, person, *_PACKED) or book.new("access")
        acts = permissions.found(book, run.config.state, run.config.region)
        recipients = permissions.recipients_of(acts, person) if acts else []
    notice = _notice(run, recipients)
    export = write_package(
        person, gathered.answers, run.options.out, request.number, run.config.controller, run.language, notice=notice
    )
    if request.asked:
        request.handle, request.stage = person.handle, "verified" if export.complete else "incomplete"
        with run.book() as book:
            book.save(request)
    if run.options.json:
        run.show_json(documents.export_document(person, gathered.answers, export.directory, export.files, export.missing))
    else:
        text.export(run.screen, export)
    return worst(answered(gathered), 4 if person.possible else 0, 0 if export.complete or person.possible else 3)
