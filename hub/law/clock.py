"""Times of day in a country, in summer and in winter time, and the clock that runs once a breach is known."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from connectors.errors import UsageError
from connectors.phrase import Phrase
from hub.law.days import read_day
from hub.law.statutes import statutes


def read_moment(text: str, now: datetime, country: str = "FI") -> datetime:
    """What `2026-11-28T09:30` or `28.11.2026 9.30` means in a country: a moment with its offset.

    Raises `UsageError` for none, or one to come.

    Of an hour that the clock shows twice the first is meant, of a day alone its beginning: the time never ends too late.
    """
    told = _told(text.strip())
    if told is None:
        raise UsageError(
            Phrase("A time is written as 2026-11-28T09:30 or 28.11.2026 9.30."),
            Phrase("The first with +02:00 behind it is of another time zone."),
        )
    moment = local(told if told.tzinfo else told.replace(tzinfo=zone_of(country)), country)
    if moment.astimezone(UTC) > now:
        raise UsageError(Phrase("This time is still to come: {time}.", time=written(moment)), Phrase("Is the day right?"))
    return moment


_DAY_FIRST = re.compile(r"(.*\d{4})(?:,? (?:klo |kello |kl\. ?|at )?(\d{1,2})[.:](\d\d))?", re.ASCII | re.IGNORECASE)


def _told(text: str) -> datetime | None:
    """The time a text says; one without an offset where none is said."""
    with suppress(ValueError):
        return datetime.fromisoformat(text)
    found = _DAY_FIRST.fullmatch(" ".join(text.split()))
    day = read_day(found[1]) if found else None
    with suppress(ValueError):
        return datetime.combine(day, time(int(found[2] or 0), int(found[3] or 0))) if found and day else None
    return None


def zone_of(country: str = "FI") -> ZoneInfo | None:
    """The time zone whose hours a period is counted in; None: the computer's own."""
    zone = statutes(country).zone
    return ZoneInfo(zone) if zone else None


def local(moment: datetime, country: str = "FI") -> datetime:
    """The same moment as a clock there shows it."""
    return moment.astimezone(UTC).astimezone(zone_of(country)).replace(microsecond=0)


def breach_deadline(aware: datetime, country: str = "FI") -> datetime:
    """Until when the authority is to be told of a breach that was known at a moment (GDPR article 33 (1))."""
    return local(aware.astimezone(UTC) + timedelta(hours=statutes(country).breach_hours), country)


def hours_between(one: datetime, other: datetime) -> int:
    """The whole hours from one moment to a later one; begun ones do not count."""
    return int((other.astimezone(UTC) - one.astimezone(UTC)) / timedelta(hours=1))


def written(moment: datetime) -> str:
    """The moment to the minute, with its offset: 2026-11-28 09:30+02:00."""
    return moment.isoformat(sep=" ", timespec="minutes")
