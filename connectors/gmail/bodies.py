"""What is sent to Google to change or make a contact: the owner's own values only, as Google lets them be written. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.contract import Correction
from connectors.errors import Refused
from connectors.gmail import mapping
from connectors.gmail.people import WRITABLE, Person
from connectors.phrase import Phrase

Values = dict[str, list[dict[str, Any]]]
"""Properties with their values, as they may be sent."""

_OUTPUT = frozenset({"formattedType", "formattedProtocol", "canonicalForm", "domainMembership"})
_OUTPUT_OF: Mapping[str, frozenset[str]] = {
    "names": frozenset({"displayName", "displayNameLastFirst"}),
    "genders": frozenset({"formattedValue"}),
}
"""Parts that Google makes itself; it takes them from nobody."""

_MADE_OF_OTHERS: Mapping[str, str] = {"names": "unstructuredName", "addresses": "formattedValue", "birthdays": "text"}
"""The part that Google makes out of the others where there are any."""


def whole(person: Person) -> Values:
    """Everything of a contact that can be written again."""
    found = {name: _own(person, name) for name in WRITABLE if person.get(name)}
    return {name: values for name, values in found.items() if values}


def fixed(person: Person) -> list[str]:
    """The properties of the owner's that Google lets nobody write, pictures aside."""
    return [name for name in sorted(set(person) - set(WRITABLE)) if _shows(name) and _own(person, name)]


def without(person: Person, kinds: Sequence[str]) -> Values:
    """What is left of each property from which these kinds of fields go; empty when none is there.

    Raises `Refused` when such a field stands where Google lets nobody write.
    """
    named = "names" in person and "name" not in kinds
    changed: Values = {}
    for name in person:
        before = _raw(person, name) if _shows(name) else []
        left = [_left(name, value, kinds, named) for value in before]
        if left != before:
            changed[name] = [sent for value in left if (sent := _sent(name, value))]
    if "memberships" in changed and not changed["memberships"]:
        changed["memberships"] = [membership(mapping.EVERYBODY)]
    if set(changed) - set(WRITABLE):
        raise Refused(
            Phrase("Google lets no program change {property} of a contact; nothing was written.", property=", ".join(changed)),
            Phrase("Change it by hand at contacts.google.com."),
        )
    return changed


def corrected(person: Person, corrections: Sequence[Correction]) -> Values:
    """What is written of each property in which a wrong value stands; empty when none does.

    Raises `Refused` when it stands where Google lets nobody write.
    """
    named = "names" in person
    changed: Values = {}
    for name in person:
        before = _raw(person, name) if _shows(name) else []
        after = [_right(name, value, corrections, named) for value in before]
        if after != before:
            changed[name] = [sent for value in after if (sent := _sent(name, value))]
    if set(changed) - set(WRITABLE):
        raise Refused(
            Phrase("Google lets no program change {property} of a contact; nothing was written.", property=", ".join(changed)),
            Phrase("Change it by hand at contacts.google.com."),
        )
    return changed


def _right(name: str, value: Mapping[str, Any], corrections: Sequence[Correction], named: bool) -> Mapping[str, Any]:
    """One value with its wrong parts put right, itself when it has none; what Google makes of the parts is left to it."""
    new: dict[str, str] = {}
    for part in value:
        if part not in mapping.NOT_VALUES and not mapping.repeats(name, part, value) and isinstance(value[part], str):
            kind, text = mapping.kind_of(name, part, value, named), mapping.text_of(value[part])
            right = next((one.new for one in corrections if (one.kind, one.old) == (kind, text)), None)
            new |= {} if right is None else {part: right}
    if not new:
        return value
    made, parts = _MADE_OF_OTHERS.get(name, ""), {**value, **new}
    if name == "names" and "displayName" in new and not {"givenName", "familyName"} & set(value):
        return {**parts, made: new["displayName"]}
    return {part: inner for part, inner in parts.items() if part != made or made in new}


def guarded(person: Person, changed: Values) -> dict[str, Any]:
    """An update that Google carries out only on the version that was read. Raises `Refused` for a contact without one."""
    source = next((one for one in mapping.sources(person) if one.get("type") == "CONTACT" and one.get("etag")), None)
    if source is None:
        raise Refused(
            Phrase("Google gives the contact no version by which it could be changed safely."),
            Phrase("Change it by hand at contacts.google.com."),
        )
    return {"etag": person.get("etag"), "metadata": {"sources": [dict(source)]}, **changed}


