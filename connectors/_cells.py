"""Several values, or several persons, in one cell: where each stands, and what is left when one of them goes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from connectors import _columns

_STRONG = re.compile(r"\s*[;/\n\r|]+\s*")
_WEAK = re.compile(r"\s+(?:ja|och|and|sekä|samt)\s+", re.IGNORECASE)
_LIST = re.compile(r"\s*[,&+]\s*")
_ANY = re.compile(r"[;/\n\r|,&+]|\s(?:ja|och|and|sekä|samt|tai|eller|or|<)|@.*@", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.!#$%&'*+=?^`{}~\-]+@[\w\-]+(?:\.[\w\-]+)+")
_PHONE_SEPARATOR = re.compile(r"\s*(?:[;,\n\r|]+|\s/\s|/(?=\s*(?:\+|00|0\d))|\s(?:ja|och|and|tai|eller|or)\s)\s*", re.IGNORECASE)
_NAME = re.compile(r"[^\W\d_][^\d_@:;/\\|<>()\[\]{}=*\"]*")
_TOKEN = re.compile(r"[^\s,;&/()]+")
_MAX_NAME = 80
_MAX_CELL = 2000


class Part(NamedTuple):
    """One value at `text[start:end]` of a cell; `value` may say more than stands there ("Maija" of "Maija ja Pekka Laine")."""

    value: str
    start: int
    end: int
    company: bool = False

    def __repr__(self) -> str:
        return f"<value at {self.start}:{self.end}>"


def is_company(text: str) -> bool:
    """Whether a name holds a legal form (Oy, Ab, ry, Ltd …) and is thus not a person's."""
    forms, tokens = _columns.words("legal_form"), _TOKEN.findall(text)
    return any(_columns.fold(token) in forms for token in tokens[-3:] + tokens[:1])


def sole_trader(text: str) -> str:
    """The person's name in a sole trader's ("Tmi Maija Virtanen"), "" when it is another company's."""
    sole = frozenset(("tmi", "toiminimi", "fma", "firma"))
    tokens = text.split()
    for rest in (
        tokens[1:] if tokens and _columns.fold(tokens[0]) in sole else [],
        tokens[:-1] if tokens and _columns.fold(tokens[-1]) in sole else [],
    ):
        if len(rest) in (2, 3) and all(looks_like_name(token) and token[:1].isupper() for token in rest):
            return " ".join(rest)
    return ""


def looks_like_name(text: str) -> bool:
    """Whether a text can be a person's name: letters, at most five words, no company."""
    return len(text) <= _MAX_NAME and bool(_NAME.fullmatch(text)) and len(text.split()) <= 5 and not is_company(text)


def several(text: str) -> bool:
    """Whether anything in a cell may separate values: a quick test before the real ones."""
    return _ANY.search(text) is not None


def names(text: str) -> list[Part]:
    """The persons and companies named in a cell. A comma or `&` separates only what is clearly two full names."""
    if len(text) > _MAX_CELL or not several(text):
        return [part._replace(company=is_company(part.value)) for part in _parts(text, [])]
    found: list[Part] = []
    for piece in _parts(text, _STRONG.finditer(text)):
        found += [piece] if _one_company(piece) else _people(piece)
    return [Part(part.value, part.start, part.end, is_company(part.value)) for part in found]


def emails(text: str) -> list[Part]:
    """The e-mail addresses in a cell; the whole text when it holds none."""
    found = [Part(match[0].strip("'"), match.start(), match.end()) for match in _EMAIL.finditer(text[:_MAX_CELL])]
    return found or _parts(text, [])


def phones(text: str) -> list[Part]:
    """The phone numbers in a cell; a slash inside one number ("09/4245 0012") does not separate."""
    parts = _parts(text, _PHONE_SEPARATOR.finditer(text))
    if len(text) <= _MAX_CELL and all(len(re.sub(r"\D", "", part.value)) >= 5 for part in parts):
        return parts
    return _parts(text, [])


def words(text: str) -> list[Part]:
    """The values of a cell in which only `;`, `/` and line breaks separate, such as given names."""
    found = [inner for piece in _parts(text, _STRONG.finditer(text)) for inner in _shift(piece, _WEAK)]
    return found if len(text) <= _MAX_CELL else _parts(text, [])


def without(text: str, parts: Sequence[Part], gone: Sequence[Part]) -> str:
    """The cell's text when some of its parts go, with the separators tidied; "" when none is left.

    Where the parts share a family name that goes with the last of them, it is written out for the others.
    """
    if all(part in gone for part in parts):
        return ""
    short = in_need(parts, gone)
    if not short:
        return _cut(text, gaps(text, parts, gone))
    whole, moved = "", []
    for index, part in enumerate(parts):
        whole += text[parts[index - 1].end if index else 0 : part.start]
        written = part.value if part in short else text[part.start : part.end]
        moved.append(Part(part.value, len(whole), len(whole) + len(written)))
        whole += written
    whole += text[parts[-1].end :]
    return _cut(whole, gaps(whole, moved, [moved[parts.index(part)] for part in gone]))


