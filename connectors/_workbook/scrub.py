"""Remove a person's own values from everything in a workbook that is not a cell or a shared string."""

from __future__ import annotations

from collections.abc import Mapping

from connectors._workbook.package import Package
from connectors._workbook.parts import calc, charts, comments, embedded, links, names, pivots, scenarios
from connectors._workbook.parts.anything import clean_part, clean_raw
from connectors._workbook.parts.work import Job, Work
from connectors._workbook.xmlspans import is_xml
from connectors.errors import Damaged, Refused
from connectors.phrase import Phrase

__all__ = ["Job", "scrub", "table_headers"]

_SHEETS = ("worksheet+xml", "macrosheet+xml")


def scrub(package: Package, job: Job) -> tuple[Phrase, ...]:
    """Edit the package so that none of her values is left outside its cells; returns what the owner should know.

    Call it when the cells are already emptied: it works on the parts as they are now. A part with nothing of hers
    keeps every byte. Raises `Damaged` or `Refused` for parts that are no XML or hold a DTD; the package is then to
    be thrown away.
    """
    work = Work(package, job)
    sheet = job.sheet_part
    if sheet:
        comments.clean_comments(work, sheet)
        scenarios.clean_scenarios(work, sheet)
        for part in package.related(package.workbook_part, "calcChain"):
            calc.clean_chain(work, part)
    for one in package.sheets:
        links.clean_sheet_links(work, one.part)
    names.clean_defined_names(work, package.workbook_part)
    _clean_parts(work, depth=0)
    if job.cells or package.edited:
        calc.calculate_on_load(work)
    return tuple(work.notes)


def table_headers(package: Package, job: Job) -> Mapping[str, Mapping[str, str]]:
    """The header cells of tables that must be renamed with their columns: by sheet part, A1 and new text.

    Call it before `scrub`, and write the texts into the cells: a table whose columns and header cells differ is
    repaired by Excel.
    """
    work = Work(package, job)
    found = {sheet.part: names.header_cells(work, sheet.part) for sheet in package.sheets}
    return {part: cells for part, cells in found.items() if cells}


def _clean_parts(work: Work, depth: int) -> None:
    """Every part by its kind, then by value; in an embedded package the cells and shared strings too."""
    package = work.package
    keep = [sheet.name for sheet in package.sheets] if depth == 0 else []
    for part in package.names:
        data = package.read(part)
        if embedded.is_package(data):
            if depth < embedded.DEEPEST:
                embedded.clean_embedded(work, part, lambda inner: _clean_parts(inner, depth + 1))
        elif is_xml(data) and part.lower() != "[content_types].xml":
            _clean_xml(work, part, keep, outer=depth == 0)


def _clean_xml(work: Work, part: str, keep: list[str], *, outer: bool) -> None:
    kind = work.package.content_type(part)
    if outer and kind.endswith("sharedStrings+xml"):
        return
    try:
        _clean_by_kind(work, part, kind)
        clean_part(work, part, "sheetData" if outer and kind.endswith(_SHEETS) else "", keep)
    except (Damaged, Refused):
        # A drawing of notes, or something foreign (a picture in SVG); the residue search reads its bytes and tells what is left.
        if kind.endswith(_SHEETS) or (outer and part == work.package.workbook_part):
            raise
        clean_raw(work, part)


def _clean_by_kind(work: Work, part: str, kind: str) -> None:
    if "threadedcomments" in kind:
        comments.forget_mentions(work, part)
    elif kind.endswith(".person+xml"):
        comments.clean_persons(work, part)
    elif kind.endswith(".table+xml"):
        names.clean_table(work, part)
    elif kind.endswith((".chart+xml", "chartex+xml")):
        charts.clean_chart(work, part)
    elif kind.endswith("pivotCacheDefinition+xml"):
        pivots.clean_cache(work, part)
    elif kind.endswith("externalLink+xml"):
        links.clean_external_cells(work, part)
    elif "drawing" in kind:
        links.clean_shape_links(work, part)
