"""Putting a card back: value for value, into its lists, with its picture; never over anything, and never by half."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Outcome
from connectors.errors import Conflict, Fault, HubError, Locked, Refused
from connectors.thunderbird import erasing, morkbook, receipts
from connectors.thunderbird.morkbook import CARD
from tests.connectors.thunderbird import mabs
from tests.connectors.thunderbird.dying import killed
from tests.connectors.thunderbird.her import EMAIL, HER, NEEDLES, erase, world
from tests.connectors.thunderbird.profiles import (
    PNG,
    Card,
    add_card,
    connector,
    dump,
    entry_with,
    make_profile,
    modern,
    running,
    write_book,
)

PICTURED = Card(HER.uid, {**HER.properties, "PhotoName": "kuva.png"})


def restore(home: Path, outcome: Outcome) -> Outcome:
    """Restore by a fresh connector."""
    return connector(home).restore(outcome.receipt)


def rows(path: Path) -> dict[str, Counter[tuple[object, ...]]]:
    """Every row of every table, in no order: a database that is rebuilt numbers its rows anew."""
    return {table: Counter(found) for table, found in dump(path).items()}


def files(home: Path) -> set[str]:
    """Every file under a folder."""
    return {str(path.relative_to(home)) for path in home.rglob("*")}


def picture(path: Path) -> Path:
    """Her picture, beside the book."""
    photo = path.parent / "Photos" / "kuva.png"
    photo.parent.mkdir()
    photo.write_bytes(PNG)
    return photo


@pytest.mark.parametrize("journal", ["wal", "delete", "truncate", "persist"])
@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_every_row_is_back(tmp_path: Path, version: int, journal: str) -> None:
    """In every version of the format and kind of journal: rows, list places, entry and ref are what they were."""
    path = world(tmp_path, user_version=version, journal=journal)
    before, entry, names = rows(path), entry_with(tmp_path, EMAIL), files(tmp_path)

    outcome = restore(tmp_path, erase(tmp_path))

    assert outcome == Outcome("restored")
    assert rows(path) == before
    assert entry_with(tmp_path, EMAIL) == entry
    assert connector(tmp_path).get(entry.ref) == entry
    assert files(tmp_path) <= names


def test_every_value_keeps_its_type(tmp_path: Path) -> None:
    """Numbers, bytes, broken text and nothing at all come back as what they were."""
    path = world(tmp_path)
    with closing(sqlite3.connect(path)) as connection, connection:
        odd: list[Any] = [7, 2.5, b"\x00\xff", None, "", "a\x00b"]
        connection.executemany("INSERT INTO properties VALUES ('u-her', 'Outo', ?)", [(value,) for value in odd])
        connection.execute("INSERT INTO properties VALUES ('u-her', 'Rikki', CAST(x'c3ff' AS TEXT))")

    def told() -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(path)) as connection:
            sql = "SELECT typeof(card), card, typeof(name), name, typeof(value), hex(CAST(value AS BLOB)) FROM properties"
            return sorted(connection.execute(f"{sql} WHERE card = 'u-her'").fetchall())

    before = told()
    restore(tmp_path, erase(tmp_path))

    assert told() == before
    assert {row[4] for row in before} == {"integer", "real", "blob", "null", "text"} - {"integer", "real"}


def test_the_picture_is_back(tmp_path: Path) -> None:
    """The picture has its name and its bytes again."""
    photo = picture(world(tmp_path, her=PICTURED))
    outcome = erase(tmp_path)
    assert not photo.exists()
    photo.parent.rmdir()

    assert restore(tmp_path, outcome).notes == ()
    assert photo.read_bytes() == PNG
    assert [item.load() for item in entry_with(tmp_path, EMAIL).attachments] == [PNG]


def test_another_picture_of_that_name_stays(tmp_path: Path) -> None:
    """A picture that has taken the name since is not written over, and the owner is told."""
    photo = picture(world(tmp_path, her=PICTURED))
    outcome = erase(tmp_path)
    photo.write_bytes(b"other")

    (note,) = restore(tmp_path, outcome).notes

    assert "picture" in note
    assert photo.read_bytes() == b"other"
    assert list(photo.parent.iterdir()) == [photo]


@pytest.mark.parametrize("name", ["abook.sqlite", "abook.mab"])
def test_twice_is_a_conflict(tmp_path: Path, name: str) -> None:
    """A card that is there is never written over, nor doubled: no byte changes."""
    path = (world if name.endswith("sqlite") else mork_world)(tmp_path, name)
    outcome = erase(tmp_path)
    restore(tmp_path, outcome)
    before = path.read_bytes()

    with pytest.raises(Conflict):
        restore(tmp_path, outcome)
    assert path.read_bytes() == before


def test_a_card_written_again_is_a_conflict(tmp_path: Path) -> None:
    """What came back by itself, as from a server or another device, stays as it is."""
    path = world(tmp_path)
    outcome = erase(tmp_path)
    with closing(sqlite3.connect(path)) as connection, connection:
        add_card(connection, modern("u-her", "Aino Uusi", "uusi@kuvitelma.example"))
    before = rows(path)

    with pytest.raises(Conflict):
        restore(tmp_path, outcome)
    assert rows(path) == before


@pytest.mark.parametrize("name", ["abook.sqlite", "abook.mab"])
def test_an_open_thunderbird_is_locked(tmp_path: Path, name: str) -> None:
    """While Thunderbird has the profile open nothing is written; afterwards it works."""
    path = (world if name.endswith("sqlite") else mork_world)(tmp_path, name)
    outcome = erase(tmp_path)
    before = path.read_bytes()

    with running(path.parent), pytest.raises(Locked):
        restore(tmp_path, outcome)
    assert path.read_bytes() == before
    assert restore(tmp_path, outcome).result == "restored"


def test_receipts_that_are_not_ours(tmp_path: Path) -> None:
    """Another source's receipt, one of a book that is gone, and one that somebody changed write nothing anywhere."""
    path = world(tmp_path, her=PICTURED)
    picture(path)
    outcome = erase(tmp_path)
    told = json.loads(outcome.receipt)
    bad: list[Any] = [
        {}, [], {**told, "tables": {"sqlite_master": []}}, {**told, "tables": {}}, {**told, "photo": "../prefs.js"},
        {**told, "format": "mork"}, {**told, "uid": "?"}, {**told, "cells": [["YQ==", "YQ=="]]},
        {**told, "tables": {"properties": [[["card", "evil", ""]]]}},
        {**told, "tables": {"properties": [[['card" --', "text", "YQ=="]]]}},
        {**told, "ref": f"00000000-{'0' * 16}"}, {**told, "version": "x"},
    ]  # fmt: skip
    before, names = rows(path), files(tmp_path)

    for photo in ("../prefs.js", "..", "a\\b", "C:x", "a\0"):
        with pytest.raises(Refused):
            receipts.opened(json.dumps({**told, "photo": photo}).encode())
    for one in [*map(json.dumps, bad), "no json"]:
        with pytest.raises(Refused):
            connector(tmp_path).restore(one.encode())
    assert (rows(path), files(tmp_path)) == (before, names)


