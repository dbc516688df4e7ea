"""Two people of exactly the same name in one workbook: one is erased, the other is not touched."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from hub.cli import main

HEADER = ("Yritys", "Yhteyshenkilö", "Puhelin", "Sähköposti", "Palvelu", "Hinta")
ROWS = (
    ("Keksitty Oy", "Maija Keksitty", "044 123 4567", "maija@keksitty.example", "valmennus", 120),
    ("Toinen Oy", "Maija Keksitty", "050 123 4567", "toinen.maija@toinen.example", "sparraus", 80),
    ("Keksitty Oy", "Pekka Muu", "09 4245 0011", "pekka@keksitty.example", "valmennus", 90),
    ("Keksitty Oy", "Maija Keksitty", "+358 44 1234567", "", "jatko", 60),
)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration with one workbook."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Asiakkaat"
    for row in (HEADER, *ROWS):
        sheet.append(row)
    book.save(tmp_path / "asiakkaat.xlsx")
    path = tmp_path / "hub.toml"
    path.write_text(
        'state = "state"\n[controller]\nname = "Oma Tmi"\n[source.customers]\nkind = "excel"\npath = "asiakkaat.xlsx"\n'
    )
    return path


def _hub(capsys: pytest.CaptureFixture[str], config: Path, *arguments: str) -> tuple[int, Any]:
    code = main([*arguments, "--json", "--config", str(config)])
    return code, json.loads(capsys.readouterr().out)


def _cells(config: Path) -> list[tuple[object, ...]]:
    sheet = openpyxl.load_workbook(config.with_name("asiakkaat.xlsx")).active
    assert sheet is not None
    return [tuple(cell.value for cell in row) for row in sheet.iter_rows()]


def test_namesakes_are_two_persons_and_the_erase_takes_one(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The name finds both; her handle and the decision on the namesake erase her two rows and leave his as they are."""
    code, found = _hub(capsys, config, "find", "keksitty", "maija")
    assert code == 0
    assert [2, 1] == [sum(entry["verdict"] == "link" for entry in person["entries"]) for person in found["persons"]]
    handle = found["persons"][0]["person"]
    assert _hub(capsys, config, "erase", "--person", handle, "--confirm")[0] == 4
    namesake = found["persons"][1]["entries"][0]["ref"]

    code, outcome = _hub(capsys, config, "erase", "--person", handle, "--confirm", "--exclude", namesake)

    assert (code, outcome["state"], outcome["residue"]) == (0, "complete", [])
    assert {item["outcome"] for item in outcome["outcomes"]} == {"redacted"}
    her = (None, None, None)
    expected = [HEADER, ("Keksitty Oy", *her, "valmennus", 120), ROWS[1], ROWS[2], ("Keksitty Oy", *her, "jatko", 60)]
    assert expected == _cells(config)
    assert len(_hub(capsys, config, "find", "maija keksitty")[1]["persons"]) == 1


def test_a_namesake_that_is_included_goes_too(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The human says that both are one person."""
    found = _hub(capsys, config, "find", "maija keksitty")[1]
    namesake = found["persons"][1]["entries"][0]["ref"]

    code, outcome = _hub(capsys, config, "erase", "--person", found["persons"][0]["person"], "--confirm", "--include", namesake)

    assert (code, outcome["state"]) == (0, "complete")
    assert [row[1] for row in _cells(config)] == ["Yhteyshenkilö", None, None, "Pekka Muu", None]
    assert b"Maija" not in config.with_name("asiakkaat.xlsx").read_bytes()


def test_a_name_that_is_met_only_roughly_is_never_erased_at_once(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Asked for somebody who is gone, the hub finds one who is called nearly so, shows the plan, and waits."""
    before = _cells(config)

    for query in ("Pekka", "Pekka Muuu", "Pek", "Pékka Muu"):
        assert _hub(capsys, config, "erase", query, "--confirm")[0] in {0, 4}
        assert before == _cells(config)
    request = _hub(capsys, config, "erase", "Pekka", "--confirm")[1]["request"]
    assert _hub(capsys, config, "erase", "--confirm", request)[1]["state"] == "complete"


def test_excluding_every_entry_of_a_namesake_leaves_one_person(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The decision on the namesake makes a name that two people bear mean one of them."""
    found = _hub(capsys, config, "find", "maija keksitty")[1]
    namesake = found["persons"][1]["entries"][0]["ref"]

    code, outcome = _hub(capsys, config, "erase", "maija keksitty", "--confirm", "--exclude", namesake)

    assert (code, outcome["state"]) == (0, "complete")
    assert [row[1] for row in _cells(config)] == ["Yhteyshenkilö", None, "Maija Keksitty", "Pekka Muu", None]


def test_an_inflected_name_in_somebody_elses_row_is_reported_and_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """After the erase the owner is told where it stands; the hub does not touch the row, which is another person's."""
    register = tmp_path / "lista.csv"
    rows = "Aino Esimerkkilä;aino@firma.example;\nMasa Muu;masa@muu.example;Kerrottu myös Esimerkkilälle\n"
    register.write_text(f"Nimi;Sähköposti;Muistiinpano\n{rows}", encoding="utf-8")
    config = tmp_path / "hub.toml"
    config.write_text('state = "state"\n[controller]\nlanguage = "en"\n[source.list]\nkind = "csv"\npath = "lista.csv"\n')

    code = main(["erase", "aino@firma.example", "--confirm", "--json", "--config", str(config)])

    outcome = json.loads(capsys.readouterr().out)
    assert (code, outcome["state"]) == (4, "waiting")
    assert [item["where"] for item in outcome["residue"] if item["found"]] == ["lista.csv, row 2"]
    assert register.read_text("utf-8").splitlines()[1] == rows.splitlines()[1]
