"""Excel passes the kit when the workbook lies in iCloud Drive, too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyicloud.services.drive import DriveService

from connectors.contract import Connector
from connectors.excel import ExcelConnector
from connectors.excel.place import Drive
from tests.conformance import ConnectorTests, World
from tests.connectors.excel.test_kit import ExcelWorld
from tests.connectors.icloud_drive import Cloud, serving


class DriveWorld(ExcelWorld):
    """The kit's workbook as another device has it in a folder, which the stand-in for iCloud Drive keeps in step with."""

    def __init__(self, folder: Path, cloud: Cloud, service: Callable[[], DriveService]) -> None:
        super().__init__(folder, "cells")
        self.cloud, self.service = cloud, service
        cloud.listing, cloud.written = self._up, self._down
        cloud.trouble = lambda _act: None if self.folder.is_dir() else (404, {})

    def connector(self) -> Connector:
        address = f"icloud:/Rekisteri/{self.path.name}"
        source = ExcelConnector("asiakkaat", {"path": address, "on_erase": self.on_erase})
        source._place = Drive(address, self.service)
        return source

    def _up(self) -> None:
        """What the device changed."""
        here = {path.name: path.read_bytes() for path in self.folder.iterdir()}
        for one in [one for one in self.cloud.documents.values() if not one.trashed]:
            if one.name not in here:
                del self.cloud.documents[one.id]
            elif one.data != here.pop(one.name):
                one.data, one.etag = (self.folder / one.name).read_bytes(), one.etag + 1
        for name, data in here.items():
            self.cloud.put(name, data)

    def _down(self) -> None:
        """What the hub changed."""
        there = {one.name: one.data for one in self.cloud.documents.values() if not one.trashed}
        for path in self.folder.iterdir():
            if path.name not in there:
                path.unlink()
        for name, data in there.items():
            (self.folder / name).write_bytes(data)


class TestDrive(ConnectorTests):
    """The person's cells are emptied in a workbook in iCloud Drive."""

    kind = "excel"

    @pytest.fixture
    def world(self, tmp_path: Path) -> Iterator[World]:
        """A fresh workbook in a fresh cloud."""
        with serving() as (cloud, service):
            yield DriveWorld(tmp_path, cloud, service)
