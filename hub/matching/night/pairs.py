"""The pairs of entries that are looked at: those that meet under a key, exactly as `Index.candidates` finds them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from hub.matching import model
from hub.matching.index import MANY
from hub.matching.night.arrays import Feature, Ints, pairs_across, pairs_within, unique
from hub.matching.night.census import CROWDED, FEW, IDENTIFIERS, SHARED, Census
from hub.matching.night.names import Names

NEAR = ("firms", "places", "postcodes", "days")
"""Traits beside which a word of the name counts; a town is none."""

Pair = tuple[Ints, Ints]


def met(census: Census) -> Iterator[Pair]:
    """Pairs in pieces, the smaller entry first; one may come several times."""
    for kind in IDENTIFIERS:
        identifier = census.identifiers[kind]
        few = (identifier.holders > 1) & (identifier.holders <= MANY)
        few &= (identifier.holders <= int(model.settings()["crowd"])) | (identifier.marks & (SHARED | CROWDED) == 0)
        yield from _within(identifier.has, few)
    yield from _within(census.traits["places"], census.trait_marks["places"] == FEW)
    yield from _beside_traits(census)
    yield from _by_name(census)


def of_many(census: Census) -> Iterator[Pair]:
    """The pairs of those who share an identifier of their own with more than `MANY` others."""
    for kind in IDENTIFIERS:
        identifier = census.identifiers[kind]
        yield from _within(identifier.has, (identifier.holders > MANY) & (identifier.marks & (SHARED | CROWDED) == 0))


def _within(has: Feature, wanted: Ints) -> Iterator[Pair]:
    keep = wanted[has.items]
    return pairs_within(has.items[keep], has.owners[keep])


def _beside_traits(census: Census) -> Iterator[Pair]:
    """A word of the name, the whole name, or a birthday, beside a trait; see `Facts.asked`."""
    throng = int(model.settings()["throng"])
    names = census.names
    days = census.traits["days"]
    for kind in (*NEAR, "cities"):
        trait = census.traits[kind]
        holders = trait.holders
        if kind != "cities":
            calm = (holders > 1) & (holders <= throng)
            yield from _beside(trait, calm, names.telling, census.name)
            yield from _beside(trait, holders > 1, names.keys, census.name)
        yield from _beside_days(trait, holders > 1, days, same=kind == "days")


def _beside(trait: Feature, wanted: Ints, words: Feature, name: Ints) -> Iterator[Pair]:
    """Those with a trait and an item of their names in common."""
    keep = wanted[trait.items]
    owners, items = trait.owners[keep], trait.items[keep]
    which, more = words.through(name[owners])
    yield from pairs_within(items[which].astype(np.int64) * words.kinds + more, owners[which])


def _beside_days(trait: Feature, wanted: Ints, days: Feature, *, same: bool) -> Iterator[Pair]:
    """Those with a trait and the day of a birthday in common; of two birthdays both must be."""
    keep = wanted[trait.items]
    owners, items = trait.owners[keep], trait.items[keep]
    which, more = days.through(owners)
    if same:
        apart = items[which] != more
        which, more = which[apart], more[apart]
    yield from pairs_within(items[which].astype(np.int64) * days.kinds + more, owners[which])


def _by_name(census: Census) -> Iterator[Pair]:
    """Those of one name or nearly, where both names are rare enough."""
    names = census.names
    entries = np.flatnonzero((census.rarity[census.name] <= model.bare_limit(census.size)) & ~census.nameless)
    rare = unique(census.name[entries])
    for feature in (names.joined, _word_pairs(names, rare)):
        which, keys = feature.through(census.name[entries])
        yield from pairs_within(keys, entries[which])
    initials, wholes = _initials(names, rare, initials=True), _initials(names, rare, initials=False)
    which, keys = initials.through(census.name[entries])
    others, other_keys = wholes.through(census.name[entries])
    wanted = np.isin(other_keys, keys)
    yield pairs_across(keys, entries[which], other_keys[wanted], entries[others[wanted]])


def _word_pairs(names: Names, rare: Ints) -> Feature:
    """The words of names two and two (`NameForm.pairs`)."""
    count = len(names.vocabulary)
    plain = rare[names.ordinary[rare]]
    owners, items = [], []
    words = np.sort(names.matrix[plain], axis=1).astype(np.int64)
    for one, other in combinations(range(words.shape[1]), 2):
        there = (words[:, one] >= 0) & (words[:, one] < words[:, other])
        owners.append(plain[there])
        items.append(words[there, one] * count + words[there, other])
    number = _numbers(names, rare)
    for odd in rare[~names.ordinary[rare]].tolist():
        told = {(number[one], number[other]) for form in names.forms(odd) for one, other in form.pairs()}
        owners.append(np.full(len(told), odd))
        items.append(np.array([one * count + other for one, other in told], np.int64))
    return _of_wide(owners, items, len(names))


def _initials(names: Names, rare: Ints, *, initials: bool) -> Feature:
    """Whole words of names with the first letters of others (`NameForm.initial_keys`)."""
    plain = rare[names.ordinary[rare]]
    owners, items = [], []
    for one in range(names.matrix.shape[1]):
        for other in range(names.matrix.shape[1]):
            ours, theirs = names.matrix[plain, one], names.matrix[plain, other]
            there = (ours >= 0) & (theirs >= 0) & (ours != theirs)
            there &= (names.letters.look(ours) & 1 == 0) & ((names.letters.look(theirs) & 1 > 0) == initials)
            owners.append(plain[there])
            items.append(ours[there].astype(np.int64) * 0x110000 + names.letters.first(theirs[there]))
    number = _numbers(names, rare)
    for odd in rare[~names.ordinary[rare]].tolist():
        keys = {
            key for form in names.forms(odd) if form.has_initials or not initials for key in form.initial_keys(initials=initials)
        }
        told = [(number[key[:-2]], ord(key[-1])) for key in keys]
        owners.append(np.full(len(told), odd))
        items.append(np.array([word * 0x110000 + letter for word, letter in told], np.int64))
    return _of_wide(owners, items, len(names))


def _numbers(names: Names, rare: Ints) -> dict[str, int]:
    """The number of each word, where a name needs it that is not ordinary."""
    return {word: place for place, word in enumerate(names.vocabulary)} if (~names.ordinary[rare]).any() else {}


def _of_wide(owners: list[Ints], items: list[Ints], size: int) -> Feature:
    """A feature of items that are large numbers: each is given a small one, the same for both kinds of initials."""
    owner, item = np.concatenate([np.empty(0, np.int64), *owners]), np.concatenate([np.empty(0, np.int64), *items])
    order = np.lexsort((item, owner))
    owner, item = owner[order], item[order]
    new = np.ones(len(owner), bool)
    new[1:] = (owner[1:] != owner[:-1]) | (item[1:] != item[:-1])
    starts = np.zeros(size + 1, np.int64)
    np.cumsum(np.bincount(owner[new], minlength=size), out=starts[1:])
    return Feature(starts, item[new], 0)
