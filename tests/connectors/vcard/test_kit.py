"""Card files pass the kit: one file of many, an old one in another encoding, and a folder with a file for each person."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance import ConnectorTests, World
from tests.connectors.vcard.worlds import Folder, OldFile, OneFile, modern, old


class TestOneFile(ConnectorTests):
    """Many cards of 3.0 in one file, with a list that names them."""

    kind = "vcard"

    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        """A fresh file."""
        return OneFile(tmp_path, modern)


class TestOldFile(ConnectorTests):
    """Many cards of 2.1 in one file of UTF-16, none of which has a UID."""

    kind = "vcard"

    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        """A fresh file."""
        return OldFile(tmp_path, old, uids=False)


class TestFolder(ConnectorTests):
    """A file for each card, called after the person."""

    kind = "vcard"

    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        """A fresh folder."""
        return Folder(tmp_path, modern)
