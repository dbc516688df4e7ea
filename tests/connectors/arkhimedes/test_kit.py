"""Arkhimedes passes the kit with an export of customers, as CSV and as a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from connectors.arkhimedes import ArkhimedesConnector
from connectors.contract import Connector
from tests.conformance import ConnectorTests, World
from tests.connectors.csv_table.test_kit import HEADERS, CsvWorld
from tests.connectors.excel.test_kit import ExcelWorld


class ExportWorld(CsvWorld):
    """A folder with an export of customers, of a program that is no longer used."""

    def connector(self) -> Connector:
        return ArkhimedesConnector("laskutus", {"path": self.folder, "service": "closed"})

    def columns(self) -> Sequence[str]:
        return HEADERS

    def bury(self, text: str) -> bool:
        """Leave a note in the folder."""
        (self.folder / "muistio.txt").write_text(text, encoding="utf-8")
        return True


class TestExport(ConnectorTests):
    """An export of customers as CSV."""

    kind = "arkhimedes"

    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        """A fresh folder."""
        return ExportWorld(tmp_path, ";", "utf-8-sig")


class BookWorld(ExcelWorld):
    """The same with a workbook: a title above, a total below, a second sheet with formulas."""

    def connector(self) -> Connector:
        return ArkhimedesConnector("laskutus", {"path": self.folder, "service": "closed"})


class TestBook(ConnectorTests):
    """An export of customers as a workbook."""

    kind = "arkhimedes"

    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        """A fresh folder."""
        return BookWorld(tmp_path, "row")
