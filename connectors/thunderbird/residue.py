"""Where a person's values still stand in a profile: live text of others, dead bytes of books, Thunderbird's other files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from connectors._files import reading
from connectors._needles import Matcher
from connectors.contract import Residue
from connectors.entry import Unreadable
from connectors.errors import HubError, Unreachable
from connectors.phrase import Phrase
from connectors.thunderbird import morkfile
from connectors.thunderbird.books import SIDE_FILES, Book
from connectors.thunderbird.cards import photo_of, read_card, ref_of
from connectors.thunderbird.profiles import Profile
from connectors.thunderbird.reading import Content, Row, private_copy, read_book, translated, uid_key
from connectors.thunderbird.traces import Finder, Trace

TOO_BIG = 256 << 20
"""A file above this size is named as not inspected: searching it would take minutes."""

_MOST = 20
"""So many cards of a book are named one by one."""

_COUNTERS = ((24, 28), (40, 44), (92, 100))
"""Bytes of a database's first page that change with every VACUUM: two change counters, schema cookie, library version."""

_FOLDERS = ("calendar-data", "logs")
_MAIL_FOLDERS = ("Mail", "ImapMail", "News")
_INDEX = "global-messages-db.sqlite"
_TECHNICAL = frozenset({"key4.db", "cert9.db", "pkcs11.txt", "favicons.sqlite", "compatibility.ini", "times.json"})
_PACKED = frozenset({".zip", ".gz", ".7z"})

_STILL = Phrase("a value of the person stands here; the hub does not cut it out of somebody else's text")
_DEAD = Phrase("old bytes of a deleted card: close Thunderbird and run the command again")


def dead_traces(book: Book, finder: Finder) -> tuple[frozenset[Trace], bool]:
    """The traces in a readable book's files that no live row explains, and whether the book may hold dead bytes at all."""
    if book.format == "mork":
        return morkfile.dead_traces(book, finder)
    raw = frozenset[Trace]().union(*(finder.in_file(book.side(suffix)) for suffix in ("", *SIDE_FILES)))
    if not raw:
        return raw, False
    with private_copy(book) as connection, translated(book):
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        copy = Path(os.fsdecode(connection.execute("PRAGMA database_list").fetchone()[2]))
        live = finder.in_file(copy)
        same = _essence(copy) == _essence(book.path) and not any(map(_content, (book.side("-wal"), book.side("-journal"))))
    return raw - live, not same


def of_book(book: Book, finder: Finder) -> Iterator[Residue]:
    """What is left in one book: in live text of others, in dead bytes; in a book that cannot be read, anywhere."""
    try:
        content = read_book(book)
        dead = dead_traces(book, finder)[0]
    except HubError:
        content, dead = None, frozenset()
    if content is None or content.cut_off:
        for suffix in ("", *SIDE_FILES):
            if dead or finder.in_file(book.side(suffix)):
                why = Phrase(
                    "a value of the person stands in a book that the hub cannot read: delete the file if nobody needs it"
                )
                yield Residue(_place(book, finder.matcher), why)
                return
        yield Residue(
            _place(book, finder.matcher), Phrase("this book is damaged and could only be searched byte by byte"), found=False
        )
        return
    yield from _live(book, content, finder)
    if dead:
        yield Residue(_place(book, finder.matcher), _DEAD)


def of_profile(profile: Profile, books: list[Book], finder: Finder) -> Iterator[Residue]:
    """What is left in a profile beside its books: pictures, index, calendars, settings; mail folders are only named."""
    yield from _pictures(profile, books, finder.matcher)
    own = {book.side(suffix) for book in books for suffix in ("", *SIDE_FILES)}
    for path in _other_files(profile):
        if path in own or path.name in _TECHNICAL or path.suffix in {".mozlz4", ".lz4"}:
            continue
        where = Phrase("{file}, profile {profile}", file=_shown(path, profile, finder.matcher), profile=profile.name)
        try:
            if path.suffix.lower() in _PACKED:
                yield Residue(where, Phrase("a packed file: not searched; delete it if nobody needs it"), found=False)
            elif path.stat().st_size > TOO_BIG:
                yield Residue(where, Phrase("too big to be searched"), found=False)
            elif finder.in_file(path):
                yield Residue(where, _advice(path))
        except (Unreachable, OSError):
            yield Residue(where, Phrase("could not be read"), found=False)
    mail = next((name for name in _MAIL_FOLDERS if _holds_mail(profile.folder / name)), None)
    if mail:
        where = Phrase("mail folders ({folder}), profile {profile}", folder=mail, profile=profile.name)
        yield Residue(where, Phrase("mails are not searched: look for the person in Thunderbird's own search"), found=False)


