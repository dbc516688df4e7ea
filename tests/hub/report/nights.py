"""A night, registers and persons in few words, for the tests of the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal

from connectors.contract import Column
from connectors.entry import Disposal, Entry, Field, Ref, Version
from connectors.phrase import Phrase
from hub.person import Answer, Held, Member, Person, Verdict, handle_of
from hub.report import Family, Finding, Night, Register, make_report

Holds = Literal["customers", "invoicing", "contacts", "other"]

HOLDS: dict[str, Holds] = {"customers": "customers", "invoicing": "invoicing", "phone": "contacts", "cards": "contacts"}
"""Whose entries the sources hold; any other name is a source of anybody's."""

NOON = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
KEY = b"a key of the tests"


def held(source: str, ref: str, *fields: Field, disposal: Disposal = Disposal.ERASE, copy_of: str = "", **values: str) -> Held:
    """An entry at a place; `values` are fields by kind."""
    locator = Phrase("sheet {sheet}, row {row}", sheet="Asiakkaat", row=ref)
    told = (*fields, *(Field(kind, value) for kind, value in values.items()))
    return Held(source, Entry(Ref(ref), Version("1"), locator, told, disposal, copy_of=copy_of))


def person(*entries: Held, possible: Sequence[Held] = (), name: str = "Aino Esimerkkilä") -> Person:
    """A person who has these entries, and may have those."""
    members = [Member(item, Verdict.LINK) for item in entries] + [Member(item, Verdict.POSSIBLE) for item in possible]
    return Person(handle_of(item.key for item in entries), name, tuple(members))


def night(
    *sources: str,
    answers: Iterable[Answer] = (),
    columns: Mapping[str, Sequence[Column]] | None = None,
    expect: Mapping[str, Sequence[str]] | None = None,
    stale: Mapping[str, int] | None = None,
    now: datetime = NOON,
) -> Night:
    """A night with these sources; each answered in full unless `answers` say otherwise."""
    told = {answer.source: answer for answer in answers}
    names = list(dict.fromkeys((*sources, *told)))
    registers = {
        name: Register(name, "", HOLDS.get(name, "other"), (columns or {}).get(name, ()), (stale or {}).get(name))
        for name in names
    }
    return Night(now, [told.get(name, Answer(name, "", "complete")) for name in names], registers, expect or {}, "FI", KEY)


def found(of: Night, kind: type[Family], *persons: Person) -> tuple[Finding, ...]:
    """What one family finds."""
    return tuple(make_report(of, persons, [kind]).findings)


def places(finding: Finding) -> set[tuple[str, str | None]]:
    """The (source, ref) pairs a finding names."""
    return {(place.source, place.ref) for place in finding.entries}
