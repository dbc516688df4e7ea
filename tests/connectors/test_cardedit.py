"""The card editor: only the lines it is told to, everything else to the byte."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors._cardedit import edited, new_line, with_companions
from connectors._cardlines import Card, cards, lines
from tests.connectors.cardbytes import ANY, PIECES

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
VERSIONS = st.sampled_from(["2.1", "3.0", "4.0"])
ENDS = st.sampled_from([b"\r\n", b"\n"])

APPLE = (
    b"BEGIN:VCARD\r\nVERSION:3.0\r\nN:Kuvitelma;Aino;;;\r\nitem1.TEL;type=pref:044 123 4567\r\n"
    b"item1.X-ABLabel:Maijan ty\xc3\xb6\r\nitem2.ADR;type=HOME:;;Kuvakatu 1;Turku;;20100;Suomi\r\nitem2.X-ABADR:fi\r\n"
    b"NOTE:soittaa huomenna ja ylihuomenna ja sit\xc3\r\n \xa4 seuraavana\r\nUID:a-1\r\nEND:VCARD\r\n"
)


def apple() -> Card:
    """A card as a phone writes it."""
    (card,) = cards(APPLE)
    return card


def place(card: Card, name: str) -> int:
    """Where the first line of a property stands."""
    return next(number for number, line in enumerate(card.lines) if line.name == name)


@given(st.one_of(ANY, PIECES))
def test_no_edit_gives_the_same_bytes(data: bytes) -> None:
    """Whatever the card is, nothing asked is nothing changed."""
    text = b"BEGIN:VCARD\r\n" + data
    for card in cards(text):
        assert edited(card, {}) == text[card.start : card.end]


@given(PIECES, st.data())
def test_one_line_dropped_leaves_the_others(data: bytes, draw: st.DataObject) -> None:
    """Every line but the named one and its companions keeps its bytes."""
    card = cards(b"BEGIN:VCARD\r\nUID:a\r\n" + data)[0]
    number = draw.draw(st.integers(0, len(card.lines) - 1))
    gone = with_companions(card, {number})

    assert edited(card, {number: None}) == b"".join(line.raw for at, line in enumerate(card.lines) if at not in gone)
    assert all(at == number or card.lines[at].name in {"X-ABLABEL", "X-ABADR"} for at in gone)


@given(TEXTS, VERSIONS, ENDS)
def test_one_line_replaced_leaves_the_others(text: str, version: str, end: bytes) -> None:
    """The new value is read back as it was given, and the lines around it keep their bytes."""
    before = [b"BEGIN:VCARD", b"VERSION:" + version.encode(), b"item1.NOTE;X-A=1:vanha", b"TEL:1", b"END:VCARD", b""]
    (card,) = cards(end.join(before))

    (now,) = cards(edited(card, {2: text}))

    assert [line.raw for at, line in enumerate(now.lines) if at != 2] == [
        line.raw for at, line in enumerate(card.lines) if at != 2
    ]
    line = now.lines[2]
    assert (line.group, line.name, line.param("X-A")) == ("item1", "NOTE", ("1",))
    assert re.sub(r"\r\n?", "\n", line.text) == re.sub(r"\r\n?", "\n", text)


@given(TEXTS, VERSIONS, ENDS)
def test_a_new_line_is_folded_and_reads_back(text: str, version: str, end: bytes) -> None:
    """No piece is longer than 75 octets, none cuts a letter, and the text comes out as it went in."""
    made = new_line("NOTE", text, types=["home"], version=version, end=end)

    assert all(len(piece) <= 75 and piece.decode() is not None for piece in made.split(end))
    line = lines(b"BEGIN:VCARD" + end + b"VERSION:" + version.encode() + end + made)[2]
    assert re.sub(r"\r\n?", "\n", line.text) == re.sub(r"\r\n?", "\n", text)
    assert line.types == ("home",)


def test_a_label_goes_with_its_line() -> None:
    """A phone's own label may hold a name: it goes with the phone, the other group stays."""
    card = apple()

    now = edited(card, {place(card, "TEL"): None})

    assert now == APPLE.replace(APPLE[APPLE.index(b"item1.TEL") : APPLE.index(b"item2.ADR")], b"")


def test_a_label_stays_while_its_group_has_another_line() -> None:
    """Two lines of one group share the label."""
    data = b"BEGIN:VCARD\nitem1.TEL:1\nITEM1.EMAIL:a@kuva.example\nitem1.X-ABLabel:x\nEND:VCARD\n"
    (card,) = cards(data)

    assert edited(card, {1: None}) == data.replace(b"item1.TEL:1\n", b"")
    assert edited(card, {1: None, 2: None}) == b"BEGIN:VCARD\nEND:VCARD\n"


def test_a_structured_value_is_escaped_part_by_part() -> None:
    """A semicolon inside a part is no separator."""
    card = apple()

    (now,) = cards(edited(card, {place(card, "N"): ("Kuvitelma; toinen", "Aino", "", "", "")}))

    assert now.all("N")[0].components()[:2] == [["Kuvitelma; toinen"], ["Aino"]]


def test_the_old_encoding_goes_with_the_old_value() -> None:
    """A line in quoted-printable and a local charset gets a value that says its own."""
    (card,) = cards(b"BEGIN:VCARD\nVERSION:2.1\nNOTE;HOME;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=E4=\nki\nEND:VCARD\n")

    (now,) = cards(edited(card, {2: "Järvi"}))

    assert now.lines[2].raw == b"NOTE;HOME;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3=A4rvi\n"
    assert now.lines[2].text == "Järvi"


@pytest.mark.parametrize("end", ["END:VCARD\n", "END:VCARD", ""])
def test_an_added_line_comes_before_the_end(end: str) -> None:
    """Whether the card ends with a line end, without one, or not at all."""
    (card,) = cards(f"BEGIN:VCARD\nUID:a\n{end}".encode())

    assert edited(card, {}, [new_line("NOTE", "uusi", end=b"\n")]).decode() == f"BEGIN:VCARD\nUID:a\nNOTE:uusi\n{end}"


def test_a_last_line_without_an_end_gets_none() -> None:
    """A card that is cut off within its last line stays so."""
    (card,) = cards(b"BEGIN:VCARD\nNOTE:vanha")

    assert edited(card, {1: "uusi"}) == b"BEGIN:VCARD\nNOTE:uusi"
