"""What an erase left behind: places that wait for a hand, bins that still hold what went, and values that came back in a text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from connectors.phrase import Phrase
from hub.person import Member, Person
from hub.plan import Leftover
from hub.report.finding import Family, Finding, Left, Place, mark

_LOOK_DAYS = 14
"""For so many nights after a bin's last day the report asks to look into it."""

_FREE = frozenset({"note", "other", "url", "title", "service"})
"""Kinds of fields that may hold anybody's values."""


class LeftBehind(Family):
    """One finding for each place, each bin, and each entry with a value in a text; none names the person."""

    def about(self, person: Person) -> Iterator[Finding]:
        """The entries in whose free texts an erased person's e-mail or phone stands again."""
        for member in person.links:
            if not member.held.entry.copy_of and (request := self._told_of(member)):
                held = member.held
                yield Finding(
                    kind="residue",
                    severity="warning",
                    id=self.night.id("residue", "text", mark(held), request),
                    entries=(Place.of(held),),
                    what=Phrase(
                        "A text in {where} holds an e-mail or a phone of somebody who was erased by request {request}.",
                        where=held.entry.locator,
                        request=request,
                    ),
                    proposal=Phrase("Take it out of the text; what is right as it is, accept: hub report --accept ID"),
                    person=person.handle,
                )

    def _told_of(self, member: Member) -> str:
        texts = [item.value for item in member.held.entry.fields if item.kind in _FREE]
        found = max((self.night.gone.in_text(text) for text in texts), default="")
        # An entry that is about the person herself is reported as that.
        return found if found and self.night.gone.look(member.held) is None else ""

    def rest(self) -> Iterator[Finding]:
        """What the requests themselves know of."""
        for left in self.night.left:
            yield from (self._place(left, item) for item in left.residue)
            for source, until in left.bins.items():
                if finding := self._bin(left, source, date.fromisoformat(until)):
                    yield finding

    def _place(self, left: Left, item: Leftover) -> Finding:
        return Finding(
            kind="residue",
            severity="warning",
            id=self.night.id(
                "residue", "place", left.request, item.source, item.where.template, *map(str, item.where.values.values())
            ),
            entries=(Place(item.source, item.ref or None, item.where),),
            person=item.handle,
            what=Phrase(
                "A value of somebody who was erased by request {request} was still found in {where}: {why}",
                request=left.request,
                where=item.where,
                why=item.why,
            ),
            proposal=Phrase(
                "hub find --person {handle} shows which entry it is. Remove the value by hand, and then accept this: "
                "hub report --accept ID --reason TEXT",
                handle=item.handle,
            )
            if item.handle
            else Phrase("Remove it by hand, and then accept this: hub report --accept ID --reason TEXT"),
        )

    def _bin(self, left: Left, source: str, until: date) -> Finding | None:
        """While a bin holds what went, to know; right after its last day, to look."""
        today = self.night.now.date()
        if today > until + timedelta(days=_LOOK_DAYS):
            return None
        over = today > until
        told = {"source": source, "request": left.request, "day": until.isoformat()}
        return Finding(
            kind="residue",
            severity="warning" if over else "info",
            id=self.night.id("residue", "over" if over else "bin", left.request, source),
            entries=(Place(source),),
            what=Phrase(
                "What request {request} erased from {source} could be restored there until {day}: check it again.", **told
            )
            if over
            else Phrase("What request {request} erased from {source} can be restored there until {day}.", **told),
            proposal=Phrase(
                "See in its bin or archive that nothing of it is left, and accept this; whether it came back to the source was "
                "checked tonight."
            )
            if over
            else Phrase("Empty its bin to have it gone at once, and restore no archive from before the erase."),
        )
