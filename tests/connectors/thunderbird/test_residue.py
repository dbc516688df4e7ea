"""Wherever a value of the person still stands in a profile, the owner is told where and what to do."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from connectors.contract import Needle, Residue
from connectors.thunderbird import residue, traces
from tests.connectors.thunderbird.profiles import (
    PNG,
    Card,
    connector,
    entries,
    make_profile,
    modern,
    running,
    vcard,
    write_book,
)

HER = (Needle("name", "Aino Kuvitelma"), Needle("email", "aino@kuvitelma.example"), Needle("phone", "+358441234567"))
OTHER = modern("u-1", "Eero Keksitty", "eero@keksitty.example")


def left(home: Path) -> list[Residue]:
    """What is left of her, with a look that no place tells a value."""
    found = list(connector(home).residue(HER))
    told = "".join(f"{item.where}{item.why}{item!r}" for item in found).casefold()
    assert not [value for value in ("aino", "kuvitelma", "441234567") if value in told]
    return found


def test_a_clean_profile_is_clean(tmp_path: Path) -> None:
    """An empty answer is a promise: nothing found, nothing left unlooked at."""
    write_book(make_profile(tmp_path) / "abook.sqlite", [OTHER], {"Lista": ["u-1"]})

    assert left(tmp_path) == []


@pytest.mark.parametrize("column", ["name", "nickName", "description"])
def test_a_lists_texts_are_told(tmp_path: Path, column: str) -> None:
    """A list called after her is reported and not cut."""
    path = write_book(make_profile(tmp_path) / "abook.sqlite", [OTHER], {"Lista": ["u-1"]})
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"UPDATE lists SET {column} = 'Kuvitelma, Aino'")

    (place,) = left(tmp_path)

    assert (place.found, "1 names or descriptions of lists" in place.where) == (True, True)


@pytest.mark.parametrize(
    "note",
    [
        "soita Aino Kuvitelmalle tai Aino Kuvitelma",
        "puh. 044-123 4567",
        "x" * 60 + " Aino Kuvitelma",
        "x" * 69 + " aino@kuvitelma.example",
    ],
)
def test_another_cards_note_is_told(tmp_path: Path, note: str) -> None:
    """Her name, phone or e-mail in somebody else's note is reported, also when a fold cuts it in two."""
    write_book(make_profile(tmp_path) / "abook.sqlite", [modern("u-1", "Eero Keksitty", "eero@keksitty.example", note=note)])

    (place,) = left(tmp_path)
    (entry,) = entries(tmp_path)

    assert (place.found, place.ref) == (True, entry.ref)
    assert str(place.where).endswith(f", {entry.locator}")


def test_very_many_cards_are_counted(tmp_path: Path) -> None:
    """Twenty of a book are named, each by its own place; how many more there are is said."""
    cards = [
        modern(f"u-{number}", f"Eero {number}", f"e{number}@keksitty.example", note="Aino Kuvitelma") for number in range(23)
    ]
    write_book(make_profile(tmp_path) / "abook.sqlite", cards)

    found = left(tmp_path)

    assert len({str(place.where) for place in found}) == 21
    assert [bool(place.ref) for place in found] == [True] * 20 + [False]
    assert "3 more cards" in str(found[-1].where)


def test_a_card_that_only_has_the_parts_of_a_name(tmp_path: Path) -> None:
    """`N:Kuvitelma;Aino` is her name although the words never stand side by side."""
    write_book(make_profile(tmp_path) / "abook.sqlite", [Card("u", {"_vCard": vcard("N:Kuvitelma;Aino;;;")})])

    assert [place.found for place in left(tmp_path)] == [True]


def test_dead_bytes_are_told_and_the_next_erase_clears_them(tmp_path: Path) -> None:
    """A card deleted by a careless program still stands in freed bytes; an erase of the absent card cleans the book."""
    path = write_book(make_profile(tmp_path) / "abook.sqlite", [modern("u-9", "Aino Kuvitelma", "aino@kuvitelma.example"), OTHER])
    (entry,) = [entry for entry in entries(tmp_path) if "Aino Kuvitelma" in entry.values("name")]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("DELETE FROM properties WHERE card = 'u-9'")

    (place,) = left(tmp_path)
    assert (place.found, "run the command again" in place.why) == (True, True)

    assert connector(tmp_path).erase(entry.ref, entry.version, HER).result == "already_absent"
    assert left(tmp_path) == []


def test_dead_bytes_that_cannot_be_cleared_now(tmp_path: Path) -> None:
    """While another profile's Thunderbird is open its book cannot be rebuilt: the outcome says so."""
    write_book(make_profile(tmp_path, "a.one") / "abook.sqlite", [modern("u-9", "Aino Kuvitelma", "aino@kuvitelma.example")])
    other = write_book(make_profile(tmp_path, "b.two") / "abook.sqlite", [modern("u-8", "Aino Kuvitelma", "x@y.example"), OTHER])
    with closing(sqlite3.connect(other)) as connection, connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("DELETE FROM properties WHERE card = 'u-8'")
    (entry,) = [entry for entry in entries(tmp_path) if "Aino Kuvitelma" in entry.values("name")]

    with running(other.parent):
        outcome = connector(tmp_path).erase(entry.ref, entry.version, HER)

    assert (outcome.result, "could not be cleared" in outcome.notes[0]) == ("erased", True)
    assert [place.found for place in left(tmp_path)] == [True]


