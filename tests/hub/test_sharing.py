"""Work that two processes share: all of it is always done, whatever becomes of the copy, and the copy does nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import pytest

from hub.machine.sharing import PIECES, Result, Shared, Work

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere everything is done in one process")

ORIGINAL = os.getpid()
HUGE = 2**90
ALL = (HUGE * sum(range(PIECES)), -PIECES)


def interrupt() -> None:
    """As by Ctrl-C, which who runs the tests in the background may have them ignore."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.raise_signal(signal.SIGINT)


ENDS: dict[str, Callable[[], object]] = {
    "killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "interrupted": interrupt,
    "ended": lambda: sys.exit(0),
    "broken": lambda: 1 // 0,
    "refused": lambda: Path("/poissa").stat(),
}


@pytest.fixture(autouse=True)
def nobody_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No copy made here is left behind, running or waiting to be asked about; and none of the pipes is left open."""
    copies: list[int] = []
    pipes: set[str] = set()
    fork, pipe = os.fork, os.pipe

    def copied() -> int:
        copies.append(fork())
        return copies[-1]

    def piped() -> tuple[int, int]:
        ends = pipe()
        if threading.current_thread() is threading.main_thread():  # what another test left running opens its own
            pipes.update(_opened(Path(f"/proc/self/fd/{end}")) for end in ends)
        return ends

    monkeypatch.setattr(os, "fork", copied)
    monkeypatch.setattr(os, "pipe", piped)
    yield
    assert [copy for copy in copies if not is_gone(copy)] == []
    assert pipes.isdisjoint(map(_opened, Path("/proc/self/fd").iterdir()))


def is_gone(copy: int) -> bool:
    """Whether it is no child of this process any more."""
    try:
        os.waitpid(copy, os.WNOHANG)
    except ChildProcessError:
        return True
    return False


def _opened(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:
        return ""  # another test's, closed just now


def work(turns: Iterator[int]) -> Result:
    """A sum that no machine word holds, and a number that is not what nothing comes to."""
    told = list(turns)
    return HUGE * sum(told), -len(told)


def whole(results: list[Result]) -> Result:
    """What they come to together."""
    return sum(one for one, _ in results), sum(other for _, other in results)


class Signal:
    """What the copy tells the original once: that it has come so far."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        self._met = False

    def give(self) -> None:
        """In the copy."""
        os.write(self._write, b"x")

    def meet(self) -> None:
        """In the original: wait until it was given, or can be given no more; once."""
        if not self._met:
            self._met = True
            os.close(self._write)
            os.read(self._read, 1)
            os.close(self._read)


def in_the_copy(act: Callable[[], object], after: int = 1) -> Work:
    """Work that does this in a copy of this process when it has taken some pieces; the process waits for it to have begun."""
    begun = Signal()

    def mixed(turns: Iterator[int]) -> Result:
        if os.getpid() == ORIGINAL:
            begun.meet()
            return work(turns)
        first = [next(turns) for _ in range(after)]
        begun.give()
        act()
        return work(chain(first, turns))

    return mixed


def test_each_piece_is_done_once_and_both_do_some() -> None:
    """Whoever is ready takes the next."""
    results = Shared(in_the_copy(lambda: None, after=3)).results()

    assert whole(results) == ALL
    assert len(results) == 2
    assert results[1][1] <= -3


def test_who_asks_late_finds_it_done() -> None:
    """The copy works while this process does something else."""
    done = Signal()

    def told(turns: Iterator[int]) -> Result:
        result = work(turns)
        if os.getpid() != ORIGINAL:
            done.give()
        return result

    shared = Shared(told)
    done.meet()

    assert shared.results() == [(0, 0), ALL]


@pytest.mark.parametrize("end", ENDS)
def test_what_the_copy_does_not_answer_is_done_here(end: str) -> None:
    """However it ends, with pieces that nobody else will take."""
    assert Shared(in_the_copy(ENDS[end])).results() == [ALL]


def test_half_an_answer_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a whole line is taken."""
    write = os.write
    monkeypatch.setattr(os, "write", lambda to, line: write(to, line[:5] if os.getpid() != ORIGINAL else line))

    assert Shared(in_the_copy(lambda: None)).results() == [ALL]


def test_where_there_can_be_no_copy_all_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system may allow no more processes."""

    def refused() -> int:
        raise BlockingIOError

    monkeypatch.setattr(os, "fork", refused)

    assert whole(Shared(work).results()) == ALL


def test_a_system_that_forgets_processes_as_they_end_does_not_matter() -> None:
    """A program that starts the hub may have set it so."""
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        assert whole(Shared(in_the_copy(lambda: None)).results()) == ALL
    finally:
        signal.signal(signal.SIGCHLD, before)


def test_an_error_here_is_told_and_the_copy_is_waited_for() -> None:
    """As without a copy."""

    def broken(turns: Iterator[int]) -> Result:
        if os.getpid() == ORIGINAL:
            raise OSError("gone")
        return work(turns)

    with pytest.raises(OSError, match="gone"):
        Shared(broken).results()


def test_what_nobody_asks_for_is_not_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    """The copy ends after the piece it is at; its answer is for nobody."""
    begun = Signal()
    go, let = os.pipe()
    told, tell = os.pipe()

    def slow(turns: Iterator[int]) -> Result:
        os.close(let)
        for turn in turns:
            os.write(tell, bytes([turn]))
            begun.give()
            os.read(go, 1)  # until nobody can say anything any more
        return 0, 0

    shared = Shared(slow)
    begun.meet()
    waitpid = os.waitpid

    def waiting(copy: int, flags: int) -> tuple[int, int]:
        os.close(let)
        return waitpid(copy, flags)

    monkeypatch.setattr(os, "waitpid", waiting)
    shared.end()
    monkeypatch.undo()
    os.close(tell)

    assert os.read(told, PIECES + 1) == b"\0"
    os.close(told)
    os.close(go)


PROGRAM = """
import atexit, sys
atexit.register(print, "tidied up")
print("said", end=" ")
from hub.machine import sharing
assert sharing.possible() == (sys.argv[1] == "1")
print(sum(one for one, _ in sharing.Shared(lambda turns: (sum(turns), 0)).results()))
import threading
assert not sharing.possible()
"""


@pytest.mark.parametrize("processors", [1, 2])
def test_the_copy_says_and_tidies_up_nothing(processors: int) -> None:
    """What was about to be printed is printed once; with a single processor, or with threads, no copy is worth it."""
    several = sorted(os.sched_getaffinity(0))[:processors]
    if len(several) < processors:
        pytest.skip("this machine has one processor")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(len(several) - 1)],
        check=True,
        capture_output=True,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, several),
    )

    assert done.stdout == f"said {sum(range(PIECES))}\ntidied up\n"
