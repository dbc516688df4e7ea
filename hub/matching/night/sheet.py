"""Entries as columns of text, kind by kind, each distinct value once: what the nightly run is made from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.entry import Disposal, Entry
from hub.machine.workers import beside
from hub.matching.night.arrays import Ints
from hub.person import Held

KINDS = (
    "name", "given", "family", "former_name", "email", "phone", "customer_number", "company", "business_id", "address",
    "postcode", "city", "birthday",
)  # fmt: skip
"""The kinds of fields that say who somebody is."""

_PIECE = 50_000


@dataclass(slots=True, repr=False)
class Column:
    """All values of one kind: the number of the entry, the number of the value, whether it stays after an erase."""

    entries: Ints
    values: Ints
    stays: Ints
    distinct: pa.StringArray


@dataclass(slots=True, repr=False)
class Sheet:
    """So many entries; every kind of `KINDS` has its column."""

    size: int
    columns: dict[str, Column]


def sheet_of(held: Iterable[Held]) -> Sheet:
    """The columns of entries that come in the order of their numbers; none of them is kept."""
    size = 0
    gathering = Gathering()
    for number, item in enumerate(held):
        gathering.add(number, item.entry)
        size = number + 1
    return gathering.sheet(size)


class Gathering:
    """Columns that grow."""

    def __init__(self) -> None:
        self._kinds: dict[str, _Growing] = {kind: _Growing() for kind in KINDS}

    def add(self, number: int, entry: Entry) -> None:
        """One entry more."""
        staying = _staying(entry) if entry.disposal is not Disposal.ERASE else None
        for item in entry.fields:
            kind = self._kinds.get(item.kind)
            if kind is not None:
                kind.add(number, item.value, stays=bool(staying and (item.kind, item.value) in staying))

    def add_many(self, numbers: Ints, kinds: Sequence[str], values: Sequence[pa.StringArray]) -> None:
        """Many entries of one shape: for each of their fields the kind and the column of values; nothing of them stays."""
        for kind, column in zip(kinds, values, strict=True):
            if kind in self._kinds:
                self._kinds[kind].take(numbers, column)

    def sheet(self, size: int) -> Sheet:
        """All that was added, of so many entries."""
        return Sheet(size, dict(zip(self._kinds, beside(_Growing.column, self._kinds.values()), strict=True)))


def _staying(entry: Entry) -> set[tuple[str, str]]:
    leaving = {(item.kind, item.value) for item in entry.leaving()}
    return {(item.kind, item.value) for item in entry.fields} - leaving


class _Growing:
    """One column that grows: the last values as Python knows them, those before as Arrow does."""

    def __init__(self) -> None:
        self._numbers: list[int] = []
        self._texts: list[str] = []
        self._staying: list[int] = []
        self._settled = 0
        self._entries: list[Ints] = []
        self._values: list[Any] = []

    def add(self, number: int, text: str, *, stays: bool) -> None:
        if stays:
            self._staying.append(self._settled + len(self._texts))
        self._numbers.append(number)
        self._texts.append(text)
        if len(self._texts) == _PIECE:
            self._settle()

    def take(self, numbers: Ints, texts: pa.StringArray) -> None:
        self._settle()
        self._keep(numbers, texts)

    def _settle(self) -> None:
        if self._numbers:
            numbers, texts = np.array(self._numbers, np.int32), pa.array(map(_whole, self._texts), pa.string())
            self._numbers, self._texts = [], []
            self._keep(numbers, texts)

    def _keep(self, numbers: Ints, texts: pa.StringArray) -> None:
        self._entries.append(numbers)
        self._values.append(texts)
        self._settled += len(numbers)

    def column(self) -> Column:
        self._settle()
        entries = np.concatenate([np.empty(0, np.int32), *self._entries])
        values = pa.chunked_array(self._values, pa.string()).combine_chunks()
        stays = np.zeros(len(entries), bool)
        stays[self._staying] = True
        self._values = []
        coded = pc.dictionary_encode(values)
        coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
        numbers = coded.indices.to_numpy(zero_copy_only=False).astype(np.int32)
        order = np.argsort(entries, kind="stable")
        return Column(entries[order], numbers[order], stays[order], coded.dictionary)


def _whole(text: str) -> str:
    """The text as UTF-8 can hold it: half a pair of surrogates is none, and says nothing (`normalise.clean`)."""
    return text if text.isascii() else text.encode("utf-8", "ignore").decode()


def texts(array: pa.StringArray, most: int) -> Iterator[list[str]]:
    """The texts piece by piece as Python knows them."""
    for start in range(0, len(array), most):
        yield array.slice(start, most).to_pylist()
