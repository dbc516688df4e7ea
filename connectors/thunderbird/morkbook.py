"""What a Mork file means as an address book, and the bytes of a book that holds nothing else.

A book is table 1 of the scope "card": the rows in it are cards, lists and the counter of keys. Everything else in a
file (table 2 with copies of deleted cards, rows of no table, groups, values that nothing uses) is what an erase leaves
behind when it only appends; `to_bytes` writes none of it. Each value is written once, in a dictionary, and pointed at:
Mork cannot read a value that stands in a cell without ever having stood in a dictionary. Empty cells are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from connectors.thunderbird import mork

CARD = b"ns:addrbk:db:row:scope:card:all"
LIST = b"ns:addrbk:db:row:scope:list:all"
DATA = b"ns:addrbk:db:row:scope:data:all"
BOOK = b"ns:addrbk:db:table:kind:pab"
DELETED = b"ns:addrbk:db:table:kind:deleted"

TOTAL = b"ListTotalAddresses"
LIST_TEXTS = (b"ListName", b"LowercaseListName", b"ListNickName", b"ListDescription")
_MEMBER = re.compile(rb"Address([1-9][0-9]{0,8})")
_HEX = re.compile(rb"[0-9A-Fa-f]{1,8}")
_NOT_PLAIN = re.compile(rb"[^ -~]|[$)\\]")
_MAIN_TABLE = 1

Cells = tuple[tuple[bytes, bytes], ...]
"""Names and values of a row, in order; no value is empty."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a book: a card, a list, or the counter of keys, as its scope tells."""

    scope: bytes = field(repr=False)
    id: int
    cells: Cells = field(repr=False)

    def value(self, name: bytes) -> bytes:
        """The value of one cell, empty when there is none."""
        return next((value for key, value in self.cells if key == name), b"")


@dataclass(frozen=True, slots=True)
class MorkBook:
    """The rows of a book as programs show them, and all that was ever written (`past`, `atoms`).

    `kept_back` is True when a file holds more that somebody may need than the rows: it must not be written anew.
    """

    rows: tuple[Row, ...] = field(repr=False)
    past: tuple[Cells, ...] = field(repr=False)
    atoms: tuple[bytes, ...] = field(repr=False)
    cut_off: bool = False
    kept_back: bool = False

    @property
    def cards(self) -> list[Row]:
        """The cards, in the book's order."""
        return [row for row in self.rows if row.scope == CARD]


def from_bytes(data: bytes) -> MorkBook:
    """Read a book. Raises `Damaged` when it is not whole Mork, or holds no book."""
    told = mork.parse(data)
    tables = {(told.name(scope), number): table for (scope, number), table in told.tables.items()}
    table = tables.pop((CARD, _MAIN_TABLE), None)
    if table is None:
        raise mork.damaged()
    foreign = told.name(table.kind) != BOOK
    foreign |= any(other.rows and told.name(other.kind) != DELETED for other in tables.values())
    nameless = not all(told.name(token) for key in table.rows for token in (key[0], *told.rows[key]))
    return MorkBook(
        tuple(_row(told, key) for key in table.rows),
        tuple(tuple((told.name(column), value) for column, value in cells if value) for cells in told.past),
        tuple(told.atoms),
        told.cut_off,
        told.cut_off or foreign or nameless,
    )


def _row(told: mork.Mork, key: mork.Key) -> Row:
    cells = {told.name(column): value for column, value in told.rows[key].items()}
    return Row(told.name(key[0]), key[1], tuple((name, value) for name, value in cells.items() if name and value))


def without(rows: Iterable[Row], card: int | None = None) -> tuple[Row, ...]:
    """The rows but for one card; lists that named it, or somebody who is in no card any more, close the gap."""
    kept = [row for row in rows if (row.scope, row.id) != (CARD, card)]
    cards = {row.id for row in kept if row.scope == CARD}
    return tuple(_relisted(row, cards) if row.scope == LIST else row for row in kept)


