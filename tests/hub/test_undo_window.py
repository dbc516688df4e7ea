"""The time in which an erase can be taken back ends, whatever the clock says, and nothing is left of its copy."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors._needles import Matcher
from connectors.errors import Conflict, StateError
from hub import ledger
from hub.erase import undo
from hub.erase.apply import apply
from hub.ledger.undone import Clock
from hub.plan import Plan
from hub.search import silently
from hub.store import snapshot
from tests.hub.dying import dying_at, every_death
from tests.hub.people import World
from tests.hub.undoing import DAY, asked, carried_out, fresh, is_cut_off, plan_of, taken_back


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state directory that nobody used yet."""
    return tmp_path / "state"


def test_killed_at_any_write_at_the_end_of_the_window_the_key_goes(tmp_path: Path) -> None:
    """The next night ends what was begun: no copy is left, and the ledger says since when."""

    def act(number: int) -> bool:
        world, state = World(), fresh(tmp_path)
        request = asked(state, world.sources)
        carried_out(state, request, world.sources)
        with dying_at(number):
            cut_off = is_cut_off(lambda: undo.expire(state, DAY + timedelta(8)))
        undo.expire(state, DAY + timedelta(9))
        assert snapshot.requests(state) == []
        with ledger.opened(state) as book:
            window = book.load(request).window
        assert window is not None
        assert window.over > (DAY + timedelta(7)).isoformat()
        return cut_off

    assert every_death(act) > 2


def test_the_window_is_open_on_its_last_day_and_over_on_the_next(state: Path) -> None:
    """Seven days are seven days; afterwards nothing can be put back, and the copy is gone."""
    for late in (7, 8):
        world = World()
        number = asked(state, world.sources)
        report = carried_out(state, number, world.sources)
        before = world.records()
        assert report.undo_until == "2026-12-04"
        if late == 7:
            assert undo.expire(state, DAY + timedelta(late)) == ()
            shutil.rmtree(state)
            continue
        with pytest.raises(Conflict) as told:
            taken_back(state, number, world.sources, DAY + timedelta(late))
        assert "2026-12-04" in str(told.value)
        assert before == world.records()
        assert snapshot.requests(state) == []


def test_a_clock_that_is_set_back_opens_no_window_again(state: Path) -> None:
    """What is over stays over, whatever the clock says later."""
    world = World()
    number = asked(state, world.sources)
    carried_out(state, number, world.sources)

    assert undo.expire(state, DAY + timedelta(8)) == (number,)

    with pytest.raises(Conflict):
        taken_back(state, number, world.sources, DAY)


def test_a_clock_that_is_set_back_before_the_end_gives_no_day_more(state: Path) -> None:
    """Six days went by; with the clock back at the first day two more are the end."""
    world = World()
    number = asked(state, world.sources)
    carried_out(state, number, world.sources)
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
    plan = plan_of(world.sources)
    number = asked(state, world.sources)
    carried_out(state, number, world.sources)
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
    number = asked(state, world.sources)
    carried_out(state, number, world.sources)
    file = state / snapshot.FOLDER / f"{number}.db"
    stolen = file.read_bytes()
    undo.expire(state, DAY + timedelta(8))
    file.write_bytes(stolen)
    (state / snapshot.FOLDER / f"{number}.key").write_bytes((state / "key").read_bytes())

    with pytest.raises(StateError), snapshot.opened(state, number):
        pass


def test_without_undo_days_nothing_is_kept_and_nothing_comes_back(state: Path) -> None:
    """No copy, no key, and an honest word."""
    world = World()
    number = asked(state, world.sources)
    with ledger.opened(state) as book:
        request = book.load(number)
        assert request.plan is not None
        report = apply(request.plan.approve(request.plan.fingerprint), request, book, world.sources, silently)
    assert report.undo_until == ""
    assert not (state / snapshot.FOLDER).exists()
    with pytest.raises(Conflict):
        taken_back(state, number, world.sources)
