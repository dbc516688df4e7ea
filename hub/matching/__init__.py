"""Who is the same person: find entries, put them together with evidence, and say what only a human can decide.

Pure: entries in, persons out. What comes out depends on the entries alone, never on their order or on the query.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from hub.machine.collecting import no_collecting
from hub.matching.decisions import NONE, Decisions
from hub.matching.engine import Engine
from hub.matching.groups import Group, Grouping, Related
from hub.matching.index import Index
from hub.matching.persons import Persons, name_of
from hub.matching.query import Query, Reading, hits
from hub.matching.relations import evidence, why
from hub.person import Evidence, Held, Member, Person, Verdict, handle_of

if TYPE_CHECKING:
    from connectors.contract import Needle
    from hub.matching.everyone import Everyone
    from hub.matching.others import Mention

__all__ = ["NONE", "Decisions", "Engine", "Index", "Matching", "Reading", "in_memory"]


DEFAULT = Engine()
"""The default, on DuckDB where it is worth it."""


class Matching:
    """All entries of all sources that answered, ready to be asked about persons."""

    def __init__(self, index: Index, region: str, decisions: Decisions = NONE, grouping: Grouping | None = None) -> None:
        self._index = index
        self._region = region
        self._decisions = decisions
        self._grouping = grouping or Grouping(index, decisions)

    def find(self, query: str) -> Sequence[Person]:
        """The persons a query means, the best first; entries the query itself hit come first in each."""
        with no_collecting():
            _, found = hits(Query(query, self._region), self._index)

        def person_of(group: Group) -> Person:
            ranks = {number: found.rank(number) for number in group.entries}
            return self._person(group, {number: rank for number, rank in ranks.items() if rank is not None})

        return Persons(map(self._grouping.group_of, found), person_of)

    def understood(self, query: str) -> Reading:
        """How `find` understood the query: an approximate reading may mean somebody else than was meant."""
        return hits(Query(query, self._region), self._index)[0]

    def person(self, handle: str, *, of_entry: bool = False) -> Person | None:
        """The person with that handle, if the entries still make one; `of_entry`: the handle that one of them alone would give."""
        for number in self._index.with_handle(handle):
            group = self._grouping.group_of(number)
            if of_entry or self._handle(group) == handle:
                return self._person(group, {})
        return None

    def everybody(self, engine: Engine = DEFAULT) -> tuple[Person, ...]:
        """Every person; each entry is a link of exactly one of them."""
        with no_collecting():
            return tuple(self._whole(engine)._everybody())  # noqa: SLF001  # it is one of us

    def persons(self, engine: Engine = DEFAULT) -> Everyone:
        """The same one by one and without the evidence: whoever asks about nobody in particular needs none."""
        from hub.matching.everyone import Everyone  # only a night asks

        whole = self._whole(engine)
        return Everyone(whole._index, whole._grouping)  # noqa: SLF001  # it is one of us

    def _whole(self, engine: Engine) -> Matching:
        """All entries at hand; of many every pair compared, where it can be gone on from the night before."""
        if engine.backend == "columns" and self._index.size >= engine.entries:
            with no_collecting():
                grouping = self._index.settled(self._decisions)
            if grouping:
                return Matching(grouping.index, self._region, self._decisions, grouping)
        return Matching(self._index.loaded(), self._region, self._decisions).resolved(engine)

    def _everybody(self) -> Iterator[Person]:
        return (self._person(group, {}) for group in self._groups())

    def resolved(self, engine: Engine) -> Matching:
        """The same entries with every pair compared, if they are many and at hand."""
        from hub.matching.memory import MemoryIndex

        index = self._index
        if index.size < engine.entries or not isinstance(index, MemoryIndex):
            return self
        with no_collecting():
            if engine.backend != "columns":
                from hub.matching import bulk  # loads Splink

                index.know(bulk.judged(index, engine))
                return self
            from hub.matching import night  # loads numpy and Arrow

            grouping = night.settled(index, self._decisions)
        return Matching(grouping.index, self._region, self._decisions, grouping)

    def with_ref(self, ref: str) -> tuple[Held, ...]:
        """The entries of any source that have this ref."""
        return tuple(self._index[number].held for number in self._index.with_ref(ref))

    def holding(self, keys: Iterable[tuple[str, str]]) -> Person | None:
        """The person one of whose sure entries is among these (source, ref) pairs; the first of them counts."""
        for number in map(self._index.number_of, keys):
            if number is not None:
                return self._person(self._grouping.group_of(number), {})
        return None

    def bearing(self, needles: Iterable[Needle]) -> tuple[Held, ...]:
        """The entries that bear one of these e-mails or phones."""
        identifiers = [(needle.kind, needle.value) for needle in needles if needle.kind in {"email", "phone"}]
        numbers = {number for identifier in identifiers for number in self._index.holders(identifier)}
        return tuple(self._index[number].held for number in self._index.in_order(numbers))

    def needles(self, links: Sequence[Held]) -> tuple[Needle, ...]:
        """The values of the person who has these entries that may be searched for and removed by value."""
        from hub.matching.needles import needles  # only an erase asks

        numbers = (self._index.number_of(held.key) for held in links)
        return needles([number for number in numbers if number is not None], self._index)

    def hints(self, links: Sequence[Held]) -> tuple[Needle, ...]:
        """What else may speak of the person who has these entries: it is looked for and reported, never removed by value."""
        from hub.matching.needles import hints

        numbers = (self._index.number_of(held.key) for held in links)
        return hints([number for number in numbers if number is not None], self._index)

    def mentions(self, text: str, links: Sequence[Held]) -> list[Mention]:
        """Where a text in NFC mentions somebody else than the person who has these entries."""
        from hub.matching.others import mentions  # only an export asks

        numbers = (self._index.number_of(held.key) for held in links)
        return mentions(text, {number for number in numbers if number is not None}, self._index, self._region)

    def _groups(self) -> Iterator[Group]:
        for number in self._index:
            group = self._grouping.group_of(number)
            if number == self._index.in_order(group.entries)[0]:
                yield group

    def _handle(self, group: Group) -> str:
        return handle_of(self._index[number].held.key for number in group.entries)

    def _person(self, group: Group, ranks: dict[int, int]) -> Person:
        numbers = sorted(self._index.in_order(group.entries), key=lambda number: (number not in ranks, ranks.get(number, 0)))
        links = [
            Member(self._index[number].held, Verdict.LINK, self._evidence(number, group.links[number], ranks))
            for number in numbers
        ]
        possible = [self._possible(number, related) for number, related in self._grouping.possible(group).items()]
        possible.sort(key=lambda member: member.held.key)
        facts = [self._index[number] for number in numbers]
        name = name_of([form for one in facts for form in one.forms], (one.entry for one in facts))
        return Person(self._handle(group), name, (*links, *possible))

    def _possible(self, number: int, related: Related) -> Member:
        reasons = [(judged.strength, why(judged, self._index.common(other, number))) for other, judged in related]
        return Member(self._index[number].held, Verdict.POSSIBLE, self._evidence(number, related, {}), max(reasons)[1])

    def _evidence(self, number: int, related: Related, hit: Mapping[int, int]) -> tuple[Evidence, ...]:
        """What speaks for an entry, first against the entries the query hit, the strongest first; nothing twice."""
        index = self._index
        ordered = sorted(related, key=lambda item: (item[0] not in hit, -item[1].strength, index[item[0]].held.key))
        found = (evidence(index[other], index[number], index.common(other, number), judged.levels) for other, judged in ordered)
        return tuple(dict.fromkeys(item for several in found for item in several))


def in_memory(held: Sequence[Held], region: str, decisions: Decisions = NONE) -> Matching:
    """The entries given, ready to be asked about persons."""
    from hub.matching.memory import MemoryIndex  # the mirror answers without

    return Matching(MemoryIndex(held, region), region, decisions)
