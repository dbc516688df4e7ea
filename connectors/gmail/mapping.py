"""From a person of the People API to an entry: every value shown at full length, nothing dropped because it is unknown."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from connectors.contract import Column
from connectors.entry import Attachment, Disposal, Entry, Field, Ref, Version
from connectors.phrase import Phrase

PEOPLE = "people/"
OTHERS = "otherContacts/"

PROFILE_LABEL = "Google profile"
"""Marks a value that the person keeps in their own Google account: shown, and not the owner's to delete."""

EVERYBODY = "contactGroups/myContacts"
"""The label every contact has."""

MARK = "register-hub"
"""The key of the client data by which the hub knows a contact that it put back itself; says nothing about the person."""

PROFILES = frozenset({"PROFILE", "DOMAIN_PROFILE", "ACCOUNT"})
"""Sources of values that people keep about themselves."""

NOT_VALUES = frozenset({
    "metadata", "type", "formattedType", "canonicalForm", "contentType", "countryCode", "displayNameLastFirst",
    "protocol", "formattedProtocol", "current", "default", "key",
})  # fmt: skip
"""Parts of a value that say what sort it is, or say the same once more."""

_PARTS: Mapping[str, Mapping[str, str]] = {
    "names": {"displayName": "name", "givenName": "given", "familyName": "family"},
    "nicknames": {"value": "other"},
    "emailAddresses": {"value": "email"},
    "phoneNumbers": {"value": "phone"},
    "addresses": {
        "streetAddress": "address", "extendedAddress": "address", "poBox": "address", "postalCode": "postcode", "city": "city",
        "country": "country", "formattedValue": "address",
    },
    "organizations": {"name": "company", "title": "title", "jobDescription": "note"},
    "occupations": {"value": "title"},
    "birthdays": {"date": "birthday", "text": "birthday"},
    "biographies": {"value": "note"},
    "urls": {"value": "url"},
    "calendarUrls": {"url": "url"},
    "events": {"date": "date"},
    "externalIds": {"value": "other"},
}  # fmt: skip
"""Which part of which property is which kind of field; every other part is `other`, labelled with its name."""

_SHOWN_AS_OTHER = {
    "ageRanges", "clientData", "genders", "imClients", "interests", "locales", "locations", "memberships", "miscKeywords",
    "relations", "sipAddresses", "skills", "userDefined",
}  # fmt: skip

_NOT_SHOWN: Mapping[str, Phrase] = {
    "photos": Phrase("the picture goes into the access package as a file"),
    "coverPhotos": Phrase("the picture of the person's own Google profile"),
}

_ADDRESSING = frozenset({"resourceName", "etag", "metadata"})
"""What a record needs to be found again; not about the person."""

MANUAL = Phrase(
    "Google lets no program delete Other contacts: open contacts.google.com, choose Other contacts, find this entry, Delete. "
    'So that it does not come back, switch off "Save contact info when you interact with people" in your Google account.'
)

READ_ONLY = Phrase(
    "The hub may only read these contacts: delete this one by hand at contacts.google.com, or run hub login gmail again and "
    "tick every box."
)

NOT_OURS = Phrase("this is the person's own Google profile, not a contact of yours; you can only hide it at contacts.google.com")


