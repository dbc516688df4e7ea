"""Needles are found in every spelling and encoding, never inside a longer word or number, and cut out whole."""

from __future__ import annotations

import html
import itertools
import json
import quopri
import re
import unicodedata
import urllib.parse
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors._needles import Matcher
from connectors.contract import Needle

NAME = Needle("name", "Äijä Kuvitelma")
EMAIL = Needle("email", "aija.kuvitelma@esimerkki.example")
PHONE = Needle("phone", "+358441234567")
TEXT = Needle("text", "A-12345")
ALL = (NAME, EMAIL, PHONE, TEXT)


@pytest.mark.parametrize(
    "text",
    [
        "Äijä Kuvitelma",
        "Kuvitelma Äijä",
        "Kuvitelma, Äijä",
        "äijä  KUVITELMA",
        "Äijä\u00a0Kuvitelma",
        "Äijä\nKuvitelma",
        "kuva_äijä_kuvitelma.png",
        "kuva-äijä-kuvitelma.png",
        "(Äijä Kuvitelma)",
        "Äijä Kuvitelma-",
        unicodedata.normalize("NFD", "Äijä Kuvitelma"),
    ],
)
def test_a_name_is_found_in_both_orders_with_any_gap(text: str) -> None:
    """A name is found however its parts are written beside one another."""
    assert Matcher([NAME]).in_text(text) == {NAME}


@pytest.mark.parametrize(
    "text",
    [
        "Äijä Kuvitelmanen",
        "Päijä Kuvitelma",
        "Äijä Kuvitelma-Satu",
        "Mari-Äijä Kuvitelma",
        "Äijä ja Kuvitelma",
        "Äijä",
        "äijä-kuvitelma@muu.example",
    ],
)
def test_a_longer_name_is_somebody_else(text: str) -> None:
    """Nothing is found inside a longer word, a double name or another person's address."""
    assert Matcher([NAME]).in_text(text) == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        "+358 44 123 4567",
        "+358441234567",
        "00358 44 123 4567",
        "+358 (0)44 123 4567",
        "044 1234567",
        "044-123 4567",
        "0441234567",
        "441234567",
        "puh.044/123 45 67.",
        "tel:+358-44-123-4567",
        "044\u00a01234567",
        "358441234567",
    ],
)
def test_a_phone_is_found_in_every_spelling(text: str) -> None:
    """A phone is found with or without country code, zero, blanks and dashes."""
    assert Matcher([PHONE]).in_text(text) == {PHONE}


@pytest.mark.parametrize("text", ["04412345678", "1441234567", "044 1234 568", "9990441234567", "+1441234567"])
def test_another_number_is_not_the_phone(text: str) -> None:
    """A longer number, or one with another country code, is somebody else's."""
    assert Matcher([PHONE]).in_text(text) == frozenset()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("AIJA.KUVITELMA@esimerkki.example", True),
        ("<aija.kuvitelma@esimerkki.example>", True),
        ("Lähetä: aija.kuvitelma@esimerkki.example.", True),
        ("DSN=x;UID=aija.kuvitelma@esimerkki.example;", True),
        ("WHERE mail = 'aija.kuvitelma@esimerkki.example'", True),
        ("https://malli.example/?a=b&to=aija.kuvitelma@esimerkki.example", True),
        ("o'aija.kuvitelma@esimerkki.example", False),
        ("maija.kuvitelma@esimerkki.example", False),
        (f"{EMAIL.value}.muu", False),
        ("eija+aija.kuvitelma@esimerkki.example", False),
        (f"{EMAIL.value}s", False),
    ],
)
def test_an_email_is_found_whole(text: str, found: bool) -> None:
    """An address is found in any case, and never as a part of a longer one."""
    assert bool(Matcher([EMAIL]).in_text(text)) == found


def _folded(text: str) -> bytes:
    """Folded as a vCard is: in the middle of a word."""
    return b"\r\n ".join(text.encode()[at : at + 7] for at in range(0, len(text.encode()), 7))


ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "utf-8": lambda text: text.encode(),
    "utf-16": lambda text: b"\x01" + text.encode("utf-16-le"),
    "utf-16-be": lambda text: text.encode("utf-16-be"),
    "latin-1": lambda text: b"\xff\xfe\xfd " + text.encode("cp1252"),
    "xml": lambda text: html.escape(text).encode("ascii", "xmlcharrefreplace"),
    "quoted-printable": lambda text: quopri.encodestring(text.encode()),
    "quoted-printable latin-1": lambda text: quopri.encodestring(text.encode("cp1252")),
    "url": lambda text: urllib.parse.quote(text).encode(),
    "json": lambda text: json.dumps(text).encode(),
    "folded": _folded,
    "mork": lambda text: re.sub(rb"[\x80-\xff]", lambda match: b"$%02X" % match[0][0], text.encode()),
    "nfd": lambda text: unicodedata.normalize("NFD", text).encode(),
}


