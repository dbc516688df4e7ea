"""A night after a night: what changed, and what that touches, is compared anew; all comes out as if everything had been."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hub.matching import model
from hub.matching.index import MANY
from hub.matching.night import judging
from hub.matching.night.arrays import Ints
from hub.matching.night.census import CROWDED, IDENTIFIERS, SHARED, TRAITS, Census, Faces, counted
from hub.matching.night.judging import Looked
from hub.matching.night.levels import Judged
from hub.matching.night.prepare import Keyed
from hub.matching.night.prepared import Prepared
from hub.person import Verdict

_MOST = 20
"""Where more than one entry in so many is touched, everything is compared: that is as fast."""

_COUNTED = ("firms", "places", "postcodes", "cities")
"""Traits of which it matters how many have them."""


@dataclass(slots=True, repr=False)
class Worked:
    """What a night worked out about the pairs of all entries."""

    prepared: Prepared
    census: Census
    faces: Faces
    judged: Judged
    looked: Looked

    def kept(self) -> Kept:
        """What the next night goes on from."""
        census = self.census
        return Kept(self.prepared, _standing(census), census.rarity, self.looked, _verdicts(self.judged, self.looked.seen))


@dataclass(slots=True, repr=False)
class Kept:
    """What is kept of a night.

    `standing` says for each key of each kind all that its number of holders and who they are decide, `rarity` is that of
    each name, `verdicts` what was made of each pattern that was seen.
    """

    prepared: Prepared
    standing: dict[str, Ints]
    rarity: Ints
    looked: Looked
    verdicts: Ints


@dataclass(slots=True, repr=False)
class Changes:
    """What happened since: the entries that are gone or were changed, and what came in their place or besides.

    `gone` are numbers among the entries of before, `places` those of what came among all of now.
    """

    gone: Ints
    came: Prepared
    places: Ints


def all_compared(prepared: Prepared) -> Worked:
    """Compare all pairs."""
    census = counted(prepared)
    faces, judged = Faces(census.names, census.birthdays), Judged(census.size)
    return Worked(prepared, census, faces, judged, judging.looked_at(census, faces, judged))


def renewed(kept: Kept, changes: Changes) -> Worked | None:
    """Compare only pairs that may have become other ones; None where that would be too many, or the number of entries decides otherwise."""
    before, now = kept.prepared.size, kept.prepared.size - len(changes.gone) + changes.came.size
    judged = Judged(now)
    if _limits(before) != _limits(now) or not np.array_equal(_verdicts(judged, kept.looked.seen), kept.verdicts):
        return None
    numbers = _numbers(before, now, changes)
    prepared, merged = _joined(kept.prepared, numbers, changes)
    census = counted(prepared, {kind: merged[kind].shared(kept.standing[kind]) for kind in IDENTIFIERS})
    dirty = np.zeros(now, bool)
    dirty[changes.places] = True
    _touch(dirty, census, kept, prepared, merged)
    if np.count_nonzero(dirty) * _MOST > now:
        return None
    faces = Faces(census.names, census.birthdays)
    looked = judging.looked_at(census, faces, judged, dirty)
    clean = np.append(~dirty, False)  # that of an entry that is gone, too
    ones, others = (numbers[side] for side in kept.looked.sides(before))
    still = clean[ones] & clean[others]
    looked = looked.beside(ones[still] * now + others[still], kept.looked.patterns[still], kept.looked.seen)
    return Worked(prepared, census, faces, judged, looked)


def _limits(size: int) -> tuple[int, ...]:
    """What decides, by the number of entries alone, which pairs are looked at."""
    return model.bare_limit(size), *(model.alone_limit(size, born=born) for born in (False, True))


def _verdicts(judged: Judged, patterns: Ints) -> Ints:
    told = map(judged.__getitem__, patterns.tolist())
    return np.array([0 if one is None else 2 if one.verdict is Verdict.LINK else 1 for one in told], np.int8)


def _numbers(before: int, now: int, changes: Changes) -> Ints:
    """The number that each entry of before has now; -1 of one that is gone."""
    stay, free = np.ones(before, bool), np.ones(now, bool)
    stay[changes.gone], free[changes.places] = False, False
    numbers = np.full(before, -1, np.int64)
    numbers[stay] = np.flatnonzero(free)
    return numbers


@dataclass(slots=True, repr=False)
class _Merged:
    """The keys of one kind as they are now: which of those before each was (-1: none), and whether its holders are others."""

    before: Ints
    touched: Ints

    def shared(self, standing: Ints) -> Ints:
        """Whether people share each identifier, as far as that still holds."""
        known = ~self.touched & (self.before >= 0)
        found: Ints = np.where(known, np.append(standing, 0)[self.before] & (SHARED | CROWDED) > 0, -1)
        return found

    def differ(self, before: Ints, now: Ints) -> Ints:
        """Which keys were there before, and stand otherwise now."""
        found: Ints = (self.before >= 0) & (np.append(before, 0)[self.before] != now)
        return found


def _joined(before: Prepared, numbers: Ints, changes: Changes) -> tuple[Prepared, dict[str, _Merged]]:
    """What all entries say now; of the keys that nobody has any more nothing is left."""
    size = before.size - len(changes.gone) + changes.came.size
    columns: dict[str, Keyed] = {}
    merged: dict[str, _Merged] = {}
    written = before.written
    for kind, column in before.columns.items():
        came = changes.came.columns[kind]
        ids, new = _ids(column.keys, came.keys)
        stay = numbers[column.entries] >= 0
        stays, goes = np.flatnonzero(stay), column.items[~stay]
        entries, coming = numbers[column.entries[stays]], changes.places[came.entries]
        at = np.searchsorted(entries, coming)
        items = np.insert(column.items[stays], at, ids[came.items])
        count = len(column.keys) + int(np.count_nonzero(new))
        touched = np.zeros(count, bool)
        touched[goes], touched[ids] = True, True
        used = np.bincount(items, minlength=count) > 0
        origin = np.where(np.arange(count) < len(column.keys), np.arange(count), -1)[used]
        merged[kind] = _Merged(origin, touched[used])
        columns[kind] = Keyed(
            np.insert(entries, at, coming).astype(np.int32),
            (np.cumsum(used, dtype=np.int32) - 1)[items],
            _only(column.keys, came.keys, new, used),
            np.insert(column.stays[stays], at, came.stays),
        )
        if kind == "name":
            written = _only(before.written, changes.came.written, new, used)
    seen = np.empty(size, np.uint64)
    seen[numbers[numbers >= 0]], seen[changes.places] = before.seen[numbers >= 0], changes.came.seen
    return Prepared(size, columns, seen, written), merged


def _ids(keys: pa.StringArray, came: pa.StringArray) -> tuple[Ints, Ints]:
    """The number of each key that came, and which of them are new: they are numbered behind the others."""
    ids = np.full(len(came), -1, np.int64)
    there = pc.index_in(keys, value_set=came).fill_null(-1).to_numpy(zero_copy_only=False)
    at = np.flatnonzero(there >= 0)
    ids[there[at]] = at
    new = ids < 0
    ids[new] = len(keys) + np.arange(np.count_nonzero(new))
    return ids, new


def _only(before: pa.StringArray, came: pa.StringArray, new: Ints, used: Ints) -> pa.StringArray:
    every = pa.concat_arrays([before, came.filter(pa.array(new))])
    return every.filter(pa.array(used))


def _touch(dirty: Ints, census: Census, kept: Kept, prepared: Prepared, merged: dict[str, _Merged]) -> None:
    """Mark the entries about which something else is decided now, though they are as they were."""
    for kind, standing in _standing(census).items():
        if kind == "days":
            days = census.traits["days"]
            dirty[days.owners[(kept.standing["days"] != standing)[days.items]]] = True
            continue
        column = prepared.columns[kind]
        dirty[column.entries[merged[kind].differ(kept.standing[kind], standing)[column.items]]] = True
    dirty[merged["name"].differ(kept.rarity, census.rarity)[census.name]] = True


def _standing(census: Census) -> dict[str, Ints]:
    """For each key of each kind all that the numbers of holders decide."""
    figures = model.settings()
    found = {}
    for kind in IDENTIFIERS:
        identifier = census.identifiers[kind]
        found[kind] = identifier.marks + 16 * (identifier.holders > MANY) + 32 * (identifier.holders > int(figures["crowd"]))
    for trait, kind in (*((trait, TRAITS[trait]) for trait in _COUNTED), ("days", "days")):
        found[kind] = census.trait_marks[trait] + 16 * (census.traits[trait].holders > int(figures["throng"]))
    return {kind: standing.astype(np.uint8) for kind, standing in found.items()}
