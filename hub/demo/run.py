"""The walk-through: the whole job on the made-up company, each step with the command that a person would type."""

from __future__ import annotations

import io
import json
import os
import shlex
import shutil
import tempfile
import textwrap
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from connectors.errors import Fault
from connectors.phrase import Phrase
from hub.demo.company import Demo, build
from hub.demo.people import HER_EMAIL, HER_NAME
from hub.demo.registers import INVOICE, export_again
from hub.language import Language

Command = Callable[[Sequence[str]], int]
"""`hub.cli.main`: takes the arguments, returns the exit code."""

COMPLETE, WAITS = 0, 4
_WIDTH = 100
_DONE = {"erased", "redacted", "already_absent", "retained"}
_SOURCES = {"customers", "mail", "cards", "newsletter", "invoicing", "binder"}


def run(folder: Path | None, out: TextIO, hub: Command, language: str = "en") -> int:
    """Build the company in `folder` (a new temporary one when None) and walk through find, export and erase on it.

    Returns 0. Nothing outside the folder is touched, the system's keyring included. Raises `UsageError` when the
    folder holds anything, `Fault` when a step does not do what it promises.
    """
    demo = build(folder or Path(tempfile.mkdtemp(prefix="hub-demo-")), language)
    walk = _Walk(demo, out, hub, Language(language))
    with _key_in_folder():
        _find_export_erase(walk)
    _tell_files(walk)
    return COMPLETE


def _find_export_erase(walk: _Walk) -> None:
    exclude = [word for ref in _find(walk) for word in ("--exclude", ref)]
    _export(walk, exclude)
    request = _plan(walk, exclude)
    hands = _confirm(walk, request)
    _by_hand(walk, request, hands)
    _find_again(walk)


def _find(walk: _Walk) -> list[str]:
    """Find her; returns the refs of the entries that only may be hers."""
    walk.title(Phrase("A made-up company"))
    walk.say(
        Phrase(
            "It has 40 customers in a workbook, address books in Thunderbird, contact cards, a newsletter list, exports of its "
            "invoicing program and a paper binder."
        )
    )
    walk.say(Phrase("Everything is in {folder}.", folder=walk.demo.folder))
    walk.title(Phrase("1. Find"))
    walk.say(Phrase("A customer rings: show me what you have on me, then delete it. Who has that name?"))
    walk.type("find", HER_NAME, expect=(COMPLETE, WAITS))
    walk.say(Phrase("Two people bear that name, so a name alone decides nothing. Her e-mail address does:"))
    persons = walk.ask("find", HER_EMAIL, expect=(COMPLETE, WAITS))["persons"]
    walk.demand(len(persons) == 1, Phrase("one person was expected, {count} were found", count=len(persons)))
    verdicts = [entry["verdict"] for entry in persons[0]["entries"]]
    sources = {entry["source"] for entry in persons[0]["entries"] if entry["verdict"] == "link"}
    walk.demand(sources == _SOURCES, Phrase("she was not found in every register"))
    walk.say(
        Phrase(
            "One person: {sure} entries are hers for sure, each with its evidence; {possible} only bear the name.",
            sure=verdicts.count("link"),
            possible=verdicts.count("possible"),
        )
    )
    return [entry["ref"] for entry in persons[0]["entries"] if entry["verdict"] == "possible"]


def _export(walk: _Walk, exclude: Sequence[str]) -> None:
    walk.title(Phrase("2. Export"))
    walk.say(
        Phrase(
            "Her copy of everything: a page for her, the data for programs, a contact card, her photo, her invoice, her paper."
        )
    )
    walk.type("export", HER_EMAIL, "--out", str(walk.demo.folder / "outbox"), *exclude)
    shutil.copytree(walk.demo.folder / "outbox", walk.demo.folder / "access-package")
    walk.say(
        Phrase(
            "She takes her copy with her, into the folder access-package. The one in the folder outbox is erased like the rest."
        )
    )


def _plan(walk: _Walk, exclude: Sequence[str]) -> str:
    """Plan the erase, decide on the namesake; returns the number of the request that is ready."""
    walk.title(Phrase("3. Plan the erase"))
    walk.say(Phrase("Planning changes nothing. It shows every step, and what a human must decide first."))
    walk.type("erase", HER_EMAIL, expect=(COMPLETE, WAITS))
    if exclude:
        walk.title(Phrase("4. Decide"))
        walk.say(Phrase("The namesake has another e-mail address and another phone: somebody else. We say so."))
    plan = walk.ask("erase", HER_EMAIL, *exclude)
    walk.demand(not plan["review"], Phrase("something is still undecided"))
    walk.say(Phrase("Request {number} is ready: {count} steps.", number=plan["request"], count=len(plan["steps"])))
    return str(plan["request"])


def _confirm(walk: _Walk, request: str) -> list[str]:
    """Erase; returns the numbers of the steps that wait for a hand."""
    walk.title(Phrase("5. Erase"))
    walk.say(Phrase("Only now the registers are written, step by step, each read back and searched for her values."))
    walk.type("erase", "--confirm", request, expect=(WAITS,))
    walk.say(Phrase("Confirming a request again changes nothing and tells its outcome once more:"))
    outcome = walk.ask("erase", "--confirm", request, expect=(WAITS,))
    hands = [str(item["step"]) for item in outcome["outcomes"] if item["outcome"] == "manual_pending"]
    kept = [item for item in outcome["outcomes"] if item["outcome"] == "retained" and item["reason"]]
    walk.demand(len(hands) == 2 and len(kept) == 1, Phrase("two steps for a hand and one invoice to keep were expected"))
    _demand_done(walk, outcome, besides=hands)
    walk.say(Phrase("The invoice is kept, with its reason. Steps that wait for a hand: {count}", count=len(hands)))
    return hands


