"""What a card's rows become: every value of the person, from the vCard and from the properties beside it."""

from __future__ import annotations

import base64
import random
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from connectors.contract import Needle
from connectors.entry import Entry, Unreadable
from connectors.errors import HubError
from tests.connectors.thunderbird.profiles import PNG, Card, connector, entries, make_profile, modern, vcard, write_book


def only(home: Path, card: Card) -> Entry:
    """The entry of a book with this one card."""
    write_book(make_profile(home) / "abook.sqlite", [card])
    (entry,) = entries(home)
    return entry


def test_a_modern_card(tmp_path: Path) -> None:
    """All e-mails, phones with their labels, address, company, title, birthday, note, pages and custom fields."""
    text = vcard(
        "N:Kuvitelma;Aino;;;",
        "FN:Aino Kuvitelma",
        "EMAIL;PREF=1:aino@kuvitelma.example",
        "EMAIL:toinen@kuvitelma.example",
        "EMAIL;TYPE=work:kolmas@kuvitelma.example",
        "TEL;TYPE=cell;VALUE=TEXT:044 123 4567",
        "ADR;TYPE=home:;;Kuvakatu 1;Turku;;20100;Suomi",
        "ORG:Kuva Oy;Myynti",
        "TITLE:johtaja",
        "BDAY;VALUE=DATE:19800229",
        "NOTE:pitkä rivi " + "ä" * 80,
        "URL:https://kuva.example",
        "X-CUSTOM1:vapaa",
        "NICKNAME:Ainokka",
    )
    card = Card(
        "u", {"DisplayName": "Aino Kuvitelma", "PrimaryEmail": "aino@kuvitelma.example", "NickName": "Ainokka", "_vCard": text}
    )

    entry = only(tmp_path, card)

    assert {kind: entry.values(kind) for kind in dict.fromkeys(item.kind for item in entry.fields)} == {
        "family": ("Kuvitelma",),
        "given": ("Aino",),
        "name": ("Aino Kuvitelma",),
        "email": ("aino@kuvitelma.example", "toinen@kuvitelma.example", "kolmas@kuvitelma.example"),
        "phone": ("044 123 4567",),
        "address": ("Kuvakatu 1",),
        "city": ("Turku",),
        "postcode": ("20100",),
        "country": ("Suomi",),
        "company": ("Kuva Oy",),
        "other": ("Myynti", "vapaa", "Ainokka"),
        "title": ("johtaja",),
        "birthday": ("1980-02-29",),
        "note": ("pitkä rivi " + "ä" * 80,),
        "url": ("https://kuva.example",),
    }
    assert [item.label for item in entry.fields if item.kind == "phone"] == ["cell"]
    assert not any(item.stays for item in entry.fields)


def test_a_flat_card(tmp_path: Path) -> None:
    """Without a vCard every flat property that carries text is shown; technical ones are not."""
    properties = {
        "FirstName": "Aino",
        "LastName": "Kuvitelma",
        "PrimaryEmail": "aino@kuvitelma.example",
        "SecondEmail": "toinen@kuvitelma.example",
        "CellularNumber": "0441234567",
        "HomePhone": "09 4245 0011",
        "HomeAddress": "Kuvakatu 1",
        "HomeZipCode": "20100",
        "HomeCity": "Turku",
        "BirthYear": "1980",
        "BirthMonth": "2",
        "BirthDay": "9",
        "Notes": "ensin\nsitten",
        "Custom1": "vapaa",
        "OutoKenttä": "jotain",
        "PopularityIndex": "3",
        "LastModifiedDate": "1790000000",
    }

    entry = only(tmp_path, Card("u", dict(properties)))

    assert [(item.kind, item.value) for item in entry.fields] == [
        ("name", "Aino Kuvitelma"),
        ("given", "Aino"),
        ("family", "Kuvitelma"),
        ("email", "aino@kuvitelma.example"),
        ("email", "toinen@kuvitelma.example"),
        ("phone", "0441234567"),
        ("phone", "09 4245 0011"),
        ("address", "Kuvakatu 1"),
        ("postcode", "20100"),
        ("city", "Turku"),
        ("note", "ensin\nsitten"),
        ("other", "vapaa"),
        ("other", "jotain"),
        ("birthday", "1980-02-09"),
    ]


def test_what_the_vcard_lacks_is_added(tmp_path: Path) -> None:
    """A property beside the vCard that says something else (an older name) is shown, too."""
    card = Card("u", {"_vCard": vcard("FN:Aino Uusinimi"), "DisplayName": "Aino Vanhanimi", "PrimaryEmail": "aino@vanha.example"})

    entry = only(tmp_path, card)

    assert (entry.values("name"), entry.values("email")) == (("Aino Uusinimi", "Aino Vanhanimi"), ("aino@vanha.example",))


