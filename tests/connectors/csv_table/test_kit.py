"""CSV passes the kit, in the encodings and with the delimiters Finnish programs write."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from connectors.contract import Connector
from connectors.csv_table import CsvConnector
from tests.conformance import ConnectorTests, Made, World, faults

HEADERS = ("Yritys", "Yhteyshenkilö", "Sähköposti", "Puhelin", "Muistiinpano", "Hinta", "Kenkä")


class CsvWorld(World):
    """A list with everybody in a row, a title above and a total below."""

    def __init__(self, folder: Path, delimiter: str, encoding: str) -> None:
        super().__init__()
        self.folder, self.delimiter, self.encoding = folder / "lista", delimiter, encoding
        self.folder.mkdir()
        self.path = self.folder / "osallistujat.csv"
        rows = [["Osallistujat 2026"], [], list(HEADERS)]
        rows += [_row(person, number) for number, person in enumerate(self.people)]
        self.write([*rows, ["Yhteensä", "", "", "", "", "1 234,50", ""]])

    def write(self, rows: Sequence[Sequence[str]]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=self.delimiter, lineterminator="\r\n").writerows(rows)
        self.path.write_bytes(text.getvalue().encode(self.encoding))

    def rows(self) -> list[list[str]]:
        """What Python's own reader reads."""
        text = self.path.read_bytes().decode(self.encoding)
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=self.delimiter))

    def connector(self) -> Connector:
        return CsvConnector("lista", {"path": self.path})

    def snapshot(self) -> object:
        return {path.name: path.read_bytes() for path in self.folder.iterdir()} if self.folder.is_dir() else None

    def files(self) -> frozenset[str]:
        return frozenset(path.name for path in self.folder.iterdir())

    def columns(self) -> Sequence[str]:
        return HEADERS

    def bystanders(self, key: str) -> object:
        return [row for row in self.rows() if self.person(key).email not in row]

    def touch(self, key: str) -> None:
        rows = self.rows()
        for row in rows:
            if self.person(key).email in row:
                row[5] += "0"
        self.write(rows)

    def break_record(self, key: str) -> bool:
        """Put a quotation mark before the person's company that never closes."""
        company = self.person(key).company.encode(self.encoding.replace("-sig", "").replace("utf-16", "utf-16-le"))
        mark = '"'.encode(self.encoding.replace("-sig", "").replace("utf-16", "utf-16-le"))
        data = self.path.read_bytes()
        assert data.count(company) == 1
        self.path.write_bytes(data.replace(company, mark + company))
        return True

    def bury(self, text: str) -> bool:
        """Leave a backup that an editor made."""
        self.path.with_name("osallistujat.csv.bak").write_text(f"vanha\n{text}\n", encoding="utf-8")
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
        return faults.REPLACING

    def failing_at(self, point: str) -> AbstractContextManager[list[str]]:
        return faults.failing_at(point)


def _row(person: Made, number: int) -> list[str]:
    return [person.company, person.name, person.email, person.phone, person.note, f"{100 + number},50", f"koko {number}"]


class TestSemicolon(ConnectorTests):
    """As Excel in Finland saves it: semicolons, UTF-8 with a mark at its start."""

    kind = "csv"

    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        """A fresh list."""
        return CsvWorld(tmp_path, ";", "utf-8-sig")


class TestTabs(ConnectorTests):
    """As Excel saves Unicode text: tabs, UTF-16."""

    kind = "csv"

    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        """A fresh list."""
        return CsvWorld(tmp_path, "\t", "utf-16")


class TestComma(ConnectorTests):
    """As a web service exports it: commas, UTF-8."""

    kind = "csv"

    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        """A fresh list."""
        return CsvWorld(tmp_path, ",", "utf-8")
