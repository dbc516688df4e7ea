"""Names, e-mails, phones and business ids in every spelling a register holds."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub import normalise

HOSTILE = st.text(st.characters(), max_size=60)


@pytest.mark.parametrize(
    ("value", "keys"),
    [
        ("044 123 4567", ["+358441234567"]),
        ("+358 (0)44 123 4567", ["+358441234567"]),
        ("00358441234567", ["+358441234567"]),
        ("358441234567", ["+358441234567"]),
        ("990358441234567", ["+358441234567"]),
        ("044/1234567", ["+358441234567"]),
        ("044\u2011123\u20114567", ["+358441234567"]),
        ("044\u00a0123\u00ad4567", ["+358441234567"]),
        ("p. 044 123 4567", ["+358441234567"]),
        ("044 1234567 (työ)", ["+358441234567"]),
        ("044 1234567 tyo", ["+358441234567"]),
        ("441234567", ["+358441234567"]),
        ("441234567.0", ["+358441234567"]),
        ("044 123 4567, 050 123 4567", ["+358441234567", "+358501234567"]),
        ("441234567 / 501234567", ["+358441234567", "+358501234567"]),
        ("0401234567 0501234567", ["+358401234567", "+358501234567"]),
        ("09 4245 0011 ext 12", ["+358942450011"]),
        ("tel:+358-44-123-4567;ext=5", ["+358441234567"]),
        ("020 718 1710", ["+358207181710"]),
        ("+358 0207 181 710", ["+358207181710"]),
        ("+44 20 7946 0018", ["+442079460018"]),
        ("٠٤٤١٢٣٤٥٦٧", ["+358441234567"]),
        ("4.4123e8", []),
        ("4,4123E+08", []),
        ("112", []),
        ("12345", []),
        ("10023 ja 10024", []),
        ("1234567-1", []),
        ("2020-05-01", []),
        ("ei puhelinta", []),
        ("", []),
    ],
)
def test_every_spelling_of_a_phone_is_one_key(value: str, keys: list[str]) -> None:
    """A phone has one key whatever its spelling, and what is no phone has none."""
    assert list(normalise.phone_keys(value, "FI")) == keys
    assert normalise.phone_key(value, "FI") == (keys[0] if keys else None)
    assert {key[-normalise.TAIL :] for key in keys} <= normalise.phone_tails(value)


@given(
    st.integers(min_value=40_0000000, max_value=50_9999999),
    st.sampled_from(["0{}", "+358{}", "+358 (0){}", "00358 {}", "{}", "p. 0{} (koti)", "0{} / 09 4245 0011", "0{};ext=7"]),
    st.sampled_from([1, 2, 3, 4, 30]),
    st.sampled_from([" ", "-", "\u00a0", "\u2011"]),
)
def test_the_filter_never_loses_a_phone(number: int, frame: str, every: int, gap: str) -> None:
    """The tails of a value hold the end of each of its keys, so that the filter before parsing is safe."""
    digits = str(number)
    spelled = frame.format(gap.join(digits[start : start + every] for start in range(0, len(digits), every)))
    keys = normalise.phone_keys(spelled, "FI")
    assert {key[-normalise.TAIL :] for key in keys} <= normalise.phone_tails(spelled)


@pytest.mark.parametrize(
    ("value", "given_names", "family", "known"),
    [
        ("Helena Ruokoski", "Helena", "Ruokoski", False),
        ("Ruokoski, Helena", "Helena", "Ruokoski", True),
        ("  ruokoski ,\u00a0helena ", "helena", "ruokoski", True),
        ("Tri Helena Ruokoski, FM", "Helena", "Ruokoski", False),
        ("af Esimerkki Carl Gustaf", "Carl Gustaf", "af Esimerkki", True),
        ("Carl Gustaf von Esimerkki", "Carl Gustaf", "von Esimerkki", False),
        ("Maija Virtanen (Esimerkki Oy)", "Maija", "Virtanen", False),
        ("Virtanen Maija, Esimerkki Oy", "Virtanen", "Maija", False),
        ("Tmi Maija Virtanen", "Maija", "Virtanen", False),
        ('Anna "Ansku" Virtanen', "Anna Ansku", "Virtanen", False),
        ("Anna\u2011Maija Virtanen", "Anna-Maija", "Virtanen", False),
        ("M. Virtanen", "M.", "Virtanen", False),
        ("Maija", "Maija", "", False),
        ("\u202eMaija\x00Virtanen", "Maija", "Virtanen", False),
    ],
)
def test_a_name_is_taken_apart(value: str, given_names: str, family: str, known: bool) -> None:
    """Given and family names are found, and whether their order is certain."""
    name = normalise.parse_name(value)
    assert name is not None
    assert (" ".join(name.given), " ".join(name.family), name.known) == (given_names, family, known)
    assert not name.company


@pytest.mark.parametrize("value", ["", " ", "()", ",", "-", "maija@virtanen.example", "Rouva", "12345", "\u200b"])
def test_what_is_no_name_is_none(value: str) -> None:
    """An address, a title alone or signs are no name."""
    assert normalise.parse_name(value) is None


@pytest.mark.parametrize("value", ["Maija Virtanen Oy", "Oy Esimerkki Ab", "Esimerkki O.Y.", "Esimerkki ry"])
def test_a_company_is_no_person(value: str) -> None:
    """A name with a company's word in it is known as a company's."""
    name = normalise.parse_name(value)
    assert name is not None
    assert name.company


def test_former_names_and_generations_are_set_apart() -> None:
    """`o.s.`, `ent.` and junior are not words of the name itself."""
    for text in ("Helena Ruokoski o.s. Virtanen", "Helena Ruokoski (ent. Virtanen)", "Ruokoski, Helena, o. s. Virtanen"):
        name = normalise.parse_name(text)
        assert name is not None
        assert (name.display, name.former) == ("Helena Ruokoski", ("Virtanen",))
    for text, generation in (("Matti Virtanen jr", "junior"), ("Virtanen, Matti vanhempi", "senior"), ("Matti Virtanen", "")):
        name = normalise.parse_name(text)
        assert name is not None
        assert (name.display, name.generation) == ("Matti Virtanen", generation)


def test_folding_keeps_finnish_letters_and_loosening_levels_them() -> None:
    """Mäki and Maki differ when folded and agree when loose; both forms of a composed letter are equal."""
    assert normalise.name_tokens("Mäki") != normalise.name_tokens("Maki")
    assert normalise.name_tokens(unicodedata.normalize("NFD", "Mäki")) == ("mäki",)
    for spelling in ("Mäkinen", "Makinen", "MAEKINEN", "Måkinen"):
        assert normalise.loose_tokens(spelling) == ("makinen",)
    assert normalise.loose_tokens("Wirtanen") == normalise.loose_tokens("Virtanen")
    assert normalise.name_tokens("rouva Anna-Maija\u00adMäki\u2010Koski") == ("anna", "maijamäki", "koski")


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("Maija.Virtanen@Firma.EXAMPLE", "maija.virtanen@firma.example"),
        ("Maija Virtanen <maija@firma.example>", "maija@firma.example"),
        ("mailto:maija@firma.example?subject=hei", "maija@firma.example"),
        ("<maija@firma.example>", "maija@firma.example"),
        ("maija@äiti.example", "maija@äiti.example"),
        ("maija@xn--iti-pla.example", "maija@äiti.example"),
        ("mäki@firma.example", "mäki@firma.example"),
        ("maija virtanen@firma.example", None),
        ("maija@firma", None),
        ("@firma.example", None),
        ("maija@", None),
        ("maija@xn--\udcff.example", "maija@xn--.example"),
        ("", None),
    ],
)
def test_every_spelling_of_an_address_is_one_key(value: str, key: str | None) -> None:
    """An e-mail address has one key in any case, with or without a display name, in letters or in punycode."""
    assert normalise.email_key(value) == key


def test_an_address_is_searched_in_letters_and_in_punycode() -> None:
    """Both forms of an international domain may stand in a file."""
    assert normalise.email_spellings("Maija@Äiti.example") == ("maija@äiti.example", "maija@xn--iti-pla.example")
    assert normalise.email_spellings("maija@firma.example") == ("maija@firma.example",)


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("1234567-1", "1234567-1"),
        ("FI12345671", "1234567-1"),
        ("1234567\u20131", "1234567-1"),
        ("123456-7", "0123456-7"),
        ("12345671", "1234567-1"),
        ("123", None),
        ("12345678-1", None),
    ],
)
def test_business_ids_have_one_form(value: str, form: str | None) -> None:
    """The prefix, another dash and the old short form are levelled."""
    assert normalise.business_id(value) == form


@given(HOSTILE)
def test_nothing_crashes_on_hostile_text(text: str) -> None:
    """Any text at all has some answer from every function."""
    normalise.parse_name(text)
    normalise.name_tokens(text)
    normalise.loose_tokens(text)
    normalise.email_spellings(text)
    normalise.business_id(text)
    keys = normalise.phone_keys(text, "FI")
    assert {key[-normalise.TAIL :] for key in keys} <= normalise.phone_tails(text)
    assert normalise.clean(normalise.clean(text)) == normalise.clean(text)


WORDS = st.sampled_from(
    "Maija Anna-Maija von af Oy Tmi jr Virtanen Mäki VIRTANEN M. ent. os née Dr Virta1 ä a\u0308 o\u00adk".split()
)


@settings(max_examples=500)
@given(st.one_of(st.lists(WORDS, max_size=4).map(" ".join), st.lists(WORDS, min_size=2, max_size=3).map(", ".join), HOSTILE))
def test_a_plain_name_is_taken_apart_like_any_other(value: str) -> None:
    """The short way gives what the long way gives."""
    assert normalise.parse_name(value) == normalise._taken_apart(value)


LOCALS = st.text("abcXYZ019._+- @<>", max_size=8)


@settings(max_examples=500)
@given(st.one_of(st.builds("{}@{}.example{}".format, LOCALS, LOCALS, st.sampled_from(["", ".", " ", "\n"])), HOSTILE))
def test_a_plain_address_has_the_key_of_any_other(value: str) -> None:
    """The short way gives what the long way gives."""
    assert normalise.email_key(value) == normalise._email_in(value)


STARTS = st.sampled_from(["0", "+358", "00358", "358", "", "+358 0", "+3580", "990358", "+46", "(0)", "+358 (0)"])


@settings(max_examples=2000)
@given(
    STARTS,
    st.sampled_from(["4", "40", "45", "49", "50", "9", "91", "2", "28", "21", "3", "5", "6", "8", "18", "1"]),
    st.text("0123456789 -", max_size=11),
)
def test_a_plain_phone_has_the_key_of_any_other(start: str, area: str, rest: str) -> None:
    """What is told by the look of a number is what the numbering plan says of it."""
    value = start + area + rest
    assert normalise.phone_keys(value, "FI") == normalise._phones_in(value, "FI")
