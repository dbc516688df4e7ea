"""A file the owner needs is replaced whole or not at all, and what cannot be read is told in the hub's own errors."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors import _files, _system
from connectors.errors import Conflict, Damaged, HubError, Locked, Refused, Unreachable
from connectors.phrase import Phrase

ROOT = Path(__file__).parents[2]

OLD, NEW = b"old " * 1000, b"new " * 900


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """A file of the owner's in a folder of its own."""
    folder = tmp_path / "folder"
    folder.mkdir()
    path = folder / "register.bin"
    path.write_bytes(OLD)
    path.chmod(0o640)
    return path


def build(path: Path) -> None:
    """Write the new file."""
    path.write_bytes(NEW)


def accept(path: Path) -> None:
    """Read the new file back."""
    assert path.read_bytes() == NEW


def replace(target: Path, build: Callable[[Path], None] = build, verify: Callable[[Path], None] = accept) -> None:
    """Replace the target on the state it has now."""
    _files.replace_file(target, build, _files.digest(target), verify)


def names(target: Path) -> list[str]:
    """Every file in the target's folder."""
    return sorted(path.name for path in target.parent.iterdir())


def test_a_replaced_file_is_new_and_alone(target: Path) -> None:
    """The new bytes are there, with the old mode and extended attributes, and no other file."""
    attributes = hasattr(os, "setxattr")
    if attributes:
        os.setxattr(target, "user.hub-test", b"kept")

    replace(target)

    assert target.read_bytes() == NEW
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert names(target) == ["register.bin"]
    assert not attributes or os.getxattr(target, "user.hub-test") == b"kept"


def test_the_new_file_is_private_while_it_is_built(target: Path) -> None:
    """Nobody else can read the half-made file, whatever the target's mode."""
    modes: list[int] = []
    target.chmod(0o666)

    def looking(path: Path) -> None:
        modes.append(stat.S_IMODE(path.stat().st_mode))
        build(path)

    replace(target, looking)

    assert modes == [0o600]
    assert stat.S_IMODE(target.stat().st_mode) == 0o666


def test_a_target_that_changed_is_a_conflict(target: Path) -> None:
    """What another program wrote meanwhile stays."""
    expected = _files.digest(target)
    target.write_bytes(b"theirs")

    with pytest.raises(Conflict):
        _files.replace_file(target, build, expected, accept)

    assert target.read_bytes() == b"theirs"
    assert names(target) == ["register.bin"]


def test_a_target_that_changes_while_we_build_is_a_conflict(target: Path) -> None:
    """The last look comes after the build and its check, not before."""

    def meanwhile(_path: Path) -> None:
        target.write_bytes(b"theirs")

    with pytest.raises(Conflict):
        replace(target, verify=meanwhile)

    assert target.read_bytes() == b"theirs"


def test_a_build_that_does_not_verify_changes_nothing(target: Path) -> None:
    """What the check refuses never takes the target's place."""

    def refuse(_path: Path) -> None:
        raise Refused(Phrase("not what was meant"))

    with pytest.raises(Refused):
        replace(target, verify=refuse)

    assert target.read_bytes() == OLD
    assert names(target) == ["register.bin"]


@pytest.mark.parametrize("point", ["build", "_flush", "verify", "_carry_over", "replace", "sync_folder"])
def test_a_kill_leaves_the_old_file_or_the_new_one(target: Path, point: str) -> None:
    """A process that really dies at any write leaves a whole file, and the next run clears up after it."""
    script = f"""
import os
from pathlib import Path
from connectors import _files, _system
def die(*_): os._exit(9)
def build(path):
    path.write_bytes({NEW[:100]!r}) if {point == "build"} else path.write_bytes({NEW!r})
    if {point == "build"}: die()
verify = die if {point == "verify"} else lambda path: None
for module in (_files, _system):
    if {point!r} in ("_flush", "_carry_over", "replace", "sync_folder") and hasattr(module, {point!r}):
        setattr(module, {point!r}, die)
target = Path({str(target)!r})
_files.replace_file(target, build, _files.digest(target), verify)
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 9

    assert target.read_bytes() == (NEW if point == "sync_folder" else OLD)

    replace(target)

    assert target.read_bytes() == NEW
    assert names(target) == ["register.bin"]


def test_leftovers_of_others_stay(target: Path) -> None:
    """Only the hub's own temporary files are cleared away."""
    for name in (".hub-1-ab.tmp", "theirs.tmp", ".hub-notes.txt"):
        (target.parent / name).write_bytes(b"x")

    _files.remove_leftovers(target.parent)

    assert names(target) == [".hub-notes.txt", "register.bin", "theirs.tmp"]


