"""What may be searched by value for one entry: its own name, e-mails and phones, as needles."""

from __future__ import annotations

import re
from collections.abc import Iterable

from connectors._workbook.rows import Target
from connectors.contract import Needle

_NAMES = frozenset(("name", "given", "family"))
_SHORTEST = 7


def needles_for(found: Target, region: str, given: Iterable[Needle], kinds: frozenset[str] | None) -> list[Needle]:
    """The given needles and the entry's own, as far as the fields that go (`kinds`; None: all) speak of them."""
    own = [*given, *_names(found), *_emails(found), *_phones(found, region)]
    return list(dict.fromkeys(needle for needle in own if kinds is None or _goes(needle, kinds)))


def _goes(needle: Needle, kinds: frozenset[str]) -> bool:
    if needle.kind == "name":
        return bool(kinds & _NAMES)
    return needle.kind == "text" or needle.kind in kinds


def _names(found: Target) -> list[Needle]:
    names = [*found.people.names[found.person : found.person + 1]]
    names += [value.text for value in found.values() if value.kind == "former_name"]
    ordered = (_in_reading_order(name) for name in names)
    return [Needle("name", name) for name in ordered if len(name.split()) >= 2]


def _in_reading_order(name: str) -> str:
    family, comma, given = name.partition(",")
    return " ".join(f"{given} {family}".split() if comma else name.split())


def _emails(found: Target) -> list[Needle]:
    values = (value.text.strip().casefold() for value in found.values() if value.kind == "email")
    return [Needle("email", value) for value in values if re.fullmatch(r"[^\s@]+@[^\s@]+", value)]


def _phones(found: Target, region: str) -> list[Needle]:
    import phonenumbers  # 34 ms: only an erase needs it

    needles = []
    for value in (value.text for value in found.values() if value.kind == "phone"):
        try:
            number = phonenumbers.parse(value, region.upper())
        except phonenumbers.NumberParseException:
            digits = re.sub(r"\D", "", value)
            needles += [Needle("phone", digits)] if len(digits) >= _SHORTEST else []
            continue
        if len(str(number.national_number)) >= _SHORTEST - 1:
            needles.append(Needle("phone", phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)))
    return needles
