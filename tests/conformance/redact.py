"""Redact: the person's part goes, field by field, and what belongs to the record stays."""

from __future__ import annotations

import pytest

from connectors.entry import Entry, Field
from connectors.errors import Conflict, Refused
from tests.conformance.tools import UNKNOWN, entry_of, listing, need
from tests.conformance.world import World


class Redact:
    """Taking away some kinds of fields."""

    def test_redact_feature_is_honest(self, world: World) -> None:
        """A source without redact refuses and writes nothing; one with it removes the field."""
        connector = world.connector()
        entry, before = entry_of(connector, world.person("aino")), world.snapshot()

        if not connector.features.redact:
            with pytest.raises(Refused):
                connector.redact(entry.ref, entry.version, ["phone"])
            assert world.snapshot() == before
        else:
            assert connector.redact(entry.ref, entry.version, ["phone"]).result == "redacted"
            assert world.snapshot() != before

    def test_redact_removes_only_the_named_fields(self, world: World) -> None:
        """The phone goes; every other field of the entry, and every other entry, is as before."""
        _needs_redact(world)
        connector, person = world.connector(), world.person("emoji")
        entry, bystanders = entry_of(connector, person), world.bystanders("emoji")

        connector.redact(entry.ref, entry.version, ["phone"])
        left = entry_of(world.connector(), person)

        assert left.fields == tuple(item for item in entry.fields if item.kind != "phone" or item.stays)
        assert world.bystanders("emoji") == bystanders

    def test_redact_leaves_no_residue_of_what_went(self, world: World) -> None:
        """The removed value is found nowhere; the others still are."""
        _needs_redact(world)
        connector, person = world.connector(), world.person("emoji")
        name, email, phone, _ = person.needles()
        entry = entry_of(connector, person)

        connector.redact(entry.ref, entry.version, ["phone"], [phone])

        assert list(world.connector().residue([phone])) == []
        assert all(world.connector().residue([needle]) for needle in (name, email))

    def test_redact_keeps_what_stays(self, world: World) -> None:
        """With every kind named, the fields that belong to the record and not to the person are still there."""
        _needs_redact(world)
        connector = world.connector()
        entry = next((one for one in listing(connector).entries if any(item.stays for item in one.fields)), None)
        need(entry is not None, "fields that stay")
        assert entry is not None
        staying = {item for item in entry.fields if item.stays}

        connector.redact(entry.ref, entry.version, sorted({item.kind for item in entry.fields}))

        assert staying <= _fields_anywhere(world)
        assert _leaving(world, entry) == set()

    def test_redact_again_is_already_absent(self, world: World) -> None:
        """Where nothing of the named fields is left, nothing is written; a cut-off run with the old version ends so."""
        _needs_redact(world)
        connector, person = world.connector(), world.person("aino")
        entry = entry_of(connector, person)
        connector.redact(entry.ref, entry.version, ["phone"])
        now, before = entry_of(world.connector(), person), world.snapshot()

        again = world.connector().redact(now.ref, now.version, ["phone"])
        rerun = world.connector().redact(entry.ref, entry.version, ["phone"])
        never = world.connector().redact(UNKNOWN, now.version, ["phone"])

        assert {again.result, rerun.result, never.result} == {"already_absent"}
        assert world.snapshot() == before

    def test_redact_of_a_changed_entry_is_a_conflict(self, world: World) -> None:
        """An entry that changed since it was shown is not touched."""
        _needs_redact(world)
        stale = entry_of(world.connector(), world.person("aino"))
        world.touch("aino")
        before = world.snapshot()

        with pytest.raises(Conflict):
            world.connector().redact(stale.ref, stale.version, ["phone"])

        assert world.snapshot() == before


def _needs_redact(world: World) -> None:
    need(world.connector().features.redact, "redact")


def _fields_anywhere(world: World) -> set[Field]:
    return {item for entry in listing(world.connector()).entries for item in entry.fields}


def _leaving(world: World, entry: Entry) -> set[Field]:
    """What still stands of the fields that had to leave, in the entry with that ref."""
    now = [item for item in listing(world.connector()).entries if item.ref == entry.ref]
    return {item for left in now for item in left.fields} & {item for item in entry.fields if not item.stays}
