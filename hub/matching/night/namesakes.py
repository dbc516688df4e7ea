"""The pairs of entries that meet by their names: of one name or nearly, where a name, with what else may be in common, is rare enough."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from hub.matching import model
from hub.matching.night.arrays import Feature, Ints, pairs_across, pairs_within, unique
from hub.matching.night.census import FEW, Census
from hub.matching.night.letters import INITIAL
from hub.matching.night.name_keys import NameKeys
from hub.matching.night.names import Names

Pair = tuple[Ints, Ints]


def by_name(census: Census, dirty: Ints | None = None) -> Iterator[Pair]:
    """Those of one name or nearly: of a very rare one alone, of a rare one beside anything that speaks for one person.

    What the names alone cannot make a question is never looked at: see `model.may_matter`. With `dirty` entries at least all
    pairs with one.
    """
    size, rarity = census.size, census.rarity[census.name]
    limit = model.bare_limit(size)
    wanted = (rarity <= limit) & ~census.nameless
    entries = np.flatnonzero(wanted if dirty is None else wanted & _near(census, dirty)[census.name])
    keys = NameKeys(census.names, unique(census.name[entries]))
    alone, born = (min(limit, model.alone_limit(size, born=born)) for born in (False, True))
    asked = None if dirty is None else np.bincount(census.name[dirty], minlength=len(census.names)) > 0
    yield from _alone(census, keys, entries[rarity[entries] <= alone], asked)
    if born > alone:
        yield from _alone(census, keys, entries[(rarity[entries] <= born) & (census.birthday[entries] > 0)], asked)
    if limit > alone:
        for trait in _helpful(census):
            yield from _beside(census, keys, trait)


def _near(census: Census, dirty: Ints) -> Ints:
    """The names that may meet one of a dirty entry: by two words, by a word and an initial, or by all words in one."""
    names = census.names
    own = unique(census.name[dirty])
    owners, words = names.words.owners, names.words.items
    initial = names.letters.look(words) & INITIAL > 0
    initials = np.bincount(owners[initial], minlength=len(names)) > 0

    def in_common(those: Ints) -> Ints:
        theirs = np.zeros(names.words.kinds, bool)
        theirs[names.words.through(those)[1]] = True
        found: Ints = np.bincount(owners[theirs[words]], minlength=len(names))
        return found

    common = in_common(own)
    near = (common > 1) & ~names.ordinary
    several = np.flatnonzero((common > 1) & names.ordinary)
    near[several[_have_pair_of(names, own, names.matrix[several])]] = True
    near |= (initials & (common > 0)) | (in_common(own[initials[own]]) > 0)
    joined = np.zeros(names.joined.kinds, bool)
    joined[names.joined.through(own)[1]] = True
    near[names.joined.owners[joined[names.joined.items]]] = True
    return near


def _have_pair_of(names: Names, own: Ints, matrix: Ints) -> Ints:
    """Which of these rows of words have two that one of these names has too."""
    words = max(1, len(names.vocabulary))
    which, items = names.words.through(own)
    pairs = unique(
        np.concatenate([low.astype(np.int64) * words + high for low, high in pairs_within(which, items)] or [which[:0]])
    )
    found = np.zeros(len(matrix), bool)
    if len(pairs):
        for one, other in combinations(range(matrix.shape[1]), 2):
            low, high = np.minimum(matrix[:, one], matrix[:, other]), np.maximum(matrix[:, one], matrix[:, other])
            asked = low.astype(np.int64) * words + high  # below zero where there is no word
            found |= pairs[np.minimum(np.searchsorted(pairs, asked), len(pairs) - 1)] == asked
    return found


def _helpful(census: Census) -> Iterator[Feature]:
    """What may speak for one person beside the name: a large town only by the street that is in it."""
    for kind in ("firms", "places", "postcodes", "days"):
        yield census.traits[kind]
    cities = census.traits["cities"]
    few = census.trait_marks["cities"] == FEW
    streets = census.traits["streets"].counts > 0
    keep = few[cities.items] | streets[cities.owners]
    yield Feature.of(cities.owners[keep], cities.items[keep], census.size, cities.kinds)


def _beside(census: Census, keys: NameKeys, trait: Feature) -> Iterator[Pair]:
    """Those whose names meet and who have a trait in common."""
    keep = (trait.holders > 1)[trait.items] & keys.rare[census.name[trait.owners]]
    owners, items = trait.owners[keep], trait.items[keep].astype(np.int64)

    def told(feature: Feature) -> Pair:
        which, more = feature.through(census.name[owners])
        return items[which] * feature.kinds + more, owners[which]

    yield from pairs_within(*told(keys.joined))
    yield from pairs_within(*told(keys.pairs))
    yield pairs_across(*told(keys.initials), *told(keys.wholes))


def _alone(census: Census, keys: NameKeys, entries: Ints, asked: Ints | None) -> Iterator[Pair]:
    """Those of these entries whose names meet; of `asked` names at least those."""

    def told(feature: Feature) -> Pair:
        which, more = feature.through(census.name[entries])
        return more, entries[which]

    yield from pairs_within(*told(keys.joined))
    firm, firm_owners = told(keys.firm)
    yield from pairs_within(firm, firm_owners)
    bearers = Feature.of(census.name[entries], entries, len(census.names), census.size)
    loose = keys.loose.of(np.flatnonzero(bearers.counts))
    which, at = bearers.through(loose.names)
    yield pairs_across(firm, firm_owners, loose.keys[which], at)
    for ones, others in loose.related(census.names, asked):
        yield _bearing(bearers, loose.names[ones], loose.names[others])
    yield pairs_across(*told(keys.initials), *told(keys.wholes))


def _bearing(bearers: Feature, ones: Ints, others: Ints) -> Pair:
    """The pairs of those that bear the one and the other name."""
    differ = ones != others
    which, ours = bearers.through(ones[differ])
    further, theirs = bearers.through(others[differ][which])
    ours = ours[further]
    return np.minimum(ours, theirs), np.maximum(ours, theirs)