class NotAPersonError(Exception):
    """A record whose shape is not a person's."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Makes entries of one account's persons. `photo` fetches a picture; `groups` names the labels when one is met."""

    account: str
    photo: Callable[[str], bytes]
    groups: Callable[[], Mapping[str, str]]
    may_write: bool = True

    def entry(self, person: object) -> Entry:
        """The entry of one person. Raises `NotAPersonError`."""
        try:
            return self._entry(_dict(person))
        except (TypeError, KeyError, AttributeError, ValueError, RecursionError):
            raise NotAPersonError from None

    def _entry(self, person: Mapping[str, Any]) -> Entry:
        name = name_of(person)
        disposal, reason = self._disposal(person, name)
        return Entry(
            ref=Ref(name),
            version=Version(f"{etag_of(person)} {self.account}".strip()),
            locator=locator(name),
            fields=tuple(_distinct(self._fields(person))),
            disposal=disposal,
            disposal_reason=reason,
            attachments=tuple(self._attachments(person)),
        )

    def _disposal(self, person: Mapping[str, Any], name: str) -> tuple[Disposal, Phrase | None]:
        if name.startswith(OTHERS):
            return Disposal.MANUAL, MANUAL
        if not is_contact(person):
            return Disposal.MANUAL, NOT_OURS
        return (Disposal.ERASE, None) if self.may_write else (Disposal.MANUAL, READ_ONLY)

    def _fields(self, person: Mapping[str, Any]) -> Iterator[Field]:
        for name in [*_PARTS, *sorted(set(person) - set(_PARTS))]:
            if name in _ADDRESSING or name in _NOT_SHOWN or not person.get(name):
                continue
            for value in _main_first(_dicts(person[name])):
                if name == "clientData" and value.get("key") == MARK:
                    continue
                found = self._membership(value) if name == "memberships" else _values(name, value, "names" in person)
                yield from (_marked(item, value) for item in found)

    def _membership(self, value: Mapping[str, Any]) -> Iterator[Field]:
        group = group_of(value)
        if group and group != EVERYBODY:
            yield Field("other", self.groups().get(group) or group, "group")

    def _attachments(self, person: Mapping[str, Any]) -> Iterator[Attachment]:
        urls = [str(value["url"]) for value in _main_first(_dicts(person.get("photos") or [])) if not value.get("default")]
        for number, url in enumerate(dict.fromkeys(urls), start=1):
            name = "photo.jpg" if number == 1 else f"photo {number}.jpg"
            yield Attachment(name, "image/jpeg", partial(self.photo, url))


def name_of(person: Mapping[str, Any]) -> str:
    """The resource name: an id that holds nothing personal. Raises ValueError when there is none."""
    name = person.get("resourceName")
    if not isinstance(name, str) or not name.startswith((PEOPLE, OTHERS)) or name.endswith("/"):
        raise ValueError
    return name


def locator(name: str) -> Phrase:
    """Where a human finds the entry."""
    if name.startswith(OTHERS):
        return Phrase("contacts.google.com, Other contacts, entry {id}", id=name.removeprefix(OTHERS))
    return Phrase("contacts.google.com/person/{id}", id=name.removeprefix(PEOPLE))


