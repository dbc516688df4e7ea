"""Put entries together into persons: along the links, strongest first, never across names or birthdays that conflict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import count, product
from typing import TYPE_CHECKING

from connectors._values import dataclass
from hub.matching.decisions import NONE, Decisions
from hub.matching.faces import Face
from hub.matching.facts import Facts, birthdays_conflict
from hub.matching.index import Index, Links
from hub.matching.names import FULL_NAME, Likeness
from hub.matching.relations import DECIDED, Judgement, judge

if TYPE_CHECKING:
    from hub.matching.night.makeup import Lasting

Related = list[tuple[int, Judgement]]
"""Entries and what was judged about them and one other entry."""


@dataclass(frozen=True, slots=True)
class Group:
    """The entries of one person; `links` gives for each the entries it is linked with."""

    entries: frozenset[int]
    links: dict[int, Related]


class Grouping:
    """The persons among all entries; each group is worked out when it is first asked for, and comes out the same."""

    def __init__(self, index: Index, decisions: Decisions = NONE) -> None:
        self._index = index
        self._decisions = decisions
        self._groups: dict[int, Group] = {}

    def group_of(self, number: int) -> Group:
        """The group an entry belongs to; alone, if nothing links it."""
        if number not in self._groups:
            entries, links = self._around(number)
            self._settle(entries, links)
        return self._groups[number]

    def possible(self, group: Group) -> dict[int, Related]:
        """Entries that may be the person's too: each with what was judged about it and entries of the group."""
        found: dict[int, Related] = defaultdict(list)
        for number in self._index.in_order(group.entries):
            for other in self._index.in_order(self._index.candidates(number) - group.entries):
                levels = self._index.levels(number, other)
                judged = judge(levels, self._index.size)
                if judged is not None and not judged.by_identifier:
                    judged = judge(levels.filled(self._against(group, self.group_of(other))), self._index.size)
                if judged is not None:
                    found[other].append((number, judged))
        return {other: related for other, related in found.items() if self._may_belong(other, related, group)}

    def members(self, places: Collection[int] | None = None) -> Iterator[tuple[list[int], list[int]]]:
        """For each person, in the order of their first entries, these entries and those that may be theirs too.

        `places` are those of the persons who are wanted, all by default.
        """
        coming = count()
        for number in self._index:
            group = self.group_of(number)
            entries = self._index.in_order(group.entries)
            if number == entries[0] and (places is None or next(coming) in places):
                yield entries, list(self.possible(group))

    def lasting(self) -> Lasting | None:
        """Of which entries everybody is made, where these keep their numbers from night to night."""
        return None

    def _against(self, ours: Group, theirs: Group) -> dict[str, str]:
        """What two persons are both known by and do not have in common."""
        differ = {}
        for kind, values in _KNOWN_BY:
            one, other = (
                {value for number in group.entries for value in values(self._index[number])} for group in (ours, theirs)
            )
            if one and other and not one & other:
                differ[kind] = "differ"
        born = [{birthday for number in group.entries for birthday in self._index[number].birthdays} for group in (ours, theirs)]
        if birthdays_conflict(*born):
            differ["birthday"] = "differ"
        return differ

    def _may_belong(self, other: int, related: Related, group: Group) -> bool:
        """Whether neither a human, nor a name in the group, nor what is known of a mere namesake, speaks against it."""
        rest = self.group_of(other).entries
        if self._parted(group.entries, rest):
            return False
        ours, theirs = self._faces(group.entries), self._faces(rest)
        bridges = [face for face in ours | theirs if face.decided]
        if any(judged.by_identifier for _, judged in related):
            pairs = product(ours, self._faces([other]))
            return not any(one.names_conflict(rival, certain=True) for one, rival in pairs if not _bridged(one, rival, bridges))
        return not any(one.names_conflict(rival) for one, rival in product(ours, theirs) if not _bridged(one, rival, bridges))

    def _parted(self, ours: Iterable[int], theirs: Iterable[int]) -> bool:
        """Whether a human said of an entry here and one there that they are of two people."""
        if not self._decisions:
            return False
        keys = {self._index[number].held.key for number in theirs}
        return any(not keys.isdisjoint(self._decisions.different(self._index[number].held.key)) for number in ours)

    def _face(self, number: int) -> Face:
        facts = self._index[number]
        return Face(frozenset(facts.forms), frozenset(facts.birthdays))

    def _faces(self, numbers: Iterable[int]) -> set[Face]:
        """What these entries look like, each once; those that a human put together look like one."""
        if not self._decisions:
            return {self._face(number) for number in numbers}
        wanted = set(numbers)
        faces = set()
        while wanted:
            together = self._decided({wanted.pop()}) & {*numbers}
            wanted -= together
            faces.add(_joined(self._face(number) for number in together))
        return faces

    def _decided(self, numbers: set[int]) -> set[int]:
        """These entries and all that humans said are of the same persons."""
        found, waiting = set(numbers), list(numbers)
        while waiting:
            for key in self._decisions.same(self._index[waiting.pop()].held.key):
                other = self._index.number_of(key)
                if other is not None and other not in found:
                    found.add(other)
                    waiting.append(other)
        return found

    def _around(self, number: int) -> tuple[set[int], Links]:
        """All entries that links may join with this one, and the links; the same from each of them."""
        entries, links = self._index.component(number)
        if not self._decisions:
            return entries, links
        while more := self._decided(entries) - entries:
            for other in more:
                fresh, others = self._index.component(other)
                entries, links = entries | fresh, links | others
        numbers = {self._index[item].held.key: item for item in entries}
        for key, item in numbers.items():
            for partner in self._decisions.same(key) & numbers.keys():
                links[min(item, numbers[partner]), max(item, numbers[partner])] = DECIDED
        return entries, links

    def _settle(self, entries: set[int], links: Links) -> None:
        """Merge along the links in order of strength and remember the groups of all these entries."""
        root = {number: number for number in entries}
        members = {number: {number} for number in entries}
        place = {number: at for at, number in enumerate(self._index.in_order(entries))}
        for pair in sorted(links, key=lambda pair: (-links[pair].strength, *sorted((place[pair[0]], place[pair[1]])))):
            keep, lose = sorted((root[number] for number in pair), key=lambda number: (-len(members[number]), place[number]))
            if keep == lose or self._forbidden(members[keep], members[lose], links[pair]):
                continue
            members[keep] |= members[lose]
            for number in members.pop(lose):
                root[number] = keep
        related: dict[int, Related] = defaultdict(list)
        for (one, other), judged in links.items():
            if root[one] == root[other]:
                related[other].append((one, judged))
                related[one].append((other, judged))
        for numbers in members.values():
            group = Group(frozenset(numbers), {number: related[number] for number in numbers})
            self._groups.update(dict.fromkeys(numbers, group))

    def _forbidden(self, ours: set[int], theirs: set[int], judged: Judgement) -> bool:
        """Whether two groups hold entries that cannot be one person, so that no chain of links may join them."""
        if self._parted(ours, theirs):
            return True
        return judged is not DECIDED and _excluded(
            self._faces(ours), self._faces(theirs), renamed=judged.levels.name == "renamed"
        )


