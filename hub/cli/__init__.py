"""The command line: arguments in, exit code out; what a command does is in `hub.commands`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from connectors.errors import HubError, OutputLost, Unreachable, UsageError
from connectors.phrase import Phrase
from hub.cli.arguments import options_at_a_glance, parser
from hub.cli.output import guarded

if TYPE_CHECKING:
    from hub.language import Language

INTERRUPTED = 130
"""The exit code shells give a command that was stopped with Ctrl-C."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (see `hub.cli.arguments.EXIT_CODES`)."""
    words = sys.argv[1:] if arguments is None else arguments
    with guarded() as (data, talk):
        try:
            code = _told(words, talk)
            data.flush()
        except OutputLost as error:
            options = options_at_a_glance(words)
            options.json = False
            _tell(error, options)
            return error.exit_code
        except BrokenPipeError:
            return OutputLost.exit_code  # quietly: whoever read it has seen enough
        return code


def _told(words: Sequence[str], talk: TextIO) -> int:
    """Run a command; every error is told in words and by its exit code."""
    options = options_at_a_glance(words)
    try:
        options = (_helpful(words) or parser("".join(words[:1]))).parse_args(words)
        if options.command is None:
            parser(say=_language_of(options).say).print_help(talk)
            return 2
        return _run(options)
    except (OutputLost, BrokenPipeError):
        raise
    except HubError as error:
        _tell(error, options)
        return error.exit_code
    except KeyboardInterrupt:
        _say(Phrase("Interrupted. An erase that had begun goes on with the command that began it."), options)
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001  # the last door: a bug must not print somebody's data in a traceback
        if outside := _outside(error):
            _tell(outside, options)
            return outside.exit_code
        fault = {"error": type(error).__name__, "place": _place(error)}
        _say(Phrase("Internal fault: {error} in {place}. Please report it, without any names.", **fault), options)
        return 1


def _helpful(words: Sequence[str]) -> argparse.ArgumentParser | None:
    """The parser that says its help in the owner's language, where help is asked for: nobody else waits for the words."""
    if {"-h", "--help"}.isdisjoint(words):
        return None
    return parser("".join(words[:1]), _language_of(options_at_a_glance(words)).say)


def _language_of(options: argparse.Namespace) -> Language:
    from hub import commands

    return commands.language(options)


def _run(options: argparse.Namespace) -> int:
    _require_readable(options)
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


def _require_readable(options: argparse.Namespace) -> None:
    """Raise `UsageError` for a word that is no text in this terminal's encoding; a file's name may be any bytes."""
    if any(_torn(word) for word in _words_of(options)):
        raise UsageError(
            Phrase("Letters of what you typed cannot be read in this terminal's encoding; nothing was looked for."),
            Phrase("Set the terminal to UTF-8 and type it again, or ask without these letters, by e-mail or phone."),
        )


def _words_of(options: argparse.Namespace) -> Iterator[str]:
    for value in vars(options).values():
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from (item for item in value if isinstance(item, str))


def _torn(word: str) -> bool:
    """Whether a byte of it stands for no letter."""
    return any("\udc80" <= letter <= "\udcff" for letter in word)


def _tell(error: HubError, options: argparse.Namespace) -> None:
    """Print an error in the owner's language on stderr, and as a document on stdout when JSON was asked for."""
    from hub import commands

    commands.tell(error, options)


def _outside(error: Exception) -> HubError | None:
    """What is told of an error that the system gave and nobody foresaw: a full disk, a missing permission; None for a bug."""
    if isinstance(error, OSError) and error.errno is not None:
        return Unreachable(
            Phrase(
                "The system refused something that the hub needs (system error {code} in {place}).",
                code=error.errno,
                place=_place(error),
            ),
            Phrase(
                "Check the disk and the permissions of your folders, and run the same command again: it goes on where it stopped."
            ),
        )
    from hub import store

    return store.refused(error)


def _say(phrase: Phrase, options: argparse.Namespace) -> None:
    """Print a sentence on stderr, in English if that is all that still works."""
    from hub import commands

    try:
        commands.say(phrase, options)
    except Exception:  # noqa: BLE001  # what is broken may be what a language needs
        print(phrase, file=sys.stderr)


def _place(error: BaseException) -> str:
    """File and line of the innermost frame: enough for a bug report, and never a value."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    if frame is None:
        return "hub"
    return f"{Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}"
