"""Erase: exactly one entry goes, all of it, only in the version that was shown, and once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.contract import Going, Needle
from connectors.entry import Disposal, Ref, Version
from connectors.errors import Conflict, Refused
from tests.conformance.people import HOSTILE, own_needles
from tests.conformance.tools import (
    STRANGE_REFS,
    entries_of,
    entry_of,
    going_of,
    listing,
    need,
    personal,
    placeless,
    still_there,
    take,
    take_person,
)
from tests.conformance.world import World


class Erase:
    """Taking a person's entry away, as its source says an erase means for it."""

    def test_erase_feature_is_honest(self, world: World) -> None:
        """A source that cannot erase refuses; one that can, does; by hand only: every entry says so, and why, beforehand.

        That `erase` of such an entry is called only after a human said that it was done is the hub's promise.
        """
        connector = world.connector()
        entry, before = entry_of(connector, world.person("aino")), world.snapshot()
        unsaid = [one.ref for one in listing(connector).entries if one.disposal is not Disposal.MANUAL or not one.disposal_reason]

        assert connector.features.erase != "manual" or unsaid == []
        if connector.features.erase == "no":
            with pytest.raises(Refused):
                connector.erase(entry.ref, entry.version)
            assert world.snapshot() == before
        else:
            assert take(connector, entry).result in {"erased", "redacted"}
            assert world.snapshot() != before

    def test_erase_removes_exactly_one_entry(self, world: World) -> None:
        """The entry is gone for a fresh connector but for what stays, and every other one is as it was."""
        _needs_erase(world)
        others = {entry.ref: placeless(entry) for entry in listing(world.connector()).entries}

        entry, outcome = take_person(world, "aino")
        others.pop(entry.ref)
        left = {item.ref: item for item in listing(world.connector()).entries}

        assert outcome.result in {"erased", "redacted"}
        assert not still_there(world.connector(), entry)
        assert entries_of(world.connector(), world.person("aino")) == []
        assert {ref: placeless(left[ref]) for ref in others if ref in left} == others
        remains = {item for ref, one in left.items() if ref not in others for item in one.fields}
        assert remains <= {item for item in entry.fields if item.stays}, "only what belongs to the record may be left of it"

    def test_erase_leaves_bystanders_alone(self, world: World) -> None:
        """Every other record is the same for an independent reader."""
        _needs_erase(world)
        before = world.bystanders("aino")

        take_person(world, "aino")

        assert world.bystanders("aino") == before

    def test_erase_spares_who_shares_a_value(self, world: World) -> None:
        """A namesake, who shares the phone, and whose name is longer: they keep everything."""
        _needs_erase(world)
        sharers = ("kaima", "liisa", "satu")
        before = [placeless(entry_of(world.connector(), world.person(key))) for key in sharers]

        take_person(world, "aino")
        take_person(world, "eero")

        assert [placeless(entry_of(world.connector(), world.person(key))) for key in sharers] == before

    def test_erase_leaves_no_residue(self, world: World) -> None:
        """None of the values that were the person's alone is found by value afterwards; a shared one still is."""
        _needs_erase(world)

        take_person(world, "aino")

        assert list(world.connector().residue(own_needles(world.people, "aino"))) == []
        shared = world.connector().residue([Needle("name", world.person("kaima").name)])
        assert any(place.found for place in shared) != (world.connector().features.erase == "manual")

    def test_erase_of_a_changed_entry_is_a_conflict(self, world: World) -> None:
        """An entry that changed since it was shown is not touched."""
        _needs_erase(world)
        stale = entry_of(world.connector(), world.person("aino"))
        world.touch("aino")
        before = world.snapshot()

        with pytest.raises(Conflict):
            take(world.connector(), stale, own_needles(world.people, "aino"))

        assert world.snapshot() == before

    def test_erase_with_a_foreign_version_is_a_conflict(self, world: World) -> None:
        """A version the entry never had is not taken for its own."""
        _needs_erase(world)
        entry = replace(entry_of(world.connector(), world.person("aino")), version=Version("no-such-version"))
        before = world.snapshot()

        with pytest.raises(Conflict):
            take(world.connector(), entry)

        assert world.snapshot() == before

    def test_erase_twice_is_already_absent(self, world: World) -> None:
        """A second run finds nothing to do and writes nothing."""
        _needs_erase(world)
        entry, _ = take_person(world, "aino")
        before, files = world.snapshot(), world.files()

        again = take(world.connector(), entry, own_needles(world.people, "aino"))

        assert again.result == "already_absent"
        assert world.snapshot() == before
        assert world.files() == files

    def test_erase_of_an_unknown_ref_is_already_absent(self, world: World) -> None:
        """Absent is success, whatever the ref looks like, and nothing is written."""
        _needs_erase(world)
        before = world.snapshot()

        results = {world.connector().erase(Ref(ref), Version("x")).result for ref in STRANGE_REFS}

        assert results == {"already_absent"}
        assert world.snapshot() == before

    def test_erase_of_hostile_entries(self, world: World) -> None:
        """Every hostile entry can be erased, one after the other, without a trace of its own."""
        _needs_erase(world)

        for key in HOSTILE:
            entry, outcome = take_person(world, key)
            assert outcome.result in {"erased", "redacted"}, key
            assert not still_there(world.connector(), entry), key
        needles = [needle for key in HOSTILE for needle in own_needles(world.people, key)]

        assert list(world.connector().residue(needles)) == []

    def test_erase_two_with_versions_read_before(self, world: World) -> None:
        """One person's two entries go in one run: the first erase does not make the second one stale."""
        _needs_erase(world)
        connector = world.connector()
        entries = [entry_of(connector, world.person(key)) for key in ("aino", "kaima", "emoji")]

        results = {take(connector, entry).result for entry in entries}

        assert results <= {"erased", "redacted"}
        assert [entry.ref for entry in entries if still_there(world.connector(), entry)] == []

    def test_erase_foresees_and_writes_nothing(self, world: World) -> None:
        """What an erase would change besides is told without a write, only by who says that it spreads, and by place, not value."""
        _needs_erase(world)
        connector, aino = world.connector(), world.person("aino")
        going = [going_of(entry_of(connector, aino)), *(Going(Ref(ref), Version("x")) for ref in STRANGE_REFS)]
        before, files = world.snapshot(), world.files()

        spread = connector.spread(going, own_needles(world.people, "aino"))

        assert world.snapshot() == before
        assert world.files() == files
        assert connector.features.spreads or list(spread) == []
        assert list(connector.spread([replace(going[0], version=Version("another"))], own_needles(world.people, "aino"))) == []
        assert [value for value in personal([aino]) for place in spread if value in str(place.where)] == []
        assert [place for place in spread if place.before == place.after] == []

    def test_erase_leaves_no_file_behind(self, world: World) -> None:
        """No temporary, backup or side file is left."""
        _needs_erase(world)
        before = world.files()

        take_person(world, "aino")

        assert world.files() - before == frozenset()


def _needs_erase(world: World) -> None:
    need(world.connector().features.erase != "no", "erase")
