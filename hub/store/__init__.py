"""The hub's own encrypted files in its state directory: opened with its key, and by one hub at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from connectors import _system
from connectors.errors import StateError, Worthless
from connectors.phrase import Phrase

PATIENCE = 20.0
"""Seconds to wait for another hub that works on the same file."""


def open_database(path: Path, key: bytes, *statements: str, hmac: str = "HMAC_SHA512") -> Any:
    """Open the SQLCipher file, made when there is none yet, and carry out the statements (its tables).

    What is deleted in it is overwritten, and what is committed is on the disk. `hmac` is what vouches for each page, as
    SQLCipher calls it: a file opens only with the one it was made with. Raises `Worthless` when it is damaged
    or was made with another key, `StateError` when another hub holds it for too long or the system does not give it out.
    """
    from sqlcipher3 import dbapi2 as sqlcipher  # 20 ms: only what keeps or looks something up needs it

    try:
        database = sqlcipher.connect(str(path), timeout=PATIENCE)
        database.execute("PRAGMA cipher_log_level = NONE")  # what is wrong is said once, in the owner's words
        database.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        database.execute(f"PRAGMA cipher_hmac_algorithm = {hmac}")
        database.execute("PRAGMA secure_delete = ON")
        database.execute("PRAGMA synchronous = FULL")
        for statement in statements:
            database.execute(statement)
        database.commit()
        _system.own_only(path)
    except (sqlcipher.DatabaseError, FileNotFoundError) as error:
        raise trouble(error, path) from None
    return database


def trouble(error: Exception, path: Path) -> StateError:
    """What an error of the database, or of the system, says of one of the hub's own files."""
    if _says(error, *_BUSY):
        return StateError(
            Phrase("Another hub command is working on the file {file} in the hub's own directory.", file=path.name), WAIT
        )
    if _says(error, *_NOT_ITS_FAULT):
        return StateError(
            Phrase("The file {file} in the hub's own directory could not be written: is the disk full?", file=path.name),
            Phrase("Make room and run the command again; the registers themselves are untouched."),
        )
    return Worthless(
        Phrase("The file {file} in the hub's own directory cannot be opened with the hub's key.", file=path.name),
        Phrase("If it came from another computer or a backup, move it away; the registers themselves are untouched."),
    )


def refused(error: Exception) -> StateError | None:
    """What is told of an error of the database that the system gave, wherever it came up; None for any other error."""
    if not isinstance(error, _any_database_errors()) or not _says(error, *_BUSY, *_NOT_ITS_FAULT):
        return None
    return _broken_off(error, _BROKEN_OFF)


def _broken_off(error: Exception, told: tuple[Phrase, Phrase]) -> StateError:
    """What is `told` of a file that could not be written; while another hub has it, no disk is full."""
    return StateError(_OTHERS, WAIT) if _says(error, *_BUSY) else StateError(*told)


WAIT = Phrase("Wait until it has finished, and run this one again.")
_OTHERS = Phrase("Another hub command is working in the hub's own directory.")
_BUSY = ("locked",)
_NOT_ITS_FAULT = ("full", "disk I/O", "unable to open", "readonly", "out of memory")
"""In what SQLite says when the system does not let it read or write: the file itself may be as good as ever."""


def _says(error: Exception, *signs: str) -> bool:
    return any(sign in str(error) for sign in signs)


def database_errors() -> type[Exception]:
    """What the database raises; its driver is imported only where it is used."""
    from sqlcipher3 import dbapi2 as sqlcipher

    errors: type[Exception] = sqlcipher.DatabaseError
    return errors


def misuse() -> type[Exception]:
    """What the database raises when the hub itself uses it wrongly: no file is damaged then."""
    from sqlcipher3 import dbapi2 as sqlcipher

    errors: type[Exception] = sqlcipher.ProgrammingError
    return errors


_BROKEN_OFF = (
    Phrase("The hub's own directory cannot be written to, so the command was broken off."),
    Phrase("Is the disk full? Make room and run the same command again: it goes on where it stopped."),
)


@contextmanager
def writing(database: Any, told: tuple[Phrase, Phrase] = _BROKEN_OFF) -> Iterator[None]:
    """One transaction of one of the hub's own files, or of a copy in memory.

    Raises `StateError` when it cannot be written, which says what is `told`: what happened, and what to do; it is as before then.
    """
    try:
        with database:
            yield
    except misuse():
        raise
    except _any_database_errors() as error:
        raise _broken_off(error, told) from None


def _any_database_errors() -> tuple[type[Exception], ...]:
    """Those of a copy in memory, too."""
    import sqlite3  # the driver of Python itself: a find needs none of it

    return sqlite3.DatabaseError, database_errors()


_REQUESTS = Phrase("Another hub command is working on the requests.")


@contextmanager
def usable() -> Iterator[None]:
    """Say in the hub's own words that its folder cannot be used: a disk that is full or write-protected. Raises `StateError`."""
    try:
        yield
    except OSError as error:
        raise StateError(
            Phrase("The hub's own folder cannot be used (system error {code}).", code=error.errno or 0),
            Phrase("Check `state` in hub.toml: it must be a folder that you may write to."),
        ) from None


@contextmanager
def alone(lock: Path, told: Phrase = _REQUESTS, *, shared: bool = False) -> Iterator[None]:
    """Hold the lock file meanwhile, so that two hubs never write at once; `shared`, only with others that share it.

    Raises `StateError` after `PATIENCE`, which says what is `told`.
    """
    with usable():
        lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _system.own_only(lock.parent)
        release = _wait_for(lock, told, shared=shared)
    try:
        yield
    finally:
        release()


def _wait_for(lock: Path, told: Phrase, *, shared: bool) -> Callable[[], None]:
    end = time.monotonic() + PATIENCE
    while True:
        release = _system.hold_lock(lock, shared=shared)
        if release is not None:
            return release
        if time.monotonic() > end:
            raise StateError(told, WAIT)
        time.sleep(0.1)
