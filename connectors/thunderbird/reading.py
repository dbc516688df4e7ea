"""Read a book: a database from a private copy with its journal, so that nothing beside the original ever changes.

A card is nothing but rows of the table `properties`; text is kept as bytes, for it may be anything. A book in the old
format (Mork) gives the same: its cells are the rows of a card, and the id of its row is the card's uid.
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from connectors._files import private_folder, reading
from connectors.entry import Version
from connectors.errors import Damaged, HubError, Locked, Refused
from connectors.phrase import Phrase
from connectors.thunderbird import morkbook
from connectors.thunderbird.books import SIDE_FILES, Book
from connectors.thunderbird.morkbook import CARD, DATA, LIST, LIST_TEXTS, MorkBook
from connectors.thunderbird.morkbook import Row as MorkRow

TRIES = 5
PAUSE = 0.2
"""How often, and after how many seconds, a book is copied again that was written to meanwhile."""

_NEEDED = {b"properties", b"list_cards"}

Row = tuple[bytes, bytes]
"""Name and value of one property of a card."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a book holds: the rows of each card by its uid, in the book's order, and the texts of its lists.

    `cut_off`: from some place on the file cannot be read, and nobody knows what it held there.
    """

    cards: dict[bytes, tuple[Row, ...]] = field(repr=False)
    lists: tuple[tuple[bytes, ...], ...] = field(repr=False)
    cut_off: bool = False


def read_book(book: Book) -> Content:
    """All of a book, as it was a moment ago. Raises `Damaged`, `Locked` or `Unreachable`."""
    if book.format == "broken":
        raise damaged(book)
    if book.format == "mork":
        return mork_content(read_mork(book)[0])
    with private_copy(book) as connection, translated(book):
        return Content(cards_of(connection), _lists_of(connection))


def members_of_lists(book: Book) -> dict[str, set[bytes]]:
    """The cards, by their uids, in each mailing list of a book, by its name; none of a book in the old format.

    Raises as `read_book`.
    """
    found: dict[str, set[bytes]] = {}
    if book.format != "sqlite":
        return found
    with private_copy(book) as connection, translated(book):
        for name, card in _memberships(connection):
            found.setdefault(readable(name).decode("utf-8", "replace"), set()).add(card)
    return found


def read_mork(book: Book) -> tuple[MorkBook, bytes]:
    """A book in the old format, and its bytes. Raises `Damaged` or `Unreachable`."""
    with reading(book.path):
        data = book.path.read_bytes()
    try:
        return morkbook.from_bytes(data), data
    except Damaged:
        raise damaged(book) from None


def mork_content(told: MorkBook) -> Content:
    """The cards and lists of a book in the old format; rows that are neither count among the lists' texts."""
    cards = {uid_of(row): tuple((name, readable(value)) for name, value in row.cells) for row in told.cards}
    lists = (
        tuple(readable(value) for name, value in row.cells if row.scope != LIST or name in LIST_TEXTS)
        for row in told.rows
        if row.scope not in {CARD, DATA}
    )
    return Content(cards, tuple(lists), told.cut_off)


def uid_of(row: MorkRow) -> bytes:
    """What stands for a uid in the old format, which has none: the row's id, never given twice in one book."""
    return b"%X" % row.id


def readable(value: bytes) -> bytes:
    """A value in UTF-8; one that is not was written by Netscape in the letters of its Windows."""
    try:
        value.decode()
    except UnicodeDecodeError:
        return value.decode("cp1252", "replace").encode()
    return value


@contextmanager
def private_copy(book: Book) -> Iterator[sqlite3.Connection]:
    """An open connection to a checked copy of the book that only this user can read."""
    with private_folder() as folder:
        copy = folder / "book.sqlite"
        _copy(book, copy)
        with translated(book), closing(sqlite3.connect(copy, isolation_level=None)) as connection:
            connection.text_factory = bytes
            _check(connection, book)
            yield connection


def cards_of(connection: sqlite3.Connection, uid: bytes | None = None) -> dict[bytes, tuple[Row, ...]]:
    """The rows of every card, or of one; a value that is no text is its bytes, nothing is empty."""
    sql = "SELECT CAST(coalesce(card, '') AS BLOB), name, value FROM properties"
    if uid is None:
        rows = connection.execute(f"{sql} ORDER BY rowid")
    else:
        rows = connection.execute(f"{sql} WHERE {MATCH_CARD} ORDER BY rowid", (uid,))
    found: dict[bytes, list[Row]] = {}
    for card, name, value in rows:
        found.setdefault(card, []).append((_bytes(name), _bytes(value)))
    return {card: tuple(rows) for card, rows in found.items()}


