"""Putting a person's cells back into a workbook that changed since the erase, where they are still as the erase left them.

A row is known again by its number and by what its other cells show. Her own rows go back all or none; a mention of her
elsewhere only where its cell is as it was left.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from connectors._workbook import strings
from connectors._workbook.book import Book
from connectors._workbook.edit import Fill, Write, cells_of, fill_row
from connectors._workbook.hits import uses_of
from connectors._workbook.package import Sheet as Tab
from connectors._workbook.places import Lost, Place
from connectors._workbook.sheet import Sheet
from connectors.errors import Conflict
from connectors.phrase import Phrase

_ALIKE = 0.5
"""From this share of its other cells on, a row at its old number is taken for the same one."""

Fills = dict[int, bytes | Fill | Write]


@dataclass
class Filled:
    """What was put back: sheet part → row number → column → the cell's content, and how many mentions were not."""

    rows: dict[str, dict[int, Fills]] = field(default_factory=dict, repr=False)
    missed: int = 0


class Filler:
    """Puts lost rows back into one workbook in memory."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._tabs = {tab.name: tab for tab in book.sheets}
        self._items: dict[int, bytes] = {}
        self._done = Filled()

    def run(self, rows: Sequence[Lost]) -> Filled:
        """Change the package in memory. Raises `Conflict` when a place of her own rows is not as the erase left it."""
        for row in rows:
            number = self._place_of(row)
            if number is not None:
                self._plan(row, number)
            elif row.own:
                raise self._changed()
            elif any(place.left is not None for place in row.places):
                self._done.missed += 1
        for part, planned in self._done.rows.items():
            self._write(part, planned)
        if self._items:
            self._write_strings()
        return self._done

    # Finding -----------------------------------------------------------------------------------------------------

    def _place_of(self, row: Lost) -> int | None:
        """The number that the row has now, None when it is not there as the erase left it."""
        tab = self._tabs.get(row.sheet)
        if tab is None:
            return None
        sheet = self._book.sheet(tab.part)
        index = sheet.index_of(row.number)
        if index is None and not row.rest:
            return row.number if row.own and not any(place.left for place in row.places) else None
        likeness = self._likeness(tab, index, row) if index is not None else 0
        if likeness == 1:
            return row.number
        alike = [at for at in range(len(sheet)) if self._likeness(tab, at, row) == 1] if row.rest and row.own else []
        if len(alike) == 1:
            return sheet.numbers[alike[0]]
        return row.number if not alike and row.rest and likeness >= _ALIKE else None

    def _likeness(self, tab: Tab, index: int, row: Lost) -> float:
        """What share of a row's other cells is as it was; 0 when a cell that the erase emptied is not as it was left."""
        shown = self._book.row(tab.part, index)
        for place in row.places:
            cell = shown.get(place.column)
            if place.left is not None and (cell.text if cell else "") != place.left:
                return 0
        places = {place.column for place in row.places}
        if not row.rest:
            return float(not set(shown) - places)
        same = sum(1 for column, text in row.rest.items() if column in shown and shown[column].text == text)
        return same / len(row.rest)

    # Planning ----------------------------------------------------------------------------------------------------

    def _plan(self, row: Lost, number: int) -> None:
        part = self._tabs[row.sheet].part
        sheet = self._book.sheet(part)
        index = sheet.index_of(number)
        now = cells_of(sheet.root, sheet.data[sheet.starts[index] : sheet.ends[index]]) if index is not None else {}
        fills = self._done.rows.setdefault(part, {}).setdefault(number, {})
        for place in row.places:
            fill = self._fill(place, now.get(place.column, b""), own=row.own)
            if fill is not None:
                fills[place.column] = fill

    def _fill(self, place: Place, now: bytes, *, own: bool) -> bytes | Fill | Write | None:
        shared = b"shared" in place.was
        if now and now == place.now and not shared and (place.type != "s" or self._has_item(int(place.value), place.item)):
            return place.was
        if place.left is None and not own:
            return None
        if place.type in ("s", "inlineStr") or (place.type == "str" and not place.formula):
            return Write(place.text)
        return Fill(place.type, place.value, place.formula or "")

    def _has_item(self, index: int, item: bytes) -> bool:
        """Whether a shared string is there, or its emptied place is still free for it."""
        table = self._book.strings
        if self._items.get(index) == item:
            return True
        if not item or index in self._items or index >= len(table):
            return False
        there = strings.item(table, self._book.package.utf8(table.part), index)
        if there == item:
            return True
        if there != strings.emptied(item) or any(True for tab in self._book.sheets for _ in self._uses(tab, index)):
            return False
        self._items[index] = item
        return True

    def _uses(self, tab: Tab, index: int) -> Iterator[tuple[int, int]]:
        return uses_of(self._book.sheet(tab.part), index)

    # Doing it ----------------------------------------------------------------------------------------------------

    def _write(self, part: str, planned: Mapping[int, Fills]) -> None:
        sheet = self._book.sheet(part)
        pieces, at = [], 0
        for number in sorted(planned):
            index = bisect_left(sheet.numbers, number)
            there = index < len(sheet) and sheet.numbers[index] == number
            start = sheet.starts[index] if index < len(sheet) else sheet.last
            end = sheet.ends[index] if there else start
            row = sheet.data[start:end] if there else self._new_row(sheet, number)
            pieces += [sheet.data[at:start], fill_row(sheet.root, row, number, planned[number])]
            at = end
        self._book.package.replace_utf8(part, b"".join([*pieces, sheet.data[at:]]))

    def _new_row(self, sheet: Sheet, number: int) -> bytes:
        if not len(sheet):
            raise self._changed()
        prefix = strings.prefix_of(sheet.tag(0))
        return b'<%srow r="%d"></%srow>' % (prefix, number, prefix)

    def _write_strings(self) -> None:
        table = self._book.strings
        data, pieces, at = self._book.package.utf8(table.part), [], 0
        for index in sorted(self._items):
            pieces += [data[at : table.starts[index]], self._items[index]]
            at = table.starts[index] + len(strings.item(table, data, index))
        self._book.package.replace_utf8(table.part, b"".join([*pieces, data[at:]]))

    def _changed(self) -> Conflict:
        return Conflict(
            Phrase("The cells in {file} were changed since the erase; nothing was put back.", file=self._book.file),
            Phrase("Enter by hand what hub undo shows."),
        )


