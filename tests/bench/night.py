"""The report of very many entries: of all of them, of the night after, and as a page and a document.

`python -m tests.bench.night FOLDER change` changes some of the entries, in a process of its own.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from connectors.entry import Entry, Field
from hub import mirror
from hub.mirror import forget_night
from tests.bench.measure import Row, python
from tests.bench.mirror import KEY
from tests.bench.report import report

OF = 1_000
"""One entry in so many is changed."""

_NAMES = frozenset({"name", "given", "family"})


def rows(folder: Path, count: int) -> Iterator[Row]:
    """Of so many mirrored entries; after a few changes what is said must be what is said when everybody is looked at anew."""
    place, page = folder / "night", folder / "page.html"
    python("-m", "tests.bench.report", str(count), str(place), "large")
    yield f"hub: first report of {count:,} entries", report(place), ""
    python("-m", "tests.bench.night", str(place), "change")
    gone_on = report(place)
    forget_night(place)
    whole = report(place)
    if gone_on.printed != whole.printed:
        raise SystemExit("the night that went on from the one before said something else")
    yield f"hub: report of {count:,} entries that looks at everybody", whole, ""
    against = f"{gone_on.seconds / whole.seconds:.2f} × the time of one that looks at everybody"
    by = f" ({gone_on.processor / whole.processor:.2f} × by processor), which says the same"
    yield f"hub: report after one entry in {OF:,} changed", gone_on, against + by
    cost = report(place, "--json")
    yield "hub: the same as a document", cost, f"{len(cost.printed) / 1e6:.1f} MB of text"
    cost = report(place, "--html", str(page))
    yield "hub: the same as a page", cost, f"{page.stat().st_size / 1e6:.1f} MB of text"


def change(folder: Path) -> None:
    """By turns entries go, get a phone, take over somebody's name, and get a note."""
    with mirror.opened(folder, KEY, "FI") as mine:
        names = {number: known.name for number, known in mine.sources().values()}
        there = [number for source in names for places in mine.refs(source).values() for number, *_ in places]
        some = sorted(there)[OF // 2 :: OF]
        entries = [mine.held(number, names).entry for number in some]
        others = [*entries[1:], entries[0]]
        for turn, (number, entry, other) in enumerate(zip(some, entries, others, strict=True)):
            if turn % 4:
                mine.change([(number, mine.row_of(_other(entry, other, turn)))])
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
    change(Path(sys.argv[1]))
