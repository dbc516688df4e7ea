"""Two people in one cell with one phone: it stays with whoever stays, the plan says so, and it goes with the last of them."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from tests.cli.running import Hub

HEADS = ("Yhteyshenkilö", "Yritys", "Puhelin", "Sähköposti")
SHARED = "044 000 1111"


def _xlsx(path: Path, row: tuple[str, ...]) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line in (HEADS, row):
        sheet.append(line)
    book.save(path)


def _csv(path: Path, row: tuple[str, ...]) -> None:
    path.write_text("\n".join(";".join(line) for line in (HEADS, row)) + "\n", encoding="utf-8")


@pytest.fixture(params=["excel", "csv"])
def config(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A register whose only row is of two people of a company."""
    register = tmp_path / f"asiakkaat.{'xlsx' if request.param == 'excel' else 'csv'}"
    row = ("Eeva Eka ja Tiina Toka", "Kaksi Oy", SHARED, "eeva.eka@kaksi.example / tiina.toka@kaksi.example")
    (_xlsx if request.param == "excel" else _csv)(register, row)
    config = tmp_path / "hub.toml"
    config.write_text(
        f'state = "state"\n[controller]\nlanguage = "en"\n[source.list]\nkind = "{request.param}"\npath = "{register.name}"\n'
    )
    return config


def _values(hub: Hub, who: str) -> set[str]:
    return {
        field["value"] for person in hub("find", who)[1]["persons"] for entry in person["entries"] for field in entry["fields"]
    }


@pytest.mark.parametrize("command", ["erase", "refuse"])
def test_a_shared_phone_stays_with_whoever_stays_and_the_plan_says_so(hub: Hub, command: str) -> None:
    """Her name and her own address go; the phone of both is the other's too, and that is told before anything goes."""
    _, plan = hub(command, "eeva.eka@kaksi.example")
    (step,) = plan["steps"]
    assert step["reason"].endswith("stays with the other: Puhelin")
    assert "phone" not in step["fields"]

    code, outcome = hub(command, "eeva.eka@kaksi.example", "--confirm")

    assert (code, outcome["state"]) == (0, "complete")
    assert SHARED in _values(hub, "tiina.toka@kaksi.example")
    assert not hub("find", "eeva.eka@kaksi.example")[1]["persons"]


def test_it_goes_with_the_last_of_them(hub: Hub) -> None:
    """Once she is alone in the row the phone is hers, and is erased with her."""
    hub("erase", "eeva.eka@kaksi.example", "--confirm")

    code, outcome = hub("erase", "tiina.toka@kaksi.example", "--confirm")

    assert (code, outcome["state"]) == (0, "complete")
    assert hub("find", SHARED)[1]["persons"] == []


def test_nothing_is_said_of_what_is_each_ones_own(hub: Hub, config: Path) -> None:
    """Two phones for two people: each goes with its own, and no column is named."""
    for register in config.parent.glob("asiakkaat.*"):
        row = ("Eeva Eka ja Tiina Toka", "Kaksi Oy", "044 000 1111 / 044 000 2222", "eeva.eka@kaksi.example")
        (_xlsx if register.suffix == ".xlsx" else _csv)(register, row)

    (step,) = hub("erase", "eeva.eka@kaksi.example")[1]["steps"]

    assert step["reason"] == "another person shares the row; only this person's part goes"
    assert "phone" in step["fields"]
