"""The arguments of every command."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn

from connectors.phrase import Phrase
from hub import __version__

Say = Callable[[str], str]
"""Says a phrase in a language."""

EXIT_CODES = {
    0: Phrase("complete"),
    1: Phrase("internal fault (a bug)"),
    2: Phrase("usage or configuration"),
    3: Phrase("incomplete: a source did not answer, or a step failed"),
    4: Phrase("waits for a human: several persons match, possible matches to decide, manual steps open"),
    5: Phrase("stale: something changed since the plan was shown; nothing was written"),
}

COMMANDS = {
    "demo": Phrase("make a made-up company and show find, export and erase on it"),
    "init": Phrase("look for registers on this machine and write a commented hub.toml"),
    "breach": Phrase("write down that data came into wrong hands, show how long you have to tell, and write both drafts"),
    "ask": Phrase("show what a person was asked and agreed to; with --status write down what they answered"),
    "consent": Phrase("write down that a person gave a consent or a permission, or took it back"),
    "objection": Phrase("write down an objection, with a task for each place where the data must not be used any more"),
    "disclose": Phrase("pass data on by a permission for exactly that; without WHO list who got what"),
    "rectify": Phrase("plan to put a wrong value right in every register and show it; with --confirm carry it out"),
    "check": Phrase("say how each source is: reachable, readable, erasable, which columns are known"),
    "find": Phrase("find a person in every source"),
    "export": Phrase("write the access package of one person"),
    "erase": Phrase("plan an erase and show it; with --confirm carry it out"),
    "done": Phrase("say that a manual step of a request was carried out by hand"),
    "ledger": Phrase("verify: say whether every line of the ledger is as it was written"),
    "letter": Phrase("write a letter to a person, as HTML and PDF"),
    "login": Phrase("sign in to a source with your browser, once"),
    "persons": Phrase("list every person with their entries"),
    "refresh": Phrase("bring the mirror of all sources up to date; with --full make it anew"),
    "same": Phrase("record that two entries are one person, whatever speaks against it"),
    "different": Phrase("record that two entries are two people, whatever they have in common"),
    "refuse": Phrase("remove somebody who does not want to be stored, and write nothing of them down"),
    "report": Phrase("say where the registers disagree, hold too much or lack something; changes nothing in them"),
    "request": Phrase(
        "write down what a person asks for (new), and follow it: show, identify, extend, hold, resume, cancel, close"
    ),
    "requests": Phrase("list the requests, open and closed, and what each waits for"),
    "schedule": Phrase("have the report made every night, or no longer"),
    "undo": Phrase("put back what a request erased, within undo_days"),
}


class _Help(argparse.HelpFormatter):
    """As wide as the terminal. The standard one asks `shutil`, and with it imports every archive format, for each argument."""

    def __init__(self, prog: str, say: Say = str) -> None:
        super().__init__(prog, width=_width() - 2)
        self._say = say

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        """In the language of the help."""
        super().add_usage(usage, actions, groups, self._say(Phrase("usage: ")) if prefix is None else prefix)


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
    """Says its help, and what is wrong as every error of the hub is said: in the owner's language, and as a document with --json."""

    def __init__(self, *, say: Say = str, description: Phrase, **told: Any) -> None:
        self.say = say
        text = say(description)
        description_said = f"{text[:1].upper()}{text[1:]}."
        super().__init__(description=description_said, formatter_class=partial(_Help, say=say), add_help=False, **told)
        self.add_argument("-h", "--help", action="help", help=Phrase("show this help and end"))

    def add_argument(self, *names: Any, **told: Any) -> argparse.Action:
        """As of every parser; its words are said in the language of the help."""
        said = {name: self.say(told[name]) for name in ("help", "metavar") if isinstance(told.get(name), str)}
        return super().add_argument(*names, **told | said)

    def add_argument_group(self, title: str | None = None, *rest: Any, **told: Any) -> Any:
        """The two that argparse makes by itself have titles of its own."""
        return super().add_argument_group(self.say(_TITLES.get(title or "", title or "")), *rest, **told)

    def error(self, message: str) -> NoReturn:
        from hub.cli.mistyped import mistyped  # most commands are typed well

        raise mistyped(message, self.prog)


