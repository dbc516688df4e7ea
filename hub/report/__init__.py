"""The nightly report: where the registers disagree, hold too much, or lack something. It changes nothing in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from hub.person import Person
from hub.report.finding import KINDS, SEVERITIES, Family, Finding, Left, Night, Place, Register, Severity
from hub.report.overview import Overview

__all__ = [
    "KINDS",
    "SEVERITIES",
    "Family",
    "Finding",
    "Left",
    "Night",
    "NightlyReport",
    "Overview",
    "Place",
    "Register",
    "Severity",
    "families",
    "make_report",
]


@dataclass(frozen=True, slots=True)
class NightlyReport:
    """All findings of one night, the gravest first, and who is in which registers."""

    night: Night
    findings: tuple[Finding, ...]
    overview: Overview = field(repr=False)


def families() -> tuple[type[Family], ...]:
    """Every family of findings; a new one is written as a module of this folder and named here."""
    from hub.report.breached import Breached
    from hub.report.conflict import Conflicts
    from hub.report.copies import Copies
    from hub.report.decided import Undone
    from hub.report.due import Due
    from hub.report.duplicate import Duplicates
    from hub.report.marketing import Marketing
    from hub.report.missing import Missing
    from hub.report.not_asked import NotAsked
    from hub.report.packages import PackagesOver
    from hub.report.reappeared import Reappearances
    from hub.report.residue import LeftBehind
    from hub.report.retention import RetentionOver
    from hub.report.sources import Sources
    from hub.report.special import SpecialData

    return (
        Conflicts,
        Duplicates,
        Missing,
        Reappearances,
        LeftBehind,
        SpecialData,
        Marketing,
        Copies,
        RetentionOver,
        NotAsked,
        PackagesOver,
        Due,
        Breached,
        Undone,
        Sources,
    )


def make_report(night: Night, persons: Iterable[Person], kinds: Sequence[type[Family]] | None = None) -> NightlyReport:
    """Look at every person once, and at the sources; only findings are kept. Pure."""
    asked = [family(night) for family in (families() if kinds is None else kinds)]
    overview = Overview()
    found: list[Finding] = []
    abouts = [family.about for family in asked if type(family).about is not Family.about]
    for person in persons:
        told = [finding for about in abouts for finding in about(person)]
        overview.add(person, told)
        found += told
    found += [finding for family in asked for finding in family.rest()]
    unique = sorted(_distinct(night, found), key=lambda item: (SEVERITIES.index(item.severity), KINDS.index(item.kind)))
    return NightlyReport(night, tuple(unique), overview)


def _distinct(night: Night, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Each finding once; of different ones that share an id the later ones get one by their entries."""
    seen: dict[str, list[str]] = {}
    for finding in findings:
        refs = [place.ref or "" for place in finding.entries]
        if finding.id not in seen:
            told = finding
        elif refs == seen[finding.id]:
            continue
        else:
            told = replace(finding, id=night.id(finding.kind, finding.id, *refs))
        if told.id not in seen:
            seen[told.id] = refs
            yield told
