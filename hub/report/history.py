"""What the report remembers from night to night, encrypted: counts, ids with their first night, and what was accepted.

No personal value: an id is a keyed hash, a source is named as in hub.toml. The key is that of the hub's own directory.
"""

from __future__ import annotations

import hmac
import json
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from itertools import chain
from operator import add
from pathlib import Path
from typing import Any

from connectors.errors import UsageError
from connectors.phrase import Phrase
from hub import mirror, store
from hub.report import Findings, NightlyReport
from hub.report.findings import Headlines
from hub.store.secrets import key_for_state

FILE = "report.db"
PAGE = "report.html"
"""The page that the nightly run writes into the hub's own folder; it names persons, so an erase takes it away."""

KEEP_DAYS = 400
"""An id that was not seen for so long is forgotten, and so is a night."""

_CACHE = 100_000
"""Kilobytes that may be kept of the file, which is looked through several times: it need not be decrypted each time."""

_NIGHTS = """CREATE TABLE IF NOT EXISTS nights (
    day TEXT PRIMARY KEY, at TEXT NOT NULL, persons INTEGER NOT NULL, counts TEXT NOT NULL, silent TEXT NOT NULL)"""
_FINDINGS = """CREATE TABLE IF NOT EXISTS findings (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, sources TEXT NOT NULL, first TEXT NOT NULL, last TEXT NOT NULL)"""
_ACCEPTED = "CREATE TABLE IF NOT EXISTS accepted (id TEXT PRIMARY KEY, reason TEXT NOT NULL, day TEXT NOT NULL)"


@dataclass(frozen=True, slots=True)
class PastNight:
    """One night as it is remembered: counts of findings by kind, and the sources that were silent."""

    day: str
    at: str
    persons: int
    counts: dict[str, int]
    silent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Accepted:
    """A finding that the owner accepted; `seen`: it is there this night."""

    id: str
    reason: str = field(repr=False)
    day: str
    kind: str = ""
    seen: bool = False


@dataclass(frozen=True, slots=True)
class Remembered:
    """The report of a night beside those before it; what was accepted is not among its findings."""

    report: NightlyReport
    findings: Findings
    new: frozenset[str]
    """The ids that were not there the night before; none on the first night."""
    gone: int
    """So many findings of the night before are not there any more."""
    accepted: tuple[Accepted, ...]
    nights: tuple[PastNight, ...]
    """Every night that is remembered, this one last."""


