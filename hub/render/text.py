"""Every result for the terminal: who was found and why, what will be done, what was done, and what to type next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from connectors import contract
from connectors.entry import Entry
from connectors.errors import ConfigError, HubError
from connectors.phrase import Phrase
from hub.fields import field_name
from hub.person import Answer, Member, Person, Verdict
from hub.plan import Action, Leftover, Plan, Report, Result, State, Step, StepOutcome
from hub.render import words
from hub.render.entries import ENTRIES, member_row, values
from hub.render.json import CheckRow
from hub.render.screen import Cell, Column, Part, Screen

if TYPE_CHECKING:
    from hub.init import Initialised
    from hub.ledger import Line

MOST = 20
"""More persons, or unreadable entries of one source, than this are counted and not listed."""

_COLOURS = {
    Action.ERASE: "red",
    Action.REDACT: "red",
    Action.RETAIN: "cyan",
    Action.MANUAL: "yellow",
}
_GOOD = {Result.ERASED, Result.REDACTED, Result.RETAINED, Result.ALREADY_ABSENT}
_STEPS = (
    Column("#", 0),
    Column(Phrase("Action"), 3),
    Column(Phrase("Where"), 4),
    Column(Phrase("What goes"), 4),
    Column(Phrase("Why"), 6),
)
_OUTCOMES = (
    Column("#", 0),
    Column(Phrase("Result"), 3),
    Column(Phrase("Where"), 4),
    Column(Phrase("Remarks"), 5),
)


class Package(Protocol):
    """What the terminal needs to know of an access package that was written."""

    @property
    def directory(self) -> Path:
        """Where it is."""

    @property
    def files(self) -> Sequence[str]:
        """Its files, relative to the directory."""

    @property
    def missing(self) -> Sequence[str]:
        """What is not in it although it should be."""


def find(screen: Screen, answers: Sequence[Answer], persons: Sequence[Person]) -> None:
    """Each person with their entries and the evidence, then the sources that did not (fully) answer."""
    for person in persons[:MOST]:
        _show_person(screen, person)
    if len(persons) > MOST:
        screen.heading(Phrase("… and {count} more persons: ask more exactly.", count=len(persons) - MOST))
    if not persons and _all_complete(answers):
        screen.line(Phrase("Nobody found; every source answered."))
    elif not persons:
        screen.line(Part(Phrase("Nobody found so far, but the answer is not complete."), "bold red"))
    _show_answers(screen, answers)
    if len(persons) > 1:
        screen.heading(Phrase("Several persons match: choose one with --person HANDLE."))
    elif persons and persons[0].links:
        _next(screen, f"hub export --person {persons[0].handle} --out DIR", f"hub erase --person {persons[0].handle}")


def choose(screen: Screen, persons: Sequence[Person]) -> None:
    """The persons that match, for the owner to choose one."""
    screen.heading(Phrase("Several persons match: choose one with --person HANDLE."))
    columns = (Column(Phrase("Handle"), 2), Column(Phrase("name"), 3), Column(Phrase("Where"), 6))
    screen.table(columns, [_choice_row(screen, person) for person in persons])


def plan(screen: Screen, plan: Plan) -> None:
    """What an erase would do, a table for each source, and what to type to do it. Nothing has been changed yet."""
    screen.heading(Phrase("Plan {request}: erase", request=plan.request), Part(" "), plan.person.name)
    screen.line(Phrase("Nothing has been changed yet."))
    kinds = _kinds(plan.answers)
    entries = {member.held.key: member.held.entry for member in plan.person.members}
    for source, steps in groupby(plan.steps, lambda step: step.source):
        screen.heading(source, Part(f"  {screen.say(words.source(kinds.get(source, '')))}", "dim"))
        screen.table(_STEPS, [_step_row(screen, step, entries.get((step.source, step.ref))) for step in steps])
    screen.gap()
    _show_counts(screen, plan)
    _show_answers(screen, plan.answers)
    if plan.review:
        _show_review(screen, plan)
    elif plan.steps and plan.request:
        screen.heading(Phrase("To carry this plan out, type:"))
        screen.command(f"hub erase --confirm {plan.request}")


def outcome(screen: Screen, report: Report) -> None:
    """What an erase did, a table for each source; what is left by value; and what is still to do."""
    if report.request:
        screen.heading(Phrase("Request {request}:", request=report.request), Part(" "), _state(report.state))
    for source, outcomes in groupby(report.outcomes, lambda outcome: outcome.step.source):
        screen.heading(source)
        screen.table(_OUTCOMES, [_outcome_row(screen, outcome) for outcome in outcomes])
    found = [item for item in report.residue if item.found]
    _show_leftovers(screen, Phrase("Still found by value; please remove it by hand:"), found, "bold red")
    unseen = [item for item in report.residue if not item.found]
    _show_leftovers(screen, Phrase("Could not be looked into:"), unseen, "yellow")
    if not report.residue:
        screen.gap()
        screen.line(Part(_clean(report), "green"))
    _show_notes(screen, report)
    if report.request:
        _show_next(screen, report)


def export(screen: Screen, package: Package) -> None:
    """Where the access package is, what is in it, and what is still missing from it."""
    screen.heading(Phrase("The access package was written to this folder:"))
    screen.command(str(package.directory))
    screen.table((Column(Phrase("File")),), [[name] for name in package.files])
    if not package.missing:
        screen.line(Part(Phrase("The package is complete."), "green"))
        return
    screen.heading(Part(Phrase("The package is not complete. Missing:"), "bold red"))
    for item in package.missing:
        screen.line("• ", item, indent=2)


def check(screen: Screen, rows: Sequence[CheckRow]) -> None:
    """Each source: how it is, what may be done to it, and its columns: mapped, ignored, unknown."""
    for name, kind, check, columns in rows:
        style = "green" if check.state == "ok" else "bold red"
        screen.heading(name, Part(f"  {screen.say(words.source(kind))}  ", "dim"), Part(words.CHECKS[check.state], style))
        read = Phrase("may be read") if check.may_read else Phrase("may not be read")
        erase = Phrase("may be erased from") if check.may_erase else Phrase("may not be erased from")
        screen.line(f"{screen.say(read)}, {screen.say(erase)}", indent=2)
        problems = list(check.problems)
        if isinstance(columns, HubError):
            said = " ".join(problems)
            problems += [part for part in (columns.message, columns.hint) if part and part not in said]
        for problem in problems:
            screen.line(Part(problem, "red"), indent=2)
        if not isinstance(columns, HubError):
            _show_columns(screen, columns)


def persons(screen: Screen, answers: Sequence[Answer], everybody: Sequence[Person]) -> None:
    """Every person, a line for each of their entries, then the sources that did not (fully) answer."""
    columns = (Column(Phrase("Handle"), 3), Column(Phrase("name"), 4), Column(Phrase("Source"), 3), Column(Phrase("Where"), 6))
    screen.table(columns, [_person_row(person, member) for person in everybody for member in person.members])
    _show_answers(screen, answers)


def refresh(screen: Screen, answers: Sequence[Answer]) -> None:
    """What the mirror holds of each source, then the sources that did not (fully) answer."""
    columns = (Column(Phrase("Source"), 3), Column(Phrase("Entries"), 2), Column(Phrase("As of"), 4))
    screen.table(columns, [[item.source, str(item.entries), item.as_of] for item in answers])
    _show_answers(screen, answers)


def init(screen: Screen, done: Initialised) -> None:
    """What was found on this machine, the configuration that names it, and what to do next."""
    columns = (Column(Phrase("Kind"), 2), Column(Phrase("Where"), 6), Column(Phrase("Used"), 1), Column(Phrase("Remarks"), 4))
    rows = [
        [words.source(item.kind), str(item.path), Phrase("yes") if item.used else Phrase("no"), item.note or ""]
        for item in done.found
    ]
    if rows:
        screen.table(columns, rows)
    else:
        screen.line(Phrase("No register was found; the configuration holds examples to fill in."))
    screen.heading(Phrase("The configuration was written to:"))
    screen.command(str(done.config))
    _next(screen, "hub check")


def requests(screen: Screen, requests: Sequence[Line], due: Callable[[str], date]) -> None:
    """Every request: its number, what it is about, until when an open one must be answered, and what it waits for."""
    columns = (
        Column(Phrase("Request"), 2),
        Column(Phrase("Kind"), 2),
        Column(Phrase("Begun"), 3),
        Column(Phrase("Answer due"), 3),
        Column(Phrase("Stands"), 4),
    )
    rows = [_request_row(screen, item, due(item.created)) for item in requests]
    screen.table(columns, rows)
    if not rows:
        screen.line(Phrase("There is no request yet."))


def ledger(screen: Screen, lines: int, broken: Sequence[str]) -> None:
    """Whether the ledger is as it was written."""
    if not broken:
        screen.line(Part(Phrase("The ledger is as it was written: {count} lines.", count=lines), "green"))
        return
    screen.line(Part(Phrase("The ledger was changed from outside: {requests}.", requests=list(broken)), "bold red"))
    screen.line(Phrase("Do not trust what it says about these requests; take the file ledger.db from a backup if you have one."))


def _request_row(screen: Screen, item: Line, due: date) -> list[Cell]:
    day = "" if item.stage in {"finished", "superseded", "undone"} else screen.language.day(due.isoformat())
    return [item.number, words.REQUESTS[item.kind], item.created[:10], day, words.STAGES[item.stage]]


def error(screen: Screen, error: HubError) -> None:
    """What went wrong and what to do about it; of a configuration every problem."""
    screen.line(Part(error.message, "bold red"))
    for problem in error.problems if isinstance(error, ConfigError) else ():
        screen.line("• ", problem, indent=2)
    if error.hint:
        screen.line(error.hint)


def _show_person(screen: Screen, person: Person) -> None:
    screen.heading(person.name, Part("   "), Part(person.handle, "dim"))
    screen.table(ENTRIES, [member_row(screen, member) for member in person.members], leading=1)


def _show_answers(screen: Screen, answers: Sequence[Answer]) -> None:
    told = [f"{item.source} {item.entries}" for item in answers if item.state != "silent"]
    if told:
        screen.gap()
        screen.line(Part(Phrase("Entries looked through: {sources}", sources=told), "dim"))
    for answer in answers:
        _show_answer(screen, answer)
    if not _all_complete(answers):
        screen.line(Part(Phrase("The answer is not complete."), "bold red"))


def _all_complete(answers: Sequence[Answer]) -> bool:
    return all(answer.state == "complete" for answer in answers)


def _kinds(answers: Sequence[Answer]) -> dict[str, str]:
    return {answer.source: answer.kind for answer in answers}


def _show_answer(screen: Screen, answer: Answer) -> None:
    if answer.state == "silent":
        screen.line(Part(Phrase("{source} did not answer:", source=answer.source), "bold red"), " ", answer.reason or "")
    elif answer.reason:
        screen.line(Part(Phrase("{source} answered only in part:", source=answer.source), "bold red"), " ", answer.reason)
    if answer.unreadable:
        count = len(answer.unreadable)
        screen.line(Part(Phrase("{source}: cannot be read: {count}", source=answer.source, count=count), "yellow"))
        for item in answer.unreadable[:MOST]:
            screen.line(item.locator, ": ", item.reason, indent=2)
    for warning in answer.warnings:
        screen.line(Part(f"{answer.source}: ", "yellow"), warning)


def _choice_row(screen: Screen, person: Person) -> list[Cell]:
    places: list[str | Part] = [f"{member.held.source}: {screen.say(member.held.entry.locator)}" for member in person.members]
    return [Part(person.handle, "bold"), person.name, places]


def _person_row(person: Person, member: Member) -> list[Cell]:
    style = "" if member.verdict is Verdict.LINK else "yellow"
    return [person.handle, person.name, Part(member.held.source, style), member.held.entry.locator]


def _step_row(screen: Screen, step: Step, entry: Entry | None) -> list[Cell]:
    """A step with the very values that go, so that nothing is erased that was not seen."""
    why: list[str | Part] = [step.reason]
    if step.basis:
        why.append(step.basis)
    if step.until:
        why.append(Phrase("kept until {day}", day=screen.language.day(step.until)))
    goes = values(screen, entry, step.fields) if entry else [screen.say(field_name(kind)) for kind in step.fields]
    return [str(step.number), Part(words.ACTIONS[step.action], _COLOURS[step.action]), step.locator, goes, why]


def _show_counts(screen: Screen, plan: Plan) -> None:
    if not plan.steps and _all_complete(plan.answers):
        screen.line(Phrase("There is nothing to erase; every source answered."))
        return
    counted = [(action, sum(step.action is action for step in plan.steps)) for action in Action]
    said = [f"{screen.say(words.ACTIONS[action])} {count}" for action, count in counted if count]
    screen.line(Part(Phrase("Steps: {count}", count=len(plan.steps)), "bold"), f" ({', '.join(said)})" if said else "")


def _show_review(screen: Screen, plan: Plan) -> None:
    count = len(plan.review)
    screen.heading(Part(Phrase("To be decided by you before anything is erased: {count}", count=count), "bold yellow"))
    screen.table(ENTRIES, [member_row(screen, member) for member in plan.review], leading=1)
    screen.heading(
        Phrase("Decide all of them in one command: --include REF when it is the same person, --exclude REF when somebody else:")
    )
    # Whoever copies this line unread must not erase a namesake.
    decisions = " ".join(f"--exclude {member.held.entry.ref}" for member in plan.review)
    screen.command(f"hub erase --person {plan.person.handle} {decisions}")


def _clean(report: Report) -> Phrase:
    """What a search that found nothing means: entries that are kept or wait for a hand were not searched."""
    if any(item.result in {Result.RETAINED, Result.MANUAL_PENDING} for item in report.outcomes):
        return Phrase("Apart from what is kept or waits for your hand, no value of the person was found any more.")
    return Phrase("No value of the person was found any more in the sources that answered.")


def _state(state: State) -> Part:
    colours = {State.COMPLETE: "bold green", State.WAITING: "bold yellow"}
    return Part(words.STATES[state], colours.get(state, "bold red"))


def _outcome_row(screen: Screen, outcome: StepOutcome) -> list[Cell]:
    style = "green" if outcome.result in _GOOD else "yellow" if outcome.result is Result.MANUAL_PENDING else "bold red"
    remarks: list[str | Part] = [outcome.reason] if outcome.reason else []
    if outcome.step.until:
        remarks += [outcome.step.basis or "", Phrase("kept until {day}", day=screen.language.day(outcome.step.until))]
    result: list[str | Part] = [Part(words.RESULTS[outcome.result], style)]
    if outcome.verified:
        result.append(Part(Phrase("verified"), "dim"))
    return [str(outcome.step.number), result, outcome.step.locator, remarks]


def _show_leftovers(screen: Screen, title: Phrase, leftovers: Sequence[Leftover], style: str) -> None:
    if not leftovers:
        return
    screen.heading(Part(title, style))
    columns = (Column(Phrase("Source"), 2), Column(Phrase("Where"), 4), Column(Phrase("Why"), 4))
    screen.table(columns, [[item.source, item.where, item.why] for item in leftovers])


def _show_notes(screen: Screen, report: Report) -> None:
    notes = dict.fromkeys(note for outcome in report.outcomes for note in outcome.notes)
    if notes:
        screen.heading(Phrase("Please note:"))
    for note in notes:
        screen.line("• ", note, indent=2)


def _show_next(screen: Screen, report: Report) -> None:
    by_hand = [item.step.number for item in report.outcomes if item.result is Result.MANUAL_PENDING]
    if by_hand:
        screen.heading(Phrase("When you have done a step by hand, type:"))
        for number in by_hand:
            screen.command(f"hub done {report.request} {number}")
    if report.state is State.INCOMPLETE:
        screen.heading(Phrase("Put right what is in the way; then this goes on where it stopped:"))
        screen.command(f"hub erase --confirm {report.request}")
    if report.state is State.STALE:
        screen.heading(Phrase("Something changed since the plan was shown; nothing was written. Plan again with hub erase."))


def _show_columns(screen: Screen, columns: Sequence[contract.Column]) -> None:
    mapped = [f"{item.column} → {screen.say(field_name(item.kind))}" for item in columns if item.kind]
    ignored = _by_reason(screen, [item for item in columns if not item.kind and item.known])
    unknown = _by_reason(screen, [item for item in columns if not item.kind and not item.known])
    for title, listed, style in (
        (Phrase("read:"), mapped, ""),
        (Phrase("not read:"), ignored, "dim"),
        (Phrase("not known, please look:"), unknown, "yellow"),
    ):
        if listed:
            screen.line(Part(title, style or "bold"), " ", *_joined(listed, style), indent=2)


def _by_reason(screen: Screen, columns: Sequence[contract.Column]) -> list[str]:
    """The columns, those with the same reason together and the reason once, behind the last of them."""
    groups: dict[str, list[str]] = {}
    for column in columns:
        groups.setdefault(screen.say(column.why) if column.why else "", []).append(column.column)
    for reason, names in groups.items():
        names[-1] += f" ({reason})" if reason else ""
    return [name for names in groups.values() for name in names]


def _joined(texts: Sequence[str], style: str) -> list[Part]:
    return [Part(text if index == 0 else f", {text}", style) for index, text in enumerate(texts)]


def _next(screen: Screen, *commands: str) -> None:
    screen.heading(Phrase("Next:"))
    for command in commands:
        screen.command(command)
