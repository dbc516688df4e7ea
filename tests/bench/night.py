"""A night that goes on from the one before beside a night that compares everything, over a mirror of any size.

`python -m tests.bench.night FOLDER night|change` does one of these in a process of its own.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from connectors.entry import Entry, Field
from hub import mirror
from hub.collecting import no_collecting
from hub.matching import NONE
from hub.mirror.file import unloaded
from hub.mirror.kept import forget
from tests.bench.measure import Row, python
from tests.bench.mirror import KEY

OF = 1_000
"""One entry in so many is changed."""

_NAMES = frozenset({"name", "given", "family"})


def rows(folder: Path, count: int) -> Iterator[Row]:
    """Who is who among so many mirrored entries: all compared, then after a few changes, then the same once more all compared."""
    place = folder / "night"
    python("-m", "tests.bench.mirror", str(count), str(place), "build")
    first = python("-m", "tests.bench.night", str(place), "night")
    yield f"hub: a night over {count:,} mirrored entries that compares everything", first, ""
    python("-m", "tests.bench.night", str(place), "change")
    gone_on = python("-m", "tests.bench.night", str(place), "night")
    forget(place)
    whole = python("-m", "tests.bench.night", str(place), "night")
    if gone_on.printed != whole.printed:
        raise SystemExit("the night that went on found other persons")
    against = f"{gone_on.seconds / whole.seconds:.2f} × the time of one that compares everything, the same persons"
    yield f"hub: a night after one entry in {OF:,} changed", gone_on, against


def night(folder: Path) -> None:
    """Work out who is who, and print a hash of it."""
    from hub.mirror.night import settled

    with mirror.opened(folder, KEY, "FI") as mine, no_collecting():
        found = settled(mine, "FI", lambda _source, _ref: unloaded, NONE)
    told = sha256()
    for column in (found.person, found.asked.persons, found.asked.entries):
        told.update(column.astype("int64").tobytes())
    print(told.hexdigest())


def change(folder: Path) -> None:
    """By turns entries go, get a phone, take over somebody's name, and get a note."""
    with mirror.opened(folder, KEY, "FI") as mine:
        names = {number: known.name for number, known in mine.sources().values()}
        there = [number for source in names for places in mine.refs(source).values() for number, _ in places]
        some = sorted(there)[OF // 2 :: OF]
        entries = [mine.held(number, names).entry for number in some]
        others = [*entries[1:], entries[0]]
        for turn, (number, entry, other) in enumerate(zip(some, entries, others, strict=True)):
            if turn % 4:
                mine.change([(number, _other(entry, other, turn))])
        mine.remove(some[::4])
        for number, known in mine.sources().values():
            mine.keep(replace(known, entries=sum(map(len, mine.refs(number).values()))))


def _other(entry: Entry, other: Entry, turn: int) -> Entry:
    if turn % 4 == 2:
        fields = [item for item in entry.fields if item.kind not in _NAMES] + [
            item for item in other.fields if item.kind in _NAMES
        ]
    else:
        fields = [*entry.fields, Field("phone", f"050 000{turn % 10_000:04}") if turn % 4 == 1 else Field("note", "later")]
    return replace(entry, fields=tuple(fields))


if __name__ == "__main__":
    {"night": night, "change": change}[sys.argv[2]](Path(sys.argv[1]))
