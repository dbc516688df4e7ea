"""Promises 1, 2, 3, 7 and 22: only the owner sees the data, no more of it than needed, and nothing is changed unasked."""

from __future__ import annotations

import socket
import stat
import sys
from pathlib import Path

import openpyxl
import pytest

from hub.demo.people import HER_EMAIL, HER_HOME_EMAIL, HER_NAME, HER_PHONE
from tests.cli.searching import decrypted, traces
from tests.promises.company import Company

HERS = (HER_NAME, HER_EMAIL, HER_HOME_EMAIL, HER_PHONE, "0441234567")


def _add_row(company: Company, column: str, value: str, row: int) -> None:
    book = openpyxl.load_workbook(company.demo.workbook)
    sheet = book.worksheets[0]
    sheet.cell(4, sheet.max_column + 1, column)
    sheet.cell(row, sheet.max_column, value)
    book.save(company.demo.workbook)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
def test_promise_01_only_the_owner_sees_the_data(company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No command reaches the network; the hub's files are hers alone; no file name and no message names anybody."""

    def refuse(*_arguments: object) -> None:
        raise AssertionError("something asked the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)

    company.hub("refresh")
    company.hub("find", HER_EMAIL)
    company.hub("export", HER_EMAIL, "--out", str(tmp_path / "kopio"))
    plan = company.plan()
    company.hub("erase", "--confirm", plan["request"])
    company.hub("report", "--html", str(tmp_path / "raportti.html"))

    made = [company.demo.state, *company.demo.state.rglob("*"), *(tmp_path / "kopio").rglob("*"), tmp_path / "raportti.html"]
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in made}
    assert {oct(mode) for path, mode in modes.items() if path.is_dir()} == {"0o700"}
    assert {oct(mode) for path, mode in modes.items() if path.is_file()} == {"0o600"}
    assert len(modes) > 6
    told = company.said + " ".join(path.name for path in made)
    assert [value for value in HERS if value.lower() in told.lower()] == []
    assert traces([path for path in company.demo.state.rglob("*") if path.is_file()], HERS) == []


def test_promise_02_minimum_data_only(company: Company) -> None:
    """A column nobody knows, an identity code, a health word and a birth date are each flagged, by place and not by value."""
    _add_row(company, "Kengänkoko", "42", 6)
    _add_row(company, "Muistiinpanot", "hetu 131052-308T", 7)
    _add_row(company, "Muistio", "sairauslomalla diabeteksen vuoksi", 8)
    _add_row(company, "Syntymäpäivä", "13.10.1952", 10)

    assert any("Kengänkoko" in item["what"] for item in company.findings("unknown_column"))
    special = company.findings("special_data")
    assert len({item["what"].partition(":")[0] for item in special}) >= 3
    assert {entry["source"] for item in special for entry in item["entries"]} == {"customers"}
    assert "308T" not in str(special)
    assert "1952" not in str(special)


def test_promise_03_refusal_at_first_contact_is_stored_nowhere(company: Company, tmp_path: Path) -> None:
    """What the phone saved by itself goes; no file of the hub, decrypted to its last page, tells who refused."""
    card = "BEGIN:VCARD\nVERSION:3.0\nFN:Kielo Kieltäjä\nTEL:050 123 4561\nEMAIL:kielo@kieltaja.example\nEND:VCARD\n"
    (company.demo.cards / "uusi.vcf").write_text(card, encoding="utf-8")
    company.hub("refresh")

    code, done = company.hub("refuse", "kielo@kieltaja.example", "--confirm")

    assert (code, done["state"]) == (0, "complete")
    assert not (company.demo.cards / "uusi.vcf").exists()
    values = ("Kielo Kieltäjä", "kielo@kieltaja.example", "050 123 4561", "+358501234561", "kieltaja")
    files = [path for path in company.demo.folder.rglob("*") if path.is_file()]
    assert traces(files, values) == []
    (tmp_path / "open").mkdir()
    assert traces(decrypted(company.demo.state, tmp_path / "open"), values) == []
    assert [item["kind"] for item in company.hub("requests")[1]["requests"]] == ["refusal"]


def test_promise_07_copies_and_missing_files_in_icloud_are_noticed(company: Company) -> None:
    """A conflict copy is reported and searched; a workbook that is in the cloud only is never taken for an empty one."""
    workbook = company.demo.workbook
    workbook.with_name(f"{workbook.stem} 2.xlsx").write_bytes(workbook.read_bytes())

    (copy,) = company.findings("conflict_copy")
    assert f"{workbook.stem} 2.xlsx" in copy["what"]
    places = [entry["locator"] for person in company.hub("find", HER_EMAIL)[1]["persons"] for entry in person["entries"]]
    assert any(place.startswith(f"{workbook.stem} 2.xlsx") for place in places)

    workbook.rename(workbook.with_name(f".{workbook.name}.icloud"))
    code, found = company.hub("find", HER_EMAIL)
    (silent,) = [answer for answer in found["answers"] if answer["state"] == "silent"]
    assert (code, silent["source"]) == (3, "customers")
    assert "iCloud" in silent["reason"]


def test_promise_22_the_nightly_report_changes_nothing_and_asks_nothing(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a terminal, every night: not a byte and not a time of a register changes, and it can be read as a page."""
    monkeypatch.setattr(sys, "stdin", None)
    before = company.registers()

    first, _ = company.hub("report", "--html", str(tmp_path / "raportti.html"))
    second, _ = company.hub("report", "--quiet")

    assert (first, second) == (0, 0)
    assert company.registers() == before
    assert "<html" in (tmp_path / "raportti.html").read_text(encoding="utf-8")
