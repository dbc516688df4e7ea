"""export: the access package of one person, in a folder or an encrypted archive, with others covered until they were looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from connectors.errors import UsageError
from connectors.phrase import Phrase
from hub import permissions
from hub.commands import requesting
from hub.commands.base import Run, answered, decisions, one_person, worst
from hub.commands.spreading import foreseen
from hub.erase import planning
from hub.export.masking import masked
from hub.exported import Export
from hub.fields import field_name
from hub.ledger import Ledger, Request
from hub.person import Person
from hub.plan import Plan
from hub.render import json as documents
from hub.render import text
from hub.search.gathered import Gathered

_PACKED = ("access", "portability")
"""Kinds of requests that an access package answers."""

NOT_LOOKED = Phrase("others are mentioned in it: nobody looked yet whether they may be shown")
"""What a package lacks for its owner, and not for the person who gets it."""


def export(run: Run) -> int:
    """Write the access package of one person."""
    if run.options.password_command and not run.options.encrypt:
        raise UsageError(Phrase("--password-command belongs to --encrypt."))
    gathered = run.gather()
    person, code = one_person(run, gathered)
    if person is None:
        if code == 0:
            requesting.nobody_found(run, gathered, *_PACKED)
        return code
    plan = planning.make_plan(gathered, person, *decisions(run, gathered, person))
    person = plan.person
    password = _password(run)
    export = _written(run, gathered, plan, password)
    if run.options.json:
        run.show_json(documents.export_document(person, gathered.answers, export))
    else:
        text.export(run.screen, export)
    text.looks(run.talk, export)
    text.unsaid(run.talk, export.unsaid)
    if password and not run.options.password_command:
        text.password(run.talk, password)
    waits = bool(person.possible) or not export.looked
    return worst(answered(gathered), 4 if waits else 0, 3 if export.missing and not person.possible else 0)


def _password(run: Run) -> str:
    if not run.options.encrypt:
        return ""
    from hub.export import sealing

    return sealing.password_of(run.options.password_command) if run.options.password_command else sealing.new_password()


def _written(run: Run, gathered: Gathered, plan: Plan, password: str) -> Export:
    """The package, written and tracked; what could not be written is not tracked any more."""
    from hub.export.package import with_cells, write_package

    person = plan.person
    wide, unseen = with_cells(person, foreseen(run, plan).spread)
    shown, looks = masked(wide, gathered.matching, run.language, run.options.show)
    with run.book() as book:
        request = requesting.joined(run, book, gathered, person, *_PACKED) or book.new("access")
        acts = permissions.found(book, run.config.state, run.config.region)
        recipients = permissions.recipients_of(acts, person) if acts else ()
    number, today, kept = request.number, run.today, []

    def track(path: Path, files: Mapping[str, int]) -> None:
        run.packages.supersede(number, path)
        kept.append(run.packages.track(number, path, today, files, person))

    try:
        export = write_package(
            shown,
            gathered.answers,
            run.options.out,
            number,
            run.config.controller,
            run.language,
            notice=run.config.notice,
            rules=run.config.retention,
            disclosed=_recipients(run, recipients),
            unseen=unseen,
            looks=looks,
            looked=run.options.looked,
            password=password,
            day=today,
            track=track,
        )
    except UsageError:
        run.packages.forget(kept)
        raise
    request.lacking = (*export.missing, *(() if export.looked else (NOT_LOOKED,)))
    request.stage = "verified" if export.complete else "incomplete"
    if request.asked or not export.complete:
        request.handle = person.handle
    with run.book() as book, book.together():
        book.save(request)
        _put_aside(book, request, gathered, person)
    return export


def _put_aside(book: Ledger, request: Request, gathered: Gathered, person: Person) -> None:
    """A package that nobody asked for and that lacks something waits no more once there is another of the same person."""
    for earlier in book.standing("incomplete"):
        other = earlier.kind in _PACKED and not earlier.asked and earlier.number != request.number
        if other and requesting.is_about(earlier, gathered, person):
            earlier.stage, earlier.handle = "superseded", ""
            earlier.empty()
            book.save(earlier)


def _recipients(run: Run, recipients: Sequence[permissions.Disclosed]) -> list[str]:
    """To whom data of the person was given, as recorded; nothing when nobody got any by the owner's hand."""
    told = (
        Phrase(
            "{recipient} got on {day}: {kinds}",
            recipient=item.act.recipient,
            day=run.language.day(item.act.day),
            kinds=[field_name(kind) for kind in item.act.data],
        )
        for item in recipients
        if item.act.recipient
    )
    return [run.language.say(item) for item in told]
