"""The report of a small company's own files; and registers of any size, as files or as a mirror.

`python -m tests.bench.report COUNT FOLDER small|large` makes the registers, in a process of its own.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from connectors.phrase import Phrase
from hub import mirror
from hub.mirror import Known
from tests.bench.measure import Cost, Row, median, python
from tests.bench.mirror import KEY, settle
from tests.bench.registers import SOURCES, registers

SMALL = 2_000
REPEATS = 5

_EXPECT = '[report]\nexpect = { customers = ["phone"] }\n'
"""Whoever is a customer should stand in the phone too."""

_SMALL = f'state = "state"\n[controller]\nlanguage = "en"\n{_EXPECT}[source.customers]\nkind = "excel"\npath = "customers.xlsx"\n'
_KINDS = {
    "name": "Nimi",
    "given": "Etunimi",
    "family": "Sukunimi",
    "former_name": "Entinen nimi",
    "email": "Sähköposti",
    "phone": "Puhelin",
    "company": "Yritys",
    "address": "Osoite",
    "postcode": "Postinumero",
    "city": "Postitoimipaikka",
    "customer_number": "Asiakasnumero",
    "note": "Lisätiedot",
}


def rows(folder: Path) -> Iterator[Row]:
    """Of 2,000 entries in a workbook and four tables."""
    place = folder / "small"
    python("-m", "tests.bench.report", str(SMALL), str(place), "small")
    yield f"hub: first report of {SMALL:,} entries in local files", report(place), ""
    cost = median([report(place) for _ in range(REPEATS)])
    yield f"hub: report of {SMALL:,} entries in local files, median of {REPEATS}", cost, ""


def report(folder: Path, *options: str) -> Cost:
    """What a report costs."""
    return python("-m", "hub", "report", *options, "--config", str(folder / "hub.toml"))


def small(count: int, folder: Path) -> None:
    """The registers as files: the customers as a workbook, the others as tables."""
    from xlsxwriter import Workbook

    folder.mkdir(parents=True)
    tables: dict[str, list[dict[str, str]]] = {source: [] for source in SOURCES}
    for made in registers(count):
        tables[made.held.source].append({_KINDS[item.kind]: item.value for item in made.held.entry.fields})
    text = _SMALL
    with Workbook(str(folder / "customers.xlsx")) as book:
        sheet = book.add_worksheet("Asiakkaat")
        for number, row in enumerate([dict(zip(_KINDS.values(), _KINDS.values(), strict=True)), *tables.pop("customers")]):
            sheet.write_row(number, 0, [row.get(header, "") for header in _KINDS.values()])
    for source, table in tables.items():
        with (folder / f"{source}.csv").open("w", encoding="utf-8", newline="") as file:
            out = csv.DictWriter(file, list(_KINDS.values()), delimiter=";")
            out.writeheader()
            out.writerows(table)
        text += f'[source.{source}]\nkind = "csv"\npath = "{source}.csv"\n'
    (folder / "hub.toml").write_text(text, encoding="utf-8")


def large(count: int, folder: Path) -> None:
    """The registers as a mirror that was just filled."""
    folder.mkdir(parents=True)
    made = [item.held for item in registers(count)]
    with mirror.opened(folder, KEY, "FI") as mine:
        for source in SOURCES:
            entries = [
                replace(held.entry, locator=Phrase("row {row}", row=row))
                for row, held in enumerate((held for held in made if held.source == source), start=2)
            ]
            mine.add(source, mine.keep(Known(source, "csv", "", entries=len(entries))), entries, "FI")
    settle(folder, _EXPECT)


if __name__ == "__main__":
    {"small": small, "large": large}[sys.argv[3]](int(sys.argv[1]), Path(sys.argv[2]))
