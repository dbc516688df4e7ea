"""The hub's own book of requests: what was asked, planned and done, encrypted from the first day.

One SQLCipher file in the state directory, one row a request. A pending request holds the person's values, because
the erase must know what to look for; a finished one keeps places and actions only.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from typing import Any, Literal

from connectors.contract import Correction, Needle
from connectors.entry import Disposal, Entry, Field, Retention
from connectors.errors import UsageError
from connectors.phrase import Phrase
from hub import chain, store
from hub.person import Answer, Evidence, Held, Member, Person, Verdict
from hub.plan import DONE, Action, Leftover, Plan, Result, State, Step, StepOutcome
from hub.secrets import key_for_state
from hub.undone import Clock, Returned, StepReturn, Window

FILE = "ledger.db"
LOCK = "lock"
_ABOUT = "CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL)"
_TABLE = "CREATE TABLE IF NOT EXISTS requests (number TEXT PRIMARY KEY, stage TEXT NOT NULL, content TEXT NOT NULL)"
_LISTED = "CREATE TABLE IF NOT EXISTS listed (number TEXT PRIMARY KEY, line TEXT NOT NULL)"
_TABLES = (_TABLE, _ABOUT, _LISTED, chain.TABLE)
_CLASSES: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        Answer,
        Correction,
        Entry,
        Evidence,
        Field,
        Held,
        Leftover,
        Member,
        Needle,
        Person,
        Plan,
        Retention,
        Step,
        StepOutcome,
        StepReturn,
        Window,
    )
}
_ENUMS: dict[str, type[Enum]] = {kind.__name__: kind for kind in (Action, Disposal, Result, Returned, State, Verdict)}

Kind = Literal["access", "erasure", "refusal", "objection", "rectification"]
"""Of a refusal nothing is known but that there was one."""

Stage = Literal["pending", "running", "waiting", "finished", "superseded", "undoing", "undone"]
"""Planned; begun; all done that a program can do; all done; a newer plan took its place; being put back; put back."""


OPEN: frozenset[Stage] = frozenset({"pending", "running", "waiting", "undoing"})
"""Stages in which something is still to be done."""


@dataclass(slots=True)
class Request:
    """One request; `intents` are steps whose write was begun, `outcomes` what came of each step so far."""

    number: str
    kind: Kind
    stage: Stage
    created: str
    plan: Plan | None = field(default=None, repr=False)
    intents: list[int] = field(default_factory=list)
    outcomes: dict[int, StepOutcome] = field(default_factory=dict)
    residue: tuple[Leftover, ...] = ()
    state: State | None = None
    window: Window | None = None
    returning: list[int] = field(default_factory=list)
    """Steps whose putting back was begun."""
    returned: dict[int, StepReturn] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """What a list of requests shows of one; `waits_for` are the steps that a hand or another run must still do."""

    number: str
    kind: Kind
    stage: Stage
    created: str
    state: State | None = None
    undo_until: str = ""
    waits_for: tuple[int, ...] = ()


class Ledger:
    """The open book; `opened` gives it, so that two hubs never write at once."""

    def __init__(self, database: Any) -> None:
        self._database = database

    @property
    def database(self) -> Any:
        """The open database, for what is kept in the same file under the same chain."""
        return self._database

    def new(self, kind: Kind, plan: Plan | None = None) -> Request:
        """Write down a new request under the next number of this year."""
        year = datetime.now(UTC).astimezone().year
        rows = self._database.execute(
            "SELECT number FROM requests WHERE number LIKE ? ORDER BY length(number) DESC, number DESC LIMIT 1", (f"{year}-%",)
        ).fetchall()
        number = f"{year}-{int(rows[0][0].split('-')[1]) + 1 if rows else 1:04d}"
        stage: Stage = "pending" if plan or kind == "erasure" else "finished"
        request = Request(number, kind, stage, datetime.now(UTC).isoformat(timespec="seconds"))
        request.plan = plan.numbered(number) if plan else None
        self.save(request)
        return request

    def save(self, request: Request) -> None:
        """Write the request as it stands now; durable when this returns."""
        content = json.dumps(_encode(_as_dict(request)), ensure_ascii=False)
        with self._database:
            self._database.execute(
                "INSERT OR REPLACE INTO requests (number, stage, content) VALUES (?, ?, ?)",
                (request.number, request.stage, content),
            )
            self._database.execute(
                "INSERT OR REPLACE INTO listed (number, line) VALUES (?, ?)", (request.number, json.dumps(_line(request)))
            )
            chain.append(self._database, request.number, request.stage, content)

    def find(self, number: str) -> Request | None:
        """The request of that number, None when there is none."""
        row = self._database.execute("SELECT content FROM requests WHERE number = ?", (number,)).fetchone()
        return Request(**_decode(json.loads(row[0]))) if row else None

    def load(self, number: str) -> Request:
        """The request of that number. Raises `UsageError` when there is none."""
        request = self.find(number)
        if request is None:
            raise UsageError(
                Phrase("There is no request {number}.", number=number),
                Phrase("Run hub erase with the person's name to make one."),
            )
        return request

    def pending(self, *kinds: Kind) -> list[Request]:
        """The requests of these kinds (all when none is named) that wait for a confirmation or were interrupted, oldest first."""
        rows = self._database.execute(
            "SELECT number FROM requests WHERE stage IN ('pending', 'running')"
            " ORDER BY substr(number, 1, 4), length(number), number"
        ).fetchall()
        return [request for request in map(self.load, [number for (number,) in rows]) if not kinds or request.kind in kinds]

    def all(self) -> list[Request]:
        """Every request, oldest first."""
        rows = self._database.execute(
            "SELECT number FROM requests ORDER BY substr(number, 1, 4), length(number), number"  # 10000 comes after 9999
        ).fetchall()
        return [self.load(number) for (number,) in rows]

    def lines(self) -> list[Line]:
        """Every request as a list shows it, oldest first; none of them is loaded whole."""
        rows = self._database.execute(
            "SELECT number, line FROM listed ORDER BY substr(number, 1, 4), length(number), number"
        ).fetchall()
        told = ((number, json.loads(line)) for number, line in rows)
        return [
            Line(number, kind, stage, created, State(state) if state else None, undo_until, tuple(waits_for))
            for number, (kind, stage, created, state, undo_until, waits_for) in told
        ]

    def broken(self) -> tuple[int, list[str]]:
        """How many lines were ever written, and the requests that are not as they were written last."""
        return chain.broken(self._database)

    def begin_lists(self) -> None:
        """Write down what a ledger of an earlier version has no list and no chain of."""
        for (number,) in self._database.execute("SELECT number FROM requests EXCEPT SELECT number FROM listed").fetchall():
            self.save(self.load(number))

    def clock(self, today: date) -> int:
        """The days that the hub's own clock has counted, today's among them; it never goes back."""
        row = self._database.execute("SELECT value FROM about WHERE name = 'clock'").fetchone()
        before = Clock(*json.loads(row[0])) if row else Clock(today.isoformat(), today.isoformat())
        now = before.at(today)
        if now != before or row is None:
            with self._database:
                value = json.dumps([now.latest, now.last, now.count])
                self._database.execute("INSERT OR REPLACE INTO about (name, value) VALUES ('clock', ?)", (value,))
        return now.count

    def keep(self, plan: Plan, kind: Kind = "erasure") -> Request:
        """Keep a plan as the one pending request about its person.

        The same plan shown again keeps its number; an earlier one that differs is put aside and emptied.
        """
        for request in self.pending(kind):
            if request.stage != "pending" or request.plan is None or request.plan.person.handle != plan.person.handle:
                continue
            if request.plan.fingerprint == plan.fingerprint:
                request.plan = plan.numbered(request.number)
                self.save(request)
                return request
            self._put_aside(request, request.plan)
        return self.new(kind, plan)

    def outdate(self, outcomes: Iterable[StepOutcome]) -> None:
        """Put aside and empty every pending plan that shows an entry which an erase has changed.

        It could not be confirmed any more, and the ledger would go on holding what was erased.
        """
        changed = {(item.step.source, item.step.ref) for item in outcomes if item.result in DONE - {Result.RETAINED}}
        for request in self.pending():
            if request.stage == "pending" and request.plan is not None and not changed.isdisjoint(request.plan.shown()):
                self._put_aside(request, request.plan)

    def _put_aside(self, request: Request, plan: Plan) -> None:
        request.stage = "superseded"
        request.plan = plan.without_person()
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
            book.begin_lists()
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


def _line(request: Request) -> list[Any]:
    until = request.window.until if request.window and not request.window.over else ""
    waits_for = [outcome.step.number for outcome in request.outcomes.values() if outcome.result not in DONE]
    return [request.kind, request.stage, request.created, request.state.value if request.state else None, until, waits_for]


def _as_dict(request: Request) -> dict[str, Any]:
    return {item.name: getattr(request, item.name) for item in fields(request)}


def _encode(value: Any) -> Any:
    """JSON for the hub's own value objects: each carries its class name; attachments are not kept."""
    if isinstance(value, Phrase):
        return {"@": "Phrase", "template": value.template, "values": _encode(dict(value.values))}
    if isinstance(value, Enum):
        return {"@": type(value).__name__, "value": value.value}
    if is_dataclass(value) and not isinstance(value, type):
        content = {item.name: _encode(getattr(value, item.name)) for item in fields(value) if item.name != "attachments"}
        return {"@": type(value).__name__, **content}
    if isinstance(value, dict):
        return {"@": "dict", "items": [[_encode(key), _encode(item)] for key, item in value.items()]}
    if isinstance(value, tuple):
        return {"@": "tuple", "items": [_encode(item) for item in value]}
    if isinstance(value, list):
        return [_encode(item) for item in value]
    return value


def _decode(value: Any) -> Any:
    if isinstance(value, list):
        return [_decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    content = dict(value)
    name = content.pop("@")
    if name == "dict":
        return {_decode(key): _decode(item) for key, item in content["items"]}
    if name == "tuple":
        return tuple(_decode(item) for item in content["items"])
    if name == "Phrase":
        return Phrase(content["template"], **_decode(content["values"]))
    if name in _ENUMS:
        return _ENUMS[name](content["value"])
    return _CLASSES[name](**{key: _decode(item) for key, item in content.items()})
