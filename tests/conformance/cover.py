"""Cover: each column or property of the source is mapped, ignored on purpose, or reported as unknown."""

from __future__ import annotations

from connectors.entry import KINDS
from tests.conformance.tools import listing
from tests.conformance.world import World


class Cover:
    """Nothing a source holds is passed over in silence."""

    def test_cover_lists_each_column_once(self, world: World) -> None:
        """Coverage names the columns that an independent reader sees, each exactly once."""
        named = [column.column for column in world.connector().coverage()]

        assert sorted(named) == sorted(set(world.columns()))

    def test_cover_says_mapped_ignored_or_unknown(self, world: World) -> None:
        """A mapped column has a kind of the list; one without a kind says why, or that it is unknown."""
        columns = world.connector().coverage()

        assert [column for column in columns if column.kind is not None and column.kind not in KINDS] == []
        assert [column for column in columns if column.kind is not None and not column.known] == []
        assert [column for column in columns if column.kind is None and column.known and not column.why] == []

    def test_cover_names_every_kind_the_entries_show(self, world: World) -> None:
        """What the entries show comes from a column that coverage calls mapped to it."""
        connector = world.connector()
        columns = connector.coverage()
        mapped = {column.kind for column in columns}
        # What stands in a column nobody knows is shown all the same, as something other.
        mapped |= {"other"} if any(not column.known for column in columns) else set()
        shown = {item.kind for entry in listing(connector).entries for item in entry.fields}

        assert set(world.shown) <= shown
        # A person's name may be joined from its parts, which are columns of their own.
        assert shown - mapped - {"name", "given", "family"} == set()
