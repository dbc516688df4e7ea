"""Promises 4, 5 and 11: people are asked separately, change their minds, and permit each disclosure by itself."""

from __future__ import annotations

from hub.demo.people import HER_EMAIL
from tests.promises.company import Company

GIVE = ("consent", "give", HER_EMAIL, "--to", "Tilitoimisto Oy", "--data", "name,email")


def test_promise_04_everybody_is_asked_separately_and_silence_is_no_consent(company: Company) -> None:
    """Who was not asked is listed; who does not answer stays asked, and nothing takes that for a yes."""
    company.hub("ask", HER_EMAIL, "--status", "asked", "--on", "2026-01-31", "--how", "e-mail")

    told = company.hub("ask", HER_EMAIL)[1]
    assert (told["status"], told["consents"]) == ("asked", [])
    assert company.hub("consent", "give", HER_EMAIL, "--for", "marketing", "--how", "ei vastannut")[0] == 2
    assert company.hub("ask", HER_EMAIL)[1]["status"] == "asked"
    unasked = {item["person"] for item in company.findings("not_asked")}
    assert len(unasked) > 30
    assert told["person"] not in unasked


def test_promise_05_a_person_may_change_their_mind_at_any_time(company: Company) -> None:
    """A withdrawal becomes one plan over all registers; an objection, one over every list for marketing."""
    company.hub("consent", "give", HER_EMAIL, "--for", "valmennus", "--wording", "1")

    code, told = company.hub("consent", "withdraw", HER_EMAIL, "--for", "valmennus")

    assert (code, told["act"]) == (4, "withdrawal")
    assert {step["source"] for step in told["steps"]} == {"customers", "mail", "cards", "newsletter", "invoicing", "binder"}
    assert company.hub("ask", HER_EMAIL)[1]["consents"] == []
    _, stopped = company.hub("objection", HER_EMAIL, "--to", "marketing")
    assert {step["source"] for step in stopped["steps"]} == {"customers", "mail", "newsletter"}


def test_promise_11_a_permission_is_for_one_recipient_one_set_of_data_and_one_time(company: Company) -> None:
    """Without it nothing is disclosed; with it just that, once."""
    disclose = ("disclose", HER_EMAIL, "--to", "Tilitoimisto Oy", "--data", "name,email")
    assert company.hub(*disclose)[0] == 4
    company.hub(*GIVE)

    assert company.hub("disclose", HER_EMAIL, "--to", "Perintä Oy", "--data", "name,email")[0] == 4
    assert company.hub("disclose", HER_EMAIL, "--to", "Tilitoimisto Oy", "--data", "name,email,phone")[0] == 4
    code, told = company.hub(*disclose)

    assert (code, {item["kind"] for item in told["data"]}) == (0, {"name", "email"})
    assert company.hub(*disclose)[0] == 4
