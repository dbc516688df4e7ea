"""How long the bookkeeping law keeps a voucher or a book: fiscal years of every shape, days that nobody can read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.entry import Disposal, Retention
from connectors.phrase import Phrase
from hub.law import NOT_TOLD, FiscalYear, Law, statutes
from hub.law.days import read_day
from hub.law.fiscal import end_for
from hub.law.keeping import last_day
from hub.person import Held
from hub.plan import Action, step_for
from tests.hub.law.vouchers import BY_CALENDAR, KEPT, voucher

SECTION = "KPL 2 luku 10 §"


def years(*spans: str) -> tuple[FiscalYear, ...]:
    """Fiscal years as `first/last`."""
    return tuple((date.fromisoformat(first), date.fromisoformat(last)) for first, last in (span.split("/") for span in spans))


BROKEN = years("2016-05-01/2017-04-30", "2017-05-01/2018-04-30")
LONG = years("2019-07-01/2020-12-31", "2021-01-01/2021-12-31")
SHORT = years("2023-04-01/2024-03-31", "2024-04-01/2024-12-31", "2025-01-01/2025-12-31")
FIRST = years("2024-02-15/2025-08-14")


@pytest.mark.parametrize(
    ("day", "listed", "year_end", "until"),
    [
        ("2026-01-15", (), "12-31", "2032-12-31"),
        ("2026-12-31", (), "12-31", "2032-12-31"),
        ("2027-01-01", (), "12-31", "2033-12-31"),
        ("2017-04-30", (), "04-30", "2023-12-31"),
        ("2017-05-01", (), "04-30", "2024-12-31"),
        ("2024-03-31", (), "03-31", "2030-12-31"),
        ("2024-04-01", (), "03-31", "2031-12-31"),
        ("2024-02-29", (), "02-28", "2030-12-31"),
        ("2024-03-01", (), "02-28", "2031-12-31"),
        ("2023-02-28", (), "02-28", "2029-12-31"),
        ("2024-06-30", (), "06-30", "2030-12-31"),
        ("2016-05-01", BROKEN, "", "2023-12-31"),
        ("2016-12-31", BROKEN, "", "2023-12-31"),
        ("2017-04-30", BROKEN, "", "2023-12-31"),
        ("2017-05-01", BROKEN, "", "2024-12-31"),
        ("2018-04-30", BROKEN, "", "2024-12-31"),
        ("2019-07-01", LONG, "", "2026-12-31"),
        ("2020-12-31", LONG, "", "2026-12-31"),
        ("2021-01-01", LONG, "", "2027-12-31"),
        ("2024-03-31", SHORT, "", "2030-12-31"),
        ("2024-04-01", SHORT, "", "2030-12-31"),
        ("2025-01-01", SHORT, "", "2031-12-31"),
        ("2024-02-15", FIRST, "", "2031-12-31"),
        ("2016-04-30", BROKEN, "", None),
        ("2018-05-01", BROKEN, "", None),
        ("2022-01-01", LONG, "", None),
    ],
)
def test_a_voucher_is_kept_six_years_after_the_year_its_fiscal_year_ended_in(
    day: str, listed: tuple[FiscalYear, ...], year_end: str, until: str | None
) -> None:
    """Broken, long, short and first fiscal years, listed or by the day they end on; a day none covers is kept with no day."""
    ruling = Law("FI", listed, year_end, date(2020, 1, 1)).ruling(voucher(day))

    assert (ruling.disposal, ruling.basis) == (Disposal.RETAIN, SECTION)
    assert (ruling.until.isoformat() if ruling.until else None) == until
    assert (ruling.reason == KEPT) == (until is not None)


@pytest.mark.parametrize(
    ("end", "until"),
    [("2017-04-30", "2027-04-30"), ("2024-03-31", "2034-03-31"), ("2024-02-29", "2034-02-28"), ("2026-12-31", "2036-12-31")],
)
def test_books_are_kept_ten_years_from_the_end_of_the_fiscal_year(end: str, until: str) -> None:
    """Books have another anchor than vouchers: the fiscal year's own last day."""
    assert last_day(statutes("FI").records["book"], date.fromisoformat(end)).isoformat() == until


@pytest.mark.parametrize(
    ("days", "law", "said"),
    [
        ((), BY_CALENDAR, "bears no date"),
        (("tammikuussa",), BY_CALENDAR, "cannot be read"),
        (("31.2.2015",), BY_CALENDAR, "cannot be read"),
        (("0206-01-15",), BY_CALENDAR, "cannot be read"),
        (("2015-01-15", "ehkä 2021"), BY_CALENDAR, "cannot be read"),
        (("15.1.15",), BY_CALENDAR, "cannot be read"),
        (("2015-01-15",), replace(BY_CALENDAR, year_end=""), "names no fiscal year"),
        (
            ("2015-01-15",),
            replace(BY_CALENDAR, year_end="", years=LONG),
            "no fiscal year in hub.toml covers its date, 2015-01-15",
        ),
        (("2015-01-15",), replace(BY_CALENDAR, country="XX"), "does not know the bookkeeping law of XX"),
        (("2015-01-15",), NOT_TOLD, "names no fiscal year"),
    ],
)
def test_what_cannot_be_computed_is_kept_with_the_reason(days: tuple[str, ...], law: Law, said: str) -> None:
    """No date, half a date, an impossible one, no fiscal year, an unknown law: never an erase, and no day that is made up."""
    step = step_for(1, Held("invoicing", voucher(*days)), law)

    assert (step.action, step.until, step.fields) == (Action.RETAIN, None, ())
    assert said in step.reason


