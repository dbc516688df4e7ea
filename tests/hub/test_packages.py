"""The packages that were written, as a register: what it removes, what it refuses, and what it says it could not do."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from connectors.entry import Entry, Ref, Version
from connectors.errors import Conflict, NotFound, Refused
from hub.store import packages
from hub.store.packages import Kept, Packages
from tests.hub.shown import AINO

ROOT = Path(__file__).parents[2]
DAY = date(2026, 11, 28)


def written(folder: Path, register: Packages) -> Kept:
    """A package of two files, as an export writes and tracks it."""
    kept = register.track("2026-0008", folder / "2026-0008", DAY, {"index.html": 4, "files/photo-1.png": 5}, AINO)
    (folder / "2026-0008" / "files").mkdir(parents=True)
    (folder / "2026-0008" / "index.html").write_bytes(b"page")
    (folder / "2026-0008" / "files" / "photo-1.png").write_bytes(b"photo")
    return kept


def entry_of(register: Packages) -> Entry:
    """The one entry there is."""
    (entry,) = [item for item in register.entries() if isinstance(item, Entry)]
    return entry


@pytest.fixture
def register(tmp_path: Path) -> Packages:
    """An empty register."""
    return Packages(tmp_path / "state")


def test_asking_makes_no_file(register: Packages, tmp_path: Path) -> None:
    """A state directory without packages stays as it is."""
    assert register.all() == []
    assert register.residue([]) == []
    assert not (tmp_path / "state").exists()


def test_a_package_goes_as_a_whole_and_comes_back(register: Packages, tmp_path: Path) -> None:
    """Its receipt is sealed before it is removed, and puts it back byte by byte; a second time it is in the way."""
    written(tmp_path, register)
    sealed: list[bytes] = []
    register.seal = sealed.append
    entry = entry_of(register)
    outcome = register.erase(entry.ref, entry.version)
    assert (outcome.result, sealed) == ("erased", [outcome.receipt])
    assert not (tmp_path / "2026-0008").exists()
    with pytest.raises(NotFound):
        register.get(entry.ref)
    assert register.erase(entry.ref, entry.version).result == "already_absent"

    assert register.restore(outcome.receipt).result == "restored"
    assert (tmp_path / "2026-0008" / "files" / "photo-1.png").read_bytes() == b"photo"
    assert entry_of(register).disposal == entry.disposal
    with pytest.raises(Conflict):
        register.restore(outcome.receipt)


@pytest.mark.parametrize("change", ["added", "changed", "linked"])
def test_a_changed_package_is_not_removed(register: Packages, tmp_path: Path, change: str) -> None:
    """What came or changed since it was looked at makes it another version, and nothing is written."""
    written(tmp_path, register)
    version = entry_of(register).version
    page = tmp_path / "2026-0008" / "index.html"
    if change == "added":
        page.with_name("oma.txt").write_bytes(b"hers")
    elif change == "changed":
        page.write_bytes(b"page, annotated")
    else:
        page.unlink()
        page.symlink_to(tmp_path / "elsewhere.html")
    with pytest.raises(Conflict):
        register.erase(Ref("2026-0008.1"), version)
    assert (tmp_path / "2026-0008" / "files" / "photo-1.png").exists()


def test_a_link_is_removed_and_what_it_points_at_stays(register: Packages, tmp_path: Path) -> None:
    """A file of the package that became a link takes nothing with it; a folder that is a link is not walked into."""
    written(tmp_path, register)
    (tmp_path / "hers").mkdir()
    (tmp_path / "hers" / "index.html").write_bytes(b"hers")
    (tmp_path / "2026-0008" / "index.html").unlink()
    (tmp_path / "2026-0008" / "index.html").symlink_to(tmp_path / "hers" / "index.html")
    (tmp_path / "2026-0008" / "more").symlink_to(tmp_path / "hers", target_is_directory=True)
    entry = entry_of(register)
    outcome = register.erase(entry.ref, entry.version)
    assert (outcome.result, len(outcome.notes)) == ("erased", 1)
    assert (tmp_path / "hers" / "index.html").read_bytes() == b"hers"
    assert not (tmp_path / "2026-0008" / "index.html").is_symlink()


def test_half_removed_goes_on(register: Packages, tmp_path: Path) -> None:
    """A run that was cut off after the first file left the same version behind, so that the next one ends it."""
    written(tmp_path, register)
    version = entry_of(register).version
    (tmp_path / "2026-0008" / "index.html").unlink()
    assert register.erase(Ref("2026-0008.1"), version).result == "erased"
    assert not (tmp_path / "2026-0008").exists()


def test_what_cannot_be_removed_is_refused_and_stays_known(
    register: Packages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that another program holds open: the step fails, and the package is still known."""
    written(tmp_path, register)

    def held(self: Path) -> None:
        raise PermissionError(13, "held", str(self))

    entry = entry_of(register)
    monkeypatch.setattr(Path, "unlink", held)
    with pytest.raises(Refused):
        register.erase(entry.ref, entry.version)
    assert len(register.all()) == 1


