"""What differs between systems: each system's branch by its own rules, this one's for real."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from connectors import _system

SYSTEMS = ("linux", "darwin", "win32")


def status(**fields: int) -> os.stat_result:
    """A stat result as another system gives it."""
    return cast("os.stat_result", SimpleNamespace(**fields))


@pytest.mark.parametrize("platform", SYSTEMS)
def test_every_system_has_places_for_thunderbird(platform: str, tmp_path: Path) -> None:
    """Each system has at least one place for profiles, and none of them is made by looking."""
    roots = _system.thunderbird_roots(tmp_path, {}, platform)

    assert roots
    assert all(root.is_relative_to(tmp_path) for root in roots)
    assert list(tmp_path.iterdir()) == []


def test_the_places_follow_the_systems_rules(tmp_path: Path) -> None:
    """Windows asks its environment, Linux finds flatpaks whatever their spelling, macOS its library."""
    (tmp_path / ".var/app/org.mozilla.Thunderbird/.thunderbird").mkdir(parents=True)
    (tmp_path / ".var/app/eu.betterbird.Betterbird/.thunderbird").mkdir(parents=True)
    (tmp_path / "local/Packages/MozillaThunderbird_x/LocalCache/Roaming/Thunderbird").mkdir(parents=True)

    linux = _system.thunderbird_roots(tmp_path, {"XDG_CONFIG_HOME": str(tmp_path / "xdg")}, "linux")
    windows = _system.thunderbird_roots(
        tmp_path, {"APPDATA": str(tmp_path / "roaming"), "LOCALAPPDATA": str(tmp_path / "local")}, "win32"
    )

    assert linux[0] == tmp_path / ".thunderbird"
    assert tmp_path / "xdg/thunderbird" in linux
    assert tmp_path / ".var/app/org.mozilla.Thunderbird/.thunderbird" in linux
    assert tmp_path / ".var/app/eu.betterbird.Betterbird/.thunderbird" in linux
    assert windows[0] == tmp_path / "roaming/Thunderbird"
    assert tmp_path / "local/Packages/MozillaThunderbird_x/LocalCache/Roaming/Thunderbird" in windows
    assert _system.thunderbird_roots(tmp_path, {}, "darwin")[0] == tmp_path / "Library/Thunderbird"


def test_icloud_drive_is_looked_for_where_the_system_keeps_it(tmp_path: Path) -> None:
    """MacOS keeps it under Mobile Documents, Windows under the user's folder."""
    assert "Mobile Documents" in str(_system.icloud_drive_roots(tmp_path, "darwin")[0])
    assert tmp_path / "iCloudDrive" in _system.icloud_drive_roots(tmp_path, "win32")


@pytest.mark.parametrize(
    ("name", "stat", "platform", "placeholder"),
    [
        ("a.xlsx", status(), "linux", False),
        (".a.xlsx.icloud", status(), "linux", True),
        ("a.icloud", status(), "linux", False),
        ("a.xlsx", status(st_flags=0x40000000), "darwin", True),
        ("a.xlsx", status(st_flags=0x8000), "darwin", False),
        ("a.xlsx", status(st_file_attributes=0x400000), "win32", True),
        ("a.xlsx", status(st_file_attributes=0x1000), "win32", True),
        ("a.xlsx", status(st_file_attributes=0x20), "win32", False),
    ],
)
def test_a_file_in_the_cloud_only_is_known(name: str, stat: os.stat_result, platform: str, placeholder: bool) -> None:
    """The mark of a file that is not downloaded is another one on each system."""
    assert _system.is_placeholder(Path(name), stat, platform) == placeholder


def test_the_old_stand_in_of_icloud() -> None:
    """Before macOS 14 a hidden file stands in for one that is not downloaded, and is known as one."""
    stand_in = _system.placeholder_of(Path("folder/a.xlsx"))

    assert stand_in == Path("folder/.a.xlsx.icloud")
    assert _system.is_placeholder(stand_in, status(), "darwin")


@pytest.mark.parametrize(("platform", "refusals", "works"), [("win32", 2, True), ("win32", 9, False), ("linux", 1, False)])
def test_a_replace_is_tried_again_on_windows_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str, refusals: int, works: bool
) -> None:
    """A virus scanner's short hold is waited out on Windows; elsewhere, or when it lasts, the refusal is told."""
    new, old = tmp_path / "new", tmp_path / "old"
    new.write_text("new")
    old.write_text("old")
    honest: Callable[[Path, Path], Path] = Path.replace
    left = [PermissionError()] * refusals

    def held(path: Path, target: Path) -> Path:
        if left:
            raise left.pop()
        return honest(path, target)

    monkeypatch.setattr(Path, "replace", held)
    monkeypatch.setattr("time.sleep", lambda _seconds: None)

    if works:
        _system.replace(new, old, platform)
    else:
        with pytest.raises(PermissionError):
            _system.replace(new, old, platform)

    assert old.read_text() == ("new" if works else "old")


