"""Erases that are refused, and what an erase leaves alone in workbooks of unusual make."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from connectors.contract import Needle
from connectors.entry import Version
from connectors.errors import Refused
from tests.connectors.excel.books import (
    HEADER,
    MAIN,
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


def shared_formula_book(path: Path, first: int = 2) -> Path:
    """A register whose column C is one shared formula, its master in row `first`."""
    lines = ['<row r="1"><c r="A1" t="inlineStr"><is><t>Nimi</t></is></c><c r="B1" t="inlineStr"><is><t>Hinta</t></is></c></row>']
    people = ["Maija Virtanen", "Pekka Laine", "Liisa Mäki"]
    for number, name in enumerate(people, 2):
        master = f' ref="C{first}:C4"' if number == first else ""
        text = f"B{number}*2" if number == first else ""
        lines.append(
            f'<row r="{number}"><c r="A{number}" t="inlineStr"><is><t>{name}</t></is></c><c r="B{number}"><v>{number}</v></c>'
            f'<c r="C{number}"><f t="shared"{master} si="0">{text}</f><v>{number * 2}</v></c></row>'
        )
    head = '<c r="C1" t="inlineStr"><is><t>Yhteensä</t></is></c></row>'
    lines[0] = lines[0].replace("</row>", head)
    return handmade(path, {"S": "".join(lines)})


def test_a_shared_formula_moves_on(tmp_path: Path) -> None:
    """When the row that carries a shared formula goes, the next row carries it; nothing of hers was in that cell."""
    path = shared_formula_book(tmp_path / "a.xlsx")
    source = open_source(path, on_erase="row")
    first = entries(source)[0]
    outcome = source.erase(first.ref, first.version)
    assert (outcome.result, outcome.notes) == ("erased", ())
    data = parts_of(path)[SHEET]
    assert b'<f t="shared" ref="C3:C4" si="0">B3*2</f>' in data
    assert {place: value for place, value in texts(path)["S"].items() if place[0] == "C"} == {
        "C1": "Yhteensä",
        "C3": "=B3*2",
        "C4": "=B4*2",
    }


def test_an_array_formula_over_several_rows_is_refused(tmp_path: Path) -> None:
    """A row inside an array formula cannot be emptied; nothing changes."""
    rows = inline([["Nimi", "Hinta"], ["Maija Virtanen", 1], ["Pekka Laine", 2]])
    rows = rows.replace("<v>1</v></c></row>", '<v>1</v></c><c r="C2"><f t="array" ref="C2:C3">B2:B3*2</f><v>2</v></c></row>')
    path = handmade(tmp_path / "a.xlsx", {"S": rows.replace("<v>2</v></c></row>", '<v>2</v></c><c r="C3"><v>4</v></c></row>')})
    source = open_source(path, on_erase="row")
    before = path.read_bytes()
    for entry in entries(source):
        with pytest.raises(Refused, match="array"):
            remove(source, entry)
    assert path.read_bytes() == before


def test_a_merged_cell_over_several_rows_is_refused(tmp_path: Path) -> None:
    """A row whose company is merged with the next row's cannot be emptied whole."""
    sheet = (
        f'<worksheet xmlns="{MAIN}"><sheetData>' + inline([["Yritys", "Nimi"], ["Malli Oy", "Maija Virtanen"], ["", "Pekka Laine"]])
        + '</sheetData><mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells></worksheet>'
    )  # fmt: skip
    path = handmade(tmp_path / "a.xlsx", {"S": sheet})
    source = open_source(path, on_erase="row")
    first, second = entries(source)
    with pytest.raises(Refused, match="merged"):
        remove(source, first)
    assert remove(source, second) == "erased"
    assert remove(open_source(path), entries(open_source(path))[0]) == "redacted"
    assert list(texts(path)["S"].values()) == ["Yritys", "Nimi", "Malli Oy"]


HOSTILE = [
    "=cmd|'/c calc'!A1", "<script>alert(1)</script> & co", "x" * 10_000, "a\x00b".replace("\x00", "_x0000_"), "\u202eoikealta\u202c", "_x000D_",
    "]]>", "'alku", "😀 hymy", "A\u0308iti",
]  # fmt: skip


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_values_survive_and_go(tmp_path: Path, value: str) -> None:
    """Whatever stands in a cell is read, is left alone in other rows, and goes with its own row."""
    rows = [["", "Maija Virtanen", "", "", value, 1], ["", "Pekka Laine", "", "", value, 2]]
    path = register(tmp_path / "a.xlsx", rows, [*HEADER[:4], "Muistiinpano", "Hinta"])
    source = open_source(path)
    first, second = entries(source)
    remove(source, first)
    assert [(entry.ref, entry.version) for entry in entries(source)] == [(second.ref, second.version)]
    remove(source, second)
    assert entries(source) == []
    assert list(texts(path)["Asiakkaat"]) == ["A1", "B1", "C1", "D1", "E1", "F1", "F2", "F3"]


