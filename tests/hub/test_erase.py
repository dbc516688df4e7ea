"""The one erase path: what is planned is done, what is not planned is not touched, and every step has one outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from connectors.contract import Needle, Outcome, Residue
from connectors.entry import Disposal, Entry, Field, Ref, Version
from connectors.errors import Conflict, Locked, Undecided, Unreachable
from connectors.memory import MemoryConnector, MemoryStore
from connectors.phrase import Phrase
from hub import ledger
from hub.erase.apply import apply, report_of
from hub.erase.planning import make_plan, plan_again
from hub.ledger import Ledger
from hub.plan import Action, ApprovedPlan, Plan, Report, Result, State
from hub.search import silently
from hub.search.sources import gather, gather_around
from tests.hub.people import NAMESAKE, World


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Ledger]:
    """An open ledger with its key in a file."""
    with ledger.opened(tmp_path / "state") as opened:
        yield opened


def _again(shown: Plan, world: World) -> Plan:
    return plan_again(shown, gather_around(world.sources, "FI", shown.person.members))


def _plan(sources: Sequence[MemoryConnector], include: Sequence[str] = (), exclude: Sequence[str] = ()) -> Plan:
    gathered = gather(sources, "FI")
    (person,) = gathered.matching.find("aino@esimerkki.example")
    return make_plan(gathered, person, gathered.keys(include, person), gathered.keys(exclude, person))


def _apply(book: Ledger, plan: Plan, sources: Sequence[MemoryConnector]) -> Report:
    request = book.new("erasure", plan)
    assert request.plan is not None
    return apply(request.plan.approve(plan.fingerprint), request, book, sources, silently)


def test_an_erase_removes_the_person_and_nobody_else(book: Ledger) -> None:
    """Aino's card goes, her part of the row goes, Pekka and the company stay."""
    world = World()
    pekka = world.first.records[world.pekka]

    report = _apply(book, _plan(world.sources), world.sources)

    assert report.state is State.COMPLETE
    assert report.residue == ()
    assert [Result.ERASED, Result.ERASED, Result.REDACTED] == [item.result for item in report.outcomes]
    assert all(item.verified for item in report.outcomes)
    assert {world.pekka: pekka} == world.first.records
    assert "Keksitty Oy" in world.second.records[world.row].decode()
    assert gather(world.sources, "FI").matching.find("Aino Esimerkki") == ()


def test_a_plan_changes_nothing(book: Ledger) -> None:
    """Finding and planning leave every record as it is."""
    world = World()
    before = world.records()

    book.new("erasure", _plan(world.sources))

    assert before == world.records()


def test_only_an_approved_plan_can_be_applied() -> None:
    """Nobody makes an ApprovedPlan but the plan itself, with the fingerprint that was shown."""
    plan = _plan(World().sources)

    with pytest.raises(TypeError):
        ApprovedPlan(plan, object())
    with pytest.raises(Conflict):
        plan.approve("not the fingerprint that was shown")
    assert plan is plan.approve(plan.fingerprint).plan


def test_a_namesake_waits_for_a_decision_and_stays_when_excluded(book: Ledger) -> None:
    """A name alone never enters a plan; excluded, the namesake is byte-identical afterwards."""
    world = World()
    namesake = world.second.put(NAMESAKE, ref=Ref("n1"))
    before = world.second.records[namesake]

    undecided = _plan(world.sources)

    assert [namesake] == [member.held.entry.ref for member in undecided.review]
    with pytest.raises(Undecided):
        undecided.approve(undecided.fingerprint)
    report = _apply(book, _plan(world.sources, exclude=[namesake]), world.sources)
    assert report.state is State.COMPLETE
    assert before == world.second.records[namesake]


def test_an_included_entry_is_erased_and_what_it_brings_along_waits(book: Ledger) -> None:
    """Including one entry of a namesake asks about the other entries that are surely the namesake's."""
    world = World()
    world.second.put(NAMESAKE, ref=Ref("n1"))
    world.second.put((Field("email", "toinen.aino@muualla.example"),), ref=Ref("n2"))

    first = _plan(world.sources, include=["n1"])

    assert ["n2"] == [member.held.entry.ref for member in first.review]
    report = _apply(book, _plan(world.sources, include=["n1", "second:n2"]), world.sources)
    assert report.state is State.COMPLETE
    assert "n1" not in world.second.records
    assert "n2" not in world.second.records


def test_a_plan_made_again_has_the_same_fingerprint_until_something_changes() -> None:
    """A changed entry, a new one and a vanished one each make the plan stale."""
    changes: dict[str, Callable[[World], object]] = {
        "changed": lambda world: world.first.put((*NAMESAKE[:1], Field("email", "aino@esimerkki.example")), ref=world.aino),
        "new": lambda world: world.first.put((Field("email", "aino@esimerkki.example"),)),
        "gone": lambda world: world.second.commit("c1", None),
    }
    for change in changes.values():
        world = World()
        shown = _plan(world.sources)
        again = _again(shown, world)
        assert shown.fingerprint == again.fingerprint
        change(world)
        again = _again(shown, world)
        assert shown.fingerprint != again.fingerprint


