"""The listing of everybody: on the terminal, as a document, or as a page to read and print; and what came of it."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.phrase import Phrase
from hub.config import Controller
from hub.erase.everybody import Batch, Summary
from hub.fields import field_name
from hub.language import Language
from hub.person import Answer
from hub.plan import Action, Plan, Report, State, Step
from hub.render import acts, plans
from hub.render import json as documents
from hub.render.html import page
from hub.render.screen import Cell, Column, Part, Screen
from hub.render.text import show_answers

MOST = 20
"""So many requests that are not complete are named; the rest is counted."""

_BESIDES = Phrase(
    "Other cells of a workbook that hold one of these values lose it, too, and are named when it is done; hub erase with one"
    " person's name shows theirs beforehand."
)
_ACTIONS = tuple(action for action in Action if action is not Action.RECTIFY)
"""What an erase does to an entry."""

REASONS = {"closes": Phrase("the company closes"), "owner_changes": Phrase("the company gets another owner")}


@dataclass(frozen=True, slots=True)
class _Row:
    source: str
    where: str
    action: str
    values: str = field(repr=False)
    why: str


@dataclass(frozen=True, slots=True)
class _Person:
    name: str = field(repr=False)
    request: str
    rows: Sequence[_Row] = field(repr=False)


class Listing:
    """Shows one plan after the other as it is made; what must wait for the end is kept as plain texts."""

    def __init__(self, screen: Screen, language: Language, *, json: bool, page: bool, spreading: Collection[str] = ()) -> None:
        """`spreading`: the sources in which an erase may change more than the entries that are listed."""
        self._spreading = spreading
        self._screen = screen
        self._language = language
        self._json = json
        self._page = page
        self._persons: list[_Person] = []
        self._documents: list[documents.Document] = []

    def add(self, plan: Plan) -> None:
        """One person's plan, with the very values that go: nothing is erased that was not seen."""
        if self._page:
            rows = [_row(step, plan, self._language) for step in plan.steps]
            self._persons.append(_Person(plan.person.name, plan.request, rows))
        if self._json:
            self._documents.append(_document(plan))
        elif not self._page:
            self._screen.heading(plan.request, Part(" "), plan.person.name)
            plans.steps(self._screen, plan)

    def page(self, batch: Batch, summary: Summary, controller: Controller) -> str:
        """The whole listing as a page."""
        return page(
            "everybody.html.j2",
            self._language,
            controller=controller,
            day=self._language.day(batch.created[:10]),
            reason=self._language.say(REASONS[batch.reason]),
            summary=summary,
            counts=list(_counts(summary)),
            kept=list(_kept(summary, self._language)),
            persons=self._persons,
            besides=self._language.say(_BESIDES) if self._spreads(summary) else "",
            fingerprint=summary.fingerprint,
        )

    def document(self, batch: Batch, summary: Summary, answers: Sequence[Answer]) -> documents.Document:
        """The `hub.everybody/1` document: the summary, and every plan."""
        return {**_summed(batch, summary), "answers": documents.answers_document(answers), "plans": self._documents}

    def end(self, batch: Batch, summary: Summary, answers: Sequence[Answer], file: str) -> None:
        """The summary, and what to type next."""
        _show_summary(self._screen, batch, summary, answers)
        if self._spreads(summary):
            self._screen.line(_BESIDES)
        if file:
            self._screen.heading(Phrase("Everybody's plan is listed in this file. Read it before you go on:"))
            self._screen.command(file)
        self._screen.heading(Phrase("To carry all of it out, type:"))
        self._screen.command(f"hub erase --everybody --confirm {summary.fingerprint}")

    def _spreads(self, summary: Summary) -> bool:
        return any(source in self._spreading for source, action in summary.actions if action in (Action.ERASE, Action.REDACT))


def _row(step: Step, plan: Plan, language: Language) -> _Row:
    entries = {member.held.key: member.held.entry for member in plan.person.members}
    entry = entries.get((step.source, step.ref))  # a package that was written is no entry of a source
    going = [item for item in entry.leaving() if item.kind in step.fields] if entry else []
    why = [language.say(step.reason), step.basis or ""]
    if step.until:
        why.append(language.say(Phrase("kept until {day}", day=language.day(step.until))))
    return _Row(
        step.source,
        language.say(step.locator),
        language.say(acts.ACTIONS[step.action]),
        "; ".join(f"{language.say(field_name(item.kind))}: {item.value}" for item in going),
        "; ".join(filter(None, why)),
    )


def _document(plan: Plan) -> documents.Document:
    return {
        "request": plan.request,
        "person": plan.person.handle,
        "name": plan.person.name,
        "fingerprint": plan.fingerprint,
        "steps": [documents.step_document(step) for step in plan.steps],
    }


