"""Promises 12 and 20: nobody is told who is a customer, and no request is closed without a dated receipt."""

from __future__ import annotations

from pathlib import Path

from hub.demo.people import HER_EMAIL, HER_NAME, HER_PHONE
from hub.demo.registers import INVOICE, export_again
from tests.promises.company import Company


def _page(folder: Path) -> str:
    (page,) = folder.glob("*.html")
    return page.read_text(encoding="utf-8")


def test_promise_12_nobody_is_told_who_is_a_customer(company: Company, tmp_path: Path) -> None:
    """Who cannot be known to be the person gets the same words, whether she is a customer or nobody is; nothing is erased."""
    pages = []
    for who in (HER_EMAIL, "ei.kukaan@muualla.example"):
        code, told = company.hub("request", "new", "--kind", "erasure", who, "--identity", "not_yet")
        assert (code, told["state"]) == (0, "identity_unverified")
        folder = tmp_path / told["request"]
        assert company.hub("letter", "neutral", "--out", str(folder))[0] == 0
        pages.append(_page(folder))
        before = company.registers()
        assert company.hub("erase", "--confirm", told["request"])[0] in {2, 4}
        assert company.registers() == before

    assert pages[0] == pages[1]
    assert [value for value in (HER_NAME, HER_EMAIL, HER_PHONE) if value in pages[0]] == []


def test_promise_20_a_request_cannot_be_closed_without_a_dated_receipt(company: Company, tmp_path: Path) -> None:
    """From its letter to its receipt, which says what was done, what is kept, why and until when."""
    number = company.hub("request", "new", "--kind", "erasure", HER_EMAIL, "--identity", "same e-mail", "--channel", "email")[1][
        "request"
    ]
    plan = company.plan()
    assert plan["request"] == number
    outcome = company.hub("erase", "--confirm", number)[1]
    assert company.hub("request", "close", number, "--delivered", "email")[0] == 4, "steps are open"
    export_again(company.demo.exports)
    for item in outcome["outcomes"]:
        if item["outcome"] == "manual_pending":
            company.hub("done", number, str(item["step"]))
    assert company.hub("request", "close", number, "--delivered", "email")[0] == 4, "no receipt yet"

    assert company.hub("letter", "receipt", number, "--out", str(tmp_path / "kuittaus"), "--lang", "en")[0] == 0

    page = _page(tmp_path / "kuittaus")
    assert INVOICE in page
    assert "KPL 2 luku 10 §" in page
    assert "2032" in page
    code, closed = company.hub("request", "close", number, "--delivered", "email")
    assert (code, closed["state"]) == (0, "closed")
