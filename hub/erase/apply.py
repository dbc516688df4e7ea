"""The one path by which anything is erased: plan, approve, write step by step, read back, search by value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Protocol

from connectors._needles import Matcher
from connectors._values import replace
from connectors.contract import Connector, Going, Needle, Outcome, Residue, Spread
from connectors.entry import Field, Ref, Version
from connectors.errors import Conflict, HubError, Locked, NotFound, Refused, Unreachable, UsageError, not_given
from connectors.phrase import Phrase
from hub.erase.readback import as_left, is_unaltered, left_after, not_right
from hub.ledger import BEGUN, Ledger, Request
from hub.plan import (
    DONE,
    Action,
    ApprovedPlan,
    Leftover,
    Plan,
    Report,
    Result,
    State,
    Step,
    StepOutcome,
)
from hub.search.gathered import Key
from hub.store.snapshot import Snapshot

Progress = Callable[[str], None]
"""Called with the name of the source that is worked on."""

TO_DO = frozenset(Result) - DONE - {Result.MANUAL_PENDING}
"""Results after which the step is tried again when the request goes on."""

STAYING = frozenset({Result.RETAINED, Result.MANUAL_PENDING})
"""Results after which the entry is still there, on purpose."""

Remember = Callable[[Plan, Sequence[Key]], None]
"""Told whom an erase was about when it is done, and which entries stay, before the ledger forgets the person."""


class Searched(Protocol):
    """What is searched by value after an erase: a source, or something the hub itself keeps."""

    @property
    def name(self) -> str:
        """What its owner calls it."""

    def residue(self, needles: Sequence[Needle]) -> Sequence[Residue]:
        """As `Connector.residue`."""


def foreseen(plan: Plan, sources: Sequence[Connector]) -> Plan:
    """The plan with every place outside its entries that these sources would change, too; a source that cannot tell says why."""
    found: list[tuple[str, Spread]] = []
    for source in sources:
        going = [
            Going(Ref(step.ref), Version(step.version), step.fields if step.action is Action.REDACT else None)
            for step in plan.steps
            if step.source == source.name and (step.action in (Action.ERASE, Action.REDACT) or _by_word(step, source))
        ]
        try:
            found += [(source.name, place) for place in source.spread(going, plan.needles)] if going else []
        except HubError as error:
            found.append((source.name, Spread(error.told, "", "")))
        except Exception as error:  # noqa: BLE001  # one broken connector must not keep a plan from being shown
            found.append((source.name, Spread(bug(error), "", "")))
    return replace(plan, spread=tuple(found))


def _by_word(step: Step, source: Connector) -> bool:
    """Whether the source itself erases the entry once a human says that it was done by hand."""
    return step.action is Action.MANUAL and source.features.erase == "manual"


def apply(
    approved: ApprovedPlan,
    request: Request,
    ledger: Ledger,
    sources: Sequence[Connector],
    tick: Progress,
    *,
    kept: Sequence[Searched] = (),
    sealed: Snapshot | None = None,
    remember: Remember | None = None,
) -> Report:
    """Carry out what is not done yet, one step at a time, each journaled before and after; then search by value.

    Every step gets exactly one outcome. No source's trouble stops the steps of the others. `kept` is what the hub itself
    keeps of what the sources say, `sealed` where what goes is kept so that it can be put back, `remember` is told once all is done, so that nobody comes back.
    """
    plan = approved.plan
    by_name = {source.name: source for source in sources}
    if request.stage not in BEGUN:
        request.stage = "approved"
        ledger.save(request)
    request.stage = "running"
    for step in plan.steps:
        earlier = request.outcomes.get(step.number)
        if earlier and earlier.result in DONE:
            continue
        request.intents.append(step.number)
        ledger.save(request)
        source = by_name.get(step.source)
        request.outcomes[step.number] = _carry_out(step, source, plan, tick, sealed)
        request.note_bin(step.number, source.features.bin_days if source else 0, datetime.now(UTC).astimezone().date())
        ledger.save(request)
    return conclude(plan, request, ledger, [*sources, *kept], tick, remember=remember)


def settle(
    request: Request,
    number: int,
    ledger: Ledger,
    sources: Sequence[Connector],
    tick: Progress,
    *,
    kept: Sequence[Searched] = (),
    note: str = "",
    sealed: Snapshot | None = None,
    remember: Remember | None = None,
) -> Report:
    """A human says that a manual step was carried out: let its source check or complete it, then search by value again.

    A source that sees that it is not so refuses, and the step goes on waiting. Raises `UsageError` for a step that
    does not wait for a hand.
    """
    step, plan = waiting_step(request, number), request.plan
    assert plan is not None
    source = {source.name: source for source in sources}.get(step.source)
    request.outcomes[number] = _settled(step, source, plan, note, sealed)
    request.stage = "running"  # who is cut off from here on can go on: nothing waits for a hand any more, and no end was found
    ledger.save(request)
    return conclude(plan, request, ledger, [*sources, *kept], tick, remember=remember)


def waiting_step(request: Request, number: int) -> Step:
    """The step of a request that waits for a hand. Raises `UsageError` when it does not."""
    waiting = request.outcomes.get(number)
    if request.plan is None or waiting is None or waiting.result is not Result.MANUAL_PENDING:
        raise UsageError(
            Phrase("Step {step} of request {number} does not wait for a hand.", step=number, number=request.number),
            Phrase("hub requests lists what each request waits for."),
        )
    return waiting.step


def _settled(step: Step, source: Connector | None, plan: Plan, note: str, sealed: Snapshot | None) -> StepOutcome:
    if source is None:
        return StepOutcome(step, Result.MANUAL_PENDING, reason=not_configured())
    try:
        _seal(step, source, plan, sealed)
        outcome = source.erase(Ref(step.ref), Version(step.version), plan.needles)
        _keep(step, outcome, sealed)
    except HubError as error:
        return StepOutcome(step, Result.MANUAL_PENDING, reason=error.told)
    # The note outlives the request, which keeps no value of the person.
    note = Matcher(plan.needles).cut(note, "…")
    notes = (*outcome.notes, *((Phrase("{note}", note=note),) if note else ()))
    verified = outcome.seen and not left_after(step, source)
    return StepOutcome(step, Result(outcome.result), verified=verified, reason=by_hand(), notes=notes)


def conclude(
    plan: Plan, request: Request, ledger: Ledger, sources: Sequence[Searched], tick: Progress, *, remember: Remember | None
) -> Report:
    """Search every source by value, and say where the request stands now."""
    outcomes = tuple(request.outcomes[step.number] for step in plan.steps)
    request.residue, silent = _leftovers(plan, outcomes, sources, tick)
    request.state = State.INCOMPLETE if silent else _state(outcomes, request.residue)
    if remember and request.state in {State.COMPLETE, State.WAITING}:
        remember(plan, [(item.step.source, item.step.ref) for item in outcomes if item.result in STAYING])
        request.plan = plan.without_others()
    _finish(request, outcomes)
    ledger.save(request)
    ledger.outdate(outcomes, plan)
    return report_of(request)


def report_of(request: Request) -> Report:
    """The report of a request as the ledger holds it."""
    assert request.plan is not None
    outcomes = tuple(request.outcomes[step.number] for step in request.plan.steps if step.number in request.outcomes)
    until = request.window.until if request.window and not request.window.over else ""
    return Report(request.number, request.state or State.INCOMPLETE, outcomes, request.residue, until, kind=request.kind)


def _carry_out(step: Step, source: Connector | None, plan: Plan, tick: Progress, sealed: Snapshot | None = None) -> StepOutcome:
    """One step's outcome; whatever the source raises becomes one."""
    if step.action is Action.MANUAL:
        return StepOutcome(step, Result.MANUAL_PENDING, reason=step.reason)
    if source is None:
        return StepOutcome(step, Result.UNREACHABLE, reason=not_configured())
    tick(step.source)
    try:
        if step.action is Action.RETAIN:
            return StepOutcome(step, Result.RETAINED, verified=is_unaltered(source, step), reason=step.reason)
        return _write(step, source, plan, sealed)
    except HubError as error:
        if step.action is Action.RECTIFY and isinstance(error, Refused):
            # What no program may write there, a hand can.
            return StepOutcome(step, Result.MANUAL_PENDING, reason=error.told)
        # Its owner may have removed a record that is kept: to find it gone is a reading, too.
        return StepOutcome(step, _result_of(error), verified=isinstance(error, NotFound), reason=error.told)
    except Exception as error:  # noqa: BLE001  # one broken connector must not leave the other steps without an outcome
        return StepOutcome(step, Result.FAILED, reason=bug(error))


