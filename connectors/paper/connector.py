"""The connector for a paper binder: rows of its index and pictures of its pages; the paper itself needs a hand."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from connectors import _files, _system, _tables
from connectors._needles import Matcher
from connectors.contract import Check, Column, Connector, Features, Going, Needle, Option, Outcome, Residue, Spread, Watched
from connectors.entry import Cursor, Disposal, Entry, Item, Ref, Version
from connectors.errors import ConfigError, Conflict, Fault, HubError, Locked
from connectors.paper.index import KINDS, ROLES, Index, Page
from connectors.phrase import Phrase

_SHRED = Phrase("on paper: shred the page at that place, then say so with hub done; its row and its pictures go then")
_SHARED = Phrase("on paper, with another person: cover or cut out this person's part, then say so with hub done")

_USUAL = ("index.csv", "index.xlsx", "index.xlsm")


class PaperConnector(Connector):
    """A paper binder, by the index of its pages."""

    kind = "paper"
    features = Features(erase="manual", spreads=True)
    options: ClassVar[tuple[Option, ...]] = (
        Option("path", "path", "the folder with the index and the pictures of the pages", required=True),
        Option("index", "text", "the index's file name in that folder; left out: index.csv, index.xlsx, or both"),
        Option(
            "columns",
            "table",
            'column names the hub does not know, each with what it is: { "Missä" = "place" }',
            choices=(*KINDS, *ROLES, "ignore"),
        ),
        Option("region", "text", "the country of phone numbers without a country code", default="FI"),
    )

    @property
    def _paths(self) -> list[Path]:
        """Where the index is. Raises `ConfigError` for a name that leads out of the folder."""
        root, name = Path(self.settings["path"]), str(self.settings.get("index") or "")
        if Path(name).name != name or "\\" in name:
            raise ConfigError(
                Phrase("index: the index lies in the binder's own folder; write its file name only."),
            )
        return [root / name] if name else _indexes(root)

    def _open(self) -> Index:
        return Index(self._paths, self.settings)

    def check(self) -> Check:
        """Whether the index can be read, and which of the pictures it names are not there; never `may_erase`."""
        found = super().check()
        if not found.may_read:
            return found
        index = self._open()
        try:
            for table in index.tables:
                table.require_writable()
        except HubError as error:
            return Check(True, True, False, "locked" if isinstance(error, Locked) else "refused", (error.told,))
        lost = [page.one.numbers for page in index.pages if page.lost]
        problem = Phrase(
            "Rows that name a picture which is not in the folder: {rows}. Mend the name, or copy it there.", rows=", ".join(lost)
        )
        return replace(found, problems=(problem,)) if lost else found

    def watched(self) -> Sequence[Watched]:
        """The index and every picture in the folder."""
        return [Watched(Path(self.settings["path"])), Watched(Path(self.settings["path"]), like="", deep=True)]

    def coverage(self) -> Sequence[Column]:
        """Each column of the index; what may tell the content of a page is not read."""
        return self._open().columns

    def entries(self, since: str | None = None) -> Iterator[Item]:
        """Yield the persons of every row, the rows that cannot be read, and the `Cursor`; `since` is ignored."""
        del since
        index = self._open()
        for page in index.pages:
            yield self._entry(index, page)
        yield from index.unreadable
        warnings = tuple(warning for table in index.tables for warning in table.warnings)
        yield Cursor(len(index.pages), len(index.unreadable), warnings=warnings)

    def erase(self, ref: Ref, version: Version, needles: Sequence[Needle] = ()) -> Outcome:
        """The page is destroyed, a human said so: take its row out of the index, and the pictures no other row names.

        Of a page that others share only the person's part of the row goes. An erase that was cut off is completed.
        """
        index = self._open()
        index.require_whole()
        page = index.find(ref, version, Matcher(needles))
        notes: tuple[Phrase, ...] = ()
        if page is not None:
            page.table.require_writable()
            notes = page.table.remove(page.one, needles)
        gone, kept = self._remove_pictures(version)
        if page is not None and any(other.version == version for other in self._open().pages):
            raise Fault(Phrase("The page still stands in {file}.", file=page.table.path.name))
        if kept:
            notes = (*notes, Phrase("Another row names the picture of the page too, so it was kept: {count}", count=kept))
        others = self._others(page)
        if others:
            notes = (
                *notes,
                Phrase(
                    "The index listed more pages of the same person then: {count}. hub find shows those that are still there.",
                    count=others,
                ),
            )
        if page is None:
            return Outcome("erased" if gone else "already_absent", notes)
        return Outcome("redacted" if page.one.shared else "erased", notes)

    def spread(self, going: Sequence[Going], needles: Sequence[Needle] = ()) -> Sequence[Spread]:
        """The cells outside the rows of these pages that hold values of the person which nobody else bears; of an index that is a workbook."""
        index, matcher = self._open(), Matcher(needles)
        pages: list[Page] = []
        for one in going:
            with suppress(Conflict):
                page = index.find(one.ref, one.version, matcher)
                pages += [page] if page else []
        return [
            place
            for table in index.tables
            for place in table.foreseen([(page.one, None) for page in pages if page.table is table], needles)
        ]

    def _others(self, page: Page | None) -> int:
        """How many other pages of the same person there are."""
        return sum(other.one.identity == page.one.identity for other in self._open().pages) if page else 0

    def _remove_pictures(self, version: str) -> tuple[int, int]:
        """Delete the pictures a version tells of that no row names any more; how many went and how many stay."""
        index = self._open()
        told = index.told_by(version)
        going = told & index.unnamed()
        for name in sorted(going):
            index.folder.remove(name)
        return len(going), len(told - going)

    def residue(self, needles: Sequence[Needle]) -> Sequence[Residue]:
        """Search the index, every other file of the folder but the pictures, and the names of all of them."""
        matcher = Matcher(needles)
        if not matcher:
            self._open()
            return []
        index = self._open()
        waiting, read = index.waiting(matcher), {table.path for table in index.tables}
        found = index.residue(matcher, waiting)
        for path in index.folder.others:
            if path not in read:
                found += _tables.search_file(path, matcher)
        found += _names(index, matcher, index.pictures_of(waiting.values()))
        unnamed = len(index.unnamed())
        if unnamed:
            files = ", ".join(sorted(path.name for path in read))
            where = Phrase("{count} pictures that no row of {file} names", count=unnamed, file=files)
            why = Phrase("a picture cannot be searched: look at them, and delete those that are of nobody's page")
            found.append(Residue(where, why, found=False))
        return found

    @staticmethod
    def _entry(index: Index, page: Page) -> Entry:
        locator, common = index.locator(page), index.is_common(page)
        return Entry(
            ref=page.ref,
            version=Version(page.version),
            locator=locator,
            fields=index.fields(page),
            disposal=Disposal.MANUAL,
            disposal_reason=_SHARED if page.one.shared else _SHRED,
            attachments=() if common else tuple(index.folder.attachment(name) for name in page.pictures),
            missing=() if page.copied else tuple(_lacks(page, common, locator)),
        )


def _indexes(root: Path) -> list[Path]:
    """The files of an index by their usual names; one that is in iCloud only is among them."""
    with _files.reading(root):
        names = {path.name.casefold(): path for path in root.iterdir()}
    usual = [(name, root / name) for name in _USUAL]
    found = [names.get(name, path) for name, path in usual if name in names or _system.placeholder_of(path).exists()]
    return found or [root / _USUAL[0]]


def _lacks(page: Page, common: bool, locator: Phrase) -> Iterator[Phrase]:
    """What an access package lacks as long as no day says when the page was copied."""
    if common:
        yield Phrase(
            "A page is about another person, too: copy it with that part covered, and note the day: {place}", place=locator
        )
    elif page.lost:
        yield Phrase("The picture of a page is not in its folder, and no day says when it was copied: {place}", place=locator)
    elif not page.pictures:
        yield Phrase("A page has no picture, and no day says when it was copied: {place}", place=locator)


def _names(index: Index, matcher: Matcher, waiting: set[str]) -> list[Residue]:
    """The file names that spell a value, but for the pictures whose own row waits for a hand."""
    names = [name for name in index.folder.pictures if name not in waiting]
    names += [path.relative_to(index.folder.root).as_posix() for path in index.folder.others]
    hit = [name for name in names if matcher.in_text(unicodedata.normalize("NFC", name).replace("/", "\n\0\n"))]
    why = Phrase("the name of a file or folder is a value of the person: rename it, or delete it if it is theirs")
    return [Residue(Phrase("{count} file names", count=len(hit)), why)] if hit else []
