"""Run something in a process of its own and say how long it took and how much memory it had at its peak."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Cost:
    """Wall and processor time in seconds and peak resident memory in MB of a whole process, and what it printed."""

    seconds: float
    processor: float
    megabytes: float
    printed: str = ""


Row = tuple[str, Cost, str]
"""What was measured, its cost, and how it compares."""


def compared(ours: Cost, theirs: Cost) -> str:
    """How many times as long theirs takes, by the clock and by the processor's time (which a busy machine distorts less)."""
    return f"{theirs.seconds / ours.seconds:.1f} times as long ({theirs.processor / ours.processor:.1f} by processor)"


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
        printed = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    if child.returncode:
        raise SystemExit(f"{' '.join(arguments[:2])} ended with {child.returncode}")
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, printed)


def median(costs: Sequence[Cost]) -> Cost:
    """The one in the middle by time."""
    return sorted(costs, key=lambda cost: cost.seconds)[len(costs) // 2]
