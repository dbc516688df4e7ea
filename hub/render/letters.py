"""The letters a person gets: a neutral reply, a copy's cover, an erasure's receipt, a refusal, an extension. Pure; HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from connectors.errors import UsageError
from connectors.phrase import Phrase
from hub.config import Controller
from hub.language import Language
from hub.law import calendar
from hub.plan import Report, Result, StepOutcome
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
    return _letter("letter-access.html.j2", letter, language, files=files, missing=[language.say(item) for item in missing])


def erasure_receipt(letter: Letter, report: Report, kinds: Mapping[str, str], language: Language) -> str:
    """The receipt of an erase: what was done, what is kept by which section until when, and what is still open.

    `kinds` says of each source what kind of register it is. The owner's own reasons are not told.
    """
    return _letter(
        "letter-erasure.html.j2",
        letter,
        language,
        done=[_row(item, kinds, language) for item in report.outcomes if item.result in _GONE],
        kept=[_row(item, kinds, language) for item in report.outcomes if item.result is Result.RETAINED],
        open=[_row(item, kinds, language) for item in report.outcomes if item.result not in {*_GONE, Result.RETAINED}],
        residue=sum(item.found for item in report.residue),
    )


def refusal(letter: Letter, reasons: Sequence[str], language: Language) -> str:
    """The letter that refuses a request. Raises `UsageError` without a reason: the law wants one."""
    return _letter("letter-refusal.html.j2", letter, language, reasons=_said(reasons, language))


def extension(letter: Letter, received: date, reasons: Sequence[str], language: Language) -> str:
    """The notice that the answer takes longer. Raises `UsageError` without a reason, or when the first month is over."""
    country = letter.controller.country
    due = calendar.extended_due(received, letter.day, country)
    if due == calendar.due(received, country):
        raise UsageError(
            Phrase("It is too late to take more time: that had to be told by {day}.", day=due.isoformat()),
            Phrase("Answer the request now."),
        )
    days = {"received": language.day(received.isoformat()), "due": language.day(due.isoformat())}
    return _letter("letter-extension.html.j2", letter, language, reasons=_said(reasons, language), **days)


def _said(reasons: Sequence[str], language: Language) -> list[str]:
    said = [language.say(reason) for reason in reasons if reason.strip()]
    if not said:
        raise UsageError(Phrase("Give at least one reason: the person has a right to it."))
    return said


def _row(outcome: StepOutcome, kinds: Mapping[str, str], language: Language) -> _Row:
    step = outcome.step
    return _Row(
        register=language.say(words.source(kinds.get(step.source, step.source))),
        where=language.say(step.locator),
        result=language.say(acts.RESULTS[outcome.result]),
        basis=step.basis or "",
        until=language.day(step.until) if step.until else "",
    )


def _letter(template: str, letter: Letter, language: Language, **values: object) -> str:
    return page(template, language, letter=letter, day=language.day(letter.day.isoformat()), **values)