class History:
    """The open file."""

    def __init__(self, database: Any, key: bytes) -> None:
        self._database = database
        self.id_key = hmac.digest(key, b"ids of findings", "sha256")

    def remember(self, report: NightlyReport) -> Remembered:
        """Write this night down and say what is new; a second run on one day takes the place of the first."""
        day = report.night.now.date().isoformat()
        (before,) = self._database.execute("SELECT max(day) FROM nights WHERE day < ?", (day,)).fetchone()
        silent = {answer.source for answer in report.night.answers} - report.night.listed
        headlines = report.findings.headlines
        there = {*headlines.ids}
        accepted = self.accepted(there)
        quiet = {item.id for item in accepted}
        first = dict(self._database.execute("SELECT id, first FROM findings"))
        earlier = {name for name, since in first.items() if since < day} - self._over(before) if before else set[str]()
        # What a silent source had the night before is not gone: nothing is known about it.
        unknown = self._of(silent, earlier - there)
        if not quiet.isdisjoint(there):
            headlines = headlines.chosen([place for place, name in enumerate(headlines.ids) if name not in quiet])
        counted = Findings(headlines, lambda name: first.get(name, day))
        with store.writing(self._database):
            self._lose(self._see(report.findings.headlines, day) - there - unknown, before, day)
            self._count(report, counted, silent, day)
            self._forget(day)
        return Remembered(
            report=report,
            findings=counted,
            new=frozenset(counted.headlines.ids) - earlier if before else frozenset(),
            gone=len(earlier - there - unknown - quiet),
            accepted=accepted,
            nights=self.nights(),
        )

    def nights(self) -> tuple[PastNight, ...]:
        """Every night that is remembered, oldest first."""
        rows = self._database.execute("SELECT day, at, persons, counts, silent FROM nights ORDER BY day").fetchall()
        return tuple(
            PastNight(day, at, persons, json.loads(counts), tuple(json.loads(silent)))
            for day, at, persons, counts, silent in rows
        )

    def accepted(self, there: Collection[str] = ()) -> tuple[Accepted, ...]:
        """What was accepted, oldest first; `there` are the ids of this night."""
        rows = self._database.execute(
            "SELECT accepted.id, reason, day, coalesce(kind, '') FROM accepted"
            " LEFT JOIN findings ON findings.id = accepted.id ORDER BY day, accepted.id"
        ).fetchall()
        return tuple(Accepted(name, reason, day, kind, name in there) for name, reason, day, kind in rows)

    def accept(self, names: Sequence[str], reason: str, day: date) -> None:
        """Silence these findings from now on. Raises `UsageError` for one that no report has shown."""
        for name in names:
            if self._database.execute("SELECT 1 FROM findings WHERE id = ?", (name,)).fetchone() is None:
                raise UsageError(Phrase("There is no finding {id}.", id=name), _TAKE)
        with store.writing(self._database):
            rows = [(name, reason, day.isoformat()) for name in names]
            self._database.executemany("INSERT OR REPLACE INTO accepted VALUES (?, ?, ?)", rows)

    def unaccept(self, names: Sequence[str]) -> None:
        """Show these findings again. Raises `UsageError` for one that is not accepted."""
        quiet = {item.id for item in self.accepted()}
        for name in names:
            if name not in quiet:
                raise UsageError(Phrase("The finding {id} is not accepted.", id=name), _TAKE)
        with store.writing(self._database):
            self._database.executemany("DELETE FROM accepted WHERE id = ?", [(name,) for name in names])

    def _names(self, asked: str, *given: str) -> set[str]:
        """The first column of what is asked: of very many, so that nothing is done with each in turn."""
        return set(chain.from_iterable(self._database.execute(asked, given)))

    def _over(self, before: str) -> set[str]:
        """What was not there any more the night before."""
        return self._names("SELECT id FROM findings WHERE last <> '' AND last < ?", before)

    def _of(self, sources: set[str], names: Collection[str]) -> set[str]:
        """Those of these findings that were in one of the sources."""
        if not sources or not names:
            return set()
        told = self._database.execute("SELECT id, sources FROM findings").fetchall()
        return {name for name, there in told if name in names and not sources.isdisjoint(json.loads(there))}

    def _see(self, headlines: Headlines, day: str) -> set[str]:
        """Write down only what was not so already: most of what is found was found the night before; the ids of all else of before."""
        written = cache(json.dumps)
        told = dict(zip(map(add, headlines.ids, map(written, headlines.sources())), range(len(headlines)), strict=True))
        known = self._names("SELECT id || sources FROM findings WHERE last = ''")
        fresh = [headlines[told[name]] for name in told.keys() - known]
        self._database.executemany(
            "INSERT INTO findings VALUES (?, ?, ?, ?, '')"
            " ON CONFLICT (id) DO UPDATE SET last = excluded.last, sources = excluded.sources",
            [(item.id, item.kind, written(item.sources), day) for item in fresh],
        )
        return {name.partition("[")[0] for name in known - told.keys()}

    def _lose(self, lost: Collection[str], before: str | None, day: str) -> None:
        """What is there no more was there last the night before; what only an earlier run of this day saw never was."""
        self._database.executemany(
            "UPDATE findings SET last = ifnull(?, first) WHERE id = ? AND first < ?", [(before, name, day) for name in lost]
        )
        self._database.executemany(
            "DELETE FROM findings WHERE id = ? AND first >= ? AND id NOT IN (SELECT id FROM accepted)",
            [(name, day) for name in lost],
        )

    def _count(self, report: NightlyReport, counted: Findings, silent: Collection[str], day: str) -> None:
        counts: Counter[str] = Counter()
        for _, kind, found in counted.groups():
            counts[kind] += len(found)
        at = report.night.now.isoformat(timespec="seconds")
        row = (day, at, report.overview.persons, json.dumps(counts), json.dumps(sorted(silent)))
        self._database.execute("INSERT OR REPLACE INTO nights VALUES (?, ?, ?, ?, ?)", row)

    def _forget(self, day: str) -> None:
        until = (date.fromisoformat(day) - timedelta(days=KEEP_DAYS)).isoformat()
        self._database.execute("DELETE FROM nights WHERE day < ?", (until,))
        self._database.execute(
            "DELETE FROM findings WHERE last <> '' AND last < ? AND id NOT IN (SELECT id FROM accepted)", (until,)
        )


_TAKE = Phrase("Run hub report and take the id it shows.")


def forget_last_night(state: Path) -> None:
    """Take away what the last nightly run left: it may name somebody who is erased, or nobody makes it any more."""
    (state / PAGE).unlink(missing_ok=True)
    mirror.forget_night(state)


@contextmanager
def opened(state: Path) -> Iterator[History]:
    """The history of a state directory, made when there is none yet. Raises `StateError`."""
    with store.alone(state / "report.lock"):
        key = key_for_state(state, must_exist=any(state.glob("*.db")))
        database = store.open_database(state / FILE, key, _NIGHTS, _FINDINGS, _ACCEPTED, f"PRAGMA cache_size = -{_CACHE}")
        try:
            _brought_forward(database)
            yield History(database, key)
        finally:
            database.close()


def _brought_forward(database: Any) -> None:
    """A file of before wrote down every night that a finding is still there."""
    if database.execute("PRAGMA user_version").fetchone() == (0,):
        with store.writing(database):
            database.execute("UPDATE findings SET last = '' WHERE last = (SELECT max(day) FROM nights)")
            database.execute("PRAGMA user_version = 1")
