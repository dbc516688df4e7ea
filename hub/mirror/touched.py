"""Which entries were changed or removed, so that the night can go on from the one before; by their numbers, no word of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

MOST = 50_000
"""When more are noted, all that is known is that everything must be looked at."""

_EVERY = -1


def note(database: Any, numbers: Collection[int]) -> None:
    """Entries with these numbers are not what they were."""
    (there,) = database.execute("SELECT count(*) FROM touched").fetchone()
    if there + len(numbers) <= MOST:
        database.executemany("INSERT INTO touched (number) VALUES (?)", ((number,) for number in numbers))
    else:
        database.execute("DELETE FROM touched")
        database.execute("INSERT INTO touched (number) VALUES (?)", (_EVERY,))


def last(database: Any) -> int:
    """How far it is noted by now."""
    (seq,) = database.execute("SELECT ifnull(max(seq), 0) FROM touched").fetchone()
    return int(seq)


def since(database: Any, seq: int) -> set[int] | None:
    """What was noted since then; None: it may be any."""
    numbers = {number for (number,) in database.execute("SELECT number FROM touched WHERE seq > ?", (seq,))}
    return None if _EVERY in numbers else numbers
