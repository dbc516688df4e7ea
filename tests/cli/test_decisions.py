"""What the owner decides about two entries holds from then on, and is taken back by the opposite."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from hub.cli import main
from hub.matching import in_memory
from hub.matching.decisions import Decisions
from hub.person import Verdict
from hub.store import decisions
from tests.hub.held import groups, held, refs

TABLE = """Nimi;Puhelin;Sähköposti
Maija Keksitty;044 123 4567;maija@keksitty.example
Maija Keksitty;050 123 4567;toinen@toinen.example
Masa Muu;044 000 1111;masa@muu.example
Matti Muu;044 000 1111;matti@muu.example
"""


@pytest.fixture(params=["true", "false"], ids=["mirror", "no mirror"])
def config(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A configuration with one table."""
    (tmp_path / "lista.csv").write_text(TABLE, encoding="utf-8")
    path = tmp_path / "hub.toml"
    path.write_text(
        f'state = "state"\nmirror = {request.param}\n[controller]\nname = "Oma Tmi"\nlanguage = "en"\n'
        '[source.list]\nkind = "csv"\npath = "lista.csv"\n'
    )
    return path


def _persons(capsys: pytest.CaptureFixture[str], config: Path) -> tuple[set[frozenset[str]], list[dict[str, Any]]]:
    """The persons as sets of refs, and all lines."""
    assert main(["persons", "--json", "--config", str(config)]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    found: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        if line["verdict"] == "link":
            found[line["person"]].add(line["ref"])
    return {frozenset(some) for some in found.values()}, lines


def _refs(capsys: pytest.CaptureFixture[str], config: Path, query: str) -> list[str]:
    assert main(["find", query, "--json", "--config", str(config)]) == 0
    persons = json.loads(capsys.readouterr().out)["persons"]
    return sorted(entry["ref"] for person in persons for entry in person["entries"] if entry["verdict"] == "link")


def test_a_decision_links_and_the_opposite_parts(capsys: pytest.CaptureFixture[str], config: Path) -> None:
    """Namesakes become one person with the decision as evidence, then two who are not even asked about."""
    one, other = _refs(capsys, config, "maija keksitty")
    assert frozenset({one}) in _persons(capsys, config)[0]

    assert main(["same", one, f"list:{other}", "--config", str(config)]) == 0
    assert "one person" in capsys.readouterr().out
    assert frozenset({one, other}) in _persons(capsys, config)[0]
    assert main(["find", "maija@keksitty.example", "--json", "--config", str(config)]) == 0
    (person,) = json.loads(capsys.readouterr().out)["persons"]
    assert ["decision"] == [item["rule"] for entry in person["entries"] if entry["ref"] == other for item in entry["evidence"]][
        :1
    ]

    assert main(["different", other, one, "--json", "--config", str(config)]) == 0
    assert json.loads(capsys.readouterr().out)["same"] is False
    persons, lines = _persons(capsys, config)
    assert {frozenset({one}), frozenset({other})} <= persons
    assert not [line for line in lines if line["verdict"] == "possible" and line["ref"] in {one, other}]


def test_a_wrong_ref_is_said(capsys: pytest.CaptureFixture[str], config: Path) -> None:
    """Nothing is recorded for an entry that is not there, or for one entry twice."""
    (one, *_) = _refs(capsys, config, "maija keksitty")
    assert main(["same", one, "nobody", "--config", str(config)]) == 2
    assert main(["same", one, one, "--config", str(config)]) == 2
    assert not (config.parent / "state" / decisions.FILE).exists()


def test_the_file_holds_no_value_and_no_plain_byte(capsys: pytest.CaptureFixture[str], config: Path) -> None:
    """Refs only, encrypted, for the owner's eyes only."""
    one, other = _refs(capsys, config, "maija keksitty")
    main(["same", one, other, "--config", str(config)])
    file = config.parent / "state" / decisions.FILE
    content = file.read_bytes()

    assert not any(word in content for word in (b"SQLite", b"keksitty", b"Maija", one.encode(), b"list"))
    assert file.stat().st_mode & 0o077 == 0
    assert bool(decisions.load(config.parent / "state"))


A, B, C = ("book", "a"), ("book", "b"), ("book", "c")
MAIJA = {"name": "Maija Virtanen", "email": "maija@firma.example"}


def test_a_decision_outweighs_a_link() -> None:
    """Two entries with one e-mail are two people when a human says so, and nobody in between joins them."""
    entries = [held("a", **MAIJA), held("b", **MAIJA), held("c", **MAIJA)]
    assert groups(in_memory(entries, "FI")) == {frozenset("abc")}
    parted = in_memory(entries, "FI", Decisions(different=[(A, B)]))
    assert all(not {"a", "b"} <= group for group in groups(parted))


def test_a_decision_outweighs_a_conflict_and_loses_no_links() -> None:
    """Two names that a human put together are the names of one person, each with the entries that it had."""
    entries = [
        held("a", **MAIJA),
        held("b", name="Elisabet Koski", email="lissu@koti.example"),
        held("c", name="Maija Virtanen", email="maija@firma.example"),
        held("d", name="Elisabet Koski", email="lissu@koti.example"),
    ]
    matching = in_memory(entries, "FI", Decisions(same=[(B, A)]))
    assert groups(matching) == {frozenset("abcd")}
    (person,) = matching.find("lissu@koti.example")
    assert refs(person) == set("abcd")
    assert not refs(person, Verdict.POSSIBLE)


def test_contrary_decisions_keep_apart() -> None:
    """Of three entries two are parted: no chain of decisions joins them."""
    entries = [held("a", name="Aino Yksi"), held("b", name="Bea Kaksi"), held("c", name="Cia Kolme")]
    matching = in_memory(entries, "FI", Decisions(same=[(A, B), (B, C)], different=[(A, C)]))
    assert all(not {"a", "c"} <= group for group in groups(matching))


def test_a_decision_about_an_entry_that_is_gone_says_nothing() -> None:
    """Refs that no source holds any more change nothing."""
    entries = [held("a", **MAIJA)]
    assert groups(in_memory(entries, "FI", Decisions(same=[(A, B)], different=[(A, C)]))) == {frozenset("a")}


def test_a_ref_that_is_no_single_entry_is_refused(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody has it, or two sources use the same one: two sentences; with its source before it, one entry is meant."""
    assert main(["same", "poissa", "poissa", "--config", str(config)]) == 2
    assert "No entry has the ref poissa." in capsys.readouterr().err

    (config.parent / "toinen.csv").write_text(TABLE, encoding="utf-8")
    with config.open("a", encoding="utf-8") as file:
        file.write('[source.again]\nkind = "csv"\npath = "toinen.csv"\n')
    main(["persons", "--config", str(config), "--json"])
    ref = json.loads(capsys.readouterr().out.splitlines()[0])["ref"]
    assert main(["different", ref, "poissa", "--config", str(config)]) == 2
    assert f"2 entries have the ref {ref}." in capsys.readouterr().err
    assert main(["different", f"list:{ref}", f"again:{ref}", "--config", str(config)]) == 0
