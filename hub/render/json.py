"""Every result as the JSON document that scripts rely on; locators and reasons are always English here."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from connectors.errors import HubError
from hub.language import Language
from hub.machine.pattern import Pattern
from hub.person import Answer, Evidence, Member, Person

if TYPE_CHECKING:
    from connectors.contract import Check, Column
    from connectors.entry import Field
    from hub.exported import Export, Look
    from hub.init import Initialised
    from hub.ledger.undone import Return
    from hub.plan import Change, Leftover, Plan, Report, Step, StepOutcome, ToTell
    from hub.report import Finding, Place
    from hub.report.history import Accepted, Remembered
    from hub.store.packages import Kept

    CheckRow = tuple[str, str, Check, Sequence[Column] | HubError]
    """One source of a check: its name, its kind, how it is, and its columns or why they could not be read."""

Document = dict[str, Any]

_ENGLISH = Language("en")
"""Says a phrase that holds a list of others."""

# Raw, these would turn text around on a terminal, end a line in JavaScript, or not be UTF-8 at all (lone surrogates).
_UNSAFE = Pattern("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def dumps(document: Document, *, line: bool = False) -> str:
    """The document as text that is valid UTF-8 and inert on a terminal, whatever values it holds; `line`: on one line."""
    text = json.dumps(document, ensure_ascii=False, indent=None if line else 2, allow_nan=False)
    if text.replace("\n", "").isprintable():
        return text  # nearly always; none of what is unsafe is printable
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def find_document(query: str, answers: Sequence[Answer], persons: Sequence[Person]) -> Document:
    """The `hub.find/1` document; the order of `persons` is their rank."""
    return {
        "schema": "hub.find/1",
        "query": query,
        "answers": [_answer(item) for item in answers],
        "persons": [person_document(item) for item in persons],
    }


def decision_document(one: tuple[str, str], other: tuple[str, str], *, same: bool) -> Document:
    """What was decided about two entries, each by source and ref."""
    entries = [{"source": source, "ref": ref} for source, ref in (one, other)]
    return {"schema": "hub.decision/1", "same": same, "entries": entries}


def person_lines(persons: Iterable[Person]) -> Iterator[str]:
    """The `hub persons --json` lines: one for each entry of each person."""
    for person in persons:
        for member in person.members:
            document = {
                "schema": "hub.persons/1",
                "person": person.handle,
                "source": member.held.source,
                "ref": member.held.entry.ref,
                "locator": str(member.held.entry.locator),
                "verdict": member.verdict.value,
            }
            yield dumps(document, line=True)


def export_document(person: Person, answers: Sequence[Answer], export: Export) -> Document:
    """The `hub.export/1` document; `notice_missing` is what hub.toml does not say, `to_look_at` where others are mentioned."""
    return {
        "schema": "hub.export/1",
        "person": person.handle,
        "directory": str(export.directory),
        "archive": str(export.archive) if export.archive else None,
        "files": list(export.files),
        "complete": export.complete,
        "missing": [str(item) for item in export.missing],
        "notice_missing": [_ENGLISH.say(item) for item in export.unsaid],
        "looked": export.looked,
        "to_look_at": [_look(item) for item in export.looks],
        "answers": [_answer(item) for item in answers],
    }


def _look(look: Look) -> Document:
    return {
        "place": look.place,
        "source": look.source,
        "ref": look.ref,
        "locator": str(look.locator),
        "field": look.kind,
        "kind": look.what,
        "text": look.text,
        "covered": not look.shown,
    }


def plan_document(plan: Plan, undo_days: int = 0, able: Collection[str] = ()) -> Document:
    """The `hub.plan/1` document; `able` are the sources that can put an entry back, within `undo_days`."""
    return {
        "schema": "hub.plan/1",
        "request": plan.request,
        "fingerprint": plan.fingerprint,
        "person": person_document(plan.person),
        "answers": [_answer(item) for item in plan.answers],
        "undo_days": undo_days,
        "steps": [
            {**step_document(item), "undo": bool(undo_days) and item.source in able, **_changes(plan, item)}
            for item in plan.steps
        ],
        "spread": [
            {"source": source, "where": str(one.where), "before": one.before, "after": one.after} for source, one in plan.spread
        ],
        "review": [member_document(item) for item in plan.review],
    }


def outcome_document(report: Report) -> Document:
    """The `hub.outcome/1` document."""
    return {
        "schema": "hub.outcome/1",
        "request": report.request,
        "state": report.state.value,
        "undo_until": report.undo_until or None,
        "outcomes": [outcome_of_step(item) for item in report.outcomes],
        "residue": [leftover_document(item) for item in report.residue],
        "to_be_told": [_to_tell(item) for item in report.to_be_told],
        "changes": [change_document(item) for item in report.changes],
    }


def change_document(change: Change) -> Document:
    """What is not as a plan showed it."""
    return {
        "source": change.source,
        "locator": str(change.where),
        "change": change.what,
        "fields": list(change.kinds),
        "now": _or_none(change.now),
        "step": change.step,
    }


def undo_document(told: Return) -> Document:
    """The `hub.undo/1` document; `fields` are the values that only a hand can put back."""
    return {
        "schema": "hub.undo/1",
        "request": told.request,
        "state": told.state.value,
        "outcomes": [
            {
                "step": item.step.number,
                "source": item.step.source,
                "ref": item.step.ref,
                "locator": str(item.step.locator),
                "outcome": item.result.value,
                "verified": item.verified,
                "reason": _or_none(item.reason),
                "notes": [str(note) for note in item.notes],
                "fields": [field_document(one) for one in told.values.get(item.step.number, ())],
            }
            for item in told.outcomes
        ],
    }


def refresh_document(answers: Sequence[Answer]) -> Document:
    """The `hub.refresh/1` document."""
    return {"schema": "hub.refresh/1", "answers": [_answer(item) for item in answers]}


def check_document(rows: Sequence[CheckRow], packages: Sequence[Kept] = ()) -> Document:
    """The `hub.check/1` document, with the access packages that may still lie somewhere."""
    kept = [
        {"request": one.request, "written": one.day.isoformat(), "path": str(one.path), "there": one.there} for one in packages
    ]
    return {"schema": "hub.check/1", "sources": [_check(*row) for row in rows], "packages": kept}


def report_pieces(told: Remembered) -> Iterator[str]:
    """The `hub.report/1` document as `dumps` writes it, piece by piece: of a million entries it is larger than all else.

    What was accepted is told apart, and is among neither the findings nor the counts.
    """
    head, _, tail = dumps(_around(told)).partition(f"[{_DEEP}null{_UP}]")
    yield f"{head}["
    for place, item in enumerate(told.findings):
        text = dumps(_finding(item, new=item.id in told.new)).replace("\n", _DEEP)
        yield f"{',' if place else ''}{_DEEP}{text}"
    yield f"{_UP if told.findings else ''}]{tail}"


_UP, _DEEP = "\n  ", "\n    "
"""How `dumps` goes on behind a line of one step, and of two."""


def _around(told: Remembered) -> Document:
    """The document with nothing in the place of its findings."""
    return {
        "schema": "hub.report/1",
        "answers": [_answer(item) for item in told.report.night.answers],
        "persons": told.report.overview.persons,
        "findings": [None],
        "gone": told.gone,
        "accepted": [accepted_document(item) for item in told.accepted],
        "nights": [
            {"date": night.day, "persons": night.persons, "counts": night.counts, "silent": list(night.silent)}
            for night in told.nights
        ],
    }


def accepted_document(item: Accepted) -> Document:
    """One accepted finding; `seen`: it is there this night."""
    return {"id": item.id, "kind": item.kind or None, "reason": item.reason, "since": item.day, "seen": item.seen}


def init_document(done: Initialised) -> Document:
    """The `hub.init/1` document: the configuration that was written, and every register that was found."""
    found = [{"kind": item.kind, "path": str(item.path), "used": item.used, "note": _or_none(item.note)} for item in done.found]
    return {"schema": "hub.init/1", "config": str(done.config), "found": found}


def person_document(person: Person) -> Document:
    """One person as in `hub.find/1`: the links first, then what a human must decide."""
    return {"person": person.handle, "name": person.name, "entries": [member_document(item) for item in person.members]}


def field_document(item: Field) -> Document:
    """One value; `stays` tells what belongs to the record and not to the person."""
    return {"kind": item.kind, "value": item.value, "label": item.label, "stays": item.stays}


def evidence_document(item: Evidence) -> Document:
    """One reason to believe that two entries are the same person."""
    return {"rule": item.rule, "ours": item.ours, "theirs": item.theirs}


def member_document(member: Member) -> Document:
    """One entry of a person, with the verdict, the evidence and every value."""
    entry = member.held.entry
    return {
        "source": member.held.source,
        "ref": entry.ref,
        "locator": str(entry.locator),
        "verdict": member.verdict.value,
        "evidence": [evidence_document(item) for item in member.evidence],
        "why": _or_none(member.why),
        "fields": [field_document(item) for item in entry.fields],
        "attachments": [{"name": item.name, "media_type": item.media_type} for item in entry.attachments],
        "copy_of": entry.copy_of or None,
    }


def answers_document(answers: Sequence[Answer]) -> list[Document]:
    """How complete each source's answer is."""
    return [_answer(item) for item in answers]


