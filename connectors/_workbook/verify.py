"""Read the new workbook back, before it replaces the old one: what was meant is gone, and all else is as it was."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from connectors._columns import letters
from connectors._workbook.book import Book
from connectors._workbook.edit import Change, Clear, Formula, Write
from connectors._workbook.erasing import Done
from connectors._workbook.package import Package, utf8
from connectors._workbook.sheet import RawCell, Sheet, read_row, row_end
from connectors._workbook.strings import decode
from connectors.errors import Fault, HubError
from connectors.phrase import Phrase

if TYPE_CHECKING:
    from openpyxl import Workbook

_EMPTY_ITEM = re.compile(rb"<((?:[\w.\-]+:)?)si><\1t/></\1si>\s*")
_SMALL = 20_000
"""So many cells are also compared by openpyxl, as a second reader with eyes of its own."""


def verify(book: Book, done: Done, path: Path) -> None:
    """Compare the file at `path` with the workbook it was made from. Raises `Fault` when anything differs unplanned."""
    try:
        _verify(book, done, path)
    except Fault:
        raise
    except HubError:
        # A new file that cannot be read is this code's fault; the owner's file is as good as it was.
        raise _fault(book, "a part that cannot be read") from None


def _verify(book: Book, done: Done, path: Path) -> None:
    new = Package(path)
    old = book.package
    if new.names != old.names:
        raise _fault(book, "the list of parts")
    for name in new.names:
        if name not in old.edited and new.packed(name) != old.packed(name):
            raise _fault(book, name)
        if name in old.edited and new.read(name) != old.read(name):
            raise _fault(book, name)
    _verify_strings(book, done, new)
    count = 0
    for sheet in book.sheets:
        count += book.sheet(sheet.part).count()
        if sheet.part in old.edited:
            _verify_sheet(book, sheet.part, new, done.changes.get(sheet.part, {}))
    if count <= _SMALL:
        _second_reader(book, done, path)


def _verify_strings(book: Book, done: Done, new: Package) -> None:
    """The table of texts is the same to the byte but for the emptied items, and they are empty."""
    table = book.strings
    if not table.part or table.part not in book.package.edited:
        if done.strings:
            raise _fault(book, table.part)
        return
    was, now = memoryview(utf8(book.package.original(table.part))), memoryview(new.utf8(table.part))
    book.package.forget()
    before = after = 0
    for index in sorted(done.strings):
        length = table.starts[index] - before
        empty = _EMPTY_ITEM.match(now, after + length)
        if was[before : table.starts[index]] != now[after : after + length] or empty is None:
            raise _fault(book, table.part)
        before, after = table.ends[index], empty.end()
    if was[before:] != now[after:]:
        raise _fault(book, table.part)


def _verify_sheet(book: Book, part: str, package: Package, rows: Mapping[int, Mapping[int, Change]]) -> None:
    """Between the planned rows every byte is the same; in them every cell but the planned ones."""
    old, new = book.sheet(part), Sheet(package.utf8(part), book.file, part, rows=False)
    was, now = memoryview(old.data), memoryview(new.data)
    before, after = old.first, new.first
    for index in sorted(rows):
        start, tag = after + old.starts[index] - before, old.tag(index)
        end = row_end(new.root, new.data, start)
        if was[before : old.starts[index]] != now[after:start] or now[start : start + len(tag)] != tag:
            raise _fault(book, part)
        if not _as_planned(old.cells(index), read_row(new.root, new.data[start:end]), rows[index]):
            raise _fault(book, part)
        before, after = old.ends[index], end
    if was[before : old.last] != now[after : new.last]:
        raise _fault(book, part)


def _as_planned(old: list[RawCell], new: list[RawCell], changes: Mapping[int, Change]) -> bool:
    """Whether a row's cells are the old ones but for the planned changes, and these are done."""
    was, now = ({cell.column: cell for cell in cells} for cells in (old, new))
    for column in was.keys() | now.keys():
        change, cell = changes.get(column), now.get(column)
        if change is None:
            same = cell == was.get(column)
        elif isinstance(change, Clear):
            same = cell is None
        elif isinstance(change, Write):
            same = cell is not None and cell.type == "inlineStr" and decode(cell.value) == change.text
        else:
            same = cell is not None and cell.formula is not None and change.text in (None, cell.formula)
        if not same:
            return False
    return True


def _second_reader(book: Book, done: Done, path: Path) -> None:
    """Let openpyxl read both; a workbook that it cannot read at all has been verified by the first reader."""
    was = _load(io.BytesIO(book.package.data))
    if was is None:
        return
    now = _load(io.BytesIO(path.read_bytes()))
    if now is None:
        raise _fault(book, "the workbook as openpyxl reads it")
    for sheet in book.package.sheets:
        planned = {
            f"{letters(column)}{book.sheet(sheet.part).numbers[index]}": change
            for index, row in done.changes.get(sheet.part, {}).items()
            for column, change in row.items()
        }
        if sheet.name in was.sheetnames and not _same(was, now, sheet.name, planned):
            raise _fault(book, sheet.part)


def is_read_alike(book: Book, path: Path) -> bool:
    """Whether openpyxl reads a new file, if it read the old one and that is not too large for a second reader."""
    if sum(book.sheet(sheet.part).count() for sheet in book.sheets) > _SMALL:
        return True
    was = _load(io.BytesIO(book.package.data))
    now = _load(io.BytesIO(path.read_bytes())) if was is not None else None
    return was is None or (now is not None and now.sheetnames == was.sheetnames)


def _load(stream: io.BytesIO) -> Workbook | None:
    import warnings

    from openpyxl import load_workbook  # 0.3 s: only an erase needs it

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return load_workbook(stream)
        except Exception:  # noqa: BLE001  # openpyxl raises anything on files it was not made for
            return None


def _same(was: Workbook, now: Workbook, name: str, planned: Mapping[str, Change]) -> bool:
    if name not in now.sheetnames:
        return False
    old, new = _values(was, name), _values(now, name)
    for place in old.keys() | new.keys():
        change = planned.get(place)
        if change is None and old.get(place) != new.get(place):
            return False
        if isinstance(change, Clear) and new.get(place) is not None:
            return False
        if isinstance(change, Formula) and new.get(place) is None:
            return False
    return True


def _values(book: Workbook, name: str) -> dict[str, object]:
    found: dict[str, object] = {}
    for row in getattr(book[name], "iter_rows", list)():
        for cell in row:
            if cell.value is not None:
                found[cell.coordinate] = vars(cell.value) if hasattr(cell.value, "ref") else cell.value
    return found


def _fault(book: Book, part: str) -> Fault:
    return Fault(
        Phrase(
            "The new version of {file} is not what it should be ({part}); the old one stays as it is.", file=book.file, part=part
        )
    )
