"""Other people in what is handed to one person: covered in free text until the owner has looked (GDPR, Article 15(4))."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from connectors.entry import Field
from connectors.errors import UsageError
from connectors.phrase import Phrase
from hub.exported import Look
from hub.language import Language
from hub.matching import Matching
from hub.person import Held, Member, Person

FREE = frozenset({"note", "other", "service", "title"})
"""Kinds of fields in which people write what they like."""

COVER = Phrase("[another person]")


def masked(person: Person, matching: Matching, language: Language, show: Collection[str] = ()) -> tuple[Person, tuple[Look, ...]]:
    """The person with everybody else covered in free text, and each such place; `show` names places that stay as they are.

    Raises `UsageError` when one of them is no place (any more): the text may have changed since the owner looked.
    """
    cover = _Cover([member.held for member in person.links], matching, language.say(COVER), frozenset(show))
    links = tuple(cover.member(member) for member in person.links)
    unknown = sorted(cover.show - {look.place for look in cover.looks})
    if unknown:
        raise UsageError(
            Phrase("There is no place {places} (any more).", places=unknown),
            Phrase("Run hub export without --show: it lists the places as they are now."),
        )
    return replace(person, members=(*links, *person.possible)), tuple(cover.looks)


@dataclass
class _Cover:
    """Covers others in one person's entries, and remembers where."""

    links: Sequence[Held]
    matching: Matching
    said: str
    show: frozenset[str]
    looks: list[Look] = field(default_factory=list)

    def member(self, member: Member) -> Member:
        """The member with others covered."""
        entry = member.held.entry
        fields = tuple(
            self._field(number, item, member.held) if item.kind in FREE else item for number, item in enumerate(entry.fields)
        )
        if fields == entry.fields:
            return member
        return replace(member, held=replace(member.held, entry=replace(entry, fields=fields)))

    def _field(self, number: int, item: Field, held: Held) -> Field:
        text = unicodedata.normalize("NFC", item.value)
        mentions = self.matching.mentions(text, self.links)
        looks = [
            self._look(_place(held, number, ordinal), text[one.start : one.end], one.kind, item, held)
            for ordinal, one in enumerate(mentions)
        ]
        self.looks += looks
        if all(look.shown for look in looks):
            return item
        for one, look in reversed([*zip(mentions, looks, strict=True)]):
            if not look.shown:
                text = text[: one.start] + self.said + text[one.end :]
        return replace(item, value=text)

    def _look(self, place: str, text: str, what: str, item: Field, held: Held) -> Look:
        return Look(place, held.source, held.entry.ref, held.entry.locator, item.kind, what, text, place in self.show)


def _place(held: Held, number: int, ordinal: int) -> str:
    """The name of a place: another one as soon as the entry changes, so that no decision outlives what it was made on."""
    told = "\x00".join((*held.key, held.entry.version, str(number), str(ordinal)))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:8]