_TITLES = {"options": Phrase("options"), "positional arguments": Phrase("arguments")}


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


def parser(command: str = "", say: Say = str) -> argparse.ArgumentParser:
    """The arguments of every command, or of the one command that is meant: nobody waits for those of the others.

    `say` says its help in a language. It raises `UsageError` for what it does not understand.
    """
    codes = "; ".join(f"{code} {say(meaning)}" for code, meaning in EXIT_CODES.items())
    top = _Parser(
        prog="hub",
        say=say,
        description=Phrase("finds, exports and erases one person in all registers of a small company"),
        epilog=say(Phrase("Exit codes: {codes}", codes=codes)),
    )
    top.add_argument("--version", action="version", version=f"hub {__version__}", help=Phrase("show the version and end"))
    commands = top.add_subparsers(dest="command", metavar=say(Phrase("COMMAND")), prog="hub")
    for name in [command] if command in COMMANDS else COMMANDS:
        made = commands.add_parser(name, help=say(COMMANDS[name]), description=COMMANDS[name], say=say)
        if name not in _ACTS:
            _common(made)
        for part in _PARTS.get(name, ()):
            _add(part, made)
    return top


def _add(part: _Part, command: argparse.ArgumentParser) -> None:
    if isinstance(part, str):
        from hub.cli.further import PARTS  # what is not asked for every day

        part = PARTS[part]
    part(command)


def _common(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--config", type=Path, metavar=Phrase("FILE"), help=Phrase("the configuration (default: $HUB_CONFIG, else hub.toml)")
    )
    command.add_argument("--json", action="store_true", help=Phrase("print a JSON document instead of text"))
    command.add_argument("--quiet", action="store_true", help=Phrase("no progress and no hints"))
    command.add_argument("--lang", choices=("fi", "en"), help=Phrase("the language of texts (default: the configuration's)"))


def _directory(command: argparse.ArgumentParser) -> None:
    command.add_argument("directory", nargs="?", type=Path, metavar=Phrase("DIR"), help=Phrase("where to look and write"))


def _person(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "who", nargs="*", metavar=Phrase("WHO"), help=Phrase("name, part of a name, e-mail, phone, customer number, business id")
    )
    command.add_argument("--person", metavar=Phrase("HANDLE"), help=Phrase("a handle that find showed, instead of WHO"))
    _sources(command)


def _by_value(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--by-value", action="store_true", help=Phrase("list every place where this e-mail, phone or full name stands")
    )


def _sources(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--source", action="append", default=[], metavar=Phrase("NAME"), help=Phrase("ask only this source (may be repeated)")
    )


def _out(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--out", type=Path, required=True, metavar=Phrase("DIR"), help=Phrase("the folder the package is written into")
    )


def _handing(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--encrypt", action="store_true", help=Phrase("write one encrypted ZIP (AES-256) and nothing in the clear")
    )
    command.add_argument(
        "--password-command", default="", metavar=Phrase("COMMAND"), help=Phrase("its password is this command's first line")
    )
    command.add_argument(
        "--looked", action="store_true", help=Phrase("you looked at the places where others are covered, and they are right")
    )
    command.add_argument(
        "--show", action="append", default=[], metavar=Phrase("PLACE"), help=Phrase("this place is not somebody else: show it")
    )


def _decisions(command: argparse.ArgumentParser) -> None:
    for name, text in (
        ("include", Phrase("this possible match is the person")),
        ("exclude", Phrase("this possible match is somebody else")),
    ):
        command.add_argument(f"--{name}", action="append", default=[], metavar=Phrase("REF"), help=text)


def _request(command: argparse.ArgumentParser) -> None:
    command.add_argument("request", metavar=Phrase("REQUEST"), help=Phrase("the number of the request"))


