"""Each family of parts: what goes, what becomes a placeholder, and what keeps every byte."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from connectors.errors import Refused
from connectors.excel.package import Package
from connectors.excel.parts.work import Job
from connectors.excel.scrub import scrub, table_headers
from connectors.excel.xmlspans import Document
from tests.connectors.excel.parts import corpus, handmade
from tests.connectors.excel.parts.corpus import EMAIL, HEAD, MAIN, NAME, OTHER, SHEET, Book

BOOK = "xl/workbook.xml"


def _scrubbed(*adders: Callable[[Book], None], job: Job | None = None, book: Book | None = None) -> tuple[Package, Package]:
    """The package before and after, its cells untouched; only the scrub at work."""
    book = book or corpus.plain_book()
    for add in adders:
        add(book)
    before, after = book.package(), book.package()
    scrub(after, job or corpus.job())
    return before, after


def _text(package: Package, part: str) -> str:
    return package.utf8(part).decode()


def _with_formula_chain(book: Book) -> None:
    cells = '<c r="F5" i="1"/><c r="A8"/><c r="F6"/><c r="B1" i="2"/><c r="A8" i="2"/>'
    chain = f'{HEAD}<calcChain xmlns="{MAIN}">{cells}</calcChain>'
    book.add("xl/calcChain.xml", chain, f"{corpus.SPREADSHEET}.calcChain+xml", BOOK, "calcChain")


# Links ---------------------------------------------------------------------------------------------------------------


def test_links_on_emptied_cells_and_links_that_name_her_go_with_their_relationships() -> None:
    """Element and relationship go together, the others stay, and an empty block goes too."""
    before, after = _scrubbed()

    assert corpus.names_of(after, SHEET, "hyperlink", "ref") == ["B5", "B6", "B7", "B9", "B10"]
    links = {item.target for item in after.relationships(SHEET) if item.kind == "hyperlink"}
    assert links == {item.target for item in before.relationships(SHEET) if item.kind == "hyperlink"} - {f"mailto:{EMAIL}"}


@pytest.mark.parametrize(
    "said", [f'tooltip="{NAME}"', f'display="{EMAIL}"', "location=\"'P\u00e4ivi \u00c4ij\u00e4l\u00e4'!A1\""]
)
def test_a_link_elsewhere_that_names_her_goes(said: str) -> None:
    """By value: tooltip, shown text or place; the last link takes the block with it."""
    book = corpus.plain_book()
    block = re.compile("<hyperlinks>.*</hyperlinks>")
    sheet = block.sub(f'<hyperlinks><hyperlink ref="H9" {said}/></hyperlinks>', book.parts[SHEET].decode())
    book.parts[SHEET] = sheet.encode()
    _, after = _scrubbed(book=book)

    assert "hyperlink" not in _text(after, SHEET)


def test_a_link_whose_address_alone_names_her_goes() -> None:
    """Her address behind an innocent word on another row."""
    book = corpus.plain_book()
    link = book.relate(SHEET, "hyperlink", "mailto:P%C3%A4ivi%20%C3%84ij%C3%A4l%C3%A4%3C" + EMAIL, external=True)
    book.swap(SHEET, "</hyperlinks>", f'<hyperlink ref="H9" r:id="{link}"/></hyperlinks>')
    _, after = _scrubbed(book=book)

    assert "H9" not in corpus.names_of(after, SHEET, "hyperlink", "ref")
    assert link not in {item.id for item in after.relationships(SHEET)}


def test_a_relationship_that_another_link_uses_stays() -> None:
    """Two links share one address: only the one on the emptied cell goes."""
    book = corpus.plain_book()
    links = '<hyperlinks><hyperlink ref="B8" r:id="rId1"/><hyperlink ref="B5" r:id="rId1"/></hyperlinks>'
    book.parts[SHEET] = re.sub("<hyperlinks>.*</hyperlinks>", links, book.parts[SHEET].decode()).encode()
    before, after = _scrubbed(book=book)

    assert corpus.names_of(after, SHEET, "hyperlink", "ref") == ["B5"]
    assert [item.id for item in after.relationships(SHEET)] == [item.id for item in before.relationships(SHEET)]


def test_a_shape_keeps_itself_and_loses_its_link() -> None:
    """A picture's link to her address goes with its relationship; the picture's own relationship stays."""
    _, after = _scrubbed()

    assert "hlinkClick" not in _text(after, "xl/drawings/drawing1.xml")
    assert {item.kind for item in after.relationships("xl/drawings/drawing1.xml")} == {"chart", "image"}


def test_another_workbooks_cells_go_and_its_path_is_cut() -> None:
    """Cells that are hers go, a shared one keeps the other's part, and the path stays an address."""
    _, after = _scrubbed(handmade.external_link)
    part = "xl/externalLinks/externalLink1.xml"

    assert corpus.names_of(after, part, "cell", "r") == ["C1", "D1"]
    assert OTHER in _text(after, part)
    assert [item.target for item in after.relationships(part)] == ["file:///C:/Poistettu/hinnat.xlsx"]


