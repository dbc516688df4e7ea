"""What is kept longer than it should be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from connectors.entry import Disposal, Retention
from connectors.phrase import Phrase
from hub.law import Law, Rule
from hub.person import Held
from hub.report import Night
from hub.report.retention import RetentionOver
from tests.hub.report.nights import found, held, night, person, places

RULES = {"phone": Rule(24, "a quote is answered within two years")}


def at(year: int) -> Night:
    """A night of that year, with a rule for the phone's contacts and Finland's law."""
    now = datetime(year, 6, 1, 3, 0, tzinfo=UTC)
    law = Law("FI", ((date(2015, 1, 1), date(2015, 12, 31)),), "", now.date())
    return replace(night("phone", "invoicing", now=now), rules=RULES, law=law)


def invoice() -> Held:
    """An invoice of March 2015: the law keeps it until the end of 2021."""
    item = held("invoicing", "7", date="2015-03-02", name="Aino Esimerkkilä", disposal=Disposal.RETAIN)
    return Held(item.source, replace(item.entry, retention=Retention("voucher", Disposal.MANUAL, Phrase("delete it there"))))


@pytest.mark.parametrize(("year", "over"), [(2022, False), (2026, True)])
def test_an_entry_over_the_owners_rule_is_named_with_the_day_and_the_reason(year: int, over: bool) -> None:
    """Two years after its day, and never before; an entry of a register without a rule is nobody's business."""
    someone = person(held("phone", "3", date="2021-03-02", name="Aino"), held("mail", "4", date="2001-01-01"))

    findings = found(at(year), RetentionOver, someone)

    assert [places(item) for item in findings] == ([{("phone", "3")}] if over else [])
    assert all("2023-03-02" in item.what and "two years" in item.what for item in findings)


@pytest.mark.parametrize(("year", "over"), [(2021, False), (2022, True)])
def test_an_invoice_is_named_when_the_laws_time_is_over(year: int, over: bool) -> None:
    """After the last day of the sixth year, and not on it."""
    findings = found(at(year), RetentionOver, person(invoice()))

    assert [places(item) for item in findings] == ([{("invoicing", "7")}] if over else [])
    assert all("2021-12-31" in item.what for item in findings)


def test_what_is_proposed_is_about_the_one_entry() -> None:
    """An erase would take the whole customer along because one old invoice may go: that is told, or not proposed at all."""
    by_law, by_rule = (
        found(at(2026), RetentionOver, person(item)) for item in (invoice(), held("phone", "3", date="2021-03-02", name="Aino"))
    )

    assert [item.proposal for item in by_law] == ["Unless something else keeps it: delete it there"]
    assert ["everything about the person: hub erase" in str(item.proposal) for item in by_rule] == [True]
