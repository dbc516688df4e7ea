"""Take a card out of a book in the old format: the whole file is written anew, without anything that no program shows.

Such a file is a journal: what is deleted in it stays in its bytes. So a new file with the cards that are left, and
nothing else, takes its place as one act; the caller keeps Thunderbird and SeaMonkey out meanwhile.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

from connectors._files import reading, replace_file
from connectors._needles import Matcher
from connectors.entry import Version
from connectors.errors import Conflict, Fault, Refused
from connectors.phrase import Phrase
from connectors.thunderbird import erasing, morkbook, receipts
from connectors.thunderbird.books import Book
from connectors.thunderbird.morkbook import CARD, LIST, Cells, MorkBook, Row
from connectors.thunderbird.reading import mork_content, read_mork, readable, translated, version_of
from connectors.thunderbird.traces import Finder, Trace


def delete_card(
    book: Book, uid: bytes, version: Version, photo: str, seal: Callable[[receipts.Removed], None]
) -> receipts.Removed:
    """Remove one card, its place in every list, and the picture `photo` ("" to leave it); what was removed is given back.

    Raises `Conflict`, `Locked`, `Refused` or `Damaged`: nothing was written then.
    """
    told, data = read_mork(book)
    if version_of(mork_content(told).cards.get(uid, ())) != version:
        raise erasing.changed(book)
    row, place = next((row, place) for place, row in enumerate(told.rows) if (row.scope, row.id) == (CARD, int(uid, 16)))
    removed = receipts.Removed(cells=row.cells, place=place, lists=morkbook.places_of(told.rows, row.id))
    seal(removed)
    try:
        if photo:
            with translated(book):
                erasing.set_aside(book, photo)
        _write(book, told, data, morkbook.without(told.rows, int(uid, 16)))
    except BaseException:
        if photo:
            erasing.put_back(book)
        raise
    if photo:
        with translated(book):
            erasing.remove_aside(book, photo)
    return removed


def restore_card(book: Book, told: receipts.Receipt) -> bool:
    """Put a card back at its place in the book and in its lists; False when a list is no longer there.

    Raises `Conflict`, `Locked`, `Refused` or `Damaged`: nothing was written then.
    """
    here, data = read_mork(book)
    if told.uid in mork_content(here).cards:
        raise erasing.there_again(book)
    card = Row(CARD, int(told.uid, 16), told.removed.cells)
    rows = morkbook.with_card(here.rows, card, told.removed.place, told.removed.lists)
    try:
        with translated(book):
            erasing.lay_aside(book, told.photo, told.picture)
        _write(book, here, data, rows)
    except BaseException:
        erasing.remove_aside(book, told.photo)
        raise
    return set(told.removed.lists) <= {row.id for row in rows if row.scope == LIST}


def clean(book: Book) -> None:
    """Write a book anew without what no program shows; no card changes. Raises as `delete_card`."""
    told, data = read_mork(book)
    _write(book, told, data, morkbook.without(told.rows))


def dead_traces(book: Book, finder: Finder) -> tuple[frozenset[Trace], bool]:
    """The traces in a book that no card or list explains, and whether the book may hold dead bytes at all."""
    told, data = read_mork(book)
    raw = finder.in_file(book.path) | _in_values(finder.matcher, told)
    if not raw:
        return raw, False
    rows = morkbook.without(told.rows)
    new = morkbook.to_bytes(rows)
    live = {(needle, False) for needle in finder.matcher.in_bytes(new)} | _in_rows(finder.matcher, (row.cells for row in rows))
    return raw - live, new != data


def _write(book: Book, told: MorkBook, data: bytes, rows: tuple[Row, ...]) -> None:
    if told.kept_back:
        raise Refused(
            Phrase("The {where} holds parts that cannot be read, so it is not written anew.", where=book.where),
            Phrase("Open it in the program it belongs to, or delete the file if nobody needs it, and run the command again."),
        )

    def build(path: Path) -> None:
        path.write_bytes(morkbook.to_bytes(rows))

    def verify(path: Path) -> None:
        with reading(path):
            written = morkbook.from_bytes(path.read_bytes())
        if written.rows != rows or written.kept_back:
            raise Fault(Phrase("The {where} could not be written as it was meant; it is unchanged.", where=book.where))

    try:
        replace_file(book.path, build, hashlib.sha256(data).hexdigest(), verify)
    except Conflict:
        raise erasing.changed(book) from None


def _in_values(matcher: Matcher, told: MorkBook) -> frozenset[Trace]:
    """What stands in any value that was ever written, put together as the rows once were."""
    values = "\n".join(readable(atom).decode() for atom in told.atoms)
    return frozenset((needle, False) for needle in matcher.in_text(values)) | _in_rows(matcher, told.past)


def _in_rows(matcher: Matcher, rows: Iterable[Cells]) -> frozenset[Trace]:
    """A name that only its two parts tell counts, too."""
    told: list[str] = []
    for cells in rows:
        texts = {name: readable(value).decode() for name, value in cells}
        told += texts.values()
        told.append(" ".join(texts.get(name, "") for name in (b"FirstName", b"LastName")).strip())
    return frozenset((needle, False) for needle in matcher.in_text("\n".join(told)))
