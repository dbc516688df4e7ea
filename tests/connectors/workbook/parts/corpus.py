"""Workbooks for the tests: what XlsxWriter can write, and hand-made parts for what it cannot. All people are made up."""

from __future__ import annotations

import html
import io
import quopri
import re
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import xlsxwriter

from connectors._needles import Matcher
from connectors._workbook.package import Package
from connectors._workbook.parts.anything import clean_part
from connectors._workbook.parts.work import Job, Work
from connectors._workbook.scrub import scrub
from connectors._workbook.xmlspans import Document
from connectors.contract import Needle
from connectors.errors import Refused

NAME = "Päivi Äijälä"
TURNED = "Äijälä, Päivi"
EMAIL = "paivi.aijala@malli.example"
PHONE = "+358441234567"
OTHER = "Pekka Äijälä"
HER_ROW = 8
HER_CELLS = frozenset(f"{column}{HER_ROW}" for column in "ABC")
SHEET = "xl/worksheets/sheet1.xml"

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
XM = "http://schemas.microsoft.com/office/excel/2006/main"
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)

PEOPLE = [
    (OTHER, "pekka.aijala@malli.example", "0401234567", "Kultapaketti", 75),
    ("Liisa Malli", "liisa@malli.example", "0501234567", "Hopeapaketti", 50),
    ("Ville Koe", "ville@malli.example", "040 123 4999", "Hopeapaketti", 50),
    (NAME, EMAIL, 441234567, "Ainutpaketti", 99),
    ("Anna Koe", "anna@malli.example", "050 123 4999", "Kultapaketti", 75),
    ("Olli Näyte", "olli@malli.example", "0401234444", "Kultapaketti", 80),
]


def matcher() -> Matcher:
    """Her name, e-mail and phone."""
    return Matcher([Needle("name", NAME), Needle("email", EMAIL), Needle("phone", PHONE)])


def job(*, whole_row: bool = False, gone: frozenset[str] = frozenset({NAME, EMAIL, "441234567"})) -> Job:
    """Her row on the first sheet, her three cells or all of it emptied."""
    if whole_row:
        cells = HER_CELLS | {f"{column}{HER_ROW}" for column in "DE"}
        return Job(matcher(), SHEET, HER_ROW, cells, gone | {"Ainutpaketti", "99"}, whole_row=True)
    return Job(matcher(), SHEET, HER_ROW, HER_CELLS, gone, whole_row=False)


def by_value() -> Job:
    """No cell emptied: her values only."""
    return Job(matcher(), "", 0, frozenset(), frozenset(), whole_row=False)


# Looking for her, without the matcher --------------------------------------------------------------------------------

_WORDS = ("päivi äijälä", "äijälä päivi", "äijälä, päivi", "paivi.aijala@malli.example", "päivi_äijälä")


def traces(data: bytes) -> list[str]:
    """Which of her values stand in the bytes, by a plain search of its own in every spelling."""
    texts = {data.decode("utf-8", "replace"), data.decode("latin-1")}
    if b"\0" in data:
        texts |= {data[cut:].decode(code, "replace") for code in ("utf-16-le", "utf-16-be") for cut in (0, 1)}
    texts |= {re.sub(r"=?\r?\n[ \t]", "", text) for text in texts}
    texts |= {html.unescape(text) for text in texts}
    texts |= {
        re.sub(r"</(?:\w+:)?t>.{0,400}?<(?:\w+:)?t(?: [^>]*)?>", "", text, flags=re.DOTALL) for text in texts if "<" in text
    }
    texts |= {quopri.decodestring(text.encode()).decode("utf-8", "replace") for text in texts if re.search("=[0-9A-F]{2}", text)}
    texts |= {re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), text) for text in texts}
    texts |= {re.sub("(?:%[0-9A-Fa-f]{2})+", _percent, text) for text in texts}
    found = {word for text in texts for word in _WORDS if word in " ".join(text.lower().split())}
    digits = {re.sub(r"[ \u00a0()/-]", "", text) for text in texts}
    return sorted(found | {"441234567" for text in digits if "441234567" in text})


def _percent(match: re.Match[str]) -> str:
    return bytes.fromhex(match[0].replace("%", "")).decode("utf-8", "replace")


def traces_of(package: Package) -> dict[str, list[str]]:
    """Her traces part by part, inside embedded packages too."""
    found: dict[str, list[str]] = {}
    for name in package.names:
        data = package.read(name)
        if data.startswith(b"PK"):
            with suppress(Refused):  # a locked one
                found |= {f"{name}!{part}": here for part, here in traces_of(Package.of(data, name)).items()}
        elif here := traces(data):
            found[name] = here
    return found


# Packages by hand ----------------------------------------------------------------------------------------------------


