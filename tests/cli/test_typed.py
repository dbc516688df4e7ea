"""What is typed wrongly, or cannot be written: said in the owner's language, as a document with --json, never as a fault."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hub.cli import main
from tests.cli.running import Hub

WHO = "Päivi Malli"
HUB = (sys.executable, "-m", "hub")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A company whose language is Finnish, with one list."""
    (tmp_path / "lista.csv").write_text(
        "Nimi;Sähköposti\nPäivi Malli;paivi@malli.example\nPäivi Malli;toinen@malli.example\n", "utf-8"
    )
    config = tmp_path / "hub.toml"
    config.write_text(
        'state = "tila"\n[controller]\nlanguage = "fi"\n[source.lista]\nkind = "csv"\npath = "lista.csv"\n', encoding="utf-8"
    )
    return config


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (["fnd", WHO], "Tarkoititko find?"),
        (["qqqqqq"], "Komennot ovat: demo"),
        (["find", WHO, "--jsn"], "--jsn"),
        (["find", WHO, "--jsn=Malli"], "--jsn"),
        (["requests", WHO], "enemmän"),
        (["find", "--person"], "--person"),
        (["find", "--lang", "sv", WHO], "fi, en"),
        (["export", WHO], "--out"),
        (["done", "2026-0001", "Malli"], "STEP"),
        (["find", WHO, "--json=Malli"], "--json ei ota arvoa"),
        (["erase", "--in", "x", "--co"], "--config, --confirm"),
        (["find"], "--person"),
        (["ledger"], "puuttuu: verify"),
        (["ledger", "verfy"], "Käytä jotakin näistä: verify."),
        (["breach", "nwe"], "Käytä jotakin näistä: new, set, show, close."),
        (["request"], "new, show"),
        (["request", "nwe"], "Käytä jotakin näistä: new, show"),
        (["erase", "--confirm", "2026-0003", WHO], "kirjoitetaan yksin"),
        (["erase", WHO, "2026-0003", "--confirm"], "kirjoitetaan yksin"),
        (["erase", "2026-0003", "--confirm", "--person", "1a2b3c4d5e"], "kirjoitetaan yksin"),
        (["rectify", "2026-0003", WHO, "--confirm", "--phone", "1"], "kirjoitetaan yksin"),
    ],
)
def test_what_is_mistyped_is_said_in_the_owners_language(
    typed: list[str], told: str, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2, in Finnish, with the option or the choices, and without what was typed as a value."""
    assert main([*typed, "--config", str(config)]) == 2

    said = capsys.readouterr()
    assert told in said.err
    assert "Malli" not in said.err
    assert not any(word in said.err for word in ("usage", "argument", "error", "Say who"))
    assert said.out == ""


@pytest.mark.parametrize("typed", [["fnd"], ["find", WHO, "--jsn"], ["find"], ["done", "1"]])
def test_what_is_mistyped_is_a_document_too(hub: Hub, typed: list[str]) -> None:
    """With --json there is one `hub.error/1` on stdout."""
    code, document = hub(*typed)

    assert (code, document["schema"], document["exit"]) == (2, "hub.error/1", 2)
    assert document["error"]
    assert document["hint"] or typed == ["find"]


def test_a_configuration_that_is_broken_is_said_in_its_language(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As far as it can be read, the file says in which."""
    text = config.read_text(encoding="utf-8")
    for language, said in (("fi", "ei ole kelvollista"), ("en", "is not valid TOML")):
        config.write_text(text.replace('"tila"', '"tila').replace('"fi"', f'"{language}"'), encoding="utf-8")
        assert main(["find", WHO, "--config", str(config)]) == 2
        assert said in capsys.readouterr().err


@pytest.mark.parametrize("command", [["find"], ["find", "--person"], ["erase"], ["refuse"]])
def test_a_word_in_another_encoding_is_refused(hub: Hub, command: list[str]) -> None:
    """What the terminal could not decode is not looked for: nobody would be found, and that would be no answer."""
    code, document = hub(*command, os.fsdecode(b"P\xe4ivi"))

    assert (code, document["schema"]) == (2, "hub.error/1")
    assert "encoding" in document["error"]


def test_a_file_may_have_any_name(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A configuration whose folder's name is in another encoding is used all the same."""
    folder = config.parent / os.fsdecode(b"yritys-\xe4")
    folder.mkdir()
    config.with_name("lista.csv").rename(folder / "lista.csv")
    moved = config.rename(folder / "hub.toml")

    assert main(["find", WHO, "--config", str(moved)]) == 0
    assert "Päivi Malli" in capsys.readouterr().out


def test_one_entry_cannot_be_hers_and_somebody_elses(hub: Hub) -> None:
    """The same ref, or the same entry in two spellings, after --include and --exclude is a usage error for every command."""
    entries = {entry["ref"] for person in hub("find", WHO)[1]["persons"] for entry in person["entries"]}
    ref = min(entries)
    for command in (["erase"], ["erase", "--confirm"], ["refuse"], ["export", "--out", "nowhere"]):
        code, document = hub(*command, WHO, "--include", ref, "--exclude", f"lista:{ref}")
        assert (code, document["schema"]) == (2, "hub.error/1")
        assert ref in document["error"]


def _shell(command: str, config: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which HUB is the hub, on this configuration."""
    words = command.replace("HUB", " ".join((*HUB, "find", "Malli", "--config", str(config))))
    env = os.environ | {"PYTHONIOENCODING": "utf-8", "HUB_KEY_PLACE": "file"}
    return subprocess.run(["bash", "-c", words], env=env, capture_output=True, encoding="utf-8", check=False)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("command", ["HUB > /dev/full", "HUB --json > /dev/full", "HUB >&-", "HUB --jsn --json > /dev/full"])
def test_an_answer_that_cannot_be_written_is_said(command: str, config: Path) -> None:
    """Exit 3 and one message in the owner's words; no traceback, no fault, no second complaint."""
    done = _shell(command, config)

    assert done.returncode == 3
    assert "ei voitu kirjoittaa" in done.stderr
    assert not any(word in done.stderr for word in ("Traceback", "Exception", "fault", "Malli"))


def test_a_reader_that_goes_away_ends_the_command_quietly(config: Path) -> None:
    """As for any answer that did not arrive in full, and not a word: whoever reads has seen enough."""
    done = _shell("HUB | true; exit ${PIPESTATUS[0]}", config)

    assert (done.returncode, done.stderr) == (3, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_talk_that_cannot_be_written_is_let_go(config: Path) -> None:
    """The answer itself arrives, and its exit code."""
    done = _shell("HUB --json 2> /dev/full", config)

    assert done.returncode == 0
    assert len(json.loads(done.stdout)["persons"]) == 2


@pytest.mark.parametrize(
    ("error", "told"), [(KeyboardInterrupt(), (130, "Keskeytetty")), (ValueError(WHO), (1, "Sisäinen virhe: ValueError"))]
)
def test_an_interruption_and_a_fault_are_said_in_the_owners_language(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, error: BaseException, told: tuple[int, str]
) -> None:
    """Each by its exit code, and without a value."""

    def fail(*_: object) -> int:
        raise error

    monkeypatch.setattr("hub.commands.finding.find", fail)

    code, said = told
    assert main(["find", WHO, "--config", str(config)]) == code
    err = capsys.readouterr().err
    assert said in err
    assert "Malli" not in err
