"""The pairs of entries that are looked at: those that meet under a key, exactly as `Index.candidates` finds them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hub.matching import model
from hub.matching.index import MANY
from hub.matching.night.arrays import Feature, Ints, pairs_within, unique
from hub.matching.night.census import CROWDED, FEW, IDENTIFIERS, SHARED, Census
from hub.matching.night.namesakes import Pair, by_name

NEAR = ("firms", "places", "postcodes", "days")
"""Traits beside which a word of the name counts; a town is none."""


def met(census: Census, dirty: Ints | None = None) -> Iterator[Pair]:
    """Pairs in pieces, the smaller entry first; one may come several times. With `dirty` entries at least all pairs with one."""
    for kind in IDENTIFIERS:
        identifier = census.identifiers[kind]
        few = (identifier.holders > 1) & (identifier.holders <= MANY)
        few &= (identifier.holders <= int(model.settings()["crowd"])) | (identifier.marks & (SHARED | CROWDED) == 0)
        yield from _within(identifier.has, few & _held(identifier.has, dirty))
    places = census.traits["places"]
    yield from _within(places, (census.trait_marks["places"] == FEW) & _held(places, dirty))
    yield from _beside_traits(census, dirty)
    yield from by_name(census, dirty)


def _held(feature: Feature, dirty: Ints | None) -> Ints:
    """Which items a dirty entry has; all, if no entry is called dirty."""
    found = np.full(feature.kinds, dirty is None)
    if dirty is not None:
        found[feature.items[dirty[feature.owners]]] = True
    return found


def of_many(census: Census, dirty: Ints | None = None) -> Iterator[Pair]:
    """The pairs of those who share an identifier of their own with more than `MANY` others."""
    for kind in IDENTIFIERS:
        identifier = census.identifiers[kind]
        many = (identifier.holders > MANY) & (identifier.marks & (SHARED | CROWDED) == 0)
        yield from _within(identifier.has, many & _held(identifier.has, dirty))


def _within(has: Feature, wanted: Ints) -> Iterator[Pair]:
    keep = wanted[has.items]
    return pairs_within(has.items[keep], has.owners[keep])


def _beside_traits(census: Census, dirty: Ints | None) -> Iterator[Pair]:
    """A word of the name, the whole name, or a birthday, beside a trait; see `Facts.asked`."""
    throng = int(model.settings()["throng"])
    names = census.names
    days = census.traits["days"]
    for kind in (*NEAR, "cities"):
        trait = census.traits[kind]
        holders, held = trait.holders, _held(trait, dirty)
        if kind != "cities":
            calm = held & (holders > 1) & (holders <= throng)
            yield from _beside(trait, calm, names.telling, census.name, dirty)
            yield from _beside(trait, held & (holders > 1), names.keys, census.name, dirty)
        yield from _beside_days(trait, held & (holders > 1), days, same=kind == "days")


def _beside(trait: Feature, wanted: Ints, words: Feature, name: Ints, dirty: Ints | None) -> Iterator[Pair]:
    """Those with a trait and an item of their names in common."""
    keep = wanted[trait.items]
    owners, items = trait.owners[keep], trait.items[keep]
    which, more = words.through(name[owners])
    if dirty is not None:
        asked = np.zeros(words.kinds, bool)
        asked[words.through(unique(name[dirty]))[1]] = True
        which, more = which[asked[more]], more[asked[more]]
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
