"""The persons in one row, and which of its values is whose."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from connectors import _cells, _columns, _corrections
from connectors._cells import Part
from connectors._columns import letters
from connectors._layout import Cell, Head
from connectors.contract import Correction
from connectors.entry import IDENTIFYING, Field
from connectors.errors import Refused
from connectors.phrase import Phrase

KEEPS = frozenset(("company", "business_id", "service", "price", "date", "invoice_number"))
"""Kinds that belong to the record and not to the person."""
_KEEPS_WITH_COMPANY = frozenset(("customer_number", "country"))
_NEEDS_WORD = IDENTIFYING | {"company", "business_id"}
"""Kinds of which a dash or the like is only a placeholder."""
_REACHES = frozenset(("email", "phone", "address", "postcode", "city", "birthday"))
"""Kinds by which a person is reached or known: that one stays must be said."""
_WORD = re.compile(r"[^\W_]")
_SPLITTERS = {"email": _cells.emails, "phone": _cells.phones, "given": _cells.words, "family": _cells.words}
_SHARED = -1
"""The owner of a value that may be anybody's in the row."""


Fixed = Literal["", "merged", "link"]


class Value(NamedTuple):
    """One value of a row: where it stands, what it is, and whose (`owner`: index of the person, -1: not one's alone).

    `part` is its place within a cell of several. `fixed` says why it has no cell of its own in this row: "merged" with
    cells of other rows, or a "link" on another value.
    """

    column: int
    kind: str
    text: str
    label: str
    part: Part | None = None
    owner: int = _SHARED
    fixed: Fixed = ""

    def __repr__(self) -> str:
        return f"<{self.kind} in column {self.column}>"


@dataclass(frozen=True, slots=True)
class RowPeople:
    """The persons of a row by name ("" for one who is known by other values only), and all values."""

    names: tuple[str, ...] = field(repr=False)
    keys: tuple[str, ...] = field(repr=False)
    values: tuple[Value, ...] = field(repr=False)
    company: bool

    def mine(self, value: Value, person: int) -> bool:
        """Whether a value is this person's alone."""
        if value.owner == _SHARED and len(self.names) == 1:
            return value.fixed != "merged" or value.kind in IDENTIFYING
        return value.owner == person

    @property
    def why_part(self) -> Phrase:
        """Why only a part of a row goes with one of several persons, and what of it stays with whoever stays.

        A phone that stands once for two people is as much the other's: it goes with the last of them.
        """
        columns = dict.fromkeys(value.label for value in self.values if value.owner == _SHARED and value.kind in _REACHES)
        if not columns:
            return Phrase("another person shares the row; only this person's part goes")
        return Phrase(
            "another person shares the row; only this person's part goes, and what is given for both stays with the other: {columns}",
            columns=", ".join(columns),
        )

    def stays(self, value: Value, person: int) -> bool:
        """Whether a value remains when this person goes."""
        if value.kind == "company" and not value.fixed:
            return not (self.keys and _holds(value.text, self.keys[person]))
        if not self.mine(value, person) if self.names else bool(value.fixed):
            return True
        return value.kind in KEEPS or (value.kind in _KEEPS_WITH_COMPANY and self.company)


def _holds(text: str, key: str) -> bool:
    """Whether all words of a full name, given as its key, stand in a text."""
    own = set(key.split())
    return len(own) >= 2 and own <= set(key_of(text).split())


def comments_of(comments: Mapping[int, str], number: int, people: RowPeople, person: int, *, whole: bool) -> Iterator[Field]:
    """The comments on the cells of a row that a person's entry shows: each goes with its cell, and only then.

    `whole`: every cell of the row goes with the person.
    """
    seen = {value.column for value in people.values if value.owner in (person, _SHARED)}
    for column, text in sorted(comments.items()):
        here = [value for value in people.values if value.column == column]
        if column in seen or (not here and len(people.names) < 2):
            stays = not whole and (not here or any(people.stays(value, person) for value in here))
            yield Field("note", text, f"{letters(column)}{number}", stays)


def key_of(name: str) -> str:
    """A name's words, folded and in one order: the same for "Virtanen, Maija" and "Maija Virtanen"."""
    return " ".join(sorted(filter(None, (_columns.fold(word) for word in re.split(r"[\s,;()/]+", name)))))


def read_row(cells: Mapping[int, Cell], head: Head, borrowed: frozenset[int], mail: Mapping[int, str]) -> RowPeople:
    """Find the persons of a row. `borrowed` columns belong to merged cells of several rows; `mail` are mailto links."""
    reader = _Reader(cells, head, borrowed)
    reader.read()
    if not any(value.kind == "email" for value in reader.values):
        reader.add_links(mail)
    reader.attribute("email")
    reader.attribute("phone")
    company = any(value.kind in ("company", "business_id") for value in reader.values)
    return RowPeople(tuple(reader.names), tuple(reader.keys), tuple(reader.values), company)


def corrected(people: RowPeople, person: int, column: int, text: str, corrections: Sequence[Correction]) -> str | None:
    """What a cell of a person says with the right values, None when it stays as it is.

    Raises `Refused` for one of several persons who is written in short ("Maija ja Pekka Laine").
    """
    edits = []
    for value in people.values:
        item = Field(value.kind, value.text.strip(), value.label, people.stays(value, person))
        here = value.column == column and value.owner in (person, _SHARED) and not value.fixed
        new = _corrections.new_value(item, corrections) if here else None
        if new is not None:
            part = value.part
            if part and part.end - part.start != len(part.value):
                raise Refused(
                    Phrase("The name is written in short beside others of the same family; nothing was written."),
                    Phrase("Correct it by hand."),
                )
            edits.append((part.start, part.end, new) if part else (0, len(text), new))
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text if edits else None