# Comments ------------------------------------------------------------------------------------------------------------


def test_note_thread_and_shape_of_an_emptied_cell_go_together() -> None:
    """The three lists agree afterwards, and other cells' comments lose only her name."""
    _, after = _scrubbed(handmade.threads)

    assert corpus.names_of(after, "xl/comments1.xml", "comment", "ref") == ["A5", "A6"]
    assert corpus.names_of(after, "xl/threadedComments/threadedComment1.xml", "threadedComment", "ref") == ["A5", "A6"]
    rows = [item.text for item in Document(after.utf8("xl/drawings/vmlDrawing1.vml")).iter("Row")]
    assert rows == ["4", "5"]
    assert "Veli: <" in _text(after, "xl/comments1.xml")
    threads = _text(after, "xl/threadedComments/threadedComment1.xml")
    assert "Kysy: @ tästä" in threads
    assert "mention" not in threads


def test_the_writer_who_is_her_becomes_a_placeholder() -> None:
    """Name, account and provider of her person entry go; its id stays for the threads that point to it."""
    _, after = _scrubbed(handmade.threads)

    part = "xl/persons/person.xml"
    assert corpus.names_of(after, part, "person", "displayName") == ["Poistettu", "Maija Omistaja"]
    assert corpus.names_of(after, part, "person", "userId") == ["Poistettu", "omistaja"]
    assert corpus.names_of(after, part, "person", "providerId") == ["None", "None"]
    assert corpus.names_of(after, part, "person", "id")[0].endswith("1}")


def test_a_writer_known_by_the_account_loses_the_nickname_too() -> None:
    """The account says who it is, whatever name is shown."""
    book = corpus.plain_book()
    handmade.threads(book)
    book.swap("xl/persons/person.xml", f'displayName="{NAME}"', 'displayName="Pomo"')
    _, after = _scrubbed(book=book)

    assert corpus.names_of(after, "xl/persons/person.xml", "person", "displayName") == ["Poistettu", "Maija Omistaja"]


def test_shapes_that_are_no_xml_are_removed_too() -> None:
    """Excel writes `<br>` into drawings of notes; her shape goes all the same, and texts are cut."""
    book = corpus.plain_book()
    part = "xl/drawings/vmlDrawing1.vml"
    book.swap(part, "<v:textbox", f"<div>a<br>{NAME}</div><v:textbox")
    _, after = _scrubbed(book=book)

    assert re.findall("<x:Row>(.)<", _text(after, part)) == ["4", "5"]
    assert corpus.traces(after.read(part)) == []
    assert "<br>" in _text(after, part)


def test_in_a_whole_row_each_comment_of_the_row_goes() -> None:
    """A note on any cell of the emptied row is about the row."""
    book = corpus.plain_book()
    book.swap("xl/comments1.xml", 'ref="A6"', 'ref="Z8"')
    _, after = _scrubbed(book=book, job=corpus.job(whole_row=True))

    assert corpus.names_of(after, "xl/comments1.xml", "comment", "ref") == ["A5"]


# Rules of a sheet ----------------------------------------------------------------------------------------------------


