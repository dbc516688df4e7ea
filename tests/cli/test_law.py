"""Invoices from the command line: kept with section and day, due for a hand after the law's time, never erased unjudged."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from hub.cli import main
from hub.language import Language
from hub.law import calendar
from tests.cli.running import Hub
from tests.connectors.arkhimedes.made import finvoice, invoice

CONFIG = """state = "state"

[controller]
name = "Esimerkki Oy"
country = "FI"
language = "fi"
fiscal_years = ["2014-05-01/2015-04-30", "2025-07-01/2026-12-31"]

[source.invoicing]
kind = "arkhimedes"
path = "arkhimedes"
"""
MAIJA = "maija@malli.example"
SECTION = "KPL 2 luku 10 §"
UNPAID = "<PaymentStatusDetails><PaymentStatusCode>NOTPAID</PaymentStatusCode></PaymentStatusDetails>"


def dated(number: str, day: str, rows: str = "") -> bytes:
    """An invoice of hers of a day; "" for none."""
    date = '<InvoiceDate Format="CCYYMMDD">20260115</InvoiceDate>'
    body = invoice(number, rows=rows)
    assert date in body
    return finvoice(body.replace(date, date.replace("20260115", day) if day else ""))


@pytest.fixture
def company(tmp_path: Path) -> Path:
    """Her invoices: of the current year, its credit note, one not paid, an old one, one of no fiscal year, two without a day."""
    folder = tmp_path / "arkhimedes"
    folder.mkdir()
    (tmp_path / "hub.toml").write_text(CONFIG, encoding="utf-8")
    credit = "<InvoiceTypeCode>INV02</InvoiceTypeCode><OriginalInvoiceNumber>1001</OriginalInvoiceNumber>"
    files = {
        "1001": dated("1001", "20250701"),
        "1002": dated("1002", "20261231", credit),
        "1003": dated("1003", "20260115", UNPAID),
        "1004": dated("1004", "20150115"),
        "1005": dated("1005", "20130115"),
        "1006": dated("1006", ""),
        "1007": dated("1007", "maaliskuu"),
        "1008": dated("1008", "20150430", credit),
    }
    for number, data in files.items():
        (folder / f"{number}.xml").write_bytes(data)
    return tmp_path


@pytest.fixture
def config(company: Path) -> Path:
    """Its configuration."""
    return company / "hub.toml"


def test_every_invoice_is_judged_by_its_own_day(hub: Hub) -> None:
    """Within the time: kept, with section and day; after it: a hand; without a year or a day: kept with the reason."""
    code, plan = hub("erase", MAIJA)
    steps = {step["locator"]: (step["action"], step["basis"], step["until"]) for step in plan["steps"]}
    reasons = {step["locator"]: step["reason"] for step in plan["steps"]}

    assert code == 0
    assert steps == {
        "invoice 1001": ("retain", SECTION, "2032-12-31"),
        "invoice 1002": ("retain", SECTION, "2032-12-31"),
        "invoice 1003": ("retain", SECTION, "2032-12-31"),
        "invoice 1004": ("manual", None, None),
        "invoice 1005": ("retain", SECTION, None),
        "invoice 1006": ("retain", SECTION, None),
        "invoice 1007": ("retain", SECTION, None),
        "invoice 1008": ("manual", None, None),
    }
    assert "not paid" in reasons["invoice 1003"]
    assert reasons["invoice 1004"].endswith("delete it in the invoicing program, and here 1004.xml")
    assert "no fiscal year in hub.toml covers its date, 2013-01-15" in reasons["invoice 1005"]
    assert "bears no date" in reasons["invoice 1006"]
    assert "cannot be read" in reasons["invoice 1007"]


def test_the_plan_holds_when_it_is_confirmed(hub: Hub, company: Path) -> None:
    """Confirmed by its number the same ruling is made again; no invoice is touched, and the outcome names law and day."""
    files = {path.name: path.read_bytes() for path in (company / "arkhimedes").iterdir()}
    _, plan = hub("erase", MAIJA)

    code, outcome = hub("erase", "--confirm", plan["request"])
    results = {item["locator"]: (item["outcome"], item["basis"], item["until"]) for item in outcome["outcomes"]}

    assert code == 4
    assert results["invoice 1001"] == ("retained", SECTION, "2032-12-31")
    assert results["invoice 1005"] == ("retained", SECTION, None)
    assert results["invoice 1004"] == ("manual_pending", None, None)
    assert files == {path.name: path.read_bytes() for path in (company / "arkhimedes").iterdir()}


def test_an_invoice_over_its_time_is_done_when_its_file_is_gone(hub: Hub, company: Path) -> None:
    """Saying so is not enough while the file is there."""
    _, plan = hub("erase", MAIJA)
    hub("erase", "--confirm", plan["request"])
    step = {item["locator"]: str(item["step"]) for item in plan["steps"]}

    def result(outcome: dict[str, Any], locator: str) -> str:
        return next(str(item["outcome"]) for item in outcome["outcomes"] if item["locator"] == locator)

    _, early = hub("done", plan["request"], step["invoice 1004"])
    (company / "arkhimedes/1004.xml").unlink()
    waits, late = hub("done", plan["request"], step["invoice 1004"])
    (company / "arkhimedes/1008.xml").unlink()
    code, last = hub("done", plan["request"], step["invoice 1008"])

    assert result(early, "invoice 1004") == "manual_pending"
    assert (result(late, "invoice 1004"), waits) == ("already_absent", 4)
    assert (result(last, "invoice 1008"), code) == ("already_absent", 0)


def test_a_plan_made_before_the_time_was_over_is_stale(hub: Hub, company: Path) -> None:
    """When the ruling has become another one since the plan was shown, nothing is done."""
    file = company / "hub.toml"
    file.write_text(CONFIG.replace("2014-05-01/2015-04-30", "2014-05-01/2015-01-14"), encoding="utf-8")
    _, plan = hub("erase", MAIJA)
    file.write_text(CONFIG, encoding="utf-8")

    assert {step["action"] for step in plan["steps"]} == {"retain"}
    code, told = hub("erase", "--confirm", plan["request"])
    assert code == 5
    assert {(one["source"], one["change"]) for one in told["changes"]} == {("invoicing", "judged")}


def test_the_list_of_requests_says_until_when(hub: Hub, company: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each request has its last day in JSON; on the screen the open ones have, as Finns write it."""
    _, plan = hub("erase", MAIJA)
    (listed,) = hub("requests")[1]["requests"]
    received = calendar.today(datetime.fromisoformat(listed["created"]))
    assert main(["requests", "--config", str(company / "hub.toml")]) == 0
    day = Language("fi").day(listed["due"])

    assert (listed["request"], listed["due"]) == (plan["request"], calendar.due(received).isoformat())
    assert day in capsys.readouterr().out


def test_the_owner_reads_law_and_day_in_finnish(company: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The plan says by which section and until which day, as Finns write it."""
    assert main(["erase", MAIJA, "--config", str(company / "hub.toml")]) == 0
    said = " ".join(capsys.readouterr().out.replace("│", " ").split())

    assert SECTION in said
    assert "säilytetään 31.12.2032 asti" in said
    assert "lain säilytysaika on päättynyt" in said
