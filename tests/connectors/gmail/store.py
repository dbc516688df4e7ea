"""What the stand-in keeps of one Google account: contacts, Other contacts, labels, the bin, and the log of changes."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

CONTACT_MASK = frozenset(
    "addresses ageRanges biographies birthdays calendarUrls clientData coverPhotos emailAddresses events externalIds genders "
    "imClients interests locales locations memberships metadata miscKeywords names nicknames occupations organizations "
    "phoneNumbers photos relations sipAddresses skills urls userDefined".split()
)
OTHER_MASK = frozenset("emailAddresses metadata names phoneNumbers photos".split())

CUT = 100


class ApiError(Exception):
    """An answer of the API that is not a success."""

    def __init__(self, code: int, status: str, message: str = "", reason: str = "") -> None:
        super().__init__(message or status)
        self.code, self.status, self.message, self.reason = code, status, message or status, reason

    def body(self) -> Json:
        """The error as Google writes it."""
        error: Json = {"code": self.code, "message": self.message, "status": self.status}
        if self.reason:
            detail = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": self.reason, "domain": "googleapis.com"}
            error["details"] = [detail]
        return {"error": error}


EXPIRED = {
    "reason": ApiError(400, "FAILED_PRECONDITION", "Precondition check failed.", "EXPIRED_SYNC_TOKEN"),
    "message": ApiError(
        400, "INVALID_ARGUMENT", "Sync token is expired. Clear local cache and retry call without the sync token."
    ),
    "gone": ApiError(410, "FAILED_PRECONDITION", "Sync token is expired. Clear local cache and retry.", "EXPIRED_SYNC_TOKEN"),
}
"""The three forms in which an expired sync token has been seen."""


@dataclass
class Store:
    """One account's data. `lag` reads of a deleted contact, and `list_lag` listings, still show it."""

    contacts: dict[str, Json] = field(default_factory=dict)
    others: dict[str, Json] = field(default_factory=dict)
    groups: dict[str, Json] = field(default_factory=dict)
    bin: dict[str, Json] = field(default_factory=dict)
    owner: str = "1122334455"
    expired: str = ""
    uncounted: int = 0
    """How many contacts more than it lists Google says there are."""
    lag: int = 0
    list_lag: int = 0
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    ghosts: dict[str, Json] = field(default_factory=dict)
    profiles: dict[str, Json] = field(default_factory=dict)
    """What people keep of themselves: a single read shows it even when the owner's contact is gone."""
    pictures: dict[str, bytes] = field(default_factory=dict)
    """The pictures that were given to contacts."""
    _made: int = 0

    def __post_init__(self) -> None:
        self.groups["contactGroups/myContacts"] = {"name": "myContacts", "groupType": "SYSTEM_CONTACT_GROUP"}

    def add(self, **values: Any) -> str:
        """Add a contact with these properties; its resource name."""
        self._made += 1
        name = f"people/c{1000 + self._made}"
        self.contacts[name] = self._person(name, "CONTACT", values)
        self.log("contacts", name)
        return name

    def add_other(self, **values: Any) -> str:
        """Add an Other contact."""
        self._made += 1
        name = f"otherContacts/c{1000 + self._made}"
        self.others[name] = self._person(name, "OTHER_CONTACT", values)
        self.log("others", name)
        return name

    def add_group(self, title: str) -> str:
        """Add a label."""
        name = f"contactGroups/{len(self.groups):x}{hashlib.sha256(title.encode()).hexdigest()[:8]}"
        if title in {group["name"] for group in self.groups.values()}:
            raise ApiError(409, "ALREADY_EXISTS", "Contact group name already exists.")
        self.groups[name] = {"name": title, "groupType": "USER_CONTACT_GROUP"}
        return name

    def change(self, name: str, **values: Any) -> None:
        """The owner edits an entry in her browser."""
        store = "contacts" if name in self.contacts else "others"
        person = (self.contacts if store == "contacts" else self.others)[name]
        person.update(values)
        self.stamp(person)
        self.log(store, name)

    def rename(self, old: str) -> str:
        """A linked address was added: the contact goes by a new resource name."""
        person = self.contacts.pop(old)
        self._made += 1
        new = person["resourceName"] = f"people/c{1000 + self._made}"
        person["metadata"]["previousResourceNames"] = [old]
        self.contacts[new] = person
        self.log("contacts", new)
        return new

    def delete(self, name: str) -> None:
        """Move a contact into the bin, where the API shows it no more; the person's own profile stays."""
        if name not in self.contacts:
            raise ApiError(404, "NOT_FOUND", "Requested entity was not found.")
        self.bin[name] = self.contacts.pop(name)
        self.ghosts[name] = self.bin[name]
        self.changes.append(("contacts", name, "deleted"))

    def remove_other(self, name: str) -> None:
        """The owner deletes an Other contact by hand."""
        del self.others[name]
        self.changes.append(("others", name, "deleted"))

    def get(self, name: str, mask: frozenset[str]) -> Json:
        """One person."""
        if name == "people/me":
            sources = [{"type": "PROFILE", "id": self.owner}]
            return self.shown({"resourceName": f"people/{self.owner}", "metadata": {"sources": sources}}, mask)
        if name in self.ghosts and self.lag:
            self.lag -= 1
            return self.shown(self.ghosts[name], mask)
        found = self.contacts.get(name) or self.profiles.get(name)
        if found is None:
            raise ApiError(404, "NOT_FOUND", "Requested entity was not found.")
        return self.shown(found, mask)

    def page(self, store: str, query: Mapping[str, str], mask: frozenset[str]) -> Json:
        """One page of a listing, full or since a sync token, with the checks on every other parameter."""
        offset, since = self._resume(store, query)
        rows = self._rows(store, since)
        size = int(query.get("pageSize") or 100)
        if not 1 <= size <= 1000:
            raise ApiError(400, "INVALID_ARGUMENT", "Page size must be between 1 and 1000.")
        page: Json = {}
        if rows[offset : offset + size]:
            shown = [self._row(row, mask, since) for row in rows[offset : offset + size]]
            page["connections" if store == "contacts" else "otherContacts"] = shown
        if offset + size < len(rows):
            page["nextPageToken"] = _seal("page", store, _same(query), offset + size)
        elif query.get("requestSyncToken") == "true":
            page["nextSyncToken"] = _seal("sync", store, _same(query, "syncToken"), len(self.changes))
        if since is None:
            page["totalItems" if store == "contacts" else "totalSize"] = len(rows) + (
                self.uncounted if store == "contacts" else 0
            )
        return page

    def shown(self, person: Json, mask: frozenset[str], cut: bool = False) -> Json:
        """A person under a mask; the whole person's etag depends on the mask, as Google's does."""
        found = copy.deepcopy({key: value for key, value in person.items() if key in mask})
        for key in ("emailAddresses", "phoneNumbers"):
            if cut and isinstance(found.get(key), list):
                found[key] = found[key][:CUT]
        seal = hashlib.sha256(f"{_source(person).get('etag')}{sorted(mask)}".encode()).hexdigest()[:12]
        return {"resourceName": person["resourceName"], "etag": f"%{seal}", **found}

    def stamp(self, person: Json) -> None:
        """Give the owner's part of a person a new etag."""
        self._made += 1
        for source in person["metadata"]["sources"]:
            if source["type"] in {"CONTACT", "OTHER_CONTACT"}:
                source["etag"] = f"#{self._made:06x}"

    def log(self, store: str, name: str) -> None:
        """Note a change, for the deltas."""
        self.changes.append((store, name, "put"))

    def _person(self, name: str, sort: str, values: Mapping[str, Any]) -> Json:
        person = {"resourceName": name, "metadata": {"sources": [{"type": sort, "id": f"{self._made:x}"}]}, **values}
        self.stamp(person)
        return person

    def _resume(self, store: str, query: Mapping[str, str]) -> tuple[int, int | None]:
        """Where the listing goes on, and the number of the change it starts after (None: everything)."""
        since = None
        if token := query.get("syncToken"):
            if self.expired:
                raise EXPIRED[self.expired]
            since = _unseal(token, "sync", store, _same(query, "syncToken"))
        token = query.get("pageToken")
        return _unseal(token, "page", store, _same(query)) if token else 0, since

    def _rows(self, store: str, since: int | None) -> list[Json]:
        """The persons a listing is about; a mere deletion has no `names` of anything, only its resource name."""
        held = self.contacts if store == "contacts" else self.others
        if since is None:
            return [*held.values(), *(self.ghosts.values() if store == "contacts" and self.list_lag else ())]
        last = {name: what for kind, name, what in self.changes[since:] if kind == store}
        return [held.get(name, {"resourceName": name}) for name, what in last.items() if what == "deleted" or name in held]

    def _row(self, person: Json, mask: frozenset[str], since: int | None) -> Json:
        if len(person) == 1:
            return {**person, "metadata": {"deleted": True}}
        found = self.shown(person, mask, cut=True)
        if since is None:
            # Former names are only told in a delta.
            found.get("metadata", {}).pop("previousResourceNames", None)
        return found


def _source(person: Json) -> Json:
    sources = person.get("metadata", {}).get("sources", [])
    return next((source for source in sources if source.get("type") in {"CONTACT", "OTHER_CONTACT"}), {})


def _same(query: Mapping[str, str], *but: str) -> str:
    """What must not change between the calls that belong together."""
    kept = sorted((key, value) for key, value in query.items() if key not in {"pageToken", "alt", *but})
    return hashlib.sha256(json.dumps(kept).encode()).hexdigest()[:12]


def _seal(*parts: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


def _unseal(token: str, *parts: str) -> int:
    """The number in a token of ours. Raises an INVALID_ARGUMENT that is not about age when anything else differs."""
    try:
        *told, number = json.loads(base64.urlsafe_b64decode(token))
    except ValueError:
        told, number = [], 0
    if tuple(told) != parts:
        raise ApiError(400, "INVALID_ARGUMENT", "Request parameters must match the first call.")
    return int(number)
