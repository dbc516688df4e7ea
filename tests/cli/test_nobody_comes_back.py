"""An erased person who is stored again in every register in turn, spelt otherwise, is reported; bins, hashes and leftovers have an end."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from hub import ledger
from hub.erase import undo
from tests.cli import everywhere
from tests.cli.everywhere import EMAIL
from tests.cli.running import Hub
from tests.cli.searching import traces
from tests.connectors.carddav.servers import Running
from tests.connectors.carddav.world import card as dav_card
from tests.connectors.gmail.standin import StandIn
from tests.connectors.gmail.world import person
from tests.connectors.thunderbird.profiles import modern, write_book

VALUES = ("Maija Malli", "Malli Maija", EMAIL, "0441234567", "044 123 4567", "+358441234567", "441234567")


@pytest.fixture
def config(tmp_path: Path, gmail: StandIn, carddav: Running, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Her in all registers."""
    return everywhere.build(tmp_path, gmail, carddav, monkeypatch)


def _in_the_workbook(folder: Path, _gmail: StandIn, _carddav: Running) -> None:
    book = openpyxl.load_workbook(folder / "asiakkaat.xlsx")
    book.worksheets[0].append(["Uusi Oy", "MALLI MAIJA", "p. 044-123 4567", "", "Valmennus"])
    book.save(folder / "asiakkaat.xlsx")


def _in_thunderbird(folder: Path, _gmail: StandIn, _carddav: Running) -> None:
    profile = next((folder / "profiili").rglob("abook.sqlite")).parent
    write_book(profile / "history.sqlite", [modern("uusi", "", EMAIL.title())])


def _among_the_cards(folder: Path, _gmail: StandIn, _carddav: Running) -> None:
    (folder / "kortit" / "uusi.vcf").write_bytes(dav_card("uusi", "maija MALLI", "TEL:00358 44 1234567"))


def _in_the_list(folder: Path, _gmail: StandIn, _carddav: Running) -> None:
    with (folder / "lista.csv").open("a", encoding="utf-8", newline="") as stream:
        stream.write(f"M. Malli;{EMAIL.upper()};\r\n")


def _in_an_export(folder: Path, _gmail: StandIn, _carddav: Running) -> None:
    path = folder / "laskutus" / "asiakkaat-uusi.csv"
    path.write_text("Nimi;Sähköposti;Puhelin\r\nmalli maija;;+358 (0)44 123 4567\r\n", encoding="utf-8", newline="")
    os.utime(path, (time.time() - 60, time.time() - 60))


def _in_the_binder(folder: Path, _gmail: StandIn, _carddav: Running) -> None:
    with (folder / "mappi" / "index.csv").open("a", encoding="utf-8", newline="") as stream:
        stream.write("Malli, Maija;(044) 1234567;5.5.2026;mappi 9, sivu 1;;\r\n")


def _at_google(_folder: Path, gmail: StandIn, _carddav: Running) -> None:
    gmail.store.add(**person("MAIJA MALLI", phone="+358 44 123 45 67"))


def _on_the_phone(_folder: Path, _gmail: StandIn, carddav: Running) -> None:
    (next(carddav.home.rglob("*.vcf")).parent / "uusi.vcf").write_bytes(dav_card("uusi", "Malli Maija", f"EMAIL:{EMAIL.upper()}"))


BACK: dict[str, Callable[[Path, StandIn, Running], None]] = {
    "customers": _in_the_workbook,
    "mail": _in_thunderbird,
    "cards": _among_the_cards,
    "newsletter": _in_the_list,
    "invoicing": _in_an_export,
    "binder": _in_the_binder,
    "gmail": _at_google,
    "phone": _on_the_phone,
}


def _findings(hub: Hub, kind: str) -> list[Any]:
    code, document = hub("report")
    assert code == 0
    return [item for item in document["findings"] if item["kind"] == kind]


def _erase(hub: Hub, gmail: StandIn) -> str:
    """Erase her everywhere; what waits for a hand is done by hand."""
    _, done = hub("erase", EMAIL, "--confirm")
    for name in list(gmail.store.others):
        gmail.store.remove_other(name)
    for item in done["outcomes"]:
        if item["outcome"] == "manual_pending":
            hub("done", done["request"], str(item["step"]))
    return str(done["request"])


def test_she_is_reported_in_every_register_in_turn(hub: Hub, config: Path, gmail: StandIn, carddav: Running) -> None:
    """Each night one register has her again, spelt otherwise: that one is named beside the earlier ones, and no file of the hub names her."""
    assert set(BACK) == set(everywhere.SOURCES)
    request = _erase(hub, gmail)
    assert _findings(hub, "reappeared") == []
    back: list[str] = []

    for source, store_again in BACK.items():
        store_again(config.parent, gmail, carddav)
        back.append(source)
        found = _findings(hub, "reappeared")
        sources = {entry["source"] for finding in found for entry in finding["entries"]}
        assert sources == set(back), source
        assert all(len(finding["entries"]) == 1 and finding["entries"][0]["ref"] for finding in found)
        assert all(request in finding["what"] for finding in found)
        assert not [finding for finding in found for value in VALUES if value.lower() in finding["what"].lower()]

    state = config.parent / "state"
    assert traces([path for path in state.rglob("*") if path.is_file()], VALUES) == []


