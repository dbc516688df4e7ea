"""Customer tables of the invoicing program: as CSV or as a workbook, with Isolta's ways of writing a customer."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from connectors import _columns, _csvfile, _table
from connectors._layout import Cell, Head, Use, is_total
from connectors._table import Listed, Row
from connectors.entry import Field
from connectors.errors import Damaged, Refused
from connectors.phrase import Phrase

_PRIVATE: Final = frozenset(map(_columns.fold, ("Yksityisasiakas", "Private customer", "Privatkund", "Yksityishenkilö")))
_YES: Final = frozenset(("1", "x", "k", "kyllä", "kylla", "on", "tosi", "ja", "j", "yes", "y", "true"))
_CONTACT = re.compile("yhteys|kontakt|contact", re.IGNORECASE)
_UNPACKED: Final = 200 << 20
_SERIES = re.compile(r"[\d\W_]+|kopio|copy|kopia", re.IGNORECASE)


class SheetFile:
    """A customer table in a workbook, read only. Raises `Unreachable`, `Damaged` or `Refused`."""

    def __init__(self, path: Path, settings: Mapping[str, Any]) -> None:
        """Read every sheet that has known column names."""
        given = {_columns.fold(name): kind for name, kind in (settings.get("columns") or {}).items()}
        self.path = path
        self.heads: list[Head] = []
        self._rows: list[Row] = []
        for sheet in _sheets(path):
            heads = _table.heads_of(sheet.items(), given)
            self.heads += heads
            self._rows += _below(heads, sheet)
        if not self.heads:
            raise Damaged(
                Phrase("{file} has no column names that are known (such as Nimi, Namn, Name, Email).", file=path.name),
                Phrase('Tell them in hub.toml: columns = { "My column" = "name" }.'),
            )
        self.everybody: list[Listed] = _table.persons_of(self._rows)

    def rows(self) -> list[Row]:
        """Every row below column names that is no total."""
        return self._rows


def adapt(head: Head, cells: Mapping[int, Cell]) -> Head:
    """The column kinds of one row: on a company's card the name is the company's."""
    flag = _flag(head, cells)
    business = any(use.kind == "business_id" and place in cells for place, use in head.columns.items())
    if flag is True or (flag is None and not business):
        return head
    columns = {
        place: Use(use.label, "company", use.known) if use.kind == "name" and not _CONTACT.search(use.label) else use
        for place, use in head.columns.items()
    }
    return replace(head, columns=columns)


def fields_of(one: Listed) -> tuple[Field, ...]:
    """A customer's fields; a private person's name, which Isolta keeps surname first, in its two parts as well."""
    row = one.rows[0]
    fields = one.fields
    if not _flag(row.head, row.cells):
        return fields
    names = [item for item in fields if item.kind == "name" and "," not in item.value and len(item.value.split()) > 1]
    if len(names) != 1 or any(item.kind in ("given", "family") for item in fields):
        return fields
    family, given = names[0].value.split(maxsplit=1)
    return (*fields, Field("family", family, names[0].label), Field("given", given, names[0].label))


def series_of(path: Path) -> str:
    """What exports of the same kind have in common in their names, whatever day they were made."""
    return _SERIES.sub("", path.stem.casefold())


def number_of(one: Listed) -> str:
    """The customer number, "" without one."""
    return next((value.text.strip() for value in one.people.values if value.kind == "customer_number"), "")


def card_of(one: Listed) -> str:
    """What stands for the customer's card in the program, the same in every export."""
    number = number_of(one)
    if number:
        return _table.short("card", number, one.identity if one.shared else "")
    return _table.short("card", "", one.identity)


def _flag(head: Head, cells: Mapping[int, Cell]) -> bool | None:
    """Whether a row is marked as a private person's; None where there is no such column."""
    for place, use in head.columns.items():
        if _columns.fold(use.label) in _PRIVATE:
            return place in cells and cells[place].text.strip().casefold() in _YES
    return None


def _below(heads: list[Head], sheet: Mapping[int, dict[int, Cell]]) -> list[Row]:
    found, head, following = [], None, {one.row: one for one in heads}
    for number, cells in sheet.items():
        if number in following:
            head = following[number]
        elif head is not None and cells and not is_total(cells):
            raw = "\0".join(cell.text for cell in cells.values())
            found.append(Row(number, adapt(head, cells), cells, raw))
    return found


def _sheets(path: Path) -> list[dict[int, dict[int, Cell]]]:
    """Row number → column → cell for each sheet of a workbook."""
    import openpyxl  # 0.2 s, and only a workbook needs it

    data = _csvfile.read(path)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(info.file_size for info in archive.infolist())
        if size <= _UNPACKED:
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            sheets = [list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets]
    except Exception:  # noqa: BLE001  # on a damaged workbook the library raises whatever its parser stumbles over
        raise Damaged(
            Phrase("{file} is not a workbook, or it is damaged or protected by a password.", file=path.name),
            Phrase("Open it in Excel to see, or export the customers again."),
        ) from None
    if size > _UNPACKED:
        raise Refused(Phrase("{file} is far larger than a register; it was not opened.", file=path.name))
    return [{number: _cells(row) for number, row in enumerate(rows, 1)} for rows in sheets]


def _cells(row: tuple[Any, ...]) -> dict[int, Cell]:
    said = ((place, _said(value)) for place, value in enumerate(row, 1))
    return {place: cell for place, cell in said if cell.text.strip()}


def _said(value: object) -> Cell:
    if value is None:
        return Cell("text", "")
    if isinstance(value, dt.datetime):
        return Cell("date", value.isoformat(" ").removesuffix(" 00:00:00"))
    if isinstance(value, float) and value.is_integer():
        return Cell("number", str(int(value)))
    return Cell("number" if isinstance(value, int | float) else "text", str(value))
