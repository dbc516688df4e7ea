"""vCard 2.1, 3.0 and 4.0, line-exact: every byte of a card belongs to one logical line, folds and line ends included.

`b"".join(line.raw for line in lines(data)) == data` holds for any bytes whatever: nothing here raises on bad input.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
import urllib.parse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from connectors.entry import Field

FOLD_AT = 75
"""Octets in a physical line, its line end not counted (RFC 6350, 3.2)."""

_HEADER = re.compile(rb'(?:([A-Za-z0-9-]+)\.)?([A-Za-z0-9_-]+)((?:;(?:"[^"]*"|[^";:])*+)*+):')
_PARAM = re.compile(r';([^=;:"]*)(?:=((?:"[^"]*"|[^";])*))?')
_PARAM_VALUE = re.compile(r'"([^"]*)"|([^,"]+)')
_QUOTED_PRINTABLE = re.compile(rb"[^:]*;(?:ENCODING=)?QUOTED-PRINTABLE[;:]", re.IGNORECASE)
_SOFT_BREAK = re.compile(rb"=(?:\r\n|\n|\r)\Z")
_FOLD = re.compile(rb"(?:\r\n|\n|\r)[ \t]")
_FOLD_21 = re.compile(rb"(?:\r\n|\n|\r)(?=[ \t])")
_SOFT_BREAKS = re.compile(rb"=(?:\r\n|\n|\r)")
_ESCAPE = re.compile(r"\\([\\;,:nN])")
_ESCAPE_21 = re.compile(r"\\([\\;,:])")
_BARE_21 = frozenset({"quoted-printable", "base64", "b", "8bit", "7bit"})


@dataclass(slots=True)
class Line:
    """One logical line: `raw` is its exact bytes; `value` is unfolded but still escaped and encoded.

    `name` is in upper case, "" for a line that is no property (a blank one, junk).
    """

    raw: bytes = field(repr=False)
    group: str
    name: str
    params: tuple[tuple[str, tuple[str, ...]], ...]
    value: bytes = field(repr=False)
    version: str = "3.0"

    def param(self, name: str) -> tuple[str, ...]:
        """Every value of the parameter `name` (upper case)."""
        if not self.params:
            return ()
        return tuple(value for key, values in self.params if key == name for value in values)

    @property
    def types(self) -> tuple[str, ...]:
        """What TYPE says, in lower case: `("work", "voice")`; in 2.1 also the bare words."""
        return tuple(value.lower() for value in self.param("TYPE"))

    @property
    def encoded(self) -> str:
        """The value as text: charset and quoted-printable undone, escapes not."""
        value = self.value
        if not self.params:
            return _decode(value, ())
        if "quoted-printable" in (item.lower() for item in self.param("ENCODING")):
            value = quopri.decodestring(value)
        return _decode(value, self.param("CHARSET"))

    @property
    def text(self) -> str:
        """The value as a person reads it."""
        return self.unescape(self.encoded)

    def components(self) -> list[list[str]]:
        """A structured value: components between `;`, each the list of its values between `,`."""
        return [[self.unescape(item) for item in split(part, ",")] for part in split(self.encoded, ";")]

    def unescape(self, text: str) -> str:
        """Undo the escapes of this line's version (2.1 knows none for a line break)."""
        if "\\" not in text:
            return text
        pattern = _ESCAPE_21 if self.version == "2.1" else _ESCAPE
        return pattern.sub(lambda match: "\n" if match[1] in "nN" else match[1], text)

    def data(self) -> bytes | None:
        """The bytes of an embedded picture or key: base64 or a `data:` URI; None when the value is no such thing."""
        text = self.encoded.strip()
        if text[:5].lower() == "data:":
            return _data_uri(text.replace("\\", ""))
        if {item.lower() for item in self.param("ENCODING")} & {"b", "base64"}:
            return _base64(text)
        return None


@dataclass(frozen=True)
class Card:
    """One card: the lines from BEGIN:VCARD to END:VCARD, at `data[start:end]`; not `complete` when END is missing."""

    lines: tuple[Line, ...] = field(repr=False)
    start: int
    end: int
    complete: bool

    @property
    def properties(self) -> tuple[Line, ...]:
        """The lines that say something: no BEGIN, END, VERSION, no blank one."""
        return tuple(line for line in self.lines if line.name not in {"", "BEGIN", "END", "VERSION"})

    def all(self, name: str) -> list[Line]:
        """Every line of one property."""
        return [line for line in self.lines if line.name == name]

    def label(self, line: Line) -> str:
        """The words beside a value: Apple's own label of its group, else its TYPE."""
        if not line.params and not line.group:
            return ""
        for other in self.all("X-ABLABEL") if line.group else ():
            if other.group.lower() == line.group.lower():
                return re.sub(r"\A_\$!<(.*)>!\$_\Z", r"\1", other.text)
        return " ".join(item for item in line.types if item not in {"pref", "internet", "voice", "x-internet"})