def gaps(text: str, parts: Sequence[Part], gone: Sequence[Part]) -> list[tuple[int, int]]:
    """The ranges of a text that go with some of its parts: each with one separator, the weaker of its two."""
    found = []
    for index, part in enumerate(parts):
        if part not in gone:
            continue
        last = index == len(parts) - 1
        behind = any(other not in gone for other in parts[index + 1 :])
        before = index > 0 and parts[index - 1] not in gone
        if not behind or (
            before and _is_weak(text[parts[index - 1].end : part.start]) and not _is_weak(text[part.end : parts[index + 1].start])
        ):
            found.append((parts[index - 1].end if index else 0, len(text) if last else part.end))
        else:
            found.append((part.start, parts[index + 1].start))
    return found


def in_need(parts: Sequence[Part], gone: Sequence[Part]) -> list[Part]:
    """The parts that stay, are written in short, and lose the family name because the part that has it goes."""
    found = []
    for index, part in enumerate(parts):
        bearer = next((other for other in parts[index + 1 :] if other.end - other.start == len(other.value)), None)
        if part not in gone and part.end - part.start != len(part.value) and bearer in gone:
            found.append(part)
    return found


def _is_weak(separator: str) -> bool:
    """Whether a separator only joins persons of one group ("ja", "&")."""
    return _STRONG.search(separator) is None


def _cut(text: str, ranges: Sequence[tuple[int, int]]) -> str:
    for start, end in reversed(ranges):
        text = text[:start] + text[end:]
    return text.strip()


def is_mailbox(email: str) -> bool:
    """Whether an address is a place's and not a person's (info@, toimisto@ …)."""
    return _columns.fold(email.partition("@")[0]) in _columns.words("mailbox")


def bears_name(email: str, name: str) -> bool:
    """Whether an address's local part holds the whole family or given name of a person."""
    local = [_columns.fold(piece) for piece in re.split(r"[._\-+\d]+", email.partition("@")[0])]
    own = [_columns.fold(word) for word in re.split(r"[\s,\-]+", name)]
    long = [word for word in own if len(word) >= 3]
    whole = "".join(local)
    return any(word in local for word in long) or any(
        first + second == whole or first[:1] + second == whole for first in own for second in long if first != second
    )


def _one_company(piece: Part) -> bool:
    """Whether a legal form in a piece is about all of it ("Virtanen ja Pojat Oy"), not only about its first part."""
    first = _shift(piece, _WEAK)[0].value
    if first != piece.value and is_company(first.split()[-1]):
        return is_company(piece.value.split()[-1])
    return is_company(piece.value)


def _people(piece: Part) -> list[Part]:
    parts = _shift(piece, _WEAK)
    commas = _shift(piece, _LIST)
    if len(parts) == 1 and len(commas) > 1 and all(_full(part.value) for part in commas):
        parts = commas
    if len(parts) == 1 or not all(looks_like_name(part.value) for part in parts):
        return [piece] if len(parts) == 1 else _company_or(parts, piece)
    # "Maija ja Pekka Laine": a single word before a full name takes the family name that stands there.
    family, found = "", list[Part]()
    for part in reversed(parts):
        words_in = part.value.split()
        if len(words_in) >= 2:
            family = words_in[-1]
        found.append(Part(f"{part.value} {family}", part.start, part.end) if family and len(words_in) == 1 else part)
    return found[::-1]


def _company_or(parts: list[Part], piece: Part) -> list[Part]:
    """Parts that are not all names stay one value."""
    return parts if all(looks_like_name(part.value) or is_company(part.value) for part in parts) else [piece]


def _full(name: str) -> bool:
    return 2 <= len(name.split()) <= 4 and looks_like_name(name) and name[:1].isupper()


def _shift(piece: Part, separator: re.Pattern[str]) -> list[Part]:
    inner = _parts(piece.value, separator.finditer(piece.value))
    return [Part(part.value, part.start + piece.start, part.end + piece.start) for part in inner]


def _parts(text: str, separators: Iterable[re.Match[str]]) -> list[Part]:
    """The non-empty pieces between the separators, without surrounding blanks."""
    edges = [0]
    for match in separators:
        edges += [match.start(), match.end()]
    edges.append(len(text))
    found = []
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        value = text[start:end].strip()
        if value:
            at = start + text[start:end].index(value)
            found.append(Part(value, at, at + len(value)))
    return found
