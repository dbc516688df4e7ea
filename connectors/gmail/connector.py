"""Gmail as a source: contacts that can be deleted, Other contacts that only a human can."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from connectors import _http
from connectors._http import Patience
from connectors._needles import Matcher
from connectors.contract import Check, CheckState, Column, Connector, Correction, Features, Needle, Option, Outcome, Residue
from connectors.entry import Disposal, Entry, Item, Ref, Version
from connectors.errors import ConfigError, Damaged, HubError, NotFound, Refused, Unreachable
from connectors.gmail import mapping, receipts
from connectors.gmail.account import Account
from connectors.gmail.contacts import Contacts
from connectors.gmail.listing import Lister, Mark, whole_person
from connectors.gmail.mapping import NotAPersonError, Reader
from connectors.gmail.people import Person
from connectors.gmail.restoring import Restorer
from connectors.gmail.signin import Tell
from connectors.phrase import Phrase

BIN_DAYS = 30
"""How long Google's bin keeps a deleted contact."""

PHOTO_HOSTS = (".googleusercontent.com", ".ggpht.com", ".google.com")


class GmailConnector(Connector):
    """The contacts of one Google account."""

    kind = "gmail"
    features = Features(
        erase="automatic",
        redact=True,
        rectify=True,
        guard="recheck",
        delta=True,
        restore=True,
        local=False,
        bin_days=BIN_DAYS,
    )
    options = (
        Option("client_secrets", "path", "The JSON file of your own Desktop app client of console.cloud.google.com."),
        Option("sign_in", "path", "Where the sign-in is remembered; a file beside client_secrets when left out."),
        Option(
            "access", "choice", "Whether the hub may change contacts or only read them.", default="full", choices=("full", "read")
        ),
        Option("other_contacts", "choice", "Whether Other contacts are read too.", default="read", choices=("read", "skip")),
        Option("requests_per_minute", "integer", "How many requests a minute Google is asked at most.", default=60),
        Option("endpoint", "text", "Another base URL for the People API, for tests."),
        Option("token", "secret", "A ready access token, instead of a sign-in."),
    )

    patience: ClassVar[Patience] = Patience()
    """How long a request is tried again; tests have less."""

    def __init__(self, name: str, options: Mapping[str, Any]) -> None:
        super().__init__(name, options)
        self._account = Account(name, self.settings, self.patience)
        self._labels: dict[str, str] | None = None
        self._contacts = Contacts(self._account, self.patience, self._photo)

    def check(self) -> Check:
        """Say whether the sign-in works and what it allows, by the smallest listing there is."""
        try:
            self._account.people.probe()
        except HubError as error:
            state: CheckState = "damaged" if isinstance(error, Damaged) else "refused"
            reachable = not isinstance(error, Unreachable | ConfigError)
            return Check(reachable, False, False, state if reachable else "missing", (error.told,))
        return Check(True, True, self._account.may_write, problems=self._account.missing_boxes())

    def coverage(self) -> Sequence[Column]:
        """List every property that a person of either store has."""
        names = {name for person in self._persons() if isinstance(person, dict) for name in person}
        return [column for name in sorted(names) if (column := mapping.column(name))]

    def entries(self, since: str | None = None) -> Iterator[Item]:
        """Yield contacts, then Other contacts; with `since` what changed, or everything when Google forgot the token."""
        self._labels = None
        if since is not None:
            mark = Mark.read(since, self._account.owner, self._lister().stores, self._now())
            changes = self._lister().changes(mark) if mark else None
            if changes is not None:
                yield from changes
                return
        yield from self._lister().everything(restarted=since is not None)

    def get(self, ref: Ref) -> Entry:
        """Read one entry afresh; an Other contact by listing them all, since Google gives none alone."""
        person = self._other(ref) if ref.startswith(mapping.OTHERS) else self._contacts.find(ref)
        if person is None:
            raise NotFound(Phrase("The entry is no longer in {source}.", source=self.name))
        try:
            return self._reader().entry(person)
        except NotAPersonError:
            raise Damaged(
                Phrase("Google gave the contact in a shape the hub does not know."), Phrase("Open it at contacts.google.com.")
            ) from None

    def erase(self, ref: Ref, version: Version, needles: Sequence[Needle] = ()) -> Outcome:
        """Delete one contact, which Google keeps in its bin for a while; an Other contact waits for a hand."""
        if ref.startswith(mapping.OTHERS):
            return self._by_hand(ref, version)
        self._contacts.seal = self.seal
        done = self._contacts.erase(ref, version)
        if done.receipt is None:
            return Outcome("already_absent")
        return Outcome("erased", (*done.notes, self._in_the_bin()), done.receipt.packed())

    def redact(self, ref: Ref, version: Version, fields: Sequence[str], needles: Sequence[Needle] = ()) -> Outcome:
        """Take the named kinds of fields out of one contact; Google compares the etag and writes as one act."""
        if ref.startswith(mapping.OTHERS):
            return self._by_hand(ref, version)
        self._contacts.seal = self.seal
        done = self._contacts.redact(ref, version, fields)
        if done.receipt is None:
            return Outcome("already_absent")
        return Outcome("redacted", done.notes, done.receipt.packed())

    def rectify(self, ref: Ref, version: Version, corrections: Sequence[Correction]) -> Outcome:
        """Put values of one contact right; Google compares the etag and writes as one act."""
        if ref.startswith(mapping.OTHERS):
            raise Refused(Phrase("Google lets no program change Other contacts; correct it by hand at contacts.google.com."))
        self._contacts.seal = self.seal
        done = self._contacts.rectify(ref, version, corrections, lambda person: self._reader().entry(person).fields)
        return Outcome("rectified", done.notes, done.receipt.packed()) if done.receipt else Outcome("already_absent")

    def restore(self, receipt: bytes) -> Outcome:
        """Make a deleted contact anew, or put back what a redact took."""
        told = receipts.opened(receipt)
        if told.account != self._account.owner:
            raise receipts.not_ours()
        notes = Restorer(self._contacts, told).restore() if told.left is None else self._contacts.put_back(told)
        return Outcome("restored", notes)

    def residue(self, needles: Sequence[Needle]) -> Sequence[Residue]:
        """Search every value of both stores, and the names of the labels; what waits for a hand is told by its step."""
        matcher, reader = Matcher(needles), self._reader()
        found: list[Residue] = []
        for person in self._persons():
            if matcher.in_text("\n".join(_texts(person))) and self._counts_as_left(reader, person):
                place = (
                    mapping.locator(str(person["resourceName"])) if isinstance(person, dict) else Phrase("a record of Google's")
                )
                found.append(Residue(place, Phrase("a value of the person still stands here")))
        label = Residue(Phrase("contacts.google.com, a label"), Phrase("its name holds a value of the person"))
        return found + [label for name in self._groups().values() if matcher.in_text(name)]

    def sign_in(self, tell: Tell) -> None:
        """Let the owner sign in with her browser and keep the sign-in (`hub login`).

        Raises `ConfigError`, `Unreachable`, `Refused`; what was kept before stays then.
        """
        self._account.sign_in(tell)

    def sign_out(self, tell: Tell) -> None:
        """Tell Google to forget the sign-in and remove it here, even when Google does not answer (`hub login --revoke`)."""
        self._account.sign_out(tell)

    # Reading

    def _lister(self) -> Lister:
        return Lister(self._account.people, self._reader(), self._account.with_others, self._contacts.vanished, self._now())

    def _reader(self) -> Reader:
        return Reader(self._account.owner, self._photo, self._groups, self._account.may_write)

    def _now(self) -> float:
        return time.time()

    def _groups(self) -> Mapping[str, str]:
        """The labels' names, read once a listing; where Google gives none, a label is shown by its id."""
        if self._labels is None:
            try:
                self._labels = self._account.people.groups()
            except (Damaged, Refused):
                self._labels = {}
        return self._labels

    def _photo(self, url: str) -> bytes:
        host = _http.host_of(self._account.endpoint)
        return _http.download(url, (*PHOTO_HOSTS, host) if _http.is_loopback(host) else PHOTO_HOSTS)

    def _persons(self) -> Iterator[Any]:
        """Every record of both stores as Google gives it, whole."""
        people = self._account.people
        for page in people.contacts(sync=False):
            for person in page["connections"]:
                try:
                    yield whole_person(people, person)
                except NotFound:
                    continue
                except (TypeError, ValueError):
                    yield person
        if self._account.with_others:
            for page in people.others(sync=False):
                yield from page["otherContacts"]

    def _other(self, ref: str) -> Person | None:
        for page in self._account.people.others(sync=False):
            for person in page["otherContacts"]:
                if isinstance(person, dict) and person.get("resourceName") == ref:
                    return person
        return None

    # Erasing

    def _counts_as_left(self, reader: Reader, person: Any) -> bool:
        try:
            entry = reader.entry(person)
        except NotAPersonError:
            return True
        return entry.disposal is not Disposal.MANUAL and not self._contacts.really_gone(entry.ref)

    def _by_hand(self, ref: str, version: str) -> Outcome:
        self._account.require(version.partition(" ")[2])
        if self._other(ref) is None:
            return Outcome("already_absent")
        raise Refused(mapping.MANUAL)

    def _in_the_bin(self) -> Phrase:
        until = datetime.fromtimestamp(self._now(), UTC).date() + timedelta(days=BIN_DAYS)
        return Phrase(
            "Recoverable in Google's bin until {date}; to remove it now: contacts.google.com, Bin, Delete forever.",
            date=until.isoformat(),
        )


def _texts(value: object) -> Iterator[str]:
    """Every text anywhere in a record."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
