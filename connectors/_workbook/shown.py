"""In which cells of a workbook a value is to be seen: what its owner needs to find it again."""

from __future__ import annotations

from dataclasses import dataclass, field

from connectors._columns import letters
from connectors._needles import Matcher
from connectors._workbook.book import Book
from connectors._workbook.hits import rows_with, strings_with, uses_of, work_of
from connectors._workbook.package import Package
from connectors._workbook.parts.reading import holds
from connectors.errors import HubError

MOST = 12
"""So many cells of a sheet are named."""


@dataclass(frozen=True)
class Shown:
    """The cells that show a value, by the part of their sheet."""

    cells: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    whole: frozenset[str] = field(default=frozenset(), repr=False)
    """The parts, that of the shared strings included, that hold nothing besides what these cells show."""


def shown_in(package: Package, matcher: Matcher) -> Shown:
    """Look for the values cell by cell; where the cells of a workbook cannot be told, none is named."""
    try:
        return _shown_in(Book(package, {}), matcher)
    except HubError:
        return Shown()


def _shown_in(book: Book, matcher: Matcher) -> Shown:
    work = work_of(book, matcher)
    cells: dict[str, list[str]] = {}
    beside: set[str] = set()
    for part, index in rows_with(book, work):
        sheet = book.sheet(part)
        seen = [cell.column for cell in sheet.cells(index) if work.holds(book.cell(cell).text) or work.holds(cell.formula or "")]
        cells.setdefault(part, []).extend(f"{letters(column)}{sheet.numbers[index]}" for column in seen)
        if not seen:
            beside.add(part)
    whole = {part for part in cells if part not in beside and not outside_cells(book.package, part, matcher)}
    strings = strings_with(book, work)
    if strings and all(any(any(uses_of(book.sheet(sheet.part), one)) for sheet in book.sheets) for one in strings):
        whole.add(book.strings.part)
    return Shown({part: tuple(named) for part, named in cells.items() if named}, frozenset(whole))


def outside_cells(package: Package, part: str, matcher: Matcher) -> bool:
    """Whether a value stands in a sheet beside its rows."""
    try:
        return holds(_without_rows(package.utf8(part)), matcher)
    except HubError:
        return False


def _without_rows(data: bytes) -> bytes:
    first, last = data.find(b"sheetData"), data.rfind(b"sheetData")
    return data[: data.rfind(b"<", 0, first)] + data[data.find(b">", last) + 1 :] if first >= 0 else data
