"""From a card's bytes to an entry, and what a group is without one of its members."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from functools import partial

from connectors import _vcard
from connectors._cardedit import edited
from connectors._cardlines import Card, Line, cards
from connectors.carddav.server import Fetched, Member, ref_of
from connectors.entry import Attachment, Entry, Field, Ref, Unreadable, Version
from connectors.phrase import Phrase

LoadPicture = Callable[[str], bytes]


def readable(data: bytes) -> list[Card]:
    """The cards of a resource in which any line says something; there should be one."""
    return [card for card in cards(data) if any(line.value.strip() for line in card.properties)]


def is_group(found: list[Card]) -> bool:
    """Whether the resource is a list of other cards."""
    return any(_vcard.is_group(card) for card in found)


def uid_of(found: list[Card]) -> str:
    """The id by which a group names the card, in one spelling; "" when it has none."""
    return found[0].uid.casefold() if found else ""


def content(data: bytes) -> str:
    """A hash of the card that is the same however the server ends its lines."""
    return hashlib.sha256(data.replace(b"\r", b"")).hexdigest()


def version_of(member: Member, data: bytes, found: list[Card]) -> Version:
    """A hash of the etag (of the content without one), and one of the id, to find it in groups when the card is gone."""
    token = f"e{_short(member.etag)}" if member.etag else f"c{content(data)[:16]}"
    uid = uid_of(found)
    return Version(f"{token}-{_short(uid)}" if uid else token)


def trace_of(uid: str) -> str:
    """What a version holds of an id."""
    return _short(uid)


def place(ref: str, host: str) -> Phrase:
    """Where a card is: servers have no sheet and row, so it is the beginning of its ref."""
    return Phrase("card {ref} of the address book at {host}", ref=ref[:8], host=host)


def item_of(fetched: Fetched, host: str, load: LoadPicture) -> Entry | Unreadable | None:
    """The entry of a card, why it is none, or None for a group."""
    ref = Ref(ref_of(fetched.member.key))
    where = place(ref, host)
    if fetched.data is None:
        return Unreadable(where, fetched.why or Phrase("the server does not give it"))
    found = readable(fetched.data)
    if not found:
        return Unreadable(where, Phrase("nothing in it is written in the way of a contact card"))
    if is_group(found):
        return None
    fields: list[Field] = []
    attachments: list[Attachment] = []
    for card in found:
        urls = {line.text.strip() for line in _linked(card)}
        fields += [item for item in _vcard.fields_of(card) if item.value not in urls or item.label != "PHOTO"]
        attachments += _vcard.attachments_of(card)
        attachments += [Attachment("photo", "application/octet-stream", partial(load, url)) for url in sorted(urls)]
    version = version_of(fetched.member, fetched.data, found)
    return Entry(ref, version, where, tuple(dict.fromkeys(fields)), attachments=tuple(attachments))


def _linked(card: Card) -> Iterator[Line]:
    """The pictures that a card only points at."""
    return (line for line in card.properties if line.name == "PHOTO" and not line.embeds and "://" in line.text)


def without_member(data: bytes, trace: str) -> tuple[bytes, list[bytes]]:
    """A group's bytes without the lines that name a member, and those lines; every other byte stays."""
    new, taken, at = b"", [], 0
    for card in cards(data):
        gone = {number: None for number, uid in _vcard.members(card) if _short(uid.casefold()) == trace}
        new += data[at : card.start] + edited(card, gone)
        taken += [card.lines[number].raw for number in gone]
        at = card.end
    return new + data[at:], taken


def with_lines(data: bytes, lines: list[bytes]) -> bytes:
    """A group's bytes with member lines put back before its end."""
    first = cards(data)[0]
    return data[: first.start] + edited(first, {}, lines) + data[first.end :]


def members(data: bytes) -> list[str]:
    """Whom a group names, in one spelling and order."""
    return sorted(uid.casefold() for card in readable(data) for _, uid in _vcard.members(card))


def told(data: bytes) -> list[tuple[Field, ...]]:
    """What a resource says, for comparing before and after a server rewrote it; members of groups included."""
    return [
        (*_vcard.fields_of(card), *(Field("other", uid.casefold(), "member") for _, uid in _vcard.members(card)))
        for card in readable(data)
    ]


def _short(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
