"""Names that formulas may use: renamed only where that is safe."""

from __future__ import annotations

from connectors._workbook.scrub import table_headers
from tests.connectors.workbook.parts import corpus
from tests.connectors.workbook.parts.corpus import EMAIL, NAME

BOOK = "xl/workbook.xml"


def test_a_table_column_that_spells_her_is_renamed_with_its_header_cell() -> None:
    """The column is never blank, and the core is told which header cell must follow."""
    book = corpus.plain_book()
    headers = table_headers(book.package(), corpus.job())
    _, after = corpus.scrubbed(book=book)

    assert headers == {"xl/worksheets/sheet4.xml": {"B1": "Poistettu"}}
    assert corpus.names_of(after, "xl/tables/table1.xml", "tableColumn", "name") == ["Nimi", "Poistettu", "Hinta"]
    assert 'totalsRowLabel="Summa "' in corpus.text(after, "xl/tables/table1.xml")


def test_a_table_column_that_a_formula_uses_keeps_its_name() -> None:
    """Renaming it would break the formula; the residue search tells about it instead."""
    book = corpus.plain_book()
    book.swap("xl/worksheets/sheet2.xml", "<f>COUNTA", f"<f>SUM(Lista[{NAME}])+COUNTA")
    assert table_headers(book.package(), corpus.job()) == {}
    _, after = corpus.scrubbed(book=book)

    assert NAME in corpus.names_of(after, "xl/tables/table1.xml", "tableColumn", "name")


def test_new_column_names_are_unlike_all_others() -> None:
    """Two columns of hers beside one that is called like the placeholder get numbers."""
    book = corpus.plain_book()
    book.swap("xl/tables/table1.xml", 'name="Hinta"', f'name="{EMAIL}"')
    book.swap("xl/tables/table1.xml", 'name="Nimi"', 'name="poistettu"')
    _, after = corpus.scrubbed(book=book)

    names = ["poistettu", "Poistettu2", "Poistettu3"]
    assert corpus.names_of(after, "xl/tables/table1.xml", "tableColumn", "name") == names


def test_defined_names_keep_a_constant_and_lose_her() -> None:
    """A constant becomes a placeholder, a number becomes 0, comments are cut, references stay."""
    book = corpus.plain_book()
    number = f'<definedName name="Numero" comment="{NAME}">441234567</definedName>'
    hers = '<definedName name="Päivi_Äijälä">Asiakkaat!$A$8</definedName>'
    book.insert(BOOK, "</definedNames>", number + hers)
    _, after = corpus.scrubbed(book=book)
    text = corpus.text(after, BOOK)

    assert '<definedName name="Yhteys">"Poistettu"</definedName>' in text
    assert '<definedName name="Numero" comment="">0</definedName>' in text
    assert '<definedName name="Poistettu">Asiakkaat!$A$8</definedName>' in text


def test_a_defined_name_in_use_keeps_its_spelling() -> None:
    """A formula or macro may need it."""
    book = corpus.plain_book()
    book.insert(BOOK, "</definedNames>", '<definedName name="Päivi_Äijälä">Asiakkaat!$A$8</definedName>')
    book.swap("xl/worksheets/sheet2.xml", "<f>COUNTA", "<f>LEN(Päivi_Äijälä)+COUNTA")
    _, after = corpus.scrubbed(book=book)

    assert "Päivi_Äijälä" in corpus.names_of(after, BOOK, "definedName", "name")


def test_a_sheets_own_name_stays() -> None:
    """Sheet names stand in formulas everywhere: never changed here, also not where the properties repeat them."""
    book = corpus.plain_book()
    book.swap(BOOK, 'name="Raportti"', f'name="{NAME}"')
    book.swap("docProps/app.xml", "<vt:lpstr>Raportti<", f"<vt:lpstr>{NAME}<")
    _, after = corpus.scrubbed(book=book)

    assert after.sheets[1].name == NAME
    assert f"<vt:lpstr>{NAME}<" in corpus.text(after, "docProps/app.xml")
