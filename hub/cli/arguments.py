"""The arguments of every command."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NoReturn

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
    "breach": "write down that data came into wrong hands, show how long you have to tell, and write both drafts",
    "ask": "show what a person was asked and agreed to; with --status write down what they answered",
    "consent": "write down that a person gave a consent or a permission, or took it back",
    "objection": "write down an objection, with a task for each place where the data must not be used any more",
    "disclose": "pass data on by a permission for exactly that; without WHO list who got what",
    "rectify": "plan to put a wrong value right in every register and show it; with --confirm carry it out",
    "check": "say how each source is: reachable, readable, erasable, which columns are known",
    "find": "find a person in every source",
    "export": "write the access package of one person",
    "erase": "plan an erase and show it; with --confirm carry it out",
    "done": "say that a manual step of a request was carried out by hand",
    "ledger": "verify: say whether every line of the ledger is as it was written",
    "letter": "write a letter to a person, as HTML and PDF",
    "login": "sign in to a source with your browser, once",
    "persons": "list every person with their entries",
    "refresh": "bring the mirror of all sources up to date; with --full make it anew",
    "same": "record that two entries are one person, whatever speaks against it",
    "different": "record that two entries are two people, whatever they have in common",
    "refuse": "remove somebody who does not want to be stored, and write nothing of them down",
    "report": "say where the registers disagree, hold too much or lack something; changes nothing in them",
    "request": "write down what a person asks for (new), and follow it: show, identify, extend, hold, resume, cancel, close",
    "requests": "list the requests, open and closed, and what each waits for",
    "schedule": "have the report made every night, or no longer",
    "undo": "put back what a request erased, within undo_days",
}

LETTERS = ("neutral", "access", "report", "receipt", "refusal", "extension")


KINDS = ("access", "erasure", "rectification", "restriction", "objection", "portability")
"""What a person may ask for; the same as `hub.ledger.KINDS`, which only a command that needs the ledger imports."""


class _Help(argparse.HelpFormatter):
    """As wide as the terminal. The standard one asks `shutil`, and with it imports every archive format, for each argument."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_width() - 2)


@cache
def _width() -> int:
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns):
        return int(columns)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or 80  # type: ignore[union-attr]  # None is an AttributeError, caught below
    except (AttributeError, ValueError, OSError):
        return 80


class _Parser(argparse.ArgumentParser):
    """Says what is wrong as every error of the hub is said: in the owner's language, and as a document with --json."""

    def error(self, message: str) -> NoReturn:
        from hub.cli.mistyped import mistyped  # most commands are typed well

        raise mistyped(message, self.prog)


def options_at_a_glance(words: Sequence[str]) -> argparse.Namespace:
    """How an error is to be told, while the arguments themselves are not understood yet."""

    def after(option: str) -> str | None:
        joined = next((word.partition("=")[2] for word in words if word.startswith(f"{option}=")), None)
        return joined or next((value for word, value in pairwise(words) if word == option), None)

    config, lang = after("--config"), after("--lang")
    return argparse.Namespace(
        command=words[0] if words and words[0] in COMMANDS else None,
        json="--json" in words,
        config=Path(config) if config else None,
        lang=lang if lang in {"fi", "en"} else None,
    )


def parser(command: str = "") -> argparse.ArgumentParser:
    """The arguments of every command, or of the one command that is meant: nobody waits for those of the others.

    It raises `UsageError` for what it does not understand.
    """
    top = _Parser(
        prog="hub",
        description="Finds, exports and erases one person in all registers of a small company.",
        formatter_class=_Help,
        epilog="Exit codes: " + "; ".join(f"{code} {meaning}" for code, meaning in EXIT_CODES.items()),
    )
    top.add_argument("--version", action="version", version=f"hub {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", prog="hub")
    for name in [command] if command in COMMANDS else COMMANDS:
        made = commands.add_parser(
            name, help=COMMANDS[name], description=COMMANDS[name].capitalize() + ".", formatter_class=_Help
        )
        if name not in _ACTS:
            _common(made)
        for part in _PARTS.get(name, ()):
            part(made)
    return top