def test_a_rule_that_looks_for_her_looks_for_nobody() -> None:
    """A search for an empty text would colour every row, so a placeholder stands in rules, also in extensions."""
    _, after = _scrubbed(handmade.extensions)

    assert set(corpus.names_of(after, SHEET, "cfRule", "text")) - {""} == {"Poistettu"}
    texts = [item.text for item in Document(after.utf8(SHEET), hollow="sheetData").iter("formula", "f")]
    assert 'NOT(ISERROR(SEARCH("Poistettu",A5)))' in texts
    assert '"Poistettu"' in texts


def test_a_list_of_choices_loses_hers_only() -> None:
    """The other choices stay, in the classic place and in the extension; prompts are cut."""
    _, after = _scrubbed(handmade.extensions)
    text = _text(after, SHEET)

    assert f'<formula1>"{OTHER},Liisa Malli"</formula1>' in text
    assert f'<xm:f>"{OTHER}"</xm:f>' in text
    assert 'prompt="Esim. "' in text


def test_a_list_of_her_alone_keeps_a_placeholder() -> None:
    """An empty list is not legal."""
    book = corpus.plain_book()
    book.swap(SHEET, f'"{OTHER},{NAME},Liisa Malli"', f'"{NAME},{EMAIL}"')
    _, after = _scrubbed(book=book)

    assert '<formula1>"Poistettu"</formula1>' in _text(after, SHEET)


def test_a_filter_never_loses_its_last_choice() -> None:
    """With other choices hers goes; as the only one it becomes a placeholder, for none would show every row."""
    _, after = _scrubbed()
    assert corpus.names_of(after, SHEET, "filter", "val") == [OTHER]

    book = corpus.plain_book()
    book.swap(SHEET, f'<filter val="{OTHER}"/>', "")
    _, after = _scrubbed(book=book)
    assert corpus.names_of(after, SHEET, "filter", "val") == ["Poistettu"]


def test_header_codes_stay_and_words_behind_them_go() -> None:
    """`&L` right before her name is a code, not a letter of it; formats and fields stay."""
    book = corpus.plain_book()
    book.swap(SHEET, "&amp;CTulostanut", "&amp;RPäivi &amp;BÄijälä&amp;CTulostanut")
    _, after = _scrubbed(book=book)
    text = _text(after, SHEET)

    assert '<oddHeader>&amp;L&amp;"Arial,Bold"&amp;C&amp;12Asiakkaat&amp;R&amp;D</oddHeader>' in text
    assert "<oddFooter>&amp;R&amp;B&amp;CTulostanut &amp;B&amp;B</oddFooter>" in text


def test_ranges_scenarios_and_views_keep_a_name() -> None:
    """Where a name is needed a placeholder stands; free texts are cut."""
    _, after = _scrubbed(handmade.extensions)
    text = _text(after, SHEET)

    assert '<protectedRange sqref="H1" name="Poistettu"/>' in text
    assert '<scenario name="Poistettu" user="Poistettu" comment="" count="1"><inputCells r="H1" val=""/>' in text
    assert "<oddHeader>&amp;L</oddHeader>" in text


def test_a_scenarios_value_for_an_emptied_cell_goes_whatever_it_says() -> None:
    """By place, not only by value."""
    book = corpus.plain_book()
    handmade.extensions(book)
    book.swap(SHEET, '<inputCells r="H1"', '<inputCells r="A8" val="salassa"/><inputCells r="H1"')
    _, after = _scrubbed(book=book)

    assert '<inputCells r="A8" val=""/>' in _text(after, SHEET)


def test_words_of_her_row_that_are_not_hers_stay_where_the_owner_wrote_them() -> None:
    """Of a whole row, service and price leave what remembers cells, but no list of choices, literal or linked value."""
    book = corpus.plain_book()
    book.swap(SHEET, f'"{OTHER},', f'"Ainutpaketti,{OTHER},')
    handmade.external_link(book)
    book.swap("xl/externalLinks/externalLink1.xml", "<v>75</v>", "<v>99</v>")
    literal = '<c:numLit><c:ptCount val="1"/><c:pt idx="0"><c:v>99</c:v></c:pt></c:numLit>'
    book.swap("xl/charts/chart1.xml", "<c:cat>", f"<c:x>{literal}</c:x><c:cat>")
    _, after = _scrubbed(book=book, job=corpus.job(whole_row=True))

    assert f'"Ainutpaketti,{OTHER},Liisa Malli"' in _text(after, SHEET)
    assert "<v>99</v>" in _text(after, "xl/externalLinks/externalLink1.xml")
    assert literal in _text(after, "xl/charts/chart1.xml")