def _for_request(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--request", default="", metavar=Phrase("REQUEST"), help=Phrase("the request of the person that this is done for")
    )


def _owner(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--owner", action="store_true", help=Phrase("yes, this is the controller's own contact, or somebody like it")
    )


def _requesting(command: argparse.ArgumentParser) -> None:
    assert isinstance(command, _Parser)
    acts = command.add_subparsers(dest="act", metavar="|".join(_REQUEST_ACTS), required=True)
    for name, (text, parts) in _REQUEST_ACTS.items():
        made = acts.add_parser(name, help=command.say(text), description=text, say=command.say)
        _common(made)
        for part in parts:
            _add(part, made)


def _erase(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--confirm", action="store_true", help=Phrase("carry it out; with a request number: the pending request")
    )
    command.add_argument(
        "--reason", default="", metavar=Phrase("TEXT"), help=Phrase("why, for your own records (kept encrypted)")
    )
    command.add_argument(
        "--everybody",
        action="store_true",
        help=Phrase("list everybody's plan, with --reason closes or owner_changes; --confirm FINGERPRINT"),
    )
    command.add_argument(
        "--html", type=Path, metavar=Phrase("FILE"), help=Phrase("write the listing of everybody as a page to read and print")
    )


def _rectify(command: argparse.ArgumentParser) -> None:
    for kind, word in _CORRECTABLE.items():
        command.add_argument(f"--{kind}", metavar=Phrase("NEW"), help=Phrase("the right value: {kind}", kind=word))
    command.add_argument("--old", default="", metavar=Phrase("VALUE"), help=Phrase("the wrong value, where several differ"))
    command.add_argument(
        "--confirm", action="store_true", help=Phrase("carry it out; with a request number: the pending request")
    )


def _refuse(command: argparse.ArgumentParser) -> None:
    command.add_argument("--confirm", action="store_true", help=Phrase("carry it out"))
    command.add_argument(
        "--remember", action="store_true", help=Phrase("only if they agreed: keep hashes that show when they are stored again")
    )


_CORRECTABLE = {
    "name": Phrase("name"),
    "email": Phrase("e-mail"),
    "phone": Phrase("phone"),
    "address": Phrase("address"),
    "postcode": Phrase("postcode"),
    "city": Phrase("city"),
    "title": Phrase("title"),
    "birthday": Phrase("birthday"),
}

_Part = Callable[[argparse.ArgumentParser], None] | str
"""What adds arguments to a command; one of `hub.cli.further`, by its name."""

_REQUEST_ACTS: dict[str, tuple[Phrase, tuple[_Part, ...]]] = {
    "new": (Phrase("write down what somebody asks for"), (_person, "asked", _owner)),
    "show": (Phrase("show a request, how it went and what comes next"), (_request,)),
    "identify": (Phrase("say how it was checked that it is the person who asks"), (_request, "identified")),
    "extend": (Phrase("take three months in all for the answer, told within the first"), (_request, "because")),
    "hold": (Phrase("put a request off; its last day stays"), (_request, "because")),
    "resume": (Phrase("go on with a request that was on hold"), (_request,)),
    "cancel": (Phrase("end a request of which nothing was done, and forget whom it was about"), (_request,)),
    "close": (Phrase("end a request that was answered and has its receipt"), (_request, "closed")),
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
    "breach": ("breach", _sources),
    "rectify": (_person, _decisions, _rectify, _for_request),
    "ask": (_person, "ask", "when"),
    "consent": ("consent", _person, "when"),
    "objection": (_person, "objection", "when", _for_request),
    "disclose": (_person, "disclose"),
    "done": (_request, "done"),
    "ledger": ("ledger",),
    "letter": ("letter",),
    "login": ("login",),
    "persons": (_sources,),
    "refresh": ("refresh",),
    "same": ("pair",),
    "different": ("pair",),
    "report": ("report",),
    "request": (_requesting,),
    "schedule": ("schedule",),
    "undo": (_request,),
}
"""What each command takes beside what all of them take."""
