"""The index of a binder, as CSV or as a workbook: who, when and where; what is on a page has no place in it and is not read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from connectors import _columns, _table, _tables
from connectors._layout import Cell, Head, Use
from connectors._needles import Matcher
from connectors._table import Listed, Row, TableFile
from connectors.contract import Column, Residue
from connectors.entry import IDENTIFYING, Field, Ref, Unreadable
from connectors.errors import PLAN_AGAIN, Conflict, HubError
from connectors.paper.pictures import Folder
from connectors.phrase import Phrase

KINDS = (
    "name", "given", "family", "former_name", "email", "phone", "address", "postcode", "city", "country", "company",
    "business_id", "customer_number", "date",
)  # fmt: skip
"""The kinds of values an index may hold: who somebody is and when; never what was written down."""

ROLES = ("place", "picture", "copied")
"""What else a column of an index may be."""

_FOR_TABLE = {"place": "other", "picture": "ignore", "copied": "ignore"}
_CONTENT = Phrase("it is not read: the index knows where a page is, never what is on it")
_PICTURE = Phrase("the pictures it names go into the access package")
_COPIED = Phrase("it says when the person got a copy of the page")
_COUNTS = Phrase("it only counts the rows")
_DAY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./]\s?\d{1,2}[./]\s?\d{2,4}")
_LONGEST = 80
_OWN = IDENTIFYING | {"customer_number"}


@dataclass(frozen=True, slots=True)
class _IndexHead(Head):
    """Column names of an index: what stands in a column without a name is not read."""

    def use(self, column: int) -> Use:
        return self.columns.get(column) or Use("", None)


@dataclass(frozen=True)
class Page:
    """A person's page or pages behind one entry; `lost` counts pictures the index names that are not in the folder."""

    table: TableFile = field(repr=False)
    one: Listed
    place: str = field(repr=False)
    pictures: tuple[str, ...] = field(repr=False)
    lost: int
    copied: bool
    mark: str = field(default="", repr=False)

    @property
    def ref(self) -> Ref:
        """The row's ref, which tells of a workbook that it is one: the same page may stand in two indexes."""
        return Ref(_tag(self.table) + self.one.ref)

    @property
    def version(self) -> str:
        """The row's version with hashes of the place and of each picture, by which an erase that was cut off goes on."""
        return "/".join((self.one.version, self.mark, ".".join(_table.short(name) for name in self.pictures)))


Key = tuple[str, str, int]
"""What tells a row of a binder: the index's file, the sheet ("" in CSV), the row's number."""


