"""Plan what an erase or redact of one person does to each cell of a workbook, and do it in memory."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from connectors import _cells
from connectors._columns import letters
from connectors._layout import Cell
from connectors._needles import Matcher
from connectors._rowpeople import RowPeople, Value
from connectors._workbook import strings
from connectors._workbook.book import Book, Table
from connectors._workbook.edit import Change, Clear, Formula, Write, edit_row, inline_of
from connectors._workbook.guard import require_unprotected
from connectors._workbook.hits import rows_of, rows_with, strings_with, uses_of, work_of
from connectors._workbook.masters import move_masters, require_movable
from connectors._workbook.parts.areas import area
from connectors._workbook.parts.formulas import clean_formula
from connectors._workbook.parts.work import Job
from connectors._workbook.places import Lost, lost_in
from connectors._workbook.rows import Target, people_of, persons_in, visible
from connectors._workbook.scrub import scrub, table_headers
from connectors._workbook.sheet import RawCell, Sheet
from connectors._workbook.xmlspans import escape
from connectors.contract import Needle
from connectors.errors import Fault
from connectors.phrase import Phrase

_TELLING = 2
"""A text of so few letters says nothing about anybody."""

Changes = dict[str, dict[int, dict[int, Change]]]
"""Sheet part → row index → column → what happens to the cell."""


@dataclass(frozen=True)
class Elsewhere:
    """A cell outside the person's row that is changed: what it shows, or its formula, before and after."""

    sheet: str = field(repr=False)
    cell: str = field(repr=False)
    before: str = field(repr=False)
    after: str = field(repr=False)


@dataclass(frozen=True)
class Done:
    """An erase carried out in memory: the changed cells, the emptied shared strings, and what the owner must know."""

    changes: Changes = field(repr=False)
    strings: frozenset[int]
    notes: tuple[Phrase, ...]
    spread: tuple[Elsewhere, ...] = field(default=(), repr=False)
    lost: tuple[Lost, ...] = field(default=(), repr=False)


_CONTACT = re.compile(r"[^\s@]+@[^\s@]+\.\w|(?<![\w.,:-])(?:\+\d|\(?0)(?:[\s()/-]{0,2}\d){6,14}|(?<![\w.,-])\d{9,12}(?![\w.,-])")
"""Something like an e-mail address or a phone number."""


