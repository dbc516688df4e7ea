"""Who is in which registers: counted by combination, and in full only for the persons a finding is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hub.person import Person
from hub.report.finding import own_links

if TYPE_CHECKING:
    from hub.report.telling import Said

Sources = tuple[tuple[str, int], ...]
"""The sources that somebody is in, with the number of entries in each."""

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

    def add(self, said: Said) -> None:
        """Count one person."""
        self.count(said.sources)
        if said.headlines:
            self.concern([Shown(said.handle, said.name, dict(said.sources), len(said.headlines))], 1)

    def concern(self, shown: Iterable[Shown], persons: int) -> None:
        """Count so many persons with findings: each of them can be `shown`, if there are not too many."""
        self.concerned += persons
        if self.concerned <= MOST:
            self.shown.update((one.handle, one) for one in shown)
        else:
            self.shown.clear()

    def count(self, sources: Sources, persons: int = 1) -> None:
        """Count so many persons, each of whom has so many sure entries in these sources."""
        self.persons += persons
        for source, entries in sources:
            self.entries[source] += entries * persons
        if sources:
            self.combinations[tuple(sorted(source for source, _ in sources))] += persons


def sources_of(person: Person) -> Sources:
    """In which sources a person surely stands, with the number of entries in each."""
    counts: dict[str, int] = {}
    for member in own_links(person):
        counts[member.held.source] = counts.get(member.held.source, 0) + 1
    return tuple(counts.items())
