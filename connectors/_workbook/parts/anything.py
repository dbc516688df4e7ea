"""Any XML part: texts (over their runs), attributes, formulas, headers and filters cleaned by value."""

from __future__ import annotations

import re
from collections.abc import Iterable

from connectors._workbook.parts.formulas import clean_formula, clean_header, clean_list
from connectors._workbook.parts.work import PLACEHOLDER, Work, unique
from connectors._workbook.xmlspans import Attribute, Document, Element, Text, escape, unescape

FORMULAS = frozenset(
    "f formula formula1 formula2 definedName calculatedColumnFormula totalsRowFormula oldFormula fmla cfRuleFormula".split()
)
HEADERS = frozenset("oddHeader oddFooter evenHeader evenFooter firstHeader firstFooter".split())
PARAGRAPHS = frozenset("si is text p rPh".split())
"""What holds a text in runs: shared and inline strings, notes, paragraphs of drawings and of Word, phonetic guides."""

BREAKS = frozenset("br cr tab".split())
_NAMES = frozenset("name displayname uniquename user username sourcename userid codename description_name".split())
"""Attributes that Excel wants to be neither blank nor double."""

_FILLED = frozenset("target stringvalue1 stringvalue2".split())
_FILLED_OF = frozenset({("cfRule", "text"), ("sheetName", "val"), ("i", "n"), ("i", "c"), ("selection", "n")})
"""Attributes that may not be blank: addresses, search texts of rules, items of slicers."""

_ELSEWHERE = frozenset(
    {("sheet", "name"), ("worksheetSource", "name"), ("worksheetSource", "sheet"), ("definedName", "name")}
    | {("table", "name"), ("table", "displayName"), ("tableColumn", "name")}
)
"""Names that formulas may use: they are changed only where that is safe (`names`), and sheets' never."""

_CODE_NAMES = frozenset("codeName sheetId ref sqref uid".split())
PLACES = frozenset(
    "col colOff row rowOff Row Column posOffset order TotalTime Pages Words Characters CharactersWithSpaces Lines Paragraphs "
    "Slides Notes HiddenSlides MMClips DocSecurity".split()
)
"""Elements whose text is a measure."""

_GUID = re.compile(r"\{?[0-9A-Fa-f]{8}(?:-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12}\}?")
_PLAIN_NUMBER = re.compile(r"\s*[-+]?\d+(?:\.\d+)?\s*")
_OFFICE = (
    "http://schemas.openxmlformats.org/",
    "http://schemas.microsoft.com/",
    "urn:schemas-microsoft-com:",
    "http://purl.oclc.org/ooxml/",
)
_MEASURES = frozenset("id idx x y cx cy w h l t r b rot count spid".split())
_IDENTITIES = frozenset("axId crossAx creationId modId uniqueId".split())
_LONG = 7
"""A shorter number in an attribute is a measure or an index, whatever customer number it looks like."""

_TYPED = frozenset("v i1 i2 i4 i8 ui1 ui2 ui4 ui8 int uint r4 r8 decimal".split())


def clean_part(work: Work, part: str, hollow: str = "", keep: Iterable[str] = ()) -> None:
    """Clean one XML part by value; texts in `keep` (names of sheets) stay as they are."""
    with work.editing(part, hollow) as document:
        kept = frozenset(keep)
        for element in document.iter():
            if element.name == "filterColumn":
                _clean_filters(work, document, element)
            _clean_attributes(work, document, element)
            if element.name in PARAGRAPHS:
                work.clean_runs(document, runs(element))
            if element.texts:
                _clean_text(work, document, element, kept)


def clean_raw(work: Work, part: str) -> None:
    """Clean the texts of a part that looks like XML but is none (drawings with `<br>` in them, as Excel writes)."""

    def one(match: re.Match[bytes]) -> bytes:
        text = unescape(match[1].decode("utf-8", "surrogateescape"))
        if not work.holds(text):
            return match[0]
        return b">" + escape(work.clean(text)).encode("utf-8", "surrogateescape") + b"<"

    work.package.replace(part, re.sub(rb">([^<>]+)<", one, work.package.read(part)))


# Text ----------------------------------------------------------------------------------------------------------------