def _write(step: Step, source: Connector, plan: Plan, sealed: Snapshot | None) -> StepOutcome:
    ref = Ref(step.ref)
    _seal(step, source, plan, sealed)
    try:
        outcome = _written(step, source, plan, Version(step.version))
    except Conflict:
        version = as_left(step, source, plan) if step.action is not Action.RECTIFY else None
        if version is None:
            raise
        outcome = _written(step, source, plan, version)
    _keep(step, outcome, sealed)
    if step.action is Action.RECTIFY:
        left = not_right(source, outcome.ref or ref, plan.corrections_of(step.number))
    else:
        left = left_after(step, source)
    if left:
        reason = Phrase("the source said it was done, but reading it again still shows: {kinds}", kinds=", ".join(left))
        return StepOutcome(step, Result.FAILED, reason=reason, notes=outcome.notes)
    return StepOutcome(step, Result(outcome.result), verified=outcome.seen, notes=outcome.notes)


def _written(step: Step, source: Connector, plan: Plan, version: Version) -> Outcome:
    ref = Ref(step.ref)
    if step.action is Action.ERASE:
        return source.erase(ref, version, plan.needles)
    if step.action is Action.RECTIFY:
        return source.rectify(ref, version, plan.corrections_of(step.number))
    return source.redact(ref, version, step.fields, plan.needles)


