"""Cards cut into lines: exact to the byte on anything whatever, and no card hidden by a broken one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors._cardlines import cards, escape, fold, lines
from tests.connectors.cardbytes import ANY, PIECES


@given(st.one_of(ANY, PIECES))
def test_lines_keep_every_byte(data: bytes) -> None:
    """The raw lines joined are the data, whatever it is."""
    assert b"".join(line.raw for line in lines(data)) == data


@given(st.one_of(ANY, PIECES))
def test_cards_lie_where_they_say(data: bytes) -> None:
    """A card's lines joined are the bytes between its start and its end, and cards never overlap."""
    position = 0
    for found in cards(data):
        assert b"".join(line.raw for line in found.lines) == data[found.start : found.end]
        assert found.start >= position
        position = found.end


@given(st.text(max_size=200))
def test_escape_and_unescape_are_inverse(text: str) -> None:
    """An escaped text read again is the text; a line break of any form is one line break."""
    note = text.replace("\r\n", "\n").replace("\r", "")
    line = lines(f"NOTE:{escape(note)}".encode())[0]

    assert line.text == note


@given(
    st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=300), st.sampled_from([b"\r\n", b"\n"])
)
def test_fold_and_unfold_are_inverse(text: str, end: bytes) -> None:
    """A folded line has no piece above 75 octets, cuts no letter, and reads as before."""
    logical = f"NOTE:{text}".encode()

    folded = fold(logical, end)

    assert all(len(piece) <= 75 for piece in folded.split(end))
    assert all(piece.decode() is not None for piece in folded.split(end))
    (line,) = lines(folded)
    assert b"NOTE:" + line.value == logical


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_every_line_end_is_read(end: str) -> None:
    """A file of Windows, of Unix or of an old Mac: the same cards, each with its own line end."""
    (first, second) = cards(end.join(["BEGIN:VCARD", "UID:a", "END:VCARD", "BEGIN:VCARD", "UID:b", "END:VCARD", ""]).encode())

    assert (first.uid, second.uid) == ("a", "b")
    assert first.line_end == end.encode()


def test_a_byte_order_mark_belongs_to_no_card() -> None:
    """The card after a mark begins with BEGIN, also where two files were joined in the middle."""
    mark = b"\xef\xbb\xbf"
    data = mark + b"BEGIN:VCARD\nUID:a\nEND:VCARD\n" + mark + b"BEGIN:VCARD\nUID:b\nEND:VCARD\n"

    assert [(card.uid, data[card.start : card.start + 5]) for card in cards(data)] == [("a", b"BEGIN"), ("b", b"BEGIN")]


def test_a_card_without_end_hides_no_other() -> None:
    """It ends where the next one begins, and is told as unfinished."""
    found = cards(b"BEGIN:VCARD\nUID:a\nBEGIN:VCARD\nUID:b\nEND:VCARD\n")

    assert [(card.uid, card.complete) for card in found] == [("a", False), ("b", True)]


@pytest.mark.parametrize("opening", ["AGENT:\n\nBEGIN:VCARD", "AGENT:BEGIN:VCARD"])
def test_an_inner_card_ends_where_it_ends(opening: str) -> None:
    """What stands in the card of an agent is not said of the outer one."""
    (found,) = cards(f"BEGIN:VCARD\nUID:a\n{opening}\nUID:b\nFN:Sisempi\nEND:VCARD\nFN:Ulompi\nEND:VCARD\n".encode())

    assert found.uid == "a"
    assert [line.text for line in found.properties if line.name == "FN"] == ["Ulompi"]
    assert [line.text for line in found.inner if line.name == "FN"] == ["Sisempi"]


def test_a_fold_inside_a_letter() -> None:
    """A program that folds by octets may cut a letter in two; put together it is whole."""
    data = "BEGIN:VCARD\r\nFN:Mäkelä\r\nEND:VCARD\r\n".encode().replace(b"M\xc3\xa4k", b"M\xc3\r\n \xa4k")
    (found,) = cards(data)

    assert [line.text for line in found.all("FN")] == ["Mäkelä"]


def test_wrong_base64_is_told_as_such() -> None:
    """Missing padding is put back; what is no base64 at all gives no bytes."""
    data = b"BEGIN:VCARD\nPHOTO;ENCODING=b:aHVi\nPHOTO;ENCODING=b:aHVia2k\nPHOTO;ENCODING=b:aHVia\nEND:VCARD\n"
    (found,) = cards(data)

    assert [(line.embeds, line.data()) for line in found.all("PHOTO")] == [(True, b"hub"), (True, b"hubki"), (True, None)]


def test_the_scheme_of_a_uid_is_no_part_of_it() -> None:
    """`urn:uuid:` is how a member line writes the same id."""
    (found,) = cards(b"BEGIN:VCARD\nUID:urn:uuid:abc-1\nEND:VCARD\n")

    assert found.uid == "abc-1"
