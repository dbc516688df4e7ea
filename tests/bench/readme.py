"""The README's table of speed: some rows of the bench, word for word as they were printed, each with its day."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"

SHOWN = (
    "hub: cold find over 20,000 cards",
    "khard list, 20,000 cards",
    "ripgrep",
    "hub: cold find over 1,000,000 mirrored entries",
    "who is who among 1,000,000 entries, hub",
    "who is who among 1,000,000 entries, Splink with EM",
    "hub: report of 2,000 entries in local files",
    "hub: report of 1,000,000 entries that looks at everybody",
    "hub: report after one entry in 1,000 changed",
    "hub: erase in 100,000 rows",
    "openpyxl: load, empty a row, save; 100,000 rows",
)
"""How these rows begin, in the order in which the README has them."""

HEAD = "| what | seconds | of these the processor's | MB | compared | measured on |\n|---|---:|---:|---:|---|---|\n"
_BLOCK = re.compile(r"(?<=<!-- printed by: python -m tests\.bench --readme -->\n).*?(?=<!-- end -->)", re.DOTALL)


def renewed(text: str, printed: Iterable[str], day: str) -> str:
    """A README with these rows in the place of older ones; what was not measured now stays as it was."""
    block = _BLOCK.search(text)
    known = block[0].splitlines() if block else []
    rows = {begin: line for line in known if (begin := _shown(line))}
    rows |= {begin: f"{line} {day} |" for line in printed if (begin := _shown(line))}
    table = HEAD + "".join(f"{rows[begin]}\n" for begin in SHOWN if begin in rows)
    return _BLOCK.sub(lambda _: table, text)


def _shown(line: str) -> str:
    """How the row begins if it is one of those, else ""."""
    return next((begin for begin in SHOWN if line.startswith(f"| {begin}")), "")
