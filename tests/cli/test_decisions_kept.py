"""A decision about two entries while they come, go and get another ref."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.cli import main
from hub.store import decisions
from tests.cli.running import Hub

HEAD = "Nimi;Sähköposti;Puhelin\n"
TWINS = "Maija Keksitty;maija@keksitty.example;044 000 1111\nMaija Keksitty;maija@keksitty.example;044 000 2222\n"
SISTER = "Maija Keksitty;sisko@keksitty.example;044 000 1111\n"
CONFIG = """state = "state"
mirror = {mirror}
undo_days = 3
[controller]
language = "en"
[source.list]
kind = "csv"
path = "lista.csv"
[source.other]
kind = "csv"
path = "toinen.csv"
"""
DAY = date(2026, 11, 20)


@pytest.fixture(params=["true", "false"], ids=["mirror", "no mirror"])
def config(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Two rows that look alike to their register, and somebody else with the same phone in another one."""
    (tmp_path / "lista.csv").write_text(HEAD + TWINS, encoding="utf-8")
    (tmp_path / "toinen.csv").write_text(HEAD + SISTER, encoding="utf-8")
    path = tmp_path / "hub.toml"
    path.write_text(CONFIG.format(mirror=request.param), encoding="utf-8")
    return path


def _entries(hub: Hub, word: str = "keksitty") -> dict[str, list[str]]:
    """The refs of each source."""
    found: dict[str, set[str]] = {"list": set(), "other": set()}
    for person in hub("find", word)[1]["persons"]:
        for entry in person["entries"]:
            found[entry["source"]].add(entry["ref"])
    return {name: sorted(refs) for name, refs in found.items()}


def _sure(hub: Hub, query: str) -> set[str]:
    return {
        entry["source"]
        for person in hub("find", query)[1]["persons"]
        for entry in person["entries"]
        if entry["verdict"] == "link"
    }


def _night(config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, day: date) -> list[Any]:
    """What the report says on a day of decisions that were lost."""
    monkeypatch.setattr("hub.erase.undo.today", lambda: day)
    main(["report", "--json", "--config", str(config)])
    findings = json.loads(capsys.readouterr().out)["findings"]
    return [item for item in findings if item["kind"] == "duplicate" and "decided" in item["what"]]


def test_a_decision_follows_an_entry_whose_ref_changes(hub: Hub, config: Path) -> None:
    """Of two rows that look alike one goes: the other gets a plainer ref, and is still not the sister."""
    refs = _entries(hub)
    first = next(ref for ref in refs["list"] if "1111" in _phone(hub, ref))
    assert _sure(hub, "sisko@keksitty.example") == {"list", "other"}
    assert hub("different", first, f"other:{refs['other'][0]}")[0] == 0
    assert _sure(hub, "sisko@keksitty.example") == {"other"}

    lines = TWINS.splitlines(keepends=True)
    config.with_name("lista.csv").write_text(HEAD + lines[0], encoding="utf-8")

    assert _sure(hub, "sisko@keksitty.example") == {"other"}
    assert _entries(hub)["list"] != [first]
    assert {("list", *_entries(hub)["list"]), ("other", *refs["other"])} == decisions.named(config.parent / "state")


def _phone(hub: Hub, ref: str) -> str:
    for person in hub("find", "keksitty")[1]["persons"]:
        for entry in person["entries"]:
            if entry["ref"] == ref:
                return str([field["value"] for field in entry["fields"] if field["kind"] == "phone"])
    return ""


def test_a_decision_that_lost_an_entry_is_told_and_goes_after_the_undo_window(
    hub: Hub, config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every night says so without a name; an entry that comes back in time keeps its decision."""
    refs = _entries(hub)
    hub("different", refs["list"][0], refs["other"][0])
    assert _night(config, capsys, monkeypatch, DAY) == []
    register = config.with_name("toinen.csv")

    register.write_text(HEAD, encoding="utf-8")
    (told,) = _night(config, capsys, monkeypatch, DAY)
    assert (told["severity"], {place["source"] for place in told["entries"]}) == ("info", {"list", "other"})
    assert "aija" not in told["what"] + told["proposal"]
    assert [item["id"] for item in _night(config, capsys, monkeypatch, DAY + timedelta(3))] == [told["id"]]

    register.write_text(HEAD + SISTER, encoding="utf-8")
    assert _night(config, capsys, monkeypatch, DAY + timedelta(4)) == []
    register.write_text(HEAD, encoding="utf-8")
    assert len(_night(config, capsys, monkeypatch, DAY + timedelta(5))) == 1
    assert len(_night(config, capsys, monkeypatch, DAY + timedelta(8))) == 1
    assert _night(config, capsys, monkeypatch, DAY + timedelta(9)) == []
    assert decisions.named(config.parent / "state") == frozenset()


def test_a_silent_source_loses_no_decision(
    hub: Hub, config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not known to be gone is not gone, however long its source says nothing, and neither in one that tells a part."""
    refs = _entries(hub)
    hub("different", refs["list"][0], refs["other"][0])
    named = decisions.named(config.parent / "state")

    config.with_name("toinen.csv").unlink()
    for days in (0, 40):
        assert _night(config, capsys, monkeypatch, DAY + timedelta(days)) == []
    config.with_name("toinen.csv").write_text(HEAD + '"Masa;masa@keksitty.example;\n', encoding="utf-8")
    for days in (50, 90):
        assert _night(config, capsys, monkeypatch, DAY + timedelta(days)) == []

    assert decisions.named(config.parent / "state") == named