def _answer(answer: Answer) -> Document:
    return {
        "source": answer.source,
        "kind": answer.kind,
        "state": answer.state,
        "entries": answer.entries,
        "unreadable": len(answer.unreadable),
        "unreadable_entries": [{"locator": str(item.locator), "reason": str(item.reason)} for item in answer.unreadable],
        "as_of": answer.as_of or None,
        "reason": _or_none(answer.reason),
        "warnings": [str(item) for item in answer.warnings],
    }


def step_document(step: Step) -> Document:
    """One step of a plan."""
    return {
        "step": step.number,
        "source": step.source,
        "ref": step.ref,
        "locator": str(step.locator),
        "action": step.action.value,
        "fields": list(step.fields),
        "reason": str(step.reason),
        "basis": step.basis,
        "until": step.until,
    }


def _changes(plan: Plan, step: Step) -> Document:
    """What a step of a rectification puts right; nothing for a step of an erase."""
    told = [{"kind": one.kind, "old": one.old, "new": one.new} for one in plan.corrections_of(step.number)]
    return {"changes": told} if plan.wanted else {}


def outcome_of_step(outcome: StepOutcome) -> Document:
    """What came of one step."""
    return {
        "step": outcome.step.number,
        "source": outcome.step.source,
        "ref": outcome.step.ref,
        "locator": str(outcome.step.locator),
        "action": outcome.step.action.value,
        "outcome": outcome.result.value,
        "verified": outcome.verified,
        "reason": _or_none(outcome.reason),
        "basis": outcome.step.basis,
        "until": outcome.step.until,
        "notes": [str(item) for item in outcome.notes],
    }


