"""Duplicates: the same person twice in one register, surely or perhaps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.entry import Disposal, Entry
from connectors.phrase import Phrase
from hub.person import Held, Member, Person
from hub.report.finding import Family, Finding, Place, brief, mark, own_links, where

_RECORD = frozenset({"service", "date", "price", "invoice_number"})
"""Kinds that make a row one of several about the same person: a row for each service bought is no mistake."""


class Duplicates(Family):
    """Entries of one source that are the same person, and those that may be."""

    def about(self, person: Person) -> Iterator[Finding]:
        """One finding for each source that holds the person twice, one for each entry that only may be a second one."""
        held: dict[str, list[Held]] = {}
        for member in own_links(person):
            if _counts(member.held.entry):
                held.setdefault(member.held.source, []).append(member.held)
        for source, entries in held.items():
            if len(entries) > 1:
                yield self._twice(person, source, entries)
        for source, entries in held.items():
            # Both persons are told of one another: the one who comes first asks.
            theirs = [member.held for member in person.possible if member.held.source == source and _alone(member)]
            later = [item for item in theirs if min(own.key for own in entries) < item.key]
            if later:
                yield self._perhaps(person, min(entries, key=lambda item: item.key), later)

    def _twice(self, person: Person, source: str, entries: Sequence[Held]) -> Finding:
        places = tuple(Place.of(item) for item in entries)
        rows = [tuple(item.value for item in entry.entry.fields if item.kind in _RECORD) for entry in entries]
        records = len(set(rows)) == len(rows)
        proposal = (
            Phrase("If each is there for a reason of its own (a purchase, a list), accept this finding; else put them into one.")
            if records
            else Phrase("Keep one of them, put what only the others hold into it, and remove those.")
        )
        return Finding(
            kind="duplicate",
            severity="info" if records else "warning",
            person=person.handle,
            entries=places,
            id=self.night.id("duplicate", source, min(mark(item) for item in entries)),
            what=Phrase("{person}, {count} times: {places}", person=brief(person.name), count=len(entries), places=where(places)),
            proposal=proposal,
        )

    def _perhaps(self, person: Person, ours: Held, theirs: Sequence[Held]) -> Finding:
        places = tuple(Place.of(item) for item in (ours, *theirs))
        return Finding(
            kind="duplicate",
            severity="info",
            person=person.handle,
            entries=places,
            id=self.night.id("duplicate", "possible", mark(ours), min(mark(item) for item in theirs)),
            what=Phrase("{person} may be twice in {places}", person=brief(person.name), places=where(places)),
            proposal=Phrase(
                "Look at them: put them into one if they are the same person; if not, type: hub different {refs}",
                refs=" ".join(f"{item.source}:{item.entry.ref}" for item in (ours, theirs[0])),
            ),
        )


def _alone(member: Member) -> bool:
    return _counts(member.held.entry) and not member.held.entry.copy_of


def _counts(entry: Entry) -> bool:
    """Whether a second such entry is one too many: invoices and pages of a binder are many by nature."""
    return entry.disposal in {Disposal.ERASE, Disposal.REDACT}
