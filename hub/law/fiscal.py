"""Which fiscal year a day belongs to: one of a list (broken and long ones too), or by the day on which every year ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from hub.law.days import month_end

FiscalYear = tuple[date, date]
"""First and last day."""


def end_for(day: date, years: Sequence[FiscalYear], year_end: str) -> date | None:
    """The last day of the fiscal year that a day belongs to, None when none covers it; `year_end` is MM-DD or ""."""
    for first, last in years:
        if first <= day <= last:
            return last
    if not year_end:
        return None
    this_year = _end_in(day.year, year_end)
    return this_year if day <= this_year else _end_in(day.year + 1, year_end)


def _end_in(year: int, year_end: str) -> date:
    """The last day in that year; the end of February is its last day in a leap year too."""
    month, day = (int(part) for part in year_end.split("-"))
    return month_end(year, month) if (month, day) == (2, 28) else date(year, month, day)
