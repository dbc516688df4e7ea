"""Words that differ by one typing error: a letter too many, missing or wrong, or two neighbours exchanged. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

SHORTEST = 4
"""In a shorter word an error makes another word: it is not looked for."""

LONGEST = 60
"""A longer one is no word of a name."""


@lru_cache(maxsize=20_000)
def shortened(word: str) -> frozenset[str]:
    """The word itself and, of a long enough one, each word with one letter less: two words that are `alike` share one."""
    return frozenset((word, *(part for _, part in without_one(word))))


def without_one(word: str) -> Iterator[tuple[int, str]]:
    """Each different word with one letter less than a long enough one, and which letter that is, the first of equal ones."""
    if SHORTEST <= len(word) <= LONGEST:
        for place, letter in enumerate(word):
            if not place or letter != word[place - 1]:
                yield place, word[:place] + word[place + 1 :]


def alike(one: str, other: str) -> bool:
    """Whether two words are the same but for one typing error; two short words, or very long ones, must be the same."""
    return one == other or (SHORTEST <= max(len(one), len(other)) <= LONGEST and _within(1, one, other))


@lru_cache(maxsize=20_000)
def roughly(one: str, other: str) -> bool:
    """Whether two words that begin alike are the same but for typing errors: two in a long one."""
    return one[:1] == other[:1] and (_within(2, one, other) if min(len(one), len(other)) > SHORTEST else alike(one, other))


def _within(errors: int, one: str, other: str) -> bool:
    """Whether no more than one or two errors lie between two words."""
    if abs(len(one) - len(other)) > errors:
        return False
    rest, others = _apart(one, other)
    if not rest or not others:
        return len(rest) + len(others) <= errors
    crossed = rest[:2] == others[1::-1]
    if errors == 1:
        return len(rest) == len(others) and (len(rest) == 1 or (crossed and len(rest) == 2))
    ways = [(rest[1:], others[1:]), (rest[1:], others), (rest, others[1:])]
    if crossed:
        ways.append((rest[2:], others[2:]))
    return any(_within(errors - 1, *way) for way in ways)


def _apart(one: str, other: str) -> tuple[str, str]:
    """Two words without what both begin with, and then without what both end with: no error lies there."""
    start, least = 0, min(len(one), len(other))
    while start < least and one[start] == other[start]:
        start += 1
    end = 0
    while end < least - start and one[-1 - end] == other[-1 - end]:
        end += 1
    return one[start : len(one) - end], other[start : len(other) - end]
