"""Who is the same person: find entries, put them together with evidence, and say what only a human can decide.

Pure: entries in, persons out. What comes out depends on the entries alone, never on their order or on the query.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.contract import Needle
from hub.matching.facts import Facts
from hub.matching.groups import Group, Grouping, Related
from hub.matching.index import Index
from hub.matching.needles import needles as _needles
from hub.matching.query import Query, Reading, hits
from hub.normalise import display_name
from hub.person import Evidence, Held, Member, Person, Verdict, handle_of

__all__ = ["Matching", "Reading"]


class Matching:
    """All entries of all sources that answered, ready to be asked about persons."""

    def __init__(self, held: Sequence[Held], region: str) -> None:
        self._facts = [Facts(item, region) for item in _in_order(held)]
        self._region = region
        self._index = Index(self._facts)
        self._grouping = Grouping(self._index)
        self._numbers = {facts.held.key: number for number, facts in enumerate(self._facts)}

    def find(self, query: str) -> tuple[Person, ...]:
        """The persons a query means, the best first; entries the query itself hit come first in each."""
        _, ranks = hits(Query(query, self._region), self._index)
        groups = {self._grouping.group_of(number).entries: self._grouping.group_of(number) for number in ranks}
        found = []
        for group in groups.values():
            own = {number: ranks[number] for number in group.entries if number in ranks}
            person = self._person(group, own)
            found.append((min(own.values()), -len(own), person.name.casefold(), person.handle, person))
        return tuple(person for *_, person in sorted(found, key=lambda item: item[:4]))

    def understood(self, query: str) -> Reading:
        """How `find` understood the query: an approximate reading may mean somebody else than was meant."""
        return hits(Query(query, self._region), self._index)[0]

    def person(self, handle: str) -> Person | None:
        """The person with that handle, if the entries still make one."""
        for group in self._groups():
            if self._handle(group) == handle:
                return self._person(group, {})
        return None

    def everybody(self) -> tuple[Person, ...]:
        """Every person; each entry is a link of exactly one of them."""
        return tuple(self._person(group, {}) for group in self._groups())

    def needles(self, links: Sequence[Held]) -> tuple[Needle, ...]:
        """The values of the person who has these entries that may be searched for and removed by value."""
        return _needles([self._numbers[held.key] for held in links if held.key in self._numbers], self._index)

    def _groups(self) -> Iterator[Group]:
        for number in range(len(self._facts)):
            group = self._grouping.group_of(number)
            if number == min(group.entries):
                yield group

    def _handle(self, group: Group) -> str:
        return handle_of(self._facts[number].held.key for number in group.entries)

    def _person(self, group: Group, ranks: dict[int, int]) -> Person:
        numbers = sorted(group.entries, key=lambda number: (number not in ranks, ranks.get(number, 0), number))
        links = [Member(self._facts[number].held, Verdict.LINK, _evidence(group.links[number], ranks)) for number in numbers]
        possible = [self._possible(number, related) for number, related in self._grouping.possible(group).items()]
        possible.sort(key=lambda member: member.held.key)
        return Person(self._handle(group), self._name(numbers), (*links, *possible))

    def _possible(self, number: int, related: Related) -> Member:
        strongest = max((relation for _, relation in related), key=lambda relation: (relation.strength, relation.why))
        return Member(self._facts[number].held, Verdict.POSSIBLE, _evidence(related, {}), strongest.why)

    def _name(self, numbers: Sequence[int]) -> str:
        """The fullest name in reading order; without any, what the first entry shows."""
        forms = [form for number in numbers for form in self._facts[number].forms]
        if forms:
            best = max(forms, key=lambda form: (len(form.words) > 1, form.name.known, not form.long, forms.count(form)))
            return best.name.display
        fields = [item for number in numbers for item in self._facts[number].entry.fields]
        for kind in ("email", "company", "phone"):
            for item in fields:
                if item.kind == kind:
                    return display_name(item.value)
        return display_name(fields[0].value) if fields else ""


def _in_order(held: Sequence[Held]) -> list[Held]:
    """The entries in an order that does not depend on how they were listed."""
    ordered = sorted(held, key=lambda item: item.key)
    if len({item.key for item in ordered}) < len(ordered):
        # No two entries of a source should have one ref; if they do, what they hold decides.
        ordered.sort(key=lambda item: (*item.key, [(field.kind, field.value) for field in item.entry.fields]))
    return ordered


def _evidence(related: Related, hit: dict[int, int]) -> tuple[Evidence, ...]:
    """What speaks for an entry, first against the entries the query hit, the strongest first; nothing twice."""
    ordered = sorted(related, key=lambda item: (item[0] not in hit, -item[1].strength, item[0]))
    return tuple(dict.fromkeys(evidence for _, relation in ordered for evidence in relation.evidence))
