"""One card goes, with its list places, its picture and every old byte of it; whatever happens, nothing is half done."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Needle
from connectors.entry import Ref, Unreadable, Version
from connectors.errors import Conflict, Damaged, Fault, HubError, Locked, Refused
from connectors.phrase import Phrase
from connectors.thunderbird import erasing, reading
from connectors.thunderbird.books import find_books
from connectors.thunderbird.profiles import find_profiles
from tests.connectors.thunderbird.profiles import (
    PNG,
    Card,
    connector,
    dump,
    entries,
    entry_with,
    flat,
    make_profile,
    modern,
    raw,
    reader,
    running,
    write_book,
)

EMAIL = "aino@kuvitelma.example"
NOTE = "harvinainensana ja " + "pitkä " * 40
HER = modern("u-her", "Aino Kuvitelma", EMAIL, phone="0441234567", note=NOTE, company="Kuva Oy")
NAMESAKE = modern("u-nsk", "Aino Kuvitelma", "aino.k@toinen.example", phone="0401234567")
CROWD = [modern(f"u-{number}", f"Etu{number} Suku{number}", f"e{number}@muu.example", note="x" * 300) for number in range(60)]
NEEDLES = (Needle("email", EMAIL), Needle("phone", "+358441234567"), Needle("text", "harvinainensana"))
TRACES = (EMAIL.encode(), b"0441234567", b"harvinainensana", b"u-her")


def world(home: Path, name: str = "abook.sqlite", her: Card = HER, **options: Any) -> Path:
    """A profile with one book: her, a namesake, many others, two lists; returns the book."""
    cards = [*CROWD[:30], her, NAMESAKE, *CROWD[30:]]
    lists = {"Kaikki": [card.uid for card in reversed(cards)], "Hän": [her.uid]}
    return write_book(make_profile(home) / name, cards, lists, **options)


def erase(home: Path, email: str = EMAIL) -> Any:
    """Find her by e-mail and erase her."""
    entry = entry_with(home, email)
    return connector(home).erase(entry.ref, entry.version, NEEDLES)


def traces(path: Path) -> list[bytes]:
    """What is left of her in the bytes of a book and its side files, folded or not."""
    data = raw(path).replace(b"\r\n ", b"")
    return [trace for trace in TRACES if trace in data]


@pytest.mark.parametrize("journal", ["wal", "delete", "truncate", "persist"])
@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_nothing_of_her_is_left_and_nothing_else_changes(tmp_path: Path, version: int, journal: str) -> None:
    """Every other row of every table stays, in order; version and journal mode stay; no byte of hers does."""
    her = HER if version == 4 else flat("u-her", "Aino Kuvitelma", EMAIL, CellularNumber="0441234567", Notes=NOTE)
    path = world(tmp_path, her=her, user_version=version, journal=journal)
    before = dump(path, without="u-her")
    assert traces(path) == list(TRACES)

    outcome = erase(tmp_path)

    assert (outcome.result, outcome.notes) == ("erased", ())
    assert dump(path) == before
    assert traces(path) == []
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (version,)
        assert connection.execute("PRAGMA page_size").fetchone() == (32768,)
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == ("wal" if journal == "wal" else "delete")
    assert connector(tmp_path).residue(NEEDLES) == []


def test_dead_bytes_from_before_go_too(tmp_path: Path) -> None:
    """What another program deleted without clearing it, in this book or in another one, goes with the card."""
    path = world(tmp_path)
    other = write_book(path.with_name("history.sqlite"), [HER, *CROWD])
    with closing(sqlite3.connect(other)) as connection, connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("DELETE FROM properties WHERE card = 'u-her'")
    assert EMAIL.encode() in raw(other)

    erase(tmp_path)

    assert traces(other) == traces(path) == []


def test_a_second_run_changes_no_byte(tmp_path: Path) -> None:
    """Erased again, the card is already absent, and the files are the same to the byte."""
    path = world(tmp_path)
    entry = entry_with(tmp_path, EMAIL)
    connector(tmp_path).erase(entry.ref, entry.version, NEEDLES)
    before = {file: file.read_bytes() for file in path.parent.rglob("*") if file.is_file()}

    assert connector(tmp_path).erase(entry.ref, entry.version, NEEDLES).result == "already_absent"
    assert {file: file.read_bytes() for file in path.parent.rglob("*") if file.is_file()} == before


def test_freed_pages_are_cleared_even_without_a_rebuild(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With SQLite's own default (secure_delete off) the deleted bytes are cleared in the transaction already."""
    path = write_book(make_profile(tmp_path) / "abook.sqlite", [HER, NAMESAKE], journal="delete")
    plain = sqlite3.connect

    def careless(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = plain(*arguments, **options)
        connection.execute("PRAGMA secure_delete = OFF")
        return connection

    monkeypatch.setattr(sqlite3, "connect", careless)
    monkeypatch.setattr(erasing, "clear", lambda *_: None)

    erase(tmp_path)

    assert traces(path) == []


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_another_programs_reader_keeps_everything_as_it_is(tmp_path: Path, journal: str) -> None:
    """While anybody else has the book open nothing is written, not even the deletion; afterwards it works."""
    path = world(tmp_path, journal=journal)
    with reader(path):
        before = path.read_bytes()
        with pytest.raises(Locked, match="Close Thunderbird"):
            erase(tmp_path)
        assert path.read_bytes() == before
    assert len(entries(tmp_path)) == 62

    assert erase(tmp_path).result == "erased"
    assert traces(path) == []


def test_thunderbirds_lock_is_obeyed_and_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A held lock stops the erase, a lock file that nobody holds does not; while it works the lock is ours."""
    path = world(tmp_path)
    with running(path.parent):
        before = raw(path)
        with pytest.raises(Locked, match="Thunderbird is open"):
            erase(tmp_path)
        assert raw(path) == before

    tried: list[str] = []
    original = erasing.clear

    def look(*arguments: Any) -> None:
        try:
            with running(path.parent):
                tried.append("free")
        except AssertionError:
            tried.append("held")
        original(*arguments)

    monkeypatch.setattr("tests.connectors.thunderbird.profiles._HOLD", NON_BLOCKING)
    monkeypatch.setattr(erasing, "clear", look)
    assert erase(tmp_path).result == "erased"
    assert tried == ["held"]
    assert (path.parent / ".parentlock").exists()


NON_BLOCKING = """
import fcntl, os, sys
try:
    fcntl.lockf(os.open(sys.argv[1], os.O_RDWR), fcntl.LOCK_EX | fcntl.LOCK_NB)
    print("held", flush=True)
except OSError:
    print("busy", flush=True)
sys.stdin.read()
"""

KILLED = """
import os, signal, sys
from pathlib import Path
from connectors.contract import Needle
from connectors.thunderbird import erasing
from tests.connectors.thunderbird.profiles import connector, entry_with

when, name, home = sys.argv[1], sys.argv[2], Path(sys.argv[3])
original = getattr(erasing, name)

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def dying(*arguments):
    if when.startswith("in "):
        arguments[0].set_progress_handler(die, int(when[3:]))
    if when != "before":
        original(*arguments)
    die()

setattr(erasing, name, dying)
entry = entry_with(home, "aino@kuvitelma.example")
connector(home).erase(entry.ref, entry.version, [Needle("email", "aino@kuvitelma.example")])
"""


@pytest.mark.parametrize("journal", ["wal", "delete"])
@pytest.mark.parametrize(
    ("when", "name", "gone"),
    [
        ("before", "_delete_rows", False),
        ("after", "_delete_rows", False),
        ("in 5", "_delete_rows", False),
        ("after", "set_aside", False),
        ("before", "_commit", False),
        ("after", "_commit", True),
        ("before", "clear", True),
        ("in 300", "clear", True),
        ("in 3000", "clear", True),
        ("before", "checkpoint", True),
        ("after", "checkpoint", True),
        ("before", "remove_aside", True),
    ],
)
def test_a_kill_leaves_old_or_new_and_a_second_run_ends_it(
    tmp_path: Path, journal: str, when: str, name: str, gone: bool
) -> None:
    """SIGKILL at any step: real SQLite and the connector see the old book or the new one; another run finishes."""
    her = Card(HER.uid, {**HER.properties, "PhotoName": "kuva.png"})
    path = world(tmp_path, her=her, journal=journal)
    photo = path.parent / "Photos" / "kuva.png"
    photo.parent.mkdir()
    photo.write_bytes(PNG)
    entry = entry_with(tmp_path, EMAIL)
    old, new = dump(path), dump(path, without="u-her")

    done = subprocess.run([sys.executable, "-c", KILLED, when, name, str(tmp_path)], cwd=Path.cwd(), timeout=60, check=False)

    assert done.returncode == -signal.SIGKILL
    found = [item.ref for item in entries(tmp_path) if EMAIL in item.values("email")]
    assert found == ([] if gone else [entry.ref])
    again = connector(tmp_path).erase(entry.ref, entry.version, NEEDLES)
    assert again.result == ("already_absent" if gone else "erased")
    assert dump(path) == new != old
    assert traces(path) == []
    assert list(photo.parent.iterdir()) == []
    assert connector(tmp_path).residue(NEEDLES) == []


def test_a_kill_never_costs_a_stranger_the_picture(tmp_path: Path) -> None:
    """A picture set aside for a card that is still there gets its name back when another card is erased."""
    path = world(tmp_path, her=Card(HER.uid, {**HER.properties, "PhotoName": "kuva.png"}))
    photo = path.parent / "Photos" / "kuva.png"
    photo.parent.mkdir()
    photo.with_name(".hub-photo-kuva.png").write_bytes(PNG)

    erase(tmp_path, "e1@muu.example")

    assert photo.read_bytes() == PNG
    assert [item.name for item in entry_with(tmp_path, EMAIL).attachments] == ["photo.png"]


def test_a_picture_that_another_card_shows_stays(tmp_path: Path) -> None:
    """Only when the last card of any book that shows it goes, the picture goes."""
    path = world(tmp_path, her=Card(HER.uid, {**HER.properties, "PhotoName": "kuva.png"}))
    write_book(
        path.with_name("abook.v3.sqlite"), [flat("u-her", "Aino Kuvitelma", "vanha@kuvitelma.example", PhotoName="kuva.png")]
    )
    photo = path.parent / "Photos" / "kuva.png"
    photo.parent.mkdir()
    photo.write_bytes(PNG)

    erase(tmp_path)
    assert photo.exists()
    erase(tmp_path, "vanha@kuvitelma.example")
    assert not photo.exists()


@pytest.mark.parametrize("name", ["../prefs.js", "..", "/etc/hostname", "a/../../prefs.js", "C:\\x", "..\\prefs.js"])
def test_a_picture_name_never_leads_elsewhere(tmp_path: Path, name: str) -> None:
    """A picture's name that is a path is neither read nor removed."""
    path = world(tmp_path, her=Card(HER.uid, {**HER.properties, "PhotoName": name}))
    (path.parent / "Photos").mkdir()

    assert entry_with(tmp_path, EMAIL).attachments == ()
    assert erase(tmp_path).result == "erased"
    assert (path.parent / "prefs.js").exists()


def test_a_damaged_neighbour_keeps_the_picture(tmp_path: Path) -> None:
    """When a book cannot be read nobody knows whether it shows the picture: it stays, and that is said."""
    path = world(tmp_path, her=Card(HER.uid, {**HER.properties, "PhotoName": "kuva.png"}))
    photo = path.parent / "Photos" / "kuva.png"
    photo.parent.mkdir()
    photo.write_bytes(PNG)
    entry = entry_with(tmp_path, EMAIL)
    path.with_name("history.sqlite").write_bytes(b"rubbish")

    outcome = connector(tmp_path).erase(entry.ref, entry.version, NEEDLES)

    assert (outcome.result, photo.exists()) == ("erased", True)
    assert any("picture stays" in note for note in outcome.notes)


def test_a_copy_of_a_servers_book_says_so(tmp_path: Path) -> None:
    """A local delete is not sent to the server: the owner is told to remove the card there."""
    path = world(tmp_path, "abook-1.sqlite")
    prefs = 'user_pref("ldap_2.servers.D.filename", "abook-1.sqlite");\nuser_pref("ldap_2.servers.D.dirType", 102);\n'
    (path.parent / "prefs.js").write_text(prefs)

    (note,) = erase(tmp_path).notes

    assert "server that still keeps this card" in note


@pytest.mark.parametrize("uid", ["''", "NULL", "'Ä %_\"'';--'", "x'ff00fe'", "CAST(x'c328' AS TEXT)", "17"])
def test_strange_uids(tmp_path: Path, uid: str) -> None:
    """Any text, bytes that are no text, or nothing at all as uid: exactly that card goes."""
    path = world(tmp_path)
    before = dump(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"INSERT INTO properties VALUES ({uid}, 'PrimaryEmail', 'outo@uid.example')")
        connection.execute(f"INSERT INTO list_cards VALUES ('list-1', {uid})")

    assert erase(tmp_path, "outo@uid.example").result == "erased"
    assert dump(path) == before


def test_a_ref_of_a_book_that_is_damaged_now(tmp_path: Path) -> None:
    """What cannot be read is not absent."""
    path = world(tmp_path)
    entry = entry_with(tmp_path, EMAIL)
    path.write_bytes(path.read_bytes()[:40000])

    for act in (lambda: connector(tmp_path).erase(entry.ref, entry.version), lambda: connector(tmp_path).get(entry.ref)):
        with pytest.raises(Damaged):
            act()


def test_a_busy_journal_is_never_called_success(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When old bytes cannot be cleared after the deletion, that is what the error says; the next run clears them."""
    path = world(tmp_path)
    entry = entry_with(tmp_path, EMAIL)

    def busy(*_: object) -> None:
        raise Locked(Phrase("busy"))

    monkeypatch.setattr(erasing, "checkpoint", busy)
    with pytest.raises(Fault, match="old bytes could not be cleared"):
        connector(tmp_path).erase(entry.ref, entry.version, NEEDLES)
    monkeypatch.undo()

    assert connector(tmp_path).erase(entry.ref, entry.version, NEEDLES).result == "already_absent"
    assert traces(path) == []


def test_a_change_in_the_last_moment_is_a_conflict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The version is looked at again inside the transaction that deletes."""
    path = world(tmp_path)
    original = erasing.delete_card

    def late(*arguments: Any) -> None:
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE properties SET value = '4' WHERE card = 'u-her' AND name = 'PopularityIndex'")
        original(*arguments)

    monkeypatch.setattr(erasing, "delete_card", late)
    with pytest.raises(Conflict):
        erase(tmp_path)

    assert entry_with(tmp_path, EMAIL).values("email") == (EMAIL,)


def test_a_rebuild_writes_no_copy_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """VACUUM keeps its copy of the book in memory: a kill would leave it in the folder for temporary files."""
    world(tmp_path)
    original, seen = erasing.clear, []

    def look(connection: sqlite3.Connection, *rest: Any) -> None:
        seen.append(connection.execute("PRAGMA temp_store").fetchone()[0])
        original(connection, *rest)

    monkeypatch.setattr(erasing, "clear", look)
    erase(tmp_path)

    assert seen == [2]


def test_the_checkpoints_answer_is_looked_at(tmp_path: Path) -> None:
    """A checkpoint that another reader keeps from ending is an error, not a success."""
    path = world(tmp_path)
    (profile,), _ = find_profiles("auto", tmp_path)
    (book,), _ = find_books(profile, alone=True)
    with closing(sqlite3.connect(path, timeout=0)) as connection, reader(path):
        connection.execute("INSERT INTO properties VALUES ('u-new', 'DisplayName', 'x')")
        connection.commit()
        with pytest.raises(Locked, match="journal"):
            erasing.checkpoint(connection, book)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (sqlite3.SQLITE_BUSY, Locked),
        (sqlite3.SQLITE_LOCKED, Locked),
        (sqlite3.SQLITE_FULL, Refused),
        (sqlite3.SQLITE_READONLY, Refused),
        (sqlite3.SQLITE_CORRUPT, Damaged),
        (sqlite3.SQLITE_NOTADB, Damaged),
    ],
)
def test_what_sqlite_says_in_the_hubs_words(tmp_path: Path, code: int, expected: type[HubError]) -> None:
    """Each kind of trouble gets its own error, and SQLite's own text is dropped: it may quote content."""
    world(tmp_path)
    (profile,), _ = find_profiles("auto", tmp_path)
    (book,), _ = find_books(profile, alone=True)
    error = sqlite3.OperationalError(f"near {EMAIL}")
    error.sqlite_errorcode = code

    told = reading.translate(error, book)

    assert type(told) is expected
    assert EMAIL not in f"{told}{told!r}"


def test_a_ref_of_nothing(tmp_path: Path) -> None:
    """A ref whose book or card never was is absent, and nothing is written."""
    path = world(tmp_path)
    before = raw(path)
    book = entries(tmp_path)[0].ref[:8]

    for ref in ("", "x", "00000000-0000000000000000", f"{book}-0000000000000000"):
        assert connector(tmp_path).erase(Ref(ref), Version("")).result == "already_absent"
    assert raw(path) == before


def test_a_broken_card_is_the_only_one_unreadable(tmp_path: Path) -> None:
    """A vCard that is none, with nothing beside it, is counted; everybody else is listed."""
    path = world(tmp_path, her=Card("u-her", {"_vCard": "rikki"}))

    items = list(connector(tmp_path).entries())

    assert [str(item.locator) for item in items if isinstance(item, Unreadable)] == [
        "address book Personal Address Book (abook.sqlite), card 31 in the file's order"
    ]
    assert len(items) == 63
    assert path.exists()
