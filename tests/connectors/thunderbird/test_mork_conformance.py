"""A profile whose only book is in the old format passes the kit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from connectors import _files, _system
from connectors.contract import Connector
from connectors.thunderbird import morkbook
from tests.conformance import ConnectorTests, World, faults
from tests.connectors.thunderbird import mabs, profiles

PLACES = {"to_bytes": morkbook, "_flush": _files, "_carry_over": _files, "replace": _system, "sync_folder": _system}


class MorkWorld(World):
    """A SeaMonkey-like profile: one .mab file with everybody's card, a list of them all, and an appended change."""

    def __init__(self, home: Path) -> None:
        super().__init__()
        self.home = home
        self.profile = profiles.make_profile(home)
        self.book = self.profile / "abook.mab"
        self.ids = {person.key: number for number, person in enumerate(self.people, start=1)}
        cards = [
            mabs.card(person.name, person.email, CellularNumber=person.phone, Company=person.company, Notes=person.note)
            for person in self.people
        ]
        self.mab = mabs.Mab().book(cards, {"Kaikki": list(self.ids.values())})
        self.mab.write(self.book)

    def connector(self) -> Connector:
        return profiles.connector(self.home)

    def snapshot(self) -> object:
        return {str(path): path.read_bytes() for path in self.home.rglob("*") if path.is_file()}

    def files(self) -> frozenset[str]:
        return frozenset(str(path) for path in self.home.rglob("*"))

    def columns(self) -> Sequence[str]:
        named = "FirstName LastName DisplayName PrimaryEmail LowercasePrimaryEmail PopularityIndex CellularNumber Company Notes"
        return [*named.split(), "RecordKey"]

    def bystanders(self, key: str) -> object:
        rows = mabs.main_part(self.book.read_bytes())
        members = rows.pop(("list", 1))
        gone = b"%X" % self.ids[key]
        cells = [value for name, value in members.items() if name.startswith("Address") and value != gone]
        return {place: row for place, row in rows.items() if place != ("card", self.ids[key])}, cells

    def touch(self, key: str) -> None:
        self._append(self.ids[key], {"PopularityIndex": "9"})

    def break_record(self, key: str) -> bool:
        del key
        return False

    def bury(self, text: str) -> bool:
        self._append(0xFFF, {"Notes": text})
        return True

    def break_source(self) -> None:
        self.book.unlink(missing_ok=True)

    def damage(self) -> None:
        data = self.book.read_bytes()
        self.book.write_bytes(data[: data.rindex(b"(^")])

    def lock(self) -> AbstractContextManager[object] | None:
        return profiles.running(self.profile)

    def write_points(self) -> tuple[str, ...]:
        return (*(f"{when} {name}" for name in PLACES for when in ("before", "after")), "full to_bytes", "full replace")

    def failing_at(self, point: str) -> AbstractContextManager[list[str]]:
        return faults.failing_at(point, PLACES)

    def _append(self, number: int, cells: Mapping[str, str]) -> None:
        self.mab.data = self.book.read_bytes()
        self.mab.group(self.mab.row(number, cells)).write(self.book)


class TestMork(ConnectorTests):
    """A profile with a book in the old format under the kit."""

    kind = "thunderbird"

    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        """A fresh profile."""
        return MorkWorld(tmp_path)
