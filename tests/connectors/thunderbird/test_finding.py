"""Profiles and books are found by what is there, not by what the preferences remember."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from connectors._system import thunderbird_lock
from connectors.entry import Cursor, Entry, Unreadable
from connectors.errors import Damaged, Locked, Unreachable
from connectors.phrase import Phrase
from connectors.thunderbird import reading
from connectors.thunderbird.profiles import find_profiles
from tests.connectors.thunderbird.profiles import (
    connector,
    entries,
    flat,
    make_profile,
    modern,
    raw,
    reader,
    running,
    write_book,
)

HER = modern("u-1", "Aino Kuvitelma", "aino@kuvitelma.example")
MORK = b'// <!-- <mdb:mork:z v="1.4"/> -->\n< <(a=c)> (80=ns:addrbk:db:row:scope:card:all)(83=FirstName) >\n<(90=Aino)(91=aino@vanha.example)>'


def book(profile: Path, name: str, *cards: object, **options: object) -> Path:
    """A book under that name; by default with her card."""
    return write_book(profile / name, cards or [HER], **options)  # type: ignore[arg-type]  # a short hand for the tests


def locators(home: Path) -> list[str]:
    """Where the entries under `home` are, sorted."""
    return sorted(str(entry.locator) for entry in entries(home))


def test_every_profile_counts(tmp_path: Path) -> None:
    """Profiles in the ini, beside it, under Profiles/, and by an absolute path on another disk are all read."""
    root = tmp_path / ".thunderbird"
    for folder in ("a1.listed", "b2.unlisted", "Profiles/c3.inside"):
        book(make_profile(tmp_path, folder, ini="listed" in folder and "un" not in folder), "abook.sqlite")
    other = tmp_path / "disk" / "käyttäjä%20 100%"
    other.mkdir(parents=True)
    book(other, "abook.sqlite")
    text = (root / "profiles.ini").read_text() + f"[Profile7]\nName=muu\nIsRelative=0\nPath={other}\n"
    (root / "profiles.ini").write_text(f"\ufeff{text}", encoding="utf-8")

    assert [place.split("profile ")[1] for place in locators(tmp_path)] == ["b2.unlisted)", "c3.inside)", "listed)", "muu)"]


def test_other_installations_count(tmp_path: Path) -> None:
    """Snap, Flatpak and SeaMonkey keep their profiles elsewhere under the home."""
    for root in ("snap/thunderbird/common/.thunderbird", ".var/app/org.mozilla.Thunderbird/.thunderbird", ".mozilla/seamonkey"):
        book(make_profile(tmp_path / root), "abook.sqlite")
        shutil.move(tmp_path / root / ".thunderbird" / "abcd1234.default", tmp_path / root / "p.default")

    assert len(entries(tmp_path)) == 3


def test_another_home_does_not_read_this_users_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With `home` set to another folder the variables of this user's session lead nowhere."""
    book(make_profile(tmp_path / "mine"), "abook.sqlite")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "mine"))
    (tmp_path / "mine" / ".thunderbird").rename(tmp_path / "mine" / "thunderbird")
    (tmp_path / "other").mkdir()

    with pytest.raises(Unreachable):
        find_profiles("auto", tmp_path / "other")


def test_one_profile_by_its_path(tmp_path: Path) -> None:
    """`profile` may name one profile, or the folder of a profiles.ini."""
    profile = make_profile(tmp_path)
    book(profile, "abook.sqlite")
    book(make_profile(tmp_path, "x.second"), "abook.sqlite")

    def count(path: Path) -> int:
        return sum(isinstance(item, Entry) for item in connector(tmp_path, profile=str(path)).entries())

    assert (count(profile), count(profile.parent)) == (1, 2)
    with pytest.raises(Unreachable):
        count(tmp_path / "nowhere")


def test_a_listed_profile_that_is_missing_makes_the_answer_partial(tmp_path: Path) -> None:
    """A profile on a disk that is not connected is said, after everything else was read."""
    book(make_profile(tmp_path), "abook.sqlite")
    with (tmp_path / ".thunderbird" / "profiles.ini").open("a") as ini:
        ini.write("[Profile9]\nName=levy\nIsRelative=0\nPath=/no/such/disk\n")
    items = connector(tmp_path).entries()

    assert isinstance(next(items), Entry)
    with pytest.raises(Unreachable, match="levy"):
        next(items)


