"""The persons among all entries, put together on columns; where names or humans speak against it, by `Grouping` itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hub.matching.facts import Birthday, birthdays_conflict
from hub.matching.night.arrays import Feature, Ints, chunks, distinct, joined, pairs_within, spread, unique
from hub.matching.night.census import Census, Faces
from hub.matching.night.judging import Pairs
from hub.matching.night.levels import Judged, filled
from hub.matching.night.names import LEVELS

_APART = np.array([level in ("conflict", "differ", "akin", "unclear", "generation") for level in LEVELS])
"""Levels of names on which `Grouping` may refuse to join two entries of a chain."""

_LARGE = 40
"""A chain of more different faces is left to `Grouping`, which looks at them as it goes."""


@dataclass(slots=True, repr=False)
class Asked:
    """Entries that may be somebody's too: for each the person (by the first entry), the entry, and the pairs that say so."""

    persons: Ints
    entries: Ints
    starts: Ints
    mates: Ints
    """The person's entries that were compared with it, and the patterns."""
    patterns: Ints


def chains(census: Census, pairs: Pairs) -> Ints:
    """For each entry the first of all that links connect it with."""
    return joined(census.size, pairs.ones[pairs.links], pairs.others[pairs.links])


def troubled(census: Census, faces: Faces, chain: Ints) -> Ints:
    """The chains (by their first entries) in which some two entries should perhaps not be one person."""
    sizes = np.bincount(chain, minlength=census.size)
    entries = np.flatnonzero(sizes[chain] > 1)
    once, _ = distinct(chain[entries], census.name[entries], census.birthday[entries])
    entries = entries[once]
    faces_of = np.bincount(chain[entries], minlength=census.size)
    bad = [np.flatnonzero(faces_of > _LARGE)]
    entries = entries[faces_of[chain[entries]] <= _LARGE]
    for ones, others in pairs_within(chain[entries], entries):
        levels = census.names.levels(census.name[ones], census.name[others])
        apart = _APART[levels] | (faces.conflict(census.birthday[ones], census.birthday[others]) > 0)
        bad.append(unique(chain[ones[apart]]))
    return unique(np.concatenate(bad))


class Possible:
    """Which entries may belong to which persons too, as `Grouping.possible` says it."""

    def __init__(self, census: Census, faces: Faces, judged: Judged, person: Ints) -> None:
        self._census = census
        self._faces = faces
        self._judged = judged
        self._person = person
        self._born: dict[int, set[Birthday]] | None = None
        once, _ = distinct(person, census.name, census.birthday)
        once = once[np.argsort(person[once], kind="stable")]
        self._face_of = once
        self._faces_at = np.searchsorted(person[once], np.arange(census.size + 1))

    def among(self, pairs: Pairs) -> Asked:
        """Of these pairs."""
        person = self._person
        apart = person[pairs.ones] != person[pairs.others]
        ones, others, patterns = pairs.ones[apart], pairs.others[apart], pairs.patterns[apart]
        patterns = self._with_what_differs(ones, others, patterns)
        worth = self._judged.are(patterns, lambda _: True)
        ones, others, patterns = ones[worth], others[worth], patterns[worth]
        # Each pair is seen from both sides.
        mates, entries = np.concatenate([ones, others]), np.concatenate([others, ones])
        patterns = np.concatenate([patterns, patterns])
        order = np.lexsort((mates, entries, person[mates]))
        mates, entries, patterns = mates[order], entries[order], patterns[order]
        persons = person[mates]
        new = np.ones(len(mates), bool)
        new[1:] = (persons[1:] != persons[:-1]) | (entries[1:] != entries[:-1])
        starts = np.append(np.flatnonzero(new), len(mates))
        known = self._judged.are(patterns, lambda item: item.by_identifier)
        identified = np.logical_or.reduceat(known, starts[:-1]) if len(mates) else known
        asked = Asked(persons[starts[:-1]], entries[starts[:-1]], starts, mates, patterns)
        return _only(asked, self._may_belong(asked.persons, asked.entries, identified))

    def _with_what_differs(self, ones: Ints, others: Ints, patterns: Ints) -> Ints:
        """Where no identifier speaks for it: what both persons are known by and do not have in common speaks against it."""
        patterns = patterns.copy()
        at = np.flatnonzero(~self._judged.are(patterns, lambda item: item.by_identifier))
        for kind, known in self._census.known_by.items():
            of_person = Feature.of(self._person[known.owners], known.items, self._census.size, known.kinds)
            ours, theirs = self._person[ones[at]], self._person[others[at]]
            both = (of_person.counts[ours] > 0) & (of_person.counts[theirs] > 0)
            common = of_person.common(np.ones(known.kinds, np.uint8), ours, theirs) > 0
            differ = at[both & ~common]
            patterns[differ] = filled(patterns[differ], kind)
        at = at[self._born_apart(self._person[ones[at]], self._person[others[at]])]
        patterns[at] = filled(patterns[at], "birthday")
        return patterns

    def _born_apart(self, ones: Ints, others: Ints) -> Ints:
        """Whether the birthdays of these persons conflict."""
        if self._born is None:
            self._born = {}
            for entry in np.flatnonzero(self._census.birthday).tolist():
                days = self._census.birthdays[self._census.birthday[entry]]
                self._born.setdefault(int(self._person[entry]), set()).update(days)
        found = np.zeros(len(ones), bool)
        if self._born:
            there = np.zeros(self._census.size, bool)
            there[list(self._born)] = True
            for place in np.flatnonzero(there[ones] & there[others]).tolist():
                found[place] = birthdays_conflict(self._born[int(ones[place])], self._born[int(others[place])])
        return found

    def _may_belong(self, persons: Ints, entries: Ints, identified: Ints) -> Ints:
        """As `Grouping` decides it, of persons about whom no human decided anything."""
        may = np.ones(len(persons), bool)
        for part in chunks(len(persons), 200_000):
            places = np.arange(part.start, part.stop)
            self._refuse(places[identified[part]], persons, entries, may, certain=True)
            self._refuse(places[~identified[part]], persons, entries, may, certain=False)
        return may

    def _refuse(self, places: Ints, persons: Ints, entries: Ints, may: Ints, *, certain: bool) -> None:
        """Note which of these a face of the person speaks against."""
        starts = self._faces_at
        which, at = spread(starts[persons[places]], starts[persons[places] + 1])
        ours, places = self._face_of[at], places[which]
        if certain:
            theirs = entries[places]
        else:
            rest = self._person[entries[places]]
            which, at = spread(starts[rest], starts[rest + 1])
            ours, theirs, places = ours[which], self._face_of[at], places[which]
        census, faces = self._census, self._faces
        levels = census.names.levels(census.name[ours], census.name[theirs])
        if certain:
            against = levels == LEVELS.index("conflict")
        else:
            against = faces.names_conflict(levels, census.birthday[ours], census.birthday[theirs])
        may[places[against]] = False


def _only(asked: Asked, wanted: Ints) -> Asked:
    counts = np.diff(asked.starts)
    keep = np.repeat(wanted, counts)
    starts = np.append(0, np.cumsum(counts[wanted]))
    return Asked(asked.persons[wanted], asked.entries[wanted], starts, asked.mates[keep], asked.patterns[keep])