def etag_of(person: Mapping[str, Any]) -> str:
    """What changes when the owner's contact does: the etag of its CONTACT source; for Other contacts a hash of all values.

    The etag of the whole person also changes with the person's own profile, and with what was asked for.
    """
    for source in sources(person):
        if source.get("type") == "CONTACT" and source.get("etag"):
            return str(source["etag"])
    if name_of(person).startswith(PEOPLE) and person.get("etag"):
        return str(person["etag"])
    told = {name: value for name, value in person.items() if name not in _ADDRESSING and name not in _NOT_SHOWN}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def sources(person: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Where the person's values come from: CONTACT, PROFILE or OTHER_CONTACT."""
    metadata = person.get("metadata")
    return _dicts(metadata.get("sources") or []) if isinstance(metadata, dict) else []


def is_contact(person: Mapping[str, Any]) -> bool:
    """Whether the owner keeps this person as a contact; a person without any source named is believed to be one."""
    kinds = {source.get("type") for source in sources(person)}
    return not kinds or "CONTACT" in kinds


def picture_of(person: Mapping[str, Any]) -> str:
    """Where the picture is that the owner gave the contact, "" for none."""
    photos = person.get("photos")
    own = (one for one in photos if isinstance(one, dict) and is_own(one)) if isinstance(photos, list) else ()
    return next((str(one["url"]) for one in own if one.get("url") and not one.get("default")), "")


def previous_names(person: Mapping[str, Any]) -> list[str]:
    """The resource names this person had before."""
    return [str(name) for name in _dict(person.get("metadata") or {}).get("previousResourceNames") or []]


def is_deleted(person: object) -> bool:
    """Whether a delta tells that this person is gone."""
    metadata = person.get("metadata") if isinstance(person, dict) else None
    return isinstance(metadata, dict) and metadata.get("deleted") is True


def column(name: str) -> Column | None:
    """What becomes of one property; None for what only addresses the record."""
    if name in _ADDRESSING:
        return None
    if name in _NOT_SHOWN:
        return Column(name, None, _NOT_SHOWN[name])
    if name in _PARTS:
        return Column(name, next(iter(_PARTS[name].values())))
    return Column(name, "other" if name in _SHOWN_AS_OTHER else None, known=name in _SHOWN_AS_OTHER)


def _values(name: str, value: Mapping[str, Any], named: bool) -> Iterator[Field]:
    """Every part of one value as a field."""
    label = str(value.get("formattedType") or value.get("type") or value.get("formattedProtocol") or value.get("protocol") or "")
    label = str(value.get("key") or label)
    for part, inner in value.items():
        if part in NOT_VALUES or repeats(name, part, value):
            continue
        text = text_of(inner)
        if text:
            yield Field(
                kind_of(name, part, value, named), text, label if part in _PARTS.get(name, {"value": ""}) else f"{name}.{part}"
            )


def repeats(name: str, part: str, value: Mapping[str, Any]) -> bool:
    """Whether this part only says what others of the same value say."""
    if part == "unstructuredName":
        return bool(value.get("displayName") == value[part])
    if part == "formattedValue" and name == "addresses":
        return any(value.get(key) for key in ("streetAddress", "city", "poBox", "postalCode", "extendedAddress"))
    if part == "text" and name == "birthdays":
        return bool(value.get("date"))
    return part == "formattedValue" and bool(value.get("value"))


def kind_of(name: str, part: str, value: Mapping[str, Any], named: bool) -> str:
    """The kind of field that one part of a value is; `named`: the person has a name of its own."""
    if name == "nicknames" and value.get("type") == "MAIDEN_NAME":
        return "former_name"
    if name == "externalIds" and value.get("type") == "customer":
        return "customer_number"
    if (name, part) == ("emailAddresses", "displayName") and not named:
        return "name"
    if (name, part) == ("names", "unstructuredName") and not value.get("displayName"):
        return "name"
    return _PARTS.get(name, {}).get(part, "other")


def text_of(value: object) -> str:
    """A value as a person reads it: text, a date, or whatever else is there as JSON."""
    if isinstance(value, str):
        # Half a character, as a broken program may have saved it, could not be shown or written anywhere.
        return value.encode("utf-8", "replace").decode("utf-8").strip()
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, dict) and set(value) <= {"year", "month", "day"}:
        year, month, day = (int(value.get(key) or 0) for key in ("year", "month", "day"))
        return f"{year:04}-{month:02}-{day:02}" if year else f"--{month:02}-{day:02}"
    return json.dumps(value, ensure_ascii=False)


def is_own(value: Mapping[str, Any]) -> bool:
    """Whether a value is the owner's, not one that the person keeps in their own profile."""
    return _dict(_dict(value.get("metadata") or {}).get("source") or {}).get("type") not in PROFILES


def group_of(membership: Mapping[str, Any]) -> str:
    """The label that a membership is about, "" for none."""
    return str(_dict(membership.get("contactGroupMembership") or {}).get("contactGroupResourceName") or "")


def _marked(item: Field, value: Mapping[str, Any]) -> Field:
    """Mark what comes from the person's own profile."""
    if not is_own(value):
        return replace(item, label=f"{PROFILE_LABEL}: {item.label}" if item.label else PROFILE_LABEL, stays=True)
    return item


def _distinct(fields: Iterable[Field]) -> Iterator[Field]:
    """Each value once; the owner's own before the profile's."""
    seen: set[tuple[str, str]] = set()
    for item in sorted(fields, key=lambda item: item.stays):
        if (item.kind, item.value) not in seen:
            seen.add((item.kind, item.value))
            yield item


def _main_first(values: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The main value is flagged, not first."""
    return sorted(values, key=lambda value: not _dict(value.get("metadata") or {}).get("primary"))


def _dict(found: object) -> Mapping[str, Any]:
    if not isinstance(found, dict):
        raise TypeError
    return found


def _dicts(found: object) -> list[Mapping[str, Any]]:
    if not isinstance(found, list):
        raise TypeError
    return [_dict(item) for item in found]
