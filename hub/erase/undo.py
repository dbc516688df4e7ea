"""Taking an erase back: step by step, journaled, from the sealed copy; and the end of the time in which that goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from connectors.contract import Connector
from connectors.entry import Entry, Field, Ref
from connectors.errors import Conflict, HubError, Locked, NotFound, Refused, StateError, Unreachable, UsageError
from connectors.phrase import Phrase
from hub import ledger
from hub.erase.apply import Progress, bug, not_configured
from hub.ledger import Ledger, Request
from hub.ledger.undone import SETTLED, Return, Returned, StepReturn, Window, state_of
from hub.plan import Action, Result, Step
from hub.store import snapshot
from hub.store.snapshot import Snapshot


def today() -> date:
    """The day by the computer's clock."""
    return datetime.now(UTC).astimezone().date()


def window(book: Ledger, days: int, day: date) -> Window:
    """The time in which what is erased on this day can be put back."""
    return Window((day + timedelta(days=days)).isoformat(), book.clock(day) + days)


def expire(state: Path, day: date) -> tuple[str, ...]:
    """End every window that is over on this day, for the nightly run: the numbers of the requests."""
    if not (state / ledger.FILE).exists():
        return ()
    with ledger.opened(state) as book:
        return close_windows(book, state, day)


def close_windows(book: Ledger, state: Path, day: date) -> tuple[str, ...]:
    """Destroy the key of every copy whose time is over, and say so in the ledger."""
    now = book.clock(day)
    closed = []
    for number in snapshot.requests(state):
        try:
            request = book.find(number)
        except StateError:
            continue  # what somebody changed from outside is looked into first
        if request is None or request.window is None:
            snapshot.remove(state, number)  # cut off before anything was erased
        elif request.window.over or now > request.window.closes or _is_needless(request):
            _close(book, state, request, day)
            closed.append(number)
    return tuple(closed)


def _is_needless(request: Request) -> bool:
    """Whether everything was put back, so that no hand needs to see what the copy holds."""
    return request.stage == "undone" and not any(item.result is Returned.BY_HAND for item in request.returned.values())


def _close(book: Ledger, state: Path, request: Request, day: date) -> None:
    """The key goes first and the file last, so that a run that is cut off in between is ended by the next."""
    snapshot.destroy_key(state, request.number)
    if request.window and not request.window.over:
        request.window = Window(request.window.until, request.window.closes, day.isoformat())
    if request.stage == "undoing":
        request.stage = "undone"
    if request.stage in {"verified", "undone"}:
        request.empty()
    book.save(request)
    snapshot.remove(state, request.number)


def require_possible(request: Request) -> None:
    """Raise `UsageError` when the request erased nothing, `Conflict` when it is too late or was done before."""
    if request.kind not in {"erasure", "rectification"} or request.plan is None or request.stage not in ledger.BEGUN:
        raise UsageError(
            Phrase("Request {number} has erased nothing, so there is nothing to put back.", number=request.number),
            Phrase("hub requests lists the requests."),
        )
    if request.stage == "undone":
        raise Conflict(Phrase("Request {number} was put back before; nothing was written.", number=request.number))
    if request.window is None:
        raise Conflict(
            Phrase("No copy was kept of what request {number} erased, so it cannot be put back.", number=request.number),
            Phrase("undo_days in hub.toml says for how long a copy is kept from the next erase on."),
        )
    if request.window.over:
        raise Conflict(
            Phrase(
                "Request {number} could be put back until {until}; the key of its copy was destroyed on {day}.",
                number=request.number,
                until=request.window.until,
                day=request.window.over,
            )
        )


def put_back(request: Request, book: Ledger, sources: Sequence[Connector], tick: Progress, *, state: Path, day: date) -> Return:
    """Put back what a request erased, the last step first, each journaled before and after; goes on where it was cut off.

    Raises as `require_possible`. No source's trouble stops the steps of the others.
    """
    require_possible(request)
    with snapshot.opened(state, request.number) as sealed:
        if sealed is None:
            raise Conflict(Phrase("The copy of what request {number} erased is no longer there.", number=request.number))
        assert request.plan is not None
        by_name = {source.name: source for source in sources}
        request.stage = "undoing"
        # Backwards, because a receipt knows its source as it was right after its own step.
        for step in reversed(request.plan.steps):
            earlier = request.returned.get(step.number)
            if earlier is None or earlier.result not in SETTLED:
                tick(step.source)
                request.returned[step.number] = _return(step, request, book, sealed, by_name.get(step.source))
                book.save(request)
        told = report_of(request, sealed)
        if not {item.result for item in told.outcomes} - SETTLED:
            request.stage = "undone"
            request.plan = request.plan.without_person()
            book.save(request)
    if _is_needless(request):
        _close(book, state, request, day)
    return told


