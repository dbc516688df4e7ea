"""A table's text (CSV) taken apart so that it can be put together again byte for byte: encoding, records, fields."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from connectors.errors import Damaged
from connectors.phrase import Phrase

ENCODINGS = ("utf-8", "utf-16", "cp1252", "iso-8859-1", "iso-8859-15")
"""The encodings an owner may name."""

DELIMITERS = (";", "\t", ",")
"""What separates fields, the likeliest first."""

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_LINE_END = re.compile(r"\r\n|\n|\r")
_ESCAPED = re.compile("[\ud800-\udfff]")
_HIGH = re.compile("[\x80-\U0010ffff]")
_SPOILED = re.compile("\u00c3[\u00a4\u00b6\u00a5\u0084\u0085\u0096\u201e\u2026\u2013\u00a9]|\u00e2\u201a\u00ac")
_SEP = re.compile(r'"?sep=([^"\r\n])"?[ \t]*(?:\r\n|\n|\r|\Z)', re.IGNORECASE)
_FORMULA_TEXT = re.compile(r'="([^"]*)"')
_FOLDED = 20


class Span(NamedTuple):
    """Where one field stands in the text, its quotes included."""

    start: int
    end: int
    quoted: bool


class Record(NamedTuple):
    """One row: `start:stop` without and `start:end` with its line end; `line` counts the file's lines from 1."""

    start: int
    stop: int
    end: int
    line: int
    broken: bool = False


@dataclass(frozen=True)
class Decoded:
    """A file's text, and all that is needed to write it back as it was."""

    text: str = field(repr=False)
    codec: str = field(repr=False)
    bom: bytes = field(repr=False)
    errors: str = field(repr=False)

    def encode(self, text: str) -> bytes:
        """The bytes of a text in this file's own encoding."""
        return self.bom + text.encode(self.codec, self.errors)

    @cached_property
    def spoiled(self) -> bool:
        """Whether letters stand as `Ã¤`: the text was once read in a wrong encoding and stored so."""
        return is_spoiled(self.text)


def decode(data: bytes, file: str, encoding: str = "") -> Decoded:
    """Read bytes in the encoding they have, or in the named one. Raises `Damaged` when that cannot be."""
    bom, codec = next(((mark, name) for mark, name in _BOMS if data.startswith(mark)), (b"", ""))
    body = data[len(bom) :]
    if encoding:
        codec = codec if encoding == "utf-16" and codec else {"utf-16": "utf-16-le"}.get(encoding, encoding)
        if not codec.startswith("utf"):
            bom, body = b"", data
    codec = codec or _guess(body)
    errors = "surrogatepass" if codec.startswith("utf-16") else "surrogateescape"
    try:
        found = Decoded(body.decode(codec, errors), codec, bom, errors)
        whole = found.encode(found.text) == data
    except UnicodeError:
        whole = False
    if not whole or "\0" * 8 in found.text:
        raise Damaged(
            Phrase("{file} is not a text: it cannot be read as a table.", file=file),
            Phrase("Open it in its program and save it as CSV (UTF-8)."),
        )
    return found


def is_spoiled(text: str) -> bool:
    """Whether a text shows UTF-8 that was read as another encoding."""
    return _SPOILED.search(text) is not None


def repaired(text: str) -> str:
    """A spoiled text as it once was; as it is when that cannot be found out."""
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return _SPOILED.sub(_repair, text)


def _repair(match: re.Match[str]) -> str:
    try:
        return match[0].encode("cp1252").decode("utf-8")
    except UnicodeError:
        return match[0]


def has_unreadable(text: str) -> bool:
    """Whether bytes that are no letters stand in a text."""
    return _ESCAPED.search(text) is not None


def _guess(body: bytes) -> str:
    """UTF-8 when it is that, or nearly; else Windows' encoding where its own signs occur, else ISO-8859-15."""
    head = body[:4000]
    if head.count(0) * 3 > len(head):
        return "utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be"
    text = body.decode("utf-8", "surrogateescape")
    broken = len(_ESCAPED.findall(text))
    if not broken or len(_HIGH.findall(text)) - broken > 2 * broken:
        return "utf-8"
    return "cp1252" if re.search(rb"[\x80-\x9f]", body) else "iso-8859-15"


