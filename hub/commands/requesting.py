"""request, requests, ledger: what persons asked for, from the day it came in to its receipt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

from connectors.errors import Undecided, UsageError
from connectors.phrase import Phrase
from hub import ledger as ledgers
from hub.commands.base import Run, past_day, query
from hub.erase import owner
from hub.ledger import BEGUN, Ledger, Request, life
from hub.person import Person
from hub.plan import Plan, State
from hub.render import request_documents as documents
from hub.render import requests as shown
from hub.search.gathered import Gathered

_SPOKEN = {
    "channel": {
        "sähköposti": "email", "mail": "email", "puhelin": "phone", "puhelu": "phone", "call": "phone", "soitto": "phone",
        "viesti": "message", "tekstiviesti": "message", "sms": "message", "whatsapp": "message", "kirje": "letter",
        "posti": "letter", "post": "letter", "lomake": "form", "web": "form", "suullisesti": "in_person",
        "henkilökohtaisesti": "in_person", "oral": "in_person", "muu": "other",
    },
    "identity": {
        "called": "called_back", "callback": "called_back", "called_back_on_the_stored_number": "called_back",
        "takaisinsoitto": "called_back", "soitettu": "called_back", "email": "same_email", "same_e_mail": "same_email",
        "sama_sähköposti": "same_email", "invoice_number_and_sum": "invoice", "lasku": "invoice", "known_in_person": "known",
        "in_person": "known", "tunnettu": "known", "tuttu": "known", "no": "not_yet", "none": "not_yet", "ei": "not_yet",
        "ei_vielä": "not_yet", "unverified": "not_yet",
    },
}  # fmt: skip
"""What people say, beside the hub's own words."""


def request(run: Run) -> int:
    """Write a request down, show it, or change where it stands."""
    return _ACTS[run.options.act](run)


def _new(run: Run) -> int:
    options = run.options
    if options.who and options.person:
        raise UsageError(Phrase("Say who: WHO, or --person HANDLE from the last find, and not both."))
    channel, identity = _word("channel", options.channel, ledgers.WAYS), _word("identity", options.identity, ledgers.IDENTITIES)
    received = past_day(run, "--received", options.received)
    person = run.gather().person(options.person) if options.person else None
    if not options.owner:
        owner.require_somebody_else(run.config.controller, query(run), person.members if person else ())
    with run.book() as book:
        if received is None:
            _require_clock(book, run.today)
        made = book.new(
            options.kind,
            asked=True,
            received=(received or run.today).isoformat(),
            channel=channel,
            identity=identity,
            who=person.name if person else query(run),
            handle=person.handle if person else "",
        )
    return _show(run, made)


def _require_clock(book: Ledger, today: date) -> None:
    """A clock that was set back would give a request more time than it has."""
    latest = book.latest()[:10]
    if latest and today < date.fromisoformat(latest) - timedelta(days=1):
        raise UsageError(
            Phrase(
                "The computer's clock says {today}, but a request was written down on {day}; nothing was written.",
                today=today.isoformat(),
                day=latest,
            ),
            Phrase("Put the clock right, or say with --received on which day this request came."),
        )


def _show_one(run: Run) -> int:
    with run.book() as book:
        return _show(run, book.load(run.options.request))


def _changing(change: Callable[[Run, Request], None]) -> Callable[[Run], int]:
    """What loads a request, changes it, keeps it and shows it."""

    def act(run: Run) -> int:
        with run.book() as book:
            request = book.load(run.options.request)
            change(run, request)
            book.save(request)
        return _show(run, request)

    return act


def _extend(run: Run, request: Request) -> None:
    life.extend(request, run.options.reason, run.today, run.config.controller.country)


def _identify(run: Run, request: Request) -> None:
    life.identify(request, _word("identity", run.options.identity, ledgers.IDENTITIES, needed=True))


def _hold(run: Run, request: Request) -> None:
    life.hold(request, run.options.reason)


def _resume(_: Run, request: Request) -> None:
    life.resume(request)


def _cancel(_: Run, request: Request) -> None:
    life.cancel(request)


def _close(run: Run, request: Request) -> None:
    on = past_day(run, "--on", run.options.on)
    way = _word("channel", run.options.delivered, ledgers.WAYS, needed=True)
    life.close(request, way, run.today, on, run.config.controller.country)


_ACTS: Mapping[str, Callable[[Run], int]] = {
    "new": _new,
    "show": _show_one,
    "extend": _changing(_extend),
    "identify": _changing(_identify),
    "hold": _changing(_hold),
    "resume": _changing(_resume),
    "cancel": _changing(_cancel),
    "close": _changing(_close),
}


