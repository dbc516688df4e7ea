"""The report knows the columns of each source from the night before, as long as the source told nothing new since."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors import csv_table
from connectors.contract import Column
from connectors.entry import Cursor, Gone, Item, Ref
from connectors.errors import Unreachable
from connectors.phrase import Phrase
from hub.search.glance import Glance
from hub.search.refresh import gathering
from tests.cli.running import Hub, two_tables

ROWS = "Maija Malli;maija.malli@esimerkki.example;x\nEero Malli;eero.malli@esimerkki.example;y\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the registers are."""
    return tmp_path


@pytest.fixture
def config(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two tables, each with a column that nobody knows, that came to rest long ago."""
    monkeypatch.setattr("hub.search.freshness.RACY", -1)
    return two_tables(folder, f"Nimi;Sähköposti;Outo\n{ROWS}")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sources whose columns were really read."""
    read: list[str] = []
    honest = csv_table.CsvConnector.coverage

    def counted(self: csv_table.CsvConnector) -> Sequence[Column]:
        read.append(self.name)
        return honest(self)

    monkeypatch.setattr(csv_table.CsvConnector, "coverage", counted)
    return read


def unknown(hub: Hub) -> set[tuple[str, str]]:
    """Which columns the report does not know: the source, and what is said."""
    return {
        (finding["entries"][0]["source"], finding["what"].rpartition(" ")[2])
        for finding in hub("report")[1]["findings"]
        if finding["kind"] == "unknown_column"
    }


def test_columns_are_read_once_while_nothing_changes(hub: Hub, folder: Path, asked: list[str]) -> None:
    """Of a file that changed they are read again, also when a find has heard of it first; of the others not."""
    both = {("lista", "Outo"), ("toinen", "Outo")}
    assert unknown(hub) == both
    assert sorted(asked) == ["lista", "toinen"]
    assert unknown(hub) == both
    assert len(asked) == 2

    (folder / "lista.csv").write_text(f"Nimi;Sähköposti;Kumma\n{ROWS}", encoding="utf-8")
    hub("find", "maija")
    assert unknown(hub) == {("lista", "Kumma"), ("toinen", "Outo")}
    assert asked[2:] == ["lista"]


def test_a_source_that_cannot_tell_them_is_asked_again(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once in a night, and nothing is kept of it."""
    tries: list[str] = []

    def silent(self: csv_table.CsvConnector) -> Sequence[Column]:
        tries.append(self.name)
        raise Unreachable(Phrase("not now"))

    with monkeypatch.context() as tonight:
        tonight.setattr(csv_table.CsvConnector, "coverage", silent)
        assert unknown(hub) == set()
        assert sorted(tries) == ["lista", "toinen"]
    assert len(unknown(hub)) == 2


def test_a_source_that_tells_what_changed_is_asked_when_it_told_something(
    hub: Hub, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server is asked every night; also something that is no entry, as a list of people, is told of as gone."""
    news: list[Item] = []
    honest = csv_table.CsvConnector.entries

    def entries(self: csv_table.CsvConnector, since: str | None = None) -> Iterator[Item]:
        told: list[Any] = [*news, Cursor(0, 0)] if since else list(honest(self))
        yield from (replace(item, token=f"{since}+") if isinstance(item, Cursor) else item for item in told)

    monkeypatch.setattr(csv_table.CsvConnector, "entries", entries)
    monkeypatch.setattr(csv_table.CsvConnector, "watched", lambda _self: None)
    monkeypatch.setattr(csv_table.CsvConnector, "features", replace(csv_table.CsvConnector.features, delta=True))
    assert len(unknown(hub)) == 2
    assert len(unknown(hub)) == 2
    assert sorted(asked) == ["lista", "toinen"]

    news.append(Gone(Ref("a-list")))
    assert len(unknown(hub)) == 2
    assert sorted(asked[2:]) == ["lista", "toinen"]


def test_what_another_hub_hears_meanwhile_is_not_forgotten(
    hub: Hub, folder: Path, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It read the file anew while this one read the columns of the old one: those are not kept."""
    honest = csv_table.CsvConnector.coverage

    def overtaken(self: csv_table.CsvConnector) -> Sequence[Column]:
        columns = honest(self)
        if self.name != "lista":
            return columns
        (folder / "lista.csv").write_text(f"Nimi;Sähköposti;Kumma\n{ROWS}", encoding="utf-8")
        with gathering(Glance(config, {})):
            return columns

    with monkeypatch.context() as tonight:
        tonight.setattr(csv_table.CsvConnector, "coverage", overtaken)
        assert ("lista", "Outo") in unknown(hub)
    assert unknown(hub) == {("lista", "Kumma"), ("toinen", "Outo")}


def test_without_a_mirror_they_are_read_every_night(hub: Hub, config: Path, asked: list[str]) -> None:
    """Nothing is kept anywhere."""
    config.write_text("mirror = false\n" + config.read_text("utf-8"), "utf-8")
    assert unknown(hub) == unknown(hub) == {("lista", "Outo"), ("toinen", "Outo")}
    assert len(asked) == 4
