"""What the owner decided about pairs of entries: kept encrypted, by source and ref alone, no value of anybody."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from hub import store
from hub.matching.decisions import NONE, Decisions, Key
from hub.secrets import key_for_state

FILE = "decisions.db"
LOCK = "decisions.lock"
_TABLE = """CREATE TABLE IF NOT EXISTS pair (source TEXT NOT NULL, ref TEXT NOT NULL, other_source TEXT NOT NULL,
    other_ref TEXT NOT NULL, same INTEGER NOT NULL, PRIMARY KEY (source, ref, other_source, other_ref))"""


def load(state: Path) -> Decisions:
    """Every decision; cheap when there is none. Raises `StateError` when the file cannot be opened."""
    if not (state / FILE).exists():
        return NONE
    with closing(_open(state)) as database:
        rows = database.execute("SELECT same, source, ref, other_source, other_ref FROM pair").fetchall()
    pairs = [(same, ((source, ref), (other_source, other_ref))) for same, source, ref, other_source, other_ref in rows]
    return Decisions((pair for same, pair in pairs if same), (pair for same, pair in pairs if not same))


def record(state: Path, one: Key, other: Key, *, same: bool) -> None:
    """Keep a decision about two entries in place of an earlier one. Raises `StateError` when it cannot be kept."""
    first, second = sorted((one, other))
    with store.alone(state / LOCK), closing(_open(state)) as database, database:
        database.execute("INSERT OR REPLACE INTO pair VALUES (?, ?, ?, ?, ?)", (*first, *second, int(same)))


def _open(state: Path) -> Any:
    key = key_for_state(state, must_exist=(state / FILE).exists())
    return store.open_database(state / FILE, key, _TABLE)
