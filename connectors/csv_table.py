"""The connector for any table exported as CSV: a newsletter list, a list of participants, another program's export."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from connectors import _copies, _csvback, _csvcorrect, _csvfile, _csvtext, _files, _table
from connectors._csvfile import CsvFile
from connectors._needles import Matcher
from connectors.contract import Check, Column, Connector, Correction, Features, Needle, Option, Outcome, Residue, Watched
from connectors.entry import KINDS, Cursor, Disposal, Entry, Item, Ref, Version
from connectors.errors import Locked, NotFound
from connectors.phrase import Phrase

_BACKUPS = (".bak", ".old", ".orig", ".tmp", ".backup", "~")


class CsvConnector(Connector):
    """A table exported as CSV (separated by semicolon, comma or tab)."""

    kind = "csv"
    features = Features(redact=True, rectify=True, restore=True)
    options: ClassVar[tuple[Option, ...]] = (
        Option("path", "path", "the table, a text file (.csv, .tsv, .txt)", required=True),
        Option(
            "columns",
            "table",
            'column names the hub does not know, each with its kind: { "Yhteyshenkilö" = "name" }',
            choices=tuple(KINDS),
        ),
        Option("delimiter", "text", "what separates the fields; left out: found by the column names"),
        Option("encoding", "choice", "how letters are stored; left out: found by the bytes", choices=_csvtext.ENCODINGS),
        Option("region", "text", "the country of phone numbers without a country code", default="FI"),
    )

    @property
    def _path(self) -> Path:
        return Path(self.settings["path"])

    def _open(self, encoding: str = "") -> CsvFile:
        return CsvFile(self._path, {**self.settings, "encoding": encoding} if encoding else self.settings)

    def check(self) -> Check:
        """Whether the table can be read, and whether a program has it open."""
        found = super().check()
        try:
            _csvfile.require_closed(self._path)
        except Locked as error:
            return Check(found.reachable, found.may_read, False, "locked", (error.told,)) if found.may_read else found
        return found

    def watched(self) -> Sequence[Watched]:
        """The table and its copies."""
        return _copies.watched(self._path)

    def coverage(self) -> Sequence[Column]:
        """Each column of the table, those without a name included when they hold something."""
        table = self._open()
        return _table.columns_of(table.heads, table.rows())

    def entries(self, since: str | None = None) -> Iterator[Item]:
        """Yield the persons of every row, the rows that cannot be read, and the `Cursor`; `since` is ignored."""
        del since
        table = self._open()
        for one in table.everybody:
            yield self._entry(one)
        yield from table.unreadable
        yield Cursor(len(table.everybody), len(table.unreadable), warnings=table.warnings)

    def get(self, ref: Ref) -> Entry:
        """Read one entry afresh."""
        one = _table.lookup(self._open().everybody, ref)
        if one is None:
            raise NotFound(Phrase("The entry is no longer in {source}.", source=self.name))
        return self._entry(one)

    def erase(self, ref: Ref, version: Version, needles: Sequence[Needle] = ()) -> Outcome:
        """Take the person's row out of the file; where another person stands in it too, only the person's part."""
        table = self._open()
        one = table.find(ref, version)
        if one is None:
            return Outcome("already_absent")
        _csvfile.require_closed(self._path)
        receipts: list[bytes] = []
        table.take_rows(one, about_to=self._sealing(receipts, table, one))
        return Outcome("erased", receipt=receipts[0])

    def redact(self, ref: Ref, version: Version, fields: Sequence[str], needles: Sequence[Needle] = ()) -> Outcome:
        """Empty the person's fields of the named kinds; of a field that others share only the person's part."""
        table = self._open()
        one = table.find(ref, version, fields)
        if one is None:
            return Outcome("already_absent")
        _csvfile.require_closed(self._path)
        receipts: list[bytes] = []
        table.take_fields(one, fields, needles, about_to=self._sealing(receipts, table, one))
        return Outcome("redacted", receipt=receipts[0])

    def rectify(self, ref: Ref, version: Version, corrections: Sequence[Correction]) -> Outcome:
        """Write the right values into the person's fields; of a field that others share only into the person's part."""
        table = self._open()
        one = table.to_correct(ref, version, corrections)
        if one is None:
            return Outcome("already_absent")
        _csvfile.require_closed(self._path)
        receipts: list[bytes] = []
        _csvcorrect.correct(table, one, corrections, self._sealing(receipts, table, one))
        places = {row.place for row in one.rows}
        now = next(
            (
                other
                for other in self._open().everybody
                if {row.place for row in other.rows} & places and other.person == one.person
            ),
            None,
        )
        return Outcome("rectified", receipt=receipts[0], ref=Ref(now.ref) if now else None)

    def _sealing(self, receipts: list[bytes], table: CsvFile, one: _table.Listed) -> _csvfile.AboutTo:
        def about_to(taken: Sequence[_csvfile.Taken], left: bytes) -> None:
            receipts.append(_csvback.receipt_of(self.name, table, one, taken, left))
            self.seal(receipts[0])

        return about_to

    def restore(self, receipt: bytes) -> Outcome:
        """Put the rows back: to the byte where the file is as the erase left it, else between the rows they stood between.

        Where those are gone, below the last person, and the owner is told; a row that is there again is a `Conflict`.
        """
        told = _csvback.opened(self.name, self._path, receipt)
        table = self._open(_csvback.encoding_of(self._path, told))
        _csvfile.require_closed(self._path)
        notes = _csvback.put_back(table, told)
        _csvback.require_back(self._open(), told)
        return Outcome("restored", notes)

    def residue(self, needles: Sequence[Needle]) -> Sequence[Residue]:
        """Search the table, and the copies and backups of it that lie beside it."""
        matcher = Matcher(needles)
        found = self._open().residue(matcher)
        return found + [item for path in _beside(self._path) for item in _csvfile.search_file(path, matcher)]

    @staticmethod
    def _entry(one: _table.Listed) -> Entry:
        where = Phrase("row {row}", row=one.numbers) if len(one.rows) == 1 else Phrase("rows {rows}", rows=one.numbers)
        return Entry(
            ref=Ref(one.ref),
            version=Version(one.version),
            locator=where,
            fields=one.fields,
            disposal=Disposal.REDACT if one.shared else Disposal.ERASE,
            disposal_reason=one.people.why_part if one.shared else None,
        )


def _beside(path: Path) -> list[Path]:
    """Copies and backups of a table in its folder, and what a killed run left."""
    with _files.reading(path.parent):
        others = sorted(other for other in path.parent.iterdir() if other.name != path.name and other.is_file())
    copies = set(_copies.copies_of(path))
    stem = path.stem.casefold()
    return [
        other
        for other in others
        if other in copies
        or (stem in other.name.casefold() and other.name.casefold().endswith(_BACKUPS))
        or (other.name.startswith(_files.PREFIX) and other.name.endswith(".tmp"))
    ]
