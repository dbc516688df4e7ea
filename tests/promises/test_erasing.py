"""Promises 6, 14 and 19: what may go goes, what the law keeps stays unaltered and is named, and nothing else is touched."""

from __future__ import annotations

from typing import Any

import openpyxl

from hub.demo.people import COLLEAGUE, COLLEAGUE_EMAIL, HER_EMAIL, HER_NAME
from hub.demo.registers import INVOICE, export_again
from tests.promises.company import Company


def _rows(company: Company) -> list[list[Any]]:
    sheet = openpyxl.load_workbook(company.demo.workbook)["Asiakkaat"]
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def _erased(company: Company) -> Any:
    plan = company.plan()
    code, outcome = company.hub("erase", "--confirm", plan["request"])
    assert code == 4
    return outcome


def test_promise_06_company_data_stays_when_a_contact_person_goes(company: Company) -> None:
    """The rows keep company, service, date and price; her cells are empty, and of a shared cell her colleague's part stays."""
    before = _rows(company)

    _erased(company)

    after = _rows(company)
    changed = [number for number, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
    assert len(changed) == 2
    for number in changed:
        kept = [value for value in after[number] if value is not None]
        assert "Saariston Esimerkki Oy" in kept
        assert {"Valmennus", "Työpaja"} & set(kept)
        assert any(isinstance(value, int | float) for value in kept)
        assert HER_EMAIL not in str(after[number]).lower()
        assert HER_NAME not in str(after[number])
    assert [value for value in after[changed[1]] if value in {COLLEAGUE, COLLEAGUE_EMAIL}] == [COLLEAGUE, COLLEAGUE_EMAIL]


def test_promise_14_an_issued_invoice_is_never_altered_and_its_card_goes(company: Company) -> None:
    """The invoice and its PDF stay to the byte, with section and last day; the customer card becomes a task, its row goes."""
    files = [company.demo.exports / name for name in ("laskut.xml", f"lasku-{INVOICE}.pdf")]
    before = [path.read_bytes() for path in files]

    outcomes = [item for item in _erased(company)["outcomes"] if item["source"] == "invoicing"]

    assert sorted(item["outcome"] for item in outcomes) == ["erased", "manual_pending", "retained"]
    assert [path.read_bytes() for path in files] == before
    assert HER_EMAIL not in (company.demo.exports / "asiakkaat.csv").read_text(encoding="cp1252")
    plan_steps = [step for step in company.plan()["steps"] if step["action"] == "retain"]
    assert [(step["basis"], step["until"]) for step in plan_steps] == [("KPL 2 luku 10 §", "2032-12-31")]
    assert INVOICE in plan_steps[0]["locator"]


def test_promise_19_everything_deletable_goes_and_a_second_run_finds_nothing_else(company: Company) -> None:
    """After the steps by hand only the invoice is left; a second erase has nothing to do but to name it."""
    outcome = _erased(company)
    export_again(company.demo.exports)
    waiting = [item for item in outcome["outcomes"] if item["outcome"] == "manual_pending"]
    codes = [company.hub("done", outcome["request"], str(item["step"]))[0] for item in waiting]
    assert codes[-1] == 0
    _, again = company.hub("erase", "--confirm", outcome["request"])
    assert (again["state"], again["residue"]) == ("complete", [])

    _, found = company.hub("find", HER_EMAIL)
    left = [entry for one in found["persons"] for entry in one["entries"] if entry["verdict"] == "link"]
    assert [entry["locator"] for entry in left] == [f"invoice {INVOICE}"]
    second = company.plan()
    assert [(step["action"], step["basis"], step["until"]) for step in second["steps"]] == [
        ("retain", "KPL 2 luku 10 §", "2032-12-31")
    ]
