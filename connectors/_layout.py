"""Where a sheet's column names stand, and what each column holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from connectors import _cells, _columns
from connectors.entry import IDENTIFYING, KINDS
from connectors.phrase import Phrase

_ANCHORS = IDENTIFYING | {"company"}
_LONGEST = 80
_BODY = 3


class Cell(NamedTuple):
    """A cell as a reader sees it: `kind` is text, number, date, bool, error or broken; `formula`: it is calculated."""

    kind: str
    text: str
    formula: bool = False


@dataclass(frozen=True, slots=True)
class Use:
    """What a column holds: its name, its kind (None: nothing of anybody), and whether the name was recognised."""

    label: str
    kind: str | None
    known: bool = True


@dataclass(frozen=True, slots=True)
class Head:
    """One row of column names; it rules the rows below it up to the next."""

    row: int
    columns: Mapping[int, Use] = field(repr=False)
    recognised: int = 0

    def use(self, column: int) -> Use:
        """What a column holds; one without a name holds something other."""
        return self.columns.get(column) or Use("", "other", known=False)


Cells = Mapping[int, Cell]

Adapt = Callable[[Head, Cells], Head]
"""Gives one row its own column kinds."""


def read_head(row: int, cells: Cells, above: Cells, given: Mapping[str, str], *, forced: bool = False) -> Head | None:
    """The column names in a row, None when it has too few of them; `given` are the owner's, folded, with their kinds."""
    columns = {place: _use(cell.text, given) for place, cell in cells.items() if _may_name(cell)}
    recognised = [use for use in columns.values() if use.known]
    anchored = any(use.kind in _ANCHORS for use in recognised)
    many = len(recognised) >= 4 or len(recognised) * 5 >= len(cells) * 3
    if not anchored or not (forced or (len(recognised) >= 2 and many)):
        return None
    return Head(row, _under_headings(columns, above), len(recognised))


def find_heads(rows: Sequence[tuple[int, Cells]], given: Mapping[str, str]) -> list[Head]:
    """Every row of column names among `rows` (number and cells, in order); several when tables stand below one another."""
    found: list[Head] = []
    above: Cells = {}
    for index, (number, cells) in enumerate(rows):
        head = read_head(number, cells, above, given) or _lonely(number, cells, rows[index + 1 : index + 1 + _BODY], given)
        if head is not None:
            found.append(head)
        above = cells
    found = _lowest(found, [number for number, _cells in rows])
    most = max((head.recognised for head in found), default=0)
    return [head for head in found if head.recognised * 2 >= most]


def is_total(cells: Mapping[int, Cell]) -> bool:
    """Whether a row sums up others: its first text says so and it holds no other text."""
    texts = [(column, cell.text) for column, cell in cells.items() if cell.kind == "text" and not cell.formula]
    return 0 < len(texts) <= 2 and _columns.is_total(min(texts)[1])


def wrong_kinds(columns: Mapping[str, object]) -> list[Phrase]:
    """What is wrong with the kinds an owner gave to columns."""
    return [
        Phrase("columns: {kind} is no kind of value; use one of {kinds}, or ignore.", kind=str(kind), kinds=", ".join(KINDS))
        for kind in columns.values()
        if kind not in (*KINDS, "ignore")
    ]


def _lowest(found: list[Head], numbers: Sequence[int]) -> list[Head]:
    """Of column names in two rows right below one another the richer ones: the others are headings or units."""
    kept: list[Head] = []
    places = {number: place for place, number in enumerate(numbers)}
    for head in found:
        above = kept[-1] if kept else None
        if above is not None and places[head.row] == places[above.row] + 1:
            if head.recognised < above.recognised:
                continue
            kept.pop()
        kept.append(head)
    return kept


def _lonely(number: int, cells: Cells, below: Iterable[tuple[int, Cells]], given: Mapping[str, str]) -> Head | None:
    """A list of one column: its name, and something of that kind right below."""
    if len(cells) != 1:
        return None
    place, cell = next(iter(cells.items()))
    use = _use(cell.text, given) if _may_name(cell) else Use("", None, known=False)
    if use.kind not in IDENTIFYING:
        return None
    values = [row[place].text for _number, row in below if len(row) == 1 and place in row]
    return Head(number, {place: use}, 1) if values and all(_fits(use.kind, value) for value in values) else None


def _fits(kind: str | None, value: str) -> bool:
    if kind == "email":
        return "@" in value
    if kind == "phone":
        return sum(letter.isdigit() for letter in value) >= 5
    return len(value.split()) >= 2 and all(_cells.looks_like_name(part.value) for part in _cells.names(value))


def _may_name(cell: Cell) -> bool:
    return cell.kind == "text" and not cell.formula and 0 < len(cell.text) <= _LONGEST


def _use(header: str, given: Mapping[str, str]) -> Use:
    label = " ".join(header.split())
    kind = given.get(_columns.fold(label)) or _columns.kind_of(header)
    if kind in (_columns.RUNNING, "ignore"):
        return Use(label, None)
    return Use(label, kind or "other", known=kind is not None)


def _under_headings(columns: dict[int, Use], above: Cells) -> dict[int, Use]:
    """A "Nimi" below a heading "Yritys" that spans several columns is the company's."""
    headings = {place: _columns.kind_of(cell.text) for place, cell in above.items() if _may_name(cell)}
    if len(headings) < 2 or "company" not in headings.values():
        return columns
    ruled = {}
    for place, use in columns.items():
        heading = headings.get(max((at for at in headings if at <= place), default=0))
        ruled[place] = Use(use.label, "company", use.known) if heading == "company" and use.kind == "name" else use
    return ruled
