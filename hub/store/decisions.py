"""What the owner decided about pairs of entries: kept encrypted, by source and ref alone, no value of anybody."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hub import store
from hub.matching.decisions import NONE, Decisions, Key, Pair
from hub.store.secrets import key_for_state

FILE = "decisions.db"
LOCK = "decisions.lock"
_TABLE = """CREATE TABLE IF NOT EXISTS pair (source TEXT NOT NULL, ref TEXT NOT NULL, other_source TEXT NOT NULL,
    other_ref TEXT NOT NULL, same INTEGER NOT NULL, PRIMARY KEY (source, ref, other_source, other_ref))"""
_GONE = """CREATE TABLE IF NOT EXISTS gone (source TEXT NOT NULL, ref TEXT NOT NULL, since TEXT NOT NULL,
    PRIMARY KEY (source, ref))"""


def load(state: Path) -> Decisions:
    """Every decision; cheap when there is none. Raises `StateError` when the file cannot be opened."""
    if not (state / FILE).exists():
        return NONE
    with closing(_open(state)) as database:
        pairs = _pairs(database)
    return Decisions((pair for pair, same in pairs if same), (pair for pair, same in pairs if not same))


def named(state: Path) -> frozenset[Key]:
    """Every entry that a decision is about; cheap when there is none. Raises `StateError`."""
    if not (state / FILE).exists():
        return frozenset()
    with closing(_open(state)) as database:
        return frozenset(key for pair, _ in _pairs(database) for key in pair)


def follow(state: Path, moved: Mapping[Key, Key]) -> None:
    """Let the decisions be about entries under their new refs. One that was made about the new ref itself stands."""
    with store.alone(state / LOCK), closing(_open(state)) as database, database:
        for pair, same in _pairs(database):
            one, other = sorted(moved.get(key, key) for key in pair)
            if (one, other) == pair:
                continue
            database.execute("DELETE FROM pair WHERE source = ? AND ref = ? AND other_source = ? AND other_ref = ?", _flat(pair))
            if one != other:
                database.execute("INSERT OR IGNORE INTO pair VALUES (?, ?, ?, ?, ?)", (*one, *other, int(same)))


def tend(state: Path, gone: Collection[Key], there: Collection[Key], today: date, days: int) -> tuple[Pair, ...]:
    """The decisions that have no effect because an entry of theirs is `gone`; those that wait longer than `days` go.

    Until then an erase can be put back. Of an entry that is neither gone nor `there` nothing is known: it keeps its decisions.
    """
    if not (state / FILE).exists():
        return ()
    with store.alone(state / LOCK), closing(_open(state)) as database, database:
        database.executemany("DELETE FROM gone WHERE source = ? AND ref = ?", list(there))
        database.executemany("INSERT OR IGNORE INTO gone VALUES (?, ?, ?)", [(*key, today.isoformat()) for key in gone])
        until = (today - timedelta(days=days)).isoformat()
        old = database.execute("SELECT source, ref FROM gone WHERE since < ?", (until,)).fetchall()
        for key in old:
            database.execute(
                "DELETE FROM pair WHERE (source = ? AND ref = ?) OR (other_source = ? AND other_ref = ?)", (*key, *key)
            )
        database.executemany("DELETE FROM gone WHERE source = ? AND ref = ?", old)
        lost = set(database.execute("SELECT source, ref FROM gone").fetchall())
        return tuple(pair for pair, _ in _pairs(database) if not lost.isdisjoint(pair))


def _pairs(database: Any) -> list[tuple[Pair, bool]]:
    rows = database.execute("SELECT same, source, ref, other_source, other_ref FROM pair").fetchall()
    return [(((source, ref), (other_source, other_ref)), bool(same)) for same, source, ref, other_source, other_ref in rows]


def _flat(pair: Pair) -> tuple[str, ...]:
    return (*pair[0], *pair[1])


def record(state: Path, one: Key, other: Key, *, same: bool) -> None:
    """Keep a decision about two entries in place of an earlier one. Raises `StateError` when it cannot be kept."""
    first, second = sorted((one, other))
    with store.alone(state / LOCK), closing(_open(state)) as database, database:
        database.execute("INSERT OR REPLACE INTO pair VALUES (?, ?, ?, ?, ?)", (*first, *second, int(same)))


def _open(state: Path) -> Any:
    key = key_for_state(state, must_exist=(state / FILE).exists())
    return store.open_database(state / FILE, key, _TABLE, _GONE)
