"""What the nightly run does with whole columns of numbers at once: groups, pairs, and what two entries have in common."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Ints = NDArray[Any]
"""A column of whole numbers (or of yes and no)."""

_CHUNK = 250_000
"""So many pairs are worked on at once."""


@dataclass(slots=True, repr=False)
class Feature:
    """For each of so many owners some items, each once: owner n has `items[starts[n]:starts[n + 1]]`, in rising order."""

    starts: Ints
    items: Ints
    kinds: int
    """Every item is smaller."""

    @classmethod
    def of(cls, owners: Ints, items: Ints, size: int, kinds: int) -> Feature:
        """From pairs of an owner and an item, in any order, repeated or not."""
        both = unique(owners.astype(np.int64) * max(kinds, 1) + items)
        own, what = np.divmod(both, max(kinds, 1))
        starts = np.zeros(size + 1, np.int64)
        np.cumsum(np.bincount(own, minlength=size), out=starts[1:])
        return cls(starts, what.astype(np.int32), kinds)

    @property
    def counts(self) -> Ints:
        """How many items each owner has."""
        return np.diff(self.starts)

    @property
    def owners(self) -> Ints:
        """The owner of each item."""
        return np.repeat(np.arange(len(self.starts) - 1, dtype=np.int32), self.counts)

    @property
    def holders(self) -> Ints:
        """How many owners have each item."""
        return np.bincount(self.items, minlength=self.kinds)

    def through(self, owners: Ints) -> tuple[Ints, Ints]:
        """For each of these owners its items: the place in `owners`, and the item."""
        places, at = spread(self.starts[owners], self.starts[owners + 1])
        return places, self.items[at]

    def kept(self, wanted: Ints) -> Feature:
        """Only the items that are wanted."""
        keep = wanted[self.items]
        return Feature.of(self.owners[keep], self.items[keep], len(self.starts) - 1, self.kinds)

    def common(self, marks: Ints, ones: Ints, others: Ints) -> Ints:
        """For each pair of owners the marks (bits) of all items that both have."""
        found = np.zeros(len(ones), np.uint8)
        counts = self.counts
        both = np.flatnonzero((counts[ones] > 0) & (counts[others] > 0))
        few = (counts[ones[both]] <= 2) & (counts[others[both]] <= 2)
        for slot in ((0, 0), (0, 1), (1, 0), (1, 1)):
            at = both[few]
            ours, theirs = (side[at] for side in (ones, others))
            at = at[(counts[ours] > slot[0]) & (counts[theirs] > slot[1])]
            items = self.items[self.starts[ones[at]] + slot[0]]
            same = items == self.items[self.starts[others[at]] + slot[1]]
            found[at[same]] |= marks[items[same]]
        self._common_of_many(marks, ones, others, both[~few], found)
        return found

    def _common_of_many(self, marks: Ints, ones: Ints, others: Ints, at: Ints, found: Ints) -> None:
        if not len(at):
            return
        every = self.owners.astype(np.int64) * self.kinds + self.items
        for part in chunks(len(at), _CHUNK // 10):
            here = at[part]
            places, items = self.through(ones[here])
            wanted = others[here][places].astype(np.int64) * self.kinds + items
            there = np.minimum(np.searchsorted(every, wanted), len(every) - 1)
            same = every[there] == wanted
            np.bitwise_or.at(found, here[places[same]], marks[items[same]])


def chunks(size: int, most: int = _CHUNK) -> Iterator[slice]:
    """A long column piece by piece."""
    for start in range(0, size, most):
        yield slice(start, min(start + most, size))


def spread(starts: Ints, ends: Ints) -> tuple[Ints, Ints]:
    """All the places from each start to its end: which of the spans, and the place."""
    counts = ends - starts
    which = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    before = np.cumsum(counts) - counts
    return which, np.arange(len(which), dtype=np.int64) - np.repeat(before - starts, counts)


def pairs_within(keys: Ints, members: Ints) -> Iterator[tuple[Ints, Ints]]:
    """All pairs of members under the same key, in pieces; the smaller member first. A member stands under a key once."""
    keys, members = _ordered(keys, members)
    bounds = np.append(np.flatnonzero(_new(keys)), len(keys))
    ends = np.repeat(bounds[1:], np.diff(bounds))
    rest = ends - 1 - np.arange(len(keys))
    reach = np.cumsum(rest)
    start = 0
    while start < len(keys):
        end = max(start + 1, int(np.searchsorted(reach, (reach[start - 1] if start else 0) + _CHUNK, side="right")))
        here = np.arange(start, end)
        which, second = spread(here + 1, here + 1 + rest[start:end])
        if len(which):
            yield members[here[which]], members[second]
        start = end


def pairs_across(keys: Ints, members: Ints, other_keys: Ints, others: Ints) -> tuple[Ints, Ints]:
    """All pairs of a member here and another one there under the same key; the smaller first."""
    order = np.argsort(other_keys, kind="stable")
    other_keys, others = other_keys[order], others[order]
    which, at = spread(np.searchsorted(other_keys, keys), np.searchsorted(other_keys, keys, side="right"))
    ones, twos = members[which], others[at]
    differ = ones != twos
    return np.minimum(ones, twos)[differ], np.maximum(ones, twos)[differ]


def joined(size: int, ones: Ints, others: Ints) -> Ints:
    """For each of so many the smallest that pairs connect it with, directly or over others."""
    label = np.arange(size, dtype=np.int64)
    while len(ones):
        low = np.minimum(label[ones], label[others])
        high = np.maximum(label[ones], label[others])
        apart = low != high
        if not apart.any():
            break
        ones, others = ones[apart], others[apart]
        np.minimum.at(label, high[apart], low[apart])
        while True:
            further = label[label]
            if np.array_equal(further, label):
                break
            label = further
    return label


def unique(values: Ints) -> Ints:
    """Each value once, in rising order; a plain sort is faster than what numpy does for it."""
    ordered = np.sort(values)
    return ordered[_new(ordered)]


def _new(ordered: Ints) -> Ints:
    """Where values in rising order are others than the one before."""
    new = np.ones(len(ordered), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return new


def _ordered(values: Ints, others: Ints) -> tuple[Ints, Ints]:
    """Both in the order of the values, and of the others where those are equal; none is negative.

    Numbers that are small enough are sorted as one, in a fourth of the time.
    """
    span = int(others.max(initial=0)) + 1
    if int(values.max(initial=0)) >= np.iinfo(np.int64).max // span:
        order = np.lexsort((others, values))
        return values[order], others[order]
    both = np.sort(values.astype(np.int64) * span + others)
    first = both // span
    return first, both - first * span


def coded(values: Ints) -> tuple[Ints, Ints]:
    """For each distinct value, in rising order, some place where it stands; and for each place which of them it is."""
    ordered, order = _ordered(values, np.arange(len(values)))
    new = _new(ordered)
    which = np.empty(len(values), np.int64)
    which[order] = np.cumsum(new) - 1
    return order[new], which


def mixed_texts(texts: pa.StringArray, salt: int) -> Ints:
    """A number of 64 bits for each text, the same on every machine: of its bytes, each times a power by its place."""
    parts = [_mixed(texts[part], salt) for part in chunks(len(texts), _CHUNK // 5)]
    return np.concatenate([np.empty(0, np.uint64), *parts])


def _mixed(texts: pa.StringArray, salt: int) -> Ints:
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
    letters = np.frombuffer(data or b"", np.uint8)[ends[0] : ends[-1]].astype(np.uint64) + np.uint64(1)
    sizes = np.diff(ends)
    at = np.arange(len(letters)) - np.repeat(ends[:-1] - ends[0], sizes)
    powers = np.cumprod(np.full(int(sizes.max(initial=0)) + 1, 0x9E3779B97F4A7C15, np.uint64))
    sums = np.append(np.uint64(0), np.cumsum(letters * powers[at]))
    mixed: Ints = (sums[ends[1:] - ends[0]] - sums[ends[:-1] - ends[0]] + np.uint64(salt + 1)) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(32)
    return mixed


def distinct(*columns: Ints) -> tuple[Ints, Ints]:
    """For each distinct row of these columns some place where it stands, and for each row which of them it is."""
    mixed = np.zeros(len(columns[0]), np.uint64)
    for column in columns:
        mixed = (mixed ^ column.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    place, which = coded(mixed >> np.uint64(1 + len(mixed).bit_length()))  # as many bits as are sorted quickly
    if all(np.array_equal(column[place][which], column) for column in columns):
        return place, which
    # Two rows that mix to one number: seldom, and no reason to be wrong.
    known = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        known = coded(known * len(column) + coded(column)[1])[1]
    return coded(known)
