"""Until when a law keeps an entry, and what an erase means for it on a given day."""

from __future__ import annotations

from datetime import date

from connectors._values import dataclass
from connectors.entry import Disposal, Entry, Retention
from connectors.phrase import Phrase
from hub.law.days import latest, plus_months
from hub.law.fiscal import FiscalYear, end_for
from hub.law.statutes import Term, statutes


@dataclass(frozen=True, slots=True)
class Ruling:
    """What an erase means for an entry, why, by which section, and the last day it is still kept.

    `over`: the law kept it until that day, and the day is past. `until` is None where the law sets no day or none can be told.
    """

    disposal: Disposal
    reason: Phrase | None = None
    basis: str | None = None
    until: date | None = None
    over: bool = False


@dataclass(frozen=True, slots=True)
class Law:
    """The bookkeeping law that a controller is under, with the controller's fiscal years, on one day."""

    country: str = "FI"
    years: tuple[FiscalYear, ...] = ()
    year_end: str = ""
    """MM-DD of the day on which every fiscal year ends, "" when they are listed or not told."""
    today: date = date.min

    def ruling(self, entry: Entry) -> Ruling:
        """What an erase means for an entry today. What cannot be computed is kept, with the reason."""
        kept = entry.retention
        if kept is None:
            return Ruling(entry.disposal, entry.disposal_reason)
        term = statutes(self.country).records.get(kept.record)
        if term is None:
            return Ruling(Disposal.RETAIN, Phrase("kept, because the hub does not know the bookkeeping law of {country}; ask your accountant how long", country=self.country))  # fmt: skip
        day = latest(entry.values("date"))
        end = end_for(day, self.years, self.year_end) if day else None
        if day is None or end is None:
            return Ruling(Disposal.RETAIN, self._why_unknown(entry, day), term.section)
        until = last_day(term, end)
        if until < self.today:
            return _after(kept, until)
        return Ruling(Disposal.RETAIN, _also(entry.disposal_reason, kept.hold), term.section, until)

    def _why_unknown(self, entry: Entry, day: date | None) -> Phrase:
        """Why nobody can say until when an entry is kept."""
        if not entry.values("date"):
            return Phrase("kept, because it bears no date, so nobody can tell how long the law keeps it; look at it by hand")
        if day is None:
            return Phrase(
                "kept, because its date cannot be read, so nobody can tell how long the law keeps it; look at it by hand"
            )
        if not self.years:
            return Phrase("kept, because hub.toml names no fiscal year: write fiscal_years or fiscal_year_end below [controller]")
        return Phrase(
            "kept, because no fiscal year in hub.toml covers its date, {day}: add that year to fiscal_years", day=day.isoformat()
        )


NOT_TOLD = Law()
"""No fiscal year and no day told: everything that a law may keep is kept."""


def last_day(term: Term, fiscal_year_end: date) -> date:
    """The last day on which a record of a fiscal year is still kept."""
    start = fiscal_year_end if term.start == "fiscal_year" else date(fiscal_year_end.year, 12, 31)
    return plus_months(start, 12 * term.years)


def _after(kept: Retention, until: date) -> Ruling:
    """What an erase means once the law's time is over; what is not paid goes by no program."""
    disposal = Disposal.MANUAL if kept.hold else kept.after
    reason = kept.after_reason or Phrase("the law's time for keeping it is over")
    return Ruling(disposal, _also(reason, kept.hold), until=until, over=True)


def _also(reason: Phrase | None, hold: Phrase | None) -> Phrase | None:
    return Phrase("{reason}; {hold}", reason=reason, hold=hold) if reason and hold else reason or hold
