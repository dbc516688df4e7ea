"""The persons in the rows of a table file, and refs and versions of theirs that stand while other rows come and go."""

from __future__ import annotations

import hashlib
import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from connectors import _columns, _corrections
from connectors._columns import letters
from connectors._layout import Cell, Head, find_heads
from connectors._needles import Matcher
from connectors._rowpeople import RowPeople, Value, comments_of, read_row
from connectors.contract import Column, Correction, Needle, Residue, Spread
from connectors.entry import Field, Unreadable
from connectors.errors import PLAN_AGAIN, ConfigError, Conflict
from connectors.phrase import Phrase

TOP = 60
"""So many rows of a table are looked at for column names; further down only rows that hold a telling word."""
_TELLING = ("name", "given", "family", "email", "phone", "company")
_RUINED = re.compile(r"\+?\d(?:[.,]\d+)?E\+?\d+", re.IGNORECASE)
_RUNNING = Phrase("it only counts the rows")
_UNKNOWN = Phrase("the name is not known: the values are shown and erased as other; tell its kind under columns in hub.toml")
_NAMELESS = Phrase("the column has no name: its values are shown and erased as other")

STILL_IN_ROW = Phrase("A value of the person still stands in this row. Look at it, and remove it by hand.")


class Row(NamedTuple):
    """A row below column names: its number as a spreadsheet counts, its cells by column, its own text, and its sheet's name."""

    number: int
    head: Head
    cells: Mapping[int, Cell]
    raw: str
    sheet: str = ""
    comments: Mapping[int, str] = MappingProxyType({})
    """By column."""

    @property
    def place(self) -> tuple[str, int]:
        """Sheet and number: what tells the rows of a file apart."""
        return self.sheet, self.number

    def __repr__(self) -> str:
        return f"<row {self.number}>"


@dataclass(frozen=True)
class Listed:
    """A person in a row, or in several rows that are the same to the letter."""

    rows: tuple[Row, ...]
    people: RowPeople = field(repr=False)
    person: int
    identity: str = field(repr=False)
    """A hash of what says who it is."""
    content: str = field(repr=False)
    """A hash of everything the row says of the person."""
    version: str
    ref: str = ""
    notes: tuple[Field, ...] = field(default=(), repr=False)
    """The comments on the person's cells."""

    @property
    def shared(self) -> bool:
        """Whether other persons stand in the row too."""
        return len(self.people.names) > 1

    @property
    def seen(self) -> list[Value]:
        """The values of the row that are the person's, or nobody's alone."""
        return [value for value in self.people.values if value.owner in (self.person, -1)]

    def going(self, kinds: Iterable[str] | None = None) -> list[Value]:
        """The values that go with the person, of these kinds only where any are named."""
        wanted = None if kinds is None else frozenset(kinds)
        gone = (value for value in self.seen if not self.people.stays(value, self.person))
        return [value for value in gone if wanted is None or value.kind in wanted]

    @property
    def fields(self) -> tuple[Field, ...]:
        """The values as an entry shows them."""
        shown = ((value, value.text.strip()) for value in self.seen)
        return tuple(Field(value.kind, text, value.label, self.people.stays(value, self.person)) for value, text in shown if text)

    @property
    def numbers(self) -> str:
        """The numbers of its rows, said to the owner."""
        return ", ".join(str(row.number) for row in self.rows)

    def place_in(self, file: str) -> Phrase:
        """Where its rows are, said to the owner."""
        sheet = self.rows[0].sheet
        if sheet:
            return Phrase("{file}, sheet {sheet}, row {row}", file=file, sheet=sheet, row=self.numbers)
        return Phrase("{file}, row {row}", file=file, row=self.numbers)


