"""Run something in a process of its own and say how long it took and how much memory it had at its peak."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Cost:
    """Wall and processor time in seconds and peak resident memory in MB of a whole process, and what it printed.

    The memory is that of the process and of those it started, together, at the moment when it was most.
    """

    seconds: float
    processor: float
    megabytes: float
    printed: str = ""


Row = tuple[str, Cost, str]
"""What was measured, its cost, and how it compares."""


def compared(ours: Cost, theirs: Cost, name: str = "the hub") -> str:
    """How many times as long as ours theirs takes, by the clock and by the processor's time (which a busy machine distorts less)."""
    return f"{theirs.seconds / ours.seconds:.1f} times as long as {name} ({theirs.processor / ours.processor:.1f} by processor)"


def python(*arguments: str) -> Cost:
    """The cost of a fresh interpreter with these arguments. Raises SystemExit when it fails."""
    return command(sys.executable, *arguments)


def command(*arguments: str) -> Cost:
    """The cost of a program with these arguments. Raises SystemExit when it fails."""
    # An installed hub has its byte code: pip compiles it.
    env = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"} | {"HUB_KEY_PLACE": "file"}
    began = time.perf_counter()
    with subprocess.Popen(arguments, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        peak = _Peak(child.pid)
        peak.start()
        printed = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        peak.over.set()
        child.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    if child.returncode:
        raise SystemExit(f"{' '.join(arguments[:2])} ended with {child.returncode}")
    return Cost(seconds, usage.ru_utime + usage.ru_stime, peak.megabytes, printed)


class _Peak(threading.Thread):
    """Looks again and again how much memory a process and those that it started have."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self.over = threading.Event()
        self.megabytes = 0.0

    def run(self) -> None:
        """Until it is over; what has ended meanwhile counts no more. At its own most it is looked more often: some end at once."""
        for turn in count():
            if self.over.wait(0.003):
                break
            with contextlib.suppress(psutil.Error, OSError):
                self.megabytes = max(self.megabytes, _most(self._pid))
                if turn % 15 == 14:
                    self.megabytes = max(self.megabytes, _together(psutil.Process(self._pid)) / 2**20)


def _most(pid: int) -> float:
    """How much memory a process has had at most, as Linux tells it: what it was before it became its program does not count."""
    status = Path(f"/proc/{pid}/status")
    found = re.search(r"VmHWM:\s*(\d+) kB", status.read_text(encoding="ascii", errors="replace")) if status.exists() else None
    return int(found[1]) / 2**10 if found else 0.0


def _together(process: psutil.Process) -> int:
    """The bytes of a process and of those it started; one that has not become its program yet has the memory of its parent."""
    line = process.cmdline()
    return _resident(process) + sum(map(_resident, (one for one in process.children(recursive=True) if one.cmdline() != line)))


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def median(costs: Sequence[Cost]) -> Cost:
    """The one in the middle by time."""
    return sorted(costs, key=lambda cost: cost.seconds)[len(costs) // 2]
