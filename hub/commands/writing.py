"""letter: what is written to a person, as a page and as PDF, and noted in the request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from connectors.errors import UsageError
from connectors.phrase import Phrase
from hub.commands.base import Run
from hub.commands.exporting import NOT_LOOKED
from hub.erase import apply as erasing
from hub.ledger import OVER, Request, life
from hub.machine import outbox
from hub.normalise import parse_name
from hub.plan import Report, State
from hub.render import letters
from hub.render.letters import Letter
from hub.render.pdf import with_pdfs

Maker = Callable[[Run, Request, Letter], str]


def letter(run: Run) -> int:
    """Write a letter as HTML and PDF into a folder, and note in the request that and when it was made."""
    options = run.options
    if options.which == "neutral":
        if options.request:
            raise UsageError(Phrase("The neutral letter is the same for everybody: it belongs to no request."))
        return _write(run, "neutral", letters.neutral_reply(run.config.controller, run.today, run.language))
    if not options.request:
        raise UsageError(Phrase("Say which request the letter belongs to: its number stands in hub requests."))
    with run.book() as book:
        request = book.load(options.request)
        head = Letter(run.config.controller, run.today, request.number, _recipient(request))
        code = _write(run, f"{request.number}-{options.which}", _MAKERS[options.which](run, request, head))
        if request.stage not in OVER:
            request.letters[options.which] = run.today.isoformat()
            book.save(request)
    return code


def _recipient(request: Request) -> str:
    """The person's name, as long as the request holds it; an address or a single word by which it was asked is no name."""
    asked = parse_name(request.who)
    if request.plan and request.plan.person.name:
        return request.plan.person.name
    return asked.display if asked and asked.given and asked.family else ""


def _access(run: Run, request: Request, head: Letter) -> str:
    packages = [kept for kept in run.packages.all() if kept.request == request.number]
    if not packages:
        raise UsageError(
            Phrase("No access package of request {number} is known.", number=request.number),
            Phrase("hub export writes one, and the letter goes with it."),
        )
    last = packages[-1]
    lacks = any(item.template != NOT_LOOKED.template for item in request.lacking)
    missing = [Phrase("what it is stands at the beginning of the copy itself")] if lacks else []
    return letters.access_cover(head, list(last.files) or [last.path.name], missing, run.language)


def _report(run: Run, request: Request, head: Letter) -> str:
    if not request.outcomes:
        raise _nothing_yet(request)
    return letters.erasure_report(head, erasing.report_of(request), _kinds(run), run.language, window=request.window)


def _receipt(run: Run, request: Request, head: Letter) -> str:
    if request.outcomes:
        return letters.erasure_receipt(head, erasing.report_of(request), _kinds(run), run.language, window=request.window)
    if request.kind == "erasure" and "refusal" not in request.letters:
        if request.state is not State.COMPLETE:
            raise _nothing_yet(request)
        return letters.erasure_receipt(head, Report(request.number, State.COMPLETE, ()), {}, run.language)
    done = list(run.options.reason)
    if not done and "refusal" in request.letters:
        done = [
            Phrase("We did not carry it out; our letter of {day} says why.", day=run.language.day(request.letters["refusal"]))
        ]
    elif not done and any(kept.request == request.number for kept in run.packages.all()):
        done = [Phrase("You were given a copy of the data that we hold about you.")]
    return letters.receipt(head, done, life.received(request, run.config.controller.country), run.language)


def _refusal(run: Run, _: Request, head: Letter) -> str:
    return letters.refusal(head, run.options.reason, run.language)


def _extension(run: Run, request: Request, head: Letter) -> str:
    """The notice of a request that was extended; one that was not yet is extended by it."""
    country = run.config.controller.country
    if not request.extended:
        life.extend(request, " ".join(run.options.reason), run.today, country)
    reasons = run.options.reason or [request.reasons.get("extended", "")]
    return letters.extension(
        head, life.received(request, country), reasons, run.language, told=date.fromisoformat(request.extended)
    )


_MAKERS: dict[str, Maker] = {
    "access": _access,
    "report": _report,
    "receipt": _receipt,
    "refusal": _refusal,
    "extension": _extension,
}


def _kinds(run: Run) -> dict[str, str]:
    return {**{source.name: source.kind for source in run.config.sources}, run.packages.name: run.packages.kind}


def _nothing_yet(request: Request) -> UsageError:
    return UsageError(
        Phrase("There is nothing yet of request {number} that this letter could tell.", number=request.number),
        Phrase("hub requests says of each what it is about and how far it has come."),
    )


def write_pages(run: Run, pages: Mapping[str, str]) -> tuple[Path, ...]:
    """Write each page by its name as HTML and PDF into the folder of --out."""
    contents, unshown = with_pdfs(pages, run.language.code, run.today)
    files = outbox.write_files(run.options.out, contents)
    if unshown:
        run.talk.line(
            Phrase(
                "The PDF's fonts lack letters, so these stand in it as numbers: {letters}. The page (HTML) shows them.",
                letters=" ".join(dict.fromkeys(unshown)),
            )
        )
    return files


def _write(run: Run, name: str, page: str) -> int:
    files = write_pages(run, {name: page})
    if run.options.json:
        run.show_json(
            {
                "schema": "hub.letter/1",
                "kind": run.options.which,
                "request": run.options.request or None,
                "files": [str(file) for file in files],
            }
        )
    else:
        run.screen.heading(Phrase("The letter was written to:"))
        for file in files:
            run.screen.command(str(file))
    return 0
