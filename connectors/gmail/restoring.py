"""Putting a deleted contact back: made anew from its receipt, once, and back under its labels with its picture."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from connectors import _http
from connectors._http import Repeatable
from connectors.errors import Conflict, Damaged, Fault, NotFound, Refused, Unreachable
from connectors.gmail import bodies, mapping
from connectors.gmail.contacts import CONTACT, REREADS, Contacts, etag_of
from connectors.gmail.people import Person
from connectors.gmail.receipts import Receipt
from connectors.phrase import Phrase

_LOOKS = REREADS[:4]


@dataclass(slots=True)
class Restorer:
    """One restore of a whole contact."""

    contacts: Contacts = field(repr=False)
    receipt: Receipt = field(repr=False)

    def restore(self) -> tuple[Phrase, ...]:
        """Make the contact anew, unless it is there. Raises `Conflict`, `Refused`, `Unreachable`."""
        self.contacts.require_writable()
        self._require_absent()
        joined, lost = self._groups()
        name = self._made(joined)
        self._alone(name)
        person = self._seen(name)
        missing = [group for group in joined if group not in _groups_of(person)]
        for group in missing:
            with suppress(NotFound, Refused, Conflict, Damaged):
                self.contacts.account.people.join(group, name)
        notes = [Phrase("The contact is back as a new one; the deleted one is still in Google's bin until its time is over.")]
        if missing:
            person = self._seen(name)
            lost = lost or any(group not in _groups_of(person) for group in missing)
        if lost:
            notes.append(Phrase("The contact is back, but not under every label it had: put it there by hand."))
        notes += self._picture(name)
        if not self._says_the_same(person):
            notes.append(Phrase("The contact is back, but Google shows it otherwise than it was: have a look at it."))
        if self.receipt.fixed:
            named = ", ".join(self.receipt.fixed)
            notes.append(Phrase("Google lets no program put back: {properties}.", properties=named))
        return tuple(notes)

    def _require_absent(self) -> None:
        """The old contact, one made from this receipt, or one that says the very same: then nothing is to be put back.

        A twin that came from another receipt is no reason: both were there before.
        """
        gone = self.contacts.really_gone
        if not gone(self.receipt.ref):
            raise _there_again()
        for person in self.contacts.everybody():
            token, name = bodies.mark_of(person), str(person.get("resourceName"))
            if token == self.receipt.token and not gone(name):
                raise _there_again()
            if not token and self._says_the_same(person) and not gone(name):
                raise Conflict(Phrase("A contact with just these values is there; nothing was put back."))

    def _says_the_same(self, person: Person) -> bool:
        return bodies.same(_but_groups(bodies.whole(person)), _but_groups(self.receipt.values))

    def _groups(self) -> tuple[list[str], bool]:
        """The labels that are there, and whether one of the contact's is not."""
        had = [mapping.group_of(value) for value in self.receipt.values.get("memberships", [])]
        can = self.contacts.account.people.open_groups()
        return [group for group in had if group in can], not set(had) <= can

    def _made(self, groups: Sequence[str]) -> str:
        """Send it until it is there; after a lost answer the contacts are listed before it is sent again."""
        values = self.receipt.values
        body = {
            **values,
            "memberships": [bodies.membership(group) for group in groups or [mapping.EVERYBODY]],
            "clientData": [*values.get("clientData", []), bodies.marked(self.receipt.token)],
        }
        tried: list[bool] = []

        def whole_try() -> str:
            if tried and (name := self._looked_up()):
                return name
            tried.append(True)
            return self.contacts.account.people.create(body) or self._looked_up()

        try:
            return _http.repeated(whole_try, self.contacts.patience)
        except Unreachable:
            with suppress(Unreachable, Repeatable):
                if name := self._looked_up():
                    return name
            raise Unreachable(
                Phrase("Google fell silent while the contact was being put back: it may be there or not."),
                Phrase("Run the same again later: the hub looks first, and never makes it twice."),
            ) from None

    def _looked_up(self) -> str:
        """The contact that was made from this receipt, "" when no listing shows one."""
        for pause in _LOOKS:
            if pause:
                self.contacts.patience.sleep(pause)
            if names := self._marked():
                return names[0]
        return ""

    def _marked(self) -> list[str]:
        return [mapping.name_of(person) for person in self.contacts.everybody() if bodies.mark_of(person) == self.receipt.token]

    def _alone(self, name: str) -> None:
        """The transport may send a request twice when an answer is lost: what was made twice is one contact too many."""
        for other in self._marked():
            if other != name:
                with suppress(NotFound):
                    _http.repeated(partial(self.contacts.account.people.delete, other), self.contacts.patience)

    def _seen(self, name: str) -> Person:
        for pause in REREADS if CONTACT.fullmatch(name) else ():
            if pause:
                self.contacts.patience.sleep(pause)
            with suppress(NotFound):
                person = self.contacts.account.people.get(name)
                if etag_of(person) != "?":
                    return person
        raise Fault(Phrase("Google confirmed that it took the contact back but does not show it."))

    def _picture(self, name: str) -> list[Phrase]:
        if not self.receipt.picture:
            return []
        try:
            self.contacts.account.people.picture(name, self.receipt.picture)
        except (NotFound, Refused, Conflict, Damaged, Unreachable):
            return [Phrase("The contact is back, but Google did not take its picture.")]
        return [Phrase("Its picture is back in the size in which Google showed it.")]


def _groups_of(person: Person) -> set[str]:
    return {mapping.group_of(value) for value in bodies.whole(person).get("memberships", [])}


def _but_groups(values: bodies.Values) -> bodies.Values:
    return {name: listed for name, listed in values.items() if name != "memberships"}


def _there_again() -> Conflict:
    return Conflict(Phrase("The contact is there again; nothing was put back."))