@pytest.mark.parametrize("needle", ALL, ids=lambda needle: needle.kind)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_is_seen_through(needle: Needle, encoding: str) -> None:
    """Raw bytes give up a value in each encoding and escaping a register may use."""
    assert needle in Matcher(ALL).in_bytes(ENCODINGS[encoding](f"alku {needle.value} loppu"))


@pytest.mark.parametrize("needle", ALL, ids=lambda needle: needle.kind)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_value_at_the_very_edge_is_seen(needle: Needle, encoding: str) -> None:
    """Bytes that begin and end with the value give it up too."""
    assert needle in Matcher(ALL).in_bytes(ENCODINGS[encoding](needle.value))


@pytest.mark.parametrize("raw", ["FN:Kuvitelma\\, Äijä", "NOTE:Äijä\\nKuvitelma"])
def test_a_card_with_escapes_is_seen_through(raw: str) -> None:
    """A contact card escapes commas and line breaks with a backslash."""
    assert Matcher([NAME]).in_bytes(raw.encode()) == {NAME}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_bytes_without_the_person_hold_nothing(encoding: str) -> None:
    """Another person's bytes hold no needle in any encoding."""
    other = "Eero Keksitty, eero@keksitty.example, 050 123 4567, B-99"

    assert Matcher(ALL).in_bytes(ENCODINGS[encoding](other)) == frozenset()


def test_cut_takes_the_value_and_nothing_else() -> None:
    """What is cut leaves every other code point; without a needle the text is the same, NFD kept."""
    matcher = Matcher(ALL)
    decomposed = unicodedata.normalize("NFD", "Pöytä varattu")

    assert matcher.cut("Soita: Äijä Kuvitelma, 044 123 4567 (ilta)") == "Soita: ,  (ilta)"
    assert matcher.cut("aija.kuvitelma@esimerkki.example; eero@keksitty.example") == "; eero@keksitty.example"
    assert matcher.cut(decomposed) == decomposed
    assert matcher.cut("Äijä Kuvitelma", "–") == "–"


def test_spans_never_overlap() -> None:
    """A value inside another one is reported once, by the longer kind."""
    matcher = Matcher([Needle("text", "kuvitelma"), EMAIL])
    spans = matcher.spans("aija.kuvitelma@esimerkki.example ja kuvitelma")

    assert [span.needle.kind for span in spans] == ["email", "text"]
    assert all(first.end <= second.start for first, second in itertools.pairwise(spans))


def test_no_needles_is_false_and_finds_nothing() -> None:
    """A matcher without needles is empty."""
    assert not Matcher([])
    assert Matcher(ALL)
    assert Matcher([]).in_bytes(b"anything") == frozenset()


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=30)


@settings(max_examples=150)
@given(before=WORDS, after=WORDS, needle=st.sampled_from(ALL))
def test_cut_leaves_what_stands_around(before: str, after: str, needle: Needle) -> None:
    """Whatever stands around a value, the value is found, it goes, and the rest stays."""
    matcher = Matcher([needle])
    text = f"{before} | {needle.value} | {after}"

    assert matcher.in_text(text) == {needle}
    assert matcher.cut(text) == unicodedata.normalize("NFC", f"{before} |  | {after}")
    assert matcher.in_text(matcher.cut(text)) == frozenset()


def test_hostile_text_does_not_stall_the_search() -> None:
    """Half a megabyte made to look almost like a value is searched to its end."""
    text = "äijä kuvitelm 44 12345 aija.kuvitelma@esimerkki " * 4000 + "a" * 200_000 + "0" * 200_000

    assert Matcher(ALL).in_text(text + " äijä kuvitelma@x") == frozenset()


def test_a_long_text_is_looked_for_as_it_is_written() -> None:
    """What somebody pasted into a column of names is found again and cut, and a pattern for it is made at once."""
    text = "Malli Maija - soita " * 2_000

    matcher = Matcher([Needle("name", text)])

    assert matcher.cut(f"a {text.strip()} b") == "a  b"
    assert not matcher.in_text(text[:-40])
    assert matcher.in_bytes(text.encode("utf-16-le"))
