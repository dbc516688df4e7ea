"""Work of many pieces that a second processor helps with, where that is cheap and safe: on Linux, in a process without threads."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress

Result = tuple[int, int]

Work = Callable[[Iterator[int]], Result]
"""What some of the pieces come to, which are told by their numbers. It may only read: what it changes in a copy is lost."""

PIECES = 64
"""So many there are: few enough for a pipe to hold a byte for each, and so many that nobody waits long for the other."""


def possible() -> bool:
    """Whether another processor can help: a copy of this process takes a millisecond, and no thread is in the middle of anything."""
    return sys.platform == "linux" and "threading" not in sys.modules and len(os.sched_getaffinity(0)) > 1


class Shared:
    """Work that a copy of this process begins at once; whoever asks for the results helps with what is left of it."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._waiting, filling = os.pipe()
        os.write(filling, bytes(range(PIECES)))
        os.close(filling)
        self._reading, writing = os.pipe()
        self._copy = self._copied(writing)
        os.close(writing)

    def results(self) -> list[Result]:
        """What all pieces come to, in one result or two. Where the copy does not answer, everything is done here."""
        try:
            mine, taken = self._share()
            with open(self._reading, "rb", closefd=False) as answer:
                said = answer.read()
        finally:
            self.end()
        total, newest, others = map(int, said.split()) if said.endswith(b"\n") else (0, 0, 0)
        if taken + others < PIECES:
            return [self._work(iter(range(PIECES)))]
        return [mine, (total, newest)]

    def end(self) -> None:
        """Nobody needs the results any more: the copy ends as soon as it has done the piece it is at."""
        os.read(self._waiting, PIECES)
        if self._copy:
            with suppress(ChildProcessError):  # who started the hub may have said that nobody asks how processes end
                os.waitpid(self._copy, 0)
        os.close(self._waiting)
        os.close(self._reading)

    def _share(self) -> tuple[Result, int]:
        """What the pieces come to that nobody else took, and how many they were."""
        taken = 0

        def turns() -> Iterator[int]:
            nonlocal taken
            while piece := os.read(self._waiting, 1):
                taken += 1
                yield piece[0]

        return self._work(turns()), taken

    def _copied(self, writing: int) -> int:
        """The number of a copy of this process that writes what its pieces come to, in one line; 0 where there can be none."""
        original, copy = os.getpid(), 0
        try:
            copy = os.fork()
            if not copy:
                (total, newest), taken = self._share()
                os.write(writing, b"%d %d %d\n" % (total, newest, taken))
        except OSError:
            copy = 0
        finally:
            if os.getpid() != original:
                os._exit(0)  # whatever happened: what is open here is the original's
        return copy
