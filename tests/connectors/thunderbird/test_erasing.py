"""One card goes, with its list places, its picture and every old byte of it; whatever happens, nothing is half done."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from connectors.entry import Ref, Unreadable, Version
from connectors.errors import Conflict, Damaged, Fault, HubError, Locked, Refused, Unreachable
from connectors.phrase import Phrase
from connectors.thunderbird import erasing, reading
from connectors.thunderbird.books import find_books
from connectors.thunderbird.profiles import find_profiles
from tests.connectors.thunderbird.her import CROWD, EMAIL, HER, NAMESAKE, NEEDLES, NOTE, TRACES, erase, traces, world
from tests.connectors.thunderbird.profiles import (
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


def test_a_value_in_somebody_elses_note_is_no_reason_to_write(tmp_path: Path) -> None:
    """A book that was rebuilt once is not rebuilt again because of a living mention, and the mention stays."""
    path = write_book(
        make_profile(tmp_path) / "abook.sqlite", [HER, modern("u-2", "Eero Keksitty", "e@k.example", note=f"ks. {EMAIL}")]
    )
    entry = entry_with(tmp_path, EMAIL)
    connector(tmp_path).erase(entry.ref, entry.version, NEEDLES)
    before = raw(path)

    connector(tmp_path).erase(entry.ref, entry.version, NEEDLES)

    assert raw(path) == before
    assert [place.found for place in connector(tmp_path).residue(NEEDLES)] == [True]


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


def test_a_conflict_does_not_even_open_the_book(tmp_path: Path) -> None:
    """A stale version is seen on the copy: a journal that Thunderbird left stays as it is, to the byte."""
    live = write_book(tmp_path / "live.sqlite", [HER, NAMESAKE])
    profile = make_profile(tmp_path)
    with closing(sqlite3.connect(live)) as connection:
        connection.execute("UPDATE properties SET value = '4' WHERE card = 'u-her' AND name = 'PopularityIndex'")
        connection.commit()
        for suffix in ("", "-wal"):
            shutil.copy(f"{live}{suffix}", f"{profile}/abook.sqlite{suffix}")
    before = {file.name: file.read_bytes() for file in profile.iterdir()}

    with pytest.raises(Conflict):
        connector(tmp_path).erase(entry_with(tmp_path, EMAIL).ref, Version("old"), NEEDLES)

    assert before["abook.sqlite-wal"]
    assert {file.name: file.read_bytes() for file in profile.iterdir()} == before


def test_an_erase_that_did_nothing_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Success is only said after the book was read again."""
    world(tmp_path)
    monkeypatch.setattr(erasing, "delete_card", lambda *_: None)

    with pytest.raises(Fault, match="still holds"):
        erase(tmp_path)


def test_a_card_of_a_profile_that_is_missing_is_not_absent(tmp_path: Path) -> None:
    """When the profile's disk is not connected nobody knows whether the card is still there."""
    world(tmp_path)
    other = write_book(make_profile(tmp_path, "b.toinen") / "abook.sqlite", [modern("u", "X", "x@y.example")])
    entry = entry_with(tmp_path, "x@y.example")
    other.parent.rename(tmp_path / "gone")

    for act in (lambda: connector(tmp_path).erase(entry.ref, entry.version), lambda: connector(tmp_path).get(entry.ref)):
        with pytest.raises(Unreachable):
            act()


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