def _common(command: argparse.ArgumentParser) -> None:
    command.add_argument("--config", type=Path, metavar="FILE", help="the configuration (default: $HUB_CONFIG, else hub.toml)")
    command.add_argument("--json", action="store_true", help="print a JSON document instead of text")
    command.add_argument("--quiet", action="store_true", help="no progress and no hints")
    command.add_argument("--lang", choices=("fi", "en"), help="the language of texts (default: the configuration's)")


def _directory(command: argparse.ArgumentParser) -> None:
    command.add_argument("directory", nargs="?", type=Path, metavar="DIR", help="where to look and write")


def _person(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "who", nargs="*", metavar="WHO", help="name, part of a name, e-mail, phone, customer number, business id"
    )
    command.add_argument("--person", metavar="HANDLE", help="a handle that find showed, instead of WHO")
    _sources(command)


def _by_value(command: argparse.ArgumentParser) -> None:
    command.add_argument("--by-value", action="store_true", help="list every place where this e-mail, phone or full name stands")


def _sources(command: argparse.ArgumentParser) -> None:
    command.add_argument("--source", action="append", default=[], metavar="NAME", help="ask only this source (may be repeated)")


def _out(command: argparse.ArgumentParser) -> None:
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder the package is written into")


def _handing(command: argparse.ArgumentParser) -> None:
    command.add_argument("--encrypt", action="store_true", help="write one encrypted ZIP (AES-256) and nothing in the clear")
    command.add_argument("--password-command", default="", metavar="COMMAND", help="its password is this command's first line")
    command.add_argument(
        "--looked", action="store_true", help="you looked at the places where others are covered, and they are right"
    )
    command.add_argument("--show", action="append", default=[], metavar="PLACE", help="this place is not somebody else: show it")


def _decisions(command: argparse.ArgumentParser) -> None:
    for name, text in (("include", "this possible match is the person"), ("exclude", "this possible match is somebody else")):
        command.add_argument(f"--{name}", action="append", default=[], metavar="REF", help=text)


def _pair(command: argparse.ArgumentParser) -> None:
    for entry in ("one", "other"):
        command.add_argument(entry, metavar="REF", help="an entry, as find --json shows it: REF or SOURCE:REF")
    command.set_defaults(source=[], who=[], person="")


def _refresh(command: argparse.ArgumentParser) -> None:
    command.add_argument("--full", action="store_true", help="forget what is mirrored and read every source anew")


def _request(command: argparse.ArgumentParser) -> None:
    command.add_argument("request", metavar="REQUEST", help="the number of the request")


def _done(command: argparse.ArgumentParser) -> None:
    command.add_argument("step", type=int, metavar="STEP", help="the number of the step")
    command.add_argument("--note", default="", metavar="TEXT", help="how it was done, for your own records (no names)")


def _ledger(command: argparse.ArgumentParser) -> None:
    command.add_argument("act", choices=("verify",), metavar="verify", help="verify: check every line")


def _letter(command: argparse.ArgumentParser) -> None:
    command.add_argument("which", metavar="KIND", choices=LETTERS, help=", ".join(LETTERS))
    command.add_argument("request", nargs="?", default="", metavar="REQUEST", help="the number of the request (neutral: none)")
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder the letter is written into")
    command.add_argument(
        "--reason",
        action="append",
        default=[],
        metavar="TEXT",
        help="why, or what was done: the letter says it (may be repeated)",
    )


def _login(command: argparse.ArgumentParser) -> None:
    command.add_argument("which", metavar="SOURCE", help="the name of the source, or its kind where there is only one: gmail")
    command.add_argument("--revoke", action="store_true", help="sign out instead, and forget the sign-in")


def _for_request(command: argparse.ArgumentParser) -> None:
    command.add_argument("--request", default="", metavar="REQUEST", help="the request of the person that this is done for")


def _owner(command: argparse.ArgumentParser) -> None:
    command.add_argument("--owner", action="store_true", help="yes, this is the controller's own contact, or somebody like it")


def _requesting(command: argparse.ArgumentParser) -> None:
    acts = command.add_subparsers(dest="act", metavar="|".join(_REQUEST_ACTS), required=True)
    for name, (text, parts) in _REQUEST_ACTS.items():
        made = acts.add_parser(name, help=text, description=text.capitalize() + ".", formatter_class=_Help)
        _common(made)
        for part in parts:
            part(made)


