"""Change some lines of a contact card and leave every other byte of it as it is."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from connectors._cardlines import FOLD_AT, Card, Line, escape, fold

Value = str | Sequence[str]
"""The new words of a line: a text, or the components of a structured value (N, ADR, ORG)."""

_COMPANIONS = re.compile(r"X-AB(?:LABEL|ADR)")
"""Apple's lines that only say something about another line of the same group (`item1.X-ABLabel`)."""

_HEADER = re.compile(rb'(?:[^:"]|"[^"]*")*:')
_ENCODED = re.compile(rb";(?:(?:ENCODING|CHARSET)=[^;:]*|QUOTED-PRINTABLE|BASE64|B|8BIT|7BIT)(?=[;:])", re.IGNORECASE)
_FOLDS = re.compile(rb"(?:\r\n|\n|\r)[ \t]?")
_UNSAFE = re.compile(r'[\x00-\x1f\x7f"]')


def with_companions(card: Card, places: Collection[int]) -> frozenset[int]:
    """The lines at these places, and those that would be left saying something about a line that is gone.

    A label stays while any other line of its group does.
    """
    gone = frozenset(places)
    groups = {card.lines[place].group.lower() for place in gone} - {""}
    for group in groups:
        own = {place for place, line in enumerate(card.lines) if line.group.lower() == group}
        companions = {place for place in own if _COMPANIONS.fullmatch(card.lines[place].name)}
        if own - companions <= gone:
            gone |= companions
    return gone


def edited(card: Card, changes: Mapping[int, Value | None], added: Sequence[bytes] = ()) -> bytes:
    """The card's bytes with some lines, told by their place in `card.lines`, dropped (None) or given a new value.

    `added` are whole lines, as `new_line` makes them; they come before END. Every other line keeps its bytes.
    """
    gone = with_companions(card, {place for place, value in changes.items() if value is None})
    pieces: list[bytes] = []
    for place, line in enumerate(card.lines):
        value = changes.get(place)
        if place not in gone:
            pieces.append(line.raw if value is None else _replaced(line, value, card.line_end))
    last = next((place for place in range(len(pieces) - 1, -1, -1) if pieces[place].strip()), len(pieces))
    where = last if card.complete else len(pieces)
    if added and where and not pieces[where - 1].endswith((b"\n", b"\r")):
        pieces[where - 1] += card.line_end
    return b"".join([*pieces[:where], *added, *pieces[where:]])


def new_line(
    name: str, value: Value, *, group: str = "", types: Sequence[str] = (), version: str = "3.0", end: bytes = b"\r\n"
) -> bytes:
    """A whole line as it stands in a card of this version: escaped, folded, its line end included."""
    dot = f"{group}." if group else ""
    words = [_UNSAFE.sub("", word) for word in types]
    params = "".join(f";{word}" for word in words) if version == "2.1" else "".join(f";TYPE={word}" for word in words)
    return _line(f"{dot}{name}{params}".encode(), value, version, end)


def _replaced(line: Line, value: Value, end: bytes) -> bytes:
    """The line with a new value under its old name, group and parameters, but for those that told its encoding."""
    bare = _FOLDS.sub(b"", line.raw)
    match = _HEADER.match(bare)
    header = _ENCODED.sub(b"", match[0])[:-1] if match else line.name.encode()
    closed = line.raw.endswith((b"\n", b"\r"))
    new = _line(header, value, line.version, end)
    return new if closed else new.removesuffix(end)


def _line(header: bytes, value: Value, version: str, end: bytes) -> bytes:
    if version == "2.1":
        text = value if isinstance(value, str) else ";".join(map(_escape_21, value))
        text = _escape_21(text) if isinstance(value, str) else text
        if not text.isascii() or not text.isprintable() or len(header) + 1 + len(text) > FOLD_AT:
            return _quoted(header + b";CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:", text, end)
        return header + b":" + text.encode() + end
    text = escape(value) if isinstance(value, str) else ";".join(map(escape, value))
    return fold(header + b":" + text.encode("utf-8", "replace"), end)


def _escape_21(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;")


def _quoted(header: bytes, text: str, end: bytes) -> bytes:
    """A line of 2.1 in quoted-printable, cut by soft breaks and never inside an encoded byte."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    lines, current = [], header
    for octet in text.encode("utf-8", "replace"):
        piece = bytes([octet]) if 33 <= octet <= 126 and octet != 61 else b"=%02X" % octet
        if len(current) + len(piece) > FOLD_AT - 1:
            lines.append(current + b"=")
            current = b""
        current += piece
    return end.join([*lines, current]) + end
