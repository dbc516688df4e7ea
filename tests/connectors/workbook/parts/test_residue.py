"""The search after the edit: every part by value in every spelling, and a word on each part it cannot see into."""

from __future__ import annotations

import html
import quopri
import random
import urllib.parse
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from connectors._needles import Matcher
from connectors._workbook.parts import reading
from connectors._workbook.residue import find_residue, look_alikes, search_file
from connectors._workbook.scrub import scrub
from connectors.contract import Needle, Residue
from tests.connectors.workbook.parts import corpus, handmade
from tests.connectors.workbook.parts.corpus import EMAIL, NAME, TURNED, Book

UNKNOWN = "xl/tuntematon.xml"


def _clean_book() -> Book:
    """The plain workbook without her."""
    package = corpus.plain_book().package()
    corpus.empty_cells(package, corpus.job())
    scrub(package, corpus.job())
    return Book({name: package.read(name) for name in package.names})


CLEAN = _clean_book().parts


def _found(book: Book) -> list[Residue]:
    return [one for one in find_residue(book.package(), corpus.matcher()) if one.found]


@pytest.mark.parametrize(
    "data",
    [
        f"<a>{NAME}</a>".encode(),
        f"<a b='{TURNED}'/>".encode(),
        f"<a>{html.escape(NAME)}</a>".encode("ascii", "xmlcharrefreplace"),
        b"\xff\xfe" + f"<a>{NAME}</a>".encode("utf-16-le"),
        f"<a>{urllib.parse.quote(NAME)}</a>".encode(),
        b"<a>" + quopri.encodestring(NAME.encode()) + b"</a>",
        b"<a>Soita 044-123 45 67</a>",
        "<si><r><t>Päi</t></r><r><rPr><b/></rPr><t>vi Äijälä</t></r></si>".encode(),
        f"<oddHeader>&amp;L{NAME}</oddHeader>".encode(),
        f"<oddFooter>&amp;C{NAME[:3]}&amp;B{NAME[3:]}</oddFooter>".encode(),
        "<a>Päivi <!-- c -->Äij<![CDATA[älä]]></a>".encode(),
        f"<a>_x000D_{EMAIL}</a>".encode(),
        f"<a>_x0050_{NAME[1:]}</a>".encode(),
        "<a>".encode("utf-16-be") + NAME.encode("utf-16-be"),
        b"\1\0\0" + EMAIL.encode("utf-16-le"),
        b"<a>" + random.Random(1).randbytes(9 << 18).hex().encode() + b" " + NAME.encode() + b"</a>",
    ],
    ids=lambda data: repr(data[:40]),
)
def test_a_value_is_found_in_every_spelling(data: bytes) -> None:
    """Whatever way it stands in a part, the part is named and found is true."""
    book = Book(CLEAN)
    assert _found(book) == []
    book.add(UNKNOWN, data, "application/xml")

    assert [UNKNOWN in one.where for one in _found(book)] == [True]


