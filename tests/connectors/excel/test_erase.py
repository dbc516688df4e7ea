"""What an erase takes from a workbook, and what it leaves."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import xlsxwriter

from connectors._needles import Matcher
from connectors.contract import Needle
from connectors.errors import Conflict
from tests.connectors.excel.books import (
    HEADER,
    ROWS,
    change,
    entries,
    handmade,
    inline,
    of,
    open_source,
    parts_of,
    register,
    remove,
    texts,
)

SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"


def test_cells_go_and_the_record_stays(tmp_path: Path) -> None:
    """The person's cells are emptied; company, service, price and every other row stay."""
    path = register(tmp_path / "a.xlsx", title="Asiakkaat")
    before = texts(path)["Asiakkaat"]
    source = open_source(path)
    assert remove(source, of(source, "Pekka Laine")) == "redacted"
    after = texts(path)["Asiakkaat"]
    assert {place for place in before if place not in after} == {"B6", "C6", "D6"}
    assert {place: value for place, value in before.items() if place in after} == after


def test_row_goes_whole_and_nothing_shifts(tmp_path: Path) -> None:
    """Row mode empties every cell of the row, formulas too, and moves nothing."""
    rows = [[*row, f"=F{number}*2"] for number, row in enumerate(ROWS, 2)]
    path = register(tmp_path / "a.xlsx", rows, [*HEADER, "Yhteensä"])
    before = texts(path)["Asiakkaat"]
    source = open_source(path, on_erase="row")
    assert remove(source, of(source, "Pekka Laine")) == "erased"
    after = texts(path)["Asiakkaat"]
    assert {place for place in before if place not in after} == {f"{column}3" for column in "ABCDEFG"}
    assert {place: value for place, value in before.items() if place in after} == after
    row = re.search(rb'<row r="3".*?</row>', parts_of(path)[SHEET])
    assert row is not None
    assert b"<v>" not in row[0]


def test_second_run_finds_nothing_to_do(tmp_path: Path) -> None:
    """The same erase again is a no-op that leaves every byte."""
    path = register(tmp_path / "a.xlsx")
    for mode in ("cells", "row"):
        source = open_source(path, on_erase=mode)
        entry = entries(source)[0]
        remove(source, entry)
        bytes_after = path.read_bytes()
        assert remove(source, entry) == "already_absent"
        assert path.read_bytes() == bytes_after


def test_only_the_touched_parts_change(tmp_path: Path) -> None:
    """Members that hold nothing of hers are the same, as are all bytes of the sheet outside her row."""
    path = register(tmp_path / "a.xlsx")
    before = parts_of(path)
    source = open_source(path)
    remove(source, of(source, "Liisa Öberg"))
    after = parts_of(path)
    assert list(after) == list(before)
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {SHEET, STRINGS, "xl/workbook.xml"}
    row = re.compile(rb'<row r="4".*?</row>')
    assert row.sub(b"", before[SHEET]) == row.sub(b"", after[SHEET])


def test_no_value_is_left_in_the_file(tmp_path: Path) -> None:
    """Shared strings that nobody shows any more are emptied in place, so that no index moves."""
    path = register(tmp_path / "a.xlsx")
    source = open_source(path)
    entry = of(source, "Maija Virtanen")
    count = parts_of(path)[STRINGS].count(b"<si>")
    remove(source, entry)
    assert parts_of(path)[STRINGS].count(b"<si>") == count
    matcher = Matcher(
        [Needle("name", "Maija Virtanen"), Needle("email", "maija.virtanen@posti.example"), Needle("phone", "+358441234567")]
    )
    assert not any(matcher.in_bytes(data) for data in parts_of(path).values())
    assert not source.residue([Needle("name", "Maija Virtanen"), Needle("email", "maija.virtanen@posti.example")])


def test_a_namesakes_name_stays(tmp_path: Path) -> None:
    """A shared string that another row shows stays, and so does the namesake's row."""
    rows = [ROWS[0], ["Toinen Oy", "Maija Virtanen", "mv@toinen.example", "0501234568", "Luento", 5]]
    path = register(tmp_path / "a.xlsx", rows)
    source = open_source(path)
    first, second = entries(source)
    remove(source, first)
    assert entries(source)[1:] == [second]
    assert texts(path)["Asiakkaat"]["B3"] == "Maija Virtanen"


