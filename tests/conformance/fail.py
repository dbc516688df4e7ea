"""Fail: a source in trouble says so, never looks empty, is never half written, and tells nobody's data."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest

from connectors.contract import Connector
from connectors.entry import Entry
from connectors.errors import Damaged, HubError, Locked, Unreachable
from tests.conformance.people import own_needles
from tests.conformance.tools import (
    UNKNOWN,
    entries_of,
    entry_of,
    error_of,
    listing,
    need,
    personal,
    still_there,
    take,
    take_person,
    told,
)
from tests.conformance.world import Killed, World


class Fail:
    """Missing, damaged, locked, broken and cut off."""

    def test_fail_unreachable_is_never_empty(self, world: World) -> None:
        """A source that is not there raises from every question and every act."""
        connector = world.connector()
        entry = entry_of(connector, world.person("aino"))
        world.break_source()

        for name, act in _acts(world.connector(), entry).items():
            with pytest.raises(Unreachable):
                pytest.fail(f"{name} said {act()!r:.80}")

    def test_fail_damaged_is_never_empty(self, world: World) -> None:
        """What is not what it should be is called damaged, or each broken record is told; nothing is written."""
        entry = entry_of(world.connector(), world.person("aino"))
        world.damage()
        before = world.snapshot()

        error = error_of(lambda: _complete_and_whole(world))
        for act in _acts(world.connector(), entry).values():
            error_of(act)

        assert error is None or isinstance(error, Damaged | Unreachable)
        assert world.snapshot() == before

    def test_fail_locked_writes_nothing(self, world: World) -> None:
        """While the owner's own program has the source open, an erase is refused as locked; afterwards it works."""
        need(world.connector().features.erase != "no", "erase")
        lock = world.lock()
        need(lock is not None, "lock")
        assert lock is not None
        entry = entry_of(world.connector(), world.person("aino"))

        with lock:
            before = world.snapshot()
            with pytest.raises(Locked):
                take(world.connector(), entry)
            assert not world.connector().check().may_erase
            assert world.snapshot() == before

        assert take(world.connector(), entry).result in {"erased", "redacted"}

    def test_fail_one_broken_record_never_hides_the_rest(self, world: World) -> None:
        """A broken record is counted and located, and everybody else is still listed and can be erased."""
        everybody = {entry.ref for entry in listing(world.connector()).entries}
        broken = entry_of(world.connector(), world.person("kaima")).ref
        need(world.break_record("kaima"), "broken records")

        seen = listing(world.connector())

        assert {entry.ref for entry in seen.entries} == everybody - {broken}
        assert len(seen.unreadable) == seen.cursors[-1].unreadable == 1
        assert seen.unreadable[0].locator
        assert seen.unreadable[0].reason
        if world.connector().features.erase != "no":
            assert take_person(world, "aino")[1].result in {"erased", "redacted"}

    def test_fail_a_fault_leaves_old_or_new(self, world: World) -> None:
        """Cut off at any write, the entry is whole or gone and the others whole; a rerun ends it without a trace."""
        need(world.connector().features.erase != "no", "erase")
        assert world.write_points(), "a source that can be written to has a place where the write can be cut off"
        keys = [person.key for person in world.people]

        for point, key in zip(world.write_points(), keys, strict=False):
            _cut_off(world, key, point)

    def test_fail_errors_hold_no_value(self, world: World) -> None:
        """No error a source can be brought to raise tells a person's value, its traceback included."""
        connector = world.connector()
        entry = entry_of(connector, world.person("aino"))
        errors = [error_of(lambda: connector.get(UNKNOWN)), error_of(lambda: connector.restore(b"not a receipt"))]
        world.touch("aino")
        errors += [error_of(act) for act in _acts(connector, entry).values()]
        world.damage()
        errors += [error_of(act) for act in _acts(world.connector(), entry).values()]
        world.break_source()
        errors += [error_of(act) for act in _acts(world.connector(), entry).values()]
        text = "\n".join(told(error) for error in errors if error)

        assert sum(error is not None for error in errors) > 3
        assert [value for value in personal(world.people) if value in text] == []


def _acts(connector: Connector, entry: Entry) -> dict[str, Callable[[], object]]:
    """Everything that can be asked of a source or done to it."""
    acts: dict[str, Callable[[], object]] = {
        "entries": lambda: listing(connector),
        "coverage": lambda: list(connector.coverage()),
        "get": lambda: connector.get(entry.ref),
        "residue": lambda: list(connector.residue([])),
    }
    if connector.features.erase != "no":
        acts["erase"] = lambda: take(connector, entry)
    return acts


def _complete_and_whole(world: World) -> None:
    """Read a damaged source: what it lists must account for everybody, as entries or as unreadable records."""
    seen = listing(world.connector())
    partial = not seen.cursors
    assert partial or seen.unreadable, "a damaged source passed for a whole one"
    assert partial or len(seen.entries) + len(seen.unreadable) >= len(world.people)


def _cut_off(world: World, key: str, point: str) -> None:
    """Cut one erase off at one place, look, and run it again."""
    person, bystanders = world.person(key), world.bystanders(key)
    files = world.files()
    entry = entry_of(world.connector(), person)

    with world.failing_at(point) as reached, suppress(Killed, HubError):
        take(world.connector(), entry, own_needles(world.people, key))

    assert reached, f"the write never came to {point}"
    assert world.bystanders(key) == bystanders, f"cut off at {point}, the others are not whole"
    found = entries_of(world.connector(), person)
    assert found == [entry] or not still_there(world.connector(), entry), f"cut off at {point}, the entry is half there"

    take(world.connector(), found[0] if found else entry, own_needles(world.people, key))
    assert not still_there(world.connector(), entry)
    assert list(world.connector().residue(own_needles(world.people, key))) == [], f"cut off at {point}, a rerun left a trace"
    assert world.files() <= files, f"cut off at {point}, a rerun left a file"
