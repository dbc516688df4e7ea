"""The settings as the rest of the hub sees them: typed, checked, frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from hub.matching.engine import Engine

FiscalYear = tuple[date, date]
"""First and last day."""


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


@dataclass(frozen=True, slots=True)
class Config:
    """Everything an owner may set."""

    path: Path
    state: Path
    sources: tuple[SourceConfig, ...]
    controller: Controller = Controller()
    undo_days: int = 7
    mirror: bool = True
    expect_report: Mapping[str, Any] = field(default_factory=dict)
    engine: Engine = field(default_factory=Engine)

    @property
    def region(self) -> str:
        """The country by whose rules a phone number without country code is read."""
        return self.controller.country
