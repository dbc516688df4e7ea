"""An erase is taken back whole, whenever the process dies, until its time is over; and never afterwards."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors._needles import Matcher
from connectors.contract import Connector, Features, Outcome
from connectors.entry import Disposal, Field, Ref
from connectors.errors import Conflict, StateError, UsageError
from connectors.memory import MemoryConnector
from connectors.vcard import VcardConnector
from hub import ledger, snapshot, undo
from hub.erase import apply, make_plan
from hub.ledger import Ledger
from hub.listing import silently
from hub.plan import Plan, Report, State
from hub.search import gather
from hub.undone import Clock, Return, Returned
from tests.conformance.world import Killed
from tests.hub.dying import dying_at, every_death
from tests.hub.people import World

DAY = date(2026, 11, 27)


def _plan(sources: Sequence[Connector]) -> Plan:
    gathered = gather(sources, "FI")
    (person,) = gathered.matching.find("aino@esimerkki.example")
    return make_plan(gathered, person)


def _asked(state: Path, sources: Sequence[Connector]) -> str:
    """A request that waits for its confirmation."""
    with ledger.opened(state) as book:
        return book.new("erasure", _plan(sources)).number


def _erase(state: Path, number: str, sources: Sequence[Connector], days: int = 7) -> Report:
    """Confirm as the command does."""
    with ledger.opened(state) as book:
        undo.close_windows(book, state, DAY)
        request = book.load(number)
        assert request.plan is not None
        with snapshot.opened(state, number, make=True) as sealed:
            request.window = undo.window(book, days, DAY)
            return apply(request.plan.approve(request.plan.fingerprint), request, book, sources, silently, sealed=sealed)


def _undo(state: Path, number: str, sources: Sequence[Connector], day: date = DAY) -> Return:
    """Put back as the command does."""
    with ledger.opened(state) as book:
        undo.close_windows(book, state, day)
        return undo.put_back(book.load(number), book, sources, silently, state=state, day=day)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state directory that nobody used yet."""
    return tmp_path / "state"


def _fresh(tmp_path: Path) -> Path:
    return tmp_path / os.urandom(4).hex()


def test_what_was_erased_is_put_back_to_the_byte(state: Path) -> None:
    """Every record is as it was, verified by reading again, and the copy is gone then."""
    world = World()
    before = world.records()
    number = _asked(state, world.sources)
    _erase(state, number, world.sources)
    assert before != world.records()

    told = _undo(state, number, world.sources)

    assert before == world.records()
    assert told.state is State.COMPLETE
    assert [(Returned.RESTORED, True)] * 3 == [(item.result, item.verified) for item in told.outcomes]
    assert snapshot.requests(state) == []
    with ledger.opened(state) as book:
        request = book.load(number)
    assert (request.stage, request.window and request.window.over) == ("undone", DAY.isoformat())
    assert request.plan is not None
    assert request.plan.person.members == ()


def test_twice_is_told_and_writes_nothing(state: Path) -> None:
    """What was put back can be erased again, and is not put back a second time."""
    world = World()
    number = _asked(state, world.sources)
    _erase(state, number, world.sources)
    _undo(state, number, world.sources)
    before = world.records()

    with pytest.raises(Conflict):
        _undo(state, number, world.sources)
    assert before == world.records()


@pytest.mark.parametrize("resumed", [True, False])
def test_killed_at_any_write_of_the_erase_it_can_be_taken_back(tmp_path: Path, resumed: bool) -> None:
    """Gone on with or not: after the undo every record is as it was, the ones that were never touched included."""

    def act(number: int) -> bool:
        world, state = World(), _fresh(tmp_path)
        before = world.records()
        request = _asked(state, world.sources)
        with dying_at(number):
            cut_off = _is_cut_off(lambda: _erase(state, request, world.sources))
        if resumed or not cut_off:
            assert _erase(state, request, world.sources).state is State.COMPLETE
            assert gather(world.sources, "FI").matching.find("Aino Esimerkki") == ()
        elif _stage(state, request) == "pending":
            assert before == world.records()
            return cut_off
        assert _undo(state, request, world.sources).state is State.COMPLETE
        assert before == world.records()
        return cut_off

    deaths = every_death(act)
    print(f"killed at {deaths} points of an erase")
    assert deaths > 15


