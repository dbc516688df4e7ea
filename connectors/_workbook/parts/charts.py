"""What a chart remembers of the cells it draws: points of emptied cells and points that are hers."""

from __future__ import annotations

from connectors._workbook.parts.areas import Area, areas_of_formula
from connectors._workbook.parts.work import Work
from connectors._workbook.xmlspans import Document, Element
from connectors.phrase import Phrase

_CACHES = frozenset("strCache numCache multiLvlStrCache dlblRangeCache".split())
_REMEMBERED_TEXT = frozenset("strCache multiLvlStrCache dlblRangeCache strDim".split())
_LITERALS = frozenset("strLit numLit".split())


def clean_chart(work: Work, part: str) -> None:
    """Remove her points from the caches and literals of a chart (also of the newer kinds, `chartEx`)."""
    with work.editing(part) as document:
        for holder in document.iter():
            if holder.name in _CACHES | _LITERALS or (holder.name in ("strDim", "numDim") and holder.child("lvl")):
                _clean_points(work, document, holder)
        if document.edited:
            work.note(Phrase("A chart was told to forget what it drew; it draws anew when the workbook is opened."))


def _clean_points(work: Work, document: Document, holder: Element) -> None:
    formula = holder.child("f") or (holder.parent.child("f") if holder.parent and holder.name in _CACHES else None)
    areas = (areas_of_formula(formula.text) if formula is not None else None) or []
    levels = _levels(holder)
    lost: set[tuple[int, int]] = set()
    unsure = False
    if any(work.covers(area) for area in areas):
        places = _places(areas, len(levels))
        # Hidden rows are left out of a cache: then no point tells which cell it came from.
        unsure = _counted(holder) != {len(places) // len(levels)}
        lost = {place for place, (sheet, ref) in places.items() if work.emptied(work.part_of(sheet), ref)}
    # A number that her row alone held may be another cell's result, and a literal is the owner's own word.
    hers = work.item if holder.name in _REMEMBERED_TEXT else work.wholly
    for level, points in enumerate(levels):
        for point in points:
            if unsure or (level, _index(point)) in lost or hers(_value(point)):
                document.remove(point)


def _levels(holder: Element) -> list[list[Element]]:
    """The points level by level; levels stand innermost (last column) first."""
    levels = [item for item in holder.children if item.name == "lvl"]
    return [[item for item in level.children if item.name == "pt"] for level in levels or [holder]]


def _index(point: Element) -> int:
    index = point.get("idx")
    return int(index) if index.isdecimal() else -1


def _value(point: Element) -> str:
    value = point.child("v")
    return point.text if value is None else value.text


def _counted(holder: Element) -> set[int]:
    """How many points the cache says it has."""
    said = [item.get("val") for item in holder.iter("ptCount")] + [item.get("ptCount") for item in holder.iter("lvl")]
    return {int(count) for count in said if count.isdecimal()}


def _places(areas: list[Area], levels: int) -> dict[tuple[int, int], tuple[str, str]]:
    """The cell (sheet, A1) behind each point (level, index)."""
    if levels == 1:
        cells = [(area.sheet, ref) for area in areas for ref in area.refs()]
        return {(0, index): cell for index, cell in enumerate(cells)}
    area = areas[0]
    wide = area.right - area.left + 1
    places: dict[tuple[int, int], tuple[str, str]] = {}
    for number, ref in enumerate(area.refs()):
        down, across = divmod(number, wide)
        place = (levels - 1 - across, down) if wide == levels else (levels - 1 - down, across)
        places[place] = (area.sheet, ref)
    return places