@pytest.mark.parametrize(("code", "error"), [(errno.ENOSPC, Refused), (errno.EACCES, Locked), (errno.EIO, Refused)])
def test_a_write_the_system_refuses_is_told(target: Path, code: int, error: type[HubError]) -> None:
    """A full disk or a held file becomes an error with a hint; the target is unchanged and no file is left."""

    def full(path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(code, os.strerror(code), str(path))

    with pytest.raises(error) as caught:
        replace(target, full)

    assert caught.value.hint
    assert str(target.parent) not in str(caught.value)
    assert target.read_bytes() == OLD
    assert names(target) == ["register.bin"]


def test_a_replace_the_system_refuses_is_locked(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows an open file cannot be replaced: the owner is told to close the program."""

    def held(*_arguments: object) -> None:
        raise PermissionError(errno.EACCES, "in use")

    monkeypatch.setattr(_system, "replace", held)

    with pytest.raises(Locked):
        replace(target)

    assert target.read_bytes() == OLD
    assert names(target) == ["register.bin"]


def test_a_missing_file_is_unreachable(tmp_path: Path) -> None:
    """A file that is not there, or only in the cloud, is unreachable and named without its folder."""
    with pytest.raises(Unreachable) as missing:
        _files.digest(tmp_path / "register.xlsx")
    (tmp_path / ".register.xlsx.icloud").touch()
    with pytest.raises(Unreachable) as cloud:
        _files.digest(tmp_path / "register.xlsx")

    assert "register.xlsx" in str(missing.value)
    assert "iCloud" in str(cloud.value)
    assert "iCloud" not in str(missing.value)
    assert str(tmp_path) not in f"{missing.value}{cloud.value}"


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    """A folder where a file should be is damaged, not empty."""
    with pytest.raises(Damaged):
        _files.digest(tmp_path)


@pytest.mark.parametrize(("code", "error"), [(errno.EACCES, Unreachable), (errno.EIO, Unreachable), (errno.ESTALE, Unreachable)])
def test_what_the_system_cannot_read_is_unreachable(code: int, error: type[HubError]) -> None:
    """A permission, a broken disk or a lost network folder is told with a hint."""
    with pytest.raises(error) as caught, _files.reading(Path("/secret folder/register.xlsx")):
        raise OSError(code, os.strerror(code), "/secret folder/register.xlsx")

    assert caught.value.hint
    assert "secret folder" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_a_placeholder_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file whose content is in the cloud only is unreachable before anybody tries to read it."""
    path = tmp_path / "register.xlsx"
    path.touch()
    _files.require_downloaded(path)
    monkeypatch.setattr(_system, "is_placeholder", lambda *_arguments: True)

    with pytest.raises(Unreachable):
        _files.require_downloaded(path)


def test_a_private_folder_is_private_and_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The copies made for reading are in a folder for this user only, gone afterwards even after an error."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def fail_inside() -> None:
        with _files.private_folder() as folder:
            (folder / "copy.sqlite").touch()
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            raise KeyError

    with pytest.raises(KeyError):
        fail_inside()

    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_in_its_private_folder_is_removed_by_the_next(tmp_path: Path) -> None:
    """A copy of an address book must not lie in the temporary folder for ever; one in use is left alone."""
    code = """
import os, sys
from connectors import _files
with _files.private_folder() as folder:
    (folder / "copy.sqlite").write_text("Aino")
    print(folder, flush=True)
    sys.stdin.read(1)
    os._exit(9)
"""
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", code]
    run = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True)
    assert run.stdout is not None
    folder = Path(run.stdout.readline().strip())

    sweep = [sys.executable, "-c", "from connectors import _files\nwith _files.private_folder(): pass"]
    subprocess.run(sweep, env=environment, cwd=ROOT, check=True, timeout=60)
    assert (folder / "copy.sqlite").exists()

    run.communicate("x", timeout=60)
    assert (folder / "copy.sqlite").exists()
    subprocess.run(sweep, env=environment, cwd=ROOT, check=True, timeout=60)
    assert list(tmp_path.iterdir()) == []


def test_looking_for_leftovers_puts_nothing_into_a_folder_that_is_just_going(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other run removed its lock after this one saw it: a file made anew would keep the other from removing its folder."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    going = tmp_path / "hub-private-going"
    going.mkdir()
    (going / "in-use").touch()
    hold_lock = _system.hold_lock

    def too_late(path: Path, *, create: bool = True) -> Callable[[], None] | None:
        if path.parent == going:
            path.unlink()
        return hold_lock(path, create=create)

    monkeypatch.setattr(_system, "hold_lock", too_late)

    with _files.private_folder():
        assert list(going.iterdir()) == []


def test_private_folders_of_several_runs_at_once(tmp_path: Path) -> None:
    """Every run removes its own and what others left; none stumbles over another that is doing the same."""
    code = (
        "from connectors import _files\nfor _ in range(100):\n    with _files.private_folder() as folder: (folder / 'x').touch()"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    runs = [subprocess.Popen([sys.executable, "-c", code], env=environment, cwd=ROOT) for _ in range(4)]

    assert [run.wait(timeout=120) for run in runs] == [0] * 4
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_another_run_is_writing_is_no_leftover(target: Path) -> None:
    """Two runs may replace files of one folder at once; what a killed one left goes, and nothing else."""
    left = target.with_name(".hub-1-killed.tmp")
    left.touch()

    with _files.beside(target) as writing:
        assert not left.exists()
        writing.write_bytes(NEW)  # opened and closed once more: it stays marked
        code = f"from pathlib import Path\nfrom connectors import _files\n_files.remove_leftovers(Path({str(target.parent)!r}))"
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
        assert writing.read_bytes() == NEW

    assert names(target) == ["register.bin"]


def test_a_new_file_that_was_taken_for_a_leftover_is_made_once_more(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another run looked just before it was marked."""
    mark, marked = _system.mark_in_use, list[int]()

    def too_late(descriptor: int) -> Callable[[], None]:
        if not marked:
            next(target.parent.glob(".hub-*.tmp")).unlink()
        marked.append(descriptor)
        return mark(descriptor)

    monkeypatch.setattr(_system, "mark_in_use", too_late)
    replace(target)

    assert len(marked) == 2
    assert target.read_bytes() == NEW


def test_a_private_folder_that_cannot_be_marked_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many open files, for one: the folder goes again, and the error is the system's."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def refused(_path: Path, **_options: bool) -> None:
        raise OSError(errno.EMFILE, "too many")

    monkeypatch.setattr(_system, "hold_lock", refused)
    with pytest.raises(OSError, match="too many"), _files.private_folder():
        pass

    assert list(tmp_path.iterdir()) == []
