"""What the properties of a card mean, in 2.1, 3.0 and 4.0."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import _vcard
from connectors._cardlines import Card, cards
from connectors.entry import Field
from tests.connectors.cardbytes import ANY, PIECES


def card(*lines: str, version: str = "4.0") -> Card:
    """One card of these lines."""
    text = "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""])
    (found,) = cards(text.encode())
    return found


def fields(*lines: str, version: str = "4.0") -> list[tuple[str, str, str]]:
    """What the lines say, as (kind, value, label)."""
    return [(item.kind, item.value, item.label) for item in _vcard.fields_of(card(*lines, version=version))]


@given(st.one_of(ANY, PIECES))
def test_reading_never_raises(data: bytes) -> None:
    """Random bytes are read without an exception, and every field has a value."""
    for found in cards(b"BEGIN:VCARD\r\n" + data + b"\r\nEND:VCARD\r\n"):
        assert all(item.value for item in _vcard.fields_of(found))
        for line in found.lines:
            line.data()
            line.components()


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
    (found,) = cards(data)

    assert _vcard.fields_of(found) == [Field("note", "Mäki kylä")]


def test_utf8_that_is_none_is_read_as_latin() -> None:
    """A card in a local charset without saying so is still readable."""
    (found,) = cards("BEGIN:VCARD\nFN:Mäkelä\nEND:VCARD\n".encode("cp1252"))

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
    (found,) = cards(b"BEGIN:VCARD\r\nFN:Kesken\r\n")

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


def test_an_empty_fn_is_no_name() -> None:
    """A phone may leave FN empty and write the name in N only."""
    assert fields("FN:", "N:Kuvitelma;Aino;;;")[0] == ("name", "Aino Kuvitelma", "")


@pytest.mark.parametrize("kind", ["KIND:group", "X-ADDRESSBOOKSERVER-KIND:group"])
def test_a_group_is_nobody(kind: str) -> None:
    """A list of cards has a name that is nobody's; its members are ids, in the place where the lines stand."""
    member = "MEMBER" if kind.startswith("KIND") else "X-ADDRESSBOOKSERVER-MEMBER"
    found = card("FN:Ystävät", "N:Ystävät;;;;", kind, f"{member}:urn:uuid:a-1", f"{member}:b-2")

    assert _vcard.is_group(found)
    assert [(item.kind, item.value) for item in _vcard.fields_of(found)] == [("other", "Ystävät")]
    assert [uid for _, uid in _vcard.members(found)] == ["a-1", "b-2"]
    assert [found.lines[number].name for number, _ in _vcard.members(found)] == [member] * 2


def test_a_member_told_by_its_address_is_shown() -> None:
    """In 4.0 a member may be an e-mail address, which is somebody's value."""
    assert ("other", "mailto:aino@kuva.example", "MEMBER") in fields("KIND:group", "MEMBER:mailto:aino@kuva.example")


def test_an_agent_is_somebody_else() -> None:
    """The name and phone of a card inside the card are no name and no phone of the person."""
    assert fields("FN:Ulompi", "AGENT:", "BEGIN:VCARD", "FN:Sisempi", "TEL:044 123 4567", "END:VCARD", version="2.1") == [
        ("name", "Ulompi", ""),
        ("other", "Sisempi", "AGENT"),
        ("other", "044 123 4567", "AGENT"),
    ]


def test_apples_own_properties() -> None:
    """A year left out, a maiden name, a related person with a label."""
    assert fields(
        "BDAY;X-APPLE-OMIT-YEAR=1604:1604-05-03",
        "X-MAIDENNAME:Entinen",
        "item1.X-ABRELATEDNAMES:Liisa Keksitty",
        "item1.X-ABLabel:_$!<Mother>!$_",
    ) == [("birthday", "--05-03", ""), ("former_name", "Entinen", ""), ("other", "Liisa Keksitty", "Mother")]


def test_embedded_bytes_are_attachments() -> None:
    """A picture, a sound and a broken picture: each is handed over, none becomes a field of nonsense."""
    picture = base64.b64encode(b"\x89PNG" + bytes(300)).decode()
    found = card(f"PHOTO;ENCODING=b:{picture}", "SOUND;ENCODING=b:aHVi", "PHOTO;ENCODING=b:aHVia", version="3.0")

    told = [(item.name, item.media_type, item.load()) for item in _vcard.attachments_of(found)]

    assert _vcard.fields_of(found) == []
    assert told == [
        ("photo.png", "image/png", b"\x89PNG" + bytes(300)),
        ("sound", "application/octet-stream", b"hub"),
        ("photo.txt", "text/plain", b"aHVia"),
    ]