# Names ---------------------------------------------------------------------------------------------------------------


def test_a_table_column_that_spells_her_is_renamed_with_its_header_cell() -> None:
    """The column is never blank, and the core is told which header cell must follow."""
    book = corpus.plain_book()
    headers = table_headers(book.package(), corpus.job())
    _, after = _scrubbed(book=book)

    assert headers == {"xl/worksheets/sheet4.xml": {"B1": "Poistettu"}}
    assert corpus.names_of(after, "xl/tables/table1.xml", "tableColumn", "name") == ["Nimi", "Poistettu", "Hinta"]
    assert 'totalsRowLabel="Summa "' in _text(after, "xl/tables/table1.xml")


def test_a_table_column_that_a_formula_uses_keeps_its_name() -> None:
    """Renaming it would break the formula; the residue search tells about it instead."""
    book = corpus.plain_book()
    book.swap("xl/worksheets/sheet2.xml", "<f>COUNTA", f"<f>SUM(Lista[{NAME}])+COUNTA")
    assert table_headers(book.package(), corpus.job()) == {}
    _, after = _scrubbed(book=book)

    assert NAME in corpus.names_of(after, "xl/tables/table1.xml", "tableColumn", "name")


def test_new_column_names_are_unlike_all_others() -> None:
    """Two columns of hers beside one that is called like the placeholder get numbers."""
    book = corpus.plain_book()
    book.swap("xl/tables/table1.xml", 'name="Hinta"', f'name="{EMAIL}"')
    book.swap("xl/tables/table1.xml", 'name="Nimi"', 'name="poistettu"')
    _, after = _scrubbed(book=book)

    names = ["poistettu", "Poistettu2", "Poistettu3"]
    assert corpus.names_of(after, "xl/tables/table1.xml", "tableColumn", "name") == names


def test_defined_names_keep_a_constant_and_lose_her() -> None:
    """A constant becomes a placeholder, a number becomes 0, comments are cut, references stay."""
    book = corpus.plain_book()
    number = f'<definedName name="Numero" comment="{NAME}">441234567</definedName>'
    hers = '<definedName name="Päivi_Äijälä">Asiakkaat!$A$8</definedName>'
    book.insert(BOOK, "</definedNames>", number + hers)
    _, after = _scrubbed(book=book)
    text = _text(after, BOOK)

    assert '<definedName name="Yhteys">"Poistettu"</definedName>' in text
    assert '<definedName name="Numero" comment="">0</definedName>' in text
    assert '<definedName name="Poistettu">Asiakkaat!$A$8</definedName>' in text


def test_a_defined_name_in_use_keeps_its_spelling() -> None:
    """A formula or macro may need it."""
    book = corpus.plain_book()
    book.insert(BOOK, "</definedNames>", '<definedName name="Päivi_Äijälä">Asiakkaat!$A$8</definedName>')
    book.swap("xl/worksheets/sheet2.xml", "<f>COUNTA", "<f>LEN(Päivi_Äijälä)+COUNTA")
    _, after = _scrubbed(book=book)

    assert "Päivi_Äijälä" in corpus.names_of(after, BOOK, "definedName", "name")


def test_a_sheets_own_name_stays() -> None:
    """Sheet names stand in formulas everywhere: never changed here, also not where the properties repeat them."""
    book = corpus.plain_book()
    book.swap(BOOK, 'name="Raportti"', f'name="{NAME}"')
    book.swap("docProps/app.xml", "<vt:lpstr>Raportti<", f"<vt:lpstr>{NAME}<")
    _, after = _scrubbed(book=book)

    assert after.sheets[1].name == NAME
    assert f"<vt:lpstr>{NAME}<" in _text(after, "docProps/app.xml")


# Memories ------------------------------------------------------------------------------------------------------------


