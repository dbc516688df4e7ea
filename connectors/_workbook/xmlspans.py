"""Change spans of an XML part and leave every other byte as it is.

expat checks the part and tells where each element, text, comment and CDATA section begins; an edit is a span and its
new bytes. Prefixes, quotes, declarations, comments and unknown markup pass through because nobody writes them anew.
Everything here is UTF-8: `Package.utf8` and `Package.replace_utf8` translate parts in other encodings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from connectors.errors import Damaged, Fault, Refused
from connectors.phrase import Phrase

_SEPARATOR: Final = "\x1f"  # not legal in XML, so it stands in no namespace or name
_DEEPEST: Final = 512
_START_TAG = re.compile(rb"<([^\s/>\"'<]+)((?:[^>\"']++|\"[^\"]*\"|'[^']*')*+)>")
_ATTRIBUTE = re.compile(rb"([^\s=/<>\"']+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_ENTITY = re.compile(r"&(?:#x([0-9A-Fa-f]+)|#([0-9]+)|(lt|gt|amp|quot|apos));")
_NAMED: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute: its name with and without prefix, its decoded value, and the span of the raw value."""

    qname: str
    value: str = field(repr=False)
    start: int
    end: int
    tag_start: int
    """Where the blank before the attribute may begin: removing `tag_start:end + 1` removes the attribute."""

    @property
    def name(self) -> str:
        """The name without its prefix."""
        return self.qname.rpartition(":")[2]


@dataclass(frozen=True, slots=True)
class Text:
    """A stretch of character data without markup in it, decoded, and its raw span."""

    start: int
    end: int
    value: str = field(repr=False)
    cdata: bool = False


