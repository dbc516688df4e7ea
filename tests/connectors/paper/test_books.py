"""A binder's index as a workbook, alone or beside one in CSV: read like it, and its row goes when a hand has shredded the page."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from connectors.contract import Needle
from connectors.entry import Cursor, Disposal, Entry, Unreadable
from connectors.errors import ConfigError, Conflict, Damaged, HubError, Locked, Refused, Unreachable
from connectors.paper import PaperConnector

MAIJA = (Needle("name", "Maija Mallikas"), Needle("phone", "+358441234567"))
HEAD = ("Nimi", "Puhelin", "Pvm", "Mappi", "Sivu", "Sivukuva", "Kopioitu", "Muistiinpano", "Kenkä")
DAY = dt.date(2026, 2, 1)
HERS = ("Maija Mallikas", 441234567, DAY, 2, 14, "a.png", "", "pelkää hammaslääkäriä", "38")
HIS = ("Pekka Keksitty", "0501234567", DAY, 1, 3, "b.png", DAY, "", "44")


def index(folder: Path, *rows: Sequence[object], name: str = "index.xlsx", head: Sequence[str] = HEAD) -> Path:
    """Write an index with its pictures; her name stands in a comment too."""
    folder.mkdir(exist_ok=True)
    with xlsxwriter.Workbook(folder / name) as book:
        sheet, day = book.add_worksheet("Sivut"), book.add_format({"num_format": "d.m.yyyy"})
        for number, row in enumerate((head, *rows)):
            for column, value in enumerate(row):
                sheet.write(number, column, value, day if isinstance(value, dt.date) else None)
        if rows and rows[0][0] == "Maija Mallikas":
            sheet.write_comment(1, 0, "Maija Mallikas soittaa")
    for picture in ("a.png", "b.png"):
        (folder / picture).write_bytes(picture.encode())
    return folder / name


def text_index(folder: Path, *rows: str) -> Path:
    """Write an index in CSV beside it."""
    path = folder / "index.csv"
    path.write_text("\r\n".join(("Nimi;Puhelin;Pvm;Paikka;Sivukuva", *rows, "")), encoding="utf-8", newline="")
    return path


def binder(folder: Path, **options: object) -> PaperConnector:
    """The binder in a folder."""
    return PaperConnector("mappi", {"path": folder, **options})


def pages(connector: PaperConnector, name: str = "") -> list[Entry]:
    """Its entries, those of one person only where a name is given."""
    found = [item for item in connector.entries() if isinstance(item, Entry)]
    return [entry for entry in found if not name or name in entry.values("name")]


def change(path: Path, part: str, old: bytes, new: bytes) -> None:
    """Change a part of a workbook as another program would."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old in parts[part]
    parts[part] = parts[part].replace(old, new, 1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def test_an_index_in_a_workbook_is_read_as_one_in_csv(tmp_path: Path) -> None:
    """Numbers and dates are what they show; the place, the picture and the day of the copy are known by their columns."""
    index(tmp_path, HERS, HIS)
    (hers,), (his,) = pages(binder(tmp_path), "Maija Mallikas"), pages(binder(tmp_path), "Pekka Keksitty")

    assert hers.values("phone", "date", "other") == ("441234567", "2026-02-01", "Mappi 2, Sivu 14")
    assert (hers.disposal, str(hers.locator)) == (Disposal.MANUAL, "binder: Mappi 2, Sivu 14")
    assert [(file.shows, file.load()) for file in hers.attachments] == [("page", b"a.png")]
    assert (hers.missing, his.missing) == ((), ())


def test_columns_of_content_are_named_and_not_read(tmp_path: Path) -> None:
    """A note and an unknown column are in the coverage with the reason, and their values are in no entry."""
    index(tmp_path, HERS, HIS)
    told = {column.column: column for column in binder(tmp_path).coverage()}

    assert [name for name, column in told.items() if column.why and "never what is on it" in column.why] == [
        "Muistiinpano",
        "Kenkä",
    ]
    assert (told["Muistiinpano"].known, told["Kenkä"].known) == (True, False)
    assert not [
        item for entry in pages(binder(tmp_path)) for item in entry.fields if "hammas" in item.value or item.value == "38"
    ]


def test_done_empties_the_row_and_nothing_shifts(tmp_path: Path) -> None:
    """Her row with the note nobody read, the comment and the picture go; the other row and the other picture stay."""
    path = index(tmp_path, HERS, HIS)
    connector, (hers,) = binder(tmp_path), pages(binder(tmp_path), "Maija Mallikas")
    assert connector.residue(MAIJA) == []

    assert connector.erase(hers.ref, hers.version, MAIJA).result == "erased"

    sheet = openpyxl.load_workbook(path)["Sivut"]
    assert [cell.value for cell in sheet[2]] == [None] * 9
    assert [cell.value for cell in sheet[3]][:2] == ["Pekka Keksitty", "0501234567"]
    with zipfile.ZipFile(path) as archive:
        whole = b"\0".join(archive.read(name) for name in archive.namelist())
    assert [word for word in ("Mallikas", "441234567", "hammaslääkäriä") if word.encode() in whole] == []
    assert sorted(one.name for one in tmp_path.iterdir()) == ["b.png", "index.xlsx"]
    assert connector.residue(MAIJA) == []
    after = path.read_bytes()
    assert connector.erase(hers.ref, hers.version, MAIJA).result == "already_absent"
    assert path.read_bytes() == after


def test_what_is_left_beside_her_row_is_residue(tmp_path: Path) -> None:
    """Her name in somebody else's row is told while her own row waits, and in its part when the row is gone."""
    index(tmp_path, HERS, (*HIS[:7], "Maija Mallikas suositteli", "44"))
    connector, (hers,) = binder(tmp_path), pages(binder(tmp_path), "Maija Mallikas")

    assert [str(item.where) for item in connector.residue(MAIJA)] == ["index.xlsx, sheet Sivut, row 3"]
    connector.erase(hers.ref, hers.version, MAIJA)
    assert [item.found for item in connector.residue(MAIJA)] == [True]


def test_an_index_beside_one_in_csv(tmp_path: Path) -> None:
    """Both are read; a page in both is two entries, and its picture goes with the last row that names it."""
    index(tmp_path, HERS, HIS)
    path = text_index(
        tmp_path, "Maija Mallikas;044 123 4567;1.2.2026;Mappi 2, Sivu 14;a.png", "Liisa Luotu;0501112222;1.2.2026;m 3;"
    )
    connector = binder(tmp_path)
    first, second = pages(connector, "Maija Mallikas")
    assert len({first.ref, second.ref}) == 2
    assert [entry.values("name")[0] for entry in pages(connector)] == [
        "Maija Mallikas",
        "Liisa Luotu",
        "Maija Mallikas",
        "Pekka Keksitty",
    ]
    assert [str(item.where) for item in connector.residue(MAIJA)] == []

    kept = connector.erase(first.ref, first.version, MAIJA)
    assert (kept.result, (tmp_path / "a.png").exists()) == ("erased", True)
    assert "Mallikas" not in path.read_text("utf-8")
    assert connector.erase(first.ref, first.version, MAIJA).result == "already_absent"
    assert connector.erase(second.ref, second.version, MAIJA).result == "erased"

    assert not (tmp_path / "a.png").exists()
    assert connector.residue(MAIJA) == []
    assert [entry.values("name")[0] for entry in pages(binder(tmp_path, index="index.xlsx"))] == ["Pekka Keksitty"]


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04 broken", b"text", bytes.fromhex("D0CF11E0A1B11AE1") + "EncryptedPackage".encode("utf-16-le")]
)
def test_a_workbook_that_cannot_be_read_hides_no_other_index(tmp_path: Path, data: bytes) -> None:
    """The pages of the CSV are listed and the workbook is told; but no page goes while it may name its picture."""
    (tmp_path / "index.xlsx").write_bytes(data)
    with pytest.raises((Damaged, Refused)):
        pages(binder(tmp_path))
    (tmp_path / "a.png").write_bytes(b"a")
    path = text_index(tmp_path, "Maija Mallikas;044 123 4567;1.2.2026;Mappi 2, Sivu 14;a.png")
    connector, before = binder(tmp_path), path.read_bytes()
    (hers,) = pages(connector)

    assert [str(item.locator) for item in connector.entries() if isinstance(item, Unreadable)] == ["index.xlsx"]
    assert [item.unreadable for item in connector.entries() if isinstance(item, Cursor)] == [1]
    with pytest.raises((Damaged, Refused)):
        connector.erase(hers.ref, hers.version, MAIJA)
    assert (path.read_bytes(), (tmp_path / "a.png").exists()) == (before, True)
    assert ["index.xlsx" in str(item.where) for item in connector.residue(MAIJA) if not item.found] == [True]


