"""Requests that must be answered soon, or should have been."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from connectors.phrase import Phrase
from hub.law import calendar
from hub.report.finding import Family, Finding

if TYPE_CHECKING:
    from datetime import date


class Due(Family):
    """One finding for each open request whose time is nearly over, or over."""

    def rest(self) -> Iterator[Finding]:
        """The requests; they are of no source and name nobody."""
        for number, due in sorted(self.night.due.items()):
            if kind := calendar.urgency(due, self.night.now.date()):
                yield Finding(
                    kind=kind,
                    severity="error" if kind == "overdue" else "warning",
                    id=self.night.id(kind, number),
                    entries=(),
                    what=_late(number, due) if kind == "overdue" else _soon(number, due),
                    proposal=Phrase("See what it waits for with hub requests, and end it."),
                )


def _late(number: str, due: date) -> Phrase:
    return Phrase("Request {number} should have been answered by {day}.", number=number, day=due.isoformat())


def _soon(number: str, due: date) -> Phrase:
    return Phrase("Request {number} must be answered by {day}.", number=number, day=due.isoformat())