def test_books_are_found_by_content(tmp_path: Path) -> None:
    """Books named by the preferences, forgotten ones, backups and copies are read; other databases are not books."""
    prefs = (
        'user_pref("ldap_2.servers.Tyt.filename", "abook-1.sqlite");\n'
        'user_pref("ldap_2.servers.Tyt.description", "Ty\\u00f6t \\"uudet\\"");\n'
        'user_pref("ldap_2.servers.Tyt.dirType", 101);\n'
    )
    profile = make_profile(tmp_path, prefs=prefs)
    names = ["abook.sqlite", "history.sqlite", "abook-1.sqlite", "abook-7.sqlite", "forgotten.sqlite", "abook.v3.sqlite"]
    names += ["abook (1).sqlite", "history.sqlite.corrupt", "abook.sqlite.bak", "talteen/abook.sqlite"]
    (profile / "talteen").mkdir()
    for number, name in enumerate(names):
        book(profile, name, modern(f"u-{number}", "Aino Kuvitelma", "aino@kuvitelma.example"))
    with closing(sqlite3.connect(profile / "places.sqlite")) as connection:
        connection.execute("CREATE TABLE moz_places (url TEXT)")

    found = {str(entry.locator).removeprefix("address book "): entry.copy_of for entry in entries(tmp_path)}

    assert found == {
        "Personal Address Book (abook.sqlite)": "",
        "Collected Addresses (history.sqlite)": "",
        'Työt "uudet" (abook-1.sqlite)': "",
        "abook-7 (abook-7.sqlite)": "",
        "forgotten (forgotten.sqlite)": "",
        "Personal Address Book (abook.v3.sqlite)": "abook.sqlite",
        "Personal Address Book (abook (1).sqlite)": "abook.sqlite",
        "Collected Addresses (history.sqlite.corrupt)": "history.sqlite",
        "Personal Address Book (abook.sqlite.bak)": "abook.sqlite",
        "Personal Address Book (talteen/abook.sqlite)": "abook.sqlite",
    }


def test_cards_that_are_only_in_the_journal(tmp_path: Path) -> None:
    """After a kill the main file may be empty: the journal is read with it, and nothing is written beside the original."""
    profile = make_profile(tmp_path)
    path = write_book(tmp_path / "live.sqlite", [HER])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO properties VALUES ('u-2', 'PrimaryEmail', 'uusi@wal.example')")
        connection.commit()
        for suffix in ("", "-wal"):
            shutil.copy(f"{path}{suffix}", f"{profile}/abook.sqlite{suffix}")
    before = {file.name: file.read_bytes() for file in profile.iterdir()}

    assert {email for entry in entries(tmp_path) for email in entry.values("email")} == {
        "aino@kuvitelma.example",
        "uusi@wal.example",
    }
    assert {file.name: file.read_bytes() for file in profile.iterdir()} == before


def test_a_book_whose_main_file_is_still_empty(tmp_path: Path) -> None:
    """A book whose every page is in the journal is a book."""
    profile = make_profile(tmp_path)
    path = tmp_path / "live.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        for table in ("properties (card, name, value)", "list_cards (list, card)", "lists (uid, name)"):
            connection.execute(f"CREATE TABLE {table}")
        connection.execute("INSERT INTO properties VALUES ('u-1', 'PrimaryEmail', 'aino@wal.example')")
        for suffix in ("", "-wal"):
            shutil.copy(f"{path}{suffix}", f"{profile}/abook.sqlite{suffix}")

    assert [entry.values("email") for entry in entries(tmp_path)] == [("aino@wal.example",)]


def test_a_book_that_is_read_by_another_program(tmp_path: Path) -> None:
    """A reader with an open transaction, and a running Thunderbird, do not keep the book from being read."""
    profile = make_profile(tmp_path)
    path = book(profile, "abook.sqlite")
    with running(profile), reader(path):
        source = connector(tmp_path)
        assert len(entries(tmp_path)) == 1
        check = source.check()

    assert (check.may_read, check.may_erase, check.state) == (True, False, "locked")
    assert connector(tmp_path).check().state == "ok"


