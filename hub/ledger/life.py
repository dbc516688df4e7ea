"""A request's life beside what is done for it: identified, extended, put on hold, withdrawn, answered. Pure.

Each act raises and changes nothing when it does not fit: `UsageError` (2) for what cannot be meant, `Undecided` (4) for what a
human must do first, `Conflict` (5) for what is over.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import cache

from connectors.errors import Conflict, Undecided, UsageError
from connectors.phrase import Phrase
from hub.law import calendar
from hub.ledger import BEGUN, OVER, Line, Request
from hub.ledger.request import line_of, need_of


def received(item: Request | Line, country: str) -> date:
    """The day from which the time for the answer is counted; no clock that is set moves it."""
    if item.received:
        return date.fromisoformat(item.received)
    return calendar.today(datetime.fromisoformat(item.created), country)


def due(item: Request | Line, country: str) -> date:
    """The last day for the answer: a month from its receipt, three months in all once extended."""
    if item.received:
        return _due(item.received, item.extended, country)
    return _due(received(item, country).isoformat(), item.extended, country)


@cache
def _due(received: str, extended: str, country: str) -> date:
    day = date.fromisoformat(received)
    return calendar.extended_due(day, date.fromisoformat(extended), country) if extended else calendar.due(day, country)


def identify(request: Request, how: str) -> None:
    """Note how it was checked that it is the person who asks; with `not_yet` the request waits for that."""
    require_open(request)
    standing = request.held or request.stage
    if how == "not_yet":
        if standing in BEGUN:
            raise UsageError(
                Phrase("Request {number} was begun already; who asked is no question any more.", number=request.number)
            )
        standing = "identity_unverified"
    elif standing == "identity_unverified":
        standing = "planned" if request.plan else "received"
    if request.held:
        request.held = standing
    else:
        request.stage = standing
    request.identity = how


def extend(request: Request, reason: str, today: date, country: str) -> None:
    """Give the answer three months in all, once, told within the first month (GDPR 12(3))."""
    require_open(request)
    if not request.asked:
        raise UsageError(Phrase("Nobody asked for request {number}, so its answer is due to nobody.", number=request.number))
    if not reason.strip():
        raise UsageError(Phrase("Say with --reason why the answer takes longer: the person must be told."))
    if request.extended:
        raise Conflict(
            Phrase(
                "Request {number} was extended before, on {day}; a second time the law does not know.",
                number=request.number,
                day=request.extended,
            )
        )
    day, last = _day(request, today), due(request, country)
    if day > last:
        raise Conflict(
            Phrase(
                "Request {number} can no longer be extended: its first month ended on {day}.",
                number=request.number,
                day=last.isoformat(),
            ),
            Phrase("Answer it now, and tell the person why it took so long."),
        )
    request.extended = max(day, received(request, country)).isoformat()
    request.reasons["extended"] = reason.strip()


def hold(request: Request, reason: str) -> None:
    """Put a request off that is not begun yet; its last day stays."""
    require_open(request)
    if request.stage in BEGUN or request.stage == "on_hold":
        raise UsageError(Phrase("Request {number} is begun, or on hold already.", number=request.number))
    request.held, request.stage = request.stage, "on_hold"
    if reason.strip():
        request.reasons["on_hold"] = reason.strip()


def resume(request: Request) -> None:
    """End a hold."""
    if request.stage != "on_hold" or request.held is None:
        raise UsageError(Phrase("Request {number} is not on hold.", number=request.number))
    request.stage, request.held = request.held, None
    request.reasons.pop("on_hold", None)


def cancel(request: Request) -> None:
    """End a request of which nothing was done, and let go of everything it held of anybody."""
    if request.stage in OVER:
        raise _over(request)
    if request.stage in BEGUN:
        raise UsageError(
            Phrase("Request {number} was begun, so it cannot be cancelled.", number=request.number),
            Phrase("hub erase --confirm carries it on, hub undo puts back what it erased, hub request close ends it."),
        )
    request.stage, request.held = "cancelled", None
    request.empty()


def close(request: Request, way: str, today: date, on: date | None, country: str) -> None:
    """End a request that was answered, and let go of everything it held of anybody; never without its receipt."""
    require_open(request)
    refused = "refusal" in request.letters and request.stage not in BEGUN
    if request.open_steps or (not refused and need_of(line_of(request)) not in {"receipt", "delivery", ""}):
        raise Undecided(
            Phrase("Request {number} cannot be closed: something of it is still open.", number=request.number),
            Phrase("hub request show {number} says what it waits for.", number=request.number),
        )
    if "receipt" not in request.letters:
        raise Undecided(
            Phrase("Request {number} cannot be closed without its receipt.", number=request.number),
            Phrase("Make it with: hub letter receipt {number} --out DIR", number=request.number),
        )
    day = _day(request, today)
    if on and not received(request, country) <= on <= day:
        raise UsageError(Phrase("The answer cannot have gone before the request came, or later than today."))
    request.delivered, request.delivered_on = way, (on or day).isoformat()
    request.stage = "closed"
    request.empty()
    request.forget_notes()


def require_open(request: Request) -> None:
    """Raise `Conflict` when nothing is to be done for the request any more."""
    if request.stage in OVER:
        raise _over(request)


def _over(request: Request) -> Conflict:
    day = request.history[-1][1][:10] if request.history else ""
    if request.stage == "closed":
        return Conflict(
            Phrase("Request {number} was closed before, on {day}; nothing was written.", number=request.number, day=day)
        )
    return Conflict(Phrase("Request {number} is over since {day}; nothing was written.", number=request.number, day=day))


def _day(request: Request, today: date) -> date:
    """Today, and never before what the request itself has seen: a clock that is set back gives nobody more time."""
    seen = [date.fromisoformat(at[:10]) for _, at in request.history]
    return max(today, *seen) if seen else today
