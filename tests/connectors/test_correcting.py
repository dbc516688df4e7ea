"""Corrections in rows and cards that are not plain: several values, several persons, values that must stay text, links."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import _corrections
from connectors._cardcorrect import corrected
from connectors._cardlines import cards
from connectors._vcard import fields_of
from connectors.contract import Connector, Correction
from connectors.csv_table import CsvConnector
from connectors.entry import Entry
from connectors.errors import HubError, Refused
from connectors.excel.connector import ExcelConnector

HEAD = "Yritys;Nimi;Puhelin;Sähköposti;Muistiinpano\r\n"
NEW = "050 123 9999"


def listed(connector: Connector, email: str) -> Entry:
    """The entry with this e-mail."""
    return next(item for item in connector.entries() if isinstance(item, Entry) and email in item.values("email"))


def csv(folder: Path, *rows: str) -> tuple[Path, CsvConnector]:
    """A table of these rows."""
    path = folder / "lista.csv"
    path.write_bytes((HEAD + "".join(f"{row}\r\n" for row in rows)).encode())
    return path, CsvConnector("lista", {"path": path})


def test_of_a_shared_cell_only_her_part_changes(tmp_path: Path) -> None:
    """Two persons in a row: the other's phone, the separators and every other byte stay."""
    row = "Malli Oy;Maija Malli / Eero Esko;040 123 4567 / 050 123 4500;maija@malli.example / eero@esko.example;yhteinen"
    path, connector = csv(tmp_path, row)
    entry = listed(connector, "maija@malli.example")

    connector.rectify(entry.ref, entry.version, [Correction("phone", "040 123 4567", NEW)])

    assert path.read_bytes().decode() == HEAD + row.replace("040 123 4567", NEW) + "\r\n"


def test_a_phone_that_is_kept_as_text_stays_text(tmp_path: Path) -> None:
    """`="040…"` keeps its sign, so that no program counts with the number."""
    path, connector = csv(tmp_path, 'Malli Oy;Maija Malli;="0401234567";maija@malli.example;')
    entry = listed(connector, "maija@malli.example")

    connector.rectify(entry.ref, entry.version, [Correction("phone", "0401234567", "0501239999")])

    assert '"=""0501239999"""' in path.read_text(encoding="utf-8")
    assert listed(connector, "maija@malli.example").values("phone") == ("0501239999",)


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("name", "Maija Laine", "Maija Virta"),
        ("phone", "040 123 4567", "040 123 4567 / 050 123 9999"),
        ("company", "Malli Oy", "Uusi Oy"),
    ],
)
def test_what_would_be_read_otherwise_is_refused(tmp_path: Path, kind: str, old: str, new: str) -> None:
    """A name written in short, a value that would be two, what belongs to the record: refused, and no byte changes."""
    path, connector = csv(tmp_path, "Malli Oy;Maija ja Pekka Laine;040 123 4567;maija@malli.example;")
    entry, before = listed(connector, "maija@malli.example"), path.read_bytes()

    with pytest.raises(HubError):
        connector.rectify(entry.ref, entry.version, [Correction(kind, old, new)])

    assert path.read_bytes() == before


def test_a_cell_with_a_link_is_left_to_a_hand(tmp_path: Path) -> None:
    """An e-mail that is a link would keep the old address behind the new one."""
    path = tmp_path / "asiakkaat.xlsx"
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Yritys", "Yhteyshenkilö", "Sähköposti"])
    sheet.append(["Malli Oy", "Maija Malli", "maija@malli.example"])
    sheet["C2"].hyperlink = "mailto:maija@malli.example"
    book.save(path)
    connector, before = ExcelConnector("asiakkaat", {"path": path}), path.read_bytes()
    entry = listed(connector, "maija@malli.example")

    with pytest.raises(Refused):
        connector.rectify(entry.ref, entry.version, [Correction("email", "maija@malli.example", "maija@uusi.example")])

    assert path.read_bytes() == before


def test_a_formula_that_shows_the_old_value_is_worked_out_again(tmp_path: Path) -> None:
    """LibreOffice shows a stored result as it is: the old e-mail would go on standing there."""
    path = tmp_path / "asiakkaat.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Yritys", "Yhteyshenkilö", "Sähköposti", "Tarra"])
        sheet.write_row(1, 0, ["Malli Oy", "Maija Malli", "maija@malli.example"])
        sheet.write_formula(1, 3, '=B2&" <"&C2&">"', None, "Maija Malli <maija@malli.example>")
    connector = ExcelConnector("asiakkaat", {"path": path})
    entry = listed(connector, "maija@malli.example")

    connector.rectify(entry.ref, entry.version, [Correction("email", "maija@malli.example", "maija@uusi.example")])

    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert [name for name, data in parts.items() if b"maija@malli" in data] == []
    assert b'fullCalcOnLoad="1"' in parts["xl/workbook.xml"]


CARD = (
    "BEGIN:VCARD\r\nVERSION:{version}\r\nUID:u1\r\nN:Malli;Maija;;;\r\nFN:Maija Malli\r\nORG:Malli Oy;Myynti\r\n"
    "item1.TEL;TYPE=cell:040 123 4567\r\nitem1.X-ABLabel:oma\r\nEMAIL;TYPE=work:maija@malli.example\r\n"
    "ADR;TYPE=home:;;Kuja 1;Turku;;20100;Suomi\r\nNOTE:Hei\\, vaan\r\nX-OUTO;A=b:pysyy\r\nEND:VCARD\r\n"
)


@pytest.mark.parametrize("version", ["2.1", "3.0", "4.0"])
@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("phone", "040 123 4567", NEW),
        ("email", "maija@malli.example", "maija@uusi.example"),
        ("address", "Kuja 1", "Tie; 2, as 3"),
        ("city", "Turku", "Åbo"),
        ("family", "Malli", "Möller"),
    ],
)
def test_a_card_changes_in_one_line(version: str, kind: str, old: str, new: str) -> None:
    """Every other line keeps its bytes, whatever the version of the card."""
    data = CARD.format(version=version).encode()
    (card,) = cards(data)

    after = corrected(card, [Correction(kind, old, new)])

    changed = [line for line in cards(after)[0].lines if line.raw not in data]
    assert len(changed) == 1
    assert len(cards(after)[0].lines) == len(card.lines)
    assert (kind, new) in {(item.kind, item.value) for item in fields_of(cards(after)[0])}


@settings(max_examples=60)
@given(new=st.text(min_size=1, max_size=40).map(str.strip).filter(bool), version=st.sampled_from(["2.1", "3.0", "4.0"]))
def test_any_text_is_read_back_or_refused(new: str, version: str) -> None:
    """No text breaks a card: it is read back as it was written, or nothing is."""
    (card,) = cards(CARD.format(version=version).encode())
    wanted = [Correction("note", "Hei, vaan", new)] if version != "2.1" else [Correction("email", "maija@malli.example", new)]
    try:
        after = corrected(card, wanted)
    except Refused:
        return

    assert _corrections.is_done(fields_of(cards(after)[0]), wanted) or new == wanted[0].old
