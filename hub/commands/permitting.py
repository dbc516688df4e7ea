"""ask, consent, objection, disclose: what a person agreed to, and who may be told what."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from connectors._needles import Matcher
from connectors._values import dataclass, field
from connectors.entry import KINDS
from connectors.errors import Undecided, Unreachable, UsageError
from connectors.phrase import Phrase
from hub import permissions
from hub.commands import requesting
from hub.commands.base import Run, answered, one_person, past_day, worst
from hub.erase import tasks
from hub.law.days import read_day
from hub.ledger import Ledger, Request
from hub.permissions import Act, Book, Permitted, Standing, disclosure
from hub.permissions.act import means_silence
from hub.permissions.known import marks_of
from hub.person import Person
from hub.render import json
from hub.render import permitted as screens
from hub.render import permitted_json as documents
from hub.search.gathered import Gathered

PERMISSION_DAYS = 30
"""A permission that names no last day is good for so long: it is asked for one occasion."""


@dataclass(frozen=True, slots=True)
class About:
    """The one person a command is about, in the open book."""

    run: Run = field(repr=False)
    gathered: Gathered = field(repr=False)
    person: Person
    ledger: Ledger = field(repr=False)
    book: Book = field(repr=False)
    day: str
    code: int

    @property
    def standing(self) -> Standing:
        """Where the person stands now."""
        return self.book.known().of(self.person)

    def record(self, kind: permissions.Kind, **what: Any) -> Act:
        """Write down an act of the person; what is told of it holds none of their own values."""
        needles = self.gathered.matching.needles([member.held for member in self.person.links])
        matcher = Matcher(needles)
        cut = {name: matcher.cut(what.pop(name), "…") for name in ("how", "purpose", "wording") if name in what}
        return self.book.record(kind, marks_of(self.person, needles, self.run.config.region), self.day, **cut, **what)


def ask(run: Run) -> int:
    """Show what is known of what a person was asked and agreed to; with --status write it down."""
    options = run.options
    status = {"yes": "answered_yes", "no": "answered_no"}.get(options.status, options.status)
    if status == "answered_yes":
        _require_answer(options.how)
    if not status and (options.how or options.on):
        raise UsageError(Phrase("Say with --status what is to be written down: asked, yes, no or not_asked."))
    with _about(run) as (about, code):
        if about is None:
            return code
        act = about.record("ask", status=status, how=options.how) if status else None
        standing, today = about.standing, run.today.isoformat()
        if options.json:
            run.show_json(documents.ask_document(about.person, standing, today, act))
        else:
            screens.standing(run.screen, about.person, standing, today)
        return about.code


def consent(run: Run) -> int:
    """Write down that a person gave a consent or a permission, or took it back."""
    options = run.options
    if bool(options.purpose) == bool(options.recipient):
        raise UsageError(
            Phrase("Say what it is for: --for PURPOSE, or --to RECIPIENT --data KINDS for a permission to pass data on.")
        )
    data = _kinds(options.data)
    if options.recipient and not data and options.act == "give":
        raise UsageError(Phrase("Say with --data which data may go there, such as name,phone."))
    if options.act == "give":
        _require_answer(options.how)
    until = _until(run) if options.recipient and options.act == "give" else ""
    with _about(run) as (about, code):
        if about is None:
            return code
        if options.act == "withdraw":
            return _withdraw(about, data)
        if options.recipient:
            recipient = " ".join(options.recipient.split())
            act = about.record(
                "permission", recipient=recipient, data=data, until=until, wording=options.wording, how=options.how
            )
        else:
            act = about.record("consent", purpose=options.purpose, wording=options.wording, how=options.how)
        _show_act(about, "hub.consent/1", act)
        return about.code


def _withdraw(about: About, data: tuple[str, ...]) -> int:
    options = about.run.options
    if options.recipient:
        return _withdraw_permission(about, data)
    act = about.record("withdrawal", purpose=options.purpose, wording=options.wording, how=options.how)
    request = tasks.make(about.ledger, about.gathered, about.person, act.purpose, sources=about.run.sources())
    _show_act(about, "hub.consent/1", act, request)
    return worst(about.code, 4 if tasks.waiting(request) else 0)


def _withdraw_permission(about: About, data: tuple[str, ...]) -> int:
    options, today = about.run.options, about.run.today.isoformat()
    wanted = permissions.recipient_key(options.recipient)
    meant = [
        one.act
        for one in about.standing.permissions(today)
        if one.state == "open" and permissions.recipient_key(one.act.recipient) == wanted and data in {(), one.act.data}
    ]
    if not meant:
        raise UsageError(Phrase("There is no open permission for this recipient."), Phrase("hub ask WHO shows what there is."))
    acts = [about.book.follow("withdrawal", act, about.day, recipient=act.recipient, data=act.data) for act in meant]
    for act in acts:
        _show_act(about, "hub.consent/1", act)
    return about.code


def objection(run: Run) -> int:
    """Write down an objection, and make a task of each place where the person's data must not be used any more."""
    with _about(run) as (about, code):
        if about is None:
            return code
        act = about.record("objection", purpose=run.options.purpose, how=run.options.how)
        joined = requesting.joined(run, about.ledger, about.gathered, about.person, "objection")
        request = tasks.make(
            about.ledger, about.gathered, about.person, act.purpose, sources=run.sources(), joined=joined, asked=True
        )
        _show_act(about, "hub.objection/1", act, request)
        return worst(about.code, 4 if tasks.waiting(request) else 0)


