"""Headlines of very many findings as columns: each becomes a headline only when it is asked for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hub.matching.night.arrays import Ints, chunks
from hub.report.bodies import Bodies
from hub.report.finding import KINDS, SEVERITIES, Night, Severity
from hub.report.findings import AtHand, Headline, Headlines, packed
from hub.report.telling import distinct

SCHEMA = pa.schema(
    [
        ("severity", pa.int8()),
        ("kind", pa.int8()),
        ("place", pa.int32()),
        ("id", pa.string()),
        ("own", pa.string()),
        ("refs", pa.large_string()),
        ("block", pa.int32()),
        ("line", pa.int32()),
    ]
)
"""A row for each headline.

`place` is the number of its sources among the `Codes` of them; its body is in a line of a block; `own` is the id it had to get
because another one has its `id` (`distinct`), "" where that was not asked yet.
"""


_PIECE = 10_000
"""So many headlines are made at once."""


class Codes:
    """The few values that very many things have, each with its number; as JSON, and as they are."""

    def __init__(self, told: pa.Array | None = None) -> None:
        """From what `column` made."""
        texts = [] if told is None else told.to_pylist()
        self.values: list[Any] = [_firm(json.loads(text)) for text in texts]
        self._codes = {value: number for number, value in enumerate(self.values)}

    def __getitem__(self, value: object) -> int:
        """The number of a value, a new one where it was not among them."""
        number = self._codes.setdefault(value, len(self._codes))
        if number == len(self.values):
            self.values.append(value)
        return number

    def column(self) -> pa.Array:
        """The values by their numbers."""
        return pa.array([json.dumps(value) for value in self.values], pa.string())


def _firm(value: object) -> object:
    return tuple(map(_firm, value)) if isinstance(value, list) else value


@dataclass(slots=True, repr=False)
class Table:
    """All rows of a night, with what their numbers stand for."""

    rows: pa.RecordBatch
    places: Codes
    bodies: Bodies

    @classmethod
    def empty(cls) -> Table:
        """No rows."""
        return cls(pa.RecordBatch.from_pylist([], SCHEMA), Codes(), Bodies())

    @classmethod
    def kept(cls, columns: Mapping[str, pa.Array]) -> Table:
        """Undo `columns`. Raises LookupError or ValueError where they are others."""
        rows = pa.RecordBatch.from_arrays([columns[name] for name in SCHEMA.names], schema=SCHEMA)
        return cls(rows, Codes(columns["places"]), Bodies.kept(columns))

    def columns(self) -> dict[str, pa.Array]:
        """All that is in it."""
        return {name: self.rows[name] for name in SCHEMA.names} | {"places": self.places.column()} | self.bodies.columns()

    def and_also(self, headlines: Sequence[Headline]) -> Table:
        """These rows and further ones."""
        bodies, (blocks, lines) = self.bodies.and_also(
            item.body if isinstance(item.body, str) else packed(item.body) for item in headlines
        )
        columns = {
            "severity": [SEVERITIES.index(item.severity) for item in headlines],
            "kind": [KINDS.index(item.kind) for item in headlines],
            "place": [self.places[item.sources] for item in headlines],
            "id": [item.id for item in headlines],
            "own": [""] * len(headlines),
            "refs": [item.refs for item in headlines],
            "block": blocks,
            "line": lines,
        }
        fresh = pa.record_batch([pa.array(columns[field.name], field.type) for field in SCHEMA], SCHEMA)
        return Table(beside(self.rows, fresh), self.places, bodies)

    def note(self, at: Ints, owns: Sequence[str]) -> None:
        """The ids that these rows had to get."""
        column = np.full(len(self.rows), "", object)
        column[at] = owns
        self.rows = self.rows.set_column(SCHEMA.get_field_index("own"), SCHEMA.field("own"), pa.array(column, pa.string()))

    def only(self, at: Ints) -> Table:
        """These rows in this order, each once."""
        rows = self.rows.take(pa.array(at))
        bodies, spots = self.bodies.only((rows["block"].to_numpy(), rows["line"].to_numpy()))
        columns = [*rows.columns[:-2], *(pa.array(column, pa.int32()) for column in spots)]
        return Table(pa.record_batch(columns, SCHEMA), self.places, bodies)


def beside(these: pa.RecordBatch, further: pa.RecordBatch) -> pa.RecordBatch:
    """Some rows and further ones."""
    columns = [pa.concat_arrays(parts) for parts in zip(these.columns, further.columns, strict=True)]
    return pa.record_batch(columns, these.schema)


class Rows(Headlines):
    """Some rows, in this order, with the ids under which they are told."""

    def __init__(self, table: Table, at: Ints, ids: Sequence[str]) -> None:
        self._table = table
        self._at = at
        self.ids = ids

    def __getitem__(self, place: int) -> Headline:
        at = range(len(self))[place]
        return next(self._made(slice(at, at + 1)))

    def __iter__(self) -> Iterator[Headline]:
        return chain.from_iterable(map(self._made, chunks(len(self), _PIECE)))

    def _made(self, part: slice) -> Iterator[Headline]:
        rows = self._table.rows.take(pa.array(self._at[part]))
        severities, kinds, places, refs, blocks, lines = (
            rows[name].to_pylist() for name in ("severity", "kind", "place", "refs", "block", "line")
        )
        bodies = map(self._table.bodies.text, blocks, lines)
        told = (
            map(SEVERITIES.__getitem__, severities), map(KINDS.__getitem__, kinds), self.ids[part],
            map(self._table.places.values.__getitem__, places), refs, bodies,
        )  # fmt: skip
        return map(Headline, *told)

    def sources(self) -> Iterable[tuple[str, ...]]:
        """By their numbers."""
        return map(self._table.places.values.__getitem__, self._table.rows["place"].to_numpy()[self._at].tolist())

    def spans(self) -> Iterable[tuple[Severity, str, range]]:
        """By what stands beside what."""
        weights = _weights(self._table)[self._at]
        ends = [*(np.flatnonzero(np.diff(weights)) + 1).tolist(), len(weights)] if len(weights) else []
        for start, end in zip([0, *ends], ends, strict=False):
            severity, kind = divmod(int(weights[start]), len(KINDS))
            yield SEVERITIES[severity], KINDS[kind], range(start, end)

    def chosen(self, places: Sequence[int]) -> Rows:
        """The same rows."""
        return Rows(self._table, self._at[np.array(places, np.int64)], [self.ids[place] for place in places])


def _weights(table: Table) -> Ints:
    """The gravest first."""
    severity, kind = (table.rows[name].to_numpy().astype(np.int16) for name in ("severity", "kind"))
    found: Ints = severity * len(KINDS) + kind
    return found


def ordered(night: Night, table: Table) -> Headlines:
    """All rows in the order of a report, each finding once (`distinct`): only where ids are alike is there anything to ask.

    What was asked is noted in the table.
    """
    at = np.argsort(_weights(table), kind="stable")
    ids = table.rows["id"].take(pa.array(at))
    told: list[str] = ids.to_pylist()
    codes = pc.dictionary_encode(ids).indices.to_numpy()
    alike = np.flatnonzero(np.bincount(codes)[codes] > 1) if len(codes) else codes
    names = [told[place] for place in alike.tolist()]
    left = list(_distinct(night, table, at[alike], names))
    fresh = {int(alike[place]): name for place, name in left if name != names[place]}
    if not set(fresh.values()).isdisjoint(told):
        return _one_by_one(night, Rows(table, at, told))
    keep = np.ones(len(at), bool)
    keep[alike] = False
    keep[alike[[place for place, _ in left]]] = True
    for place, name in fresh.items():
        told[place] = name
    return Rows(table, at[keep], [told[place] for place in np.flatnonzero(keep).tolist()])


def _distinct(night: Night, table: Table, at: Ints, names: Sequence[str]) -> Iterator[tuple[int, str]]:
    """`distinct` of these rows, without working out again what another night did."""
    refs, owns = (table.rows[name].take(pa.array(at)).to_pylist() for name in ("refs", "own"))
    told = list(zip(map(KINDS.__getitem__, table.rows["kind"].to_numpy()[at].tolist()), names, refs, strict=True))
    known: dict[tuple[str, str, str], str] = {what: own for what, own in zip(told, owns, strict=True) if own}

    def own_id(*what: str) -> str:
        kind, name, ref = what
        if (kind, name, ref) not in known:
            known[kind, name, ref] = night.id(kind, name, ref)
        return known[kind, name, ref]

    yield from distinct(own_id, told)
    table.note(at, [known.get(what, "") for what in told])


def _one_by_one(night: Night, rows: Rows) -> Headlines:
    """An id that was made anew is that of another one: once in very many years, and no reason to be wrong."""
    items = list(rows)
    told = distinct(night.id, ((item.kind, item.id, item.refs) for item in items))
    return AtHand([items[place]._replace(id=name) for place, name in told])
