"""Everything a folder of exports holds, read once: customer tables, invoices, their PDFs, and what cannot be read."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from connectors import _csvfile, _files
from connectors._copies import meant
from connectors._needles import Matcher
from connectors._table import Listed, TableFile, require_fit, short, unknown_columns
from connectors._tables import BOOKS, open_table
from connectors.arkhimedes import finvoice, pdfs
from connectors.arkhimedes.finvoice import Invoice
from connectors.arkhimedes.pdfs import Paper
from connectors.arkhimedes.tables import adapt, card_of, fields_of, number_of, series_of
from connectors.contract import Needle
from connectors.entry import Attachment, Disposal, Entry, Field, Ref, Retention, Unreadable, Version
from connectors.errors import Damaged, HubError, Refused, Unreachable
from connectors.phrase import Phrase

_DEEPEST: Final = 4
_MOST: Final = 20_000
_TABLES: Final = BOOKS | {".csv", ".tsv"}
_KEPT = Phrase("an issued invoice is kept unaltered as long as the bookkeeping law says")
_OWED = Phrase("it says that it is not paid: see first whether anybody still owes it")
_CARD = Phrase("delete the customer card in the program (or make it passive), then export the customers anew into the folder")


class CardVersion(NamedTuple):
    """What the version of a card tells: when the export that shows it was made, of which kind it is, and the card itself."""

    made: int
    series: str
    own: str

    @classmethod
    def of(cls, version: str) -> CardVersion:
        """Read a version; one that is no card's is older than every export."""
        head, _, own = version.partition(".")
        made, _, series = head.partition("-")
        return cls(int(made) if made.isdecimal() else -1, series, own)

    def __str__(self) -> str:
        return f"{self.made}-{self.series}.{self.own}"


