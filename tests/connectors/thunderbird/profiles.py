"""Builders of Thunderbird profiles: books of every `user_version`, lists, preferences, side files, an open Thunderbird.

Everything is written with secure_delete off, as SQLite's own default is: what a connector does not clear stays.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from connectors._cardlines import escape, fold
from connectors.entry import Entry
from connectors.thunderbird import ThunderbirdConnector

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


@dataclass(frozen=True)
class Card:
    """One card as rows: flat properties and, from version 4 on, a vCard."""

    uid: str
    properties: Mapping[str, str | bytes | None] = field(default_factory=dict)


def vcard(*lines: str, version: str = "4.0") -> str:
    """A vCard of these unfolded lines, folded at 75 octets as Thunderbird writes it."""
    text = ["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD"]
    return b"".join(fold(line.encode()) for line in text).decode()


def text_value(text: str) -> str:
    """A note as Thunderbird writes it: unlike the standard's other programs it leaves a semicolon as it is."""
    return escape(text.replace(";", "\0")).replace("\0", ";") if "\0" not in text else escape(text)


def modern(uid: str, name: str, *emails: str, phone: str = "", note: str = "", company: str = "", photo: str = "") -> Card:
    """A card as Thunderbird 102 and later writes it: the truth in `_vCard`, some of it cached beside it."""
    given, _, family = name.partition(" ")
    lines = [f"N:{escape(family)};{escape(given)};;;", f"FN:{escape(name)}"]
    lines += [f"EMAIL;PREF=1:{escape(email)}" for email in emails]
    lines += [f"TEL;TYPE=cell:{phone}"] if phone else []
    lines += [f"ORG:{escape(company)}"] if company else []
    lines += [f"NOTE:{text_value(note)}"] if note else []
    cached = {"DisplayName": name, "FirstName": given, "LastName": family, "PrimaryEmail": emails[0] if emails else ""}
    technical = {"PhotoName": photo, "PopularityIndex": "3", "LastModifiedDate": "1790000000"}
    rows = {"_vCard": vcard(*lines, f"UID:{uid}"), **cached, **technical}
    return Card(uid, {key: value for key, value in rows.items() if value})


def flat(uid: str, name: str, email: str, **properties: str) -> Card:
    """A card without a vCard, as Thunderbird before 102 wrote it."""
    given, _, family = name.partition(" ")
    base = {"DisplayName": name, "FirstName": given, "LastName": family, "PrimaryEmail": email}
    return Card(uid, {**base, **properties})


def write_book(
    path: Path,
    cards: Sequence[Card],
    lists: Mapping[str, Sequence[str]] | None = None,
    *,
    user_version: int = 4,
    journal: str = "wal",
    descriptions: Mapping[str, str] | None = None,
) -> Path:
    """A book with these cards, and lists by name with the uids of their members."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA page_size = 32768")
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute(f"PRAGMA journal_mode = {journal}")
        connection.execute(f"PRAGMA user_version = {user_version}")
        local = "localId INTEGER, " if user_version < 3 else ""
        connection.execute("CREATE TABLE properties (card TEXT, name TEXT, value TEXT)")
        connection.execute(f"CREATE TABLE lists (uid TEXT PRIMARY KEY, {local}name TEXT, nickName TEXT, description TEXT)")
        connection.execute("CREATE TABLE list_cards (list TEXT, card TEXT, PRIMARY KEY(list, card))")
        if user_version < 3:
            connection.execute("CREATE TABLE cards (uid TEXT PRIMARY KEY, localId INTEGER)")
        if user_version > 1:
            connection.execute("CREATE INDEX properties_card ON properties(card)")
            connection.execute("CREATE INDEX properties_name ON properties(name)")
        connection.execute("BEGIN")
        for number, card in enumerate(cards, start=1):
            add_card(connection, card)
            if user_version < 3:
                connection.execute("INSERT INTO cards VALUES (?, ?)", (card.uid, number))
        _add_lists(connection, lists or {}, descriptions or {}, old=user_version < 3)
        connection.execute("COMMIT")
    return path


def add_card(connection: sqlite3.Connection, card: Card) -> None:
    """Write one card's rows."""
    rows = [(card.uid, name, value) for name, value in card.properties.items()]
    connection.executemany("INSERT INTO properties VALUES (?, ?, ?)", rows)


def _add_lists(
    connection: sqlite3.Connection, lists: Mapping[str, Sequence[str]], descriptions: Mapping[str, str], *, old: bool
) -> None:
    for number, (name, members) in enumerate(lists.items(), start=1):
        uid = f"list-{number}"
        row = (uid, number, name, "", descriptions.get(name, "")) if old else (uid, name, "", descriptions.get(name, ""))
        connection.execute(f"INSERT INTO lists VALUES ({', '.join('?' * len(row))})", row)
        connection.executemany("INSERT INTO list_cards VALUES (?, ?)", [(uid, member) for member in members])


def make_profile(home: Path, folder: str = "abcd1234.default", prefs: str = "", ini: bool = True) -> Path:
    """A profile under `home`/.thunderbird with profiles.ini, prefs.js and the lock file a closed Thunderbird leaves."""
    root = home / ".thunderbird"
    profile = root / folder
    profile.mkdir(parents=True)
    (profile / "prefs.js").write_text(f"// Mozilla User Preferences\n{prefs}", encoding="utf-8")
    (profile / ".parentlock").touch()
    if ini:
        number = root.joinpath("profiles.ini").read_text().count("[Profile") if root.joinpath("profiles.ini").exists() else 0
        with root.joinpath("profiles.ini").open("a", encoding="utf-8") as stream:
            stream.write(f"[Profile{number}]\nName={folder.partition('.')[2]}\nIsRelative=1\nPath={folder}\n\n")
    return profile


def dump(path: Path, without: str = "") -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table as real SQLite shows it, but for one card's."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        rows = {table: connection.execute(f"SELECT * FROM {table} ORDER BY rowid").fetchall() for table in tables}
    return {table: [row for row in found if not without or without not in row] for table, found in rows.items()}


def raw(path: Path) -> bytes:
    """The bytes of a book with all its side files."""
    return b"".join(side.read_bytes() for side in sorted(path.parent.glob(path.name + "*")))


def connector(home: Path, **options: object) -> ThunderbirdConnector:
    """A connector on every profile under `home`."""
    return ThunderbirdConnector("mail", {"profile": "auto", "home": str(home), "region": "FI", **options})


def entries(home: Path) -> list[Entry]:
    """Every entry under `home`."""
    return [item for item in connector(home).entries() if isinstance(item, Entry)]


def entry_with(home: Path, email: str) -> Entry:
    """The one entry with this e-mail address."""
    found = [entry for entry in entries(home) if email in entry.values("email")]
    assert len(found) == 1, f"{len(found)} entries"
    return found[0]


_HOLD = """
import fcntl, os, sys
descriptor = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
fcntl.lockf(descriptor, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""

_READ = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN")
connection.execute("SELECT count(*) FROM properties").fetchone()
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def running(profile: Path) -> Iterator[None]:
    """Another process holds the profile's lock, as a running Thunderbird does."""
    with _process(_HOLD, profile / ".parentlock"):
        yield


@contextmanager
def reader(book: Path) -> Iterator[None]:
    """Another process reads the book in an open transaction."""
    with _process(_READ, book):
        yield


@contextmanager
def _process(code: str, path: Path) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    try:
        yield
    finally:
        process.communicate(timeout=10)
