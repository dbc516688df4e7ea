"""All pairs of many entries at once, on columns of numbers: what comes out is what the pure evaluator says, entry by entry.

Nothing is compared in another way than there: every distinct value is brought to its keys, every two names whose words
relate alike are compared, and every distinct way of comparing is judged, by the very same code, once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cached_property

import numpy as np

from hub.machine.workers import Workers
from hub.matching.decisions import Decisions
from hub.matching.faces import Face
from hub.matching.groups import Group, Grouping, Related
from hub.matching.memory import InOrder, MemoryIndex
from hub.matching.night import judging, persons
from hub.matching.night.arrays import Ints, chunks
from hub.matching.night.census import Census, Faces
from hub.matching.night.index import Grouped, NightIndex
from hub.matching.night.makeup import UNLIKE, Lasting, Makeup
from hub.matching.night.prepared import Prepared, prepared
from hub.matching.night.renewing import Worked, all_compared
from hub.matching.night.sheet import Sheet, sheet_of

__all__ = ["Settled", "prepared_of", "put_together", "settled"]

_PIECE = 10_000


def settled(index: MemoryIndex, decisions: Decisions) -> Settled:
    """Who is who among all entries of an index."""
    sheet = index.held.sheet() if isinstance(index.held, InOrder) else sheet_of(index.held)
    return put_together(index, decisions, all_compared(prepared_of(sheet, index.region)))


def prepared_of(sheet: Sheet, region: str) -> Prepared:
    """What a sheet says, brought to keys on every core."""
    with Workers() as workers:
        return prepared(sheet, region, workers)


def put_together(index: MemoryIndex, decisions: Decisions, worked: Worked) -> Settled:
    """Who is who, from all that was worked out about pairs."""
    census, judged = worked.census, worked.judged
    pairs = judging.pairs_of(census, judged, worked.looked)
    chain = persons.chains(census, pairs)
    known = NightIndex(index, census, pairs, judged, chain)
    return Settled(known, decisions, census, worked.faces, chain)


class Settled(Grouping):
    """The persons among all entries, all worked out; `index` holds the entries."""

    def __init__(self, index: NightIndex, decisions: Decisions, counted: Census, faces: Faces, chain: Ints) -> None:
        super().__init__(index, decisions)
        self.index = index
        self._census = counted
        self._known_faces: dict[tuple[int, int], Face] = {}
        decided = self._with_decisions()
        apart = np.union1d(persons.troubled(counted, faces, chain), np.unique(chain[decided]))
        self.person = self._put_together(chain, apart)
        self._entries = Grouped(self.person)
        self._inside = Grouped(self._person_of_links())
        touched = np.isin(self.person, self.person[decided])
        self._by_hand = touched | self._beside(touched)
        self.asked = persons.Possible(counted, faces, index.judged, self.person).among(index.pairs)
        self._asked_of = Grouped(self.asked.persons)

    def group_of(self, number: int) -> Group:
        """From the columns; where humans decided something, as it was settled."""
        if number in self._groups:
            return self._groups[number]
        person = self._entries.of(number)
        entries = self._entries.under(person).tolist()
        links: dict[int, Related] = {entry: [] for entry in entries}
        pairs = self.index.pairs
        for at in self._inside.under(person).tolist():
            one, other, judged = int(pairs.ones[at]), int(pairs.others[at]), self.index.judged[int(pairs.patterns[at])]
            if judged is not None:
                links[one].append((other, judged))
                links[other].append((one, judged))
        return Group(frozenset(entries), links)

    def possible(self, group: Group) -> dict[int, Related]:
        """From the columns; where humans decided something, worked out now."""
        person = min(group.entries)
        if self._by_hand[person]:
            return super().possible(group)
        found: dict[int, Related] = {}
        asked = self.asked
        for at in self._asked_of.under(person).tolist():
            span = slice(asked.starts[at], asked.starts[at + 1])
            told = zip(asked.mates[span].tolist(), map(self.index.judged.__getitem__, asked.patterns[span].tolist()), strict=True)
            found[int(asked.entries[at])] = [(mate, judged) for mate, judged in told if judged is not None]
        return found

    def members(self, places: Collection[int] | None = None) -> Iterator[tuple[list[int], list[int]]]:
        """From the columns; what may belong to persons that humans decided about is worked out now."""
        starts, order, since, asked = self._columns
        firsts = order[starts[:-1]]
        wanted = np.arange(len(firsts)) if places is None else np.array(places)
        for part in chunks(len(wanted), _PIECE):
            at = wanted[part]
            spans = zip(
                firsts[at].tolist(), *(side[at + more].tolist() for side in (starts, since) for more in (0, 1)), strict=True
            )
            for first, start, end, begin, until in spans:
                possible = list(self.possible(self.group_of(first))) if self._by_hand[first] else asked[begin:until].tolist()
                yield order[start:end].tolist(), possible

    def lasting(self) -> Lasting | None:
        """Where the index knows such numbers; a person about whom humans decided is like nobody of another night."""
        numbered = self.index.numbered
        if numbered is None:
            return None
        starts, order, since, asked = self._columns
        numbers = np.where(self._by_hand, UNLIKE, numbered.numbers)
        return Lasting(Makeup.of((starts, numbers[order]), (since, numbered.numbers[asked])), numbered)

    @cached_property
    def _columns(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Where each person's entries start, the entries; where those that may be theirs start, these."""
        order = np.argsort(self.person, kind="stable")
        starts = np.append(np.unique(self.person[order], return_index=True)[1], len(order))
        since = np.append(np.searchsorted(self.asked.persons, self.person[order[starts[:-1]]]), len(self.asked.persons))
        return starts, order, since, self.asked.entries

    def _with_decisions(self) -> Ints:
        """The entries of which humans said something."""
        numbers = map(self.index.number_of, self._decisions.keys())
        return np.array([number for number in numbers if number is not None], np.int64)

    def _put_together(self, chain: Ints, apart: Ints) -> Ints:
        """For each entry the first one of its person: of a whole chain, unless something speaks against that."""
        person = chain.copy()
        for first in apart.tolist():
            for entry in self.index.chain(first):
                if entry not in self._groups:
                    self._settle(*self._around(entry))
        for entry, group in self._groups.items():
            person[entry] = min(group.entries)
        if not self._decisions:
            self._groups.clear()
        return person

    def _person_of_links(self) -> Ints:
        """For each pair that links two entries of one person that person, else -1."""
        pairs = self.index.pairs
        ours = self.person[pairs.ones]
        return np.where(pairs.links & (ours == self.person[pairs.others]), ours, -1)

    def _beside(self, touched: Ints) -> Ints:
        """The entries of persons who have something to do with the touched ones."""
        pairs = self.index.pairs
        near = np.concatenate([pairs.ones[touched[pairs.others]], pairs.others[touched[pairs.ones]]])
        return np.isin(self.person, self.person[near])

    def _face(self, number: int) -> Face:
        key = int(self._census.name[number]), int(self._census.birthday[number])
        if key not in self._known_faces:
            forms, birthdays = self._census.names.forms(key[0]), self._census.birthdays[key[1]]
            self._known_faces[key] = Face(frozenset(forms), frozenset(birthdays))
        return self._known_faces[key]