def test_unknown_refs_are_absent(tmp_path: Path) -> None:
    """A ref of a row, sheet or copy that does not exist is already absent."""
    source = open_source(register(tmp_path / "a.xlsx"))
    entry = entries(source)[0]
    for ref in ("s9-2-00000000", "s1-99-00000000", "c00000000-1-2-00000000", "anything", ""):
        assert source.erase(type(entry.ref)(ref), Version("x.y")).result == "already_absent"


def test_utf16_strict_and_prefixed_parts(tmp_path: Path) -> None:
    """A sheet in UTF-16 with a prefix of its own stays so: only her cells' bytes change."""
    rows = inline([["Nimi", "Puhelin"], ["Maija Virtanen", "0401234567"], ["Pekka Läine", "0501234567"]])
    prefixed = re.sub(r"<(/?)(row|c|is|t|v)\b", r"<\1x:\2", rows)
    sheet = f'<x:worksheet xmlns:x="http://purl.oclc.org/ooxml/spreadsheetml/main"><x:sheetData>{prefixed}</x:sheetData></x:worksheet>'
    path = handmade(
        tmp_path / "a.xlsx",
        {"S": sheet},
        encoding="utf-16",
        space="http://purl.oclc.org/ooxml/spreadsheetml/main",
        relations="http://purl.oclc.org/ooxml/officeDocument/relationships",
    )
    source = open_source(path)
    before = parts_of(path)[SHEET].decode("utf-16")
    remove(source, entries(source)[0])
    after = parts_of(path)[SHEET].decode("utf-16")
    assert after == re.sub(r'(<x:c r="[AB]2") t="inlineStr">.*?</x:c>', r"\1/>", before)


def test_a_merged_name_is_refused_in_both_rows(tmp_path: Path) -> None:
    """A name merged over two rows is the name of both, and goes from neither: Excel must unmerge it first."""
    data = inline([["Nimi", "Palvelu"], ["Maija Virtanen", "Kurssi"], ["", "Luento"]])
    sheet = (
        f'<worksheet xmlns="{MAIN}"><sheetData>{data}</sheetData><mergeCells><mergeCell ref="A2:A3"/></mergeCells></worksheet>'
    )
    path = handmade(tmp_path / "a.xlsx", {"S": sheet})
    source = open_source(path)
    found = entries(source)
    assert [entry.values("name") for entry in found] == [("Maija Virtanen",)] * 2
    before = path.read_bytes()
    for entry in found:
        with pytest.raises(Refused, match="merged"):
            remove(source, entry)
    assert path.read_bytes() == before


def test_stored_results_of_her_values_go(tmp_path: Path) -> None:
    """A formula elsewhere that shows her address or her number as a number forgets it; a common word stays."""
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Asiakkaat")
        for number, row in enumerate(
            [
                ["Nimi", "Osoite", "Kaupunki", "Puhelin"],
                ["Maija Virtanen", "Katu 7 A & B", "Turku", 441234567],
                ["Pekka Laine", "Tie 1", "Turku", 1],
            ]
        ):
            sheet.write_row(number, 0, row)
        other = book.add_worksheet("Kirje")
        for row, (column, value) in enumerate((("B", "Katu 7 A & B"), ("C", "Turku"), ("D", 441234567))):
            other.write_formula(row, 0, f"=Asiakkaat!{column}2", None, value)
    source = open_source(path)
    remove(source, of(source, "Maija Virtanen"))
    data = parts_of(path)["xl/worksheets/sheet2.xml"]
    assert b"Katu" not in data
    assert b"441234567" not in data
    assert b"<f>Asiakkaat!C2</f><v>Turku</v>" in data
    assert data.count(b"<f>") == 3


def test_a_price_is_no_needle(tmp_path: Path) -> None:
    """A text needle that looks like a number cuts no number of another sheet."""
    sheets = {
        "S": inline([["Nimi", "Puhelin"], ["Maija Virtanen", "0401234567"]]),
        "T": inline([["summa", 10007], ["puhelin", 401234567]]),
    }
    path = handmade(tmp_path / "a.xlsx", sheets)
    source = open_source(path)
    entry = entries(source)[0]
    source.redact(entry.ref, entry.version, ["name", "phone"], [Needle("text", "10007")])
    assert texts(path)["T"] == {"A1": "summa", "B1": 10007, "A2": "puhelin"}