class Eraser:
    """One person's erase from one workbook."""

    def __init__(self, book: Book, found: Target, kinds: frozenset[str] | None, needles: Iterable[Needle]) -> None:
        """`kinds`: only these fields (None: the whole entry); `needles`: values of hers that no other entry may bear."""
        self._book = book
        self._found = found
        self._kinds = kinds
        self._part = found.table.sheet.part
        self._sheet = book.sheet(self._part)
        index = self._sheet.index_of(found.row)
        self._index = index if index is not None else -1
        self._whole = kinds is None and found.whole
        self._known: dict[tuple[str, int], RowPeople] = {}
        needles = list(needles)
        self._hers = Matcher(needles)
        self._rows = list(rows_with(book, work_of(book, self._hers)))
        self._matcher = Matcher(self._unshared(needles))
        self._work = work_of(book, self._matcher)
        self._changes: Changes = {}
        self._gone_texts: frozenset[str] = frozenset()
        self._lost: list[Lost] = []

    def run(self) -> Done:
        """Change the package in memory. Raises `Refused` when it cannot be done safely; the package is then void."""
        self._plan_own_row()
        self._plan_other_rows()
        self._plan_headers()
        for part, rows in self._changes.items():
            require_unprotected(self._book, part)
            self._apply(part, rows)
        emptied = self._empty_strings()
        spread = tuple(self._elsewhere())
        notes = (*_told(spread), *scrub(self._book.package, self._job()))
        if not self._book.package.edited:
            raise Fault(Phrase("Nothing changed in {file} although the person was found there.", file=self._book.file))
        self._book.forget_texts()
        return Done(self._changes, emptied, notes, spread, tuple(self._lost))

    # The person's own row ----------------------------------------------------------------------------------------

    def _plan_own_row(self) -> None:
        raw = {cell.column: cell for cell in self._sheet.cells(self._index)}
        changes: dict[int, Change] = dict.fromkeys(raw, Clear()) if self._whole else self._own_cells(raw)
        for column, cell in raw.items():
            if column not in changes and (change := self._cleaned(self._sheet, self._index, cell, numbers=False)) is not None:
                changes[column] = change
        emptied = [column for column, change in changes.items() if isinstance(change, Clear)]
        require_movable(self._sheet, self._found.row, emptied, self._book.file)
        self._note(self._part, self._index, changes)
        self._forget_results(emptied, changes)
        if self._whole:
            for row, column, change in move_masters(self._sheet, self._index):
                self._note(self._part, row, {column: change})

    def _forget_results(self, emptied: Iterable[int], written: Iterable[int] = ()) -> None:
        """Formulas that show what stood in a changed cell lose their stored result.

        In her own row also a part of the result counts; elsewhere only the whole of what stood in an emptied cell and in no other.
        """
        emptied = set(emptied)
        self._gone_texts = self._gone(emptied)
        for text in self._gone_texts:
            probe = f">{escape(strings.encode(text))}<".encode()
            for part in (sheet.part for sheet in self._book.sheets):
                for index in rows_of(self._book.sheet(part), probe) if len(text) > _TELLING else ():
                    self._forget_result(part, index, text)
        for text in self._texts_of(emptied.union(written)):
            if len(text) > _TELLING:
                self._forget_result(self._part, self._index, text, partly=True)

    def _forget_result(self, part: str, index: int, text: str, *, partly: bool = False) -> None:
        for cell in self._book.sheet(part).cells(index):
            planned = self._changes.get(part, {}).get(index, {}).get(cell.column)
            shown = self._book.cell(cell).text if cell.formula is not None and planned is None else ""
            if shown == text or (partly and text in shown):
                self._note(part, index, {cell.column: Formula(stale=True)})

    def _own_cells(self, raw: Mapping[int, RawCell]) -> dict[int, Change]:
        """What happens to the cells that hold fields of hers: emptied, or without her part."""
        gone: dict[int, list[Value]] = {}
        leaving = [value for value in self._found.values() if self._kinds is None or value.kind in self._kinds]
        # A value that stands in a merged cell of several rows cannot go with one of them.
        require_movable(
            self._sheet, self._found.row, [value.column for value in leaving if value.fixed == "merged"], self._book.file
        )
        for value in leaving:
            if not value.fixed and value.column in raw:
                gone.setdefault(value.column, []).append(value)
        changes: dict[int, Change] = {}
        for column, values in gone.items():
            parts = [value.part for value in self._found.people.values if value.column == column and value.part]
            hers = [value.part for value in values if value.part]
            if len(hers) < len(values) or len({id(part) for part in hers}) == len({id(part) for part in parts}):
                changes[column] = Clear()
            else:
                changes[column] = self._without(raw[column], parts, hers)
        return changes

    def _without(self, raw: RawCell, parts: list[_cells.Part], hers: list[_cells.Part]) -> Change:
        text = self._book.cell(raw).text
        kept = _cells.without(text, parts, hers)
        if not kept:
            return Clear()
        runs = self._runs(self._sheet, self._index, raw)
        if runs is None or _cells.in_need(parts, hers):
            return Write(kept)
        return Write(kept, strings.content(strings.cut(*runs, _cells.gaps(text, parts, hers))))

    # Everywhere else ---------------------------------------------------------------------------------------------

    def _plan_other_rows(self) -> None:
        for part, index in self._rows:
            sheet = self._book.sheet(part)
            if part == self._part and index == self._index:
                continue
            others = self._is_entry(part, sheet.numbers[index]) or self._may_be_a_namesakes(sheet, index)
            changes: dict[int, Change] = {}
            for cell in sheet.cells(index):
                if (cell.formula is not None or not others) and (
                    change := self._cleaned(sheet, index, cell, numbers=True)
                ) is not None:
                    changes[cell.column] = change
            self._note(part, index, changes)

    def _elsewhere(self) -> Iterator[Elsewhere]:
        """The cells outside her row that are changed, sheet by sheet (called without her name); the row itself is what a plan shows."""
        for tab in self._book.sheets:
            sheet = self._book.sheet(tab.part)
            for index, row in sorted(self._changes.get(tab.part, {}).items()):
                if (tab.part, index) != (self._part, self._index):
                    raw = {cell.column: cell for cell in sheet.cells(index)}
                    for column, change in sorted(row.items()):
                        if column in raw and (said := self._before_and_after(raw[column], change)):
                            yield Elsewhere(self._hers.cut(tab.name, "…"), f"{letters(column)}{sheet.numbers[index]}", *said)

    def _before_and_after(self, raw: RawCell, change: Change) -> tuple[str, str] | None:
        """None where nothing of hers stood: a result that is worked out again, a shared formula that another cell carries from now on."""
        if not isinstance(change, Formula):
            return self._book.cell(raw).text, change.text if isinstance(change, Write) else ""
        if change.text is None or change.master is not None:
            return None
        return f"={raw.formula}", f"={change.text}"

    def _may_be_a_namesakes(self, sheet: Sheet, index: int) -> bool:
        """Whether a row has her name beside somebody's e-mail or phone that is not hers: then it is not hers to cut."""
        texts = [self._book.cell(cell).text for cell in sheet.cells(index) if cell.formula is None]
        found = self._matcher.in_text("\n".join(texts))
        if any(needle.kind != "name" for needle in found):
            return False
        return any(_CONTACT.search(text) for text in texts)

    def _is_entry(self, part: str, number: int) -> bool:
        """Whether a row is another entry's, or holds column names: its texts are not for this erase to cut."""
        table = self._book.table_of(part)
        if table is None:
            return False
        return any(head.row == number for head in table.heads) or bool(persons_in(self._people(table, number)))

    def _people(self, table: Table, number: int) -> RowPeople:
        key = (table.sheet.part, number)
        if key not in self._known:
            row = table.row(number)
            self._known[key] = people_of(table, number, *row) if row else RowPeople((), (), (), company=False)
        return self._known[key]

    def _unshared(self, needles: Iterable[Needle]) -> list[Needle]:
        """The needles that no other entry of the workbook bears as its own name, e-mail or phone."""
        left = list(dict.fromkeys(needles))
        for part, index in self._rows:
            table, number = self._book.table_of(part), self._book.sheet(part).numbers[index]
            people = self._people(table, number) if table else None
            here = (part, number) == (self._part, self._found.row)
            for person in persons_in(people) if people and left else ():
                if people and not (here and person == self._found.person):
                    borne = Matcher(left).in_text(_identity(people, person))
                    left = [needle for needle in left if needle not in borne]
        return left

    def _cleaned(self, sheet: Sheet, index: int, raw: RawCell, *, numbers: bool) -> Change | None:
        """The cell without values of hers, None when it holds none."""
        cell = self._book.cell(raw)
        if raw.formula is not None:
            return self._cleaned_formula(raw, cell)
        held = self._work.holds(cell.text) if cell.kind == "text" else numbers and self._is_phone(cell.text)
        if not held:
            return None
        kept = self._work.clean(cell.text) if cell.kind == "text" else ""
        if not any(letter.isalnum() for letter in kept):
            return Clear()
        runs = self._runs(sheet, index, raw)
        return Write(kept, strings.content(strings.clean(*runs, self._work.cut_pieces)) if runs else b"")

    def _is_phone(self, text: str) -> bool:
        """Whether a number is one of her phones; other needles are words, and a price may look like one."""
        return any(needle.kind == "phone" for needle in self._matcher.in_text(text))

    def _cleaned_formula(self, raw: RawCell, cell: Cell) -> Change | None:
        text = clean_formula(self._work, raw.formula or "")
        stale = self._work.holds(cell.text) if cell.kind == "text" else self._is_phone(cell.text)
        if text == raw.formula and not stale:
            return None
        return Formula(text if text != raw.formula else None, stale=stale or text != raw.formula)

    def _plan_headers(self) -> None:
        """Column names of tables stand in a cell and in the table; both must stay the same."""
        for part, cells in table_headers(self._book.package, self._job()).items():
            sheet = self._book.sheet(part)
            for reference, text in cells.items():
                place = area(reference)
                index = sheet.index_of(place.top) if place else None
                if place is not None and index is not None:
                    self._note(part, index, {place.left: Write(text)})

    def _note(self, part: str, index: int, changes: Mapping[int, Change]) -> None:
        if changes:
            self._changes.setdefault(part, {}).setdefault(index, {}).update(changes)

    # Rich text ---------------------------------------------------------------------------------------------------

    def _runs(self, sheet: Sheet, index: int, raw: RawCell) -> tuple[bytes, bytes] | None:
        """The root and the element that hold a text of several looks; None for a plain text."""
        if raw.type == "s":
            data = self._strings_data()
            root, element = strings.root_of(data), strings.item(self._book.strings, data, int(raw.value))
        elif raw.type == "inlineStr":
            root, element = sheet.root, inline_of(sheet.root, sheet.data[sheet.starts[index] : sheet.ends[index]], raw.column)
        else:
            return None
        same = strings.prefix_of(root) == strings.prefix_of(sheet.root)
        return (root, element) if same and b"rPr" in element else None

    def _strings_data(self) -> bytes:
        return self._book.package.utf8(self._book.strings.part)

    # Doing it ----------------------------------------------------------------------------------------------------

    def _apply(self, part: str, rows: Mapping[int, Mapping[int, Change]]) -> None:
        sheet, at = self._book.sheet(part), 0
        whole = memoryview(sheet.data)
        pieces: list[bytes | memoryview] = []
        tab = next(found for found in self._book.sheets if found.part == part)
        for index in sorted(rows):
            start, end = sheet.starts[index], sheet.ends[index]
            row = edit_row(sheet.root, sheet.data[start:end], rows[index])
            own = (part, index) == (self._part, self._index)
            self._lost.append(lost_in(self._book, tab, index, rows[index], row, own=own))
            pieces += [whole[at:start], row]
            at = end
        self._book.package.replace_utf8(part, b"".join([*pieces, whole[at:]]))

    def _empty_strings(self) -> frozenset[int]:
        """Empty the shared strings that no cell shows any more, so that their places in the table stay."""
        touched = {
            int(cell.value)
            for part, rows in self._changes.items()
            for index in rows
            for cell in self._book.sheet(part).cells(index)
            if cell.type == "s" and cell.value.isdecimal() and rows[index].get(cell.column) is not None
        }
        known = {index for index in touched if index < len(self._book.strings)} | set(strings_with(self._book, self._work))
        gone = frozenset(index for index in known if not self._shown(index))
        if gone:
            self._book.package.replace_utf8(
                self._book.strings.part, strings.without(self._book.strings, self._strings_data(), gone)
            )
        return gone

    def _shown(self, index: int) -> bool:
        """Whether any cell still shows a shared string after the changes."""
        for sheet in self._book.sheets:
            rows = self._changes.get(sheet.part, {})
            for row, column in uses_of(self._book.sheet(sheet.part), index):
                change = rows.get(row, {}).get(column)
                if change is None or (isinstance(change, Formula) and not change.stale):
                    return True
        return False

    def _job(self) -> Job:
        rows = self._changes.get(self._part, {}).get(self._index, {})
        emptied = {column for column, change in rows.items() if isinstance(change, Clear)}
        cells = frozenset(f"{letters(column)}{self._found.row}" for column in emptied)
        return Job(self._matcher, self._part, self._found.row, cells, self._gone_texts, self._whole)

    def _texts_of(self, emptied: set[int]) -> dict[str, RawCell]:
        """What stands in these cells of her row, formulas aside, each with its cell."""
        shown = ((self._book.cell(raw).text, raw) for raw in self._sheet.cells(self._index))
        return {text: raw for text, raw in shown if raw.column in emptied and raw.formula is None and text.strip()}

    def _gone(self, emptied: set[int]) -> frozenset[str]:
        """The whole texts of emptied cells that stand in no other cell."""
        texts = self._texts_of(emptied)
        shown = {text for index, text in enumerate(self._book.strings.texts) if text in texts and self._shown(index)}
        return frozenset(text for text, raw in texts.items() if text not in shown and (raw.type == "s" or self._once(raw)))

    def _once(self, raw: RawCell) -> bool:
        """Whether a value that is no shared string stands in one cell only."""
        written = f">{raw.value}<".encode()
        return sum(self._book.sheet(sheet.part).data.count(written) for sheet in self._book.sheets) <= 1


def _told(spread: Iterable[Elsewhere]) -> Iterator[Phrase]:
    """The changed cells of each sheet."""
    for sheet, cells in groupby(spread, lambda one: one.sheet):
        yield Phrase(
            "Taken out of other cells, too: sheet {sheet}, {cells}", sheet=sheet, cells=", ".join(one.cell for one in cells)
        )


def _identity(people: RowPeople, person: int) -> str:
    """What surely is this person's; a value of a shared row that may be anybody's is nobody's yet."""
    sure = (value for value in visible(people, person) if people.mine(value, person) or value.fixed)
    own = [value.text for value in sure if value.kind in ("name", "email", "phone")]
    return "\n\0\n".join([*people.names[person : person + 1], *own])
