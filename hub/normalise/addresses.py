"""Addresses brought to one form: street with its number, flat, postcode and town, in Finnish ways of writing. Pure."""

from __future__ import annotations

from connectors import _resources
from connectors._values import dataclass, field
from hub import normalise
from hub.machine.pattern import Pattern

_POSTCODE = Pattern(r"(?:\b(?:fi|fin|ax)-)?\b(\d{5})\b(?:\s+([^\d,;]+))?")
_CARE_OF = Pattern(r"\bc\s?/\s?o\b[^,;\n]*[,;\n]?")
_BOX = Pattern(r"\b(?:pl|pb|p\.l\.|p\.o\. ?box|po box|box|postilokero)\s*(\d+)\b")
_STREET = Pattern(r"(?P<street>[^\d,;]*[^\W\d_][^\d,;]*?)\s*(?P<number>\d+)(?P<rest>[^,;]*)")
_FLAT = Pattern(r"(?:\bas(?:unto)?\b\.?\s*|[a-z]\s*|\blgh\b\.?\s*|\bbst\b\.?\s*)(\d+)\b")
_ENDINGS = (
    (Pattern(r"(?<=\w)(?:k\.|kt\.?(?=\s|$)|katu\b)|(?<=\w) (?:k\.|kt\.?(?=\s|$)|katu\b)"), "katu"),
    (Pattern(r"(?<=\w)t\.(?=\s|$)|(?<=\w) tie\b"), "tie"),
    (Pattern(r"(?<=\w)g\.(?=\s|$)"), "gatan"),
    (Pattern(r"(?<=\w)v\.(?=\s|$)"), "vägen"),
)


@dataclass(frozen=True, slots=True)
class Address:
    """An address taken apart; `place` is the street and its number or the post office box, "" where there is none.

    `street` is the street alone, told even where the number is missing.
    """

    place: str = field(default="", repr=False)
    flat: str = field(default="", repr=False)
    postcode: str = field(default="", repr=False)
    city: str = field(default="", repr=False)
    street: str = field(default="", repr=False)


def parse_address(value: str) -> Address:
    """Take an address in one line apart; what is not found is empty."""
    text = normalise.fold(value)
    if "/" in text:
        text = _CARE_OF.sub(" ", text)
    postcode = city = ""
    match = _POSTCODE.search(text)
    if match:
        postcode, city = match[1], city_key(match[2] or "")
        text = text[: match.start()] + "," + text[match.end() :]
    box = _BOX.search(text)
    if box:
        return Address(f"pl {box[1]}", "", postcode, city)
    street = _STREET.search(text)
    if street is None:
        return Address("", "", postcode, city, _street_key(text.partition(",")[0]))
    flat, name = _FLAT.search(street["rest"]), _street_key(street["street"])
    return Address(f"{name} {street['number']}", flat[1] if flat else "", postcode, city, name)


def postcode_key(value: str) -> str:
    """A Finnish postcode in its five digits, leading zeros that a spreadsheet ate put back; another one as it is."""
    text = normalise.fold(value).removeprefix("fi-").removeprefix("ax-").removesuffix(".0").replace(" ", "")
    return text.zfill(5) if text.isdigit() and len(text) in (3, 4) else text


def city_key(value: str) -> str:
    """A town under its Finnish name, in loose letters."""
    text = normalise.fold(value).strip(" .,;")
    towns: dict[str, str] = _resources.table("names.toml")["cities"]
    return normalise.loose(towns.get(text, text))


def _street_key(street: str) -> str:
    if street.isalpha() and not street.endswith("kt"):
        return normalise.loose(street)  # most streets: one word, written out
    text = " ".join(street.split())
    for ending, whole in _ENDINGS:
        text = ending.sub(whole, text)
    return normalise.loose(" ".join(normalise.tokens(text)))
