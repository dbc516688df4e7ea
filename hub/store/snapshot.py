"""What an erase takes away, sealed so that it can be put back, until its key is destroyed.

One encrypted file and one key for each request, named by its number, in a folder of the hub's own directory. It is opened by
that key and the hub's own together: neither is enough, and without the first nobody can ever read it again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from connectors import _system
from connectors.entry import Field
from connectors.phrase import Phrase
from hub import store
from hub.store import secrets

FOLDER = "undo"
_TABLES = (
    "CREATE TABLE IF NOT EXISTS entry (step INTEGER PRIMARY KEY, fields TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS receipt (step INTEGER PRIMARY KEY, content BLOB NOT NULL)",
)

_LEFT_ALONE = (
    Phrase("The copy from which the entry could be put back could not be written; the entry was left alone."),
    Phrase("Is the disk full? Make room, or set undo_days = 0, and confirm the request again."),
)


class Snapshot:
    """The open copy of what one request takes away; what is kept is on the disk when the call returns."""

    def __init__(self, database: Any) -> None:
        self._database = database

    def keep_fields(self, step: int, fields: Sequence[Field]) -> None:
        """Keep what an entry holds, before it goes; a later run finds less and does not take its place."""
        rows = json.dumps([[item.kind, item.value, item.label, item.stays] for item in fields], ensure_ascii=False)
        self._write("INSERT OR IGNORE INTO entry (step, fields) VALUES (?, ?)", (step, rows))

    def keep_receipt(self, step: int, receipt: bytes) -> None:
        """Keep what puts the entry back; a later one knows more and takes the place of an earlier one."""
        self._write("INSERT OR REPLACE INTO receipt (step, content) VALUES (?, ?)", (step, receipt))

    def sealer(self, step: int) -> Callable[[bytes], None]:
        """What a connector calls with its receipt, just before it writes."""
        return lambda receipt: self.keep_receipt(step, receipt)

    def begun(self, step: int) -> bool:
        """Whether a step came so far that its entry was kept here: it is, before anything is written."""
        return self._database.execute("SELECT 1 FROM entry WHERE step = ?", (step,)).fetchone() is not None

    def fields(self, step: int) -> tuple[Field, ...]:
        """What the entry of a step held."""
        row = self._database.execute("SELECT fields FROM entry WHERE step = ?", (step,)).fetchone()
        return tuple(Field(*item) for item in json.loads(row[0])) if row else ()

    def receipt(self, step: int) -> bytes:
        """What puts the entry of a step back, b"" when there is nothing."""
        row = self._database.execute("SELECT content FROM receipt WHERE step = ?", (step,)).fetchone()
        return bytes(row[0]) if row else b""

    def _write(self, statement: str, values: tuple[object, ...]) -> None:
        with store.writing(self._database, _LEFT_ALONE):
            self._database.execute(statement, values)


@contextmanager
def opened(state: Path, request: str, *, make: bool = False) -> Iterator[Snapshot | None]:
    """The copy of a request; None when there is none (any more) and none is to be made."""
    key, file = _paths(state, request)
    if not key.exists():
        if not make:
            yield None
            return
        remove(state, request)  # a file whose key is gone is of no use to anybody
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _system.own_only(file.parent)
    database = store.open_database(file, secrets.second_key(state, key), *_TABLES)
    _system.sync_folder(file.parent)
    try:
        yield Snapshot(database)
    finally:
        database.close()


def requests(state: Path) -> list[str]:
    """The numbers of the requests of which anything is here."""
    return sorted({path.name.partition(".")[0] for path in (state / FOLDER).glob("*.*")})


def destroy_key(state: Path, request: str) -> None:
    """Make a copy unreadable for ever."""
    secrets.destroy(_paths(state, request)[0])


def remove(state: Path, request: str) -> None:
    """Remove what is left of a copy: the key first."""
    destroy_key(state, request)
    for path in (state / FOLDER).glob(f"{request}.*"):
        path.unlink(missing_ok=True)


def _paths(state: Path, request: str) -> tuple[Path, Path]:
    return state / FOLDER / f"{request}.key", state / FOLDER / f"{request}.db"
