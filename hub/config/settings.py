"""The settings as the rest of the hub sees them: typed, checked, frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from hub.law import FiscalYear, Law, Rule
from hub.matching.engine import Engine

NOTICE = ("purposes", "basis", "recipients", "transfers", "retention", "origin", "automated")
"""What only the controller can say about the data: the topics of the `[notice]` table."""

Words = Mapping[str, tuple[str, ...]]
"""Sentences by language, "" for every language."""

Notice = Mapping[str, Mapping[str, Words]]
"""What is said of each register, by its name ("": of all), topic by topic."""


@dataclass(frozen=True, slots=True)
class Controller:
    """Whose registers these are; `fiscal_year_end` is MM-DD, "" when the years are listed or unknown."""

    name: str = ""
    business_id: str = ""
    contact: str = field(default="", repr=False)
    country: str = "FI"
    language: str = "fi"
    fiscal_years: tuple[FiscalYear, ...] = ()
    fiscal_year_end: str = ""


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """One `[source.NAME]` table, its options checked, paths absolute and defaults filled in."""

    name: str
    kind: str
    options: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Config:
    """Everything an owner may set."""

    path: Path
    state: Path
    sources: tuple[SourceConfig, ...]
    controller: Controller = Controller()
    undo_days: int = 7
    mirror: bool = True
    expect: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """For each source what its persons must have too: other sources they stand in, or kinds of fields."""
    ask: bool | None = None
    """Whether the report names who was not asked; None: once somebody was."""
    retention: Mapping[str, Rule] = field(default_factory=dict)
    """How long each source keeps an entry, by its name."""
    engine: Engine = field(default_factory=Engine)
    remember_days: int = 1095
    """For so many days after a request the hashes are kept by which an erased or refused person is noticed again."""
    notice: Notice = field(default_factory=dict)
    package_days: int = 30
    """How long an access package may lie where it was written."""

    @property
    def region(self) -> str:
        """The country by whose rules a phone number without country code is read."""
        return self.controller.country

    def law(self, today: date) -> Law:
        """The law that the controller is under on a day, with the controller's fiscal years."""
        return Law(self.controller.country, self.controller.fiscal_years, self.controller.fiscal_year_end, today)