def test_a_company_alone_stays(tmp_path: Path) -> None:
    """A row that names no person has nothing to erase, in either mode."""
    path = register(tmp_path / "a.xlsx", [["Pelkkä Oy", "", "", "", "Kurssi", 5]])
    before = path.read_bytes()
    for mode in ("cells", "row"):
        source = open_source(path, on_erase=mode)
        entry = entries(source)[0]
        assert not entry.leaving()
        assert source.erase(entry.ref, entry.version).result == "already_absent"
    assert path.read_bytes() == before


def test_both_names_of_a_row_can_go_one_after_the_other(tmp_path: Path) -> None:
    """The erase of the first does not make the second stale; an edit by the owner does."""
    path = register(tmp_path / "a.xlsx", [["Malli Oy", "Vappu Keksitty / Vappu Lehto", "0441234567", "", "työ", 10]])
    source = open_source(path)
    first, second = of(source, "Vappu Keksitty"), of(source, "Vappu Lehto")

    assert source.redact(first.ref, first.version, ["name"]).result == "redacted"
    assert source.redact(second.ref, second.version, ["name"]).result == "redacted"


def test_a_namesake_on_a_sheet_that_is_no_register_keeps_the_name(tmp_path: Path) -> None:
    """Her name beside somebody's phone or e-mail is a namesake's; her name by itself, or beside her own e-mail, goes."""
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Asiakkaat"
    sheet.append(["Yritys", "Yhteyshenkilö", "Sähköposti"])
    sheet.append(["Malli Oy", "Vappu Keksitty", "vappu@keksitty.example"])
    other = book.create_sheet("Muut")
    other.append(["x", "Vappu Keksitty", "041 999 8888"])
    other.append(["y", "Vappu Keksitty", "toinen@muu.example"])
    other.append(["z", "Vappu Keksitty", "2026-01-01"])
    other.append(["w", "Vappu Keksitty", "vappu@keksitty.example"])
    book.save(path)
    source = open_source(path, sheet="Asiakkaat")
    remove(source, of(source, "Vappu Keksitty"))

    names = [row[1].value for row in openpyxl.load_workbook(path)["Muut"].iter_rows()]
    assert names == ["Vappu Keksitty", "Vappu Keksitty", None, None]
    assert source.residue([Needle("name", "Vappu Keksitty")])


def _joined(path: Path, *names: str) -> Path:
    """A register in which a formula of each row puts name and company together, its result stored as Excel does."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Asiakkaat")
        sheet.write_row(0, 0, [*HEADER[:3], "Tarra"])
        for number, name in enumerate(names, 2):
            email = f"nro{number}@malli.example"
            sheet.write_row(number - 1, 0, [f"Malli {number} Oy", name, email])
            sheet.write_formula(number - 1, 3, f'=B{number}&", "&C{number}', None, f"{name}, {email}")
    return path


def test_what_a_formula_of_her_row_made_of_her_name_goes(tmp_path: Path) -> None:
    """Also where a namesake bears the name, too; what the formula of her row shows stays."""
    path = _joined(tmp_path / "a.xlsx", "Maija Laine", "Maija Laine")
    source = open_source(path)
    hers = next(entry for entry in entries(source) if entry.values("email") == ("nro2@malli.example",))

    source.redact(hers.ref, hers.version, ["name"])

    row = {2: b"", 3: b""}
    for number in row:
        found = re.search(rb'<row r="%d".*?</row>' % number, parts_of(path)["xl/worksheets/sheet1.xml"])
        row[number] = found[0] if found else b""
    assert b"Laine" not in row[2]
    assert b"<f>B2&amp;" in row[2]
    assert b"<v>Maija Laine, nro3@malli.example</v>" in row[3]


def test_of_a_shared_cell_the_formula_beside_it_is_worked_out_again(tmp_path: Path) -> None:
    """Where only her part of a cell goes, a stored result that repeats the cell would still name her."""
    path = _joined(tmp_path / "a.xlsx", "Maija ja Pekka Laine")
    source = open_source(path)
    hers = of(source, "Maija Laine")

    source.redact(hers.ref, hers.version, ["name"])

    assert b"Maija" not in parts_of(path)["xl/worksheets/sheet1.xml"]
