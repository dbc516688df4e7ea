"""A paper binder passes the kit: what a hand must do is said, and what the index knows goes when it was done."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance import ConnectorTests, World
from tests.connectors.paper.worlds import PaperBookWorld, PaperWorld


class TestPaper(ConnectorTests):
    """An index in CSV and a picture of each page."""

    kind = "paper"

    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        """A fresh binder."""
        return PaperWorld(tmp_path)


class TestPaperBook(ConnectorTests):
    """An index in a workbook and a picture of each page."""

    kind = "paper"

    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        """A fresh binder."""
        return PaperBookWorld(tmp_path)
