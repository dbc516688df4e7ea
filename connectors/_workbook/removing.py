"""Take a person out of a workbook: planned, done, verified, and only then in the old file's place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from connectors._workbook import identity, verify
from connectors._workbook.book import Book
from connectors._workbook.erasing import Done, Eraser
from connectors._workbook.places import Lost
from connectors._workbook.rows import Target
from connectors.contract import Needle
from connectors.phrase import Phrase

Replace = Callable[[Path, Callable[[Path], None], str, Callable[[Path], None]], None]
"""Replaces a file, as `_files.replace_file` does."""

AboutTo = Callable[[Path, Sequence[Lost]], None]
"""Told the new file, and what it lost in cells, just before it replaces the old one."""


def take_out(
    book: Book,
    targets: Sequence[Callable[[Book], Target]],
    replace: Replace,
    *,
    kinds: frozenset[str] | None,
    needles: Iterable[Needle],
    region: str,
    about_to: AboutTo | None = None,
) -> tuple[Phrase, ...]:
    """Take a person out of one row, or out of several in one act; returns what the owner should know.

    Each of `targets` finds the person in one row. `kinds`: only these fields (None: the whole entry); `needles`: values of
    hers that no other entry may bear. Raises as `Connector.erase`; the file is then as it was.
    """
    wanted, notes = list(needles), dict[Phrase, None]()

    def without(found: Target, whose: Book) -> Done:
        done = Eraser(whose, found, kinds, identity.needles_for(found, region, wanted, kinds)).run()
        notes.update(dict.fromkeys(done.notes))
        return done

    steps = [(book, without(targets[0](book), book))]

    def build(path: Path) -> None:
        book.package.write(path)
        for target in targets[1:]:
            verify.verify(*steps[-1], path)
            following = book.again(path)
            steps.append((following, without(target(following), following)))
            following.package.write(path)

    def check(path: Path) -> None:
        verify.verify(*steps[-1], path)
        if about_to is not None:
            about_to(path, [row for _, done in steps for row in done.lost])

    replace(book.package.path, build, book.package.sha256, check)
    return tuple(notes)