def _live(book: Book, content: Content, finder: Finder) -> Iterator[Residue]:
    lists = sum(any(map(finder.matcher.in_bytes, texts)) for texts in content.lists)
    if lists:
        yield Residue(
            Phrase("{count} names or descriptions of lists, {where}", count=lists, where=_place(book, finder.matcher)), _STILL
        )
    found = [uid for uid, rows in content.cards.items() if _names(book, uid, rows, finder.matcher)]
    where = _place(book, finder.matcher)
    for uid in found[:_MOST]:
        # By the beginning of its ref, as a card on a server: whose it is, its name, must not stand here.
        yield Residue(
            Phrase("card {ref}, {where}", ref=uid_key(uid)[:8], where=where),
            _STILL,
            ref=ref_of(book, uid),
        )
    if (more := len(found) - _MOST) > 0:
        yield Residue(Phrase("{count} more cards, {where}", count=more, where=where), _STILL)


def _names(book: Book, uid: bytes, rows: tuple[Row, ...], matcher: Matcher) -> bool:
    """Whether a card names the person: in a raw property, or in what its vCard says when it is put together."""
    if any(matcher.in_bytes(value) for _, value in rows):
        return True
    card = read_card(book, uid, rows, 0)
    return not isinstance(card, Unreadable) and bool(matcher.in_text("\n".join(item.value for item in card.fields)))


def _pictures(profile: Profile, books: list[Book], matcher: Matcher) -> Iterator[Residue]:
    folder = profile.folder / "Photos"
    if not folder.is_dir():
        return
    used = used_photos(books)
    with reading(folder):
        files = [path.name for path in folder.iterdir() if path.is_file()]
    named = sum(bool(matcher.in_text(name)) for name in files)
    if named:
        where = Phrase("{count} file names in the folder Photos, profile {profile}", count=named, profile=profile.name)
        yield Residue(where, Phrase("the picture's name is a value of the person: delete the file if it is theirs"))
    orphans = len(set(files) - used) if used is not None else 0
    if orphans:
        where = Phrase("{count} pictures in the folder Photos, profile {profile}", count=orphans, profile=profile.name)
        yield Residue(where, Phrase("no card shows them any more: look at them, and delete what is not needed"), found=False)


def used_photos(books: list[Book]) -> frozenset[str] | None:
    """The picture files that cards of these books show; None when a book cannot be read, so that nobody knows."""
    try:
        contents = [read_book(book) for book in books]
    except HubError:
        return None
    if any(content.cut_off for content in contents):
        return None
    return frozenset(photo for content in contents for rows in content.cards.values() if (photo := photo_of(rows)))


def _other_files(profile: Profile) -> Iterator[Path]:
    for folder in (profile.folder, *(profile.folder / name for name in _FOLDERS)):
        for path in sorted(folder.iterdir() if folder == profile.folder else folder.rglob("*")):
            with suppress(OSError):
                if path.is_file() and not path.is_symlink():
                    yield path


def _shown(path: Path, profile: Profile, matcher: Matcher) -> str:
    """A file name of Thunderbird's own; of files that people or contacts gave names to, only the folder."""
    if path.parent != profile.folder:
        return path.relative_to(profile.folder).parts[0] + "/"
    return path.name if not matcher.in_text(path.name) else "*" + path.suffix


def _place(book: Book, matcher: Matcher) -> Phrase:
    """The book's place, without a title that itself names the person."""
    return book.where if not matcher.in_text(book.title) else Phrase("address book in the file {file}", file=book.path.name)


def _advice(path: Path) -> Phrase:
    if path.name.startswith(_INDEX):
        return Phrase(
            "Thunderbird's search index of your mails: close Thunderbird and delete this file; it is rebuilt from the mails that are left"
        )
    if path.name in {"prefs.js", "user.js"}:
        return Phrase("a setting of Thunderbird (an account, the name of a book) holds a value of the person: change it there")
    if path.parent.name == "calendar-data":
        return Phrase("a calendar event or task names the person: search for it in Thunderbird's calendar")
    return Phrase("a file of Thunderbird that the hub does not edit holds a value of the person")


def _holds_mail(folder: Path) -> bool:
    if not folder.is_dir():
        return False
    return any(
        path.is_file() and path.suffix not in {".msf", ".dat", ".html"} and path.stat().st_size for path in folder.rglob("*")
    )


def _content(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def _essence(path: Path) -> bytes:
    """A database's bytes without the counters that every rebuild changes."""
    data = bytearray(path.read_bytes())
    for start, end in _COUNTERS:
        data[start:end] = bytes(end - start)
    return bytes(data)