def test_a_broken_vcard_with_properties_beside_it(tmp_path: Path) -> None:
    """The flat properties stand in for a vCard that cannot be read."""
    entry = only(tmp_path, Card("u", {"_vCard": "BEGIN:VCA", "DisplayName": "Aino Kuvitelma"}))

    assert entry.values("name") == ("Aino Kuvitelma",)


def test_an_empty_card_is_accounted_for(tmp_path: Path) -> None:
    """A card without any value is an entry without fields."""
    assert only(tmp_path, Card("u", {"_vCard": vcard("UID:u"), "PopularityIndex": "0"})).fields == ()


def test_pictures(tmp_path: Path) -> None:
    """A picture in the folder Photos and one inside the vCard are attachments under names of our own."""
    profile = make_profile(tmp_path)
    (profile / "Photos").mkdir()
    (profile / "Photos" / "aino kuvitelma.bin").write_bytes(PNG)
    inside = vcard("FN:Aino", f"PHOTO:data:image/../../x;base64,{base64.b64encode(PNG).decode()}")
    write_book(profile / "abook.sqlite", [Card("u", {"_vCard": inside, "PhotoName": "aino kuvitelma.bin"})])

    (entry,) = entries(tmp_path)

    assert [(item.name, item.media_type, item.load()) for item in entry.attachments] == [("photo.png", "image/png", PNG)] * 2
    (profile / "Photos" / "aino kuvitelma.bin").unlink()
    with pytest.raises(HubError, match="no longer"):
        entry.attachments[0].load()


def test_coverage(tmp_path: Path) -> None:
    """Each property is mapped, ignored with a reason, or unknown; vCard and flat ones side by side."""
    write_book(
        make_profile(tmp_path) / "abook.sqlite",
        [
            modern("u", "Aino Kuvitelma", "a@b.example"),
            Card("v", {"CellularNumber": "1", "OutoKenttä": "x", "_vCard": vcard("X-OMA:y")}),
        ],
    )

    found = {column.column: column for column in connector(tmp_path).coverage()}

    assert (found["EMAIL"].kind, found["CellularNumber"].kind, found["FN"].kind) == ("email", "phone", "name")
    assert found["PopularityIndex"].why == "technical: nothing about the person"
    assert [(found[name].kind, found[name].known) for name in ("OutoKenttä", "X-OMA")] == [(None, False)] * 2
    assert "_vCard" not in found


def test_a_note_in_nfd_or_with_strange_bytes(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 are read as Latin-1 and never hide the card."""
    profile = make_profile(tmp_path)
    write_book(profile / "abook.sqlite", [])
    with closing(sqlite3.connect(profile / "abook.sqlite")) as connection, connection:
        raw = "BEGIN:VCARD\r\nFN:Mäkelä\r\nEND:VCARD\r\n".encode("cp1252")
        connection.execute("INSERT INTO properties VALUES ('u', '_vCard', CAST(? AS TEXT))", (raw,))
        connection.execute("INSERT INTO properties VALUES ('u', 'Notes', ?)", (b"\xff\x00",))
        connection.execute("INSERT INTO properties VALUES ('u', NULL, NULL)")

    (entry,) = entries(tmp_path)

    assert entry.values("name") == ("Mäkelä",)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers())
@example(247)  # SQLite's own message quoted bytes that are no UTF-8
@example(287)  # the same in another place
def test_random_damage_raises_nothing_but_the_hubs_errors(tmp_path: Path, seed: int) -> None:
    """A book with random bytes overwritten, cut or grown is read, searched and erased from, or said to be damaged."""
    dice = random.Random(seed)
    home = tmp_path / f"{seed}-{len(list(tmp_path.iterdir()))}"  # hypothesis may try one seed twice
    cards = [
        modern(f"u{number}", f"Etu{number} Suku", f"e{number}@muu.example", note="x" * dice.randrange(9000))
        for number in range(40)
    ]
    path = write_book(make_profile(home) / "abook.sqlite", cards, {"Lista": ["u1"]})
    data = bytearray(path.read_bytes())
    for _ in range(dice.choice([1, 5, 200])):
        data[dice.randrange(100, len(data))] = dice.randrange(256)
    path.write_bytes(data[: dice.choice([len(data), dice.randrange(len(data))])] + bytes(dice.choice([0, 7, 32768])))
    source = connector(home)
    needles = [Needle("email", "e1@muu.example")]

    found: list[object] = []
    with suppress(HubError):
        found.extend(source.entries())
    with suppress(HubError):
        source.coverage()
    with suppress(HubError):
        source.residue(needles)
    source.check()
    for entry in [item for item in found if isinstance(item, Entry)][:2]:
        with suppress(HubError):
            source.erase(entry.ref, entry.version, needles)
    assert all(item.reason for item in found if isinstance(item, Unreadable))
