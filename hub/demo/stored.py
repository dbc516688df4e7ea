"""Make a workbook of openpyxl's look as Excel stores one: formulas with their last results, texts in one shared table."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape

Results = dict[tuple[str, str], float | str]
"""What each formula last came to, by sheet part and cell."""

_FORMULA = re.compile(r'<c r="([A-Z]+\d+)"([^>]*)>(<f>[^<]*</f>)<v\s*(?:/>|></v>)</c>')
_INLINE = re.compile(r't="inlineStr"><is><t(?: xml:space="preserve")?>([^<]*)</t></is></c>')
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"


def store_as_excel(path: Path, results: Results) -> None:
    """Rewrite the workbook at `path` so; a version of openpyxl that shares its texts already is left as it is."""
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name).decode("utf-8", "surrogateescape") for name in package.namelist()}
    texts: dict[str, int] = {}
    uses = 0
    for name in [name for name in parts if name.startswith("xl/worksheets/sheet")]:
        xml, count = _shared(_with_results(name, parts[name], results), texts)
        parts[name] = xml
        uses += count
    if uses:
        _add_shared_table(parts, texts, uses)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        # Programs that stream a package want its list of types first.
        for name in sorted(parts, key=lambda name: name != "[Content_Types].xml"):
            package.writestr(name, parts[name].encode("utf-8", "surrogateescape"))


def _with_results(part: str, xml: str, results: Mapping[tuple[str, str], float | str]) -> str:
    def stored(match: re.Match[str]) -> str:
        result = results[part, match[1]]
        kind = ' t="str"' if isinstance(result, str) else ""
        return f'<c r="{match[1]}"{match[2]}{kind}>{match[3]}<v>{escape(str(result))}</v></c>'

    return _FORMULA.sub(stored, xml)


def _shared(xml: str, texts: dict[str, int]) -> tuple[str, int]:
    """The sheet with numbers of `texts` (still escaped, added to when new) in place of its own texts, and how many."""
    return _INLINE.subn(lambda match: f't="s"><v>{texts.setdefault(match[1], len(texts))}</v></c>', xml)


def _add_shared_table(parts: dict[str, str], texts: Mapping[str, int], uses: int) -> None:
    items = "".join(f"<si><t>{text}</t></si>" for text in texts)
    parts["xl/sharedStrings.xml"] = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<sst xmlns="{_MAIN}" count="{uses}" uniqueCount="{len(texts)}">{items}</sst>'
    )
    types, relations = "[Content_Types].xml", "xl/_rels/workbook.xml.rels"
    override = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_TYPE}"/></Types>'
    parts[types] = parts[types].replace("</Types>", override)
    relation = f'<Relationship Id="rIdTexts" Type="{_RELATION}" Target="sharedStrings.xml"/></Relationships>'
    parts[relations] = parts[relations].replace("</Relationships>", relation)
