"""A country's statutes as data: `config/law.<country>.toml`, typed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

from connectors import _resources
from connectors._values import dataclass, field


@dataclass(frozen=True, slots=True)
class Term:
    """How long a kind of record is kept, how that is cited, and what the years are counted from."""

    section: str
    years: int
    start: Literal["year", "fiscal_year"]
    """The end of the calendar year in which the fiscal year ended, or the end of the fiscal year itself."""


@dataclass(frozen=True, slots=True)
class Statutes:
    """What the hub knows of a country's law; the defaults are what holds in the whole Union."""

    records: Mapping[str, Term] = field(default_factory=dict)
    """By the word of `connectors.entry.Retention.record`; empty where the law is not known."""
    zone: str = ""
    longest_fiscal_year: int = 18
    reply_months: int = 1
    extended_months: int = 3
    breach_hours: int = 72
    """From the moment at which the controller learns of a breach (GDPR article 33 (1)); they run over nights and weekends."""
    fixed: frozenset[tuple[int, int]] = frozenset()
    """Holidays by (month, day)."""
    easter: frozenset[int] = frozenset()
    """Holidays by their distance from Easter Sunday, in days."""
    weekdays: tuple[tuple[int, int, int], ...] = ()
    """Holidays that are the first (weekday) from (month, day) on; Monday is 1."""


@cache
def statutes(country: str) -> Statutes:
    """What is known of a country's law, by its two letters; of a country without data only what the Union says."""
    name = f"law.{country.casefold()}.toml"
    if not _resources.path(name).is_file():
        return Statutes()
    told = _resources.table(name)
    holidays = told["holidays"]
    return Statutes(
        records={word: Term(term["section"], term["years"], term["from"]) for word, term in told["record"].items()},
        zone=told["zone"],
        longest_fiscal_year=told["fiscal_year"]["longest_months"],
        reply_months=told["reply"]["months"],
        extended_months=told["reply"]["extended_months"],
        breach_hours=told["breach"]["hours"],
        fixed=frozenset(_month_day(text) for text in holidays["fixed"]),
        easter=frozenset(holidays["easter"]),
        weekdays=tuple((item["weekday"], *_month_day(item["from"])) for item in holidays["weekdays"]),
    )


def _month_day(text: str) -> tuple[int, int]:
    month, _, day = text.partition("-")
    return int(month), int(day)
