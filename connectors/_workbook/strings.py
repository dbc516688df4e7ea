"""Texts of a workbook: the shared string table, and texts that stand in runs of different looks."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Collection, Sequence
from xml.parsers import expat

from connectors._workbook.package import Package
from connectors._workbook.xmlspans import Document, Element, unescape

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_PREFIX = re.compile(rb"<([A-Za-z_][\w.\-]*:)?")
_TAG_NAME = re.compile(rb"<([^\s/>]+)")
_TAG = re.compile(rb"""<(?:[^>"']++|"[^"]*"|'[^']*')*+>""")
_ROOT = re.compile(rb"""<[A-Za-z_](?:[^>"']++|"[^"]*"|'[^']*')*+>""")
_SPECIAL = re.compile(rb"[&\r]|_x")
_PLAIN_T = re.compile(rb"<(?:[\w.\-]+:)?t(?: [^<>]*)?>([^<]*)<")
_CLOSED = re.compile(rb"\s*(?:<[^<>]*extLst.*)?</[^<>]*>\s*", re.DOTALL)
_PHONETIC = frozenset(("rPh",))


def decode(text: str) -> str:
    """Undo `_x000D_` escapes (ECMA-376 part 1, 22.9.2.19); halves of a surrogate pair stay as they stand."""
    return _ESCAPED.sub(_character, text) if "_x" in text else text


def encode(text: str) -> str:
    """A text as it is written in a `<t>` element, before XML's own escaping."""
    return _CONTROL.sub(lambda match: f"_x{ord(match[0]):04X}_", _LOOKS_ESCAPED.sub("_x005F_", text))


def _character(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return match[0] if 0xD800 <= code <= 0xDFFF else chr(code)


class SharedStrings:
    """The shared string table: each item's text, and where it stands in the part."""

    def __init__(self, package: Package) -> None:
        """Read the table; a workbook without one has none. Raises `Damaged` when it cannot be read."""
        self.part = next(iter(package.related(package.workbook_part, "sharedStrings")), "")
        self.texts: list[str] = []
        self.starts = array("Q")
        self.ends = array("Q")
        if self.part and not self._read_plain(package):
            self.texts.clear()
            del self.starts[:], self.ends[:]
            reader = _ItemReader(self, package.utf8(self.part))
            package.parse(reader.parser, self.part)

    def _read_plain(self, package: Package) -> bool:
        """Read a table as Excel writes it by one expression that must cover it to the last byte; False when it does not."""
        package.parse(expat.ParserCreate("utf-8"), self.part)
        data = package.utf8(self.part)
        if b"<!" in data:
            return False
        root = _ROOT.search(data)
        at = root.end() if root else 0
        item_of = _plain_item(prefix_of(root[0]) if root else b"")
        for match in item_of.finditer(data, at):
            if match.start() != at:
                break
            at = match.end()
            self.starts.append(match.start())
            self.ends.append(at)
            raw = match[1]
            if raw is None:
                self.texts.append(decode("".join(map(_bare, _PLAIN_T.findall(match[0])))))
            else:
                self.texts.append(_text(raw) if _SPECIAL.search(raw) else raw.decode())
        return bool(root) and _CLOSED.fullmatch(data, at) is not None

    def __len__(self) -> int:
        return len(self.texts)


class _ItemReader:
    """Collects the text of each `<si>`: its `<t>` elements, but not those of phonetic runs."""

    def __init__(self, table: SharedStrings, data: bytes) -> None:
        self.table = table
        self.data = data
        self.parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.characters
        self.pieces: list[str] = []
        self.collecting = False
        self.phonetic = 0
        self.in_item = False

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        if name == "t":
            self.collecting = self.in_item and not self.phonetic
        elif name == "si" and not self.in_item:
            self.in_item = True
            self.table.starts.append(self.parser.CurrentByteIndex)
        elif name == "rPh":
            self.phonetic += 1

    def end(self, tag: str) -> None:
        name = tag.rpartition(" ")[2]
        if name == "t":
            self.collecting = False
        elif name == "si":
            self.table.ends.append(self._end_of(self.parser.CurrentByteIndex))
            self.table.texts.append(decode("".join(self.pieces)))
            self.pieces.clear()
            self.in_item = False
        elif name == "rPh":
            self.phonetic -= 1

    def _end_of(self, at: int) -> int:
        """Behind the end tag at `at`; `<si/>` has none and ends with its start tag."""
        closed = self.data[at : at + 2] == b"</"
        return self.data.index(b">", at if closed else self.table.starts[-1]) + 1

    def characters(self, text: str) -> None:
        if self.collecting:
            self.pieces.append(text)


def _plain_item(prefix: bytes) -> re.Pattern[bytes]:
    """An `<si>` of one `<t>`, or of runs without phonetic readings."""
    p = re.escape(prefix)
    text = b"<" + p + b't(?: xml:space="preserve")?>%s</' + p + b"t>"
    run = b"<" + p + b"r>(?:<" + p + b"rPr>(?:<[^<>]*/>)*</" + p + b"rPr>)?" + text % b"[^<]*" + b"</" + p + b"r>"
    return re.compile(b"<" + p + b"si>(?:" + text % b"([^<]*)" + b"|(?:" + run + b")+)</" + p + b"si>\\s*")


def _text(raw: bytes) -> str:
    return decode(_bare(raw))


def _bare(raw: bytes) -> str:
    text = raw.decode()
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return unescape(text) if "&" in text else text


def item(table: SharedStrings, data: bytes, index: int) -> bytes:
    """The bytes of one `<si>` element; `data` is the part as UTF-8."""
    return data[table.starts[index] : table.ends[index]].rstrip()


def emptied(si: bytes) -> bytes:
    """An item without its text, in the prefix it was written in."""
    prefix = prefix_of(si)
    return b"<" + prefix + b"si><" + prefix + b"t/></" + prefix + b"si>"


def content(si: bytes) -> bytes:
    """What stands between the tags of an item."""
    tag = _TAG.match(si)
    return b"" if tag is None or tag[0].endswith(b"/>") else si[tag.end() : si.rindex(b"</")]


def cut(root: bytes, element: bytes, ranges: Sequence[tuple[int, int]]) -> bytes:
    """An `<si>` or `<is>` without ranges of its text; phonetic readings go, as they may spell what went.

    `root` is the start tag of the part it stands in. Ranges count characters over all runs.
    """
    return _edited(root, element, lambda text, offset: _kept(text, offset, ranges))


def clean(root: bytes, element: bytes, pieces: Callable[[list[str]], list[str] | None]) -> bytes:
    """An `<si>` or `<is>` whose texts were given to `pieces` together and come back cleaned (None: nothing to do)."""
    document = Document(root + element + _close_of(root))
    found = texts(document)
    new = pieces([decode(text.text) for text in found]) or [decode(text.text) for text in found]
    kept = iter(new)
    return _edited(root, element, lambda _text, _offset: next(kept))


def root_of(data: bytes) -> bytes:
    """The start tag of a part's root."""
    match = _ROOT.search(data)
    return match[0] if match else b"<sst>"


def prefix_of(tag: bytes) -> bytes:
    """The prefix of a start tag, with its colon."""
    match = _PREFIX.match(tag)
    return (match[1] if match else None) or b""


def without(table: SharedStrings, data: bytes, gone: Collection[int]) -> bytes:
    """The table's part with some items emptied in place."""
    pieces, at = [], 0
    for index in sorted(gone):
        si = item(table, data, index)
        start = table.starts[index]
        pieces += [data[at:start], emptied(si)]
        at = start + len(si)
    return b"".join([*pieces, data[at:]])


def texts(document: Document) -> list[Element]:
    """The `<t>` elements that are shown, in order."""
    return [found for found in document.iter("t") if found.ancestor(_PHONETIC) is None]


def _edited(root: bytes, element: bytes, change: Callable[[str, int], str]) -> bytes:
    close = _close_of(root)
    document = Document(root + element + close)
    for reading in document.iter("rPh", "phoneticPr"):
        document.remove(reading)
    offset = 0
    for found in texts(document):
        text = decode(found.text)
        kept = change(text, offset)
        offset += len(text)
        if kept != text:
            set_text(document, found, kept)
    result = document.result()
    return result[len(root) : len(result) - len(close)]


def set_text(document: Document, element: Element, text: str) -> None:
    """Give a `<t>` new text; blanks at its ends are kept by `xml:space`."""
    if text != text.strip() and element.attribute("space") is None:
        document.set_attribute(element, "xml:space", "preserve")
    document.set_text(element, encode(text))


def _close_of(root: bytes) -> bytes:
    match = _TAG_NAME.match(root)
    return b"</" + (match[1] if match else b"sst") + b">"


def _kept(text: str, offset: int, ranges: Sequence[tuple[int, int]]) -> str:
    return "".join(letter for place, letter in enumerate(text, offset) if not any(start <= place < end for start, end in ranges))