def lines(data: bytes) -> list[Line]:
    """Every logical line, in order; their `raw` joined is `data`."""
    version = "3.0"
    found: list[Line] = []
    for raw in _logical(data):
        line = _parse(raw, version)
        if line.name == "BEGIN":
            version = "3.0"
        elif line.name == "VERSION":
            version = line.encoded.strip()
        found.append(line)
    return found


def cards(data: bytes) -> list[Card]:
    """Every card in `data`; a card inside another (AGENT of 2.1) belongs to the outer one."""
    found: list[Card] = []
    inside: list[Line] = []
    depth, start, position = 0, 0, 0
    for line in lines(data):
        opens = line.name == "BEGIN" and _of_card(line)
        closes = line.name == "END" and _of_card(line)
        if opens and depth == 0:
            start, inside = position, []
        depth += opens
        if depth:
            inside.append(line)
        position += len(line.raw)
        if closes and depth:
            depth -= 1
            if depth == 0:
                found.append(Card(tuple(inside), start, position, complete=True))
    if depth:
        found.append(Card(tuple(inside), start, position, complete=False))
    return found


def split(text: str, separator: str) -> list[str]:
    """Cut an escaped value at the unescaped separators; the pieces are still escaped."""
    if "\\" not in text:
        return text.split(separator)
    pieces, begin, position = [], 0, 0
    while position < len(text):
        if text[position] == "\\":
            position += 1
        elif text[position] == separator:
            pieces.append(text[begin:position])
            begin = position + 1
        position += 1
    return [*pieces, text[begin:]]


def escape(text: str) -> str:
    """A text as it stands in a 3.0 or 4.0 value."""
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n")):
        text = text.replace(plain, escaped)
    return text


def fold(logical: bytes, end: bytes = b"\r\n") -> bytes:
    """A logical line as physical ones of at most 75 octets, never cut inside a UTF-8 character."""
    pieces, begin = [], 0
    room = FOLD_AT
    while len(logical) - begin > room:
        cut = begin + room
        while cut > begin + 1 and logical[cut] & 0xC0 == 0x80:
            cut -= 1
        pieces.append(logical[begin:cut])
        begin, room = cut, FOLD_AT - 1
    return (end + b" ").join([*pieces, logical[begin:]]) + end


def _of_card(line: Line) -> bool:
    return line.value.strip().upper() == b"VCARD"


def _logical(data: bytes) -> Iterator[bytes]:
    """The logical lines with their exact bytes: a fold, or a soft break of quoted-printable, goes on."""
    current: list[bytes] = []
    quoted = False
    for physical in data.splitlines(keepends=True):
        if current and (physical[:1] in {b" ", b"\t"} or (quoted and _SOFT_BREAK.search(current[-1]))):
            current.append(physical)
            continue
        if current:
            yield b"".join(current)
        current = [physical]
        quoted = _QUOTED_PRINTABLE.match(physical) is not None
    if current:
        yield b"".join(current)


def _parse(raw: bytes, version: str) -> Line:
    bare = raw.rstrip(b"\r\n")
    if b"\n" in bare or b"\r" in bare:
        if _QUOTED_PRINTABLE.match(bare):
            bare = _SOFT_BREAKS.sub(b"", bare)
        bare = (_FOLD_21 if version == "2.1" else _FOLD).sub(b"", bare)
    match = _HEADER.match(bare)
    if match is None:
        return Line(raw, "", "", (), bare, version)
    group, name, params = match.groups()
    return Line(
        raw, (group or b"").decode(), name.decode().upper(), _params(params) if params else (), bare[match.end() :], version
    )


@lru_cache(maxsize=1000)
def _params(raw: bytes) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found: list[tuple[str, tuple[str, ...]]] = []
    for name, value in _PARAM.findall(_decode(raw, ())):
        if value:
            found.append((name.strip().upper(), tuple(quoted or plain for quoted, plain in _PARAM_VALUE.findall(value))))
        elif name:  # 2.1: a bare word is a type or an encoding
            found.append(("ENCODING" if name.lower() in _BARE_21 else "TYPE", (name,)))
    return tuple(found)


def _decode(data: bytes, charsets: Sequence[str]) -> str:
    if data.isascii() and not charsets:
        return data.decode()
    for charset in [*charsets, "utf-8"]:
        try:
            return data.decode(charset)
        except (UnicodeError, LookupError, ValueError):
            continue
    return data.decode("cp1252", "replace")


def _data_uri(uri: str) -> bytes | None:
    head, comma, body = uri.partition(",")
    if not comma:
        return None
    return _base64(body) if head.lower().endswith(";base64") else urllib.parse.unquote_to_bytes(body)


def _base64(text: str) -> bytes | None:
    try:
        return base64.b64decode("".join(text.split()))
    except (binascii.Error, ValueError):
        return None


