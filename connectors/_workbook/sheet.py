"""One sheet: where its rows stand in the part's bytes, their cells, and what an edit must know besides.

Rows of plain cells, as every spreadsheet program writes them, are read by one expression that must cover the row to
its last byte; any other row, and any sheet with comments or CDATA in it, is read by expat.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import NamedTuple
from xml.parsers import expat

from connectors._workbook.parts.areas import number as column_number
from connectors._workbook.xmlspans import unescape
from connectors.errors import Damaged
from connectors.phrase import Phrase

_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})")
_QUOTED = rb"""\s*=\s*(?:"[^"<]*"|'[^'<]*')"""
_TAG_END = re.compile(rb"""(?:[^>"']++|"[^"]*"|'[^']*')*+>""")
_ATTRIBUTE = re.compile(rb"""([A-Za-z:]+)\s*=\s*["']([^"']*)["']""")
_PREFIX = re.compile(rb"<([\w.\-]+:)?")
_BLOCK = 1 << 16
_ODD = (b"<!", b"<?")
_MARKED_FORMULA = re.compile(rb"""<(?:[\w.\-]+:)?f\s[^>]*\bt\s*=\s*["'](array|dataTable|shared)["'][^>]*>""")
_new = tuple.__new__


class RawCell(NamedTuple):
    """A cell as it is stored: `type` is the attribute t, `value` the content of v (or the text of is)."""

    column: int
    type: str
    style: int
    value: str
    formula: str | None


class Link(NamedTuple):
    """A hyperlink: the range it covers, and its relationship."""

    range: str
    relationship: str


