"""Take a card out of a book so that no byte of it stays, with Thunderbird locked out for as long as it takes.

The order keeps every moment whole: rows of card and lists go in one transaction, the picture is set aside before it
and removed after it, then VACUUM rebuilds the file without dead bytes and the journal is emptied into it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path

from connectors import _system
from connectors._files import PREFIX
from connectors.entry import Version
from connectors.errors import PLAN_AGAIN, Conflict, Fault, HubError, Locked, Refused
from connectors.phrase import Phrase
from connectors.thunderbird import receipts
from connectors.thunderbird.books import Book
from connectors.thunderbird.reading import MATCH_CARD, cards_of, translate, translated, version_of

BUSY = 2.0
"""Seconds to wait for another program's lock on a database."""

CARD_COLUMNS = {"properties": "card", "list_cards": "card", "cards": "uid"}
"""The tables that speak of cards, each with the column that says of which."""

_ASIDE = f"{PREFIX}photo-"


def delete_card(
    book: Book, uid: bytes, version: Version, photo: str, seal: Callable[[receipts.Removed], None]
) -> receipts.Removed:
    """Remove one card, its place in every list, and the picture `photo` ("" to leave it); the caller holds the profile.

    What is removed is given to `seal` before it is written, and back. Raises `Conflict`, `Locked`, `Refused` or `Damaged` while nothing is written yet, `Fault` when the card is gone
    but its old bytes could not be cleared.
    """
    with _writing(book) as connection:
        with _transaction(connection, partial(put_back, book)):
            rows = cards_of(connection, uid).get(uid, ())
            if version_of(rows) != version:
                raise changed(book)
            removed = {table: _rows_of(connection, table, column, uid) for table, column in CARD_COLUMNS.items()}
            seal(receipts.Removed(tables=removed))
            _delete_rows(connection, uid)
            if photo:
                set_aside(book, photo)
        try:
            clear(connection, book)
        except (sqlite3.Error, OSError, UnicodeDecodeError, HubError) as error:
            reason = error if isinstance(error, HubError) else translate(error, book)
            raise Fault(
                Phrase("The card is deleted from the {where}, but its old bytes could not be cleared.", where=book.where),
                reason.told,
            ) from None
    if photo:
        with translated(book):
            remove_aside(book, photo)
    return receipts.Removed(tables=removed)


def restore_card(book: Book, told: receipts.Receipt) -> bool:
    """Put the rows of a card back, all or nothing; False when a list it was in is no longer there.

    The caller holds the profile. Raises `Conflict`, `Locked`, `Refused` or `Damaged`: nothing was written then.
    """
    with _writing(book) as connection, _transaction(connection, partial(remove_aside, book, told.photo)):
        if cards_of(connection, told.uid):
            raise there_again(book)
        put = [_insert(connection, table, rows) for table, rows in told.removed.tables.items()]
        if version_of(cards_of(connection, told.uid).get(told.uid, ())) != told.version:
            raise not_as_it_was(book)
        lay_aside(book, told.photo, told.picture)
    return all(put)


def not_as_it_was(book: Book) -> Refused:
    """The error for a book that has no place any more for what a card held."""
    return Refused(Phrase("The {where} cannot take the card as it was; nothing was put back.", where=book.where))


def there_again(book: Book) -> Conflict:
    """The error for a card that is there when it is to be put back."""
    return Conflict(Phrase("The card is in the {where} again; nothing was put back.", where=book.where))


def _has(connection: sqlite3.Connection, table: str) -> bool:
    sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND CAST(name AS BLOB) = ?"
    return connection.execute(sql, (table.encode(),)).fetchone() is not None


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1].decode() for row in connection.execute(f"PRAGMA table_info({table})")]


def _rows_of(connection: sqlite3.Connection, table: str, column: str, uid: bytes) -> list[receipts.SqlRow]:
    """The rows of one table that are about a card, each value with its type: text of bytes is not the same as bytes."""
    if not _has(connection, table):
        return []
    names = _columns(connection, table)
    wanted = ", ".join(f'typeof("{name}"), "{name}"' for name in names)
    where = f"CAST(coalesce({column}, '') AS BLOB) = ?"
    rows = connection.execute(f"SELECT {wanted} FROM {table} WHERE {where} ORDER BY rowid", (uid,))  # noqa: S608  # the table's own names
    return [{name: (row[2 * place].decode(), row[2 * place + 1]) for place, name in enumerate(names)} for row in rows]


