"""What an Excel source lists: persons, values, what stays, and what it says about its columns."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from connectors.entry import Cursor, Disposal
from connectors.errors import ConfigError, Damaged, NotFound, Unreachable
from tests.connectors.excel.books import HEADER, ROWS, change, entries, handmade, inline, of, open_source, register, unreadable


def kinds(entry: object) -> dict[str, str]:
    """Kind → value of an entry's fields."""
    return {field.kind: field.value for field in entry.fields}  # type: ignore[attr-defined]  # an Entry


def test_lists_each_person_with_place_and_values(tmp_path: Path) -> None:
    """Every row is an entry, located as Excel counts, below a merged title."""
    source = open_source(register(tmp_path / "a.xlsx", title="Asiakasrekisteri 2024"))
    found = entries(source)
    assert [str(entry.locator) for entry in found] == [f"sheet Asiakkaat, row {row}" for row in (5, 6, 7)]
    assert kinds(found[1]) == {
        "company": "Malli Ky", "name": "Pekka Laine", "email": "pekka@malli.example", "phone": "501234567",
        "service": "Koulutus", "price": "900",
    }  # fmt: skip
    assert {field.kind for field in found[1].fields if field.stays} == {"company", "service", "price"}
    assert found[1].disposal is Disposal.REDACT
    assert list(source.entries())[-1] == Cursor(3, 0)


def test_refs_hold_no_value_and_are_stable(tmp_path: Path) -> None:
    """A ref says nothing of the person and is the same at every reading."""
    source = open_source(register(tmp_path / "a.xlsx"))
    first, second = entries(source), entries(source)
    assert [entry.ref for entry in first] == [entry.ref for entry in second]
    assert not any(word in entry.ref.casefold() for entry in first for word in ("maija", "virtanen", "0441234567", "posti"))
    assert source.get(first[0].ref) == first[0]
    with pytest.raises(NotFound):
        source.get(first[0].ref.replace("s1-2", "s1-9"))  # type: ignore[arg-type]  # a ref of nobody


def test_several_persons_in_a_row(tmp_path: Path) -> None:
    """Two names are two entries, each with the address that bears the name and the phone in the same place."""
    rows = [
        [
            "Oy Malli Ab",
            "Maija Virtanen / Pekka Laine",
            "pekka.laine@m.example; mvirtanen@m.example",
            "0401234567\n0501234567",
            "Kurssi",
            1,
        ]
    ]
    found = entries(open_source(register(tmp_path / "a.xlsx", rows)))
    assert [(kinds(entry)["name"], kinds(entry)["email"], kinds(entry)["phone"]) for entry in found] == [
        ("Maija Virtanen", "mvirtanen@m.example", "0401234567"),
        ("Pekka Laine", "pekka.laine@m.example", "0501234567"),
    ]
    assert len({entry.ref for entry in found}) == 2
    assert all(entry.disposal is Disposal.REDACT and entry.disposal_reason for entry in found)


def test_a_value_of_both_is_nobodys_alone(tmp_path: Path) -> None:
    """A phone that cannot be attributed is shown with both persons and stays when one of them goes."""
    rows = [["Malli Oy", "Maija Virtanen ja Pekka Laine", "", "09 4245 0012", "Kurssi", 1]]
    found = entries(open_source(register(tmp_path / "a.xlsx", rows)))
    assert [[field.stays for field in entry.fields if field.kind == "phone"] for entry in found] == [[True], [True]]


def test_row_mode_erases_unless_the_row_is_shared(tmp_path: Path) -> None:
    """on_erase = row empties the row, but only the person's part where another person stands in it."""
    rows: list[list[object]] = [*ROWS, ["Malli Oy", "Sanna Mäki / Timo Mäki", "", "", "Kurssi", 1]]
    found = entries(open_source(register(tmp_path / "a.xlsx", rows), on_erase="row"))
    assert [entry.disposal for entry in found] == [Disposal.ERASE] * 3 + [Disposal.REDACT] * 2