class Sheet:
    """One sheet part, well-formed; its rows are found at once, its cells when they are asked for."""

    def __init__(self, data: bytes, file: str, part: str, *, rows: bool = True) -> None:
        """Find the rows in `data` (UTF-8); without `rows` only where they begin and end. Raises `Damaged`."""
        self.data = data
        self._file, self._part = file, part
        self.numbers = array("L")
        self.starts = array("Q")
        self.ends = array("Q")
        self.merges: list[str] = []
        self.links: list[Link] = []
        self.protected = False
        root = _validate(data, self._damaged)
        self._body = self._tag_end(root)
        self.root = data[root : self._body]
        prefix = _PREFIX.match(self.root)
        self._prefix = (prefix[1] if prefix else None) or b""
        self.first, self.last = self._locate(rows=rows)
        self._read_outside(data[: self.first] + data[self.last :])
        self._patterns = _cell_patterns(self._prefix)
        self._styles: dict[bytes, tuple[str, int]] = {}

    def __len__(self) -> int:
        return len(self.numbers)

    def rows(self) -> Iterator[tuple[int, list[RawCell]]]:
        """Number and non-empty cells of every row in the part's order."""
        for index, number in enumerate(self.numbers):
            yield number, self.cells(index)

    def cells(self, index: int) -> list[RawCell]:
        """The cells of one row that hold a value or a formula."""
        row = self.data[self.starts[index] : self.ends[index]]
        content = row[len(self.tag(index)) : row.rfind(b"</")]
        one, tiles = self._patterns
        if tiles.fullmatch(content):
            return list(self._plain(one.findall(content)))
        return read_row(self.root, row)

    def tag(self, index: int) -> bytes:
        """The start tag of a row."""
        start = self.starts[index]
        return self.data[start : self._tag_end(start)]

    def count(self) -> int:
        """About how many cells the sheet has."""
        return self.data.count(b"<" + self._prefix + b"c ")

    def index_of(self, number: int) -> int | None:
        """The index of the row with this number, None when the part has none."""
        index = bisect_left(self.numbers, number)
        return index if index < len(self.numbers) and self.numbers[index] == number else None

    def row_at(self, offset: int) -> int | None:
        """The index of the row in which a byte stands, None outside of all rows."""
        index = bisect_right(self.starts, offset) - 1
        return index if index >= 0 and offset < self.ends[index] else None

    @cached_property
    def spreads(self) -> list[str]:
        """The ranges of array formulas and data tables."""
        if b"array" not in self.data and b"dataTable" not in self.data:
            return []
        found = []
        for match in _MARKED_FORMULA.finditer(self.data):
            attributes = dict(_ATTRIBUTE.findall(match[0]))
            if match[1] != b"shared" and b"ref" in attributes:
                found.append(attributes[b"ref"].decode())
        return found

    def _plain(self, found: list[tuple[bytes, ...]]) -> Iterator[RawCell]:
        column = 0
        for letters, attributes, _marks, formula_end, formula, value, inline in found:
            column = _column(letters) if letters else column + 1
            if not (value or inline or formula_end):
                continue
            known = self._styles.get(attributes)
            if known is None:
                known = self._styles[attributes] = _type_and_style(attributes)
            raw = value or inline
            text = raw.decode() if b"&" not in raw and b"\r" not in raw else _text(raw)
            yield _new(RawCell, (column, *known, text, _text(formula) if formula_end else None))

    def _locate(self, *, rows: bool) -> tuple[int, int]:
        """Find every row; returns where the content of sheetData begins and ends."""
        if any(self.data.find(mark, self._body) >= 0 for mark in _ODD):
            finder = _RowFinder(self)
            return finder.first, finder.last
        tag = re.compile(b"<" + self._prefix + rb"sheetData(?:\s[^<>]*)?>")
        opened = tag.search(self.data, self._body)
        if opened is None or opened[0].endswith(b"/>"):
            return (opened.start(), opened.end()) if opened else (len(self.data), len(self.data))
        last = self.data.rindex(b"</" + self._prefix + b"sheetData")
        row = re.compile(b"<" + self._prefix + rb"row(?: r=\"(\d+)\")?((?:\s+[\w:.\-]+" + _QUOTED + rb")*+)\s*(/?)>")
        close = b"</" + self._prefix + b"row"
        for match in row.finditer(self.data, opened.end(), last if rows else opened.end()):
            end = match.end() if match[3] else self.data.index(b">", self.data.index(close, match.end())) + 1
            self.add_row(match.start(), end, match[1] or self.number_of(match.start(), end, match[2]))
        return opened.end(), last

    def add_row(self, start: int, end: int, number: bytes) -> None:
        """Note a row. Raises `Damaged` when it does not stand behind the one before it."""
        if not number.isdigit() or (self.numbers and int(number) <= self.numbers[-1]):
            raise self._damaged()
        self.numbers.append(int(number))
        self.starts.append(start)
        self.ends.append(end)

    def number_of(self, start: int, end: int, attributes: bytes) -> bytes:
        """A row's number; without one it stands where its first cell says, or behind the row before it."""
        number: bytes = dict(_ATTRIBUTE.findall(attributes)).get(b"r", b"")
        if number:
            return number
        cell = re.search(rb"""<(?:[\w.\-]+:)?c\s[^>]*?\br\s*=\s*["'][A-Za-z]+(\d+)""", self.data[start:end])
        return cell[1] if cell else str((self.numbers[-1] if self.numbers else 0) + 1).encode()

    def _read_outside(self, data: bytes) -> None:
        """Read what stands before and behind the rows."""

        def start(tag: str, attributes: dict[str, str]) -> None:
            name = tag.rpartition(" ")[2]
            if name == "mergeCell" and "ref" in attributes:
                self.merges.append(attributes["ref"])
            elif name == "hyperlink" and "ref" in attributes:
                identity = next((value for key, value in attributes.items() if key.endswith(" id")), "")
                self.links.append(Link(attributes["ref"], identity))
            elif name == "sheetProtection":
                self.protected = attributes.get("sheet", "0") in ("1", "true", "on")

        parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        parser.StartElementHandler = start
        parser.Parse(data, True)

    def _tag_end(self, start: int) -> int:
        match = _TAG_END.match(self.data, start)
        if match is None:
            raise self._damaged()
        return match.end()

    def _damaged(self) -> Damaged:
        return Damaged(
            Phrase("{file} is damaged: its part {part} cannot be read.", file=self._file, part=self._part),
            Phrase("Open it in Excel and save it again, or take an older copy."),
        )


class _RowFinder:
    """Finds the rows of a sheet with comments, CDATA or instructions in it."""

    def __init__(self, sheet: Sheet) -> None:
        self.first = self.last = len(sheet.data)
        self._sheet = sheet
        self._parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._row = 0
        self._parser.Parse(sheet.data, True)

    def _start(self, tag: str, _attributes: object) -> None:
        at = self._parser.CurrentByteIndex
        if tag.endswith(" sheetData"):
            self.first = self._close_of(at)
        elif tag.endswith(" row"):
            self._row = at

    def _end(self, tag: str) -> None:
        at = self._parser.CurrentByteIndex
        if tag.endswith(" sheetData"):
            self.last = max(at, self.first)
        elif tag.endswith(" row"):
            end = self._close_of(at)
            self._sheet.add_row(
                self._row, end, self._sheet.number_of(self._row, end, self._sheet.data[self._row : self._close_of(self._row)])
            )

    def _close_of(self, at: int) -> int:
        match = _TAG_END.match(self._sheet.data, at)
        return match.end() if match else at


