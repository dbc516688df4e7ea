"""Putting single values right in the rows of a CSV file; every other byte stays as it is."""

from __future__ import annotations

from collections.abc import Sequence

from connectors import _corrections, _csvfile, _csvtext, _rowpeople, _table
from connectors._csvfile import AboutTo, CsvFile
from connectors._csvtext import Record
from connectors._table import Listed, Row
from connectors.contract import Correction


def correct(table: CsvFile, one: Listed, corrections: Sequence[Correction], about_to: AboutTo) -> None:
    """Write the right values in the place of the wrong ones in a person's rows. Raises as `Connector.rectify`."""
    left: dict[int, str | None] = {}
    for row in one.rows:
        text = _corrected(table, row, table.as_in(one, row), corrections)
        after = (other for other in _people_in(table, row, text) if other.person == one.person)
        _corrections.require_as_meant(one.fields, next((other.fields for other in after), ()), corrections)
        left[row.number] = text
    table.change(left, about_to=about_to)


def _corrected(table: CsvFile, row: Row, one: Listed, corrections: Sequence[Correction]) -> str:
    """The text of a row with the right values."""
    record = table.records[row.number - 1]
    text, at = "", record.start
    for column, span in enumerate(_csvtext.spans(table.text, record, table.delimiter), 1):
        cell = row.cells.get(column)
        said = _rowpeople.corrected(one.people, one.person, column, cell.text, corrections) if cell else None
        if said is not None:
            kept_text = table.text[span.start : span.end].lstrip('"').startswith("=")  # so that no program counts with it
            text += table.text[at : span.start] + _csvtext.written(f'="{said}"' if kept_text else said, span, table.delimiter)
            at = span.end
    return text + table.text[at : record.stop]


def _people_in(table: CsvFile, row: Row, text: str) -> list[Listed]:
    """The persons of a row, were this its text."""
    record = Record(0, len(text), len(text), row.number)
    said = (_csvtext.value(text, span) for span in _csvtext.spans(text, record, table.delimiter))
    cells = {column: _csvfile.cell_of(value) for column, value in enumerate(said, 1) if value.strip()}
    return _table.persons_of([row._replace(cells=cells, raw=text)], table.people_of)
