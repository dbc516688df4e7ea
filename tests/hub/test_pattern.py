"""A pattern is compiled when it is first used, and then is what `re` makes of it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.machine.pattern import Pattern

TEXTS = ("a+", "(a)b*", "[ab]", "B")


@given(st.sampled_from(TEXTS), st.sampled_from([0, re.IGNORECASE]), st.text("abcB", max_size=8))
def test_it_finds_what_re_finds(text: str, flags: int, value: str) -> None:
    """Every way of looking gives what the compiled expression gives."""
    ours, theirs = Pattern(text, flags), re.compile(text, flags)

    for one, other in (
        (ours.match(value), theirs.match(value)),
        (ours.fullmatch(value), theirs.fullmatch(value)),
        (ours.search(value), theirs.search(value)),
    ):
        assert (one and one.span()) == (other and other.span())
    assert ours.findall(value) == theirs.findall(value)
    assert ours.split(value) == theirs.split(value)
    assert ours.sub("-", value) == theirs.sub("-", value)


def test_it_is_compiled_when_it_is_used() -> None:
    """A broken pattern is no trouble until then; afterwards nothing is worked out again."""
    broken, good = Pattern("("), Pattern("a")

    with pytest.raises(re.error):
        broken.search("a")
    assert good.search is good.search
