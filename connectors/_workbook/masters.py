"""Formulas and merged cells that reach beyond one row: moved out of the way, or a reason not to empty the row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connectors._columns import letters
from connectors._workbook.edit import Formula, cells, read_row
from connectors._workbook.parts.areas import Area, area
from connectors._workbook.sheet import Sheet
from connectors.errors import Refused
from connectors.phrase import Phrase


def require_movable(sheet: Sheet, row: int, columns: Iterable[int], file: str) -> None:
    """Raise `Refused` when a cell to be emptied belongs to an array formula or a merged cell of several rows."""
    columns = set(columns)
    for reference in sheet.spreads:
        if _reaches(reference, row, columns):
            raise Refused(
                Phrase(
                    "Row {row} of {file} is part of an array formula ({range}) of several rows.",
                    row=row,
                    file=file,
                    range=reference,
                ),
                Phrase("Shorten the formula's range in Excel, or empty the row there, and run the command again."),
            )
    for reference in sheet.merges:
        if _reaches(reference, row, columns):
            raise Refused(
                Phrase("Row {row} of {file} holds a merged cell ({range}) of several rows.", row=row, file=file, range=reference),
                Phrase("Unmerge it in Excel (Home, Merge & Center), and run the command again."),
            )


def _reaches(reference: str, row: int, columns: set[int]) -> bool:
    """Whether a range of several rows touches one of the cells."""
    block = area(reference)
    if block is None or block.top == block.bottom:
        return False
    return block.top <= row <= block.bottom and any(block.left <= column <= block.right for column in columns)


def move_masters(sheet: Sheet, index: int) -> Iterator[tuple[int, int, Formula]]:
    """For each shared formula that stands in a row: the next cell that uses it (row index, column) takes it over."""
    row = sheet.data[sheet.starts[index] : sheet.ends[index]]
    if b"shared" not in row:
        return
    for column, cell in cells(read_row(sheet.root, row)):
        formula = cell.child("f")
        block = area(formula.get("ref")) if formula is not None and formula.get("t") == "shared" else None
        if formula is None or block is None:
            continue
        heir = _heir(sheet, index, block, formula.get("si"))
        if heir is not None:
            place = f"{letters(heir[1])}{sheet.numbers[heir[0]]}"
            text = _translated(formula.text, f"{letters(column)}{sheet.numbers[index]}", place)
            yield heir[0], heir[1], Formula(text, master=(_rest(block, sheet.numbers[index], place), formula.get("si")))


def _heir(sheet: Sheet, index: int, block: Area, number: str) -> tuple[int, int] | None:
    """The first cell of another row that uses a shared formula."""
    for row, place in enumerate(sheet.numbers):
        if row == index or not block.top <= place <= block.bottom:
            continue
        for column, cell in cells(read_row(sheet.root, sheet.data[sheet.starts[row] : sheet.ends[row]])):
            formula = cell.child("f")
            if formula is not None and formula.get("t") == "shared" and formula.get("si") == number:
                return row, column
    return None


def _rest(block: Area, row: int, place: str) -> str:
    """The range of a shared formula without its first row, or as it was when the row lies inside."""
    first = area(place)
    top = first.top if first is not None and block.top == row else block.top
    return f"{letters(block.left)}{top}:{letters(block.right)}{block.bottom}"


def _translated(formula: str, origin: str, place: str) -> str:
    from openpyxl.formula.translate import Translator  # 0.2 s: only a shared formula needs it

    return str(Translator(f"={formula}", origin=origin).translate_formula(place))[1:]
