"""What an erase takes out of the cells of a workbook, row by row: enough to put it back wherever the row stands by now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors._workbook import strings
from connectors._workbook.edit import Change, Clear, Formula, Write, cells_of
from connectors._workbook.sheet import RawCell

if TYPE_CHECKING:
    from connectors._workbook.book import Book
    from connectors._workbook.package import Sheet as Tab


@dataclass(frozen=True, slots=True)
class Place:
    """One cell: what stood in it, and what the erase left; bytes are those of the part as UTF-8.

    `text` is what it showed; `left` what it shows since (None: a formula, whose result programs work out again).
    `item` is the shared string's whole element where the cell showed one.
    """

    column: int
    type: str
    value: str = field(repr=False)
    formula: str | None = field(repr=False)
    text: str = field(repr=False)
    left: str | None = field(repr=False)
    was: bytes = field(repr=False)
    now: bytes = field(repr=False)
    item: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Lost:
    """The cells of one row; `own`: it is the person's own row, and no mention of her elsewhere.

    `rest` is what the other cells of the row show, by which it is known again.
    """

    sheet: str = field(repr=False)
    number: int
    own: bool
    places: tuple[Place, ...] = field(repr=False)
    rest: Mapping[int, str] = field(repr=False)


def lost_in(book: Book, tab: Tab, index: int, changes: Mapping[int, Change], new: bytes, *, own: bool) -> Lost:
    """What the changes take out of a row that reads `new` after them."""
    sheet = book.sheet(tab.part)
    old = sheet.data[sheet.starts[index] : sheet.ends[index]]
    raw = {cell.column: cell for cell in sheet.cells(index)}
    before, after = cells_of(sheet.root, old), cells_of(sheet.root, new)
    places = [
        _place(book, raw[column], change, before[column], after.get(column, b""))
        for column, change in changes.items()
        if column in raw and before.get(column) != after.get(column)
    ]
    rest = {column: book.cell(cell).text for column, cell in raw.items() if column not in changes}
    return Lost(tab.name, sheet.numbers[index], own, tuple(places), rest)


def _place(book: Book, raw: RawCell, change: Change, was: bytes, now: bytes) -> Place:
    left = "" if isinstance(change, Clear) else change.text if isinstance(change, Write) else None
    shown = raw.type == "s" and raw.value.isdecimal() and int(raw.value) < len(book.strings)
    item = strings.item(book.strings, book.package.utf8(book.strings.part), int(raw.value)) if shown else b""
    if isinstance(change, Formula):
        left = None
    return Place(raw.column, raw.type, raw.value, raw.formula, book.cell(raw).text, left, was, now, item)


def packed(lost: Iterable[Lost]) -> list[Any]:
    """The rows as JSON."""
    return [
        [
            row.sheet,
            row.number,
            row.own,
            [
                [
                    *(place.column, place.type, place.value, place.formula, place.text, place.left),
                    *(place.was.decode(), place.now.decode(), place.item.decode()),
                ]
                for place in row.places
            ],
            list(row.rest.items()),
        ]
        for row in lost
    ]


def unpacked(told: Iterable[Any]) -> tuple[Lost, ...]:
    """The rows that `packed` told. Raises `ValueError` or `TypeError` when it did not."""
    found = []
    for sheet, number, own, places, rest in told:
        read = tuple(Place(int(place[0]), *place[1:6], *(text.encode() for text in place[6:])) for place in places)
        found.append(Lost(str(sheet), int(number), bool(own), read, {int(column): str(text) for column, text in rest}))
    return tuple(found)
