"""Conflict copies: a cloud or a program left a second file of a register; its entries count once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from connectors.entry import Entry
from connectors.phrase import Phrase
from hub.person import Person
from hub.report.finding import Family, Finding, Night, Place

MOST = 20
"""So many entries of a copy are named; all of them are counted."""


@dataclass(slots=True)
class _Copy:
    count: int = 0
    places: list[Place] = field(default_factory=list)


class Copies(Family):
    """One finding for each copy."""

    def __init__(self, night: Night) -> None:
        super().__init__(night)
        self._copies: dict[tuple[str, str, str], _Copy] = {key: _Copy() for key in _warned(night)}

    def about(self, person: Person) -> Iterator[Finding]:
        """Count the entries of copies; nothing is said of them one by one."""
        for member in person.links:
            entry = member.held.entry
            if entry.copy_of:
                copy = self._copies.setdefault(self._key(member.held.source, entry), _Copy())
                copy.count += 1
                if len(copy.places) < MOST:
                    copy.places.append(Place.of(member.held))
        yield from ()

    def stands(self, person: Person) -> date:
        """Entries of copies are counted every night."""
        return date.min if any(member.held.entry.copy_of for member in person.links) else date.max

    def _key(self, source: str, entry: Entry) -> tuple[str, str, str]:
        """The copy an entry is in: the file its locator names; where it names none, the copies of a file are one."""
        names = set(entry.locator.values.values())
        of_this = [key for key in self._copies if key[0] == source and key[2] == entry.copy_of]
        return next((key for key in of_this if key[1] in names), of_this[0] if of_this else (source, "", entry.copy_of))

    def rest(self) -> Iterator[Finding]:
        """One finding for each copy that was told or that entries are in."""
        for (source, name, original), copy in self._copies.items():
            what = (
                Phrase("{copy} is a copy of {file}; entries in it: {count}", copy=name, file=original, count=copy.count)
                if name
                else Phrase("There is a copy of {file}; entries in it: {count}", file=original, count=copy.count)
            )
            yield Finding(
                kind="conflict_copy",
                severity="warning",
                entries=tuple(copy.places) or (Place(source),),
                id=self.night.id("conflict_copy", source, name, original),
                what=what,
                proposal=Phrase("Compare the two, put what only the copy holds into the original, and remove the copy."),
            )


def _warned(night: Night) -> Iterator[tuple[str, str, str]]:
    """(source, copy, original) of each copy that a source warned of."""
    for answer in night.answers:
        for warning in answer.warnings:
            if {"copy", "file"} <= warning.values.keys():
                yield answer.source, str(warning.values["copy"]), str(warning.values["file"])
