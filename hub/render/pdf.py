"""A letter as PDF, made from its own HTML page: tagged for screen readers (PDF/UA-1), its text selectable, its fonts inside.

Every value is handed to the typesetter as data and never as markup, so nothing in it runs. A letter that no font has is
written as its number, `[U+1F600]`, and never lost.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from typing import Any

from connectors import _resources

_SILENT = {"head", "style", "meta", "title"}
_VOID = {"meta", "br"}
_UNSHOWN = re.compile(r"the text `\"(.*?)\"` could not be displayed", re.DOTALL)
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LONG = re.compile(r"\S{30}(?=\S)")
_ROUNDS = 20
"""How often the typesetter is asked again: it does not always name all letters that it lacks at once."""

Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pdf:
    """The file, and the letters in it that no font has, written as their numbers."""

    content: bytes = field(repr=False)
    unshown: str = field(default="", repr=False)


def pdf(page: str, language: str, day: date) -> Pdf:
    """The PDF of a page of `hub.render.letters`, bearing no time but its day and no author."""
    import typst  # 30 MB: only a letter needs it

    tree = _Tree(page)
    template = _resources.path("templates", "letter.typ").read_bytes()
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
    unshown = ""
    for attempt in range(_ROUNDS):
        told = json.dumps({"title": tree.title, "language": language, "body": list(_prepared(tree.body, unshown))})
        try:
            content = typst.compile(
                template,
                format="pdf",
                sys_inputs={"page": told},
                ignore_system_fonts=attempt == 0,  # what its own fonts lack one of the system's may have
                pdf_standards=["ua-1"],
                timestamp=moment,
            )
        except typst.TypstError as error:
            found = "".join(_UNSHOWN.findall(str(error)))
            if not found:
                raise
            unshown += found if attempt else ""
        else:
            return Pdf(content, unshown)
    raise RuntimeError("the typesetter lacks ever more letters")


def with_pdfs(pages: Mapping[str, str], language: str, day: date) -> tuple[dict[str, bytes], str]:
    """Each page by its name as `name.html` and `name.pdf`, and the letters that the PDFs hold as numbers only."""
    made = {name: pdf(page, language, day) for name, page in pages.items()}
    files: dict[str, bytes] = {}
    for name, page in pages.items():
        files |= {f"{name}.html": page.encode(), f"{name}.pdf": made[name].content}
    return files, "".join(one.unshown for one in made.values())


class _Tree(HTMLParser):
    """The body of one of our own pages as nested nodes, blanks between elements left out."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.title = ""
        root: Node = {"tag": "body", "kind": "", "children": []}
        self._open = [root]
        self._silent: list[str] = []
        self.feed(page)
        self.close()
        self.body: list[Node | str] = root["children"]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT and tag not in _VOID:
            self._silent.append(tag)
        elif not self._silent:
            node = {"tag": tag, "kind": dict(attrs).get("class") or "", "children": []}
            self._open[-1]["children"].append(node)
            if tag not in _VOID:
                self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            if tag == self._silent[-1]:
                self._silent.pop()
        elif tag not in _VOID:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._silent:
            self.title += data if self._silent[-1] == "title" else ""
            return
        value = any(node["tag"] == "bdi" for node in self._open)
        text = data if value else re.sub(r"\s+", " ", data)
        if value or text.strip():
            self._open[-1]["children"].append(text)


def _prepared(nodes: list[Node | str], unshown: str) -> Iterator[Node | str]:
    """The nodes as the template takes them: lines broken, very long words made breakable, what no font has as numbers."""
    for node in nodes:
        if isinstance(node, dict):
            yield {**node, "children": list(_prepared(node["children"], unshown))}
            continue
        for number, line in enumerate(node.split("\n")):
            if number:
                yield {"tag": "br", "kind": "", "children": []}
            said = "".join(f"[U+{ord(letter):04X}]" if letter in unshown else letter for letter in line)
            yield from _breakable(_BIDI.sub(_numbered, said))


def _numbered(match: re.Match[str]) -> str:
    """A mark that turns the direction of writing would reach beyond its value: it is shown and does nothing."""
    return f"[U+{ord(match[0]):04X}]"


def _breakable(text: str) -> Iterator[Node | str]:
    start = 0
    for match in _LONG.finditer(text):
        yield text[start : match.end()]
        yield {"tag": "wbr", "kind": "", "children": []}
        start = match.end()
    yield text[start:]
