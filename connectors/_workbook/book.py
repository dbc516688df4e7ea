"""One workbook opened: its sheets as registers or as free text, its cells as a reader sees them."""

from __future__ import annotations

import weakref
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from connectors import _columns
from connectors._layout import Adapt, Cell, Head, find_heads, is_total, read_head, wrong_kinds
from connectors._workbook import package as packages
from connectors._workbook.numbers import Numbers
from connectors._workbook.parts.areas import area
from connectors._workbook.sheet import RawCell, Sheet
from connectors._workbook.strings import SharedStrings, decode
from connectors.errors import ConfigError, Damaged, Fault, Refused
from connectors.phrase import Phrase

_TOP = 60
"""So many rows of a sheet are looked at for column names; further down only rows that hold a telling word."""
_MANY = 200
_WORD = 40
_TELLING = ("name", "given", "family", "email", "phone", "company")
_BOOL = {"0": "FALSE", "1": "TRUE"}

Row = tuple[int, Mapping[int, Cell]]


class Book:
    """A workbook in memory, read as far as it is asked for."""

    def __init__(
        self,
        path: Path | packages.Package,
        settings: Mapping[str, Any],
        copy_of: str = "",
        adapt: Adapt | None = None,
        *,
        one_of_several: bool = False,
    ) -> None:
        """Open the file. Raises `Unreachable`, `Damaged` or `Refused`.

        `settings` are the source's options, `copy_of` the file it is a conflict copy of; `adapt` gives a row its own
        column kinds; `one_of_several`: a column that was told of may be another file's.
        """
        self.package = path if isinstance(path, packages.Package) else packages.Package(path)
        self.file = self.package.file
        self.copy_of = copy_of
        self.left_out = 0
        """Cells met so far whose value could not be read."""
        self._settings, self._adapt, self._one_of_several = settings, adapt, one_of_several
        self._sheets: dict[str, Sheet] = {}
        self._tables: list[Table] | None = None
        _ = self.package.sheets

    def again(self, path: Path | packages.Package) -> Book:
        """The same workbook as it is in another file or package, called by this one's name."""
        other = Book(path, self._settings, self.copy_of, self._adapt, one_of_several=self._one_of_several)
        other.file = other.package.file = self.file
        return other

    def adapted(self, head: Head, cells: Mapping[int, Cell]) -> Head:
        """The column names as they hold for one row."""
        return self._adapt(head, cells) if self._adapt else head

    @cached_property
    def strings(self) -> SharedStrings:
        """The shared string table."""
        return SharedStrings(self.package)

    @cached_property
    def numbers(self) -> Numbers:
        """The number formats."""
        return Numbers(self.package)

    @property
    def sheets(self) -> tuple[packages.Sheet, ...]:
        """The sheets that have cells, in tab order."""
        return tuple(sheet for sheet in self.package.sheets if sheet.kind != "chartsheet")

    @property
    def chosen(self) -> tuple[packages.Sheet, ...]:
        """The sheets that may be registers: all, or the one that the configuration names."""
        wanted = self._settings.get("sheet")
        return tuple(sheet for sheet in self.sheets if wanted in (None, "", sheet.name))

    def sheet(self, part: str) -> Sheet:
        """A sheet's rows and cells as they are in the file."""
        if part not in self._sheets:
            self._sheets[part] = Sheet(self.package.utf8(part), self.file, part)
        return self._sheets[part]

    def forget_texts(self) -> None:
        """Let go of what only planning needs: a large workbook is read a second time to verify the new file."""
        self.strings.texts.clear()
        self._telling_strings.clear()
        self.package.forget()

    def cell(self, raw: RawCell) -> Cell:
        """What a stored cell says."""
        calculated = raw.formula is not None
        if raw.type == "s":
            texts = self.strings.texts
            known = raw.value.isdecimal() and int(raw.value) < len(texts)
            return Cell("text", texts[int(raw.value)], calculated) if known else Cell("broken", "", calculated)
        if raw.type == "n":
            return Cell(*self.numbers.text(raw.value, raw.style), calculated)
        if raw.type in ("str", "inlineStr"):
            return Cell("text", decode(raw.value), calculated)
        if raw.type == "b":
            return Cell("bool", _BOOL.get(raw.value, raw.value), calculated)
        if raw.type == "d":
            return Cell("date", raw.value.removesuffix("T00:00:00").replace("T", " "), calculated)
        return Cell("error", raw.value, calculated)

    def row(self, part: str, index: int) -> dict[int, Cell]:
        """The non-empty cells of a row by column."""
        texts, shown = self.strings.texts, {}
        for raw in self.sheet(part).cells(index):
            if raw.type == "s" and raw.value.isdecimal() and int(raw.value) < len(texts):
                # The most frequent kind by far, without a call.
                shown[raw.column] = Cell("text", texts[int(raw.value)], raw.formula is not None)
            else:
                shown[raw.column] = self.cell(raw)
        return shown

    def tables(self) -> list[Table]:
        """The registers of this book. Raises `ConfigError` for options that do not fit it, `Damaged` when it has none."""
        if self._tables is None:
            self._tables = self._find_tables()
        return self._tables

    def table_of(self, part: str) -> Table | None:
        """The register on this sheet, None when it is free text."""
        return next((table for table in self.tables() if table.sheet.part == part), None)

    def _find_tables(self) -> list[Table]:
        row = self._settings.get("header_row")
        given = {_columns.fold(name): kind for name, kind in (self._settings.get("columns") or {}).items()}
        problems = wrong_kinds(self._settings.get("columns") or {})
        sheets = self.chosen
        if not sheets:
            problems.append(
                Phrase("sheet: {file} has no sheet of that name; it has: {names}.", file=self.file, names=_names(self.sheets))
            )
        tables = [table for sheet in sheets if (table := self._table(sheet, row, given))]
        known = {_columns.fold(use.label) for table in tables for head in table.heads for use in head.columns.values()}
        problems += [
            Phrase("columns: no sheet of {file} has a column {column}; write it as it stands there.", file=self.file, column=name)
            for name in (self._settings.get("columns") or {})
            if tables and not self._one_of_several and _columns.fold(name) not in known
        ]
        if row and sheets and not tables:
            problems.append(
                Phrase(
                    "header_row: row {row} of {file} holds no column names; give the row Excel shows.", row=row, file=self.file
                )
            )
        if problems:
            raise ConfigError(Phrase("The options of this workbook do not fit {file}.", file=self.file), problems)
        if not tables:
            raise Damaged(
                Phrase("No sheet of {file} has column names that are known (such as Nimi, Namn, Name, Email).", file=self.file),
                Phrase('Tell them in hub.toml: header_row = 4 and columns = { "My column" = "name" }.'),
            )
        return tables

    def _table(self, sheet: packages.Sheet, row: int | None, given: Mapping[str, str]) -> Table | None:
        rows = self._first_rows(sheet.part, row)
        heads = [head for head in find_heads(rows, given) if not row or head.row > row]
        if row:
            forced = next((cells for number, cells in rows if number == row), {})
            head = read_head(row, forced, {}, given, forced=True)
            heads = [head, *heads] if head else []
        return Table(self, sheet, heads) if heads else None

    def _first_rows(self, part: str, extra: int | None) -> list[Row]:
        """The rows that may hold column names: the first ones, and those with a telling word in them."""
        sheet = self.sheet(part)
        chosen = set(range(min(_TOP, len(sheet)))) | self._telling_rows(sheet)
        if extra and (index := sheet.index_of(extra)) is not None:
            chosen.add(index)
        return [(sheet.numbers[index], self.row(part, index)) for index in sorted(chosen)]

    def _telling_rows(self, sheet: Sheet) -> set[int]:
        """Rows further down in which a shared string is one of the names that mark a register."""
        found: set[int] = set()
        for index in self._telling_strings:
            probe = b">%d</" % index
            at, count = sheet.data.find(probe), 0
            while at >= 0 and count < _MANY:
                row = sheet.row_at(at)
                if row is not None:
                    found.add(row)
                at, count = sheet.data.find(probe, at + 1), count + 1
        return found

    @cached_property
    def _telling_strings(self) -> list[int]:
        words = _columns.spellings(*_TELLING)
        return [
            index for index, text in enumerate(self.strings.texts) if len(text) < _WORD and text.strip(" :.*").casefold() in words
        ]