class Book:
    """A package as a dictionary of parts, with content types and relationships kept right."""

    def __init__(self, parts: Mapping[str, bytes] | None = None) -> None:
        self.parts = dict(parts or {})

    @classmethod
    def read(cls, source: Path | bytes) -> Book:
        with zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source) as archive:
            return cls({name: archive.read(name) for name in archive.namelist()})

    def add(self, name: str, data: str | bytes, kind: str, owner: str = "", link: str = "") -> str:
        """Add a part with its content type, and a relationship of `owner` to it; returns the relationship's id."""
        self.parts[name] = data.encode() if isinstance(data, str) else data
        if kind:
            self.insert("[Content_Types].xml", "</Types>", f'<Override PartName="/{name}" ContentType="{kind}"/>')
        return self.relate(owner, link, "/" + name) if link else ""

    def relate(self, owner: str, link: str, target: str, *, external: bool = False) -> str:
        """Add a relationship; `link` is the last word of its type or the whole type."""
        folder, _, name = owner.rpartition("/")
        place = f"{folder}/_rels/{name}.rels" if owner else "_rels/.rels"
        empty = HEAD + '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
        self.parts.setdefault(place, empty.encode())
        number = f"rIdX{self.parts[place].count(b'<Relationship ') + 1}"
        kind = link if link.startswith("http") else f"{R}/{link}"
        mode = ' TargetMode="External"' if external else ""
        one = f'<Relationship Id="{number}" Type="{kind}" Target="{html.escape(target)}"{mode}/>'
        self.insert(place, "</Relationships>", one)
        return number

    def insert(self, name: str, before: str, text: str) -> None:
        """Put text before the last place where `before` stands."""
        head, mark, tail = self.parts[name].decode().rpartition(before)
        assert mark, f"{before} is not in {name}"
        self.parts[name] = (head + text + mark + tail).encode()

    def swap(self, name: str, old: str, new: str) -> None:
        """Replace text that must be there."""
        assert old in self.parts[name].decode(), f"{old} is not in {name}"
        self.parts[name] = self.parts[name].decode().replace(old, new, 1).encode()

    def data(self) -> bytes:
        """The zip."""
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in self.parts.items():
                archive.writestr(name, data)
        return stream.getvalue()

    def package(self, file: str = "asiakkaat.xlsx") -> Package:
        """The package as the connector reads it."""
        return Package.of(self.data(), file)


def empty_cells(package: Package, what: Job) -> None:
    """What the connector's core does to cells and strings before the scrub, in a few plain lines."""
    work = Work(package, what)
    if what.sheet_part:
        with work.editing(what.sheet_part) as document:
            for cell in document.iter("c"):
                if cell.get("r") in what.cells:
                    document.remove_attribute(cell, "t")
                    for child in cell.children:
                        document.remove(child)
    for name in package.names:
        kind = package.content_type(name)
        if kind.endswith(("worksheet+xml", "sharedStrings+xml")):
            _clean_all(work, name)


def _clean_all(work: Work, name: str) -> None:
    clean_part(work, name)
    with work.editing(name) as document:
        for item in document.iter("si"):
            if "".join(text.text for text in item.iter("t")) in work.job.gone:
                document.set_text(item, "")


def scrubbed(*adders: Callable[[Book], None], what: Job | None = None, book: Book | None = None) -> tuple[Package, Package]:
    """The package before and after, its cells untouched; only the scrub at work."""
    book = book or plain_book()
    for add in adders:
        add(book)
    before, after = book.package(), book.package()
    scrub(after, what or job())
    return before, after


def text(package: Package, part: str) -> str:
    """A part as text."""
    return package.utf8(part).decode()


def changed_parts(before: Package, after: Package) -> set[str]:
    """The parts whose bytes differ."""
    return {name for name in before.names if name not in after.names or before.read(name) != after.read(name)}


def names_of(package: Package, part: str, element: str, attribute: str) -> list[str]:
    """An attribute of all elements of that name in a part."""
    return [item.get(attribute) for item in Document(package.utf8(part), part).iter(element)]


# The workbook XlsxWriter writes ---------------------------------------------------------------------------------------


def plain_book(total: str = f"Summa {NAME}") -> Book:
    """A customer list with most of what XlsxWriter can write, her values in all of it; `total` labels a table's last row."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.set_properties(
        {
            "title": f"Asiakkaat {NAME}",
            "author": NAME,
            "keywords": EMAIL,
            "comments": f"Soita {TURNED}",
            "manager": NAME,
            "company": "Esimerkki Oy",
        }
    )
    book.set_custom_property("Yhteyshenkilö", NAME)
    _customers(book)
    _report(book)
    _table(book, total)
    book.define_name("Yhteys", f'="{NAME}"')
    book.define_name("Kaikki", "=Asiakkaat!$A$5:$E$10")
    book.close()
    return Book.read(stream.getvalue())


def tiny_book() -> Book:
    """One sheet with one formula, and nobody in it."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = book.add_worksheet("Asiakkaat")
    sheet.write_row("A4", ["Nimi", "Hinta"])
    sheet.write_formula("B8", "=1+1", None, 2)
    book.close()
    parts = Book.read(stream.getvalue()).parts
    return Book({name: data for name, data in parts.items() if "theme" not in name and "docProps" not in name})


