"""Search the raw bytes of files for a person's values, also where a database glues one value to the next.

In a SQLite page the columns of a row stand side by side without anything between them ("PrimaryEmailaino@…"), and the
row before begins with bytes that may look like letters. There a value is searched for without its left edge, and its
right edge may be the beginning of such a row.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from connectors._needles import Matcher, stem_of
from connectors.contract import Needle
from connectors.errors import Unreachable
from connectors.phrase import Phrase
from connectors.thunderbird.books import SIDE_FILES

BLOCK = 1 << 20
OVERLAP = 1 << 14
"""A file is searched in blocks that overlap by more than any value takes in any spelling."""

_SQLITE_MAGIC = b"SQLite format 3\0"
_GAP = r"[\s\u00a0,;_]{1,4}"
_DIGIT_GAP = r"[\s\u00a0()./\-]{0,3}"
_PHONE_DIGITS = 8
_RIGHT = r"(?:(?![\w\-])|(?=[^\s\-][^\s]{0,4}?[\x00-\x08]))"

_CUTS = re.compile(rb"=\r?\n|\\\r?\n|\r?\n[ \t]")
_TOKEN = re.compile(r"[a-z0-9]{2,}")
_NOISE = b" \t\r\n()./-\x01\xa0\xad\xc2\xe2\x80\x8b\x90\x91\x92\x93\x94\x95"
_SURE_DIGITS = 5

Trace = tuple[Needle, bool]
"""A needle that was found, and whether only by the search without edges."""


class Finder:
    """The needles of one person, made ready for searching files."""

    def __init__(self, needles: Sequence[Needle]) -> None:
        self.matcher = Matcher(needles)
        self._loose = [(needle, _loose(needle)) for needle in needles if needle.kind != "inflected"]
        self._tokens = [_tokens(needle) for needle in needles if needle.kind != "phone"]
        self._digits = [re.sub(r"\D", "", needle.value)[-_SURE_DIGITS:].encode() for needle in needles if needle.kind == "phone"]

    def in_file(self, path: Path) -> frozenset[Trace]:
        """What stands in a file's bytes; nothing in a file that is not there. Raises `Unreachable`."""
        found: frozenset[Trace] = frozenset()
        try:
            with path.open("rb") as stream:
                block, tail = stream.read(BLOCK), b""
                database = block.startswith(_SQLITE_MAGIC) or path.name.endswith(SIDE_FILES)
                while block:
                    found |= self._in_block(tail + block, database=database)
                    tail, block = block[-OVERLAP:], stream.read(BLOCK)
        except FileNotFoundError:
            return frozenset()
        except OSError as error:
            raise Unreachable(
                Phrase("A file of Thunderbird could not be read (system error {code}).", code=error.errno or 0)
            ) from None
        return found

    def _in_block(self, data: bytes, *, database: bool) -> frozenset[Trace]:
        if database:
            # Thunderbird's databases are UTF-8: their NULs are numbers, not halves of UTF-16 letters.
            data = data.replace(b"\0", b"\x01")
        if b"\0" not in data and not self._may_be_in(data):
            return frozenset()
        if not database:
            return frozenset((needle, False) for needle in self.matcher.in_bytes(data))
        found = {(needle, False) for needle in self.matcher.in_bytes(data)}
        text = unicodedata.normalize("NFC", data.replace(b"\r\n ", b"").decode("utf-8", "replace"))
        return frozenset(found | {(needle, True) for needle, pattern in self._loose if pattern.search(text)})

    def _may_be_in(self, data: bytes) -> bool:
        """A cheap look, for a mail index may be huge: are all plain letters of any value there, or a phone's last digits?

        Every spelling that programs write by themselves, UTF-16 aside, keeps runs of plain letters and digits together
        once lines that were cut are joined.
        """
        plain = _CUTS.sub(b"", data).lower()
        if any(all(token in plain for token in tokens) for tokens in self._tokens):
            return True
        squeezed = plain.translate(None, _NOISE) if self._digits else b""
        return any(digits in squeezed for digits in self._digits)


def _tokens(needle: Needle) -> list[bytes]:
    value = stem_of(needle.value) if needle.kind == "inflected" else needle.value
    return [token.encode() for token in _TOKEN.findall(unicodedata.normalize("NFC", value).lower())]


def _loose(needle: Needle) -> re.Pattern[str]:
    value = unicodedata.normalize("NFC", needle.value).strip()
    words = [re.escape(word) for word in value.split()]
    if needle.kind == "phone":
        pattern = _DIGIT_GAP.join(re.sub(r"\D", "", value)[-_PHONE_DIGITS:])
    elif needle.kind == "name" and len(words) > 1:
        pattern = f"(?:{_GAP.join(words)}|{_GAP.join([words[-1], *words[:-1]])})"
    else:
        pattern = r"\s+".join(words)
    return re.compile(pattern + _RIGHT, re.IGNORECASE)