def _excluded(ours: set[Face], theirs: set[Face], *, renamed: bool) -> bool:
    """Whether two groups are of two people by their names and birthdays; `renamed`: what joins them says that a name was changed."""
    bridges = [face for face in ours | theirs if face.decided]
    pairs = [pair for pair in product(ours, theirs) if not _bridged(*pair, bridges)]
    if any(one.conflicts(other) for one, other in pairs):
        return True
    likenesses = {pair: pair[0].likeness(pair[1]) for pair in pairs}
    # An entry that names the former name joins the names before and after a marriage.
    if Likeness.FORMER in likenesses.values():
        return False
    unclear = [pair for pair, likeness in likenesses.items() if likeness is Likeness.UNCLEAR and not renamed]
    return Likeness.GENERATION in likenesses.values() or not all(_explained(*pair, ours, theirs) for pair in unclear)


def _explained(one: Face, other: Face, ours: set[Face], theirs: set[Face]) -> bool:
    """Whether one of two groups, of which one has each of these names, has the other name too."""
    return any(face.likeness(other) in FULL_NAME for face in ours) or any(face.likeness(one) in FULL_NAME for face in theirs)


def _bridged(one: Face, other: Face, bridges: Sequence[Face]) -> bool:
    """Whether both agree with somebody of whom a human knows that she is called the one and the other."""
    return any(not bridge.conflicts(one) and not bridge.conflicts(other) for bridge in bridges)


def _joined(faces: Iterable[Face]) -> Face:
    several = list(faces)
    return Face(
        frozenset(form for face in several for form in face.forms),
        frozenset(birthday for face in several for birthday in face.birthdays),
        len(several) > 1,
    )


def _emails(facts: Facts) -> Iterable[str]:
    return facts.personal_emails


def _tails(facts: Facts) -> Iterable[str]:
    return facts.tails


_KNOWN_BY: Sequence[tuple[str, Callable[[Facts], Iterable[str]]]] = (("email", _emails), ("phone", _tails))
