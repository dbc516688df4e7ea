"""The address books of one account: found, listed, read in batches, followed by sync tokens, written one card at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote_from_bytes, unquote_to_bytes, urlsplit

from connectors import _http, _vcard
from connectors.carddav import dav
from connectors.carddav.dav import CARD, DAV, Part
from connectors.carddav.wire import Answer, Wire, is_broken, joined
from connectors.errors import Conflict, Damaged, HubError, NotFound, Refused, Unreachable
from connectors.phrase import Phrase

BATCH = 50
"""Cards in one multiget: larger ones are answered with nothing, or late, by some servers."""

MOST_TURNS = 1000
_XML = {"Content-Type": "application/xml; charset=utf-8"}
_WELL_KNOWN = "/.well-known/carddav"


@dataclass(frozen=True, slots=True)
class Book:
    """One address book: its URL, and its sync token as it was when the books were listed ("" for none, or not asked)."""

    url: str = field(repr=False)
    token: str = field(repr=False)

    @property
    def key(self) -> str:
        """Its path, in one spelling."""
        return canonical(urlsplit(self.url).path)


@dataclass(frozen=True, slots=True)
class Member:
    """A card of a book before it is read: its path as the server writes it, its etag ("" when the server tells none)."""

    path: str = field(repr=False)
    etag: str = field(repr=False)

    @property
    def key(self) -> str:
        """The path in one spelling."""
        return canonical(self.path)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a card holds; `data` is None with the reason when it could not be read."""

    member: Member
    data: bytes | None = field(repr=False)
    why: Phrase | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """What a book says changed: cards that are new or other, keys of those that went, and the token for the next time."""

    members: tuple[Member, ...]
    gone: tuple[str, ...] = field(repr=False)
    token: str = field(repr=False)


def canonical(path: str) -> str:
    """A path in one spelling of its percent signs: servers write `@` or `%40`, but `%2F` is not a slash."""
    return "/".join(quote_from_bytes(unquote_to_bytes(part), safe="@") for part in path.split("/"))


def ref_of(key: str) -> str:
    """What stands for a card in a ref: a path may hold a name."""
    return hashlib.sha256(key.encode()).hexdigest()[:24]


def etag_of(text: str) -> str:
    """An etag as it may be sent back: strong, and "" for one that could not stand in a header."""
    text = text.strip().removeprefix("W/")
    return text if text.isascii() and text.isprintable() else ""