def announced(text: str) -> tuple[str, int]:
    """The delimiter a first line `sep=;` tells and where the table begins; nothing and 0 without one."""
    match = _SEP.match(text)
    return (match[1], match.end()) if match else ("", 0)


def records(text: str, delimiter: str, columns: int = 0, start: int = 0) -> Iterator[Record]:
    """The rows from `start` on; `columns` is how many fields a whole one has (0: not known).

    A row whose quotes do not close is `broken`: it ends with its line, or with the line before the next whole one.
    """
    splitter, at, line = _Splitter(text, delimiter, columns), start, 1 + _lines(text, 0, start)
    while at < len(text):
        stop, end, broken = splitter.extent(at)
        yield Record(at, stop, end, line, broken)
        line += _lines(text, at, end)
        at = end


def _lines(text: str, start: int, end: int) -> int:
    return sum(1 for _ in _LINE_END.finditer(text, start, end))


class _Splitter:
    def __init__(self, text: str, delimiter: str, columns: int) -> None:
        self._text, self._delimiter, self._columns = text, delimiter, columns
        self._field = field_pattern(delimiter)

    def extent(self, at: int) -> tuple[int, int, bool]:
        """Where the record that begins at `at` stops and ends, and whether its quotes are broken."""
        stop, end = self._line(at)
        if '"' not in self._text[at:stop]:
            return stop, end, False
        place = at
        while True:
            match = self._field.match(self._text, place)
            if match is None or self._swallows(match):
                return self._broken(stop, end)
            place = match.end()
            if self._text[place : place + 1] != self._delimiter:
                return (*self._line(place), False)
            place += 1

    def _line(self, at: int) -> tuple[int, int]:
        match = _LINE_END.search(self._text, at)
        return (match.start(), match.end()) if match else (len(self._text), len(self._text))

    def _swallows(self, match: re.Match[str]) -> bool:
        """Whether a quoted field holds what are rows of their own: a quote before it is missing or too many."""
        if self._columns < 3 or "\n" not in match[0].replace("\r", "\n"):
            return False
        inner = _LINE_END.split(match[0])[1:-1]
        return any(line.count(self._delimiter) == self._columns - 1 for line in inner)

    def _broken(self, stop: int, end: int) -> tuple[int, int, bool]:
        """A broken record, with the rest of its text on the lines before the next whole row."""
        last, after = stop, end
        for _ in range(_FOLDED):
            if after >= len(self._text):
                break
            following, beyond = self._line(after)
            if self._text.count(self._delimiter, after, following) >= max(1, self._columns - 1):
                return last, after, True
            last, after = following, beyond
        return stop, end, True


def field_pattern(delimiter: str) -> re.Pattern[str]:
    """Matches one field: quoted and closed before a delimiter or the end of the line, or without a quote before it."""
    mark = re.escape(delimiter)
    return re.compile(rf'"(?:[^"]++|"")*+" *(?={mark}|[\r\n]|\Z)|(?!")[^{mark}\r\n]*')


def spans(text: str, record: Record, delimiter: str) -> list[Span]:
    """The fields of a record that is not broken."""
    found: list[Span] = []
    if '"' not in text[record.start : record.stop]:
        at = record.start
        for piece in text[record.start : record.stop].split(delimiter):
            found.append(Span(at, at + len(piece), quoted=False))
            at += len(piece) + 1
        return found
    pattern, at = field_pattern(delimiter), record.start
    while match := pattern.match(text, at):
        found.append(Span(match.start(), match.end(), match[0].startswith('"')))
        at = match.end() + 1
        if match.end() >= record.stop:
            break
    return found


def value(text: str, span: Span) -> str:
    """What a field says: without its quotes, and without the `="…"` that keeps a program from counting with it."""
    raw = text[span.start : span.end]
    if span.quoted:
        raw = raw.rstrip(" ")[1:-1].replace('""', '"')
    match = _FORMULA_TEXT.fullmatch(raw)
    return match[1] if match else raw


def written(said: str, span: Span, delimiter: str) -> str:
    """A new value as a field, quoted where the old one was or where it must be."""
    if span.quoted or delimiter in said or re.search(r'["\r\n]', said):
        return '"' + said.replace('"', '""') + '"'
    return said
