"""The names of most people, taken apart at once: two or three words in common letters, none of which means anything else. Pure.

What is not such a name gives None, and is taken apart by `hub.normalise`; a test holds the two against one another.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from hub import normalise
from hub.machine.pattern import Pattern
from hub.matching.names import is_turned
from hub.normalise import PLAIN_WORDS

_WORD = r"[A-Za-zÀ-ÖØ-öø-ž]{2,}(?:-[A-Za-zÀ-ÖØ-öø-ž]{2,})*"
"""Of these letters no two are one letter written in another way."""

_WHOLE = Pattern(rf"{_WORD}(?: {_WORD}){{1,2}}")
_TURNED = Pattern(rf"{_WORD}, {_WORD}(?: {_WORD})?")
_PARTS = Pattern(rf"{_WORD}(?: {_WORD})?\n{_WORD}")

_FORMER = ("née", "född", "syntyjään")

Words = tuple[str, ...]


class Common(NamedTuple):
    """`given` and `family` are loose words as of `hub.matching.names.NameForm`, `folded` its folded ones as they stand.

    `written` is what stands in given and family name, `known` whether that order is certain, as of `hub.normalise.Name`.
    """

    given: Words
    family: Words
    folded: Words
    written: tuple[str, str]
    known: bool

    def __repr__(self) -> str:
        return "<Common>"


def whole(value: str) -> Common | None:
    """A name in one field."""
    if _WHOLE.fullmatch(value):
        given, _, family = value.rpartition(" ")
        return _made(given, family, known=False)
    if _TURNED.fullmatch(value):
        family, _, given = value.partition(", ")
        return _made(given, family, known=True)
    return None


def parts(given: str, family: str) -> Common | None:
    """A given and a family name in fields of their own."""
    return _made(given, family, known=True) if _PARTS.fullmatch(f"{given}\n{family}") else None


def _made(given: str, family: str, *, known: bool) -> Common | None:
    first, last = _words(given), _words(family)
    if first is None or last is None:
        return None
    (own, own_loose), (shared, shared_loose) = first, last
    if not known and is_turned(own, shared):
        own_loose, shared_loose = (*own_loose[1:], *shared_loose), own_loose[:1]
    return Common(own_loose, shared_loose, own + shared, (given, family), known)


@lru_cache(maxsize=100_000)
def _words(name: str) -> tuple[Words, Words] | None:
    """The folded and the loose words of one or two words; None where one makes a name more than a given and a family name."""
    lower = name.casefold().split(" ")
    if not PLAIN_WORDS.isdisjoint(lower) or any(word.startswith(_FORMER) for word in lower):
        return None
    folded = normalise.tokens(name)
    return folded, tuple(map(normalise.loose, folded))
