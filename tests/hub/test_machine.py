"""The erase path driven at random over hostile sources: nothing outside the approved plan ever disappears."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from connectors._needles import Matcher
from connectors.contract import Connector
from connectors.entry import Disposal, Entry, Field, Ref
from connectors.errors import Conflict, HubError, Unreachable
from connectors.memory import MemoryConnector, MemoryStore
from hub import ledger
from hub.erase import apply as erasing
from hub.erase import undo
from hub.erase.apply import apply
from hub.erase.planning import make_plan, plan_again
from hub.ledger import Ledger, Request
from hub.ledger.undone import SETTLED, Return, Returned, StepReturn
from hub.person import Verdict
from hub.plan import DONE, Action, Plan, Report, Result, State, Step, StepOutcome
from hub.search import silently
from hub.search.sources import gather, gather_around
from hub.store import snapshot
from tests.conformance.world import Killed
from tests.hub.hostile import MOODS, HostileConnector, HostileStore

NAMES = {"aino": "Aino Kuvitelma", "kaima": "Aino Kuvitelma", "eero": "Eero Keksitty", "liisa": "Liisa Keksitty"}
PHONES = {"aino": "044 123 4567", "kaima": "040 123 4567", "eero": "050 123 4567", "liisa": "050 123 4567"}
WHO = st.sampled_from(sorted(NAMES))
SOURCE = st.sampled_from(["first", "second", "third"])
DISPOSAL = st.sampled_from([Disposal.ERASE, Disposal.ERASE, Disposal.REDACT, Disposal.RETAIN, Disposal.MANUAL])
UNCHANGED = frozenset({Result.CONFLICT, Result.REFUSED, Result.RETAINED, Result.MANUAL_PENDING})
STAYING = {Disposal.RETAIN, Disposal.MANUAL}
TODAY = date(2026, 11, 27)
UNSEARCHABLE = {"silent", "cannot search", "has a bug in its search"}
Records = dict[tuple[str, str], bytes]


def email(who: str) -> str:
    """A person's own address."""
    return f"{who}@keksitty.example"


def fields_of(who: str, phone: bool, note: str) -> list[Field]:
    """An entry that is surely this person's."""
    fields = [Field("name", NAMES[who]), Field("email", email(who)), Field("company", "Yhteinen Oy", stays=True)]
    fields += [Field("phone", PHONES[who])] if phone else []
    return [*fields, Field("note", f"muistiinpano {note}")]


