"""Scenarios: the values a sheet keeps aside for cells that were emptied."""

from __future__ import annotations

from connectors._workbook.parts.work import Work


def clean_scenarios(work: Work, part: str) -> None:
    """Empty the values kept for emptied cells; names and users are cleaned by value like all else."""
    with work.editing(part, "sheetData") as document:
        for cell in document.iter("inputCells"):
            if work.emptied(part, cell.get("r")):
                document.set_attribute(cell, "val", "")
