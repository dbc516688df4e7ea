"""Somebody who was erased, or who refused, on the made-up company: what the report says when they are stored again."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any

import pytest

from connectors._needles import Matcher
from connectors.contract import Needle
from hub.cli import main
from hub.demo.company import Demo
from hub.store import suppression
from tests.cli.running import Hub, cards_alone

HER = "aino@kotiposti.example"
CARD = "BEGIN:VCARD\nVERSION:3.0\nN:{family};{given};;;\nFN:{given} {family}\n{more}UID:uusi-1\nEND:VCARD\n"
NEEDLES = [Needle("email", HER), Needle("phone", "+358441234567"), Needle("name", "Aino Esimerkkilä")]


@pytest.fixture
def config(original: Demo, tmp_path: Path) -> Path:
    """The configuration of a fresh copy of it, with the card files alone."""
    return cards_alone(original, tmp_path / "company")


def _back(hub: Hub, kind: str) -> list[Any]:
    code, document = hub("report")
    assert code == 0
    return [item for item in document["findings"] if item["kind"] == kind]


def _add(config: Path, **card: str) -> Path:
    path = config.parent / "kortit" / "uusi.vcf"
    path.write_text(CARD.format(**{"given": "Aino", "family": "Esimerkkilä", "more": "", **card}), encoding="utf-8")
    return path


def _unseen(config: Path) -> None:
    matcher = Matcher(NEEDLES)
    files = [path for path in (config.parent / "state").rglob("*") if path.is_file()]
    assert len(files) > 3
    assert [path.name for path in files if matcher.in_bytes(path.read_bytes()) or matcher.in_text(path.name)] == []


def test_who_was_erased_is_reported_when_they_come_back_and_not_when_they_are_gone_again(hub: Hub, config: Path) -> None:
    """One finding for the entry, naming it and not the person, with the command; gone with the entry."""
    code, done = hub("erase", HER, "--confirm")
    assert code == 0
    assert _back(hub, "reappeared") == []
    path = _add(config, given="AINO", more="TEL:00358 44 1234567\n")

    (finding,) = _back(hub, "reappeared")

    assert finding["severity"] == "warning"
    assert [entry["source"] for entry in finding["entries"]] == ["cards"]
    assert finding["entries"][0]["ref"]
    assert done["request"] in finding["what"]
    assert "hub erase --person" in finding["proposal"]
    assert not Matcher(NEEDLES).in_text(json.dumps([finding["what"], finding["proposal"]], ensure_ascii=False))
    assert finding["id"] == _back(hub, "reappeared")[0]["id"]
    path.unlink()
    assert _back(hub, "reappeared") == []


def test_what_was_taken_back_is_no_reappearance(hub: Hub) -> None:
    """After hub undo she is where the owner wants her."""
    _, done = hub("erase", HER, "--confirm")

    assert hub("undo", done["request"])[0] == 0

    assert _back(hub, "reappeared") == []


def test_an_undo_that_was_cut_off_at_its_end_is_ended_by_the_next(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """All was put back and nothing is left to write, but she would be reported as one who came back for ever."""
    _, done = hub("erase", HER, "--confirm")

    def cut_off(*_: object) -> None:
        raise OSError(errno.EIO, "the disk is gone")

    with monkeypatch.context() as patch:
        patch.setattr(suppression, "forget", cut_off)
        assert hub("undo", done["request"])[0] == 3
    assert _back(hub, "reappeared") != []

    assert hub("undo", done["request"])[0] == 5
    assert _back(hub, "reappeared") == []


def test_the_name_alone_is_a_hint_only(hub: Hub, config: Path) -> None:
    """A new namesake may be somebody else."""
    hub("erase", HER, "--confirm")
    _add(config, more="EMAIL:joku.muu@muualla.example\n")

    assert [item["severity"] for item in _back(hub, "reappeared")] == ["info"]


def test_nothing_is_left_of_somebody_who_refused(hub: Hub, config: Path) -> None:
    """The plan keeps nothing; carried out, the card is gone, and no file of the hub tells who it was, not even encrypted ones."""
    code, plan = hub("refuse", HER)
    assert (code, plan["schema"], plan["request"]) == (0, "hub.plan/1", "")
    assert [step["source"] for step in plan["steps"]] == ["cards"]
    assert hub("requests")[1]["requests"] == []

    code, done = hub("refuse", HER, "--confirm")

    assert (code, done["state"]) == (0, "complete")
    assert hub("find", HER)[1]["persons"] == []
    (only,) = hub("requests")[1]["requests"]
    assert (only["kind"], only["stage"], only["undo_until"]) == ("refusal", "closed", None)
    state = config.parent / "state"
    assert not (state / "undo").exists()
    assert not (state / "suppression.db").exists()
    _unseen(config)
    _add(config, more=f"EMAIL:{HER}\n")
    assert _back(hub, "refused_but_stored") == []


def test_a_plan_made_before_the_refusal_goes_with_it(hub: Hub, config: Path) -> None:
    """Somebody whose erase was planned and who then refuses: the plan keeps nothing of them either."""
    assert hub("erase", HER)[0] == 0

    assert hub("refuse", HER, "--confirm")[0] == 0

    assert [item["stage"] for item in hub("requests")[1]["requests"]] == ["superseded", "closed"]
    _unseen(config)


def test_only_who_agreed_is_remembered(hub: Hub, config: Path) -> None:
    """With --remember there are hashes, and the next card is told."""
    assert hub("refuse", HER, "--confirm", "--remember")[0] == 0
    _unseen(config)
    _add(config, more=f"EMAIL:{HER.upper()}\n")

    (finding,) = _back(hub, "refused_but_stored")

    assert finding["severity"] == "warning"
    assert _back(hub, "reappeared") == []


def test_who_is_in_no_register_can_refuse_too(hub: Hub, config: Path) -> None:
    """Nobody is found, nothing is written but that somebody refused; with --remember what was said is known again."""
    assert hub("refuse", "uusi.ihminen@muualla.example", "--confirm", "--remember")[0] == 0
    _add(config, given="Uusi", family="Ihminen", more="EMAIL:Uusi.Ihminen@muualla.example\n")

    assert len(_back(hub, "refused_but_stored")) == 1


def test_a_refusal_needs_somebody(hub: Hub) -> None:
    """Without WHO it is a usage error."""
    assert hub("refuse", "--confirm")[0] == 2


@pytest.mark.parametrize("lang", ["fi", "en"])
def test_a_refusal_is_told_in_words(hub: Hub, config: Path, lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The plan says how to go on, the outcome that nobody was written down."""
    common = ["--config", str(config), "--lang", lang]
    assert main(["refuse", HER, *common]) == 0
    said = capsys.readouterr().out
    assert "--confirm" in said
    assert "hub erase --confirm" not in said

    assert main(["refuse", HER, "--confirm", *common]) == 0

    told = capsys.readouterr()
    assert ("nothing of who it was" if lang == "en" else "ei mitään siitä") in told.err
    assert "hub done" not in told.out
    assert hub("find", HER)[1]["persons"] == []


def test_what_is_to_be_decided_of_a_refusal_is_decided_by_a_refusal(
    hub: Hub, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An erase would write down whoever wants nothing to be written down."""
    _add(config)

    assert main(["refuse", HER, "--config", str(config), "--lang", "en"]) == 4
    said = capsys.readouterr().out
    assert "hub erase" not in said
    (command,) = (line.split()[1:] for line in said.splitlines() if "hub refuse --person" in line)
    assert hub(*command, "--confirm")[0] == 0
    assert len(hub("find", "Aino Esimerkkilä")[1]["persons"]) == 1
