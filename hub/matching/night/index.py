"""The index of all entries, when the nightly run has compared every pair: what it found is looked up, not worked out again."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hub.matching.facts import Identifier
from hub.matching.index import Links
from hub.matching.memory import MemoryIndex
from hub.matching.model import Levels
from hub.matching.night.arrays import Ints
from hub.matching.night.census import CROWDED, SHARED, Census
from hub.matching.night.judging import Pairs
from hub.matching.night.levels import Judged, levels_of


class NightIndex(MemoryIndex):
    """The entries of another index, with every pair compared."""

    def __init__(self, index: MemoryIndex, census: Census, pairs: Pairs, judged: Judged, chain: Ints) -> None:
        super().__init__(index.held, index.region)
        self.numbered = index.numbered
        self._of = index
        self.pairs = pairs
        self.judged = judged
        self._chain = Grouped(chain)
        self._pairs_of_chain = Grouped(np.where(pairs.links, chain[pairs.ones], -1))
        self._from_one = Grouped(pairs.ones)
        self._from_other = Grouped(pairs.others)
        self._marked = dict(_marked(census))

    def number_of(self, key: tuple[str, str]) -> int | None:
        """As the other index knows it."""
        return self._of.number_of(key)

    def component(self, number: int) -> tuple[set[int], Links]:
        """From the chain it is in."""
        chain = self._chain.of(number)
        at = self._pairs_of_chain.under(chain)
        links: Links = {}
        for one, other, pattern in zip(
            *(c[at].tolist() for c in (self.pairs.ones, self.pairs.others, self.pairs.patterns)), strict=True
        ):
            judged = self.judged[pattern]
            if judged is not None:
                links[one, other] = judged
        return {*self.chain(number)}, links

    def chain(self, number: int) -> list[int]:
        """All entries that links connect with this one."""
        found: list[int] = self._chain.under(self._chain.of(number)).tolist()
        return found

    def candidates(self, number: int) -> set[int]:
        """The others of the pairs it is in."""
        found = self.pairs.others[self._from_one.under(number)].tolist()
        return {*found, *self.pairs.ones[self._from_other.under(number)].tolist()}

    def levels(self, one: int, other: int) -> Levels:
        """As they were found."""
        first, second = sorted((one, other))
        at = self._from_one.under(first)
        found = at[self.pairs.others[at] == second]
        return levels_of(int(self.pairs.patterns[found[0]])) if len(found) else super().levels(one, other)

    def is_shared(self, identifier: Identifier) -> bool:
        """As it was counted; asked only about those that two entries have in common."""
        return identifier in self._marked

    def is_thronged(self, identifier: Identifier) -> bool:
        """As it was counted; asked only about those that are shared."""
        return self._marked.get(identifier, False)


class Grouped:
    """The places of a column by what stands there."""

    def __init__(self, column: Ints) -> None:
        self._column = column
        self._order = np.argsort(column, kind="stable")
        self._sorted = column[self._order]

    def of(self, place: int) -> int:
        """What stands at a place."""
        return int(self._column[place])

    def under(self, value: int) -> Ints:
        """The places where this stands, in rising order."""
        start, end = np.searchsorted(self._sorted, (value, value + 1))
        return self._order[start:end]


def _marked(census: Census) -> Mapping[Identifier, bool]:
    """The identifiers that several people share, and whether they are so many that it says nothing."""
    found: dict[Identifier, bool] = {}
    for kind, identifier in census.identifiers.items():
        at = np.flatnonzero(identifier.marks & (SHARED | CROWDED))
        crowded = (identifier.marks[at] == CROWDED).tolist()
        found.update(zip(((kind, key) for key in identifier.keys.take(at).to_pylist()), crowded, strict=True))
    return found
