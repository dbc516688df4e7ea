"""hub undo on the made-up company: what comes back, what is said, and which exit code it ends with."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from hub import ledger
from hub.cli import main
from hub.demo.company import Demo
from hub.demo.people import HER_EMAIL
from hub.erase import undo
from tests.cli.running import Hub, cards_alone


@pytest.fixture
def config(original: Demo, tmp_path: Path) -> Path:
    """The configuration of a fresh copy of it, with the card files alone."""
    return cards_alone(original, tmp_path / "company")


def _bytes(config: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (config.parent / "kortit").iterdir()}


def _erased(hub: Hub) -> str:
    """Her own address is on her card alone."""
    _, found = hub("find", "Aino")
    handle = next(person["person"] for person in found["persons"] if any("aino@" in str(item) for item in person["entries"]))
    code, done = hub("erase", "--person", handle, "--confirm")
    assert code == 0
    return str(done["request"])


def test_an_erase_is_taken_back_once(hub: Hub, config: Path) -> None:
    """The plan says what can be put back, the outcome until when; the card is there again to the byte; twice is 5."""
    before = _bytes(config)
    number = _erased(hub)
    assert before != _bytes(config)
    _, listed = hub("requests")
    assert listed["requests"][-1]["undo_until"] == (undo.today() + timedelta(7)).isoformat()

    code, told = hub("undo", number)

    assert (code, told["schema"], told["request"], told["state"]) == (0, "hub.undo/1", number, "complete")
    assert [("cards", "restored", True)] == [(item["source"], item["outcome"], item["verified"]) for item in told["outcomes"]]
    assert before == _bytes(config)
    assert hub("find", "aino@kotiposti.example")[1]["persons"] != []
    code, error = hub("undo", number)
    assert (code, error["schema"]) == (5, "hub.error/1")
    assert hub("erase", "--confirm", number)[0] == 5
    assert hub("requests")[1]["requests"][-1]["stage"] == "undone"


def test_after_the_window_it_is_too_late(hub: Hub, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 5, with the day; any command that opens the requests destroys the key."""
    number = _erased(hub)
    after = _bytes(config)
    late = undo.today() + timedelta(8)
    monkeypatch.setattr(undo, "today", lambda: late)

    hub("requests")

    assert list((config.parent / "state" / "undo").iterdir()) == []
    assert hub("undo", number)[0] == 5
    assert after == _bytes(config)


def test_a_number_nobody_gave_out_is_a_usage_error(hub: Hub) -> None:
    """Exit 2, as for any request that is not there."""
    assert hub("undo", "2020-0001")[0] == 2


def test_with_undo_days_0_nothing_is_kept(hub: Hub, config: Path) -> None:
    """The plan says so, no copy is written, and the undo ends with 5."""
    config.write_text("undo_days = 0\n" + config.read_text(encoding="utf-8"), encoding="utf-8")
    _, plan = hub("erase", "Aino Esimerkkilä")
    assert {step["undo"] for step in plan["steps"]} == {False}
    number = _erased(hub)

    assert not (config.parent / "state" / "undo").exists()
    assert hub("undo", number)[0] == 5


def test_a_missing_folder_is_told_and_the_undo_goes_on_later(hub: Hub, config: Path) -> None:
    """Exit 3 while the cards are away, 0 when they are back."""
    before = _bytes(config)
    number = _erased(hub)
    cards = config.parent / "kortit"
    cards.rename(cards.with_name("muualla"))

    code, told = hub("undo", number)
    assert (code, [item["outcome"] for item in told["outcomes"]]) == (3, ["unreachable"])

    cards.with_name("muualla").rename(cards)
    assert hub("undo", number)[0] == 0
    assert before == _bytes(config)


@pytest.mark.parametrize("lang", ["fi", "en"])
def test_the_terminal_says_until_when_and_how(hub: Hub, config: Path, lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Plan, outcome and undo are told in words, with the command to type."""
    number = _erased(hub)
    common = ["--config", str(config), "--lang", lang]
    assert main(["erase", "--confirm", number, *common]) == 0
    assert f"hub undo {number}" in capsys.readouterr().out

    assert main(["undo", number, *common]) == 0
    said = capsys.readouterr().out
    assert ("put back" if lang == "en" else "palautettu") in said
    assert HER_EMAIL not in said


def test_where_there_is_no_ledger_none_is_made(hub: Hub, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is not said that all is well with it; nothing is written, not even the folder."""
    before = everything(config.parent)

    assert hub("ledger", "verify") == (0, {"schema": "hub.ledger/1", "lines": 0, "broken": [], "there": False})
    assert main(["ledger", "verify", "--config", str(config), "--lang", "en"]) == 0
    assert "There is no ledger yet" in capsys.readouterr().out
    assert everything(config.parent) == before


def everything(folder: Path) -> set[str]:
    """Every file and folder below one."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_the_ledger_says_whether_it_was_changed(hub: Hub, config: Path) -> None:
    """Exit 0 while every line is as it was written, 2 with the request's number when not."""
    number = _erased(hub)
    code, told = hub("ledger", "verify")
    assert (code, told["schema"], told["broken"]) == (0, "hub.ledger/1", [])
    assert told["lines"] > 3

    with ledger.opened(config.parent / "state") as book, book._database:
        book._database.execute("UPDATE requests SET content = content || ' '")

    assert (hub("ledger", "verify")[0], hub("ledger", "verify")[1]["broken"]) == (2, [number])
