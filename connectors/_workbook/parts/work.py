"""One scrub in progress: what is looked for, how a text is cleaned, and the parts being edited."""

from __future__ import annotations

import re
import unicodedata
import urllib.parse
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import dropwhile

from connectors._needles import Matcher
from connectors._workbook.package import Package
from connectors._workbook.parts.areas import Area, area
from connectors._workbook.xmlspans import Document, Text
from connectors.contract import Needle
from connectors.phrase import Phrase

PLACEHOLDER = "Poistettu"
"""What stands where a blank is not legal; with a number behind it where it must be the only one."""

_ROUNDS = 20
_CODE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\r]")
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})")
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_URL = ":/?#[]@!$&'()*+,;=%~"
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?(?:[eE][-+]?\d+)?")


@dataclass(frozen=True)
class Job:
    """What was emptied on a sheet, and whose values must go elsewhere too.

    `cells` are the emptied cells as A1; `gone` the whole texts that stood in them and stand in no other cell;
    `whole_row`: every cell of `row` was emptied. A `sheet_part` of "" means: by value only.
    """

    matcher: Matcher
    sheet_part: str
    row: int
    cells: frozenset[str]
    gone: frozenset[str] = field(repr=False)
    whole_row: bool


@dataclass(frozen=True, slots=True)
class _View:
    """A spelling of a text: `read` gives what it spells, `write` spells it again."""

    mark: re.Pattern[str]
    read: Callable[[str], str]
    write: Callable[[str], str]


def _decode(code: re.Pattern[str], *, lowest: int = 0) -> Callable[[str], str]:
    def one(match: re.Match[str]) -> str:
        point = int(match[1], 16)
        return match[0] if point < lowest or 0xD800 <= point < 0xE000 else chr(point)

    return lambda text: code.sub(one, text)


_VIEWS = (
    _View(_CODE, _decode(_CODE), lambda text: _CONTROL.sub(lambda match: f"_x{ord(match[0]):04X}_", text)),
    _View(_PERCENT, urllib.parse.unquote, lambda text: urllib.parse.quote(text, safe=_URL)),
    _View(_ESCAPE, _decode(_ESCAPE, lowest=0x80), lambda text: text),
)
"""Spreadsheet programs' `_x000D_`, the percent signs of addresses, JSON's `\\u00e4`."""