def test_a_picture_that_a_lost_cell_may_name_is_kept(tmp_path: Path) -> None:
    """Another row's words are lost: it may name the same picture, so the row goes and the picture stays, and that is said."""
    path = index(tmp_path, HERS, HIS)
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    at = sheet.index(b'<c r="F3"')
    cell = sheet[at : sheet.index(b"</c>", at)]
    change(path, "xl/worksheets/sheet1.xml", cell, cell.replace(b"<v>", b"<v>90"))
    connector, (hers,) = binder(tmp_path), pages(binder(tmp_path), "Maija Mallikas")

    done = connector.erase(hers.ref, hers.version, MAIJA)

    assert (done.result, (tmp_path / "a.png").exists()) == ("erased", True)
    assert [note for note in done.notes if "was kept" in note]


def test_an_open_or_protected_index_is_left_alone(tmp_path: Path) -> None:
    """Nothing goes, the picture neither, and check says why."""
    path = index(tmp_path, HERS, HIS)
    connector, (hers,) = binder(tmp_path), pages(binder(tmp_path), "Maija Mallikas")
    owner = tmp_path / "~$index.xlsx"
    owner.write_bytes(b"\x05Olga")
    with pytest.raises(Locked, match=r"index\.xlsx is open"):
        connector.erase(hers.ref, hers.version, MAIJA)
    assert connector.check().state == "locked"
    owner.unlink()

    change(path, "xl/worksheets/sheet1.xml", b"</sheetData>", b'</sheetData><sheetProtection sheet="1"/>')
    before = path.read_bytes()
    with pytest.raises(Refused, match="sheet Sivut of"):
        connector.erase(hers.ref, hers.version, MAIJA)
    change(path, "xl/workbook.xml", b"<sheets>", b'<workbookProtection lockStructure="1"/><sheets>')
    before = path.read_bytes()
    with pytest.raises(Refused, match="is protected"):
        connector.erase(hers.ref, hers.version, MAIJA)
    assert (connector.check().state, path.read_bytes(), (tmp_path / "a.png").exists()) == ("refused", before, True)


