"""The entries themselves: some of one source together in a block, compressed, for alone an entry hardly gets smaller."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from hub.mirror.codec import BETWEEN_ROWS, Row

SIZE = 16
"""So many entries share a block: more make the file a little smaller, and each single look at an entry dearer."""

LEVEL = 6
_RAW = -15
"""No header and no checksum: the encryption vouches for every page."""

_NEAR = -13
"""The same for what is pressed: a block is shorter than 8 KB, and looking no further back takes less to begin with."""

_KEPT = 1_000
"""So many blocks that were looked at are kept as they are."""

TABLES = (
    "CREATE TABLE IF NOT EXISTS block (id INTEGER PRIMARY KEY, source INTEGER NOT NULL, body BLOB NOT NULL)",
    "CREATE INDEX IF NOT EXISTS block_source ON block (source)",
    "CREATE TABLE IF NOT EXISTS touched (seq INTEGER PRIMARY KEY AUTOINCREMENT, number INTEGER NOT NULL)",
)


class Blocks:
    """Rows by their numbers: that of its block times `SIZE`, and its place in it. What is removed leaves its place empty."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._seen: dict[int, tuple[int, list[str]]] = {}

    def forget(self) -> None:
        """Look anew at what somebody else may have written."""
        self._seen.clear()

    def add(self, source: int, bodies: Iterable[bytes]) -> int:
        """Add rows of a source, `pressed`; the number of the first one, from which the others count on."""
        number = self.next_number()
        self._database.executemany(
            "INSERT INTO block (id, source, body) VALUES (?, ?, ?)",
            ((block, source, body) for block, body in enumerate(bodies, number // SIZE)),
        )
        return number

    def row(self, number: int) -> tuple[int, Row]:
        """The source and the row of an entry. Raises LookupError where there is none."""
        block, place = divmod(number, SIZE)
        source, rows = self._block(block)
        if place >= len(rows) or not rows[place]:
            raise LookupError("no such entry")
        return source, rows[place]

    def has(self, number: int) -> bool:
        """Whether there is a row with this number."""
        try:
            self.row(number)
        except LookupError:
            return False
        return True

    def next_number(self) -> int:
        """The number of the first row that is added next."""
        (last,) = self._database.execute("SELECT ifnull(max(id), 0) FROM block").fetchone()
        return int(last + 1) * SIZE

    def numbers_from(self, number: int) -> Iterator[int]:
        """The numbers of all rows from this one on."""
        for block, body in self._database.execute("SELECT id, body FROM block WHERE id >= ? ORDER BY id", (number // SIZE,)):
            yield from (found for found, _ in _numbered(block, body))

    def rows(self, source: int) -> Iterator[tuple[int, Row]]:
        """Every row of a source with its number."""
        for block, body in self._database.execute("SELECT id, body FROM block WHERE source = ? ORDER BY id", (source,)):
            yield from _numbered(block, body)

    def every(self) -> Iterator[tuple[int, int, Row]]:
        """Source, number and row of each entry, source by source."""
        for block, source, body in self._database.execute("SELECT id, source, body FROM block ORDER BY source, id"):
            yield from ((source, number, row) for number, row in _numbered(block, body))

    def replace(self, changed: Mapping[int, Row]) -> None:
        """Write other rows in place of those with these numbers; "" removes one."""
        from hub.mirror import touched  # only who writes

        touched.note(self._database, changed)
        blocks: dict[int, dict[int, Row]] = defaultdict(dict)
        for number, row in changed.items():
            blocks[number // SIZE][number % SIZE] = row
        for block, places in sorted(blocks.items()):
            _, rows = self._block(block)
            for place, row in places.items():
                rows[place] = row
            if any(rows):
                self._database.execute("UPDATE block SET body = ? WHERE id = ?", (_pressed(rows), block))
            else:
                self._database.execute("DELETE FROM block WHERE id = ?", (block,))
        self.forget()

    def _block(self, number: int) -> tuple[int, list[str]]:
        known = self._seen.get(number)
        if known is None:
            found = self._database.execute("SELECT source, body FROM block WHERE id = ?", (number,)).fetchone()
            if found is None:
                raise LookupError("no such entry")
            if len(self._seen) >= _KEPT:
                self._seen.clear()
            known = self._seen[number] = found[0], _rows(found[1])
        return known


def pressed(rows: Iterable[Row]) -> Iterator[bytes]:
    """Rows block by block, as they are written."""
    several = iter(rows)
    return map(_pressed, iter(lambda: list(islice(several, SIZE)), []))


def _numbered(block: int, body: bytes) -> Iterator[tuple[int, Row]]:
    return ((number, row) for number, row in enumerate(_rows(body), block * SIZE) if row)


def _pressed(rows: list[Row]) -> bytes:
    return zlib.compress(BETWEEN_ROWS.join(rows).encode(), LEVEL, _NEAR)


def _rows(body: bytes) -> list[Row]:
    return zlib.decompress(body, _RAW).decode().split(BETWEEN_ROWS)