def test_one_that_is_gone_waits_for_a_hand_until_its_time_is_over(register: Packages, tmp_path: Path) -> None:
    """It may have been moved; once its days are over nobody asks any more."""
    kept = written(tmp_path, register)
    (tmp_path / "2026-0008").rename(tmp_path / "moved")
    assert entry_of(register).disposal.value == "manual"
    assert register.erase(Ref(kept.ref), Version("x")).seen is False
    kept = written(tmp_path, register)
    assert register.expire(30, date(2026, 12, 28)) == []
    assert [item.ref for item in register.expire(30, date(2026, 12, 29))] == [kept.ref]
    (tmp_path / "2026-0008").rename(tmp_path / "again")
    assert register.expire(30, date(2026, 12, 29)) == []
    assert register.all() == []


def test_the_path_is_kept_in_no_clear_byte(register: Packages, tmp_path: Path) -> None:
    """Whatever the owner called the folder, it can be read in the hub's own folder by nobody, nor in a repr."""
    kept = register.track("2026-0008", tmp_path / "Aino Esimerkkilä" / "2026-0008", DAY, {}, AINO)
    assert "Aino" not in repr(kept)
    assert "Aino" not in str(entry_of(register))
    files = [file for file in (tmp_path / "state").iterdir() if file.name.startswith("packages")]
    assert {packages.FILE, packages.LOCK} <= {file.name for file in files}
    assert not [file for file in files if b"Aino" in file.read_bytes() or b"2026-0008" in file.read_bytes()]


def test_a_half_removed_package_comes_back_whole(register: Packages, tmp_path: Path) -> None:
    """The run that goes on finds a part of it only: what it seals holds what the one that was cut off had sealed."""
    written(tmp_path, register)
    sealed: list[bytes] = []
    register.seal = sealed.append
    entry = entry_of(register)
    before = {path: path.read_bytes() for path in (tmp_path / "2026-0008").rglob("*") if path.is_file()}
    register.erase(entry.ref, entry.version)
    register.restore(sealed[0])
    next(iter(before)).unlink()

    register.sealed = sealed[0]
    entry = entry_of(register)
    register.restore(register.erase(entry.ref, entry.version).receipt)

    assert {path: path.read_bytes() for path in (tmp_path / "2026-0008").rglob("*") if path.is_file()} == before


def test_a_package_that_is_half_back_goes_on_coming_back(register: Packages, tmp_path: Path) -> None:
    """What a run that was cut off wrote is in nobody's way; what somebody else put there is, and nothing is written then."""
    written(tmp_path, register)
    entry = entry_of(register)
    receipt = register.erase(entry.ref, entry.version).receipt
    folder = tmp_path / "2026-0008"
    folder.mkdir()
    (folder / "index.html").write_bytes(b"hers")
    with pytest.raises(Conflict):
        register.restore(receipt)
    assert [path.name for path in folder.iterdir()] == ["index.html"]

    (folder / "index.html").write_bytes(b"page")
    assert register.restore(receipt).result == "restored"
    assert (folder / "files" / "photo-1.png").read_bytes() == b"photo"


@pytest.mark.skipif(os.name == "nt", reason="there a folder cannot be marked as in use")
def test_what_a_killed_export_left_half_written_goes(register: Packages, tmp_path: Path) -> None:
    """Whoever asks for the packages next removes it, and nothing that another run is just writing."""
    register.track("2026-0009", tmp_path / "2026-0009", date(2026, 11, 22), {}, AINO)
    code = "import sys, pathlib\nfrom hub.machine import outbox\n"
    code += "with outbox._building(pathlib.Path(sys.argv[1]), '2026-0009') as folder:\n"
    code += "    (folder / 'data.json').write_text('hers')\n    print(folder, flush=True)\n    sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as run:
        assert run.stdout is not None
        left = Path(run.stdout.readline().strip())
        register.all()
        assert (left / "data.json").exists()
        run.kill()
    assert (left / "data.json").exists()

    register.all()

    assert [path.name for path in tmp_path.iterdir()] == ["state"]