def test_dead_bytes_in_the_journal(tmp_path: Path) -> None:
    """A deletion that was never checkpointed leaves her in journal and main file."""
    profile = make_profile(tmp_path)
    path = write_book(tmp_path / "live.sqlite", [OTHER])
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("INSERT INTO properties VALUES ('u-9', 'PrimaryEmail', 'aino@kuvitelma.example')")
        connection.execute("DELETE FROM properties WHERE card = 'u-9'")
        for suffix in ("", "-wal"):
            shutil.copy(f"{path}{suffix}", f"{profile}/abook.sqlite{suffix}")

    assert [place.found for place in left(tmp_path)] == [True]


def test_books_that_cannot_be_read_are_searched_by_bytes(tmp_path: Path) -> None:
    """Damaged books, old format or new, are searched as bytes; one that holds nothing is named as not inspected."""
    profile = make_profile(tmp_path)
    write_book(profile / "abook.sqlite", [OTHER])
    (profile / "abook.mab").write_bytes(b'// <!-- <mdb:mork:z v="1.4"/> -->\n<(80=ns:addrbk)(90=aino@kuvitelma.example)>')
    (profile / "history.mab").write_bytes(b'// <!-- <mdb:mork:z v="1.4"/> -->\n<(80=ns:addrbk)>')
    (profile / "abook.sqlite.corrupt").write_bytes(b"rikki 044 123 4567")
    (profile / "history.sqlite").write_bytes(b"rikki")

    found = {str(place.where): place.found for place in left(tmp_path)}

    assert found == {
        "address book Personal Address Book (abook.mab)": True,
        "address book Personal Address Book (abook.sqlite.corrupt)": True,
        "address book Collected Addresses (history.mab)": False,
        "address book Collected Addresses (history.sqlite)": False,
    }


def test_thunderbirds_other_files(tmp_path: Path) -> None:
    """The mail index, a calendar, settings and a chat log are named with what to do; folders of mail only as not searched."""
    profile = make_profile(tmp_path, prefs='user_pref("mail.identity.id1.reply_to", "aino@kuvitelma.example");\n')
    write_book(profile / "abook.sqlite", [OTHER])
    with closing(sqlite3.connect(profile / "global-messages-db.sqlite")) as connection, connection:
        connection.execute("CREATE TABLE contacts (name)")
        connection.execute("INSERT INTO contacts VALUES ('Aino Kuvitelma')")
    for name in ("calendar-data/local.sqlite", "logs/xmpp/aino@kuvitelma.example/1.json", "ImapMail/posti.example/INBOX"):
        (profile / name).parent.mkdir(parents=True)
        (profile / name).write_text("Aino Kuvitelma")
    (profile / "Mail" / "Local Folders").mkdir(parents=True)
    (profile / "Mail" / "Local Folders" / "Trash").touch()
    (profile / "vienti.zip").write_bytes(b"PK")

    found = {str(place.where).split(",")[0]: (place.found, str(place.why)) for place in left(tmp_path)}

    assert {where: hit for where, (hit, _) in found.items()} == {
        "global-messages-db.sqlite": True,
        "prefs.js": True,
        "vienti.zip": False,
        "calendar-data/": True,
        "logs/": True,
        "mail folders (ImapMail)": False,
    }
    assert "delete this file" in found["global-messages-db.sqlite"][1]
    assert "calendar" in found["calendar-data/"][1]


def test_pictures_by_name_and_pictures_of_nobody(tmp_path: Path) -> None:
    """A file name that is her name is found; pictures that no card shows are named as not inspected."""
    profile = make_profile(tmp_path)
    write_book(profile / "abook.sqlite", [Card("u-1", {**OTHER.properties, "PhotoName": "a.png"})])
    (profile / "Photos").mkdir()
    (profile / "Photos" / "a.png").write_bytes(PNG)
    assert left(tmp_path) == []
    (profile / "Photos" / "Aino Kuvitelma.png").write_bytes(PNG)

    assert [(place.found, str(place.where).split(" in ")[0]) for place in left(tmp_path)] == [
        (True, "1 file names"),
        (False, "1 pictures"),
    ]


def test_a_book_named_after_the_person_is_told_by_its_file(tmp_path: Path) -> None:
    """The title of a book may be her name: the place is then told without it."""
    prefs = 'user_pref("ldap_2.servers.A.filename", "abook-1.sqlite");\nuser_pref("ldap_2.servers.A.description", "Aino Kuvitelma");\n'
    write_book(make_profile(tmp_path, prefs=prefs) / "abook-1.sqlite", [modern("u", "X", "aino@kuvitelma.example")])

    assert len(left(tmp_path)) == 2


