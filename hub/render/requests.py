"""Requests for the terminal: all of them, one of them, and whether the ledger is as it was written."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from connectors.phrase import Phrase
from hub.language import Language
from hub.ledger import OVER, Line, Request, life
from hub.ledger.request import line_of, need_of
from hub.render import acts, plans, words
from hub.render.screen import Cell, Column, Part, Screen

MOST = 100
"""Of requests that are over, no more than these are listed, the newest."""


def requests(screen: Screen, requests: Sequence[Line], country: str) -> None:
    """Every request: its number, what it is about, until when an open one must be answered, where it stands."""
    columns = (
        Column(Phrase("Request"), 3),
        Column(Phrase("Kind"), 4),
        Column(Phrase("Received"), 3),
        Column(Phrase("Answer due"), 3),
        Column(Phrase("Stands"), 8),
    )
    over = [item.number for item in requests if item.stage in OVER]
    hidden = set(over[:-MOST])
    screen.table(columns, [_row(screen, item, country) for item in requests if item.number not in hidden])
    if hidden:
        screen.line(Phrase("… and {count} older ones that are over: --json shows them.", count=len(hidden)))
    if not requests:
        screen.line(Phrase("There is no request yet."))


def _row(screen: Screen, item: Line, country: str) -> list[Cell]:
    awaited = item.stage not in OVER and (item.asked or item.stage != "verified")
    day = screen.language.day(life.due(item, country).isoformat()) if awaited else ""
    received = screen.language.day(item.received or life.received(item, country).isoformat())
    return [item.number, words.REQUESTS[item.kind], received, day, _stands(item)]


def _stands(item: Line) -> list[str | Part]:
    style = "dim" if item.stage in OVER else "" if item.stage == "verified" else "yellow"
    told: list[str | Part] = [Part(words.STAGES[item.stage], style)]
    need = need_of(item)
    if need == "hand":
        told.append(Phrase("carry out by hand: step {steps}", steps=", ".join(map(str, item.waits_for))))
    elif need:
        told.append(words.NEEDS[need])
    return told


def request(screen: Screen, request: Request, country: str) -> None:
    """One request: what was asked, how it went, and what to type next."""
    title = Phrase("Request {request}:", request=request.number)
    screen.heading(title, Part(" "), Part(words.REQUESTS[request.kind]), Part(" – "), Part(words.STAGES[request.stage]))
    for name, *told in _facts(screen.language, request, country):
        screen.line(Part(name, "dim"), ": ", *_apart(told), indent=2)
    screen.line(Part(Phrase("Its way"), "dim"), ":", indent=2)
    for stage, at in request.history:
        screen.line(screen.language.day(at[:10]), "  ", words.STAGES[stage], indent=4)
    if request.plan and request.plan.steps:
        screen.gap()
        columns = (Column("#", 0), Column(Phrase("Source"), 3), Column(Phrase("Where"), 6), Column(Phrase("Result"), 4))
        screen.table(columns, list(_steps(request)))
    plans.residue(screen, request.residue)
    what_next(screen, request)


def _apart(told: Sequence[str]) -> list[str]:
    return [part for item in told if item for part in (", ", item)][1:]


def _facts(language: Language, request: Request, country: str) -> Iterator[tuple[str, ...]]:
    day = language.day
    if request.who:
        yield Phrase("About"), request.who
    yield (
        Phrase("Received"),
        day(life.received(request, country).isoformat()),
        words.WAYS[request.channel] if request.channel else "",
    )
    if request.identity:
        yield Phrase("Identity"), words.IDENTITIES[request.identity]
    if request.asked and request.stage not in OVER:
        yield Phrase("Answer due"), day(life.due(request, country).isoformat())
    if request.extended:
        yield Phrase("Extended"), day(request.extended), request.reasons.get("extended", "")
    if held := request.reasons.get("on_hold"):
        yield Phrase("On hold because"), held
    for kind, made in request.letters.items():
        yield Phrase("Letter"), words.LETTERS.get(kind, kind), day(made)
    if request.delivered_on:
        yield Phrase("Delivered"), day(request.delivered_on), words.WAYS[request.delivered]
    for lack in request.lacking:
        yield Phrase("Missing from the package"), language.say(lack)
    yield from _ends(language, request)


def _ends(language: Language, request: Request) -> Iterator[tuple[str, ...]]:
    """Until when what it left behind lasts."""
    day = language.day
    if until := line_of(request).undo_until:
        yield Phrase("Can be put back until"), day(until)
    for source, until in request.rechecks.items():
        yield Phrase("In a bin or archive until"), Phrase("{source}: {day}", source=source, day=day(until))
    if request.forgotten:
        yield Phrase("Hashes removed"), day(request.forgotten)


def _steps(request: Request) -> Iterator[list[Cell]]:
    assert request.plan is not None
    for step in request.plan.steps:
        done = request.outcomes.get(step.number)
        result = acts.RESULTS[done.result] if done else acts.ACTIONS[step.action]
        yield [str(step.number), step.source, step.locator, result]


def what_next(screen: Screen, request: Request) -> None:
    """What to type next, if anything."""
    number, line = request.number, line_of(request)
    who = shlex.quote(request.who) if request.who else screen.say(Phrase("WHO"))
    who = f"--person {request.handle}" if request.handle else who
    of_need: dict[str, list[str]] = {
        "identity": [
            Phrase("hub request identify {number} --identity HOW", number=number),
            Phrase("hub letter neutral --out DIR"),
        ],
        "plan": [f"hub erase {who} --request {number}"],
        "package": [Phrase("hub export {who} --request {number} --out DIR", who=who, number=number)],
        "confirmation": [f"hub erase --confirm {number}"],
        "continuation": [f"hub erase --confirm {number}"],
        "undo": [f"hub undo {number}"],
        "hand": [f"hub done {number} {step}" for step in line.waits_for],
        "receipt": [Phrase("hub letter receipt {number} --out DIR", number=number)],
        "delivery": [Phrase("hub request close {number} --delivered WAY", number=number)],
        "resume": [f"hub request resume {number}"],
    }
    commands = of_need.get(need_of(line), [])
    if request.extended and request.stage not in OVER and "extension" not in request.letters:
        # The person must hear of it within the first month.
        commands = [Phrase("hub letter extension {number} --out DIR", number=number), *commands]
    if commands:
        screen.heading(Phrase("Next:"))
    for command in commands:
        screen.command(command)


def ledger(screen: Screen, lines: int, broken: Sequence[str]) -> None:
    """Whether the ledger is as it was written."""
    if not broken:
        screen.line(Part(Phrase("The ledger is as it was written: {count} lines.", count=lines), "green"))
        return
    screen.line(Part(Phrase("The ledger was changed from outside: {requests}.", requests=list(broken)), "bold red"))
    screen.line(Phrase("Do not trust what it says about these requests; take the file ledger.db from a backup if you have one."))