class Element:
    """One element: `start:inner` is its start tag, `inner:close` its content, `close:end` its end tag."""

    __slots__ = ("_source", "children", "close", "end", "inner", "name", "parent", "start", "texts", "uri")

    def __init__(self, source: bytes, full_name: str, start: int, parent: Element | None) -> None:
        self._source = source
        self.uri, _, self.name = full_name.rpartition(_SEPARATOR)
        self.start = start
        self.inner = self.close = self.end = start
        self.parent = parent
        self.children: tuple[Element, ...] | list[Element] = ()
        self.texts: tuple[Text, ...] | list[Text] = ()

    def __repr__(self) -> str:
        return f"<{self.name} at {self.start}>"

    @property
    def attributes(self) -> list[Attribute]:
        """The attributes in document order; namespace declarations are not among them."""
        found: list[Attribute] = []
        last = self.start + 1 + len(self.qname)
        for match in _ATTRIBUTE.finditer(self._source, last, self.inner):
            qname = match[1].decode()
            group = 2 if match[2] is not None else 3
            if qname != "xmlns" and not qname.startswith("xmlns:"):
                raw = match[group].decode()
                found.append(Attribute(qname, _attribute_value(raw), match.start(group), match.end(group), last))
            last = match.end()
        return found

    def attribute(self, name: str) -> Attribute | None:
        """The attribute written so, else one of that name, prefix aside."""
        attributes = self.attributes
        exact = (item for item in attributes if item.qname == name)
        return next(exact, None) or next((item for item in attributes if item.name == name), None)

    def get(self, name: str, default: str = "") -> str:
        """The value of the attribute written so, else of one of that name, prefix aside."""
        found = self.attribute(name)
        return default if found is None else found.value

    @property
    def qname(self) -> str:
        """The name as it is written, with its prefix."""
        match = _START_TAG.match(self._source, self.start)
        return match[1].decode() if match else self.name

    @property
    def prefix(self) -> str:
        """The written prefix with its colon, or nothing."""
        before, colon, _ = self.qname.rpartition(":")
        return before + colon

    @property
    def text(self) -> str:
        """The character data directly in the element."""
        return "".join(item.value for item in self.texts)

    def child(self, name: str) -> Element | None:
        """The first child of that local name."""
        return next((item for item in self.children if item.name == name), None)

    def iter(self, *names: str) -> Iterator[Element]:
        """This element and all below it in document order, or only those of the given local names."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            if not names or element.name in names:
                yield element
            waiting.extend(reversed(element.children))

    def ancestor(self, names: frozenset[str]) -> Element | None:
        """The nearest element above (or this one) whose local name is among `names`."""
        element: Element | None = self
        while element is not None and element.name not in names:
            element = element.parent
        return element


class Document:
    """An XML part in UTF-8 with its edits. Raises `Damaged` when it is not well-formed, `Refused` when it has a DTD.

    `part` is the part's name for messages. With `hollow` the content of that one element (a sheet's `sheetData`) is
    kept aside unparsed and put back as it is: for parts whose bulk is somebody else's business.
    """

    def __init__(self, data: bytes, part: str = "", hollow: str = "") -> None:
        self._original = self._source = data
        self._part = part
        self._edits: list[tuple[int, int, bytes]] = []
        self._aside: tuple[int, bytes] | None = None
        if hollow:
            self._hollow(hollow)
        self.root = self._build()

    def _hollow(self, name: str) -> None:
        tag = rb"(?:[\w.-]+:)?" + name.encode()
        first = re.search(rb"<" + tag + rb"(?:\s[^<>]*)?(?<!/)>", self._source)
        last = self._source.rfind(name.encode() + b">")
        last = self._source.rfind(b"</", 0, last) if last >= 0 else -1
        if first is None or last < first.end():
            return
        self._aside = (first.end(), self._source[first.end() : last])
        self._source = self._source[: first.end()] + self._source[last:]

    def _build(self) -> Element:
        try:
            return _Builder(self._source, self._part).build()
        except Damaged:
            if self._aside is None:
                raise
            # The name stood in a comment or CDATA: read the whole part instead.
            offset, content = self._aside
            self._source = self._source[:offset] + content + self._source[offset:]
            self._aside = None
            return _Builder(self._source, self._part).build()

    def iter(self, *names: str) -> Iterator[Element]:
        """Every element in document order, or only those of the given local names."""
        return self.root.iter(*names)

    @property
    def edited(self) -> bool:
        """Whether any edit was asked for."""
        return bool(self._edits)

    def set_attribute(self, element: Element, name: str, value: str) -> None:
        """Give an attribute a new value; one that is missing is added (under the name as given)."""
        found = element.attribute(name)
        if found is None:
            at = element.start + 1 + len(element.qname.encode())
            self._edits.append((at, at, f' {name}="{escape(value, quoted=True)}"'.encode()))
        elif found.value != value:
            self._edits.append((found.start, found.end, escape(value, quoted=True).encode()))

    def remove_attribute(self, element: Element, name: str) -> None:
        """Take an attribute out, with the blank before it."""
        found = element.attribute(name)
        if found is not None:
            self._edits.append((found.tag_start, found.end + 1, b""))

    def set_text(self, element: Element, value: str) -> None:
        """Make `value` the whole content of the element."""
        if element.inner == element.end:
            tag = self._source[element.start : element.inner - 2].rstrip()
            new = tag + b">" + escape(value).encode() + f"</{element.qname}>".encode()
            self._edits.append((element.start, element.end, new))
        else:
            self._edits.append((element.inner, element.close, escape(value).encode()))

    def replace(self, text: Text, value: str) -> None:
        """Give one stretch of text a new value."""
        if value != text.value:
            new = value.replace("]]>", "]]]]><![CDATA[>") if text.cdata else escape(value)
            self._edits.append((text.start, text.end, _ILLEGAL.sub("", new).encode()))

    def remove(self, element: Element) -> None:
        """Take the element out, with all it holds."""
        self._edits.append((element.start, element.end, b""))

    def insert(self, offset: int, markup: str) -> None:
        """Put markup (well-formed, in the part's own prefixes) at a byte offset between two elements."""
        self._edits.append((offset, offset, markup.encode()))

    def result(self) -> bytes:
        """The part with its edits; the very bytes it was made of when there are none."""
        if not self._edits:
            return self._original
        edits = sorted(self._edits, key=lambda edit: (edit[0], -edit[1]))
        if self._aside is not None:
            edits = sorted([*edits, (self._aside[0], self._aside[0], self._aside[1])], key=lambda edit: edit[0])
        pieces: list[bytes] = []
        position = 0
        for start, end, new in edits:
            if end <= position and start < position:
                continue  # inside an element that was taken out
            if start < position:
                raise Fault(Phrase("Two changes overlap in {part}; nothing was written.", part=self._part))
            pieces += [self._source[position:start], new]
            position = end
        pieces.append(self._source[position:])
        return b"".join(pieces)


def escape(value: str, *, quoted: bool = False) -> str:
    """Text for element content, or for a quoted attribute value; what XML cannot hold is left out."""
    value = _ILLEGAL.sub("", value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")
    if quoted:
        value = value.replace('"', "&quot;").replace("'", "&apos;").replace("\n", "&#10;").replace("\t", "&#9;")
    return value


def is_xml(data: bytes) -> bool:
    """Whether the bytes begin as XML does, in UTF-8 or UTF-16, with or without a byte order mark."""
    head = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith((b"<", b"\xff\xfe<\0", b"\xfe\xff\0<", b"\0<\0?"))


def _attribute_value(raw: str) -> str:
    plain = raw.replace("\r\n", " ").replace("\n", " ").replace("\t", " ").replace("\r", " ")
    return unescape(plain) if "&" in plain else plain


def unescape(raw: str) -> str:
    """Resolve the character references and the five entities XML knows; nothing else is legal without a DTD."""
    return _ENTITY.sub(_resolve, raw)


def _resolve(match: re.Match[str]) -> str:
    if match[3]:
        return _NAMED[match[3]]
    return chr(int(match[1], 16) if match[1] else int(match[2]))


def _damaged(part: str) -> Damaged:
    return Damaged(
        Phrase("{part} inside the workbook is not well-formed XML.", part=part or "A part"),
        Phrase("Open the workbook in Excel, let it repair the file, save it, and run the command again."),
    )


class _Builder:
    """Listens to expat and builds the elements with their byte spans."""

    def __init__(self, source: bytes, part: str) -> None:
        self._source = source
        self._part = part
        self._open: list[Element] = []
        self._root: Element | None = None
        self._text: list[str] = []
        self._text_start = 0
        self._cdata = False
        self._parser = expat.ParserCreate("utf-8", _SEPARATOR)

    def build(self) -> Element:
        parser = self._parser
        parser.buffer_text = False  # buffered text is reported late, at the offset of what follows it
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.CommentHandler = lambda _text: self._flush(parser.CurrentByteIndex)
        parser.ProcessingInstructionHandler = lambda _target, _text: self._flush(parser.CurrentByteIndex)
        parser.StartCdataSectionHandler = lambda: self._section(opens=True)
        parser.EndCdataSectionHandler = lambda: self._section(opens=False)
        parser.StartDoctypeDeclHandler = self._refuse
        try:
            parser.Parse(self._source, True)
        except expat.ExpatError:
            raise _damaged(self._part) from None
        if self._root is None:
            raise _damaged(self._part)
        return self._root

    def _refuse(self, *_: object) -> None:
        raise Refused(
            Phrase("{part} inside the workbook declares its own entities (a DTD), which no Excel writes.", part=self._part),
            Phrase("Save the workbook anew in Excel, and run the command again."),
        )

    def _start(self, full_name: str, _attributes: object) -> None:
        start = self._parser.CurrentByteIndex
        self._flush(start)
        parent = self._open[-1] if self._open else None
        element = Element(self._source, full_name, start, parent)
        tag = _START_TAG.match(self._source, start)
        if tag is None or len(self._open) >= _DEEPEST:
            raise _damaged(self._part)
        element.inner = element.close = element.end = tag.end()
        if parent is None:
            self._root = element
        elif isinstance(parent.children, list):
            parent.children.append(element)
        else:
            parent.children = [element]
        self._open.append(element)

    def _end(self, _full_name: str) -> None:
        element = self._open.pop()
        if self._source[element.inner - 2 : element.inner] == b"/>":
            return
        close = self._parser.CurrentByteIndex
        self._open.append(element)
        self._flush(close)
        self._open.pop()
        element.close = close
        element.end = self._source.index(b">", close) + 1

    def _characters(self, data: str) -> None:
        if not self._text:
            self._text_start = self._parser.CurrentByteIndex
        self._text.append(data)

    def _section(self, *, opens: bool) -> None:
        self._flush(self._parser.CurrentByteIndex)
        self._cdata = opens

    def _flush(self, end: int) -> None:
        if not self._text:
            return
        text = Text(self._text_start, end, "".join(self._text), self._cdata)
        owner = self._open[-1]
        if isinstance(owner.texts, list):
            owner.texts.append(text)
        else:
            owner.texts = [text]
        self._text.clear()
