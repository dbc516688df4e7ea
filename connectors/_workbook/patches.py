"""What an edit cut out of a part, each cut with what stands around it: it is put back wherever just that stands by now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from xml.parsers import expat

Piece = tuple[int, int] | bytes
"""From where to where of the new part, or bytes that are not in it."""

_AROUND = (64, 32, 16)
"""So many bytes on either side are compared, the longest first; what was cut next to it may have changed them."""


class Cut(NamedTuple):
    """Bytes that an edit replaced by others, and what stood before and behind those then."""

    before: bytes
    was: bytes
    left: bytes
    behind: bytes

    def undone(self, now: bytes) -> bytes | None:
        """The part with this cut taken back; None when its place is not to be found, or not surely."""
        sides = [(self.before[-reach:], self.behind[:reach]) for reach in _AROUND]
        for before, behind in (*sides, (b"", self.behind), (self.before, b"")):
            probe = before + self.left + behind
            if now.count(probe) == 1:
                at = now.index(probe) + len(before)
                return now[:at] + self.was + now[at + len(self.left) :]
        return None


def cuts_of(new: bytes, pieces: Sequence[Piece]) -> tuple[Cut, ...]:
    """The cuts by which a part became `new`, of the pieces that make the old one of it."""
    found, at, was = [], 0, b""
    for piece in (*pieces, (len(new), len(new))):
        if isinstance(piece, bytes):
            was += piece
            continue
        if was or piece[0] > at:
            end = piece[0]
            found.append(Cut(new[max(at - _AROUND[0], 0) : at], was, new[at:end], new[end : end + _AROUND[0]]))
        at, was = piece[1], b""
    return tuple(found)


def undone(now: bytes, cuts: Iterable[Cut]) -> bytes | None:
    """A part (XML) with all cuts taken back; None when that cannot be done for each."""
    for cut in cuts:
        patched = cut.undone(now)
        if patched is None:
            return None
        now = patched
    try:
        expat.ParserCreate().Parse(now, True)
    except expat.ExpatError:
        return None
    return now


def packed(cuts: Iterable[Cut]) -> list[list[str]]:
    """The cuts as JSON."""
    return [[text.decode("latin-1") for text in cut] for cut in cuts]


def unpacked(told: Iterable[Any]) -> tuple[Cut, ...]:
    """The cuts that `packed` told. Raises `ValueError`, `TypeError` or `AttributeError` when it did not."""
    return tuple(Cut(*(text.encode("latin-1") for text in cut)) for cut in told)
