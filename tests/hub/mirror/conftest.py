"""A mirror without encryption, so that its bytes can be looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from hub.mirror.file import Known, Mirror
from hub.mirror.opening import TABLES
from hub.person import Held

Fill = Callable[[list[Held]], Mirror]


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Mirror]:
    """An empty mirror in `tmp_path/plain.db`."""
    database = dbapi2.connect(str(tmp_path / "plain.db"))
    yield made(database)
    database.close()


def made(database: dbapi2.Connection) -> Mirror:
    """A mirror in an open database."""
    database.execute("PRAGMA secure_delete = ON")
    for statement in TABLES:
        database.execute(statement)
    mirror = Mirror(database)
    mirror.remark("region", "FI")
    database.commit()
    return mirror


def fill(mirror: Mirror, held: list[Held]) -> Mirror:
    """Put entries into a mirror, each into its source."""
    for name in sorted({item.source for item in held}):
        entries = [item.entry for item in held if item.source == name]
        number = mirror.keep(Known(name, "memory", "", entries=len(entries)))
        mirror.add(name, number, entries, "FI")
    mirror.database.commit()
    return mirror
