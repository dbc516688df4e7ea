"""One act on one workbook, to be run in a process of its own: `python -m tests.bench.one ACT WORKBOOK COUNT [REF VERSION]`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from connectors.contract import Connector, Needle
from connectors.entry import Entry, Ref, Version
from connectors.registry import connector_class
from tests.bench.data import Someone, middle


def _source(path: Path) -> Connector:
    kind = connector_class("excel")
    return kind("customers", {option.name: option.default for option in kind.options} | {"path": path, "on_erase": "row"})


def _needles(someone: Someone) -> list[Needle]:
    phone = "+358" + someone.phone.replace(" ", "")[1:]
    return [Needle("email", someone.email), Needle("phone", phone), Needle("name", someone.name)]


def find(path: Path, count: int) -> None:
    """List everything, and print ref and version of the person in the middle."""
    someone = middle(count)
    for item in _source(path).entries():
        if isinstance(item, Entry) and someone.email in item.values("email"):
            print(item.ref, item.version)


def erase(path: Path, count: int, ref: str, version: str) -> None:
    """Erase the person in the middle, as the hub's one erase path does it."""
    print(_source(path).erase(Ref(ref), Version(version), _needles(middle(count))).result)


def residue(path: Path, count: int) -> None:
    """Search every byte of the workbook for the person in the middle; print how many places were found."""
    print(sum(place.found for place in _source(path).residue(_needles(middle(count)))))


def openpyxl(path: Path, count: int) -> None:
    """What openpyxl needs for the same: load, empty the row's cells, save beside."""
    from openpyxl import load_workbook

    book = load_workbook(path)
    for cell in book.worksheets[0][count // 2 + 2]:
        cell.value = None
    book.save(path.with_suffix(".saved.xlsx"))


if __name__ == "__main__":
    act, workbook, number, *rest = sys.argv[1:]
    acts: dict[str, Callable[..., None]] = {"find": find, "erase": erase, "residue": residue, "openpyxl": openpyxl}
    acts[act](Path(workbook), int(number), *rest)