def test_the_lock_of_each_system() -> None:
    """Linux and macOS hide the lock file, Windows does not."""
    names = [thunderbird_lock(Path("p"), platform).name for platform in ("linux", "darwin", "win32")]

    assert names == [".parentlock", ".parentlock", "parent.lock"]


def test_a_write_protected_profile_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile on a read-only medium is read; the check says that nothing can be erased from it."""
    book(make_profile(tmp_path), "abook.sqlite")
    monkeypatch.setattr("os.access", lambda *_: False)

    check = connector(tmp_path).check()

    assert (check.may_read, check.may_erase, "write-protected" in check.problems[0]) == (True, False, True)


def test_a_book_that_changes_while_it_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy that was overtaken by a write is made again; one that always is ends as locked."""
    path = book(make_profile(tmp_path), "abook.sqlite")
    monkeypatch.setattr(reading, "PAUSE", 0)
    copied = shutil.copyfile
    writes = [3]

    def overtaken(source: Path, target: Path) -> None:
        copied(source, target)
        if writes[0]:
            writes[0] -= 1
            with closing(sqlite3.connect(path)) as connection, connection:
                connection.execute("INSERT INTO properties VALUES (?, 'PrimaryEmail', 'x@y.example')", (f"n-{writes[0]}",))

    monkeypatch.setattr(shutil, "copyfile", overtaken)
    assert len(entries(tmp_path)) == 4
    writes[0] = 10**6
    with pytest.raises(Locked):
        entries(tmp_path)


def test_one_broken_book_does_not_hide_the_others(tmp_path: Path) -> None:
    """A damaged book is located; the others are listed, and the listing does not pass for complete."""
    profile = make_profile(tmp_path)
    book(profile, "history.sqlite")
    book(profile, "abook-1.sqlite")
    (profile / "abook.sqlite").write_bytes(b"rubbish")
    (profile / "abook-1.sqlite").write_bytes((profile / "abook-1.sqlite").read_bytes()[:70000])
    got: list[object] = []

    with pytest.raises(Damaged):
        got.extend(connector(tmp_path).entries())

    assert [type(item) for item in got] == [Unreadable, Unreadable, Entry]
    check = connector(tmp_path).check()
    assert (check.may_read, check.state, len(check.problems)) == (True, "damaged", 2)


def test_damage_in_a_part_that_a_listing_does_not_touch(tmp_path: Path) -> None:
    """A book is checked before it is believed: here only an index is broken."""
    path = book(make_profile(tmp_path), "abook.sqlite")
    with closing(sqlite3.connect(path)) as connection:
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'properties_card'").fetchone()
    with path.open("r+b") as stream:
        stream.seek((root - 1) * 32768)
        stream.write(b"\xff" * 200)

    with pytest.raises(Damaged):
        list(connector(tmp_path).entries())


@pytest.mark.parametrize("content", [b"", b"rubbish", b"SQLite format 3\0" + bytes(100), MORK[:10]])
def test_the_only_book_is_broken(tmp_path: Path, content: bytes) -> None:
    """A book that is no book is damaged, never empty."""
    (make_profile(tmp_path) / "abook.sqlite").write_bytes(content)

    for act in (lambda: list(connector(tmp_path).entries()), connector(tmp_path).coverage):
        with pytest.raises(Damaged):
            act()
    assert not connector(tmp_path).check().may_read


def test_no_profile_and_no_book(tmp_path: Path) -> None:
    """Where there is nothing to read, that is said, with what to do."""
    with pytest.raises(Unreachable, match="Start Thunderbird once"):
        list(connector(tmp_path).entries())
    make_profile(tmp_path)
    with pytest.raises(Unreachable, match="No address book"):
        list(connector(tmp_path).entries())
    assert connector(tmp_path).check().state == "missing"


