"""What is kept longer than it should be: by the owner's rule for a register, or by the law whose time is over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from connectors.entry import Disposal
from connectors.phrase import Phrase
from hub.law import KeptUntil, retention_ends, retention_over
from hub.person import Person
from hub.report.finding import Family, Finding, Place, mark


class RetentionOver(Family):
    """One finding for each entry over its time."""

    def about(self, person: Person) -> Iterator[Finding]:
        """The person's entries that should have gone."""
        held = [member.held for member in person.links]
        for over in retention_over(held, self.night.rules, self.night.now.date(), self.night.law):
            yield Finding(
                kind="retention_over",
                severity="warning",
                id=self.night.id("retention_over", mark(over.held), over.until.isoformat()),
                entries=(Place.of(over.held),),
                what=_what(over),
                proposal=self._proposal(over, person),
                person=person.handle,
            )

    def _proposal(self, over: KeptUntil, person: Person) -> Phrase:
        """What to do about this one entry: an erase takes all that is known of the person along."""
        ruling = self.night.law.ruling(over.held.entry)
        if not over.why and ruling.disposal is Disposal.MANUAL and ruling.reason is not None:
            return Phrase("Unless something else keeps it: {how}", how=ruling.reason)
        return Phrase(
            "Take this entry out, unless something else keeps it; or everything about the person: hub erase --person {person}",
            person=person.handle,
        )

    def stands(self, person: Person) -> date:
        """Until the next entry is over its time."""
        held = (member.held for member in person.links)
        ends = (item.until for item in retention_ends(held, self.night.rules, self.night.law))
        return min((until for until in ends if until >= self.night.now.date()), default=date.max)


def _what(over: KeptUntil) -> Phrase:
    where, day = over.held.entry.locator, over.until.isoformat()
    if not over.why:
        return Phrase("{where} had to be kept until {day} by law; that time is over.", where=where, day=day)
    return Phrase("{where} was to be kept until {day} by your own rule ({why}).", where=where, day=day, why=over.why)
