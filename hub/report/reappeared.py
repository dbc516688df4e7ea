"""Somebody who was erased or refused is there again: a late sync, an old backup, a form filled in once more."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.phrase import Phrase
from hub.person import Person
from hub.report.finding import Family, Finding, Place, mark
from hub.store.suppression import Reappeared, reappeared


class Reappearances(Family):
    """One finding for each entry; it names the entry, and never the person."""

    def about(self, person: Person) -> Iterator[Finding]:
        """The person's sure entries that should not be there."""
        entries = (member.held for member in person.links)
        yield from (self._finding(person, found) for found in reappeared(entries, self.night.gone))

    def _finding(self, person: Person, found: Reappeared) -> Finding:
        kind = "reappeared" if found.why == "erased" else "refused_but_stored"
        return Finding(
            kind=kind,
            severity="warning" if found.sure else "info",
            id=self.night.id(kind, mark(found.held), found.held.entry.ref),
            entries=(Place.of(found.held),),
            what=_what(found),
            proposal=Phrase("Look at it, and erase it: hub erase --person {person}", person=person.handle)
            if found.sure
            else Phrase("If it is the same person: hub erase --person {person}; else accept it.", person=person.handle),
            person=person.handle,
        )


def _what(found: Reappeared) -> Phrase:
    where = found.held.entry.locator
    if found.why == "refused":
        if found.sure:
            return Phrase("{where} is about somebody who refused to be stored.", where=where)
        return Phrase("{where} bears the name of somebody who refused to be stored.", where=where)
    if found.sure:
        return Phrase(
            "{where} is about somebody who was erased by request {request} and is back.", where=where, request=found.request
        )
    return Phrase("{where} bears the name of somebody who was erased by request {request}.", where=where, request=found.request)
