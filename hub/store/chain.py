"""Every line of the ledger as it was written, each sealed by a hash over itself and the line before: what is changed later shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

TABLE = """CREATE TABLE IF NOT EXISTS chain (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, number TEXT NOT NULL, stage TEXT NOT NULL, content TEXT NOT NULL, digest TEXT NOT NULL)"""

INDEX = "CREATE INDEX IF NOT EXISTS chain_number ON chain (number)"

KEPT = ("requests", "permissions", "breaches", "batches")
"""The tables whose rows (`number`, `content`) are chained; a number is in one of them only."""


def append(database: Any, number: str, stage: str, content: str) -> None:
    """Add a line about a row as it is written now; of its content only a hash, so that nobody is kept by it."""
    row = database.execute("SELECT digest FROM chain ORDER BY id DESC LIMIT 1").fetchone()
    line = (datetime.now(UTC).isoformat(timespec="seconds"), number, stage, _hash(content))
    database.execute(
        "INSERT INTO chain (at, number, stage, content, digest) VALUES (?, ?, ?, ?, ?)",
        (*line, _digest(row[0] if row else "", line)),
    )


def broken(database: Any) -> tuple[int, list[str]]:
    """How many lines there are, and the numbers of the rows that are not as they were written."""
    before, lines = "", 0
    last: dict[str, str] = {}
    wrong: dict[str, None] = {}
    for number_of_line, *line, digest in database.execute("SELECT id, at, number, stage, content, digest FROM chain ORDER BY id"):
        lines += 1
        if digest != _digest(before, tuple(line)) or number_of_line != lines:
            wrong[line[1]] = None
        before, last[line[1]] = digest, line[3]
    for number, content in _rows(database):
        if last.pop(number, "") != _hash(content):
            wrong[number] = None
    wrong.update(dict.fromkeys(last))  # written once, and not there any more
    return lines, list(wrong)


def _rows(database: Any) -> Iterator[tuple[str, str]]:
    there = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for table in KEPT:
        if table in there:
            yield from database.execute(f"SELECT number, content FROM {table} ORDER BY number")  # noqa: S608  # a name from above


def _hash(content: str) -> str:
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


def _digest(before: str, line: tuple[str, ...]) -> str:
    return _hash(json.dumps([before, *line]))


def is_sealed(database: Any, number: str, content: str | None = None) -> bool:
    """Whether the last line about a request is of this content; without it: whether there is one at all."""
    row = database.execute("SELECT content FROM chain WHERE number = ? ORDER BY id DESC LIMIT 1", (number,)).fetchone()
    return row is not None and (content is None or row[0] == _hash(content))
