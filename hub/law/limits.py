"""The controller's own rules on how long each source keeps an entry, and which entries are over their time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from connectors._values import dataclass
from hub.law.days import plus_months, read_day
from hub.law.keeping import NOT_TOLD, Law
from hub.person import Held


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of `[retention]`: so many months from the latest day in the fields of a kind, and why."""

    months: int
    why: str
    since: str = "date"


@dataclass(frozen=True, slots=True)
class KeptUntil:
    """An entry and the last day on which it should be kept, by a rule (`why`) or by law (why is "")."""

    held: Held
    until: date
    why: str = ""


def retention_over(held: Iterable[Held], rules: Mapping[str, Rule], today: date, law: Law = NOT_TOLD) -> list[KeptUntil]:
    """The entries over their time: by the rule of their source, and what a law kept until before today.

    A copy of a file is not counted again. An entry without a readable day is not over: see `retention_undated`.
    """
    return [item for item in retention_ends(held, rules, law) if item.until < today]


def retention_ends(held: Iterable[Held], rules: Mapping[str, Rule], law: Law = NOT_TOLD) -> Iterator[KeptUntil]:
    """Until when each entry is kept, where that can be told: in time, or over it."""
    for item, rule in _originals(held, rules):
        if item.entry.retention is not None:
            if (until := law.ruling(item.entry).until) is not None:
                yield KeptUntil(item, until)
        elif rule and (day := _latest(item, rule)) is not None:
            yield KeptUntil(item, plus_months(day, rule.months), rule.why)


def retention_undated(held: Iterable[Held], rules: Mapping[str, Rule]) -> list[Held]:
    """The entries whose source has a rule that cannot be applied: no field of that kind holds a readable day."""
    return [item for item, rule in _originals(held, rules) if rule and not item.entry.retention and _latest(item, rule) is None]


def _originals(held: Iterable[Held], rules: Mapping[str, Rule]) -> Iterator[tuple[Held, Rule | None]]:
    return ((item, rules.get(item.source)) for item in held if not item.entry.copy_of)


def _latest(item: Held, rule: Rule) -> date | None:
    return max((day for text in item.entry.values(rule.since) if (day := read_day(text))), default=None)