class EraseMachine(RuleBasedStateMachine):
    """Plans, confirmations and crashes in any order, while the owner works and the sources misbehave."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.patch = self.stack.enter_context(pytest.MonkeyPatch.context())
        self.patch.setenv("HUB_KEY_PLACE", "file")
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.state = Path(folder) / "state"
        self.book: Ledger = self.stack.enter_context(ledger.opened(self.state))
        self.stores = {name: HostileStore() for name in ("first", "second", "third")}
        self.numbers: list[str] = []
        self.written = 0

    def teardown(self) -> None:
        self.stack.close()

    @property
    def sources(self) -> list[HostileConnector]:
        """A new connector on each store, as every command makes them."""
        return [HostileConnector(name, {"store": store}) for name, store in self.stores.items()]

    def records(self) -> Records:
        """Every raw record there is."""
        return {(name, ref): raw for name, store in self.stores.items() for ref, raw in store.records.items()}

    def truth(self, name: str, ref: str) -> Entry | None:
        """What really stands under a ref, whatever the source's mood."""
        store = self.stores[name]
        if ref not in store.records:
            return None
        calm = MemoryStore()
        calm.records, calm.changed = store.records, store.changed
        return MemoryConnector(name, {"store": calm}).get(Ref(ref))

    @initialize(who=WHO)
    def begin(self, who: str) -> None:
        """Somebody is in two registers from the start."""
        self.stores["first"].as_owner(None, fields_of(who, True, "a"))
        self.stores["second"].as_owner(None, fields_of(who, True, "b"), Disposal.REDACT)
        self.plan(who)

    @rule(source=SOURCE, who=WHO, phone=st.booleans(), disposal=DISPOSAL)
    def owner_adds(self, source: str, who: str, phone: bool, disposal: Disposal) -> None:
        """The owner writes somebody down."""
        self.stores[source].as_owner(None, fields_of(who, phone, "uusi"), disposal)

    @rule(source=SOURCE, pick=st.integers(0, 5))
    def owner_changes(self, source: str, pick: int) -> None:
        """The owner changes an entry."""
        store = self.stores[source]
        for ref in list(store.records)[pick : pick + 1]:
            entry = self.truth(source, ref)
            assert entry is not None
            changed = [replace(item, value=f"{item.value}!") if item.kind == "note" else item for item in entry.fields]
            store.as_owner(Ref(ref), changed, entry.disposal)

    @rule(source=SOURCE, pick=st.integers(0, 5))
    def owner_removes(self, source: str, pick: int) -> None:
        """The owner removes an entry."""
        for ref in list(self.stores[source].records)[pick : pick + 1]:
            self.stores[source].owner_removes(ref)

    @rule(source=SOURCE, mood=st.sampled_from(MOODS))
    def mood_changes(self, source: str, mood: str) -> None:
        """A source begins to misbehave, or ceases to."""
        self.stores[source].mood = mood

    @rule(who=WHO)
    def plan(self, who: str) -> None:
        """Somebody wants to be erased: nothing is written for that."""
        before = self.records()
        gathered = gather(self.sources, "FI")
        for person in gathered.matching.find(email(who)):
            possible = [member.held.key for member in person.members if member.verdict is Verdict.POSSIBLE]
            plan = make_plan(gathered, person, exclude=possible)
            if plan.steps:
                self.numbers.append(self.book.new("erasure", plan).number)
        assert self.records() == before

    @precondition(lambda self: self.numbers)
    @rule(data=st.data(), recheck=st.booleans())
    def confirm(self, data: st.DataObject, recheck: bool) -> None:
        """A request is confirmed, or goes on where it was cut off."""
        number = data.draw(st.sampled_from(self.numbers))
        self.carry_out(number, recheck)

    @rule(who=WHO, disposal=DISPOSAL, source=SOURCE, mood=st.sampled_from(MOODS), late=st.booleans())
    def confirm_in_a_mood(self, who: str, disposal: Disposal, source: str, mood: str, late: bool) -> None:
        """A source turns bad between the approval of a new plan and its write; the owner may change things, too."""
        self.owner_adds(source, who, True, disposal)
        self.plan(who)
        if late:
            self.owner_changes(source, 0)
        self.stores[source].mood = mood
        self.carry_out(self.numbers[-1], recheck=False)

    @precondition(lambda self: self.numbers)
    @rule(data=st.data())
    def calm_and_converge(self, data: st.DataObject) -> None:
        """When every source is honest again, going on ends the request, and once more writes nothing."""
        number = data.draw(st.sampled_from(self.numbers))
        for store in self.stores.values():
            store.mood = "honest"
        first = self.carry_out(number, recheck=False)
        before = self.records()
        second = self.carry_out(number, recheck=False)

        assert self.records() == before
        if first and second:
            assert [item.result for item in first.outcomes] == [item.result for item in second.outcomes]
            assert {item.result for item in first.outcomes} <= DONE | {Result.MANUAL_PENDING, Result.CONFLICT}

    @precondition(lambda self: self.numbers)
    @rule(data=st.data(), calm=st.booleans())
    def take_back(self, data: st.DataObject, calm: bool) -> None:
        """A request is taken back, or that goes on where it was cut off; with honest sources it comes to its end."""
        number = data.draw(st.sampled_from(self.numbers))
        for store in self.stores.values():
            store.mood = "honest" if calm else store.mood
        told = self.put_back(number)
        if told and calm:
            left = {item.result for item in told.outcomes} - SETTLED
            assert left <= {Returned.CONFLICT}
            assert self.book.load(number).stage == ("undoing" if left else "undone")

    def put_back(self, number: str) -> Return | None:
        """Take back as the command does; None where that cannot be, and nothing was written then."""
        request, before = self.book.load(number), self.records()
        plan = request.plan
        assert plan is not None
        try:
            told = undo.put_back(request, self.book, self.sources, silently, state=self.state, day=TODAY)
        except HubError:
            assert self.records() == before
            return None
        except Killed:
            self.calm_the_dead()
            self.check_bystanders(plan, before)
            return None
        note(f"{told.state} {[item.result.value for item in told.outcomes]}")
        self.check_bystanders(plan, before)
        assert [item.step for item in told.outcomes] == list(plan.steps)
        for item in told.outcomes:
            self.check_returned(item, request, before)
        return told

    def check_returned(self, item: StepReturn, request: Request, before: Records) -> None:
        """What is called put back is there with what went, whatever is called anything else was not touched."""
        key = (item.step.source, item.step.ref)
        if item.result is Returned.RESTORED and item.verified and item.step.number in request.returning:
            there = self.truth(*key)
            assert there is not None
            assert {one.kind for one in there.fields} >= set(item.step.fields) or key in before
        done = request.outcomes.get(item.step.number)
        if done and done.result in {Result.ERASED, Result.REDACTED} and item.step.action is not Action.MANUAL:
            assert item.result is not Returned.KEPT
        if item.result in {Returned.KEPT, Returned.CONFLICT, Returned.BY_HAND}:
            assert self.records().get(key) == before.get(key)

    def carry_out(self, number: str, recheck: bool) -> Report | None:
        """Confirm as the command does; `recheck` False: the plan was approved a moment ago, and things changed since."""
        request = self.book.load(number)
        if request.stage not in ledger.CONFIRMABLE or request.plan is None:
            return None
        before, shown, running = self.records(), request.plan, request.stage in {"running", "incomplete"}
        try:
            plan = self.replanned(shown) if recheck and not running else shown
        except Conflict:
            assert self.records() == before
            return None
        request.plan = plan
        done = {step: item for step, item in request.outcomes.items() if item.result in DONE}
        try:
            with snapshot.opened(self.state, number, make=True) as sealed:
                request.window = undo.window(self.book, 7, TODAY)
                report = apply(plan.approve(shown.fingerprint), request, self.book, self.sources, silently, sealed=sealed)
        except Killed:
            self.calm_the_dead()
            self.check_bystanders(plan, before)
            return None
        self.check_report(plan, report, before, done)
        self.check_kept(self.book.load(number), report)
        return report

    def replanned(self, shown: Plan) -> Plan:
        """The plan made anew; raises `Conflict` when it is another one."""
        plan = plan_again(shown, gather_around(self.sources, "FI", shown.person.members))
        plan.approve(shown.fingerprint)
        return plan

    def calm_the_dead(self) -> None:
        """A process that died starts again; its source is well."""
        for store in self.stores.values():
            if store.mood.startswith("dies"):
                store.mood = "honest"

    def check_bystanders(self, plan: Plan, before: Records) -> None:
        """Whatever is not in the plan is byte for byte as it was."""
        planned = {(step.source, step.ref) for step in plan.steps}
        after = self.records()
        assert {key: after.get(key) for key in before if key not in planned} == {
            key: raw for key, raw in before.items() if key not in planned
        }

    def check_report(self, plan: Plan, report: Report, before: Records, done: dict[int, StepOutcome]) -> None:
        """Each step has its one outcome, and each outcome is true."""
        note(f"{report.state} {[item.result.value for item in report.outcomes]}")
        self.check_bystanders(plan, before)
        assert [item.step for item in report.outcomes] == list(plan.steps)
        for item in report.outcomes:
            if item.step.number in done:
                assert item == done[item.step.number]
            else:
                self.check_outcome(item, before)
        if report.state is State.COMPLETE:
            assert not {store.mood for store in self.stores.values()} & UNSEARCHABLE
            assert {item.result for item in report.outcomes} <= DONE
            assert self.left_by_value(plan) == []

    def check_kept(self, kept: Request, report: Report) -> None:
        """The ledger holds every outcome; it keeps the person's values as long as something is to do, and no longer."""
        waits = any(item.result is Result.MANUAL_PENDING for item in report.outcomes)
        unfinished = report.state in {State.INCOMPLETE, State.STALE}
        assert tuple(kept.outcomes.values()) == report.outcomes
        assert kept.stage == ("incomplete" if unfinished else "waiting" if waits else "verified")
        assert kept.plan is not None
        assert bool(kept.plan.person.name) == bool(kept.plan.person.members) == (unfinished or waits)
        assert not kept.plan.needles or unfinished or waits

    def check_outcome(self, item: StepOutcome, before: Records) -> None:
        """What is called erased is gone, what is called refused is untouched."""
        key = (item.step.source, item.step.ref)
        after = self.records()
        if item.result in UNCHANGED:
            assert after.get(key) == before.get(key)
        if item.result in {Result.ERASED, Result.REDACTED, Result.ALREADY_ABSENT}:
            assert item.verified
            self.check_gone(item)
        if item.result is Result.REDACTED:
            self.written += 1
            assert b"Yhteinen Oy" in after[key]
        if item.step.action in {Action.RETAIN, Action.MANUAL}:
            assert after.get(key) == before.get(key)

    def check_gone(self, item: StepOutcome) -> None:
        """Nothing that had to leave stands under the ref."""
        left = self.truth(item.step.source, item.step.ref)
        if item.step.action is Action.ERASE:
            assert left is None
        elif left is not None:
            assert [one for one in left.leaving() if one.kind in item.step.fields] == []

    def left_by_value(self, plan: Plan) -> Sequence[tuple[str, str]]:
        """Every record that still holds one of the person's own values and does not wait for the law or a hand."""
        matcher = Matcher(plan.needles)
        left = [key for key, raw in self.records().items() if matcher.in_bytes(raw)]
        return [key for key in left if (entry := self.truth(*key)) and entry.disposal not in STAYING]

    @invariant()
    def the_ledger_can_be_read(self) -> None:
        """Every request can be loaded again at any time."""
        assert [line.number for line in self.book.lines()] == self.numbers


