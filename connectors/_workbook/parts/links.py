"""Hyperlinks of sheets and drawings with their relationships, and what other workbooks' cells were last seen as."""

from __future__ import annotations

from collections.abc import Collection

from connectors._workbook.parts.work import Work
from connectors._workbook.xmlspans import Element

_SHAPE_LINKS = ("hlinkClick", "hlinkHover", "hlinkMouseOver")


def clean_sheet_links(work: Work, part: str) -> None:
    """Remove a sheet's hyperlinks that stand on emptied cells or name her, and their relationships."""
    targets = {item.id: item.target for item in work.package.relationships(part)}
    orphans: set[str] = set()
    with work.editing(part, "sheetData") as document:
        for block in document.iter("hyperlinks"):
            going = [link for link in block.children if _goes(work, part, link, targets)]
            for link in going:
                document.remove(link)
            if going and len(going) == len(block.children):
                document.remove(block)  # a block without links is not legal
            staying = {link.get("id") for link in block.children if link not in going}
            orphans |= {link.get("id") for link in going} - staying - {""}
    drop_relationships(work, part, orphans)


def _goes(work: Work, part: str, link: Element, targets: dict[str, str]) -> bool:
    if work.emptied(part, link.get("ref")):
        return True
    said = [attribute.value for attribute in link.attributes if attribute.name in ("display", "tooltip", "location")]
    return any(work.holds(text) for text in [*said, targets.get(link.get("id"), "")])


def clean_shape_links(work: Work, part: str) -> None:
    """Remove the links of shapes whose address names her; the shapes stay."""
    hers = {item.id for item in work.package.relationships(part) if item.external and work.holds(item.target)}
    if not hers:
        return
    orphans: set[str] = set()
    with work.editing(part) as document:
        for link in document.iter(*_SHAPE_LINKS):
            if link.get("id") in hers:
                document.remove(link)
                orphans.add(link.get("id"))
    drop_relationships(work, part, orphans)


def clean_external_cells(work: Work, part: str) -> None:
    """Remove the remembered cells of another workbook that are hers; Excel reads them anew from there.

    Only by her own values: what else her row held may be what formulas of others calculate with.
    """
    with work.editing(part) as document:
        for cell in document.iter("cell"):
            if any(work.wholly(value.text) for value in cell.children):
                document.remove(cell)


def drop_relationships(work: Work, part: str, ids: Collection[str]) -> None:
    """Remove relationships of a part by their ids."""
    place = work.package.rels_of(part)
    if place is None or not ids:
        return
    with work.editing(place) as document:
        for one in document.iter("Relationship"):
            if one.get("Id") in ids:
                document.remove(one)
