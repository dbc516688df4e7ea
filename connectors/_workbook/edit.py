"""Change the cells of one row: only the spans of the changed cells get new bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors._columns import letters
from connectors._workbook import strings
from connectors._workbook.parts.areas import area
from connectors._workbook.xmlspans import Document, Element, escape

_GONE = re.compile(rb"""\s(?:t|cm|vm|ph)\s*=\s*(?:"[^"]*"|'[^']*')""")
_ATTRIBUTE = re.compile(rb"""(\s[^\s=/<>"']+\s*=\s*(?:"[^"]*"|'[^']*'))""")
_NAME = re.compile(rb"<([^\s/>]+)")


@dataclass(frozen=True, slots=True)
class Clear:
    """The cell keeps its place and its looks, and holds nothing."""


@dataclass(frozen=True, slots=True)
class Write:
    """The cell holds this text; `runs` is the content of an `<is>` when the text has several looks."""

    text: str = field(repr=False)
    runs: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Formula:
    """The cell's formula: a new text (None: as it is); `stale`: its stored result goes.

    `master` is the range and the number of the shared formula that the cell carries from now on.
    """

    text: str | None = field(default=None, repr=False)
    stale: bool = False
    master: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Fill:
    """An emptied cell gets its value back: `value` as a cell of this type stores it, and a plain formula if it had one."""

    type: str
    value: str = field(repr=False)
    formula: str = field(default="", repr=False)


Change = Clear | Write | Formula


def edit_row(root: bytes, row: bytes, changes: Mapping[int, Change]) -> bytes:
    """The bytes of a `<row>` with the given columns changed; `root` is the start tag of the sheet."""
    pieces: list[bytes] = []
    at = 0
    document, offset = _parse(root, row)
    for column, cell in cells(document):
        change = changes.get(column)
        if change is None:
            continue
        start, end = cell.start - offset, cell.end - offset
        pieces += [row[at:start], _changed(cell, row, offset, change)]
        at = end
    return b"".join([*pieces, row[at:]])


def cells(document: Document) -> list[tuple[int, Element]]:
    """The cells of the one row in a document, each with its column."""
    found: list[tuple[int, Element]] = []
    column = 0
    for cell in document.root.children[0].children:
        if cell.name == "c" and cell.uri == document.root.uri:
            place = area(cell.get("r"))
            column = place.left if place else column + 1
            found.append((column, cell))
    return found


def read_row(root: bytes, row: bytes) -> Document:
    """The elements of one row; spans count from the start of `root`."""
    return _parse(root, row)[0]


def cells_of(root: bytes, row: bytes) -> dict[int, bytes]:
    """The bytes of each cell element of a row by its column."""
    document, offset = _parse(root, row)
    return {column: row[cell.start - offset : cell.end - offset] for column, cell in cells(document)}


def fill_row(root: bytes, row: bytes, number: int, fills: Mapping[int, bytes | Fill | Write]) -> bytes:
    """A row with these cells put back: their very bytes, or a value in the cell as it is now; a missing cell is put in."""
    row = _opened(row)
    document, offset = _parse(root, row)
    element, there = document.root.children[0], dict(cells(document))
    prefix = element.prefix.encode()
    edits: list[tuple[int, int, bytes]] = []
    for column, fill in fills.items():
        cell = there.get(column)
        tag = b'<%sc r="%s%d"' % (prefix, letters(column).encode(), number)
        if cell is not None:
            start, end = cell.start - offset, cell.end - offset
            tag = _bare_tag(row[start : cell.inner - offset])
        else:
            behind = [other.end - offset for place, other in there.items() if place < column]
            start = end = max(behind, default=element.inner - offset)
        edits.append((start, end, fill if isinstance(fill, bytes) else _filled(tag, prefix, fill)))
    for start, end, new in sorted(edits, key=lambda edit: edit[:2], reverse=True):
        row = row[:start] + new + row[end:]
    return row


