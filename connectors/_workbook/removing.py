"""Take a person out of a workbook: planned, done, verified, and only then in the old file's place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from connectors._workbook import identity, verify
from connectors._workbook.book import Book
from connectors._workbook.erasing import Done, Elsewhere, Eraser
from connectors._workbook.places import Lost
from connectors._workbook.rows import Target
from connectors.contract import Needle, Spread
from connectors.phrase import Phrase

Wanted = tuple[Callable[[Book], Target | None], frozenset[str] | None]
"""Finds the person in one row (None: nothing of hers is there any more), and what goes of it: these kinds, None the whole entry."""

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


def foreseen(book: Book, wanted: Iterable[Wanted], needles: Iterable[Needle], region: str) -> tuple[Spread, ...]:
    """The cells outside the rows of a person that taking her out of them, one after the other, would change; in memory only.

    Raises as `take_out`.
    """
    needles, found = list(needles), []
    for target, kinds in wanted:
        if book.package.edited:
            book = book.again(book.package.written())
        row = target(book)
        if row is not None:
            done = Eraser(book, row, kinds, identity.needles_for(row, region, needles, kinds)).run()
            found += [Spread(_place_of(book, one), one.before, one.after) for one in done.spread]
    return tuple(found)


def _place_of(book: Book, cell: Elsewhere) -> Phrase:
    return Phrase("{file}, sheet {sheet}, cell {cell}", file=book.file, sheet=cell.sheet, cell=cell.cell)