def test_a_person_who_is_gone_altogether_makes_the_plan_stale() -> None:
    """Nothing to erase any more is a conflict, not a success that was never checked."""
    world = World()
    shown = _plan(world.sources)
    world.first.records.clear()
    world.second.records.clear()

    with pytest.raises(Conflict):
        _again(shown, world)


def test_a_source_that_is_silent_now_does_not_make_the_others_stale(book: Ledger) -> None:
    """What it said when the plan was shown stands in; its steps are unreachable, the others are done, a rerun ends it."""
    world = World()
    shown = _plan(world.sources)
    world.second.state = "missing"

    again = _again(shown, world)
    assert shown.fingerprint == again.fingerprint
    request = book.new("erasure", shown)
    assert request.plan is not None
    report = apply(request.plan.approve(shown.fingerprint), request, book, world.sources, silently)

    assert report.state is State.INCOMPLETE
    assert [Result.ERASED, Result.UNREACHABLE, Result.UNREACHABLE] == [item.result for item in report.outcomes]
    world.second.state = "ok"
    request = book.load(request.number)
    assert request.stage == "incomplete"
    assert request.plan is not None
    report = apply(request.plan.approve(shown.fingerprint), request, book, world.sources, silently)
    assert report.state is State.COMPLETE
    assert [Result.ERASED, Result.ERASED, Result.REDACTED] == [item.result for item in report.outcomes]


def test_an_entry_that_changed_between_plan_and_write_is_left_alone(book: Ledger) -> None:
    """The version is checked at each write; the changed entry keeps its new value."""
    world = World()
    plan = _plan(world.sources)
    world.second.put((Field("name", "Aino Uusi"), Field("phone", "+358 44 123 4567")), ref=Ref("c1"))

    report = _apply(book, plan, world.sources)

    assert report.state is State.INCOMPLETE
    assert report.outcomes[1].result is Result.CONFLICT
    assert "Aino Uusi" in world.second.records["c1"].decode()


def test_a_locked_source_is_refused_and_says_what_to_do(book: Ledger) -> None:
    """An open program is neither a success nor a missing source."""
    world = World()
    plan = _plan(world.sources)
    world.second.state = "locked"

    report = _apply(book, plan, world.sources)

    assert report.outcomes[1].result is Result.REFUSED
    assert report.outcomes[1].reason
    assert not report.outcomes[1].verified
    (unseen,) = report.residue
    assert (unseen.source, unseen.found) == (report.outcomes[1].step.source, False)


class _Liar(MemoryConnector):
    """Says that it erased, and does not."""

    def erase(self, ref: Ref, version: Version, needles: Sequence[Needle] = ()) -> Outcome:
        return Outcome("erased")


class _Breaking(MemoryConnector):
    """Has a bug in its erase."""

    def erase(self, ref: Ref, version: Version, needles: Sequence[Needle] = ()) -> Outcome:
        raise ZeroDivisionError("aino@esimerkki.example")


@pytest.mark.parametrize("bad", [_Liar, _Breaking])
def test_a_broken_connector_is_found_out_and_the_others_go_on(book: Ledger, bad: type[MemoryConnector]) -> None:
    """What a connector says is believed only after reading again; its bug stops no other source and leaks no value."""
    world = World()
    sources = [bad("first", {"store": world.first}), world.sources[1]]

    report = _apply(book, _plan(sources), sources)

    assert report.state is State.INCOMPLETE
    assert [Result.FAILED, Result.ERASED, Result.REDACTED] == [item.result for item in report.outcomes]
    assert report.outcomes[0].reason
    assert "aino@" not in report.outcomes[0].reason


class _Forgetful(MemoryConnector):
    """Cannot be searched by value."""

    def residue(self, needles: Sequence[Needle]) -> Sequence[Residue]:
        raise Unreachable(Phrase("not now"))


def test_a_source_that_cannot_be_searched_leaves_the_request_open(book: Ledger) -> None:
    """An erase is complete only when every source was searched by value."""
    world = World()
    sources = [world.sources[0], _Forgetful("second", {"store": world.second})]

    report = _apply(book, _plan(sources), sources)

    assert report.state is State.INCOMPLETE
    assert [("second", False)] == [(item.source, item.found) for item in report.residue]


