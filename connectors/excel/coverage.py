"""What a workbook's columns are taken for."""

from __future__ import annotations

from connectors._columns import letters
from connectors._layout import Use
from connectors._workbook.book import Book, Table
from connectors.contract import Column
from connectors.phrase import Phrase

_RUNNING = Phrase("it only counts the rows")
_IGNORED = Phrase("left out by the configuration")
_FORMULA = Phrase("calculated by formulas; the values come from other cells")
_UNKNOWN = Phrase("the name is not known: the values are shown and erased as other; tell its kind under columns in hub.toml")
_NAMELESS = Phrase("the column has no name: its values are shown and erased as other")
_FREE = Phrase("the whole sheet: it has no column names that are known, so it holds no entries; an erase looks through its cells")


def coverage_of(book: Book) -> list[Column]:
    """Each column of each register, those without a name included when they hold something; and each sheet of texts that is none."""
    tables = book.tables()
    found: dict[str, Column] = {}
    for table in tables:
        before = f"{table.sheet.name}: " if len(tables) > 1 else ""
        for column in _columns_of(table):
            found.setdefault(before + column.column, Column(before + column.column, column.kind, column.why, column.known))
    registers = {table.sheet.part for table in tables}
    free = [sheet for sheet in book.sheets if sheet.part not in registers and _says_anything(book, sheet.part)]
    return [*found.values(), *(Column(sheet.name, None, _FREE if sheet in book.chosen else _IGNORED) for sheet in free)]


def _says_anything(book: Book, part: str) -> bool:
    """Whether somebody wrote a text into a sheet: sums of other sheets are about nobody."""
    texts = ("s", "inlineStr", "str")
    return any(cell.type in texts and cell.formula is None for _, cells in book.sheet(part).rows() for cell in cells)


def _columns_of(table: Table) -> list[Column]:
    held: set[int] = set()
    calculated: set[int] = set()
    for _number, _head, cells in table.rows():
        for place, cell in cells.items():
            (calculated if cell.formula else held).add(place)
    found = [
        _column(use, place in calculated and place not in held) for head in table.heads for place, use in head.columns.items()
    ]
    named = {place for head in table.heads for place in head.columns}
    return found + [Column(letters(place), None, _NAMELESS, known=False) for place in sorted(held - named)]


def _column(use: Use, calculated: bool) -> Column:
    if calculated:
        return Column(use.label, None, _FORMULA)
    if use.kind is None:
        return Column(use.label, None, _RUNNING)
    return Column(use.label, use.kind) if use.known else Column(use.label, None, _UNKNOWN, known=False)
