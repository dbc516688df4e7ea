"""Where acts are kept: a table of the ledger's encrypted file, chained like its requests; the key of the marks lies apart."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.errors import UsageError
from connectors.phrase import Phrase
from hub import ledger, store
from hub.ledger import Ledger
from hub.permissions.act import Act, Kind
from hub.permissions.known import Known
from hub.permissions.standing import Disclosed
from hub.person import Person
from hub.store import chain, marking, secrets
from hub.store.marking import Mark

KEY = "permissions.key"
_TABLE = "CREATE TABLE IF NOT EXISTS permissions (number TEXT PRIMARY KEY, content TEXT NOT NULL)"
_LISTS = ("marks", "data")


class Book:
    """The open book; `opened` gives it."""

    def __init__(self, database: Any, key: bytes, region: str) -> None:
        self._database, self._key, self._region = database, key, region

    def record(self, kind: Kind, marks: Iterable[Mark], day: str, **what: Any) -> Act:
        """Write down an act under the next number; durable when this returns."""
        hashed = frozenset((role, marking.digest(self._key, role, text).hex()) for role, text in marks)
        return self._new(Act("", kind, day, _now(), hashed, **what))

    def follow(self, kind: Kind, act: Act, day: str, **what: Any) -> Act:
        """Write down an act about an earlier one and its person."""
        return self._new(Act("", kind, day, _now(), act.marks, of=act.number, **what))

    def _new(self, act: Act) -> Act:
        act = replace(act, number=self._next())
        self._write(act)
        return act

    def rewrite(self, act: Act) -> None:
        """Put what is left of an act in its place; the chain says that it was rewritten."""
        self._write(act)

    def _write(self, act: Act) -> None:
        told: dict[str, Any] = {item.name: getattr(act, item.name) for item in fields(act)}
        told |= {"marks": sorted(act.marks), "data": list(act.data)}
        content = json.dumps(told, ensure_ascii=False)
        with store.writing(self._database):
            self._database.execute("INSERT OR REPLACE INTO permissions (number, content) VALUES (?, ?)", (act.number, content))
            chain.append(self._database, act.number, act.kind, content)

    def _next(self) -> str:
        year = datetime.now(UTC).astimezone().year
        row = self._database.execute(
            "SELECT number FROM permissions WHERE number LIKE ? ORDER BY length(number) DESC, number DESC LIMIT 1",
            (f"P{year}-%",),
        ).fetchone()
        return f"P{year}-{int(row[0].split('-')[1]) + 1 if row else 1:04d}"

    def all(self) -> list[Act]:
        """Every act, in the order of their numbers."""
        rows = self._database.execute("SELECT content FROM permissions ORDER BY length(number), number").fetchall()
        return [_read(content) for (content,) in rows]

    def known(self) -> Known:
        """Every act, found by its person."""
        return Known(self.all(), self._key, self._region)

    def disclosure(self, number: str) -> Act:
        """The disclosure of that number. Raises `UsageError` when there is none."""
        found = next((act for act in self.all() if act.number == number and act.kind == "disclosure"), None)
        if found is None:
            raise UsageError(
                Phrase("There is no disclosure {number}.", number=number), Phrase("hub disclose lists every disclosure.")
            )
        return found


def opened(book: Ledger, state: Path, region: str) -> Book:
    """The book in an open ledger, made when there is none yet. Raises `StateError` when the key of its marks is lost."""
    book.database.execute(_TABLE)
    used = book.database.execute("SELECT 1 FROM permissions LIMIT 1").fetchone() is not None
    there = used or (state / KEY).exists()
    return Book(book.database, secrets.second_key(state, state / KEY, must_exist=there), region)


def found(book: Ledger, state: Path, region: str) -> Book | None:
    """The book in an open ledger; None when nothing was ever written into it: looking makes no file."""
    there = book.database.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'permissions'").fetchone()
    return opened(book, state, region) if there else None


@contextmanager
def kept(state: Path, region: str) -> Iterator[Book | None]:
    """The book, to look into; None when nothing was ever written into it: looking makes no file."""
    if not (state / ledger.FILE).exists():
        yield None
        return
    with ledger.opened(state) as book:
        yield found(book, state, region)


def recipients_of(book: Book, person: Person) -> list[Disclosed]:
    """Who got a person's data by the owner's hand, what and when; for the access package (GDPR 15)."""
    return book.known().of(person).disclosures


def _read(content: str) -> Act:
    told = json.loads(content)
    return Act(**{**told, "marks": frozenset((role, mark) for role, mark in told["marks"]), "data": tuple(told["data"])})


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