class Index:
    """The index read from its file, or from both of its files. Raises as `open_table` does when none can be read."""

    def __init__(self, paths: Sequence[Path], settings: Mapping[str, Any]) -> None:
        """Read the index and list the folder."""
        given = dict(settings.get("columns") or {})
        self._given = {_columns.fold(name): word for name, word in given.items()}
        self._roles: dict[str, str | None] = {}
        told = {name: _FOR_TABLE.get(word, word) for name, word in given.items()}
        self.tables: list[TableFile] = []
        self._troubles: list[tuple[str, HubError]] = []
        for path in paths:
            try:
                self.tables.append(_tables.open_table(path, {**settings, "columns": told}, self._adapted))
            except HubError as error:
                self._troubles.append((path.name, error))
        if not self.tables:
            self.require_whole()
        if not self._troubles:
            place = paths[0].name if len(paths) == 1 else paths[0].parent.name
            _table.require_fit(_table.unknown_columns(given, self.tables, place), place)
        self.folder = Folder(paths[0].parent)

    def require_whole(self) -> None:
        """Raise what is wrong with one of the files: it may name the same pictures."""
        for _name, error in self._troubles:
            raise error

    @property
    def unreadable(self) -> list[Unreadable]:
        """The rows that cannot be read, and a file that cannot be read beside one that can."""
        files = [Unreadable(Phrase("{file}", file=name), error.told) for name, error in self._troubles]
        return [*files, *(item for table in self.tables for item in table.unreadable)]

    # Columns -----------------------------------------------------------------------------------------------------

    def _role(self, use: Use) -> str | None:
        """place, picture or copied."""
        if use.label not in self._roles:
            told = self._given.get(_columns.fold(use.label))
            self._roles[use.label] = _columns.role_of(use.label) if told is None else told if told in ROLES else None
        return self._roles[use.label]

    def _adapted(self, head: Head, cells: Mapping[int, Cell]) -> Head:
        """The head of a row as the table reader may see it: without what is not to be read."""
        del cells
        columns = {place: Use(use.label, self._kind(use), use.known) for place, use in head.columns.items()}
        return _IndexHead(head.row, columns, head.recognised)

    def _kind(self, use: Use) -> str | None:
        role = self._role(use)
        return "other" if role == "place" else None if role or use.kind not in KINDS else use.kind

    @property
    def columns(self) -> list[Column]:
        """Each column: mapped, the picture's or the copy's, or not read."""
        found: dict[str, Column] = {}
        for table in self.tables:
            uses = {use.label: use for head in table.heads for use in head.columns.values()}
            for column in _table.columns_of(table.heads, table.rows()):
                found.setdefault(column.column, self._column(column, uses.get(column.column)))
        return list(found.values())

    def _column(self, column: Column, use: Use | None) -> Column:
        role = self._role(use) if use else None
        kind = self._kind(use) if use else None
        if kind is not None:
            return Column(column.column, kind)
        if role is not None:
            return Column(column.column, None, _PICTURE if role == "picture" else _COPIED)
        counts = use is not None and use.kind is None and _columns.fold(use.label) not in self._given
        return Column(column.column, None, _COUNTS if counts else _CONTENT, known=use is not None and use.known)

    # Pages -------------------------------------------------------------------------------------------------------

    @cached_property
    def rows(self) -> list[Row]:
        """Every row that can be read."""
        return [row for table in self.tables for row in table.rows()]

    @cached_property
    def everybody(self) -> list[Listed]:
        """Every person of every file."""
        return [one for table in self.tables for one in table.everybody]

    @cached_property
    def pages(self) -> list[Page]:
        """The pages of everybody."""
        return [self._page(table, one) for table in self.tables for one in table.everybody]

    def _page(self, table: TableFile, one: Listed) -> Page:
        pictures, lost = list[str](), 0
        for row in one.rows:
            found, missing = self._pictures(row)
            pictures += found
            lost += missing
        copied = all(any(_DAY.search(text) for _, text in self._said(row, "copied")) for row in one.rows)
        place = self._place(one.rows[0])
        return Page(table, one, place, tuple(dict.fromkeys(pictures)), lost, copied, _table.short(place))

    def fields(self, page: Page) -> tuple[Field, ...]:
        """What the index says of the person; a place in several columns ("Mappi", "Sivu") is one value."""
        labels = [label for label, _ in self._said(page.one.rows[0], "place")]
        found = [Field(item.kind, item.value, item.label, item.stays and page.one.shared) for item in page.one.fields]
        parts = [item for item in found if item.label in labels]
        if len(parts) < 2:
            return tuple(found)
        whole = Field("other", page.place, ", ".join(labels), parts[0].stays)
        return tuple(whole if item is parts[0] else item for item in found if item is parts[0] or item not in parts)

    def is_common(self, page: Page) -> bool:
        """Whether a page, or a picture of it, is about another person, too."""
        return page.one.shared or any(self._bearers[name] != {page.one.identity} for name in page.pictures)

    @cached_property
    def _bearers(self) -> dict[str, set[str]]:
        """Whose rows name each picture."""
        found: dict[str, set[str]] = {}
        for page in self.pages:
            for name in page.pictures:
                found.setdefault(name, set()).add(page.one.identity)
        return found

    def _said(self, row: Row, role: str) -> list[tuple[str, str]]:
        """The labels and texts of a row's cells in the columns of a role."""
        columns = {column: use for column, use in row.head.columns.items() if self._role(use) == role}
        return [(use.label, row.cells[column].text.strip()) for column, use in columns.items() if column in row.cells]

    def _pictures(self, row: Row) -> tuple[list[str], int]:
        told = [self.folder.named_in(text) for _, text in self._said(row, "picture")]
        return [name for names, _ in told for name in names], sum(missing for _, missing in told)

    def _place(self, row: Row) -> str:
        """The place as it is written; a bare number with its column's name before it."""
        said = [f"{label} {text}" if text.isdigit() else text for label, text in self._said(row, "place")]
        return " ".join(", ".join(said).split())

    def locator(self, page: Page) -> Phrase:
        """Where a page is, in the index's own words unless they may be somebody's name or number."""
        if not page.place or len(page.place) > _LONGEST or self._tells(page.place):
            return page.one.place_in(page.table.path.name)
        return Phrase("binder: {place}", place=page.place)

    def _tells(self, place: str) -> bool:
        """Whether a place holds a word of anybody's name, a phone number or an address."""
        digits = re.sub(r"\D", "", place)
        return (
            "@" in place
            or bool(_words(place) & self._names)
            or any(digits[at : at + 7] in self._phones for at in range(len(digits) - 6))
        )

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(word for one in self.everybody for name in one.people.names for word in _words(name))

    @cached_property
    def _phones(self) -> frozenset[str]:
        numbers = (re.sub(r"\D", "", value.text) for one in self.everybody for value in one.seen if value.kind == "phone")
        return frozenset(number[-7:] for number in numbers if len(number) >= 7)

    # Taking out --------------------------------------------------------------------------------------------------

    def find(self, ref: str, version: str, matcher: Matcher) -> Page | None:
        """Whose page it is, None when no row tells of it any more. Raises `Conflict` when its row was changed.

        A row at the same place that looks like the person's by what it was, or by what is searched for, is a changed one.
        """
        base, _, rest = version.partition("/")
        match = _BOOK.match(ref)
        tag = match[0] if match else ""
        tables = [table for table in self.tables if _tag(table) == tag]
        ones = [_table.lookup(table.everybody, ref.removeprefix(tag), base) for table in tables]
        page = next((page for page in self.pages if any(page.one is one for one in ones)), None)
        if page is None:
            here = [
                other for other in self.pages if other.mark == rest.partition("/")[0] and other.table in (tables or self.tables)
            ]
            hers = self.waiting(matcher).keys() if matcher else set[Key]()
            if any(_table.is_trace(other.one, base) or hers & set(_keys(other)) for other in here):
                raise self._conflict(here[0])
        elif page.version != version:
            raise self._conflict(page)
        return page

    @staticmethod
    def _conflict(page: Page) -> Conflict:
        return Conflict(
            Phrase("The row in {file} was changed since the plan was shown; nothing was written.", file=page.table.path.name),
            PLAN_AGAIN,
        )

    def unnamed(self) -> set[str]:
        """The pictures that no row names, unreadable rows included; none when a row's or a file's own words are lost."""
        lost = any(row.cells[column].kind == "broken" for row in self.rows for column in row.cells)
        if lost or self._troubles:
            return set()
        named = {name for row in self.rows for name in self._pictures(row)[0]}
        rest = "\n".join(table.text_beside() for table in self.tables).casefold()
        return {name for name in self.folder.pictures if name not in named and Path(name).name.casefold() not in rest}

    def told_by(self, version: str) -> set[str]:
        """The pictures in the folder that a version tells of."""
        marks = set(version.rpartition("/")[2].split(".")) if version.count("/") == 2 else set[str]()
        return {name for name in self.folder.pictures if _table.short(name) in marks}

    # Searching ---------------------------------------------------------------------------------------------------

    def waiting(self, matcher: Matcher) -> dict[Key, Row]:
        """The rows whose person has one of the values: their own step waits for a hand."""
        found: dict[Key, Row] = {}
        for page in self.pages:
            own = [value.text for value in page.one.seen if value.kind in _OWN]
            if matcher.in_text("\n\0\n".join((*own, *page.one.people.names))):
                found |= dict(zip(_keys(page), page.one.rows, strict=True))
        return found

    def residue(self, matcher: Matcher, waiting: Iterable[Key]) -> list[Residue]:
        """The places in which a value stands though they are not the person's."""
        excused = list(waiting)
        found: list[Residue] = []
        for table in self.tables:
            found += table.residue(matcher, {(sheet, number) for file, sheet, number in excused if file == table.path.name})
        return found

    def pictures_of(self, rows: Iterable[Row]) -> set[str]:
        """The pictures these rows name."""
        return {name for row in rows for name in self._pictures(row)[0]}


_BOOK = re.compile(r"w[0-9a-f]+-")


def _tag(table: TableFile) -> str:
    """What a ref begins with: nothing in CSV, a hash of the file's name in a workbook."""
    return f"w{_table.short('index', table.path.name)}-" if _tables.is_book(table.path) else ""


def _keys(page: Page) -> list[Key]:
    return [(page.table.path.name, *row.place) for row in page.one.rows]


def _words(text: str) -> frozenset[str]:
    """The words of a text that are long enough to be a name, without case and accents."""
    return frozenset(folded for word in re.findall(r"[^\W\d_]+", text) if len(folded := _columns.fold(word)) >= 3)
