"""Properties, other programs' data, embedded files, the chain of calculation, and the workbook as a whole."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import openpyxl
import pytest

from connectors._needles import Matcher
from connectors._workbook.package import Package
from connectors._workbook.parts.work import Job
from connectors._workbook.scrub import scrub
from connectors._workbook.xmlspans import Document
from connectors.contract import Needle
from connectors.errors import Refused
from tests.connectors.workbook.parts import corpus, handmade
from tests.connectors.workbook.parts.corpus import HEAD, MAIN, OTHER, SHEET, Book

BOOK = "xl/workbook.xml"


def _with_formula_chain(book: Book) -> None:
    cells = '<c r="F5" i="1"/><c r="A8"/><c r="F6"/><c r="B1" i="2"/><c r="A8" i="2"/>'
    chain = f'{HEAD}<calcChain xmlns="{MAIN}">{cells}</calcChain>'
    book.add("xl/calcChain.xml", chain, f"{corpus.SPREADSHEET}.calcChain+xml", BOOK, "calcChain")


def test_properties_connections_and_other_data_are_cleaned_by_value() -> None:
    """Whatever the encoding or escaping, no value stays, and names stay filled."""
    _, after = corpus.scrubbed(handmade.connections, handmade.custom_xml, handmade.others)
    dirty = corpus.traces_of(after)

    assert not [name for name in dirty if not name.startswith(("xl/worksheets", "xl/sharedStrings"))]
    assert corpus.names_of(after, "xl/connections.xml", "connection", "name") == ["Poistettu", "toinen"]
    assert after.read("customXml/item2.xml").startswith(b"\xff\xfe<\0?\0x\0")
    assert "<y>_x000D_</y><z>" in corpus.text(after, "xl/tuntematon.xml")
    assert '"nimi": ""' in Document(after.utf8("xl/webextensions/webextension1.xml")).root.children[0].get("value")
    assert [item.text for item in Document(after.utf8("xl/richData/rdrichvalue.xml")).iter("v")] == ["", OTHER, "0"]


def test_embedded_packages_are_cleaned_inside() -> None:
    """An embedded workbook and document lose her values and keep the others', in a zip of the same members."""
    before, after = corpus.scrubbed(handmade.embedded)
    for part in ("xl/embeddings/Microsoft_Excel_Sheet1.xlsx", "xl/embeddings/Microsoft_Word_Document2.docx"):
        old, new = (Package.of(package.read(part), part) for package in (before, after))
        assert old.names == new.names
        assert corpus.traces_of(old)
        assert not corpus.traces_of(new)
    assert b"Hei " in new.read("word/document.xml")
    assert b" ja Liisa" in new.read("word/document.xml")


def test_the_calculation_chain_loses_emptied_cells_only() -> None:
    """Another sheet's cell of the same place stays, and a cell that inherited its sheet still has it."""
    _, after = corpus.scrubbed(_with_formula_chain)

    assert '<c r="F5" i="1"/><c r="F6"/><c r="B1" i="2"/><c r="A8" i="2"/>' in corpus.text(after, "xl/calcChain.xml")


def test_a_chain_whose_first_cell_goes_tells_the_sheet_to_the_next() -> None:
    """The sheet's number is inherited: the next cell gets it when its giver goes."""
    book = corpus.plain_book()
    _with_formula_chain(book)
    book.swap("xl/calcChain.xml", '<c r="F5" i="1"/><c r="A8"/>', '<c r="A8" i="1"/>')
    _, after = corpus.scrubbed(book=book)

    assert '<c i="1" r="F6"/>' in corpus.text(after, "xl/calcChain.xml")


def test_a_chain_without_cells_is_dropped_with_its_mentions() -> None:
    """An empty chain is not legal: part, relationship and content type go."""
    book = corpus.plain_book()
    _with_formula_chain(book)
    text = re.sub("<c .*/>", '<c r="A8" i="1"/>', book.parts["xl/calcChain.xml"].decode())
    book.parts["xl/calcChain.xml"] = text.encode()
    _, after = corpus.scrubbed(book=book)

    assert "xl/calcChain.xml" not in after.names
    assert "calcChain" not in corpus.text(after, BOOK.replace("workbook.xml", "_rels/workbook.xml.rels"))
    assert "calcChain" not in corpus.text(after, "[Content_Types].xml")


