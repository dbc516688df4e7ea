"""One CSV file: its table found, its persons listed, and their rows taken out with every other byte left as it is."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

from connectors import _cells, _columns, _csvtext, _files, _layout, _table
from connectors._csvtext import Record
from connectors._layout import Adapt, Cell, Head
from connectors._needles import Matcher
from connectors._table import Listed, Row, TableFile
from connectors.contract import Needle, Residue
from connectors.entry import Unreadable
from connectors.errors import Damaged, Fault, HubError, Locked, Refused
from connectors.phrase import Phrase

MOST: Final = 256 << 20
"""No table of more bytes is opened."""
_PLACES = 20
_NUMBER = re.compile(r"[+-]?[\d\s.,'\u00a0\u202f]+(?:€|eur|%)?", re.IGNORECASE)
_REMOVE = Phrase("A value of the person stands in it. Look at the file, and delete it if it is a copy.")


class Taken(NamedTuple):
    """What was taken out of a row: its text and line end; `left` what stands there now, None when the whole row went.

    `at` is its place in the file's new text, `number` that of the row before.
    """

    number: int
    at: int
    text: str
    end: str
    left: str | None


AboutTo = Callable[[Sequence[Taken], bytes], None]
"""Told what is taken out of a file, and all that will be left of it, just before that is written."""


def _nothing(_taken: Sequence[Taken], _left: bytes) -> None:
    """Nobody wants to know."""


class CsvFile(TableFile):
    """A table file in memory. Raises `Unreachable`, `Damaged`, `Refused` or `ConfigError` when it cannot be read as one."""

    def __init__(
        self, path: Path, settings: Mapping[str, Any], adapt: Adapt | None = None, *, one_of_several: bool = False
    ) -> None:
        """Read the file; `settings` may give columns, delimiter and encoding, `adapt` a row its own column kinds.

        `one_of_several`: a column that was told of may be another file's.
        """
        self.path = path
        self.data = read(path)
        self.sha256 = hashlib.sha256(self.data).hexdigest()
        self._settings, self._adapt = settings, adapt
        self._source = _csvtext.decode(self.data, path.name, str(settings.get("encoding") or ""))
        self.text = self._source.text
        given = dict(settings.get("columns") or {})
        self._given = {_columns.fold(name): kind for name, kind in given.items()}
        problems = _layout.wrong_kinds(given)
        self.delimiter, self._start, self._width = self._sniffed()
        self.records = list(_csvtext.records(self.text, self.delimiter, self._width, self._start))
        self._known: dict[int, dict[int, Cell]] = {}
        self.heads = self._heads()
        problems += [] if one_of_several else _table.unknown_columns(given, [self], path.name)
        _table.require_fit(problems, path.name)
        if not self.heads:
            raise Damaged(
                Phrase("{file} has no column names that are known (such as Nimi, Namn, Name, Email).", file=path.name),
                Phrase('Tell them in hub.toml: columns = { "My column" = "name" }.'),
            )

    # Finding the table -------------------------------------------------------------------------------------------

    def _sniffed(self) -> tuple[str, int, int]:
        """Delimiter, where the table begins, and how many fields its column names have."""
        told, start = _csvtext.announced(self.text)
        wanted = str(self._settings.get("delimiter") or told)
        best, most = (wanted or _csvtext.DELIMITERS[0], start, 0), 0
        for mark in (wanted,) if wanted else _csvtext.DELIMITERS:
            top = []
            for number, record in enumerate(_csvtext.records(self.text, mark, 0, start), 1):
                top.append((number, self._read(record, mark)))
                if number == _table.TOP:
                    break
            for head in _layout.find_heads([(number, cells) for number, cells in top if cells], self._given):
                if head.recognised > most:
                    best, most = (mark, start, len(head.columns)), head.recognised
        return best

    def _heads(self) -> list[Head]:
        rows = [(number, self.cells(number)) for number in range(1, len(self.records) + 1)]
        found, filled = _table.heads_of(rows, self._given), [(number, cells) for number, cells in rows if cells]
        if not found and len(filled) == 1:
            # Only column names are left, of a list of one column even.
            only = _layout.read_head(*filled[0], {}, self._given, forced=True)
            found = [only] if only else []
        return found

    def cells(self, number: int) -> dict[int, Cell]:
        """The non-empty cells of a row by column; none of a row that cannot be read."""
        if number not in self._known:
            self._known[number] = self._read(self.records[number - 1], self.delimiter)
        return self._known[number]

    def _read(self, record: Record, delimiter: str) -> dict[int, Cell]:
        if record.broken:
            return {}
        found = {}
        for column, span in enumerate(_csvtext.spans(self.text, record, delimiter), 1):
            said = _csvtext.value(self.text, span)
            if said.strip():
                found[column] = cell_of(said)
        return found

    def raw(self, number: int) -> str:
        """The text of a row as it stands in the file, without its line end."""
        record = self.records[number - 1]
        return self.text[record.start : record.stop]

    # Persons -----------------------------------------------------------------------------------------------------

    def rows(self) -> Iterator[Row]:
        """Every row below column names that can be read and is no total."""
        head, following = None, {head.row: head for head in self.heads}
        for number in range(1, len(self.records) + 1):
            if number in following:
                head = following[number]
            elif head is not None and not self._is_unreadable(number):
                cells = self.cells(number)
                if cells and not _layout.is_total(cells):
                    yield Row(number, self._adapt(head, cells) if self._adapt else head, cells, self.raw(number))

    def _is_unreadable(self, number: int) -> bool:
        return self.records[number - 1].broken or _csvtext.has_unreadable(self.raw(number))

    @property
    def unreadable(self) -> list[Unreadable]:
        """The rows that are there but cannot be read."""
        found = []
        for number in range(1, len(self.records) + 1):
            if self._is_unreadable(number):
                broken = self.records[number - 1].broken
                why = Phrase("a quotation mark is missing or too many; mend it in a text editor")
                letters = Phrase("it holds bytes that are no letters; save the file again as CSV (UTF-8)")
                where = Phrase("{file}, line {line}", file=self.path.name, line=self.records[number - 1].line)
                found.append(Unreadable(where, why if broken else letters))
        return found

    @property
    def warnings(self) -> tuple[Phrase, ...]:
        """What may keep a person from being found in this file."""
        ruined = _table.ruined_phones(self.everybody)
        spoiled = sum(1 for record in self.records if _csvtext.is_spoiled(self.text[record.start : record.stop]))
        wide = sum(1 for row in self.rows() if max(row.cells) > max(row.head.columns))
        found = [
            _table.ruined(self.path.name, ruined),
            Phrase(
                "{file}: in {count} rows letters are spoiled (as Ã¤ for ä), so names may be missed. Export it anew as UTF-8.",
                file=self.path.name,
                count=spoiled,
            ),
            Phrase(
                "{file}: {count} rows have more fields than there are column names; values may stand in wrong columns.",
                file=self.path.name,
                count=wide,
            ),
        ]
        return tuple(phrase for phrase, count in zip(found, (ruined, spoiled, wide), strict=True) if count)

    # Taking out --------------------------------------------------------------------------------------------------

    def require_writable(self) -> None:
        """Raise `Locked` when a program has the file open."""
        require_closed(self.path)

    def remove(self, one: Listed, needles: Sequence[Needle] = (), *, keep_time: bool = False) -> tuple[Phrase, ...]:
        """Take the person's rows out of the file; what others share is only freed of the person's part."""
        self.take_rows(one, keep_time=keep_time)
        return ()

    def redact(
        self, one: Listed, kinds: Sequence[str] | None, needles: Sequence[Needle], *, keep_time: bool = False
    ) -> tuple[Phrase, ...]:
        """Empty the person's fields of these kinds (None: all), and cut the needles out of what is nobody's alone."""
        self.take_fields(one, kinds, needles, keep_time=keep_time)
        return ()

    def take_rows(self, one: Listed, *, keep_time: bool = False, about_to: AboutTo = _nothing) -> None:
        """As `remove`; what will be taken is told before it is."""
        if one.shared:
            self.take_fields(one, None, (), keep_time=keep_time, about_to=about_to)
        else:
            self.change({row.number: None for row in one.rows}, keep_time, about_to)

    def take_fields(
        self,
        one: Listed,
        kinds: Sequence[str] | None,
        needles: Sequence[Needle],
        *,
        keep_time: bool = False,
        about_to: AboutTo = _nothing,
    ) -> None:
        """As `redact`; what will be taken is told before it is."""
        wanted = [needle for needle in needles if kinds is None or needle.kind in (*kinds, "text")]
        matcher = Matcher(wanted)
        left = {row.number: self._without(row, self.as_in(one, row), kinds, matcher) for row in one.rows}
        self.change(left, keep_time, about_to)

    def _without(self, row: Row, one: Listed, kinds: Sequence[str] | None, matcher: Matcher) -> str:
        record = self.records[row.number - 1]
        places = _csvtext.spans(self.text, record, self.delimiter)
        text, at = "", record.start
        for column, span in enumerate(places, 1):
            said = self._left(row, one, kinds, matcher, column)
            if said is not None:
                text += self.text[at : span.start] + _csvtext.written(said, span, self.delimiter)
                at = span.end
        return text + self.text[at : record.stop]

    def _left(self, row: Row, one: Listed, kinds: Sequence[str] | None, matcher: Matcher, column: int) -> str | None:
        """What is left in a cell, None when it stays as it is."""
        here = [value for value in one.people.values if value.column == column]
        gone = [value for value in one.going(kinds) if value.column == column]
        cell = row.cells.get(column)
        if cell is None:
            return None
        if gone:
            parts = [value.part for value in here if value.part]
            hers = [value.part for value in gone if value.part]
            return _cells.without(cell.text, parts, hers) if len(hers) == len(gone) and len(hers) < len(parts) else ""
        if all(value.kind in ("note", "other") and value.owner == -1 for value in here) and matcher.in_text(cell.text):
            return matcher.cut(cell.text).strip()
        return None

    def change(self, changes: Mapping[int, str | None], keep_time: bool = False, about_to: AboutTo = _nothing) -> None:
        """Give rows, told by their numbers, another text, or take them out (None)."""
        text, raws, at, taken = "", [], 0, []
        for number, record in enumerate(self.records, 1):
            if number not in changes:
                raws.append(self.raw(number))
                continue
            said, end = changes[number], self.text[record.stop : record.end]
            text += self.text[at : record.start]
            at = record.end
            taken.append(Taken(number, len(text), self.raw(number), end, said))
            if said is not None:
                text += said + end
                raws.append(said)
        self.write(text + self.text[at:], raws, keep_time=keep_time, about_to=lambda new: about_to(taken, new))

    def write(
        self, text: str, raws: Sequence[str], *, keep_time: bool = False, about_to: Callable[[bytes], None] | None = None
    ) -> None:
        """Give the file another text, in which these rows and no others must be read."""
        new, stat = self._encoded(text), self.path.stat()
        self._require_same(text, raws)
        if new == self.data:
            raise Fault(Phrase("Nothing changed in {file} although the person was found there.", file=self.path.name))

        if about_to:
            about_to(new)

        def verify(path: Path) -> None:
            if path.read_bytes() != new:
                raise Refused(
                    Phrase("What was written beside {file} could not be read back; it is unchanged.", file=self.path.name)
                )
            if keep_time:
                # The file's time says how old its data are; an erase makes them no younger.
                os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))

        _files.replace_file(self.path, lambda path: _put(path, new), self.sha256, verify)

    def _encoded(self, text: str) -> bytes:
        try:
            return self._source.encode(text)
        except UnicodeError:
            raise Refused(
                Phrase(
                    "{file} is stored in an alphabet that lacks letters of the row; nothing was written.", file=self.path.name
                ),
                Phrase("Save it as CSV (UTF-8) in its program, and run the command again."),
            ) from None

    @property
    def encoding(self) -> str:
        """How its letters are stored, as `encoding` tells it."""
        return "utf-16" if self._source.codec.startswith("utf-16") else self._source.codec

    def _require_same(self, text: str, raws: Sequence[str]) -> None:
        """Raise `Refused` when the other rows would not be read as before, as below a quote that never closes."""
        left = _csvtext.records(text, self.delimiter, self._width, self._start)
        if [text[record.start : record.stop] for record in left] != list(raws):
            raise Refused(
                Phrase(
                    "Without this row {file} would be read differently from there on; nothing was written.", file=self.path.name
                ),
                Phrase("Mend the quotation marks of the rows around it in a text editor, and run the command again."),
            )

    # Searching ---------------------------------------------------------------------------------------------------

    def residue(self, matcher: Matcher, excused: Collection[tuple[str, int]] = ()) -> list[Residue]:
        """The rows in which a value is still found."""
        numbers = [number for number in range(1, len(self.records) + 1) if ("", number) not in excused]
        views = [self._view(number) for number in numbers]
        if not matcher.in_text("\n\0\n".join(views)):
            hit = not excused and matcher.in_bytes(self.data)
            return [Residue(Phrase("{file}", file=named(self.path.name, matcher)), _REMOVE)] if hit else []
        rows = [number for number, view in zip(numbers, views, strict=True) if matcher.in_text(view)]
        return [
            Residue(Phrase("{file}, row {row}", file=named(self.path.name, matcher), row=number), _table.STILL_IN_ROW)
            for number in rows[:_PLACES]
        ] or [Residue(Phrase("{file}", file=named(self.path.name, matcher)), _REMOVE)]

    def text_beside(self) -> str:
        """The rows that are not listed, as they stand in the file."""
        read = {row.number for row in self.rows()}
        return "\n".join(self.raw(number) for number in range(1, len(self.records) + 1) if number not in read)

    def _view(self, number: int) -> str:
        """Everything a row says, its names joined from two columns and its spoiled letters mended too."""
        texts = [cell.text for cell in self.cells(number).values()] or [self.raw(number)]
        texts += self._joined.get(number, ())
        text = "\n\0\n".join(texts)
        return f"{text}\n\0\n{_csvtext.repaired(text)}" if _csvtext.is_spoiled(text) else text

    @cached_property
    def _joined(self) -> dict[int, tuple[str, ...]]:
        return {row.number: one.people.names for one in self.everybody for row in one.rows}


def cell_of(said: str) -> Cell:
    """A field as a cell."""
    return Cell("number" if _NUMBER.fullmatch(said) else "text", said)


def read(path: Path) -> bytes:
    """A file's bytes. Raises `Unreachable`, or `Refused` when there are far too many."""
    _files.require_downloaded(path)
    with _files.reading(path):
        if path.stat().st_size > MOST:
            raise Refused(Phrase("{file} is far larger than a register; it was not opened.", file=path.name))
        return path.read_bytes()


def require_closed(path: Path) -> None:
    """Raise `Locked` when a spreadsheet program has the file open."""
    mark = _files.open_mark(path)
    if mark is not None:
        raise Locked(
            Phrase("{file} is open in a spreadsheet program.", file=path.name),
            Phrase("Close it there, and run the command again. (After a crash, delete the file {mark}.)", mark=mark),
        )


def search_file(path: Path, matcher: Matcher) -> list[Residue]:
    """Search the bytes of any other file, such as a copy or a backup."""
    where = Phrase("{file}", file=named(path.name, matcher))
    try:
        data = read(path)
        text = _csvtext.decode(data, path.name).text if matcher else ""
    except Damaged:
        text = ""
    except HubError as error:
        return [Residue(where, error.told, found=False)]
    mended = _csvtext.repaired(text) if _csvtext.is_spoiled(text) else text.replace('""', '"')
    return [Residue(where, _REMOVE)] if matcher.in_bytes(data) or matcher.in_text(mended) else []


def named(name: str, matcher: Matcher) -> str:
    """A file's name as it may be said: without the person's values."""
    return matcher.cut(name, "…")


def _put(path: Path, data: bytes) -> None:
    path.write_bytes(data)
