"""Find a person's values in text and in raw bytes, in whatever spelling and encoding they stand there.

A name matches in both orders with any blanks, comma or underscore between its parts; an e-mail in any case; a phone
in every spelling of its digits (`+358 44 123 4567`, `00358 (0)44…`, `044-1234567`, the bare `441234567` that is left
when a program drops the zero). Nothing matches inside a longer word or number.
"""

from __future__ import annotations

import html
import quopri
import re
import unicodedata
import urllib.parse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from connectors.contract import Needle

_GAP = r"[\s\u00a0\u00ad\u200b\u2011,_+\-]{1,4}"
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2212"
_DIGIT_GAP = r"[\s\u00a0\u00ad\u200b()./\-\u2010-\u2015]{0,3}"
_EMAIL_CHARS = r"\w.!#$%&'*+/=?^`{|}~\-"
_NOT_IN_EMAIL = rf"(?![{_EMAIL_CHARS}]*@)"
_PHONE_NOISE = b" \t\r\n()./-"
_LONGEST = 400
"""A longer value is no name but a text, looked for as it is written: a pattern for every spelling of it takes seconds to make."""

_FOLD = re.compile(r"=?\r?\n[ \t]|=\r?\n")
_QUOTED = re.compile(r"=[0-9A-Fa-f]{2}")
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_MORK = re.compile(r"(?:\$[0-9A-Fa-f]{2})+")
_UNICODE_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})")
_BACKSLASH = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Span:
    """A needle found at `text[start:end]`."""

    start: int
    end: int
    needle: Needle


class Matcher:
    """The needles of one person, made ready for searching; build once, use for many texts."""

    def __init__(self, needles: Sequence[Needle]) -> None:
        # E-mails first: a name inside an address must not be cut out of it.
        order = {"email": 0, "phone": 1, "text": 2, "name": 3, "inflected": 4}
        self._probes = [_probe(needle) for needle in sorted(needles, key=lambda item: (order[item.kind], -len(item.value)))]

    def __bool__(self) -> bool:
        return bool(self._probes)

    @property
    def needles(self) -> list[Needle]:
        """What is searched for."""
        return [probe.needle for probe in self._probes]

    def spans(self, text: str) -> list[Span]:
        """Every match in NFC text that may be cut out, without overlaps, in order."""
        found: list[Span] = []
        for probe in self._probes_in(text):
            # A form of a name may be somebody else's: it is reported, and nothing is cut by it.
            for match in probe.pattern.finditer(text) if probe.needle.kind != "inflected" else ():
                if all(match.end() <= other.start or match.start() >= other.end for other in found):
                    found.append(Span(match.start(), match.end(), probe.needle))
        return sorted(found, key=lambda span: span.start)

    def in_text(self, text: str) -> frozenset[Needle]:
        """The needles that stand in `text`."""
        text = unicodedata.normalize("NFC", text)
        return frozenset(probe.needle for probe in self._probes_in(text) if probe.pattern.search(text))

    def cut(self, text: str, replacement: str = "") -> str:
        """The text without the needles; unchanged, to the code point, when none is in it."""
        composed = unicodedata.normalize("NFC", text)
        spans = self.spans(composed)
        if not spans:
            return text
        for span in reversed(spans):
            composed = composed[: span.start] + replacement + composed[span.end :]
        return composed

    def in_bytes(self, data: bytes) -> frozenset[Needle]:
        """The needles that stand anywhere in `data`: UTF-8, UTF-16, Latin-1, folded, or escaped as XML, QP, URL, JSON or Mork."""
        found: set[Needle] = set()
        for text in _views(data):
            found |= self.in_text(text)
            if len(found) == len(self._probes):
                break
        return frozenset(found)

    def _probes_in(self, text: str) -> Iterator[_Probe]:
        """The probes whose cheap test does not rule the text out."""
        folded = text.casefold()
        digits: bytes | None = None
        for probe in self._probes:
            if probe.digits:
                if digits is None:
                    digits = text.encode("ascii", "ignore").translate(None, _PHONE_NOISE)
                if probe.digits in digits:
                    yield probe
            elif all(word in folded for word in probe.words):
                yield probe


@dataclass(frozen=True, slots=True)
class _Probe:
    needle: Needle
    pattern: re.Pattern[str] = field(repr=False)
    words: tuple[str, ...] = field(repr=False)
    digits: bytes = field(default=b"", repr=False)


