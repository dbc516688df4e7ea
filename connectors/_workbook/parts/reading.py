"""Whether a value stands in the bytes of a part: in any encoding, and split over runs of rich text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.parsers import expat

from connectors._needles import Matcher
from connectors._workbook.parts.anything import BREAKS, HEADERS, PARAGRAPHS, PLACES
from connectors._workbook.parts.formulas import header_text
from connectors._workbook.parts.work import is_number
from connectors._workbook.xmlspans import is_xml
from connectors.contract import Needle

_CHUNK = 1 << 22
_OVERLAP = 1 << 12
_JOINED = re.compile(
    rb"<(?:[\w.-]+:)?(?:r|rPr|br|fld|odd(?:Head|Foot)er|even(?:Head|Foot)er|first(?:Head|Foot)er)[\s>/]|<!\[CDATA\[|<!--|<\?[^x]"
)
_CODE = re.compile(rb"_x([0-9A-Fa-f]{4})_")
_ITEMS = frozenset("s n d filter customFilter inputCells".split())
"""Elements whose attributes are values of cells, numbers too."""

_MEASURE = re.compile(r"[\d\s.,;:%+-]*")
_APART = "\n\0\n"  # no match reaches over a NUL


def holds(data: bytes, matcher: Matcher) -> bool:
    """Whether a value stands anywhere in a part, in any encoding, also split over runs of rich text.

    A customer number of a few digits is also a row, an index or a width: in XML it counts only where something is said.
    """
    found = _needles(data, matcher)
    if any(not is_number(needle) for needle in found):
        return True
    if not is_xml(data):
        return bool(found)
    if _CODE.search(data) is not None and any(not is_number(one) for one in _needles(_CODE.sub(_decoded, data), matcher)):
        return True
    split = _JOINED.search(data) is not None or b"\0" in data[:4]
    return (split or bool(found)) and any(matcher.in_text(text) for text in _texts(data))


def in_bytes(data: bytes, matcher: Matcher) -> bool:
    """Whether a value stands in the bytes in any encoding."""
    return bool(_needles(data, matcher))


def _needles(data: bytes, matcher: Matcher) -> frozenset[Needle]:
    """The needles in the bytes; large ones are searched piece by piece, until more than a number is found."""
    found: frozenset[Needle] = frozenset()
    for start in range(0, len(data), _CHUNK):
        whole = data if len(data) <= _CHUNK else data[max(0, start - _OVERLAP) : start + _CHUNK]
        found |= matcher.in_bytes(whole)
        if any(not is_number(needle) for needle in found):
            break
    return found


def _decoded(code: re.Match[bytes]) -> bytes:
    """What `_x000D_` stands for in the texts of a spreadsheet, in UTF-8."""
    return chr(int(code[1], 16)).encode("utf-8", "replace")


def _texts(data: bytes) -> Iterator[str]:
    """What an XML part says, each paragraph's runs as one, in lots; all of it when it is not well-formed."""
    collector = _Collector()
    try:
        collector.read(data)
    except expat.ExpatError:
        yield data.decode("utf-8", "replace")
    yield from collector.lots()


class _Collector:
    """Gathers texts from expat's events."""

    def __init__(self) -> None:
        self._stack: list[str] = []
        self._paragraphs = 0
        self._index = False
        self._text: list[str] = []
        self._done: list[str] = []

    def read(self, data: bytes) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.Parse(data, True)

    def lots(self) -> Iterator[str]:
        for first in range(0, len(self._done), 5000):
            yield _APART.join(self._done[first : first + 5000])

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        if local == "c":
            self._index = attributes.get("t") == "s"  # the cell's value is a place in the table of texts
        self._done += [value for value in attributes.values() if local in _ITEMS or not _MEASURE.fullmatch(value)]
        if not self._paragraphs or local in PARAGRAPHS:
            self._flush()
        self._stack.append(local)
        self._paragraphs += local in PARAGRAPHS
        if local in BREAKS:
            self._text.append("\n")

    def _end(self, _name: str) -> None:
        local = self._stack[-1]
        self._paragraphs -= local in PARAGRAPHS
        if not self._paragraphs or local in PARAGRAPHS:
            self._flush()
        self._stack.pop()

    def _characters(self, text: str) -> None:
        if not (self._stack[-1] in PLACES or (self._index and self._stack[-1] == "v")):
            self._text.append(text)

    def _flush(self) -> None:
        if self._text:
            text = "".join(self._text)
            self._text.clear()
            if text.strip():
                self._done.append(header_text(text) if self._stack and self._stack[-1] in HEADERS else text)
