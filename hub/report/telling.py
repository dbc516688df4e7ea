"""What all families have to say about one person after the other, and then about the night itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from hub.person import Person
from hub.report.finding import KINDS, SEVERITIES, Family, Night
from hub.report.findings import AtHand, Findings, Headline
from hub.report.overview import Overview, Sources, sources_of


class Said(NamedTuple):
    """What is said about one person."""

    handle: str
    name: str
    sources: Sources
    headlines: tuple[Headline, ...]

    def __repr__(self) -> str:
        return f"<{len(self.headlines)} findings about {self.handle}>"


@dataclass(frozen=True, slots=True)
class NightlyReport:
    """All findings of one night, the gravest first, and who is in which registers."""

    night: Night
    findings: Findings
    overview: Overview = field(repr=False)


class Telling:
    """The families of one night at work."""

    def __init__(self, night: Night, kinds: Sequence[type[Family]]) -> None:
        self.night = night
        self.overview = Overview()
        self._families = [family(night) for family in kinds]
        self._about = [family for family in self._families if type(family).about is not Family.about]
        self._fading = [family for family in self._families if type(family).stands is not Family.stands]

    def about(self, person: Person) -> Said:
        """What is said about a person."""
        headlines = tuple(Headline.of(finding) for family in self._about for finding in family.about(person))
        return Said(person.handle, person.name, sources_of(person), headlines)

    def stands(self, person: Person) -> date:
        """Through which day the same is said about a person who has the same entries."""
        return min((family.stands(person) for family in self._fading), default=date.max)

    def rest(self) -> Iterator[Headline]:
        """What is to be said beside, once everybody was spoken about."""
        return (Headline.of(finding) for family in self._families for finding in family.rest())

    def report(self, said: Iterable[Said]) -> NightlyReport:
        """The report, once everybody was spoken about."""
        headlines: list[Headline] = []
        for one in said:
            self.overview.add(one)
            headlines += one.headlines
        headlines += self.rest()
        ordered = sorted(headlines, key=lambda item: (_SEVERITY[item.severity], _KIND[item.kind]))
        told = distinct(self.night.id, ((item.kind, item.id, item.refs) for item in ordered))
        items = [ordered[place]._replace(id=name) for place, name in told]
        return NightlyReport(self.night, Findings(AtHand(items)), self.overview)


_SEVERITY, _KIND = ({name: place for place, name in enumerate(names)} for names in (SEVERITIES, KINDS))


def distinct(own_id: Callable[[str, str, str], str], told: Iterable[tuple[str, str, str]]) -> Iterator[tuple[int, str]]:
    """Each finding once, from kind, id and refs of all: its place among them, and its id.

    Of different ones that share an id the later ones get one by their entries (`own_id`).
    """
    seen: dict[str, str] = {}
    for place, (kind, name, refs) in enumerate(told):
        own = own_id(kind, name, refs) if seen.get(name, refs) != refs else name
        if own not in seen:
            seen[own] = refs
            yield place, own
