"""Rules, lists, filters, headers, ranges and scenarios of a sheet."""

from __future__ import annotations

from connectors._workbook.xmlspans import Document
from tests.connectors.workbook.parts import corpus, handmade
from tests.connectors.workbook.parts.corpus import EMAIL, NAME, OTHER, SHEET


def test_a_rule_that_looks_for_her_looks_for_nobody() -> None:
    """A search for an empty text would colour every row, so a placeholder stands in rules, also in extensions."""
    _, after = corpus.scrubbed(handmade.extensions)

    assert set(corpus.names_of(after, SHEET, "cfRule", "text")) - {""} == {"Poistettu"}
    texts = [item.text for item in Document(after.utf8(SHEET), hollow="sheetData").iter("formula", "f")]
    assert 'NOT(ISERROR(SEARCH("Poistettu",A5)))' in texts
    assert '"Poistettu"' in texts


def test_a_list_of_choices_loses_hers_only() -> None:
    """The other choices stay, in the classic place and in the extension; prompts are cut."""
    _, after = corpus.scrubbed(handmade.extensions)
    text = corpus.text(after, SHEET)

    assert f'<formula1>"{OTHER},Liisa Malli"</formula1>' in text
    assert f'<xm:f>"{OTHER}"</xm:f>' in text
    assert 'prompt="Esim. "' in text


def test_a_list_of_her_alone_keeps_a_placeholder() -> None:
    """An empty list is not legal."""
    book = corpus.plain_book()
    book.swap(SHEET, f'"{OTHER},{NAME},Liisa Malli"', f'"{NAME},{EMAIL}"')
    _, after = corpus.scrubbed(book=book)

    assert '<formula1>"Poistettu"</formula1>' in corpus.text(after, SHEET)


def test_a_filter_never_loses_its_last_choice() -> None:
    """With other choices hers goes; as the only one it becomes a placeholder, for none would show every row."""
    _, after = corpus.scrubbed()
    assert corpus.names_of(after, SHEET, "filter", "val") == [OTHER]

    book = corpus.plain_book()
    book.swap(SHEET, f'<filter val="{OTHER}"/>', "")
    _, after = corpus.scrubbed(book=book)
    assert corpus.names_of(after, SHEET, "filter", "val") == ["Poistettu"]


def test_header_codes_stay_and_words_behind_them_go() -> None:
    """`&L` right before her name is a code, not a letter of it; formats and fields stay."""
    book = corpus.plain_book()
    book.swap(SHEET, "&amp;CTulostanut", "&amp;RPäivi &amp;BÄijälä&amp;CTulostanut")
    _, after = corpus.scrubbed(book=book)
    text = corpus.text(after, SHEET)

    assert '<oddHeader>&amp;L&amp;"Arial,Bold"&amp;C&amp;12Asiakkaat&amp;R&amp;D</oddHeader>' in text
    assert "<oddFooter>&amp;R&amp;B&amp;CTulostanut &amp;B&amp;B</oddFooter>" in text


def test_ranges_scenarios_and_views_keep_a_name() -> None:
    """Where a name is needed a placeholder stands; free texts are cut."""
    _, after = corpus.scrubbed(handmade.extensions)
    text = corpus.text(after, SHEET)

    assert '<protectedRange sqref="H1" name="Poistettu"/>' in text
    assert '<scenario name="Poistettu" user="Poistettu" comment="" count="1"><inputCells r="H1" val=""/>' in text
    assert "<oddHeader>&amp;L</oddHeader>" in text


def test_a_scenarios_value_for_an_emptied_cell_goes_whatever_it_says() -> None:
    """By place, not only by value."""
    book = corpus.plain_book()
    handmade.extensions(book)
    book.swap(SHEET, '<inputCells r="H1"', '<inputCells r="A8" val="salassa"/><inputCells r="H1"')
    _, after = corpus.scrubbed(book=book)

    assert '<inputCells r="A8" val=""/>' in corpus.text(after, SHEET)


def test_words_of_her_row_that_are_not_hers_stay_where_the_owner_wrote_them() -> None:
    """Of a whole row, service and price leave what remembers cells, but no list of choices, literal or linked value."""
    book = corpus.plain_book()
    book.swap(SHEET, f'"{OTHER},', f'"Ainutpaketti,{OTHER},')
    handmade.external_link(book)
    book.swap("xl/externalLinks/externalLink1.xml", "<v>75</v>", "<v>99</v>")
    literal = '<c:numLit><c:ptCount val="1"/><c:pt idx="0"><c:v>99</c:v></c:pt></c:numLit>'
    book.swap("xl/charts/chart1.xml", "<c:cat>", f"<c:x>{literal}</c:x><c:cat>")
    _, after = corpus.scrubbed(book=book, what=corpus.job(whole_row=True))

    assert f'"Ainutpaketti,{OTHER},Liisa Malli"' in corpus.text(after, SHEET)
    assert "<v>99</v>" in corpus.text(after, "xl/externalLinks/externalLink1.xml")
    assert literal in corpus.text(after, "xl/charts/chart1.xml")