# What the properties mean: shared by every register that keeps vCards.

TECHNICAL = frozenset(
    {"BEGIN", "END", "VERSION", "UID", "REV", "PRODID", "KIND", "CLIENTPIDMAP", "XML", "X-ABUID", "X-ABLABEL", "CLASS"}
)
"""Properties that say nothing about the person."""

_SIMPLE = {
    "FN": "name",
    "EMAIL": "email",
    "TITLE": "title",
    "ROLE": "title",
    "NOTE": "note",
    "URL": "url",
    "BDAY": "birthday",
}
_KNOWN_OTHER = frozenset(
    {"NICKNAME", "IMPP", "RELATED", "ANNIVERSARY", "CATEGORIES", "GENDER", "LANG", "TZ", "GEO", "MEMBER", "KEY", "LOGO", "SOUND"}
    | {"LABEL", "MAILER", "AGENT", "SOURCE", "NAME", "SORT-STRING", "CALURI", "CALADRURI", "FBURL"}
)
_ADDRESS = (("address", "post box"), ("address", "extra"), ("address", ""), ("city", ""), ("other", "region"))
_ADDRESS_PARTS = (*_ADDRESS, ("postcode", ""), ("country", ""))
_NAME_PARTS = (("family", ""), ("given", ""), ("other", "additional names"), ("other", "prefix"), ("other", "suffix"))


def kind_of(name: str) -> str | None:
    """The kind of field a property becomes, None for a technical one; `attachment` for a photo."""
    if name in TECHNICAL:
        return None
    structured = {"N": "family", "ADR": "address", "ORG": "company", "TEL": "phone", "PHOTO": "attachment"}
    return structured.get(name) or _SIMPLE.get(name, "other")


def is_known(name: str) -> bool:
    """Whether a property is one of the standard's, or one whose meaning is known."""
    standard = {"N", "ADR", "ORG", "TEL", "PHOTO"} | TECHNICAL | _SIMPLE.keys() | _KNOWN_OTHER
    return name in standard or re.fullmatch(r"X-CUSTOM\d+", name) is not None


def fields_of(card: Card) -> list[Field]:
    """Every value of a card that is about the person, in reading order of the card; photos are not among them."""
    found: list[Field] = []
    for line in card.properties:
        if line.name not in TECHNICAL and not (line.name == "PHOTO" and line.data() is not None):
            found += _fields(card, line)
    if not any(item.kind == "name" for item in found):
        found = _named(found) + found
    junk = [Field("other", line.text.strip(), "vCard") for line in card.lines if not line.name and line.value.strip()]
    return list(dict.fromkeys(item for item in found + junk if item.value))


def _fields(card: Card, line: Line) -> list[Field]:
    label = card.label(line)
    if line.name == "N":
        return _parts(line, _NAME_PARTS, label, " ")
    if line.name == "ADR":
        return _parts(line, _ADDRESS_PARTS, label, ", ")
    if line.name == "ORG":
        names = [" ".join(part).strip() for part in line.components()]
        return [
            Field("other" if index else "company", name, "department" if index else label) for index, name in enumerate(names)
        ]
    if line.name == "TEL":
        return [Field("phone", _phone(line.text), label)]
    if line.name == "BDAY":
        return [Field("birthday", _date(line.text), label)]
    if line.name == "EMAIL":
        return [Field("email", line.text.strip().removeprefix("mailto:"), label)]
    kind = _SIMPLE.get(line.name, "other")
    return [Field(kind, line.text.strip(), (label or line.name) if kind in {"other", "title"} else label)]


def _parts(line: Line, kinds: Sequence[tuple[str, str]], label: str, joint: str) -> list[Field]:
    found = []
    for index, values in enumerate(line.components()):
        kind, extra = kinds[index] if index < len(kinds) else ("other", "extra")
        text = joint.join(value.strip() for value in values if value.strip())
        found.append(Field(kind, text, " ".join(item for item in (label, extra) if item)))
    return found


def _named(fields: Sequence[Field]) -> list[Field]:
    """A name in reading order for a card that has only its parts."""
    given = next((item.value for item in fields if item.kind == "given" and item.value), "")
    family = next((item.value for item in fields if item.kind == "family" and item.value), "")
    return [Field("name", f"{given} {family}".strip())]


def _phone(text: str) -> str:
    text = text.strip()
    if text[:4].lower() == "tel:":
        number, _, rest = text[4:].partition(";")
        extension = re.search(r"ext=([^;]+)", rest)
        return f"{number} ext. {extension[1]}" if extension else number
    return text


def _date(text: str) -> str:
    """A date as people write it: the basic form `19800102` gets its dashes."""
    match = re.fullmatch(r"(\d{4})(\d{2})(\d{2})(?:T.*)?", text.strip())
    return "-".join(match.groups()) if match else text.strip()
