"""What is needed to put a card back: every value of it with its type, its places in lists, and its picture."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.errors import Refused
from connectors.phrase import Phrase
from connectors.thunderbird.morkbook import Cells

SqlRow = dict[str, tuple[str, Any]]
"""A row of a table: each column's type in the database and its value, text and bytes both as bytes."""

_TABLES = {"properties", "list_cards", "cards"}
_TYPES = {"text", "blob", "integer", "real", "null"}


@dataclass(frozen=True, slots=True)
class Removed:
    """What an erase took out of a book: rows of a database, or one row of an old book with its places in lists."""

    tables: Mapping[str, list[SqlRow]] = field(default_factory=dict, repr=False)
    cells: Cells = field(default=(), repr=False)
    place: int = 0
    lists: Mapping[int, tuple[int, ...]] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Receipt:
    """One card that was erased; its ref names the book's file. `photo` is "" where no picture went with it."""

    ref: str
    format: str
    uid: bytes = field(repr=False)
    version: str
    removed: Removed = field(repr=False)
    photo: str = field(default="", repr=False)
    picture: bytes = field(default=b"", repr=False)

    def packed(self) -> bytes:
        """The receipt as bytes."""
        gone = self.removed
        told = {
            "ref": self.ref,
            "format": self.format,
            "uid": _coded(self.uid),
            "version": self.version,
            "tables": {name: [_row(row) for row in rows] for name, rows in gone.tables.items()},
            "cells": [[_coded(name), _coded(value)] for name, value in gone.cells],
            "place": gone.place,
            "lists": [[number, list(places)] for number, places in gone.lists.items()],
            "photo": self.photo,
            "picture": _coded(self.picture),
        }
        return json.dumps(told).encode()


def opened(receipt: bytes) -> Receipt:
    """Read a receipt. Raises `Refused` when it is none of a Thunderbird card."""
    try:
        told = json.loads(receipt)
        removed = Removed(
            {str(name): [_read_row(row) for row in rows] for name, rows in told["tables"].items()},
            tuple((_plain(name), _plain(value)) for name, value in told["cells"]),
            int(told["place"]),
            {int(number): tuple(map(int, places)) for number, places in told["lists"]},
        )
        found = Receipt(
            str(told["ref"]),
            str(told["format"]),
            _plain(told["uid"]),
            str(told["version"]),
            removed,
            str(told["photo"]),
            _plain(told["picture"]),
        )
        if _is_sound(found):
            return found
    except (ValueError, LookupError, TypeError, AttributeError):
        pass
    raise Refused(Phrase("This receipt is of another source."))


def _is_sound(told: Receipt) -> bool:
    """Whether a receipt says nothing that an erase never says: other tables, other files."""
    old = told.format == "mork"
    plain = told.photo not in {".", ".."} and not any(char in told.photo for char in "/\\:\0")
    return plain and bool(told.removed.cells) == old and bool(told.removed.tables) != old and set(told.removed.tables) <= _TABLES


def _row(row: SqlRow) -> list[list[Any]]:
    return [[name, kind, _coded(value) if isinstance(value, bytes) else value] for name, (kind, value) in row.items()]


def _read_row(row: Any) -> SqlRow:
    if not all(kind in _TYPES for _, kind, _ in row):
        raise ValueError
    return {str(name): (kind, _plain(value) if kind in {"text", "blob"} else value) for name, kind, value in row}


def _coded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _plain(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