def test_killed_at_any_write_of_the_undo_it_goes_on(tmp_path: Path) -> None:
    """The next run ends what was begun; every record is as it was, none is there twice."""

    def act(number: int) -> bool:
        world, state = World(), _fresh(tmp_path)
        before = world.records()
        request = _asked(state, world.sources)
        _erase(state, request, world.sources)
        with dying_at(number):
            cut_off = _is_cut_off(lambda: _undo(state, request, world.sources))
        if _stage(state, request) != "undone":
            assert _undo(state, request, world.sources).state is State.COMPLETE
        undo.expire(state, DAY)
        assert before == world.records()
        assert snapshot.requests(state) == []
        with ledger.opened(state) as book:
            plan = book.load(request).plan
        assert plan is not None
        assert plan == plan.without_person()
        return cut_off

    deaths = every_death(act)
    print(f"killed at {deaths} points of an undo")
    assert deaths > 10


def test_killed_at_any_write_at_the_end_of_the_window_the_key_goes(tmp_path: Path) -> None:
    """The next night ends what was begun: no copy is left, and the ledger says since when."""

    def act(number: int) -> bool:
        world, state = World(), _fresh(tmp_path)
        request = _asked(state, world.sources)
        _erase(state, request, world.sources)
        with dying_at(number):
            cut_off = _is_cut_off(lambda: undo.expire(state, DAY + timedelta(8)))
        undo.expire(state, DAY + timedelta(9))
        assert snapshot.requests(state) == []
        with ledger.opened(state) as book:
            window = book.load(request).window
        assert window is not None
        assert window.over > (DAY + timedelta(7)).isoformat()
        return cut_off

    assert every_death(act) > 2


def _is_cut_off(act: Callable[[], object]) -> bool:
    try:
        act()
    except Killed:
        return True
    return False


def _stage(state: Path, number: str) -> str:
    with ledger.opened(state) as book:
        return book.load(number).stage


def test_the_window_is_open_on_its_last_day_and_over_on_the_next(state: Path) -> None:
    """Seven days are seven days; afterwards nothing can be put back, and the copy is gone."""
    for late in (7, 8):
        world = World()
        number = _asked(state, world.sources)
        report = _erase(state, number, world.sources)
        before = world.records()
        assert report.undo_until == "2026-12-04"
        if late == 7:
            assert undo.expire(state, DAY + timedelta(late)) == ()
            shutil.rmtree(state)
            continue
        with pytest.raises(Conflict) as told:
            _undo(state, number, world.sources, DAY + timedelta(late))
        assert "2026-12-04" in str(told.value)
        assert before == world.records()
        assert snapshot.requests(state) == []


def test_a_clock_that_is_set_back_opens_no_window_again(state: Path) -> None:
    """What is over stays over, whatever the clock says later."""
    world = World()
    number = _asked(state, world.sources)
    _erase(state, number, world.sources)

    assert undo.expire(state, DAY + timedelta(8)) == (number,)

    with pytest.raises(Conflict):
        _undo(state, number, world.sources, DAY)


def test_a_clock_that_is_set_back_before_the_end_gives_no_day_more(state: Path) -> None:
    """Six days went by; with the clock back at the first day two more are the end."""
    world = World()
    number = _asked(state, world.sources)
    _erase(state, number, world.sources)
    undo.expire(state, DAY + timedelta(6))

    assert undo.expire(state, DAY) == ()
    assert undo.expire(state, DAY + timedelta(1)) == ()
    assert undo.expire(state, DAY + timedelta(2)) == (number,)


@given(st.lists(st.integers(0, 4000), min_size=1, max_size=30))
def test_the_clock_never_goes_back_and_never_stops(days: list[int]) -> None:
    """Whatever the computer says, the count never falls; and ten days later it is nine or ten higher, at least."""
    clock = Clock(DAY.isoformat(), DAY.isoformat())
    for day in days:
        now = clock.at(DAY + timedelta(day))
        assert now.count >= max(clock.count, day)
        clock = now
    later = clock
    for day in range(1, 11):
        later = later.at(DAY + timedelta(days[-1] + day))
    assert later.count >= clock.count + 9