def _insert(connection: sqlite3.Connection, table: str, rows: Sequence[receipts.SqlRow]) -> bool:
    """Put rows back where the table has such columns; False for a place in a list that is gone."""
    if not rows:
        return True
    if not _has(connection, table) or set(rows[0]) - set(_columns(connection, table)):
        return False
    there = [row for row in rows if table != "list_cards" or _list_is_there(connection, row)]
    for row in there:
        names = ", ".join(f'"{name}"' for name in row)
        places = ", ".join("CAST(? AS TEXT)" if kind == "text" else "?" for kind, _ in row.values())
        values = [value for _, value in row.values()]
        connection.execute(f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({places})", values)  # noqa: S608  # names of the table's columns
    return len(there) == len(rows)


def _list_is_there(connection: sqlite3.Connection, row: receipts.SqlRow) -> bool:
    sql = "SELECT 1 FROM lists WHERE CAST(uid AS BLOB) = CAST(? AS BLOB)"
    return _has(connection, "lists") and connection.execute(sql, (row["list"][1],)).fetchone() is not None


def changed(book: Book) -> Conflict:
    """The error for a card that is not as it was when the plan was made."""
    return Conflict(
        Phrase("A card of the {where} changed since the plan was shown; nothing was written.", where=book.where),
        PLAN_AGAIN,
    )


def clean(book: Book) -> None:
    """Rebuild a book without dead bytes; no card changes. The caller holds the profile."""
    with _writing(book) as connection:
        clear(connection, book)


def clear(connection: sqlite3.Connection, book: Book) -> None:
    """VACUUM, empty the journal into the file, check the result. Raises `Locked` when somebody keeps the journal busy."""
    connection.execute("VACUUM")
    checkpoint(connection, book)
    if connection.execute("PRAGMA integrity_check(1)").fetchone()[0] != b"ok":
        raise Fault(Phrase("The {where} did not pass its check after the erase.", where=book.where))


def checkpoint(connection: sqlite3.Connection, book: Book) -> None:
    """Move the journal into the database and cut it to nothing; a database without one answers -1 and is fine."""
    busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if busy:
        raise Locked(
            Phrase("Another program reads the {where}, so its journal could not be emptied.", where=book.where),
            Phrase("Close that program and run the command again."),
        )


def set_aside(book: Book, photo: str) -> None:
    """Give a picture a name of the hub's own until the card that shows it is surely gone."""
    picture = _photos(book) / photo
    if picture.is_file():
        _system.replace(picture, _aside(book, photo))


def put_back(book: Book) -> None:
    """Give every picture that was set aside its name back."""
    for aside in _photos(book).glob(f"{_ASIDE}*"):
        with suppress(OSError):
            _system.replace(aside, aside.with_name(aside.name.removeprefix(_ASIDE)))


def picture_of(book: Book, photo: str) -> bytes | None:
    """The bytes of a picture, None where there is none."""
    picture = _photos(book) / photo
    return picture.read_bytes() if photo and picture.is_file() else None


def lay_aside(book: Book, photo: str, picture: bytes) -> None:
    """Write a picture ("" for none) under a name of the hub's own, until the card that shows it is surely there."""
    if photo:
        _photos(book).mkdir(mode=0o700, exist_ok=True)
        _aside(book, photo).write_bytes(picture)


def take_up(book: Book, photo: str) -> bool:
    """Give a picture that was laid aside its name, "" for none; False when another one has it."""
    aside, picture = _aside(book, photo), _photos(book) / photo
    taken = bool(photo) and picture.exists() and picture.read_bytes() != aside.read_bytes()
    if photo and not taken:
        _system.replace(aside, picture)
    aside.unlink(missing_ok=True)
    return not taken


def remove_aside(book: Book, photo: str) -> None:
    """Remove a picture that was set aside."""
    _aside(book, photo).unlink(missing_ok=True)


def settle_photos(book: Book, used: frozenset[str]) -> None:
    """End what a killed run began: a picture that a card still shows gets its name back, another goes."""
    with translated(book):
        for aside in _photos(book).glob(f"{_ASIDE}*"):
            name = aside.name.removeprefix(_ASIDE)
            picture = aside.with_name(name)
            if name in used and not picture.exists():
                _system.replace(aside, picture)
            else:
                aside.unlink()


@contextmanager
def _writing(book: Book) -> Iterator[sqlite3.Connection]:
    """A connection to the book itself that shares it with nobody and leaves no old byte in the pages it frees."""
    uri = f"{book.path.absolute().as_uri()}?mode=rw"
    with translated(book), closing(sqlite3.connect(uri, uri=True, isolation_level=None, timeout=BUSY)) as connection:
        connection.text_factory = bytes
        for pragma in ("locking_mode = EXCLUSIVE", "secure_delete = ON", "temp_store = MEMORY"):
            connection.execute(f"PRAGMA {pragma}")
        if connection.execute("PRAGMA secure_delete").fetchone()[0] != 1:
            raise Fault(Phrase("This SQLite cannot delete securely."))
        yield connection


@contextmanager
def _transaction(connection: sqlite3.Connection, undo: Callable[[], None]) -> Iterator[None]:
    """All or nothing; `undo` does for a picture what the rollback does for the rows."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        _commit(connection)
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        undo()
        raise


def _delete_rows(connection: sqlite3.Connection, uid: bytes) -> None:
    connection.execute(f"DELETE FROM list_cards WHERE {MATCH_CARD}", (uid,))  # noqa: S608  # a constant of this package
    gone = connection.execute(f"DELETE FROM properties WHERE {MATCH_CARD}", (uid,)).rowcount  # noqa: S608  # the same
    if gone < 1:
        raise Fault(Phrase("Nothing was deleted though the card was there."))
    if connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'cards'").fetchone():
        connection.execute("DELETE FROM cards WHERE CAST(uid AS BLOB) = ?", (uid,))


def _commit(connection: sqlite3.Connection) -> None:
    connection.execute("COMMIT")


def _photos(book: Book) -> Path:
    return book.profile.folder / "Photos"


def _aside(book: Book, photo: str) -> Path:
    return _photos(book) / f"{_ASIDE}{photo}"