def _asked(command: argparse.ArgumentParser) -> None:
    command.add_argument("--kind", required=True, choices=KINDS, help="what is asked for")
    command.add_argument("--received", default="", metavar="DATE", help="the day on which it came (default: today)")
    command.add_argument("--channel", default="", metavar="WORD", help="email, phone, message, letter, form, in_person, other")
    _identity(command)


def _identity(command: argparse.ArgumentParser, *, required: bool = False) -> None:
    text = "how you know that it is the person: called_back, same_email, invoice (its number and sum), known, not_yet"
    command.add_argument("--identity", default="", required=required, metavar="HOW", help=text)


def _identified(command: argparse.ArgumentParser) -> None:
    _identity(command, required=True)


def _because(command: argparse.ArgumentParser) -> None:
    command.add_argument("--reason", default="", metavar="TEXT", help="why (kept encrypted, until the request is over)")


def _closed(command: argparse.ArgumentParser) -> None:
    text = "by which way the answer went: email, phone, message, letter, form, in_person, other"
    command.add_argument("--delivered", required=True, metavar="WAY", help=text)
    command.add_argument("--on", default="", metavar="DATE", help="the day on which it went (default: today)")


def _erase(command: argparse.ArgumentParser) -> None:
    command.add_argument("--confirm", action="store_true", help="carry it out; with a request number: the pending request")
    command.add_argument("--reason", default="", metavar="TEXT", help="why, for your own records (kept encrypted)")
    command.add_argument(
        "--everybody",
        action="store_true",
        help="list everybody's plan, with --reason closes or owner_changes; --confirm FINGERPRINT",
    )
    command.add_argument("--html", type=Path, metavar="FILE", help="write the listing of everybody as a page to read and print")


def _rectify(command: argparse.ArgumentParser) -> None:
    for kind in ("name", "email", "phone", "address", "postcode", "city", "title", "birthday"):
        command.add_argument(f"--{kind}", metavar="NEW", help=f"the right {kind}")
    command.add_argument("--old", default="", metavar="VALUE", help="the wrong value, where several differ")
    command.add_argument("--confirm", action="store_true", help="carry it out; with a request number: the pending request")


def _refuse(command: argparse.ArgumentParser) -> None:
    command.add_argument("--confirm", action="store_true", help="carry it out")
    command.add_argument(
        "--remember", action="store_true", help="only if they agreed: keep hashes that show when they are stored again"
    )


def _breach(command: argparse.ArgumentParser) -> None:
    command.add_argument("act", choices=("new", "set", "show", "close"), metavar="new|set|show|close", help="what to do")
    command.add_argument("number", nargs="?", default="", metavar="NUMBER", help="which breach (show: all when left out)")
    command.add_argument(
        "--aware", default="", metavar="TIME", help="when you learned of it: 2026-11-28T09:30 or 28.11.2026 9.30 (default: now)"
    )
    command.add_argument("--noticed-by", choices=("self", "other"), default="", help="who noticed it (default: self)")
    command.add_argument("--risk", choices=("none", "risk", "high"), default="", help="for those concerned (default: risk)")
    for name, text in (
        ("what", "how it happened and why"),
        ("effects", "what may follow"),
        ("measures", "what was done, before and after"),
        ("delay", "why the authority is told late"),
        ("reason", "why nobody need be told (close)"),
    ):
        command.add_argument(f"--{name}", default="", metavar="TEXT", help=f"{text}; no names")
    for name in ("authority", "customers"):
        command.add_argument(f"--{name}", default="", metavar="TIME", help=f"when the {name} heard of it from you")
    command.add_argument("--out", type=Path, metavar="DIR", help="write both drafts into this folder")


def _when(command: argparse.ArgumentParser) -> None:
    command.add_argument("--how", default="", metavar="TEXT", help="how it was said, for your own records (no names)")
    command.add_argument("--on", default="", metavar="DATE", help="when it happened, as YYYY-MM-DD (default: today)")


def _ask(command: argparse.ArgumentParser) -> None:
    answers = ("asked", "not_asked", "yes", "no", "answered_yes", "answered_no")
    command.add_argument("--status", choices=answers, default="", help="write this down; who gave no answer is asked, no more")


