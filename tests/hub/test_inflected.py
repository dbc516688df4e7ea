"""Inflected Finnish names: the forms that are certain are found and reported, never cut, and never somebody else's."""

from __future__ import annotations

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from connectors._needles import Matcher
from connectors.contract import Needle
from hub.matching import in_memory
from hub.matching.inflected import family_forms, given_forms
from hub.person import Held
from tests.hub.held import held


@pytest.mark.parametrize(
    ("name", "forms"),
    [
        ("Esimerkkilä", "Esimerkkilän Esimerkkilälle Esimerkkilällä Esimerkkilää Esimerkkilään"),
        ("Virtanen", "Virtasen Virtaselle Virtasta Virtaseen Virtasten"),
        ("Mäkinen", "Mäkisen Mäkiselle Mäkistä Mäkiseen"),
        ("Ruokoski", "Ruokosken Ruokoskelle Ruokoskea Ruokoskeen"),
        ("Lahti", "Lahden Lahdelle Lahtea Lahteen"),
        ("Saari", "Saaren Saarta Saareen"),
        ("Aalto", "Aallon Aallolle Aaltoa Aaltoon"),
        ("Esimerkki", "Esimerkin Esimerkille Esimerkkiä Esimerkkiin"),
        ("Lindström", "Lindströmin Lindströmille Lindströmiä"),
        ("Salo", "Salon Salolle Saloa"),
    ],
)
def test_family_names_are_bent_as_people_bend_them(name: str, forms: str) -> None:
    """With consonants that weaken, and vowels that go with the name's own."""
    assert set(forms.split()) <= set(family_forms(name))


@pytest.mark.parametrize(
    ("name", "forms"),
    [
        ("Aino", "Ainon Ainolle"),
        ("Pekka", "Pekan Pekalle Pekkaa"),
        ("Matti", "Matin Mattia"),
        ("Tuomas", "Tuomaksen Tuomakselle"),
        ("Heli", "Helin Helille Heliä"),
        ("Risto", "Riston"),
    ],
)
def test_given_names_are_bent_as_people_bend_them(name: str, forms: str) -> None:
    """By the rules of names, not those of words."""
    assert set(forms.split()) <= set(given_forms(name))


@pytest.mark.parametrize("name", ["Keto", "Kangas", "Virve", "Leo", "Li", "Ng", "O'Hara", "Ada-Maria", ""])
def test_what_may_be_bent_in_two_ways_is_left_out(name: str) -> None:
    """No form is better than a wrong one."""
    assert family_forms(name) == ()


@drawn(st.text(st.sampled_from("abdehijklmnoprstuvyäöåAKPT-' "), max_size=12))
def test_no_name_breaks_it(name: str) -> None:
    """Whatever stands in a name field; every form is longer than nothing and begins as the name does."""
    for form in (*family_forms(name), *given_forms(name)):
        assert form[:1] == name[:1]
        Matcher([Needle("inflected", form)]).in_text(form)


def _hints(*others: Held, name: str = "Aino Esimerkkilä") -> Matcher:
    mine = held("a", name=name, email="aino@firma.example")
    return Matcher(in_memory([mine, *others], "FI").hints([mine]))


@pytest.mark.parametrize(
    "text",
    [
        "soita Esimerkkilälle huomenna",
        "Esimerkkilän lasku",
        "Esimerkkilänkin mielestä",
        "kysy Ainolta",
        "Aino Esimerkkilältä tuli viesti",
        "Esimerkkilän Ainolle kerrottu",
        "Lasku (Esimerkkilän)",
    ],
)
def test_a_mention_in_a_free_text_is_found_and_not_cut(text: str) -> None:
    """It is reported; the text stays as it is."""
    matcher = _hints()

    assert matcher.in_text(text)
    assert matcher.in_bytes(text.encode())
    assert matcher.in_bytes(text.encode("utf-16-le"))
    assert matcher.cut(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "esimerkkilän",
        "Esimerkkilänranta",
        "ainolle",
        "Ainoa vapaa aika",
        "Ainolan",
        "x@Esimerkkilän.example",
        "Esimerkkilän@x.example",
    ],
)
def test_what_is_another_word_is_not_found(text: str) -> None:
    """Only as a name is written, and whole."""
    assert not _hints().in_text(text)


def test_what_somebody_else_bears_too_is_not_theirs() -> None:
    """A relative's family name, another Aino, a company of that name: alone they say nothing, together they do."""
    relative = _hints(held("b", name="Matti Esimerkkilä"))
    assert not relative.in_text("Esimerkkilän lasku")
    assert relative.in_text("Aino Esimerkkilän lasku")
    assert relative.in_text("kysy Ainolta")
    assert not _hints(held("b", name="Aino Muu")).in_text("kysy Ainolta")
    assert not _hints(held("b", company="Ainon Kukka Oy")).in_text("kysy Ainolta")
    assert not _hints(held("b", company="Esimerkkilän Leipomo")).in_text("Esimerkkilän lasku")
    assert not _hints(held("b", name="Aino Esimerkkilä")).in_text("Aino Esimerkkilän lasku")


@pytest.mark.parametrize(
    ("name", "text"),
    [("Satu Kuvitelma", "Satulle"), ("Toivo Salo", "Toivon kaikkea Salossa"), ("Anna Lahti", "Annan sen Lahdessa")],
)
def test_an_ordinary_word_alone_is_nobody(name: str, text: str) -> None:
    """Names that are words or places too are looked for together only."""
    assert not _hints(name=name).in_text(text)
