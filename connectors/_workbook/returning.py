"""Putting a person back into a workbook that nobody changed since: every part that the erase changed is as it was, to the byte.

A receipt holds of each part only what the erase took or cut, and where: the rest is read from the part as it is now.
"""

from __future__ import annotations

import base64
import difflib
import hashlib
import json
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors._workbook.archive import Archive
from connectors._workbook.package import Package
from connectors._workbook.removing import Replace
from connectors.errors import Conflict, Damaged, Fault, Refused
from connectors.phrase import Phrase

Piece = tuple[int, int] | bytes
"""From where to where of the part as it is now, or bytes that are not in it."""

_STRETCH = 65_536
"""So many bytes are compared at once where two parts are most likely alike."""

_MANY = 1 << 16
_ROWS = re.compile(rb"(?=<(?:[\w.\-]+:)?(?:row|si|c|comment|cacheField|r)[ >/])")
_TAGS = re.compile(rb"(?=<)")
_MOST = 1 << 30


@dataclass(frozen=True, slots=True)
class Part:
    """One part as it was: hashes of what the erase found and left ("" where it left the part out), and the pieces."""

    name: str
    before: str
    after: str
    pieces: tuple[Piece, ...] = field(repr=False)

    def old(self, now: bytes) -> bytes:
        """The part as it was, made of the part as it is now."""
        return b"".join(piece if isinstance(piece, bytes) else now[piece[0] : piece[1]] for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an erase changed in the workbook that the entry `ref` is in."""

    ref: str
    parts: tuple[Part, ...] = field(repr=False)


def receipt_of(source: str, ref: str, old: bytes, new: Path) -> bytes:
    """The receipt of an erase that makes the file `new` of a workbook that was `old`."""
    before, after = Archive(old, new.name), Archive(new.read_bytes(), new.name)
    told = [part for name in before.names if (part := _part(name, before, after)) is not None]
    rows = [[part.name, part.before, part.after, [_packed(piece) for piece in part.pieces]] for part in told]
    return zlib.compress(json.dumps({"source": source, "ref": ref, "parts": rows}).encode())


def opened(source: str, receipt: bytes) -> Receipt:
    """Read a receipt. Raises `Refused` when it is not this source's."""
    try:
        told = json.loads(zlib.decompressobj().decompress(receipt, _MOST))
        if told["source"] == source:
            return Receipt(str(told["ref"]), tuple(_read(part) for part in told["parts"]))
    except (ValueError, LookupError, TypeError, zlib.error):
        pass
    raise Refused(Phrase("This receipt is of another source."))


def put_back(package: Package, told: Receipt, replace: Replace) -> None:
    """Make the workbook as it was. Raises `Conflict` when anything that the erase changed is not as it left it."""
    for part in told.parts:
        now = package.read(part.name) if part.name in package.names else b""
        if (_hash(now) if part.name in package.names else "") != part.after:
            raise Conflict(
                Phrase("{file} was changed since the erase; nothing was put back.", file=package.file),
                Phrase("Enter by hand what hub undo shows."),
            )
        old = part.old(now)
        if _hash(old) != part.before:
            raise Refused(Phrase("This receipt is of another source."))
        package.restore(part.name, old)
    replace(package.path, package.write, package.sha256, lambda path: _verify(package, told, path))


def _verify(package: Package, told: Receipt, path: Path) -> None:
    """Read the new file: the parts of the receipt are as they were, all others are untouched."""
    back = {part.name: part.before for part in told.parts}
    try:
        new = Package(path)
        whole = set(new.names) == {*package.names, *back}
        whole = whole and all(_hash(new.read(name)) == before for name, before in back.items())
        whole = whole and all(new.packed(name) == package.packed(name) for name in new.names if name not in back)
    except Damaged:
        whole = False
    if not whole:
        raise Fault(Phrase("What was written back into {file} is not what was there; it is unchanged.", file=package.file))


def _part(name: str, before: Archive, after: Archive) -> Part | None:
    """What changed in a part; None where nothing did."""
    if name not in after.names:
        old = before.read(name)
        return Part(name, _hash(old), "", (old,))
    if before.packed(name) == after.packed(name):
        return None
    old, new = before.read(name), after.read(name)
    return Part(name, _hash(old), _hash(new), pieces_of(old, new)) if old != new else None


def pieces_of(old: bytes, new: bytes) -> tuple[Piece, ...]:
    """What makes `old` of `new`; between what both begin and end with, row by row where that is long, else tag by tag."""
    head = _beginning(old, new)
    tail = _ending(old, new, min(len(old), len(new)) - head)
    ours, theirs = old[head : len(old) - tail], new[head : len(new) - tail]
    between = _ROWS if max(len(ours), len(theirs)) > _MANY else _TAGS
    left, right = between.split(ours), between.split(theirs)
    starts = [head]
    for token in right:
        starts.append(starts[-1] + len(token))
    pieces: list[Piece] = [(0, head)]
    for kind, one, other, at, to in difflib.SequenceMatcher(None, left, right).get_opcodes():
        if kind == "equal":
            pieces.append((starts[at], starts[to]))
        elif one < other:
            pieces.append(b"".join(left[one:other]))
    pieces.append((len(new) - tail, len(new)))
    return tuple(piece for piece in pieces if isinstance(piece, bytes) or piece[0] < piece[1])


def _beginning(old: bytes, new: bytes) -> int:
    """With how many same bytes both begin: most of a large part, so they are compared in long stretches."""
    most, at = min(len(old), len(new)), 0
    while at < most and old[at : at + _STRETCH] == new[at : at + _STRETCH]:
        at += _STRETCH
    while at < most and old[at] == new[at]:
        at += 1
    return min(at, most)


def _ending(old: bytes, new: bytes, most: int) -> int:
    """With how many same bytes both end, at most so many."""
    at = 0
    while (
        at + _STRETCH <= most and old[len(old) - at - _STRETCH : len(old) - at] == new[len(new) - at - _STRETCH : len(new) - at]
    ):
        at += _STRETCH
    while at < most and old[len(old) - at - 1] == new[len(new) - at - 1]:
        at += 1
    return at


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _packed(piece: Piece) -> str | list[int]:
    return base64.b64encode(piece).decode() if isinstance(piece, bytes) else list(piece)


def _read(told: Sequence[Any]) -> Part:
    name, before, after, pieces = told
    if not all(isinstance(text, str) for text in (name, before, after)):
        raise TypeError
    read: list[Piece] = [
        base64.b64decode(piece, validate=True) if isinstance(piece, str) else (int(piece[0]), int(piece[1])) for piece in pieces
    ]
    return Part(name, before, after, tuple(read))
