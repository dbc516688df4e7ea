"""A find over a folder of very many files has them looked at by a second processor while it gets ready itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hub.cli import main
from hub.search import freshness

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no look is begun before it is asked for"),
    pytest.mark.skipif(len(getattr(os, "sched_getaffinity", lambda _: ())(0)) < 2, reason="this machine has one processor"),
]

WHO = "maija.malli@esimerkki.example"
CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{name}\r\nN:;{name};;;\r\nEMAIL:{email}\r\nEND:VCARD\r\n"

COUNTED = """
import os, sys
fork, copies = os.fork, []
def counted():
    copies.append("hub.matching" in sys.modules)
    return fork()
os.fork = counted
from hub.__main__ import program
code = program()
try:
    os.waitpid(-1, os.WNOHANG)
    copies.append("left behind")
except ChildProcessError:
    pass
print(*copies, file=sys.stderr)
sys.exit(code)
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A configuration with a folder of very many cards and a small table, whose mirror is fresh."""
    (tmp_path / "kortit").mkdir()
    (tmp_path / "kortit" / "maija.vcf").write_bytes(CARD.format(name="Maija", email=WHO).encode())
    for number in range(1, freshness.MANY):
        (tmp_path / "kortit" / f"{number}.vcf").write_bytes(CARD.format(name="Muu", email=f"{number}@muu.example").encode())
    (tmp_path / "lista.csv").write_text(f"Nimi;Sähköposti\nMaija Malli;{WHO}\n", "utf-8")
    config = tmp_path / "hub.toml"
    config.write_text(
        'state = "tila"\n[controller]\nlanguage = "fi"\n[source.lista]\nkind = "csv"\npath = "lista.csv"\n'
        '[source.kortit]\nkind = "vcard"\npath = "kortit/"\n',
        "utf-8",
    )
    monkeypatch.setattr("hub.search.freshness.RACY", -1)
    assert main(["refresh", "--config", str(config), "--quiet"]) == 0
    capsys.readouterr()
    return config


def asked(config: Path, *words: str) -> tuple[int, str, list[str]]:
    """The exit code of a find in a process of its own, what it said, and for each copy of it whether it came late."""
    command = [sys.executable, "-c", COUNTED, "find", *words, "--config", str(config)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    *_, copies = done.stderr.splitlines()
    return done.returncode, done.stdout, copies.split()


def test_the_look_begins_before_the_find_is_ready(config: Path) -> None:
    """There is one, by one copy of the process, made before most is imported; a change in place is seen by it."""
    code, said, copies = asked(config, WHO)
    assert (code, copies) == (0, ["False"])
    assert said.count("kortit |") == 1

    (config.parent / "kortit" / "7.vcf").write_bytes(CARD.format(name="Maija", email=WHO).encode())
    code, said, copies = asked(config, WHO)
    assert (code, copies[0]) == (0, "False")
    assert said.count("kortit |") == 2


def test_no_look_begins_that_nobody_needs(config: Path) -> None:
    """Where only another source is asked, or there is no mirror."""
    assert asked(config, WHO, "--source", "lista")[::2] == (0, [])

    config.write_text("mirror = false\n" + config.read_text("utf-8"), "utf-8")
    assert asked(config, WHO)[::2] == (0, [])


def test_a_look_that_nobody_asked_for_is_ended(config: Path) -> None:
    """The configuration is another: its sources are asked one by one, and looked at then. No copy is left behind."""
    with config.open("a", encoding="utf-8") as file:
        file.write("# muutettu\n")

    assert asked(config, WHO)[::2] == (0, ["False", "True"])


def test_a_find_that_fails_leaves_nobody_behind(config: Path) -> None:
    """The copy holds what the find says open: whoever reads it would wait."""
    code, said, copies = asked(config, "--person", "0000000000", "--json")

    assert (code, copies) == (2, ["False"])
    assert "0000000000" in said
