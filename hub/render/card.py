"""A person as one contact card (vCard 3.0), merged from every entry that is theirs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from connectors.entry import Entry
from hub import normalise
from hub.person import Person

if TYPE_CHECKING:
    from vobject.base import Component

Values = list[tuple[str, object]]

_BREAK = re.compile("\r\n|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
_SIMPLE = {"title": "TITLE", "note": "NOTE", "url": "URL"}
_ADDRESS = {"address": "street", "postcode": "code", "city": "city", "country": "country"}
_PICTURES = {"image/jpeg": "JPEG", "image/png": "PNG"}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def contact_card(person: Person, region: str, pictures: Iterable[tuple[str, bytes]] = ()) -> bytes | None:
    """The card, each value once; `pictures` are media types and contents, the first usable one is taken.

    A phone or e-mail that stands in several spellings is written in one; `region` is the country of phones without code.

    Text that a card cannot hold is made holdable: control characters are left out, lone surrogates replaced.
    None when the written card does not read back as it was meant: a wrong card is worse than none.
    """
    import vobject

    values = [*_values(person, region), *_picture(pictures)]
    try:
        text: str = _card(values).serialize()
        again = vobject.readOne(text)
    except (vobject.base.VObjectError, ValueError, AttributeError, TypeError):  # its writer and reader raise all of them
        return None
    return text.encode() if _contents(again) == values else None


def _values(person: Person, region: str) -> Values:
    """Property names with their values: text, or vobject's own value objects; in the order in which they are written."""
    from vobject.vcard import Name

    entries = [member.held.entry for member in person.links]
    shown = _text(person.name) or _first(entries, "name", "email", "phone") or "-"
    given, family = _first(entries, "given"), _first(entries, "family")
    if not (given and family):
        *first, last = shown.split(" ")
        given, family = (" ".join(first), last) if first else (last, "")
    values: Values = [("FN", shown), ("N", Name(family=family, given=given))]
    values += [("ORG", [company]) for company in _texts(entries, "company")]
    values += [("EMAIL", value) for value in _emails(_texts(entries, "email"))]
    values += [("TEL", value) for value in _phones(_texts(entries, "phone"), region)]
    values += [(name, value) for kind, name in _SIMPLE.items() for value in _texts(entries, kind)]
    values += [("BDAY", day) for day in _texts(entries, "birthday")[:1] if _DAY.fullmatch(day)]
    return values + [("ADR", address) for address in _addresses(entries)]


def _emails(texts: Sequence[str]) -> list[str]:
    """Each address once, whatever its case."""
    return list({normalise.email_key(text) or text: text for text in reversed(texts)}.values())[::-1]


def _phones(texts: Sequence[str], region: str) -> list[str]:
    """Each number once, in its fullest spelling; one that lost its zero (441234567) is written out in full."""
    spellings: dict[str, list[str]] = {}
    for text in texts:
        spellings.setdefault(normalise.phone_key(text, region) or text, []).append(text)
    return [max((text for text in same if text[0] in "+0("), key=len, default=key) for key, same in spellings.items()]


def _addresses(entries: Sequence[Entry]) -> list[object]:
    from vobject.vcard import Address

    found: list[object] = []
    for entry in entries:
        parts = {name: ", ".join(_texts([entry], kind)) for kind, name in _ADDRESS.items()}
        address = Address(**parts)
        if any(parts.values()) and address not in found:
            found.append(address)
    return found


def _picture(pictures: Iterable[tuple[str, bytes]]) -> Values:
    usable = [(media_type, content) for media_type, content in pictures if media_type in _PICTURES and content]
    return [("PHOTO", usable[0])] if usable else []


def _card(values: Values) -> Component:
    import vobject

    card = vobject.vCard()
    for name, value in values:
        line = card.add(name)
        if name == "PHOTO" and isinstance(value, tuple):
            line.encoding_param, line.type_param = "B", _PICTURES[value[0]]
            line.value = value[1]
        else:
            line.value = value
    return card


def _contents(card: Component) -> Values:
    """What a parsed card holds, in the shape and order of `_values`."""
    order = ["FN", "N", "ORG", "EMAIL", "TEL", *_SIMPLE.values(), "BDAY", "ADR", "PHOTO"]
    media_types = {word: media_type for media_type, word in _PICTURES.items()}
    found: Values = []
    for name in order:
        for line in card.contents.get(name.lower(), []):
            value = (media_types.get(line.type_param), line.value) if name == "PHOTO" else line.value
            found.append((name, value))
    return found


def _first(entries: Sequence[Entry], *kinds: str) -> str:
    return next(iter(_texts(entries, *kinds)), "")


def _texts(entries: Sequence[Entry], *kinds: str) -> list[str]:
    """The values of these kinds over all entries, each once, without empty ones."""
    texts = [_text(value) for entry in entries for value in entry.values(*kinds)]
    return [text for text in dict.fromkeys(texts) if text]


def _text(value: str) -> str:
    broken = _BREAK.sub("\n", value).replace("\t", " ").encode(errors="replace").decode()
    return "".join(letter for letter in broken if letter == "\n" or unicodedata.category(letter) != "Cc").strip()
