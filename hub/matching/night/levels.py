"""How pairs of entries compare, as `evidence.compare` says it, for many pairs at once; each way to compare is judged once."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from math import prod

import numpy as np
import pyarrow as pa

from hub.matching import model
from hub.matching.evidence import HOUSEHOLDS, are_renamed
from hub.matching.facts import near_places
from hub.matching.model import RAREST, Levels
from hub.matching.night.arrays import Feature, Ints, chunks, coded, spread
from hub.matching.night.census import CROWDED, FEW, HOUSEHOLD, MANY, OWN, SHARED, Census, Faces
from hub.matching.night.names import LEVELS
from hub.matching.relations import Judgement, judge

_TOLD: dict[str, tuple[str, ...]] = {name: ("", *model.levels_of(name)) for name in model.COMPARISONS} | {
    "name": (*LEVELS, "firm", "renamed")
}
"""The levels of each comparison; a pattern is one of each, and the rarity, as one number."""

_RARITIES = RAREST[1] - RAREST[0] + 1
_SIZES = [len(told) for told in _TOLD.values()]


def number_of(levels: Levels) -> int:
    """The pattern of these levels."""
    number = 0
    for name, told in _TOLD.items():
        number = number * len(told) + told.index(getattr(levels, name))
    return number * _RARITIES + levels.rarity - RAREST[0]


def levels_of(pattern: int) -> Levels:
    """The levels of a pattern."""
    number, rarity = divmod(pattern, _RARITIES)
    found = {}
    for name, told in reversed(_TOLD.items()):
        number, place = divmod(number, len(told))
        found[name] = told[place]
    return Levels(rarity=rarity + RAREST[0], **found)


class Judged:
    """What the model says about each pattern; each is asked once."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._known: dict[int, Judgement | None] = {}

    def __getitem__(self, pattern: int) -> Judgement | None:
        if pattern not in self._known:
            self._known[pattern] = judge(levels_of(pattern), self._size)
        return self._known[pattern]

    def are(self, patterns: Ints, asked: Callable[[Judgement], bool]) -> Ints:
        """For each pattern whether there is a judgement, and one of which this holds."""
        place, which = coded(patterns)
        told = [judged is not None and asked(judged) for judged in map(self.__getitem__, patterns[place].tolist())]
        return np.array(told, bool)[which]