def test_a_folder_is_synced_where_the_system_can(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rename is made to last by one sync of the folder, and Windows is not asked for what it has not."""
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)

    _system.sync_folder(tmp_path, "linux")
    _system.sync_folder(tmp_path / "not there", "win32")

    assert len(synced) == 1


HOLDER = """
import fcntl, sys
stream = open(sys.argv[1], "a")
fcntl.lockf(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
print("held", flush=True)
sys.stdin.read()
"""


OTHER_HUB = """
import sys
from pathlib import Path
from connectors import _system
print(_system.hold_lock(Path(sys.argv[1])))
"""


def test_a_lock_is_seen_only_while_it_is_held(tmp_path: Path) -> None:
    """Another process that holds the lock is seen; the file it leaves behind means nothing."""
    path = tmp_path / ".parentlock"
    assert not _system.is_locked(path)
    assert not path.exists()

    with subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdin=-1, stdout=-1) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert _system.is_locked(path)
        assert _system.hold_lock(path) is None
        holder.communicate()

    assert path.exists()
    assert not _system.is_locked(path)


def test_a_lock_we_hold_keeps_others_out_until_it_is_let_go(tmp_path: Path) -> None:
    """While the hub writes, another program cannot take the lock; afterwards it can."""
    path = tmp_path / ".parentlock"
    release = _system.hold_lock(path)
    assert release is not None

    assert subprocess.run([sys.executable, "-c", HOLDER, str(path)], check=False, input=b"", stderr=-1).returncode != 0
    assert subprocess.run([sys.executable, "-c", OTHER_HUB, str(path)], check=True, stdout=-1).stdout == b"None\n"
    release()

    assert subprocess.run([sys.executable, "-c", HOLDER, str(path)], check=False, input=b"", stdout=-1).returncode == 0


def test_a_shared_lock_keeps_out_only_who_wants_it_alone(tmp_path: Path) -> None:
    """Several hubs share it; another program that would have it alone cannot, until the last of them lets it go."""
    path = tmp_path / "mirror.lock"
    release = _system.hold_lock(path, shared=True)
    assert release is not None

    shared = OTHER_HUB.replace("])))", "]), shared=True))")
    assert subprocess.run([sys.executable, "-c", shared, str(path)], check=True, stdout=-1).stdout != b"None\n"
    assert subprocess.run([sys.executable, "-c", OTHER_HUB, str(path)], check=True, stdout=-1).stdout == b"None\n"
    release()

    assert subprocess.run([sys.executable, "-c", OTHER_HUB, str(path)], check=True, stdout=-1).stdout != b"None\n"


def test_windows_needs_no_shared_lock(tmp_path: Path) -> None:
    """A file that is open there cannot be removed, so nothing is held and nothing is made."""
    release = _system.hold_lock(tmp_path / "mirror.lock", "win32", shared=True)
    assert release is not None
    release()

    assert list(tmp_path.iterdir()) == []


def test_windows_knows_a_lock_by_a_refused_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There a file opened without sharing cannot be opened again: that is the lock."""
    path = tmp_path / "parent.lock"
    path.touch()

    assert not _system.is_locked(path, "win32")
    assert _system.thunderbird_lock(tmp_path, "win32") == path
    assert _system.thunderbird_lock(tmp_path, "linux").name == ".parentlock"

    def refused(*_arguments: object, **_options: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "open", refused)

    assert _system.is_locked(path, "win32")
    assert _system.hold_lock(path, "win32") is None


def test_own_only_shuts_everybody_else_out(tmp_path: Path) -> None:
    """A file is for its owner only, and so is a folder."""
    path = tmp_path / "key"
    path.touch(0o666)

    _system.own_only(path)
    _system.own_only(tmp_path)

    assert (path.stat().st_mode & 0o777, tmp_path.stat().st_mode & 0o777) == (0o600, 0o700)


def test_freed_memory_is_kept_where_the_c_library_can_be_told_so() -> None:
    """A large piece is not mapped anew each time it is asked for: its pages fault once, and not again."""
    told = subprocess.run(
        [sys.executable, "-c", FAULTS], check=True, capture_output=True, text=True, cwd=Path(__file__).parents[2]
    )
    if told.stdout == "no\n":
        pytest.skip("the C library of this system is another one than glibc")
    without, kept = map(int, told.stdout.split())

    assert kept * 10 < without


FAULTS = """
import resource
from connectors import _system

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        bytearray(64 << 20)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

without = faults()
if _system.keep_freed_memory():
    bytearray(64 << 20)
    print(without, faults())
else:
    print("no")
"""


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_other_systems_keep_their_own_ways_with_memory(platform: str) -> None:
    """There is nothing to tell them."""
    assert not _system.keep_freed_memory(platform)
