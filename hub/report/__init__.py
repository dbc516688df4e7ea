"""The nightly report: where the registers disagree, hold too much, or lack something. It changes nothing in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hub.person import Person
from hub.report.finding import KINDS, SEVERITIES, Family, Finding, Left, Night, Place, Register, Severity
from hub.report.findings import Findings
from hub.report.overview import Overview
from hub.report.telling import NightlyReport, Telling

if TYPE_CHECKING:
    from hub.matching.everyone import Everyone

__all__ = [
    "KINDS",
    "SEVERITIES",
    "Family",
    "Finding",
    "Findings",
    "Left",
    "Night",
    "NightlyReport",
    "Overview",
    "Place",
    "Register",
    "Severity",
    "families",
    "make_report",
    "nightly_report",
]


def families() -> tuple[type[Family], ...]:
    """Every family of findings; a new one is written as a module of this folder and named here."""
    from hub.report.breached import Breached
    from hub.report.conflict import Conflicts
    from hub.report.copies import Copies
    from hub.report.decided import Undone
    from hub.report.due import Due
    from hub.report.duplicate import Duplicates
    from hub.report.marketing import Marketing
    from hub.report.missing import Missing
    from hub.report.not_asked import NotAsked
    from hub.report.packages import PackagesOver
    from hub.report.reappeared import Reappearances
    from hub.report.residue import LeftBehind
    from hub.report.retention import RetentionOver
    from hub.report.sources import Sources
    from hub.report.special import SpecialData

    return (
        Conflicts,
        Duplicates,
        Missing,
        Reappearances,
        LeftBehind,
        SpecialData,
        Marketing,
        Copies,
        RetentionOver,
        NotAsked,
        PackagesOver,
        Due,
        Breached,
        Undone,
        Sources,
    )


def make_report(night: Night, persons: Iterable[Person], kinds: Sequence[type[Family]] | None = None) -> NightlyReport:
    """Look at every person once, and at the sources. Pure."""
    telling = Telling(night, families() if kinds is None else kinds)
    return telling.report(map(telling.about, persons))


def nightly_report(night: Night, everyone: Everyone, state: Path) -> NightlyReport:
    """The same of everybody in the registers; of very many, what is said is kept in the hub's own folder for the next night."""
    telling = Telling(night, families())
    lasting = everyone.lasting()
    if lasting is None:
        return telling.report(map(telling.about, everyone))
    from hub.report.said import report_again  # numpy and Arrow, which are there then

    return report_again(telling, everyone, lasting, state)