class Work:
    """The package being scrubbed, the job, and the notes for the owner."""

    def __init__(self, package: Package, job: Job) -> None:
        self.package = package
        self.job = job
        self.notes: list[Phrase] = []

    # Text --------------------------------------------------------------------------------------------------------

    def holds(self, text: str) -> bool:
        """Whether a value of hers stands in the text, in whatever spelling."""
        matcher = self.job.matcher
        if matcher.in_text(text):
            return True
        return any(view.mark.search(text) and matcher.in_text(view.read(text)) for view in _VIEWS)

    def only_numbers(self, text: str) -> bool:
        """Whether all that stands of hers in the text is a customer number of digits, which any measure may look like."""
        return all(is_number(needle) for needle in self.job.matcher.in_text(text))

    def clean(self, text: str, replacement: str = "") -> str:
        """The text without her values; unchanged, to the code point, when none is in it."""
        text = self._cut(text, replacement)
        for view in _VIEWS:
            if view.mark.search(text):
                plain = view.read(text)
                if self.job.matcher.in_text(plain):
                    text = view.write(self._cut(plain, replacement))
        return text

    def _cut(self, text: str, replacement: str) -> str:
        for attempt in range(_ROUNDS):
            # What is left may join to another match, and a cut may never end with a replacement that matches.
            shorter = self.job.matcher.cut(text, replacement if attempt < 2 else "")
            if shorter == text:
                break
            text = shorter
        return text

    def wholly(self, text: str) -> bool:
        """Whether a text is hers from end to end."""
        return self.holds(text) and not any(letter.isalnum() for letter in self.clean(text))

    def item(self, text: str) -> bool:
        """Whether an item that a part remembers of the cells (in a pivot, chart or filter) is hers and nobody else's."""
        text = text.strip()
        if text in self.job.gone or (_NUMBER.fullmatch(text) and _as_number(text) in self._gone_numbers):
            return bool(text)
        return self.wholly(text)

    @cached_property
    def _gone_numbers(self) -> frozenset[float]:
        return frozenset(_as_number(text) for text in self.job.gone if _NUMBER.fullmatch(text.strip()))

    def cut_pieces(self, values: list[str]) -> list[str] | None:
        """A text in pieces without her values, wherever a piece ends; None when nothing was cut.

        What stands whole in one piece goes too, unless the next piece goes on with the word or number.
        """
        before = values
        for _ in range(_ROUNDS):
            joined = "".join(values)
            spans = self.job.matcher.spans(joined) if unicodedata.is_normalized("NFC", joined) else []
            shorter = _without(values, [(span.start, span.end) for span in spans]) if spans else self._cut_alone(values)
            if shorter == values:
                break
            values = shorter
        if self.holds("".join(values)):
            values = [self.clean("".join(values)), *[""] * (len(values) - 1)]
        return None if values == before else values

    def _cut_alone(self, values: list[str]) -> list[str]:
        shorter = list(values)
        for number, value in enumerate(values):
            before, after = "".join(shorter[:number])[-1:], "".join(values[number + 1 :])[:1]
            spans = self.job.matcher.spans(value) if len(values) > 1 and unicodedata.is_normalized("NFC", value) else []
            for span in reversed(spans):
                goes_on = span.end == len(value) and (after.islower() or after.isdecimal())
                came_before = span.start == 0 and before.isalnum()
                if not goes_on and not came_before:
                    shorter[number] = shorter[number][: span.start] + shorter[number][span.end :]
        return shorter

    def clean_runs(self, document: Document, texts: Sequence[Text | None]) -> None:
        """Clean a text that stands in several stretches (None: a line break between them)."""
        texts = list(dropwhile(lambda text: text is None, texts))
        values = self.cut_pieces(["\n" if text is None else text.value for text in texts])
        for text, value in zip(texts, values or (), strict=values is not None):
            if text is not None:
                document.replace(text, value)

    # Parts -------------------------------------------------------------------------------------------------------

    @contextmanager
    def editing(self, part: str, hollow: str = "") -> Iterator[Document]:
        """An XML part to edit; it is written back when it was edited. Raises as `Document`."""
        document = Document(self.package.utf8(part), part, hollow)
        yield document
        if document.edited:
            self.package.replace_utf8(part, document.result())

    def note(self, phrase: Phrase) -> None:
        """Tell the owner something once."""
        if phrase not in self.notes:
            self.notes.append(phrase)

    @cached_property
    def _sheet_parts(self) -> dict[str, str]:
        return {sheet.name.casefold(): sheet.part for sheet in self.package.sheets} if self.job.sheet_part else {}

    def part_of(self, sheet: str) -> str:
        """The part of the sheet of that name ("" when there is none); Excel takes upper and lower case for the same."""
        return self._sheet_parts.get(sheet.casefold(), "")

    # Places ------------------------------------------------------------------------------------------------------

    def emptied(self, part: str, ref: str) -> bool:
        """Whether the cells of a reference such as `B2` or `B2:C2` on a sheet were all emptied."""
        one = area(ref)
        if part != self.job.sheet_part or one is None:
            return False
        if one.size == 1:
            return ref.replace("$", "") in self.job.cells or self._in_row(one)
        return self._in_row(one) or (one.size <= len(self.job.cells) and all(cell in self.job.cells for cell in one.refs()))

    def _in_row(self, one: Area) -> bool:
        return self.job.whole_row and one.top == one.bottom == self.job.row

    def covers(self, one: Area) -> bool:
        """Whether an area of a formula touches an emptied cell."""
        if not self.job.sheet_part or self.part_of(one.sheet) != self.job.sheet_part:
            return False
        if self.job.whole_row and one.top <= self.job.row <= one.bottom:
            return True
        return any(one.holds(cell) for cell in self.job.cells)


def is_number(needle: Needle) -> bool:
    """Whether a needle is digits without being a phone: a customer number, which is also a row, an index or a width."""
    return needle.kind == "text" and needle.value.strip().isdecimal()


def unique(taken: Collection[str], base: str = PLACEHOLDER) -> str:
    """The placeholder, with a number when it is taken (upper and lower case are the same to Excel)."""
    used = {name.casefold() for name in taken}
    number, name = 1, base
    while name.casefold() in used:
        number += 1
        name = f"{base}{number}"
    return name


def _without(values: list[str], spans: list[tuple[int, int]]) -> list[str]:
    shorter: list[str] = []
    offset = 0
    for value in values:
        kept = [
            letter for position, letter in enumerate(value, offset) if not any(start <= position < end for start, end in spans)
        ]
        shorter.append("".join(kept))
        offset += len(value)
    return shorter


def _as_number(text: str) -> float:
    return float(text.strip().replace(",", "."))
