"""From a row of a register to entries: one for each person in it, with a ref and a version that survive the others."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from connectors._layout import Cell, Head
from connectors._rowpeople import RowPeople, Value, comments_of, read_row
from connectors._workbook.book import Book, Table
from connectors.entry import Disposal, Entry, Field, Ref, Unreadable, Version
from connectors.phrase import Phrase

_CELLS = Phrase("the row stays with company, service, price and dates; the person's cells are emptied")


@dataclass(frozen=True, slots=True)
class Target:
    """A person in a row, with all that an erase must know about the row; `whole`: every cell of it goes with the person."""

    table: Table = field(repr=False)
    row: int
    person: int
    people: RowPeople = field(repr=False)
    whole: bool

    def values(self) -> list[Value]:
        """The values of the row that go with this person."""
        return [value for value in visible(self.people, self.person) if not self.people.stays(value, self.person)]


@dataclass(frozen=True, slots=True)
class Found(Target):
    """A person in a row, with the entry that tells of it."""

    entry: Entry


def found_in(book: Book, *, on_erase: str) -> Iterator[Found | Unreadable]:
    """Every entry of a workbook, and each row that holds something but cannot be read."""
    for table in book.tables():
        for number, head, cells in table.rows():
            yield from entries_of(table, number, head, cells, on_erase=on_erase)


def entries_of(table: Table, number: int, head: Head, cells: dict[int, Cell], *, on_erase: str) -> Iterator[Found | Unreadable]:
    """The entries of one row, or the row as `Unreadable` when nobody can be found in it because a cell is broken."""
    people = people_of(table, number, head, cells)
    table.book.left_out += sum(map(is_left_out, cells.values()))
    locator = _locator(table, number)
    persons = persons_in(people)
    if is_broken(cells):
        yield Unreadable(locator, BROKEN)
    for person in persons:
        entry = _entry(table, number, people, person, on_erase)
        yield Found(table, number, person, people, entry.disposal is Disposal.ERASE, entry)


BROKEN = Phrase("a cell refers to a text that is not in the workbook; save it again in Excel")


def is_broken(cells: Mapping[int, Cell]) -> bool:
    """Whether a row holds a cell whose text is lost."""
    return any(cell.kind == "broken" for cell in cells.values())


def is_left_out(cell: Cell) -> bool:
    """Whether a cell says nothing that could be read."""
    return cell.kind in ("error", "broken") and not cell.formula


def persons_in(people: RowPeople) -> list[int]:
    """The index of each entry of a row; a row of a company alone is one too."""
    return list(range(len(people.names))) or ([0] if people.company else [])


def people_of(table: Table, number: int, head: Head, cells: Mapping[int, Cell]) -> RowPeople:
    """The persons and values of one row, those of merged cells that reach into it included."""
    if not table.merged:
        return read_row(cells, head, frozenset(), table.mail.get(number, {}))
    whole = dict(cells)
    borrowed = set()
    for column in head.columns:
        place = table.merged.get((number, column))
        if place is not None:
            borrowed.add(column)
            anchor = table.row(place[0])
            if anchor is not None and place[1] in anchor[1]:
                whole[column] = anchor[1][place[1]]
    return read_row(whole, head, frozenset(borrowed), table.mail.get(number, {}))


def visible(people: RowPeople, person: int) -> list[Value]:
    """The values of a row as one person's entry shows them: hers, and those that are nobody's alone."""
    return [value for value in people.values if value.owner in (person, -1)]


def slot(people: RowPeople, person: int) -> str:
    """What tells the persons of one row apart: a short hash of the name, or of the first value that says who it is."""
    if not people.names:
        return "0"
    own = [value.text for value in people.values if value.kind in ("email", "phone") and people.mine(value, person)]
    return _short(people.keys[person] or (own[0] if own else "-"))


def _version(people: RowPeople, person: int, seen: list[Value], comments: Sequence[Field]) -> Version:
    """A hash of everything the entry shows, then one of each value that says who it is (see `traces`)."""
    whole = sorted(f"{value.kind}\0{value.text}" for value in seen) + [item.value for item in comments]
    own = [_short(people.keys[person])] if people.names else []
    own += [_short(value.text.casefold()) for value in seen if value.kind in ("email", "phone") and people.mine(value, person)]
    return Version(".".join([hashlib.sha256("\1".join(whole).encode("utf-8", "replace")).hexdigest()[:20], *own]))


def traces(token: Version) -> tuple[str, frozenset[str], frozenset[str]]:
    """The hash of a version's whole content, that of the name, and those of the other identifying values."""
    whole, *own = token.split(".")
    return whole, frozenset(own[:1]), frozenset(own[1:])


def _entry(table: Table, number: int, people: RowPeople, person: int, on_erase: str) -> Entry:
    seen = visible(people, person)
    fields = tuple(Field(value.kind, value.text, value.label, people.stays(value, person)) for value in seen)
    whole = on_erase == "row" and len(people.names) == 1
    comments = tuple(comments_of(table.comments.get(number, {}), number, people, person, whole=whole))
    fields += comments
    disposal, reason = Disposal.REDACT, _CELLS
    if len(people.names) > 1:
        reason = people.why_part
    elif not people.names:
        reason = Phrase("the row names no person; it stays")
    elif on_erase == "row":
        disposal, reason = Disposal.ERASE, Phrase("every cell of the row is emptied")
    elif all(not item.stays for item in fields):
        reason = Phrase("the person's cells are emptied; nothing else stands in the row")
    return Entry(
        ref=Ref(
            f"{tag_of(table.book.file, copy=bool(table.book.copy_of))}{table.sheet.sheet_id}-{number}-{slot(people, person)}"
        ),
        version=_version(people, person, seen, comments),
        locator=_locator(table, number),
        fields=fields,
        disposal=disposal,
        disposal_reason=reason,
        copy_of=table.book.copy_of,
    )


def tag_of(file: str, *, copy: bool) -> str:
    """The part of a ref that says which file it is in: the workbook itself, or one of its copies."""
    return f"c{_short(file)}-" if copy else "s"


def _locator(table: Table, number: int) -> Phrase:
    if table.book.copy_of:
        return Phrase("{file}, sheet {sheet}, row {row}", file=table.book.file, sheet=table.sheet.name, row=number)
    return Phrase("sheet {sheet}, row {row}", sheet=table.sheet.name, row=number)


def _short(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=4, person=b"excel row").hexdigest()
