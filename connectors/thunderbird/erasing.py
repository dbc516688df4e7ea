"""Take a card out of a book so that no byte of it stays, with Thunderbird locked out for as long as it takes.

The order keeps every moment whole: rows of card and lists go in one transaction, the picture is set aside before it
and removed after it, then VACUUM rebuilds the file without dead bytes and the journal is emptied into it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from connectors import _system
from connectors._files import PREFIX
from connectors.entry import Version
from connectors.errors import Conflict, Fault, HubError, Locked
from connectors.phrase import Phrase
from connectors.thunderbird.books import Book
from connectors.thunderbird.reading import MATCH_CARD, cards_of, translate, translated, version_of

BUSY = 2.0
"""Seconds to wait for another program's lock on a database."""

_ASIDE = f"{PREFIX}photo-"


def delete_card(book: Book, uid: bytes, version: Version, photo: str) -> None:
    """Remove one card, its place in every list, and the picture `photo` ("" to leave it); the caller holds the profile.

    Raises `Conflict`, `Locked`, `Refused` or `Damaged` while nothing is written yet, `Fault` when the card is gone
    but its old bytes could not be cleared.
    """
    with _writing(book) as connection:
        with _transaction(connection, book):
            rows = cards_of(connection, uid).get(uid, ())
            if version_of(rows) != version:
                raise changed(book)
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


def changed(book: Book) -> Conflict:
    """The error for a card that is not as it was when the plan was made."""
    return Conflict(
        Phrase("A card of the {where} changed since the plan was shown; nothing was written.", where=book.where),
        Phrase("Run the erase again to see the new plan."),
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
def _transaction(connection: sqlite3.Connection, book: Book) -> Iterator[None]:
    """All or nothing; a picture that was set aside comes back with the rest."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        _commit(connection)
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        put_back(book)
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