def _by_hand(walk: _Walk, request: str, hands: Sequence[str]) -> None:
    walk.title(Phrase("6. By hand"))
    walk.say(Phrase("No program shreds paper, or deletes a card in the invoicing program. When a step is done, say so."))
    walk.say(Phrase("That the card is gone the hub sees by the next export of the customers, which is in the folder now:"))
    export_again(walk.demo.exports)
    for number in hands:
        walk.type("done", request, number, expect=(COMPLETE if number == hands[-1] else WAITS,))
    outcome = walk.ask("erase", "--confirm", request)
    _demand_done(walk, outcome)
    count = len(outcome["outcomes"])
    walk.say(
        Phrase(
            "{count} steps done and verified; residue: none, but for the invoice not one of her values is left in any byte.",
            count=count,
        )
    )


def _demand_done(walk: _Walk, outcome: Mapping[str, Any], besides: Collection[str] = ()) -> None:
    steps = [item for item in outcome["outcomes"] if str(item["step"]) not in besides]
    unfinished = [item for item in steps if item["outcome"] not in _DONE or not item["verified"]]
    walk.demand(not unfinished, Phrase("{count} steps were not carried out and verified", count=len(unfinished)))
    walk.demand(not outcome["residue"], Phrase("{count} places are left", count=len(outcome["residue"])))


def _find_again(walk: _Walk) -> None:
    walk.title(Phrase("7. Find again"))
    walk.type("find", HER_EMAIL)
    entries = [entry for person in walk.ask("find", HER_EMAIL)["persons"] for entry in person["entries"]]
    left = [entry["locator"] for entry in entries if entry["verdict"] == "link"]
    walk.demand(len(left) == 1 and INVOICE in left[0], Phrase("more or less than the invoice is still found"))
    walk.say(Phrase("She is gone but for the invoice. Her namesake is as before:"))
    walk.type("find", HER_NAME, expect=(COMPLETE, WAITS))


def _tell_files(walk: _Walk) -> None:
    demo = walk.demo
    walk.title(Phrase("Files"))
    for path in sorted(path for path in demo.folder.rglob("*") if path.is_file()):
        walk.line(f"  {path.stat().st_size:>8}  {path.relative_to(demo.folder)}")
    walk.title(Phrase("See for yourself"))
    page = next(iter(sorted(demo.folder.glob("access-package/**/index.html"))), demo.folder)
    for phrase, command in (
        (Phrase("The workbook: row 9 is empty but for company, service and price; totals and chart still work."), f"libreoffice {_quoted(demo.workbook)}"),
        (Phrase("The address books (Ctrl+Shift+B), without her; cancel the account set-up."), f"thunderbird --profile {_quoted(demo.profile)}"),
        (Phrase("Her access package opens in any browser."), _quoted(page)),
        (Phrase("Ask more of the same company."), f"hub check --config {_quoted(demo.config)}"),
    ):  # fmt: skip
        walk.say(phrase)
        walk.line(f"  {command}")
    walk.say(Phrase("All of it is made up. Delete the folder when you have seen enough."))


@dataclass(frozen=True, slots=True)
class _Walk:
    demo: Demo
    out: TextIO
    hub: Command
    language: Language

    def title(self, text: Phrase) -> None:
        said = self.language.say(text)
        self.line(f"\n{said}\n{'=' * len(said)}")

    def say(self, text: Phrase) -> None:
        self.line(textwrap.fill(self.language.say(text), _WIDTH, break_long_words=False, break_on_hyphens=False))

    def line(self, text: str) -> None:
        print(text, file=self.out, flush=True)

    def type(self, *arguments: str, expect: Collection[int] = (COMPLETE,)) -> None:
        """Run a command and show what it prints."""
        self._run(arguments, expect, self.out)
        self.line("")

    def ask(self, *arguments: str, expect: Collection[int] = (COMPLETE,)) -> Mapping[str, Any]:
        """Run a command with `--json` and return its document, which a program reads and nobody else."""
        answer = io.StringIO()
        self._run((*arguments, "--json"), expect, answer)
        document: Mapping[str, Any] = json.loads(answer.getvalue())
        self.line(f'{{"schema": "{document["schema"]}", …}}')
        return document

    def demand(self, holds: bool, otherwise: Phrase) -> None:
        if not holds:
            raise Fault(Phrase("The demo stops: {why}.", why=otherwise))

    def _run(self, arguments: Sequence[str], expect: Collection[int], out: TextIO) -> None:
        typed = [*arguments, "--config", str(self.demo.config)]
        self.line(f"\n$ hub {shlex.join(typed)}")
        with redirect_stdout(out):
            code = self.hub(typed)
        self.demand(code in expect, Phrase("the command ended with exit code {code}", code=code))


@contextmanager
def _key_in_folder() -> Iterator[None]:
    """Keep the key of the hub's state in a file beside it: a demo leaves nothing in the owner's keyring."""
    before = os.environ.get("HUB_KEY_PLACE")
    os.environ["HUB_KEY_PLACE"] = "file"
    try:
        yield
    finally:
        if before is None:
            del os.environ["HUB_KEY_PLACE"]
        else:
            os.environ["HUB_KEY_PLACE"] = before


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))
