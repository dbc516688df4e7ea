"""Read: every record accounted for, under stable refs and versions, unharmed, and nothing changed by it."""

from __future__ import annotations

import re

import pytest

from connectors.entry import KINDS, Cursor, Entry
from connectors.errors import NotFound
from tests.conformance.people import HOSTILE, Made
from tests.conformance.tools import UNKNOWN, entry_of, listing, personal, retention_faults
from tests.conformance.world import World


class Read:
    """Listings and single entries."""

    def test_read_listing_ends_with_one_cursor(self, world: World) -> None:
        """A complete listing has exactly one cursor, and it is the last item."""
        told = listing(world.connector())

        assert len(told.cursors) == 1
        assert isinstance(told.items[-1], Cursor)

    def test_read_cursor_counts_are_right(self, world: World) -> None:
        """The cursor counts the entries and the unreadable records that were listed."""
        told = listing(world.connector())

        assert told.cursors[-1].entries == len(told.entries) == len(world.people)
        assert told.cursors[-1].unreadable == len(told.unreadable) == 0

    def test_read_every_person_is_listed_once(self, world: World) -> None:
        """Each person has exactly one entry with each kind of field they were given."""
        connector = world.connector()

        missing = {
            person.key: [kind for kind in world.shown if not entry_of(connector, person).values(kind)] for person in world.people
        }

        assert {key: kinds for key, kinds in missing.items() if kinds} == {}

    def test_read_refs_are_unique_and_stable(self, world: World) -> None:
        """No two entries share a ref, and a second listing by another connector uses the same ones."""
        first = [entry.ref for entry in listing(world.connector()).entries]
        second = [entry.ref for entry in listing(world.connector()).entries]

        assert len(set(first)) == len(first)
        assert sorted(first) == sorted(second)

    def test_read_refs_and_locators_hold_no_value(self, world: World) -> None:
        """A ref, a version or a locator may stand in a log: no value of a person is in it."""
        text = "\n".join(f"{entry.ref} {entry.version} {entry.locator}" for entry in listing(world.connector()).entries)

        assert [value for value in personal(world.people) if value.casefold() in text.casefold()] == []

    def test_read_versions_are_stable(self, world: World) -> None:
        """A version stays the same while nobody changes the entry."""
        first = {entry.ref: entry.version for entry in listing(world.connector()).entries}
        second = {entry.ref: entry.version for entry in listing(world.connector()).entries}

        assert first == second

    def test_read_version_changes_with_the_entry(self, world: World) -> None:
        """The owner's change gives that entry a new version under the same ref, and no other entry one."""
        before = {entry.ref: entry.version for entry in listing(world.connector()).entries}
        touched = entry_of(world.connector(), world.person("aino")).ref

        world.touch("aino")
        after = {entry.ref: entry.version for entry in listing(world.connector()).entries}

        assert {ref for ref in before if after.get(ref) != before[ref]} == {touched}

    def test_read_changes_nothing(self, world: World) -> None:
        """Whatever is read, no byte, no file and no side file changes."""
        before, files = world.snapshot(), world.files()
        connector = world.connector()

        connector.check()
        connector.coverage()
        entry = entry_of(connector, world.person("aino"))
        connector.get(entry.ref)
        connector.residue(world.person("aino").needles())

        assert world.snapshot() == before
        assert world.files() == files

    def test_read_get_equals_the_listed_entry(self, world: World) -> None:
        """One entry read afresh is the same as in the listing."""
        connector = world.connector()

        for entry in listing(connector).entries:
            assert connector.get(entry.ref) == entry

    def test_read_get_of_an_unknown_ref(self, world: World) -> None:
        """A ref that nothing has is not found, and that is all."""
        with pytest.raises(NotFound):
            world.connector().get(UNKNOWN)

    def test_read_hostile_values_survive(self, world: World) -> None:
        """A leading =, HTML, 10,000 characters, control characters and marks come out as they went in."""
        connector = world.connector()

        harmed = [
            (key, kind)
            for key in HOSTILE
            for kind in world.shown
            if not _shows(entry_of(connector, world.person(key)), world.person(key), kind)
        ]

        assert harmed == []

    def test_read_fields_are_well_formed(self, world: World) -> None:
        """Each field has a kind of the list, a value without blanks around it, and shows no value in its repr."""
        entries = listing(world.connector()).entries
        fields = [item for entry in entries for item in entry.fields]

        assert [item for item in fields if item.kind not in KINDS] == []
        assert [item for item in fields if item.value != item.value.strip() or not item.value] == []
        assert [value for value in personal(world.people) if value in repr(entries)] == []

    def test_read_retention_is_honest(self, world: World) -> None:
        """What a law keeps stays unaltered with the reason, by days that are the record's, and says how it goes afterwards."""
        connector = world.connector()
        faults = {entry.ref: retention_faults(entry, connector.features) for entry in listing(connector).entries}

        assert {ref: found for ref, found in faults.items() if found} == {}


def _shows(entry: Entry, person: Made, kind: str) -> bool:
    """Whether the entry shows the person's value; line breaks and the blanks of a phone may differ."""
    wanted = str(getattr(person, kind))
    if kind == "phone":
        return re.sub(r"\D", "", wanted).lstrip("0") in {re.sub(r"\D", "", value).lstrip("0") for value in entry.values(kind)}
    return wanted.replace("\r\n", "\n") in {value.replace("\r\n", "\n") for value in entry.values(kind)}
