"""Put entries together into persons: along the links, strongest first, never across names or birthdays that conflict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product

from connectors.phrase import Phrase
from hub.matching.facts import Facts, birthdays_conflict
from hub.matching.index import Index
from hub.matching.names import Likeness, compare_all
from hub.matching.relations import Relation
from hub.person import Verdict

Related = list[tuple[int, Relation]]
"""Entries and their relation to one other entry, seen from them."""

_UNMERGED = Phrase("an e-mail, phone or number in common, but one of the two was found to belong together with somebody else")


@dataclass(frozen=True, slots=True)
class Group:
    """The entries of one person; `links` gives for each the entries it is linked with, seen from those."""

    entries: frozenset[int]
    links: dict[int, Related]


class Grouping:
    """The persons among all entries; each group is worked out when it is first asked for, and comes out the same."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._groups: dict[int, Group] = {}

    def group_of(self, number: int) -> Group:
        """The group an entry belongs to; alone, if nothing links it."""
        if number not in self._groups:
            entries, identifiers = self._index.neighbourhood(number)
            self._settle(entries, self._index.links(identifiers))
        return self._groups[number]

    def possible(self, group: Group) -> dict[int, Related]:
        """Entries that may be the person's too: each with its relations to entries of the group, seen from those."""
        found: dict[int, Related] = defaultdict(list)
        for number in self._index.in_order(group.entries):
            for other in self._index.in_order(self._index.candidates(number) - group.entries):
                relation = self._index.relation(number, other)
                if relation is not None and not relation.by_identifier:
                    relation = self._index.relation(number, other, self._against(group, self.group_of(other)))
                if relation is not None:
                    found[other].append((number, _as_question(relation)))
        return {other: relations for other, relations in found.items() if self._may_belong(other, relations, group)}

    def _against(self, ours: Group, theirs: Group) -> dict[str, str]:
        """What two persons are both known by and do not have in common."""
        known = [[self._index[number] for number in group.entries] for group in (ours, theirs)]
        differ = {}
        for kind, values in (("email", _emails), ("phone", _tails)):
            one, other = ({value for facts in some for value in values(facts)} for some in known)
            if one and other and not one & other:
                differ[kind] = "differ"
        return differ

    def _may_belong(self, other: int, relations: Related, group: Group) -> bool:
        """Whether neither a name in the group, nor what is known of a mere namesake, speaks against it."""
        ours = self._distinct(group.entries)
        if any(relation.by_identifier for _, relation in relations):
            theirs = self._distinct([other])
            return not any(_likeness(one, rival) is Likeness.CONFLICT for one, rival in product(ours, theirs))
        theirs = self._distinct(self.group_of(other).entries)
        return not any(
            _likeness(one, rival) is Likeness.CONFLICT or birthdays_conflict(one.birthdays, rival.birthdays)
            for one, rival in product(ours, theirs)
        )

    def _distinct(self, numbers: Iterable[int]) -> list[Facts]:
        """One entry for each different name and birthday among these."""
        return list({self._index[number].signature: self._index[number] for number in numbers}.values())

    def _settle(self, entries: set[int], links: dict[tuple[int, int], Relation]) -> None:
        """Merge along the links in order of strength and remember the groups of all these entries."""
        root = {number: number for number in entries}
        members = {number: {number} for number in entries}
        faces = {number: {self._index[number].signature: self._index[number]} for number in entries}
        place = {number: at for at, number in enumerate(self._index.in_order(entries))}
        for one, other in sorted(links, key=lambda pair: (-links[pair].strength, place[pair[0]], place[pair[1]])):
            keep, lose = sorted((root[one], root[other]), key=lambda number: (-len(members[number]), place[number]))
            if keep == lose or _forbidden(list(faces[keep].values()), list(faces[lose].values())):
                continue
            faces[keep] |= faces.pop(lose)
            members[keep] |= members[lose]
            for number in members.pop(lose):
                root[number] = keep
        related: dict[int, Related] = defaultdict(list)
        for (one, other), relation in links.items():
            if root[one] == root[other]:
                related[other].append((one, relation))
                related[one].append((other, relation.turned()))
        for numbers in members.values():
            group = Group(frozenset(numbers), {number: related[number] for number in numbers})
            self._groups.update(dict.fromkeys(numbers, group))


def _emails(facts: Facts) -> Iterable[str]:
    return facts.personal_emails


def _tails(facts: Facts) -> Iterable[str]:
    return facts.tails


def _forbidden(ours: Sequence[Facts], theirs: Sequence[Facts]) -> bool:
    """Whether two groups hold entries that cannot be one person, so that no chain of links may join them."""
    likenesses = {_likeness(one, other) for one, other in product(ours, theirs)}
    if Likeness.CONFLICT in likenesses or any(
        birthdays_conflict(one.birthdays, other.birthdays) for one, other in product(ours, theirs)
    ):
        return True
    # Only an entry that names the former name may join the names before and after a marriage.
    return bool(likenesses & {Likeness.UNCLEAR, Likeness.GENERATION}) and Likeness.FORMER not in likenesses


def _likeness(one: Facts, other: Facts) -> Likeness:
    return compare_all(one.forms, other.forms)


def _as_question(relation: Relation) -> Relation:
    """A link that was not followed, because one of the two belongs to somebody else's group, is a question."""
    if relation.verdict is Verdict.POSSIBLE:
        return relation
    return replace(relation, verdict=Verdict.POSSIBLE, why=_UNMERGED)