def shown_again(request: Request, state: Path) -> Return | None:
    """What came of a request that was put back, with what a hand must still put back; None when its copy is gone."""
    with snapshot.opened(state, request.number) as sealed:
        return report_of(request, sealed) if sealed and request.stage == "undone" else None


def report_of(request: Request, sealed: Snapshot) -> Return:
    """What came of each step, with the values of those that a hand must put back."""
    assert request.plan is not None
    outcomes = tuple(request.returned[step.number] for step in request.plan.steps)
    missing = [item.step.number for item in outcomes if item.result in {Returned.BY_HAND, Returned.CONFLICT, Returned.REFUSED}]
    values = {number: sealed.fields(number) for number in missing}
    return Return(request.number, state_of(outcomes), outcomes, {number: some for number, some in values.items() if some})


def _return(step: Step, request: Request, book: Ledger, sealed: Snapshot, source: Connector | None) -> StepReturn:
    """One step's outcome; whatever the source raises becomes one."""
    if not _may_be_gone(step, request, sealed):
        return StepReturn(step, Returned.KEPT, reason=Phrase("this request changed nothing here"))
    if source is None:
        return StepReturn(step, Returned.UNREACHABLE, reason=not_configured())
    resumed = step.number in request.returning
    if not resumed:
        request.returning.append(step.number)
        book.save(request)
    fields = sealed.fields(step.number)
    done = request.outcomes.get(step.number)
    erased = done is not None and done.result in {Result.ERASED, Result.REDACTED, Result.RECTIFIED}
    try:
        if (resumed or not erased) and _is_there(step, source, fields):
            return StepReturn(step, Returned.RESTORED if erased or resumed else Returned.KEPT, verified=True)
        receipt = sealed.receipt(step.number)
        if not receipt or not source.features.restore:
            return StepReturn(step, Returned.BY_HAND, reason=_by_hand(step, source, fields))
        return _restore(step, source, receipt, fields, resumed=resumed)
    except HubError as error:
        return StepReturn(step, _result_of(error), reason=error.told)
    except Exception as error:  # noqa: BLE001  # one broken connector must not leave the other steps without an outcome
        return StepReturn(step, Returned.FAILED, reason=bug(error))


def _may_be_gone(step: Step, request: Request, sealed: Snapshot) -> bool:
    """Whether the request wrote, or may have written, where this step's entry is."""
    done = request.outcomes.get(step.number)
    if step.action is Action.MANUAL:
        return done is not None and done.result is Result.ERASED
    if step.action is Action.RETAIN or step.number not in request.intents:
        return False
    if done is None and not sealed.begun(step.number):
        return False
    if done is not None and done.result is Result.ALREADY_ABSENT and not sealed.receipt(step.number):
        return request.intents.count(step.number) > 1  # else it was gone before this request looked for it
    return True


def _restore(step: Step, source: Connector, receipt: bytes, fields: Sequence[Field], *, resumed: bool) -> StepReturn:
    try:
        outcome = source.restore(receipt)
    except Conflict as error:
        if resumed and _is_there(step, source, fields, anywhere=True):
            return StepReturn(step, Returned.RESTORED, verified=True)
        # What the owner wrote there since stays, and no later try could know better: she sees what was there.
        return StepReturn(step, Returned.BY_HAND, reason=error.told)
    seen = _is_there(step, source, fields, anywhere=True)
    notes = outcome.notes
    if not seen and not notes:
        notes = (Phrase("{source} took the entry back but shows it otherwise than it was: have a look.", source=source.name),)
    return StepReturn(step, Returned.RESTORED, verified=seen, notes=notes)


def _is_there(step: Step, source: Connector, fields: Sequence[Field], *, anywhere: bool = False) -> bool:
    """Whether a fresh reading shows everything the entry held; `anywhere`: under another ref, too."""
    if not fields:
        return False
    meant = Counter((item.kind, item.value) for item in fields)
    try:
        if not meant - _values(source.get(Ref(step.ref))):
            return True
    except NotFound:
        pass
    return anywhere and any(isinstance(item, Entry) and not meant - _values(item) for item in source.entries())


def _values(entry: Entry) -> Counter[tuple[str, str]]:
    return Counter((item.kind, item.value) for item in entry.fields)


def _by_hand(step: Step, source: Connector, fields: Sequence[Field]) -> Phrase:
    if step.action is Action.MANUAL:
        return Phrase("a hand took it away, so only a hand can put it back")
    if not fields:
        return Phrase("the time for which its copy was kept is over")
    if source.features.restore:
        return Phrase("what puts it back got lost when the erase was cut off: look whether it is there, else enter it by hand")
    return Phrase("{source} cannot put an entry back: enter it by hand", source=source.name)


def _result_of(error: HubError) -> Returned:
    if isinstance(error, Conflict):
        return Returned.BY_HAND
    if isinstance(error, Refused | Locked):
        return Returned.REFUSED
    if isinstance(error, Unreachable):
        return Returned.UNREACHABLE
    return Returned.FAILED
