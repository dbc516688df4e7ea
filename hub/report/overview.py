"""Who is in which registers: counted by combination, and in full only for the persons a finding is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from hub.person import Person
from hub.report.finding import Finding, own_links

MOST = 200
"""So many persons with findings are shown one by one; with more the picture shows combinations of registers only."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One person with findings: the number of entries in each source, and how many findings are about whom."""

    handle: str
    name: str = field(repr=False)
    sources: dict[str, int]
    findings: int


@dataclass(slots=True)
class Overview:
    """Counts over all persons of a night."""

    persons: int = 0
    entries: Counter[str] = field(default_factory=Counter)
    """Sure entries by source."""
    combinations: Counter[tuple[str, ...]] = field(default_factory=Counter)
    """Persons by the sources they are in."""
    concerned: int = 0
    """Persons with findings."""
    shown: dict[str, Shown] = field(default_factory=dict, repr=False)
    """These persons by handle, while they are not too many to be shown."""

    def add(self, person: Person, findings: Sequence[Finding]) -> None:
        """Count one person."""
        self.persons += 1
        sources: dict[str, int] = {}
        for member in own_links(person):
            sources[member.held.source] = sources.get(member.held.source, 0) + 1
            self.entries[member.held.source] += 1
        if sources:
            self.combinations[tuple(sorted(sources))] += 1
        if findings:
            self.concerned += 1
            if self.concerned <= MOST:
                self.shown[person.handle] = Shown(person.handle, person.name, sources, len(findings))
            else:
                self.shown.clear()