@dataclass
class Folder:
    """The files of a folder of exports, by what they are."""

    root: Path
    in_use: bool
    tables: list[TableFile] = field(default_factory=list)
    invoices: list[tuple[Path, Invoice]] = field(default_factory=list)
    papers: list[tuple[Path, Paper]] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    others: list[Path] = field(default_factory=list)
    times: dict[Path, int] = field(default_factory=dict)
    """When each file was written, in nanoseconds."""

    def name_of(self, path: Path) -> str:
        """A file's name below the folder."""
        return path.relative_to(self.root).as_posix()

    def tag_of(self, path: Path) -> str:
        """What stands for a file in a ref."""
        return short("file", self.name_of(path))

    @property
    def newest(self) -> float:
        """When the newest export was made, in seconds."""
        return max(self.times[path] for path in self.times if path not in self.others) / 1e9

    def entries(self) -> Iterator[Entry]:
        """Every entry: rows of tables, cards in the program, invoices, and PDFs that no invoice goes with."""
        for table in self.tables:
            yield from (self._row(table, one) for one in table.everybody)
        yield from self.cards().values()
        yield from self._invoices()

    def cards(self, newer_than: int = -1) -> dict[Ref, Entry]:
        """The customer cards the program holds by its newest exports, as far as those are newer than a time."""
        found: dict[Ref, Entry] = {}
        for table in self._current() if self.in_use else ():
            made = self.times[table.path]
            for one in table.everybody if made > newer_than else ():
                ref, version = Ref(f"c{card_of(one)}"), CardVersion(made, short("series", series_of(table.path)), one.version)
                found.setdefault(ref, self._card(ref, one, version))
        return found

    def _current(self) -> list[TableFile]:
        """Of the tables that are exports of one kind the newest."""
        newest: dict[str, TableFile] = {}
        for table in self.tables:
            if any(use.kind == "invoice_number" for head in table.heads for use in head.columns.values()):
                continue  # a list of invoices, not of customer cards
            other = newest.get(series_of(table.path))
            if other is None or (self.times[other.path], other.path.name) < (self.times[table.path], table.path.name):
                newest[series_of(table.path)] = table
        return list(newest.values())

    def has_newer(self, card: CardVersion) -> bool:
        """Whether an export was made since then in which the card would stand: one of its kind, if there still is any."""
        series = {table: short("series", series_of(table.path)) for table in self._current()}
        alike = [table for table, its in series.items() if its == card.series] or list(series)
        return any(self.times[table.path] > card.made for table in alike)

    def _row(self, table: TableFile, one: Listed) -> Entry:
        return Entry(
            ref=Ref(f"r{self.tag_of(table.path)}-{one.ref}"),
            version=Version(one.version),
            locator=one.place_in(self.name_of(table.path)),
            fields=(*fields_of(one), *one.notes),
            disposal=Disposal.REDACT if one.shared else Disposal.ERASE,
            disposal_reason=one.people.why_part if one.shared else None,
        )

    @staticmethod
    def _card(ref: Ref, one: Listed, version: CardVersion) -> Entry:
        number = number_of(one)
        where = Phrase("Isolta Arkhimedes, customer card {number}", number=number)
        return Entry(
            ref=ref,
            version=Version(str(version)),
            locator=where if number else Phrase("Isolta Arkhimedes, customer card (row {row} of the export)", row=one.numbers),
            fields=fields_of(one),
            disposal=Disposal.MANUAL,
            disposal_reason=_CARD,
        )

    def _invoices(self) -> Iterator[Entry]:
        known = {invoice.number for _path, invoice in self.invoices if invoice.number}
        linked: dict[str, list[Path]] = {}
        alone: list[tuple[Path, Paper]] = []
        for path, paper in self.papers:
            number = _goes_with(path, paper, known)
            if number:
                linked.setdefault(number, []).append(path)
            else:
                alone.append((path, paper))
        seen: set[Ref] = set()
        held = Counter(path for path, _invoice in self.invoices)
        for path, invoice in self.invoices:
            files = linked.get(invoice.number, []) if invoice.number else []
            for index, party in enumerate(invoice.parties):
                ref = Ref(f"i{short(invoice.number, invoice.digest)}-{index}")
                if ref not in seen:
                    seen.add(ref)
                    entry = self._invoice(ref, invoice.digest, invoice.number, path=path, fields=party.fields, files=files)
                    yield self._kept(entry, path, files, alone=held[path] == 1, owed=invoice.owed)
        for path, paper in alone:
            digest = short("pdf", paper.text)
            ref = Ref(f"p{digest}")
            if ref not in seen:
                seen.add(ref)
                entry = self._invoice(ref, digest, paper.number, path=path, fields=paper.fields, files=[path])
                yield self._kept(entry, path, [])

    def _invoice(self, ref: Ref, digest: str, number: str, *, path: Path, fields: tuple[Field, ...], files: list[Path]) -> Entry:
        known = Phrase("invoice {number}", number=number)
        return Entry(
            ref=ref,
            version=Version(digest),
            locator=known if number else Phrase("an invoice without a number, {file}", file=self.name_of(path)),
            fields=fields,
            disposal=Disposal.RETAIN,
            disposal_reason=_KEPT,
            attachments=tuple(Attachment(file.name, "application/pdf", partial(_csvfile.read, file)) for file in files),
        )

    def _kept(self, entry: Entry, path: Path, papers: list[Path], *, alone: bool = True, owed: bool = False) -> Entry:
        """The entry of an invoice with what the law says of it, and how it goes when the law's time is over."""
        names = [named(self.name_of(file), entry) for file in dict.fromkeys((path, *papers))]
        after = (
            Phrase("the law's time is over: delete it in the invoicing program, and here {files}", files=", ".join(names))
            if alone
            else Phrase(
                "the law's time is over: delete it in the invoicing program, and take it out of {files}; where other invoices are in "
                "the file too, those stay",
                files=", ".join(names),
            )
        )
        return replace(entry, retention=Retention("voucher", Disposal.MANUAL, after, _OWED if owed else None))

    def left_of(self, ref: Ref, version: Version) -> Entry | None:
        """The invoice of a ref, or the PDF that is left of it; None when both are gone."""
        for entry in self._invoices():
            number = next(iter(entry.values("invoice_number")), "")
            if entry.ref == ref or (number and ref.startswith(f"i{short(number, version)}-")):
                return entry
        return None


def named(name: str, entry: Entry) -> str:
    """A file's name without the names in the entry."""
    words = [value.split() for value in entry.values("name", "company")]
    orders = [" ".join(order) for order in words for order in (order, order[::-1])]
    return _csvfile.named(name, Matcher([Needle("name", one) for one in orders]))


def _goes_with(path: Path, paper: Paper, known: set[str]) -> str:
    """The number of the invoice a PDF shows: said in it, or in its name and in it."""
    if paper.number:
        return paper.number if paper.number in known else ""
    words = set("".join(letter if letter.isalnum() else " " for letter in path.stem).split())
    told = sorted(number for number in known & words if len(number) >= 3 and number in paper.text)
    return told[0] if len(told) == 1 else ""