def same(one: Values, other: Values) -> bool:
    """Whether two sets of values say the same, whatever Google makes of them and in whatever order it lists them."""
    return _comparable(one) == _comparable(other)


def membership(group: str) -> dict[str, Any]:
    """What puts a contact under a label."""
    return {"contactGroupMembership": {"contactGroupResourceName": group}}


def marked(token: str) -> dict[str, Any]:
    """What tells the hub later that a contact was made from the receipt with this token."""
    return {"key": mapping.MARK, "value": token}


def mark_of(person: Person) -> str:
    """The token of the receipt that a contact was made from, "" for none."""
    return next((str(value.get("value")) for value in _listed(person.get("clientData")) if value.get("key") == mapping.MARK), "")


def _shows(name: str) -> bool:
    column = mapping.column(name)
    return bool(column and (column.kind or not column.known))


def _own(person: Person, name: str) -> list[dict[str, Any]]:
    """The owner's values of a property, as they may be sent; what the hub itself wrote there is nobody's."""
    return [sent for value in _raw(person, name) if (sent := _sent(name, value))]


def _raw(person: Person, name: str) -> list[Mapping[str, Any]]:
    values = [value for value in _listed(person.get(name)) if mapping.is_own(value)]
    return [value for value in values if (name, value.get("key")) != ("clientData", mapping.MARK)]


def _sent(name: str, value: Mapping[str, Any]) -> dict[str, Any]:
    made = _OUTPUT | _OUTPUT_OF.get(name, frozenset()) | {"metadata"}
    kept = {part: inner for part, inner in value.items() if part not in made and not _is_display_name(name, part, value)}
    if name == "memberships":
        kept = membership(mapping.group_of(value)) if mapping.group_of(value) else {}
    metadata = value.get("metadata") or {}
    main = metadata.get("sourcePrimary") or metadata.get("primary")
    return {**kept, "metadata": {"sourcePrimary": True}} if main and kept else kept


def _is_display_name(name: str, part: str, value: Mapping[str, Any]) -> bool:
    """Whether the part is the whole name that Google makes of the parts which stand beside it."""
    return (
        name == "names" and part == "unstructuredName" and mapping.repeats(name, part, value) and len(_written(name, value)) > 1
    )


def _left(name: str, value: Mapping[str, Any], kinds: Sequence[str], named: bool) -> Mapping[str, Any]:
    """One value without these kinds of fields, itself when it has none; empty when nothing that says anything is left."""
    if name == "memberships":
        goes = "other" in kinds and mapping.group_of(value) not in {"", mapping.EVERYBODY}
        return {} if goes else value
    if name == "names" and "name" in kinds:
        return {}
    shown = (part for part in value if part not in mapping.NOT_VALUES and not mapping.repeats(name, part, value))
    gone = {part for part in shown if mapping.text_of(value[part]) and mapping.kind_of(name, part, value, named) in kinds}
    if not gone:
        return value
    made = _MADE_OF_OTHERS.get(name, "")
    left = {part: inner for part, inner in value.items() if part not in gone and part != made}
    # An address or a number without itself is nothing, whatever stood beside it.
    return left if "value" not in gone and _written(name, left) else {}


def _written(name: str, value: Mapping[str, Any]) -> list[str]:
    """The parts of a value that say something and that somebody wrote."""
    made = _OUTPUT | _OUTPUT_OF.get(name, frozenset()) | mapping.NOT_VALUES
    return [part for part, inner in value.items() if part not in made and mapping.text_of(inner)]


def _comparable(values: Values) -> dict[str, list[str]]:
    found = {name: sorted(_facts(name, listed)) for name, listed in values.items()}
    return {name: facts for name, facts in found.items() if facts}


def _facts(name: str, values: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for value in values:
        if name == "memberships":
            yield from {mapping.group_of(value)} - {mapping.EVERYBODY}
            continue
        parts = _written(name, value)
        made = _MADE_OF_OTHERS.get(name) if len(parts) > 1 else None
        facts = {part: mapping.text_of(value[part]) for part in (*parts, *({"key", "type"} & set(value))) if part != made}
        yield json.dumps(facts, sort_keys=True)


def _listed(found: object) -> list[Mapping[str, Any]]:
    return [value for value in found if isinstance(value, dict)] if isinstance(found, list) else []
