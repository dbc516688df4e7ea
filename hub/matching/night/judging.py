"""Every pair of entries that is a link, or a question, or may be one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from hub.machine.workers import beside
from hub.matching import model
from hub.matching.faces import led
from hub.matching.index import MANY
from hub.matching.night import pairs
from hub.matching.night.arrays import Ints, unique
from hub.matching.night.census import CROWDED, IDENTIFIERS, SHARED, Census, Faces
from hub.matching.night.levels import Comparing, Judged
from hub.person import Verdict

_PIECE = 700_000
"""So many pairs are looked at by one thread while the next ones are looked for."""


@dataclass(slots=True, repr=False)
class Pairs:
    """Pairs, the smaller entry first, in rising order, with their patterns."""

    ones: Ints
    others: Ints
    patterns: Ints
    links: Ints
    """Which of them may put entries together."""


@dataclass(slots=True, repr=False)
class Looked:
    """The pairs about which there is something to say: each as one number, in rising order, and its pattern."""

    both: Ints
    """The smaller entry times the number of all, and the greater."""
    patterns: Ints
    seen: Ints
    """Every pattern that came up, whether there is anything to say or not."""

    def sides(self, size: int) -> tuple[Ints, Ints]:
        """The smaller and the greater entry of each."""
        ones, others = np.divmod(self.both, max(1, size))
        return ones, others

    def beside(self, both: Ints, patterns: Ints, seen: Ints) -> Looked:
        """These and others."""
        both, patterns = np.concatenate([self.both, both]), np.concatenate([self.patterns, patterns])
        order = np.argsort(both)
        return Looked(both[order], patterns[order], unique(np.concatenate([self.seen, seen])))


_NOTHING = Looked(*(np.empty(0, np.int64) for _ in range(3)))


def looked_at(census: Census, faces: Faces, judged: Judged, dirty: Ints | None = None) -> Looked:
    """Look at every pair that meets, or only at those with a dirty entry, and keep those about which there is something to say."""
    comparing = Comparing(census, faces)

    def look(both: Ints) -> Looked:
        at, patterns = comparing.patterns(*np.divmod(both, max(1, census.size)))
        worth = judged.are(patterns, lambda _: True)
        return Looked(both[at[worth]], patterns[worth], unique(patterns))

    found = [_NOTHING, *beside(look, _pieces(census, dirty))]
    both, first = np.unique(np.concatenate([part.both for part in found]), return_index=True)
    patterns = np.concatenate([part.patterns for part in found])[first]
    return Looked(both, patterns, unique(np.concatenate([part.seen for part in found])))


def pairs_of(census: Census, judged: Judged, looked: Looked) -> Pairs:
    """These pairs, and which of them link."""
    ones, others = looked.sides(census.size)
    return Pairs(ones, others, looked.patterns, _links(census, judged, ones, others, looked.patterns))


def _pieces(census: Census, dirty: Ints | None) -> Iterable[Ints]:
    """The pairs that meet as one number each, in pieces in which no pair comes twice."""
    waiting: list[Ints] = []
    amount = 0
    for met in (pairs.met(census, dirty), pairs.of_many(census, dirty)):
        for ones, others in met:
            both = ones.astype(np.int64) * census.size + others
            waiting.append(both if dirty is None else both[dirty[ones] | dirty[others]])
            amount += len(waiting[-1])
            if amount > _PIECE:
                yield unique(np.concatenate(waiting))
                waiting, amount = [], 0
    if waiting:
        yield unique(np.concatenate(waiting))


def _links(census: Census, judged: Judged, ones: Ints, others: Ints, patterns: Ints) -> Ints:
    """Which pairs link: of the many who share an identifier of their own only those that `led` names."""
    found = judged.are(patterns, lambda item: item.verdict is Verdict.LINK)
    desks = found & judged.are(patterns, lambda item: model.are_at_one_desk(item.levels))
    for place in np.flatnonzero(desks).tolist():
        found[place] = not any(census.is_of_family_firm(int(entry)) for entry in (ones[place], others[place]))
    at = np.flatnonzero(found & ~desks & ~judged.are(patterns, lambda item: item.levels.birthday in ("same", "day")))
    few = np.zeros(len(at), bool)
    led_pairs: set[tuple[int, int]] = set()
    for kind in IDENTIFIERS:
        identifier = census.identifiers[kind]
        own = identifier.marks & (SHARED | CROWDED) == 0
        marks = (own & (identifier.holders <= MANY)).astype(np.uint8)
        few |= identifier.has.common(marks, ones[at], others[at]) > 0
        many = own & (identifier.holders > MANY)
        if many.any():
            has = identifier.has.kept(many)
            owners, items = has.owners, has.items
            for item in np.flatnonzero(many).tolist():
                led_pairs.update(
                    led(owners[items == item].tolist(), lambda number: (census.look[number], census.birthday[number]))
                )
    for place in np.flatnonzero(~few).tolist():
        found[at[place]] = (int(ones[at[place]]), int(others[at[place]])) in led_pairs
    return found
