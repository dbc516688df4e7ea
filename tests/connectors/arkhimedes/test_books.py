"""A customer table as a workbook: read and erased from as one in CSV, in every byte; what must not be written is left alone."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from openpyxl.comments import Comment

from connectors.contract import Going, Needle
from connectors.entry import Disposal, Entry, Field, Unreadable
from connectors.errors import Conflict, Damaged, HubError, Locked, NotFound, Refused, Unreachable
from tests.connectors.arkhimedes.made import FIRM, MAIJA, NOON, entries, export, source, workbook

NEEDLES = (Needle("name", "Maija Malli"), Needle("email", "maija@malli.example"), Needle("phone", "+358441234567"))
OTHER = "Muu Matti;;;Kuja 2;00100;HELSINKI;FI;matti@muu.example;0501112222;;1009;;1;fi;;"
SHEET = "xl/worksheets/sheet1.xml"


def named(folder: Path, name: str, start: str = "r") -> Entry:
    """The first row (or card) of that name."""
    return next(entry for entry in entries(source(folder)) if entry.ref.startswith(start) and name in entry.values("name"))


def parts(path: Path) -> dict[str, bytes]:
    """Every part of a workbook."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def change(path: Path, part: str, old: bytes, new: bytes) -> None:
    """Change a part as another program would."""
    content = parts(path)
    assert old in content[part]
    content[part] = content[part].replace(old, new, 1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)


def test_a_workbook_is_read_as_a_table_in_csv(tmp_path: Path) -> None:
    """The same rows say the same of everybody, whichever way they were exported; only a workbook has comments."""
    (tmp_path / "csv").mkdir()
    (tmp_path / "xlsx").mkdir()
    export(tmp_path / "csv", "asiakkaat.csv", MAIJA, FIRM)
    workbook(tmp_path / "xlsx", "asiakkaat.xlsx", MAIJA, FIRM)
    text, book = (entries(source(tmp_path / name)) for name in ("csv", "xlsx"))

    assert [(one.ref[0], without_comments(one), one.disposal) for one in book] == [
        (one.ref[0], one.fields, one.disposal) for one in text
    ]
    assert str(named(tmp_path / "xlsx", "Malli Maija").locator) == "asiakkaat.xlsx, sheet Kontaktit, row 2"
    assert str(named(tmp_path / "xlsx", "Malli Maija", "c").locator) == "Isolta Arkhimedes, customer card 1007"
    assert source(tmp_path / "xlsx").coverage() == source(tmp_path / "csv").coverage()


def without_comments(entry: Entry) -> tuple[Field, ...]:
    """The fields of columns; a comment is labelled by its cell."""
    return tuple(item for item in entry.fields if item.label != "A2")


def test_what_stands_in_a_comment_is_shown_before_it_goes(tmp_path: Path) -> None:
    """On the row of the export, not on the card in the program; one that came after the plan makes the row another one."""
    path = workbook(tmp_path, "asiakkaat.xlsx", MAIJA, FIRM, MAIJA)
    row, card = named(tmp_path, "Malli Maija"), named(tmp_path, "Malli Maija", "c")
    (comment,) = [item for item in row.fields if item.label == "A2"]
    assert (comment.kind, comment.stays) == ("note", False)
    assert comment.value.startswith("Soita Malli Maija")
    assert [item for item in card.fields if item.label == "A2"] == []

    book = openpyxl.load_workbook(path)
    book["Kontaktit"]["B4"].comment = Comment("uusi", "Omistaja")
    book.save(path)
    with pytest.raises(Conflict):
        source(tmp_path).erase(row.ref, row.version, NEEDLES)

    now = named(tmp_path, "Malli Maija")
    assert now.ref == row.ref
    assert [item.value for item in now.fields if item.label == "B4"] == ["uusi"]
    assert source(tmp_path).erase(now.ref, now.version, NEEDLES).result == "erased"
    assert [cell.comment for line in openpyxl.load_workbook(path)["Kontaktit"] for cell in line if cell.comment] == []


