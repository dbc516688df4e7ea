"""References to cells as the parts of a workbook write them: `B2`, `A1:C3 E5`, `'Sheet one'!$A$2:$A$40`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from connectors._columns import letters

_CELL = r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})"
_AREA = re.compile(rf"^{_CELL}(?::{_CELL})?$")
_SHEET_AREA = re.compile(r"^(?:'((?:[^']|'')+)'|([^'!\[\](),:]+))!(.+)$")
_BETWEEN = re.compile(r",(?=(?:[^']*'[^']*')*[^']*$)")
_MOST = 2_000_000


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells, columns and rows counted from 1, ends included; `sheet` is "" when none is named."""

    left: int
    top: int
    right: int
    bottom: int
    sheet: str = ""

    @property
    def size(self) -> int:
        """How many cells it has."""
        return (self.right - self.left + 1) * (self.bottom - self.top + 1)

    def refs(self) -> Iterator[str]:
        """The cells row by row, as `A1`."""
        for row in range(self.top, self.bottom + 1):
            for column in range(self.left, self.right + 1):
                yield f"{letters(column)}{row}"

    def holds(self, ref: str) -> bool:
        """Whether the cell lies in it."""
        cell = area(ref)
        return cell is not None and self.left <= cell.left <= self.right and self.top <= cell.top <= self.bottom


def area(text: str, sheet: str = "") -> Area | None:
    """One cell or rectangle, None for anything else."""
    match = _AREA.match(text.strip())
    if match is None:
        return None
    left, top = number(match[1]), int(match[2])
    right, bottom = (number(match[3]), int(match[4])) if match[3] else (left, top)
    return Area(min(left, right), min(top, bottom), max(left, right), max(top, bottom), sheet)


def areas_of_formula(formula: str) -> list[Area] | None:
    """The areas of a plain reference with sheet names, in order; None when it is anything else or absurdly large."""
    found: list[Area] = []
    for piece in _BETWEEN.split(formula.strip().removeprefix("=").removeprefix("(").removesuffix(")")):
        match = _SHEET_AREA.match(piece.strip())
        one = area(match[3], (match[1] or match[2]).replace("''", "'")) if match else None
        if one is None:
            return None
        found.append(one)
    return found if sum(one.size for one in found) <= _MOST else None


def number(column: str) -> int:
    """The number of a column's letters: A is 1."""
    value = 0
    for letter in column.upper():
        value = value * 26 + ord(letter) - 64
    return value
