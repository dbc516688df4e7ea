"""What a person was asked and agreed to, and who was told what, for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from connectors.phrase import Phrase
from hub.fields import field_name
from hub.permissions import Act, Disclosed, Permitted, Standing
from hub.person import Person
from hub.render import requests
from hub.render.screen import Cell, Column, Part, Screen

if TYPE_CHECKING:
    from hub.ledger import Request
    from hub.permissions.disclosure import Value

STATUSES = {
    "not_asked": Phrase("not asked yet"),
    "asked": Phrase("asked, no answer: that is no consent"),
    "answered_yes": Phrase("answered yes"),
    "answered_no": Phrase("answered no"),
}
_STATES = {
    "open": Phrase("may be used once"),
    "used": Phrase("was used"),
    "expired": Phrase("its time is over or not come"),
    "withdrawn": Phrase("taken back"),
}
_DISCLOSURES = (
    Column(Phrase("Number"), 3),
    Column(Phrase("Day"), 3),
    Column(Phrase("Recipient"), 4),
    Column(Phrase("Data"), 4),
    Column(Phrase("Remarks"), 4),
)


def standing(screen: Screen, person: Person, known: Standing, day: str) -> None:
    """Where a person stands on a day (ISO): asked, agreed, objected, permissions, disclosures."""
    screen.heading(person.name or person.handle)
    asked = known.asked
    when: list[str | Part] = [Part("  "), Part(_when(screen, asked), "dim")] if asked else []
    screen.line(STATUSES[known.status], *when, indent=2)
    for purpose in known.purposes:
        if purpose and (agreed := known.agrees(purpose)):
            said = Phrase("agrees to: {purpose}", purpose=purpose)
            screen.line(Part(said, "green"), "  ", Part(_when(screen, agreed), "dim"), indent=2)
        elif purpose and (against := known.objects(purpose)):
            said = Phrase("does not agree (any more) to: {purpose}", purpose=purpose)
            screen.line(Part(said, "bold red"), "  ", Part(_when(screen, against), "dim"), indent=2)
    if (every := known.objects("")) is not None:
        screen.line(Part(Phrase("objects to every use"), "bold red"), "  ", Part(_when(screen, every), "dim"), indent=2)
    for item in known.permissions(day):
        _show_permission(screen, item)
    if known.disclosures:
        disclosures(screen, known.disclosures)
    if known.status == "not_asked":
        screen.heading(Phrase("Ask them, then write it down:"))
        screen.command(f"hub ask --person {person.handle} --status asked")


def _show_permission(screen: Screen, item: Permitted) -> None:
    act = item.act
    what = Phrase("permission {number}: {recipient} may get: {data}", number=act.number, recipient=act.recipient, data=_data(act))
    state = Part(_STATES[item.state], "green" if item.state == "open" else "dim")
    # Of one that was used the day is past interest: it reads as if it were used until then.
    until = ("  ", Phrase("until {day}", day=screen.language.day(act.until))) if item.state != "used" else ()
    screen.line(what, "  ", state, *until, indent=2)


def act(screen: Screen, person: Person, told: Act, request: Request | None) -> None:
    """What was written down, and the tasks it made."""
    screen.line(Part(_said(told), "bold"), "  ", person.name or person.handle)
    if request is None:
        return
    steps = request.plan.steps if request.plan else ()
    if not steps:
        screen.line(Part(Phrase("Nothing stands anywhere that must stop."), "green"))
        requests.what_next(screen, request)
    else:
        screen.heading(Phrase("To stop by hand, as request {request}:", request=request.number))
        for source, group in groupby(steps, lambda step: step.source):
            screen.heading(source)
            columns = (Column("#", 0), Column(Phrase("Where"), 4), Column(Phrase("What"), 6))
            screen.table(columns, [[str(step.number), step.locator, step.reason] for step in group])
        screen.heading(Phrase("When you have done a step by hand, type:"))
        for step in steps:
            screen.command(f"hub done {request.number} {step.number}")
    screen.heading(Phrase("If they want to be erased instead, this plans it over all registers and changes nothing yet:"))
    screen.command(f"hub erase --person {person.handle}")


def _said(told: Act) -> Phrase:
    if told.kind == "consent":
        return Phrase("Written down as {number}: a consent.", number=told.number)
    if told.kind == "permission":
        return Phrase(
            "Written down as {number}: a permission for one recipient, this data and one time, until {day}.",
            number=told.number,
            day=told.until,
        )
    if told.kind == "withdrawal":
        return Phrase("Written down as {number}: it is taken back.", number=told.number)
    return Phrase("Written down as {number}: an objection.", number=told.number)


def disclosed(screen: Screen, told: Act, values: Sequence[Value], directory: str | None) -> None:
    """What was passed on, exactly that."""
    screen.heading(
        Phrase(
            "Disclosure {number} to {recipient}, by permission {permission}:",
            number=told.number,
            recipient=told.recipient,
            permission=told.of,
        )
    )
    for item in values:
        screen.line(f"{screen.say(field_name(item.kind))}: {item.value}", indent=2)
    if directory:
        screen.heading(Phrase("The same data were written into this folder:"))
        screen.command(directory)


def disclosures(screen: Screen, found: Sequence[Disclosed]) -> None:
    """Who got what, and who must still hear of a change."""
    if not found:
        screen.line(Phrase("Nothing was ever passed on."))
        return
    rows: list[list[Cell]] = []
    for item in found:
        waits = Phrase("to be told of {requests}", requests=list(item.to_tell)) if item.to_tell else ""
        told = item.act
        rows.append([told.number, screen.language.day(told.day), told.recipient, screen.say(_data(told)), waits])
    screen.table(_DISCLOSURES, rows)
    open_ = [item.act.number for item in found if item.to_tell]
    if open_:
        screen.heading(Phrase("When you have told a recipient, type:"))
        for number in open_:
            screen.command(f"hub disclose --told {number}")


def told(screen: Screen, number: str, requests: Sequence[str]) -> None:
    """The recipient heard of it."""
    if requests:
        screen.line(
            Phrase("Written down: the recipient of {number} heard of {requests}.", number=number, requests=list(requests))
        )
    else:
        screen.line(Phrase("The recipient of {number} has nothing to be told of.", number=number))


def _data(told: Act) -> Phrase:
    return Phrase("{kinds}", kinds=[field_name(kind) for kind in told.data])


def _when(screen: Screen, told: Act) -> str:
    details = [screen.language.day(told.day), told.wording, told.how]
    return ", ".join(item for item in details if item)