def test_a_value_that_stands_elsewhere_waits_for_a_human(book: Ledger) -> None:
    """Somebody else's note that names her is reported with its place, not cut."""
    world = World()
    note = (
        Field("name", "Pekka Toinen"),
        Field("email", "p@toinen.example"),
        Field("note", "kysy Aino Esimerkiltä, aino@esimerkki.example"),
    )
    other = world.first.put(note)

    report = _apply(book, _plan(world.sources), world.sources)

    assert report.state is State.WAITING
    assert ["first"] == [item.source for item in report.residue]
    assert other in world.first.records


def test_a_plan_that_shows_an_erased_entry_is_put_aside_and_emptied(book: Ledger) -> None:
    """A namesake's plan shows her entries as possible matches; once they are erased it keeps no value of her."""
    world = World()
    world.first.put(NAMESAKE)
    gathered = gather(world.sources, "FI")
    (other,) = gathered.matching.find("toinen.aino@muualla.example")
    (pekka,) = gathered.matching.find("pekka@keksitty.example")
    older, untouched = book.keep(make_plan(gathered, other)), book.keep(make_plan(gathered, pekka))
    hers = _plan(world.sources)
    namesakes = [str(member.held.entry.ref) for member in hers.review]
    assert namesakes

    report = _apply(book, _plan(world.sources, exclude=namesakes), world.sources)

    assert report.state is State.COMPLETE
    emptied = book.load(older.number)
    assert (emptied.stage, emptied.plan) == ("superseded", older.plan and older.plan.without_person())
    assert book.load(untouched.number).stage == "planned"


def test_retained_and_manual_entries_are_never_written(book: Ledger) -> None:
    """What the law keeps is verified to be unaltered; what only a hand can remove waits for it."""
    world = World()
    invoice = world.first.put((Field("name", "Aino Esimerkki"), Field("email", "aino@esimerkki.example")), Disposal.RETAIN)
    page = world.first.put((Field("name", "Aino Esimerkki"), Field("phone", "0441234567")), Disposal.MANUAL)
    before = {ref: world.first.records[ref] for ref in (invoice, page)}

    report = _apply(book, _plan(world.sources), world.sources)

    results = {item.step.ref: (item.result, item.verified) for item in report.outcomes}
    assert results[invoice] == (Result.RETAINED, True)
    assert results[page] == (Result.MANUAL_PENDING, False)
    assert report.state is State.WAITING
    assert before == {ref: world.first.records[ref] for ref in (invoice, page)}


def test_a_finished_request_keeps_places_and_no_person(book: Ledger) -> None:
    """After the erase the ledger tells what was done, and nothing of whom."""
    world = World()
    plan = _plan(world.sources)
    request = book.new("erasure", plan)
    assert request.plan is not None
    report = apply(request.plan.approve(plan.fingerprint), request, book, world.sources, silently)

    kept = book.load(request.number)

    assert kept.stage == "verified"
    assert report == report_of(kept)
    assert kept.plan is not None
    assert kept.plan.needles == ()
    assert kept.plan.person.name == ""
    assert kept.plan.person.members == ()


def test_a_crash_after_the_write_is_finished_by_the_next_run(book: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between writing and noting it, the erase goes on: what is gone is already absent, the rest is done."""
    world = World()
    plan = _plan(world.sources)
    request = book.new("erasure", plan)
    assert request.plan is not None
    approved = request.plan.approve(plan.fingerprint)
    saves = iter(range(100))
    save = Ledger.save

    def dying(self: Ledger, request: ledger.Request) -> None:
        if next(saves) == 2:
            raise KeyboardInterrupt
        save(self, request)

    monkeypatch.setattr(Ledger, "save", dying)
    with pytest.raises(KeyboardInterrupt):
        apply(approved, request, book, world.sources, silently)
    monkeypatch.undo()
    again = book.load(request.number)
    assert again.stage == "running"
    assert again.outcomes == {}
    assert again.intents == [1]
    assert again.plan is not None

    report = apply(again.plan.approve(plan.fingerprint), again, book, world.sources, silently)

    assert report.state is State.COMPLETE
    assert [Result.ALREADY_ABSENT, Result.ERASED, Result.REDACTED] == [item.result for item in report.outcomes]


def test_each_step_says_what_its_source_wants_done() -> None:
    """The action and the fields come from the entry, the fields that stay are not among them."""
    plan = _plan(World().sources)

    assert [Action.ERASE, Action.ERASE, Action.REDACT] == [step.action for step in plan.steps]
    assert plan.steps[2].fields == ("name", "email")


def test_a_locked_source_error_is_locked() -> None:
    """The memory source's lock is the class the engine turns into a refusal."""
    store = MemoryStore()
    ref = store.put((Field("name", "Aino Esimerkki"),))
    store.state = "locked"
    source = MemoryConnector("first", {"store": store})
    (entry,) = [item for item in source.entries() if isinstance(item, Entry)]

    with pytest.raises(Locked):
        source.erase(ref, entry.version)
