"""What a source holds: entries with their fields, and the things told instead of an entry."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Literal, NewType

from connectors._values import dataclass, field
from connectors.phrase import Phrase

Ref = NewType("Ref", str)
"""A source's own opaque id of one entry; stable while the entry is unchanged; holds no name, e-mail or phone."""

Version = NewType("Version", str)
"""A token that changes whenever the entry does (etag, content hash)."""

KINDS = (
    "name", "given", "family", "former_name", "email", "phone", "address", "postcode", "city", "country", "company",
    "business_id", "title", "birthday", "note", "url", "service", "price", "date", "customer_number", "invoice_number",
    "other",
)  # fmt: skip
"""Every kind a field may have, in the order in which a person reads them."""

IDENTIFYING = frozenset({"name", "given", "family", "former_name", "email", "phone"})
"""Kinds that say who somebody is; an entry without any of them is about a company or a thing."""


@dataclass(frozen=True, slots=True)
class Field:
    """One value of an entry; `stays` marks what belongs to the record and not to the person.

    `value` is as the source shows it (a phone stored as a number is its digits), without surrounding blanks.
    `label` is the source's own word for it (a column header, `TYPE=work`). Values never stand in a repr.
    """

    kind: str
    value: str = field(repr=False)
    label: str = ""
    stays: bool = False


class Disposal(StrEnum):
    """What an erase means for one entry: the source knows, the plan obeys."""

    ERASE = "erase"
    """The whole record goes."""
    REDACT = "redact"
    """Only the fields that do not `stay` go; the record remains."""
    RETAIN = "retain"
    """The record must stay unaltered (an issued invoice)."""
    MANUAL = "manual"
    """Only a human can remove it."""


@dataclass(frozen=True, slots=True)
class Retention:
    """That a law keeps an entry; the hub computes from its `date` fields until when, and then `after` is what an erase means.

    `record` is what the law calls it: a `voucher` (an issued invoice or credit note, each for itself) or a `book`.
    `after_reason` says how it goes then, and where it is. `hold` says why even then nothing goes unseen (it is not paid).
    """

    record: Literal["voucher", "book"]
    after: Disposal = Disposal.MANUAL
    after_reason: Phrase | None = None
    hold: Phrase | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that belongs to an entry: a photo, a scanned page, an invoice; `load` reads it when it is needed.

    `shows` says what is on a picture: only one of the person may become part of a contact card.
    """

    name: str
    media_type: str
    load: Callable[[], bytes] = field(repr=False, compare=False)
    shows: Literal["person", "page"] = "person"


@dataclass(frozen=True, slots=True)
class Entry:
    """One record about one person in one source.

    `locator` tells a human where it is ("sheet Asiakkaat, row 14"). `disposal_reason` says why it is not a plain
    erase. `copy_of` names the file this one is a conflict or backup copy of ("" for the original). `missing` says what
    an access package made of the entry lacks (a page without a picture). `retention`, of a RETAIN only: a law keeps it
    for a time that can be computed.
    """

    ref: Ref
    version: Version
    locator: Phrase
    fields: tuple[Field, ...] = field(repr=False)
    disposal: Disposal = Disposal.ERASE
    disposal_reason: Phrase | None = None
    attachments: tuple[Attachment, ...] = field(default=(), repr=False)
    copy_of: str = ""
    missing: tuple[Phrase, ...] = ()
    retention: Retention | None = None

    def values(self, *kinds: str) -> tuple[str, ...]:
        """The values of the named kinds, in the source's order."""
        return tuple(item.value for item in self.fields if item.kind in kinds)

    def leaving(self) -> tuple[Field, ...]:
        """The fields an erase takes away."""
        if self.disposal is Disposal.ERASE:
            return self.fields
        return tuple(item for item in self.fields if not item.stays)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that is there but cannot be read: counted and located, never silently dropped."""

    locator: Phrase
    reason: Phrase


@dataclass(frozen=True, slots=True)
class Gone:
    """In a delta: the entry with this ref is no longer there."""

    ref: Ref


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last item of every complete listing; a listing that ends without it is partial.

    `token` is what `entries(since=…)` takes for a delta, "" where the source has none. `as_of` is the time of the
    newest data in ISO 8601 with offset, "" for now. `warnings` are said to the owner with the answer. `restarted`:
    a delta was asked for but everything was listed anew (the token was too old): what was not listed is gone.
    """

    entries: int
    unreadable: int
    token: str = ""
    as_of: str = ""
    warnings: tuple[Phrase, ...] = ()
    restarted: bool = False


Item = Entry | Unreadable | Gone | Cursor