@pytest.mark.parametrize(("old", "new"), [(b"a.png", b"b.png"), ("hammaslääkäriä".encode(), b"pime"), (b"Maija M", b"Maria M")])
def test_a_changed_row_is_a_conflict(tmp_path: Path, old: bytes, new: bytes) -> None:
    """Whatever was changed in it since the plan was shown, the row and the picture stay."""
    path = index(tmp_path, HERS, HIS)
    connector, (hers,) = binder(tmp_path), pages(binder(tmp_path), "Maija Mallikas")
    change(path, "xl/sharedStrings.xml", old, new)
    before = path.read_bytes()

    with pytest.raises(Conflict):
        connector.erase(hers.ref, hers.version, MAIJA)

    assert (path.read_bytes(), (tmp_path / "a.png").exists()) == (before, True)


def test_the_owner_may_name_file_and_columns(tmp_path: Path) -> None:
    """Another file name, and columns the hub does not know; one that is nowhere is told."""
    index(tmp_path, ("Maija Mallikas", "laatikko 3", "a.png"), name="sivut.xlsx", head=("Kuka", "Missä", "Tiedosto"))
    columns = {"Kuka": "name", "Missä": "place", "Tiedosto": "picture"}
    (hers,) = pages(binder(tmp_path, index="sivut.xlsx", columns=columns))

    assert (str(hers.locator), len(hers.attachments)) == ("binder: laatikko 3", 1)
    with pytest.raises(HubError, match="Kenkä"):
        pages(binder(tmp_path, index="sivut.xlsx", columns={**columns, "Kenkä": "place"}))


def test_an_index_in_icloud_only_is_never_passed_over(tmp_path: Path) -> None:
    """Its stand-in beside the index in CSV is told; without any index the folder is unreachable."""
    with pytest.raises(Unreachable):
        pages(binder(tmp_path))
    (tmp_path / ".index.xlsx.icloud").write_bytes(b"bplist00")
    with pytest.raises(Unreachable, match="iCloud"):
        pages(binder(tmp_path))
    text_index(tmp_path, "Liisa Luotu;0501112222;1.2.2026;m 3;")

    assert [str(item.locator) for item in binder(tmp_path).entries() if isinstance(item, Unreadable)] == ["index.xlsx"]


def test_a_conflict_copy_of_the_index_is_searched(tmp_path: Path) -> None:
    """A copy beside it is told by value, part by part."""
    index(tmp_path, HIS)
    index(tmp_path, HERS, name="index 2.xlsx")

    assert any(item.found and "index 2.xlsx" in str(item.where) for item in binder(tmp_path).residue(MAIJA))


def test_the_index_lies_in_the_folder(tmp_path: Path) -> None:
    """A file name that leads elsewhere is refused."""
    with pytest.raises(ConfigError):
        pages(binder(tmp_path, index="../index.xlsx"))