def _summed(batch: Batch, summary: Summary) -> dict[str, Any]:
    return {
        "schema": "hub.everybody/1",
        "batch": batch.number,
        "reason": batch.reason,
        "fingerprint": summary.fingerprint,
        "persons": summary.persons,
        "entries": summary.entries,
        "counts": [
            {"source": source, "action": action.value, "entries": count}
            for (source, action), count in sorted(summary.actions.items())
        ],
        "kept": [
            {"basis": basis or None, "until": until or None, "entries": count}
            for (basis, until), count in sorted(summary.kept.items())
        ],
    }


def _counts(summary: Summary) -> Iterator[tuple[str, list[int]]]:
    """Of each source how many entries go whole, in part, stay, and wait for a hand."""
    for source in sorted({source for source, _ in summary.actions}):
        yield source, [summary.actions[source, action] for action in _ACTIONS]


def _kept(summary: Summary, language: Language) -> Iterator[tuple[str, str, int]]:
    for (basis, until), count in sorted(summary.kept.items(), key=lambda item: item[0][::-1]):
        yield basis, language.day(until), count


def _show_summary(screen: Screen, batch: Batch, summary: Summary, answers: Sequence[Answer]) -> None:
    screen.heading(Phrase("Everybody, because {reason}", reason=REASONS[batch.reason]))
    screen.line(Phrase("Nothing has been changed yet."))
    screen.line(Phrase("People: {persons}, entries: {entries}", persons=summary.persons, entries=summary.entries))
    columns = (Column(Phrase("Source"), 2), *(Column(acts.ACTIONS[action]) for action in _ACTIONS))
    rows: list[list[Cell]] = [
        [source, *(_counted(screen, action, count) for action, count in zip(_ACTIONS, counts, strict=True))]
        for source, counts in _counts(summary)
    ]
    screen.table(columns, rows)
    for basis, until, count in _kept(summary, screen.language):
        if until:
            screen.line(
                Phrase("The law keeps {count} entries until {day} ({basis})", count=count, day=until, basis=basis), indent=2
            )
        else:
            screen.line(Phrase("{count} entries stay, until when is not known", count=count), indent=2)
    show_answers(screen, answers)


def _counted(screen: Screen, action: Action, count: int) -> str:
    """In plain lines there are no headings above the numbers."""
    if not count:
        return ""
    return f"{screen.say(acts.ACTIONS[action])}: {count}" if screen.plain else str(count)


def silent(screen: Screen, answers: Sequence[Answer]) -> None:
    """Why there is no listing: a source did not tell everything."""
    screen.line(Phrase("A source did not answer, so everybody cannot be listed; nothing was kept."))
    show_answers(screen, answers)


def outcome_document(batch: Batch, reports: Sequence[Report], stale: int, shared: Sequence[str]) -> documents.Document:
    """The `hub.everybody_outcome/1` document; `stale` counts the people whose entries changed since the listing.

    `shared` are the names that were not searched for by value, for several people bore them.
    """
    return {
        "schema": "hub.everybody_outcome/1",
        "batch": batch.number,
        "stage": batch.stage,
        "stale": stale,
        "requests": [{"request": item.request, "state": item.state.value} for item in reports],
        "residue": sum(one.found for item in reports for one in item.residue),
        "shared_names": list(shared),
    }


def outcome(screen: Screen, batch: Batch, reports: Sequence[Report], stale: int, shared: Sequence[str]) -> None:
    """What came of all the requests; each one's own report is shown by its number."""
    screen.heading(Phrase("Everybody, because {reason}", reason=REASONS[batch.reason]))
    for state, count in sorted(Counter(report.state for report in reports).items()):
        screen.line(f"{screen.say(acts.STATES[state])}: {count}", indent=2)
    still = [item.request for item in reports if item.state is not State.COMPLETE]
    if still:
        screen.heading(Phrase("What each of these still waits for is shown by its number:"))
        for number in still[:MOST]:
            screen.command(f"hub erase --confirm {number}")
        if len(still) > MOST:
            screen.line(Phrase("and {count} more", count=len(still) - MOST), indent=2)
    if shared:
        screen.heading(
            Phrase("Several people bore these names, so they were not searched for by value. Look where they still stand:")
        )
        for name in shared[:MOST]:
            screen.command(f"hub find {shlex.quote(name)} --by-value")
        if len(shared) > MOST:
            screen.line(Phrase("and {count} more", count=len(shared) - MOST), indent=2)
    screen.line(Phrase("If you had the listing written to a file, delete that file: it names everybody."), indent=2)
    left = stale + sum(any(one.found for one in item.residue) for item in reports)
    if left:
        screen.heading(
            Phrase("Changed since the listing, or still found by value: {count}. Make a new listing for the rest.", count=left)
        )
        screen.command(f"hub erase --everybody --reason {batch.reason}")
