"""What was said the night before is said again of everybody who is as they were; all else comes out as if all were looked at."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from enum import Enum
from pathlib import Path

import numpy as np
import pyarrow as pa

from connectors._digest import sha256
from hub.matching.everyone import Everyone
from hub.matching.night.arrays import Ints, spread
from hub.matching.night.makeup import Lasting, Makeup
from hub.mirror import SAID, kept
from hub.person import Person
from hub.report.finding import Night
from hub.report.findings import Findings, packed
from hub.report.overview import Overview, Shown, Sources
from hub.report.rows import Codes, Table, beside, ordered
from hub.report.telling import NightlyReport, Said, Telling

_FADING = frozenset({"now", "answers", "due", "left", "breaches", "lost", "packages", "package_days"})
"""Facts of a night at which only `Family.rest` looks; `now` also decides through which day something `stands`."""

_WORDS = ("matching.toml", "names.toml", "report.toml", "law.fi.toml")
"""Files that decide what is said, beside the facts."""


def report_again(telling: Telling, everyone: Everyone, lasting: Lasting, state: Path) -> NightlyReport:
    """The report of a night, of which everything is kept for the next one."""
    mark, today = lasting.numbered.mark, telling.night.now.date()
    about = {"mirror": mark["mirror"], "engine": kept.engine(*_WORDS), "facts": facts_of(telling.night)}
    night = _Tonight(telling, everyone, lasting, _before(today, lasting, about, state))
    report = night.report(telling)
    kept.write(state, SAID, {**mark, **about, "day": today.isoformat()}, night.columns())
    return report


def facts_of(night: Night) -> str:
    """A hash of all that decides, beside the persons themselves, what is said about one."""
    told = {item.name: getattr(night, item.name) for item in fields(night) if item.name not in _FADING}
    registers = [replace(register, columns=(), stale_after_days=None) for register in night.registers.values()]
    told |= {"registers": registers, "law": replace(night.law, today=date.min), "acts": night.acts.acts}
    return sha256(_written([*sorted(told.items()), night.listed]).encode("utf-8", "surrogatepass")).hexdigest()


def _written(value: object) -> str:
    """A value with all that is in it, whatever its repr leaves out."""
    if is_dataclass(value):
        return f"{type(value).__name__}{_written([getattr(value, item.name) for item in fields(value)])}"
    if isinstance(value, Mapping):
        return f"{{{','.join(sorted(f'{_written(name)}:{_written(item)}' for name, item in value.items()))}}}"
    if isinstance(value, set | frozenset):
        return f"{{{','.join(sorted(map(_written, value)))}}}"
    if isinstance(value, list | tuple):
        return f"[{','.join(map(_written, value))}]"
    if value is None or isinstance(value, str | bytes | int | date | Enum):
        return repr(value)
    raise TypeError(type(value).__name__)


def _before(today: date, lasting: Lasting, about: Mapping[str, str], state: Path) -> _Before:
    """What was said on an earlier night, or earlier this day, that knew the same facts."""
    if found := kept.read(state, SAID, about):
        mark, columns = found
        with suppress(LookupError, ValueError):  # of a hub that wrote it otherwise
            changed = lasting.numbered.changed(mark)
            if changed is not None and date.fromisoformat(mark["day"]) <= today:
                return _Before.of(lasting, changed, today, columns)
    return _Before.nobody(len(lasting.makeup))


_WHO = pa.schema([("handle", pa.string()), ("name", pa.string())])
"""Somebody of whom something is said; the name as JSON, which holds half a pair of surrogates too."""


@dataclass(slots=True, repr=False)
class _Before:
    """What was said another night, person by person, and of whom it holds this night.

    `same` gives for each person of this night their place then (-1: it must be said anew); `stands` the last day on which it
    would be said so, `sources` and `counts` the numbers of their sources (in `known`) and of their findings. `who` are the
    persons of whom something was said, `table` what it was.
    """

    same: Ints
    stands: Ints
    sources: Ints
    counts: Ints
    known: Codes
    who: pa.RecordBatch
    table: Table

    @classmethod
    def nobody(cls, size: int) -> _Before:
        """Nothing was said, or it cannot be told of whom."""
        none = np.empty(0, np.int32)
        return cls(np.full(size, -1), none, none, none, Codes(), pa.RecordBatch.from_pylist([], _WHO), Table.empty())

    @classmethod
    def of(cls, lasting: Lasting, changed: Ints, today: date, told: Mapping[str, pa.Array]) -> _Before:
        """From what was kept, the numbers of the entries that changed since, and the day.

        Raises LookupError or ValueError where it does not fit together.
        """
        stands, sources, counts = (told[name].to_numpy() for name in ("stands", "sources", "counts"))
        who = pa.RecordBatch.from_arrays([told[name] for name in _WHO.names], schema=_WHO)
        table = Table.kept(told)
        if len(who) != np.count_nonzero(counts) or len(table.rows) != int(counts.sum()):
            raise ValueError("what was said is not of these persons")
        same = lasting.makeup.same(Makeup(told["starts"].to_numpy(), told["rows"].to_numpy()), changed)
        same[np.append(stands, 0)[same] < today.toordinal()] = -1
        return cls(same, stands, sources, counts, Codes(told["known"]), who, table)


class _Tonight:
    """What is said this night, and all that is kept of it: taken over as whole columns, but for those who are looked at anew."""

    def __init__(self, telling: Telling, everyone: Everyone, lasting: Lasting, before: _Before) -> None:
        self._makeup = lasting.makeup
        self._known = before.known
        self._there = before.same >= 0
        self._was = before.same[self._there]
        self._stands, self._sources, self._counts = map(self._taken_over, (before.stands, before.sources, before.counts))
        fresh = np.flatnonzero(~self._there)
        said = [self._anew(telling, *told) for told in zip(fresh.tolist(), everyone.only(fresh.tolist()), strict=True)]
        spoken = [one for one in said if one.headlines]
        who = [[one.handle for one in spoken], [json.dumps(one.name) for one in spoken]]
        of_whom = self._after(before.counts > 0, self._counts > 0)
        self._who = beside(before.who, pa.record_batch([pa.array(column, pa.string()) for column in who], _WHO)).take(of_whom)
        table = before.table.and_also([item for one in spoken for item in one.headlines])
        self._table = table.only(self._after(before.counts, self._counts).to_numpy())
        self._count(telling.overview)

    def report(self, telling: Telling) -> NightlyReport:
        """All that is said, and what is to be said beside."""
        told = self._table.and_also(list(telling.rest()))
        headlines = ordered(telling.night, told)
        self._table.rows = told.rows.slice(0, len(self._table.rows))  # with what was noted meanwhile
        return NightlyReport(telling.night, Findings(headlines), telling.overview)

    def _taken_over(self, column: Ints) -> Ints:
        """What was so another night, of those who are as then; 0 of all others."""
        found = np.zeros(len(self._there), np.int32)
        found[self._there] = column[self._was]
        return found

    def _anew(self, telling: Telling, place: int, person: Person) -> Said:
        said = telling.about(person)
        self._stands[place] = telling.stands(person).toordinal()
        self._sources[place], self._counts[place] = self._known[said.sources], len(said.headlines)
        return said._replace(headlines=tuple(item._replace(body=packed(item.finding())) for item in said.headlines))

    def _after(self, before: Ints, now: Ints) -> pa.Array:
        """Of so many rows of each person then and now: where those of now stand, if all that are new stand behind those of then."""
        starts = np.zeros(len(now), np.int64)
        starts[self._there] = (np.cumsum(before) - before)[self._was]
        fresh = now[~self._there]
        starts[~self._there] = np.sum(before, dtype=np.int64) + np.cumsum(fresh) - fresh
        return pa.array(spread(starts, starts + now)[1])

    def _count(self, overview: Overview) -> None:
        """Who is in which registers, and of whom something is said."""
        known: list[Sources] = self._known.values
        for sources, persons in zip(known, np.bincount(self._sources, minlength=len(known)).tolist(), strict=True):
            if persons:
                overview.count(sources, persons)
        overview.concern(self._shown(), len(self._who))

    def _shown(self) -> Iterator[Shown]:
        """Everybody of whom something is said."""
        spoken = np.flatnonzero(self._counts)
        whom = zip(self._who.to_pylist(), self._sources[spoken].tolist(), self._counts[spoken].tolist(), strict=True)
        for who, code, findings in whom:
            yield Shown(who["handle"], json.loads(who["name"]), dict(self._known.values[code]), findings)

    def columns(self) -> dict[str, pa.Array]:
        """All that was said, for the next night."""
        found = {
            "starts": self._makeup.starts,
            "rows": self._makeup.rows,
            "stands": self._stands,
            "sources": self._sources,
            "counts": self._counts,
        }
        who = {name: self._who[name] for name in _WHO.names}
        return (
            {name: pa.array(column) for name, column in found.items()}
            | {"known": self._known.column()}
            | who
            | self._table.columns()
        )