def _probe(needle: Needle) -> _Probe:
    value = unicodedata.normalize("NFC", needle.value).strip()
    if needle.kind == "phone":
        return _phone_probe(needle, value)
    if len(value) > _LONGEST:
        return _Probe(needle, re.compile(re.escape(value)), (value.casefold(),))
    if needle.kind == "email":
        # "=", "'", "/" before it are legal in an address, but far more often the end of something else (`UID=`, `'`, `?to=`).
        pattern = rf"(?<![\w.+\-])(?<!\w'){re.escape(value)}(?![\w\-])(?!\.\w)"
        return _Probe(needle, re.compile(pattern, re.IGNORECASE), (value.casefold(),))
    if needle.kind == "inflected":
        return _Probe(needle, _forms(value), tuple(map(_plain, stem_of(value).split())))
    words = value.split()
    if needle.kind == "text":
        pattern = r"(?<!\w)" + r"\s+".join(re.escape(word) for word in words) + r"(?!\w)"
    else:
        orders = ([_word(word) for word in words], [_word(word) for word in [words[-1], *words[:-1]]])
        spaced = "|".join(_GAP.join(order) for order in orders)
        # "Anna Virta-Koski" and "Mari-Anna Virta" are somebody else; in "kuva-anna-virta.png" a dash is only a gap.
        dashed = "|".join("[-_+]".join(order) for order in orders if len(order) > 1) or "(?!)"
        before, after = r"(?<![^\W_])", r"(?![^\W_])"
        spaced = rf"(?<![^\W_][{_DASHES}])(?:{spaced})(?![{_DASHES}]\w)"
        pattern = rf"{before}(?:{spaced}|(?:{dashed})){after}{_NOT_IN_EMAIL}"
    return _Probe(needle, re.compile(pattern, re.IGNORECASE), tuple(_plain(word) for word in words))


def stem_of(forms: str) -> str:
    """What all forms of an inflected name begin with."""
    first, *others = forms.split("|")
    length = next(
        (place for place in range(len(first)) if any(other[place : place + 1] != first[place] for other in others)), len(first)
    )
    return first[:length]


def _forms(value: str) -> re.Pattern[str]:
    """As they are written: "Satulla" is a name, "satulla" is none."""
    forms = "|".join(r"\s+".join(map(_word, form.split())) for form in value.split("|"))
    return re.compile(rf"(?<![^\W_])(?<!@)(?:{forms})(?:kin|kaan|kään|ko|kö|han|hän)?(?![^\W_]){_NOT_IN_EMAIL}")


def _word(word: str) -> str:
    return "".join(f"[{re.escape(_DASHES)}]" if letter in _DASHES else re.escape(letter) for letter in word)


def _plain(word: str) -> str:
    """The longest part of a word without dashes, for the cheap test."""
    return max(re.split(f"[{re.escape(_DASHES)}]", word.casefold()), key=len)


def _phone_probe(needle: Needle, value: str) -> _Probe:
    country, national = _split_e164(value)
    spaced = _DIGIT_GAP.join(national)
    prefix = ""
    if country:
        prefix = rf"(?:(?:\+|00)?{_DIGIT_GAP}{_DIGIT_GAP.join(country)}{_DIGIT_GAP}(?:0{_DIGIT_GAP})?|0{_DIGIT_GAP})?"
    return _Probe(needle, re.compile(rf"(?<![\d+]){prefix}{spaced}(?!\d)"), (), national.encode())


def _split_e164(value: str) -> tuple[str, str]:
    """Country code and national digits; a value that is not E.164 has no country code."""
    digits = re.sub(r"\D", "", value)
    if not value.startswith("+"):
        return "", digits.lstrip("0") or digits
    import phonenumbers  # 34 ms: only an erase needs it

    try:
        number = phonenumbers.parse(value)
    except phonenumbers.NumberParseException:
        return "", digits
    return str(number.country_code), str(number.national_number)


def _views(data: bytes) -> Iterator[str]:
    """The text of `data` under every encoding and escaping it may have; each view once."""
    for text in _decodings(data):
        yield text
        yield from _unescaped(text)


def _decodings(data: bytes) -> Iterator[str]:
    try:
        yield data.decode("utf-8")
    except UnicodeDecodeError:
        yield data.decode("utf-8", "replace")
        yield data.decode("cp1252", "replace")
    if b"\0" in data:
        for offset in (0, 1):
            yield data[offset:].decode("utf-16-le", "replace")
            yield data[offset:].decode("utf-16-be", "replace")


def _unescaped(text: str) -> Iterator[str]:
    unfolded = _FOLD.sub("", text)
    if unfolded != text:
        yield unfolded
    if "\\" in unfolded:
        yield _UNICODE_ESCAPE.sub(lambda match: chr(int(match[1], 16)), unfolded)
        yield _BACKSLASH.sub(lambda match: "\n" if match[1] in "nN" else match[1], unfolded)
    if "&" in text:
        yield html.unescape(text)
    if _QUOTED.search(unfolded):
        yield from _try_both(quopri.decodestring(unfolded.encode("utf-8", "surrogatepass")))
    if _PERCENT.search(text):
        yield from _try_both(urllib.parse.unquote_to_bytes(text.encode("utf-8", "surrogatepass")))
    if _MORK.search(text):
        yield _MORK.sub(_unmork, text.replace("\\\r\n", "").replace("\\\n", ""))


def _try_both(data: bytes) -> Iterator[str]:
    try:
        yield data.decode("utf-8")
    except UnicodeDecodeError:
        yield data.decode("cp1252", "replace")


def _unmork(match: re.Match[str]) -> str:
    return bytes.fromhex(match[0].replace("$", "")).decode("utf-8", "replace")
