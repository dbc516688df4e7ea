"""Single contacts: found, deleted, and changed in part, each time read just before and just after."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from connectors import _corrections, _http
from connectors._http import Patience
from connectors.contract import Correction
from connectors.entry import Field, Ref, Version
from connectors.errors import PLAN_AGAIN, Conflict, Damaged, Fault, NotFound, Refused, Unreachable
from connectors.gmail import bodies, mapping, receipts
from connectors.gmail.account import Account
from connectors.gmail.people import Person
from connectors.gmail.receipts import Receipt
from connectors.phrase import Phrase

CONTACT = re.compile(r"people/[A-Za-z0-9_-]{1,100}")

REREADS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Waits in seconds before each look whether a write is seen: a read may be a little behind."""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of one write; `receipt` is None where nothing had to be done."""

    receipt: Receipt | None = field(default=None, repr=False)
    notes: tuple[Phrase, ...] = ()


@dataclass(slots=True)
class Contacts:
    """The contacts of an account, one at a time. `photo` fetches a picture."""

    account: Account = field(repr=False)
    patience: Patience
    photo: Callable[[str], bytes]
    seal: Callable[[bytes], None] = field(default=lambda _receipt: None, repr=False)
    """Called with a receipt just before its write."""
    _erased: set[str] = field(default_factory=set, repr=False)

    def find(self, ref: str) -> Person | None:
        """One contact afresh, all of it."""
        if not CONTACT.fullmatch(ref):
            return None
        try:
            person = self.account.people.get(ref)
        except NotFound:
            return None
        # What the person keeps in their own profile may still be readable when the contact is gone.
        return person if mapping.is_contact(person) else self.listed(lambda other: other.get("resourceName") == ref)

    def everybody(self) -> Iterator[Person]:
        """Every contact of a fresh listing that is a record at all."""
        for page in self.account.people.contacts(sync=False):
            yield from (person for person in page["connections"] if isinstance(person, dict))

    def listed(self, wanted: Callable[[Person], bool]) -> Person | None:
        """The first contact of a fresh listing that is wanted."""
        return next((person for person in self.everybody() if wanted(person)), None)

    def really_gone(self, ref: str) -> bool:
        """Whether a single read shows no contact of the owner's any more."""
        try:
            return not mapping.is_contact(self.account.people.get(ref))
        except NotFound:
            return True

    def vanished(self, name: str) -> bool:
        """A listing may still show for some minutes what was deleted: then a single read tells."""
        return name in self._erased and self.really_gone(name)

    def erase(self, ref: Ref, version: Version) -> Done:
        """Delete one contact: re-read, compare, delete, re-read; a lost answer is settled by reading, never by guessing.

        Google has no delete that checks the etag, so a change in the moment between the two requests is not seen.
        """
        etag = self._etag_for(version)
        if not CONTACT.fullmatch(ref):
            return Done()
        kept: list[Done] = []

        def whole_try() -> None:
            person = self._found(ref, etag)
            if person is None:
                return
            self._require_shown(person, ref, etag)
            kept[:] = kept or [self._kept(person)]
            self._seal(kept[0].receipt)
            # Not found: the transport sent it twice, or somebody was faster; either way it is gone.
            with suppress(NotFound):
                self.account.people.delete(ref)

        try:
            _http.repeated(whole_try, self.patience)
            if kept:
                self._confirm_gone(ref)
        except Unreachable:
            if kept:
                raise _unsettled() from None
            raise
        return kept[0] if kept else Done()

    def redact(self, ref: Ref, version: Version, kinds: Sequence[str]) -> Done:
        """Take these kinds of fields out of one contact, in the version that was shown: Google compares the etag itself."""
        etag, done = self._etag_for(version), Done()
        if not CONTACT.fullmatch(ref):
            return done
        before: list[Person] = []

        def whole_try() -> None:
            person = self._found(ref, etag)
            # In whatever version: where nothing is left of them, a run that was cut off after its write ends.
            changed = bodies.without(person, kinds) if person else {}
            if not person or not changed:
                return
            self._require_shown(person, ref, etag)
            before[:] = [person]
            old = {name: bodies.whole(person).get(name, []) for name in changed}
            self._seal(receipts.of_redact(self.account.owner, ref, old, changed))
            self._update(person, changed, lambda now: not bodies.without(now, kinds))

        self._settled(whole_try, before)
        if not before:
            return done
        now = self._read_back(ref, lambda person: not bodies.without(person, kinds))
        expected = bodies.whole(before[0]) | bodies.without(before[0], kinds)
        notes = () if bodies.same(expected, bodies.whole(now)) else (_otherwise(),)
        touched = bodies.without(before[0], kinds)
        old, new = ({name: bodies.whole(person).get(name, []) for name in touched} for person in (before[0], now))
        return Done(receipts.of_redact(self.account.owner, ref, old, new), notes)

    def rectify(
        self, ref: Ref, version: Version, corrections: Sequence[Correction], shows: Callable[[Person], Sequence[Field]]
    ) -> Done:
        """Put values of one contact right, in the version that was shown; `shows` are the fields of a contact.

        Google compares the etag itself. Raises `Refused` when Google would make something else of it: it is put back then.
        """
        etag = self._etag_for(version)
        before: list[Person] = []

        def is_right(person: Person) -> bool:
            return _corrections.is_done(shows(person), corrections)

        def whole_try() -> None:
            person = self._found(ref, etag) if CONTACT.fullmatch(ref) else None
            if person is None or is_right(person):
                return
            self._require_shown(person, ref, etag)
            changed = bodies.corrected(person, corrections)
            if not changed:
                raise _by_hand()
            before[:] = [person]
            old = {name: bodies.whole(person).get(name, []) for name in changed}
            self._seal(receipts.of_redact(self.account.owner, ref, old, changed))
            self._update(person, changed, is_right)

        self._settled(whole_try, before)
        if not before:
            return Done()
        now = self._read_back(ref, lambda person: is_right(person) or etag_of(person) != etag)
        touched = bodies.corrected(before[0], corrections)
        old, new = ({name: bodies.whole(person).get(name, []) for name in touched} for person in (before[0], now))
        receipt = receipts.of_redact(self.account.owner, ref, old, new)
        try:
            _corrections.require_as_meant(shows(before[0]), shows(now), corrections)
        except Refused:
            self.put_back(receipt)
            raise
        return Done(receipt)

    def put_back(self, receipt: Receipt) -> tuple[Phrase, ...]:
        """Undo a redact: give the properties the values they had, if they stand as the redact left them.

        Raises `Conflict`; what the owner changed in other properties stays.
        """
        back: list[bool] = []

        def whole_try() -> None:
            person = self.find(receipt.ref)
            if person is None:
                raise Conflict(Phrase("The contact is no longer there; nothing was put back."))
            now = _only(person, receipt.values)
            if back and bodies.same(now, receipt.values):
                return  # the try before this one did it, and its answer was lost
            if not _untouched(person, receipt):
                raise Conflict(Phrase("The contact was written again since; nothing was put back."))
            self.require_writable()
            back.append(True)
            self._update(person, receipt.values, lambda later: bodies.same(_only(later, receipt.values), receipt.values))

        self._settled(whole_try, back)
        self._read_back(receipt.ref, lambda person: bodies.same(_only(person, receipt.values), receipt.values))
        return ()

    def require_writable(self) -> None:
        """Raise `Refused` when the hub may only read."""
        if not self.account.may_write:
            raise Refused(
                Phrase("The hub may only read these contacts; nothing was written."),
                Phrase("Allow it to write: run hub login gmail again and tick every box."),
            )

    def _settled(self, whole_try: Callable[[], None], sent: Sequence[object]) -> None:
        """Try until it is done; where nothing answers after something was sent, say that nobody knows."""
        try:
            _http.repeated(whole_try, self.patience)
        except Unreachable:
            if sent:
                raise Unreachable(
                    Phrase("Google fell silent while the contact was being changed: it may be changed or not."),
                    Phrase("Run the same again later: the hub reads first, and goes on where it stopped."),
                ) from None
            raise

    def _update(self, person: Person, changed: bodies.Values, done: Callable[[Person], bool]) -> None:
        """Send an update; when Google finds another version than the one sent, it may have been taken already."""
        name = mapping.name_of(person)
        try:
            self.account.people.update(name, bodies.guarded(person, changed), sorted(changed))
        except Conflict:
            if not done(self.account.people.get(name)):
                raise

    def _read_back(self, ref: str, done: Callable[[Person], bool]) -> Person:
        for pause in REREADS:
            if pause:
                self.patience.sleep(pause)
            person = self.account.people.get(ref)
            if done(person):
                return person
        raise Fault(Phrase("Google confirmed the change but still shows the contact as it was."))

    def _etag_for(self, version: Version) -> str:
        etag, _, account = version.partition(" ")
        self.account.require(account)
        return etag

    def _found(self, ref: str, etag: str) -> Person | None:
        """The contact, or the one that it became: it may go by another id now."""
        return self.find(ref) or self.listed(lambda other: etag_of(other) == etag or other.get("resourceName") == ref)

    def _require_shown(self, person: Person, ref: str, etag: str) -> None:
        if person.get("resourceName") != ref or etag_of(person) != etag:
            raise Conflict(
                Phrase("The contact changed at Google since the plan was shown; nothing was written."),
                PLAN_AGAIN,
            )
        if not mapping.is_contact(person):
            raise Refused(mapping.NOT_OURS)
        if not self.account.may_write:
            raise Refused(mapping.READ_ONLY)

    def _kept(self, person: Person) -> Done:
        """What puts a contact back, its picture included as Google shows it."""
        notes: tuple[Phrase, ...] = ()
        picture = b""
        if url := mapping.picture_of(person):
            try:
                picture = self.photo(url)
            except (Unreachable, Refused, Damaged):
                notes = (Phrase("Its picture could not be fetched; if the contact is put back, it has none."),)
        return Done(receipts.of_erase(self.account.owner, person, picture), notes)

    def _seal(self, receipt: Receipt | None) -> None:
        if receipt is not None:
            self.seal(receipt.packed())

    def _confirm_gone(self, ref: str) -> None:
        for pause in REREADS:
            if pause:
                self.patience.sleep(pause)
            if self.really_gone(ref):
                self._erased.add(ref)
                return
        raise Fault(Phrase("Google confirmed the delete but still shows the contact."))


def etag_of(person: Mapping[str, Any]) -> str:
    """The contact's etag; one that nothing has for a record that is broken."""
    try:
        return mapping.etag_of(person)
    except (TypeError, ValueError, AttributeError):
        return "?"


def _only(person: Person, values: bodies.Values) -> bodies.Values:
    """What a contact says in these properties."""
    now = bodies.whole(person)
    return {name: now.get(name, []) for name in values}


def _untouched(person: Person, receipt: Receipt) -> bool:
    left = receipt.left or {}
    return bodies.same(_only(person, left), left)


def _unsettled() -> Unreachable:
    return Unreachable(
        Phrase("Google fell silent while the contact was being deleted: it may be gone or not."),
        Phrase("Confirm the request again later: the hub reads first, and goes on where it stopped."),
    )


def _by_hand() -> Refused:
    return Refused(
        Phrase("The value is one that Google makes of others; nothing was written."),
        Phrase("Change it by hand at contacts.google.com."),
    )


def _otherwise() -> Phrase:
    return Phrase("Google shows other values of the contact otherwise than before: have a look at it.")
