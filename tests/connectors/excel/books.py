"""Workbooks for the tests: written by xlsxwriter and openpyxl, and by hand for what neither can write."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import xlsxwriter

from connectors.contract import Connector
from connectors.entry import Cursor, Entry, Unreadable
from connectors.excel.connector import ExcelConnector

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_RELATIONS = "http://purl.oclc.org/ooxml/officeDocument/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"

HEADER = ["Yritys", "Yhteyshenkilö", "Sähköposti", "Puhelin", "Palvelu", "Hinta"]
ROWS: list[list[object]] = [
    ["Esimerkki Oy", "Maija Virtanen", "maija.virtanen@posti.example", "044 123 4567", "Valmennus", 490],
    ["Malli Ky", "Pekka Laine", "pekka@malli.example", 501234567, "Koulutus", 900],
    ["", "Liisa Öberg", "liisa@koe.example", "+358 40 123 4567", "Luento", 250],
]


def register(path: Path, rows: Iterable[Sequence[object]] = ROWS, header: Sequence[str] = HEADER, *, title: str = "") -> Path:
    """A plain register as xlsxwriter writes it, with a merged title above when one is given."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Asiakkaat")
        top = 0
        if title:
            sheet.merge_range(0, 0, 0, 5, title)
            top = 3
        for line, row in enumerate([header, *rows], top):
            for column, value in enumerate(row):
                if isinstance(value, str) and value.startswith("=") and not value.startswith("=cmd"):
                    sheet.write_formula(line, column, value, None, 1)
                elif value not in ("", None):
                    sheet.write(line, column, value) if not isinstance(value, str) else sheet.write_string(line, column, value)
    return path


def handmade(
    path: Path,
    sheets: Mapping[str, str],
    strings: Sequence[str] | None = None,
    *,
    space: str = MAIN,
    relations: str = RELATIONS,
    states: Mapping[str, str] | None = None,
    extra: Mapping[str, bytes] | None = None,
    encoding: str = "utf-8",
    workbook: str = "",
    compression: int = zipfile.ZIP_DEFLATED,
) -> Path:
    """A workbook from the XML inside each `<sheetData>` (or a whole `<worksheet>`), and from `<si>` contents."""
    parts: dict[str, bytes] = {}
    names = list(sheets)
    overrides = [
        ("xl/workbook.xml", "sheet.main"),
        *((f"xl/worksheets/sheet{n}.xml", "worksheet") for n in range(1, len(names) + 1)),
    ]
    if strings is not None:
        overrides.append(("xl/sharedStrings.xml", "sharedStrings"))
    kinds = "".join(
        f'<Override PartName="/{part}" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.{kind}+xml"/>'
        for part, kind in overrides
    )
    parts["[Content_Types].xml"] = (
        f'<?xml version="1.0"?><Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{kinds}</Types>'
    ).encode()
    parts["_rels/.rels"] = _rels([("rId1", f"{relations}/officeDocument", "xl/workbook.xml")])
    tags = "".join(
        f'<sheet name="{escape(name)}" sheetId="{number}" {_state(states, name)}r:id="rId{number}"/>'
        for number, name in enumerate(names, 1)
    )
    parts["xl/workbook.xml"] = (
        f'<?xml version="1.0"?><workbook xmlns="{space}" xmlns:r="{relations}">{workbook}<sheets>{tags}</sheets></workbook>'
    ).encode()
    links = [(f"rId{n}", f"{relations}/worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(names) + 1)]
    if strings is not None:
        links.append(("rIdS", f"{relations}/sharedStrings", "sharedStrings.xml"))
        items = "".join(f"<si>{item}</si>" for item in strings)
        parts["xl/sharedStrings.xml"] = f'<?xml version="1.0"?><sst xmlns="{space}">{items}</sst>'.encode()
    parts["xl/_rels/workbook.xml.rels"] = _rels(links)
    for number, content in enumerate(sheets.values(), 1):
        xml = content if "sheetData" in content else f'<worksheet xmlns="{space}"><sheetData>{content}</sheetData></worksheet>'
        whole = xml if xml.startswith("<?xml") else f'<?xml version="1.0" encoding="{encoding}"?>{xml}'
        parts[f"xl/worksheets/sheet{number}.xml"] = whole.encode(encoding)
    return pack(path, {**parts, **(extra or {})}, compression)


def pack(path: Path, parts: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    """A zip file of these parts."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def parts_of(path: Path) -> dict[str, bytes]:
    """Every member of a workbook, unpacked."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def change(path: Path, part: str, edit: Callable[[bytes], bytes]) -> Path:
    """Change one part of a workbook in place."""
    parts = parts_of(path)
    parts[part] = edit(parts.get(part, b""))
    return pack(path, parts)


def inline(rows: Iterable[Sequence[object]], first: int = 1) -> str:
    """The rows of a sheet with inline strings."""
    lines = []
    for number, row in enumerate(rows, first):
        cells = "".join(
            _cell(f"{'ABCDEFGHIJKLMNOP'[column]}{number}", value) for column, value in enumerate(row) if value not in ("", None)
        )
        lines.append(f'<row r="{number}">{cells}</row>')
    return "".join(lines)


def open_source(path: Path, **options: object) -> ExcelConnector:
    """The connector on a workbook."""
    return ExcelConnector("register", {"path": path, **options})


def entries(source: Connector) -> list[Entry]:
    """The entries of a complete listing."""
    items = list(source.entries())
    assert isinstance(items[-1], Cursor)
    return [item for item in items if isinstance(item, Entry)]


def unreadable(source: Connector) -> list[Unreadable]:
    """The records of a listing that cannot be read."""
    return [item for item in source.entries() if isinstance(item, Unreadable)]


def of(source: Connector, value: str) -> Entry:
    """The one entry that shows a value."""
    found = [entry for entry in entries(source) if any(field.value == value for field in entry.fields)]
    assert len(found) == 1, [str(entry.locator) for entry in found]
    return found[0]


def remove(source: Connector, entry: Entry) -> str:
    """Erase an entry as its disposal says; returns the result."""
    if entry.disposal.value == "erase":
        return source.erase(entry.ref, entry.version).result
    return source.redact(entry.ref, entry.version, [field.kind for field in entry.leaving()]).result


def texts(path: Path) -> dict[str, dict[str, object]]:
    """Every cell's value by sheet and place, as openpyxl reads it."""
    from openpyxl import load_workbook

    book = load_workbook(path)
    return {
        sheet.title: {cell.coordinate: cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None}
        for sheet in book.worksheets
    }


def _cell(place: str, value: object) -> str:
    if isinstance(value, (int, float)):
        return f'<c r="{place}"><v>{value}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'


def _state(states: Mapping[str, str] | None, name: str) -> str:
    return f'state="{states[name]}" ' if states and name in states else ""


def _rels(links: Iterable[tuple[str, str, str]]) -> bytes:
    tags = "".join(f'<Relationship Id="{identity}" Type="{kind}" Target="{target}"/>' for identity, kind, target in links)
    return f'<?xml version="1.0"?><Relationships xmlns="{PACKAGE}/relationships">{tags}</Relationships>'.encode()
