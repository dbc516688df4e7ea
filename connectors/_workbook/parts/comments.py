"""Notes and threaded comments with their shapes, and the persons who wrote them: all must agree."""

from __future__ import annotations

import re

from connectors._columns import letters
from connectors._workbook.parts.work import PLACEHOLDER, Work
from connectors._workbook.xmlspans import Element
from connectors.errors import Damaged
from connectors.phrase import Phrase

_SHAPE = re.compile(rb"<(v:shape)\b.*?</\1\s*>", re.DOTALL)
_ROW = re.compile(rb"<x:Row>\s*(\d+)\s*</x:Row>")
_COLUMN = re.compile(rb"<x:Column>\s*(\d+)\s*</x:Column>")


def clean_comments(work: Work, sheet_part: str) -> None:
    """Remove the comments on emptied cells of a sheet: note, thread and shape."""
    gone: set[str] = set()
    for kind, name in (("comments", "comment"), ("threadedComment", "threadedComment")):
        for part in work.package.related(sheet_part, kind):
            with work.editing(part) as document:
                for comment in document.iter(name):
                    if work.emptied(sheet_part, comment.get("ref")):
                        document.remove(comment)
                        gone.add(comment.get("ref"))
    if gone:
        for part in work.package.related(sheet_part, "vmlDrawing"):
            _remove_shapes(work, part, gone)
        work.note(Phrase("{count} comment(s) on the emptied cells were removed.", count=len(gone)))


def _remove_shapes(work: Work, part: str, refs: set[str]) -> None:
    try:
        with work.editing(part) as document:
            for shape in document.iter("shape"):
                if _anchor(shape) in refs:
                    document.remove(shape)
    except Damaged:
        # Excel itself writes shapes with <br> in them, which is not XML.
        data = work.package.read(part)
        work.package.replace(part, _SHAPE.sub(lambda match: b"" if _raw_anchor(match[0]) in refs else match[0], data))


def _anchor(shape: Element) -> str:
    row, column = (next((item.text.strip() for item in shape.iter(name)), "") for name in ("Row", "Column"))
    is_note = any(item.get("ObjectType") == "Note" for item in shape.iter("ClientData"))
    return f"{letters(int(column) + 1)}{int(row) + 1}" if is_note and row.isdecimal() and column.isdecimal() else ""


def _raw_anchor(shape: bytes) -> str:
    row, column = _ROW.search(shape), _COLUMN.search(shape)
    return f"{letters(int(column[1]) + 1)}{int(row[1]) + 1}" if row and column and b'"Note"' in shape else ""


def forget_mentions(work: Work, part: str) -> None:
    """Where a thread's text names her, drop its list of mentions: their positions would no longer be true."""
    with work.editing(part) as document:
        for comment in document.iter("threadedComment"):
            text, mentions = comment.child("text"), comment.child("mentions")
            if text is not None and mentions is not None and work.holds(text.text):
                document.remove(mentions)


def clean_persons(work: Work, part: str) -> None:
    """Give a writer of comments who is her a placeholder for name and account."""
    with work.editing(part) as document:
        for person in document.iter("person"):
            if any(work.holds(person.get(name)) for name in ("displayName", "userId", "providerId")):
                for name, value in (("displayName", PLACEHOLDER), ("userId", PLACEHOLDER), ("providerId", "None")):
                    document.set_attribute(person, name, value)