def _show_act(about: About, schema: str, act: Act, request: Request | None = None) -> None:
    if about.run.options.json:
        about.run.show_json(documents.act_document(schema, about.person, act, request))
    else:
        screens.act(about.run.screen, about.person, act, request)


def disclose(run: Run) -> int:
    """Pass a person's data on to one recipient, by a permission for exactly that; or list who got what."""
    options = run.options
    if options.told:
        return _told(run)
    if not options.who and not options.person:
        return _list(run)
    data = _kinds(options.data)
    if not options.recipient or not data:
        raise UsageError(Phrase("Say to whom and what: --to RECIPIENT --data KINDS, such as --data name,phone."))
    with _about(run) as (about, code):
        if about is None:
            return code
        if not about.gathered.answered:
            raise Unreachable(
                Phrase("A source did not answer, so what would be passed on is not whole; nothing was passed on."),
                Phrase("Try again later, or name with --source where the data are to be taken from."),
            )
        values = disclosure.values_of(about.person, data, run.config.region)
        if not values:
            raise UsageError(Phrase("Nothing of these kinds is known of the person; the permission was not used."))
        permission = _permission(about, data)
        if options.out:
            disclosure.require_room(options.out)
        act = about.book.follow(
            "disclosure", permission, about.day, recipient=permission.recipient, data=data, wording=permission.wording
        )
        document = documents.disclosure_document(about.person, act, values)
        if options.out:
            given = json.dumps(documents.given_document(act, values))
            folder, files = disclosure.write(options.out, act.number, given)
            document |= {"directory": str(folder), "files": list(files)}
        if options.json:
            run.show_json(document)
        else:
            screens.disclosed(run.screen, act, values, document["directory"])
        return about.code


def _permission(about: About, data: tuple[str, ...]) -> Act:
    """The one permission that may be used. Raises `Undecided`: the person must be asked first."""
    options, today = about.run.options, about.run.today.isoformat()
    found = about.standing.permitted(options.recipient, data, today)
    if options.permission:
        found = [one for one in found if one.act.number == options.permission]
    if found and found[0].state == "open":
        return found[0].act
    raise Undecided(
        _refusal(found),
        Phrase("Ask the person, then write it down: hub consent give WHO --to RECIPIENT --data KINDS"),
    )


def _refusal(found: list[Permitted]) -> Phrase:
    if not found:
        return Phrase("There is no permission for exactly this recipient and this data; nothing was passed on.")
    permission = found[-1]
    number = permission.act.number
    if permission.state == "used":
        return Phrase("Permission {number} was used before, and it was for one time; nothing was passed on.", number=number)
    if permission.state == "withdrawn":
        return Phrase("Permission {number} was taken back; nothing was passed on.", number=number)
    return Phrase("Permission {number} is not good on this day; nothing was passed on.", number=number)


def _told(run: Run) -> int:
    if run.options.who or run.options.person:
        raise UsageError(Phrase("--told NUMBER needs no WHO: the disclosure says whose data it was."))
    with run.book() as ledger:
        book = permissions.opened(ledger, run.config.state, run.config.region)
        passed_on = book.disclosure(run.options.told)
        requests = permissions.told(book, passed_on, _day(run).isoformat())
    if run.options.json:
        run.show_json({"schema": "hub.told/1", "disclosure": passed_on.number, "requests": list(requests)})
    else:
        screens.told(run.screen, passed_on.number, requests)
    return 0


def _list(run: Run) -> int:
    with permissions.kept(run.config.state, run.config.region) as book:
        found = Standing(book.all() if book else ()).disclosures
    if run.options.json:
        run.show_json(documents.disclosures_document(found))
    else:
        screens.disclosures(run.screen, found)
    return 0


@contextmanager
def _about(run: Run) -> Iterator[tuple[About | None, int]]:
    """The person that is meant, in the open book; None and the exit code when it is not one."""
    day = _day(run).isoformat()
    gathered = run.gather()
    person, code = one_person(run, gathered)
    if person is None:
        yield None, code
        return
    with run.book() as ledger:
        book = permissions.opened(ledger, run.config.state, run.config.region)
        yield About(run, gathered, person, ledger, book, day, answered(gathered)), 0


def _require_answer(how: str) -> None:
    """Raise `UsageError` when what is told of an answer is that there was none."""
    if means_silence(how):
        raise UsageError(
            Phrase("Silence is no consent; nothing was written down."),
            Phrase("Whoever was asked and gave no answer is: hub ask WHO --status asked"),
        )


def _kinds(text: str) -> tuple[str, ...]:
    """The kinds of data that --data names, in the order in which a person reads them. Raises `UsageError`."""
    wanted = {part for part in text.replace(" ", ",").split(",") if part}
    unknown = sorted(wanted - set(KINDS))
    if unknown:
        raise UsageError(Phrase("There is no such data: {kinds}", kinds=unknown), Phrase("Known are: {kinds}", kinds=list(KINDS)))
    return tuple(kind for kind in KINDS if kind in wanted)


def _day(run: Run) -> date:
    """The day on which it happened, today when nothing is said."""
    return past_day(run, "--on", run.options.on) or run.today


def _until(run: Run) -> str:
    """The last day on which a permission may be used. Raises `UsageError`."""
    first, said = _day(run), run.options.until
    last = read_day(said) if said else first + timedelta(days=PERMISSION_DAYS)
    if last is None:
        raise UsageError(Phrase("{option} must be a day.", option="--until"), Phrase("Write it as 2026-01-15 or 15.1.2026."))
    if last < first:
        raise UsageError(Phrase("--until is the last day on which the permission may be used; it lies before the permission."))
    return last.isoformat()
