"""A made-up binder: an index with everybody in a row, and a picture of each page."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from connectors.contract import Connector
from connectors.paper import PaperConnector, pictures
from tests.conformance import Made, World, faults

HEADERS = (
    "Nimi", "Puhelin", "Sähköposti", "Yritys", "Päivä", "Mappi", "Sivu", "Sivukuva", "Kopioitu", "Muistiinpano", "Tunnelma",
)  # fmt: skip


class PaperWorld(World):
    """A binder under the kit; its index has two columns about the content, which nothing may show."""

    shown = ("name", "email", "phone", "company")

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder / "mappi"
        (self.folder / "kuvat").mkdir(parents=True)
        self.path = self.folder / "index.csv"
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


def _row(person: Made, number: int) -> list[str]:
    return [
        person.name, person.phone, person.email, person.company, f"{number}.10.2026", "2", str(number),
        f"kuvat\\Sivu{number}.PNG" if number % 2 else f"kuvat/sivu{number}.png", "", person.note, f"tunnelma {number}",
    ]  # fmt: skip
