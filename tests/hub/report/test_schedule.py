"""The nightly run: with the real crontab, and with programs on the PATH that stand in for the other schedulers."""

from __future__ import annotations

import os
import plistlib
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors import _system
from connectors.errors import UsageError
from hub import schedule
from hub.schedule import Job, System
from hub.schedule.tasks import Tasks

CRONTAB = shutil.which("crontab")


def job(folder: Path, at: str = "03:00", *, page: bool = False) -> Job:
    """The job of a configuration whose path is awkward."""
    config = folder / '100% my $own "hub".toml'
    config.touch()
    return Job(config, at, folder / "report.html" if page else None)


def stub(folder: Path, name: str, script: str) -> None:
    """A program that notes its arguments and does what the script says."""
    path = folder / name
    path.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> "{folder}/calls"\n{script}\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def calls(folder: Path) -> list[str]:
    """What the stubs were called with."""
    return (folder / "calls").read_text().splitlines()


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder that is the PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    return folder


def system(programs: Path, platform: str, home: Path) -> System:
    """A system that has these programs only."""
    return System(platform, home, {"PATH": f"{programs}:/usr/bin:/bin"} if platform != "linux" else {"PATH": str(programs)})


@pytest.fixture
def crontab() -> Iterator[None]:
    """The real crontab of whoever runs the tests, when it holds nothing; one test at a time."""
    if CRONTAB is None:
        pytest.skip("there is no crontab here (Debian: the package cron)")
    lock = Path(tempfile.gettempdir()) / f"hub-test-crontab-{os.getuid()}"
    while (release := _system.hold_lock(lock)) is None:
        time.sleep(0.1)
    try:
        if listed().strip():
            pytest.skip("the crontab of whoever runs the tests is not empty: it is not touched")
        yield
        subprocess.run([CRONTAB, "-r"], capture_output=True, check=False)
    finally:
        release()


def real(tmp_path: Path) -> System:
    """This system with its crontab and nothing else."""
    folder = tmp_path / "real"
    folder.mkdir(exist_ok=True)
    if not (folder / "crontab").exists():
        (folder / "crontab").symlink_to(str(CRONTAB))
    return System("linux", tmp_path, {**os.environ, "PATH": str(folder)})


def listed() -> str:
    """What the real crontab holds."""
    return subprocess.run([str(CRONTAB), "-l"], capture_output=True, check=False, text=True).stdout


@pytest.mark.usefixtures("crontab")
def test_cron_is_installed_once_changed_and_removed(tmp_path: Path) -> None:
    """Every other line stays; another configuration has a line of its own; in the end nothing is left."""
    mine = "# my own\nMAILTO=me\n*/5 * * * * /bin/true 100\\% # keep\n"
    subprocess.run([str(CRONTAB), "-"], input=mine, check=True, text=True)
    at, other = real(tmp_path), Job(tmp_path / "other.toml")
    other.config.touch()

    schedule.install(job(tmp_path), at)
    schedule.install(other, at)
    found = schedule.install(job(tmp_path, "23:45", page=True), at)
    assert (found.by, found.at) == ("cron", "23:45")
    assert listed().startswith(mine)
    assert len(listed().splitlines()) == len(mine.splitlines()) + 2
    assert schedule.installed(other, at) is not None
    assert schedule.remove(other, at)
    assert schedule.remove(job(tmp_path), at)
    assert not schedule.remove(job(tmp_path), at)
    assert schedule.installed(job(tmp_path), at) is None
    assert listed() == mine


@pytest.mark.usefixtures("crontab")
def test_a_crontab_of_ours_only_goes_with_its_line(tmp_path: Path) -> None:
    """It is not left behind empty."""
    subprocess.run([str(CRONTAB), "-r"], capture_output=True, check=False)
    schedule.install(job(tmp_path), real(tmp_path))
    schedule.remove(job(tmp_path), real(tmp_path))

    done = subprocess.run([str(CRONTAB), "-l"], capture_output=True, check=False, text=True)
    assert done.returncode != 0


@pytest.mark.usefixtures("crontab")
def test_the_line_runs_what_it_should(tmp_path: Path) -> None:
    """As cron runs it: by /bin/sh, a % being one that is escaped; the words come through whole."""
    schedule.install(job(tmp_path, page=True), real(tmp_path))
    (line,) = [line for line in listed().splitlines() if "register-hub" in line]
    command = line.split(" ", 5)[5].replace(r"\%", "%").replace(sys.executable, "printf '%s\\n'", 1)
    shown = subprocess.run(["/bin/sh", "-c", command], capture_output=True, check=True, text=True).stdout.splitlines()

    assert tuple(shown) == job(tmp_path, page=True).command[1:]
    assert "%" not in line.replace(r"\%", "")


def test_a_crontab_that_cannot_be_read_is_never_written(tmp_path: Path, programs: Path) -> None:
    """A failure that read as "empty" would cost the user every line of it."""
    stub(programs, "crontab", 'echo "cannot open" >&2; exit 1')

    with pytest.raises(UsageError, match="crontab refused"):
        schedule.install(job(tmp_path), system(programs, "linux", tmp_path))
    assert set(calls(programs)) == {"-l"}


