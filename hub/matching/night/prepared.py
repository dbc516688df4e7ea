"""All that entries say, brought to keys and numbered: what a night works on, and what can be kept until the next."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hub.machine.workers import Workers
from hub.matching.facts import LOOK_KINDS
from hub.matching.night import prepare
from hub.matching.night.arrays import Ints, mixed_texts
from hub.matching.night.names import Spoken, spoken
from hub.matching.night.prepare import Keyed
from hub.matching.night.sheet import Sheet


@dataclass(slots=True, repr=False)
class Prepared:
    """What so many entries say, brought to keys: all that is compared and counted is worked out from this."""

    size: int
    columns: dict[str, Keyed]
    """By kind: name (of every entry one), look (how that is written), email, own_email, phone, tail, customer_number, firm,
    place, flat, postcode, city, street and birthday."""
    seen: Ints
    """For each entry a number that is the same where all else but the name is equal letter by letter (`Facts.look`)."""
    written: pa.StringArray
    """For each name a way in which somebody wrote it."""

    @property
    def spoken(self) -> Spoken:
        """All names."""
        return Spoken(self.columns["name"].keys, self.written)

    @property
    def name(self) -> Ints:
        """The name of each entry."""
        return self.columns["name"].items


ONE_EACH = ("name", "look")
"""Of these every entry has one."""

BUSINESS = "\x1f"
"""Stands before a business id among the firms."""


def prepared(sheet: Sheet, region: str, workers: Workers) -> Prepared:
    """The keys of every kind."""
    which, said = prepare.names(sheet)
    told, numbers, looks = spoken(said, workers, int(which.max(initial=-1)) + 1)
    keyed = prepare.keys_of(sheet, region, workers)
    company, business = keyed["company"][0], keyed["business_id"][0]
    business = replace(business, keys=pc.binary_join_element_wise("", business.keys, BUSINESS))
    place, flat, postcode, city, street = keyed["address"]
    written = looks.indices.to_numpy(zero_copy_only=False)
    columns = {
        "name": _of_each(numbers[which], told.texts),
        "look": _of_each(written[which], looks.dictionary),
        "email": keyed["email"][0],
        "own_email": keyed["email"][1],
        "phone": keyed["phone"][0],
        "tail": keyed["phone"][1],
        "customer_number": keyed["customer_number"][0],
        "firm": prepare.together(company, business),
        "place": place,
        "flat": flat,
        "postcode": prepare.together(postcode, keyed["postcode"][0]),
        "city": prepare.together(city, keyed["city"][0]),
        "street": street,
        "birthday": keyed["birthday"][0],
    }
    return Prepared(sheet.size, columns, _seen(sheet), told.written)


def _seen(sheet: Sheet) -> Ints:
    """By the texts alone: a night that goes on from another one sees the same."""
    found = np.zeros(sheet.size, np.uint64)
    for place, kind in enumerate(LOOK_KINDS):
        column = sheet.columns[kind]
        if len(column.entries):
            mixed = mixed_texts(column.distinct, place)[column.values]
            starts = np.flatnonzero(np.diff(column.entries, prepend=-1))
            found[column.entries[starts]] += np.add.reduceat(mixed, starts)
    return found


def _of_each(items: Ints, keys: pa.StringArray) -> Keyed:
    """What every entry has one of."""
    return Keyed(np.arange(len(items), dtype=np.int32), items.astype(np.int32), keys, np.zeros(len(items), bool))
