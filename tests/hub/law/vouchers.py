"""Made-up vouchers for the tests of the law."""

from __future__ import annotations

from datetime import date

from connectors.entry import Disposal, Entry, Field, Ref, Retention, Version
from connectors.phrase import Phrase
from hub.law import Law
from hub.person import Held

KEPT = Phrase("must stay unaltered")
BY_CALENDAR = Law(year_end="12-31", today=date(2026, 11, 27))
BY_HAND = Retention("voucher")


def voucher(*days: str, retention: Retention = BY_HAND) -> Entry:
    """An issued invoice that shows these days."""
    fields = (Field("name", "Maija Malli"), *(Field("date", day, stays=True) for day in days))
    return Entry(Ref("i1"), Version("1"), Phrase("invoice 1"), fields, Disposal.RETAIN, KEPT, retention=retention)


def held(*days: str, source: str = "mail", copy_of: str = "") -> Held:
    """An ordinary entry of a source that shows these days."""
    fields = (Field("name", "Maija Malli"), *(Field("date", day) for day in days))
    return Held(source, Entry(Ref("m1"), Version("1"), Phrase("card 1"), fields, copy_of=copy_of))