def test_systemd_comes_before_cron_and_takes_its_place(tmp_path: Path, programs: Path) -> None:
    """Its timer makes up for a night that was slept through; both would be twice."""
    stub(programs, "systemctl", "exit 0")
    stub(programs, "crontab", f'[ "$1" = -l ] && echo "0 3 * * * x # {job(tmp_path).name}" || true')
    here = system(programs, "linux", tmp_path)
    found = schedule.install(job(tmp_path, "04:30"), here)
    units = tmp_path / ".config/systemd/user"
    service = (units / f"{job(tmp_path).name}.service").read_text()

    assert (found.by, found.at) == ("systemd", "04:30")
    assert "Persistent=true" in (units / f"{job(tmp_path).name}.timer").read_text()
    assert '100%% my $$own \\"hub\\".toml"' in service
    assert "-r" in calls(programs)
    assert any(call.startswith("--user enable") for call in calls(programs))
    assert schedule.remove(job(tmp_path), here)
    assert list(units.iterdir()) == []


def test_a_systemd_without_a_user_manager_is_passed_over(tmp_path: Path, programs: Path) -> None:
    """As in a container."""
    stub(programs, "systemctl", "exit 1")
    stub(
        programs,
        "crontab",
        'f="$0.tab"; case "$1" in -l) [ -f "$f" ] && while read -r l; do echo "$l"; done <"$f" || { echo "no crontab for x" >&2; exit 1; };; -) while read -r l; do echo "$l"; done >"$f";; esac',
    )

    assert schedule.install(job(tmp_path), system(programs, "linux", tmp_path)).by == "cron"


def test_launchd(tmp_path: Path, programs: Path) -> None:
    """An agent with the very words of the command; a second install replaces the first."""
    stub(programs, "launchctl", "exit 0")
    here = system(programs, "darwin", tmp_path)
    schedule.install(job(tmp_path), here)
    found = schedule.install(job(tmp_path, "05:07"), here)
    (file,) = (tmp_path / "Library/LaunchAgents").iterdir()
    agent = plistlib.loads(file.read_bytes())

    assert (found.by, found.at) == ("launchd", "05:07")
    assert tuple(agent["ProgramArguments"]) == job(tmp_path).command
    assert [call.split()[0] for call in calls(programs)] == ["bootstrap", "bootout", "bootstrap"]
    assert schedule.remove(job(tmp_path), here)
    assert schedule.installed(job(tmp_path), here) is None
    assert list(file.parent.iterdir()) == []


def test_the_windows_task_scheduler(tmp_path: Path, programs: Path) -> None:
    """A task made from a file, as its command line is longer than the program takes; read back the same way."""
    keep = programs / "task"
    stub(
        programs,
        "schtasks",
        f'case "$1" in /Create) cp "$6" "{keep}";; /Delete) rm "{keep}";; /Query) iconv -f utf-16 -t utf-8 "{keep}" 2>/dev/null || exit 1;; esac',
    )
    here = system(programs, "win32", tmp_path)
    found = schedule.install(job(tmp_path, "06:00"), here)

    assert (found.by, found.at) == (Tasks.name, "06:00")
    assert "100% my $own" in found.command
    assert keep.read_text("utf-16").count("<Exec>") == 1
    assert schedule.remove(job(tmp_path), here)
    assert not keep.exists()
    assert not schedule.remove(job(tmp_path), here)


def test_a_system_without_any_scheduler_says_so(tmp_path: Path, programs: Path) -> None:
    """And asking whether it is installed is no error."""
    here = system(programs, "linux", tmp_path)

    with pytest.raises(UsageError, match="nothing that runs a program at night"):
        schedule.install(job(tmp_path), here)
    assert schedule.installed(job(tmp_path), here) is None
    assert not schedule.remove(job(tmp_path), here)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can be root by surprise")
def test_it_never_runs_as_root_by_surprise(tmp_path: Path, programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither by sudo nor for a configuration that is another user's."""
    stub(programs, "crontab", "exit 0")
    here = system(programs, "linux", tmp_path)
    monkeypatch.setenv("SUDO_USER", "maija")
    with pytest.raises(UsageError, match="root"):
        schedule.install(job(tmp_path), here)
    monkeypatch.delenv("SUDO_USER")
    os.chown(job(tmp_path).config, 1234, 1234)
    with pytest.raises(UsageError, match="root"):
        schedule.install(Job(job(tmp_path).config), here)
    assert not (programs / "calls").exists()


@pytest.mark.parametrize(("text", "time"), [("3:00", "03:00"), ("03.05", "03:05"), ("23:59", "23:59"), ("0:00", "00:00")])
def test_a_time_is_read(text: str, time: str) -> None:
    """In the ways people write it."""
    assert schedule.checked_time(text) == time


@pytest.mark.parametrize("text", ["", "24:00", "3", "3:60", "03:00:00", "kolme", "-1:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    """With the form that is wanted."""
    with pytest.raises(UsageError, match="HH:MM"):
        schedule.checked_time(text)
