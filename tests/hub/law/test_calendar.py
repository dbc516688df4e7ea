"""Due dates: month ends, Easter and Midsummer, Saturdays, one extension, and the day it is in Helsinki."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.law import calendar
from hub.law.days import plus_months

DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-11-27", "2026-12-28"),
        ("2026-01-15", "2026-02-16"),
        ("2026-01-30", "2026-03-02"),
        ("2025-01-31", "2025-02-28"),
        ("2024-01-31", "2024-02-29"),
        ("2024-01-29", "2024-02-29"),
        ("2026-03-31", "2026-04-30"),
        ("2026-08-31", "2026-09-30"),
        ("2026-12-31", "2027-02-01"),
        ("2026-03-03", "2026-04-07"),
        ("2026-03-05", "2026-04-07"),
        ("2026-04-14", "2026-05-15"),
        ("2026-05-18", "2026-06-18"),
        ("2026-05-19", "2026-06-22"),
        ("2026-05-20", "2026-06-22"),
        ("2026-04-01", "2026-05-04"),
        ("2025-11-06", "2025-12-08"),
        ("2026-11-24", "2026-12-28"),
        ("2026-11-25", "2026-12-28"),
        ("2025-12-01", "2026-01-02"),
        ("2025-12-06", "2026-01-07"),
        ("2026-09-30", "2026-10-30"),
        ("2026-10-01", "2026-11-02"),
    ],
)
def test_an_answer_is_due_a_month_after_the_request(received: str, due: str) -> None:
    """The same day of the next month or its last one, moved on over weekends and Finnish holidays."""
    assert calendar.due(date.fromisoformat(received)).isoformat() == due


@pytest.mark.parametrize(
    ("received", "told", "due"),
    [
        ("2026-11-27", "2026-12-28", "2027-03-01"),
        ("2026-11-27", "2026-12-29", "2026-12-28"),
        ("2026-11-27", "2026-11-26", "2026-12-28"),
        ("2026-11-30", "2026-11-30", "2027-03-01"),
        ("2026-01-31", "2026-02-01", "2026-04-30"),
        ("2026-03-19", "2026-03-19", "2026-06-22"),
    ],
)
def test_an_extension_counts_from_the_request_and_only_when_told_in_time(received: str, told: str, due: str) -> None:
    """Three months in all; told a day too late it is none."""
    assert calendar.extended_due(date.fromisoformat(received), date.fromisoformat(told)).isoformat() == due


@pytest.mark.parametrize(
    ("year", "day"),
    [(1954, "04-18"), (1981, "04-19"), (2000, "04-23"), (2008, "03-23"), (2011, "04-24"), (2019, "04-21"), (2024, "03-31"),
     (2025, "04-20"), (2026, "04-05"), (2027, "03-28"), (2038, "04-25"), (2049, "04-18"), (2076, "04-19"), (2285, "03-22")],
)  # fmt: skip
def test_easter(year: int, day: str) -> None:
    """Known Easters, the earliest, the latest and the years of the exceptions among them."""
    assert calendar.easter(year) == date.fromisoformat(f"{year}-{day}")


@pytest.mark.parametrize(
    "day",
    ["2026-01-01", "2026-01-06", "2026-04-03", "2026-04-06", "2026-05-01", "2026-05-14", "2026-06-19", "2027-06-25", "2024-12-06",
     "2026-12-24", "2026-12-25", "2024-12-26", "2026-10-31", "2026-04-04", "2026-04-05"],
)  # fmt: skip
def test_nobody_works_on_a_finnish_holiday(day: str) -> None:
    """Fixed and movable holidays, the two eves, and the Saturday before Easter."""
    assert calendar.is_free(date.fromisoformat(day))


@pytest.mark.parametrize("day", ["2026-04-02", "2026-12-23", "2026-06-18", "2026-12-31", "2026-04-30", "2026-04-07"])
def test_the_day_beside_a_holiday_is_a_working_day(day: str) -> None:
    """Maundy Thursday, New Year's Eve and May Day Eve are no holidays by this law."""
    assert not calendar.is_free(date.fromisoformat(day))


def test_elsewhere_only_weekends_are_free() -> None:
    """Of a country whose law is not known Finnish holidays are not assumed."""
    assert not calendar.is_free(date(2027, 12, 6), "SE")
    assert calendar.is_free(date(2026, 12, 6), "SE")


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 1, 15, 21, 59, tzinfo=UTC), "2026-01-15"),
        (datetime(2026, 1, 15, 22, 0, tzinfo=UTC), "2026-01-16"),
        (datetime(2026, 7, 15, 20, 59, tzinfo=UTC), "2026-07-15"),
        (datetime(2026, 7, 15, 21, 0, tzinfo=UTC), "2026-07-16"),
        (datetime(2026, 3, 28, 22, 0, tzinfo=UTC), "2026-03-29"),
        (datetime(2026, 3, 29, 20, 59, tzinfo=UTC), "2026-03-29"),
        (datetime(2026, 3, 29, 21, 0, tzinfo=UTC), "2026-03-30"),
        (datetime(2026, 10, 24, 21, 0, tzinfo=UTC), "2026-10-25"),
        (datetime(2026, 10, 25, 21, 59, tzinfo=UTC), "2026-10-25"),
        (datetime(2026, 10, 25, 22, 0, tzinfo=UTC), "2026-10-26"),
        (datetime(2026, 12, 31, 22, 0, tzinfo=UTC), "2027-01-01"),
    ],
)
def test_the_day_it_is_in_helsinki(moment: datetime, day: str) -> None:
    """Two hours ahead in winter, three in summer, and right on the two days on which the clock is changed."""
    assert calendar.today(moment).isoformat() == day


@pytest.mark.parametrize(
    ("today", "urgency"),
    [("2026-12-20", ""), ("2026-12-21", "due_soon"), ("2026-12-28", "due_soon"), ("2026-12-29", "overdue")],
)
def test_a_request_is_urgent_a_week_before_its_last_day(today: str, urgency: str) -> None:
    """On the last day itself it is still in time."""
    assert calendar.urgency(date(2026, 12, 28), date.fromisoformat(today)) == urgency


@given(DAYS)
def test_due_is_a_working_day_never_before_a_month(received: date) -> None:
    """No answer is due earlier than the law gives, on a free day, or needlessly late."""
    due, month = calendar.due(received), plus_months(received, 1)

    assert due >= month
    assert not calendar.is_free(due)
    assert all(calendar.is_free(month + timedelta(days=number)) for number in range((due - month).days))
    assert (due - month).days <= 6


@given(DAYS, st.integers(-3, 40))
def test_an_extension_never_shortens(received: date, later: int) -> None:
    """However it is told, the day is never earlier than without it, and a working day."""
    extended = calendar.extended_due(received, received + timedelta(days=later))

    assert extended >= calendar.due(received)
    assert not calendar.is_free(extended)


@given(DAYS, DAYS, st.integers(0, 240))
def test_months_keep_the_order_of_days(one: date, other: date, months: int) -> None:
    """A later day is never moved before an earlier one, and never into another month."""
    first, second = sorted((one, other))

    assert plus_months(first, months) <= plus_months(second, months)
    assert (plus_months(one, months).month - one.month - months) % 12 == 0


@given(st.integers(1583, 4000))
def test_easter_is_a_spring_sunday(year: int) -> None:
    """Always a Sunday from 22 March to 25 April."""
    day = calendar.easter(year)

    assert day.isoweekday() == 7
    assert date(year, 3, 22) <= day <= date(year, 4, 25)
