"""Addresses, postcodes and towns in the ways Finns write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.normalise.addresses import city_key, parse_address, postcode_key


@pytest.mark.parametrize(
    ("value", "place", "flat", "postcode", "city"),
    [
        ("Mannerheimintie 5 A 12", "mannerheimintie 5", "12", "", ""),
        ("MANNERHEIMINTIE 5 as 12", "mannerheimintie 5", "12", "", ""),
        ("Mannerheimintie 5 as. 12", "mannerheimintie 5", "12", "", ""),
        ("Kivik. 5 b", "kivikatu 5", "", "", ""),
        ("Kivi katu 5", "kivikatu 5", "", "", ""),
        ("Kotit. 4 A12", "kotitie 4", "12", "", ""),
        ("Kivikatu 5 B 3, 00100 Helsinki", "kivikatu 5", "3", "00100", "helsinki"),
        ("Kivikatu 5, FI-00100 HELSINGFORS", "kivikatu 5", "", "00100", "helsinki"),
        ("PL 123, 20101 Åbo", "pl 123", "", "20101", "turku"),
        ("PB 123", "pl 123", "", "", ""),
        ("c/o Virtanen, Kotitie 4", "kotitie 4", "", "", ""),
        ("Mäkitie 1", "makitie 1", "", "", ""),
        ("Maekitie 1", "makitie 1", "", "", ""),
        ("Helsinki", "", "", "", ""),
        ("", "", "", "", ""),
    ],
)
def test_an_address_is_taken_apart(value: str, place: str, flat: str, postcode: str, city: str) -> None:
    """Street and number, flat, postcode and town, whatever the spelling."""
    found = parse_address(value)
    assert (found.place, found.flat, found.postcode, found.city) == (place, flat, postcode, city)
    assert place == "" or place not in repr(found)


@pytest.mark.parametrize(
    ("value", "key"),
    [("00100", "00100"), ("100", "00100"), ("100.0", "00100"), ("FI-00100", "00100"), ("SW1A 1AA", "sw1a1aa"), ("", "")],
)
def test_a_postcode_keeps_its_zeros(value: str, key: str) -> None:
    """A spreadsheet eats the leading zeros; they are put back."""
    assert postcode_key(value) == key


@pytest.mark.parametrize(("value", "key"), [("Åbo", "turku"), ("TURKU", "turku"), ("Jyväskylä", "jyvaskyla"), ("Esbo ", "espoo")])
def test_a_town_has_one_name(value: str, key: str) -> None:
    """The Swedish name is the Finnish one's."""
    assert city_key(value) == key


@given(st.text(max_size=80))
def test_nothing_crashes_on_hostile_text(text: str) -> None:
    """Any text has some answer."""
    parse_address(text)
    postcode_key(text)
    city_key(text)


@given(st.one_of(st.text(st.sampled_from("aäkotut."), min_size=2, max_size=8), st.text(min_size=2, max_size=8)))
def test_a_street_of_one_word_is_as_the_long_way_has_it(street: str) -> None:
    """An apostrophe says nothing, but makes a word one that is looked at twice; one with "kt" at its end always is."""
    plain = street.strip()
    if plain.isalpha() and not plain.casefold().endswith("kt"):
        assert parse_address(f"{plain} 5").place == parse_address(f"{plain}' 5").place