def places_of(rows: Iterable[Row], card: int) -> dict[int, tuple[int, ...]]:
    """Where a card stands in each list that names it, counted from 0 among the members that are cards."""
    rows = tuple(rows)
    cards = {row.id for row in rows if row.scope == CARD}
    found = {row.id: [_number(value) for value in _members(row, cards)] for row in rows if row.scope == LIST}
    places = {number: tuple(place for place, one in enumerate(named) if one == card) for number, named in found.items()}
    return {number: told for number, told in places.items() if told}


def with_card(rows: Iterable[Row], card: Row, place: int, lists: Mapping[int, Sequence[int]]) -> tuple[Row, ...]:
    """The rows with a card at its old place, and the lists that are there with it at the places it had in them."""
    back = list(without(rows))
    cards = {row.id for row in back if row.scope == CARD}
    for number, row in enumerate(back):
        if row.scope == LIST and row.id in lists:
            members = _members(row, cards)
            for old in sorted(lists[row.id]):
                members.insert(old, b"%X" % card.id)
            back[number] = _numbered(row, members)
    back.insert(place, card)
    return tuple(back)


def _members(row: Row, cards: set[int]) -> list[bytes]:
    """The members of a list that are cards, in its order."""
    total = _number(row.value(TOTAL))
    told = {int(match[1]): value for name, value in row.cells if (match := _MEMBER.fullmatch(name))}
    return [told[number] for number in sorted(told) if number <= total and _number(told[number]) in cards]


def _relisted(row: Row, cards: set[int]) -> Row:
    """A list with those members that are cards, numbered from 1; untouched when it is so already."""
    members = _members(row, cards)
    named = sum(1 for name, _ in row.cells if _MEMBER.fullmatch(name))
    return row if _number(row.value(TOTAL)) == named == len(members) else _numbered(row, members)


def _numbered(row: Row, members: Sequence[bytes]) -> Row:
    rest = tuple((name, value) for name, value in row.cells if name != TOTAL and not _MEMBER.fullmatch(name))
    numbered = ((b"Address%d" % number, value) for number, value in enumerate(members, start=1))
    return replace(row, cells=(*rest, (TOTAL, b"%X" % len(members)), *numbered))


def _number(value: bytes) -> int:
    """A hexadecimal number; nothing readable is none."""
    return int(value, 16) if _HEX.fullmatch(value) else 0


def to_bytes(rows: Iterable[Row]) -> bytes:
    """A file with these rows in its table and not a byte more; the same rows give the same bytes."""
    rows = tuple(rows)
    names = _Numbers([CARD, LIST, DATA, BOOK])
    values = _Numbers([])
    lines = [_row_line(row, names, values) for row in rows]
    table = b"{1:^%X {(k^%X:c)(s=9)} " % (names[CARD], names[BOOK])
    parts = [
        mork.MAGIC,
        b"< <(a=c)> // (f=iso-8859-1)",
        *names.lines(),
        b">",
        *([b"<", *values.lines(), b">"] if values.order else []),
        table,
        *lines,
        b"}",
    ]
    return b"\n".join(parts) + b"\n"


class _Numbers:
    """Gives each text a number of its own, from 0x80 on as Mork does; a name of one letter is its own number."""

    def __init__(self, first: Iterable[bytes]) -> None:
        self.order: dict[bytes, int] = {}
        for text in first:
            self[text]

    def __getitem__(self, text: bytes) -> int:
        return self.order.setdefault(text, 0x80 + len(self.order))

    def lines(self) -> Iterator[bytes]:
        """The dictionary's entries, escaped."""
        for text, number in self.order.items():
            yield b"  (%X=%b)" % (number, _NOT_PLAIN.sub(_escape, text))


def _row_line(row: Row, names: _Numbers, values: _Numbers) -> bytes:
    cells = b"".join(b"(^%X^%X)" % (names[name], values[value]) for name, value in row.cells)
    return b"[%X:^%X%b]" % (row.id, names[row.scope], cells)


def _escape(match: re.Match[bytes]) -> bytes:
    return b"\\" + match[0] if match[0] in b"$)\\" else b"$%02X" % match[0][0]
