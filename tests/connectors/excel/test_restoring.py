"""A workbook is put back to the byte; one that changed since gets the person's cells back where they are as they were left."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.worksheet.worksheet import Worksheet

from connectors._workbook.returning import Part, opened, pieces_of
from connectors.contract import Needle
from connectors.entry import Entry
from connectors.errors import Conflict, Refused
from connectors.excel import ExcelConnector
from hub.demo.company import build

HER = "aino.esimerkkila@saaristo.example"
NEEDLES = [Needle("email", HER), Needle("name", "Aino Esimerkkilä"), Needle("phone", "+358441234567")]
TOKENS = st.lists(st.sampled_from([b"<row r='1'>", b"<c>", b"</c>", b"Aino", b"<si>", b"</si>", b"</row>", b"x"]), max_size=40)


def _parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _hers(path: Path) -> list[Entry]:
    entries = ExcelConnector("customers", {"path": path}).entries()
    return [item for item in entries if isinstance(item, Entry) and HER in [value.casefold() for value in item.values("email")]]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """The demo's workbook: comments, a chart, two sheets, a row of two persons."""
    return build(tmp_path / "company").workbook


def _erase_all(path: Path) -> list[bytes]:
    """Erase every entry of hers, one after the other; their receipts."""
    receipts = []
    for entry in _hers(path):
        kinds = tuple({item.kind for item in entry.leaving()})
        receipts.append(ExcelConnector("customers", {"path": path}).redact(entry.ref, entry.version, kinds, NEEDLES).receipt)
    return receipts


def test_every_part_is_as_it_was(book: Path) -> None:
    """Several rows of two sheets erased, put back backwards: shared strings, comments and charts included."""
    before, entries = _parts(book), _hers(book)
    receipts = _erase_all(book)
    assert len(receipts) > 1
    assert _hers(book) == []
    assert len([name for name, data in _parts(book).items() if data != before[name]]) > 2

    for receipt in reversed(receipts):
        assert ExcelConnector("customers", {"path": book}).restore(receipt).result == "restored"

    assert _parts(book) == before
    assert _hers(book) == entries
    assert openpyxl.load_workbook(book).sheetnames


def test_a_receipt_holds_her_and_not_everybody(book: Path) -> None:
    """What others have in the workbook is read from it again, not kept beside it."""
    others = {
        value
        for item in ExcelConnector("c", {"path": book}).entries()
        if isinstance(item, Entry)
        for value in item.values("email")
    }
    (first, *_) = _erase_all(book)

    kept = b"".join(piece for part in opened("customers", first).parts for piece in part.pieces if isinstance(piece, bytes))

    assert HER.encode() in kept
    assert [other for other in others if other.casefold() != HER and other.encode() in kept] == []


def test_her_receipts_go_back_in_any_order(book: Path) -> None:
    """A receipt waits for no other one: every part is as it was in the end."""
    before, entries, comments = _parts(book), _hers(book), _comments(book)

    for receipt in _erase_all(book):
        assert ExcelConnector("customers", {"path": book}).restore(receipt).result == "restored"

    assert _hers(book) == entries
    assert _changed_parts(before, _parts(book)) <= {"xl/comments/comment1.xml"}  # in another order
    assert _comments(book) == comments


def _comments(path: Path) -> set[tuple[str, str, str]]:
    sheets = openpyxl.load_workbook(path).worksheets
    cells = ((sheet.title, cell) for sheet in sheets for row in sheet.iter_rows() for cell in row)
    return {(title, cell.coordinate, cell.comment.text) for title, cell in cells if cell.comment}


PEOPLE: list[list[Any]] = [
    ["Yritys", "Yhteyshenkilö", "Sähköposti", "Puhelin", "Hinta"],
    ["Saaristo Oy", "Aino Esimerkkilä", HER, "044 123 4567", 120],
    ["Metsä Oy", "Pekka Keksitty", "pekka@keksitty.example", "044 123 4568", 80],
    ["Pelto Oy", "Kaisa Kuvitelma", "kaisa@kuvitelma.example", "044 123 4569", 95],
]