def test_a_mork_book_without_a_table_is_told(tmp_path: Path) -> None:
    """An old book with nothing in it that can be read is told; a mail folder's summary in the same format is no book."""
    profile = make_profile(tmp_path)
    book(profile, "history.sqlite")
    (profile / "abook.mab").write_bytes(MORK)
    (profile / "panacea.dat").write_bytes(MORK.replace(b"addrbk", b"msg"))
    items = connector(tmp_path).entries()

    assert [type(next(items)) for _ in range(2)] == [Unreadable, Entry]
    with pytest.raises(Damaged, match=r"abook\.mab"):
        next(items)


def test_books_of_servers_and_of_the_system(tmp_path: Path) -> None:
    """A CardDAV copy is read with a warning; books that lie outside the profile are warned about."""
    prefs = (
        'user_pref("ldap_2.servers.Dav.filename", "abook-1.sqlite");\nuser_pref("ldap_2.servers.Dav.dirType", 102);\n'
        'user_pref("ldap_2.servers.Dav.description", "Pilvi");\nuser_pref("ldap_2.servers.Dav.carddav.url", "https://secret.example/x?y");\n'
        'user_pref("ldap_2.servers.osx.dirType", 3);\nuser_pref("ldap_2.servers.osx.description", "Yhteystiedot");\n'
        'user_pref("ldap_2.servers.L.uri", "ldap://dir.example/??sub?(secret)");\n'
    )
    book(make_profile(tmp_path, prefs=prefs), "abook-1.sqlite")

    cursor = list(connector(tmp_path).entries())[-1]

    assert isinstance(cursor, Cursor)
    warned = "\n".join(cursor.warnings)
    assert all(name in warned for name in ("Pilvi", "Yhteystiedot", "L "))
    assert "secret" not in warned


@pytest.mark.parametrize(
    "prefs", ["user_pref(broken", 'user_pref("ldap_2.servers.X.filename", [1]);', '\xff\0 user_pref("a", "\\x");']
)
def test_strange_preferences(tmp_path: Path, prefs: str) -> None:
    """Preferences that cannot be understood cost the books their names and nothing else."""
    book(make_profile(tmp_path, prefs=prefs), "abook.sqlite")

    assert len(entries(tmp_path)) == 1


@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_every_schema_is_read(tmp_path: Path, version: int) -> None:
    """Books of every version, with and without vCards, give the same person."""
    card = HER if version == 4 else flat("u-1", "Aino Kuvitelma", "aino@kuvitelma.example")
    book(make_profile(tmp_path), "abook.sqlite", card, user_version=version, lists={"Lista": ["u-1"]})

    (entry,) = entries(tmp_path)

    assert (entry.values("name"), entry.values("email")) == (("Aino Kuvitelma",), ("aino@kuvitelma.example",))


def test_refs_survive_a_moved_home_and_tell_nothing(tmp_path: Path) -> None:
    """Two profiles with the same uid have two refs, which stay when the whole home moves."""
    for folder in ("a.one", "b.two"):
        book(make_profile(tmp_path / "h1", folder), "abook.sqlite")
    before = {entry.ref for entry in entries(tmp_path / "h1")}
    (tmp_path / "h1").rename(tmp_path / "h2")

    assert len(before) == 2
    assert {entry.ref for entry in entries(tmp_path / "h2")} == before
    assert b"Aino" in raw(tmp_path / "h2" / ".thunderbird" / "a.one" / "abook.sqlite")


def test_a_book_is_called_as_thunderbird_calls_it(tmp_path: Path) -> None:
    """The titles that no profile holds are said in the owner's language; those that she gave stay."""
    prefs = 'user_pref("ldap_2.servers.x.filename", "abook-1.sqlite");\nuser_pref("ldap_2.servers.x.description", "Own");\n'
    profile = make_profile(tmp_path, prefs=prefs)
    for name in ("history.sqlite", "abook-1.sqlite"):
        write_book(profile / name, [modern("u-1", "Aino Kuvitelma", "aino@kuvitelma.example")])

    said = {type(entry.locator.values["book"]): str(entry.locator.values["book"]) for entry in entries(tmp_path)}

    assert said == {Phrase: "Collected Addresses", str: "Own"}
