"""The letters a person gets: a neutral reply, a copy's cover, an erasure's report and receipt, a refusal, an extension. Pure; HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from connectors.errors import UsageError
from connectors.phrase import Phrase
from hub.config import Controller
from hub.language import Language
from hub.law import calendar, statutes
from hub.ledger.undone import Window
from hub.plan import DONE, Report, Result, State, StepOutcome
from hub.render import acts, words
from hub.render.html import page

_GONE = (Result.ERASED, Result.REDACTED, Result.ALREADY_ABSENT)


@dataclass(frozen=True, slots=True)
class Letter:
    """What every letter bears: who writes it, on which day, about which request, to whom."""

    controller: Controller
    day: date
    request: str = ""
    recipient: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class _Row:
    register: str
    where: str
    result: str
    basis: str = ""
    until: str = ""


def neutral_reply(controller: Controller, day: date, language: Language) -> str:
    """The reply to somebody who may or may not be the person: it says nothing about anybody, and asks for no proof but a channel."""
    return _letter("letter-neutral.html.j2", Letter(controller, day), language)


def access_cover(letter: Letter, files: Sequence[str], missing: Sequence[str], language: Language) -> str:
    """The letter that goes with a copy of the data: what is in it, and what is still missing from it."""
    told = [f"{language.say(_what(file))}: {file}" for file in files]
    return _letter("letter-access.html.j2", letter, language, files=told, missing=[language.say(item) for item in missing])


def _what(file: str) -> Phrase:
    """What a file of a copy is, for somebody to whom its name says nothing."""
    known = {
        "index.html": Phrase("Your data as a page to read and print"),
        "data.json": Phrase("The same data for programs"),
        "contact.vcf": Phrase("Your details as a contact card"),
    }
    other = Phrase("A picture or a document that belongs to it") if "/" in file else Phrase("An encrypted archive with all of it")
    return known.get(file, other)


def erasure_report(
    letter: Letter, report: Report, kinds: Mapping[str, str], language: Language, *, window: Window | None = None
) -> str:
    """How far an erase has come: what was done, what is kept by which section until when, and what is still open.

    `kinds` says of each source what kind of register it is, `window` until when it can be put back. The owner's own
    reasons are not told.
    """
    return _erasure(letter, report, kinds, language, window, closing=False)


def erasure_receipt(
    letter: Letter, report: Report, kinds: Mapping[str, str], language: Language, *, window: Window | None = None
) -> str:
    """The receipt that ends an erase: as `erasure_report`. Raises `UsageError` while a step is open."""
    waiting = [item for item in report.outcomes if item.result not in DONE]
    if waiting or not (report.outcomes or report.state is State.COMPLETE):
        raise UsageError(
            Phrase("Request {number} is not done yet, so nobody can have a receipt for it.", number=report.request),
            Phrase("hub letter report tells the person how far it has come; hub requests shows what it waits for."),
        )
    return _erasure(letter, report, kinds, language, window, closing=True)


def _erasure(
    letter: Letter, report: Report, kinds: Mapping[str, str], language: Language, window: Window | None, *, closing: bool
) -> str:
    kept = [item for item in report.outcomes if item.result is Result.RETAINED]
    return _letter(
        "letter-erasure.html.j2",
        letter,
        language,
        closing=closing,
        done=[_row(item, kinds, language) for item in report.outcomes if item.result in _GONE],
        kept=[_row(item, kinds, language) for item in kept],
        lawful=bool(kept) and all(_is_voucher(item, letter.controller.country) for item in kept),
        open=[_row(item, kinds, language) for item in report.outcomes if item.result not in DONE],
        residue=sum(item.found for item in report.residue),
        undo=_undo(window, language) if any(item.result in _GONE for item in report.outcomes) else "",
    )


def _is_voucher(outcome: StepOutcome, country: str) -> bool:
    """Whether an entry is kept as a voucher of the bookkeeping law."""
    term = statutes(country).records.get("voucher")
    return term is not None and outcome.step.basis == term.section


def _undo(window: Window | None, language: Language) -> str:
    """What became of the copy from which the erase could be put back."""
    if window is None:
        return language.say(Phrase("No copy of what was erased was kept, so it cannot be put back."))
    if window.over:
        said = Phrase(
            "The sealed copy by which a mistake could have been put right was destroyed on {day}.", day=language.day(window.over)
        )
    else:
        said = Phrase(
            "So that a mistake can be put right, a sealed copy of what was erased is kept until {day}. It is used for nothing else; after that day its key is destroyed, and nobody can open it any more.",
            day=language.day(window.until),
        )
    return language.say(said)


def receipt(letter: Letter, done: Sequence[str], received: date, language: Language) -> str:
    """The receipt of any other request: what was done about it, in the owner's words. Raises `UsageError` without any."""
    said = _said(done, language, Phrase("Say with --reason what was done: the receipt tells it to the person."))
    return _letter("letter-receipt.html.j2", letter, language, done=said, received=language.day(received.isoformat()))


def refusal(letter: Letter, reasons: Sequence[str], language: Language) -> str:
    """The letter that refuses a request. Raises `UsageError` without a reason: the law wants one."""
    return _letter("letter-refusal.html.j2", letter, language, reasons=_said(reasons, language))


def extension(letter: Letter, received: date, reasons: Sequence[str], language: Language, *, told: date | None = None) -> str:
    """The notice that the answer takes longer; `told` is the day on which the person is told, that of the letter when left out.

    Raises `UsageError` without a reason, or when the first month is over.
    """
    country = letter.controller.country
    due = calendar.extended_due(received, told or letter.day, country)
    if due == calendar.due(received, country):
        raise UsageError(
            Phrase("It is too late to take more time: that had to be told by {day}.", day=due.isoformat()),
            Phrase("Answer the request now."),
        )
    days = {"received": language.day(received.isoformat()), "due": language.day(due.isoformat())}
    return _letter("letter-extension.html.j2", letter, language, reasons=_said(reasons, language), **days)


_NO_REASON = Phrase("Give at least one reason with --reason: the person has a right to it.")


def _said(reasons: Sequence[str], language: Language, problem: Phrase = _NO_REASON) -> list[str]:
    said = [language.say(reason) for reason in reasons if reason.strip()]
    if not said:
        raise UsageError(problem)
    return said


_TO_COME = Phrase("we still do this")


def _row(outcome: StepOutcome, kinds: Mapping[str, str], language: Language) -> _Row:
    step = outcome.step
    return _Row(
        register=language.say(words.source(kinds.get(step.source, step.source))),
        where=language.say(step.locator),
        # What is in the way, or whose hand must do it, is said to the owner; the person is told that it is to come.
        result=language.say(acts.RESULTS[outcome.result] if outcome.result in DONE else _TO_COME),
        basis=step.basis or "",
        until=language.day(step.until) if step.until else "",
    )


def _letter(template: str, letter: Letter, language: Language, **values: object) -> str:
    return page(template, language, letter=letter, day=language.day(letter.day.isoformat()), **values)