class TableFile(ABC):
    """A file of rows in memory: its persons are listed, and taken out of it with everything else left as it is."""

    path: Path
    heads: Sequence[Head]
    """The rows of column names."""

    @abstractmethod
    def rows(self) -> Iterator[Row]:
        """Every row below column names that can be read and is no total."""

    @cached_property
    def everybody(self) -> list[Listed]:
        """Every person of the file."""
        return persons_of(self.rows(), self.people_of)

    def people_of(self, row: Row) -> RowPeople:
        """The persons and values of one row."""
        return read_row(row.cells, row.head, frozenset(), {})

    @property
    @abstractmethod
    def unreadable(self) -> list[Unreadable]:
        """The rows that are there but cannot be read."""

    @property
    @abstractmethod
    def warnings(self) -> tuple[Phrase, ...]:
        """What may keep a person from being found in this file."""

    @abstractmethod
    def require_writable(self) -> None:
        """Raise `Locked` when a program has the file open, `Refused` when it must not be changed."""

    def foreseen(self, going: Sequence[tuple[Listed, Sequence[str] | None]], needles: Sequence[Needle]) -> Sequence[Spread]:
        """The places outside the rows of these people that change when they (None) or these kinds of their fields go."""
        del going, needles
        return ()

    def find(self, ref: str, version: str, kinds: Sequence[str] | None = None) -> Listed | None:
        """Who is to go, None when nothing (of these kinds) is there. Raises `Conflict` when it changed."""
        one = lookup(self.everybody, ref, version)
        if one is None:
            if any(is_trace(other, version) and _goes(other, kinds) for other in self.everybody):
                raise self._conflict()
            return None
        if not _goes(one, kinds):
            return None
        if one.version != version:
            raise self._conflict()
        return one

    def to_correct(self, ref: str, version: str, corrections: Sequence[Correction]) -> Listed | None:
        """Whose values are to be put right, None when they are right already or nobody is there. Raises `Conflict`."""
        one = lookup(self.everybody, ref, version)
        if one is None:
            # Somebody whose name or e-mail is right already has another ref.
            if any(is_trace(other, version) and not _corrections.is_done(other.fields, corrections) for other in self.everybody):
                raise self._conflict()
            return None
        if _corrections.is_done(one.fields, corrections):
            return None
        if one.version != version:
            raise self._conflict()
        return one

    def as_in(self, one: Listed, row: Row) -> Listed:
        """The person as one of the rows has it: the persons of another may stand in another order."""
        if len(one.rows) == 1 or not one.people.keys:
            return one
        people = _unruined(self.people_of(row))
        return replace(one, people=people, person=people.keys.index(one.people.keys[one.person]))

    def _conflict(self) -> Conflict:
        return Conflict(
            Phrase("The row in {file} was changed since the plan was shown; nothing was written.", file=self.path.name),
            PLAN_AGAIN,
        )

    @abstractmethod
    def remove(self, one: Listed, needles: Sequence[Needle] = (), *, keep_time: bool = False) -> tuple[Phrase, ...]:
        """Take the person's rows away; of a row that others share only the person's part. Returns what the owner should know.

        `needles` are the person's values known from every source. `keep_time`: the file looks no younger afterwards.
        Raises as `Connector.erase`.
        """

    @abstractmethod
    def redact(
        self, one: Listed, kinds: Sequence[str] | None, needles: Sequence[Needle], *, keep_time: bool = False
    ) -> tuple[Phrase, ...]:
        """Empty the person's fields of these kinds (None: all). Returns and raises as `remove`."""

    @abstractmethod
    def residue(self, matcher: Matcher, excused: Collection[tuple[str, int]] = ()) -> list[Residue]:
        """Every place of the file in which a value is still found, and those that cannot be searched.

        `excused` are rows (sheet, number) that wait for a hand: they and what goes with them are no residue yet.
        """

    @abstractmethod
    def text_beside(self) -> str:
        """The text of everything that is not among `rows`."""


def unknown_columns(given: Iterable[str], tables: Iterable[TableFile], place: str) -> list[Phrase]:
    """What is wrong with columns the owner told of that no table has; `place` is what holds the tables."""
    known = {_columns.fold(use.label) for table in tables for head in table.heads for use in head.columns.values()}
    return [
        Phrase("columns: {file} has no column {column}; write it as it stands there.", file=place, column=name)
        for name in given
        if known and _columns.fold(name) not in known
    ]


def require_fit(problems: Sequence[Phrase], place: str) -> None:
    """Raise `ConfigError` when options do not fit the tables of a place."""
    if problems:
        raise ConfigError(Phrase("The options of this table do not fit {file}.", file=place), problems)


def persons_of(rows: Iterable[Row], people_of: Callable[[Row], RowPeople]) -> list[Listed]:
    """Everybody in the rows, and the companies that stand alone in theirs; `people_of` reads one row."""
    found: dict[tuple[str, str], list[Listed]] = {}
    for row in rows:
        people = _unruined(people_of(row))
        for person in list(range(len(people.names))) or ([0] if people.company else []):
            one = _listed(row, people, person)
            found.setdefault((one.identity, one.content), []).append(one)
    alike = Counter(identity for identity, _ in found)
    return [
        _of_same(same, identity if alike[identity] == 1 else f"{identity}-{content}")
        for (identity, content), same in found.items()
    ]


def _of_same(same: Sequence[Listed], ref: str) -> Listed:
    """Rows that are the same to the letter as one; each may have comments of its own, and the version tells of them all."""
    notes = tuple(item for one in same for item in one.notes)
    whole, *own = same[0].version.split(".")
    version = ".".join((short(whole, *(item.value for item in notes)), *own)) if notes else same[0].version
    return replace(same[0], rows=tuple(row for one in same for row in one.rows), ref=ref, notes=notes, version=version)