def test_after_a_day_that_was_wrong_the_count_goes_on() -> None:
    """A clock that fell back to 1970 and was put right takes no window away at once; one from the far future ends them late."""
    fallen = Clock("2026-11-27", "2026-11-27").at(date(1970, 1, 1)).at(date(2026, 11, 28))
    assert fallen.count == 1
    risen = Clock("2026-11-27", "2026-11-27").at(date(2099, 1, 1)).at(date(2026, 11, 28))
    assert risen.at(date(2026, 12, 8)).count == risen.count + 10


def test_nothing_of_her_lies_readable_in_the_state_directory(state: Path) -> None:
    """Neither while the copy is kept nor afterwards: not in a file, not in a name of one, in any encoding."""
    world = World()
    plan = _plan(world.sources)
    number = _asked(state, world.sources)
    _erase(state, number, world.sources)
    _require_unseen(state, plan)
    assert len(snapshot.requests(state)) == 1

    undo.expire(state, DAY + timedelta(8))

    _require_unseen(state, plan)


def _require_unseen(state: Path, plan: Plan) -> None:
    matcher = Matcher(plan.needles)
    files = [path for path in state.rglob("*") if path.is_file()]
    assert len(files) >= 3
    assert [path for path in files if matcher.in_bytes(path.read_bytes()) or matcher.in_text(path.name)] == []
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in state.rglob("*") if path.is_dir()} <= {0o700}


def test_what_was_in_the_ledger_and_the_copy_cannot_be_read_with_the_hubs_key_alone(state: Path) -> None:
    """Whoever has an old copy of the file and the hub's key, but not the key that was destroyed, reads nothing."""
    world = World()
    number = _asked(state, world.sources)
    _erase(state, number, world.sources)
    file = state / snapshot.FOLDER / f"{number}.db"
    stolen = file.read_bytes()
    undo.expire(state, DAY + timedelta(8))
    file.write_bytes(stolen)
    (state / snapshot.FOLDER / f"{number}.key").write_bytes((state / "key").read_bytes())

    with pytest.raises(StateError), snapshot.opened(state, number):
        pass


def test_a_silent_source_is_told_and_put_back_later(state: Path) -> None:
    """The others are done; the same command goes on when it answers again."""
    world = World()
    before = world.records()
    number = _asked(state, world.sources)
    _erase(state, number, world.sources)
    world.second.state = "missing"

    first = _undo(state, number, world.sources)

    assert first.state is State.INCOMPLETE
    assert [Returned.RESTORED, Returned.UNREACHABLE, Returned.UNREACHABLE] == [item.result for item in first.outcomes]
    world.second.state = "ok"
    assert _undo(state, number, world.sources).state is State.COMPLETE
    assert before == world.records()


def test_an_entry_that_was_written_again_is_left_alone(state: Path) -> None:
    """What the owner wrote since stays; she sees what was erased, and can go on after moving hers away."""
    world = World()
    number = _asked(state, world.sources)
    _erase(state, number, world.sources)
    world.second.put((Field("name", "Joku Muu"),), ref=Ref("c1"))
    mine = world.second.records["c1"]

    told = _undo(state, number, world.sources)

    assert told.outcomes[1].result is Returned.CONFLICT
    assert mine == world.second.records["c1"]
    assert "Esimerkki, Aino" in [item.value for item in told.values[2]]
    world.second.commit("c1", None)
    assert _undo(state, number, world.sources).state is State.COMPLETE


class _OneWay(MemoryConnector):
    """Cannot put anything back."""

    features = Features(redact=True)

    def restore(self, receipt: bytes) -> Outcome:
        raise AssertionError("nobody asks for what a source cannot do")


def test_what_no_program_can_put_back_is_shown_with_what_it_held(state: Path) -> None:
    """The step waits for a hand, and its values can be seen until the window is over."""
    world = World()
    sources = [world.sources[0], _OneWay("second", {"store": world.second})]
    number = _asked(state, sources)
    _erase(state, number, sources)

    told = _undo(state, number, sources)

    assert told.state is State.WAITING
    assert [Returned.RESTORED, Returned.BY_HAND, Returned.BY_HAND] == [item.result for item in told.outcomes]
    assert [("name", "Aino Esimerkki"), ("email", "AINO@esimerkki.example")] == [
        (item.kind, item.value) for item in told.values[3]
    ]
    with ledger.opened(state) as book:
        assert told == undo.shown_again(book.load(number), state)
    undo.expire(state, DAY + timedelta(8))
    with ledger.opened(state) as book:
        assert undo.shown_again(book.load(number), state) is None


