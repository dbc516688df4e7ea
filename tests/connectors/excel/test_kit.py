"""Excel passes the kit, in both ways of erasing a row."""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from connectors.contract import Connector
from connectors.excel import ExcelConnector
from tests.conformance import ConnectorTests, World, faults

SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
HEADERS = ("Yritys", "Yhteyshenkilö", "Sähköposti", "Puhelin", "Muistiinpano", "Hinta", "Kenkä")
FIRST_ROW = 4
"""The row of the first person, as Excel counts: a merged title, an empty row and the header stand above."""


class ExcelWorld(World):
    """A workbook with everybody in a row, a title above, a total below, and a second sheet with formulas on the first."""

    def __init__(self, folder: Path, on_erase: str) -> None:
        super().__init__()
        self.folder, self.on_erase = folder / "rekisteri", on_erase
        self.folder.mkdir()
        self.path = self.folder / "asiakkaat.xlsx"
        self.rows = {person.key: FIRST_ROW + number for number, person in enumerate(self.people)}
        self._write()

    def _write(self) -> None:
        with xlsxwriter.Workbook(self.path) as book:
            sheet, other = book.add_worksheet("Asiakkaat"), book.add_worksheet("Yhteenveto")
            sheet.merge_range("A1:G1", "Asiakasrekisteri")
            for column, header in enumerate(HEADERS):
                sheet.write_string(2, column, header)
            for person in self.people:
                row = self.rows[person.key] - 1
                texts = (person.company, person.name, person.email, person.phone, person.note)
                for column, text in enumerate(texts):
                    sheet.write_string(row, column, text)
                sheet.write_number(row, 5, 100 + row)
                sheet.write_string(row, 6, f"koko {row}")
            last = FIRST_ROW + len(self.people)
            sheet.write_formula(last, 5, f"=SUM(F{FIRST_ROW}:F{last - 1})")
            other.write_formula(0, 0, f"=Asiakkaat!F{last + 1}*2")

    def connector(self) -> Connector:
        return ExcelConnector("asiakkaat", {"path": self.path, "on_erase": self.on_erase})

    def snapshot(self) -> object:
        return {path.name: path.read_bytes() for path in self.folder.iterdir()} if self.folder.is_dir() else None

    def files(self) -> frozenset[str]:
        return frozenset(path.name for path in self.folder.iterdir())

    def columns(self) -> Sequence[str]:
        return HEADERS

    def bystanders(self, key: str) -> object:
        """The bytes of every other row, and what openpyxl shows in every other row of both sheets."""
        raw = {row: found for row, found in self._raw_rows().items() if row != self.rows[key]}
        book = openpyxl.load_workbook(self.path)
        shown = {
            (sheet.title, cell.coordinate): (cell.value, cell.number_format)
            for sheet in book
            for line in sheet.iter_rows()
            for cell in line
            if sheet.title != "Asiakkaat" or cell.row != self.rows[key]
        }
        return raw, shown

    def touch(self, key: str) -> None:
        """Raise the price by one."""
        row = self.rows[key]
        self._edit(SHEET, rf'(<c r="F{row}"[^>]*><v>)(\d+)', lambda match: f"{match[1]}{int(match[2]) + 1}")

    def break_record(self, key: str) -> bool:
        """Let the person's cells refer to texts that are not there."""
        self._edit(SHEET, rf'(<c r="[A-EG]{self.rows[key]}"[^>]*><v>)(\d+)', lambda match: f"{match[1]}{int(match[2]) + 90_000}")
        return True

    def bury(self, text: str) -> bool:
        """Add a shared text that no cell shows any more."""
        self._edit(STRINGS, "</sst>", lambda _match: f"<si><t>{text}</t></si></sst>")
        return True

    def break_source(self) -> None:
        shutil.rmtree(self.folder)

    def damage(self) -> None:
        self.path.write_bytes(self.path.read_bytes()[:3000])

    def lock(self) -> AbstractContextManager[object] | None:
        return self._open_in_excel()

    @contextmanager
    def _open_in_excel(self) -> Iterator[None]:
        owner = self.folder / f"~${self.path.name}"
        owner.write_bytes(b"\x05Maija".ljust(165))
        yield
        owner.unlink()

    def write_points(self) -> tuple[str, ...]:
        return faults.REPLACING

    def failing_at(self, point: str) -> AbstractContextManager[list[str]]:
        return faults.failing_at(point)

    def _raw_rows(self) -> dict[int, bytes]:
        with zipfile.ZipFile(self.path) as archive:
            sheet = archive.read(SHEET)
        return {int(found[1]): found[0] for found in re.finditer(rb'<row r="(\d+)".*?(?:</row>|/>)', sheet, re.DOTALL)}

    def _edit(self, part: str, pattern: str, change: Callable[[re.Match[str]], str]) -> None:
        """Change one part as another program would, leaving every other one as it is."""
        with zipfile.ZipFile(self.path) as archive:
            members = [(info, archive.read(info)) for info in archive.infolist()]
        with zipfile.ZipFile(self.path, "w", zipfile.ZIP_DEFLATED) as archive:
            for info, data in members:
                if info.filename == part:
                    text, count = re.subn(pattern, change, data.decode())
                    assert count
                    archive.writestr(info, text)
                else:
                    archive.writestr(info, data)


class TestCells(ConnectorTests):
    """The person's cells are emptied, the company's row stays."""

    kind = "excel"

    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        """A fresh workbook."""
        return ExcelWorld(tmp_path, "cells")


class TestRow(ConnectorTests):
    """Every cell of the row is emptied."""

    kind = "excel"

    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        """A fresh workbook."""
        return ExcelWorld(tmp_path, "row")
