"""The connector for Excel workbooks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from connectors import _corrections
from connectors._copies import copies_of
from connectors._drive import SCHEME
from connectors._workbook.book import Book
from connectors._workbook.guard import require_writable
from connectors._workbook.places import Lost
from connectors._workbook.rows import Found, entries_of, found_in, tag_of, traces
from connectors.contract import (
    Check,
    Column,
    Connector,
    Correction,
    Features,
    Going,
    Needle,
    Option,
    Outcome,
    Residue,
    Spread,
    Watched,
)
from connectors.entry import KINDS, Cursor, Disposal, Entry, Field, Item, Ref, Unreadable, Version
from connectors.errors import PLAN_AGAIN, Conflict, HubError, Locked, NotFound, Refused
from connectors.excel.coverage import coverage_of
from connectors.excel.place import Hand, place_of
from connectors.phrase import Phrase

if TYPE_CHECKING:
    from connectors._workbook.removing import Wanted

_REF = re.compile(r"(s|c[0-9a-f]{8}-)(\d+)-(\d+)-([0-9a-f]{8}|0)")


class ExcelConnector(Connector):
    """A register kept in an Excel workbook (.xlsx, .xlsm), with the conflict copies that lie beside it."""

    kind = "excel"
    features = Features(
        erase="automatic", redact=True, rectify=True, spreads=True, guard="recheck", restore=True, holds="customers"
    )
    options: ClassVar[tuple[Option, ...]] = (
        Option(
            "path", "path", "the workbook (.xlsx or .xlsm); in iCloud Drive: icloud:/Folder/name.xlsx", True, prefixes=(SCHEME,)
        ),
        Option("sheet", "text", "the one sheet that is the register; left out: every sheet with known column names"),
        Option("header_row", "integer", "the row of the column names, as Excel counts; left out: found by itself"),
        Option(
            "columns",
            "table",
            'column names the hub does not know, each with its kind: { "Yhteyshenkilö" = "name" }',
            choices=tuple(KINDS),
        ),
        Option(
            "on_erase",
            "choice",
            "cells: the person's cells are emptied; row: every cell of the row is emptied",
            default="cells",
            choices=("cells", "row"),
        ),
        Option("region", "text", "the country of phone numbers without a country code", default="FI"),
        Option("account", "text", "for iCloud Drive: the e-mail address of the Apple ID"),
        Option("password", "secret", "for iCloud Drive: its password, when the sign-in that is kept has run out"),
        Option("session", "path", "for iCloud Drive: the folder where the sign-in is kept", default="icloud-session"),
    )

    def __init__(self, name: str, options: Mapping[str, Any]) -> None:
        super().__init__(name, options)
        self._place = place_of(self.settings)

    @property
    def _on_erase(self) -> str:
        return str(self.settings.get("on_erase") or "cells")

    def check(self) -> Check:
        """Whether the workbook can be read, and whether anything forbids to write to it now."""
        found = super().check()
        if not found.may_read:
            return found
        try:
            with self._place.at_hand(_nothing) as hand:
                require_writable(Book(hand.path, self.settings))
        except HubError as error:
            return Check(True, True, False, "locked" if isinstance(error, Locked) else "refused", (error.told,))
        return found

    def watched(self) -> Sequence[Watched] | None:
        """The workbook and its copies; in iCloud Drive only asking tells."""
        return self._place.watched()

    def coverage(self) -> Sequence[Column]:
        """Each column of every register in the workbook. Raises as `entries`."""
        with self._place.at_hand(_nothing) as hand:
            return coverage_of(Book(hand.path, self.settings))

    def entries(self, since: str | None = None) -> Iterator[Item]:
        """Yield every row's persons, those of conflict copies too, then the `Cursor`; `since` is ignored."""
        del since
        count = broken = 0
        warnings: list[Phrase] = []
        with self._place.at_hand() as hand:
            for item in self._found(hand.path, warnings):
                if isinstance(item, Found):
                    count += 1
                    yield item.entry
                else:
                    broken += 1
                    yield item
        yield Cursor(count, broken, warnings=tuple(warnings))

    def _found(self, main: Path, warnings: list[Phrase]) -> Iterator[Found | Unreadable]:
        """The entries of the workbook and of its copies; a copy that cannot be read hides nothing of the others."""
        book = Book(main, self.settings)
        yield from found_in(book, on_erase=self._on_erase)
        left_out = book.left_out
        for path in copies_of(main):
            warnings.append(
                Phrase(
                    "{copy} looks like a conflict copy of {file}: it is searched and erased too.", copy=path.name, file=book.file
                )
            )
            try:
                copy = Book(path, self.settings, copy_of=book.file)
                yield from found_in(copy, on_erase=self._on_erase)
                left_out += copy.left_out
            except HubError as error:
                yield Unreadable(Phrase("{file}", file=path.name), error.told)
        if left_out:
            warnings.append(Phrase("{count} cells hold an error or cannot be read; they are left out.", count=left_out))

    def get(self, ref: Ref) -> Entry:
        """Read one entry afresh, without reading the others."""
        with self._place.at_hand() as hand:
            book = self._book_of(hand.path, ref)
            found = self._at(book, ref) if book else None
        if found is None:
            raise NotFound(Phrase("The entry is no longer in {source}.", source=self.name))
        return found.entry

    def erase(self, ref: Ref, version: Version, needles: Sequence[Needle] = ()) -> Outcome:
        """Empty the person's cells, or the whole row where `on_erase` says so and nobody else stands in it."""
        return self._remove(ref, version, None, needles)

    def redact(self, ref: Ref, version: Version, fields: Sequence[str], needles: Sequence[Needle] = ()) -> Outcome:
        """Empty the person's cells of the named kinds; of a cell that others share only the person's part."""
        return self._remove(ref, version, frozenset(fields), needles)

    def rectify(self, ref: Ref, version: Version, corrections: Sequence[Correction]) -> Outcome:
        """Write the right values into the person's cells; of a cell that others share only into the person's part."""
        with self._place.at_hand(writing=True) as hand:
            book = self._book_of(hand.path, ref)
            found = self._to_correct(book, ref, version, corrections) if book else None
            if book is None or found is None:
                return Outcome("already_absent")
            require_writable(book)
            from connectors._workbook import returning
            from connectors._workbook.correcting import put_right

            receipts: list[bytes] = []

            def about_to(new: Path, lost: Sequence[Lost]) -> None:
                receipts.append(returning.receipt_of(self.name, ref, book, new, lost))
                self.seal(receipts[0])

            def read(new: Book) -> Sequence[Field]:
                other = self._same_place(new, found)
                return other.entry.fields if other else ()

            notes = put_right(book, found, corrections, hand.replace, read=read, about_to=about_to)
            again = self._book_of(hand.path, ref)
            now = self._same_place(again, found) if again else None
            return Outcome("rectified", notes, receipts[0], ref=now.entry.ref if now else None)

    def spread(self, going: Sequence[Going], needles: Sequence[Needle] = ()) -> Sequence[Spread]:
        """The cells outside the rows that go which hold values of the person that nobody else bears; in each copy of the workbook."""
        from connectors._workbook.removing import foreseen

        found: list[Spread] = []
        with self._place.at_hand() as hand:
            for _copy, some in groupby(sorted(going, key=_file_of), key=_file_of):
                entries = list(some)
                book = self._book_of(hand.path, entries[0].ref)
                if book is not None:
                    there = [one for one in entries if self._is_as_read(book, one)]
                    found += foreseen(book, map(self._wanted, there), needles, self._region)
        return found

    def _is_as_read(self, book: Book, going: Going) -> bool:
        found = self._at(book, going.ref)
        return found is not None and traces(found.entry.version)[0] == traces(going.version)[0]

    def _wanted(self, going: Going) -> Wanted:
        kinds = None if going.fields is None else frozenset(going.fields)

        def target(book: Book) -> Found | None:
            found = self._at(book, going.ref)  # a comment on it may have gone with an entry before: it is no other for that
            return found if found is not None and _goes(found, kinds) else None

        return target, kinds

    def restore(self, receipt: bytes) -> Outcome:
        """Make the workbook as it was before the erase; where it changed since, fill the person's cells if they are as they were left."""
        from connectors._workbook import returning

        told = returning.opened(self.name, receipt)
        with self._place.at_hand(writing=True) as hand:
            book = self._book_of(hand.path, Ref(told.ref))
            if book is None:
                raise Refused(Phrase("The file the row was in is no longer there; nothing was put back."))
            require_writable(book)
            notes = returning.put_back(book, told, hand.replace)
        return Outcome("restored", notes)

    def residue(self, needles: Sequence[Needle]) -> Sequence[Residue]:
        """Search every part of the workbook, of its copies, and of what programs left beside it."""
        from connectors._needles import Matcher
        from connectors._workbook.residue import find_residue, look_alikes, may_be_alike, search_file

        matcher = Matcher(needles)
        with self._place.at_hand(may_be_alike) as hand:
            book = Book(hand.path, self.settings)
            found = list(find_residue(book.package, matcher))
            beside = {*copies_of(hand.path), *look_alikes(hand.path)}
            found += [item for path in sorted(beside) for item in search_file(path, matcher)]
            return [*found, *hand.elsewhere()]

    def _remove(self, ref: Ref, version: Version, kinds: frozenset[str] | None, needles: Sequence[Needle]) -> Outcome:
        with self._place.at_hand(writing=True) as hand:
            return self._remove_from(hand, ref, version, kinds, needles)

    def _remove_from(
        self, hand: Hand, ref: Ref, version: Version, kinds: frozenset[str] | None, needles: Sequence[Needle]
    ) -> Outcome:
        book = self._book_of(hand.path, ref)
        if book is None:
            return Outcome("already_absent")
        found = self._at(book, ref)
        if found is None:
            self._require_absent(book, ref, version, kinds)
            return Outcome("already_absent")
        if not _goes(found, kinds):
            return Outcome("already_absent")
        if traces(found.entry.version)[0] != traces(version)[0]:
            raise self._conflict(book)  # not when only another person of the row went: what this one's entry shows is the same
        require_writable(book)
        # Half of this connector is for erasing, and a find should not wait for it to be imported.
        from connectors._workbook import returning
        from connectors._workbook.removing import take_out

        receipts: list[bytes] = []

        def about_to(new: Path, lost: Sequence[Lost]) -> None:
            receipts.append(returning.receipt_of(self.name, ref, book, new, lost))
            self.seal(receipts[0])

        notes = take_out(
            book, [lambda _book: found], hand.replace, kinds=kinds, needles=needles, region=self._region, about_to=about_to
        )
        return Outcome("erased" if kinds is None else "redacted", notes, receipts[0])

    @property
    def _region(self) -> str:
        return str(self.settings.get("region") or "FI")

    def _book_of(self, main: Path, ref: Ref) -> Book | None:
        """The file an entry is in; None when it is no longer there. The workbook itself must always be there."""
        match = _REF.fullmatch(ref)
        if match is None or match[1] == "s":
            return Book(main, self.settings) if match else None
        for path in copies_of(main):
            if tag_of(path.name, copy=True) == match[1]:
                return Book(path, self.settings, copy_of=main.name)
        return None

    def _at(self, book: Book, ref: Ref) -> Found | None:
        """The entry at the place the ref names, None when somebody else or nobody stands there."""
        match = _REF.fullmatch(ref)
        for table in book.tables():
            if match is not None and table.sheet.sheet_id == int(match[2]):
                row = table.row(int(match[3]))
                for found in entries_of(table, int(match[3]), *row, on_erase=self._on_erase) if row else ():
                    if isinstance(found, Found) and found.entry.ref == ref:
                        return found
        return None

    def _to_correct(self, book: Book, ref: Ref, version: Version, corrections: Sequence[Correction]) -> Found | None:
        """Whose values are to be put right, None when they are right already or nobody is there. Raises `Conflict`."""
        found = self._at(book, ref)
        if found is None:
            kinds = frozenset(one.kind for one in corrections)
            self._require_absent(book, ref, version, kinds, lambda other: _is_done(other, corrections))
            return None
        if _is_done(found, corrections):
            return None
        if traces(found.entry.version)[0] != traces(version)[0]:
            raise self._conflict(book)
        return found

    def _same_place(self, book: Book, found: Found) -> Found | None:
        """The entry that stands where another one stood, under whatever ref."""
        for table in book.tables():
            row = table.row(found.row) if table.sheet.sheet_id == found.table.sheet.sheet_id else None
            for other in entries_of(table, found.row, *row, on_erase=self._on_erase) if row else ():
                if isinstance(other, Found) and other.person == found.person:
                    return other
        return None

    def _require_absent(
        self,
        book: Book,
        ref: Ref,
        version: Version,
        kinds: frozenset[str] | None,
        settled: Callable[[Found], bool] = lambda _found: False,
    ) -> None:
        """Raise `Conflict` when the entry is still in the file: at another place, or with another name."""
        match = _REF.fullmatch(ref)
        whole, name, own = traces(version)
        for found in found_in(book, on_erase=self._on_erase):
            if not isinstance(found, Found):
                continue
            its_whole, its_name, its_own = traces(found.entry.version)
            here = match is not None and (found.table.sheet.sheet_id, found.row) == (int(match[2]), int(match[3]))
            moved = its_whole == whole or (its_name == name and own & its_own)
            if (moved or (here and own & its_own)) and _goes(found, kinds) and not settled(found):
                raise self._conflict(book)

    def _conflict(self, book: Book) -> Conflict:
        return Conflict(
            Phrase("The row in {file} was changed or moved since the plan was shown; nothing was written.", file=book.file),
            PLAN_AGAIN,
        )


def _file_of(going: Going) -> str:
    """What of its ref says in which copy of the workbook an entry is."""
    match = _REF.fullmatch(going.ref)
    return match[1] if match else ""


def _goes(found: Found, kinds: frozenset[str] | None) -> bool:
    """Whether anything of these kinds is left that an erase of the person takes away."""
    if kinds is None and found.entry.disposal is Disposal.ERASE:
        return True
    return any(kinds is None or value.kind in kinds for value in found.values())


def _is_done(found: Found, corrections: Sequence[Correction]) -> bool:
    return _corrections.is_done(found.entry.fields, corrections)


def _nothing(_path: Path) -> tuple[Path, ...]:
    """No file beside the workbook is needed."""
    return ()
