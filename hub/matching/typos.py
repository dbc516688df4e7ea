"""Words that differ by one typing error: a letter too many, missing or wrong, or two neighbours exchanged. Pure."""

from __future__ import annotations

from functools import lru_cache

SHORTEST = 4
"""In a shorter word an error makes another word: it is not looked for."""


@lru_cache(maxsize=20_000)
def shortened(word: str) -> frozenset[str]:
    """The word itself and, of a long enough one, each word with one letter less: two words that are `alike` share one."""
    if len(word) < SHORTEST:
        return frozenset((word,))
    return frozenset((word, *(word[:place] + word[place + 1 :] for place in range(len(word)))))


def alike(one: str, other: str) -> bool:
    """Whether two words are the same but for one typing error; two short words must be the same."""
    if one == other:
        return True
    if max(len(one), len(other)) < SHORTEST or abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    rest, others = one[start:], other[start:]
    if len(rest) == len(others):
        return rest[1:] == others[1:] or (rest[:2] == others[1::-1] and rest[2:] == others[2:])
    return rest[1:] == others or rest == others[1:]
