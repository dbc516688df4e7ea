"""Tables that may be kept as CSV or as a workbook: opened and searched by what they are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from connectors import _csvfile
from connectors._csvfile import CsvFile
from connectors._layout import Adapt
from connectors._needles import Matcher
from connectors._table import TableFile
from connectors._workbook.table import BookFile
from connectors.contract import Residue

BOOKS: Final = frozenset((".xlsx", ".xlsm"))
"""How the names of workbooks end."""

_OTHER_BOOKS: Final = frozenset((".xls", ".xlsb", ".ods"))


def open_table(path: Path, settings: Mapping[str, Any], adapt: Adapt, *, one_of_several: bool = True) -> TableFile:
    """Read a table. Raises `Unreachable`, `Damaged`, `Refused` or `ConfigError`."""
    opened = BookFile if is_book(path) else CsvFile
    return opened(path, settings, adapt, one_of_several=one_of_several)


def is_book(path: Path) -> bool:
    """Whether a file is a workbook by its name."""
    return path.suffix.casefold() in BOOKS


def search_file(path: Path, matcher: Matcher) -> list[Residue]:
    """Search any other file, such as a copy or a backup: a workbook part by part, else its bytes."""
    from connectors._workbook import residue

    packed = is_book(path) or path.suffix.casefold() in _OTHER_BOOKS or residue.is_packed(path)
    return residue.search_file(path, matcher) if packed else _csvfile.search_file(path, matcher)
