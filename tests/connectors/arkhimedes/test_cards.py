"""A customer: the row in the export goes, the card in the program waits for a hand, and a newer export tells the truth."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from connectors.entry import Cursor, Disposal, Entry, Unreadable
from connectors.errors import Conflict, Damaged, NotFound, Refused, Unreachable
from tests.connectors.arkhimedes.made import COLUMNS, DAY, FIRM, MAIJA, NOON, entries, export, one, source


def test_a_private_person_is_known_by_family_name_first(tmp_path: Path) -> None:
    """Isolta's whole name is read surname first for those marked private; a company's name is no person's."""
    export(tmp_path, "asiakkaat.csv", MAIJA, FIRM)
    maija, firm = (entry for entry in entries(source(tmp_path)) if entry.ref.startswith("r"))

    assert maija.values("name", "family", "given") == ("Malli Maija", "Malli", "Maija")
    assert (firm.values("company"), firm.values("name")) == (("Kahvila Kulma",), ("Esko Eero",))
    assert maija.values("customer_number", "note") == ("1007", "Tuntee Eeron")
    assert [column.column for column in source(tmp_path).coverage() if not column.known] == []


def test_row_and_card_are_entries_of_their_own(tmp_path: Path) -> None:
    """The row is erased by the hub; the card, told by its number and not by the name, waits for a hand."""
    export(tmp_path, "asiakkaat.csv", MAIJA)
    row, card = one(source(tmp_path), "r"), one(source(tmp_path), "c")

    assert (row.disposal, card.disposal) == (Disposal.ERASE, Disposal.MANUAL)
    assert str(card.locator) == "Isolta Arkhimedes, customer card 1007"
    assert card.values("email") == ("maija@malli.example",)


def test_the_row_goes_and_the_age_of_the_export_stays(tmp_path: Path) -> None:
    """Every other byte and the file's time are as before, so that an old export does not look new."""
    path = export(tmp_path, "asiakkaat.csv", MAIJA, FIRM)
    row = one_named(tmp_path, "Malli Maija")

    assert source(tmp_path).erase(row.ref, row.version).result == "erased"

    assert path.read_bytes() == f"{COLUMNS}\r\n{FIRM}\r\n".encode("cp1252")
    assert path.stat().st_mtime == NOON


def one_named(folder: Path, name: str) -> Entry:
    """The row of that name."""
    return next(entry for entry in entries(source(folder)) if entry.ref.startswith("r") and name in entry.values("name"))


def test_a_hand_is_believed_until_a_newer_export_says_otherwise(tmp_path: Path) -> None:
    """The card step ends by the owner's word, with a note while no newer export shows it; a newer one reopens it."""
    export(tmp_path, "asiakkaat-01.csv", MAIJA, FIRM)
    row, card = (
        one_named(tmp_path, "Malli Maija"),
        next(e for e in entries(source(tmp_path)) if "1007" in e.locator and e.ref[0] == "c"),
    )
    source(tmp_path).erase(row.ref, row.version)

    with pytest.raises(NotFound):
        source(tmp_path).get(card.ref)
    word = source(tmp_path).erase(card.ref, card.version)
    assert (word.result, len(word.notes), word.seen) == ("already_absent", 1, False)

    export(tmp_path, "asiakkaat-02.csv", MAIJA, FIRM, day=1)
    assert source(tmp_path).get(card.ref).disposal is Disposal.MANUAL
    with pytest.raises(Refused):
        source(tmp_path).erase(card.ref, card.version)

    export(tmp_path, "asiakkaat-03.csv", FIRM, day=2)
    with pytest.raises(NotFound):
        source(tmp_path).get(card.ref)
    seen = source(tmp_path).erase(card.ref, card.version)
    assert (seen.result, seen.notes, seen.seen) == ("already_absent", (), True)
    assert any(
        "asiakkaat-02.csv" in entry.locator for entry in entries(source(tmp_path)) if "Malli Maija" in entry.values("name")
    )


def test_a_card_changed_in_a_newer_export_is_still_there(tmp_path: Path) -> None:
    """Another address on the card does not make it another card."""
    export(tmp_path, "asiakkaat.csv", MAIJA)
    card = one(source(tmp_path), "c")
    export(tmp_path, "asiakkaat-2.csv", MAIJA.replace("Kuja 1", "Kuja 9"), day=1)

    with pytest.raises(Refused):
        source(tmp_path).erase(card.ref, card.version)


def test_a_program_no_longer_used_has_no_cards(tmp_path: Path) -> None:
    """Service = closed: only the files are left."""
    export(tmp_path, "asiakkaat.csv", MAIJA)

    assert [entry.ref[0] for entry in entries(source(tmp_path, service="closed"))] == ["r"]


