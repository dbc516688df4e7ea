"""How well entries were put together, against the truth: `python -m tests.bench.quality COUNT [SEED]`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from hub.matching import in_memory
from hub.person import Person
from tests.bench.registers import Habits, Made, careless, registers


@dataclass(frozen=True, slots=True)
class Quality:
    """Pairs found and right, B-cubed F1, and of 1,000 persons erased, how often an entry of somebody else would go too."""

    precision: float
    recall: float
    cubed: float
    harm: float

    @property
    def f1(self) -> float:
        """Precision and recall of the pairs in one figure."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def __str__(self) -> str:
        return f"P {self.precision:.4f}  R {self.recall:.3f}  F1 {self.f1:.3f}  B3 {self.cubed:.3f}  harm {self.harm:.1f}"


def quality(found: Sequence[Hashable], truth: Sequence[Hashable]) -> Quality:
    """Compare two ways of putting the same entries together: a label for each entry."""
    cells = Counter(zip(found, truth, strict=True))
    ours, theirs = Counter(found), Counter(truth)
    right = _pairs(cells.values())
    precision = right / max(1, _pairs(ours.values()))
    recall = right / max(1, _pairs(theirs.values()))
    pure = sum(count * count / ours[label] for (label, _), count in cells.items()) / len(truth)
    whole = sum(count * count / theirs[label] for (_, label), count in cells.items()) / len(truth)
    best: dict[Hashable, tuple[int, int]] = {}
    for (label, person), count in cells.items():
        best[person] = max(best.get(person, (0, 0)), (count, count - ours[label]))
    harmed = sum(strangers < 0 for _, strangers in best.values())
    return Quality(precision, recall, 2 * pure * whole / (pure + whole), 1000 * harmed / len(best))


def _pairs(counts: Iterable[int]) -> int:
    return sum(count * (count - 1) // 2 for count in counts)


def labels(persons: Iterable[Person], made: Sequence[Made], *, possible: bool) -> list[int]:
    """A label for each entry: its person, or with `possible` all persons joined who share a question."""
    number_of = {item.held.key: number for number, item in enumerate(made)}
    pairs = []
    for person in persons:
        members = [number_of[member.held.key] for member in (person.members if possible else person.links)]
        pairs += [(members[0], other) for other in members]
    return joined(len(made), pairs)


def joined(count: int, pairs: Iterable[tuple[int, int]]) -> list[int]:
    """A label for each of so many entries, the same for those that pairs connect."""
    root = list(range(count))

    def find(number: int) -> int:
        while root[number] != number:
            root[number] = root[root[number]]
            number = root[number]
        return number

    for one, other in pairs:
        root[find(other)] = find(one)
    return [find(number) for number in range(count)]


def main() -> None:
    """Measure the rules on registers of that many entries."""
    count, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    for name, habits in (("usual", Habits()), ("careless", careless(Habits()))):
        made = list(registers(count, seed, habits))
        persons = in_memory([item.held for item in made], "FI").everybody()
        for tier in (False, True):
            score = quality(labels(persons, made, possible=tier), [item.person for item in made])
            print(f"{count:>8} {name:8} {'link+possible' if tier else 'link':13} {score}", flush=True)


if __name__ == "__main__":
    main()