def test_the_row_goes_from_every_part_and_nothing_shifts(tmp_path: Path) -> None:
    """Her cells, the comment, the link and the properties are emptied; other rows, other parts and the file's time stay."""
    path = workbook(tmp_path, "asiakkaat.xlsx", MAIJA, FIRM, OTHER)
    before, row = parts(path), named(tmp_path, "Malli Maija")
    cells = {cell.coordinate: cell.value for line in openpyxl.load_workbook(path)["Kontaktit"] for cell in line}
    assert row.disposal is Disposal.ERASE
    assert any(place.found for place in source(tmp_path).residue(NEEDLES))

    assert source(tmp_path).erase(row.ref, row.version, NEEDLES).result == "erased"

    after = parts(path)
    assert after.keys() == before.keys()
    assert not any(b"maija" in data.lower() or b"1234567" in data for name, data in after.items() if "sharedStr" not in name)
    edited = {name for name in after if after[name] != before[name]}
    assert edited <= {SHEET, "xl/sharedStrings.xml", "xl/comments1.xml", "xl/drawings/vmlDrawing1.vml", "docProps/core.xml",
                      "xl/workbook.xml", "xl/worksheets/_rels/sheet1.xml.rels"}  # fmt: skip
    left = {cell.coordinate: cell.value for line in openpyxl.load_workbook(path)["Kontaktit"] for cell in line}
    assert left == {place: None if place[1:] == "2" else value for place, value in cells.items()}
    assert list(source(tmp_path).residue(NEEDLES)) == []
    assert path.stat().st_mtime == NOON
    with pytest.raises(NotFound):
        source(tmp_path).get(row.ref)
    bytes_after = path.read_bytes()
    assert source(tmp_path).erase(row.ref, row.version, NEEDLES).result == "already_absent"
    assert path.read_bytes() == bytes_after


def test_rows_that_are_the_same_go_in_one_act(tmp_path: Path) -> None:
    """A customer who stands in the list twice is one entry with both rows, and the file is written once."""
    path = workbook(tmp_path, "asiakkaat.xlsx", MAIJA, FIRM, MAIJA)
    row = named(tmp_path, "Malli Maija")
    assert str(row.locator) == "asiakkaat.xlsx, sheet Kontaktit, row 2, 4"

    source(tmp_path).erase(row.ref, row.version, NEEDLES)

    assert [one.values("company") for one in entries(source(tmp_path)) if one.ref[0] == "r"] == [("Kahvila Kulma",)]
    assert list(source(tmp_path).residue(NEEDLES)) == []
    assert not any(b"maija" in data.lower() for data in parts(path).values())


def test_what_goes_from_other_cells_is_told_before(tmp_path: Path) -> None:
    """A note on another sheet that names her: its place and text, before anything is written, and just what an erase does then."""
    path = workbook(tmp_path, "asiakkaat.xlsx", MAIJA, FIRM, MAIJA)
    book = openpyxl.load_workbook(path)
    book.create_sheet("Muistio")["B3"] = "Maija Malli soittaa"
    book.save(path)
    row, before = named(tmp_path, "Malli Maija"), path.read_bytes()

    (told,) = source(tmp_path).spread([Going(row.ref, row.version)], NEEDLES)

    assert (str(told.where), told.before, told.after) == (
        "asiakkaat.xlsx, sheet Muistio, cell B3",
        "Maija Malli soittaa",
        " soittaa",
    )
    assert path.read_bytes() == before
    source(tmp_path).erase(row.ref, row.version, NEEDLES)
    assert openpyxl.load_workbook(path)["Muistio"]["B3"].value == told.after


def test_a_conflict_copy_is_erased_from_too(tmp_path: Path) -> None:
    """Each file has its own entry with its own name in the locator."""
    path = workbook(tmp_path, "asiakkaat.xlsx", MAIJA, FIRM)
    shutil.copy2(path, tmp_path / "asiakkaat 2.xlsx")
    rows = [one for one in entries(source(tmp_path)) if one.ref[0] == "r" and "Malli Maija" in one.values("name")]
    assert len({one.ref for one in rows}) == 2

    assert {source(tmp_path).erase(one.ref, one.version, NEEDLES).result for one in rows} == {"erased"}

    assert list(source(tmp_path).residue(NEEDLES)) == []