def test_a_value_that_came_back_in_a_text_is_residue(hub: Hub, config: Path, gmail: StandIn) -> None:
    """Her number in somebody else's note: the entry is named, and neither she nor the number."""
    request = _erase(hub, gmail)
    card = dav_card("kolmas", "Kaisa Kuvitelma", "EMAIL:kaisa@kuvitelma.example", "NOTE:sijainen: soita 044-123 45 67")
    (config.parent / "kortit" / "kolmas.vcf").write_bytes(card)

    found = [item for item in _findings(hub, "residue") if item["person"]]

    assert [entry["source"] for item in found for entry in item["entries"]] == ["cards"]
    assert request in found[0]["what"]
    assert "123" not in found[0]["what"]


def test_what_waits_for_a_hand_is_named_until_it_is_accepted(hub: Hub, gmail: StandIn) -> None:
    """A label that is called after her: no program may rename it, the request waits, and each night says so."""
    gmail.store.add_group("Ystävät: Maija Malli")
    _, done = hub("erase", EMAIL, "--confirm")
    assert [item["source"] for item in done["residue"]] == ["gmail"]

    found = [item for item in _findings(hub, "residue") if not item["person"] and item["severity"] == "warning"]

    assert [item["entries"][0]["source"] for item in found] == ["gmail"]
    assert done["request"] in found[0]["what"]
    assert not [value for value in VALUES if value in found[0]["what"]]
    hub("report", "--accept", found[0]["id"], "--reason", "nimetty uudelleen")
    assert found[0]["id"] not in {item["id"] for item in _findings(hub, "residue")}


def test_a_bin_is_named_while_it_holds_her_and_to_be_looked_at_right_after(hub: Hub, config: Path, gmail: StandIn) -> None:
    """Google's thirty days: the erase writes the last day down; the first night after it, the report asks to look."""
    request = _erase(hub, gmail)
    until = undo.today() + timedelta(days=30)
    with ledger.opened(config.parent / "state") as book:
        assert book.load(request).rechecks == {"gmail": until.isoformat()}

    def bins() -> list[tuple[str, bool]]:
        found = [
            item for item in _findings(hub, "residue") if item["entries"][0]["ref"] is None and until.isoformat() in item["what"]
        ]
        return [(item["severity"], "accept" in item["proposal"]) for item in found]

    assert bins() == [("info", False)]
    with ledger.opened(config.parent / "state") as book:
        changed = book.load(request)
        until = undo.today() - timedelta(days=1)
        changed.rechecks = {"gmail": until.isoformat()}
        book.save(changed)
    assert bins() == [("warning", True)]
    with ledger.opened(config.parent / "state") as book:
        until -= timedelta(days=20)
        changed.rechecks = {"gmail": until.isoformat()}
        book.save(changed)
    assert bins() == []


def test_the_hashes_end_and_the_ledger_says_so(hub: Hub, config: Path, gmail: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """After `remember_days` nobody is known again, and no hash is left; the request tells the day."""
    config.write_text("remember_days = 100\n" + config.read_text(encoding="utf-8"), encoding="utf-8")
    request = _erase(hub, gmail)
    _among_the_cards(config.parent, gmail, gmail)  # type: ignore[arg-type]  # the cards are files, no server is asked
    assert len(_findings(hub, "reappeared")) == 1
    today = undo.today()
    monkeypatch.setattr(undo, "today", lambda: today + timedelta(days=100))
    assert len(_findings(hub, "reappeared")) == 1

    monkeypatch.setattr(undo, "today", lambda: today + timedelta(days=101))

    assert _findings(hub, "reappeared") == []
    with ledger.opened(config.parent / "state") as book:
        assert book.load(request).forgotten == (today + timedelta(days=101)).isoformat()
        assert book.broken()[1] == []
    shown = hub("request", "show", request)[1]
    assert shown["forgotten"] == (today + timedelta(days=101)).isoformat()
    assert shown["rechecks"] == {"gmail": (today + timedelta(days=30)).isoformat()}


def test_with_remember_days_0_nobody_is_remembered(hub: Hub, config: Path, gmail: StandIn) -> None:
    """The owner may want no hashes at all."""
    config.write_text("remember_days = 0\n" + config.read_text(encoding="utf-8"), encoding="utf-8")

    _erase(hub, gmail)

    assert not (config.parent / "state" / "suppression.db").exists()
