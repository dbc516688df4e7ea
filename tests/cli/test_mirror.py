"""The mirror from the command line: changes are seen at once, a silent source is stood in for, trouble is mended."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import pytest

from connectors import csv_table
from hub.erase import apply as erasing
from tests.cli.running import Hub, two_tables

HEAD = "Nimi;Sähköposti;Puhelin\n"
ROWS = {
    "maija": "Maija Malli;maija.malli@esimerkki.example;044 1234567\n",
    "eero": "Eero Malli;eero.malli@esimerkki.example;050 0001111\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two tables with one person each in common, and a configuration."""
    return two_tables(tmp_path, HEAD + "".join(ROWS.values())).parent


@pytest.fixture
def config(folder: Path) -> Path:
    """Its configuration."""
    return folder / "hub.toml"


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the tables that were really read."""
    read: list[str] = []
    honest = csv_table.CsvConnector.entries

    def counted(self: csv_table.CsvConnector, since: str | None = None) -> Any:
        read.append(self.name)
        return honest(self, since)

    monkeypatch.setattr(csv_table.CsvConnector, "entries", counted)
    return read


def settle(folder: Path) -> None:
    """Make the tables look as if they had been written a while ago."""
    for path in folder.glob("*.csv"):
        os.utime(path, (path.stat().st_mtime - 60, path.stat().st_mtime - 60))


def found(document: Any) -> set[tuple[str, str]]:
    """Source and place of every sure entry."""
    persons = document["persons"]
    return {
        (entry["source"], entry["locator"]) for person in persons for entry in person["entries"] if entry["verdict"] == "link"
    }


def disagreeing(hub: Hub) -> set[tuple[str, str]]:
    """Source and place of every entry of which the report says that it is at odds with another."""
    findings = (finding for finding in hub("report")[1]["findings"] if finding["kind"] == "conflict")
    return {(entry["source"], entry["locator"]) for finding in findings for entry in finding["entries"]}


BOTH = {("lista", "row 2"), ("toinen", "row 2")}


def test_a_change_is_seen_at_once(hub: Hub, folder: Path) -> None:
    """What was added, changed or taken away since the last question is in the next answer."""
    assert found(hub("find", "maija.malli@esimerkki.example")[1]) == BOTH
    path = folder / "lista.csv"

    path.write_text(HEAD + ROWS["eero"], encoding="utf-8")
    assert found(hub("find", "maija malli")[1]) == {("toinen", "row 2")}
    path.write_text(HEAD + ROWS["eero"] + ROWS["maija"].replace("044 1234567", "040 123123"), encoding="utf-8")
    assert found(hub("find", "040 123 123")[1]) == {("lista", "row 3"), ("toinen", "row 2")}
    assert hub("find", "eero.malli@esimerkki.example")[1]["answers"][0]["entries"] == 2


def test_a_row_that_moved_is_named_where_it_stands_now(hub: Hub, folder: Path) -> None:
    """A row put in above it changes nothing in it but its number; a plan and a report name that, too."""
    assert ("lista", "row 3") in found(hub("find", "eero.malli@esimerkki.example")[1])
    (folder / "toinen.csv").write_text(HEAD + "".join(ROWS.values()).replace("050 0001111", "050 0002222"), encoding="utf-8")
    assert "row 3" in {place for _, place in disagreeing(hub)}
    path = folder / "lista.csv"
    path.write_text(HEAD + "Uusi Ihminen;;040 123123\n" + "".join(ROWS.values()), encoding="utf-8")

    assert ("lista", "row 4") in found(hub("find", "eero.malli@esimerkki.example")[1])
    assert hub("erase", "eero.malli@esimerkki.example")[1]["steps"][0]["locator"] == "row 4"
    assert disagreeing(hub) == {("lista", "row 4"), ("toinen", "row 3")}


def test_a_heading_that_changed_is_shown_as_it_is_now(hub: Hub, folder: Path) -> None:
    """The rows are the same, what their values are called is not."""
    hub("find", "eero malli")
    path = folder / "lista.csv"
    path.write_text(path.read_text("utf-8").replace("Puhelin", "Matkapuhelin"), encoding="utf-8")

    fields = hub("find", "eero.malli@esimerkki.example")[1]["persons"][0]["entries"][0]["fields"]
    assert [field["label"] for field in fields if field["kind"] == "phone"] == ["Matkapuhelin"]


def test_what_did_not_change_is_not_read_again(
    hub: Hub, folder: Path, readings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the files have come to rest no connector is asked, and the answer is the same."""
    monkeypatch.setattr("hub.search.freshness.RACY", -1)
    first = hub("find", "maija malli")
    assert sorted(readings) == ["lista", "toinen"]
    readings.clear()

    again = hub("find", "maija malli")

    assert (readings, again) == ([], first)
    (folder / "toinen.csv").write_text(HEAD, encoding="utf-8")
    assert found(hub("find", "maija malli")[1]) == {("lista", "row 2")}
    assert readings == ["toinen"]