MATCH_CARD = "CAST(coalesce(card, '') AS BLOB) = ?"
"""Finds a card by the bytes of its uid, whatever type and encoding somebody gave it."""


def version_of(rows: Sequence[Row]) -> Version:
    """A hash over the card's rows, whatever their order; membership of lists is not part of it."""
    total = hashlib.sha256()
    for name, value in sorted(rows):
        total.update(b"%d:%b%d:%b" % (len(name), name, len(value), value))
    return Version(total.hexdigest()[:20])


def uid_key(uid: bytes) -> str:
    """The part of a ref that says which card of its book is meant."""
    return hashlib.sha256(uid).hexdigest()[:16]


def damaged(book: Book) -> Damaged:
    """The error for a book that is no database (any more)."""
    return Damaged(
        Phrase("The {where} is damaged and cannot be read.", where=book.where),
        Phrase("Open it in Thunderbird; if it is an old copy that nobody needs, delete the file {file}.", file=book.path.name),
    )


@contextmanager
def translated(book: Book) -> Iterator[None]:
    """Turn SQLite's and the system's errors into the hub's; their texts may quote content and are dropped."""
    try:
        yield
    except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
        raise translate(error, book) from None


def translate(error: sqlite3.Error | OSError | UnicodeDecodeError, book: Book) -> HubError:
    """The hub's error for one of SQLite's or the system's; a message of SQLite's that quotes broken bytes cannot be decoded."""
    if isinstance(error, OSError):
        return Refused(
            Phrase("Files of the {where} could not be changed (system error {code}).", where=book.where, code=error.errno or 0),
            Phrase("Is the disk full or the folder write-protected? Make room, check its permissions, run the command again."),
        )
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else 0
    if primary in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return Locked(
            Phrase("Another program has the {where} open.", where=book.where),
            Phrase("Close Thunderbird and every other program that uses it, and run the command again."),
        )
    if primary in {
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOMEM,
    }:
        return Refused(
            Phrase("The {where} could not be written (database error {code}).", where=book.where, code=primary),
            Phrase("Is the disk full or the file write-protected? Make room, check its permissions, run the command again."),
        )
    return damaged(book)


def _copy(book: Book, copy: Path) -> None:
    """Copy database and journals; once more when one of them changed while it was copied."""
    for attempt in range(TRIES):
        if attempt:
            time.sleep(PAUSE)
        before = _state(book)
        for suffix in ("", "-wal", "-journal"):
            source, target = book.side(suffix), copy.with_name(copy.name + suffix)
            target.unlink(missing_ok=True)
            if source.is_file() and (not suffix or source.stat().st_size):
                with reading(source):
                    shutil.copyfile(source, target)
        if _state(book) == before:
            return
    raise Locked(
        Phrase("The {where} is being written to all the time.", where=book.where),
        Phrase("Wait until Thunderbird is done with it, or close it, and run the command again."),
    )


def _state(book: Book) -> list[tuple[int, int, int] | None]:
    found: list[tuple[int, int, int] | None] = []
    for suffix in ("", *SIDE_FILES):
        try:
            stat = book.side(suffix).stat()
            found.append((stat.st_ino, stat.st_size, stat.st_mtime_ns))
        except FileNotFoundError:
            found.append(None)
    return found


def _check(connection: sqlite3.Connection, book: Book) -> None:
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    encoding = connection.execute("PRAGMA encoding").fetchone()[0]
    sound = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if not tables >= _NEEDED or encoding != b"UTF-8" or sound != b"ok":
        raise damaged(book)


def _lists_of(connection: sqlite3.Connection) -> tuple[tuple[bytes, ...], ...]:
    """Name, nickname and description of each list."""
    exists = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'lists'").fetchone()
    if not exists:
        return ()
    cursor = connection.execute("SELECT * FROM lists")
    texts = [index for index, column in enumerate(cursor.description) if column[0] not in {"uid", "localId"}]
    return tuple(tuple(_bytes(row[index]) for index in texts) for row in cursor)


def _memberships(connection: sqlite3.Connection) -> list[tuple[bytes, bytes]]:
    exists = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'lists'").fetchone()
    if not exists:
        return []
    rows = connection.execute("SELECT lists.name, list_cards.card FROM lists JOIN list_cards ON list_cards.list = lists.uid")
    return [(_bytes(name), _bytes(card)) for name, card in rows]


def _bytes(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    return b"" if value is None else str(value).encode("utf-8", "surrogateescape")
