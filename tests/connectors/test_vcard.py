"""The vCard reader: line-exact on any bytes, and true to 2.1, 3.0 and 4.0."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import _vcard
from connectors.entry import Field

ANY = st.binary(max_size=300)
WORDS = (
    b"BEGIN:VCARD END:VCARD VERSION:2.1 VERSION:4.0 item1. TEL NOTE PHOTO N: BDAY: AGENT: ;ENCODING=QUOTED-PRINTABLE: "
    b";ENCODING=b: data:;base64, =C3=A4 ;CHARSET=utf-16: ;TYPE= tel: ext= \xc3 \xa4"
).split()
SIGNS = [b"\r\n", b"\n", b"\r", b" ", b"\t", b"=", b"=\r\n", b":", b";", b'"', b",", b"\\", b"\0"]
PIECES = st.lists(st.sampled_from([*WORDS, *SIGNS]), max_size=40).map(b"".join)


def card(*lines: str, version: str = "4.0") -> _vcard.Card:
    """One card of these lines."""
    text = "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""])
    (found,) = _vcard.cards(text.encode())
    return found


def fields(*lines: str, version: str = "4.0") -> list[tuple[str, str, str]]:
    """What the lines say, as (kind, value, label)."""
    return [(item.kind, item.value, item.label) for item in _vcard.fields_of(card(*lines, version=version))]


@given(st.one_of(ANY, PIECES))
def test_lines_keep_every_byte(data: bytes) -> None:
    """The raw lines joined are the data, whatever it is."""
    assert b"".join(line.raw for line in _vcard.lines(data)) == data


@given(st.one_of(ANY, PIECES))
def test_cards_lie_where_they_say(data: bytes) -> None:
    """A card's lines joined are the bytes between its start and its end, and cards never overlap."""
    position = 0
    for found in _vcard.cards(data):
        assert b"".join(line.raw for line in found.lines) == data[found.start : found.end]
        assert found.start >= position
        position = found.end


@given(st.one_of(ANY, PIECES))
def test_reading_never_raises(data: bytes) -> None:
    """Random bytes are read without an exception, and every field has a value."""
    for found in _vcard.cards(b"BEGIN:VCARD\r\n" + data + b"\r\nEND:VCARD\r\n"):
        assert all(item.value for item in _vcard.fields_of(found))
        for line in found.lines:
            line.data()
            line.components()


@given(st.text(max_size=200))
def test_escape_and_unescape_are_inverse(text: str) -> None:
    """An escaped text read again is the text; a line break of any form is one line break."""
    note = text.replace("\r\n", "\n").replace("\r", "")
    line = _vcard.lines(f"NOTE:{_vcard.escape(note)}".encode())[0]

    assert line.text == note


@given(
    st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=300), st.sampled_from([b"\r\n", b"\n"])
)
def test_fold_and_unfold_are_inverse(text: str, end: bytes) -> None:
    """A folded line has no piece above 75 octets, cuts no letter, and reads as before."""
    logical = f"NOTE:{text}".encode()

    folded = _vcard.fold(logical, end)

    assert all(len(piece) <= 75 for piece in folded.split(end))
    assert all(piece.decode() is not None for piece in folded.split(end))
    (line,) = _vcard.lines(folded)
    assert b"NOTE:" + line.value == logical


def test_a_word_folded_in_the_middle_is_one_word() -> None:
    """Thunderbird folds inside words, and inside what a byte search would look for."""
    assert fields("NOTE:Pi", " tkä Nimi") == [("note", "Pitkä Nimi", "")]


def test_a_fold_of_2_1_keeps_its_blank() -> None:
    """In 2.1 only the line end goes; the blank is part of the text."""
    assert ("note", "yksi kaksi", "") in fields("NOTE:yksi", " kaksi", version="2.1")


def test_name_parts_and_name() -> None:
    """FN is the name; N gives its parts, additional names and titles beside."""
    assert fields("FN:Rouva Aino Kuvitelma", "N:Kuvitelma;Aino;Maria,Eeva;Rouva;") == [
        ("name", "Rouva Aino Kuvitelma", ""),
        ("family", "Kuvitelma", ""),
        ("given", "Aino", ""),
        ("other", "Maria Eeva", "additional names"),
        ("other", "Rouva", "prefix"),
    ]


def test_a_card_with_n_only_has_a_name() -> None:
    """Without FN the name is given before family."""
    assert fields("N:Kuvitelma;Aino;;;")[0] == ("name", "Aino Kuvitelma", "")