def test_a_chart_forgets_the_points_of_emptied_cells() -> None:
    """In a whole row both the label and the number go, by their place; titles are cut by value."""
    book = corpus.plain_book()
    book.parts["xl/charts/chart1.xml"] = book.parts["xl/charts/chart1.xml"].replace(
        NAME.encode() + b"</c:v></c:pt>", b"x</c:v></c:pt>"
    )
    _, after = _scrubbed(book=book, job=corpus.job(whole_row=True))
    document = Document(after.utf8("xl/charts/chart1.xml"))
    caches = [[point.get("idx") for point in cache.iter("pt")] for cache in document.iter("strCache", "numCache")]

    assert caches == [["0", "1", "2", "4", "5"]] * 2
    assert corpus.traces(after.read("xl/charts/chart1.xml")) == []


def test_a_chart_that_skips_hidden_rows_forgets_all_points() -> None:
    """When the number of points is not the number of cells, no point tells its cell."""
    book = corpus.plain_book()
    part = "xl/charts/chart1.xml"
    book.swap(part, '<c:strCache><c:ptCount val="6"/>', '<c:strCache><c:ptCount val="5"/>')
    _, after = _scrubbed(book=book)
    caches = [len(list(cache.iter("pt"))) for cache in Document(after.utf8(part)).iter("strCache", "numCache")]

    assert caches == [0, 6]


def test_levels_of_a_chart_are_columns_innermost_last() -> None:
    """In a cache of several levels the emptied cell's level and index are found."""
    points = "".join(f'<c:pt idx="{number}"><c:v>p{number}</c:v></c:pt>' for number in range(6))
    levels = f"<c:lvl>{points}</c:lvl><c:lvl>{points}</c:lvl>"
    cache = f'<c:multiLvlStrCache><c:ptCount val="6"/>{levels}</c:multiLvlStrCache>'
    book = corpus.plain_book()
    mark = "<c:cat>"
    many = f"<c:multiLvlStrRef><c:f>Asiakkaat!$C$5:$D$10</c:f>{cache}</c:multiLvlStrRef>"
    book.swap("xl/charts/chart1.xml", mark, f"<c:x>{many}</c:x>{mark}")
    _, after = _scrubbed(book=book)
    inner, outer = Document(after.utf8("xl/charts/chart1.xml")).iter("lvl")

    assert [point.get("idx") for point in inner.children] == list("012345")
    assert [point.get("idx") for point in outer.children] == list("01245")


def test_a_new_kind_of_chart_is_read_by_place_and_value() -> None:
    """A chartEx loses the emptied cell's point whatever it says, and her name in its title."""
    _, after = _scrubbed(handmade.shapes)
    text = _text(after, "xl/charts/chartEx1.xml")

    assert "salassa" not in text
    assert text.count("<cx:pt") == 3
    assert NAME not in text


def test_text_split_over_runs_and_lines_is_cut() -> None:
    """Her name over three runs and a line break goes, the other's behind it stays."""
    _, after = _scrubbed(handmade.shapes)
    for part in ("xl/drawings/drawing9.xml", "xl/diagrams/data1.xml"):
        texts = [item.text for item in Document(after.utf8(part)).iter("t")]
        assert texts == ["", "", f" {OTHER}"], part


def test_a_pivot_keeps_its_types_and_is_told_to_refresh() -> None:
    """Text stays text and number stays number, none twice, limits true; inline records are cleaned too."""
    _, after = _scrubbed(handmade.pivot)
    part = "xl/pivotCache/pivotCacheDefinition1.xml"
    text = _text(after, part)

    assert corpus.names_of(after, part, "s", "v") == [OTHER, "Liisa Malli", "Poistettu"]
    assert corpus.names_of(after, part, "n", "v") == ["0", "2", "1"]
    assert 'minValue="0" maxValue="2"' in text
    assert ' refreshOnLoad="1"' in text
    assert corpus.names_of(after, "xl/pivotCache/pivotCacheRecords1.xml", "s", "v")[::2] == ["x", "y", "Poistettu"]
    assert corpus.traces_of(after).keys() & {name for name in after.names if "pivot" in name} == set()
    table = _text(after, "xl/pivotTables/pivotTable1.xml")
    assert 'stringValue1="Poistettu"' in table
    assert 'name="Pivot Poistettu"' in table


