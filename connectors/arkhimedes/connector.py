"""The connector for exports of an invoicing program."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from connectors import _csvfile, _table, _tables
from connectors._needles import Matcher
from connectors._table import Listed, TableFile
from connectors.arkhimedes import folder
from connectors.arkhimedes.folder import CardVersion, Folder
from connectors.arkhimedes.tables import adapt
from connectors.contract import (
    Check,
    Column,
    Connector,
    Features,
    Going,
    Needle,
    Option,
    Outcome,
    Residue,
    Spread,
    Watched,
)
from connectors.entry import KINDS, Cursor, Entry, Item, Ref, Version
from connectors.errors import PLAN_AGAIN, Conflict, HubError, Locked, NotFound, Refused
from connectors.phrase import Phrase

_ROW = re.compile(r"r([0-9a-f]{12})-([0-9a-f-]+)")
_CARD = re.compile(r"c[0-9a-f]{12}")
_DAY = 86_400


class ArkhimedesConnector(Connector):
    """Exports of an invoicing program (Isolta Arkhimedes): customer tables, Finvoice invoices and invoice PDFs."""

    kind = "arkhimedes"
    features = Features(redact=True, spreads=True, restore=True, holds="invoicing")
    options: ClassVar[tuple[Option, ...]] = (
        Option("path", "path", "the folder of exports: customers as CSV or Excel, Finvoice XML, invoice PDFs", required=True),
        Option("stale_after_days", "integer", "after so many days without a new export the source is stale", default=31),
        Option(
            "columns",
            "table",
            'column names the hub does not know, each with its kind: { "Kuka" = "name" }',
            choices=tuple(KINDS),
        ),
        Option(
            "service",
            "choice",
            "used: every customer has a card in the program too, which goes by hand; closed: only these files are left",
            default="used",
            choices=("used", "closed"),
        ),
        Option(
            "content",
            "choice",
            "everything: every export in the folder; invoices: only the electronic invoices directly in it, with their PDFs",
            default="everything",
            choices=("everything", "invoices"),
        ),
        Option("region", "text", "the country of phone numbers without a country code", default="FI"),
    )

    @property
    def _path(self) -> Path:
        return Path(self.settings["path"])

    def _read(self) -> Folder:
        return folder.read(self._path, self.settings)

    def check(self) -> Check:
        """Whether the exports can be read, whether a program has one open, and how old the newest is."""
        try:
            found = self._read()
        except HubError:
            return super().check()
        try:
            for table in found.tables:
                table.require_writable()
        except HubError as error:
            return Check(True, True, False, "locked" if isinstance(error, Locked) else "refused", (error.told,))
        days = self.settings.get("stale_after_days")
        if time.time() - found.newest > (31 if days is None else int(days)) * _DAY:
            day = datetime.fromtimestamp(found.newest, UTC).astimezone().date().isoformat()
            old = Phrase("The newest export is of {day}: export the customers and invoices anew into the folder.", day=day)
            return Check(True, True, True, "stale", (old,))
        return Check(True, True, True)

    def watched(self) -> Sequence[Watched]:
        """Every export in the folder."""
        return [Watched(self._path), Watched(self._path, like="", deep=True)]

    def coverage(self) -> Sequence[Column]:
        """Each column of the customer tables, and each element of the invoices that says something of a person."""
        found = self._read()
        tables = [(table.heads, list(table.rows())) for table in found.tables]
        columns = {one.column: one for heads, rows in tables for one in _table.columns_of(heads, rows)}
        for _path, invoice in found.invoices:
            for item in (item for party in invoice.parties for item in party.fields):
                columns.setdefault(item.label, Column(item.label, item.kind))
        for _path, paper in found.papers:
            for item in paper.fields:
                columns.setdefault(f"PDF: {item.kind}", Column(f"PDF: {item.kind}", item.kind))
        return list(columns.values())

    def entries(self, since: str | None = None) -> Iterator[Item]:
        """Yield rows, cards and invoices, then what cannot be read, then the `Cursor`; `since` is ignored."""
        del since
        found, count = self._read(), 0
        for entry in found.entries():
            count += 1
            yield entry
        yield from found.unreadable
        newest = datetime.fromtimestamp(found.newest, UTC).astimezone().isoformat(timespec="seconds")
        warnings = tuple(warning for table in found.tables for warning in table.warnings)
        yield Cursor(count, len(found.unreadable), as_of=newest, warnings=warnings)

    def erase(self, ref: Ref, version: Version, needles: Sequence[Needle] = ()) -> Outcome:
        """Take the person's row out of an export; of a card, say whether a newer export still shows it."""
        found = self._read()
        if _CARD.fullmatch(ref):
            return self._settle_card(found, ref, version)
        if not ref.startswith("r"):
            return self._only_by_hand(found, ref, version)
        table = self._table_of(found, ref, version)
        one = table.find(_row_of(ref), version) if table else None
        if table is None or one is None:
            return Outcome("already_absent")
        return self._take(found, table, one, None, needles)

    def redact(self, ref: Ref, version: Version, fields: Sequence[str], needles: Sequence[Needle] = ()) -> Outcome:
        """Empty the person's fields of the named kinds in a row of an export."""
        found = self._read()
        if not ref.startswith("r"):
            return self._only_by_hand(found, ref, version)
        table = self._table_of(found, ref, version)
        one = table.find(_row_of(ref), version, fields) if table else None
        if table is None or one is None:
            return Outcome("already_absent")
        return self._take(found, table, one, fields, needles)

    def spread(self, going: Sequence[Going], needles: Sequence[Needle] = ()) -> Sequence[Spread]:
        """The cells outside the rows that go which hold values of the person that nobody else bears; of customer tables that are workbooks."""
        found = self._read()
        rows: dict[Path, list[tuple[Listed, Sequence[str] | None]]] = {}
        tables = {table.path: table for table in found.tables}
        for one in going:
            match = _ROW.fullmatch(one.ref)
            table = next((table for table in found.tables if match and found.tag_of(table.path) == match[1]), None)
            with suppress(Conflict):
                listed = table.find(_row_of(one.ref), one.version, one.fields) if table else None
                if table and listed:
                    rows.setdefault(table.path, []).append((listed, one.fields))
        return [place for path, some in rows.items() for place in tables[path].foreseen(some, needles)]

    def _take(
        self, found: Folder, table: TableFile, one: Listed, kinds: Sequence[str] | None, needles: Sequence[Needle]
    ) -> Outcome:
        table.require_writable()
        name = found.name_of(table.path)
        return _tables.take_out(table, one, kinds, needles, source=self.name, name=name, seal=self.seal)

    def restore(self, receipt: bytes) -> Outcome:
        """Put the rows of a customer back into the export they were in, whose time stays; see `csv_table` and `excel`."""
        name, inner = _tables.opened(self.name, receipt)
        found = self._read()
        table = next((table for table in found.tables if found.name_of(table.path) == name), None)
        if table is None:
            raise Refused(Phrase("The file the row was in is no longer there; nothing was put back."))
        return Outcome("restored", _tables.put_back(table, self.name, inner, self.settings, adapt))

    def residue(self, needles: Sequence[Needle]) -> Sequence[Residue]:
        """Search the customer tables and every other file that is no invoice."""
        found, matcher = self._read(), Matcher(needles)
        left = [item for table in found.tables for item in table.residue(matcher)]
        for path in found.others:
            left += _tables.search_file(path, matcher)
            if path.suffix.casefold() == ".pdf":
                where = Phrase("{file}", file=_csvfile.named(found.name_of(path), matcher))
                left.append(Residue(where, Phrase("The PDF cannot be read. Look at it by hand."), found=False))
        return left

    def _settle_card(self, found: Folder, ref: Ref, version: Version) -> Outcome:
        """A hand has removed the card, it says: believe it unless an export made since then still shows the card."""
        shown = CardVersion.of(version)
        for entry in found.cards(newer_than=shown.made).values():
            if entry.ref == ref or (shown.own and CardVersion.of(entry.version).own == shown.own):
                raise Refused(
                    Phrase("The newest export still shows {locator}.", locator=entry.locator),
                    Phrase("Delete the card in the program, export the customers anew into the folder, and say hub done again."),
                )
        if found.has_newer(shown):
            return Outcome("already_absent")
        day = datetime.fromtimestamp(max(shown.made, 0) / 1e9, UTC).astimezone().date().isoformat()
        unseen = Phrase(
            "No export newer than {day} is in the folder: export the customers anew, so that the hub sees it.", day=day
        )
        return Outcome("already_absent", (unseen,), seen=False)

    def _only_by_hand(self, found: Folder, ref: Ref, version: Version) -> Outcome:
        """What the hub never removes itself. Raises `Refused` while it is there."""
        entry = next((entry for entry in found.entries() if entry.ref == ref), None) or found.left_of(ref, version)
        if entry is None:
            return Outcome("already_absent")
        raise Refused(
            Phrase("An issued invoice is not altered: {locator}.", locator=entry.locator),
            Phrase("When the law's time is over, delete it and its PDF by hand, and say hub done again."),
        )

    def _table_of(self, found: Folder, ref: Ref, version: Version) -> TableFile | None:
        """The file a row is in, None when it is not there any more. Raises `Conflict` when the row stands in another one."""
        match = _ROW.fullmatch(ref)
        if match is None:
            return None
        table = next((table for table in found.tables if found.tag_of(table.path) == match[1]), None)
        if table is not None:
            return table
        if any(found.tag_of(path) == match[1] for path in found.others):
            raise Refused(Phrase("The export the row is in cannot be read any more; nothing was written."))
        if any(one.version == version for other in found.tables for one in other.everybody):
            raise Conflict(
                Phrase("The export the row was in is gone, and another one holds the same row; nothing was written."),
                PLAN_AGAIN,
            )
        return None

    def get(self, ref: Ref) -> Entry:
        """Read one entry afresh."""
        for entry in self._read().entries():
            if entry.ref == ref:
                return entry
        row = self._changed(ref)
        if row is not None:
            return row
        raise NotFound(Phrase("The entry is no longer in {source}.", source=self.name))

    def _changed(self, ref: Ref) -> Entry | None:
        """A row whose ref is another by now because it has a double, or has none any more."""
        match, found = _ROW.fullmatch(ref), self._read()
        for table in found.tables if match else ():
            one = _table.lookup(table.everybody, _row_of(ref)) if match and found.tag_of(table.path) == match[1] else None
            if one is not None:
                return next((entry for entry in found.entries() if entry.ref == f"r{match[1] if match else ''}-{one.ref}"), None)
        return None


def _row_of(ref: Ref) -> str:
    match = _ROW.fullmatch(ref)
    return match[2] if match else ""