class _Reader:
    def __init__(self, cells: Mapping[int, Cell], head: Head, borrowed: frozenset[int]) -> None:
        self.names: list[str] = []
        self.values: list[Value] = []
        self.keys: list[str] = []
        self._cells, self._head, self._borrowed = cells, head, borrowed
        self._halves: dict[str, list[Value]] = {"given": [], "family": []}

    def read(self) -> None:
        for column in sorted(self._cells):
            cell = self._cells[column]
            use = self._head.use(column)
            if use.kind is None or cell.formula or cell.kind in ("error", "broken"):
                continue
            text = cell.text.strip()
            if text and (_WORD.search(text) or use.kind not in _NEEDS_WORD):
                self._cell(column, use.kind, cell.text, use.label or letters(column))
        self._join_halves()
        if not self.names:
            self._sole_trader()
        if not self.names and any(value.kind in ("email", "phone", "given", "family", "former_name") for value in self.values):
            self._person("")

    def add_links(self, mail: Mapping[int, str]) -> None:
        """A mailto link on somebody's name is their address where the row has no other."""
        for value in [value for value in self.values if value.kind == "name" and value.column in mail]:
            self.values.append(Value(value.column, "email", mail[value.column], value.label, None, value.owner, fixed="link"))

    def attribute(self, kind: str) -> None:
        """Give each e-mail or phone to its person: by the name in the address, else by its place in an equal count."""
        if len(self.names) < 2:
            return
        places = [index for index, value in enumerate(self.values) if value.kind == kind and value.owner == _SHARED]
        if kind == "email":
            for index in places:
                self._by_name(index)
        open_places = [index for index in places if self.values[index].owner == _SHARED]
        ordered = dict(enumerate(places)) if len(places) == len(self.names) else self._by_column(kind)
        for person, index in ordered.items():
            taken = any(value.kind == kind and value.owner == person for value in self.values)
            if index in open_places and not taken and not _cells.is_mailbox(self.values[index].text):
                self.values[index] = self.values[index]._replace(owner=person)

    def _by_name(self, index: int) -> None:
        bearers = [person for person, name in enumerate(self.names) if _cells.bears_name(self.values[index].text, name)]
        if len(bearers) == 1:
            self.values[index] = self.values[index]._replace(owner=bearers[0])

    def _by_column(self, kind: str) -> dict[int, int]:
        """Person → value where there are as many columns of this kind as columns of names ("Puhelin 2")."""
        columns = [place for place, use in sorted(self._head.columns.items()) if use.kind == kind]
        heads = [place for place, use in sorted(self._head.columns.items()) if use.kind == "name"]
        named = [value for value in self.values if value.kind == "name"]
        if len(columns) != len(heads) or len({value.column for value in named}) != len(named):
            return {}
        partner = {value.column: value.owner for value in named}
        found: dict[int, int] = {}
        for index, value in enumerate(self.values):
            if value.kind == kind and heads[columns.index(value.column)] in partner:
                found.setdefault(partner[heads[columns.index(value.column)]], index)
        return found

    def _cell(self, column: int, kind: str, text: str, label: str) -> None:
        fixed: Fixed = "merged" if column in self._borrowed else ""
        if kind == "name":
            self._names(column, text, label, fixed)
            return
        splitter = _SPLITTERS.get(kind)
        parts = splitter(text) if splitter and _cells.several(text) else []
        for part in parts if len(parts) > 1 else ():
            self._add(Value(column, kind, part.value, label, part, fixed=fixed))
        if len(parts) <= 1:
            self._add(Value(column, kind, text.strip(), label, fixed=fixed))

    def _names(self, column: int, text: str, label: str, fixed: Fixed) -> None:
        parts = _cells.names(text)
        places = parts if len(parts) > 1 or parts[0].value != text.strip() else [None]
        for part, place in zip(parts, places, strict=True):
            what = "company" if part.company else "name"
            owner = _SHARED if part.company else self._person(part.value)
            self._add(Value(column, what, part.value, label, place, owner, fixed))

    def _add(self, value: Value) -> None:
        if value.kind in self._halves:
            self._halves[value.kind].append(value)
        self.values.append(value)

    def _person(self, name: str) -> int:
        """The index of the person of this name, a new one when none of the row's fits."""
        key = key_of(name)
        words = set(key.split())
        for index, other in enumerate(self.keys):
            known = set(other.split())
            if key == other or (words and known and (words < known or known < words)):
                if len(words) > len(known):
                    self.names[index], self.keys[index] = name, key
                return index
        self.names.append(name)
        self.keys.append(key)
        return len(self.names) - 1

    def _join_halves(self) -> None:
        """Given and family names in columns of their own; one family name may be several persons'."""
        given, family = self._halves["given"], self._halves["family"]
        count = max(len(given), len(family))
        if not count or (len(given) not in (0, 1, count)) or (len(family) not in (0, 1, count)):
            return
        owners = []
        for index in range(count):
            pieces = [half[index if len(half) == count else 0].text for half in (given, family) if half]
            owners.append(self._person(" ".join(pieces)))
        for half in (given, family):
            for index, value in enumerate(half):
                owner = owners[index] if len(half) == count else _SHARED
                self.values[self.values.index(value)] = value._replace(owner=owner)

    def _sole_trader(self) -> None:
        """A company that is one person ("Tmi Maija Virtanen") names that person."""
        for value in [value for value in self.values if value.kind == "company"]:
            name = _cells.sole_trader(value.text)
            if name:
                owner = self._person(name)
                self.values.append(Value(value.column, "name", name, value.label, value.part, owner, fixed=value.fixed))
