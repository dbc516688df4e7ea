"""Her values inside formulas, in lists of a data validation, and in headers and footers with their codes."""

from __future__ import annotations

import re

from connectors._workbook.parts.work import PLACEHOLDER, Work
from connectors._workbook.xmlspans import Document, Element

_PIECE = re.compile(r"\"((?:[^\"]|\"\")*)\"|'(?:[^']|'')*'|\[[^\[\]]*\]|(?<![\w.$])\d{7,}(?![\w.!:])")
_HEADER_CODE = re.compile(r"&(?:\"[^\"]*\"|K[0-9A-Fa-f]{6}|K\d\d[+-]\d{3}|\d{1,3}|[A-Za-z&])")


def clean_formula(work: Work, formula: str, replacement: str = PLACEHOLDER) -> str:
    """A formula whose text and long number literals are without her values; names and references stay.

    A literal is never left empty: a search for "" would find everything.
    """

    def one(match: re.Match[str]) -> str:
        if match[0].startswith('"'):
            text = match[1].replace('""', '"')
            return match[0] if not work.holds(text) else '"' + work.clean(text, replacement).replace('"', '""') + '"'
        return "0" if match[0].isdigit() and work.holds(match[0]) else match[0]

    return _PIECE.sub(one, formula)


def clean_list(work: Work, formula: str) -> str:
    """A validation's list of choices (`"one,two"`) without hers; anything else is cleaned as a formula."""
    if len(formula) < 2 or not formula.startswith('"') or not formula.endswith('"'):
        return clean_formula(work, formula)
    choices = formula[1:-1].replace('""', '"').split(",")
    kept = [work.clean(choice) for choice in choices if not work.wholly(choice)]
    if kept == choices:
        return formula
    return '"' + (",".join(kept) or PLACEHOLDER).replace('"', '""') + '"'


def clean_header(work: Work, document: Document, element: Element) -> None:
    """Clean a header or footer: its codes (`&L`, `&"Arial,Bold"`) stand right before words and are no part of them."""
    text = element.text
    codes = _HEADER_CODE.findall(text)
    values = _cleaned(work, _HEADER_CODE.split(text), codes)
    if values is not None:
        document.set_text(element, "".join(value + code for value, code in zip(values, [*codes, ""], strict=True)))


def header_text(text: str) -> str:
    """What a header or footer shows: its codes taken out, a NUL (no match reaches over it) where a new section begins."""
    return _HEADER_CODE.sub(lambda match: "\0" if match[0][1:] in ("L", "C", "R") else "", text)


def _cleaned(work: Work, values: list[str], codes: list[str]) -> list[str] | None:
    sections: list[list[int]] = [[0]]
    for number, code in enumerate(codes, 1):
        if code[1:] in ("L", "C", "R"):
            sections.append([])
        sections[-1].append(number)
    changed = False
    for section in sections:
        cut = work.cut_pieces([values[number] for number in section])
        if cut is not None:
            changed = True
            for number, value in zip(section, cut, strict=True):
                values[number] = value
    return values if changed else None
