"""Each distinct value brought to its keys once, by the very code of the pure evaluator, on every core."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hub import normalise
from hub.machine.workers import Workers
from hub.matching import facts
from hub.matching.mailboxes import is_role
from hub.matching.night.arrays import Feature, Ints, distinct, spread
from hub.matching.night.sheet import Column, Sheet, texts
from hub.normalise.addresses import city_key, parse_address, postcode_key

BATCH = 20_000
"""So many values are worked on at once; fewer are not worth another process."""

_BETWEEN = "\x1f"

Lists = tuple[list[int], list[str]]
"""For each value how many keys it has, and all keys in a row."""


def emails(values: Sequence[str], _region: str) -> tuple[Lists, ...]:
    """E-mail keys; those of persons alone."""
    keys = list(map(normalise.email_key, values))
    own = [key if key and not is_role(key) else None for key in keys]
    return _single(keys), _single(own)


def phones(values: Sequence[str], region: str) -> tuple[Lists, ...]:
    """Phone keys, and last digits."""
    return (
        _several(normalise.phone_keys(value, region) for value in values),
        _several(map(normalise.phone_tails, values)),
    )


def addresses(values: Sequence[str], _region: str) -> tuple[Lists, ...]:
    """Places, flats, postcodes, towns and streets."""
    found = list(map(parse_address, values))
    return (
        _single(one.place for one in found),
        _single(f"{one.place} {one.flat}" if one.place and one.flat else "" for one in found),
        _single(one.postcode for one in found),
        _single(one.city for one in found),
        _single(one.street for one in found),
    )


def birthdays(values: Sequence[str], _region: str) -> tuple[Lists, ...]:
    """Birthdays as year-month-day."""
    return (_several(("-".join(map(str, day)) for day in facts.birthdays_of(value)) for value in values),)


def _each(key_of: Callable[[str], str | None]) -> Callable[[Sequence[str], str], tuple[Lists, ...]]:
    return lambda values, _region: (_single(map(key_of, values)),)


def _single(keys: Any) -> Lists:
    found = list(keys)
    return [1 if key else 0 for key in found], [key for key in found if key]


def _several(keys: Any) -> Lists:
    found = list(map(tuple, keys))
    return list(map(len, found)), list(chain.from_iterable(found))


_WORK: Mapping[str, Callable[[Sequence[str], str], tuple[Lists, ...]]] = {
    "email": emails,
    "phone": phones,
    "customer_number": _each(facts.number_key),
    "company": _each(facts.company_key),
    "business_id": _each(normalise.business_id),
    "address": addresses,
    "postcode": _each(postcode_key),
    "city": _each(city_key),
    "birthday": birthdays,
}


def work(kind: str, values: list[str], region: str) -> tuple[Lists, ...]:
    """The keys of values of one kind; runs in a process of its own when there are many."""
    return _WORK[kind](values, region)


@dataclass(slots=True, repr=False)
class Keyed:
    """What entries have of one kind, in their order: the numbers of its keys, and the keys themselves."""

    entries: Ints
    items: Ints
    keys: pa.StringArray
    stays: Ints

    def feature(self, size: int) -> Feature:
        """By entry."""
        return Feature.of(self.entries, self.items, size, len(self.keys))


def keys_of(sheet: Sheet, region: str, workers: Workers) -> dict[str, tuple[Keyed, ...]]:
    """The keys of every kind but names."""
    asked = [(kind, batch) for kind in _WORK for batch in texts(sheet.columns[kind].distinct, BATCH)]
    told: dict[str, list[tuple[Lists, ...]]] = {kind: [] for kind in _WORK}
    done = workers.each(
        work, ((kind, batch, region) for kind, batch in asked), many=sum(len(batch) for _, batch in asked) > BATCH
    )
    for (kind, _), lists in zip(asked, done, strict=True):
        told[kind].append(lists)
    empty = {kind: _WORK[kind]([], region) for kind in _WORK}
    return {
        kind: tuple(_keyed(sheet.columns[kind], list(column)) for column in zip(empty[kind], *told[kind], strict=True))
        for kind in _WORK
    }


def _keyed(column: Column, told: list[Lists]) -> Keyed:
    counts = np.fromiter(chain.from_iterable(counts for counts, _ in told), np.int64)
    coded = pc.dictionary_encode(pa.chunked_array([pa.array(keys, pa.string()) for _, keys in told])).combine_chunks()
    numbers = coded.indices.to_numpy(zero_copy_only=False).astype(np.int32)
    ends = np.cumsum(counts)
    which, at = spread((ends - counts)[column.values], ends[column.values])
    return Keyed(column.entries[which], numbers[at], coded.dictionary, column.stays[which])


def together(*parts: Keyed) -> Keyed:
    """The same kind of key from several kinds of fields, as one."""
    coded = pc.dictionary_encode(pa.chunked_array([part.keys for part in parts], pa.string())).combine_chunks()
    numbers = coded.indices.to_numpy(zero_copy_only=False).astype(np.int32)
    shift = np.cumsum([0, *(len(part.keys) for part in parts)])
    entries = np.concatenate([part.entries for part in parts])
    items = np.concatenate([numbers[shift[place] + part.items] for place, part in enumerate(parts)])
    order = np.argsort(entries, kind="stable")
    return Keyed(entries[order], items[order], coded.dictionary, np.concatenate([part.stays for part in parts])[order])


NAME_KINDS = ("given", "family", "former_name", "name")


def names(sheet: Sheet) -> tuple[Ints, Iterator[tuple[tuple[str, ...], ...]]]:
    """For each entry the number of what its name fields say, and what each of these numbers stands for."""
    said: list[Ints] = []
    lists: list[list[tuple[str, ...]]] = []
    for kind in NAME_KINDS:
        numbers, tuples = _tuples(sheet.columns[kind], sheet.size)
        said.append(numbers)
        lists.append(tuples)
    first, which = distinct(*said)
    columns = [numbers[first].tolist() for numbers in said]
    return which, (tuple(known[number] for known, number in zip(lists, row, strict=True)) for row in zip(*columns, strict=True))


def _tuples(column: Column, size: int) -> tuple[Ints, list[tuple[str, ...]]]:
    """For each entry the number of the values it has of one kind, in their order; 0: none."""
    counts = np.bincount(column.entries, minlength=size)
    found: list[tuple[str, ...]] = [(), *((value,) for value in column.distinct.to_pylist())]
    numbers = np.zeros(size, np.int64)
    single = counts[column.entries] == 1
    numbers[column.entries[single]] = column.values[single] + 1
    several: dict[int, list[int]] = {}
    for entry, value in zip(column.entries[~single].tolist(), column.values[~single].tolist(), strict=True):
        several.setdefault(entry, []).append(value)
    known: dict[tuple[int, ...], int] = {}
    for entry, values in several.items():
        key = tuple(values)
        if key not in known:
            known[key] = len(found)
            found.append(tuple(found[value + 1][0] for value in values))
        numbers[entry] = known[key]
    return numbers, found