def _to_tell(item: ToTell) -> Document:
    return {"disclosure": item.disclosure, "recipient": item.recipient or None, "kinds": list(item.kinds), "on": item.day}


def leftover_document(item: Leftover) -> Document:
    """A place where something is left, or that could not be looked into."""
    return {
        "source": item.source,
        "where": str(item.where),
        "why": str(item.why),
        "found": item.found,
        "person": item.handle or None,
    }


def _finding(item: Finding, *, new: bool) -> Document:
    return {
        "kind": item.kind,
        "severity": item.severity,
        "person": item.person or None,
        "entries": [_place(place) for place in item.entries],
        "id": item.id,
        "what": _ENGLISH.say(item.what),
        "proposal": _ENGLISH.say(item.proposal),
        "since": item.since,
        "new": new,
    }


def _place(place: Place) -> Document:
    if place.ref is None:
        return {"source": place.source, "ref": None}
    return {"source": place.source, "ref": place.ref, "locator": _or_none(place.locator)}


def _check(source: str, kind: str, check: Check, columns: Sequence[Column] | HubError) -> Document:
    problems = [str(item) for item in check.problems]
    if isinstance(columns, HubError) and str(columns) not in problems:
        problems.append(str(columns))
    return {
        "source": source,
        "kind": kind,
        "reachable": check.reachable,
        "may_read": check.may_read,
        "may_erase": check.may_erase,
        "state": check.state,
        "problems": problems,
        "coverage": [] if isinstance(columns, HubError) else [_column(item) for item in columns],
    }


def _column(column: Column) -> Document:
    return {"column": column.column, "as": column.kind, "why": _or_none(column.why), "known": column.known}


def _or_none(text: str | None) -> str | None:
    """An exact, English `str`, or null."""
    return str(text) if text else None
