"""Decisions of the owner about two entries that have no effect any more."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.phrase import Phrase
from hub.report.finding import Family, Finding, Place


class Undone(Family):
    """One finding for each decision that lost an entry; nobody says what it was, for the entry may be one that was erased."""

    def rest(self) -> Iterator[Finding]:
        """The pairs: sources and refs, no name."""
        for one, other in self.night.lost:
            yield Finding(
                kind="duplicate",
                severity="info",
                id=self.night.id("decision", *one, *other),
                entries=(Place(*one), Place(*other)),
                what=Phrase(
                    "You decided whether two entries, in {one} and {other}, are one person; one of them is not there any more.",
                    one=one[0],
                    other=other[0],
                ),
                proposal=Phrase(
                    "If it was erased, nothing is to be done. If it was changed, look for the person and decide again"
                    " with hub same or hub different."
                ),
            )
