"""What was said the night before is said again of everybody who is as they were; all else comes out as if all were looked at."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import pyarrow as pa

from connectors._digest import sha256
from hub.matching.everyone import Everyone
from hub.matching.night.arrays import Ints
from hub.matching.night.makeup import Lasting, Makeup
from hub.mirror import SAID, kept
from hub.person import Person
from hub.report.finding import KINDS, SEVERITIES, Night
from hub.report.findings import Headline, packed
from hub.report.overview import Sources
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
    report = telling.report(night.said())
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


T = TypeVar("T")


class _Codes(Generic[T]):
    """The few values that very many things have, each with its number."""

    def __init__(self) -> None:
        self._codes: dict[T, int] = {}

    def __getitem__(self, value: T) -> int:
        return self._codes.setdefault(value, len(self._codes))

    def column(self) -> pa.Array:
        """The values by their numbers, as JSON."""
        return pa.array([json.dumps(value) for value in self._codes], pa.string())


@dataclass(slots=True, repr=False)
class _Before:
    """What was said another night, person by person, and of whom it holds this night.

    `same` gives for each person of this night their place then (-1: it must be said anew); `stands` the last day on which it
    would be said so, `sources` and `counts` the numbers of their sources (in `known`) and of their findings.
    """

    same: Ints
    stands: Ints
    sources: Ints
    counts: Ints
    known: Sequence[Sources]
    who: Sequence[tuple[str, str]]
    headlines: Sequence[Headline]
    _whose: Ints
    _starts: Ints

    @classmethod
    def nobody(cls, size: int) -> _Before:
        """Nothing was said, or it cannot be told of whom."""
        none = np.empty(0, np.int64)
        return cls(np.full(size, -1), none, none, none, (), (), (), none, none)

    @classmethod
    def of(cls, lasting: Lasting, changed: Ints, today: date, told: Mapping[str, pa.Array]) -> _Before:
        """From what was kept, the numbers of the entries that changed since, and the day."""
        stands, sources, counts = (told[name].to_numpy() for name in ("stands", "sources", "counts"))
        same = lasting.makeup.same(Makeup(told["starts"].to_numpy(), told["rows"].to_numpy()), changed)
        same[np.append(stands, 0)[same] < today.toordinal()] = -1
        places = [tuple(json.loads(text)) for text in told["places"].to_pylist()]
        columns = (told[name].to_pylist() for name in ("severity", "kind", "id", "place", "refs", "body"))
        return cls(
            same,
            stands,
            sources,
            counts,
            [tuple(map(tuple, json.loads(text))) for text in told["known"].to_pylist()],
            list(zip(told["handle"].to_pylist(), map(json.loads, told["name"].to_pylist()), strict=True)),
            [
                Headline(SEVERITIES[severity], KINDS[kind], id_, places[place], refs, body)
                for severity, kind, id_, place, refs, body in zip(*columns, strict=True)
            ],
            np.cumsum(counts > 0) - 1,
            np.cumsum(counts) - counts,
        )

    def said(self, place: int) -> Said:
        """Of the person in that place then."""
        start = int(self._starts[place])
        headlines = self.headlines[start : start + int(self.counts[place])]
        handle, name = self.who[self._whose[place]]
        return Said(handle, name, self.known[self.sources[place]], tuple(headlines))


class _Tonight:
    """What is said this night, and all that is kept of it."""

    def __init__(self, telling: Telling, everyone: Everyone, lasting: Lasting, before: _Before) -> None:
        self._telling = telling
        self._everyone = everyone
        self._makeup = lasting.makeup
        self._before = before
        self._known: _Codes[Sources] = _Codes()
        size = len(before.same)
        self._stands, self._sources, self._counts = (np.zeros(size, np.int32) for _ in range(3))
        self._who: list[tuple[str, str]] = []
        self._headlines: list[Headline] = []

    def said(self) -> Iterator[Said]:
        """About everybody in their order; whoever is as before and of whom nothing is said is only counted."""
        before, there = self._before, self._before.same >= 0
        self._stands[there], self._counts[there] = (c[before.same[there]] for c in (before.stands, before.counts))
        self._take_over(there)
        fresh = self._everyone.only(np.flatnonzero(~there).tolist())
        for place in np.flatnonzero(~there | (self._counts > 0)).tolist():
            said = before.said(before.same[place]) if there[place] else self._anew(place, next(fresh))
            if said.headlines:
                self._who.append((said.handle, said.name))
                self._headlines += said.headlines
            yield said

    def _take_over(self, there: Ints) -> None:
        """The sources of those who are there as before; whom nothing is said about is counted with them."""
        before = self._before
        codes = np.array([self._known[sources] for sources in before.known], np.int32)
        self._sources[there] = codes[before.sources[before.same[there]]] if len(codes) else 0
        quiet = self._sources[there & (self._counts == 0)]
        for sources, persons in zip(before.known, np.bincount(quiet, minlength=len(codes))[codes].tolist(), strict=True):
            if persons:
                self._telling.overview.count(sources, persons)

    def _anew(self, place: int, person: Person) -> Said:
        said = self._telling.about(person)
        self._stands[place] = self._telling.stands(person).toordinal()
        self._sources[place], self._counts[place] = self._known[said.sources], len(said.headlines)
        return said._replace(headlines=tuple(item._replace(body=packed(item.finding())) for item in said.headlines))

    def columns(self) -> dict[str, pa.Array]:
        """All that was said, for the next night."""
        places: _Codes[tuple[str, ...]] = _Codes()
        told = self._headlines
        found: dict[str, Any] = {
            "starts": self._makeup.starts,
            "rows": self._makeup.rows,
            "stands": self._stands,
            "sources": self._sources,
            "counts": self._counts,
            "known": self._known.column(),
            "handle": pa.array([handle for handle, _ in self._who], pa.string()),
            "name": pa.array([json.dumps(name) for _, name in self._who], pa.string()),
            "severity": pa.array([SEVERITIES.index(item.severity) for item in told], pa.int8()),
            "kind": pa.array([KINDS.index(item.kind) for item in told], pa.int8()),
            "place": pa.array([places[item.sources] for item in told], pa.int32()),
            "id": pa.array([item.id for item in told], pa.string()),
            "refs": pa.array([item.refs for item in told], pa.large_string()),
            "body": pa.array([item.body for item in told], pa.large_string()),
        }
        return {name: pa.array(column) for name, column in found.items()} | {"places": places.column()}