def test_a_list_that_is_gone(tmp_path: Path) -> None:
    """The card comes back without it, and the owner is told."""
    path = world(tmp_path)
    outcome = erase(tmp_path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM lists WHERE name = 'Hän'")

    (note,) = restore(tmp_path, outcome).notes

    assert "list" in note
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT list FROM list_cards WHERE card = 'u-her'").fetchall() == [("list-1",)]


def test_a_card_of_a_server_must_be_put_there_too(tmp_path: Path) -> None:
    """The book is only a copy of the server's, and the owner is told."""
    name = "ldap_2.servers.Työ"
    prefs = "".join(
        f'user_pref("{name}.{key}", {json.dumps(value)});\n'
        for key, value in {"dirType": 102, "filename": "abook-1.sqlite", "carddav.url": "https://x.example/"}.items()
    )
    profile = make_profile(tmp_path, prefs=prefs)
    write_book(profile / "abook-1.sqlite", [HER])

    assert len(restore(tmp_path, erase(tmp_path)).notes) == 1


@pytest.mark.parametrize("when", ["before _commit", "after lay_aside"])
def test_a_fault_leaves_the_book_without_the_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    """A write that fails is taken back, the picture with it; a second try does it."""
    path = world(tmp_path, her=PICTURED)
    photo = picture(path)
    outcome = erase(tmp_path)
    before = rows(path)

    def failing(*_: object) -> None:
        raise sqlite3.OperationalError

    with monkeypatch.context() as patch:
        patch.setattr(erasing, when.split()[1] if when.startswith("before") else "_commit", failing)
        with pytest.raises(HubError):
            restore(tmp_path, outcome)

    assert rows(path) == before
    assert list(photo.parent.iterdir()) == []
    restore(tmp_path, outcome)
    assert photo.read_bytes() == PNG


@pytest.mark.parametrize(
    ("when", "name", "back"),
    [
        ("before", "_insert", False),
        ("after", "_insert", False),
        ("after", "lay_aside", False),
        ("before", "_commit", False),
        ("after", "_commit", True),
        ("before", "take_up", True),
    ],
)
def test_a_kill_leaves_the_card_there_or_not(tmp_path: Path, when: str, name: str, back: bool) -> None:
    """SIGKILL at any step: the card is whole or not there; a second run ends it, and the picture is never lost."""
    path = world(tmp_path, her=PICTURED)
    photo = picture(path)
    old = rows(path)
    outcome = erase(tmp_path)
    new = rows(path)

    assert killed(erasing, when, name, lambda: connector(tmp_path).restore(outcome.receipt))

    assert rows(path) == (old if back else new)
    if back:
        with pytest.raises(Conflict):
            restore(tmp_path, outcome)
    else:
        restore(tmp_path, outcome)
    assert rows(path) == old
    assert list(photo.parent.iterdir()) == [photo]


def test_a_book_that_lost_the_card_again_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A restore is only one when reading the book again shows the card."""
    world(tmp_path)
    outcome = erase(tmp_path)
    monkeypatch.setattr(erasing, "restore_card", lambda *_: True)

    with pytest.raises(Fault):
        restore(tmp_path, outcome)


# The old format


def mork_world(home: Path, name: str = "abook.mab") -> Path:
    """A profile with an old book: three cards, hers in the middle, in two of three lists."""
    people = [("Eero Keksitty", "eero@keksitty.example"), ("Aino Kuvitelma", EMAIL), ("Liisa Muu", "liisa@muu.example")]
    cards = [mabs.card(who, email, Notes=f"ks. {who}", PhotoName="") for who, email in people]
    cards[1]["PhotoName"] = "kuva.png"
    cards[1]["Omituinen"] = "ä$)\\"
    lists = {"Kaikki": [3, 2, 1], "Muut": [1], "Hän": [2]}
    return mabs.Mab().book(cards, lists).write(make_profile(home) / name)


def plain(path: Path) -> dict[tuple[str, int], dict[str, bytes]]:
    """Every row of an old book, its empty cells left out."""
    told = mabs.main_part(path.read_bytes())
    return {key: {name: value for name, value in row.items() if value} for key, row in told.items()}


def test_an_old_book_is_as_it_was(tmp_path: Path) -> None:
    """Card, place in the book, places in lists, picture: an independent reader sees no difference, and no file is left."""
    path = mork_world(tmp_path)
    photo = picture(path)
    connector(tmp_path).erase(entry_with(tmp_path, "liisa@muu.example").ref, entry_with(tmp_path, "liisa@muu.example").version)
    before, entry, order, names = plain(path), entry_with(tmp_path, EMAIL), list(plain(path)), files(tmp_path)

    outcome = restore(tmp_path, erase(tmp_path))

    assert outcome == Outcome("restored")
    assert plain(path) == before
    assert list(plain(path)) == order
    assert entry_with(tmp_path, EMAIL) == entry
    assert photo.read_bytes() == PNG
    assert files(tmp_path) == names


def test_an_old_book_that_changed_since(tmp_path: Path) -> None:
    """What was added meanwhile stays, the card finds a place, and a list that is gone is told."""
    path = mork_world(tmp_path)
    outcome = erase(tmp_path)
    rows = morkbook.from_bytes(path.read_bytes()).rows
    path.write_bytes(morkbook.to_bytes([row for row in rows if row.value(b"ListName") != "Hän".encode()][::-1]))

    (note,) = restore(tmp_path, outcome).notes

    assert "list" in note
    told = plain(path)
    assert len([key for key in told if key[0] == "card"]) == 3
    assert [value for name, value in told["list", 1].items() if name.startswith("Address")] == [b"3", b"2", b"1"]


def test_an_old_book_that_is_not_whole_is_left(tmp_path: Path) -> None:
    """A book that may hold what nobody can read is not written anew, and the picture does not come without the card."""
    path = mork_world(tmp_path)
    photo = picture(path)
    outcome = erase(tmp_path)
    before = path.read_bytes()
    before = before[: before.rindex(b"(^")]
    path.write_bytes(before)

    with pytest.raises(HubError):
        restore(tmp_path, outcome)
    assert path.read_bytes() == before
    assert list(photo.parent.iterdir()) == []


def test_places_in_lists() -> None:
    """A card goes back between the same neighbours, also where a list named it twice or names somebody who is in no card."""
    cards = [morkbook.Row(CARD, number, ((b"DisplayName", b"x"),)) for number in (1, 2, 3)]
    members = tuple((b"Address%d" % place, b"%X" % one) for place, one in enumerate((9, 2, 1, 2, 3), start=1))
    group = morkbook.Row(morkbook.LIST, 7, ((morkbook.TOTAL, b"5"), *members))
    rows = (*cards, group)

    back = morkbook.with_card(morkbook.without(rows, 2), cards[1], 1, morkbook.places_of(rows, 2))

    assert back == morkbook.without(rows)
    assert [value for name, value in back[3].cells if name != morkbook.TOTAL] == [b"2", b"1", b"2", b"3"]


def test_a_receipt_holds_no_value_in_its_repr(tmp_path: Path) -> None:
    """What is needed to put a card back is never shown by accident."""
    world(tmp_path)
    outcome = erase(tmp_path)

    assert all(needle.value not in repr(outcome) for needle in NEEDLES)
