"""Breaches of personal data: every one is written down, with a clock that runs from the moment it was known (GDPR articles 33, 34).

Kept in the ledger's file under its chain: facts, times and counts, nobody's name. A closed one stays, as article 33 (5) wants.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from connectors.entry import KINDS
from connectors.errors import UsageError
from connectors.phrase import Phrase
from hub import store
from hub.law import clock
from hub.person import Answer, Person
from hub.store import chain

TABLE = "CREATE TABLE IF NOT EXISTS breaches (number TEXT PRIMARY KEY, stage TEXT NOT NULL, content TEXT NOT NULL)"

Risk = Literal["none", "risk", "high"]
"""For the rights of those concerned; it says what the law asks for. The owner's own promise is to tell of any misuse."""


@dataclass(frozen=True, slots=True)
class Concerned:
    """A register that the breach may concern: whom it holds, counted when the breach was written down.

    `state` is that of the source's answer; `data` are kinds of fields.
    """

    source: str
    kind: str
    state: str
    persons: int
    entries: int
    data: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Breach:
    """One breach; times are ISO 8601 with their offset, "" where nothing happened yet."""

    number: str
    aware: str
    created: str
    noticed_by: Literal["self", "other"] = "self"
    risk: Risk = "risk"
    what: str = field(default="", repr=False)
    effects: str = field(default="", repr=False)
    measures: str = field(default="", repr=False)
    delay: str = field(default="", repr=False)
    """Why the authority was told late."""
    concerned: tuple[Concerned, ...] = ()
    persons: int = 0
    """All of them, each counted once however many registers hold them."""
    authority: str = ""
    """When the authority was told."""
    customers: str = ""
    """When those concerned were told."""
    closed: str = ""
    untold: str = field(default="", repr=False)
    """Why it was closed although somebody was not told."""

    @property
    def missing(self) -> tuple[str, ...]:
        """Who is still to be told, of `authority` and `customers`."""
        return tuple(name for name in ("authority", "customers") if not getattr(self, name))

    def deadline(self, country: str) -> datetime:
        """Until when both are to be told."""
        return clock.breach_deadline(datetime.fromisoformat(self.aware), country)

    def late(self, now: datetime, country: str) -> bool:
        """Whether the authority was told too late, or can only be: the reasons are to be given then."""
        told = datetime.fromisoformat(self.authority) if self.authority else now
        return told > self.deadline(country)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A breach of which somebody must still be told: what the report names."""

    number: str
    deadline: datetime
    missing: tuple[str, ...]


class Breaches:
    """The breaches in an open ledger."""

    def __init__(self, database: Any) -> None:
        """Take the ledger's database."""
        self._database = database
        database.execute(TABLE)

    def new(self, aware: datetime, now: datetime, **told: Any) -> Breach:
        """Write a breach down under the next number of the year; at once, before anything is counted."""
        numbers = [item.number for item in self.all() if item.number.startswith(f"B{now.year}-")]
        count = max((int(number.partition("-")[2]) for number in numbers), default=0) + 1
        breach = Breach(f"B{now.year}-{count:04d}", aware.isoformat(), now.isoformat(timespec="seconds"), **told)
        self.save(breach)
        return breach

    def save(self, breach: Breach) -> None:
        """Write it as it stands now; durable when this returns."""
        stage = "closed" if breach.closed else "open"
        content = json.dumps(asdict(breach), ensure_ascii=False)
        with store.writing(self._database):
            self._database.execute(
                "INSERT OR REPLACE INTO breaches (number, stage, content) VALUES (?, ?, ?)", (breach.number, stage, content)
            )
            chain.append(self._database, breach.number, stage, content)

    def load(self, number: str) -> Breach:
        """The breach of that number. Raises `UsageError` when there is none."""
        row = self._database.execute("SELECT content FROM breaches WHERE number = ?", (number,)).fetchone()
        if row is None:
            raise UsageError(Phrase("There is no breach {number}.", number=number), Phrase("hub breach show lists all of them."))
        return _read(row[0])

    def all(self) -> list[Breach]:
        """Every breach, oldest first."""
        rows = self._database.execute("SELECT content FROM breaches ORDER BY substr(number, 1, 5), length(number), number")
        return [_read(content) for (content,) in rows.fetchall()]

    def waiting(self, country: str) -> list[Waiting]:
        """Those of which somebody must still be told."""
        return [
            Waiting(item.number, item.deadline(country), item.missing) for item in self.all() if item.missing and not item.closed
        ]


def _read(content: str) -> Breach:
    told = json.loads(content)
    concerned = tuple(Concerned(**{**item, "data": tuple(item["data"])}) for item in told.pop("concerned"))
    return Breach(**told, concerned=concerned)


def counted(breach: Breach, answers: Sequence[Answer], everybody: Iterable[Person], sources: Sequence[str]) -> Breach:
    """The breach with whom the registers hold: an estimate for the owner to correct. Only counts and kinds of data are kept.

    `sources` are the registers that it concerns, all that were asked when there is none.
    """
    asked = [answer for answer in answers if not sources or answer.source in sources]
    persons = dict.fromkeys((answer.source for answer in asked), 0)
    entries, data = dict(persons), {name: dict[str, None]() for name in persons}
    total = 0
    for person in everybody:
        held = [member.held for member in person.links if member.held.source in persons]
        total += bool(held)
        for name in {item.source for item in held}:
            persons[name] += 1
        for item in held:
            entries[item.source] += 1
            data[item.source].update(dict.fromkeys(one.kind for one in item.entry.fields))
    concerned = (
        Concerned(
            item.source,
            item.kind,
            item.state,
            persons[item.source],
            entries[item.source],
            tuple(sorted(data[item.source], key=KINDS.index)),
        )
        for item in asked
    )
    return replace(breach, concerned=tuple(concerned), persons=total)


def closed(breach: Breach, now: datetime, reason: str) -> Breach:
    """The breach at its end. Raises `UsageError` when it is closed, or somebody was not told and no reason says why."""
    if breach.closed:
        raise UsageError(Phrase("Breach {number} is closed already.", number=breach.number))
    if breach.missing and not reason.strip():
        raise UsageError(
            Phrase("Breach {number} cannot be closed: not everybody was told.", number=breach.number),
            Phrase("Say when with --authority TIME and --customers TIME, or with --reason why they need not be told."),
        )
    return replace(
        breach, closed=now.astimezone(UTC).isoformat(timespec="seconds"), untold=reason.strip() if breach.missing else ""
    )