def lookup(everybody: Iterable[Listed], ref: str, version: str = "") -> Listed | None:
    """Who is meant by a ref; of several that it may mean by now the one in that version, else the first."""
    identity, _, content = ref.partition("-")
    alike = [one for one in everybody if one.identity == identity and content in ("", one.content)]
    return next((one for one in alike if one.version == version), alike[0] if alike else None)


def is_trace(one: Listed, version: str) -> bool:
    """Whether somebody under another ref is, by all appearances, who had that version: then a row was changed or moved."""
    whole, *own = version.split(".")
    its_whole, *its_own = one.version.split(".")
    common = {mark for mark in own[1:] if mark in its_own[1:]}
    telling = any(mark[0] in "ec" for mark in common)
    return whole == its_whole or telling or (own[:1] == its_own[:1] and bool(common))


def heads_of(rows: Iterable[tuple[int, Mapping[int, Cell]]], given: Mapping[str, str]) -> list[Head]:
    """The rows of column names among all rows: in the first ones, and where a telling word stands further down."""
    words = _columns.spellings(*_TELLING)
    chosen = [
        (number, cells)
        for number, cells in rows
        if cells and (number <= TOP or any(cell.text.strip(" :.*").casefold() in words for cell in cells.values()))
    ]
    return find_heads(chosen, given)


def columns_of(heads: Sequence[Head], rows: Iterable[Row]) -> list[Column]:
    """Each column once: mapped, only counting, unknown, or without a name but not empty."""
    found: dict[str, Column] = {}
    for use in (use for head in heads for use in head.columns.values()):
        if use.kind is None:
            found.setdefault(use.label, Column(use.label, None, _RUNNING))
        elif use.known:
            found.setdefault(use.label, Column(use.label, use.kind))
        else:
            found.setdefault(use.label, Column(use.label, None, _UNKNOWN, known=False))
    named = {place for head in heads for place in head.columns}
    held = {place for row in rows for place, cell in row.cells.items() if cell.text.strip()}
    for place in sorted(held - named):
        found.setdefault(letters(place), Column(letters(place), None, _NAMELESS, known=False))
    return list(found.values())


def ruined_phones(everybody: Iterable[Listed]) -> int:
    """How many phone numbers a spreadsheet turned into `4.4123E+08`."""
    return sum(1 for one in everybody for value in one.seen if value.kind == "other" and _RUINED.fullmatch(value.text.strip()))


def ruined(file: str, count: int) -> Phrase:
    """What is said of such numbers."""
    return Phrase(
        "{file}: {count} phone numbers were ruined by a spreadsheet (4.4123E+08); nobody is found by them.",
        file=file,
        count=count,
    )


def short(*texts: str) -> str:
    """A short hash that tells texts apart and shows none of them."""
    return hashlib.blake2b("\1".join(texts).encode("utf-8", "replace"), digest_size=6, person=b"table row").hexdigest()


def _goes(one: Listed, kinds: Sequence[str] | None) -> bool:
    return kinds is None or bool(one.going(kinds))


def _unruined(people: RowPeople) -> RowPeople:
    """The same people; a number that is no longer a phone number is no phone."""
    values = (
        value._replace(kind="other") if value.kind == "phone" and _RUINED.fullmatch(value.text.strip()) else value
        for value in people.values
    )
    return replace(people, values=tuple(values))


def _listed(row: Row, people: RowPeople, person: int) -> Listed:
    own = list(_own(people, person))
    name = people.keys[person] if people.names else ""
    shared = len(people.names) > 1
    notes = tuple(comments_of(row.comments, row.number, people, person, whole=not shared))
    seen = [f"{value.kind}\0{value.text}" for value in people.values if value.owner in (person, -1)]
    content = short(*sorted(seen), "" if shared else row.raw, *filter(None, (row.sheet,)))
    version = ".".join((content, short(name), *(mark + short(text) for mark, text in own)))
    return Listed((row,), people, person, short(name, *_who(own)), content, version, notes=notes)


def _own(people: RowPeople, person: int) -> Iterator[tuple[str, str]]:
    """What says who it is besides the name: a letter for the kind, and the value in one spelling."""
    marks = {"email": "e", "phone": "p", "customer_number": "c", "business_id": "b", "company": "f"}
    alone = not people.names
    for value in people.values:
        if value.kind in ("email", "phone", "customer_number") or (alone and value.kind in marks):
            surely = alone or people.mine(value, person)
            text = re.sub(r"[^\d+]", "", value.text) if value.kind == "phone" else value.text.strip().casefold()
            if surely and text:
                yield marks[value.kind], text


def _who(own: Sequence[tuple[str, str]]) -> list[str]:
    """The values of the first of these kinds that there is."""
    for mark in "ecpbf":
        if values := sorted(text for kind, text in own if kind == mark):
            return values
    return []
