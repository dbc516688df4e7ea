"""The `[controller]` table: whose registers these are, and the fiscal years that retention is counted from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Any

from connectors.phrase import Phrase
from hub.config.reader import Reader, choose
from hub.config.settings import Controller
from hub.law import FiscalYear, statutes

LANGUAGES = ("fi", "en")

_KEYS = ("name", "business_id", "contact", "country", "language", "fiscal_years", "fiscal_year_end")


def read_controller(reader: Reader, table: Mapping[str, Any]) -> Controller:
    """The table's settings; what is wrong is noted and replaced by its default."""
    prefix = "controller."
    reader.unknown(prefix, table, _KEYS)
    name, contact = (reader.text(table, prefix, key) for key in ("name", "contact"))
    business_id = reader.text(table, prefix, "business_id")
    if business_id and not re.fullmatch(r"\d{7}-\d", business_id, re.ASCII):
        reader.problem(f"{prefix}business_id", Phrase("Write it as seven digits, a hyphen and a check digit: 1234567-1."))
    elif business_id and not _checks(business_id):
        reader.problem(
            f"{prefix}business_id", Phrase("Look at it once more: its check digit does not belong to its other digits.")
        )
    country = reader.text(table, prefix, "country", "FI")
    if not re.fullmatch(r"[A-Z]{2}", country):
        reader.problem(f"{prefix}country", Phrase("Write the country's two capital letters: FI, SE, EE …"))
        country = "FI"
    language = reader.text(table, prefix, "language", "fi")
    if language not in LANGUAGES:
        reader.problem(f"{prefix}language", choose(language, LANGUAGES))
    years = _fiscal_years(reader, table.get("fiscal_years", []), statutes(country).longest_fiscal_year)
    end = reader.text(table, prefix, "fiscal_year_end")
    if end and (not re.fullmatch(r"\d\d-\d\d", end, re.ASCII) or _day(f"2023-{end}") is None):
        reader.problem(f"{prefix}fiscal_year_end", Phrase('Write month and day of the last day: "12-31".'))
    if end and years:
        reader.problem(f"{prefix}fiscal_year_end", Phrase("Keep either this or fiscal_years, not both."))
    return Controller(name, business_id, contact, country, language, years, end)


def _checks(business_id: str) -> bool:
    """Whether the last digit of a business id is the one that belongs to the others: it stands in every letter."""
    weighed = zip(business_id.replace("-", ""), (7, 9, 10, 5, 8, 4, 2, 1), strict=True)
    return sum(int(digit) * weight for digit, weight in weighed) % 11 == 0


def _fiscal_years(reader: Reader, value: object, longest: int) -> tuple[FiscalYear, ...]:
    """The fiscal years in order of time."""
    key = "controller.fiscal_years"
    if not isinstance(value, list):
        reader.problem(key, Phrase('Write a list of years: ["2025-01-01/2025-12-31"].'))
        return ()
    years: list[FiscalYear] = []
    for number, item in enumerate(value, 1):
        first, _, last = item.partition("/") if isinstance(item, str) else ("", "", "")
        start, end = _day(first), _day(last)
        if start is None or end is None or end < start:
            problem = Phrase('Year {number} must be its first and last day: "2025-01-01/2025-12-31".', number=number)
            reader.problem(key, problem)
        elif _too_long(start, end, longest):
            problem = Phrase(
                "Year {number} is longer than {months} months, which the law does not allow.", number=number, months=longest
            )
            reader.problem(key, problem)
        else:
            years.append((start, end))
    years.sort()
    if any(later[0] <= earlier[1] for earlier, later in pairwise(years)):
        reader.problem(key, Phrase("Two of the years overlap; each begins the day after the one before ends."))
    return tuple(years)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) else None
    except ValueError:
        return None


def _too_long(start: date, end: date, longest: int) -> bool:
    months = (end.year - start.year) * 12 + end.month - start.month
    return (months, end.day) >= (longest, start.day)
