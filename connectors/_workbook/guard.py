"""What forbids to write to a workbook, said before anything is planned."""

from __future__ import annotations

from connectors import _files
from connectors._workbook.book import Book
from connectors.errors import Locked, Refused
from connectors.phrase import Phrase

_TAKE_OFF = Phrase("Take the protection off in Excel (Review, Unprotect), run the command again, and put it back.")


def require_writable(book: Book) -> None:
    """Raise `Locked` when a program has the workbook open, `Refused` when it is signed or protected."""
    path = book.package.path
    mark = _files.open_mark(path)
    if mark is not None:
        raise Locked(
            Phrase("{file} is open in Excel or another spreadsheet program.", file=book.file),
            Phrase("Save and close it there, and run the command again. (After a crash, delete the file {mark}.)", mark=mark),
        )
    if book.package.signed:
        raise Refused(
            Phrase("{file} is digitally signed; a change would break the signature.", file=book.file),
            Phrase("Remove the signature in Excel (File, Info), and run the command again."),
        )
    for tag, attributes in book.package.elements(book.package.workbook_part):
        locks = ("lockStructure", "lockWindows", "lockRevision")
        if tag == "workbookProtection" and any(attributes.get(name) in ("1", "true", "on") for name in locks):
            raise Refused(Phrase("{file} is protected against changes.", file=book.file), _TAKE_OFF)


def require_unprotected(book: Book, part: str) -> None:
    """Raise `Refused` when a sheet that must be changed is protected."""
    if book.sheet(part).protected:
        name = next((sheet.name for sheet in book.sheets if sheet.part == part), part)
        raise Refused(Phrase("The sheet {sheet} of {file} is protected against changes.", sheet=name, file=book.file), _TAKE_OFF)
