"""Notes, threads, shapes and writers: all lists agree afterwards."""

from __future__ import annotations

import re

from connectors._workbook.xmlspans import Document
from tests.connectors.workbook.parts import corpus, handmade
from tests.connectors.workbook.parts.corpus import NAME


def test_note_thread_and_shape_of_an_emptied_cell_go_together() -> None:
    """The three lists agree afterwards, and other cells' comments lose only her name."""
    _, after = corpus.scrubbed(handmade.threads)

    assert corpus.names_of(after, "xl/comments1.xml", "comment", "ref") == ["A5", "A6"]
    assert corpus.names_of(after, "xl/threadedComments/threadedComment1.xml", "threadedComment", "ref") == ["A5", "A6"]
    rows = [item.text for item in Document(after.utf8("xl/drawings/vmlDrawing1.vml")).iter("Row")]
    assert rows == ["4", "5"]
    assert "Veli: <" in corpus.text(after, "xl/comments1.xml")
    threads = corpus.text(after, "xl/threadedComments/threadedComment1.xml")
    assert "Kysy: @ tästä" in threads
    assert "mention" not in threads


def test_the_writer_who_is_her_becomes_a_placeholder() -> None:
    """Name, account and provider of her person entry go; its id stays for the threads that point to it."""
    _, after = corpus.scrubbed(handmade.threads)

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
    _, after = corpus.scrubbed(book=book)

    assert corpus.names_of(after, "xl/persons/person.xml", "person", "displayName") == ["Poistettu", "Maija Omistaja"]


def test_shapes_that_are_no_xml_are_removed_too() -> None:
    """Excel writes `<br>` into drawings of notes; her shape goes all the same, and texts are cut."""
    book = corpus.plain_book()
    part = "xl/drawings/vmlDrawing1.vml"
    book.swap(part, "<v:textbox", f"<div>a<br>{NAME}</div><v:textbox")
    _, after = corpus.scrubbed(book=book)

    assert re.findall("<x:Row>(.)<", corpus.text(after, part)) == ["4", "5"]
    assert corpus.traces(after.read(part)) == []
    assert "<br>" in corpus.text(after, part)


def test_in_a_whole_row_each_comment_of_the_row_goes() -> None:
    """A note on any cell of the emptied row is about the row."""
    book = corpus.plain_book()
    book.swap("xl/comments1.xml", 'ref="A6"', 'ref="Z8"')
    _, after = corpus.scrubbed(book=book, what=corpus.job(whole_row=True))

    assert corpus.names_of(after, "xl/comments1.xml", "comment", "ref") == ["A5"]