def test_what_stays_depends_on_the_company(tmp_path: Path) -> None:
    """A customer number and a country stay with a company and go with a private person."""
    header = ["Asiakasnro", "Nimi", "Maa", "Yritys"]
    source = open_source(
        register(tmp_path / "a.xlsx", [[1, "Maija Virtanen", "FI", "Malli Oy"], [2, "Pekka Laine", "FI", ""]], header)
    )
    assert [[field.kind for field in entry.fields if field.stays] for entry in entries(source)] == [
        ["customer_number", "country", "company"],
        [],
    ]


def test_a_sole_traders_company_is_hers(tmp_path: Path) -> None:
    """The name of a toiminimi that is her own name goes with her; another company's stays."""
    rows = [["Tmi Maija Virtanen", "Maija Virtanen"], ["Laine ja Pojat Oy", "Pekka Laine"], ["Tmi Sanna Mäki", ""]]
    found = entries(open_source(register(tmp_path / "a.xlsx", rows, ["Yritys", "Nimi"])))
    assert [[field.stays for field in entry.fields if field.kind == "company"] for entry in found] == [[False], [True], [False]]
    assert kinds(found[2])["name"] == "Sanna Mäki"


def test_rows_without_a_person(tmp_path: Path) -> None:
    """A row of a company alone is an entry; blank rows, totals and repeated column names are none."""
    rows: list[list[object]] = [
        ["Pelkkä Oy", "", "", "", "", 5],
        ["", "", "", "", "", ""],
        [*HEADER],
        ROWS[0],
        ["Yhteensä", "", "", "", "", "=SUM(F2:F4)"],
    ]
    found = entries(open_source(register(tmp_path / "a.xlsx", rows)))
    assert [str(entry.locator) for entry in found] == ["sheet Asiakkaat, row 2", "sheet Asiakkaat, row 5"]
    assert all(field.stays for field in found[0].fields)


def test_formulas_are_no_source(tmp_path: Path) -> None:
    """A calculated cell repeats what stands elsewhere and is no field."""
    source = open_source(register(tmp_path / "a.xlsx", [["Malli Oy", "Maija Virtanen", "=B2", "", "", 1]]))
    assert "email" not in kinds(entries(source)[0])


def test_a_mailto_link_is_an_address(tmp_path: Path) -> None:
    """Where a row has no e-mail, the link on the name tells it."""
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for column, name in enumerate(("Nimi", "Puhelin")):
            sheet.write(0, column, name)
        sheet.write_url(1, 0, "mailto:maija%2Btyo@posti.example?subject=x", string="Maija Virtanen")
    assert kinds(entries(open_source(path))[0])["email"] == "maija+tyo@posti.example"


def test_hidden_sheets_are_read(tmp_path: Path) -> None:
    """Hidden and very hidden sheets are registers like the others."""
    rows = inline([["Nimi", "Sähköposti"], ["Maija Virtanen", "maija@x.example"]])
    path = handmade(
        tmp_path / "a.xlsx", {"Eka": rows, "Toka": rows, "Kolmas": rows}, states={"Toka": "hidden", "Kolmas": "veryHidden"}
    )
    assert [str(entry.locator) for entry in entries(open_source(path))] == [
        f"sheet {name}, row 2" for name in ("Eka", "Toka", "Kolmas")
    ]


def test_two_tables_below_one_another(tmp_path: Path) -> None:
    """A second row of other column names rules the rows below it."""
    rows = [["Nimi", "Puhelin"], ["Maija Virtanen", "0401234567"], [], ["Puhelin", "Namn"], ["0501234567", "Liisa Öberg"]]
    found = entries(open_source(handmade(tmp_path / "a.xlsx", {"S": inline(rows)})))
    assert [(kinds(entry)["name"], kinds(entry)["phone"]) for entry in found] == [
        ("Maija Virtanen", "0401234567"),
        ("Liisa Öberg", "0501234567"),
    ]


