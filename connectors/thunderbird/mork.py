"""Read Mork, the journal in which old Thunderbird and SeaMonkey keep address books: bytes to tables and rows, in one pass.

Two models come out of it. The logical one is what the programs show: edits applied, removed rows gone, groups counted
only when their end is there. The forensic one is `past` and `atoms`: every row as it was ever written and every value
ever defined, also in unfinished groups and in tables that nobody shows.

A minus has three meanings: `[-1(…)]` replaces all cells of a row, `-1` in a table removes the row from it, `{-1:… …}`
empties the table first. Ids are hexadecimal, and a row's id counts within its scope, which a table hands to its rows.
"""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass, field

from connectors.errors import Damaged
from connectors.phrase import Phrase

MAGIC = b'// <!-- <mdb:mork:z v="1.4"/> -->'

_SPACE = re.compile(rb"(?:[ \t\r\n\x08\x0c\x7f]|\\(?:\r\n|\n\r|\r|\n)|//[^\r\n]*)*+")
_COMMENT = re.compile(rb"/\*|\*/")
_HEX = re.compile(rb"[0-9A-Fa-f]+")
_NAME = re.compile(rb"[A-Za-z_:][A-Za-z_:!+\-?]*")
_VALUE = re.compile(rb"((?:[^)\\$]|\\(?:\r\n|\n\r|[\x00-\xff])|\$[\x00-\xff]{2})*+)\)")
_ESCAPE = re.compile(rb"\\(\r\n|\n\r|[\x00-\xff])|\$([\x00-\xff]{2})")
_GROUP_END = re.compile(rb"@\$\$\}(?!~~\}@)([0-9A-Fa-f]+(?=\}@))?")
_FORM = re.compile(rb"<\(f(?:=[\x00-\xff]|\^[0-9A-Fa-f]+)\)>")

_COLUMNS, _VALUES, _ROWS = ord("c"), ord("v"), ord("r")
_KIND, _ATOM_SCOPE = ord("k"), ord("a")
_FIRST_ID = 0x80
_ID = 0xFFFFFFFF
"""Ids are 32 bits; those below 0x80 stand for the letter of that number."""

Key = tuple[int, int]
"""Scope and id of a row or a table."""

Cells = dict[int, bytes]


@dataclass(slots=True)
class Table:
    """One table: its kind, and its rows in order."""

    kind: int = 0
    rows: dict[Key, None] = field(default_factory=dict)

    def take(self, row: Key, *, removed: bool) -> None:
        """Add a row at the end, where it is not yet in the table, or remove it."""
        if removed:
            self.rows.pop(row, None)
        else:
            self.rows.setdefault(row)

    def move(self, row: Key, position: int) -> None:
        """Put a row of the table at this place."""
        order = [key for key in self.rows if key != row]
        order.insert(position, row)
        self.rows = dict.fromkeys(order)


@dataclass(slots=True)
class Mork:
    """A whole file; columns, scopes and kinds are numbers whose names `names` tells."""

    names: dict[int, bytes] = field(default_factory=dict, repr=False)
    tables: dict[Key, Table] = field(default_factory=dict, repr=False)
    rows: dict[Key, Cells] = field(default_factory=dict, repr=False)
    past: list[list[tuple[int, bytes]]] = field(default_factory=list, repr=False)
    atoms: list[bytes] = field(default_factory=list, repr=False)
    cut_off: bool = False
    """Programs read nothing from some place on: a broken one, or one where an id is given a second value."""

    def name(self, token: int) -> bytes:
        """The name behind a number, empty when the file does not tell it."""
        return bytes([token]) if 0 < token < _FIRST_ID else self.names.get(token, b"")


def parse(data: bytes) -> Mork:
    """Read a file as Thunderbird does: up to the first broken place. Raises `Damaged` when it is no Mork at all."""
    if not data.startswith(MAGIC):
        raise damaged()
    return _Parser(data).whole()


def damaged() -> Damaged:
    """The error for bytes that are not what Mork should be."""
    return Damaged(Phrase("This is not a whole Mork file."))