def _book(path: Path, rows: list[list[Any]] = PEOPLE) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    sheet["B2"].comment = Comment("Aino Esimerkkilä soittaa", "Maija")
    sheet["B3"].comment = Comment("Pekka Keksitty soittaa", "Maija")
    sheet["B4"].comment = Comment("muista", "Maija")
    sheet["C4"].hyperlink = "mailto:kaisa@kuvitelma.example"
    sheet["C2"].hyperlink = f"mailto:{HER}"
    sheet["C3"].hyperlink = "mailto:pekka@keksitty.example"
    book.save(path)
    return path


def _source(path: Path, on_erase: str) -> ExcelConnector:
    return ExcelConnector("customers", {"path": path, "on_erase": on_erase})


def _taken(path: Path, name: str, on_erase: str = "cells") -> bytes:
    source = _source(path, on_erase)
    (entry,) = [item for item in source.entries() if isinstance(item, Entry) and name in item.values("name")]
    needles = [Needle("name", name), *(Needle("email", value) for value in entry.values("email"))]
    if on_erase == "row":
        return source.erase(entry.ref, entry.version, needles).receipt
    return source.redact(entry.ref, entry.version, tuple({item.kind for item in entry.leaving()}), needles).receipt


def _shown(path: Path) -> list[list[Any]]:
    sheet = openpyxl.load_workbook(path).worksheets[0]
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def _changed_parts(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


@pytest.mark.parametrize("on_erase", ["cells", "row"])
@pytest.mark.parametrize("first", [0, 1])
def test_two_persons_come_back_in_either_order(tmp_path: Path, on_erase: str, first: int) -> None:
    """Aino and then Pekka erased from one workbook: whichever is put back first, both are there, to the byte."""
    path = _book(tmp_path / "kaksi.xlsx")
    before, comments = _parts(path), _comments(path)
    receipts = [_taken(path, name, on_erase) for name in ("Aino Esimerkkilä", "Pekka Keksitty")]
    between = _shown(path)
    assert "Aino Esimerkkilä" not in str(between)
    assert "Pekka Keksitty" not in str(between)

    told = [_source(path, on_erase).restore(receipts[place]) for place in (first, 1 - first)]

    assert _shown(path) == PEOPLE
    assert _comments(path) == comments
    assert _parts(path)["xl/worksheets/sheet1.xml"] == before["xl/worksheets/sheet1.xml"]
    assert [outcome.notes for outcome in told] == [(), ()]


def _saved(path: Path, change: Callable[[Worksheet], object]) -> None:
    """The owner's own program opens the file, changes it and saves it in its own way."""
    book = openpyxl.load_workbook(path)
    change(book.worksheets[0])
    book.save(path)


@pytest.mark.parametrize("on_erase", ["cells", "row"])
def test_what_the_owner_saved_since_stays_and_the_person_is_back(tmp_path: Path, on_erase: str) -> None:
    """Another program wrote the whole file anew, with another row's price changed and a row below."""
    path = _book(tmp_path / "muuttunut.xlsx")
    receipt = _taken(path, "Aino Esimerkkilä", on_erase)

    def change(sheet: Worksheet) -> None:
        sheet["E4"] = 99
        sheet.append(["Suo Oy", "Matti Malli", "matti@malli.example", "044 123 4570", 10])

    _saved(path, change)
    expected = _shown(path)
    expected[1] = list(PEOPLE[1])

    told = _source(path, on_erase).restore(receipt)

    assert told.result == "restored"
    assert _shown(path) == expected


def test_a_row_that_moved_is_found_by_what_it_still_holds(tmp_path: Path) -> None:
    """Two rows put in above: the company and the price say which row was hers."""
    path = _book(tmp_path / "siirtynyt.xlsx")
    receipt = _taken(path, "Aino Esimerkkilä")
    _saved(path, lambda sheet: sheet.insert_rows(2, 2))

    _source(path, "cells").restore(receipt)

    shown = _shown(path)
    assert shown[3] == PEOPLE[1]
    assert [row[0] for row in shown] == ["Yritys", None, None, "Saaristo Oy", "Metsä Oy", "Pelto Oy"]


def test_a_row_whose_price_changed_is_still_hers(tmp_path: Path) -> None:
    """What stays of the row may change a little."""
    path = _book(tmp_path / "hinta.xlsx")
    receipt = _taken(path, "Aino Esimerkkilä")
    _saved(path, lambda sheet: sheet.__setitem__("E2", 150))

    _source(path, "cells").restore(receipt)

    assert _shown(path)[1] == [*PEOPLE[1][:4], 150]


@pytest.mark.parametrize("on_erase", ["cells", "row"])
@pytest.mark.parametrize(
    "change",
    [
        lambda sheet: sheet.__setitem__("B2", "Uusi Henkilö"),
        lambda sheet: sheet.delete_rows(2),
        lambda sheet: [sheet.__setitem__(place, value) for place, value in (("A2", "Aivan Muu Oy"), ("E2", 7))],
        lambda sheet: setattr(sheet, "title", "Toinen"),
    ],
    ids=["written", "deleted", "another company", "another sheet"],
)
def test_a_place_that_the_owner_changed_is_left_as_it_is(
    tmp_path: Path, on_erase: str, change: Callable[[Worksheet], object]
) -> None:
    """Nobody's cells are overwritten, and nobody is put into another company's row: not a byte is written."""
    path = _book(tmp_path / "oma.xlsx")
    receipt = _taken(path, "Aino Esimerkkilä", on_erase)
    _saved(path, change)
    before = path.read_bytes()

    with pytest.raises(Conflict):
        _source(path, on_erase).restore(receipt)
    assert path.read_bytes() == before


def test_of_a_cell_that_two_share_the_second_erase_is_not_undone_by_the_first(tmp_path: Path) -> None:
    """The cell was left with Pekka alone and is empty now: putting Aino in by herself would say something new."""
    path = _book(tmp_path / "jaettu.xlsx", [PEOPLE[0], ["Saaristo Oy", "Aino Esimerkkilä ja Pekka Keksitty", HER, "", 1], [""]])
    first, second = _taken(path, "Aino Esimerkkilä"), _taken(path, "Pekka Keksitty")

    with pytest.raises(Conflict):
        _source(path, "cells").restore(first)
    _source(path, "cells").restore(second)
    _source(path, "cells").restore(first)

    assert _shown(path)[1][1] == "Aino Esimerkkilä ja Pekka Keksitty"


def test_a_part_that_went_with_her_comes_back(tmp_path: Path) -> None:
    """Whatever the erase leaves out of the file is there again."""
    path = tmp_path / "pieni.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["Nimi", "Sähköposti"], ["Aino Esimerkkilä", HER], ["Pekka Keksitty", "pekka@keksitty.example"]):
        sheet.append(row)
    sheet["A2"].comment = Comment("soita Ainolle", "Maija")
    book.save(path)
    before = _parts(path)
    (receipt,) = _erase_all(path)

    ExcelConnector("customers", {"path": path}).restore(receipt)

    assert _parts(path) == before


def test_a_receipt_of_another_source_is_refused(book: Path) -> None:
    """Neither another register's nor any bytes."""
    (receipt, *_) = _erase_all(book)

    for name, told in (("other", receipt), ("customers", b"x"), ("customers", receipt[:-9])):
        with pytest.raises(Refused):
            ExcelConnector(name, {"path": book}).restore(told)


@given(TOKENS, TOKENS)
def test_any_old_part_is_made_of_any_new_one(old: list[bytes], new: list[bytes]) -> None:
    """Whatever was cut or written, the pieces give back the very bytes."""
    before, after = b"".join(old), b"".join(new)

    assert Part("p", "", "", pieces_of(before, after)).old(after) == before


def test_of_a_large_part_only_the_changed_rows_are_kept() -> None:
    """Twenty thousand rows, two of them changed far apart."""
    rows = [f"<row r='{number}'><c>arvo {number}</c></row>".encode() for number in range(20_000)]
    before = b"".join(rows)
    rows[3], rows[19_990] = b"<row r='3'/>", b"<row r='19990'/>"
    after = b"".join(rows)

    pieces = pieces_of(before, after)

    assert Part("p", "", "", pieces).old(after) == before
    assert sum(len(piece) for piece in pieces if isinstance(piece, bytes)) < 200