def test_what_was_not_taken_away_is_not_put_back(state: Path) -> None:
    """What is kept by law, waits for a hand, or was gone before is told so."""
    world = World()
    world.first.put((Field("name", "Aino Esimerkki"), Field("email", "aino@esimerkki.example")), Disposal.RETAIN, Ref("lasku"))
    world.first.put((Field("name", "Aino Esimerkki"), Field("phone", "0441234567")), Disposal.MANUAL, Ref("sivu"))
    number = _asked(state, world.sources)
    world.second.commit("c1", None)
    before = world.records()
    _erase(state, number, world.sources)

    told = _undo(state, number, world.sources)

    kept = {item.step.ref for item in told.outcomes if item.result is Returned.KEPT}
    assert kept == {"lasku", "sivu", "c1"}
    assert told.state is State.COMPLETE
    assert before == world.records()


def test_without_undo_days_nothing_is_kept_and_nothing_comes_back(state: Path) -> None:
    """No copy, no key, and an honest word."""
    world = World()
    number = _asked(state, world.sources)
    with ledger.opened(state) as book:
        request = book.load(number)
        assert request.plan is not None
        report = apply(request.plan.approve(request.plan.fingerprint), request, book, world.sources, silently)
    assert report.undo_until == ""
    assert not (state / snapshot.FOLDER).exists()
    with pytest.raises(Conflict):
        _undo(state, number, world.sources)


def test_a_request_that_erased_nothing_has_nothing_to_put_back(state: Path) -> None:
    """A pending one and one of another kind are usage errors, like a number nobody gave out."""
    world = World()
    pending = _asked(state, world.sources)
    with ledger.opened(state) as book:
        access = book.new("access").number

    for number in (pending, access, "2020-0001"):
        with pytest.raises(UsageError):
            _undo(state, number, world.sources)


def test_a_copy_that_cannot_be_written_stops_the_erase_of_its_step(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a full disk nothing goes that could not be put back."""
    world = World()
    before = world.records()
    number = _asked(state, world.sources)

    monkeypatch.setattr(snapshot.Snapshot, "keep_receipt", _full)

    report = _erase(state, number, world.sources)

    assert report.state is State.INCOMPLETE
    assert before == world.records()


def _full(self: snapshot.Snapshot, _step: int, _receipt: bytes) -> None:
    self._write("INSERT INTO nowhere VALUES (?)", (1,))


def test_cards_of_one_file_come_back_to_the_byte(state: Path, tmp_path: Path) -> None:
    """Two of her cards in one file, with a stranger's between: put back backwards, the file is as it was."""
    file = tmp_path / "kortit.vcf"
    cards = [
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Aino Esimerkki\r\nEMAIL:aino@esimerkki.example\r\nUID:1\r\nEND:VCARD\r\n",
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Pekka Keksitty\r\nEMAIL:pekka@keksitty.example\r\nUID:2\r\nEND:VCARD\r\n",
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Aino Esimerkki\r\nEMAIL:aino@esimerkki.example\r\nUID:3\r\nEND:VCARD\r\n",
    ]
    file.write_text("".join(cards), encoding="utf-8", newline="")
    before = file.read_bytes()
    number = _asked(state, [VcardConnector("cards", {"path": file})])
    _erase(state, number, [VcardConnector("cards", {"path": file})])
    assert cards[1].encode() == file.read_bytes()

    assert _undo(state, number, [VcardConnector("cards", {"path": file})]).state is State.COMPLETE
    assert before == file.read_bytes()


def test_the_ledger_keeps_no_receipt_and_no_value(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept to put her back is in the sealed copy alone."""
    world = World()
    number = _asked(state, world.sources)
    _erase(state, number, world.sources)
    written: list[str] = []
    save = Ledger.save

    def watching(self: Ledger, request: ledger.Request) -> None:
        written.append(repr(ledger._encode(ledger._as_dict(request))))
        save(self, request)

    monkeypatch.setattr(Ledger, "save", watching)
    _undo(state, number, world.sources)

    assert written
    assert not any("Aino" in text or "aino@" in text for text in written)