def test_a_file_that_was_written_just_now_is_not_trusted(hub: Hub, readings: list[str]) -> None:
    """It may change once more within the same time stamp, so it is read again."""
    hub("find", "maija malli")
    readings.clear()

    hub("find", "maija malli")

    assert sorted(readings) == ["lista", "toinen"]


def test_a_silent_source_is_stood_in_for_and_named(hub: Hub, folder: Path) -> None:
    """What it said last is shown with its time, the answer is not complete, and nothing is erased at once."""
    assert hub("find", "maija malli")[0] == 0
    (folder / "lista.csv").rename(folder / "poissa")

    code, document = hub("find", "maija malli")

    (answer,) = [answer for answer in document["answers"] if answer["source"] == "lista"]
    assert (code, answer["state"], answer["entries"]) == (3, "silent", 2)
    assert answer["as_of"]
    assert answer["as_of"][:10] in answer["reason"]
    assert found(document) == BOTH
    assert hub("erase", "maija malli", "--confirm")[0] == 3
    (folder / "poissa").rename(folder / "lista.csv")
    assert hub("find", "maija malli")[0] == 0


@pytest.mark.parametrize("wrong", ['path = "listta.csv"', 'path = "lista.csv"\ncolumns = { "Nimmi" = "name" }'])
def test_what_was_heard_by_other_settings_is_no_answer_by_these(
    hub: Hub, config: Path, wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A source whose settings became wrong is silent however often it is asked, and nothing is planned as if it had answered."""
    monkeypatch.setattr("hub.search.freshness.RACY", -1)
    right = config.read_text(encoding="utf-8")
    assert hub("find", "maija malli")[0] == 0
    config.write_text(right.replace('path = "lista.csv"', wrong), encoding="utf-8")

    for words in (("find", "maija malli"), ("find", "maija malli"), ("erase", "maija malli"), ("find", "maija malli")):
        code, document = hub(*words)
        (answer,) = [answer for answer in document["answers"] if answer["source"] == "lista"]
        assert (code, answer["state"], answer["entries"]) == (3, "silent", 2), words

    config.write_text(right, encoding="utf-8")
    assert hub("find", "maija malli")[0] == 0


def test_a_source_that_is_configured_no_more_is_forgotten(hub: Hub, folder: Path) -> None:
    """Its entries go from the mirror; one whose columns are named anew is read anew."""
    hub("find", "maija malli")
    config = folder / "hub.toml"
    text = config.read_text("utf-8")

    config.write_text(text[: text.index("[source.toinen]")], "utf-8")
    assert found(hub("find", "maija malli")[1]) == {("lista", "row 2")}
    config.write_text(config.read_text("utf-8") + 'columns = { "Puhelin" = "customer_number" }\n', "utf-8")
    (person,) = hub("find", "maija malli")[1]["persons"]
    assert "customer_number" in {field["kind"] for field in person["entries"][0]["fields"]}


def test_an_erase_leaves_nothing_in_the_mirror(hub: Hub, folder: Path) -> None:
    """Afterwards nobody is found by any word of hers, and the mirror is one of the places that were searched."""
    hub("find", "maija malli")

    code, outcome = hub("erase", "maija.malli@esimerkki.example", "--confirm")

    assert (code, outcome["state"], outcome["residue"]) == (0, "complete", [])
    for query in ("maija malli", "maija.malli@esimerkki.example", "0441234567", "maija"):
        assert hub("find", query)[1]["persons"] == []
    assert {path.name for path in (folder / "tila").glob("mirror*")} <= {"mirror.db", "mirror.lock"}


def test_a_report_that_runs_meanwhile_keeps_nobody_who_is_erased(hub: Hub, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it kept of the night before the erase came to the mirror goes when the erase is done."""
    night, honest = folder / "tila" / "night.db", erasing.apply

    def meanwhile(*given: Any, **more: Any) -> Any:
        assert not night.exists(), "it goes before anything is erased"
        told = honest(*given, **more)
        night.write_bytes(b"of a night with her")
        return told

    hub("find", "maija malli")
    night.write_bytes(b"of the last night")
    monkeypatch.setattr(erasing, "apply", meanwhile)

    assert hub("erase", "maija.malli@esimerkki.example", "--confirm")[0] == 0
    assert not night.exists()


@pytest.mark.parametrize("harm", ["damaged in the middle", "key lost", "garbage"])
def test_trouble_with_the_mirror_is_mended(hub: Hub, folder: Path, harm: str) -> None:
    """A damaged mirror or a lost key costs a reading, never an answer."""
    expected = hub("find", "maija malli")[1]["persons"]
    mirror = folder / "tila" / "mirror.db"
    (folder / "tila" / "night.db").write_bytes(mirror.read_bytes())
    data = bytearray(mirror.read_bytes())
    if harm == "key lost":
        (folder / "tila" / "key").unlink()
    elif harm == "garbage":
        mirror.write_bytes(b"nothing of use")
    else:
        data[8192:] = os.urandom(len(data) - 8192)
        mirror.write_bytes(data)

    for _ in range(2):
        code, document = hub("find", "maija malli")
        assert (code, document["persons"]) == (0, expected)


def test_several_at_once_do_not_break_each_other(folder: Path) -> None:
    """Several processes that all find the mirror missing, or behind a table that changed, answer the same."""
    command = [sys.executable, "-m", "hub", "find", "maija malli", "--json", "--config", str(folder / "hub.toml")]
    for others in (9, 0, 9):
        rows = [f"Muu Malli {number};muu{number}@esimerkki.example;\n" for number in range(others)]
        for name in ("lista", "toinen"):
            (folder / f"{name}.csv").write_text(HEAD + "".join([*ROWS.values(), *rows]), encoding="utf-8")
        running = [Popen(command, stdout=PIPE, stderr=PIPE) for _ in range(6)]

        told = [process.communicate(timeout=120) for process in running]

        assert [(process.returncode, err) for process, (_, err) in zip(running, told, strict=True)] == [(0, b"")] * 6
        documents = [json.loads(out) for out, _ in told]
        assert all(found(document) == BOTH for document in documents)
        assert {answer["entries"] for document in documents for answer in document["answers"]} == {2 + others}


def test_without_a_mirror_nothing_is_kept(hub: Hub, folder: Path) -> None:
    """`mirror = false`: the same answers, and no file of them."""
    with_it = hub("find", "maija malli")[1]["persons"]
    config = folder / "hub.toml"
    config.write_text("mirror = false\n" + config.read_text("utf-8").replace('"tila"', '"muu"'), "utf-8")

    assert hub("find", "maija malli")[1]["persons"] == with_it
    assert not list((folder / "muu").glob("mirror*"))
    assert hub("erase", "maija malli", "--confirm")[0] == 0


@pytest.mark.parametrize("command", [("find", "eero"), ("report",), ("erase", "maija malli", "--confirm")])
def test_a_mirror_that_is_turned_off_is_removed(hub: Hub, folder: Path, command: tuple[str, ...]) -> None:
    """`mirror = false` after there was one: nobody would erase anybody from it any more."""
    assert hub("find", "maija malli")[0] == 0
    (folder / "tila" / "night.db").write_bytes(b"of the last night")
    assert (folder / "tila" / "mirror.db").exists()
    config = folder / "hub.toml"
    config.write_text("mirror = false\n" + config.read_text("utf-8"), "utf-8")

    assert hub(*command)[0] == 0
    assert not (folder / "tila" / "mirror.db").exists()
    assert not (folder / "tila" / "night.db").exists()


def test_a_request_that_goes_on_removes_a_mirror_that_is_turned_off(hub: Hub, folder: Path) -> None:
    """Going on asks no source anew, but the mirror goes all the same."""
    table = folder / "toinen.csv"
    rows = table.read_bytes()
    assert hub("find", "maija malli")[0] == 0
    table.unlink()
    request = hub("erase", "maija malli")[1]["request"]
    assert hub("erase", "--confirm", request)[0] == 3
    table.write_bytes(rows)
    config = folder / "hub.toml"
    config.write_text("mirror = false\n" + config.read_text("utf-8"), "utf-8")

    assert hub("erase", "--confirm", request)[0] == 0
    assert not (folder / "tila" / "mirror.db").exists()


def test_refresh_without_a_mirror_makes_none(hub: Hub, folder: Path) -> None:
    """`mirror = false`: there is nothing to refresh, and it says so."""
    config = folder / "hub.toml"
    config.write_text("mirror = false\n" + config.read_text("utf-8"), "utf-8")

    code, document = hub("refresh", "--full")

    assert (code, document["schema"]) == (2, "hub.error/1")
    assert not list((folder / "tila").glob("mirror*"))


def test_refresh_tells_what_it_read(hub: Hub, readings: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each source with its entries; `--full` reads all of them again."""
    monkeypatch.setattr("hub.search.freshness.RACY", -1)
    code, document = hub("refresh")
    assert (code, document["schema"]) == (0, "hub.refresh/1")
    assert [(answer["source"], answer["entries"]) for answer in document["answers"]] == [("lista", 2), ("toinen", 2)]
    readings.clear()

    assert hub("refresh")[1] == document
    assert readings == []
    assert hub("refresh", "--full")[0] == 0
    assert sorted(readings) == ["lista", "toinen"]
