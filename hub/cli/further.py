"""The arguments of commands that are not asked for every day: read only when one of these is meant, or help."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from connectors.phrase import Phrase

LETTERS = ("neutral", "access", "report", "receipt", "refusal", "extension")

KINDS = ("access", "erasure", "rectification", "restriction", "objection", "portability")
"""What a person may ask for; the same as `hub.ledger.KINDS`, which only a command that needs the ledger imports."""


def _pair(command: argparse.ArgumentParser) -> None:
    for entry in ("one", "other"):
        command.add_argument(entry, metavar=Phrase("REF"), help=Phrase("an entry, as find --json shows it: REF or SOURCE:REF"))
    command.set_defaults(source=[], who=[], person="")


def _refresh(command: argparse.ArgumentParser) -> None:
    command.add_argument("--full", action="store_true", help=Phrase("forget what is mirrored and read every source anew"))


def _done(command: argparse.ArgumentParser) -> None:
    command.add_argument("step", type=int, metavar=Phrase("STEP"), help=Phrase("the number of the step"))
    command.add_argument(
        "--note", default="", metavar=Phrase("TEXT"), help=Phrase("how it was done, for your own records (no names)")
    )


def _ledger(command: argparse.ArgumentParser) -> None:
    command.add_argument("act", choices=("verify",), metavar="verify", help=Phrase("verify: check every line"))


def _letter(command: argparse.ArgumentParser) -> None:
    command.add_argument("which", metavar=Phrase("KIND"), choices=LETTERS, help=", ".join(LETTERS))
    command.add_argument(
        "request", nargs="?", default="", metavar=Phrase("REQUEST"), help=Phrase("the number of the request (neutral: none)")
    )
    command.add_argument(
        "--out", type=Path, required=True, metavar=Phrase("DIR"), help=Phrase("the folder the letter is written into")
    )
    command.add_argument(
        "--reason",
        action="append",
        default=[],
        metavar=Phrase("TEXT"),
        help=Phrase("why, or what was done: the letter says it (may be repeated)"),
    )


def _login(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "which", metavar=Phrase("SOURCE"), help=Phrase("the name of the source, or its kind where there is only one: gmail")
    )
    command.add_argument("--revoke", action="store_true", help=Phrase("sign out instead, and forget the sign-in"))


def _asked(command: argparse.ArgumentParser) -> None:
    command.add_argument("--kind", required=True, choices=KINDS, help=Phrase("what is asked for"))
    command.add_argument(
        "--received", default="", metavar=Phrase("DATE"), help=Phrase("the day on which it came (default: today)")
    )
    command.add_argument(
        "--channel", default="", metavar=Phrase("WORD"), help=Phrase("email, phone, message, letter, form, in_person, other")
    )
    _identity(command)


def _identity(command: argparse.ArgumentParser, *, required: bool = False) -> None:
    text = Phrase("how you know that it is the person: called_back, same_email, invoice (its number and sum), known, not_yet")
    command.add_argument("--identity", default="", required=required, metavar=Phrase("HOW"), help=text)


def _identified(command: argparse.ArgumentParser) -> None:
    _identity(command, required=True)


def _because(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--reason", default="", metavar=Phrase("TEXT"), help=Phrase("why (kept encrypted, until the request is over)")
    )


def _closed(command: argparse.ArgumentParser) -> None:
    text = Phrase("by which way the answer went: email, phone, message, letter, form, in_person, other")
    command.add_argument("--delivered", required=True, metavar=Phrase("WAY"), help=text)
    command.add_argument("--on", default="", metavar=Phrase("DATE"), help=Phrase("the day on which it went (default: today)"))


def _breach(command: argparse.ArgumentParser) -> None:
    command.add_argument("act", choices=("new", "set", "show", "close"), metavar="new|set|show|close", help=Phrase("what to do"))
    command.add_argument(
        "number", nargs="?", default="", metavar=Phrase("NUMBER"), help=Phrase("which breach (show: all when left out)")
    )
    command.add_argument(
        "--aware",
        default="",
        metavar=Phrase("TIME"),
        help=Phrase("when you learned of it: 2026-11-28T09:30 or 28.11.2026 9.30 (default: now)"),
    )
    command.add_argument("--noticed-by", choices=("self", "other"), default="", help=Phrase("who noticed it (default: self)"))
    command.add_argument(
        "--risk", choices=("none", "risk", "high"), default="", help=Phrase("for those concerned (default: risk)")
    )
    for name, text in (
        ("what", Phrase("how it happened and why")),
        ("effects", Phrase("what may follow")),
        ("measures", Phrase("what was done, before and after")),
        ("delay", Phrase("why the authority is told late")),
        ("reason", Phrase("why nobody need be told (close)")),
    ):
        command.add_argument(f"--{name}", default="", metavar=Phrase("TEXT"), help=Phrase("{text}; no names", text=text))
    for name, text in (
        ("authority", Phrase("when the authority heard of it from you")),
        ("customers", Phrase("when the customers heard of it from you")),
    ):
        command.add_argument(f"--{name}", default="", metavar=Phrase("TIME"), help=text)
    command.add_argument("--out", type=Path, metavar=Phrase("DIR"), help=Phrase("write both drafts into this folder"))


def _when(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--how", default="", metavar=Phrase("TEXT"), help=Phrase("how it was said, for your own records (no names)")
    )
    command.add_argument(
        "--on", default="", metavar=Phrase("DATE"), help=Phrase("when it happened, as YYYY-MM-DD (default: today)")
    )


def _ask(command: argparse.ArgumentParser) -> None:
    answers = ("asked", "not_asked", "yes", "no", "answered_yes", "answered_no")
    command.add_argument(
        "--status", choices=answers, default="", help=Phrase("write this down; who gave no answer is asked, no more")
    )


def _consent(command: argparse.ArgumentParser) -> None:
    command.add_argument("act", choices=("give", "withdraw"), metavar="give|withdraw", help=Phrase("what the person did"))
    command.add_argument(
        "--for", dest="purpose", default="", metavar=Phrase("PURPOSE"), help=Phrase("what they agree to, such as marketing")
    )
    command.add_argument(
        "--wording", default="", metavar=Phrase("VERSION"), help=Phrase("which version of your text they were shown")
    )
    command.add_argument(
        "--until", default="", metavar=Phrase("DATE"), help=Phrase("the last day of a permission (default: 30 days)")
    )
    _recipient(command)


def _recipient(command: argparse.ArgumentParser) -> None:
    command.add_argument("--to", dest="recipient", default="", metavar=Phrase("RECIPIENT"), help=Phrase("who gets the data"))
    command.add_argument("--data", default="", metavar=Phrase("KINDS"), help=Phrase("which data, such as name,phone"))


def _objection(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--to",
        dest="purpose",
        default="",
        metavar=Phrase("PURPOSE"),
        help=Phrase("what they object to, such as marketing (default: every use)"),
    )


def _disclose(command: argparse.ArgumentParser) -> None:
    _recipient(command)
    command.add_argument(
        "--permission", default="", metavar=Phrase("NUMBER"), help=Phrase("use this permission (default: the one there is)")
    )
    command.add_argument(
        "--out", type=Path, metavar=Phrase("DIR"), help=Phrase("also write the data into a folder below this one")
    )
    command.add_argument(
        "--told", default="", metavar=Phrase("NUMBER"), help=Phrase("the recipient of this disclosure heard of the change")
    )
    command.add_argument(
        "--on", default="", metavar=Phrase("DATE"), help=Phrase("when it happened, as YYYY-MM-DD (default: today)")
    )


def _report(command: argparse.ArgumentParser) -> None:
    command.set_defaults(source=[])
    command.add_argument(
        "--html", type=Path, metavar=Phrase("FILE"), help=Phrase("also write the report as a page to read and print")
    )
    for name, text in (("accept", Phrase("this finding is right as it is")), ("unaccept", Phrase("show this finding again"))):
        command.add_argument(
            f"--{name}",
            action="append",
            default=[],
            metavar=Phrase("FINDING"),
            help=Phrase("{text} (may be repeated)", text=text),
        )
    command.add_argument(
        "--reason", default="", metavar=Phrase("TEXT"), help=Phrase("why a finding is accepted, for your own records (no names)")
    )


def _schedule(command: argparse.ArgumentParser) -> None:
    command.add_argument("act", nargs="?", choices=("install", "remove", "show"), default="show", help=Phrase("what to do"))
    command.add_argument("--at", default="03:00", metavar="HH:MM", help=Phrase("when the report is made (default: %(default)s)"))
    command.add_argument("--html", action="store_true", help=Phrase("also write the report's page into the hub's own folder"))


PARTS: dict[str, Callable[[argparse.ArgumentParser], None]] = {
    "pair": _pair,
    "refresh": _refresh,
    "done": _done,
    "ledger": _ledger,
    "letter": _letter,
    "login": _login,
    "asked": _asked,
    "identified": _identified,
    "because": _because,
    "closed": _closed,
    "breach": _breach,
    "when": _when,
    "ask": _ask,
    "consent": _consent,
    "objection": _objection,
    "disclose": _disclose,
    "report": _report,
    "schedule": _schedule,
}
"""What each adds to a command."""