COMMON = settings(stateful_step_count=20, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

TestErase: Any = EraseMachine.TestCase
TestErase.settings = settings(COMMON, max_examples=60)


def never_left(_step: object, _source: object) -> list[str]:
    """Believe every source."""
    return []


def always_complete(*_arguments: object) -> State:
    """Call every request complete."""
    return State.COMPLETE


def silence_is_absence(error: HubError) -> Result:
    """Take a source that does not answer for one in which nothing is left."""
    return Result.ALREADY_ABSENT if isinstance(error, Unreachable) else honest_result(error)


def everybody_goes(*_arguments: object) -> StepOutcome:
    """Erase the whole source for one step."""
    step, source, plan, *_ = _arguments
    assert isinstance(step, Step)
    assert isinstance(source, Connector)
    assert isinstance(plan, Plan)
    with suppress(HubError, RuntimeError):
        for item in list(source.entries()):
            if isinstance(item, Entry):
                source.erase(item.ref, item.version, plan.needles)
    return StepOutcome(step, Result.ERASED, verified=True)


honest_result = erasing._result_of


def only_says_so(step: Step, *_arguments: object, **_options: object) -> StepReturn:
    """Put nothing back."""
    return StepReturn(step, Returned.RESTORED, verified=True)


BROKEN = {
    "believes every source": (erasing, "left_after", never_left),
    "is always complete": (erasing, "_state", always_complete),
    "takes silence for absence": (erasing, "_result_of", silence_is_absence),
    "erases more than was planned": (erasing, "_carry_out", everybody_goes),
    "does not look again": (erasing, "_leftovers", lambda *_arguments: ((), False)),
    "only says that it put back": (undo, "_restore", only_says_so),
    "takes what was erased for untouched": (undo, "_may_be_gone", lambda *_arguments: False),
}


@pytest.mark.parametrize("name", BROKEN)
def test_the_machine_has_teeth(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An erase path that is broken on purpose does not survive the machine."""
    monkeypatch.setattr(*BROKEN[name])

    with pytest.raises((AssertionError, ExceptionGroup)):
        run_state_machine_as_test(
            EraseMachine, settings=settings(COMMON, max_examples=400, phases=[Phase.generate], derandomize=True, database=None)
        )
