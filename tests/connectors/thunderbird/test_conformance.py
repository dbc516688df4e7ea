"""Thunderbird passes the kit."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest

from connectors.contract import Connector
from connectors.thunderbird import erasing
from tests.conformance import ConnectorTests, World, faults
from tests.connectors.thunderbird import profiles


class ThunderbirdWorld(World):
    """A profile with one book in which everybody has a card, and a list of them all."""

    def __init__(self, home: Path) -> None:
        super().__init__()
        self.home = home
        self.profile = profiles.make_profile(home)
        self.book = self.profile / "abook.sqlite"
        self.uids = {person.key: f"uid-{number:04}" for number, person in enumerate(self.people)}
        cards = [
            profiles.modern(
                self.uids[person.key], person.name, person.email, phone=person.phone, note=person.note, company=person.company
            )
            for person in self.people
        ]
        profiles.write_book(self.book, cards, {"Kaikki": list(self.uids.values())})

    def connector(self) -> Connector:
        return profiles.connector(self.home)

    def snapshot(self) -> object:
        return {str(path): path.read_bytes() for path in self.home.rglob("*") if path.is_file()}

    def files(self) -> frozenset[str]:
        return frozenset(str(path) for path in self.home.rglob("*"))

    def columns(self) -> Sequence[str]:
        flat = ["DisplayName", "FirstName", "LastName", "PrimaryEmail", "PopularityIndex", "LastModifiedDate"]
        return [*flat, "N", "FN", "EMAIL", "TEL", "ORG", "NOTE", "UID"]

    def bystanders(self, key: str) -> object:
        return profiles.dump(self.book, without=self.uids[key])

    def touch(self, key: str) -> None:
        self._run("UPDATE properties SET value = '9' WHERE card = ? AND name = 'PopularityIndex'", self.uids[key])

    def break_record(self, key: str) -> bool:
        self._run("DELETE FROM properties WHERE card = ? AND name <> '_vCard'", self.uids[key])
        self._run("UPDATE properties SET value = 'not a vCard' WHERE card = ?", self.uids[key])
        return True

    def bury(self, text: str) -> bool:
        self._run("INSERT INTO properties VALUES ('dead', 'DisplayName', ?)", text)
        self._run("DELETE FROM properties WHERE card = ?", "dead")
        return True

    def break_source(self) -> None:
        shutil.rmtree(self.home / ".thunderbird")

    def damage(self) -> None:
        self.book.write_bytes(b"SQLite format 3\0" + self.book.read_bytes()[16:2000])

    def lock(self) -> AbstractContextManager[object] | None:
        return profiles.running(self.profile)

    def write_points(self) -> tuple[str, ...]:
        return ("before _delete_rows", "before _commit", "after _commit", "before checkpoint", "after checkpoint", "full _commit")

    def failing_at(self, point: str) -> AbstractContextManager[list[str]]:
        return faults.failing_at(point, dict.fromkeys(("_delete_rows", "_commit", "checkpoint"), erasing))

    def _run(self, sql: str, *values: str) -> None:
        with closing(sqlite3.connect(self.book)) as connection, connection:
            connection.execute("PRAGMA secure_delete = OFF")
            connection.execute(sql, values)


class TestThunderbird(ConnectorTests):
    """A profile under the kit."""

    kind = "thunderbird"

    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        """A fresh profile."""
        return ThunderbirdWorld(tmp_path)
