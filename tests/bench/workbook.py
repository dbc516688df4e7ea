"""Erasing one row of a workbook beside openpyxl, and a cold find over a workbook and an address book."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from tests.bench.data import middle, write_profile
from tests.bench.measure import Cost, Row, median, python

_CONFIG = """state = "state"
[controller]
name = "Mittaus Oy"
country = "FI"
language = "en"
[source.customers]
kind = "excel"
path = "asiakkaat.xlsx"
[source.mail]
kind = "thunderbird"
profile = "Thunderbird"
"""


def rows(folder: Path, large: int, repeats: int) -> Iterator[Row]:
    """A workbook of so many rows and a small one, then the find."""
    yield from _erase(folder, large)
    yield from _erase(folder, 2_000)
    yield from _find(folder, repeats)


def _erase(folder: Path, count: int) -> Iterator[Row]:
    """Erase one of `count` rows: openpyxl first, then the connector on the same workbook."""
    workbook = folder / f"{count}.xlsx"
    python("-m", "tests.bench.data", str(workbook), str(count))
    size = workbook.stat().st_size / 1e6
    theirs = python("-m", "tests.bench.one", "openpyxl", str(workbook), str(count))
    yield f"openpyxl: load, empty a row, save; {count:,} rows × 12, {size:.1f} MB", theirs, ""
    ours = folder / f"{count}.copy.xlsx"
    shutil.copyfile(workbook, ours)
    listed = python("-m", "tests.bench.one", "find", str(ours), str(count))
    yield f"hub: list {count:,} rows", listed, _against(listed, theirs)
    erased = python("-m", "tests.bench.one", "erase", str(ours), str(count), *listed.printed.split())
    yield f"hub: erase in {count:,} rows ({erased.printed.strip()})", erased, _against(erased, theirs)
    searched = python("-m", "tests.bench.one", "residue", str(ours), str(count))
    yield f"hub: residue by value in {count:,} rows (found: {searched.printed.strip()})", searched, _against(searched, theirs)


def _against(ours: Cost, theirs: Cost) -> str:
    """Times faster by the clock and by the processor's time (which a busy machine distorts less), and the memory."""
    clock, processor = theirs.seconds / ours.seconds, theirs.processor / ours.processor
    return f"{clock:.1f} times faster ({processor:.1f} by processor), {ours.megabytes / theirs.megabytes:.0%} of the memory"


def _find(folder: Path, repeats: int) -> Iterator[Row]:
    """A cold `hub find` over 2,000 rows and 2,000 cards, beside an interpreter that does nothing."""
    shutil.copyfile(folder / "2000.xlsx", folder / "asiakkaat.xlsx")
    write_profile(folder / "Thunderbird", 2_000)
    config = folder / "hub.toml"
    config.write_text(_CONFIG, encoding="utf-8")
    bare = median([python("-c", "pass") for _ in range(repeats)])
    yield f"a bare interpreter, median of {repeats}", bare, ""
    asked = ("-m", "hub", "find", middle(2_000).email, "--config", str(config))
    python(*asked)
    found = median([python(*asked) for _ in range(repeats)])
    yield f"hub find over 2,000 rows and 2,000 cards, median of {repeats}", found, f"{found.seconds - bare.seconds:.2f} s over it"