def test_the_latest_of_several_days_counts() -> None:
    """An invoice with two days is kept as long as the later one says."""
    assert BY_CALENDAR.ruling(voucher("2021-12-31", "1.1.2022")).until == date(2028, 12, 31)


@pytest.mark.parametrize(("day", "over"), [("2019-12-31", True), ("2020-01-01", False)])
def test_the_last_day_is_still_kept(day: str, over: bool) -> None:
    """On the last day itself nothing may go, on the day after it may."""
    law = replace(BY_CALENDAR, today=date(2026, 1, 1))

    assert law.ruling(voucher(day)).over is over
    assert replace(law, today=date(2025, 12, 31)).ruling(voucher(day)).disposal is Disposal.RETAIN


@pytest.mark.parametrize("after", [Disposal.ERASE, Disposal.REDACT, Disposal.MANUAL])
def test_after_its_time_the_step_is_what_the_source_can_do(after: Disposal) -> None:
    """A source that can erase does, one that cannot asks for a hand, and says where; nothing is cited any more."""
    reason = Phrase("the law's time for keeping it is over")
    item = Held("invoicing", voucher("2015-01-15", retention=Retention("voucher", after)))

    step = step_for(1, item, BY_CALENDAR)

    assert (step.action.value, step.reason, step.basis, step.until) == (after.value, reason, None, None)
    assert "name" in step.fields
    assert ("date" in step.fields) == (after is Disposal.ERASE)


def test_what_is_not_paid_says_so_and_goes_by_no_program() -> None:
    """An open invoice is kept like any other, says that it is open, and afterwards waits for a human's look."""
    retention = Retention("voucher", Disposal.ERASE, hold=Phrase("can only be removed by hand"))
    within = step_for(1, Held("invoicing", voucher("2026-01-15", retention=retention)), BY_CALENDAR)
    after = step_for(1, Held("invoicing", voucher("2015-01-15", retention=retention)), BY_CALENDAR)

    assert (within.action, within.until) == (Action.RETAIN, "2032-12-31")
    assert within.reason == "must stay unaltered; can only be removed by hand"
    assert (after.action, after.reason) == (
        Action.MANUAL,
        "the law's time for keeping it is over; can only be removed by hand",
    )


def test_a_record_no_law_keeps_is_left_to_its_source() -> None:
    """Without a retention the source alone says what an erase means."""
    plain = replace(voucher("2015-01-15"), retention=None)

    assert step_for(1, Held("x", plain), BY_CALENDAR).action is Action.RETAIN
    assert step_for(1, Held("x", replace(plain, disposal=Disposal.ERASE)), BY_CALENDAR).action is Action.ERASE


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-01-15", date(2026, 1, 15)),
        ("20260115", date(2026, 1, 15)),
        ("15.1.2026", date(2026, 1, 15)),
        ("05.01.2026", date(2026, 1, 5)),
        (" 5. 1. 2026 ", date(2026, 1, 5)),
        ("2026-01-15T23:59:59+02:00", date(2026, 1, 15)),
        ("2026-01-15 08:00:00", date(2026, 1, 15)),
        ("15.1.2026 klo 12", date(2026, 1, 15)),
        ("29.2.2024", date(2024, 2, 29)),
        ("29.2.2023", None),
        ("2026-13-01", None),
        ("1/2/2026", None),
        ("2026", None),
        ("", None),
        ("١٥.١.٢٠٢٦", None),
        ("45000", None),
    ],
)
def test_a_day_is_read_as_registers_write_it(text: str, day: date | None) -> None:
    """Finnish and ISO days are read; what may mean two days, or none, is not."""
    assert read_day(text) == day


DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))
ENDS = st.dates(date(2023, 1, 1), date(2023, 12, 31)).map(lambda day: day.isoformat()[5:])
TERM = statutes("FI").records["voucher"]


@given(DAYS, DAYS, ENDS)
def test_until_grows_with_the_day(one: date, other: date, year_end: str) -> None:
    """A later invoice is never free earlier."""
    first, second = (end_for(day, (), year_end) for day in sorted((one, other)))

    assert first
    assert second
    assert last_day(TERM, first) <= last_day(TERM, second)


@given(DAYS, ENDS)
def test_until_is_never_before_the_sixth_years_end(day: date, year_end: str) -> None:
    """Whatever the fiscal year, six full calendar years lie behind the year the invoice was written in."""
    until = replace(BY_CALENDAR, year_end=year_end, today=day).ruling(voucher(day.isoformat())).until

    assert until is not None
    assert (until.month, until.day) == (12, 31)
    assert day.year + 6 <= until.year <= day.year + 7


@given(st.lists(st.integers(1, 540), min_size=1, max_size=12), st.dates(date(2000, 1, 1), date(2010, 1, 1)), DAYS)
def test_listed_years_cover_what_lies_in_them_and_nothing_else(lengths: list[int], start: date, day: date) -> None:
    """A day in a listed year ends with it; a day before the first or after the last has no year."""
    firsts = [start + timedelta(days=sum(lengths[:count])) for count in range(len(lengths) + 1)]
    listed = [(first, following - timedelta(days=1)) for first, following in pairwise(firsts)]

    end = end_for(day, listed, "")

    assert (end is not None) == (firsts[0] <= day < firsts[-1])
    assert end is None or end in {last for first, last in listed if first <= day}


@given(st.text(max_size=20))
def test_any_text_is_a_day_or_none(text: str) -> None:
    """Nothing in a register's date column makes the reader fall over."""
    day = read_day(text)

    assert day is None or 1950 <= day.year <= 2200
