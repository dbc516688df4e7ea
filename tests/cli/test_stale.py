"""A plan that holds no longer says why: which entry of which source is not as it was shown, and in what; never a value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pytest

from hub.cli import main
from tests.cli.running import Hub

HEAD = ("Nimi", "Yritys", "Sähköposti", "Puhelin")
AINO = ("Aino Keksitty", "Eka Oy", "aino@keksitty.example", "044 123 4567")
MASA = ("Masa Muu", "Toka Oy", "masa@muu.example", "")
NEW_PHONE = (*AINO[:3], "044 000 7777")
LIST = "Nimi;Sähköposti\nJoku Toinen;joku@toinen.example\nAino Keksitty;aino@keksitty.example\n"
CONFIG = """state = "state"
[controller]
language = "en"
[source.book]
kind = "excel"
path = "asiakkaat.xlsx"
[source.list]
kind = "csv"
path = "lista.csv"
"""
ROW, LINE = "sheet Asiakkaat, row 2", "row 3"


def _write(config: Path, rows: Sequence[tuple[str, ...]], text: str = LIST) -> None:
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    sheet.title = "Asiakkaat"
    for row in (HEAD, *rows):
        sheet.append(row)
    made.save(config.with_name("asiakkaat.xlsx"))
    config.with_name("lista.csv").write_text(text, encoding="utf-8")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Her in a workbook and in a list, each beside somebody else."""
    path = tmp_path / "hub.toml"
    path.write_text(CONFIG, encoding="utf-8")
    _write(path, (AINO, MASA))
    return path


CASES = {
    "a value": (lambda path: _write(path, (NEW_PHONE, MASA)), {("book", ROW, "changed", ("phone",), None, 1)}),
    "a row moved": (
        lambda path: _write(path, (MASA, AINO)),
        {("book", ROW, "moved", (), "sheet Asiakkaat, row 3", 1)},
    ),
    "gone": (lambda path: _write(path, (AINO, MASA), LIST[:49]), {("list", LINE, "gone", (), None, 2)}),
    "came": (
        lambda path: _write(path, (AINO, MASA, ("Aino Keksitty", "", AINO[2], ""))),
        {("book", "sheet Asiakkaat, row 4", "new", (), None, None)},
    ),
    "a namesake came": (
        lambda path: _write(path, (AINO, MASA), LIST + "Aino Keksitty;\n"),
        {("list", "row 4", "new", (), None, None)},
    ),
    "all gone": (
        lambda path: _write(path, (MASA,), LIST[:49]),
        {("book", ROW, "gone", (), None, 1), ("list", LINE, "gone", (), None, 2)},
    ),
    "all moved": (
        lambda path: _write(path, (MASA, AINO), LIST[:49]),
        {("book", ROW, "moved", (), "sheet Asiakkaat, row 3", 1), ("list", LINE, "gone", (), None, 2)},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_source_the_place_and_what_changed_are_named(hub: Hub, config: Path, case: str) -> None:
    """By the numbers of the plan that was shown; nothing is written."""
    change: Callable[[Path], None] = CASES[case][0]
    _, plan = hub("erase", AINO[2])
    change(config)
    before = config.with_name("asiakkaat.xlsx").read_bytes(), config.with_name("lista.csv").read_bytes()

    code, told = hub("erase", "--confirm", plan["request"])

    assert code == 5
    assert {
        (one["source"], one["locator"], one["change"], tuple(one["fields"]), one["now"], one["step"]) for one in told["changes"]
    } == CASES[case][1]
    assert (config.with_name("asiakkaat.xlsx").read_bytes(), config.with_name("lista.csv").read_bytes()) == before


@pytest.mark.parametrize("language", ["en", "fi"])
def test_the_terminal_names_them_and_whom_to_plan_for(
    hub: Hub, config: Path, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    """With the command that makes a new plan, which holds; no value of hers is shown."""
    number = hub("erase", AINO[2])[1]["request"]
    _write(config, (NEW_PHONE, MASA))

    assert main(["erase", "--confirm", number, "--lang", language, "--config", str(config)]) == 5

    said = capsys.readouterr().out
    assert {"en": "changed: phone", "fi": "muuttunut: puhelin"}[language] in said
    assert not [value for value in (*AINO, NEW_PHONE[3]) if value in said]
    again = next(line.split() for line in said.splitlines() if "--person" in line)[1:]
    assert hub(*again)[0] == 0
    assert hub("erase", "--confirm")[0] == 0


def test_a_correction_names_them_too(hub: Hub, config: Path) -> None:
    """Its plan is compared as that of an erase is."""
    number = hub("rectify", AINO[2], "--phone", "044 000 1111")[1]["request"]
    _write(config, (NEW_PHONE, MASA))

    code, told = hub("rectify", "--confirm", number)

    assert (code, [(one["source"], one["fields"]) for one in told["changes"]]) == (5, [("book", ["phone"])])


def test_a_listing_of_everybody_names_them_too(hub: Hub, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of all of them the one that changed, and one that is silent instead of what it said."""
    fingerprint = hub("erase", "--everybody", "--reason", "closes")[1]["fingerprint"]
    confirm = ["erase", "--everybody", "--confirm", fingerprint, "--lang", "en", "--config", str(config)]
    _write(config, (AINO, (*MASA[:3], "044 000 2222")))
    assert main(confirm) == 5
    said = capsys.readouterr().err
    assert "book | sheet Asiakkaat, row 3 | changed: phone" in said
    assert "row 2" not in said

    _write(config, (AINO, MASA))
    config.with_name("lista.csv").unlink()
    assert main(confirm) == 5
    said = capsys.readouterr().err
    assert "list did not answer" in said
    assert "not there any more" not in said