class Comparing:
    """Compares pairs of entries of one census."""

    def __init__(self, census: Census, faces: Faces) -> None:
        self._census = census
        self._faces = faces
        self._hopeless = np.array([model.is_hopeless(level) for level in LEVELS])

    def patterns(self, ones: Ints, others: Ints) -> tuple[Ints, Ints]:
        """The places of those pairs whose names do not rule out everything, and their patterns."""
        census = self._census
        names = census.names.levels(census.name[ones], census.name[others]).astype(np.int64)
        at = np.flatnonzero(~self._hopeless[names])
        ones, others, names = ones[at], others[at], names[at]
        found = np.empty(len(at), np.int64)
        for part in chunks(len(at)):
            found[part] = self._patterns(ones[part], others[part], names[part])
        return at, found

    def _patterns(self, ones: Ints, others: Ints, names: Ints) -> Ints:
        census = self._census
        nameless = names == LEVELS.index("nameless")
        number = np.where(nameless & (census.of_company[ones] | census.of_company[others]), _TOLD["name"].index("firm"), names)
        number = np.where(self._renamed(ones, others, names), _TOLD["name"].index("renamed"), number)
        columns = [
            *(self._identifier(kind, ones, others) for kind in ("email", "phone", "customer_number")),
            self._company(ones, others),
            self._address(ones, others),
            self._birthday(ones, others),
        ]
        for size, column in zip(_SIZES[1:], columns, strict=True):
            number = number * size + column
        rarity = np.maximum(census.rarity[census.name[ones]], census.rarity[census.name[others]])
        return number * _RARITIES + rarity - RAREST[0]

    def _renamed(self, ones: Ints, others: Ints, names: Ints) -> Ints:
        """As `are_renamed`, of the few pairs of which it may be so."""
        census = self._census
        email = census.identifiers["email"]
        found = np.zeros(len(ones), bool)
        at = np.flatnonzero(names == LEVELS.index("unclear"))
        own = (email.marks & OWN > 0).astype(np.uint8)
        for place in at[email.has.common(own, ones[at], others[at]) > 0].tolist():
            one, other = int(ones[place]), int(others[place])
            both = _common(email.has, one, other)
            forms = [census.names.forms(int(census.name[entry])) for entry in (one, other)]
            found[place] = any(are_renamed(key, *forms) for key in email.keys.take(both[own[both] > 0]).to_pylist())
        return found

    def _identifier(self, kind: str, ones: Ints, others: Ints) -> Ints:
        identifier = self._census.identifiers[kind]
        marks = identifier.has.common(identifier.marks, ones, others)
        differ = identifier.both[ones] & identifier.both[others] & (marks & CROWDED == 0)
        households = {HOUSEHOLDS[kind][0]: marks & HOUSEHOLD > 0} if kind in HOUSEHOLDS else {}
        return _chosen(kind, own=marks & OWN > 0, **households, shared=marks & SHARED > 0, differ=differ)

    def _company(self, ones: Ints, others: Ints) -> Ints:
        census = self._census
        marks = self._common("firms", ones, others)
        differ = census.companied[ones] & census.companied[others]
        return _chosen("company", few=marks & FEW > 0, many=marks & MANY > 0, differ=differ)

    def _address(self, ones: Ints, others: Ints) -> Ints:
        places, flats, postcodes, cities = (
            self._common(kind, ones, others) for kind in ("places", "flats", "postcodes", "cities")
        )
        both_postcodes = self._both("postcodes", ones, others)
        neighbours = self._both("flats", ones, others) & (flats == 0)
        town = self._nearly_meet("cities", ones, others, cities == 0)
        here = (places > 0) & ~(both_postcodes & (postcodes == 0) & (cities == 0) & ~town)
        near = ((postcodes > 0) | (cities > 0)) & ~here
        street = self._nearly_meet("streets", ones, others, near)
        said = [self._any("places", side) | self._any("postcodes", side) | self._any("cities", side) for side in (ones, others)]
        return _chosen(
            "address",
            same=here & ~neighbours & (places & FEW > 0),
            many=here,
            mistyped=self._near_places(ones, others, street),
            street=street,
            postcode=postcodes > 0,
            town=cities & FEW > 0,
            city=(cities > 0) | town,
            elsewhere=places > 0,
            differ=said[0] & said[1],
        )

    def _nearly_meet(self, kind: str, ones: Ints, others: Ints, asked: Ints) -> Ints:
        """As `nearly_meet` of streets or towns, where it is asked."""
        found = np.zeros(len(ones), bool)
        at, ours, theirs = self._crossed(kind, ones, others, asked)
        spelling = self._census.streets if kind == "streets" else self._census.towns
        found[at[spelling.roughly(ours, theirs)]] = True
        return found

    def _near_places(self, ones: Ints, others: Ints, asked: Ints) -> Ints:
        """As `near_places`, of the few pairs of which it is asked."""
        found = np.zeros(len(ones), bool)
        at = np.flatnonzero(asked & self._both("places", ones, others))
        sides = (self._written(kind, side[at]) for kind in ("places", "flats") for side in (ones, others))
        found[at] = np.fromiter(map(near_places, *sides), bool, len(at))
        return found

    def _written(self, kind: str, entries: Ints) -> list[list[str]]:
        """The places or flats of each of these."""
        trait = self._census.traits[kind]
        items = trait.items[spread(trait.starts[entries], trait.starts[entries + 1])[1]]
        texts = iter(self._census.addresses[kind].take(pa.array(items)).to_pylist())
        return [list(islice(texts, count)) for count in trait.counts[entries].tolist()]

    def _crossed(self, kind: str, ones: Ints, others: Ints, asked: Ints) -> tuple[Ints, Ints, Ints]:
        """Each item of the one beside each of the other, and of which pair they are."""
        trait = self._census.traits[kind]
        at = np.flatnonzero(asked & self._both(kind, ones, others))
        which, ours = trait.through(ones[at])
        further, theirs = trait.through(others[at][which])
        return at[which][further], ours[further], theirs

    def _common(self, kind: str, ones: Ints, others: Ints) -> Ints:
        return self._census.traits[kind].common(self._census.trait_marks[kind], ones, others)

    def _any(self, kind: str, entries: Ints) -> Ints:
        return self._census.traits[kind].counts[entries] > 0

    def _both(self, kind: str, ones: Ints, others: Ints) -> Ints:
        return self._any(kind, ones) & self._any(kind, others)

    def _birthday(self, ones: Ints, others: Ints) -> Ints:
        census = self._census
        return self._faces.levels(census.birthday[ones], census.birthday[others], _TOLD["birthday"])


def _common(has: Feature, one: int, other: int) -> Ints:
    """The items that these two have in common."""
    ours, theirs = (has.items[has.starts[entry] : has.starts[entry + 1]] for entry in (one, other))
    return np.intersect1d(ours, theirs)


def _chosen(comparison: str, **cases: Ints) -> Ints:
    """For each pair the first of these levels that holds, as its place among those told; else nothing is said."""
    return np.select(list(cases.values()), [_TOLD[comparison].index(level) for level in cases], 0)


def filled(patterns: Ints, kind: str) -> Ints:
    """The patterns, with "differ" where nothing was said about this kind of identifier."""
    step = _RARITIES * prod(_SIZES[list(_TOLD).index(kind) + 1 :])
    size = len(_TOLD[kind])
    silent = patterns // step % size == 0
    return patterns + np.where(silent, step * _TOLD[kind].index("differ"), 0)
