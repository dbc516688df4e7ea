"""Putting rows back into a CSV file: at their old places to the byte, or between their old neighbours when it changed since."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors import _csvfile, _csvtext, _table
from connectors._csvfile import CsvFile, Taken
from connectors._table import Listed
from connectors.errors import Conflict, Fault, Refused
from connectors.phrase import Phrase


@dataclass(frozen=True, slots=True)
class Past:
    """One row as it was, and hashes of the rows above and below it that stayed ("" where there was none)."""

    taken: Taken = field(repr=False)
    above: str = field(repr=False)
    below: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an erase or a redact took out of one file; `after` is the hash of what it left, `head` that of the column names."""

    ref: str
    version: str
    after: str = field(repr=False)
    head: str = field(repr=False)
    encoding: str = field(repr=False)
    rows: tuple[Past, ...] = field(repr=False)


def receipt_of(source: str, table: CsvFile, one: Listed, taken: Sequence[Taken], left: bytes) -> bytes:
    """The receipt of what is taken out of a table, which still says what the file was before; `left` is what it will be."""
    gone = {item.number for item in taken}
    marks = [_mark(table.raw(number)) for number in range(1, len(table.records) + 1)]
    rows = [[*item, *_neighbours(marks, gone, item.number)] for item in taken]
    told = {
        "source": source,
        "file": table.path.name,
        "ref": one.ref,
        "version": one.version,
        "head": _head(table),
        "encoding": table.encoding,
    }
    after = hashlib.sha256(left).hexdigest()
    return json.dumps({**told, "after": after, "rows": rows}).encode()


def opened(source: str, path: Path, receipt: bytes) -> Receipt:
    """Read a receipt. Raises `Refused` when it is not this source's and this file's."""
    try:
        told = json.loads(receipt)
        mine = (told["source"], told["file"]) == (source, path.name)
        texts = {name: str(told[name]) for name in ("ref", "version", "after", "head", "encoding")}
        found = Receipt(**texts, rows=tuple(_past(row) for row in told["rows"]))
        if mine and found.rows:
            return found
    except (ValueError, LookupError, TypeError):
        pass
    raise Refused(Phrase("This receipt is of another source."))


def encoding_of(path: Path, told: Receipt) -> str:
    """The encoding the file had, where the file alone does not surely show it any more; "" to go by the file.

    When the only row with letters beyond those of English is gone, any encoding fits what is left.
    """
    if told.encoding not in _csvtext.ENCODINGS or told.encoding.startswith("utf-16"):
        return ""
    data = _csvfile.read(path)
    if data.isascii() or hashlib.sha256(data).hexdigest() == told.after:
        return told.encoding
    # Bytes that are not UTF-8 are letters in each of the others.
    unclear = not told.encoding.startswith("utf") and not _csvtext.decode(data, path.name).codec.startswith("utf")
    return told.encoding if unclear else ""


def put_back(table: CsvFile, told: Receipt, *, keep_time: bool = False) -> tuple[Phrase, ...]:
    """Write the rows back, all or none. Raises `Conflict`, `Locked` or `Refused`: nothing was written then."""
    if table.sha256 == told.after:
        table.write(_as_it_was(table.text, told.rows), _raws_as_they_were(table, told.rows), keep_time=keep_time)
        return ()
    if _head(table) != told.head:
        raise Conflict(
            Phrase("{file} has other columns than when the row was taken out; nothing was put back.", file=table.path.name)
        )
    lines = [[table.raw(number), table.text[record.stop : record.end]] for number, record in enumerate(table.records, 1)]
    if any(row.taken.left is None for row in told.rows) and _table.lookup(table.everybody, told.ref) is not None:
        raise _changed(table)
    last = max((row.number for one in table.everybody for row in one.rows), default=max(head.row for head in table.heads))
    anchor = lines[last - 1]
    moved = [_one_back(table, lines, row, anchor) for row in told.rows]
    start = table.records[0].start if table.records else len(table.text)
    table.write(table.text[:start] + "".join(text + end for text, end in lines), [text for text, _ in lines], keep_time=keep_time)
    if any(moved):
        return (Phrase("The row is back, but not in its old place: the rows it stood between are no longer there."),)
    return ()


def require_back(table: CsvFile, told: Receipt) -> None:
    """Raise `Fault` when the file, read again, does not show what was put back."""
    back = _table.lookup(table.everybody, told.ref, told.version)
    whole = all(row.taken.left is None for row in told.rows)  # else other fields of the row may have changed since
    if back is None or (whole and back.version != told.version):
        raise Fault(Phrase("The row was written back into {file}, but reading it again does not show it.", file=table.path.name))


