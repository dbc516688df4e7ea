"""What an erase takes from a workbook, and what it leaves."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import xlsxwriter

from connectors._needles import Matcher
from connectors.contract import Needle
from connectors.entry import Version
from connectors.errors import Conflict, Refused
from tests.connectors.excel.books import (
    HEADER,
    MAIN,
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
    remove(source, of(source, "Maija Virtanen"))
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
    """When the row that carries a shared formula goes, the next row carries it."""
    path = shared_formula_book(tmp_path / "a.xlsx")
    source = open_source(path, on_erase="row")
    assert remove(source, entries(source)[0]) == "erased"
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
