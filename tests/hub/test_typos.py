"""One typing error or two, as the textbook counts them: letters changed, added, left out, or two neighbours exchanged."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.matching import typos

SHORT = ["".join(word) for size in range(3, 6) for word in product("ab", repeat=size)]
WORDS = st.text("aeinä", min_size=2, max_size=9)


def errors(one: str, other: str) -> int:
    """How many of them lie between two words (optimal string alignment)."""
    rows = [list(range(len(other) + 1))]
    for at, letter in enumerate(one, start=1):
        row = [at]
        for place, theirs in enumerate(other, start=1):
            least = min(rows[-1][place] + 1, row[-1] + 1, rows[-1][place - 1] + (letter != theirs))
            if at > 1 and place > 1 and letter == other[place - 2] and one[at - 2] == theirs:
                least = min(least, rows[-2][place - 2] + 1)
            row.append(least)
        rows.append(row)
    return rows[-1][-1]


def as_the_textbook(one: str, other: str) -> None:
    """`alike` allows one error in a word of four letters and more, `roughly` two where both are longer and begin alike."""
    assert typos.alike(one, other) == (errors(one, other) <= (1 if max(len(one), len(other)) >= typos.SHORTEST else 0))
    if one[:1] == other[:1]:
        allowed = errors(one, other) <= 2 if min(len(one), len(other)) > typos.SHORTEST else typos.alike(one, other)
        assert typos.roughly(one, other) == allowed
    else:
        assert not typos.roughly(one, other)


@pytest.mark.parametrize("one", SHORT)
def test_every_two_short_words(one: str) -> None:
    """Of two letters alone: most of them are near one another."""
    for other in SHORT:
        as_the_textbook(one, other)


@given(WORDS, WORDS, st.data())
def test_any_two_words(one: str, other: str, data: st.DataObject) -> None:
    """Of letters that come again, and such as differ in a few places."""
    as_the_textbook(one, other)
    place = data.draw(st.integers(0, len(one) - 1))
    for near in (
        one[:place] + one[place + 1 :],
        one[:place] + other[:1] + one[place:],
        one[:place] + one[place:][1::-1] + one[place + 2 :],
    ):
        as_the_textbook(one, near)


def test_a_word_too_long_is_none() -> None:
    """Nobody is called so."""
    assert not typos.alike("a" * 61, "a" * 62)
