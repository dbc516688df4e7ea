"""All entries of the mirror at hand, as compact as they are written: each is made when it is asked for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.entry import Disposal
from hub.machine.workers import beside, pieces
from hub.matching.memory import InOrder
from hub.matching.night.arrays import Ints, chunks
from hub.matching.night.sheet import Gathering, Sheet
from hub.mirror import codec
from hub.mirror.file import Loader
from hub.person import Held

_PIECE = 20_000

SCHEMA = pa.schema(
    [
        *(("source", pa.dictionary(pa.int32(), pa.string())), ("number", pa.int64()), ("shape", pa.int32())),
        *(("ref", pa.binary()), ("version", pa.binary()), ("content", pa.string())),
    ]
)
"""How the rows lie in memory: a ref or a version may be the name of a file that is no UTF-8 (`_text`)."""


class Shelf(InOrder):
    """Rows of the mirror in the order of their keys."""

    def __init__(self, table: pa.Table, shapes: dict[int, Any], load: Loader) -> None:
        self._load = load
        self._shapes = shapes
        self.numbers = table["number"].to_numpy()
        """Those of the mirror."""
        self._sources = table["source"].combine_chunks()
        self._shape, self._ref, self._version, self._content = (
            table[name].combine_chunks() for name in ("shape", "ref", "version", "content")
        )

    def __len__(self) -> int:
        return len(self._ref)

    def one(self, number: int) -> Held:
        """From its columns."""
        if number >= len(self):
            raise IndexError
        source, ref = self._sources[number].as_py(), _text(self._ref[number].as_py())
        shape, version = self._shapes[self._shape[number].as_py()], _text(self._version[number].as_py())
        return Held(source, codec.entry_of(shape, ref, version, self._content[number].as_py(), self._load(source, ref)))

    def many(self, numbers: Sequence[int]) -> Sequence[Held]:
        """Column by column."""
        at = pa.array(numbers, pa.int64())
        columns = (
            column.take(at).to_pylist() for column in (self._sources, self._shape, self._ref, self._version, self._content)
        )
        return [
            Held(source, codec.entry_of(self._shapes[shape], ref, _text(version), content, self._load(source, ref)))
            for source, shape, told, version, content in zip(*columns, strict=True)
            for ref in (_text(told),)
        ]

    def sheet(self) -> Sheet:
        """The columns of all entries; those of one shape are taken apart together."""
        gathering = Gathering()
        odd = pc.starts_with(self._content, codec.AS_JSON).to_numpy(zero_copy_only=False)
        alike, others = self._alike(odd)
        for told in beside(self._columns, alike):
            gathering.add_many(*told)
        for place in others:
            gathering.add(place, self[place].entry)
        return gathering.sheet(len(self))

    def _alike(self, odd: Ints) -> tuple[list[tuple[list[str], Ints]], list[int]]:
        """Pieces of entries of one shape, with the kinds of their fields; and those to be looked at one by one."""
        shapes = self._shape.to_numpy()
        alike: list[tuple[list[str], Ints]] = []
        others: list[int] = []
        for number, shape in self._shapes.items():
            plain = Disposal(shape[2]) is Disposal.ERASE
            here = shapes == number
            at = np.flatnonzero(here & ~odd) if plain else np.empty(0, np.int64)
            kinds = [field[0] for field in shape[0]]
            alike += ((kinds, at[part]) for part in chunks(len(at), _PIECE))
            others += np.flatnonzero(here & (odd if plain else True)).tolist()
        return alike, others

    def _columns(self, asked: tuple[list[str], Ints]) -> tuple[Ints, list[str], list[pa.StringArray]]:
        kinds, piece = asked
        parts = pc.split_pattern(self._content.take(pa.array(piece)), codec.BETWEEN).flatten()
        width = len(kinds) + 1  # what follows the fields says where they are
        columns = [parts.take(pa.array(np.arange(place, len(parts), width))) for place in range(len(kinds))]
        return piece.astype(np.int32), kinds, columns


def shelf(rows: Iterable[tuple[str, int, codec.Row]], shapes: dict[int, str], load: Loader) -> Shelf:
    """From rows with the names of their sources and their numbers, in any order."""
    batches = []
    for piece in pieces(rows, _PIECE):
        sources, numbers, texts = zip(*piece, strict=True)
        told = pa.array(sources, pa.string()).dictionary_encode()
        batches.append(_taken_apart(told, pa.array(numbers, pa.int64()), pa.array(texts, pa.string())))
    table = pa.Table.from_batches(batches, SCHEMA)
    return ordered(table, {number: json.loads(shape) for number, shape in shapes.items()}, load)


def _taken_apart(sources: pa.DictionaryArray, numbers: pa.Int64Array, rows: pa.StringArray) -> pa.RecordBatch:
    """Rows as columns; the few that are written otherwise one by one."""
    odd = pc.starts_with(rows, codec.AS_JSON)
    if pc.any(odd).as_py():
        shapes, refs, versions, contents = zip(*map(codec.parts_of, rows.to_pylist()), strict=True)
        names = [pa.array(map(_bytes, column), pa.binary()) for column in (refs, versions)]
        columns = [pa.array(shapes, pa.int32()), *names, pa.array(contents, pa.string())]
    else:
        parts = pc.split_pattern(rows, codec.BETWEEN_PARTS, max_splits=3).flatten()
        columns = [parts.take(pa.array(np.arange(place, len(parts), 4))) for place in range(4)]
        columns = [column.cast(SCHEMA.field(name).type) for column, name in zip(columns, SCHEMA.names[2:], strict=True)]
    return pa.record_batch([sources, numbers, *columns], SCHEMA)


def _bytes(text: str) -> bytes:
    """A text so that half a pair of surrogates has its place in it; these come in the order of the texts."""
    return text.encode("utf-8", "surrogatepass")


def _text(told: bytes) -> str:
    return told.decode("utf-8", "surrogatepass")


def ordered(table: pa.Table, shapes: dict[int, Any], load: Loader) -> Shelf:
    """The rows in the order of their keys; where a source gives one ref twice, what the entries hold decides."""
    table = table.unify_dictionaries()
    keys = pa.table({"source": table["source"].cast(pa.string()), "ref": table["ref"]})
    order = pc.sort_indices(keys, [("source", "ascending"), ("ref", "ascending")])
    keys, sorted_rows = keys.take(order), table.take(order)
    same = [
        pc.equal(keys[name].slice(1), keys[name].slice(0, max(0, len(keys) - 1))).combine_chunks().to_numpy(zero_copy_only=False)
        for name in ("source", "ref")
    ]
    twice = np.flatnonzero(same[0] & same[1])
    found = Shelf(sorted_rows, shapes, load)
    if not len(twice):
        return found
    places = np.arange(len(found))
    for run in np.split(twice, np.flatnonzero(np.diff(twice) > 1) + 1):
        span = np.arange(run[0], run[-1] + 2)
        places[span] = sorted(span.tolist(), key=lambda place: [(item.kind, item.value) for item in found[place].entry.fields])
    return Shelf(sorted_rows.take(pa.array(places)), shapes, load)
