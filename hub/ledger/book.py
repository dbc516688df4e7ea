"""The ledger's file: one SQLCipher database in the state directory, one row a request.

A request that is not done holds the person's values, because an erase must know what to look for; a finished one keeps
places and actions only.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from connectors._needles import Matcher
from connectors.contract import Spread
from connectors.errors import StateError, UsageError
from connectors.phrase import Phrase
from hub import store
from hub.ledger.codec import dumped, listed, loaded
from hub.ledger.request import CONFIRMABLE, Kind, Line, Request, Stage, line_of
from hub.ledger.undone import Clock
from hub.plan import DONE, Plan, Result, State, StepOutcome
from hub.store import chain
from hub.store.secrets import key_for_state

FILE = "ledger.db"
LOCK = "lock"
_SHAPE = "2"
"""Of the lists; a ledger of another shape has them made anew from its requests."""
_TABLES = (
    "CREATE TABLE IF NOT EXISTS requests (number TEXT PRIMARY KEY, stage TEXT NOT NULL, content TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE IF NOT EXISTS lines (
        place INTEGER PRIMARY KEY, number TEXT NOT NULL, kind TEXT NOT NULL, stage TEXT NOT NULL, created TEXT NOT NULL,
        state TEXT NOT NULL, undo_until TEXT NOT NULL, waits_for TEXT NOT NULL, asked INTEGER NOT NULL, received TEXT NOT NULL,
        extended TEXT NOT NULL, receipt INTEGER NOT NULL)""",
    chain.TABLE,
    chain.INDEX,
)
_LINE = "number, kind, stage, created, state, undo_until, waits_for, asked, received, extended, receipt"
_STATES = {state.value: state for state in State}


_Planned = tuple[Kind, str, frozenset[tuple[str, str]], tuple[tuple[str, Spread], ...]]
"""Of a plan that waits: what it is, the person's handle, and the entries it shows."""