def test_shared_cells_lose_only_her_part(tmp_path: Path) -> None:
    """In a cell of several persons only her part goes, and the other entry is the same to the hash."""
    rows = [
        ["Malli Oy", "Maija Virtanen / Pekka Laine", "maija@m.example; pekka@m.example", "0401234567 / 0501234567", "Kurssi", 1]
    ]
    path = register(tmp_path / "a.xlsx", rows)
    for mode in ("cells", "row"):
        register(path, rows)
        source = open_source(path, on_erase=mode)
        hers, his = entries(source)
        assert remove(source, hers) == "redacted"
        assert list(texts(path)["Asiakkaat"].values())[6:] == [
            "Malli Oy",
            "Pekka Laine",
            "pekka@m.example",
            "0501234567",
            "Kurssi",
            1,
        ]
        left = entries(source)
        assert [(entry.ref, entry.version) for entry in left] == [(his.ref, his.version)]
        assert remove(source, hers) == "already_absent"


def test_shared_family_name_is_written_out(tmp_path: Path) -> None:
    """When "Laine" goes with Pekka, "Maija ja Pekka Laine" leaves "Maija Laine"."""
    path = register(tmp_path / "a.xlsx", [["", "Maija ja Pekka Laine", "", "", "Kurssi", 1]])
    source = open_source(path)
    maija, pekka = entries(source)
    remove(source, pekka)
    assert texts(path)["Asiakkaat"]["B2"] == "Maija Laine"
    assert [(entry.ref, entry.version) for entry in entries(source)] == [(maija.ref, maija.version)]


def test_rich_text_keeps_its_looks(tmp_path: Path) -> None:
    """A name in bold beside another in red: the other's run stays as it is, joined runs are searched as one."""
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        bold, red = book.add_format({"bold": True}), book.add_format({"font_color": "red"})
        sheet.write_row(0, 0, ["Nimi", "Palvelu"])
        sheet.write_rich_string(1, 0, bold, "Maija Vir", "tanen; ", red, "Pekka Laine")
        sheet.write_rich_string(1, 1, "Tunti: Mai", bold, "ja Virta", "nen klo 8")
    source = open_source(path)
    remove(source, entries(source)[0])
    assert list(texts(path)["Sheet1"].values()) == ["Nimi", "Palvelu", "Pekka Laine", "Tunti:  klo 8"]
    cell = re.search(rb'<c r="A2".*?</c>', parts_of(path)[SHEET])
    assert cell is not None
    assert b"FFFF0000" in cell[0]
    assert b"Maija" not in parts_of(path)[STRINGS]


def test_free_text_loses_her_values_only(tmp_path: Path) -> None:
    """On a sheet that is no register her name, address and number are cut out of the text around them."""
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Asiakkaat")
        sheet.write_row(0, 0, HEADER)
        for number, row in enumerate(ROWS, 1):
            sheet.write_row(number, 0, row)
        notes = book.add_worksheet("Muistio")
        notes.write(0, 0, "Soita: Maija Virtanen, 044-1234567 (maija.virtanen@posti.example)!")
        notes.write(1, 0, "Pekka Laine, 050 123 4567")
        notes.write(2, 0, 441234567)
        notes.write(3, 0, "Virtanen Maija")
    source = open_source(path)
    hers = of(source, "Maija Virtanen")
    outcome = source.redact(hers.ref, hers.version, [field.kind for field in hers.leaving()])
    assert [note.values for note in outcome.notes] == [{"sheet": "Muistio", "cells": "A1, A3, A4"}]
    left = texts(path)["Muistio"]
    assert left["A2"] == "Pekka Laine, 050 123 4567"
    assert left["A1"] == "Soita: ,  ()!"
    assert set(left) == {"A1", "A2"}


def test_formulas_forget_her(tmp_path: Path) -> None:
    """A literal that names her is replaced, a stored text that shows her goes, and the formula stays."""
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Asiakkaat")
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, ROWS[0])
        sheet.write_row(2, 0, ROWS[1])
        other = book.add_worksheet("Haku")
        other.write_formula(0, 0, '=VLOOKUP("Maija Virtanen",Asiakkaat!B:F,5,FALSE)', None, 490)
        other.write_formula(1, 0, "=Asiakkaat!B2", None, "Maija Virtanen")
        other.write_formula(2, 0, "=Asiakkaat!B3", None, "Pekka Laine")
    source = open_source(path)
    remove(source, of(source, "Maija Virtanen"))
    data = parts_of(path)["xl/worksheets/sheet2.xml"]
    assert b"Maija" not in data
    assert b"<f>Asiakkaat!B2</f>" in data
    assert b"<f>Asiakkaat!B3</f><v>Pekka Laine</v>" in data
    assert re.search(rb'VLOOKUP\("[^"]+",Asiakkaat!B:F,5,FALSE\)', data)


