"""Breaches of which somebody must still be told, with the hours that are left."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.phrase import Phrase
from hub.law import clock
from hub.report.finding import Family, Finding


class Breached(Family):
    """One finding for each open breach until authority and customers were told: due soon from its first hour on, then overdue."""

    def rest(self) -> Iterator[Finding]:
        """The breaches; they are of no source and name nobody."""
        for item in self.night.breaches:
            over = self.night.now > item.deadline
            places = {
                "number": item.number,
                "time": clock.written(item.deadline),
                "whom": [TOLD[name] for name in item.missing],
            }
            if over:
                what = Phrase("Breach {number}: the time to tell ended {time}. Not told yet: {whom}.", **places)
            else:
                hours = clock.hours_between(self.night.now, item.deadline)
                what = Phrase("Breach {number}: {hours} hours left, until {time}. Not told yet: {whom}.", hours=hours, **places)
            yield Finding(
                kind="overdue" if over else "due_soon",
                severity="error",
                id=self.night.id("breach", item.number),
                entries=(),
                what=what,
                proposal=Phrase("hub breach show {number} writes both drafts with --out DIR.", number=item.number),
            )


TOLD = {"authority": Phrase("the authority"), "customers": Phrase("the customers")}
"""Who is told of a breach."""