def _customers(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet("Asiakkaat")
    sheet.merge_range("A1:F1", "Asiakasrekisteri")
    sheet.write_row("A4", ["Yhteyshenkilö", "Sähköposti", "Puhelin", "Palvelu", "Hinta", "Vuodessa"])
    for row, person in enumerate(PEOPLE, 5):
        sheet.write_row(f"A{row}", person)
        sheet.write_formula(f"F{row}", f"=E{row}*12", None, person[4] * 12)
    for row, person in enumerate(PEOPLE, 5):
        sheet.write_url(f"B{row}", f"mailto:{person[1]}", None, person[1], f"Kirjoita: {person[0]}")
    sheet.write_comment(f"A{HER_ROW}", f"{NAME} soitti", {"author": NAME})
    sheet.write_comment("A5", f"Veli: {NAME}", {"author": "Omistaja"})
    sheet.write_comment("A6", "Ei mitään", {"author": "Omistaja"})
    sheet.conditional_format(
        "A5:A10", {"type": "text", "criteria": "containing", "value": NAME, "format": book.add_format({"bold": 1})}
    )
    sheet.conditional_format(
        "A5:A10", {"type": "cell", "criteria": "==", "value": f'"{NAME}"', "format": book.add_format({"italic": 1})}
    )
    sheet.data_validation(
        "H5:H10",
        {
            "validate": "list",
            "source": [OTHER, NAME, "Liisa Malli"],
            "input_title": "Kuka",
            "input_message": f"Esim. {NAME}",
            "error_message": EMAIL,
        },
    )
    sheet.autofilter("A4:F10")
    sheet.filter_column_list("A", [NAME, OTHER])
    sheet.set_header(f'&L&"Arial,Bold"{NAME}&C&12Asiakkaat&R&D')
    sheet.set_footer(f"&CTulostanut &B{EMAIL}&B")
    sheet.insert_textbox("H12", f"Muista {NAME} ja {OTHER}", {"description": f"Kuva: {NAME}"})
    sheet.insert_image(
        "H20", "kuva.png", {"image_data": io.BytesIO(PNG), "description": f"Kuva: {TURNED}", "url": f"mailto:{EMAIL}"}
    )
    sheet.unprotect_range("H1", NAME)
    chart = book.add_chart({"type": "column"})
    chart.add_series(
        {
            "name": f"Paras: {NAME}",
            "categories": "=Asiakkaat!$A$5:$A$10",
            "values": "=Asiakkaat!$E$5:$E$10",
            "categories_data": [p[0] for p in PEOPLE],
            "values_data": [p[4] for p in PEOPLE],
        }
    )
    chart.set_title({"name": f"Hinnat, {NAME} mukana"})
    sheet.insert_chart("J2", chart)


def _report(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet("Raportti")
    sheet.write("A1", "Hinnat yhteensä")
    sheet.write_formula("B1", "=SUM(Asiakkaat!E5:E10)", None, sum(person[4] for person in PEOPLE))
    sheet.write_formula("B2", "=COUNTA(Asiakkaat!A5:A10)", None, len(PEOPLE))
    sheet.write_formula("B3", f'=IF(COUNTIF(Asiakkaat!A5:A10,"{NAME}")>0,"on","ei")', None, "on")
    sheet.write_formula("B4", "=Asiakkaat!A8", None, NAME)
    sheet.write_formula("B5", "=Asiakkaat!A5", None, OTHER)
    sheet.add_sparkline("C1", {"range": "Asiakkaat!E5:E10"})
    hidden = book.add_worksheet("Piilo")
    hidden.very_hidden()
    hidden.write("A1", f"Vanha: {NAME}")
    hidden.write_rich_string("A2", "Mu", book.add_format({"bold": 1}), "ista Päi", "vi Äijälä pian")


def _table(book: xlsxwriter.Workbook, total: str) -> None:
    sheet = book.add_worksheet("Taulu")
    columns = [
        {"header": "Nimi", "total_string": total},
        {"header": NAME},
        {"header": "Hinta", "total_function": "sum"},
    ]
    rows = [[person[0], "x", person[4]] for person in PEOPLE]
    sheet.add_table("A1:C8", {"columns": columns, "data": rows, "total_row": 1, "name": "Lista"})
