"""CardDAV as a source: every card of every address book of one account; groups are no persons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import unquote

from connectors import _http, _vcard
from connectors._cardlines import Card
from connectors._http import Patience
from connectors._needles import Matcher
from connectors.carddav import reading
from connectors.carddav.correcting import Corrector, is_receipt
from connectors.carddav.erasing import Eraser
from connectors.carddav.listing import Lister, Mark
from connectors.carddav.profiles import ARCHIVE_DAYS, ICLOUD, PLAIN, Profile
from connectors.carddav.server import Fetched, Server, ref_of
from connectors.carddav.wire import Wire
from connectors.contract import Check, CheckState, Column, Connector, Correction, Features, Needle, Option, Outcome, Residue
from connectors.entry import Entry, Item, Ref, Version
from connectors.errors import Damaged, HubError, NotFound, Unreachable
from connectors.phrase import Phrase

_LEFT = Phrase("a value of the person still stands in it")


class CarddavConnector(Connector):
    """Contacts on a CardDAV server."""

    kind = "carddav"
    features = Features(rectify=True, guard="atomic", delta=True, restore=True, local=False, holds="contacts")
    options: ClassVar[tuple[Option, ...]] = (
        Option("url", "text", "The address of the server, as its help tells it for CardDAV.", required=True),
        Option("username", "text", "The name you sign in with there.", required=True),
        Option("password", "secret", "Where the password is kept; never the password itself.", required=True),
    )
    profile: ClassVar[Profile] = PLAIN

    patience: ClassVar[Patience] = Patience()
    """How long a request is tried again; tests have less."""

    def __init__(self, name: str, options: Mapping[str, Any]) -> None:
        super().__init__(name, options)
        self._made: Lister | None = None

    def check(self) -> Check:
        """Say whether the server lets the account see its address books."""
        try:
            self._lister.books()
        except HubError as error:
            state: CheckState = "damaged" if isinstance(error, Damaged) else "refused"
            silent = isinstance(error, Unreachable)
            return Check(not silent, False, False, "missing" if silent else state, (error.told,))
        return Check(True, True, True)

    def coverage(self) -> Sequence[Column]:
        """List every property that any card has, groups included."""
        names: set[str] = set()
        for fetched in self._lister.raw():
            for card in reading.readable(fetched.data or b""):
                names |= {line.name for line in card.properties if line.name}
        return [_vcard.column(name) for name in sorted(names)]

    def entries(self, since: str | None = None) -> Iterator[Item]:
        """Yield the cards of every book; with `since` what changed, or everything when a book cannot tell."""
        lister = self._lister
        if since is not None:
            mark = Mark.read(since, self._account)
            changes = lister.changes(mark) if mark else None
            if changes is not None:
                yield from changes
                return
        yield from lister.everything(restarted=since is not None)

    def groups(self) -> Mapping[str, frozenset[str]]:
        """The groups of every book, with the cards that they name."""
        lists: list[Card] = []
        refs: dict[str, str] = {}
        for fetched in self._lister.raw():
            found = reading.readable(fetched.data or b"")
            if reading.is_group(found):
                lists += found
            elif uid := reading.uid_of(found):
                refs[uid] = ref_of(fetched.member.key)
        return _vcard.groups(lists, refs)

    def get(self, ref: Ref) -> Entry:
        """Read one card afresh."""
        found = self._lister.find(ref)
        item = self._lister.item(*found) if found else None
        if item is None:
            raise NotFound(Phrase("The entry is no longer in {source}.", source=self.name))
        if not isinstance(item, Entry):
            raise Damaged(Phrase("{place}: {reason}", place=item.locator, reason=item.reason))
        return item

    def erase(self, ref: Ref, version: Version, needles: Sequence[Needle] = ()) -> Outcome:
        """Delete one card by its etag and take its line out of the groups that name it.

        A lost answer is settled by reading. What other cards say of the person is told by `residue`, never cut.
        """
        result, notes, receipt = Eraser(self._lister, self.seal).erase(ref, version)
        if result == "erased":
            notes.append(self.profile.after_erase(datetime.now(UTC).date()))
        return Outcome(result, tuple(notes), receipt)

    def rectify(self, ref: Ref, version: Version, corrections: Sequence[Correction]) -> Outcome:
        """Write the card with the right values by its etag; every other line of it stays, as far as the server lets it."""
        result, receipt = Corrector(self._lister, self.seal).rectify(ref, version, corrections)
        return Outcome(result, receipt=receipt)

    def restore(self, receipt: bytes) -> Outcome:
        """Put the card back where it was, if nothing is there now, and its line into the groups it was in."""
        if is_receipt(receipt):
            Corrector(self._lister).take_back(receipt)
            return Outcome("restored")
        return Outcome("restored", tuple(Eraser(self._lister).restore(receipt)))

    def residue(self, needles: Sequence[Needle]) -> Sequence[Residue]:
        """Search every card of a fresh listing, notes of other people, names of groups and addresses of cards included."""
        matcher = Matcher(needles)
        if not matcher:
            self._lister.books()
            return []
        found: list[Residue] = []
        for fetched in self._lister.raw():
            where = reading.place(ref_of(fetched.member.key), self._host)
            if fetched.data is None:
                found.append(Residue(where, fetched.why or _LEFT, found=False))
            elif matcher.in_bytes(fetched.data) or matcher.in_text(_texts(fetched)):
                found.append(Residue(where, _why(matcher, fetched.data), ref=Ref(ref_of(fetched.member.key))))
        return found

    @property
    def _host(self) -> str:
        return _http.host_of(str(self.settings.get("url") or ""))

    @property
    def _account(self) -> str:
        return f"{self.settings.get('username')} {self.settings.get('url')}"

    @property
    def _lister(self) -> Lister:
        """The listing of this account, made at the first use."""
        if self._made is None:
            hosts = self.profile.hosts or (self._host,)
            if _http.is_loopback(self._host):
                hosts = (*hosts, self._host, "localhost", "127.0.0.1")
            password = self.settings.get("password")
            wire = Wire(
                hosts,
                str(self.settings.get("username") or ""),
                lambda: _http.revealed(password),
                self.profile.sign_in,
                self.patience,
            )
            self._made = Lister(Server(wire, str(self.settings.get("url") or "")), self._host, self._account)
        return self._made


class IcloudConnector(CarddavConnector):
    """The contacts of an iPhone, through iCloud."""

    kind = "icloud"
    features = Features(
        rectify=True, guard="atomic", delta=True, restore=True, local=False, bin_days=ARCHIVE_DAYS, holds="contacts"
    )
    options: ClassVar[tuple[Option, ...]] = (
        Option("url", "text", "Where iCloud's contacts are.", default="https://contacts.icloud.com/"),
        Option("username", "text", "The e-mail address of your Apple account.", required=True),
        Option("password", "secret", "Where an app-specific password of that account is kept.", required=True),
    )
    profile = ICLOUD


def _texts(fetched: Fetched) -> str:
    """What a card says once its own escapes are undone, and its address."""
    texts = [unquote(fetched.member.path)]
    for card in reading.readable(fetched.data or b""):
        texts += [item.value for item in _vcard.fields_of(card)]
    return "\n".join(texts)


def _why(matcher: Matcher, data: bytes) -> Phrase:
    """Which properties hold the value; a card's first lines tell a human which card it is."""
    found = reading.readable(data)
    names = {line.name for card in found for line in card.lines if line.name and matcher.in_bytes(line.raw)}
    if reading.is_group(found) and names & {"FN", "N"}:
        return Phrase("the name of a group holds a value of the person")
    return Phrase("a value of the person still stands in its {property}", property=", ".join(sorted(names))) if names else _LEFT
