"""The command line as a process of its own."""

from __future__ import annotations

import atexit
import gc
import os
import sys

SELDOM = 100_000
"""So many new objects must come together before garbage is looked for."""


def program() -> int:
    """Run one command and return its exit code, without looking for garbage among all that is imported for it.

    Nothing of that ever becomes garbage: to look through it again and again, and once more at the end, takes a fifth of
    the time of a find.
    """
    gc.set_threshold(SELDOM)
    from hub.cli import main

    code = main()
    gc.freeze()
    return code


def process() -> None:
    """Run one command, and end this process with its exit code; at once where nothing waits for an orderly end.

    To take every module apart first would be a twentieth of the time of a find.
    """
    code = program()
    if "threading" not in sys.modules and not atexit._ncallbacks():  # noqa: SLF001  # nothing else tells whether anything waits
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    process()