class Ledger:
    """The open book; `opened` gives it, so that two hubs never write at once."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._plans: dict[str, _Planned] | None = None
        self._together = False

    @property
    def database(self) -> Any:
        """The open database, for what is kept in the same file under the same chain."""
        return self._database

    def new(self, kind: Kind, plan: Plan | None = None, **told: Any) -> Request:
        """Write down a new request under the next number of this year; `told` are other fields of it.

        A number is given out once, whatever was removed since and whatever the clock says.
        """
        now = datetime.now(UTC)
        year = now.astimezone().year
        first, last = _place(f"{year}-0"), _place(f"{year + 1}-0")
        (latest,) = self._database.execute(
            "SELECT max(place) FROM lines WHERE place >= ? AND place < ?", (first, last)
        ).fetchone()
        count = max((latest or first) - first, int(self._about(f"numbers {year}") or 0)) + 1
        number = f"{year}-{count:04d}"
        request = Request(number, kind, "received", now.isoformat(timespec="seconds"), **told)
        request.plan = plan.numbered(number) if plan else None
        request.stage = _first_stage(request)
        with self._writing():
            self._tell(f"numbers {year}", str(count))
            self._save(request)
        return request

    def save(self, request: Request) -> None:
        """Write the request as it stands now; durable when this returns. Raises `StateError` when the disk is full."""
        with self._writing():
            self._save(request)

    def _save(self, request: Request) -> None:
        if not request.history or request.history[-1][0] != request.stage:
            request.history.append((request.stage, datetime.now(UTC).isoformat(timespec="seconds")))
        content = dumped(request)
        self._database.execute(
            "INSERT OR REPLACE INTO requests (number, stage, content) VALUES (?, ?, ?)", (request.number, request.stage, content)
        )
        self._list(line_of(request))
        chain.append(self._database, request.number, request.stage, content)
        if self._plans is not None:
            self._plans.pop(request.number, None)
            self._plans |= _planned(request)

    def _list(self, item: Line) -> None:
        row = (
            _place(item.number),
            *(item.number, item.kind, item.stage, item.created, item.state.value if item.state else "", item.undo_until),
            *(",".join(map(str, item.waits_for)), item.asked, item.received, item.extended, item.receipt),
        )
        self._database.execute(f"INSERT OR REPLACE INTO lines (place, {_LINE}) VALUES (?{', ?' * 11})", row)  # noqa: S608  # our names

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """All of it is on the disk at the end, or nothing."""
        if self._together:
            yield
            return
        with store.writing(self._database):
            yield

    @contextmanager
    def together(self) -> Iterator[None]:
        """Whatever is written meanwhile is on the disk at the end, or nothing of it: thousands of plans are one write."""
        with self._writing():
            self._together = True
            try:
                yield
            finally:
                self._together = False

    def find(self, number: str) -> Request | None:
        """The request of that number, None when there is none. Raises `StateError` when it was changed from outside."""
        row = self._database.execute("SELECT content FROM requests WHERE number = ?", (number,)).fetchone()
        if row is None:
            return None
        if not chain.is_sealed(self._database, number, row[0]):
            raise StateError(
                Phrase("Request {number} is not as the hub wrote it: the ledger was changed from outside.", number=number),
                Phrase(
                    "Nothing was done. hub ledger verify shows what was changed; take ledger.db from a backup if you have one."
                ),
            )
        return loaded(row[0])

    def sound(self, number: str) -> Request | None:
        """As `find`, and None for one that was changed from outside: what stops for no request goes on without it."""
        try:
            return self.find(number)
        except StateError:
            return None

    def load(self, number: str) -> Request:
        """The request of that number. Raises `UsageError` when there is none."""
        request = self.find(number)
        if request is None:
            raise UsageError(
                Phrase("There is no request {number}.", number=number),
                Phrase("hub requests lists those of this computer; a plan made on another one can only be confirmed there."),
            )
        return request

    def pending(self, *kinds: Kind) -> list[Request]:
        """The requests of these kinds (all when none is named) that wait for a confirmation or were interrupted, oldest first."""
        return [item for item in self.standing(*CONFIRMABLE) if item.plan and (not kinds or item.kind in kinds)]

    def standing(self, *stages: Stage) -> list[Request]:
        """The requests that stand at one of these stages, oldest first; without those that were changed from outside."""
        marks = ", ".join("?" * len(stages))
        rows = self._database.execute(f"SELECT number FROM lines WHERE stage IN ({marks}) ORDER BY place", stages)  # noqa: S608  # marks only
        return [request for (number,) in rows.fetchall() if (request := self.sound(number))]

    def latest(self) -> str:
        """When the latest request was written down, "" when there is none."""
        row = self._database.execute("SELECT max(created) FROM lines").fetchone()
        return row[0] or ""

    def lines(self) -> list[Line]:
        """Every request as a list shows it, oldest first; none of them is loaded whole."""
        rows = self._database.execute(f"SELECT {_LINE} FROM lines ORDER BY place").fetchall()  # noqa: S608  # our names
        return [
            Line(
                *(number, kind, stage, created, _STATES.get(state), undo_until),
                tuple(map(int, steps.split(","))) if steps else (),
                *(bool(asked), received, extended, bool(receipt)),
            )
            for number, kind, stage, created, state, undo_until, steps, asked, received, extended, receipt in rows
        ]

    def broken(self) -> tuple[int, list[str]]:
        """How many lines were ever written, and the requests that are not as they were written last, or not listed so."""
        lines, wrong = chain.broken(self._database)
        shown = {line.number: line for line in self.lines()}
        rows = self._database.execute("SELECT number, content FROM requests ORDER BY number")
        changed = set(wrong)
        for number, content in rows:
            line = shown.pop(number, None)
            if number not in changed and line != listed(content):
                wrong.append(number)
        return lines, [*wrong, *(number for number in shown if number not in changed)]

    def upgrade(self) -> None:
        """Bring a ledger of an earlier version into today's shape; its requests stay as they were written and sealed.

        One that was changed from outside is not listed, and its number is not given out again.
        """
        if self._about("shape") == _SHAPE:
            return
        with self._writing():
            self._database.execute("DROP TABLE IF EXISTS listed")
            self._database.execute("DELETE FROM lines")
            given: dict[str, int] = {}
            for number, stage, content in self._database.execute("SELECT number, stage, content FROM requests").fetchall():
                year, _, count = number.partition("-")
                given[year] = max(given.get(year, 0), int(count))
                if not chain.is_sealed(self._database, number):
                    chain.append(self._database, number, stage, content)
                if chain.is_sealed(self._database, number, content):
                    self._list(listed(content))
            for year, count in given.items():
                self._tell(f"numbers {year}", str(count))
            self._tell("shape", _SHAPE)

    def clock(self, today: date) -> int:
        """The days that the hub's own clock has counted, today's among them; it never goes back."""
        told = self._about("clock")
        before = Clock(*json.loads(told)) if told else Clock(today.isoformat(), today.isoformat())
        now = before.at(today)
        if now != before or not told:
            with self._writing():
                self._tell("clock", json.dumps([now.latest, now.last, now.count]))
        return now.count

    def _about(self, name: str) -> str:
        row = self._database.execute("SELECT value FROM about WHERE name = ?", (name,)).fetchone()
        return row[0] if row else ""

    def _tell(self, name: str, value: str) -> None:
        self._database.execute("INSERT OR REPLACE INTO about (name, value) VALUES (?, ?)", (name, value))

    def keep(self, plan: Plan, kind: Kind = "erasure", joined: Request | None = None) -> Request:
        """Keep a plan as that of the request it joins, or as the one pending request of its kind about its person.

        The same plan shown again keeps its number; an earlier one that differs is put aside and emptied.
        """
        for number, (about, handle, *_) in list(self._waiting().items()):
            if (about, handle) != (kind, plan.person.handle):
                continue
            request = self.load(number)
            if joined is None and (request.asked or (request.plan and request.plan.fingerprint == plan.fingerprint)):
                joined = request
            elif joined is None or joined.number != request.number:
                self.put_aside(request)
        if joined is None:
            return self.new(kind, plan)
        joined.plan, joined.stage, joined.handle = plan.numbered(joined.number), "planned", plan.person.handle
        self.save(joined)
        return joined

    def outdate(self, outcomes: Iterable[StepOutcome], plan: Plan) -> None:
        """Put aside and empty every pending plan that shows an entry, or quotes a cell, which an erase has changed.

        It could not be confirmed any more, and the ledger would go on holding what was erased.
        """
        changed = {(item.step.source, item.step.ref) for item in outcomes if item.result in DONE - {Result.RETAINED}}
        beside = {source for source, one in plan.spread if one.before != one.after}
        hers = Matcher(plan.needles)
        for number, (_, _, shown, spread) in list(self._waiting().items()):
            quoted = any(source in beside and hers.in_text(f"{one.where}\n\0\n{one.before}") for source, one in spread)
            if quoted or not changed.isdisjoint(shown):
                self.put_aside(self.load(number))

    def _waiting(self) -> dict[str, _Planned]:
        """Every plan that waits for its confirmation.

        Read once: nobody else writes while the ledger is open, and of thousands not each is loaded for each.
        """
        if self._plans is None:
            self._plans = {}
            for request in self.standing("planned"):
                self._plans |= _planned(request)
        return self._plans

    def put_aside(self, request: Request) -> None:
        """End a plan that does not count any more; somebody who asked still waits for an answer."""
        if request.asked:
            request.stage, request.plan = "received", None
        else:
            request.stage = "superseded"
            request.empty()
        self.save(request)


@contextmanager
def opened(state: Path) -> Iterator[Ledger]:
    """The ledger of a state directory, made when there is none yet.

    Raises `StateError` when another hub has it open, the key is lost or the file is not a ledger of this key.
    """
    with store.alone(state / LOCK):
        key = key_for_state(state, must_exist=(state / FILE).exists())
        database = store.open_database(state / FILE, key, *_TABLES)
        try:
            book = Ledger(database)
            book.upgrade()
            yield book
        finally:
            database.close()


@contextmanager
def in_memory() -> Iterator[Ledger]:
    """A ledger that nothing is left of: for what must not be written down."""
    database = sqlite3.connect(":memory:")
    try:
        for table in _TABLES:
            database.execute(table)
        yield Ledger(database)
    finally:
        database.close()


def _planned(request: Request) -> dict[str, _Planned]:
    if request.stage != "planned" or request.plan is None:
        return {}
    plan = request.plan
    return {request.number: (request.kind, plan.person.handle, plan.shown(), plan.spread)}


def _first_stage(request: Request) -> Stage:
    if request.plan:
        return "planned"
    if request.asked:
        return "identity_unverified" if request.identity == "not_yet" else "received"
    begins: dict[Kind, Stage] = {"erasure": "planned", "refusal": "closed"}
    return begins.get(request.kind, "verified")


def _place(number: str) -> int:
    """Sorts requests in the order in which they were written down: 10000 comes after 9999."""
    year, _, count = number.partition("-")
    return int(year) * 10**9 + int(count)