def test_a_value_across_two_blocks_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A big file is searched in pieces that overlap."""
    monkeypatch.setattr(traces, "BLOCK", 1000)
    monkeypatch.setattr(traces, "OVERLAP", 100)
    finder = traces.Finder(HER)
    for offset in range(960, 1001, 4):
        (tmp_path / "x").write_bytes(b" " * offset + b"aino@kuvitelma.example" + b" " * 900)
        assert finder.in_file(tmp_path / "x")
    assert not finder.in_file(tmp_path / "none")


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("DisplayName", "Kuvitelma Aino", "name"),
        ("PrimaryEmail", "AINO@kuvitelma.example", "email"),
        ("CellularNumber", "044 123 4567", "phone"),
    ],
)
def test_values_glued_to_one_another_are_found(tmp_path: Path, name: str, value: str, kind: str) -> None:
    """A database sets a property's name, its value and the next row's beginning side by side: each value is still found."""
    for size in range(1, 130, 4):
        path = tmp_path / f"{size}.sqlite"
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("CREATE TABLE properties (card TEXT, name TEXT, value TEXT)")
            connection.execute("INSERT INTO properties VALUES (?, 'Notes', '')", ("u" * size,))
            connection.execute("INSERT INTO properties VALUES ('u', ?, ?)", (name, value))

        assert {needle.kind for needle, _ in traces.Finder(HER).in_file(path)} == {kind}, size


@pytest.mark.parametrize("database", [False, True])
@pytest.mark.parametrize(
    "spelled",
    [
        "Päivi Äkänen",
        "ÄKÄNEN, PÄIVI",
        "Pa\u0308ivi A\u0308ka\u0308nen",
        "P=C3=A4ivi =C3=84k=C3=A4n=\r\nen",
        "P%C3%A4ivi%20%C3%84k%C3%A4nen",
        "P&#228;ivi &#xC4;k&auml;nen",
        "P\\u00e4ivi \\u00c4k\\u00e4nen",
        "P$C3$A4ivi $C3$84k$C3\\\n$A4nen",
        "Päi\r\n vi Äkän\r\n en",
        "PAIVI.AKANEN@KUVITELMA.EXAMPLE",
        "paivi.aka=\r\nnen=40kuvitelma.example",
        "paivi.akanen%40kuvitelma.example",
        "+358 (0)44 123-4567",
        "044\u00a0123\u00a04567",
        "044\u2011123\u20114567",
        "Öö Å",
    ],
)
def test_every_spelling_passes_the_cheap_look(tmp_path: Path, spelled: str, database: bool) -> None:
    """The quick test that spares a big file the whole search lets every usual spelling through."""
    her = Needle("phone", "+358441234567") if spelled[-1] == "7" else Needle("name", "Päivi Äkänen")
    her = Needle("email", "paivi.akanen@kuvitelma.example") if "." in spelled else her
    her = Needle("name", "Öö Å") if spelled == "Öö Å" else her
    path = tmp_path / "x"
    path.write_bytes((b"SQLite format 3\0" if database else b"") + b"x" * 5000 + f"; {spelled} ;".encode() + b"y" * 5000)

    assert traces.Finder([her]).in_file(path)
    assert not traces.Finder([Needle("name", "Vieras Tuntematon"), Needle("phone", "+358501234599")]).in_file(path)


def test_utf_16_passes_the_cheap_look(tmp_path: Path) -> None:
    """A file of Windows' own encoding is always searched."""
    (tmp_path / "x").write_bytes("aino@kuvitelma.example".encode("utf-16"))

    assert traces.Finder(HER).in_file(tmp_path / "x")


def test_an_encoded_value_in_a_database_is_found(tmp_path: Path) -> None:
    """A vCard of an old phone, kept in a book, writes letters as quoted-printable."""
    with closing(sqlite3.connect(tmp_path / "x.sqlite")) as connection, connection:
        connection.execute("CREATE TABLE properties (value TEXT)")
        connection.execute("INSERT INTO properties VALUES ('FN;ENCODING=QUOTED-PRINTABLE:P=C3=A4ivi Keksitty\r\n')")

    assert traces.Finder([Needle("name", "Päivi Keksitty")]).in_file(tmp_path / "x.sqlite")


def test_a_longer_name_in_a_database_is_somebody_else(tmp_path: Path) -> None:
    """The search without edges keeps to whole names."""
    with closing(sqlite3.connect(tmp_path / "x.sqlite")) as connection, connection:
        connection.execute("CREATE TABLE contacts (name TEXT)")
        connection.executemany("INSERT INTO contacts VALUES (?)", [("Aino Kuvitelma-Toinen",), ("Aino Kuvitelmainen-Pitkä",)])

    assert not traces.Finder(HER).in_file(tmp_path / "x.sqlite")


def test_a_file_too_big_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What would take minutes is not searched in silence."""
    write_book(make_profile(tmp_path) / "abook.sqlite", [OTHER])
    (tmp_path / ".thunderbird" / "abcd1234.default" / "global-messages-db.sqlite").write_bytes(b"x" * 2000)
    monkeypatch.setattr(residue, "TOO_BIG", 1000)

    assert [(place.found, str(place.why)) for place in left(tmp_path)] == [(False, "too big to be searched")]
