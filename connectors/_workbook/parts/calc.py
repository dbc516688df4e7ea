"""The order of calculation, and the wish to calculate everything when the workbook is opened next."""

from __future__ import annotations

import re

from connectors._workbook.parts.links import drop_relationships
from connectors._workbook.parts.work import Work
from connectors._workbook.xmlspans import Document, Element

_FORMULA = re.compile(rb"<(?:[\w.-]+:)?f[\s>/]")
_BEHIND_CALC = frozenset(
    "oleSize customWorkbookViews pivotCaches smartTagPr smartTagTypes webPublishing fileRecoveryPr webPublishObjects extLst".split()
)
_TRUE = ("1", "true")


def clean_chain(work: Work, part: str) -> None:
    """Take the emptied cells out of the calculation chain; one without cells is dropped whole."""
    chain = work.package.utf8(part)
    if not any(f'"{ref}"'.encode() in chain or f"'{ref}'".encode() in chain for ref in work.job.cells):
        return
    number = next((str(sheet.sheet_id) for sheet in work.package.sheets if sheet.part == work.job.sheet_part), "")
    with work.editing(part) as document:
        sheet, kept, told = "", 0, ""
        for cell in document.iter("c"):
            sheet = cell.get("i") or sheet
            if sheet == number and cell.get("r") in work.job.cells and not _has_formula(work, cell.get("r")):
                document.remove(cell)
                continue
            kept += 1
            if cell.attribute("i") is None and sheet != told:
                document.set_attribute(cell, "i", sheet)  # it was inherited from a cell that went
            told = sheet
    if not kept:
        _drop(work, part)


def _has_formula(work: Work, ref: str) -> bool:
    data = work.package.utf8(work.job.sheet_part)
    cell = re.search(rb"<(?:[\w.-]+:)?c\s[^<>]*\br=[\"']" + ref.encode() + rb"[\"'][^<>]*(?<!/)>\s*<(?:[\w.-]+:)?f[\s>/]", data)
    return cell is not None


def _drop(work: Work, part: str) -> None:
    book = work.package.workbook_part
    drop_relationships(work, book, {item.id for item in work.package.relationships(book) if item.target == part})
    work.package.drop(part)
    types = next((name for name in work.package.names if name.lower() == "[content_types].xml"), None)
    if types is not None:
        with work.editing(types) as document:
            for one in document.iter("Override"):
                if one.get("PartName").lstrip("/").casefold() == part.casefold():
                    document.remove(one)


def calculate_on_load(work: Work) -> None:
    """Ask for a full calculation when the workbook is opened, if it has any formula."""
    parts = [sheet.part for sheet in work.package.sheets if sheet.kind != "chartsheet"]
    if not any(_FORMULA.search(work.package.utf8(part)) for part in parts):
        return
    with work.editing(work.package.workbook_part) as document:
        settings = next(document.iter("calcPr"), None)
        if settings is None:
            document.insert(_place(document), f'<{document.root.prefix}calcPr fullCalcOnLoad="1"/>')
        elif settings.get("fullCalcOnLoad") not in _TRUE:
            document.set_attribute(settings, "fullCalcOnLoad", "1")


def _place(document: Document) -> int:
    behind: Element | None = next((item for item in document.root.children if item.name in _BEHIND_CALC), None)
    return document.root.close if behind is None else behind.start