def is_back(book: Book, done: Filled, rows: Sequence[Lost], new: Book) -> bool:
    """Whether the new file shows what was put back, and everything else as it was."""
    for part, planned in done.rows.items():
        old, now = book.sheet(part), new.sheet(part)
        was = {number: old.data[old.starts[at] : old.ends[at]] for at, number in enumerate(old.numbers)}
        is_now = {number: now.data[now.starts[at] : now.ends[at]] for at, number in enumerate(now.numbers)}
        if set(is_now) != set(was) | set(planned) or any(is_now[number] != was[number] for number in set(was) - set(planned)):
            return False
        for number, fills in planned.items():
            before, after = cells_of(old.root, was.get(number, b"<row/>")), cells_of(now.root, is_now[number])
            if any(before.get(column) != after.get(column) for column in (before.keys() | after.keys()) - fills.keys()):
                return False
    return all(_shows(new, done, row) for row in rows if row.own)


def _shows(new: Book, done: Filled, row: Lost) -> bool:
    """Whether a row shows the texts again; what a formula shows is for programs to work out."""
    tab = next(tab for tab in new.sheets if tab.name == row.sheet)
    sheet = new.sheet(tab.part)
    for number in done.rows.get(tab.part, {}):
        index = sheet.index_of(number)
        shown = new.row(tab.part, index) if index is not None else {}
        if all(place.formula is not None or _text(shown, place) == place.text for place in row.places):
            return True
    return False


def _text(shown: Mapping[int, object], place: Place) -> str:
    return str(getattr(shown.get(place.column), "text", ""))