def test_a_value_over_the_edge_of_two_pieces_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Large parts are searched piece by piece, and the pieces overlap."""
    monkeypatch.setattr(reading, "_CHUNK", 1000)
    monkeypatch.setattr(reading, "_OVERLAP", 100)
    for start in range(960, 1001):
        data = b" " * start + EMAIL.encode() + b" " * 500
        assert reading.in_bytes(data, corpus.matcher()), start


def test_neighbours_are_not_joined_to_her_name() -> None:
    """Texts of two strings, two cells or two sections of a header never make one name."""
    book = Book(CLEAN)
    texts = "<si><r><t>Päivi</t></r></si><si><r><t>Äijälä</t></r></si><oddHeader>&amp;LPäivi &amp;RÄijälä</oddHeader>"
    book.add(UNKNOWN, f"<x>{texts}<c r='1'>Päivi</c><c>Äijälä</c><d>Päivi <si>Äijälä</si></d></x>", "application/xml")

    assert _found(book) == []


def test_what_cannot_be_seen_into_is_listed_each_with_a_deed() -> None:
    """Macros, old objects, pictures, printer settings and locked files are named; a hit among them is found."""
    book = Book(CLEAN)
    handmade.binaries(book)
    handmade.locked_object(book)
    book.add("xl/embeddings/x.bin", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(10), "")
    book.add("xl/model/item.data", bytes(range(256)), "application/vnd.openxmlformats-officedocument.model+data")
    residue = find_residue(book.package(), corpus.matcher())

    assert {str(one.where).rpartition("(")[2].rstrip(")"): one.found for one in residue} == {
        "xl/media/image1.png": False,
        "xl/vbaProject.bin": False,
        "xl/embeddings/oleObject1.bin": True,
        "xl/embeddings/x.bin": False,
        "xl/embeddings/Package3.xlsx": False,
        "xl/printerSettings/printerSettings1.bin": False,
        "xl/model/item.data": False,
    }
    assert all(one.why for one in residue)


def test_embedded_files_are_searched_inside() -> None:
    """A hit in a workbook within the workbook names both."""
    book = Book(CLEAN)
    handmade.embedded(book)
    places = [str(one.where) for one in _found(book)]

    assert any("Sheet1.xlsx" in place and place.endswith("(xl/worksheets/sheet1.xml): A1, B1") for place in places)
    assert any("word/document.xml" in place for place in places)


def test_names_of_sheets_and_parts_are_found_but_never_repeated() -> None:
    """Where a sheet, a part or the file itself is called like her, the place is told without the name."""
    book = Book(CLEAN)
    book.swap("xl/workbook.xml", 'name="Piilo"', f'name="{NAME}"')
    book.add(f"xl/media/{NAME}.png", corpus.PNG, "image/png")
    book.insert("xl/worksheets/sheet3.xml", "</worksheet>", f"<!-- {EMAIL} -->")
    residue = find_residue(book.package(f"{NAME}.xlsx"), corpus.matcher())

    assert {"sheet number 3" in one.where for one in residue if "sheet3.xml" in one.where} == {True}
    assert any(one.found and "media/" in one.where for one in residue)
    assert any(one.found and "workbook.xml" in one.where for one in residue)
    assert not any(corpus.traces(f"{one.where} {one.why} {one!r}".encode()) for one in residue)


def test_without_needles_nothing_is_searched() -> None:
    """No values, no residue."""
    assert find_residue(corpus.plain_book().package(), Matcher([])) == []


def test_a_dirty_workbook_names_every_dirty_part() -> None:
    """The search finds at least every part that the plain scan of the tests finds; of the table of texts it names the cells."""
    book = corpus.plain_book()
    for add in handmade.ALL:
        add(book)
    package = book.package()
    found = "\n".join(str(one.where) for one in find_residue(package, corpus.matcher()) if one.found)

    missing = [part for part in corpus.traces_of(package) if part.rpartition("!")[2] not in found]
    assert {part.rpartition("!")[2] for part in missing} <= {"xl/sharedStrings.xml"}
    assert "sheet Asiakkaat (xl/worksheets/sheet1.xml): A8, B8, C8" in found


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ("<row r='1234'><c r='A1234' t='s'><v>1234</v></c></row>", False),
        ("<row r='9'><c r='A9'><v>1234</v></c></row>", True),
        ("<row r='9'><c r='A9' t='inlineStr'><is><t>nro 1234</t></is></c></row>", True),
        ("<a width='12.1234'/>", False),
        ("<s v='1234'/>", True),
        ("<a b='nro 1234'/>", True),
        ("<colOff>1234</colOff>", False),
    ],
)
def test_a_customer_number_counts_only_where_something_is_said(data: str, found: bool) -> None:
    """A few digits are also a row, a place in a table and a width."""
    book = Book(CLEAN)
    book.add(UNKNOWN, data, "application/xml")
    residue = find_residue(book.package(), Matcher([Needle("text", "1234")]))

    assert [one.found for one in residue if UNKNOWN in one.where] == [True] * found


# Files beside it -----------------------------------------------------------------------------------------------------


def test_copies_backups_and_leftovers_beside_the_workbook_are_known(tmp_path: Path) -> None:
    """Owner files, temporary files, conflict copies and backups are look-alikes; other workbooks are not."""
    path = tmp_path / "asiakkaat.xlsx"
    alike = ["~$asiakkaat.xlsx", "~$iakkaat.xlsx", ".hub-1-2.tmp", "asiakkaat 2.xlsx", "asiakkaat (1).xlsx", "asiakkaat.bak"]
    alike += ["asiakkaat.xlk", "asiakkaat.xls", "Varmuuskopio asiakkaat.xlk", "asiakkaat.xlsx.bak", "5C2E7F00", "ABCD.tmp"]
    others = ["laskut.xlsx", "asiakkaat.txt", "tyhjä", "~$laskut.xlsx", "laskut.bak", "x.tmp"]
    for name in [path.name, *alike, *others]:
        (tmp_path / name).write_bytes(b"PK\3\4" if name in alike else b"x")
    (tmp_path / "asiakkaat 3.xlsx").mkdir()

    assert {one.name for one in look_alikes(path)} == set(alike)


def test_files_beside_the_workbook_are_searched(tmp_path: Path) -> None:
    """A copy is searched part by part, other files by their bytes; an owner file without her is no residue."""
    copy, old, owner, odd = (tmp_path / name for name in ("a 2.xlsx", "a.xls", "~$a.xlsx", "a.bak"))
    copy.write_bytes(corpus.plain_book().data())
    old.write_bytes(b"\xd0\xcf\x11\xe0" + NAME.encode("utf-16-le"))
    owner.write_bytes(b"\5Maija" + bytes(100))
    odd.write_bytes(b"nothing to see")

    assert {one.found for one in search_file(copy, corpus.matcher())} == {True, False}
    assert [one.found for one in search_file(old, corpus.matcher())] == [True]
    assert search_file(owner, corpus.matcher()) == []
    assert [one.found for one in search_file(odd, corpus.matcher())] == [False]
    assert [one.found for one in search_file(tmp_path / "none.bak", corpus.matcher())] == [False]


def test_the_matcher_of_the_search_may_hold_a_plain_word() -> None:
    """A text such as a street is found like the other kinds."""
    book = Book(CLEAN)
    book.add(UNKNOWN, "<a>Esimerkkikatu 5</a>", "application/xml")
    matcher = Matcher([Needle("text", "Esimerkkikatu 5")])

    assert [one.found for one in find_residue(book.package(), matcher) if UNKNOWN in one.where] == [True]


def _left(tmp_path: Path, fill: Callable[[xlsxwriter.Workbook], None]) -> list[Residue]:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        fill(book)
    return [one for one in search_file(path, corpus.matcher()) if one.found]


def _shown(tmp_path: Path, fill: Callable[[xlsxwriter.Workbook], None]) -> list[str]:
    return [str(one.where) for one in _left(tmp_path, fill)]


def test_the_cells_that_hold_a_value_are_named(tmp_path: Path) -> None:
    """A text, a formula and its result; the table of texts is not told besides, for nothing else is in it."""

    def fill(book: xlsxwriter.Workbook) -> None:
        first, second = book.add_worksheet("Ajat"), book.add_worksheet("Muut")
        first.write_string("B2", f"{NAME} soittaa")
        first.write_formula("C3", f'="{EMAIL}"&A1', None, EMAIL)
        first.write_string("A5", "joku muu")
        second.set_column("K:K", None, None, {"hidden": True})
        second.write_string("K6", f"kysy {EMAIL}")

    assert _shown(tmp_path, fill) == [
        "a.xlsx, sheet Ajat (xl/worksheets/sheet1.xml): B2, C3",
        "a.xlsx, sheet Muut (xl/worksheets/sheet2.xml): K6",
    ]


def test_what_is_no_cell_of_a_sheet_is_told_besides(tmp_path: Path) -> None:
    """A header of the page does not hide behind a cell that was named; of many cells the first are."""

    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet("Ajat")
        sheet.set_header(f"&C{NAME}")
        for row in range(20):
            sheet.write_string(row, 0, NAME)

    named, beside = _shown(tmp_path, fill)
    assert named.endswith("(xl/worksheets/sheet1.xml): " + ", ".join(f"A{row}" for row in range(1, 13)) + " …")
    assert beside == "a.xlsx, sheet Ajat (xl/worksheets/sheet1.xml)"


def test_a_text_that_no_cell_shows_is_found_in_the_table_of_texts() -> None:
    """No cell can be named for it, and it is residue all the same."""
    parts = dict(CLEAN)
    parts["xl/sharedStrings.xml"] = parts["xl/sharedStrings.xml"].replace(b"</sst>", f"<si><t>{NAME}</t></si></sst>".encode())
    assert any("(xl/sharedStrings.xml)" in one.where for one in _found(Book(parts)))


def test_it_says_where_excels_own_search_does_not_look(tmp_path: Path) -> None:
    """Ctrl+F finds neither a list of choices nor, as it is at first, a note: each is told with what finds it."""

    def fill(book: xlsxwriter.Workbook) -> None:
        chosen, noted = book.add_worksheet("Ajat"), book.add_worksheet("Muut")
        chosen.data_validation("A1", {"validate": "list", "source": [NAME, "joku muu"]})
        noted.write_string("A1", "joku muu")
        noted.write_comment("A1", f"kysy {EMAIL}")

    told = {str(one.where): str(one.why) for one in _left(tmp_path, fill)}
    assert "Data Validation" in told["a.xlsx, sheet Ajat (xl/worksheets/sheet1.xml)"]
    assert "look in notes" in told["a.xlsx, the notes (xl/comments1.xml)"]
