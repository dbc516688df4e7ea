"""The command line: arguments in, exit code out; what a command does is in `hub.commands`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from connectors.errors import HubError, UsageError
from connectors.phrase import Phrase
from hub import __version__

EXIT_CODES = {
    0: "complete",
    1: "internal fault (a bug)",
    2: "usage or configuration",
    3: "incomplete: a source did not answer, or a step failed",
    4: "waits for a human: several persons match, possible matches to decide, manual steps open",
    5: "stale: something changed since the plan was shown; nothing was written",
}

COMMANDS = {
    "demo": "make a made-up company and show find, export and erase on it",
    "init": "look for registers on this machine and write a commented hub.toml",
    "check": "say how each source is: reachable, readable, erasable, which columns are known",
    "find": "find a person in every source",
    "export": "write the access package of one person",
    "erase": "plan an erase and show it; with --confirm carry it out",
    "done": "say that a manual step of a request was carried out by hand",
    "ledger": "verify: say whether every line of the ledger is as it was written",
    "login": "sign in to a source with your browser, once",
    "persons": "list every person with their entries",
    "refresh": "bring the mirror of all sources up to date; with --full make it anew",
    "same": "record that two entries are one person, whatever speaks against it",
    "different": "record that two entries are two people, whatever they have in common",
    "refuse": "remove somebody who does not want to be stored, and write nothing of them down",
    "report": "say where the registers disagree, hold too much or lack something; changes nothing in them",
    "requests": "list the requests, open and closed, and what each waits for",
    "schedule": "have the report made every night, or no longer",
    "undo": "put back what a request erased, within undo_days",
}

INTERRUPTED = 130
"""The exit code shells give a command that was stopped with Ctrl-C."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (see `EXIT_CODES`)."""
    options = parser().parse_args(arguments)
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


def parser() -> argparse.ArgumentParser:
    """The arguments of every command."""
    top = argparse.ArgumentParser(
        prog="hub",
        description="Finds, exports and erases one person in all registers of a small company.",
        epilog="Exit codes: " + "; ".join(f"{code} {meaning}" for code, meaning in EXIT_CODES.items()),
    )
    top.add_argument("--version", action="version", version=f"hub {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
    made = {name: commands.add_parser(name, help=text, description=text.capitalize() + ".") for name, text in COMMANDS.items()}
    for command in made.values():
        _common(command)
    for name in ("demo", "init"):
        made[name].add_argument("directory", nargs="?", type=Path, metavar="DIR", help="where to look and write")
    for name in ("find", "export", "erase", "refuse"):
        _person(made[name])
    for name in ("check", "persons"):
        _sources(made[name])
    made["export"].add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder the package is written into")
    for name in ("export", "erase", "refuse"):
        _decisions(made[name])
    refuse = made["refuse"]
    refuse.add_argument("--confirm", action="store_true", help="carry it out")
    refuse.add_argument(
        "--remember", action="store_true", help="only if they agreed: keep hashes that show when they are stored again"
    )
    for name in ("same", "different"):
        for entry in ("one", "other"):
            made[name].add_argument(entry, metavar="REF", help="an entry, as find --json shows it: REF or SOURCE:REF")
        made[name].set_defaults(source=[], who=[], person="")
    made["refresh"].add_argument("--full", action="store_true", help="forget what is mirrored and read every source anew")
    done = made["done"]
    done.add_argument("request", metavar="REQUEST", help="the number of the request")
    done.add_argument("step", type=int, metavar="STEP", help="the number of the step")
    done.add_argument("--note", default="", metavar="TEXT", help="how it was done, for your own records (no names)")
    made["undo"].add_argument("request", metavar="REQUEST", help="the number of the request")
    made["ledger"].add_argument("act", choices=("verify",), help="verify: check every line")
    login = made["login"]
    login.add_argument("which", metavar="SOURCE", help="the name of the source, or its kind where there is only one: gmail")
    login.add_argument("--revoke", action="store_true", help="sign out instead, and forget the sign-in")
    erase = made["erase"]
    erase.add_argument("--confirm", action="store_true", help="carry it out; with a request number: the pending request")
    erase.add_argument("--reason", default="", metavar="TEXT", help="why, for your own records (kept encrypted)")
    _report(made["report"])
    schedule = made["schedule"]
    schedule.add_argument("act", nargs="?", choices=("install", "remove", "show"), default="show", help="what to do")
    schedule.add_argument("--at", default="03:00", metavar="HH:MM", help="when the report is made (default: %(default)s)")
    schedule.add_argument("--html", action="store_true", help="also write the report's page into the hub's own folder")
    return top


def _report(command: argparse.ArgumentParser) -> None:
    command.set_defaults(source=[])
    command.add_argument("--html", type=Path, metavar="FILE", help="also write the report as a page to read and print")
    for name, text in (("accept", "this finding is right as it is"), ("unaccept", "show this finding again")):
        command.add_argument(f"--{name}", action="append", default=[], metavar="FINDING", help=f"{text} (may be repeated)")
    command.add_argument(
        "--reason", default="", metavar="TEXT", help="why a finding is accepted, for your own records (no names)"
    )


def _common(command: argparse.ArgumentParser) -> None:
    command.add_argument("--config", type=Path, metavar="FILE", help="the configuration (default: $HUB_CONFIG, else hub.toml)")
    command.add_argument("--json", action="store_true", help="print a JSON document instead of text")
    command.add_argument("--quiet", action="store_true", help="no progress and no hints")
    command.add_argument("--lang", choices=("fi", "en"), help="the language of texts (default: the configuration's)")


def _sources(command: argparse.ArgumentParser) -> None:
    command.add_argument("--source", action="append", default=[], metavar="NAME", help="ask only this source (may be repeated)")


def _person(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "who", nargs="*", metavar="WHO", help="name, part of a name, e-mail, phone, customer number, business id"
    )
    command.add_argument("--person", metavar="HANDLE", help="a handle that find showed, instead of WHO")
    _sources(command)


def _decisions(command: argparse.ArgumentParser) -> None:
    for name, text in (("include", "this possible match is the person"), ("exclude", "this possible match is somebody else")):
        command.add_argument(f"--{name}", action="append", default=[], metavar="REF", help=text)


def _run(options: argparse.Namespace) -> int:
    if hasattr(options, "who"):
        options.who = [word for word in options.who if word.strip()]
    if options.command in {"find", "export", "refuse"} and bool(options.who) == bool(options.person):
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
