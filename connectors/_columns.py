"""Which kind of value a column holds, by its name in Finnish, Swedish or English."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from connectors import _resources
from connectors.entry import KINDS

RUNNING = "running"
"""The kind of a column that only counts the rows."""

ROLES = {"place": "other", "picture": "other", "copied": "date"}
"""What a column may be in an index of pages, each with its kind in any other table."""

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_NUMBER_BEHIND = re.compile(r"(?<=\D)\d{1,2}$")
_NOT_WORD = re.compile(r"[^\w#€%]|_")
_LANGUAGES = ("fi", "sv", "en")


@lru_cache(maxsize=16_384)
def fold(text: str) -> str:
    """Letters and digits only, without case and accents: what two spellings of a name have in common."""
    text = text.casefold()
    return _NOT_WORD.sub("", text if text.isascii() else unicodedata.normalize("NFKD", text))


def words(section: str) -> frozenset[str]:
    """The folded words of one section of `config/headers.toml`, all languages together."""
    return _words(section)


@cache
def spellings(*sections: str) -> frozenset[str]:
    """The words of sections as they are written, in lower case: a test so quick that every text may be put to it."""
    lists = [_resources.table("headers.toml")[section] for section in sections]
    return frozenset(word.casefold() for found in lists for language in _LANGUAGES for word in found.get(language, ()))


def kind_of(header: str) -> str | None:
    """The kind of the column with this header (`RUNNING` for a row number), None when it is not recognised."""
    if len(header) > 80:
        return None
    for candidate in _spellings(header):
        if (kind := _names().get(candidate)) is not None:
            return kind
    halves = {_names().get(fold(half)) for half in re.split(r"[/|\n]", header)}
    return halves.pop() if len(halves) == 1 and re.search(r"[/|\n]", header) else None


def role_of(header: str) -> str | None:
    """What the column with this header is in an index of pages besides its kind: one of `ROLES`, or None."""
    candidates = _spellings(header) if len(header) <= 80 else []
    return next((role for role in ROLES if not words(role).isdisjoint(candidates)), None)


def is_total(text: str) -> bool:
    """Whether a cell says that its row sums up others ("Yhteensä", "Total: 12")."""
    return len(text) <= 40 and fold(re.sub(r"[\d.,€]|\b(?:kpl|st|pcs|eur)\b", "", text.casefold())) in words("total")


def letters(column: int) -> str:
    """The letters of a column's number."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def _spellings(header: str) -> list[str]:
    """The header as it is, then without brackets, without a number behind it, without a word before it."""
    bare = fold(_BRACKETS.sub(" ", header))
    unnumbered = _NUMBER_BEHIND.sub("", bare)
    rest = [unnumbered.removeprefix(word) for word in sorted(words("qualifier"), key=len, reverse=True)]
    return [fold(header), bare, unnumbered, *(word for word in rest if word != unnumbered)]


@cache
def _words(section: str) -> frozenset[str]:
    lists = _resources.table("headers.toml")[section]
    return frozenset(fold(word) for language in _LANGUAGES for word in lists.get(language, ()))


@cache
def _names() -> dict[str, str]:
    """Folded name → kind; where two kinds claim one, the earlier in `KINDS` wins."""
    found: dict[str, str] = {}
    sections = (*((kind, kind) for kind in (*KINDS, RUNNING)), *ROLES.items())
    for section, kind in sections:
        for word in _words(section):
            found.setdefault(word, kind)
    return found
