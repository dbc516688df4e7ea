"""Special data: personal identity codes, words about health and dates of birth, wherever they stand; never shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from typing import Literal

from connectors.entry import Disposal, Field
from connectors.phrase import Phrase
from hub.fields import field_name
from hub.normalise import clean, fold, wordlist
from hub.person import Held, Person
from hub.report.finding import Family, Finding, Night, Place, Severity, brief, mark, own_links, where

Type = Literal["identity code", "health", "birth date"]

_CODE = re.compile(r"(?<![0-9A-Za-z])\d{6}\s?[-+A-FU-Y]\s?\d{3}\s?[0-9A-Y](?![0-9A-Za-z])", re.IGNORECASE)
_LIKE = re.compile(r"\d{6} *[-+A-FU-Y] *\d{3}", re.IGNORECASE)
"""The like of a code in printable ASCII: cleaning such a text levels its blanks and nothing else."""

_DIGIT = re.compile(r"\d")
_DAY = r"\d{1,2}\s?[.\-/]\s?\d{1,2}\s?[.\-/]\s?(?:\d{4}|\d{2})|\d{4}-\d{2}-\d{2}"
_YEAR = r"\d{6}|(?:19|20)\d{2}"


_NO_NOTES = frozenset({"phone", "email", "postcode", "price", "date", "customer_number", "invoice_number", "business_id"})
"""Kinds in which nobody writes "born on"."""


class SpecialData(Family):
    """Each code, word and date is a finding of its own; none of them stands in it."""

    def __init__(self, night: Night) -> None:
        super().__init__(night)
        self._shared: set[str] = set()
        """Ids of what stands in a record that several persons share, so that it is told once."""

    def about(self, person: Person) -> Iterator[Finding]:
        """Look into every field of the person's entries."""
        held = [member.held for member in own_links(person)]
        # The card of an invoicing program says what its row says; a page of a binder stands for itself.
        written = {item.source for item in held if item.entry.disposal is not Disposal.MANUAL}
        for entry in held:
            if entry.entry.disposal is Disposal.MANUAL and entry.source in written:
                continue
            for item in filter(_worth_a_look, entry.entry.fields):
                for what, value in _found(item):
                    if not (item.stays and self._told(entry, item, value)):
                        yield self._finding(person, entry, item, what, value)

    def stands(self, person: Person) -> date:
        """What stands in a record of several persons is told of the first of them who comes."""
        fields = (item for member in own_links(person) for item in member.held.entry.fields if item.stays)
        return date.min if any(_worth_a_look(item) and any(_found(item)) for item in fields) else date.max

    def _told(self, held: Held, item: Field, value: str) -> bool:
        """Whether a value that is not this person's alone was told already, with somebody else of the same record."""
        name = self.night.id("special_data", held.source, held.entry.locator, item.kind, item.label, value)
        told = name in self._shared
        self._shared.add(name)
        return told

    def _finding(self, person: Person, held: Held, item: Field, what: Type, value: str) -> Finding:
        severity, told, proposal = _SAID[what]
        place = Place.of(held)
        name = field_name(item.kind)
        named = Phrase("{kind} ({label})", kind=name, label=item.label) if item.label else Phrase("{kind}", kind=name)
        return Finding(
            kind="special_data",
            severity=severity,
            person=person.handle,
            entries=(place,),
            id=self.night.id("special_data", what, mark(held), item.kind, item.label, value),
            what=Phrase(
                "{person}: {special}, field {field}: {places}",
                person=brief(person.name),
                special=told,
                field=named,
                places=where([place]),
            ),
            proposal=proposal,
        )


_SAID: dict[Type, tuple[Severity, Phrase, Phrase]] = {
    "identity code": (
        "error",
        Phrase("a personal identity code (hetu)"),
        Phrase("Remove it, unless a law orders you to keep it: a name and a contact are enough to tell people apart."),
    ),
    "health": (
        "warning",
        Phrase("a word about health"),
        Phrase("Remove it: data about health needs an explicit consent or a law of its own."),
    ),
    "birth date": (
        "info",
        Phrase("a date of birth"),
        Phrase("Remove it if you do not need it for what you do for the person."),
    ),
}


def _worth_a_look(item: Field) -> bool:
    """Whether there can be anything special in a field: in most of them there is nothing to look for."""
    if item.kind == "birthday" or item.kind in _health_kinds():
        return True
    if item.kind in _NO_NOTES and item.value.isascii() and item.value.isprintable():
        return _LIKE.search(item.value) is not None
    return _DIGIT.search(item.value) is not None


def _found(item: Field) -> Iterator[tuple[Type, str]]:
    """What is special in one field; the value goes into the keyed id only."""
    text = item.value
    digits = _DIGIT.search(text)
    codes = set(_codes(text)) if digits else set()
    for code in sorted(codes):
        yield "identity code", code
    if item.kind == "birthday":
        if not codes:
            yield "birth date", text
    elif digits and item.kind not in _NO_NOTES:
        for date in dict.fromkeys(match["one"] or match["other"] for match in _births().finditer(fold(text))):
            yield "birth date", date
    if item.kind in _health_kinds():
        words = list(wordlist.health().found(text))
        if not words and item.label and wordlist.health().met(item.label) and fold(text) not in _no():
            words = [fold(item.label)]
        for word in words:
            yield "health", word


def _codes(text: str) -> Iterator[str]:
    """Every valid personal identity code in a text, those of the year 2023's signs and temporary ones included."""
    if text.isascii() and text.isprintable() and not _LIKE.search(text):
        return  # as nearly always
    for match in _CODE.finditer(clean(text)):
        from stdnum.fi import hetu  # only where something looks like one

        code = re.sub(r"\s", "", match[0]).upper()
        if hetu.is_valid(code, allow_temporary=True):
            yield code


@cache
def _births() -> re.Pattern[str]:
    table = wordlist.table()["birth"]
    long, short, between = (_any_of(table[name]) for name in ("words", "short", "between"))
    gap = rf"\s?:?\s?(?:{between})?\s?"
    return re.compile(rf"(?<!\w)(?:(?:{long}){gap}(?P<one>{_DAY}|{_YEAR})|(?:{short}){gap}(?P<other>{_DAY}))(?!\w)")


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(fold(word)) for word in sorted(words, key=len, reverse=True))


@cache
def _health_kinds() -> frozenset[str]:
    return frozenset(wordlist.table()["health"]["kinds"])


@cache
def _no() -> frozenset[str]:
    return frozenset(wordlist.table()["marketing"]["no"])