def _consent(command: argparse.ArgumentParser) -> None:
    command.add_argument("act", choices=("give", "withdraw"), metavar="give|withdraw", help="what the person did")
    command.add_argument("--for", dest="purpose", default="", metavar="PURPOSE", help="what they agree to, such as marketing")
    command.add_argument("--wording", default="", metavar="VERSION", help="which version of your text they were shown")
    command.add_argument("--until", default="", metavar="DATE", help="the last day of a permission (default: 30 days)")
    _recipient(command)


def _recipient(command: argparse.ArgumentParser) -> None:
    command.add_argument("--to", dest="recipient", default="", metavar="RECIPIENT", help="who gets the data")
    command.add_argument("--data", default="", metavar="KINDS", help="which data, such as name,phone")


def _objection(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--to", dest="purpose", default="", metavar="PURPOSE", help="what they object to, such as marketing (default: every use)"
    )


def _disclose(command: argparse.ArgumentParser) -> None:
    _recipient(command)
    command.add_argument("--permission", default="", metavar="NUMBER", help="use this permission (default: the one there is)")
    command.add_argument("--out", type=Path, metavar="DIR", help="also write the data into a folder below this one")
    command.add_argument("--told", default="", metavar="NUMBER", help="the recipient of this disclosure heard of the change")
    command.add_argument("--on", default="", metavar="DATE", help="when it happened, as YYYY-MM-DD (default: today)")


def _report(command: argparse.ArgumentParser) -> None:
    command.set_defaults(source=[])
    command.add_argument("--html", type=Path, metavar="FILE", help="also write the report as a page to read and print")
    for name, text in (("accept", "this finding is right as it is"), ("unaccept", "show this finding again")):
        command.add_argument(f"--{name}", action="append", default=[], metavar="FINDING", help=f"{text} (may be repeated)")
    command.add_argument(
        "--reason", default="", metavar="TEXT", help="why a finding is accepted, for your own records (no names)"
    )


def _schedule(command: argparse.ArgumentParser) -> None:
    command.add_argument("act", nargs="?", choices=("install", "remove", "show"), default="show", help="what to do")
    command.add_argument("--at", default="03:00", metavar="HH:MM", help="when the report is made (default: %(default)s)")
    command.add_argument("--html", action="store_true", help="also write the report's page into the hub's own folder")


_Part = Callable[[argparse.ArgumentParser], None]

_REQUEST_ACTS: dict[str, tuple[str, tuple[_Part, ...]]] = {
    "new": ("write down what somebody asks for", (_person, _asked, _owner)),
    "show": ("show a request, how it went and what comes next", (_request,)),
    "identify": ("say how it was checked that it is the person who asks", (_request, _identified)),
    "extend": ("take three months in all for the answer, told within the first", (_request, _because)),
    "hold": ("put a request off; its last day stays", (_request, _because)),
    "resume": ("go on with a request that was on hold", (_request,)),
    "cancel": ("end a request of which nothing was done, and forget whom it was about", (_request,)),
    "close": ("end a request that was answered and has its receipt", (_request, _closed)),
}

_ACTS = {"request"}
"""Commands whose options stand behind an act."""

_PARTS: dict[str, tuple[_Part, ...]] = {
    "demo": (_directory,),
    "init": (_directory,),
    "check": (_sources,),
    "find": (_person, _by_value),
    "export": (_person, _out, _decisions, _handing, _for_request),
    "erase": (_person, _decisions, _erase, _for_request, _owner),
    "refuse": (_person, _decisions, _refuse, _owner),
    "breach": (_breach, _sources),
    "rectify": (_person, _decisions, _rectify, _for_request),
    "ask": (_person, _ask, _when),
    "consent": (_consent, _person, _when),
    "objection": (_person, _objection, _when, _for_request),
    "disclose": (_person, _disclose),
    "done": (_request, _done),
    "ledger": (_ledger,),
    "letter": (_letter,),
    "login": (_login,),
    "persons": (_sources,),
    "refresh": (_refresh,),
    "same": (_pair,),
    "different": (_pair,),
    "report": (_report,),
    "request": (_requesting,),
    "schedule": (_schedule,),
    "undo": (_request,),
}
"""What each command takes beside what all of them take."""