def test_a_shared_row_keeps_the_other_person(tmp_path: Path) -> None:
    """Of a row with two contact persons only the one's part goes, and company and number stay."""
    both = FIRM.replace("Esko Eero", "Esko Eero; Malli Maija".replace(";", " ja")).replace("0501234567", "")
    path = workbook(tmp_path, "asiakkaat.xlsx", both)
    row = named(tmp_path, "Malli Maija")
    assert row.disposal is Disposal.REDACT

    assert source(tmp_path).redact(row.ref, row.version, ["name"], NEEDLES[:1]).result == "redacted"

    sheet = openpyxl.load_workbook(path)["Kontaktit"]
    assert [sheet.cell(2, column).value for column in (1, 2, 8)] == ["Kahvila Kulma", "Esko Eero", "eero@kulma.example"]


def test_an_erase_of_a_shared_row_takes_one_persons_part(tmp_path: Path) -> None:
    """The row is not emptied for the one when somebody else stands in it."""
    path = workbook(tmp_path, "asiakkaat.xlsx", FIRM.replace("Esko Eero", "Esko Eero ja Malli Maija"))
    row = named(tmp_path, "Malli Maija")

    source(tmp_path).erase(row.ref, row.version, NEEDLES)

    assert openpyxl.load_workbook(path)["Kontaktit"].cell(2, 2).value == "Esko Eero"


def test_the_same_row_on_two_sheets_is_two_entries(tmp_path: Path) -> None:
    """Each says its own sheet, and each goes for itself."""
    path = workbook(tmp_path, "asiakkaat.xlsx", MAIJA)
    book = openpyxl.load_workbook(path)
    book.copy_worksheet(book["Kontaktit"]).title = "Vanhat"
    book.save(path)
    first, second = [one for one in entries(source(tmp_path)) if one.ref[0] == "r"]
    assert [str(one.locator) for one in (first, second)] == [
        "asiakkaat.xlsx, sheet Kontaktit, row 2",
        "asiakkaat.xlsx, sheet Vanhat, row 2",
    ]

    assert source(tmp_path).erase(second.ref, second.version, NEEDLES).result == "erased"
    assert [one.locator for one in entries(source(tmp_path)) if one.ref[0] == "r"] == [first.locator]


def test_two_persons_of_a_row_in_either_order(tmp_path: Path) -> None:
    """Rows that say the same of two persons, in either order, are one entry; of each the right part goes, in one act."""
    rows = [FIRM.replace("Esko Eero", names) for names in ("Malli Maija ja Esko Eero", "Esko Eero ja Malli Maija")]
    path = workbook(tmp_path, "asiakkaat.xlsx", *rows)
    row = named(tmp_path, "Malli Maija")

    assert source(tmp_path).redact(row.ref, row.version, ["name"], NEEDLES[:1]).result == "redacted"

    sheet = openpyxl.load_workbook(path)["Kontaktit"]
    assert [sheet.cell(number, 2).value for number in (2, 3)] == ["Esko Eero", "Esko Eero"]


