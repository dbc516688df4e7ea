"""What a number in a cell says: plain digits, or the date or time its number format makes of it."""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import Literal
from xml.parsers import expat

from connectors._workbook.package import Package

Shape = Literal["", "date", "time", "span"]
"""How a number is shown: as it is, as a date, as a time of day, as a length of time ([h]:mm)."""

_DATES = frozenset((14, 15, 16, 17, 22, *range(27, 37), *range(50, 59)))
_TIMES = frozenset((18, 19, 20, 21, 45, 47))
_SPANS = frozenset((46,))
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|AM/PM|A/P|General|Standard', re.IGNORECASE)
_BRACKET = re.compile(r"\[[^\]]*\]")
_ELAPSED = re.compile(r"\[[hms]+\]", re.IGNORECASE)
_WHOLE = re.compile(r"-?\d+")
_LONGEST = 19
_DAY = 86400


class Numbers:
    """The number formats of one workbook, by the style index of a cell."""

    def __init__(self, package: Package) -> None:
        """Read the styles part; a workbook without one has plain numbers only."""
        codes: dict[int, str] = {}
        self._shapes: list[Shape] = []
        self._1904 = False
        stack: list[str] = []

        def start(tag: str, attributes: dict[str, str]) -> None:
            tag = tag.rpartition(" ")[2]
            number = attributes.get("numFmtId", "0")
            if tag == "numFmt" and number.isdecimal():
                codes[int(number)] = attributes.get("formatCode", "")
            elif tag == "xf" and stack[-1:] == ["cellXfs"]:
                self._shapes.append(_shape(int(number) if number.isdecimal() else 0, codes))
            stack.append(tag)

        for part in package.related(package.workbook_part, "styles")[:1]:
            parser = expat.ParserCreate("utf-8", namespace_separator=" ")
            parser.StartElementHandler = start
            parser.EndElementHandler = lambda _tag: stack.pop()
            package.parse(parser, part)
        for tag, attributes in package.elements(package.workbook_part):
            if tag == "workbookPr":
                self._1904 = attributes.get("date1904", "0") in ("1", "true", "on")

    def text(self, value: str, style: int) -> tuple[str, str]:
        """The kind (`number` or `date`) and the text of a stored number."""
        shape = self._shapes[style] if 0 <= style < len(self._shapes) else ""
        if not shape and (value.isdecimal() or _WHOLE.fullmatch(value)) and len(value) < _LONGEST:
            return "number", value
        try:
            number = float(value)
        except ValueError:
            return "text", value
        moment = _moment(number, shape, early=not self._1904) if shape else ""
        return ("date", moment) if moment else ("number", _plain(number))


def _shape(number: int, codes: dict[int, str]) -> Shape:
    code = codes.get(number)
    if code is None:
        return "date" if number in _DATES else "time" if number in _TIMES else "span" if number in _SPANS else ""
    first = _LITERAL.sub("", code).split(";")[0]
    if _ELAPSED.search(first):
        return "span"
    letters = set(_BRACKET.sub("", first).casefold())
    if letters & set("yd"):
        return "date"
    if letters & set("hs"):
        return "time"
    return "date" if "m" in letters else ""


def _plain(number: float) -> str:
    """Digits as Excel shows them in a wide cell: fifteen places, no exponent, no `.0`."""
    if not math.isfinite(number):
        return str(number)
    if number == int(number) and abs(number) < 1e18:
        return str(int(number))
    text = f"{number:.15g}"
    if "e" in text:
        text = f"{number:.20f}".rstrip("0").rstrip(".")
    return text


def _moment(number: float, shape: Shape, *, early: bool) -> str:
    """A serial number as ISO date, time or hours; "" when it is none (Excel shows such a cell as ####)."""
    seconds = round(number * _DAY)
    if not 0 <= seconds < 2958466 * _DAY:
        return ""
    days, rest = divmod(seconds, _DAY)
    clock = f"{rest // 3600:02}:{rest // 60 % 60:02}" + (f":{rest % 60:02}" if rest % 60 else "")
    if shape == "span":
        return f"{seconds // 3600}:{seconds // 60 % 60:02}" + (f":{seconds % 60:02}" if seconds % 60 else "")
    if shape == "time" and days == 0:
        return clock
    first = dt.date(1899, 12, 30) if early else dt.date(1904, 1, 1)
    if early and days < 61:
        # Excel counts a 29 February 1900 that never was.
        first += dt.timedelta(days=1)
    day = (first + dt.timedelta(days=days)).isoformat()
    return f"{day} {clock}" if rest else day