def test_a_changed_row_is_a_conflict(tmp_path: Path) -> None:
    """A row edited since the plan is not touched."""
    path = register(tmp_path / "a.xlsx")
    source = open_source(path)
    entry = of(source, "Pekka Laine")
    change(path, STRINGS, lambda data: data.replace(b"pekka@malli", b"pekka.l@malli"))
    before = path.read_bytes()
    with pytest.raises(Conflict):
        remove(source, entry)
    assert path.read_bytes() == before


@pytest.mark.parametrize("rename", [False, True])
def test_a_moved_row_is_a_conflict(tmp_path: Path, rename: bool) -> None:
    """A row that stands at another place now, or under another name, is never taken for erased."""
    path = register(tmp_path / "a.xlsx")
    source = open_source(path)
    entry = of(source, "Pekka Laine")
    moved = [["Pekan Oy", "Pekka Laine-Malli", *ROWS[1][2:]]] if rename else [ROWS[1]]
    register(path, [ROWS[0], *moved, ROWS[2]] if rename else [ROWS[0], ["Uusi Oy", "Uusi Ihminen"], *moved, ROWS[2]])
    before = path.read_bytes()
    with pytest.raises(Conflict):
        remove(source, entry)
    assert path.read_bytes() == before


def test_other_rows_do_not_make_it_stale(tmp_path: Path) -> None:
    """Erasing one person after the other with the refs of one plan works."""
    path = register(tmp_path / "a.xlsx")
    source = open_source(path)
    for entry in entries(source):
        assert remove(source, entry) == "redacted"
    assert [entry.values("name", "email", "phone") for entry in entries(source)] == [(), ()]


def test_only_the_named_fields_go(tmp_path: Path) -> None:
    """Redacting the phone leaves the name, and the second time there is nothing to do."""
    path = register(tmp_path / "a.xlsx")
    source = open_source(path)
    entry = of(source, "Pekka Laine")
    assert source.redact(entry.ref, entry.version, ["phone"]).result == "redacted"
    assert of(source, "Pekka Laine").values("phone", "email") == ("pekka@malli.example",)
    assert source.redact(entry.ref, entry.version, ["phone"]).result == "already_absent"
    assert source.redact(entry.ref, of(source, "Pekka Laine").version, ["name", "email"]).result == "redacted"
    assert source.redact(entry.ref, entry.version, ["name", "email"]).result == "already_absent"


def test_what_other_entries_bear_is_not_cut(tmp_path: Path) -> None:
    """A phone two persons have stays in the free text, even when it is given as a needle."""
    rows = [["", "Maija Virtanen", "m@x.example", "0401234567", "", 1], ["", "Pekka Laine", "", "0401234567", "", 1]]
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Asiakkaat")
        for number, row in enumerate([HEADER, *rows]):
            sheet.write_row(number, 0, row)
        book.add_worksheet("Muistio").write(0, 0, "040 1234567")
    source = open_source(path)
    entry = of(source, "Maija Virtanen")
    source.redact(entry.ref, entry.version, ["name", "email", "phone"], [Needle("phone", "+358401234567")])
    assert texts(path)["Muistio"] == {"A1": "040 1234567"}
    assert of(source, "Pekka Laine").values("phone") == ("0401234567",)


def test_given_needles_are_cut(tmp_path: Path) -> None:
    """A value known from another source goes from the free text too."""
    path = tmp_path / "a.xlsx"
    sheets = {"S": inline([["Nimi", "Puhelin"], ["Maija Virtanen", "0401234567"]]), "T": inline([["kirjoita maija@muu.example"]])}
    source = open_source(handmade(path, sheets))
    entry = entries(source)[0]
    source.redact(entry.ref, entry.version, ["name", "phone", "email"], [Needle("email", "maija@muu.example")])
    assert texts(path)["T"] == {"A1": "kirjoita "}


def test_conflict_copies_are_erased_each(tmp_path: Path) -> None:
    """An entry of a copy is erased in the copy and not in the workbook."""
    path, copy = register(tmp_path / "a.xlsx"), register(tmp_path / "a 2.xlsx")
    source = open_source(path)
    before = path.read_bytes()
    entry = next(entry for entry in entries(source) if entry.copy_of and "Maija Virtanen" in entry.values("name"))
    assert remove(source, entry) == "redacted"
    assert path.read_bytes() == before
    assert "B2" not in texts(copy)["Asiakkaat"]
    copy.unlink()
    assert remove(source, entry) == "already_absent"
