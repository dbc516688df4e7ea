"""From a file's cards to entries: what a ref stands for, when a version changes, what cannot be read."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from connectors import _vcard
from connectors._cardlines import Card
from connectors.entry import Entry, Field, Ref, Unreadable, Version
from connectors.phrase import Phrase
from connectors.vcard.files import CardFile, place, told_apart

REF = re.compile(r"([0-9a-f]{8})-([0-9a-f]{16})(?:-([0-9a-f]{8}))?")
"""File, card, and its content where several cards of a file say they are the same."""

_IDENTITY = frozenset({"FN", "N", "EMAIL", "TEL", "ORG"})
_MOST_TRACES = 12


@dataclass(frozen=True)
class Record:
    """One card of a file, with every copy of it there that is the same to the byte (`numbers`, from 0)."""

    file: CardFile = field(repr=False)
    numbers: tuple[int, ...]
    key: str = field(repr=False)
    twin: bool = False
    """Whether another card of the file has the same UID and other content."""

    @property
    def card(self) -> Card:
        """The card itself."""
        return self.file.cards[self.numbers[0]]

    @property
    def raw(self) -> bytes:
        """The card's exact bytes, in the file's text."""
        return self.file.text[self.card.start : self.card.end]

    @cached_property
    def fields(self) -> list[Field]:
        """What it says about the person."""
        return _vcard.fields_of(self.card)

    @property
    def content(self) -> str:
        """Eight digits that change with the card."""
        return _hash(self.raw)[:8]

    @property
    def ref(self) -> Ref:
        """Stable while the UID is (or, without one, name, e-mail and phone)."""
        return Ref(f"{self.file.key}-{self.key}-{self.content}" if self.twin else f"{self.file.key}-{self.key}")

    @cached_property
    def version(self) -> Version:
        """The hash of the card's bytes, then hashes by which the card is known again when its ref changed."""
        return Version(".".join([_hash(self.raw)[:16], *sorted(self._traces())]))

    def _traces(self) -> set[str]:
        found = {f"u{_hash(self.card.uid.encode())[:6]}"} if self.card.uid else set()
        for item in self.fields:
            if item.kind in {"name", "email"}:
                found.add(_hash(item.value.casefold().encode())[:6])
            elif item.kind == "phone":
                found.add(_hash(re.sub(r"\D", "", item.value)[-8:].encode())[:6])
            if len(found) >= _MOST_TRACES:
                break
        return found

    def is_like(self, version: Version) -> bool:
        """Whether this may be the card that had this version: its UID, or two of name, e-mail and phone, are the same."""
        whole, *traces = version.split(".")
        mine = set(self.version.split(".")[1:])
        shared = mine & set(traces)
        return self.version.startswith(f"{whole}.") or len(shared) > 1 or any(trace[0] == "u" for trace in shared)

    def entry(self, where: Phrase) -> Entry:
        """The entry of this card, which is in the file called so."""
        return Entry(
            ref=self.ref,
            version=self.version,
            locator=where,
            fields=tuple(self.fields),
            attachments=tuple(_vcard.attachments_of(self.card)),
        )


def records_of(file: CardFile) -> list[Record]:
    """Every readable card of a file, each once; a list of cards is nobody's, unless it has an address of its own."""
    groups: dict[str, dict[bytes, list[int]]] = {}
    for number, card in enumerate(file.cards):
        if is_readable(card) and not _is_list(card):
            raw = file.text[card.start : card.end]
            groups.setdefault(_key(card, raw), {}).setdefault(raw, []).append(number)
    found = [
        Record(file, tuple(numbers), key, twin=len(contents) > 1)
        for key, contents in groups.items()
        for numbers in contents.values()
    ]
    return sorted(found, key=lambda record: record.numbers)


def entries_of(file: CardFile) -> Iterator[Entry]:
    """The entry of every readable card of a file."""
    records = records_of(file)
    where = place(file, (record.fields for record in records))
    return (record.entry(where) for record in records)


def find(records: Sequence[Record], ref: str) -> Record | None:
    """The record a ref stands for; also when another one of the same UID came or went since."""
    match = REF.fullmatch(ref)
    same = [record for record in records if match and record.key == match[2]]
    if match and match[3]:
        same = [record for record in same if record.content == match[3]]
    return same[0] if len(same) == 1 else None


def is_readable(card: Card) -> bool:
    """Whether any line of it says something in the way of a contact card."""
    return any(line.value.strip() for line in card.properties)


def _is_list(card: Card) -> bool:
    return _vcard.is_group(card) and not any(line.name in {"EMAIL", "TEL"} for line in card.properties)


def unreadable_in(file: CardFile) -> Iterator[Unreadable]:
    """What of a file is no entry: broken cards, and text that belongs to no card."""
    name = told_apart(file)
    for number, card in enumerate(file.cards, start=1):
        if not is_readable(card):
            yield Unreadable(
                Phrase("card {number} of {file}", number=number, file=name),
                Phrase("nothing in it is written in the way of a contact card: look at it in a text editor"),
            )
    if file.cards and file.outside():
        yield Unreadable(
            Phrase("{file}, between the cards", file=name),
            Phrase("text that belongs to no contact card: look at it in a text editor"),
        )


def key_of_uid(uid: str) -> str:
    """What stands for a UID in a ref."""
    return _hash(b"uid:" + uid.encode("utf-8", "replace"))[:16]


def _key(card: Card, raw: bytes) -> str:
    if card.uid:
        return key_of_uid(card.uid)
    lines = sorted({(line.name.encode(), line.value.strip()) for line in card.properties if line.name in _IDENTITY})
    return _hash(b"\n".join(name + b":" + value for name, value in lines) if lines else raw)[:16]


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
