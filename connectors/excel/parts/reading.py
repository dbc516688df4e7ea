"""Whether a value stands in the bytes of a part: in any encoding, and split over runs of rich text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.parsers import expat

from connectors._needles import Matcher
from connectors.excel.parts.anything import BREAKS, HEADERS, PARAGRAPHS
from connectors.excel.parts.formulas import header_text
from connectors.excel.xmlspans import is_xml

_CHUNK = 1 << 22
_OVERLAP = 1 << 12
_JOINED = re.compile(
    rb"<(?:[\w.-]+:)?(?:r|rPr|br|fld|odd(?:Head|Foot)er|even(?:Head|Foot)er|first(?:Head|Foot)er)[\s>/]|<!\[CDATA\[|<!--|<\?[^x]"
)
_CODE = re.compile(rb"_x([0-9A-Fa-f]{4})_")
_APART = "\n\0\n"  # no match reaches over a NUL


def holds(data: bytes, matcher: Matcher) -> bool:
    """Whether a value stands anywhere in a part, in any encoding, also split over runs of rich text."""
    if in_bytes(data, matcher):
        return True
    if not is_xml(data):
        return False
    if _CODE.search(data) is not None and in_bytes(_CODE.sub(_decoded, data), matcher):
        return True
    return (_JOINED.search(data) is not None or b"\0" in data[:4]) and any(matcher.in_text(text) for text in _joined_texts(data))


def _decoded(code: re.Match[bytes]) -> bytes:
    """What `_x000D_` stands for in the texts of a spreadsheet, in UTF-8."""
    return chr(int(code[1], 16)).encode("utf-8", "replace")


def in_bytes(data: bytes, matcher: Matcher) -> bool:
    """Whether a value stands in the bytes in any encoding; large ones are searched piece by piece."""
    if len(data) <= _CHUNK:
        return bool(matcher.in_bytes(data))
    start = 0
    while start < len(data):
        end = start + _CHUNK
        if matcher.in_bytes(data[max(0, start - _OVERLAP) : end]):
            return True
        start = end
    return False


def _joined_texts(data: bytes) -> Iterator[str]:
    """The texts of an XML part, each paragraph's runs as one, in lots; nothing when it is not well-formed."""
    collector = _Collector()
    try:
        collector.read(data)
    except expat.ExpatError:
        return
    yield from collector.lots()


class _Collector:
    """Gathers texts from expat's events."""

    def __init__(self) -> None:
        self._stack: list[str] = []
        self._paragraphs = 0
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

    def _start(self, name: str, _attributes: object) -> None:
        local = name.rpartition(" ")[2]
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
        self._text.append(text)

    def _flush(self) -> None:
        if self._text:
            text = "".join(self._text)
            self._text.clear()
            if text.strip():
                self._done.append(header_text(text) if self._stack and self._stack[-1] in HEADERS else text)