class Server:
    """What the hub does on a CardDAV server."""

    def __init__(self, wire: Wire, url: str) -> None:
        self._wire, self._url = wire, url
        self.homes: list[str] = []
        self._remembered = False

    @property
    def patience(self) -> _http.Patience:
        """How the waits of this server are done."""
        return self._wire.patience

    # Finding the books

    def remember(self, homes: Sequence[str]) -> None:
        """Look for the books first below these URLs, where they were another time, and only then from the beginning."""
        if homes and not self.homes:
            self.homes, self._remembered = list(homes), True

    def books(self, *, tokens: bool = False) -> list[Book]:
        """Every address book of the account, with its sync token of this moment when asked for: it may take a while.

        Raises `Unreachable` when there is none.
        """
        found = self._books_remembered(tokens) if self._remembered else {}
        if not found:
            self.homes = self.homes or self._discovered()
            found = self._books(tokens)
        if not found:
            raise _no_book(self._url)
        return [found[key] for key in sorted(found)]

    def _books_remembered(self, tokens: bool) -> dict[str, Book]:
        """The books where they were another time; none when they are not there any more: then those URLs are forgotten."""
        moved = any(_http.host_of(home) != _http.host_of(self._url) for home in self.homes)
        found: dict[str, Book] = {}
        self._remembered = False
        try:
            found = self._books(tokens)
        except HubError as error:
            if not moved and not _may_be_elsewhere(error):
                raise
        if not found:
            self.homes = []
        return found

    def _books(self, tokens: bool) -> dict[str, Book]:
        found: dict[str, Book] = {}
        for home in self.homes:
            answer, parts = self._propfind(home, "1", "D:resourcetype", *(["D:sync-token"] if tokens else []))
            for part in parts:
                if part.is_a(f"{CARD}addressbook"):
                    book = Book(joined(answer.url, part.href), part.text(f"{DAV}sync-token"))
                    self._require(book.url)
                    found.setdefault(book.key, book)
        return found

    def _discovered(self) -> list[str]:
        """The URLs below which the books are: from the configured address, else from the well-known one of its host."""
        first: HubError | None = None
        for way in ("", _WELL_KNOWN):
            try:
                return self._homes_from(joined(self._url, way) if way else self._url)
            except HubError as error:
                if not _may_be_elsewhere(error):
                    raise
                first = first or error
        raise _no_book(self._url) if first is None or isinstance(first, NotFound | Conflict) else first

    def _homes_from(self, url: str) -> list[str]:
        answer, part = self._self(url)
        if part.is_a(f"{CARD}addressbook"):
            return [answer.url]
        homes = part.hrefs(f"{CARD}addressbook-home-set")
        if not homes:
            principal = part.hrefs(f"{DAV}current-user-principal")
            if not principal:
                raise NotFound(_no_book(url).message)
            answer, part = self._self(joined(answer.url, principal[0]))
            homes = part.hrefs(f"{CARD}addressbook-home-set")
        if not homes:
            raise NotFound(_no_book(url).message)
        return [joined(answer.url, home) for home in homes]

    def _self(self, url: str) -> tuple[Answer, Part]:
        """What a resource says of itself."""
        names = ("D:resourcetype", "D:current-user-principal", "C:addressbook-home-set")
        answer, parts = self._propfind(url, "0", *names)
        if not parts:
            raise _cut_short()
        return answer, parts[0]

    # Reading

    def members(self, book: Book) -> list[Member]:
        """Every card of a book. Raises `Damaged` for a listing that is not whole."""
        _, parts = self._propfind(book.url, "1", "D:getetag", "D:resourcetype")
        found: dict[str, Member] = {}
        itself = False
        for part in parts:
            path = self._path(book, part.href)
            if canonical(path).rstrip("/") == book.key.rstrip("/"):
                itself = part.status == 200
            elif part.status == 200 and not part.is_a(f"{DAV}collection"):
                member = Member(path, etag_of(part.text(f"{DAV}getetag")))
                found.setdefault(member.key, member)
        if not itself:
            raise _cut_short()
        return list(found.values())

    def etag(self, book: Book, path: str) -> str:
        """The etag of one card as a listing gives it, "" when there is none. Raises `NotFound`."""
        _, parts = self._propfind(joined(book.url, path), "0", "D:getetag")
        if not parts:
            raise _cut_short()
        if parts[0].status in {404, 410}:
            raise NotFound(Phrase("The card is not there."))
        return etag_of(parts[0].text(f"{DAV}getetag"))

    def get(self, book: Book, path: str) -> bytes:
        """The exact bytes of one card. Raises `NotFound`."""
        return self._wire.request("GET", joined(book.url, path), headers={"Accept": "text/vcard", **_FRESH}).body

    def cards(self, book: Book, members: Sequence[Member]) -> Iterator[Fetched]:
        """Read these cards, batch by batch; one that vanished meanwhile is left out, one that fails hides no other."""
        for start in range(0, len(members), BATCH):
            yield from self._batch(book, members[start : start + BATCH])

    def _batch(self, book: Book, members: Sequence[Member]) -> list[Fetched]:
        trouble: HubError | None = None
        told: dict[str, Fetched] = {}
        try:
            told = self._multiget(book, members)
        except HubError as error:
            if not _is_about_this(error):
                raise
            trouble = error
        found = []
        for member in members:
            one = told.get(member.key) or self._alone(book, member)
            if one is not None:
                found.append(one)
        if trouble and found and all(one.data is None for one in found):
            raise trouble  # not one card: it is the server and not a card that is broken
        return found

    def _multiget(self, book: Book, members: Sequence[Member]) -> dict[str, Fetched]:
        answer = self._wire.request("REPORT", book.url, dav.multiget([item.path for item in members]), {"Depth": "1", **_XML})
        found: dict[str, Fetched] = {}
        wanted = {member.key: member for member in members}
        for part in dav.read(answer.body).parts:
            asked = wanted.get(canonical(self._path(book, part.href)))
            data = part.found.get(f"{CARD}address-data")
            if asked is not None and part.status == 200 and data is not None and data.text:
                etag = etag_of(part.text(f"{DAV}getetag")) or asked.etag
                found[asked.key] = Fetched(Member(asked.path, etag), data.text.encode("utf-8", "surrogatepass"))
        return found

    def _alone(self, book: Book, member: Member) -> Fetched | None:
        """A card that a multiget did not give, read by itself; None when it is not there any more.

        Only a server that neither gives nor knows it any more may make a listed card disappear.
        """
        try:
            data = self.get(book, member.path)
        except NotFound:
            return self._vanished(book, member)
        except HubError as error:
            if not _is_about_this(error):
                raise
            return Fetched(member, None, error.message)
        if b"BEGIN:VCARD" not in data.upper():
            return Fetched(member, None, Phrase("the server gives something else than a contact card"))
        return Fetched(member, data)

    def _vanished(self, book: Book, member: Member) -> Fetched | None:
        """None when a card that was not given is really not there."""
        try:
            self.etag(book, member.path)
        except NotFound:
            return None
        return Fetched(member, None, Phrase("the server lists it but does not give it"))

    def changes(self, book: Book, token: str) -> Changes | None:
        """What changed since the token; None when the server cannot say: then everything is to be listed."""
        members: dict[str, Member] = {}
        gone: set[str] = set()
        for _ in range(MOST_TURNS):
            try:
                answer = self._wire.request("REPORT", book.url, dav.sync(token), {"Depth": "0", **_XML})
            except HubError as error:
                if not _is_about_this(error):
                    raise
                return None
            told = dav.read(answer.body)
            more = False
            for part in told.parts:
                member = Member(self._path(book, part.href), etag_of(part.text(f"{DAV}getetag")))
                more |= part.status == 507
                if member.key.rstrip("/") == book.key.rstrip("/") or part.is_a(f"{DAV}collection"):
                    continue
                members.pop(member.key, None)
                gone.discard(member.key)
                if part.status in {404, 410}:
                    gone.add(member.key)
                else:
                    members[member.key] = member
            if not told.token:
                return None
            token = told.token
            if not more:
                return Changes(tuple(members.values()), tuple(sorted(gone)), token)
        return None

    # Writing

    def delete(self, book: Book, path: str, etag: str) -> None:
        """Remove one card in the version of this etag. Raises `NotFound`, `Conflict`, `Refused`, `Unreachable`."""
        self._wire.request("DELETE", joined(book.url, path), headers={"If-Match": etag})

    def put(self, book: Book, path: str, data: bytes, etag: str) -> None:
        """Write one card in the place of the version of this etag, or a new one ("") where there is none.

        Never sent twice when the answer was lost. Raises `Conflict`, `Refused`, `Unreachable`.
        """
        guard = {"If-Match": etag} if etag else {"If-None-Match": "*"}
        headers = {"Content-Type": "text/vcard; charset=utf-8", **guard}
        self._wire.request("PUT", joined(book.url, path), data, headers, repeat=False)

    def picture(self, url: str) -> bytes:
        """A picture that a card points at; its host gets the password only when it is one of the service's own."""
        answer = self._wire.request("GET", url, headers={"Accept": "image/*"}, limit=_http.MAX_PHOTO)
        if not answer.headers.get("Content-Type", "").startswith("image/") and not _vcard.picture(
            answer.body, bytes
        ).media_type.startswith("image/"):
            raise Damaged(Phrase("What the server gave is not a picture."))
        return answer.body

    def _propfind(self, url: str, depth: str, *names: str) -> tuple[Answer, tuple[Part, ...]]:
        answer = self._wire.request("PROPFIND", url, dav.propfind(*names), {"Depth": depth, **_XML, **_FRESH})
        return answer, dav.read(answer.body).parts

    def _path(self, book: Book, href: str) -> str:
        """The path of an href, which some servers write as a whole URL."""
        url = joined(book.url, href)
        self._require(url)
        return urlsplit(url).path

    def _require(self, url: str) -> None:
        _http.require_trusted(url, self._wire.hosts)


_FRESH = {"Cache-Control": "no-cache"}


def _may_be_elsewhere(error: HubError) -> bool:
    """Whether the books may be found at another address: the server refused or knew nothing; not the hub itself."""
    refused = isinstance(error, Refused) and "status" in error.message.values
    return refused or (_is_about_this(error) and not isinstance(error, Refused))


def _is_about_this(error: HubError) -> bool:
    """Whether the server answered, and only this request failed: another way may do."""
    return isinstance(error, Damaged | NotFound | Conflict | Refused) or is_broken(error)


def _no_book(url: str) -> Unreachable:
    return Unreachable(
        Phrase("There is no address book at {host} under this address.", host=_http.host_of(url) or "?"),
        Phrase("Check `url` in hub.toml; the provider's help names its CardDAV address."),
    )


def _cut_short() -> Damaged:
    return Damaged(
        Phrase("The server broke its listing off before its end."),
        Phrase("Run the command again later."),
    )
