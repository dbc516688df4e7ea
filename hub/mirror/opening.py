"""How the mirror's file is opened, made, made anew and removed, while other hubs may be at it too."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from itertools import product
from pathlib import Path
from typing import Any

from connectors.errors import StateError, Worthless
from connectors.phrase import Phrase
from hub import store
from hub.mirror import blocks, words
from hub.mirror.file import Mirror

FILE = "mirror.db"
NIGHT, SAID = "night.db", "said.db"
FILES = frozenset({FILE, NIGHT, SAID})
"""The mirror, and what is kept of the last night beside it: who is who, and what was said of them. All is made anew at need."""

FORMAT = "12"
"""Goes up when rows or words are made otherwise than before: an older file is then made anew."""

TABLES = (
    "PRAGMA auto_vacuum = INCREMENTAL",
    "CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS source (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, state TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS shape (id INTEGER PRIMARY KEY, shape TEXT UNIQUE NOT NULL)",
    *blocks.TABLES,
    *words.TABLES,
)
_FREE = 20
"""Free pages are given back when they are more than one in so many: merging the words of a build leaves many."""

_HMAC = "HMAC_SHA256"
"""Processors have instructions for it: a page is read in three quarters of the time, and carries half the digits."""

_BUSY = Phrase("Another hub command is working on the mirror.")
_FULL = Phrase("The disk with the hub's own folder is full."), Phrase("Make room, and run the command again.")


@contextmanager
def opened(state: Path, key: bytes, region: str, *, anew: bool = False) -> Iterator[Mirror]:
    """The mirror of a state directory; one that is damaged, foreign or of an older format is made `anew`, empty.

    What is done inside and not committed is kept when the block ends well, and undone when it does not. Raises
    `StateError` when it turns out damaged in the middle (and is gone then), or another hub has it for too long.
    """
    path = state / FILE
    broken: Exception | None = None
    with _in_use(path, key, region, anew=anew) as database:
        number = path.stat().st_ino
        try:
            with ExitStack() as ending:
                mirror = Mirror(database, ending)
                yield mirror
            mirror.words.settle()
            database.commit()
            _shrink(database)
        except store.misuse():
            raise
        except store.database_errors() as error:
            broken = error
        finally:
            database.close()
    if broken is not None:
        raise trouble_of(broken, path, number) from None


def _shrink(database: Any) -> None:
    """Give back what the file needs no more, if something was written; while another hub writes, it can wait."""
    (pages,), (free,) = (database.execute(f"PRAGMA {count}").fetchone() for count in ("page_count", "freelist_count"))
    if database.total_changes and free * _FREE > pages:
        with suppress(store.database_errors()):
            database.execute("PRAGMA incremental_vacuum").fetchall()
            database.commit()


def remove(state: Path) -> None:
    """Remove the mirror, where there is one: the owner wants none any more."""
    path = state / FILE
    forget_night(state)
    if path.exists():
        with _alone(path):
            _unlink(path)


def forget_night(state: Path) -> None:
    """Remove what is kept of the last night (`kept`): it holds words of everybody, and the next report makes it anew."""
    for name, suffix in product((NIGHT, SAID), ("", "-journal", ".new", ".new-journal")):
        (state / f"{name}{suffix}").unlink(missing_ok=True)


def _unlink(path: Path) -> None:
    forget_night(path.parent)
    for suffix in ("", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def trouble_of(error: Exception, path: Path, number: int) -> StateError:
    """What an error of the database means: nothing of the mirror is worth mending, all of it can be read again.

    `number` is that of the file in which it came up, which is removed: another hub may have made it anew meanwhile.
    """
    told = store.trouble(error, path)
    if not isinstance(told, Worthless):
        return told
    with _alone(path):
        if path.exists() and path.stat().st_ino == number:
            _unlink(path)
    return StateError(
        Phrase("The mirror was damaged and has been removed; the registers themselves are untouched."),
        Phrase("Run the command again: it is made anew."),
    )


@contextmanager
def _in_use(path: Path, key: bytes, region: str, *, anew: bool) -> Iterator[Any]:
    """The open file. It is taken away and made anew only while nobody else has it open.

    A journal is known by its name alone: that of a file which is gone would be carried out on the one in its place.
    """
    while True:
        with _alone(path, shared=True):
            database = None if anew else _usable(path, key, region)
            if database is not None:
                yield database
                return
        with _alone(path):
            _make(path, key, region, anew=anew)
        anew = False


def _alone(path: Path, *, shared: bool = False) -> AbstractContextManager[None]:
    return store.alone(path.with_suffix(".lock"), _BUSY, shared=shared)


def _make(path: Path, key: bytes, region: str, *, anew: bool) -> None:
    # Another hub may have made it while this one waited.
    database = None if anew else _usable(path, key, region)
    if database is None:
        _unlink(path)
        database = store.open_database(path, key, *TABLES, hmac=_HMAC)
        with closing(database), store.writing(database, _FULL):
            mirror = Mirror(database)
            mirror.remark("format", FORMAT)
            mirror.remark("region", region)
            mirror.remark("identity", os.urandom(8).hex())
    database.close()


def _usable(path: Path, key: bytes, region: str) -> Any:
    """The open file, None where there is none that can be trusted."""
    if not path.exists():
        return None
    try:
        database = store.open_database(path, key, hmac=_HMAC)
    except Worthless:
        return None
    try:
        told = dict(database.execute("SELECT name, value FROM about WHERE name IN ('format', 'region')").fetchall())
    except store.database_errors() as error:
        if refused := store.refused(error):
            database.close()
            raise refused from None
        told = {}
    if (told.get("format"), told.get("region")) == (FORMAT, region):
        return database
    database.close()
    return None