@pytest.mark.parametrize(
    ("old", "new"), [('<calcPr calcId="124519" fullCalcOnLoad="1"/>', ""), (' fullCalcOnLoad="1"', ' fullCalcOnLoad="0"')]
)
def test_a_workbook_with_formulas_is_calculated_on_load(old: str, new: str) -> None:
    """The wish is set, in its place in the order of elements when it was missing."""
    book = corpus.plain_book()
    book.swap(BOOK, old, new)
    book.insert(BOOK, "</workbook>", "<extLst/>")
    _, after = corpus.scrubbed(book=book)

    assert re.search('</definedNames><calcPr [^>]*fullCalcOnLoad="1"[^>]*/><extLst/>', corpus.text(after, BOOK))


def test_parts_without_her_keep_every_byte() -> None:
    """A workbook of other people is not touched at all by a search by value."""
    book = corpus.plain_book()
    for add in handmade.ALL:
        add(book)
    before, clean = corpus.scrubbed(book=book, what=corpus.by_value())
    corpus.empty_cells(clean, corpus.by_value())
    again = Book({name: clean.read(name) for name in clean.names}).package()
    scrub(again, corpus.by_value())

    assert again.edited == ()
    assert not corpus.changed_parts(before, clean) & {"xl/styles.xml", "xl/theme/theme1.xml", "xl/worksheets/sheet5.xml"}


def test_cells_and_shared_strings_are_left_to_the_core() -> None:
    """The scrub changes a sheet around its cells only, and no shared string."""
    before, after = corpus.scrubbed(handmade.extensions)
    cells = re.compile("<sheetData>.*</sheetData>", re.DOTALL)

    for sheet in before.sheets:
        assert cells.findall(corpus.text(before, sheet.part)) == cells.findall(corpus.text(after, sheet.part))
    assert before.read("xl/sharedStrings.xml") == after.read("xl/sharedStrings.xml")
    assert before.read(SHEET) != after.read(SHEET)


def test_the_result_opens_in_openpyxl_with_all_it_can_read(tmp_path: Path) -> None:
    """Charts, tables, rules, names, pivots and notes are read from the cleaned workbook as from the old one."""
    book = corpus.plain_book()
    for add in handmade.ALL:
        add(book)
    package = book.package()
    old, new = tmp_path / "vanha.xlsx", tmp_path / "uusi.xlsx"
    package.write(old)
    corpus.empty_cells(package, corpus.job())
    scrub(package, corpus.job())
    package.write(new)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        was, now = (openpyxl.load_workbook(path) for path in (old, new))

    assert was.sheetnames == now.sheetnames
    for name in was.sheetnames:
        one, other = was[name], now[name]
        assert len(vars(one)["_charts"]) == len(vars(other)["_charts"])
        assert len(vars(one)["_pivots"]) == len(vars(other)["_pivots"])
        assert one.tables.keys() == other.tables.keys()
        assert len(one.conditional_formatting) == len(other.conditional_formatting)
        assert len(one.data_validations.dataValidation) == len(other.data_validations.dataValidation)
        assert one.merged_cells.ranges == other.merged_cells.ranges
    notes = [
        {cell.coordinate for row in sheet.iter_rows() for cell in row if cell.comment}
        for sheet in (was["Asiakkaat"], now["Asiakkaat"])
    ]
    assert notes == [{"A5", "A6", "A8"}, {"A5", "A6"}]
    assert corpus.traces(new.read_bytes()) == []
    assert corpus.traces_of(Package(new)) == {}


def test_a_dtd_in_a_part_is_refused() -> None:
    """Entities are never expanded."""
    book = corpus.plain_book()
    book.parts["docProps/core.xml"] = b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'

    with pytest.raises(Refused):
        scrub(book.package(), corpus.job())


def test_a_customer_number_changes_no_measure() -> None:
    """Short digits that are a width, an index or an identity of an axis stay; a text that says them is cut."""
    book = corpus.plain_book("Yhteensä")
    book.swap("docProps/core.xml", "Soita", "Nro 50010001")
    before, after = book.package(), book.package()
    matcher = Matcher([Needle("text", number) for number in ("50010001", "21600", "12700", "38100", "10000")])
    scrub(after, Job(matcher, "", 0, frozenset(), frozenset(), whole_row=False))

    assert "50010001" not in corpus.text(after, "docProps/core.xml")
    axes = corpus.names_of(after, "xl/charts/chart1.xml", "axId", "val")
    assert axes == corpus.names_of(before, "xl/charts/chart1.xml", "axId", "val")
    assert "50010001" in axes
    assert not corpus.changed_parts(before, after) & {"xl/styles.xml", "xl/drawings/vmlDrawing1.vml", "xl/drawings/drawing1.xml"}
    assert before.read("xl/theme/theme1.xml") == after.read("xl/theme/theme1.xml")
