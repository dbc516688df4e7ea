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
from functools import cached_property, lru_cache

FOLD_AT = 75
"""Octets in a physical line, its line end not counted (RFC 6350, 3.2)."""

_HEADER = re.compile(rb'(?:([A-Za-z0-9-]+)\.)?([A-Za-z0-9_-]+)((?:;(?:"[^"]*"|[^";:])*+)*+):')
_PARAM = re.compile(r';([^=;:"]*)(?:=((?:"[^"]*"|[^";])*))?')
_PARAM_VALUE = re.compile(r'"([^"]*)"|([^,"]+)')
_QUOTED_PRINTABLE = re.compile(rb"[^:]*;(?:ENCODING=)?QUOTED-PRINTABLE[;:]", re.IGNORECASE)
_SOFT_BREAK = re.compile(rb"=(?:\r\n|\n|\r)\Z")
_FOLD = re.compile(rb"(?:\r\n|\n|\r)[ \t]")
_LINE_END = re.compile(rb"\r\n|\n|\r")
_FOLD_21 = re.compile(rb"(?:\r\n|\n|\r)(?=[ \t])")
_SOFT_BREAKS = re.compile(rb"=(?:\r\n|\n|\r)")
_ESCAPE = re.compile(r"\\([\\;,:nN])")
_ESCAPE_21 = re.compile(r"\\([\\;,:])")
_BARE_21 = frozenset({"quoted-printable", "base64", "b", "8bit", "7bit"})
_BASE64 = frozenset({"b", "base64"})
_FRAME = frozenset({"", "BEGIN", "END", "VERSION"})
_LABEL = re.compile(r"\A_\$!<(.*)>!\$_\Z")
_PLAIN_TYPES = frozenset({"pref", "internet", "voice", "x-internet"})
_BOM = b"\xef\xbb\xbf"


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

    @property
    def embeds(self) -> bool:
        """Whether the value says that it is bytes and no text (a picture, a key): base64 or a `data:` URI."""
        if self.value[:9].lstrip()[:5].lower() == b"data:":
            return True
        return bool(self.params) and not _BASE64.isdisjoint(item.lower() for item in self.param("ENCODING"))

    def data(self) -> bytes | None:
        """The bytes of an embedded picture or key; None when the value is no such thing, or its base64 is wrong."""
        if not self.embeds:
            return None
        text = self.encoded.strip()
        return _data_uri(text.replace("\\", "")) if text[:5].lower() == "data:" else _base64(text)


@dataclass(frozen=True)
class Card:
    """One card: the lines from BEGIN:VCARD to END:VCARD, at `data[start:end]`; not `complete` when END is missing."""

    lines: tuple[Line, ...] = field(repr=False)
    start: int
    end: int
    complete: bool

    @cached_property
    def properties(self) -> tuple[Line, ...]:
        """The lines that say something of this card: no BEGIN, END, VERSION, no blank one, none of a card inside it."""
        if not self._has_inner:
            return tuple([line for line in self.lines if line.name not in _FRAME])
        return tuple(line for line, inner in self._levels() if not inner and line.name not in _FRAME)

    @cached_property
    def inner(self) -> tuple[Line, ...]:
        """The lines that say something of a card inside this one (AGENT of 2.1): somebody else."""
        if not self._has_inner:
            return ()
        return tuple(line for line, inner in self._levels() if inner and line.name not in _FRAME)

    @cached_property
    def uid(self) -> str:
        """The card's own id without `urn:uuid:`, "" when it has none."""
        found = next((line.text.strip() for line in self.properties if line.name == "UID"), "")
        return bare_uid(found)

    @property
    def version(self) -> str:
        """`2.1`, `3.0` or `4.0`; `3.0` for a card that does not say."""
        return next((line.encoded.strip() for line in self.lines if line.name == "VERSION"), "3.0")

    @property
    def line_end(self) -> bytes:
        """What ends a line of this card."""
        end = _LINE_END.search(self.lines[0].raw) if self.lines else None
        return end[0] if end else b"\r\n"

    @cached_property
    def _has_inner(self) -> bool:
        return "AGENT" in [line.name for line in self.lines]

    def _levels(self) -> Iterator[tuple[Line, bool]]:
        """Each line, and whether it belongs to a card inside this one."""
        depth = 0
        for line in self.lines:
            depth += (line.name == "BEGIN" and _of_card(line)) or _opens_agent(line)
            yield line, depth > 1
            depth -= line.name == "END" and _of_card(line)

    def all(self, name: str) -> list[Line]:
        """Every line of one property."""
        return [line for line in self.lines if line.name == name]

    @cached_property
    def _labels(self) -> dict[str, Line]:
        """Apple's labels by their groups, the first of each: a card may have as many as it has lines."""
        return {line.group.lower(): line for line in reversed(self.all("X-ABLABEL"))}

    def label(self, line: Line) -> str:
        """The words beside a value: Apple's own label of its group, else its TYPE."""
        if not line.params and not line.group:
            return ""
        own = self._labels.get(line.group.lower()) if line.group else None
        if own is not None:
            return _LABEL.sub(r"\1", own.text).strip()
        return " ".join(item for item in line.types if item not in _PLAIN_TYPES)


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
    """Every card in `data`; a card inside another (AGENT of 2.1) belongs to the outer one.

    A card without END ends where the next one begins, so that it hides no other.
    """
    found: list[Card] = []
    inside: list[Line] = []
    depth, start, position = 0, 0, 0
    for line in lines(data):
        opens = line.name == "BEGIN" and _of_card(line)
        if opens and depth and not _awaits_card(inside):
            found.append(Card(tuple(inside), start, position, complete=False))
            depth = 0
        if opens and depth == 0:
            start, inside = position, []
        depth += opens or (depth > 0 and _opens_agent(line))
        if depth:
            inside.append(line)
        position += len(line.raw)
        if depth and line.name == "END" and _of_card(line):
            depth -= 1
            if depth == 0:
                found.append(Card(tuple(inside), start, position, complete=True))
    if depth:
        found.append(Card(tuple(inside), start, position, complete=False))
    return found


def bare_uid(text: str) -> str:
    """An id as it is compared: without the scheme that a member line may put before it."""
    text = text.strip()
    return text[9:] if text[:9].lower() == "urn:uuid:" else text


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
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n"), ("\r", "\\n")):
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


def _opens_agent(line: Line) -> bool:
    """Whether a card inside this one begins on the very line that announces it."""
    return line.name == "AGENT" and line.value.strip().upper() == b"BEGIN:VCARD"


def _awaits_card(inside: Sequence[Line]) -> bool:
    """Whether the last line that says something announces a card inside this one."""
    last = next((line for line in reversed(inside) if line.raw.strip()), None)
    return last is not None and last.name == "AGENT" and not last.value.strip()


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
        if physical.startswith(_BOM) and physical[3:9].upper() == b"BEGIN:":
            yield _BOM
            physical = physical[3:]  # noqa: PLW2901  # the mark is a line of its own, so that a card begins with BEGIN
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
    letters = re.sub(r"[^A-Za-z0-9+/]", "", text)  # blanks of folds, and the padding, which some programs leave out
    try:
        return base64.b64decode(letters + "=" * (-len(letters) % 4))
    except (binascii.Error, ValueError):
        return None
