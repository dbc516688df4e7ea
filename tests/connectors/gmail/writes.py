"""What the stand-in does with contacts that are written: updates by etag, new ones, labels and pictures, as Google describes."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from tests.connectors.gmail.store import ApiError, Json, Store

UPDATE_MASK = frozenset(
    "addresses biographies birthdays calendarUrls clientData emailAddresses events externalIds genders imClients interests "
    "locales locations memberships miscKeywords names nicknames occupations organizations phoneNumbers relations sipAddresses "
    "urls userDefined".split()
)
SINGLETONS = ("biographies", "birthdays", "genders", "names")
MAIN = "contactGroups/myContacts"
PROFILES = {"PROFILE", "DOMAIN_PROFILE", "ACCOUNT"}


def update(store: Store, name: str, body: Json, mask: frozenset[str]) -> None:
    """Replace whole properties of a contact, if the etag of its CONTACT source is the one in the body."""
    _require_known(body)
    person = store.contacts.get(name)
    if person is None:
        raise ApiError(404, "NOT_FOUND", "Requested entity was not found.")
    sources = body.get("metadata", {}).get("sources", [])
    sent = [source.get("etag") for source in sources if source.get("type") == "CONTACT"]
    if not sent:
        raise ApiError(400, "INVALID_ARGUMENT", "Request must specify person.metadata.sources with a contact source.")
    if sent[0] not in [source.get("etag") for source in person["metadata"]["sources"] if source["type"] == "CONTACT"]:
        message = "Request person.etag is different than the current person.etag. Clear local cache and get the latest person."
        raise ApiError(400, "FAILED_PRECONDITION", message)
    _require_singletons(body)
    if "memberships" in mask and not body.get("memberships"):
        raise ApiError(400, "INVALID_ARGUMENT", "A contact must have at least one contact group membership.")
    _require_groups(store, body)
    for field in mask:
        others = [value for value in person.get(field, []) if _is_profile(value)]
        values = [*_written(field, body.get(field, []), person), *others]
        person.pop(field, None)
        if values:
            person[field] = values
    store.stamp(person)
    store.log("contacts", name)


def create(store: Store, body: Json) -> str:
    """Make a contact; its resource name."""
    _require_known(body)
    _require_singletons(body)
    _require_groups(store, body)
    name = store.add()
    person = store.contacts[name]
    for field in sorted(UPDATE_MASK & set(body)):
        if values := _written(field, body[field], person):
            person[field] = values
    person.setdefault("memberships", [{"contactGroupMembership": {"contactGroupResourceName": MAIN}}])
    return name


def join(store: Store, group: str, body: Json) -> Json:
    """Put contacts under a label; unknown ones are told in an answer that is a success."""
    if group not in store.groups:
        raise ApiError(404, "NOT_FOUND", "Requested entity was not found.")
    _require_addable(store, group)
    missing = []
    for name in body.get("resourceNamesToAdd", []):
        person = store.contacts.get(name)
        if person is None:
            missing.append(name)
        else:
            held = person.setdefault("memberships", [])
            held.append({"contactGroupMembership": {"contactGroupResourceName": group}})
            store.stamp(person)
            store.log("contacts", name)
    return {"notFoundResourceNames": missing} if missing else {}


def picture(store: Store, name: str, body: Json, url: str) -> None:
    """Give a contact a picture."""
    person = store.contacts.get(name)
    if person is None:
        raise ApiError(404, "NOT_FOUND", "Requested entity was not found.")
    store.pictures[name] = base64.b64decode(body["photoBytes"], validate=True)
    person["photos"] = [{"url": url, "metadata": {"primary": True, "source": {"type": "CONTACT"}}}]
    store.stamp(person)
    store.log("contacts", name)


def _written(field: str, values: Iterable[Json], person: Json) -> list[Json]:
    """Values as Google keeps them: its own parts are made anew, what comes from elsewhere is ignored."""
    (source,) = (one for one in person["metadata"]["sources"] if one["type"] == "CONTACT")
    kept = []
    listed = [copy.deepcopy(value) for value in values if not _is_profile(value)]
    main = next((value for value in listed if value.get("metadata", {}).get("sourcePrimary")), listed[0] if listed else None)
    for value in listed:
        flags = {"primary": True, "sourcePrimary": True} if value is main else {}
        value["metadata"] = {**flags, "source": {"type": "CONTACT", "id": source["id"]}}
        value.pop("formattedType", None)
        if (
            value.get("type")
            and "formattedType" in schemas()[schemas()["Person"]["properties"][field]["items"]["$ref"]]["properties"]
        ):
            value["formattedType"] = str(value["type"]).capitalize()
        kept.append(_named(value) if field == "names" else value)
    return kept


def _named(value: Json) -> Json:
    parts = [value.get(part, "") for part in ("honorificPrefix", "givenName", "middleName", "familyName", "honorificSuffix")]
    whole = " ".join(part for part in parts if part) or value.get("unstructuredName", "")
    return {
        "displayName": whole,
        **{part: inner for part, inner in value.items() if part != "displayName"},
        "unstructuredName": whole,
    }


def _is_profile(value: Json) -> bool:
    return value.get("metadata", {}).get("source", {}).get("type") in PROFILES


def _require_singletons(body: Json) -> None:
    if any(len(body.get(field, [])) > 1 for field in SINGLETONS):
        raise ApiError(400, "INVALID_ARGUMENT", "Only one value is allowed for a singleton field.")


def _require_groups(store: Store, body: Json) -> None:
    for value in body.get("memberships", []):
        group = value.get("contactGroupMembership", {}).get("contactGroupResourceName", "")
        if group not in store.groups:
            raise ApiError(400, "INVALID_ARGUMENT", "Contact group not found.")
        _require_addable(store, group)


def _require_addable(store: Store, group: str) -> None:
    if store.groups[group]["groupType"] != "USER_CONTACT_GROUP" and group not in {MAIN, "contactGroups/starred"}:
        raise ApiError(400, "INVALID_ARGUMENT", "Contacts cannot be added to this group.")


def _require_known(body: Json) -> None:
    """Refuse what Google's own description of a person does not know, as its front end does."""
    _require_schema(body, "Person")


def _require_schema(value: Any, name: str) -> None:
    properties = schemas()[name].get("properties", {})
    for key, inner in value.items():
        if key not in properties:
            raise ApiError(400, "INVALID_ARGUMENT", f'Invalid JSON payload received. Unknown name "{key}".')
        told = properties[key].get("items", properties[key])
        for one in inner if isinstance(inner, list) else [inner]:
            if "$ref" in told:
                _require_schema(one, told["$ref"])


@cache
def schemas() -> Mapping[str, Any]:
    """Google's own description of every object, as its client ships it."""
    path = files("googleapiclient") / "discovery_cache/documents/people.v1.json"
    found: Mapping[str, Any] = json.loads(path.read_text("utf-8"))["schemas"]
    return found
