"""Random parts: only the hub's own errors, well-formed results, nothing of hers left, and nothing changed twice."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connectors._workbook.parts.formulas import clean_formula, clean_list
from connectors._workbook.parts.work import Work
from connectors._workbook.residue import find_residue
from connectors._workbook.scrub import scrub
from connectors._workbook.xmlspans import escape
from connectors.errors import HubError
from tests.connectors.workbook.parts import corpus
from tests.connectors.workbook.parts.corpus import EMAIL, NAME, OTHER, SHEET, TURNED, Book

PART = "xl/satunnainen.xml"
PARTS = corpus.tiny_book().parts
_KINDS = (
    *(f"{corpus.SPREADSHEET}.{name}+xml" for name in ("comments", "table", "externalLink", "connections", "queryTable")),
    *(f"{corpus.SPREADSHEET}.{name}+xml" for name in ("pivotCacheDefinition", "pivotTable", "worksheet", "chartsheet")),
    "application/vnd.openxmlformats-officedocument.drawingml.chart+xml",
    "application/vnd.openxmlformats-officedocument.drawing+xml",
    "application/vnd.openxmlformats-officedocument.vmlDrawing",
    "application/vnd.ms-excel.threadedcomments+xml",
    "application/vnd.ms-excel.person+xml",
    "application/vnd.ms-excel.slicerCache+xml",
    "application/vnd.ms-office.chartex+xml",
    "application/xml",
)
_ELEMENTS = (
    "a p:b si is r rPr t p br text author comment threadedComment mentions person filterColumn filters filter customFilters "
    "customFilter dataValidation formula1 cfRule formula f oddHeader oddFooter sharedItems s n d groupItems worksheetSource "
    "strCache numCache multiLvlStrCache lvl pt ptCount v cell sheetName connection hyperlinks hyperlink hlinkClick x:f i "
    "strDim cfRule sheetData row c inputCells calcPr rPh"
).split()
_ATTRIBUTES = (
    "v val n c idx ref name text type displayName userId count minValue minDate u x:id r:id display ptCount sheet".split()
)
_HERS = (
    NAME,
    TURNED,
    EMAIL,
    "+358 44 123 4567",
    "0441234567",
    f"{NAME} / {OTHER}",
    f'"{NAME},{OTHER}"',
    "P\u00e4ivi%20\u00c4ij\u00e4l\u00e4",
)
_PLAIN = (
    OTHER,
    "A8",
    "B2:C8",
    "1",
    "0",
    "",
    "list",
    "&L",
    "Asiakkaat!$A$5:$A$10",
    '"',
    "x",
    "2024-05-03T00:00:00",
    "-1",
    "_x000D_",
)
_VALUES = (
    st.sampled_from(_HERS)
    | st.sampled_from(_PLAIN)
    | st.text(st.characters(codec="utf-8", categories=("L", "P", "N")), max_size=8)
)


@st.composite
def _element(draw: st.DrawFn, depth: int = 4) -> str:
    name = draw(st.sampled_from(_ELEMENTS))
    chosen = draw(st.dictionaries(st.sampled_from(_ATTRIBUTES), _VALUES, max_size=3))
    attributes = "".join(f' {key}="{escape(value, quoted=True)}"' for key, value in chosen.items())
    if name in ("table", "tableColumn"):
        attributes = ""
    inner = draw(st.lists(_element(depth - 1), max_size=3)) if depth else []
    if draw(st.booleans()):
        inner.insert(draw(st.integers(0, len(inner))), " " + escape(draw(_VALUES)) + " ")
    return f"<{name}{attributes}>{''.join(inner)}</{name}>"


_PREFIXES = f'xmlns:p="{corpus.DRAWING}" xmlns:x="{corpus.XM}" xmlns:r="{corpus.R}"'


@settings(max_examples=120)
@given(_element(), st.sampled_from(_KINDS), st.booleans(), st.booleans())
@example(f"<pt><t>P</t>{NAME}</pt>", _KINDS[-1], False, True)
def test_random_parts_are_cleaned(markup: str, kind: str, whole_row: bool, foreign: bool) -> None:
    """Whatever stands where, the result is well-formed, a second run changes nothing, and the search finds nothing."""
    default = "" if foreign else f' xmlns="{corpus.MAIN}"'
    source = f"<z {_PREFIXES}{default}>{markup}</z>"
    book = Book(PARTS)
    book.add(PART, source, kind, SHEET, "comments")
    package = book.package()
    job = corpus.job(whole_row=whole_row)
    before = [part for part in package.names if part == PART]
    with suppress(HubError):
        scrub(package, job)
        ET.fromstring(package.read(PART))
        once = package.read(PART)
        again = Book({name: package.read(name) for name in package.names}).package()
        scrub(again, job)
        assert again.read(PART) == once
        if not kind.endswith("worksheet+xml"):
            left = [one for one in find_residue(package, job.matcher) if one.found and PART in one.where]
            assert left == [] or _outside_reach(once), (source, once)
    assert before == [PART]


def _outside_reach(data: bytes) -> bool:
    """Whether what is left stands in a formula's own words, a sheet's name or a measure: reported, never cut."""
    root = ET.fromstring(data)
    return any(_reported(element) for element in root.iter())


def _reported(element: ET.Element) -> bool:
    name = element.tag.rpartition("}")[2]
    keys = ["ref", "idx", "count", f"{{{corpus.XM}}}id", f"{{{corpus.R}}}id"] + ["sheet", "name"] * (name == "worksheetSource")
    texts = [element.attrib.get(key, "") for key in keys] + [element.text or ""] * (name in {"f", "formula", "formula1"})
    return any(corpus.traces(text.encode()) for text in texts)


@settings(max_examples=100)
@given(st.binary(max_size=200), st.sampled_from(_KINDS))
def test_random_bytes_raise_nothing_but_the_hubs_errors(data: bytes, kind: str) -> None:
    """A part of any bytes under any content type."""
    book = Book(PARTS)
    book.add(PART, data, kind, SHEET, "vmlDrawing")
    package = book.package()
    with suppress(HubError):
        scrub(package, corpus.job())
    find_residue(package, corpus.matcher())


@settings(max_examples=200)
@given(st.lists(_VALUES, min_size=1, max_size=4), st.lists(st.integers(1, 12), max_size=4))
def test_pieces_are_cleaned_wherever_they_break(words: list[str], breaks: list[int]) -> None:
    """A text cut into runs at any place loses the same as the whole text does."""
    text = " ".join(words)
    pieces: list[str] = []
    for width in breaks:
        pieces.append(text[:width])
        text = text[width:]
    pieces.append(text)
    work = Work(Book(PARTS).package(), corpus.job())
    cut = work.cut_pieces(list(pieces))

    assert cut is not None or not work.holds("".join(pieces))
    assert cut is None or (len(cut) == len(pieces) and not work.holds("".join(cut)))


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (f"_x000D_{EMAIL}_x0007_!", "_x000D__x0007_!"),
        ("Päivi_x000A_Äijälä", ""),
        ("a?b=P%C3%A4ivi%20%C3%84ij%C3%A4l%C3%A4&c=d%20e", "a?b=&c=d%20e"),
        ('{"n": "P\\u00e4ivi \\u00c4ij\\u00e4l\\u00e4", "m": "\\u0022"}', '{"n": "", "m": "\\u0022"}'),
        (f"Päivi {NAME} Äijälä", ""),
        (f"{OTHER}, 0441234567", f"{OTHER}, "),
        ("_x000D_100%20 \\u00e4", "_x000D_100%20 \\u00e4"),
    ],
)
def test_a_text_is_cleaned_in_its_own_spelling(text: str, clean: str) -> None:
    """Escapes are seen through, written again, and left alone where nothing of hers stands."""
    assert Work(Book(PARTS).package(), corpus.job()).clean(text) == clean


@pytest.mark.parametrize(
    ("pieces", "cut"),
    [
        ([NAME, NAME], ["", ""]),
        (["Omistaja:", NAME, "Soita"], ["Omistaja:", "", "Soita"]),
        ([NAME, "nen"], None),
        (["0441234567", "8"], None),
        (["x", NAME], None),
        (["Päi", "vi", " Äij", "älä ja"], ["", "", "", " ja"]),
        (["Pa\u0308i", "vi Äijälä ja Liisa"], [" ja Liisa", ""]),
    ],
)
def test_pieces_side_by_side(pieces: list[str], cut: list[str] | None) -> None:
    """A value whole in one piece goes, unless the neighbour makes it somebody else's."""
    assert Work(Book(PARTS).package(), corpus.job()).cut_pieces(pieces) == cut


@settings(max_examples=200)
@given(st.lists(_VALUES, max_size=4))
def test_formulas_keep_their_shape(words: list[str]) -> None:
    """Literals lose her, and the same number of quotes and everything outside of them stays."""
    work = Work(Book(PARTS).package(), corpus.job())
    literals = ['"' + word.replace('"', '""') + '"' for word in words]
    formula = "IF(A1=1," + ",SUM($B$2:B9)&".join(literals) + ")"
    cleaned = clean_formula(work, formula)

    assert not work.holds("\n\0\n".join(cleaned.split('"')))
    assert cleaned.count("SUM($B$2:B9)&") == formula.count("SUM($B$2:B9)&")
    assert cleaned.startswith("IF(A1=1,")
    assert clean_formula(work, cleaned) == cleaned
    assert clean_list(work, clean_list(work, literals[0] if literals else "")) == clean_list(
        work, literals[0] if literals else ""
    )
