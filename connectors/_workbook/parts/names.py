"""Names that formulas may use: defined names, tables and their columns."""

from __future__ import annotations

import re
from collections.abc import Mapping

from connectors._columns import letters
from connectors._workbook.parts.areas import area
from connectors._workbook.parts.work import PLACEHOLDER, Work, unique
from connectors._workbook.xmlspans import Document, Element, escape

_FORMULA = re.compile(
    rb"<(?:[\w.-]+:)?(?:f|formula\d?|definedName|calculatedColumnFormula|totalsRowFormula)(?:\s[^<>]*)?>([^<]*)<"
)


def clean_defined_names(work: Work, part: str) -> None:
    """Rename the workbook's names that spell her; one that any formula uses keeps its spelling, and residue tells it."""
    with work.editing(part) as document:
        names = list(document.iter("definedName"))
        for name in names:
            if work.holds(name.get("name")) and not _used(work, name.get("name"), apart=part):
                others = {other.get("name") for other in names if other is not name}
                document.set_attribute(name, "name", unique(others))


def clean_table(work: Work, part: str) -> None:
    """Rename the columns of a table that spell her; the header cells on the sheet must get the same names."""
    with work.editing(part) as document:
        for column, new in _new_columns(work, document, part).items():
            document.set_attribute(column, "name", new)
        for name in ("name", "displayName"):
            # Its own name stays where a formula uses it.
            if work.holds(document.root.get(name)) and not _used(work, document.root.get(name), apart=part):
                document.set_attribute(document.root, name, f"{PLACEHOLDER}_{document.root.get('id')}")


def header_cells(work: Work, sheet_part: str) -> Mapping[str, str]:
    """The header cells of a sheet's tables that must change, as A1, with their new texts."""
    found: dict[str, str] = {}
    for part in work.package.related(sheet_part, "table"):
        document = Document(work.package.utf8(part), part)
        one = area(document.root.get("ref"))
        if one is None or document.root.get("headerRowCount", "1") == "0":
            continue
        columns = list(document.iter("tableColumn"))
        for column, new in _new_columns(work, document, part).items():
            found[f"{letters(one.left + columns.index(column))}{one.top}"] = new
    return found


def _new_columns(work: Work, document: Document, part: str) -> dict[Element, str]:
    columns = list(document.iter("tableColumn"))
    taken = {column.get("name") for column in columns}
    found: dict[Element, str] = {}
    for column in columns:
        old = column.get("name")
        if work.holds(old) and not _used(work, old, apart=part, bracketed=True):
            taken.discard(old)
            found[column] = unique(taken, PLACEHOLDER if work.wholly(old) else work.clean(old, PLACEHOLDER).strip())
            taken.add(found[column])
    return found


def _used(work: Work, name: str, *, apart: str, bracketed: bool = False) -> bool:
    """Whether another part may use the name, or this one in a formula; where code is in the workbook, it may."""
    written = re.escape(escape(name).encode())
    needle = re.compile(rb"\[@?" + written + rb"\]" if bracketed else rb"(?<![\w.])" + written + rb"(?![\w.])", re.IGNORECASE)
    for part in work.package.names:
        lower = part.lower()
        if lower.endswith("vbaproject.bin"):
            return True
        if not lower.endswith((".xml", ".rels")) or lower.endswith("sharedstrings.xml") or lower.startswith("docprops/"):
            continue
        data = work.package.utf8(part)
        if any(needle.search(text) for text in (_FORMULA.findall(data) if part == apart or bracketed else [data])):
            return True
    return False
