"""Pivot caches: her items become placeholders of the same type, and the pivot is told to refresh."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import date

from connectors._workbook.parts.areas import area
from connectors._workbook.parts.work import PLACEHOLDER, Work, unique
from connectors._workbook.xmlspans import Document, Element, unescape
from connectors.phrase import Phrase

_ITEMS = ("s", "n", "d", "e", "b")
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:T.*)?")
_VALUE = re.compile(rb"""\sv\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_EXCEL_EPOCH = 693594
"""`date.toordinal()` of the day Excel counts as 0."""


def clean_cache(work: Work, part: str) -> None:
    """Clean a pivot cache's definition and its records."""
    with work.editing(part) as document:
        for shared in document.iter("sharedItems", "groupItems"):
            _clean_items(work, document, shared)
        stale = document.edited or _reads_emptied(work, document.root)
    for records in work.package.related(part, "pivotCacheRecords"):
        stale = _clean_records(work, records) or stale
    if stale:
        _refresh(work, part)


def _refresh(work: Work, part: str) -> None:
    with work.editing(part) as document:
        document.set_attribute(document.root, "refreshOnLoad", "1")
    work.note(Phrase("A pivot table was told to refresh; it shows the new state when the workbook is opened in Excel."))


def _reads_emptied(work: Work, root: Element) -> bool:
    """Whether the pivot's source is an area with emptied cells in it."""
    for source in root.iter("worksheetSource"):
        part = work.part_of(source.get("sheet"))
        one = area(source.get("ref"), source.get("sheet"))
        if part and one is not None and work.covers(one):
            return True
        if source.get("name") and _table_covers(work, source.get("name")):
            return True
    return False


def _table_covers(work: Work, name: str) -> bool:
    sheets = [sheet.name for sheet in work.package.sheets if sheet.part == work.job.sheet_part] if work.job.sheet_part else []
    for part in work.package.related(work.job.sheet_part, "table") if sheets else ():
        with work.editing(part) as document:
            root = document.root
            one = area(root.get("ref"), sheets[0])
            if name in (root.get("name"), root.get("displayName")) and one is not None and work.covers(one):
                return True
    return False


def _clean_items(work: Work, document: Document, shared: Element) -> None:
    items = [item for item in shared.children if item.name in _ITEMS]
    hers = [item for item in items if _hers(work, item)]
    taken = {item.get("v") for item in items if item not in hers}
    for item in hers:
        value = _substitute(work, item, taken)
        taken.add(value)
        document.set_attribute(item, "v", value)
        document.remove_attribute(item, "c")
    if hers:
        _narrow(document, shared, taken)
    else:
        # The values stand in the records; a limit only has to lie outside them.
        for name, limit in (("minValue", "0"), ("maxValue", "999999999999")):
            if work.holds(shared.get(name)):
                document.set_attribute(shared, name, limit)


def _narrow(document: Document, shared: Element, taken: Iterable[str]) -> None:
    """Correct the limits a field tells of its numbers and days."""
    numbers = [float(value) for value in taken if _is_number(value)]
    for name, pick in (("minValue", min), ("maxValue", max)):
        if shared.attribute(name) is not None and numbers:
            document.set_attribute(shared, name, f"{pick(numbers):.15g}")
    days = sorted(value for value in taken if _DAY.fullmatch(value))
    for name, place in (("minDate", 0), ("maxDate", -1)):
        if shared.attribute(name) is not None and days:
            document.set_attribute(shared, name, days[place])


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _hers(work: Work, item: Element) -> bool:
    return _is_hers(work, item.name, item.get("v"))


def _is_hers(work: Work, kind: str, value: str) -> bool:
    if kind in ("e", "b"):
        return False
    if kind == "d":
        return bool(_spellings(value) & work.job.gone)
    return work.item(value) or work.holds(value)


def _spellings(day: str) -> frozenset[str]:
    """The ways a date may stand in a cell: as it is here, as a date alone, as Excel's serial number."""
    match = _DAY.fullmatch(day)
    if match is None:
        return frozenset({day})
    try:
        serial = date(int(match[1]), int(match[2]), int(match[3])).toordinal() - _EXCEL_EPOCH
    except ValueError:
        return frozenset({day})
    return frozenset({day, day.replace("T", " "), day[:10], str(serial)})


def _substitute(work: Work, item: Element, taken: Collection[str]) -> str:
    """What stands for an item of hers: of the same type, and none of the others."""
    if item.name == "s":
        rest = "" if work.item(item.get("v")) else work.clean(item.get("v")).strip()
        return unique(taken, rest or PLACEHOLDER)
    if item.name == "d":
        return next(day for year in range(1900, 9999) if (day := f"{year}-01-01T00:00:00") not in taken)
    return str(next(number for number in range(len(taken) + 1) if str(number) not in taken))


def _clean_records(work: Work, part: str) -> bool:
    """Clean values that stand in the records themselves; tells whether any was hers."""
    values = {(one or other).decode() for one, other in _VALUE.findall(work.package.utf8(part))}
    if not any(_is_hers(work, kind, unescape(value)) for value in values for kind in ("s", "d")):
        return False
    with work.editing(part) as document:
        for record in document.root.children:
            for item in record.children:
                if item.name in _ITEMS and _hers(work, item):
                    document.set_attribute(item, "v", _substitute(work, item, ()))
        return document.edited
