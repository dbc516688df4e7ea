"""Customer tables of the invoicing program, and Isolta's ways of writing a customer in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from connectors import _columns, _table
from connectors._layout import Cell, Head, Use
from connectors._table import Listed
from connectors.entry import Field

_PRIVATE: Final = frozenset(map(_columns.fold, ("Yksityisasiakas", "Private customer", "Privatkund", "Yksityishenkilö")))
_YES: Final = frozenset(("1", "x", "k", "kyllä", "kylla", "on", "tosi", "ja", "j", "yes", "y", "true"))
_CONTACT = re.compile("yhteys|kontakt|contact", re.IGNORECASE)
_SERIES = re.compile(r"[\d\W_]+|kopio|copy|kopia", re.IGNORECASE)


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
