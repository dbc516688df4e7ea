"""The report as one page to read and print: no script, every value escaped, and drawings that are part of the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from hub.machine import outbox
from hub.render import words
from hub.render.html import page
from hub.render.report import KINDS, SEVERITIES
from hub.report.overview import Shown

if TYPE_CHECKING:
    from hub.config import Controller
    from hub.language import Language
    from hub.report import Finding, Severity
    from hub.report.history import PastNight, Remembered

NIGHTS = 60
"""So many nights are drawn."""

FINDINGS = 500
"""So many findings of one kind are on the page; the rest is counted."""

FRESH = 50
"""So many new findings are on the page once more; the rest is counted."""

COMBINATIONS = 24
"""So many combinations of registers are drawn; the rest is counted."""

HEIGHT = 120
_STEP = 10
_BAR = 180


@dataclass(frozen=True, slots=True)
class _Bar:
    """One night in the drawing of the trend."""

    x: int
    y: float
    height: float
    title: str
    whole: bool


@dataclass(frozen=True, slots=True)
class _Row:
    """One combination of registers: which it is, how many persons are in it, and the length of its bar."""

    members: tuple[bool, ...]
    count: int
    width: float


@dataclass(frozen=True, slots=True)
class _Group:
    """The findings of one kind and weight, those with the same proposal together."""

    title: str
    severity: Severity
    weight: str
    count: int
    more: int
    blocks: Sequence[tuple[str, Sequence[_Told]]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Told:
    """One finding as the page tells it."""

    id: str
    kind: str
    what: str = field(repr=False)
    proposal: str = field(repr=False)
    since: str
    new: bool


def write_page(target: Path, told: Remembered, controller: Controller, language: Language) -> None:
    """Write the page for this user only: the old file or the new one, whole. Raises `UsageError` when it cannot be written."""
    outbox.write_page(target, report_page(told, controller, language))


def report_page(told: Remembered, controller: Controller, language: Language) -> str:
    """The page as a whole, self-contained document."""
    overview, answers = told.report.overview, told.report.night.answers
    sources = [answer.source for answer in answers]
    persons = sorted(overview.shown.values(), key=lambda item: (-item.findings, item.name.casefold(), item.handle))
    return page(
        "report.html.j2",
        language,
        ("package.css", "report.css"),
        controller=controller,
        day=language.day(told.report.night.now.date().isoformat()),
        before=language.day(told.nights[-2].day) if len(told.nights) > 1 else "",
        persons=overview.persons,
        entries=overview.entries.total(),
        sources=sources,
        answered=sum(answer.state != "silent" for answer in answers),
        weights=[(name, language.say(said), *_count(told, name)) for name, said in SEVERITIES.items()],
        fresh=[_told(item, told, language) for item in told.findings.new(told.new)[:FRESH]],
        new=len(told.new),
        gone=told.gone,
        height=HEIGHT,
        trend=_trend(told.nights, language),
        combinations=_combinations(overview.combinations, sources),
        other_combinations=max(0, len(overview.combinations) - COMBINATIONS),
        bar=_BAR,
        matrix=_matrix(persons, sources),
        too_many=0 if persons else overview.concerned,
        registers=[
            (item.source, language.say(words.source(item.kind)), item.entries, item.state, language.day(item.as_of[:10]))
            for item in answers
        ],
        groups=_groups(told, language),
        accepted=[
            (item.id, language.say(KINDS.get(item.kind, "")), item.reason, language.day(item.day))
            for item in told.accepted
            if item.seen
        ],
    )


def _count(told: Remembered, severity: Severity) -> tuple[int, int]:
    mine = [items for weight, _, items in told.findings.groups() if weight == severity]
    return sum(map(len, mine)), sum(len(items.new(told.new)) for items in mine)


def _told(item: Finding, told: Remembered, language: Language) -> _Told:
    return _Told(
        id=item.id,
        kind=language.say(KINDS[item.kind]),
        what=language.say(item.what),
        proposal=language.say(item.proposal),
        since=language.day(item.since) if item.since < told.nights[-1].day and item.id not in told.new else "",
        new=item.id in told.new,
    )


def _groups(told: Remembered, language: Language) -> list[_Group]:
    groups = []
    for severity, kind, items in told.findings.groups():
        blocks: dict[str, list[_Told]] = {}
        for item in items[:FINDINGS]:
            one = _told(item, told, language)
            blocks.setdefault(one.proposal, []).append(one)
        count = len(items)
        title, weight, more = language.say(KINDS[kind]), language.say(SEVERITIES[severity]), max(0, count - FINDINGS)
        groups.append(_Group(title, severity, weight, count, more, list(blocks.items())))
    return groups


def _trend(nights: Sequence[PastNight], language: Language) -> list[_Bar]:
    """A bar for each of the last nights; a night on which a source was silent is drawn hollow."""
    shown = nights[-NIGHTS:]
    totals = [sum(night.counts.values()) for night in shown]
    most = max([*totals, 1])
    return [
        _Bar(
            x=number * _STEP,
            y=round(HEIGHT - total / most * HEIGHT, 1),
            height=round(total / most * HEIGHT, 1),
            title=f"{language.day(night.day)}: {total}",
            whole=not night.silent,
        )
        for number, (night, total) in enumerate(zip(shown, totals, strict=True))
    ]


def _combinations(counts: Counter[tuple[str, ...]], sources: Sequence[str]) -> list[_Row]:
    shown = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:COMBINATIONS]
    most = max([count for _, count in shown], default=1)
    return [
        _Row(tuple(source in names for source in sources), count, round(max(2.0, count / most * _BAR), 1))
        for names, count in shown
    ]


def _matrix(persons: Sequence[Shown], sources: Sequence[str]) -> list[tuple[str, str, list[int], int]]:
    """Each person with findings: name, handle, entries in each source, and the number of findings."""
    return [
        (item.name or item.handle, item.handle, [item.sources.get(source, 0) for source in sources], item.findings)
        for item in persons
    ]
