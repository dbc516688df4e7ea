"""Put single values of one person right in a workbook: only their cells change, and what repeats them as a stored result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from connectors import _corrections, _rowpeople
from connectors._workbook import verify
from connectors._workbook.book import Book
from connectors._workbook.edit import Change, Write
from connectors._workbook.erasing import Eraser
from connectors._workbook.removing import AboutTo, Replace
from connectors._workbook.rows import Found
from connectors._workbook.sheet import RawCell
from connectors.contract import Correction
from connectors.entry import Field
from connectors.errors import Refused
from connectors.phrase import Phrase


class Corrector(Eraser):
    """One person's corrections in one workbook."""

    def __init__(self, book: Book, found: Found, corrections: Sequence[Correction]) -> None:
        super().__init__(book, found, frozenset(), ())
        self._corrections = corrections

    def _plan_own_row(self) -> None:
        changes: dict[int, Change] = {}
        for cell in self._sheet.cells(self._index):
            text = self._book.cell(cell).text
            people, person = self._found.people, self._found.person
            said = _rowpeople.corrected(people, person, cell.column, text, self._corrections)
            if said is not None and cell.formula is None:
                self._require_plain(cell, text)
                changes[cell.column] = Write(said)
        self._note(self._part, self._index, changes)
        self._forget_results(changes)

    def _require_plain(self, cell: RawCell, text: str) -> None:
        """Raise `Refused` for a cell that says more than its text: a link to the old value, or a text of several looks."""
        link = self._found.table.mail.get(self._found.row, {}).get(cell.column)
        if link or self._runs(self._sheet, self._index, cell) is not None:
            raise Refused(
                Phrase("The cell carries a link, or a text of several looks; nothing was written."),
                Phrase("Correct it by hand, the link too."),
            )


def put_right(
    book: Book,
    found: Found,
    corrections: Sequence[Correction],
    replace: Replace,
    *,
    read: Callable[[Book], Sequence[Field]],
    about_to: AboutTo,
) -> tuple[Phrase, ...]:
    """Write the right values; `read` reads the entry again from the new file before it takes the old one's place."""
    done = Corrector(book, found, corrections).run()

    def check(path: Path) -> None:
        verify.verify(book, done, path)
        _corrections.require_as_meant(found.entry.fields, read(book.again(path)), corrections)
        about_to(path, done.lost)

    replace(book.package.path, book.package.write, book.package.sha256, check)
    return done.notes