def test_a_pivot_forgets_dates_and_numbers_of_a_whole_row() -> None:
    """What stood in her row alone goes from the items, a date by its serial number."""
    book = corpus.plain_book()
    handmade.pivot(book)
    part = "xl/pivotCache/pivotCacheDefinition1.xml"
    days = '<d v="2024-05-03T00:00:00"/><d v="2024-05-04T00:00:00"/>'
    book.swap(
        part, "<sharedItems/>", f'<sharedItems minDate="2024-05-03T00:00:00" maxDate="2024-05-04T00:00:00">{days}</sharedItems>'
    )
    _, after = _scrubbed(book=book, job=corpus.job(whole_row=True, gone=frozenset({"45415"})))

    assert corpus.names_of(after, part, "d", "v") == ["1900-01-01T00:00:00", "2024-05-04T00:00:00"]
    assert 'minDate="1900-01-01T00:00:00"' in _text(after, part)
    assert '<n v="99"/>' not in _text(after, "xl/pivotCache/pivotCacheRecords1.xml")


def test_a_pivot_over_other_cells_keeps_every_byte() -> None:
    """A cache that holds nothing of hers and reads no emptied cell is not touched."""
    book = corpus.plain_book()
    handmade.pivot(book)
    for part in [name for name in book.parts if "pivot" in name]:
        text = book.parts[part].decode().replace(NAME, "Sanna Koe").replace(EMAIL, "z").replace("441234567", "3")
        book.parts[part] = text.replace("A4:E10", "A40:E41").encode()
    before, after = _scrubbed(book=book)

    assert not {name for name in corpus.changed_parts(before, after) if "pivot" in name}


@pytest.mark.parametrize("source", ['ref="A4:E10" sheet="Asiakkaat"', 'name="Rekisteri"'])
def test_a_pivot_over_emptied_cells_is_told_to_refresh(source: str) -> None:
    """Also when none of its items is hers by value: by the area it reads, or the table over that area."""
    book = corpus.plain_book()
    handmade.pivot(book)
    definition = "xl/pivotCache/pivotCacheDefinition1.xml"
    for part in [name for name in book.parts if "pivotCache" in name]:
        text = book.parts[part].decode().replace(NAME, "Sanna Koe").replace(EMAIL, "z").replace("441234567", "3")
        book.parts[part] = text.replace('ref="A4:E10" sheet="Asiakkaat"', source).encode()
    table = f'{HEAD}<table xmlns="{MAIN}" id="9" name="Rekisteri" displayName="Rekisteri" ref="A4:F10"/>'
    book.add("xl/tables/table9.xml", table, f"{corpus.SPREADSHEET}.table+xml", SHEET, "table")
    _, after = _scrubbed(book=book)

    assert ' refreshOnLoad="1"' in _text(after, definition)


def test_items_of_a_slicer_get_a_placeholder() -> None:
    """Their names may not be blank."""
    _, after = _scrubbed(handmade.slicer)
    part = "xl/slicerCaches/slicerCache1.xml"

    assert corpus.names_of(after, part, "i", "c") == ["Poistettu", OTHER]
    assert corpus.names_of(after, part, "selection", "n") == ["[A].[Nimi].&[Poistettu]"]


# Everything else -----------------------------------------------------------------------------------------------------


def test_properties_connections_and_other_data_are_cleaned_by_value() -> None:
    """Whatever the encoding or escaping, no value stays, and names stay filled."""
    _, after = _scrubbed(handmade.connections, handmade.custom_xml, handmade.others)
    dirty = corpus.traces_of(after)

    assert not [name for name in dirty if not name.startswith(("xl/worksheets", "xl/sharedStrings"))]
    assert corpus.names_of(after, "xl/connections.xml", "connection", "name") == ["Poistettu", "toinen"]
    assert after.read("customXml/item2.xml").startswith(b"\xff\xfe<\0?\0x\0")
    assert "<y>_x000D_</y><z>" in _text(after, "xl/tuntematon.xml")
    assert '"nimi": ""' in Document(after.utf8("xl/webextensions/webextension1.xml")).root.children[0].get("value")
    assert [item.text for item in Document(after.utf8("xl/richData/rdrichvalue.xml")).iter("v")] == ["", OTHER, "0"]


