"""Listing an account's address books, whole or only what changed, and remembering where each card and group is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from connectors.carddav import reading
from connectors.carddav.server import Book, Fetched, Member, Server, ref_of
from connectors.entry import Cursor, Entry, Gone, Item, Ref, Unreadable
from connectors.errors import NotFound


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a listing stopped: the sync token of each book, by its key, and below which URLs the books were.

    Good for one account only.
    """

    account: str = field(repr=False)
    tokens: Mapping[str, str] = field(repr=False)
    homes: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def read(cls, token: str, account: str) -> Mark | None:
        """The mark a cursor carried, when it is this account's."""
        try:
            told = json.loads(token)
            tokens = {str(key): str(value) for key, value in told["tokens"].items()}
            mark = cls(str(told["account"]), tokens, tuple(map(str, told.get("homes") or ())))
        except (ValueError, TypeError, KeyError, AttributeError):
            return None
        return mark if mark.account == _hash(account) else None

    def token(self) -> str:
        """The mark as a cursor carries it; "" when a book has no sync token."""
        if not all(self.tokens.values()):
            return ""
        return json.dumps({"account": self.account, "tokens": dict(self.tokens), "homes": self.homes})


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of a card that was read: enough to find the groups again without reading all anew."""

    etag: str = field(repr=False)
    group: bool
    trace: str = field(repr=False)


class Lister:
    """One account. What it remembers is only ever used after the server confirmed the etag."""

    def __init__(self, server: Server, host: str, account: str) -> None:
        self.server, self.host, self._account = server, host, account
        self._places: dict[str, tuple[Book, str]] = {}
        self._known: dict[str, Known] = {}

    def books(self) -> list[Book]:
        """Every address book."""
        return self.server.books()

    def raw(self) -> Iterator[Fetched]:
        """Every card of every book, fresh."""
        for book in self.books():
            yield from self._cards(book, self.server.members(book))

    def everything(self, restarted: bool = False) -> Iterator[Item]:
        """Every record, then the cursor; `restarted` when only the changes were asked for."""
        counts = {Entry: 0, Unreadable: 0}
        books = self.server.books(tokens=True)
        for book in books:
            for fetched in self._cards(book, self.server.members(book)):
                item = self.item(book, fetched)
                if item is not None:
                    counts[type(item)] += 1
                    yield item
        # The tokens are from before the listing: what changed meanwhile is told again by the next delta.
        mark = Mark(_hash(self._account), {book.key: book.token for book in books}, tuple(self.server.homes))
        yield Cursor(counts[Entry], counts[Unreadable], token=mark.token(), restarted=restarted)

    def changes(self, mark: Mark) -> list[Item] | None:
        """What changed since the mark, and a cursor; None when a book cannot tell, or another one came or went.

        Read to its end before anything is told: a token that turns out to be too old must leave no half delta.
        """
        self.server.remember(mark.homes)
        books = self.books()
        if {book.key for book in books} != set(mark.tokens):
            return None
        items: list[Item] = []
        tokens: dict[str, str] = {}
        for book in books:
            told = self.server.changes(book, mark.tokens[book.key])
            if told is None:
                return None
            tokens[book.key] = told.token
            gone = set(told.gone)
            asked = {member.key for member in told.members}
            for fetched in self._cards(book, told.members):
                asked.discard(fetched.member.key)
                item = self.item(book, fetched)
                if item is None:
                    gone.add(fetched.member.key)  # a group is no person, and may have been a card
                else:
                    items.append(item)
            items += [Gone(Ref(ref_of(key))) for key in sorted(gone | asked)]
        entries, unreadable = (sum(isinstance(item, kind) for item in items) for kind in (Entry, Unreadable))
        return [*items, Cursor(entries, unreadable, token=Mark(mark.account, tokens, tuple(self.server.homes)).token())]

    def item(self, book: Book, fetched: Fetched) -> Entry | Unreadable | None:
        """The entry of a card; None for a group."""
        return reading.item_of(fetched, self.host, self.server.picture)

    def find(self, ref: str) -> tuple[Book, Fetched] | None:
        """One card as it is now; None only when its book, listed anew, does not have it."""
        known = self._places.get(ref)
        if known is not None:
            book, path = known
            try:
                # The etag first: a change between the two requests makes the version stale, never wrongly fresh.
                etag = self.server.etag(book, path)
                return book, self._noted(book, Fetched(Member(path, etag), self.server.get(book, path)))
            except NotFound:
                pass  # or the server has moved: the listing below tells
        for book in self.books():
            for member in self.server.members(book):
                if ref_of(member.key) == ref:
                    return next(((book, fetched) for fetched in self._cards(book, [member])), None)
        return None

    def groups(self, trace: str) -> list[tuple[Book, str]]:
        """The groups that may name the card of this trace, in books where no card has that id.

        Only cards that are new or changed since they were last read are read.
        """
        found: list[tuple[Book, str]] = []
        for book in self.books():
            members = self.server.members(book)
            fresh = [item for item in members if not item.etag or self._etag_known(item) != item.etag]
            for _ in self._cards(book, fresh):
                pass
            known = {item.path: self._known[item.key] for item in members if item.key in self._known}
            if all(one.trace != trace or one.group for one in known.values()):
                found += [(book, path) for path, one in known.items() if one.group]
        return found

    def _etag_known(self, member: Member) -> str:
        known = self._known.get(member.key)
        return known.etag if known else ""

    def _cards(self, book: Book, members: tuple[Member, ...] | list[Member]) -> Iterator[Fetched]:
        for fetched in self.server.cards(book, members):
            yield self._noted(book, fetched)

    def _noted(self, book: Book, fetched: Fetched) -> Fetched:
        """Remember a card that was read."""
        self._places[ref_of(fetched.member.key)] = (book, fetched.member.path)
        if fetched.data is not None:
            found = reading.readable(fetched.data)
            uid = reading.uid_of(found)
            trace = reading.trace_of(uid) if uid else ""
            self._known[fetched.member.key] = Known(fetched.member.etag, reading.is_group(found), trace)
        return fetched


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
