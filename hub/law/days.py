"""Days: read from what a register shows, and moved by months and years."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import date

EARLIEST, LATEST = 1950, 2200
"""The years a register's day may lie in; 0206 is a slip of the finger, not antiquity."""

_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?|(\d{4})(\d\d)(\d\d)", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})(?:\s.*)?", re.ASCII)


def read_day(text: str) -> date | None:
    """The day a register's text names (2026-01-15, 20260115, 15.1.2026), None when it names none for sure."""
    text = text.strip()
    if match := _YEAR_FIRST.fullmatch(text):
        year, month, day = (int(part) for part in match.groups() if part)
    elif match := _DAY_FIRST.fullmatch(text):
        day, month, year = (int(part) for part in match.groups())
    else:
        return None
    try:
        return date(year, month, day) if EARLIEST <= year <= LATEST else None
    except ValueError:
        return None


def latest(texts: Iterable[str]) -> date | None:
    """The latest of the days, None when there is none or one of them cannot be read."""
    days = [read_day(text) for text in texts]
    read = [day for day in days if day is not None]
    return max(read) if read and len(read) == len(days) else None


def month_end(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year, month, monthrange(year, month)[1])


def plus_months(day: date, months: int) -> date:
    """The same day some months on; where that month is shorter, its last day."""
    number = day.year * 12 + day.month - 1 + months
    end = month_end(number // 12, number % 12 + 1)
    return end.replace(day=min(day.day, end.day))
