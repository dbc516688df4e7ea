"""What charts, pivots and slicers remember of the cells."""

from __future__ import annotations

import pytest

from connectors._workbook.xmlspans import Document
from tests.connectors.workbook.parts import corpus, handmade
from tests.connectors.workbook.parts.corpus import EMAIL, HEAD, MAIN, NAME, OTHER, SHEET


def test_a_chart_forgets_the_points_of_emptied_cells() -> None:
    """In a whole row both the label and the number go, by their place; titles are cut by value."""
    book = corpus.plain_book()
    book.parts["xl/charts/chart1.xml"] = book.parts["xl/charts/chart1.xml"].replace(
        NAME.encode() + b"</c:v></c:pt>", b"x</c:v></c:pt>"
    )
    book.swap("xl/charts/chart1.xml", "<c:f>Asiakkaat!$A$5", "<c:f>ASIAKKAAT!$A$5")
    _, after = corpus.scrubbed(book=book, what=corpus.job(whole_row=True))
    document = Document(after.utf8("xl/charts/chart1.xml"))
    caches = [[point.get("idx") for point in cache.iter("pt")] for cache in document.iter("strCache", "numCache")]

    assert caches == [["0", "1", "2", "4", "5"]] * 2
    assert corpus.traces(after.read("xl/charts/chart1.xml")) == []


def test_a_chart_that_skips_hidden_rows_forgets_all_points() -> None:
    """When the number of points is not the number of cells, no point tells its cell."""
    book = corpus.plain_book()
    part = "xl/charts/chart1.xml"
    book.swap(part, '<c:strCache><c:ptCount val="6"/>', '<c:strCache><c:ptCount val="5"/>')
    _, after = corpus.scrubbed(book=book)
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
    _, after = corpus.scrubbed(book=book)
    inner, outer = Document(after.utf8("xl/charts/chart1.xml")).iter("lvl")

    assert [point.get("idx") for point in inner.children] == list("012345")
    assert [point.get("idx") for point in outer.children] == list("01245")


def test_a_new_kind_of_chart_is_read_by_place_and_value() -> None:
    """A chartEx loses the emptied cell's point whatever it says, and her name in its title."""
    _, after = corpus.scrubbed(handmade.shapes)
    text = corpus.text(after, "xl/charts/chartEx1.xml")

    assert "salassa" not in text
    assert text.count("<cx:pt") == 3
    assert NAME not in text


def test_text_split_over_runs_and_lines_is_cut() -> None:
    """Her name over three runs and a line break goes, the other's behind it stays."""
    _, after = corpus.scrubbed(handmade.shapes)
    for part in ("xl/drawings/drawing9.xml", "xl/diagrams/data1.xml"):
        texts = [item.text for item in Document(after.utf8(part)).iter("t")]
        assert texts == ["", "", f" {OTHER}"], part


def test_a_line_break_may_stand_between_her_names() -> None:
    """The break is a gap like a blank; a number in an attribute stays a number."""
    book = corpus.plain_book()
    drawing = "xl/drawings/drawing1.xml"
    book.swap(
        drawing, f"<a:t>Muista {NAME} ja {OTHER}</a:t></a:r>", "<a:t>Muista Päivi</a:t></a:r><a:br/><a:r><a:t>Äijälä!</a:t></a:r>"
    )
    book.swap(drawing, '<xdr:cNvPr id="4"', '<xdr:cNvPr data="441234567" id="4"')
    _, after = corpus.scrubbed(book=book)

    assert [item.text for item in Document(after.utf8(drawing)).iter("t")][-2:] == ["Muista ", "!"]
    assert '<xdr:cNvPr data="0" id="4"' in corpus.text(after, drawing)


def test_a_pivot_keeps_its_types_and_is_told_to_refresh() -> None:
    """Text stays text and number stays number, none twice, limits true; inline records are cleaned too."""
    _, after = corpus.scrubbed(handmade.pivot)
    part = "xl/pivotCache/pivotCacheDefinition1.xml"
    text = corpus.text(after, part)

    assert corpus.names_of(after, part, "s", "v") == [OTHER, "Liisa Malli", "Poistettu"]
    assert corpus.names_of(after, part, "n", "v") == ["0", "2", "1"]
    assert 'minValue="0" maxValue="2"' in text
    assert ' refreshOnLoad="1"' in text
    assert corpus.names_of(after, "xl/pivotCache/pivotCacheRecords1.xml", "s", "v")[::2] == ["x", "y", "Poistettu"]
    assert corpus.traces_of(after).keys() & {name for name in after.names if "pivot" in name} == set()
    table = corpus.text(after, "xl/pivotTables/pivotTable1.xml")
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
    _, after = corpus.scrubbed(book=book, what=corpus.job(whole_row=True, gone=frozenset({"45415"})))

    assert corpus.names_of(after, part, "d", "v") == ["1900-01-01T00:00:00", "2024-05-04T00:00:00"]
    assert 'minDate="1900-01-01T00:00:00"' in corpus.text(after, part)
    assert '<n v="99"/>' not in corpus.text(after, "xl/pivotCache/pivotCacheRecords1.xml")


def test_a_pivot_over_other_cells_keeps_every_byte() -> None:
    """A cache that holds nothing of hers and reads no emptied cell is not touched."""
    book = corpus.plain_book()
    handmade.pivot(book)
    for part in [name for name in book.parts if "pivot" in name]:
        text = book.parts[part].decode().replace(NAME, "Sanna Koe").replace(EMAIL, "z").replace("441234567", "3")
        book.parts[part] = text.replace("A4:E10", "A40:E41").encode()
    before, after = corpus.scrubbed(book=book)

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
    _, after = corpus.scrubbed(book=book)

    assert ' refreshOnLoad="1"' in corpus.text(after, definition)


def test_items_of_a_slicer_get_a_placeholder() -> None:
    """Their names may not be blank."""
    _, after = corpus.scrubbed(handmade.slicer)
    part = "xl/slicerCaches/slicerCache1.xml"

    assert corpus.names_of(after, part, "i", "c") == ["Poistettu", OTHER]
    assert corpus.names_of(after, part, "selection", "n") == ["[A].[Nimi].&[Poistettu]"]