def test_merged_company_counts_for_all_its_rows(tmp_path: Path) -> None:
    """A company merged over its contact persons' rows is each one's, and stays."""
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        + inline([["Yritys", "Nimi"], ["Malli Oy", "Maija Virtanen"], ["", "Pekka Laine"]])
        + '</sheetData><mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells></worksheet>'
    )
    found = entries(open_source(handmade(tmp_path / "a.xlsx", {"S": sheet})))
    assert [[(field.value, field.stays) for field in entry.fields if field.kind == "company"] for entry in found] == [
        [("Malli Oy", True)]
    ] * 2


def test_unknown_columns_are_shown_as_other(tmp_path: Path) -> None:
    """A column that is not recognised still shows its values, under its own name, and coverage says so."""
    source = open_source(
        register(tmp_path / "a.xlsx", [["Maija Virtanen", "040 1234567", "sininen", 7]], ["Nimi", "Puhelin", "Lempiväri", "Nro"])
    )
    other = [field for field in entries(source)[0].fields if field.kind == "other"]
    assert [(field.label, field.value, field.stays) for field in other] == [("Lempiväri", "sininen", False)]
    columns = {column.column: column for column in source.coverage()}
    assert columns["Nimi"].kind == "name"
    assert (columns["Lempiväri"].kind, columns["Lempiväri"].known) == (None, False)
    assert columns["Nro"].kind is None
    assert columns["Nro"].known


def test_a_sheet_that_is_no_register_is_told(tmp_path: Path) -> None:
    """Whoever keeps appointments in free text must not believe that they are read; an empty sheet is nobody's business."""
    register = inline([["Nimi", "Puhelin"], ["Pekka Laine", "0501234567"]])
    path = handmade(tmp_path / "a.xlsx", {"Eka": register, "Ajat": inline([["ma klo 9"], ["Pekka käy"]]), "Tyhjä": ""})

    told = {column.column: (column.kind, str(column.why)) for column in open_source(path).coverage() if column.why}
    assert list(told) == ["Ajat"]
    assert "holds no entries" in told["Ajat"][1]

    narrowed = {column.column: str(column.why) for column in open_source(path, sheet="Eka").coverage() if column.why}
    assert narrowed == {"Ajat": "left out by the configuration"}


def test_options_name_sheet_row_and_columns(tmp_path: Path) -> None:
    """The owner's own words win over what the hub would find."""
    rows = inline([["vanha", "lista"], ["Kuka", "Mihin soittaa"], ["Maija Virtanen", "0401234567"]])
    path = handmade(tmp_path / "a.xlsx", {"Eka": inline([["Nimi", "Puhelin"], ["Pekka Laine", "0501234567"]]), "Toka": rows})
    source = open_source(path, sheet="Toka", header_row=2, columns={"Kuka": "name", "mihin soittaa:": "phone"})
    assert [kinds(entry) for entry in entries(source)] == [{"name": "Maija Virtanen", "phone": "0401234567"}]


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"sheet": "Ei ole"}, "sheet"),
        ({"header_row": 3}, "header_row"),
        ({"columns": {"Ei ole": "name"}}, "columns"),
        ({"columns": {"Nimi": "person"}}, "columns"),
    ],
)
def test_wrong_options_are_named_with_their_fix(tmp_path: Path, options: dict[str, object], word: str) -> None:
    """An option that does not fit the workbook is a configuration error that names its key."""
    path = handmade(tmp_path / "a.xlsx", {"S": inline([["Nimi", "Puhelin"], ["Maija Virtanen", "0401234567"], ["x", "y"]])})
    with pytest.raises(ConfigError) as caught:
        entries(open_source(path, **options))
    assert any(problem.startswith(word) for problem in caught.value.problems)


def test_no_register_is_damaged(tmp_path: Path) -> None:
    """A workbook in which no sheet has known column names is not silently empty."""
    with pytest.raises(Damaged, match="columns"):
        entries(open_source(handmade(tmp_path / "a.xlsx", {"S": inline([["huomio", "ostoslista"], ["maito", "leipä"]])})))