def test_embedded_packages_are_cleaned_inside() -> None:
    """An embedded workbook and document lose her values and keep the others', in a zip of the same members."""
    before, after = _scrubbed(handmade.embedded)
    for part in ("xl/embeddings/Microsoft_Excel_Sheet1.xlsx", "xl/embeddings/Microsoft_Word_Document2.docx"):
        old, new = (Package.of(package.read(part), part) for package in (before, after))
        assert old.names == new.names
        assert corpus.traces_of(old)
        assert not corpus.traces_of(new)
    assert b"Hei " in new.read("word/document.xml")
    assert b" ja Liisa" in new.read("word/document.xml")


def test_the_calculation_chain_loses_emptied_cells_only() -> None:
    """Another sheet's cell of the same place stays, and a cell that inherited its sheet still has it."""
    _, after = _scrubbed(_with_formula_chain)

    assert '<c r="F5" i="1"/><c r="F6"/><c r="B1" i="2"/><c r="A8" i="2"/>' in _text(after, "xl/calcChain.xml")


def test_a_chain_whose_first_cell_goes_tells_the_sheet_to_the_next() -> None:
    """The sheet's number is inherited: the next cell gets it when its giver goes."""
    book = corpus.plain_book()
    _with_formula_chain(book)
    book.swap("xl/calcChain.xml", '<c r="F5" i="1"/><c r="A8"/>', '<c r="A8" i="1"/>')
    _, after = _scrubbed(book=book)

    assert '<c i="1" r="F6"/>' in _text(after, "xl/calcChain.xml")


def test_a_chain_without_cells_is_dropped_with_its_mentions() -> None:
    """An empty chain is not legal: part, relationship and content type go."""
    book = corpus.plain_book()
    _with_formula_chain(book)
    text = re.sub("<c .*/>", '<c r="A8" i="1"/>', book.parts["xl/calcChain.xml"].decode())
    book.parts["xl/calcChain.xml"] = text.encode()
    _, after = _scrubbed(book=book)

    assert "xl/calcChain.xml" not in after.names
    assert "calcChain" not in _text(after, BOOK.replace("workbook.xml", "_rels/workbook.xml.rels"))
    assert "calcChain" not in _text(after, "[Content_Types].xml")


@pytest.mark.parametrize(
    ("old", "new"), [('<calcPr calcId="124519" fullCalcOnLoad="1"/>', ""), (' fullCalcOnLoad="1"', ' fullCalcOnLoad="0"')]
)
def test_a_workbook_with_formulas_is_calculated_on_load(old: str, new: str) -> None:
    """The wish is set, in its place in the order of elements when it was missing."""
    book = corpus.plain_book()
    book.swap(BOOK, old, new)
    book.insert(BOOK, "</workbook>", "<extLst/>")
    _, after = _scrubbed(book=book)

    assert re.search('</definedNames><calcPr [^>]*fullCalcOnLoad="1"[^>]*/><extLst/>', _text(after, BOOK))


def test_parts_without_her_keep_every_byte() -> None:
    """A workbook of other people is not touched at all by a search by value."""
    book = corpus.plain_book()
    for add in handmade.ALL:
        add(book)
    before, clean = _scrubbed(book=book, job=corpus.by_value())
    corpus.empty_cells(clean, corpus.by_value())
    again = Book({name: clean.read(name) for name in clean.names}).package()
    scrub(again, corpus.by_value())

    assert again.edited == ()
    assert not corpus.changed_parts(before, clean) & {"xl/styles.xml", "xl/theme/theme1.xml", "xl/worksheets/sheet5.xml"}


def test_a_dtd_in_a_part_is_refused() -> None:
    """Entities are never expanded."""
    book = corpus.plain_book()
    book.parts["docProps/core.xml"] = b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'

    with pytest.raises(Refused):
        scrub(book.package(), corpus.job())
