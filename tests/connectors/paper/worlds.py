"""A made-up binder: an index with everybody in a row, and a picture of each page."""

from __future__ import annotations

import csv
import io
import re
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import openpyxl
import xlsxwriter

from connectors.contract import Connector
from connectors.paper import PaperConnector, pictures
from tests.conformance import Made, World, faults

HEADERS = (
    "Nimi", "Puhelin", "Sähköposti", "Yritys", "Päivä", "Mappi", "Sivu", "Sivukuva", "Kopioitu", "Muistiinpano", "Tunnelma",
)  # fmt: skip

SHEET = "xl/worksheets/sheet1.xml"


class PaperWorld(World):
    """A binder under the kit; its index has two columns about the content, which nothing may show."""

    shown = ("name", "email", "phone", "company")
    name = "index.csv"

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder / "mappi"
        (self.folder / "kuvat").mkdir(parents=True)
        self.path = self.folder / self.name
        self.write([list(HEADERS), *(_row(person, number) for number, person in enumerate(self.people, 1))])
        for number in range(1, len(self.people) + 1):
            (self.folder / "kuvat" / f"sivu{number}.png").write_bytes(b"\x89PNG picture of page %d" % number)

    def write(self, rows: Sequence[Sequence[str]]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(rows)
        self.path.write_bytes(text.getvalue().encode("utf-8-sig"))

    def rows(self) -> list[list[str]]:
        """What Python's own reader reads."""
        return list(csv.reader(io.StringIO(self.path.read_bytes().decode("utf-8-sig"), newline=""), delimiter=";"))

    def connector(self) -> Connector:
        return PaperConnector("mappi", {"path": self.folder})

    def snapshot(self) -> object:
        return {path: path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}

    def files(self) -> frozenset[str]:
        return frozenset(str(path) for path in self.folder.rglob("*"))

    def columns(self) -> Sequence[str]:
        return HEADERS

    def bystanders(self, key: str) -> object:
        number = [person.key for person in self.people].index(key) + 1
        pictures = {path: path.read_bytes() for path in self.folder.rglob("*.png") if path.stem != f"sivu{number}"}
        return [row for row in self.rows() if self.person(key).email not in row], pictures

    def touch(self, key: str) -> None:
        rows = self.rows()
        for row in rows:
            if self.person(key).email in row:
                row[8] = "3.11.2026"
        self.write(rows)

    def break_record(self, key: str) -> bool:
        """Put a quotation mark before the person's company that never closes."""
        company, data = self.person(key).company.encode(), self.path.read_bytes()
        assert data.count(company) == 1
        self.path.write_bytes(data.replace(company, b'"' + company))
        return True

    def bury(self, text: str) -> bool:
        """Leave a backup that an editor made."""
        (self.folder / "kuvat" / "index.csv.bak").write_text(f"vanha\n{text}\n", encoding="utf-8")
        return True

    def break_source(self) -> None:
        shutil.rmtree(self.folder)

    def damage(self) -> None:
        self.path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)

    def lock(self) -> AbstractContextManager[object] | None:
        return self._open_in_office()

    @contextmanager
    def _open_in_office(self) -> Iterator[None]:
        owner = self.folder / f".~lock.{self.path.name}#"
        owner.write_text(",maija,kone,01.11.2026 10:00;", encoding="utf-8")
        yield
        owner.unlink()

    def write_points(self) -> tuple[str, ...]:
        return ("before _flush", "full _flush", "after _flush", "before replace", "after replace", "before unlink", "full unlink",
                "after unlink")  # fmt: skip

    def failing_at(self, point: str) -> AbstractContextManager[list[str]]:
        return faults.failing_at(point, {"unlink": pictures})


class PaperBookWorld(PaperWorld):
    """The same binder with its index in a workbook: a title above, a second sheet that counts the pages."""

    name = "index.xlsx"

    def write(self, rows: Sequence[Sequence[str]]) -> None:
        with xlsxwriter.Workbook(self.path) as book:
            sheet, other = book.add_worksheet("Sivut"), book.add_worksheet("Yhteenveto")
            sheet.write_string(0, 0, "Mapin hakemisto")
            for number, row in enumerate(rows, 2):
                for column, text in enumerate(row):
                    if text:
                        sheet.write_string(number, column, text)
            other.write_formula(0, 0, f"=COUNTA(Sivut!A4:A{len(rows) + 2})")

    def rows(self) -> list[list[str]]:
        """What openpyxl reads."""
        sheet = openpyxl.load_workbook(self.path)["Sivut"]
        return [[str(value or "") for value in row] for row in sheet.iter_rows(min_row=3, values_only=True)]

    def bystanders(self, key: str) -> object:
        """The bytes of every row that is not the person's, what openpyxl shows of them, and the other pictures."""
        number = [person.key for person in self.people].index(key) + 1
        with zipfile.ZipFile(self.path) as archive:
            raw = {name: archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/")}
        lines = {int(found[1]): found[0] for found in re.finditer(rb'<row r="(\d+)".*?(?:</row>|/>)', raw.pop(SHEET), re.DOTALL)}
        lines.pop(number + 3)
        shown = [row for place, row in enumerate(self.rows()) if place != number]
        pictures = {path: path.read_bytes() for path in self.folder.rglob("*.png") if path.stem != f"sivu{number}"}
        return raw, lines, shown, pictures

    def touch(self, key: str) -> None:
        """Another mood is written down."""
        number = [person.key for person in self.people].index(key) + 1
        self._edit("xl/sharedStrings.xml", rb"<t>tunnelma %d</t>" % number, b"<t>iloinen</t>")

    def break_record(self, key: str) -> bool:
        """Let the cells of the person's row refer to texts that are not there."""
        number = [person.key for person in self.people].index(key) + 4
        self._edit(SHEET, rb'(<c r="[A-K]%d"[^>]*><v>)(\d+)' % number, rb"\g<1>9\g<2>99")
        return True

    def _edit(self, part: str, pattern: bytes, new: bytes) -> None:
        with zipfile.ZipFile(self.path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        members[part], count = re.subn(pattern, new, members[part])
        assert count
        with zipfile.ZipFile(self.path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in members.items():
                archive.writestr(name, data)

    @contextmanager
    def _open_in_office(self) -> Iterator[None]:
        owner = self.folder / f"~${self.path.name}"
        owner.write_bytes(b"\x05Olga".ljust(165))
        yield
        owner.unlink()


def _row(person: Made, number: int) -> list[str]:
    return [
        person.name, person.phone, person.email, person.company, f"{number}.10.2026", "2", str(number),
        f"kuvat\\Sivu{number}.PNG" if number % 2 else f"kuvat/sivu{number}.png", "", person.note, f"tunnelma {number}",
    ]  # fmt: skip