def test_an_address_that_only_a_link_tells_is_found(tmp_path: Path) -> None:
    """The name's mailto link is read where the row has no e-mail, as in the customer register."""
    with xlsxwriter.Workbook(tmp_path / "asiakkaat.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ("Nimi", "Sähköposti", "Puhelin"))
        sheet.write_url(1, 0, "mailto:maija@malli.example", string="Malli Maija")
        sheet.write_string(1, 2, "0441234567")
    row = named(tmp_path, "Malli Maija")

    assert row.values("email") == ("maija@malli.example",)
    assert source(tmp_path).erase(row.ref, row.version, NEEDLES).result == "erased"
    assert list(source(tmp_path).residue(NEEDLES)) == []


def test_a_changed_row_and_a_renamed_file_are_conflicts(tmp_path: Path) -> None:
    """Nothing is written on a stale version."""
    path = workbook(tmp_path, "asiakkaat.xlsx", MAIJA, FIRM)
    row = named(tmp_path, "Malli Maija")
    change(path, "xl/sharedStrings.xml", b"Kuja 1", b"Kuja 7")
    before = path.read_bytes()

    with pytest.raises(Conflict):
        source(tmp_path).erase(row.ref, row.version, NEEDLES)
    assert path.read_bytes() == before
    row = named(tmp_path, "Malli Maija")
    path.rename(tmp_path / "vanhat.xlsx")
    with pytest.raises(Conflict):
        source(tmp_path).erase(row.ref, row.version, NEEDLES)


def test_an_open_or_protected_workbook_is_left_alone(tmp_path: Path) -> None:
    """Open in Excel, a protected sheet, a protected workbook: told with the file's name, by check too, and nothing written."""
    path = workbook(tmp_path, "asiakkaat.xlsx", MAIJA, FIRM)
    row = named(tmp_path, "Malli Maija")
    owner = path.with_name("~$asiakkaat.xlsx")
    owner.write_bytes(b"\x05Olga")
    before = path.read_bytes()
    with pytest.raises(Locked, match=r"asiakkaat\.xlsx is open"):
        source(tmp_path).erase(row.ref, row.version, NEEDLES)
    assert (source(tmp_path).check().state, path.read_bytes()) == ("locked", before)
    owner.unlink()

    change(path, SHEET, b"</sheetData>", b'</sheetData><sheetProtection sheet="1"/>')
    before = path.read_bytes()
    with pytest.raises(Refused, match=r"sheet Kontaktit of asiakkaat\.xlsx is protected"):
        source(tmp_path).erase(row.ref, row.version, NEEDLES)
    assert path.read_bytes() == before

    change(path, "xl/workbook.xml", b"<sheets>", b'<workbookProtection lockStructure="1"/><sheets>')
    before = path.read_bytes()
    with pytest.raises(Refused, match=r"asiakkaat\.xlsx is protected"):
        source(tmp_path).erase(row.ref, row.version, NEEDLES)
    assert (source(tmp_path).check().state, path.read_bytes()) == ("refused", before)


@pytest.mark.parametrize(
    "data",
    [b"PK\x03\x04 broken", b"no workbook", bytes.fromhex("D0CF11E0A1B11AE1") + "EncryptedPackage".encode("utf-16-le")],
    ids=["broken", "text", "encrypted"],
)
def test_a_workbook_that_cannot_be_read_hides_no_other(tmp_path: Path, data: bytes) -> None:
    """It is told by name, the others are listed, and it is named as not searched; alone it is never "nothing found"."""
    (tmp_path / "rikki.xlsx").write_bytes(data)
    with pytest.raises(Damaged):
        entries(source(tmp_path))

    workbook(tmp_path, "asiakkaat.xlsx", MAIJA)

    told = [str(item.locator) for item in source(tmp_path).entries() if isinstance(item, Unreadable)]
    assert told == ["rikki.xlsx"]
    assert [entry.ref[0] for entry in entries(source(tmp_path))] == ["r", "c"]
    unseen = [item for item in source(tmp_path).residue([Needle("email", "nobody@malli.example")]) if not item.found]
    assert ["rikki.xlsx" in str(item.where) for item in unseen] == [True]


def test_an_export_in_icloud_only_is_never_passed_over(tmp_path: Path) -> None:
    """Its stand-in is told by the export's name, and as not searched; alone it is no empty folder."""
    (tmp_path / ".vanhat.xlsx.icloud").write_bytes(b"bplist00")
    with pytest.raises(Unreachable, match="iCloud"):
        entries(source(tmp_path))

    workbook(tmp_path, "asiakkaat.xlsx", FIRM)

    assert [str(item.locator) for item in source(tmp_path).entries() if isinstance(item, Unreadable)] == ["vanhat.xlsx"]
    unseen = [item for item in source(tmp_path).residue(NEEDLES) if not item.found]
    assert ["vanhat.xlsx" in str(item.where) for item in unseen] == [True]


def test_a_column_of_one_table_is_no_fault_of_another(tmp_path: Path) -> None:
    """An own column name may be in one export only; one that is in none is told."""
    export(tmp_path, "asiakkaat.csv", MAIJA)
    path = workbook(tmp_path, "muut.xlsx", OTHER)
    change(path, "xl/sharedStrings.xml", "Lisärivi".encode(), b"Kuka")

    found = source(tmp_path, columns={"Kuka": "former_name"})
    assert [entry.values("name")[0] for entry in entries(found) if entry.ref[0] == "r"] == ["Malli Maija", "Muu Matti"]
    with pytest.raises(HubError, match="Kukka"):
        entries(source(tmp_path, columns={"Kukka": "name"}))