def read(root: Path, settings: Mapping[str, Any]) -> Folder:
    """Read a folder of exports. Raises `Unreachable` when it is not there or holds no export, `Damaged` when none can be read."""
    found = Folder(root, settings.get("service") != "closed")
    troubles: list[HubError] = []
    for path in _loose_invoices(root) if settings.get("content") == "invoices" else files(root):
        try:
            with _files.reading(path):
                stat = path.stat()
                found.times[path] = stat.st_mtime_ns
                _sort(path, stat.st_size, found, settings)
        except HubError as error:
            troubles.append(error)
            found.others.append(path)
            found.unreadable.append(Unreadable(Phrase("{file}", file=found.name_of(path)), error.told))
    if not (found.tables or found.invoices or found.papers):
        if troubles:
            raise troubles[0] if isinstance(troubles[0], Unreachable) else Damaged(troubles[0].told)
        if found.unreadable:
            first = found.unreadable[0]
            raise Damaged(Phrase("{place}: {reason}", place=first.locator, reason=first.reason))
        raise Unreachable(
            Phrase("The folder {file} holds no export of the invoicing program.", file=root.name),
            Phrase("Export the customers (CSV or Excel) and the invoices (Finvoice, PDF) into it."),
        )
    if not troubles:
        require_fit(unknown_columns(settings.get("columns") or {}, found.tables, root.name), root.name)
    return found


def _sort(path: Path, size: int, found: Folder, settings: Mapping[str, Any]) -> None:
    suffix = path.suffix.casefold()
    if path.name.startswith((".", "~$")):
        found.others.append(path)
    elif suffix == ".xml":
        _add_invoices(path, found)
    elif suffix == ".pdf":
        found.papers.append((path, _paper(path, found.times[path], size)))
    elif suffix in _TABLES:
        table = open_table(path, settings, adapt)
        found.tables.append(table)
        found.unreadable += table.unreadable
    else:
        found.others.append(path)


@lru_cache(maxsize=4096)
def _paper(path: Path, _changed: int, _size: int) -> Paper:
    """A PDF's text; each erase reads the folder several times, and PDFs are slow."""
    return pdfs.read(_csvfile.read(path))


def _add_invoices(path: Path, found: Folder) -> None:
    for number, item in enumerate(finvoice.invoices(_csvfile.read(path)), 1):
        if isinstance(item, Invoice):
            found.invoices.append((path, item))
        else:
            where = Phrase("{file}, invoice number {number} in the file", file=found.name_of(path), number=number)
            found.unreadable.append(Unreadable(where, item))


def _loose_invoices(root: Path) -> list[Path]:
    """The electronic invoices directly in a folder that holds other registers too, and the PDFs that say an invoice's number."""
    beside = [path for path in files(root, deepest=0) if not path.name.startswith((".", "~$"))]
    return [path for path in beside if _is_loose_invoice(path)]


def _is_loose_invoice(path: Path) -> bool:
    suffix = path.suffix.casefold()
    try:
        if suffix == ".pdf":
            stat = path.stat()
            return bool(_paper(path, stat.st_mtime_ns, stat.st_size).number)
        return suffix == ".xml" and finvoice.is_in(_csvfile.read(path))
    except (HubError, OSError):
        return suffix == ".xml"  # what it is cannot be seen, and that is told


def files(root: Path, deepest: int = _DEEPEST) -> list[Path]:
    """Every file of the folder and of the folders in it, those that are in iCloud only too. Raises `Unreachable`, or `Refused` when there are far too many."""
    if not root.is_dir():
        raise Unreachable(
            Phrase("The folder {file} is not where the configuration says.", file=root.name),
            Phrase("Check `path` in hub.toml; was the folder moved or renamed?"),
        )
    found: list[Path] = []
    with _files.reading(root):
        for folder, below, names in os.walk(root, onerror=_raise):
            place = Path(folder)
            if len(place.relative_to(root).parts) >= deepest:
                below.clear()
            found += [place / name for name in names if not (place / name).is_symlink() or (place / name).is_file()]
    if len(found) > _MOST:
        raise Refused(
            Phrase("The folder {file} holds far more files than exports; name the folder of the exports.", file=root.name)
        )
    return sorted({meant(path) for path in found})


def _raise(error: OSError) -> None:
    raise error