def _word(option: str, said: str, words: Sequence[str], *, needed: bool = False) -> str:
    """The hub's own word for what was said, "" for nothing unless it is `needed`. Raises `UsageError` when there is none."""
    plain = "_".join(said.casefold().replace("-", " ").replace("_", " ").split())
    meant = _SPOKEN[option].get(plain, plain)
    if (meant or needed) and meant not in words:
        raise UsageError(Phrase("Say it with one of these words: {words}.", words=", ".join(words)))
    return meant


def _show(run: Run, request: Request) -> int:
    if run.options.json:
        run.show_json(documents.request_document(request, run.glance.region))
    else:
        shown.request(run.screen, request, run.glance.region)
    return 0


def joined(run: Run, book: Ledger, gathered: Gathered, person: Person, *kinds: str) -> Request | None:
    """The open request that an act on a person belongs to: the one that --request names, or one about the same person.

    One of somebody whose identity is not verified is never joined by itself. Raises as `require_ready`.
    """
    if run.options.request:
        found: Request | None = _named(run, book, *kinds)
    else:
        standing = book.standing("received", "planned", *(("incomplete",) if "access" in kinds else ()))
        asked = (item for item in standing if item.asked and item.kind in kinds)
        found = next((item for item in asked if is_about(item, gathered, person)), None)
    if found and found.asked:
        day = run.language.day
        run.talk.line(
            Phrase(
                "This belongs to request {number}, which came on {day}; its answer is due by {due}.",
                number=found.number,
                day=day(life.received(found, run.glance.region).isoformat()),
                due=day(life.due(found, run.glance.region).isoformat()),
            )
        )
    return found


def _named(run: Run, book: Ledger, *kinds: str) -> Request:
    request = book.load(run.options.request)
    if request.kind not in kinds:
        raise UsageError(
            Phrase("Request {number} is about something else.", number=request.number),
            Phrase("hub requests lists the requests."),
        )
    life.require_open(request)
    require_ready(request)
    if request.kind == "erasure" and request.stage in BEGUN:
        raise UsageError(
            Phrase("Request {number} was begun already.", number=request.number),
            Phrase("hub request show {number} says how to go on.", number=request.number),
        )
    return request


def nobody_found(run: Run, gathered: Gathered, *kinds: str) -> None:
    """Note that nothing is held about the person of the request that --request names."""
    if not run.options.request:
        return
    with run.book() as book:
        request = _named(run, book, *kinds)
        request.stage, request.state = "verified", State.COMPLETE
        request.plan = Plan(request.number, Person("", "", ()), (), (), gathered.answers)
        request.empty()
        book.save(request)
    run.talk.line(Phrase("Written down: no register holds anything about the person of request {number}.", number=request.number))


def is_about(request: Request, gathered: Gathered, person: Person) -> bool:
    """Whether a request is about this person, as far as the registers tell now."""
    if request.handle:
        meant = gathered.matching.person(request.handle)
        if meant is not None:
            return meant.handle == person.handle
    found = gathered.matching.find(request.who) if request.who else ()
    return len(found) == 1 and found[0].handle == person.handle


def require_ready(request: Request) -> None:
    """Raise `Undecided` while it is not known who asks, or the request is on hold."""
    if request.stage == "identity_unverified":
        raise Undecided(
            Phrase(
                "It is not known whether it was the person who made request {number}; nothing was written.", number=request.number
            ),
            Phrase(
                "Answer neutrally (hub letter neutral --out DIR), check it, and then say: hub request identify {number} --identity HOW",
                number=request.number,
            ),
        )
    if request.stage == "on_hold":
        raise Undecided(
            Phrase("Request {number} is on hold; nothing was written.", number=request.number),
            Phrase("To go on with it: hub request resume {number}", number=request.number),
        )


def requests(run: Run) -> int:
    """List the requests, open and closed."""
    with run.book() as book:
        listed = book.lines()
    if run.options.json:
        print(documents.requests_text(listed, run.glance.region))
    else:
        shown.requests(run.screen, listed, run.glance.region)
    return 0


def ledger(run: Run) -> int:
    """Say whether every line of the ledger is as it was written, or that there is none yet; asking makes none."""
    there = (run.glance.state / ledgers.FILE).exists()
    lines, broken = 0, list[str]()
    if there:
        with ledgers.opened(run.glance.state) as book:
            lines, broken = book.broken()
    if run.options.json:
        run.show_json({"schema": "hub.ledger/1", "lines": lines, "broken": broken, "there": there})
    elif not there:
        run.screen.line(
            Phrase("There is no ledger yet: it begins with the first request, consent or breach that is written down.")
        )
        run.screen.line(Phrase("If there was one, its file ledger.db is gone: take it from a backup before you go on."))
    else:
        shown.ledger(run.screen, lines, broken)
    return 2 if broken else 0