def test_phones_and_their_labels() -> None:
    """TEL as text and as URI, labels from TYPE, bare words of 2.1 and Apple's own."""
    assert fields("TEL;TYPE=work,voice:09 4245 0011", "TEL;VALUE=uri:tel:+358-44-123-4567;ext=12") == [
        ("phone", "09 4245 0011", "work"),
        ("phone", "+358-44-123-4567 ext. 12", ""),
    ]
    assert fields("TEL;CELL;PREF:044 123 4567", version="2.1") == [("phone", "044 123 4567", "cell")]
    assert fields("item1.TEL:044 123 4567", "item1.X-ABLabel:_$!<Mobile>!$_") == [("phone", "044 123 4567", "Mobile")]


def test_address_parts() -> None:
    """A street with an escaped comma stays one street; post box, city, region, code and country are told apart."""
    assert fields("ADR;TYPE=home:PL 12;;Kuvakatu 1\\, as. 2;Turku;Varsinais-Suomi;20100;Suomi") == [
        ("address", "PL 12", "home post box"),
        ("address", "Kuvakatu 1, as. 2", "home"),
        ("city", "Turku", "home"),
        ("other", "Varsinais-Suomi", "home region"),
        ("postcode", "20100", "home"),
        ("country", "Suomi", "home"),
    ]


def test_the_other_kinds() -> None:
    """Company, department, title, birthday, note, page, nickname, custom and unknown properties all come through."""
    lines = ["ORG:Kuva Oy;Myynti", "TITLE:johtaja", "BDAY:19800229", "NOTE:rivi\\nrivi", "URL:https://kuva.example"]
    assert fields(*lines, "NICKNAME:Ainokka", "X-CUSTOM1:vapaa", "X-OMA:jotain") == [
        ("company", "Kuva Oy", ""),
        ("other", "Myynti", "department"),
        ("title", "johtaja", "TITLE"),
        ("birthday", "1980-02-29", ""),
        ("note", "rivi\nrivi", ""),
        ("url", "https://kuva.example", ""),
        ("other", "Ainokka", "NICKNAME"),
        ("other", "vapaa", "X-CUSTOM1"),
        ("other", "jotain", "X-OMA"),
    ]


def test_quoted_printable_with_soft_breaks_and_charset() -> None:
    """2.1 writes Finnish letters as quoted-printable, cut by `=` at the line end."""
    data = b"BEGIN:VCARD\r\nVERSION:2.1\r\nNOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:M=E4ki=\r\n k=\r\nyl=E4\r\nEND:VCARD\r\n"
    (found,) = _vcard.cards(data)

    assert _vcard.fields_of(found) == [Field("note", "Mäki kylä")]


def test_utf8_that_is_none_is_read_as_latin() -> None:
    """A card in a local charset without saying so is still readable."""
    (found,) = _vcard.cards("BEGIN:VCARD\nFN:Mäkelä\nEND:VCARD\n".encode("cp1252"))

    assert _vcard.fields_of(found) == [Field("name", "Mäkelä")]


@pytest.mark.parametrize(
    "line",
    ["PHOTO:data:image/png;base64,{}", "PHOTO:data:image/png;base64\\,{}", "PHOTO;ENCODING=b;TYPE=PNG:{}", "PHOTO;BASE64:{}"],
)
def test_pictures(line: str) -> None:
    """A picture as data URI or base64 gives its bytes, and is no field."""
    found = card(line.format(base64.b64encode(b"\x89PNG picture").decode()), version="2.1" if "BASE64:" in line else "4.0")

    assert [item.data() for item in found.all("PHOTO")] == [b"\x89PNG picture"]
    assert _vcard.fields_of(found) == []


def test_a_card_inside_a_card_belongs_to_it() -> None:
    """AGENT of 2.1 holds a whole card; there is still one."""
    found = card("AGENT:", "BEGIN:VCARD", "FN:Sisempi", "END:VCARD", "FN:Ulompi", version="2.1")

    assert ("name", "Ulompi") in [(item.kind, item.value) for item in _vcard.fields_of(found)]


def test_an_unfinished_card_is_told() -> None:
    """A card without END is read as far as it goes."""
    (found,) = _vcard.cards(b"BEGIN:VCARD\r\nFN:Kesken\r\n")

    assert not found.complete
    assert _vcard.fields_of(found) == [Field("name", "Kesken")]


def test_values_never_stand_in_a_repr() -> None:
    """A card in a log line shows nothing of the person."""
    found = card("FN:Aino Kuvitelma")

    assert "Aino" not in repr(found)
    assert "Aino" not in repr(found.lines)


def test_what_is_known() -> None:
    """Technical properties have no kind; a made-up one is not known."""
    assert [_vcard.kind_of(name) for name in ("UID", "TEL", "ADR", "X-OMA", "PHOTO")] == [
        None,
        "phone",
        "address",
        "other",
        "attachment",
    ]
    assert [_vcard.is_known(name) for name in ("UID", "X-CUSTOM2", "X-OMA")] == [True, True, False]
