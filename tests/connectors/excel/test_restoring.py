"""A workbook is put back part by part to the byte, or not at all."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.comments import Comment

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


def test_after_a_change_nothing_is_put_back(book: Path) -> None:
    """Whoever saved the workbook since keeps what they saved."""
    receipts = _erase_all(book)
    saved = openpyxl.load_workbook(book)
    saved.worksheets[0]["A1"] = "muutettu"
    saved.save(book)
    before = book.read_bytes()

    with pytest.raises(Conflict):
        ExcelConnector("customers", {"path": book}).restore(receipts[-1])
    assert book.read_bytes() == before


def test_the_order_of_receipts_matters(book: Path) -> None:
    """A receipt knows the workbook as it was right after its own erase: an earlier one waits for the later ones."""
    receipts = _erase_all(book)
    before = book.read_bytes()

    with pytest.raises(Conflict):
        ExcelConnector("customers", {"path": book}).restore(receipts[0])
    assert book.read_bytes() == before


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
