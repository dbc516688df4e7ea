"""What an entry looks like: whether two can be of one person at all. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

from connectors._values import dataclass
from hub.matching.facts import Birthday, birthdays_conflict
from hub.matching.names import Likeness, NameForm, compare_all, surely_two


@dataclass(frozen=True, slots=True)
class Face:
    """What decides whether an entry, or several that a human put together, can be somebody's: names and birthdays."""

    forms: frozenset[NameForm]
    birthdays: frozenset[Birthday]
    decided: bool = False
    """Whether a human put several entries together, whose names and birthdays may differ."""

    def likeness(self, other: Face) -> Likeness:
        """How the closest of their names relate."""
        return compare_all(tuple(self.forms), tuple(other.forms))

    def conflicts(self, other: Face) -> bool:
        """Whether nothing but a human may put them together: their names or birthdays conflict, whatever else they share."""
        return self.likeness(other) is Likeness.CONFLICT or birthdays_conflict(self.birthdays, other.birthdays)

    def names_conflict(self, other: Face, *, certain: bool = False) -> bool:
        """Whether the names are of two people; `certain`, or on one full birthday: beyond doubt."""
        if self.likeness(other) is not Likeness.CONFLICT:
            return False
        born = {birthday for birthday in self.birthdays & other.birthdays if birthday[0]}
        return not (born or certain) or surely_two(self.forms, other.forms)


def led(ordered: Sequence[int], signature: Callable[[int], object]) -> Iterator[tuple[int, int]]:
    """Of many holders of one identifier the pairs to compare: each with the first that looks the same, and these with each other."""
    first: dict[object, int] = {}
    for number in ordered:
        leader = first.setdefault(signature(number), number)
        if leader != number:
            yield leader, number
    yield from combinations(first.values(), 2)
