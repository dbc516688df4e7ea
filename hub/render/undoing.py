"""Taking an erase back, for the terminal: what can be put back and until when, and what was."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import groupby

from connectors.phrase import Phrase
from hub.fields import field_name
from hub.ledger.undone import Return, Returned, StepReturn
from hub.plan import Action, Plan, Report, State, Step
from hub.render import acts
from hub.render.screen import Cell, Column, Part, Screen

_GOOD = {Returned.RESTORED, Returned.KEPT}
_COLUMNS = (Column("#", 0), Column(Phrase("Result"), 3), Column(Phrase("Where"), 4), Column(Phrase("Remarks"), 5))


def planned(screen: Screen, plan: Plan, days: int, able: Collection[str]) -> None:
    """What of a plan can be put back; `able` are the sources that can."""
    if not any(_writes(step) for step in plan.steps):
        return
    if days:
        screen.heading(Phrase("Can be put back within {days} days:", days=days))
        screen.command(f"hub undo {plan.request}")
        _show_lasting(screen, plan.steps, able)
    else:
        screen.heading(Phrase("Cannot be put back: undo_days is 0, so no copy is kept."))


def carried_out(screen: Screen, report: Report, able: Collection[str]) -> None:
    """Until when what was erased can be put back."""
    if report.undo_until:
        screen.heading(
            Phrase(
                "Can be put back until {day}; until then the hub keeps a sealed copy:", day=screen.language.day(report.undo_until)
            )
        )
        screen.command(f"hub undo {report.request}")
        _show_lasting(screen, [item.step for item in report.outcomes], able)


def undone(screen: Screen, told: Return) -> None:
    """What was put back, a table for each source, and what a hand must put back, with what it held."""
    colours = {State.COMPLETE: "bold green", State.WAITING: "bold yellow"}
    state = Part(acts.STATES[told.state], colours.get(told.state, "bold red"))
    screen.heading(Phrase("Request {request} is put back:", request=told.request), Part(" "), state)
    for source, outcomes in groupby(told.outcomes, lambda item: item.step.source):
        screen.heading(source)
        screen.table(_COLUMNS, [_row(item) for item in outcomes])
    for number, fields in told.values.items():
        screen.heading(Phrase("Step {step} held, for you to enter by hand:", step=number))
        for held in fields:
            screen.line(field_name(held.kind), ": ", held.value, indent=2)
    for note in dict.fromkeys(note for item in told.outcomes for note in item.notes):
        screen.line("• ", note, indent=2)
    if told.state is State.INCOMPLETE:
        screen.heading(Phrase("Put right what is in the way; then this goes on where it stopped:"))
        screen.command(f"hub undo {told.request}")


def _writes(step: Step) -> bool:
    return step.action in {Action.ERASE, Action.REDACT, Action.RECTIFY}


def _show_lasting(screen: Screen, steps: Sequence[Step], able: Collection[str]) -> None:
    lasting = [str(step.number) for step in steps if _writes(step) and step.source not in able]
    if lasting:
        screen.line(
            Part(Phrase("Only by hand, because the source cannot put an entry back: step {steps}", steps=lasting), "yellow")
        )


def _row(item: StepReturn) -> list[Cell]:
    style = "green" if item.result in _GOOD else "yellow" if item.result is Returned.BY_HAND else "bold red"
    result: list[str | Part] = [Part(acts.RETURNS[item.result], style)]
    if item.verified:
        result.append(Part(Phrase("verified"), "dim"))
    return [str(item.step.number), result, item.step.locator, [item.reason] if item.reason else []]