class _Parser:
    """The file, the place in it, and what was read so far."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at, self.group = data, 0, -1
        self.mork = Mork()
        self.shown: Mork | None = None
        self.values: dict[Key, bytes] = {}
        self.known: set[bytes] = set()
        self.tokens: dict[bytes, int] = {}
        self.scope = _ROWS

    def whole(self) -> Mork:
        """Read to the end, or to where the file is broken."""
        try:
            while self._next():
                self._item()
            if self.group >= 0:
                raise damaged()
        except Damaged:
            self._stop(cut_off=True)
        if not self.shown:
            return self.mork
        self.shown.past, self.shown.atoms = self.mork.past, self.mork.atoms
        return self.shown

    def _stop(self, *, cut_off: bool) -> None:
        """Keep what programs show: they read nothing from here on."""
        if not self.shown:
            self.shown = Mork(dict(self.mork.names), deepcopy(self.mork.tables), deepcopy(self.mork.rows), cut_off=cut_off)

    def _next(self) -> bytes:
        """The next byte that is neither blank nor comment, not yet taken; nothing at the end."""
        while True:
            match = _SPACE.match(self.data, self.at)
            self.at = match.end() if match else self.at
            if not self.data.startswith(b"/*", self.at):
                return self.data[self.at : self.at + 1]
            self._comment()

    def _comment(self) -> None:
        depth = 0
        for match in _COMMENT.finditer(self.data, self.at):
            depth += 1 if match[0] == b"/*" else -1
            if not depth:
                self.at = match.end()
                return
        self.at = len(self.data)

    def _take(self, pattern: re.Pattern[bytes]) -> re.Match[bytes]:
        match = pattern.match(self.data, self.at)
        if not match:
            raise damaged()
        self.at = match.end()
        return match

    def _have(self, expected: bytes, *, close: bool = False) -> bool:
        """Take these bytes if they come next; blanks may stand before them unless they must be `close`."""
        if not close:
            self._next()
        found = self.data.startswith(expected, self.at)
        self.at += len(expected) if found else 0
        return found

    def _need(self, expected: bytes, *, close: bool = False) -> None:
        if not self._have(expected, close=close):
            raise damaged()

    def _hex(self) -> int:
        self._next()
        return int(self._take(_HEX)[0], 16) & _ID

    def _id(self, scope: int) -> Key:
        """An id with its scope; the scope given is meant where the file tells none."""
        number = self._hex()
        if not self._have(b":", close=True):
            return scope, number
        if self._have(b"^", close=True):
            return self._hex(), number
        return self._token(self._take(_NAME)[0]), number

    def _token(self, name: bytes) -> int:
        """The number of a name that stands there as text; a new one, below zero, when no dictionary has told it."""
        if len(name) == 1:
            return name[0]
        if name not in self.tokens:
            self.tokens[name] = -1 - len(self.tokens)
            self.mork.names[self.tokens[name]] = name
        return self.tokens[name]

    def _value(self) -> bytes:
        value = _ESCAPE.sub(_unescape, self._take(_VALUE)[1])
        self.mork.atoms.append(value)
        return value

    def _item(self) -> None:
        """One thing of the outermost level."""
        if self._have(b"["):
            self._row(self.scope)  # of the table before it
        elif self._have(b"{"):
            self._table()
        elif self._have(b"<"):
            self._dictionary()
        elif self._have(b"@$${"):
            self._group_start()
        else:
            self._need(b"@$$}")
            if self._hex() != self.group:
                raise damaged()
            self._need(b"}@", close=True)
            self.group = -1

    def _group_start(self) -> None:
        """A group counts when the next end is its own; aborted, or without an end, it is read for its values only."""
        if self.group >= 0:
            raise damaged()
        self.group = self._hex()
        self._need(b"{@", close=True)
        end = _GROUP_END.search(self.data, self.at)
        if not end:
            self._stop(cut_off=False)
        elif not end[1] or int(end[1], 16) & _ID != self.group:
            raise damaged()

    def _dictionary(self) -> None:
        scope = _VALUES
        while not self._have(b">"):
            if self._have(b"<"):
                scope = self._meta(b">").get(_ATOM_SCOPE, scope)
            else:
                self._need(b"(")
                self._alias(scope)

    def _alias(self, scope: int) -> None:
        number = self._hex()
        self._next()
        form = _FORM.match(self.data, self.at)
        self.at = form.end() if form else self.at
        self._need(b"=")
        value = self._value()
        if self.values.setdefault((scope, number), value) != value:
            self._stop(cut_off=True)
            self.values[scope, number] = value
        self.known.add(value)
        if scope == _COLUMNS:
            self.mork.names[number] = value
            self.tokens[value] = number

    def _meta(self, end: bytes, scope: int = _ROWS) -> dict[int, int]:
        """What stands about a dictionary, table or row: its cells, the values as tokens; a table may have a row there."""
        found: dict[int, int] = {}
        while not self._have(end):
            if self._have(b"("):
                column, _, token = self._cell()
                found[column] = token
            elif end == b"}":
                self._table_row(scope)
            else:
                raise damaged()
        return found

    def _cell(self) -> tuple[int, bytes, int]:
        """A cell's column, its value, and the value as a token."""
        column = self._id(_COLUMNS)[1] if self._have(b"^", close=True) else self._token(self._take(_NAME)[0])
        if self._have(b"="):
            value = self._value()
            return column, value, self._token(value) if value else 0
        self._need(b"^")
        key = self._id(_VALUES)
        self._need(b")")
        if key not in self.values and key[0] != _COLUMNS:
            raise damaged()
        return column, self.values.get(key, b""), key[1]

    def _table(self) -> None:
        emptied = self._have(b"-")
        key = self._id(_ROWS)
        self.scope = key[0]
        table = self.mork.tables.setdefault(key, Table())
        if emptied:
            table.rows.clear()
        kind = 0
        while not self._have(b"}"):
            if self._have(b"{"):
                kind = table.kind = self._meta(b"}", key[0]).get(_KIND, kind)
                continue
            removed = False
            while self._have(b"-"):
                removed = True
            row = self._table_row(key[0], table, removed=removed)
            if self._have(b"!"):
                table.move(row, self._hex())
        if not kind:
            raise damaged()  # real Mork stops at a table that does not say what it is

    def _table_row(self, scope: int, table: Table | None = None, *, removed: bool = False) -> Key:
        """A row written out, or only its id: put into the table or removed from it before its cells are read."""
        if self._have(b"["):
            return self._row(scope, table, removed=removed)
        key = self._id(scope)
        self.mork.rows.setdefault(key, {})
        if table:
            table.take(key, removed=removed)
        return key

    def _row(self, scope: int, table: Table | None = None, *, removed: bool = False) -> Key:
        anew = self._have(b"-")
        key = self._id(scope)
        cells = self.mork.rows.setdefault(key, {})
        if anew:
            cells.clear()
        if table:
            table.take(key, removed=removed)
        written: list[tuple[int, bytes]] = []
        while not self._have(b"]"):
            if self._have(b"("):
                column, value, _ = self._cell()
                written.append((column, value))
                # Real Mork takes no value that no dictionary has told; where it would show nothing, it is shown here.
                if value in self.known or column not in cells:
                    cells[column] = value
            elif self._have(b"["):
                self._meta(b"]")
            elif self._next():
                self.at += 1  # real Mork passes over anything else in a row
            else:
                raise damaged()
        self.mork.past.append(written)
        return key


def _unescape(match: re.Match[bytes]) -> bytes:
    if match[2]:
        high, low = map(_nibble, match[2])
        return bytes([(high << 4 | low) & 0xFF])
    return b"" if match[1][0] in b"\r\n" else match[1]


def _nibble(byte: int) -> int:
    """A hexadecimal digit as Mork takes it, which does not look whether it is one."""
    if ord("0") <= byte <= ord("9"):
        return byte - ord("0")
    return byte - (ord("A") if ord("A") <= byte <= ord("Z") else ord("a")) + 10
