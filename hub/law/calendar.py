"""Until when a request must be answered: a calendar month from its receipt, moved on to a working day, extended once."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo

from hub.law.days import plus_months
from hub.law.statutes import statutes

_DAY = timedelta(days=1)
_SATURDAY = 6
SOON = 7
"""Days before its last day from which a request is due soon."""


def today(now: datetime, country: str = "FI") -> date:
    """The day it is in a country at a moment, in summer and in winter time."""
    zone = statutes(country).zone
    # Windows keeps no time zones of its own; there they come with tzdata, which pyicloud brings along.
    return now.astimezone(ZoneInfo(zone) if zone else None).date()


def due(received: date, country: str = "FI") -> date:
    """The last day for the answer to a request that came in on a day."""
    return working_day(plus_months(received, statutes(country).reply_months), country)


def extended_due(received: date, told: date, country: str = "FI") -> date:
    """The last day after an extension; an extension told too late, or before the request came, is none."""
    first = due(received, country)
    if not received <= told <= first:
        return first
    return working_day(plus_months(received, statutes(country).extended_months), country)


def urgency(due: date, today: date) -> Literal["overdue", "due_soon", ""]:
    """Whether an open request's last day is past, or so near that it must be said; the last day itself is still in time."""
    if today > due:
        return "overdue"
    return "due_soon" if due - today <= _DAY * SOON else ""


def working_day(day: date, country: str = "FI") -> date:
    """The day itself, or the next one on which people work."""
    while is_free(day, country):
        day += _DAY
    return day


def is_free(day: date, country: str = "FI") -> bool:
    """Whether a period that ends on this day goes on to the next: a Saturday, a Sunday or a holiday."""
    return day.isoweekday() >= _SATURDAY or day in _holidays(day.year, country)


@cache
def _holidays(year: int, country: str) -> frozenset[date]:
    law = statutes(country)
    found = {date(year, month, day) for month, day in law.fixed}
    found |= {easter(year) + _DAY * days for days in law.easter}
    found |= {_first(weekday, date(year, month, day)) for weekday, month, day in law.weekdays}
    return frozenset(found)


def _first(weekday: int, day: date) -> date:
    return day + _DAY * ((weekday - day.isoweekday()) % 7)


def easter(year: int) -> date:
    """Easter Sunday in the Gregorian calendar, from the age of the moon."""
    century, cycle = year // 100, year % 19
    # Days from 21 March to the full moon, with the century's two corrections; the latest two of them are drawn in by a day.
    moon = (19 * cycle + century - century // 4 - (8 * century + 13) // 25 + 15) % 30
    moon -= moon // 28 * (1 - 29 // (moon + 1) * ((21 - cycle) // 11))
    weekday = (year + year // 4 + moon + 2 - century + century // 4) % 7
    offset = moon - weekday
    month = 3 + (offset + 40) // 44
    return date(year, month, offset + 28 - 31 * (month // 4))
