"""The kit's people as Google contacts, and connectors that wait for nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, ClassVar

import pytest

from connectors._http import Patience
from connectors.contract import Connector
from connectors.gmail import GmailConnector
from connectors.gmail.people import People
from tests.conformance import Killed, World
from tests.conformance.people import Made
from tests.connectors.gmail.standin import TOKEN, Fault, StandIn
from tests.connectors.gmail.store import Json


class QuickGmail(GmailConnector):
    """The real connector, without the waits between its tries; `waits` tells what they would have been."""

    waits: ClassVar[list[float]] = []
    patience = Patience(sleep=waits.append)


def connector(standin: StandIn, **settings: Any) -> QuickGmail:
    """A connector on the stand-in, with a ready token."""
    QuickGmail.waits.clear()
    return QuickGmail("gmail", {"endpoint": standin.url, "token": lambda: TOKEN, **settings})


def value(text: str, **more: Any) -> list[Json]:
    """One value of a contact, as Google writes it."""
    return [{"metadata": {"primary": True, "source": {"type": "CONTACT"}}, "value": text, **more}]


def person(name: str, *emails: str, phone: str = "", **more: Any) -> Json:
    """The properties of a contact."""
    given, _, family = name.partition(" ")
    found: Json = {"names": [{"displayName": name, "givenName": given, "familyName": family, "unstructuredName": name}]}
    if emails:
        found["emailAddresses"] = [{"value": email} for email in emails]
    if phone:
        found["phoneNumbers"] = value(phone, type="mobile", formattedType="Mobile")
    return {**found, **more}


def made(who: Made) -> Json:
    """The properties of one of the kit's people."""
    company = [{"name": who.company, "metadata": {"primary": True}}]
    groups = [
        {"contactGroupMembership": {"contactGroupResourceName": "contactGroups/myContacts", "contactGroupId": "myContacts"}}
    ]
    return person(who.name, who.email, phone=who.phone, organizations=company, biographies=value(who.note), memberships=groups)


def _bare(value: Json) -> Json:
    return {"value": value.get("value")}


class GmailWorld(World):
    """An account in which everybody is a contact."""

    def __init__(self, standin: StandIn) -> None:
        super().__init__()
        self.standin, self.store = standin, standin.store
        for who in self.people:
            self.store.add(**made(who))
        # One of them keeps a page in a Google profile of her own, which stays whatever becomes of the contact.
        self.store.contacts[self._name("satu")]["urls"] = [
            {"value": "https://satu.example", "metadata": {"source": {"type": "PROFILE", "id": "9"}}}
        ]

    def _name(self, key: str) -> str:
        """By which id somebody goes now: a contact that was put back has a new one."""
        email = self.person(key).email
        held = self.store.contacts.items()
        return next((name for name, one in held if [{"value": email}] == [_bare(v) for v in one.get("emailAddresses", [])]), "")

    def connector(self) -> Connector:
        return connector(self.standin)

    def snapshot(self) -> object:
        return repr((self.store.contacts, self.store.others, self.store.groups, self.store.bin))

    def files(self) -> frozenset[str]:
        return frozenset()

    def columns(self) -> Sequence[str]:
        return sorted({key for held in self.store.contacts.values() for key in held} - {"resourceName", "metadata", "etag"})

    def bystanders(self, key: str) -> object:
        own = self._name(key)
        return repr({name: held for name, held in self.store.contacts.items() if name != own})

    def touch(self, key: str) -> None:
        self.store.change(self._name(key), biographies=value(f"{self.person(key).note} muutettu"))

    def break_record(self, key: str) -> bool:
        self.store.contacts[self._name(key)]["names"] = "not a list"
        return True

    def bury(self, text: str) -> bool:
        self.store.add_group(text)
        return True

    def break_source(self) -> None:
        self.standin.stop()

    def damage(self) -> None:
        self.standin.faults.append(Fault("", "html", times=10_000))

    def lock(self) -> AbstractContextManager[object] | None:
        return None

    def write_points(self) -> tuple[str, ...]:
        return ("before the delete", "after the delete", "before the get", "after the get")

    def correction_points(self) -> tuple[str, ...]:
        return ("before the update", "after the update", "before the get", "after the get")

    @contextmanager
    def failing_at(self, point: str) -> Iterator[list[str]]:
        reached: list[str] = []
        when, _, what = point.split()
        act = getattr(People, what)

        def dying(people: People, name: str, *more: Any) -> object:
            if when == "after":
                act(people, name, *more)
            reached.append(point)
            raise Killed(point)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(People, what, dying)
            yield reached