class _RowReader:
    """Reads the cells of one row with expat, whatever it is written like."""

    def __init__(self, root: bytes, row: bytes) -> None:
        self.cells: list[RawCell] = []
        self._column = 0
        self._buffer: list[str] | None = None
        self._inline: list[str] = []
        self._value = ""
        self._formula: str | None = None
        self._kind, self._style = "n", 0
        self._path: list[str] = []
        parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        name = re.match(rb"<([\w.\-:]+)", root)
        parser.Parse(root + row + b"</" + (name[1] if name else b"") + b">", True)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        self._path.append(name)
        if name == "c" and len(self._path) == 3:
            style = attributes.get("s", "0")
            self._kind, self._style = attributes.get("t", "n"), int(style) if style.isdecimal() else 0
            reference = _REFERENCE.fullmatch(attributes.get("r", ""))
            self._column = column_number(reference[1]) if reference else self._column + 1
            self._value, self._formula, self._inline = "", None, []
        elif name in ("v", "f") and len(self._path) == 4:
            self._buffer = []
        elif name == "t" and "is" in self._path and "rPh" not in self._path:
            self._buffer = self._inline

    def _end(self, _tag: str) -> None:
        name = self._path.pop()
        depth = len(self._path)
        if name == "v" and depth == 3:
            self._value = "".join(self._buffer or ())
        elif name == "f" and depth == 3:
            self._formula = "".join(self._buffer or ())
        elif name == "c" and depth == 2:
            value = self._value or "".join(self._inline)
            if value or self._formula is not None:
                self.cells.append(RawCell(self._column, self._kind, self._style, value, self._formula))
        if name in ("v", "f", "t"):
            self._buffer = None

    def _characters(self, text: str) -> None:
        if self._buffer is not None:
            self._buffer.append(text)


def read_row(root: bytes, row: bytes) -> list[RawCell]:
    """The cells of a `<row>` element, whatever it is written like; `root` is the start tag of its sheet."""
    return _RowReader(root, row).cells


def row_end(root: bytes, data: bytes, start: int) -> int:
    """Where the `<row>` element ends that begins at `start`; `start` itself when there is none."""
    depth = 0

    def opened(_tag: str, _attributes: object) -> None:
        nonlocal depth
        depth += 1

    def closed(_tag: str) -> None:
        nonlocal depth
        depth -= 1
        if depth == 1:
            raise StopIteration(parser.CurrentByteIndex - len(root) + start)

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler, parser.EndElementHandler = opened, closed
    try:
        parser.Parse(root, False)
        for at in range(start, len(data), _BLOCK):
            parser.Parse(data[at : at + _BLOCK], False)
    except StopIteration as found:
        at = found.value
        match = _TAG_END.match(data, at)
        return match.end() if match else at
    except expat.ExpatError:
        pass
    return start


def _validate(data: bytes, damaged: Callable[[], Damaged]) -> int:
    """Check that the part is well-formed; returns where its root begins."""
    found: list[int] = []
    parser = expat.ParserCreate("utf-8", namespace_separator=" ")

    def start(_tag: str, _attributes: object) -> None:
        found.append(parser.CurrentByteIndex)
        parser.StartElementHandler = None

    parser.StartElementHandler = start
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        raise damaged() from None
    return found[0]


def _cell_patterns(prefix: bytes) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """The expression for one plain cell with its groups, and the one a row of nothing else matches."""
    p = re.escape(prefix)
    cell = (
        b"<" + p + rb'c(?: r="([A-Z]{1,3})\d+")?((?: [a-z]+="[^"<>]*")*)(?:/>|>'
        b"(?:<" + p + rb"f([^<>/]*)(/>|>([^<]*)</" + p + b"f>))?"
        b"(?:<" + p + rb"v>([^<]*)</" + p + b"v>|"
        b"<" + p + b"is><" + p + b't(?: xml:space="preserve")?>([^<]*)</' + p + b"t></" + p + b"is>)?</" + p + b"c>)"
    )
    bare = re.sub(rb"(?<!\\)\((?!\?)", b"(?:", cell)
    return re.compile(cell), re.compile(rb"(?:" + bare + rb"\s*)*+")


def _type_and_style(attributes: bytes) -> tuple[str, int]:
    found = dict(_ATTRIBUTE.findall(attributes))
    style = found.get(b"s", b"0")
    return found.get(b"t", b"n").decode(), int(style) if style.isdigit() else 0


def _text(raw: bytes) -> str:
    text = raw.decode()
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return unescape(text) if "&" in text else text


_COLUMNS: dict[bytes, int] = {}


def _column(letters: bytes) -> int:
    known = _COLUMNS.get(letters)
    if known is None:
        known = _COLUMNS[letters] = column_number(letters.decode())
    return known