class Table:
    """A sheet that is a register: its rows of column names, and the rows below them."""

    def __init__(self, book: Book, sheet: packages.Sheet, heads: list[Head]) -> None:
        # A strong reference back would keep a large book in memory until the next garbage collection.
        self._book = weakref.ref(book)
        self.sheet = sheet
        self.heads = heads
        self._starts = [head.row for head in heads]

    @property
    def book(self) -> Book:
        """The book the register is in."""
        book = self._book()
        if book is None:
            raise Fault(Phrase("A sheet was used after its workbook was closed."))
        return book

    def head_of(self, number: int) -> Head | None:
        """The column names that rule a row; None for rows above them and for the names themselves."""
        index = bisect_right(self._starts, number) - 1
        return None if index < 0 or self._starts[index] == number else self.heads[index]

    def rows(self) -> Iterator[tuple[int, Head, dict[int, Cell]]]:
        """Number, column names and cells of every row that is neither title, column names nor a total."""
        data = self.book.sheet(self.sheet.part)
        for index, number in enumerate(data.numbers):
            head = self.head_of(number)
            if head is not None:
                cells = self.book.row(self.sheet.part, index)
                if cells and not is_total(cells):
                    yield number, self.book.adapted(head, cells), cells

    def row(self, number: int) -> tuple[Head, dict[int, Cell]] | None:
        """One row as `rows` gives it, None when it is no row of the register."""
        head, index = self.head_of(number), self.book.sheet(self.sheet.part).index_of(number)
        if head is None or index is None:
            return None
        cells = self.book.row(self.sheet.part, index)
        return None if not cells or is_total(cells) else (self.book.adapted(head, cells), cells)

    @cached_property
    def merged(self) -> dict[tuple[int, int], tuple[int, int]]:
        """Row and column → row and column of the first cell, for merged cells that span several rows."""
        found = {}
        for reference in self.book.sheet(self.sheet.part).merges:
            block = area(reference)
            if block is None or block.top == block.bottom or block.size > 10_000:
                continue
            for row in range(block.top, block.bottom + 1):
                for column in range(block.left, block.right + 1):
                    found[row, column] = (block.top, block.left)
        return found

    @cached_property
    def mail(self) -> dict[int, dict[int, str]]:
        """Row → column → address, for cells with a mailto link."""
        targets = {link.id: link.target for link in self.book.package.relationships(self.sheet.part) if link.kind == "hyperlink"}
        found: dict[int, dict[int, str]] = {}
        for link in self.book.sheet(self.sheet.part).links:
            target, block = targets.get(link.relationship, ""), area(link.range)
            if block is not None and block.size == 1 and target.casefold().startswith("mailto:"):
                address = unquote(target[7:].partition("?")[0]).strip()
                if "@" in address:
                    found.setdefault(block.top, {})[block.left] = address
        return found

    @cached_property
    def comments(self) -> dict[int, dict[int, str]]:
        """Row → column → text, for cells with a comment; comments that cannot be read are counted as left out."""
        from connectors._workbook.notes import comments_of  # most sheets have none

        try:
            return comments_of(self.book.package, self.sheet.part)
        except (Damaged, Refused):
            self.book.left_out += 1
            return {}


def _names(sheets: tuple[packages.Sheet, ...]) -> str:
    return ", ".join(sheet.name for sheet in sheets)