def _seal(step: Step, source: Connector, plan: Plan, sealed: Snapshot | None) -> None:
    """Keep what the entry holds, and let the source hand over its receipt before it writes."""
    if sealed is None:
        return
    going: Sequence[Field] = ()
    for member in plan.person.members:
        if member.held.key == (step.source, step.ref):
            entry = member.held.entry
            going = entry.fields if step.action is not Action.REDACT else entry.leaving()
    sealed.keep_fields(step.number, [item for item in going if item.kind in step.fields])
    source.seal, source.sealed = sealed.sealer(step.number), sealed.receipt(step.number)


def _keep(step: Step, outcome: Outcome, sealed: Snapshot | None) -> None:
    if sealed is not None and outcome.receipt:
        sealed.keep_receipt(step.number, outcome.receipt)


def _result_of(error: HubError) -> Result:
    if isinstance(error, NotFound):
        return Result.ALREADY_ABSENT
    if isinstance(error, Conflict):
        return Result.CONFLICT
    if isinstance(error, Refused | Locked):
        return Result.REFUSED
    if isinstance(error, Unreachable):
        return Result.UNREACHABLE
    return Result.FAILED


def places(sources: Sequence[Searched], needles: Sequence[Needle], tick: Progress) -> tuple[list[Leftover], bool]:
    """Every place where one of the needles stands, and whether a source did not answer: it is named instead."""
    found: list[Leftover] = []
    silent = False
    for source in sources:
        tick(source.name)
        try:
            found += [Leftover(source.name, item.where, item.why, item.found, item.ref or "") for item in source.residue(needles)]
        except HubError as error:
            silent = True
            found.append(Leftover(source.name, Phrase("the whole source"), error.told, found=False))
        except Exception as error:  # noqa: BLE001  # one broken connector must not keep the request from its end
            silent = True
            found.append(Leftover(source.name, Phrase("the whole source"), bug(error), found=False))
    return found, silent


def _leftovers(
    plan: Plan, outcomes: Sequence[StepOutcome], sources: Sequence[Searched], tick: Progress
) -> tuple[tuple[Leftover, ...], bool]:
    """Search every source by value, and say whether one did not answer.

    A source whose step is still to do is not searched but named: its entry is known to be there.
    """
    # What a hand must still correct stands there, and that is known.
    still = TO_DO | {Result.MANUAL_PENDING} if plan.corrections else TO_DO
    open_steps = {item.step.source for item in outcomes if item.result in still}
    found: list[Leftover] = []
    silent = False
    for source in sources:
        if source.name in open_steps:
            found.append(Leftover(source.name, Phrase("the whole source"), _not_searched(), found=False))
            continue
        more, unseen = places((source,), (*plan.needles, *plan.hints), tick)
        found += more
        silent |= unseen
    return tuple(found), silent


def _state(outcomes: Sequence[StepOutcome], residue: Sequence[Leftover]) -> State:
    results = {item.result for item in outcomes}
    if results == {Result.CONFLICT}:
        return State.STALE
    if results & TO_DO:
        return State.INCOMPLETE
    if Result.MANUAL_PENDING in results or any(item.found for item in residue):
        return State.WAITING
    return State.COMPLETE


def _finish(request: Request, outcomes: Sequence[StepOutcome]) -> None:
    """A request with nothing left to do, by program or by hand, keeps no value of the person."""
    if request.state in {State.INCOMPLETE, State.STALE}:
        request.stage = "incomplete"
        return
    if any(item.result is Result.MANUAL_PENDING for item in outcomes):
        request.stage = "waiting"
        return
    request.stage = "verified"
    if request.plan:
        request.plan = request.plan.without_person()
    if request.window is None or request.window.over:
        request.empty()


def by_hand() -> Phrase:
    """What is said of a step that the owner carried out, with the day on which she said so."""
    return Phrase("done by hand, you said so on {day}", day=datetime.now(UTC).astimezone().date().isoformat())


def bug(error: Exception) -> Phrase:
    """What is said of a connector that broke, or to which the system refused something that it did not foresee."""
    if isinstance(error, OSError):
        return not_given(error)
    return Phrase("the hub's own code failed ({error}); please report it, without any names", error=type(error).__name__)


def _not_searched() -> Phrase:
    return Phrase("a step is still to do there, so it was not searched yet")


def not_configured() -> Phrase:
    """What is said of a source that a plan names and the configuration does not."""
    return Phrase("the source is not in the configuration any more")
