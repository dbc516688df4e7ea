"""A workbook as a table file: for registers that may be kept as CSV or as a workbook."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from connectors import _files, _table
from connectors._layout import Adapt, Cell
from connectors._needles import Matcher
from connectors._rowpeople import RowPeople
from connectors._table import Listed, Row, TableFile
from connectors._workbook.book import Book, Table
from connectors._workbook.guard import require_writable
from connectors._workbook.places import Lost
from connectors._workbook.rows import BROKEN, Target, is_broken, is_left_out, people_of
from connectors.contract import Needle, Residue, Spread
from connectors.entry import Unreadable
from connectors.errors import PLAN_AGAIN, Conflict
from connectors.phrase import Phrase

_APART = "\n\0\n"


AboutTo = Callable[[Path, Sequence[Lost]], None]
"""As `removing.AboutTo`."""


def dating(target: Path, build: Callable[[Path], None], expected: str, verify: Callable[[Path], None]) -> None:
    """Replace a file as `_files.replace_file` does, by one of the same time: it says how old the data are, and they are no younger."""
    stat = target.stat()

    def verify_and_date(path: Path) -> None:
        verify(path)
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    _files.replace_file(target, build, expected, verify_and_date)


class BookFile(TableFile):
    """A workbook in memory: a person's row is emptied in place. Raises `Unreachable`, `Damaged`, `Refused` or `ConfigError`."""

    def __init__(
        self, path: Path, settings: Mapping[str, Any], adapt: Adapt | None = None, *, one_of_several: bool = False
    ) -> None:
        """Read the file; see `CsvFile`."""
        self.path = path
        self.book = Book(path, {"columns": settings.get("columns")}, adapt=adapt, one_of_several=one_of_several)
        self.heads = [head for table in self.book.tables() for head in table.heads]
        self._region = str(settings.get("region") or "FI")

    @cached_property
    def _rows(self) -> list[Row]:
        return [_row(table, number) for table in self.book.tables() for number in table.rows()]

    def rows(self) -> Iterator[Row]:
        """Every row below column names that is no total, of every sheet that has them."""
        return iter(self._rows)

    def people_of(self, row: Row) -> RowPeople:
        """The persons and values of one row, those of merged cells that reach into it included."""
        return people_of(self._table(self.book, row.sheet), row.number, row.head, row.cells)

    @staticmethod
    def _table(book: Book, sheet: str) -> Table:
        return next(table for table in book.tables() if table.sheet.name == sheet)

    @property
    def unreadable(self) -> list[Unreadable]:
        """The rows of which a cell's text is lost."""
        file = self.path.name
        return [
            Unreadable(Phrase("{file}, sheet {sheet}, row {row}", file=file, sheet=row.sheet, row=row.number), BROKEN)
            for row in self._rows
            if is_broken(row.cells)
        ]

    @property
    def warnings(self) -> tuple[Phrase, ...]:
        """Ruined phone numbers, and cells that hold an error."""
        ruined = _table.ruined_phones(self.everybody)
        left_out = sum(1 for row in self._rows for cell in row.cells.values() if is_left_out(cell))
        found = [_table.ruined(self.path.name, ruined)] if ruined else []
        if left_out:
            found.append(Phrase("{count} cells hold an error or cannot be read; they are left out.", count=left_out))
        return tuple(found)

    # Taking out --------------------------------------------------------------------------------------------------

    def require_writable(self) -> None:
        """Raise `Locked` when a program has the workbook open, `Refused` when it is signed or protected."""
        require_writable(self.book)

    def remove(self, one: Listed, needles: Sequence[Needle] = (), *, keep_time: bool = False) -> tuple[Phrase, ...]:
        """Empty every cell of the person's rows, and her values wherever the workbook repeats them; nothing shifts."""
        return self.take(one, None, needles, keep_time=keep_time)

    def redact(
        self, one: Listed, kinds: Sequence[str] | None, needles: Sequence[Needle], *, keep_time: bool = False
    ) -> tuple[Phrase, ...]:
        """Empty the person's cells of these kinds; of a cell that others share only the person's part goes."""
        return self.take(one, kinds, needles, keep_time=keep_time)

    def take(
        self,
        one: Listed,
        kinds: Sequence[str] | None,
        needles: Sequence[Needle],
        *,
        keep_time: bool = False,
        about_to: AboutTo | None = None,
    ) -> tuple[Phrase, ...]:
        """As `remove` (kinds None) or `redact`; the new file, and what it lost, is told before it replaces the old one."""
        from connectors._workbook.removing import take_out  # half of the package is for erasing, and a find need not wait for it

        wanted = None if kinds is None else frozenset(kinds)
        targets = [partial(self._target, one, row) for row in one.rows]
        replace = dating if keep_time else _files.replace_file
        return take_out(self.book, targets, replace, kinds=wanted, needles=needles, region=self._region, about_to=about_to)

    def foreseen(self, going: Iterable[tuple[Listed, Sequence[str] | None]], needles: Sequence[Needle]) -> tuple[Spread, ...]:
        """The cells outside the rows of these people that `take` would change, one person after the other."""
        from connectors._workbook.removing import foreseen

        wanted = [
            (partial(self._target, one, row), None if kinds is None else frozenset(kinds))
            for one, kinds in going
            for row in one.rows
        ]
        return foreseen(self.book, wanted, needles, self._region)

    def _target(self, one: Listed, row: Row, book: Book) -> Target:
        """The person in one of the rows, as the workbook is by now."""
        table = self._table(book, row.sheet)
        found = table.row(row.number)
        people = people_of(table, row.number, *found) if found else None
        key = one.people.keys[one.person] if one.people.keys else ""
        if people is None or (key and key not in people.keys):
            raise Conflict(
                Phrase("The row in {file} was changed since the plan was shown; nothing was written.", file=self.path.name),
                PLAN_AGAIN,
            )
        return Target(table, row.number, people.keys.index(key) if key else one.person, people, whole=not one.shared)

    # Searching ---------------------------------------------------------------------------------------------------

    def residue(self, matcher: Matcher, excused: Collection[tuple[str, int]] = ()) -> list[Residue]:
        """Search every part of the workbook; while rows wait for a hand only the other rows: the rest goes with them."""
        from connectors._workbook.residue import find_residue

        if not excused:
            return find_residue(self.book.package, matcher)
        file = matcher.cut(self.path.name, "…")
        return [
            Residue(
                Phrase("{file}, sheet {sheet}, row {row}", file=file, sheet=matcher.cut(sheet, "…"), row=number),
                _table.STILL_IN_ROW,
            )
            for sheet, number, text in self._texts()
            if (sheet, number) not in excused and matcher.in_text(text)
        ]

    def text_beside(self) -> str:
        """Every row that is not listed, of every sheet."""
        read = {row.place for row in self._rows}
        return _APART.join(text for sheet, number, text in self._texts() if (sheet, number) not in read)

    def _texts(self) -> Iterator[tuple[str, int, str]]:
        for sheet in self.book.sheets:
            for index, number in enumerate(self.book.sheet(sheet.part).numbers):
                yield sheet.name, number, _APART.join(cell.text for cell in self.book.row(sheet.part, index).values())


def _row(table: Table, found: tuple[int, Any, dict[int, Cell]]) -> Row:
    number, head, cells = found
    raw = _APART.join(f"{column} {cell.text}" for column, cell in sorted(cells.items()))
    return Row(number, head, cells, raw, table.sheet.name, table.comments.get(number, {}))
