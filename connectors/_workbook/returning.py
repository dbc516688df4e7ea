"""Putting a person back into a workbook: every part as it was, to the byte, if nobody changed since what the erase changed.

Else cell by cell (`cellsback`), and what the erase cut beside cells where all of that can be put back too. A receipt holds
of each part only what the erase took or cut, and where: the rest is read from the part as it is now.
"""

from __future__ import annotations

import base64
import difflib
import hashlib
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors._workbook import patches, places
from connectors._workbook.archive import Archive
from connectors._workbook.book import Book
from connectors._workbook.cellsback import Filler, is_back
from connectors._workbook.package import Package
from connectors._workbook.patches import Cut, Piece
from connectors._workbook.places import Lost
from connectors._workbook.removing import Replace
from connectors._workbook.verify import is_read_alike
from connectors.errors import Damaged, Fault, Refused
from connectors.phrase import Phrase

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
    sheet: str = field(default="", repr=False)
    cuts: tuple[Cut, ...] = field(default=(), repr=False)
    """What went beside cells; `sheet` is the name of the sheet that the part is."""

    def old(self, now: bytes) -> bytes:
        """The part as it was, made of the part as it is now."""
        return b"".join(piece if isinstance(piece, bytes) else now[piece[0] : piece[1]] for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an erase changed in the workbook that the entry `ref` is in."""

    ref: str
    parts: tuple[Part, ...] = field(repr=False)
    rows: tuple[Lost, ...] = field(repr=False)


def receipt_of(source: str, ref: str, book: Book, new: Path, lost: Sequence[Lost]) -> bytes:
    """The receipt of an erase that makes the file `new` of a workbook."""
    before, after = Archive(book.package.data, new.name), Archive(new.read_bytes(), new.name)
    tabs = {tab.part: tab.name for tab in book.sheets}
    parts = [part for name in before.names if (part := _part(name, before, after, tabs, book.strings.part)) is not None]
    told = [
        [part.name, part.before, part.after, [_packed(piece) for piece in part.pieces], part.sheet, patches.packed(part.cuts)]
        for part in parts
    ]
    receipt = {"source": source, "ref": ref, "parts": told, "rows": places.packed(lost)}
    return zlib.compress(json.dumps(receipt).encode())


def opened(source: str, receipt: bytes) -> Receipt:
    """Read a receipt. Raises `Refused` when it is not this source's."""
    try:
        told = json.loads(zlib.decompressobj().decompress(receipt, _MOST))
        if told["source"] == source:
            parts = tuple(_read(part) for part in told["parts"])
            return Receipt(str(told["ref"]), parts, places.unpacked(told["rows"]))
    except (ValueError, LookupError, TypeError, AttributeError, zlib.error):
        pass
    raise Refused(Phrase("This receipt is of another source."))


def put_back(book: Book, told: Receipt, replace: Replace) -> tuple[Phrase, ...]:
    """Make the workbook as it was, or fill her cells again where other things changed since; notes say what is not back.

    Raises `Conflict` when a cell of hers is not as the erase left it: nothing was written then.
    """
    package = book.package
    if all(_hash_in(package, part.name) == part.after for part in told.parts):
        _as_it_was(package, told, replace)
        return ()
    done = Filler(book).run(told.rows)
    whole = _patch(book, told.parts)

    def check(path: Path) -> None:
        new = book.again(path)
        if not is_back(book, done, told.rows, new) or not is_read_alike(book, path):
            raise _not_written(package)

    replace(package.path, package.write, package.sha256, check)
    if whole and not done.missed:
        return ()
    return (
        Phrase("Her cells in {file} are back, but not every other mention of her (comments, links, charts).", file=book.file),
    )


def _as_it_was(package: Package, told: Receipt, replace: Replace) -> None:
    for part in told.parts:
        old = part.old(package.read(part.name) if part.name in package.names else b"")
        if _hash(old) != part.before:
            raise Refused(Phrase("This receipt is of another source."))
        package.restore(part.name, old)
    replace(package.path, package.write, package.sha256, lambda path: _verify(package, told, path))


def _patch(book: Book, parts: Sequence[Part]) -> bool:
    """Put back what went beside cells, all or nothing, as the parts speak of one another; whether it could be."""
    package, tabs = book.package, {tab.part: tab.name for tab in book.sheets}
    patched: dict[str, bytes] = {}
    for part in parts:
        if not part.cuts and part.after:
            continue
        there = part.name in package.names
        now = package.read(part.name) if there else b""
        if there != bool(part.after) or tabs.get(part.name, "") != part.sheet:
            return False
        old = part.old(now) if _hash_in(package, part.name) == part.after else patches.undone(now, part.cuts)
        if old is None:
            return False
        patched[part.name] = old
    for name, old in patched.items():
        package.restore(name, old)
    return True


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
        raise _not_written(package)


def _not_written(package: Package) -> Fault:
    return Fault(Phrase("What was written back into {file} is not what was there; it is unchanged.", file=package.file))


def _part(name: str, before: Archive, after: Archive, tabs: Mapping[str, str], texts: str) -> Part | None:
    """What changed in a part; None where nothing did. `tabs` are the names of sheets, `texts` the part of shared strings."""
    if name not in after.names:
        old = before.read(name)
        return Part(name, _hash(old), "", (old,))
    if before.packed(name) == after.packed(name):
        return None
    old, new = before.read(name), after.read(name)
    if old == new:
        return None
    pieces, sheet = pieces_of(old, new), tabs.get(name, "")
    return Part(name, _hash(old), _hash(new), pieces, sheet, () if name == texts else _cuts(old, new, pieces, sheet))


def _cuts(old: bytes, new: bytes, pieces: Sequence[Piece], sheet: str) -> tuple[Cut, ...]:
    """What was cut in a part; in a sheet, what was cut beside its cells."""
    if not sheet:
        return patches.cuts_of(new, pieces)
    found: list[Cut] = []
    for was, now in zip(_beside(old), _beside(new), strict=True):
        if was != now:
            found += patches.cuts_of(now, pieces_of(was, now))
    return tuple(found)


def _beside(data: bytes) -> tuple[bytes, bytes]:
    """A sheet's part before and behind its cells."""
    first, last = data.find(b"sheetData"), data.rfind(b"sheetData")
    return data[:first], data[last:]


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


def _hash_in(package: Package, name: str) -> str:
    return _hash(package.read(name)) if name in package.names else ""


def _packed(piece: Piece) -> str | list[int]:
    return base64.b64encode(piece).decode() if isinstance(piece, bytes) else list(piece)


def _read(told: Sequence[Any]) -> Part:
    name, before, after, pieces, sheet, cuts = told
    if not all(isinstance(text, str) for text in (name, before, after, sheet)):
        raise TypeError
    read: list[Piece] = [
        base64.b64decode(piece, validate=True) if isinstance(piece, str) else (int(piece[0]), int(piece[1])) for piece in pieces
    ]
    return Part(name, before, after, tuple(read), sheet, patches.unpacked(cuts))
