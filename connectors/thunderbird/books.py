"""Which files of a profile are address books: found by what is in them, the preferences only give them names."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from connectors._files import PREFIX, reading
from connectors.phrase import Phrase
from connectors.thunderbird.profiles import Profile, Server, servers

SIDE_FILES = ("-wal", "-journal", "-shm")
"""What SQLite keeps beside a database; the first two may hold data that the database itself lacks."""

CARDDAV = 102
"""`dirType` of a book that is a copy of one on a server."""

_OWN, _COLLECTED = Phrase("Personal Address Book"), Phrase("Collected Addresses")
_TITLES = {"abook.sqlite": _OWN, "history.sqlite": _COLLECTED, "abook.mab": _OWN, "history.mab": _COLLECTED}
"""Books whose title no profile holds: Thunderbird says them in its own language."""

_SYSTEM_BOOK = 3
_SQLITE_MAGIC = b"SQLite format 3\0"
_MORK_MAGIC = b"// <!-- <mdb:mork:z"
_HEAD = 1 << 20
_TABLES = tuple(re.compile(rb"CREATE TABLE\s+[\"'\[`]?%b\b" % table, re.IGNORECASE) for table in (b"properties", b"list_cards"))
_UPGRADE_BACKUP = re.compile(r"(.+)\.v\d+(?:-\d+)?\.sqlite")
_NEW_BOOK = re.compile(r"abook-\d+\.(?:sqlite|mab)")
_BOOK_LIKE = re.compile(r"(?:abook|history).*\.(?:sqlite|mab).*", re.IGNORECASE)
_OWN_FOLDERS = frozenset(
    "Mail ImapMail News Photos extensions storage cache2 startupCache datareporting minidumps crashes saved-telemetry-pings "
    "security_state settings calendar-data chrome gmp gmp-gmpopenh264 OfflineCache logs sessionstore-backups bookmarkbackups "
    "weave shader-cache thumbnails features browser-extension-data extension-store extension-store-menus attachments".split()
)


@dataclass(frozen=True)
class Book:
    """One file that is an address book, or should be one (`broken`); `copy_of` names the book it is a copy of."""

    profile: Profile
    path: Path
    title: str
    format: Literal["sqlite", "mork", "broken"]
    server: bool = False
    copy_of: str = ""
    alone: bool = True

    @cached_property
    def file(self) -> str:
        """The file as the profile's owner would look for it."""
        return self.path.relative_to(self.profile.folder).as_posix()

    @cached_property
    def key(self) -> str:
        """What refs of this book begin with."""
        return hashlib.sha256(f"{self.profile.key}\0{self.file}".encode("utf-8", "surrogatepass")).hexdigest()[:8]

    @cached_property
    def where(self) -> Phrase:
        """The book in the owner's words; the profile is named when there are several."""
        if self.alone:
            return Phrase("address book {book} ({file})", book=self.title, file=self.file)
        return Phrase(
            "address book {book} ({file}, profile {profile})", book=self.title, file=self.file, profile=self.profile.name
        )

    def side(self, suffix: str) -> Path:
        """One of SQLite's files beside the database."""
        return self.path.with_name(self.path.name + suffix)


def find_books(profile: Profile, *, alone: bool) -> tuple[list[Book], list[Phrase]]:
    """Every book of a profile, with warnings about books that lie elsewhere; raises `Unreachable`."""
    told = servers(profile)
    by_file = {server.file: server for server in told if server.file}
    expected = by_file.keys() | _TITLES.keys()
    books = []
    for path in _files(profile.folder):
        form: Literal["sqlite", "mork", "broken"] | None = _format(path)
        if form is None and (path.name in expected or _BOOK_LIKE.fullmatch(path.name)):
            form = "broken"
        if form:
            books.append(_book(profile, path, form, by_file, alone=alone))
    return books, [*_elsewhere(told), *_warnings(books)]


def _book(
    profile: Profile, path: Path, form: Literal["sqlite", "mork", "broken"], by_file: dict[str, Server], *, alone: bool
) -> Book:
    known = {name for name in (*by_file, *_TITLES) if (profile.folder / name).exists() and not _converted(profile.folder / name)}
    inside = path.parent == profile.folder
    if inside and _converted(path):
        original = path.with_suffix(".sqlite").name
    else:
        original = "" if inside and path.name in known else _original(path.name, known, inside=inside)
    named = by_file.get(original or path.name)
    if named is None and (original or path.name) not in _TITLES:
        title = path.stem
    else:
        title = (named.title if named else "") or _TITLES.get(original or path.name) or path.stem
    server = named is not None and (named.type == CARDDAV or (named.remote and form == "sqlite"))
    return Book(profile, path, title, form, server=server, copy_of=original, alone=alone)


def _converted(path: Path) -> bool:
    """Whether a book in the old format is what Thunderbird left when it made a database of it."""
    return path.suffix == ".mab" and path.with_suffix(".sqlite").exists()


def _original(name: str, known: set[str], *, inside: bool) -> str:
    """The book whose upgrade backup, conflict copy or rescued copy a file is, judged by its name; "" when of none."""
    if inside and _NEW_BOOK.fullmatch(name):
        return ""  # a new book: prefs.js names it only after Thunderbird has been closed
    backup = _UPGRADE_BACKUP.fullmatch(name)
    if backup:
        return f"{backup[1]}.sqlite"
    stems = [book for book in known if name.startswith(book.rsplit(".", 1)[0])]
    return max(stems, key=len, default="")


def _files(folder: Path) -> Iterator[Path]:
    """The files that may be books: those of the profile folder, and of folders in it that are not Thunderbird's own."""
    with reading(folder):
        found = sorted(folder.iterdir())
    for path in found:
        if path.is_dir() and path.name not in _OWN_FOLDERS and not path.is_symlink():
            with reading(path):
                yield from (inner for inner in sorted(path.iterdir()) if _may_be_book(inner))
        elif _may_be_book(path):
            yield path


def _may_be_book(path: Path) -> bool:
    return path.is_file() and not path.name.endswith(SIDE_FILES) and not path.name.startswith(PREFIX)


def _format(path: Path) -> Literal["sqlite", "mork"] | None:
    with reading(path), path.open("rb") as stream:
        head = stream.read(_HEAD)
    if head.startswith(_MORK_MAGIC):
        return "mork" if b"addrbk" in head else None  # mail folders' summaries are Mork, too
    wal = path.with_name(f"{path.name}-wal")
    if head and not head.startswith(_SQLITE_MAGIC):
        return None
    if all(table.search(head) for table in _TABLES):
        return "sqlite"
    if wal.is_file():
        with reading(wal):
            journal = wal.read_bytes()
        return "sqlite" if all(table.search(journal) for table in _TABLES) else None
    return None


def _elsewhere(told: list[Server]) -> Iterator[Phrase]:
    """Books that the preferences name but whose data is not in the profile."""
    for server in told:
        title = server.title or server.name
        if server.type == _SYSTEM_BOOK:
            yield Phrase("Thunderbird shows the system's own address book {book}: it is not searched.", book=title)
        elif server.remote and not server.file:
            yield Phrase("Thunderbird shows {book} from a server: it is not searched.", book=title)


def _warnings(books: list[Book]) -> Iterator[Phrase]:
    for book in books:
        if book.server and not book.copy_of:
            yield Phrase(
                "{book} is Thunderbird's copy of an address book on a server: what is erased here must be removed there, too.",
                book=book.title,
            )
