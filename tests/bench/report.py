"""The report of a night: of a small company's own files, and of a mirror of any size.

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


def rows(folder: Path, count: int) -> Iterator[Row]:
    """Of 2,000 entries in a workbook and four tables, and of `count` entries in five mirrored registers."""
    small, large = folder / "small", folder / "large"
    python("-m", "tests.bench.report", str(SMALL), str(small), "small")
    yield f"hub: first report of {SMALL:,} entries in local files", _report(small), ""
    cost = median([_report(small) for _ in range(REPEATS)])
    yield f"hub: report of {SMALL:,} entries in local files, median of {REPEATS}", cost, ""
    python("-m", "tests.bench.report", str(count), str(large), "large")
    page = large / "page.html"
    for options, what in (((), ""), (("--json",), " as a document"), (("--html", str(page)), " as a page")):
        cost = _report(large, *options)
        size = page.stat().st_size if page.exists() else len(cost.printed)
        yield f"hub: report of {count:,} entries{what}", cost, f"{size / 1e6:.1f} MB of text"


def _report(folder: Path, *options: str) -> Cost:
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
