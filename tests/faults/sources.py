"""One fresh world of the kit for every kind of source that the hub erases from by itself, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from tests.conformance import World
from tests.connectors.arkhimedes.test_kit import BookWorld, ExportWorld
from tests.connectors.carddav.front import Front
from tests.connectors.carddav.servers import Running
from tests.connectors.carddav.world import FrontWorld, RadicaleWorld
from tests.connectors.csv_table.test_kit import CsvWorld
from tests.connectors.excel.test_kit import ExcelWorld
from tests.connectors.gmail.standin import StandIn
from tests.connectors.gmail.world import GmailWorld
from tests.connectors.thunderbird.test_conformance import ThunderbirdWorld
from tests.connectors.thunderbird.test_mork_conformance import MorkWorld
from tests.connectors.vcard.worlds import Folder, OneFile, modern

Made = Callable[[Path, Running], AbstractContextManager[World]]


@contextmanager
def _gmail(_folder: Path, _server: Running) -> Iterator[World]:
    with StandIn() as standin:
        yield GmailWorld(standin)


@contextmanager
def _icloud(_folder: Path, _server: Running) -> Iterator[World]:
    with Front() as front:
        yield FrontWorld(front)


def _on_disk(make: Callable[[Path], World]) -> Made:
    return lambda folder, _server: nullcontext(make(folder))


WORLDS: dict[str, Made] = {
    "excel, cells": _on_disk(lambda folder: ExcelWorld(folder, "cells")),
    "excel, row": _on_disk(lambda folder: ExcelWorld(folder, "row")),
    "thunderbird, SQLite": _on_disk(ThunderbirdWorld),
    "thunderbird, Mork": _on_disk(MorkWorld),
    "vcard, one file": _on_disk(lambda folder: OneFile(folder, modern)),
    "vcard, folder": _on_disk(lambda folder: Folder(folder, modern)),
    "csv": _on_disk(lambda folder: CsvWorld(folder, ";", "utf-8-sig")),
    "arkhimedes, CSV": _on_disk(lambda folder: ExportWorld(folder, ";", "utf-8-sig")),
    "arkhimedes, workbook": _on_disk(lambda folder: BookWorld(folder, "row")),
    "gmail": _gmail,
    "carddav": lambda _folder, server: nullcontext(RadicaleWorld(server)),
    "icloud": _icloud,
}
"""Their names begin with the kind."""

DURABLE = tuple(name for name in WORLDS if name.partition(",")[0] in {"excel", "vcard", "csv", "arkhimedes"})
"""Those that write by replacing a file."""
