"""Links and what other workbooks' cells were last seen as: element and relationship together."""

from __future__ import annotations

import re

import pytest

from tests.connectors.workbook.parts import corpus, handmade
from tests.connectors.workbook.parts.corpus import EMAIL, NAME, OTHER, SHEET


def test_links_on_emptied_cells_and_links_that_name_her_go_with_their_relationships() -> None:
    """Element and relationship go together, the others stay, and an empty block goes too."""
    before, after = corpus.scrubbed()

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
    _, after = corpus.scrubbed(book=book)

    assert "hyperlink" not in corpus.text(after, SHEET)


def test_a_link_whose_address_alone_names_her_goes() -> None:
    """Her address behind an innocent word on another row."""
    book = corpus.plain_book()
    link = book.relate(SHEET, "hyperlink", "mailto:P%C3%A4ivi%20%C3%84ij%C3%A4l%C3%A4%3C" + EMAIL, external=True)
    book.swap(SHEET, "</hyperlinks>", f'<hyperlink ref="H9" r:id="{link}"/></hyperlinks>')
    _, after = corpus.scrubbed(book=book)

    assert "H9" not in corpus.names_of(after, SHEET, "hyperlink", "ref")
    assert link not in {item.id for item in after.relationships(SHEET)}


def test_in_a_whole_row_a_link_over_several_cells_of_it_goes() -> None:
    """Also when some of its cells were blank before."""
    book = corpus.plain_book()
    book.swap(SHEET, "</hyperlinks>", '<hyperlink ref="C8:Z8" location="A1"/><hyperlink ref="C8:Z9" location="A1"/></hyperlinks>')
    _, after = corpus.scrubbed(book=book, what=corpus.job(whole_row=True))

    assert corpus.names_of(after, SHEET, "hyperlink", "ref")[-2:] == ["B10", "C8:Z9"]


def test_a_relationship_that_another_link_uses_stays() -> None:
    """Two links share one address: only the one on the emptied cell goes."""
    book = corpus.plain_book()
    links = '<hyperlinks><hyperlink ref="B8" r:id="rId1"/><hyperlink ref="B5" r:id="rId1"/></hyperlinks>'
    book.parts[SHEET] = re.sub("<hyperlinks>.*</hyperlinks>", links, book.parts[SHEET].decode()).encode()
    before, after = corpus.scrubbed(book=book)

    assert corpus.names_of(after, SHEET, "hyperlink", "ref") == ["B5"]
    assert [item.id for item in after.relationships(SHEET)] == [item.id for item in before.relationships(SHEET)]


def test_a_shape_keeps_itself_and_loses_its_link() -> None:
    """A picture's link to her address goes with its relationship; the picture's own relationship stays."""
    _, after = corpus.scrubbed()

    assert "hlinkClick" not in corpus.text(after, "xl/drawings/drawing1.xml")
    assert {item.kind for item in after.relationships("xl/drawings/drawing1.xml")} == {"chart", "image"}


def test_another_workbooks_cells_go_and_its_path_is_cut() -> None:
    """Cells that are hers go, a shared one keeps the other's part, and the path stays an address."""
    _, after = corpus.scrubbed(handmade.external_link)
    part = "xl/externalLinks/externalLink1.xml"

    assert corpus.names_of(after, part, "cell", "r") == ["C1", "D1"]
    assert OTHER in corpus.text(after, part)
    assert [item.target for item in after.relationships(part)] == ["file:///C:/Poistettu/hinnat.xlsx"]
