"""A breach for the owner to read, as a document, and as the two drafts: to the authority and to those concerned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from connectors.phrase import Phrase
from hub.config import Controller
from hub.fields import field_name
from hub.language import Language
from hub.law import clock
from hub.render import words
from hub.render.html import page
from hub.render.letters import Letter
from hub.render.screen import Cell, Column, Part, Screen
from hub.report.breached import TOLD
from hub.store.breach import Breach

RISKS = {
    "none": Phrase("no risk is to be expected"),
    "risk": Phrase("a risk is to be expected"),
    "high": Phrase("a high risk is to be expected"),
}
"""How grave a breach is for those concerned."""


@dataclass(frozen=True, slots=True)
class _Row:
    register: str
    persons: int
    entries: int
    data: str
    known: bool


def drafts(breach: Breach, controller: Controller, now: datetime, language: Language) -> dict[str, str]:
    """Both drafts as pages, by the names of their files without an ending; they hold counts and kinds of data, and nobody's name."""
    letter = Letter(controller, clock.local(now, controller.country).date())
    told = _values(breach, controller.country, now, language)
    return {
        f"{breach.number}-{name}": page(f"breach-{name}.html.j2", language, letter=letter, day=_day(letter.day, language), **told)
        for name in ("authority", "customers")
    }


def _values(breach: Breach, country: str, now: datetime, language: Language) -> Mapping[str, object]:
    aware = datetime.fromisoformat(breach.aware)
    kinds = dict.fromkeys(kind for item in breach.concerned for kind in item.data)
    return {
        "breach": breach,
        "aware": language.time(breach.aware),
        "aware_day": _day(aware.date(), language),
        "deadline": language.time(breach.deadline(country).isoformat()),
        "authority": language.time(breach.authority),
        "customers": language.time(breach.customers),
        "late": breach.late(now, country),
        "registers": [
            _Row(
                f"{item.source} ({language.say(words.source(item.kind))})",
                item.persons,
                item.entries,
                _named(item.data, language),
                _known(item.state),
            )
            for item in breach.concerned
        ],
        "data": _named(list(kinds), language),
        "risk": language.say(RISKS[breach.risk]),
    }


def _known(state: str) -> bool:
    return state == "complete"


def _named(kinds: Sequence[str], language: Language) -> str:
    return ", ".join(language.say(field_name(kind)) for kind in kinds)


def _day(day: date, language: Language) -> str:
    return language.day(day.isoformat())


def document(breach: Breach, country: str, now: datetime, files: Sequence[str] = ()) -> dict[str, Any]:
    """The `hub.breach/1` document; `hours_left` is negative once the time is over."""
    deadline = breach.deadline(country)
    over = now > deadline
    return {
        "schema": "hub.breach/1",
        "breach": breach.number,
        "state": "closed" if breach.closed else "open",
        "aware": breach.aware,
        "deadline": deadline.isoformat(),
        "hours_left": -clock.hours_between(deadline, now) if over else clock.hours_between(now, deadline),
        "late": breach.late(now, country),
        "noticed_by": breach.noticed_by,
        "risk": breach.risk,
        "persons": breach.persons,
        "sources": [
            {"source": item.source, "kind": item.kind, "state": item.state, "persons": item.persons, "entries": item.entries}
            | {"data": list(item.data)}
            for item in breach.concerned
        ],
        "authority": breach.authority or None,
        "customers": breach.customers or None,
        "closed": breach.closed or None,
        "missing": list(breach.missing),
        "files": list(files),
    }


def listed(screen: Screen, breaches: Sequence[Breach], country: str, now: datetime) -> None:
    """All breaches, a line each."""
    if not breaches:
        screen.line(Phrase("No breach was ever written down."))
        return
    columns = (Column(Phrase("Breach")), Column(Phrase("We learned of it")), Column(Phrase("How it stands"), 3))
    rows: list[list[Cell]] = [[item.number, screen.language.time(item.aware), _stands(item, country, now)] for item in breaches]
    screen.table(columns, rows)


def shown(screen: Screen, breach: Breach, country: str, now: datetime) -> None:
    """One breach: its clock, who is to be told, and how many the registers hold."""
    screen.heading(Phrase("Breach {number}", number=breach.number), "  ", _stands(breach, country, now))
    times = {"aware": breach.aware, "deadline": breach.deadline(country).isoformat()}
    said = {name: screen.language.time(time) for name, time in times.items()}
    screen.line(Phrase("You learned of it {aware}; authority and customers are told by {deadline}.", **said), indent=2)
    screen.line(Phrase("For the people concerned: {risk}", risk=RISKS[breach.risk]), indent=2)
    for name in ("authority", "customers"):
        if time := getattr(breach, name):
            screen.line(Phrase("Told: {whom}, {time}", whom=TOLD[name], time=time), indent=2)
    if breach.concerned:
        screen.line(
            Phrase("People who may be concerned (an estimate from your registers): {count}", count=breach.persons), indent=2
        )
        columns = (Column(Phrase("Register"), 2), Column(Phrase("People")), Column(Phrase("Records")))
        screen.table(columns, [_counts(item.source, item.persons, item.entries, item.state) for item in breach.concerned])


def what_next(screen: Screen, breach: Breach, *, drafted: bool) -> None:
    """What to type: the drafts, then when who was told, then the end."""
    if breach.closed:
        return
    if not breach.missing:
        screen.heading(Phrase("Next:"))
        screen.command(f"hub breach close {breach.number}")
        return
    if not drafted:
        screen.heading(Phrase("Next:"))
        screen.command(Phrase("hub breach show {number} --out DIR", number=breach.number))
    screen.heading(Phrase("When you have told them, write down when:"))
    for whom in breach.missing:
        screen.command(
            Phrase("hub breach set {number} --authority TIME", number=breach.number)
            if whom == "authority"
            else Phrase("hub breach set {number} --customers TIME", number=breach.number)
        )


def _counts(source: str, persons: int, entries: int, state: str) -> list[Cell]:
    if _known(state):
        return [source, str(persons), str(entries)]
    return [source, Part(Phrase("not known: it did not answer in full"), "yellow"), ""]


def _stands(breach: Breach, country: str, now: datetime) -> Part:
    deadline = breach.deadline(country)
    whom = [TOLD[name] for name in breach.missing]
    if breach.closed:
        return Part(Phrase("closed"), "dim")
    if not whom:
        return Part(Phrase("everybody is told; close it with hub breach close {number}", number=breach.number), "green")
    if now > deadline:
        hours = clock.hours_between(deadline, now)
        return Part(Phrase("the time is over since {hours} hours; not told yet: {whom}", hours=hours, whom=whom), "bold red")
    return Part(
        Phrase("{hours} hours left; not told yet: {whom}", hours=clock.hours_between(now, deadline), whom=whom), "bold yellow"
    )
