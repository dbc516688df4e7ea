"""How the files of a source look: every change of them is seen, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.contract import Watched
from hub.machine import sharing
from hub.search import freshness
from hub.search.freshness import look

HOUR = 3_600_000_000_000


@pytest.fixture(params=["alone", "shared", "a few at once"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How many files are looked at: all of them here, or some of each folder in a copy of this process."""
    way: str = request.param
    if way != "alone" and sys.platform == "linux":
        monkeypatch.setattr(freshness, "MANY", 2)
        monkeypatch.setattr(sharing, "possible", lambda: True)
    if way == "a few at once":
        monkeypatch.setattr(freshness, "AT_ONCE", 3)
    return way


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with files in it and below it, all of them an hour old."""
    for name in ("a.vcf", "b.vcf", "ä.vcf", "below/a.vcf", "below/deeper/c.vcf"):
        path = tmp_path / "kortit" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
        aged(path)
    return tmp_path / "kortit"


def aged(path: Path, hours: int = 1) -> None:
    """Make a file look as if it had been written so many hours ago."""
    then = path.stat().st_mtime_ns - hours * HOUR
    os.utime(path, ns=(then, then))


CHANGES: dict[str, Callable[[Path], object]] = {
    "written": lambda folder: os.utime(folder / "a.vcf"),
    "longer": lambda folder: (folder / "b.vcf").write_bytes(b"xx"),
    "new": lambda folder: (folder / "d.vcf").write_bytes(b"x"),
    "gone": lambda folder: (folder / "b.vcf").unlink(),
    "renamed": lambda folder: (folder / "b.vcf").rename(folder / "c.vcf"),
    "two names exchanged": lambda folder: exchanged(folder / "a.vcf", folder / "b.vcf"),
    "moved down": lambda folder: (folder / "b.vcf").rename(folder / "below" / "b.vcf"),
    "moved between folders": lambda folder: (folder / "below" / "a.vcf").rename(folder / "below" / "deeper" / "a.vcf"),
    "deep down": lambda folder: (folder / "below" / "deeper" / "c.vcf").write_bytes(b"xx"),
    "folder renamed": lambda folder: (folder / "below").rename(folder / "beneath"),
    "all gone": lambda folder: folder.rename(folder.with_name("poissa")),
}


def exchanged(one: Path, other: Path) -> None:
    """Give two files one another's names."""
    aside = one.with_name("aside")
    one.rename(aside)
    other.rename(one)
    aside.rename(other)


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_is_seen(folder: Path, change: str) -> None:
    """A file that is written, new, gone or elsewhere, however deep."""
    watched = [Watched(folder), Watched(folder, like="", deep=True)]
    before = look(watched)
    assert look(watched) == before

    CHANGES[change](folder)

    assert look(watched).signature != before.signature


def test_only_files_that_are_alike_count(folder: Path) -> None:
    """Of a watched kind of name others may come and go."""
    watched = [Watched(folder, like=".vcf")]
    before = look(watched).signature

    (folder / "muistio.txt").write_bytes(b"x")
    assert look(watched).signature == before
    (folder / "E.VCF").write_bytes(b"x")
    assert look(watched).signature != before


def test_what_is_not_there_is_a_fact(tmp_path: Path) -> None:
    """A file that appears is a change, and one file is not another."""
    there, other = tmp_path / "there", tmp_path / "other"
    missing = look([Watched(there)]).signature
    assert look([Watched(other)]).signature != missing
    there.write_bytes(b"")
    assert look([Watched(there)]).signature != missing


def test_it_looks_the_same_however_it_is_looked_at(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who looks with two processors knows again what one processor saw; also where the folder is looked at by its path."""
    watched = [Watched(folder, like="", deep=True), Watched(folder, like="a"), Watched(folder / "a.vcf", like="", deep=True)]
    before = look(watched)
    monkeypatch.setattr(freshness, "MANY", 1_000)
    monkeypatch.setattr(freshness, "AT_ONCE", 1_000)
    assert look(watched) == before

    monkeypatch.setattr(os, "supports_fd", set())
    assert look(watched) == before


def test_a_file_that_goes_while_it_is_looked_at_is_a_fact(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was listed and is gone: neither what was seen before, nor what is seen the next time."""
    watched = [Watched(folder, like="")]
    before, there = look(watched), os.stat

    def gone(name: str, *, dir_fd: int | None = None, follow_symlinks: bool = True) -> os.stat_result:
        if name == "a.vcf":
            raise FileNotFoundError
        return there(name, dir_fd=dir_fd, follow_symlinks=follow_symlinks)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(os, "stat", gone)
        meanwhile.setattr(os, "supports_dir_fd", {gone})
        during = look(watched)
    (folder / "a.vcf").unlink()

    assert len({before.signature, during.signature, look(watched).signature}) == 3


def test_another_process_sees_the_same(folder: Path) -> None:
    """What was seen is remembered from one hub to the next: no hash in it may be of one process alone."""
    program = (
        "import sys, pathlib, connectors.contract as c, hub.search.freshness as m; "
        "print(m.look([c.Watched(pathlib.Path(sys.argv[1]), '', True)]).signature)"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", program, str(folder)],
            env=os.environ | {"PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }

    assert told == {look([Watched(folder, "", deep=True)]).signature}


def test_a_file_written_just_now_is_not_settled(folder: Path) -> None:
    """It may change once more within the same time stamp; times set back do not hide when it was changed."""
    path = folder / "below" / "deeper" / "c.vcf"
    path.write_bytes(b"y")
    aged(path, 2)

    assert not look([Watched(folder, like="", deep=True)]).settled
