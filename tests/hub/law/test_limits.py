"""The controller's own rules: what is over its time, what nobody can date, and what the bookkeeping law kept long enough."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from connectors.entry import Field
from hub.law import Rule, retention_over, retention_undated
from hub.person import Held
from tests.hub.law.vouchers import BY_CALENDAR, held, voucher

RULES = {"mail": Rule(24, "a quote is answered within two years"), "leads": Rule(1, "…", since="other")}
TODAY = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("days", "until"),
    [
        (("2024-11-26",), "2026-11-26"),
        (("26.11.2024", "1.1.2020"), "2026-11-26"),
        (("2024-11-27",), None),
        (("2020-01-01", "2026-01-01"), None),
        (("2020-01-01", "joskus"), "2022-01-01"),
        (("joskus",), None),
        ((), None),
    ],
)
def test_an_entry_is_over_after_the_months_from_its_latest_day(days: tuple[str, ...], until: str | None) -> None:
    """The last day itself is not over yet; an entry without a day is told apart and never called over."""
    over = retention_over([held(*days)], RULES, TODAY)

    assert [item.until.isoformat() for item in over] == ([until] if until else [])
    assert [item.why for item in over] == ([RULES["mail"].why] if until else [])
    assert bool(retention_undated([held(*days)], RULES)) == (not any(day[0].isdigit() for day in days))


def test_other_sources_and_copies_are_left_out() -> None:
    """A rule is for its own source, and a conflict copy is not counted again."""
    others = [held("2001-01-01", source="phone"), held("2001-01-01", copy_of="asiakkaat.xlsx")]

    assert retention_over(others, RULES, TODAY) == []
    assert retention_undated([held(source="phone"), held(copy_of="asiakkaat.xlsx")], RULES) == []


def test_the_days_of_another_kind_may_count() -> None:
    """A rule may count from any kind of field that holds days."""
    item = held("2026-11-01", source="leads")
    marked = replace(item, entry=replace(item.entry, fields=(*item.entry.fields, Field("other", "1.9.2026"))))

    assert [over.until for over in retention_over([marked], RULES, TODAY)] == [date(2026, 10, 1)]


def test_a_voucher_is_over_by_law_and_not_by_the_rule_of_its_source() -> None:
    """No rule of one's own shortens the law's time; after it the voucher is named though its source has no rule."""
    kept, over, undated = (Held(name, voucher(*days)) for name, *days in (("mail", "2024-01-01"), ("x", "2015-01-01"), ("mail",)))

    found = retention_over([kept, over, undated], RULES, TODAY, BY_CALENDAR)

    assert [(item.held, item.until, item.why) for item in found] == [(over, date(2021, 12, 31), "")]
    assert retention_over([over], RULES, date(2021, 12, 31), BY_CALENDAR) == []
    assert retention_over([over], RULES, TODAY) == []
    assert retention_undated([undated], RULES) == []
