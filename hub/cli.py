"""The command line: arguments in, exit code out; what a command does is in `hub.commands`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from connectors.errors import HubError, UsageError
from connectors.phrase import Phrase
from hub.arguments import parser

INTERRUPTED = 130
"""The exit code shells give a command that was stopped with Ctrl-C."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (see `hub.arguments.EXIT_CODES`)."""
    words = sys.argv[1:] if arguments is None else arguments
    options = parser(*words[:1]).parse_args(words)
    if options.command is None:
        parser().print_help(sys.stderr)
        return 2
    try:
        return _run(options)
    except HubError as error:
        _tell(error, options)
        return error.exit_code
    except KeyboardInterrupt:
        print("interrupted; an erase that had begun goes on with: hub erase --confirm", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has seen enough; a second complaint at exit helps nobody.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001  # the last door: a bug must not print somebody's data in a traceback
        print(f"internal fault: {type(error).__name__} in {_place(error)}; please report it, without any names", file=sys.stderr)
        return 1


def _run(options: argparse.Namespace) -> int:
    if hasattr(options, "who"):
        options.who = [word for word in options.who if word.strip()]
    if options.command in {"find", "export", "refuse", "ask", "consent", "objection"} and bool(options.who) == bool(
        options.person
    ):
        raise UsageError(Phrase("Say who: WHO, or --person HANDLE from the last find, and not both."))
    if options.command == "demo":
        from hub.demo.run import run

        return run(options.directory, sys.stdout, main, options.lang or "en")
    from hub import commands

    return commands.run(options)


def _tell(error: HubError, options: argparse.Namespace) -> None:
    """Print an error in the owner's language on stderr, and as a document on stdout when JSON was asked for."""
    from hub import commands

    commands.tell(error, options)


def _place(error: BaseException) -> str:
    """File and line of the innermost frame: enough for a bug report, and never a value."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    if frame is None:
        return "hub"
    return f"{Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}"


if __name__ == "__main__":
    sys.exit(main())
