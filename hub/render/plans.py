"""An erase or a correction for the terminal: what will be done, what was done, what is left, and what to type next."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import groupby

from connectors.contract import Correction, Spread
from connectors.entry import Entry
from connectors.phrase import Phrase
from hub.fields import field_name
from hub.person import Answer
from hub.plan import Action, Change, Leftover, Plan, Report, Result, State, Step, StepOutcome
from hub.render import acts, words
from hub.render.entries import ENTRIES, member_row, values
from hub.render.screen import Cell, Column, Part, Screen
from hub.render.text import all_complete, show_answers

_COLOURS = {
    Action.ERASE: "red",
    Action.REDACT: "red",
    Action.RETAIN: "cyan",
    Action.MANUAL: "yellow",
    Action.RECTIFY: "red",
}
_WRITTEN = {Action.ERASE, Action.REDACT}
_ELSEWHERE = Phrase(
    "Where a workbook repeats these values in comments, charts and the like, and nobody else bears them, they go there as well."
)
_SPREAD = (Column(Phrase("Where"), 4), Column(Phrase("What stands there"), 5), Column(Phrase("What is left of it"), 5))
_STALE = Phrase("Something changed since the plan was shown; nothing was written. Plan again with hub erase.")
_STALE_CORRECTION = Phrase("Something changed since the plan was shown; nothing was written. Plan again with hub rectify.")
_GOOD = {Result.ERASED, Result.REDACTED, Result.RECTIFIED, Result.RETAINED, Result.ALREADY_ABSENT}
_STEPS = (
    Column("#", 0),
    Column(Phrase("Action"), 3),
    Column(Phrase("Where"), 4),
    Column(Phrase("What goes"), 4),
    Column(Phrase("Why"), 6),
)
_CHANGES = (Column("#", 0), Column(Phrase("Source"), 2), Column(Phrase("Where"), 4), Column(Phrase("What is different"), 4))
_CORRECTIONS = (*_STEPS[:3], Column(Phrase("What changes"), 4), *_STEPS[4:])
_OUTCOMES = (
    Column("#", 0),
    Column(Phrase("Result"), 3),
    Column(Phrase("Where"), 4),
    Column(Phrase("Remarks"), 5),
)


def plan(screen: Screen, plan: Plan, spreading: Collection[str] = (), command: str = "erase") -> None:
    """What an erase would do, a table for each source, and what to type to do it. Nothing has been changed yet.

    `spreading` are the sources in which it may reach places that the plan cannot show, `command` is the one that planned it.
    """
    # A refusal is planned under no number: nothing of it is written down.
    title = Phrase("Plan {request}: erase", request=plan.request) if plan.request else Phrase("Plan: erase")
    if plan.wanted:
        # Nor is one in which there is nothing to correct.
        title = Phrase("Plan {request}: correct", request=plan.request) if plan.request else Phrase("Plan: correct")
    screen.heading(title, Part(" "), plan.person.name)
    screen.line(Phrase("Nothing has been changed yet."))
    steps(screen, plan)
    screen.gap()
    _show_counts(screen, plan)
    if not plan.wanted and any(step.action in _WRITTEN and step.source in spreading for step in plan.steps):
        screen.line(Part(_ELSEWHERE, "dim"))
    show_answers(screen, plan.answers)
    if plan.review:
        _show_review(screen, plan, command)
    elif plan.steps and plan.request:
        screen.heading(Phrase("To carry this plan out, type:"))
        screen.command(f"hub {'rectify' if plan.wanted else 'erase'} --confirm {plan.request}")


def steps(screen: Screen, plan: Plan) -> None:
    """Every step with the values that go, a table for each source."""
    kinds = _kinds(plan.answers)
    entries = {member.held.key: member.held.entry for member in plan.person.members}
    for source, some in groupby(plan.steps, lambda step: step.source):
        screen.heading(source, Part(f"  {screen.say(words.source(kinds.get(source, source)))}", "dim"))
        rows = [_step_row(screen, step, entries.get((step.source, step.ref)), plan.corrections_of(step.number)) for step in some]
        screen.table(_CORRECTIONS if plan.wanted else _STEPS, rows)
        _show_spread(screen, [one for name, one in plan.spread if name == source])


def changes(screen: Screen, some: Sequence[Change]) -> None:
    """What is not as a plan showed it, with the numbers of its steps."""
    if some:
        screen.table(_CHANGES, [_change_row(screen, one) for one in some])


def _change_row(screen: Screen, one: Change) -> list[Cell]:
    said = acts.CHANGES[one.what]
    if one.kinds:
        kinds = ", ".join(screen.say(field_name(kind)) for kind in one.kinds)
        said = Phrase("changed: {kinds}", kinds=kinds)
    if one.now is not None:
        said = Phrase("moved, now: {where}", where=one.now)
    return [str(one.step or ""), one.source, one.where, said]


def outcome(screen: Screen, report: Report) -> None:
    """What an erase did, a table for each source; what is left by value; and what is still to do."""
    if report.request:
        screen.heading(Phrase("Request {request}:", request=report.request), Part(" "), _state(report.state))
    for source, outcomes in groupby(report.outcomes, lambda outcome: outcome.step.source):
        screen.heading(source)
        screen.table(_OUTCOMES, [_outcome_row(screen, outcome) for outcome in outcomes])
    changes(screen, report.changes)
    residue(screen, report.residue)
    # Before anything was written, nothing was searched either.
    if not report.residue and report.state is not State.STALE:
        screen.gap()
        screen.line(Part(_clean(report), "green"))
    _show_notes(screen, report)
    _show_to_tell(screen, report)
    if report.request:
        _show_next(screen, report)


def _step_row(screen: Screen, step: Step, entry: Entry | None, corrections: Sequence[Correction] = ()) -> list[Cell]:
    """A step with the very values that go, so that nothing is erased that was not seen."""
    why: list[str | Part] = [step.reason]
    if step.basis:
        why.append(step.basis)
    if step.until:
        why.append(Phrase("kept until {day}", day=screen.language.day(step.until)))
    goes = values(screen, entry, step.fields) if entry else [screen.say(field_name(kind)) for kind in step.fields]
    if corrections:
        goes = [f"{screen.say(field_name(one.kind))}: {one.old} → {one.new}" for one in corrections]
    return [str(step.number), Part(acts.ACTIONS[step.action], _COLOURS[step.action]), step.locator, goes, why]


def _show_spread(screen: Screen, places: Sequence[Spread]) -> None:
    if beside := [[one.where, one.before, one.after] for one in places if one.before != one.after]:
        screen.line(Part(Phrase("These values go from other places, too:"), "bold"))
        screen.table(_SPREAD, beside)
    for one in places:
        if one.before == one.after:  # no place, but why a source cannot tell them
            why = Phrase("Whether values go from other places, too, could not be found out: {why}", why=one.where)
            screen.line(Part(why, "yellow"))


def _show_counts(screen: Screen, plan: Plan) -> None:
    if plan.wanted and not plan.steps and all_complete(plan.answers):
        screen.line(Phrase("Nothing is to be corrected; every source answered."))
        return
    if not plan.steps and all_complete(plan.answers):
        screen.line(Phrase("There is nothing to erase; every source answered."))
        return
    counted = [(action, sum(step.action is action for step in plan.steps)) for action in Action]
    said = [f"{screen.say(acts.ACTIONS[action])} {count}" for action, count in counted if count]
    screen.line(Part(Phrase("Steps: {count}", count=len(plan.steps)), "bold"), f" ({', '.join(said)})" if said else "")


def _show_review(screen: Screen, plan: Plan, command: str) -> None:
    count = len(plan.review)
    screen.heading(Part(Phrase("To be decided by you before anything is erased: {count}", count=count), "bold yellow"))
    screen.table(ENTRIES, [member_row(screen, member) for member in plan.review], leading=1)
    screen.heading(
        Phrase("Decide all of them in one command: --include REF when it is the same person, --exclude REF when somebody else:")
    )
    # Whoever copies this line unread must not erase a namesake.
    decisions = " ".join(f"--exclude {member.held.entry.ref}" for member in plan.review)
    if plan.wanted:
        told = " ".join(f"--{one.kind} …" for one in plan.wanted)
        screen.command(f"hub rectify --person {plan.person.handle} {told} {decisions}")
    else:
        screen.command(f"hub {command} --person {plan.person.handle} {decisions}")


def _clean(report: Report) -> Phrase:
    """What a search that found nothing means: entries that are kept or wait for a hand were not searched."""
    if report.kind == "rectification":
        return Phrase("Apart from what is kept or waits for your hand, the wrong value was found nowhere any more.")
    if any(item.result in {Result.RETAINED, Result.MANUAL_PENDING} for item in report.outcomes):
        return Phrase("Apart from what is kept or waits for your hand, no value of the person was found any more.")
    return Phrase("No value of the person was found any more in the sources that answered.")


def _state(state: State) -> Part:
    colours = {State.COMPLETE: "bold green", State.WAITING: "bold yellow"}
    return Part(acts.STATES[state], colours.get(state, "bold red"))


def _outcome_row(screen: Screen, outcome: StepOutcome) -> list[Cell]:
    style = "green" if outcome.result in _GOOD else "yellow" if outcome.result is Result.MANUAL_PENDING else "bold red"
    remarks: list[str | Part] = [outcome.reason] if outcome.reason else []
    if outcome.step.until:
        remarks += [outcome.step.basis or "", Phrase("kept until {day}", day=screen.language.day(outcome.step.until))]
    result: list[str | Part] = [Part(acts.RESULTS[outcome.result], style)]
    if outcome.verified:
        result.append(Part(Phrase("verified"), "dim"))
    return [str(outcome.step.number), result, outcome.step.locator, remarks]


def residue(screen: Screen, leftovers: Sequence[Leftover]) -> None:
    """What is left by value, and what could not be looked into."""
    found = [item for item in leftovers if item.found]
    _show_leftovers(screen, Phrase("Still found by value; please remove it by hand:"), found, "bold red")
    if found:
        screen.line(Phrase("Once it is gone, look again: hub find --by-value with the e-mail, the phone or the full name."))
        _show_whose(screen, found)
    unseen = [item for item in leftovers if not item.found]
    _show_leftovers(screen, Phrase("Could not be looked into:"), unseen, "yellow")


def _show_whose(screen: Screen, found: Sequence[Leftover]) -> None:
    """How to see the entries that a place alone does not tell."""
    if handles := list(dict.fromkeys(item.handle for item in found if item.handle)):
        screen.heading(Phrase("Which entries these are, in the same order, is shown by:"))
        for handle in handles:
            screen.command(f"hub find --person {handle}")


def by_value(screen: Screen, found: Sequence[Leftover]) -> None:
    """Where a value stands, as it was asked."""
    stands = [item for item in found if item.found]
    if stands:
        screen.heading(Part(Phrase("It stands here:"), "bold"))
        # How to remove it is for after an erase: whoever asks may mean to keep it.
        screen.table((Column(Phrase("Source"), 2), Column(Phrase("Where"), 6)), [[item.source, item.where] for item in stands])
        _show_whose(screen, stands)
    _show_leftovers(screen, Phrase("Could not be looked into:"), [item for item in found if not item.found], "yellow")
    if not stands:
        screen.gap()
        screen.line(Phrase("It stands nowhere in what could be looked into."))


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


def _show_to_tell(screen: Screen, report: Report) -> None:
    if not report.to_be_told:
        return
    screen.heading(Part(Phrase("They got the data from you and must be told of this:"), "bold yellow"))
    for item in report.to_be_told:
        kinds = [field_name(kind) for kind in item.kinds]
        day = screen.language.day(item.day)
        screen.line("• ", Phrase("{recipient} got on {day}: {kinds}", recipient=item.recipient, day=day, kinds=kinds), indent=2)
    screen.heading(Phrase("When you have told a recipient, type:"))
    for item in report.to_be_told:
        screen.command(f"hub disclose --told {item.disclosure}")


def _show_next(screen: Screen, report: Report) -> None:
    by_hand = [item.step.number for item in report.outcomes if item.result is Result.MANUAL_PENDING]
    if by_hand:
        screen.heading(Phrase("When you have done a step by hand, type:"))
        for number in by_hand:
            screen.command(f"hub done {report.request} {number}")
    if report.state is State.INCOMPLETE:
        screen.heading(Phrase("Put right what is in the way; then this goes on where it stopped:"))
        screen.command(f"hub {'rectify' if report.kind == 'rectification' else 'erase'} --confirm {report.request}")
    if report.state is State.STALE:
        correction = report.kind == "rectification"
        screen.heading(_STALE_CORRECTION if correction else _STALE)
        if report.handle:
            screen.command(f"hub rectify --person {report.handle} …" if correction else f"hub erase --person {report.handle}")


def _kinds(answers: Sequence[Answer]) -> dict[str, str]:
    return {answer.source: answer.kind for answer in answers}
