"""Listing both stores, whole or only what changed, and the mark from which the next listing goes on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from connectors.entry import Cursor, Entry, Gone, Item, Ref, Unreadable
from connectors.errors import NotFound
from connectors.gmail import mapping
from connectors.gmail.mapping import NotAPersonError, Reader
from connectors.gmail.people import CONTACT_FIELDS, LIST_CUT, OTHER_FIELDS, ExpiredToken, People, Person
from connectors.phrase import Phrase

FULL_EVERY = 6 * 86400
"""Seconds after which everything is listed anew: Google forgets a full sync after seven days."""

_MASK = hashlib.sha256(",".join((*CONTACT_FIELDS, "|", *OTHER_FIELDS)).encode()).hexdigest()[:8]

SKIPPED = Phrase('Other contacts are not read: the configuration says other_contacts = "skip".')


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a listing stopped, in both stores, so that the next one may ask for changes only.

    `full` is the time of the last whole listing in seconds. Tokens are good for one account and one set of fields only.
    """

    account: str
    tokens: dict[str, str]
    full: float
    mask: str = _MASK

    @classmethod
    def read(cls, token: str | None, account: str, stores: frozenset[str], now: float) -> Mark | None:
        """The mark, when it can still be used: this account's, asked for in the same way, not too old."""
        try:
            mark = cls(**json.loads(token or ""))
            usable = 0 <= now - mark.full < FULL_EVERY and {name for name, value in mark.tokens.items() if value} == stores
        except (ValueError, TypeError, AttributeError):
            return None
        return mark if usable and account and (mark.account, mark.mask) == (account, _MASK) else None

    def token(self) -> str:
        """The mark as a cursor carries it; "" when a store gave no sync token."""
        return json.dumps(asdict(self)) if self.account and all(self.tokens.values()) else ""


@dataclass(slots=True)
class Lister:
    """One listing. `vanished` says whether a contact erased a moment ago is really gone, though still listed."""

    people: People
    reader: Reader
    with_others: bool
    vanished: Callable[[str], bool]
    now: float
    _tokens: dict[str, str] = field(default_factory=dict)
    _counts: dict[type, int] = field(default_factory=dict)
    _warnings: list[Phrase] = field(default_factory=list)

    @property
    def stores(self) -> frozenset[str]:
        """The stores that are read."""
        return frozenset({"contacts", "others"} if self.with_others else {"contacts"})

    def everything(self, restarted: bool = False) -> Iterator[Item]:
        """Every record, then the cursor; `restarted` when only the changes were asked for."""
        for store in sorted(self.stores):
            for person in self._persons(store, ""):
                yield from self._counted(self._items(person))
        yield self._cursor(self.now, restarted)

    def changes(self, mark: Mark) -> list[Item] | None:
        """What changed since the mark, and a cursor; None when Google has forgotten the mark.

        Read to its end before anything is told: a token that turns out to be too old must leave no half delta.
        """
        items: list[Item] = []
        try:
            for store in sorted(self.stores):
                for person in self._persons(store, mark.tokens[store]):
                    items += self._counted(self._changed(person))
        except ExpiredToken:
            return None
        self._tokens = {store: self._tokens.get(store) or mark.tokens[store] for store in self.stores}
        return [*items, self._cursor(mark.full, restarted=False)]

    def _persons(self, store: str, since: str) -> Iterator[Person]:
        pages = self.people.contacts(since) if store == "contacts" else self.people.others(since)
        got = told = 0
        for page in pages:
            records = page["connections" if store == "contacts" else "otherContacts"]
            yield from records
            got, told = got + len(records), max(told, _number(page.get("totalItems")), _number(page.get("totalSize")))
            self._tokens[store] = str(page.get("nextSyncToken") or "")

        if got < told and not since:
            self._warnings.append(
                Phrase("Google counts {told} entries but listed {got}; run the command again.", told=told, got=got)
            )

    def _items(self, person: Any) -> Iterator[Item]:
        try:
            whole = whole_person(self.people, person)
            name = mapping.name_of(whole)
            if not self.vanished(name):
                yield self.reader.entry(whole)
        except NotFound:
            return  # deleted between the listing and the second look
        except (NotAPersonError, ValueError, TypeError, AttributeError):
            yield Unreadable(self._place(person), Phrase("Google gave it in a shape the hub does not know"))

    def _changed(self, person: Any) -> Iterator[Item]:
        if mapping.is_deleted(person):
            yield Gone(Ref(mapping.name_of(person)))
            return
        if isinstance(person, dict):
            yield from (Gone(Ref(name)) for name in mapping.previous_names(person) if name != person.get("resourceName"))
        yield from self._items(person)

    def _counted(self, items: Iterator[Item]) -> Iterator[Item]:
        for item in items:
            self._counts[type(item)] = self._counts.get(type(item), 0) + 1
            yield item

    def _place(self, person: Any) -> Phrase:
        name = person.get("resourceName") if isinstance(person, dict) else None
        if isinstance(name, str) and name.startswith((mapping.PEOPLE, mapping.OTHERS)):
            return mapping.locator(name)
        return Phrase("record {number} of Google's listing", number=sum(self._counts.values()) + 1)

    def _cursor(self, full: float, restarted: bool) -> Cursor:
        mark = Mark(self.reader.account, {store: self._tokens.get(store, "") for store in sorted(self.stores)}, full)
        return Cursor(
            self._counts.get(Entry, 0),
            self._counts.get(Unreadable, 0),
            token=mark.token(),
            warnings=(*self._warnings, *(() if self.with_others else (SKIPPED,))),
            restarted=restarted,
        )


def whole_person(people: People, person: Any) -> Person:
    """The person with every e-mail address and phone number: a listing cuts long ones. Raises `NotFound`, ValueError."""
    if not isinstance(person, dict):
        raise TypeError
    name = mapping.name_of(person)
    long = any(isinstance(person.get(key), list) and len(person[key]) >= LIST_CUT for key in ("emailAddresses", "phoneNumbers"))
    return people.get(name) if long and name.startswith(mapping.PEOPLE) else person


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