def test_absent_file_is_unreachable(tmp_path: Path) -> None:
    """A missing workbook is never an empty one."""
    with pytest.raises(Unreachable):
        entries(open_source(tmp_path / "ei.xlsx"))
    assert open_source(tmp_path / "ei.xlsx").check().state == "missing"


def test_a_broken_cell_hides_nothing(tmp_path: Path) -> None:
    """A reference to a text that is not there costs that row alone, and is counted."""
    row = '<row r="{0}"><c r="A{0}" t="s"><v>{1}</v></c><c r="B{0}" t="e"><v>#N/A</v></c></row>'
    data = "".join(row.format(number, text) for number, text in ((1, 0), (2, 99), (3, 2)))
    data = data.replace('<c r="B1" t="e"><v>#N/A</v></c>', '<c r="B1" t="s"><v>1</v></c>')
    path = handmade(tmp_path / "a.xlsx", {"S": data}, ["<t>Nimi</t>", "<t>Sähköposti</t>", "<t>Maija Virtanen</t>"])
    source = open_source(path)
    assert [kinds(entry) for entry in entries(source)] == [{"name": "Maija Virtanen"}]
    assert [str(item.locator) for item in unreadable(source)] == ["sheet S, row 2"]
    cursor = list(source.entries())[-1]
    assert isinstance(cursor, Cursor)
    assert (cursor.entries, cursor.unreadable) == (1, 1)
    assert any("3 cells" in warning for warning in cursor.warnings)


def test_conflict_copies_are_read_and_said(tmp_path: Path) -> None:
    """A copy beside the workbook is searched too, each entry of it says whose copy it is in, and the owner is warned."""
    register(tmp_path / "asiakkaat.xlsx")
    register(tmp_path / "asiakkaat 2.xlsx", ROWS[:1])
    (tmp_path / "asiakkaat (1).xlsx").write_bytes(b"PK broken")
    register(tmp_path / "asiakkaat 2024.xlsx", ROWS[1:2])
    source = open_source(tmp_path / "asiakkaat.xlsx")
    found = entries(source)
    assert [entry.copy_of for entry in found] == ["", "", "", "asiakkaat.xlsx"]
    assert str(found[3].locator) == "asiakkaat 2.xlsx, sheet Asiakkaat, row 2"
    assert found[3].ref != found[0].ref
    assert source.get(found[3].ref) == found[3]
    assert [str(item.locator) for item in unreadable(source)] == ["asiakkaat (1).xlsx"]
    cursor = list(source.entries())[-1]
    assert isinstance(cursor, Cursor)
    assert len(cursor.warnings) == 2


def test_reading_changes_nothing(tmp_path: Path) -> None:
    """A listing leaves the file, its time and its folder as they were."""
    path = register(tmp_path / "a.xlsx")
    before = (path.read_bytes(), path.stat().st_mtime_ns, sorted(tmp_path.iterdir()))
    source = open_source(path)
    list(source.entries())
    source.coverage()
    source.check()
    assert (path.read_bytes(), path.stat().st_mtime_ns, sorted(tmp_path.iterdir())) == before


def test_row_edited_in_excel_has_another_version(tmp_path: Path) -> None:
    """Any change of her values changes the version; a change of another row does not."""
    path = register(tmp_path / "a.xlsx")
    before = entries(open_source(path))
    change(path, "xl/sharedStrings.xml", lambda data: data.replace(b"pekka@malli", b"pekka.l@malli"))
    after = entries(open_source(path))
    assert before[0].version == after[0].version
    assert before[1].version != after[1].version


def test_of_finds_one(tmp_path: Path) -> None:
    """The tests' own finder tells entries apart by a value."""
    assert of(open_source(register(tmp_path / "a.xlsx")), "Pekka Laine").values("email") == ("pekka@malli.example",)
