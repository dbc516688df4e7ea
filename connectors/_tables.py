"""Tables that may be kept as CSV or as a workbook: opened, searched, and given back what was taken, by what they are."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from connectors import _csvback, _csvfile
from connectors._csvfile import CsvFile, Taken
from connectors._layout import Adapt
from connectors._needles import Matcher
from connectors._table import Listed, TableFile
from connectors._workbook.places import Lost
from connectors._workbook.table import BookFile, dating
from connectors.contract import Needle, Outcome, Residue
from connectors.errors import Refused
from connectors.phrase import Phrase

BOOKS: Final = frozenset((".xlsx", ".xlsm"))
"""How the names of workbooks end."""

_OTHER_BOOKS: Final = frozenset((".xls", ".xlsb", ".ods"))


def open_table(path: Path, settings: Mapping[str, Any], adapt: Adapt, *, one_of_several: bool = True) -> TableFile:
    """Read a table. Raises `Unreachable`, `Damaged`, `Refused` or `ConfigError`."""
    opened = BookFile if is_book(path) else CsvFile
    return opened(path, settings, adapt, one_of_several=one_of_several)


def is_book(path: Path) -> bool:
    """Whether a file is a workbook by its name."""
    return path.suffix.casefold() in BOOKS


def search_file(path: Path, matcher: Matcher) -> list[Residue]:
    """Search any other file, such as a copy or a backup: a workbook part by part, else its bytes."""
    from connectors._workbook import residue

    packed = is_book(path) or path.suffix.casefold() in _OTHER_BOOKS or residue.is_packed(path)
    return residue.search_file(path, matcher) if packed else _csvfile.search_file(path, matcher)


def take_out(
    table: TableFile,
    one: Listed,
    kinds: Sequence[str] | None,
    needles: Sequence[Needle],
    *,
    source: str,
    name: str,
    seal: Callable[[bytes], None],
) -> Outcome:
    """Take a person's rows (`kinds` None) or fields out of one of a source's files, called `name`; its time stays.

    The receipt is given to `seal` before the write, and back. Raises as `Connector.erase`.
    """
    receipts: list[bytes] = []

    def about_to(receipt: bytes) -> None:
        told = {"source": source, "file": name, "receipt": base64.b64encode(receipt).decode()}
        receipts.append(json.dumps(told).encode())
        seal(receipts[-1])

    def of_book(new: Path, lost: Sequence[Lost]) -> None:
        from connectors._workbook import returning

        about_to(returning.receipt_of(source, one.ref, book, new, lost))

    def of_csv(taken: Sequence[Taken], left: bytes) -> None:
        about_to(_csvback.receipt_of(source, csv, one, taken, left))

    notes: tuple[Phrase, ...] = ()
    if isinstance(table, BookFile):
        book = table.book
        notes = table.take(one, kinds, needles, keep_time=True, about_to=of_book)
    elif isinstance(table, CsvFile):
        csv = table
        if kinds is None:
            csv.take_rows(one, keep_time=True, about_to=of_csv)
        else:
            csv.take_fields(one, kinds, needles, keep_time=True, about_to=of_csv)
    return Outcome("erased" if kinds is None else "redacted", notes, receipts[0])


def opened(source: str, receipt: bytes) -> tuple[str, bytes]:
    """The name of the file that a receipt of `take_out` is of, and the file's own receipt. Raises `Refused`."""
    try:
        told = json.loads(receipt)
        if told["source"] == source:
            return str(told["file"]), base64.b64decode(told["receipt"], validate=True)
    except (ValueError, LookupError, TypeError):
        pass
    raise Refused(Phrase("This receipt is of another source."))


def put_back(table: TableFile, source: str, receipt: bytes, settings: Mapping[str, Any], adapt: Adapt) -> tuple[Phrase, ...]:
    """Put back what a file's own receipt tells; its time stays. Raises as `Connector.restore`."""
    table.require_writable()
    if isinstance(table, BookFile):
        from connectors._workbook import returning

        return returning.put_back(table.book, returning.opened(source, receipt), dating)
    told = _csvback.opened(source, table.path, receipt)

    def again(encoding: str = "") -> CsvFile:
        given = {**settings, "encoding": encoding} if encoding else settings
        return CsvFile(table.path, given, adapt, one_of_several=True)

    notes = _csvback.put_back(again(_csvback.encoding_of(table.path, told)), told, keep_time=True)
    _csvback.require_back(again(), told)
    return notes
