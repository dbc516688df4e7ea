"""The clock of a breach: 72 hours from the moment it was known, through nights, weekends, summer and winter time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import UsageError
from hub.law import clock, statutes

NOW = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "aware", "deadline"),
    [
        ("2026-11-28T09:30", "2026-11-28T09:30:00+02:00", "2026-12-01T09:30:00+02:00"),  # a Saturday: the weekend counts
        ("2026-07-01T23:59", "2026-07-01T23:59:00+03:00", "2026-07-04T23:59:00+03:00"),
        ("2026-12-23 16:00", "2026-12-23T16:00:00+02:00", "2026-12-26T16:00:00+02:00"),  # and so does Christmas
        ("2026-10-24T12:00", "2026-10-24T12:00:00+03:00", "2026-10-27T11:00:00+02:00"),  # winter time comes: an hour earlier
        ("2027-03-27T12:00", "2027-03-27T12:00:00+02:00", "2027-03-30T13:00:00+03:00"),  # summer time comes: an hour later
        ("2026-10-25T03:30", "2026-10-25T03:30:00+03:00", "2026-10-28T02:30:00+02:00"),  # shown twice: the first is meant
        ("2026-10-25T03:30+02:00", "2026-10-25T03:30:00+02:00", "2026-10-28T03:30:00+02:00"),  # the second, said by its offset
        ("2027-03-28T03:30", "2027-03-28T04:30:00+03:00", "2027-03-31T04:30:00+03:00"),  # no clock shows it
        ("2026-11-28", "2026-11-28T00:00:00+02:00", "2026-12-01T00:00:00+02:00"),  # of a day its beginning
        ("28.11.2026 14:30", "2026-11-28T14:30:00+02:00", "2026-12-01T14:30:00+02:00"),
        (" 28. 11. 2026  klo 9.05 ", "2026-11-28T09:05:00+02:00", "2026-12-01T09:05:00+02:00"),
        ("1.7.2026", "2026-07-01T00:00:00+03:00", "2026-07-04T00:00:00+03:00"),
        ("2026-11-28T09:30Z", "2026-11-28T11:30:00+02:00", "2026-12-01T11:30:00+02:00"),
    ],
)
def test_the_clock_runs_seventy_two_hours(told: str, aware: str, deadline: str) -> None:
    """The moment is kept with its offset, and the end is told as a clock there shows it."""
    moment = clock.read_moment(told, NOW)

    assert moment.isoformat() == aware
    assert clock.breach_deadline(moment).isoformat() == deadline


@given(st.integers(0, 10 * 366 * 24 * 3600))
def test_it_is_always_the_same_time(seconds: int) -> None:
    """Whatever the clocks do, so many hours lie between; a begun hour is not counted as left."""
    moment = NOW - timedelta(seconds=seconds)
    end = clock.breach_deadline(clock.local(moment))

    assert end.astimezone(UTC) - moment == timedelta(hours=72)
    assert clock.hours_between(moment, end) == 72 == statutes("FI").breach_hours == statutes("XX").breach_hours
    assert clock.hours_between(moment + timedelta(seconds=1), end) == 71


@pytest.mark.parametrize(
    "told",
    [
        *("", "yesterday", "2026-13-01", "2026-11-28T25:00", "2030-01-01T02:01"),
        *("31.11.2026", "28.11.2026 25.00", "28.11.2026 9", "28.11.2026 huomenna", "28.11. 9.30", "1.1.2030 2.01"),
    ],
)
def test_what_is_no_moment_or_still_to_come_is_refused(told: str) -> None:
    """A usage error, and nothing is written down."""
    with pytest.raises(UsageError):
        clock.read_moment(told, NOW)
