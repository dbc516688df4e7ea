"""Tasks after an objection or a withdrawal: one dated plan over all registers of where something must stop, done by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connectors.contract import Connector
from connectors.entry import Disposal, Entry, Ref
from connectors.errors import HubError, NotFound
from connectors.phrase import Phrase
from hub.erase import apply as erasing
from hub.ledger import Ledger, Request
from hub.permissions import purpose_key
from hub.permissions.act import MARKETING
from hub.person import Held, Person
from hub.plan import Action, Plan, Report, Result, State, Step, StepOutcome
from hub.report.marketing import Lists, naming
from hub.report.registers import groups_of
from hub.search.gathered import Gathered


def make(
    book: Ledger,
    gathered: Gathered,
    person: Person,
    purpose: str,
    *,
    sources: Sequence[Connector],
    joined: Request | None = None,
    asked: bool = False,
) -> Request:
    """Write down a request with a step for each place where the person's data must not be used for a purpose any more.

    Marketing stops in every group and list that is for marketing; every other purpose, and "" for all, at each entry that
    no law keeps. Of the person only the places are kept. It is finished at once when there is nothing to stop. The same
    tasks that wait already are not made again. `joined` is the request that they belong to; `asked`: somebody waits for an answer.
    """
    marketing = purpose_key(purpose) == MARKETING
    groups = {source.name: groups_of(source) for source in sources} if marketing else {}
    found = [
        (member.held, reason)
        for member in person.links
        for reason in (_marketing(member.held, groups) if marketing else _every_use(member.held, purpose))
    ]
    steps = tuple(_step(number, held, reason) for number, (held, reason) in enumerate(found, start=1))
    # The plan keeps the purpose as its reason, to look at the same places again when a hand says that it is done.
    plan = Plan("", Person(person.handle, "", ()), steps, (), gathered.answers, reason=MARKETING if marketing else "")
    with book.together():  # half of it would be a plan that nobody can confirm
        request = _open_one(book, plan) or joined or book.new("objection", plan, asked=asked)
        if request.outcomes:
            return request
        request.plan, request.handle = plan.numbered(request.number), person.handle
        request.outcomes = {step.number: StepOutcome(step, Result.MANUAL_PENDING, reason=step.reason) for step in steps}
        _stand(request)
        book.save(request)
    return request


def _open_one(book: Ledger, plan: Plan) -> Request | None:
    """The request that has the same steps and still waits."""
    waiting = [book.load(line.number) for line in book.lines() if line.kind == "objection" and line.waits_for]
    return next((other for other in waiting if other.plan and _facts(other.plan) == _facts(plan)), None)


def _facts(plan: Plan) -> tuple[object, ...]:
    return plan.person.handle, plan.fingerprint, [step.reason for step in plan.steps]


def waiting(request: Request) -> bool:
    """Whether something is still to be done by hand."""
    return any(outcome.result is Result.MANUAL_PENDING for outcome in request.outcomes.values())


def settle(request: Request, number: int, book: Ledger, sources: Sequence[Connector]) -> Report:
    """A human says that a step was carried out: look whether it is so, as far as it can be seen.

    Raises `UsageError` for a step that does not wait for a hand.
    """
    step = erasing.waiting_step(request, number)
    source = {source.name: source for source in sources}.get(step.source)
    assert request.plan is not None
    request.outcomes[number] = _looked_at(step, source, marketing=request.plan.reason == MARKETING)
    _stand(request)
    book.save(request)
    return erasing.report_of(request)


def _looked_at(step: Step, source: Connector | None, *, marketing: bool) -> StepOutcome:
    if source is None:
        return StepOutcome(step, Result.MANUAL_PENDING, reason=erasing.not_configured())
    try:
        entry = source.get(Ref(step.ref))
    except NotFound:
        return StepOutcome(step, Result.ALREADY_ABSENT, verified=True, reason=erasing.by_hand())
    except HubError as error:
        return StepOutcome(step, Result.MANUAL_PENDING, reason=error.told)
    if not marketing:
        return StepOutcome(step, Result.RETAINED, reason=erasing.by_hand())
    if list(Lists().of(step.source, entry, naming(groups_of(source), entry))):
        return StepOutcome(step, Result.MANUAL_PENDING, reason=Phrase("the entry still stands there"))
    return StepOutcome(step, Result.RETAINED, verified=True, reason=erasing.by_hand())


def _stand(request: Request) -> None:
    open_ = waiting(request)
    request.stage = "waiting" if open_ else "verified"
    request.state = State.WAITING if open_ else State.COMPLETE


def _marketing(held: Held, groups: Mapping[str, Mapping[str, frozenset[str]]]) -> Iterator[Phrase]:
    found = list(Lists().of(held.source, held.entry, naming(groups.get(held.source, {}), held.entry)))
    if found:
        yield Phrase("take the person out of “{group}”, or erase the entry", group=", ".join(found))


def _every_use(held: Held, purpose: str) -> Iterator[Phrase]:
    if _kept(held.entry):
        return
    if purpose:
        yield Phrase("do not use it for “{purpose}” any more, or erase it", purpose=purpose)
    else:
        yield Phrase("do not use it any more, or erase it")


def _kept(entry: Entry) -> bool:
    return entry.disposal is Disposal.RETAIN


def _step(number: int, held: Held, reason: Phrase) -> Step:
    entry = held.entry
    return Step(number, held.source, entry.ref, entry.version, entry.locator, Action.MANUAL, (), reason)
