"""The company closes, or goes to another owner: a plan for everybody, approved as a whole and carried out one by one.

Each person's plan is a request of its own, erased by the one path. A batch holds them together: their numbers, and the
fingerprint of all of them, which stands under the listing that the owner reads.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from connectors.contract import Needle
from connectors.entry import IDENTIFYING
from hub import normalise, store
from hub.config import Config
from hub.erase import planning
from hub.erase.owner import is_owner
from hub.law import Law
from hub.person import Person
from hub.plan import Action, Plan
from hub.search.gathered import Gathered, Key
from hub.store import chain

TABLES = (
    "CREATE TABLE IF NOT EXISTS batches (number TEXT PRIMARY KEY, stage TEXT NOT NULL, content TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS taken (request TEXT PRIMARY KEY, content TEXT NOT NULL)",
)
"""`taken` holds values of people, so no line of the chain is about it: it is emptied with the end of its batch."""

Stage = Literal["shown", "running", "finished"]
"""Listed and not approved; approved; carried out as far as a program can."""

REASONS = ("closes", "owner_changes")
"""Why everybody's data goes: the notice promises to keep it while the company runs, and is solely hers."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The requests of one listing, in its order; it names nobody."""

    number: str
    stage: Stage
    reason: str
    created: str
    fingerprint: str
    requests: tuple[str, ...]
    sources: tuple[str, ...] = ()
    """The sources that were asked, all when there is none."""
    staying: tuple[Key, ...] = ()
    """The entries that the owner left out."""
    owner: bool = False
    """Whether she herself is among them."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The values that an erase takes, and the name that it does not search for because several bear it, if any."""

    name: str = field(repr=False)
    needles: tuple[Needle, ...] = field(repr=False)

    @classmethod
    def by(cls, plan: Plan) -> Taken:
        """What a plan takes."""
        name = plan.person.name
        shared = len(normalise.tokens(name)) > 1 and all(needle.kind != "name" for needle in plan.needles)
        return cls(name if shared else "", plan.needles)


@dataclass(slots=True)
class Summary:
    """What the plans of everybody would do, counted; plans are told one by one and not kept."""

    persons: int = 0
    entries: int = 0
    actions: Counter[tuple[str, Action]] = field(default_factory=Counter)
    """By source and action."""
    kept: Counter[tuple[str, str]] = field(default_factory=Counter)
    """What the law keeps, by section and last day; "" where it is not known."""
    _prints: list[str] = field(default_factory=list)

    def add(self, plan: Plan) -> None:
        """Count one person's plan."""
        self.persons += 1
        self.entries += len(plan.steps)
        self.actions.update((step.source, step.action) for step in plan.steps)
        self.kept.update((step.basis or "", step.until or "") for step in plan.steps if step.action is Action.RETAIN)
        self._prints.append(f"{plan.person.handle} {plan.fingerprint}")

    @property
    def fingerprint(self) -> str:
        """A hash over every plan: two listings with the same one do the same things to the same people."""
        return hashlib.sha256("\n".join(sorted(self._prints)).encode()).hexdigest()[:16]


def plans(gathered: Gathered, config: Config, law: Law, reason: str, staying: Collection[Key], *, owner: bool) -> Iterator[Plan]:
    """The plan of each person in turn, without the entries that stay; without the owner herself unless she is meant too.

    Each entry is surely one person's, so nothing is left to decide: what may be another's goes with that other. An entry
    of a company or a thing alone is nobody's and stays.
    """
    for person in gathered.matching.everybody(config.engine):
        if not owner and is_owner(config.controller, members=person.links):
            continue
        if any(member.held.key not in staying and _is_somebody(member.held.entry.fields) for member in person.links):
            yield _plan(gathered, person, law, reason, staying)


def _is_somebody(fields: Collection[Any]) -> bool:
    return any(item.kind in IDENTIFYING for item in fields)


def _plan(gathered: Gathered, person: Person, law: Law, reason: str, staying: Collection[Key]) -> Plan:
    others = [member.held.key for member in person.possible]
    left = [member.held.key for member in person.links if member.held.key in staying]
    plan = planning.make_plan(gathered, person, (), (*others, *left), reason, law=law, spare=bool(staying))
    # A namesake who goes too is not spared: when one of them is gone, the other's plan still holds.
    return replace(plan, spared=tuple(held for held in plan.spared if held.key in staying))


class Batches:
    """The batches in an open ledger."""

    def __init__(self, database: Any) -> None:
        """Take the ledger's database."""
        self._database = database
        for table in TABLES:
            database.execute(table)

    def new(self, summary: Summary, requests: list[str], **told: Any) -> Batch:
        """Write a listing down; it takes the place of one that was not approved."""
        batch = Batch(
            f"E{self._count() + 1}",
            "shown",
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            fingerprint=summary.fingerprint,
            requests=tuple(requests),
            **told,
        )
        self.save(batch)
        return batch

    def save(self, batch: Batch) -> None:
        """Write it as it stands now; durable when this returns. What was taken is kept for one that runs only."""
        content = json.dumps(asdict(batch))
        with store.writing(self._database):
            if batch.stage != "running":
                self._database.execute("DELETE FROM taken")
            self._database.execute(
                "INSERT OR REPLACE INTO batches (number, stage, content) VALUES (?, ?, ?)", (batch.number, batch.stage, content)
            )
            chain.append(self._database, batch.number, batch.stage, content)

    def take(self, request: str, taken: Taken) -> None:
        """Write down what a request takes, before it does: one that comes after it must know, in a later run, too."""
        content = json.dumps([taken.name, *([needle.kind, needle.value] for needle in taken.needles)])
        with store.writing(self._database):
            self._database.execute("INSERT OR REPLACE INTO taken (request, content) VALUES (?, ?)", (request, content))

    def taken(self) -> dict[str, Taken]:
        """What the requests of the batch that runs took so far, by their numbers."""
        rows = self._database.execute("SELECT request, content FROM taken ORDER BY length(request), request").fetchall()
        return {request: _taken(content) for request, content in rows}

    def latest(self) -> Batch | None:
        """The newest listing, None when there never was one."""
        return next(reversed(self._all()), None)

    def numbers(self) -> frozenset[str]:
        """Every request that was made by a listing: nobody asked for it, so no answer is due."""
        return frozenset(number for batch in self._all() for number in batch.requests)

    def _count(self) -> int:
        (count,) = self._database.execute("SELECT count(*) FROM batches").fetchone()
        return int(count)

    def _all(self) -> list[Batch]:
        rows = self._database.execute("SELECT content FROM batches ORDER BY length(number), number").fetchall()
        return [_read(content) for (content,) in rows]


def _taken(content: str) -> Taken:
    name, *needles = json.loads(content)
    return Taken(name, tuple(Needle(kind, value) for kind, value in needles))


def _read(content: str) -> Batch:
    told = json.loads(content)
    lists = {name: tuple(told.pop(name)) for name in ("requests", "sources")}
    return Batch(**told | lists | {"staying": tuple((source, ref) for source, ref in told["staying"])})
