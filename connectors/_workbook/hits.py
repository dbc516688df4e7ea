"""Find the rows of a workbook in which a value stands, without taking every row apart."""

from __future__ import annotations

from collections.abc import Iterator

from connectors._needles import Matcher
from connectors._workbook.book import Book
from connectors._workbook.parts.work import Job, Work
from connectors._workbook.sheet import Sheet
from connectors._workbook.xmlspans import unescape

_LOT = 2000
_BLOCK = 1 << 20
_APART = "\n\0\n"  # no match reaches over a NUL
_RICH = b"rPr"


def work_of(book: Book, matcher: Matcher) -> Work:
    """The shared tools for cleaning texts of this person, for use before anything is emptied."""
    return Work(book.package, Job(matcher, "", 0, frozenset(), frozenset(), whole_row=False))


def strings_with(book: Book, work: Work) -> list[int]:
    """The shared strings that hold a value."""
    texts = book.strings.texts
    found: list[int] = []
    for start in range(0, len(texts), _LOT):
        lot = texts[start : start + _LOT]
        if work.holds(_APART.join(lot)):
            found += [start + index for index, text in enumerate(lot) if work.holds(text)]
    return found


def rows_with(book: Book, work: Work) -> Iterator[tuple[str, int]]:
    """Sheet part and index of every row that may hold a value: as shared string, in its own text, or in a formula."""
    strings = strings_with(book, work)
    for sheet in book.sheets:
        data = book.sheet(sheet.part)
        found = set(_rows_by_bytes(data, work))
        for index in strings:
            found.update(row for row, _column in uses_of(data, index))
        for row in sorted(found):
            yield sheet.part, row


def rows_of(sheet: Sheet, probe: bytes) -> Iterator[int]:
    """The index of each row that holds these bytes."""
    at = sheet.data.find(probe)
    while at >= 0:
        row = sheet.row_at(at)
        if row is not None:
            yield row
        at = sheet.data.find(probe, at + 1 if row is None else sheet.ends[row])


def uses_of(sheet: Sheet, index: int) -> Iterator[tuple[int, int]]:
    """Row index and column of each cell that shows a shared string."""
    wanted = str(index)
    for row in rows_of(sheet, b">%d</" % index):
        yield from ((row, cell.column) for cell in sheet.cells(row) if cell.type == "s" and cell.value == wanted)


def _rows_by_bytes(sheet: Sheet, work: Work) -> Iterator[int]:
    """Rows in whose bytes a value stands; halves of a block are looked at until single rows are left."""
    first = 0
    while first < len(sheet):
        last = first
        while last + 1 < len(sheet) and sheet.ends[last + 1] - sheet.starts[first] < _BLOCK:
            last += 1
        yield from _narrow(sheet, work, first, last + 1)
        first = last + 1


def _narrow(sheet: Sheet, work: Work, first: int, last: int) -> Iterator[int]:
    raw = sheet.data[sheet.starts[first] : sheet.ends[last - 1]]
    if not (_RICH in raw or work.holds(_plain(raw))):
        return
    if last - first > 1:
        middle = (first + last) // 2
        yield from _narrow(sheet, work, first, middle)
        yield from _narrow(sheet, work, middle, last)
    elif work.holds(_plain(raw)) or any(work.holds(cell.value) for cell in sheet.cells(first)):
        yield first


def _plain(raw: bytes) -> str:
    text = raw.decode()
    return unescape(text) if "&" in text else text