def _opened(row: bytes) -> bytes:
    """A row with an end tag, so that something can be put into it."""
    match = _NAME.match(row)
    return row if match is None or b"</" in row else row.rstrip().removesuffix(b"/>").rstrip() + b"></" + match[1] + b">"


def _filled(tag: bytes, prefix: bytes, fill: Fill | Write) -> bytes:
    """A whole cell with a value; text is written into the cell itself."""
    if isinstance(fill, Write):
        return (
            tag + b' t="inlineStr"><' + prefix + b"is>" + _plain(fill.text, prefix) + b"</" + prefix + b"is></" + prefix + b"c>"
        )
    formula = b"<%sf>%s</%sf>" % (prefix, escape(fill.formula).encode(), prefix) if fill.formula else b""
    value = b"<%sv>%s</%sv>" % (prefix, escape(strings.encode(fill.value)).encode(), prefix) if fill.value else b""
    kind = b"" if fill.type == "n" else b' t="' + fill.type.encode() + b'"'
    return tag + kind + b">" + formula + value + b"</" + prefix + b"c>"


def inline_of(root: bytes, row: bytes, column: int) -> bytes:
    """The `<is>` element of a cell, b"" when it has none."""
    document, offset = _parse(root, row)
    for place, cell in cells(document):
        found = cell.child("is")
        if place == column and found is not None:
            return row[found.start - offset : found.end - offset]
    return b""


def _parse(root: bytes, row: bytes) -> tuple[Document, int]:
    match = _NAME.match(root)
    name = match[1] if match else b"worksheet"
    return Document(root + row + b"</" + name + b">"), len(root)


def _changed(cell: Element, row: bytes, offset: int, change: Change) -> bytes:
    raw = row[cell.start - offset : cell.end - offset]
    tag = row[cell.start - offset : cell.inner - offset]
    if isinstance(change, Formula):
        return _formula(cell, raw, cell.start, change)
    bare = _bare_tag(tag)
    if isinstance(change, Clear):
        return bare + b"/>"
    prefix = cell.prefix.encode()
    runs = change.runs or _plain(change.text, prefix)
    return bare + b' t="inlineStr"><' + prefix + b"is>" + runs + b"</" + prefix + b"is></" + cell.qname.encode() + b">"


def _bare_tag(tag: bytes) -> bytes:
    """A start tag, open at its end, without the attributes that say what kind of value stands there."""
    name = _NAME.match(tag)
    head = name[0] if name else b"<c"
    kept = [found for found in _ATTRIBUTE.findall(tag, len(head)) if not _GONE.fullmatch(found)]
    return head + b"".join(kept)


def _plain(text: str, prefix: bytes) -> bytes:
    space = b' xml:space="preserve"' if text != text.strip() else b""
    return b"<" + prefix + b"t" + space + b">" + escape(strings.encode(text)).encode() + b"</" + prefix + b"t>"


def _formula(cell: Element, raw: bytes, offset: int, change: Formula) -> bytes:
    """A cell whose formula or stored result changes; everything else of it stays."""
    edits: list[tuple[int, int, bytes]] = []
    formula, value = cell.child("f"), cell.child("v")
    if value is not None and change.stale:
        edits.append((value.start - offset, value.end - offset, b""))
    if formula is not None and (change.text is not None or change.master is not None):
        text = change.text if change.text is not None else formula.text
        name, tag = formula.qname.encode(), raw[formula.start - offset : formula.inner - offset]
        edits.append((formula.start - offset, formula.end - offset, _formula_element(tag, name, text, change)))
    for start, end, new in sorted(edits, reverse=True):
        raw = raw[:start] + new + raw[end:]
    return raw


def _formula_element(tag: bytes, name: bytes, text: str, change: Formula) -> bytes:
    attributes = b"".join(_ATTRIBUTE.findall(tag, len(name) + 1))
    if change.master is not None:
        attributes = f' t="shared" ref="{change.master[0]}" si="{change.master[1]}"'.encode()
    return b"<" + name + attributes + b">" + escape(text).encode() + b"</" + name + b">"
