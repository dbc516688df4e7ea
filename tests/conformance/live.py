"""Live: the source goes on living: changes are seen at once, deltas are true, and what was erased can be put back."""

from __future__ import annotations

import pytest

from connectors.entry import Disposal
from connectors.errors import HubError, Refused
from hub.search.freshness import look
from tests.conformance.tools import entry_of, error_of, listing, need, placeless, take_person
from tests.conformance.world import Killed, World


class Live:
    """Delta and restore, as far as the features go."""

    def test_live_sees_the_owners_changes(self, world: World) -> None:
        """The same connector shows a change the owner made between two listings."""
        connector = world.connector()
        before = entry_of(connector, world.person("aino"))

        world.touch("aino")

        assert entry_of(connector, world.person("aino")).version != before.version
        assert connector.get(before.ref).version != before.version

    def test_live_watched_files_show_the_owners_changes(self, world: World) -> None:
        """Where files tell whether anything changed, they tell it of every change; and reading changes none of them."""
        watched = world.connector().watched()
        need(watched is not None, "watched")
        before = look(watched or ())

        listing(world.connector())
        read = look(world.connector().watched() or ())
        world.touch("aino")
        touched = look(world.connector().watched() or ())

        assert before.signature == read.signature != touched.signature

    def test_live_delta_feature_is_honest(self, world: World) -> None:
        """Without the feature there is no token and `since` changes nothing; with it, nothing new is listed as nothing."""
        connector = world.connector()
        full = listing(connector)

        if not connector.features.delta:
            assert full.token == ""
            assert {item.ref for item in listing(connector, "1").entries} == {item.ref for item in full.entries}
        else:
            assert full.token
            unchanged = listing(connector, full.token)
            assert (unchanged.entries, unchanged.unreadable, unchanged.gone) == ([], [], [])
            assert len(unchanged.cursors) == 1

    def test_live_delta_tells_what_changed_and_what_went(self, world: World) -> None:
        """A delta holds the entry that changed and the one that is gone, and nothing else."""
        need(world.connector().features.delta, "delta")
        token = listing(world.connector()).token

        world.touch("aino")
        went, _ = take_person(world, "kaima")
        delta = listing(world.connector(), token)

        told = {entry.ref for entry in delta.entries} | {item.ref for item in delta.gone}
        assert told == {entry_of(world.connector(), world.person("aino")).ref, went.ref}
        assert went.disposal is not Disposal.ERASE or [item.ref for item in delta.gone] == [went.ref]
        assert listing(world.connector(), delta.token).items[:-1] == ()

    def test_live_restore_feature_is_honest(self, world: World) -> None:
        """A source without restore refuses any receipt; one with it refuses one that is not its own."""
        connector, before = world.connector(), world.snapshot()

        with pytest.raises(Refused):
            connector.restore(b"not a receipt")

        assert world.snapshot() == before

    def test_live_restore_puts_back_every_field(self, world: World) -> None:
        """What an erase took away comes back field by field; once, and into no other entry."""
        features = world.connector().features
        need(features.erase != "no", "erase")
        before = {item.ref: placeless(item) for item in listing(world.connector()).entries}
        entry, outcome = take_person(world, "emoji")
        if not features.restore:
            with pytest.raises(Refused):
                world.connector().restore(outcome.receipt)
            return
        others = {ref: item for ref, item in before.items() if ref != entry.ref}

        restored = world.connector().restore(outcome.receipt)
        now = {item.ref: placeless(item) for item in listing(world.connector()).entries}

        assert restored.result == "restored"
        back = now.pop(entry_of(world.connector(), world.person("emoji")).ref)
        assert now == others
        assert back.fields == entry.fields

    def test_live_restore_is_sealed_before_the_write(self, world: World) -> None:
        """Killed right before the write nothing is gone; killed right after it, what was sealed puts the entry back."""
        connector = world.connector()
        need(connector.features.restore, "restore")
        before, entry = world.snapshot(), entry_of(connector, world.person("emoji"))

        def dying(_receipt: bytes) -> None:
            raise Killed

        connector.seal = dying
        with pytest.raises(Killed):
            connector.erase(entry.ref, entry.version)
        assert world.snapshot() == before
        sealed: list[bytes] = []
        connector = world.connector()
        connector.seal = sealed.append
        connector.erase(entry.ref, entry.version)

        world.connector().restore(sealed[-1])

        assert entry_of(world.connector(), world.person("emoji")).fields == entry.fields

    def test_live_restore_waits_for_no_other_receipt(self, world: World) -> None:
        """Two persons erased one after the other come back in either order, and nobody else changes."""
        need(world.connector().features.restore, "restore")
        keys = ("aino", "emoji")
        before = {item.ref: placeless(item) for item in listing(world.connector()).entries}
        hers = [entry_of(world.connector(), world.person(key)) for key in keys]

        for later_first in (True, False):
            receipts = [take_person(world, key)[1].receipt for key in keys]
            for receipt in reversed(receipts) if later_first else receipts:
                assert world.connector().restore(receipt).result == "restored"
            assert [entry_of(world.connector(), world.person(key)).fields for key in keys] == [entry.fields for entry in hers]

        now = {item.ref: placeless(item) for item in listing(world.connector()).entries}
        others = {ref: item for ref, item in before.items() if ref not in {entry.ref for entry in hers}}
        assert others.items() <= now.items()
        assert len(now) == len(before)

    def test_live_restore_never_overwrites(self, world: World) -> None:
        """A receipt used twice, or after the owner wrote the entry anew, changes nothing."""
        need(world.connector().features.restore, "restore")
        _, outcome = take_person(world, "emoji")
        world.connector().restore(outcome.receipt)
        world.touch("emoji")
        before = world.snapshot()

        again = error_of(lambda: world.connector().restore(outcome.receipt))

        assert isinstance(again, HubError)
        assert world.snapshot() == before