def test_a_list_of_invoices_is_no_list_of_cards(tmp_path: Path) -> None:
    """Its rows go; they say nothing of cards in the program."""
    (tmp_path / "laskuluettelo.csv").write_text("Laskunumero;Asiakas;Summa\n1005;Malli Maija;124,00\n", encoding="utf-8")

    assert [entry.ref[0] for entry in entries(source(tmp_path))] == ["r"]


def test_only_a_newer_export_of_its_kind_shows_that_a_card_is_gone(tmp_path: Path) -> None:
    """A newer list of other customers, or of invoices, proves nothing; the owner's word stands, and is called no more."""
    export(tmp_path, "henkilöt-01.csv", MAIJA, FIRM)
    card = next(entry for entry in entries(source(tmp_path)) if entry.ref[0] == "c" and "1007" in entry.locator)
    export(tmp_path, "yritykset-02.csv", FIRM, day=1)
    invoices = tmp_path / "laskuluettelo.csv"
    invoices.write_text("Laskunumero;Asiakas;Summa\n1005;Muu Matti;124,00\n", encoding="utf-8")
    os.utime(invoices, (NOON + 2 * DAY,) * 2)

    word = source(tmp_path).erase(card.ref, card.version)
    assert (word.result, word.seen, len(word.notes)) == ("already_absent", False, 1)

    export(tmp_path, "henkilöt-02.csv", FIRM, day=1)
    proof = source(tmp_path).erase(card.ref, card.version)
    assert (proof.result, proof.seen, proof.notes) == ("already_absent", True, ())


def test_an_export_under_another_name_is_a_newer_one_when_the_old_kind_is_gone(tmp_path: Path) -> None:
    """The owner names her exports otherwise now, and has removed the old ones."""
    old = export(tmp_path, "henkilöt.csv", MAIJA, FIRM)
    card = next(entry for entry in entries(source(tmp_path)) if entry.ref[0] == "c" and "1007" in entry.locator)
    export(tmp_path, "asiakkaat.csv", FIRM, day=1)
    assert not source(tmp_path).erase(card.ref, card.version).seen

    old.unlink()
    assert source(tmp_path).erase(card.ref, card.version).seen


def test_an_export_over_the_old_one_is_a_newer_one(tmp_path: Path) -> None:
    """The program writes every export under one name: its new time tells."""
    export(tmp_path, "asiakkaat.csv", MAIJA, FIRM)
    card = next(entry for entry in entries(source(tmp_path)) if entry.ref[0] == "c" and "1007" in entry.locator)
    export(tmp_path, "asiakkaat.csv", FIRM)
    assert not source(tmp_path).erase(card.ref, card.version).seen

    export(tmp_path, "asiakkaat.csv", FIRM, day=1)
    assert source(tmp_path).erase(card.ref, card.version).seen


def test_a_renamed_export_is_a_conflict(tmp_path: Path) -> None:
    """A row whose file has another name now is not called absent."""
    path = export(tmp_path, "asiakkaat.csv", MAIJA)
    row = one(source(tmp_path), "r")
    path.rename(tmp_path / "vanhat.csv")

    with pytest.raises(Conflict):
        source(tmp_path).erase(row.ref, row.version)


def test_an_old_export_is_stale(tmp_path: Path) -> None:
    """The newest file's time decides, and stands in the cursor."""
    path = export(tmp_path, "asiakkaat.csv", MAIJA)
    assert source(tmp_path, stale_after_days=1).check().state == "stale"
    cursor = next(item for item in source(tmp_path).entries() if isinstance(item, Cursor))
    assert cursor.as_of.startswith("2026-09-")
    os.utime(path, (time.time() - DAY / 2,) * 2)
    assert source(tmp_path, stale_after_days=1).check().state == "ok"


def test_one_vanished_file_hides_nobody_else(tmp_path: Path) -> None:
    """A file that cannot be read is told by name; the customers of the others are listed."""
    export(tmp_path, "asiakkaat.csv", MAIJA)
    (tmp_path / "poissa.csv").symlink_to(tmp_path / "ei-ole.csv")
    (tmp_path / "rikki.csv").write_bytes(b"\x00" * 50)

    told = [str(item.locator) for item in source(tmp_path).entries() if isinstance(item, Unreadable)]

    assert told == ["rikki.csv"]
    assert [entry.ref[0] for entry in entries(source(tmp_path))] == ["r", "c"]


def test_a_folder_without_exports_is_never_nothing_found(tmp_path: Path) -> None:
    """No folder, an empty one and one of broken files are told."""
    with pytest.raises(Unreachable):
        entries(source(tmp_path / "ei"))
    with pytest.raises(Unreachable):
        entries(source(tmp_path))
    (tmp_path / "lasku.pdf").write_bytes(b"%PDF-1.4 rikki")
    with pytest.raises(Damaged):
        entries(source(tmp_path))
