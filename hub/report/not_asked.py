"""Not asked: nobody wrote down that a person was asked about their data. Silence is not asking, and no answer."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.entry import IDENTIFYING
from connectors.phrase import Phrase
from hub.person import Person
from hub.report.finding import Family, Finding, Night, Place, brief, mark, own_links, where


class NotAsked(Family):
    """By `[report] ask`; without it from the day on which the first ask-status is written down."""

    def __init__(self, night: Night) -> None:
        super().__init__(night)
        self._wanted = any(act.kind == "ask" for act in night.acts.acts) if night.ask is None else night.ask

    def about(self, person: Person) -> Iterator[Finding]:
        """One finding for each person."""
        if not self._wanted:
            return
        held = [member.held for member in own_links(person)]
        named = [item for item in held if any(field.kind in IDENTIFYING for field in item.entry.fields)]
        if not named or self.night.acts.of(person).status != "not_asked":
            return
        places = tuple(Place.of(item) for item in named)
        yield Finding(
            kind="not_asked",
            severity="info",
            person=person.handle,
            entries=places,
            id=self.night.id("not_asked", min(mark(item) for item in named)),
            what=Phrase("{person} was not asked yet: {places}", person=brief(person.name), places=where(places)),
            proposal=Phrase("Ask them what you may keep and use, and write it down: hub ask WHO --status asked"),
        )