def _one_back(table: CsvFile, lines: list[list[str]], row: Past, anchor: list[str]) -> bool:
    """Put one row into the lines of the file; True when it had to go below the last person."""
    if row.taken.left is not None:
        marks = [_mark(text) for text, _ in lines]
        places = [number for number, (text, _) in enumerate(lines) if text == row.taken.left]
        if len(places) > 1:
            places = [
                number for number in places if (row.above, row.below) == tuple(_neighbours(marks, {number + 1}, number + 1))
            ]
        if not places:
            number, text = _refilled(table, lines, row.taken)
            lines[number][0] = text
            return False
        if len(places) != 1:
            raise _changed(table)
        lines[places[0]][0] = row.taken.text
        return False
    marks = [_mark(text) for text, _ in lines]
    place = _between(marks, row)
    where = lines.index(anchor) + 1 if place is None else place
    ends = [end for _, end in lines if end]
    end = ends[0] if ends else "\r\n"
    if where == len(lines) and lines and not lines[-1][1]:
        lines[-1][1], end = end, ""
    lines.insert(where, [row.taken.text, end])
    return place is None


def _refilled(table: CsvFile, lines: Sequence[Sequence[str]], taken: Taken) -> tuple[int, str]:
    """The one row whose emptied fields are still as they were left, though others of it changed, with those fields filled again."""
    was, left = _fields(table, taken.text), _fields(table, taken.left or "")
    gone = [place for place, (old, new) in enumerate(zip(was, left, strict=False)) if old != new]
    found = []
    for number, (text, _) in enumerate(lines):
        now = _fields(table, text)
        same = sum(
            1 for place, field in enumerate(now) if place not in gone and len(now) == len(left) and field == left[place] != ""
        )
        fits = len(now) == len(was) == len(left) and all(now[place] == left[place] for place in gone)
        if fits and 2 * same >= sum(1 for place, field in enumerate(left) if place not in gone and field) and same:
            found.append(
                (number, table.delimiter.join(was[place] if place in gone else field for place, field in enumerate(now)))
            )
    if len(found) != 1:
        raise _changed(table)
    return found[0]


def _fields(table: CsvFile, text: str) -> list[str]:
    """The fields of a row as they are written."""
    record = next(_csvtext.records(text, table.delimiter), None)
    spans = _csvtext.spans(text, record, table.delimiter) if record and not record.broken and record.stop == len(text) else []
    return [text[span.start : span.end] for span in spans]


def _between(marks: Sequence[str], row: Past) -> int | None:
    """Where a row goes by its old neighbours: below the one above it, else above the one below it, if just one is like that."""
    if marks.count(row.above) == 1:
        return marks.index(row.above) + 1
    return marks.index(row.below) if marks.count(row.below) == 1 else None


def _as_it_was(text: str, rows: Sequence[Past]) -> str:
    """The text with every piece at its old place."""
    for row in sorted(rows, key=lambda row: row.taken.at, reverse=True):
        taken = row.taken
        rest = text[taken.at + len(taken.left or "") :]
        text = text[: taken.at] + taken.text + (taken.end if taken.left is None else "") + rest
    return text


def _raws_as_they_were(table: CsvFile, rows: Sequence[Past]) -> list[str]:
    raws = [table.raw(number) for number in range(1, len(table.records) + 1)]
    for row in sorted(rows, key=lambda row: row.taken.number):
        number = row.taken.number
        raws[number - 1 : number if row.taken.left is not None else number - 1] = [row.taken.text]
    return raws


def _neighbours(marks: Sequence[str], gone: set[int], number: int) -> list[str]:
    """The hashes of the nearest rows above and below that stayed."""
    above = next((marks[other - 1] for other in range(number - 1, 0, -1) if other not in gone), "")
    below = next((marks[other - 1] for other in range(number + 1, len(marks) + 1) if other not in gone), "")
    return [above, below]


def _head(table: CsvFile) -> str:
    return _mark(table.delimiter.join(table.raw(head.row) for head in table.heads))


def _mark(text: str) -> str:
    return _table.short(text)


def _past(told: Any) -> Past:
    number, at, text, end, left, above, below = told
    if not isinstance(text, str) or not isinstance(end, str) or not isinstance(left, str | None):
        raise TypeError
    return Past(Taken(int(number), int(at), text, end, left), str(above), str(below))


def _changed(table: CsvFile) -> Conflict:
    return Conflict(Phrase("The row in {file} is there again or was changed since; nothing was put back.", file=table.path.name))
