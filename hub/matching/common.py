"""The names of most people, taken apart at once: two or three words in common letters, none of which means anything else. Pure.

What is not such a name gives None, and is taken apart by `hub.normalise`; a test holds the two against one another.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from hub import normalise
from hub.matching.names import is_turned
from hub.normalise import PLAIN_WORDS
from hub.pattern import Pattern

_WORD = r"[A-Za-zÀ-ÖØ-öø-ž]{2,}(?:-[A-Za-zÀ-ÖØ-öø-ž]{2,})*"
"""Of these letters no two are one letter written in another way."""

_WHOLE = Pattern(rf"{_WORD}(?: {_WORD}){{1,2}}")
_TURNED = Pattern(rf"{_WORD}, {_WORD}(?: {_WORD})?")
_PARTS = Pattern(rf"{_WORD}(?: {_WORD})?\n{_WORD}")

_FORMER = ("née", "född", "syntyjään")

Words = tuple[str, ...]


class Common(NamedTuple):
    """As `hub.matching.names.NameForm`: loose words, and folded ones sorted; `written` as `hub.normalise.Name` has them."""

    given: Words
    family: Words
    strict: Words
    written: tuple[Words, Words]
    known: bool

    def __repr__(self) -> str:
        return "<Common>"


def whole(value: str) -> Common | None:
    """A name in one field."""
    if _WHOLE.fullmatch(value):
        *given, family = value.split(" ")
        return _made(given, family, known=False)
    if _TURNED.fullmatch(value):
        family, _, rest = value.partition(", ")
        return _made(rest.split(" "), family, known=True)
    return None


def parts(given: str, family: str) -> Common | None:
    """A given and a family name in fields of their own."""
    return _made(given.split(" "), family, known=True) if _PARTS.fullmatch(f"{given}\n{family}") else None


def _made(given: list[str], family: str, *, known: bool) -> Common | None:
    first = _word(given[0]) if len(given) == 1 else _words(given)
    last = _word(family)
    if first is None or last is None:
        return None
    (own, own_loose), (shared, shared_loose) = first, last
    if not known and is_turned(own, shared):
        own_loose, shared_loose = (*own_loose[1:], *shared_loose), own_loose[:1]
    return Common(own_loose, shared_loose, tuple(sorted((*own, *shared))), (tuple(given), (family,)), known)


def _words(several: list[str]) -> tuple[Words, Words] | None:
    folded, loose = Words(), Words()
    for word in map(_word, several):
        if word is None:
            return None
        folded, loose = folded + word[0], loose + word[1]
    return folded, loose


@lru_cache(maxsize=100_000)
def _word(word: str) -> tuple[Words, Words] | None:
    """The folded and the loose words of one word; None where it makes a name more than a given and a family name."""
    lower = word.casefold()
    if lower in PLAIN_WORDS or lower.startswith(_FORMER):
        return None
    folded = normalise.tokens(word)
    return folded, tuple(map(normalise.loose, folded))
