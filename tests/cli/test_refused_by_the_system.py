"""What the system refuses and nobody foresaw is told in words and is no bug; what is a bug stays one."""

from __future__ import annotations

import errno
import json
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from connectors.contract import Needle, Residue
from connectors.entry import Item
from connectors.memory import MemoryConnector
from hub import commands
from hub.cli import main
from hub.erase.apply import places
from hub.search import silently
from hub.search.sources import gather
from tests.cli.running import Hub


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (OSError(errno.ENOSPC, "full"), 3, f"system error {errno.ENOSPC}"),
        (PermissionError(errno.EACCES, "no"), 3, f"system error {errno.EACCES}"),
        (sqlite3.OperationalError("disk I/O error"), 2, "cannot be written"),
        (sqlite3.OperationalError("database is locked"), 2, "Another hub command"),
        (sqlite3.OperationalError("no such column: x"), 1, "Internal fault: OperationalError"),
        (OSError("raised by hand"), 1, "Internal fault: OSError"),
        (ValueError("x"), 1, "Internal fault: ValueError"),
    ],
)
def test_a_refusal_of_the_system_is_no_fault(
    error: Exception, code: int, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Wherever it comes up, it has the exit code of what could not be done, and says what to do."""

    def run(_: object) -> int:
        raise error

    monkeypatch.setattr(commands, "run", run)

    assert main(["requests", "--json"]) == code
    shown = capsys.readouterr()
    assert told in shown.err
    assert code == 1 or json.loads(shown.out)["exit"] == code


class _Unreadable(MemoryConnector):
    """The disk breaks where the connector did not think of it."""

    def entries(self, since: str | None = None) -> Iterator[Item]:
        raise OSError(errno.EIO, "broken")

    def residue(self, needles: Sequence[Needle]) -> Sequence[Residue]:
        raise OSError(errno.EIO, "broken")


def test_a_source_that_the_system_does_not_give_out_is_silent() -> None:
    """It did not answer: that is neither "nothing found" nor a bug of the hub's."""
    source = _Unreadable("disk", {})

    (answer,) = gather([source], "FI", silently).answers
    (left,), silent = places([source], (), silently)

    assert (answer.state, answer.fault, silent) == ("silent", False, True)
    assert "system error 5" in str(answer.reason)
    assert "system error 5" in str(left.why)


@pytest.fixture
def config(demo_copy: Path) -> Path:
    """The configuration of the made-up company."""
    return demo_copy


def test_any_command_removes_what_a_killed_one_left(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy of an address book must not lie in the temporary folder until that book changes once more."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert hub("requests")[0] == 0
    left = tmp_path / "hub-private-left" / "copy"
    left.mkdir(parents=True)
    (left / "book.sqlite").write_text("Aino")
    (left.parent / "in-use").touch()

    assert hub("requests")[0] == 0

    assert not left.parent.exists()
