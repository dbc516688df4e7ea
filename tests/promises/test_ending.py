"""Promises 17 and 21: an end for everybody's data when the company ends, and a clock when data were misused."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from hub.demo.people import HER_EMAIL
from tests.promises.company import Company


def test_promise_17_when_the_company_closes_there_is_a_plan_for_everybody(company: Company) -> None:
    """Each register has its rule; one listing, approved as a whole, and only what the law keeps is left."""
    company.only("cards", "newsletter", "invoicing", "binder")
    before = company.registers()
    code, listing = company.hub("erase", "--everybody", "--reason", "closes")
    assert code in {0, 4}
    assert company.registers() == before
    assert listing["persons"] > 10
    assert {item["source"] for item in listing["counts"]} == {"cards", "newsletter", "invoicing", "binder"}

    code, outcome = company.hub("erase", "--everybody", "--confirm", listing["fingerprint"])

    assert code in {0, 4}
    assert outcome["stale"] == 0
    left = [entry for person in company.hub("find", HER_EMAIL)[1]["persons"] for entry in person["entries"]]
    assert {entry["source"] for entry in left} <= {"invoicing", "binder"}


def test_promise_21_misuse_is_told_within_72_hours(company: Company, tmp_path: Path) -> None:
    """Noticed now: a clock of three days, a draft for the authority and one for the customers, and the report counts down."""
    code, made = company.hub("breach", "new", "--risk", "high", "--out", str(tmp_path / "luonnokset"))

    assert code == 0
    aware, deadline = (datetime.fromisoformat(made[key]) for key in ("aware", "deadline"))
    assert deadline - aware == timedelta(hours=72)
    assert made["hours_left"] in {71, 72}
    assert len({Path(file).stem for file in made["files"]}) == 2
    assert made["persons"] > 35
    (finding,) = [item for item in company.findings("due_soon") if made["breach"] in item["what"]]
    assert finding["severity"] == "error"
