"""The names of most people are taken apart at once: as the long way takes them apart, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hub.matching import common
from hub.matching.common import Common
from hub.matching.facts import forms_of
from hub.normalise import PLAIN_WORDS

WORDS = st.one_of(
    st.sampled_from(["Maija", "Virtanen", "Anna-Maija", "Mäki", "M", "Ae", "Wäinö", "Föddström", "Matti", "de", "Ĳssel", "ŉab"]),
    st.sampled_from(sorted(PLAIN_WORDS)).map(str.capitalize),
    st.text(st.sampled_from("aeowäöåßæøĳİéÅ-.'+ K"), min_size=1, max_size=5),
    st.text(st.characters(min_codepoint=0xC0, max_codepoint=0x180), min_size=2, max_size=4),
)
WHOLES = st.one_of(
    st.lists(WORDS, min_size=1, max_size=4).map(" ".join),
    st.builds("{}, {}".format, WORDS, st.lists(WORDS, min_size=1, max_size=2).map(" ".join)),
)


def told(name: Common | None, *said: tuple[str, ...]) -> None:
    """That a name is what the long way makes of what was said: one name, and nothing more to it."""
    if name is None:
        return
    (form,) = forms_of(*said)
    assert (name.given, name.family, tuple(sorted(name.folded))) == (form.given, form.family, form.strict)
    assert name.written == (" ".join(form.name.given), " ".join(form.name.family))
    assert name.known == form.name.known
    assert (form.former, form.name.generation, form.name.company) == ((), "", False)


@settings(max_examples=400)
@given(WHOLES)
@example("Matti Née Virtanen")
@example("Virtanen Matti")
@example("Matti Syntyjäänmaa Virtanen")
def test_a_name_in_one_field_is_as_the_long_way_has_it(value: str) -> None:
    """Whatever signs, titles, particles and letters stand in it."""
    told(common.whole(value), (), (), (), (value,))


@settings(max_examples=400)
@given(st.lists(WORDS, min_size=1, max_size=2).map(" ".join), st.lists(WORDS, min_size=1, max_size=2).map(" ".join))
def test_a_name_in_two_fields_is_as_the_long_way_has_it(given: str, family: str) -> None:
    """Its order is certain."""
    told(common.parts(given, family), (given,), (family,), (), ())


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("Maija Virtanen", (("maija",), ("virtanen",))),
        ("Mäki, Anna-Maija Helena", (("anna", "maija", "helena"), ("maki",))),
        ("Virtanen Maija", (("maija",), ("virtanen",))),
        ("Maija V.", None),
        ("Tri Maija Virtanen", None),
        ("Ludwig van Beethoven", None),
        ("Virtanen Oy", None),
        ("Maija", None),
    ],
)
def test_common_names_are_recognised(value: str, words: object) -> None:
    """Most names are common; what means more than a given and a family name is left to the long way."""
    name = common.whole(value)
    assert (name and (name.given, name.family)) == words
    assert "aija" not in repr(name)
