"""Two hubs at the mirror at once: nobody takes away a file that another has open, and a lock is no damage."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from connectors.errors import StateError
from hub import mirror, store
from hub.mirror import opening

ROOT = Path(__file__).parents[3]
KEY = bytes(range(32))

_HOLDING = """
import sys
from pathlib import Path
from hub import mirror
with mirror.opened(Path(sys.argv[1]), bytes(range(32)), "FI") as mine:
    print("open", flush=True)
    sys.stdin.readline()
    mine.write()
    mine.remark("said", "by the other")
"""


@contextmanager
def another(state: Path) -> Iterator[subprocess.Popen[str]]:
    """Another hub that has the mirror open, and writes to it as soon as it is told to go on."""
    command = [sys.executable, "-c", _HOLDING, str(state)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as hub:
        assert hub.stdout
        assert hub.stdout.readline() == "open\n"
        yield hub


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for another hub."""
    monkeypatch.setattr(store, "PATIENCE", 0.0)


def said(state: Path) -> str:
    """What the other hub wrote."""
    with mirror.opened(state, KEY, "FI") as mine:
        return mine.about("said")


def test_a_mirror_that_another_hub_has_open_is_not_made_anew(tmp_path: Path) -> None:
    """It waits, and gives up when it takes too long; the other's writing goes into the file that is there, not into a removed one."""
    with another(tmp_path) as hub:
        with pytest.raises(StateError, match="Another hub"), mirror.opened(tmp_path, KEY, "FI", anew=True):
            pass
        with pytest.raises(StateError, match="Another hub"):
            mirror.remove(tmp_path)
        hub.communicate("\n")

    assert hub.returncode == 0
    assert said(tmp_path) == "by the other"
    with mirror.opened(tmp_path, KEY, "FI", anew=True) as mine:
        assert mine.about("said") == ""


def test_two_hubs_have_the_mirror_open_at_once(tmp_path: Path) -> None:
    """Whoever only asks keeps nobody else from asking."""
    with another(tmp_path) as hub:
        assert said(tmp_path) == ""
        hub.communicate("\n")

    assert said(tmp_path) == "by the other"


def test_a_mirror_that_another_hub_is_writing_to_is_not_taken_for_a_damaged_one(tmp_path: Path) -> None:
    """However long it takes: it is another hub's work, and still there when that one is done."""
    said(tmp_path)
    with closing(store.open_database(tmp_path / mirror.FILE, KEY, hmac="HMAC_SHA256")) as other:
        other.execute("BEGIN EXCLUSIVE")
        other.execute("INSERT INTO about (name, value) VALUES ('said', 'by the other')")
        with pytest.raises(StateError, match="Another hub"):
            said(tmp_path)
        other.commit()

    assert said(tmp_path) == "by the other"


def test_damage_is_removed_only_where_it_was_found(tmp_path: Path) -> None:
    """A file that was made anew meanwhile is not the one in which the damage was."""
    path = tmp_path / mirror.FILE
    said(tmp_path)
    damage = store.database_errors()("database disk image is malformed")

    opening.trouble_of(damage, path, path.stat().st_ino + 1)
    assert path.exists()
    opening.trouble_of(damage, path, path.stat().st_ino)
    assert not path.exists()


def test_damage_in_the_middle_is_told_and_the_file_made_anew(tmp_path: Path) -> None:
    """What held the mirror is let go of once, and the damaged file is gone."""
    with pytest.raises(StateError, match="damaged"), mirror.opened(tmp_path, KEY, "FI"):
        raise store.database_errors()("database disk image is malformed")

    assert not (tmp_path / mirror.FILE).exists()
    assert said(tmp_path) == ""


def test_a_file_that_another_hub_writes_to_is_no_full_disk(tmp_path: Path) -> None:
    """Who cannot write for that reason is told to wait, and not to make room; a full disk is told as before."""
    path = tmp_path / "own.db"
    with (
        closing(store.open_database(path, KEY, "CREATE TABLE one (a)")) as mine,
        closing(store.open_database(path, KEY)) as other,
    ):
        mine.execute("PRAGMA busy_timeout = 0")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StateError, match="Another hub command") as refused, store.writing(mine):
            mine.execute("INSERT INTO one VALUES (1)")
    assert refused.value.hint == store.WAIT
