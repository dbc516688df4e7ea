"""What humans decided about two entries: that they are one person, or two. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

Key = tuple[str, str]
"""(source, ref) of an entry."""

Pair = tuple[Key, Key]


class Decisions:
    """Constraints on who is the same person; they stand above every evidence."""

    def __init__(self, same: Iterable[Pair] = (), different: Iterable[Pair] = ()) -> None:
        self._same = _both_ways(same)
        self._different = _both_ways(different)

    def __bool__(self) -> bool:
        return bool(self._same or self._different)

    def keys(self) -> frozenset[Key]:
        """Every entry of which somebody said something."""
        return frozenset(self._same.keys() | self._different.keys())

    def same(self, key: Key) -> frozenset[Key]:
        """The entries that are of the same person, somebody said."""
        return frozenset(self._same.get(key, ()))

    def different(self, key: Key) -> frozenset[Key]:
        """The entries that are of another person, somebody said."""
        return frozenset(self._different.get(key, ()))


def _both_ways(pairs: Iterable[Pair]) -> dict[Key, set[Key]]:
    found: dict[Key, set[Key]] = defaultdict(set)
    for one, other in pairs:
        found[one].add(other)
        found[other].add(one)
    return found


NONE = Decisions()
"""Nobody decided anything."""