def _clean_text(work: Work, document: Document, element: Element, kept: frozenset[str]) -> None:
    text = element.text
    if not text.strip() or text in kept:
        return
    office = _of_office(element)
    if _coded(element):
        if element.name in HEADERS:
            clean_header(work, document, element)
        else:
            _clean_formula_element(work, document, element, text)
    elif element.ancestor(PARAGRAPHS) is not None:
        return  # with its paragraph
    elif office and _PLAIN_NUMBER.fullmatch(text):
        if work.holds(text) and not (element.name in PLACES and work.only_numbers(text)):
            document.set_text(element, "0" if element.name in _TYPED | PLACES else "")
    else:
        work.clean_runs(document, element.texts)


def _coded(element: Element) -> bool:
    """Whether its text is a formula, or a header with its codes, and no plain words."""
    return element.name in FORMULAS | HEADERS and not element.children and _of_office(element)


def _clean_formula_element(work: Work, document: Document, element: Element, text: str) -> None:
    rule = element.ancestor(frozenset({"dataValidation"}))
    listed = rule is not None and rule.get("type") == "list"
    new = clean_list(work, text) if listed else clean_formula(work, text)
    if new != text:
        document.set_text(element, new)


def runs(paragraph: Element) -> list[Text | None]:
    """The stretches of text of a paragraph, None for what parts them."""
    found: list[Text | None] = []
    waiting: list[Element | Text] = _inside(paragraph)
    while waiting:
        one = waiting.pop()
        if isinstance(one, Text):
            found.append(one)
            continue
        if one.name in BREAKS or one.name in PARAGRAPHS:
            found.append(None)
        if one.name not in PARAGRAPHS and not _coded(one):  # those have their own turn
            waiting.extend(_inside(one))
    return found


def _inside(element: Element) -> list[Element | Text]:
    """Elements and texts, last first; blanks between elements are no text."""
    texts = (text for text in element.texts if text.value.strip() or not element.children)
    return sorted([*element.children, *texts], key=lambda item: -item.start)


# Attributes ----------------------------------------------------------------------------------------------------------


def _clean_attributes(work: Work, document: Document, element: Element) -> None:
    for attribute in element.attributes:
        if attribute.value and work.holds(attribute.value) and not _fixed(work, element, attribute):
            new = _new_value(work, document, element, attribute)
            if new != attribute.value:
                document.set_attribute(element, attribute.qname, new)


def _of_office(element: Element) -> bool:
    """Whether the element's meaning is known: in another program's data every name may mean anything."""
    return element.uri.startswith(_OFFICE)


def _fixed(work: Work, element: Element, attribute: Attribute) -> bool:
    """Whether an attribute is none of hers whatever it spells: places, identities, a sheet's own name."""
    name = attribute.name
    if not _of_office(element):
        return False
    if name in _CODE_NAMES or _GUID.fullmatch(attribute.value):
        return True
    if (element.name, name) in _ELSEWHERE:
        return True
    if element.name == "Relationship" and (name != "Target" or element.get("TargetMode").casefold() != "external"):
        return True
    if not _PLAIN_NUMBER.fullmatch(attribute.value):
        return not any(letter.isalpha() for letter in attribute.value) and work.only_numbers(attribute.value)
    return name in _MEASURES or element.name in _IDENTITIES or len(attribute.value.strip()) < _LONG


def _new_value(work: Work, document: Document, element: Element, attribute: Attribute) -> str:
    name = attribute.name.casefold()
    if name in _NAMES:
        taken = {other.get(attribute.name) for other in document.iter(element.name) if other is not element}
        return unique(taken, work.clean(attribute.value, PLACEHOLDER).strip() or PLACEHOLDER)
    if _PLAIN_NUMBER.fullmatch(attribute.value):
        return "0"
    filled = name in _FILLED or (element.name, name) in _FILLED_OF
    return work.clean(attribute.value, PLACEHOLDER if filled else "")


# Filters -------------------------------------------------------------------------------------------------------------


def _clean_filters(work: Work, document: Document, column: Element) -> None:
    """Take her out of a filter's choices; the last one becomes a placeholder, for a filter without any shows all."""
    for holder in column.children:
        choices = [item for item in holder.children if item.name in ("filter", "customFilter")]
        hers = [item for item in choices if _chosen(work, item.get("val"))]
        for number, item in enumerate(hers):
            if len(hers) < len(choices) and holder.name == "filters":
                document.remove(item)
            else:
                document.set_attribute(item, "val", PLACEHOLDER + (str(number + 1) if number else ""))


def _chosen(work: Work, value: str) -> bool:
    return work.item(value.strip("*?")) or work.holds(value)
