"""Names, e-mails, phones and business ids brought to one form, so that two spellings of one thing are equal. Pure.

Two forms of a name: the folded one keeps å, ä and ö (Salo is not Sålo), the loose one levels transliterations (a for
ä, ae for ä, v for w). Loose equality alone never makes two entries one person.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from connectors._values import dataclass, field
from hub.machine.pattern import Pattern

if TYPE_CHECKING:
    import phonenumbers

_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d"), "-")
_APOSTROPHES = dict.fromkeys(map(ord, "\u2018\u2019\u02bc\u0060\u00b4"), "'")
_INVISIBLE = (0x00AD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), *range(0x2066, 0x2070), 0xFEFF)
_CONTROL = (*range(0x20), *range(0x7F, 0xA0))
_TORN = range(0xD800, 0xE000)
_LEVELLED = _DASHES | _APOSTROPHES | dict.fromkeys(_INVISIBLE) | dict.fromkeys(_CONTROL, " ") | dict.fromkeys(_TORN)
_BETWEEN_TOKENS = Pattern(r"[\s\-.,;:/\\()\[\]{}\"“”„«»&+|_*=<>]+")
_BRACKETS = Pattern(r"\([^()]*\)|\[[^\[\]]*\]")
_FORMER = Pattern(r"[\s,(]+(?:o\.\s?s\.|os\.|ent\.|f\.\s?d\.|née|född|syntyjään)\s*([^\s,()]+)(?:\s*\))?", re.IGNORECASE)

_NO_PHONE = Pattern(r"\d+[.,]?\d*e[+-]?\d+|\d{4}-\d\d-\d\d", re.IGNORECASE)
_FLOAT = Pattern(r"(\d+)[.,]0")
_ONLY_DIGITS_AND_SIGNS = Pattern(r"[\d\s+()/.\-]+")
_BETWEEN_NUMBERS = Pattern(r"[^\d\s+().\-]+|\s{3,}")
_PHONE_SIGNS = dict.fromkeys(map(ord, " +-()"))
_LONGEST_NUMBER = 15
_FINNISH_MOBILE = Pattern(r"(?:\+358(?:\(0\))?|00358|0)((?:4[0-8]|50)\d{7,8})", re.ASCII)
_GAPS = dict.fromkeys(map(ord, " -"))
TAIL = 6
"""So many last digits are compared before a number is really parsed; no key has fewer national digits."""

_TITLES = frozenset(
    "dr tri tohtori prof professori rva rouva hra herra nti neiti mr mrs ms miss herr fru frau ktm fm di ft ftt "
    "vtm dipl.ins tmi t:mi toiminimi".split(" ")
)
"""Words before or after a name that are no part of it; a `tmi` is the person who runs it."""

_GENERATIONS = {
    **dict.fromkeys(("jr", "jun", "junior", "nuorempi"), "junior"),
    **dict.fromkeys(("sr", "sen", "senior", "vanhempi"), "senior"),
}
COMPANY_WORDS = frozenset("oy oyj ky ay ab abp rf ry osk ltd limited inc llc gmbh kb hb oü plc".split(" "))
_PARTICLES = frozenset("von af de van der den di la le du zu".split(" "))

_TWO_WORDS = Pattern(r"([^\W\d_]{2,}(?:-[^\W\d_]{2,})*)(,?) ([^\W\d_]{2,}(?:-[^\W\d_]{2,})*)")
PLAIN_WORDS = _TITLES | COMPANY_WORDS | _PARTICLES | _GENERATIONS.keys() | {"os", "ent", "née", "född", "syntyjään"}
"""Words that make a name more than a given and a family name."""

_PLAIN_EMAIL = Pattern(r"[a-z0-9][a-z0-9._+-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_BETWEEN_DIGITS = dict.fromkeys(map(ord, " -"))
_QUICK_PHONES = {
    "FI": Pattern(
        r"(?:0|\+3580?|003580?)(?P<whole>[1-9][0-9]{5,11})"
        r"|(?P<bare>(?:4[0-8]|50)[0-9]{4,8}|20[0-9]{4,8}|(?:[23568][1-8]|9[1-8])[0-9]{4,6})"
    )
}
"""Numbers whose key is told by their look alone; a test holds it against the numbering plan."""

_LETTERS = {"ß": "ss", "æ": "a", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "œ": "o"}


@dataclass(frozen=True, slots=True)
class Name:
    """A name taken apart, in the letters of its source.

    `known` says whether the order of given and family name is certain (own fields, or "Family, Given"); else the
    reading order is assumed. `former` holds earlier family names, `generation` "junior" or "senior".
    """

    given: tuple[str, ...] = field(repr=False)
    family: tuple[str, ...] = field(repr=False)
    former: tuple[str, ...] = field(default=(), repr=False)
    generation: str = ""
    known: bool = False
    company: bool = False

    @property
    def display(self) -> str:
        """The name in reading order."""
        return " ".join((*self.given, *self.family))


def clean(value: str) -> str:
    """Compose (NFC), drop invisible marks and halves of pairs, level blanks, dashes and apostrophes; case and letters stay."""
    if not (value.isascii() and value.isprintable()):
        value = unicodedata.normalize("NFC", value).translate(_LEVELLED)
    return " ".join(value.split())


def fold(value: str) -> str:
    """`clean`, and without regard to case."""
    cleaned = clean(value).casefold()
    return cleaned if cleaned.isascii() else unicodedata.normalize("NFC", cleaned)


@lru_cache(maxsize=50_000)
def loose(folded: str) -> str:
    """A folded text with transliterations levelled: ä, ae, å → a; ö, oe, ø → o; w → v; no accents."""
    if not folded.isascii():
        folded = "".join(_LETTERS.get(letter, letter) for letter in folded)
        folded = "".join(letter for letter in unicodedata.normalize("NFD", folded) if not unicodedata.combining(letter))
    return folded.replace("ae", "a").replace("oe", "o").replace("w", "v")


@lru_cache(maxsize=50_000)
def tokens(value: str) -> tuple[str, ...]:
    """The folded words of any text, hyphenated ones in their parts; signs alone are no word."""
    words = _BETWEEN_TOKENS.split(fold(value).replace("'", ""))
    return tuple(word for word in words if any(letter.isalnum() for letter in word))


def name_tokens(value: str) -> tuple[str, ...]:
    """The folded words of a name without titles, in the order in which they stand."""
    return tokens(" ".join(_without_titles(clean(value).replace(",", " ").split())))


def loose_tokens(value: str) -> tuple[str, ...]:
    """As `name_tokens`, in the loose form."""
    return tuple(loose(word) for word in name_tokens(value))


def parse_name(value: str) -> Name | None:
    """Take a name apart; None for what is none (an e-mail address, signs, nothing)."""
    plain = _TWO_WORDS.fullmatch(value)
    if plain and unicodedata.is_normalized("NFC", value):
        # Most names: nothing in them needs to be looked at twice.
        one, comma, other = plain.groups()
        if PLAIN_WORDS.isdisjoint((one.casefold(), other.casefold())):
            return Name((other,), (one,), known=True) if comma else Name((one,), (other,))
    return _taken_apart(value)


def _taken_apart(value: str) -> Name | None:
    text = clean(value)
    if "@" in text or not any(letter.isalpha() for letter in text):
        return None
    former = tuple(_FORMER.findall(text))
    if former:
        text = _FORMER.sub(" ", text)
    if "(" in text or "[" in text:
        outside = clean(_BRACKETS.sub(" ", text))
        text = outside if any(letter.isalpha() for letter in outside) else text.strip("()[]")
    parts = [part for part in (_trimmed(part) for part in text.split(",")) if part]
    if len(parts) > 1:
        parts = [part for part in parts if not _is_company(part)] or parts
    if not parts:
        return None
    if len(parts) == 2:
        return _built(parts[1], parts[0], former, known=True)
    words = [word for part in parts for word in part]
    given, family, known = _split(words)
    return _built(given, family, former, known=known)


def name_of_parts(given: str, family: str) -> Name | None:
    """A name whose parts stand in fields of their own; None when there is nothing in them."""
    first, last = _trimmed(clean(given)), _trimmed(clean(family))
    if not any(letter.isalpha() for word in (*first, *last) for letter in word):
        return None
    return _built(first, last, (), known=True)


def display_name(value: str) -> str:
    """A name in reading order: "Ruokoski, Helena" is "Helena Ruokoski"; what is no name stays as it is."""
    name = parse_name(value)
    return name.display if name else clean(value)


def email_key(value: str) -> str | None:
    """The form under which two spellings of an e-mail address are equal; None for what is none.

    A display name, angle brackets and `mailto:` are dropped, a domain in punycode is turned back into letters.
    """
    if value.isascii() and "xn--" not in (lower := value.lower()) and _PLAIN_EMAIL.fullmatch(lower):
        return lower
    return _email_in(value)


def _email_in(value: str) -> str | None:
    text = fold(value)
    if text.endswith(">") and "<" in text:
        text = text[text.rindex("<") + 1 : -1].strip()
    text = text.removeprefix("mailto:").split("?", 1)[0].strip("<>\"' ")
    local, at, domain = text.rpartition("@")
    domain = domain.rstrip(".")
    if not (local and at and domain) or re.search(r"[\s,;<>@]", local + domain) or "." not in domain:
        return None
    return f"{local}@{_readable_domain(domain)}"


def email_spellings(value: str) -> tuple[str, ...]:
    """An address in lower case as it may stand in a file: its domain in letters and, if it differs, in punycode."""
    key = email_key(value)
    if key is None:
        return ()
    local, _, domain = key.rpartition("@")
    try:
        coded = domain.encode("idna").decode("ascii")
    except UnicodeError:
        coded = domain
    return tuple(dict.fromkeys((key, f"{local}@{coded}")))


def business_id(value: str) -> str | None:
    """A Finnish business id as NNNNNNN-N, from any spelling (FI12345671, 123456-7 of the old form); else None."""
    text = fold(value).replace(" ", "").removeprefix("fi")
    match = re.fullmatch(r"(\d{6,7})-(\d)|(\d{7})(\d)", text, re.ASCII)
    if match is None:
        return None
    number, check = (match[1], match[2]) if match[1] else (match[3], match[4])
    return f"{number.zfill(7)}-{check}"


def phone_keys(value: str, region: str) -> tuple[str, ...]:
    """Every phone number in a value, in E.164; without an extension.

    A number that Excel turned into 4.4123E+08 has lost digits and gives none, nor does a date or 112.
    A number no plan knows counts when it is written like one, with its leading 0 or +.
    """
    quick = _QUICK_PHONES.get(region)
    found = quick.fullmatch(value.replace("(0)", "0", 1).translate(_BETWEEN_DIGITS)) if quick else None
    if found and not _NO_PHONE.fullmatch(value.strip()):
        return (f"+358{found['whole'] or found['bare']}",)
    return _phones_in(value, region)


def _phones_in(value: str, region: str) -> tuple[str, ...]:
    text = _phone_text(value)
    if sum(map(str.isdigit, text)) < TAIL or _NO_PHONE.fullmatch(text):
        return ()
    mobile = _FINNISH_MOBILE.fullmatch(text.translate(_GAPS)) if region == "FI" else None
    if mobile:  # nearly every number of a Finnish register; parsing one takes a hundred times as long
        return (f"+358{mobile[1]}",)
    import phonenumbers  # 34 ms: a search by name must not pay for it

    found: list[phonenumbers.PhoneNumber] = []
    if _ONLY_DIGITS_AND_SIGNS.fullmatch(text):
        try:
            found = [phonenumbers.parse(text, region)]
        except phonenumbers.NumberParseException:
            found = []
        if not any(map(phonenumbers.is_valid_number, found)):
            found = _numbers_in(text, region) or found
    else:
        found = _numbers_in(text, region)
    lenient = text.lstrip("( ").startswith(("+", "0"))
    keys = (
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        for number in found
        if len(str(number.national_number)) >= TAIL
        and (phonenumbers.is_valid_number(number) or (lenient and phonenumbers.is_possible_number(number)))
    )
    return tuple(dict.fromkeys(keys))


def phone_key(value: str, region: str) -> str | None:
    """The first phone number in a value in E.164, or None; see `phone_keys`."""
    return next(iter(phone_keys(value, region)), None)


def phone_tails(value: str) -> frozenset[str]:
    """The last digits of every number that may stand in a value, without parsing: a filter before `phone_keys`.

    Two values that have a key in common have a tail in common.
    """
    text = _phone_text(value)
    simple = text.translate(_PHONE_SIGNS)
    if simple.isdigit() and len(simple) <= _LONGEST_NUMBER:
        return frozenset((simple[-TAIL:],)) if len(simple) >= TAIL else frozenset()
    chunks = [*_BETWEEN_NUMBERS.split(text), *text.split(), text]
    digits = ("".join(filter(str.isdigit, chunk)) for chunk in chunks)
    return frozenset(number[-TAIL:] for number in digits if len(number) >= TAIL)


def _numbers_in(text: str, region: str) -> list[phonenumbers.PhoneNumber]:
    """The numbers inside other text ("044 123 4567 / 050 123 4567", "p. 044… (työ)")."""
    import phonenumbers

    matcher = phonenumbers.PhoneNumberMatcher(text, region, leniency=phonenumbers.Leniency.POSSIBLE)
    return [match.number for match in matcher if phonenumbers.is_valid_number(match.number)]


def _phone_text(value: str) -> str:
    """A value cleaned, its digits in ASCII, without the ".0" of a number that was once a float."""
    text = clean(value)
    whole = _FLOAT.fullmatch(text)
    if whole:
        return whole[1]
    return text if text.isascii() else "".join(str(unicodedata.decimal(letter, letter)) for letter in text)


def _trimmed(part: str) -> list[str]:
    """The words of a part of a name, without titles, quotes and lone signs."""
    words = part.split()
    if "".join(words).isalpha():
        return _without_titles(words)
    stripped = [word.strip("\"“”„«»'.;:*") or word for word in words]
    kept = [word + "." if len(word) == 1 and raw.endswith(".") else word for word, raw in zip(stripped, words, strict=True)]
    return _without_titles([word for word in kept if any(letter.isalnum() for letter in word)])


def _without_titles(words: list[str]) -> list[str]:
    while len(words) > 1 and _is_title(words[0]):
        words = words[1:]
    while len(words) > 1 and _is_title(words[-1]):
        words = words[:-1]
    return [] if len(words) == 1 and _is_title(words[0]) else words


def _is_title(word: str) -> bool:
    return word.casefold().strip(".") in _TITLES


def _is_company(words: list[str]) -> bool:
    return not COMPANY_WORDS.isdisjoint([word.casefold().replace(".", "") for word in words])


def _split(words: list[str]) -> tuple[list[str], list[str], bool]:
    """Given and family words of a name without a comma, and whether their order is certain."""
    if len(words) == 1:
        return words, [], False
    if len(words) > 2 and words[0] in _PARTICLES:
        return words[2:], words[:2], True
    start = len(words) - 1
    while start > 1 and words[start - 1].casefold() in _PARTICLES:
        start -= 1
    return words[:start], words[start:], False


def _built(given: list[str], family: list[str], former: tuple[str, ...], *, known: bool) -> Name:
    generation = next((_GENERATIONS[key] for key in map(_generation_key, (*given, *family)) if key in _GENERATIONS), "")
    if generation:
        given, family = _without_generation(given, family, known=known)
    return Name(tuple(given), tuple(family), former, generation, known, _is_company([*given, *family]))


def _without_generation(given: list[str], family: list[str], *, known: bool) -> tuple[list[str], list[str]]:
    parts = [[word for word in words if _generation_key(word) not in _GENERATIONS] for words in (given, family)]
    if not parts[0] and not parts[1]:
        return given, family
    if known:
        return parts[0], parts[1]
    # "Matti Virtanen jr": the suffix stood where the family name is looked for.
    return _split([*parts[0], *parts[1]])[:2]


def _generation_key(word: str) -> str:
    return word.casefold().strip(".,")


def _readable_domain(domain: str) -> str:
    """The domain in letters, each label that is punycode decoded; as it is when it cannot be."""
    if "xn--" not in domain:
        return domain
    try:
        return unicodedata.normalize("NFC", domain.encode("ascii").decode("idna").casefold())
    except UnicodeError:
        return domain
