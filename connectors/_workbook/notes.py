"""The comments on the cells of a sheet as a reader sees them: notes, and threads with their answers."""

from __future__ import annotations

from collections.abc import Iterator

from connectors._workbook.package import Package
from connectors._workbook.parts.areas import area
from connectors._workbook.xmlspans import Document

_KINDS = (("threadedComment", "threadedComment", "text"), ("comments", "comment", "t"))
"""Relationship, element of one comment, element of its text. A thread comes first: its note only says that there is one."""


def comments_of(package: Package, sheet_part: str) -> dict[int, dict[int, str]]:
    """Row → column → text of every comment on a sheet. Raises `Damaged` or `Refused` for a part that cannot be read."""
    found: dict[int, dict[int, str]] = {}
    for kind, name, text in _KINDS:
        here: dict[tuple[int, int], list[str]] = {}
        for part in package.related(sheet_part, kind):
            for place, said in _said(Document(package.utf8(part), part), name, text):
                here.setdefault(place, []).append(said)
        for (row, column), texts in here.items():
            found.setdefault(row, {}).setdefault(column, "\n".join(texts))
    return found


def _said(document: Document, name: str, text: str) -> Iterator[tuple[tuple[int, int], str]]:
    for comment in document.root.iter(name):
        place = area(comment.get("ref"))
        said = "".join(item.text for item in comment.iter(text)).strip()
        if place is not None and said:
            yield (place.top, place.left), said
