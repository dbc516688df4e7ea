"""Missing: somebody stands in one register and not in another where they are expected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.entry import IDENTIFYING
from connectors.phrase import Phrase
from hub.fields import field_name
from hub.person import Held, Person
from hub.report.finding import Family, Finding, Night, Place, brief, mark, own_links, where

_PRIVATE = "/private"
"""After a source's name: only who stands there without a company."""


class Missing(Family):
    """By `[report] expect`; without it a customer is expected among the contacts, where there are any."""

    def __init__(self, night: Night) -> None:
        super().__init__(night)
        self._rules = list(_rules(night))

    def about(self, person: Person) -> Iterator[Finding]:
        """One finding for each expectation that is not met."""
        held = [member.held for member in own_links(person)]
        sources = {item.source for item in held}
        for source, wanted in self._rules:
            ours = [item for item in held if item.source == source.removesuffix(_PRIVATE)]
            if source.endswith(_PRIVATE):
                ours = [item for item in ours if not item.entry.values("company", "business_id")]
            named = [item for item in ours if any(field.kind in IDENTIFYING for field in item.entry.fields)]
            if named and not self._met(ours, sources, wanted):
                yield Finding(
                    kind="missing",
                    severity="warning",
                    person=person.handle,
                    entries=tuple(Place.of(item) for item in named),
                    id=self.night.id("missing", "\x01".join(wanted), min(mark(item) for item in named)),
                    what=self._what(person, [Place.of(item) for item in named], wanted),
                    proposal=_proposal(person, wanted),
                )

    def _met(self, ours: Sequence[Held], sources: set[str], wanted: Sequence[str]) -> bool:
        if wanted[0] in self.night.registers:
            return not sources.isdisjoint(wanted)
        return any(field.kind in wanted for item in ours for field in item.entry.fields)

    def _what(self, person: Person, places: Sequence[Place], wanted: Sequence[str]) -> Phrase:
        name, at = brief(person.name), where(places)
        if wanted[0] in self.night.registers:
            return Phrase("{person} – {places} – is not in: {wanted}", person=name, places=at, wanted=list(wanted))
        return Phrase(
            "{person} – {places} – lacks: {wanted}", person=name, places=at, wanted=[field_name(name) for name in wanted]
        )


def _rules(night: Night) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(source, what one of must be there); what a source that did not tell all may hold is not known, so not missed."""
    if night.expect:
        for source, wanted in night.expect.items():
            for item in wanted:
                if item not in night.registers or item in night.listed:
                    yield source, (item,)
        return
    contacts = tuple(name for name, register in night.registers.items() if register.holds == "contacts")
    if contacts and night.listed.issuperset(contacts):
        for name, register in night.registers.items():
            if register.holds == "customers":
                yield name, contacts


def _proposal(person: Person, wanted: Sequence[str]) -> Phrase:
    if any(member.held.source in wanted for member in person.possible):
        return Phrase("An entry there may be the same person: look at both, and write them alike.")
    return Phrase("Add what is missing, or remove the entry if nobody needs it any more.")
