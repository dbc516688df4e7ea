"""The controller's own rules on how long each source keeps an entry, and which entries are over their time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from connectors._values import dataclass, replace
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
class Over:
    """An entry that is kept longer than it should be: `until` was the last day, by a rule (`why`) or by law (why is "")."""

    held: Held
    until: date
    why: str = ""


def retention_over(held: Iterable[Held], rules: Mapping[str, Rule], today: date, law: Law = NOT_TOLD) -> list[Over]:
    """The entries over their time: by the rule of their source, and what a law kept until before today.

    A copy of a file is not counted again. An entry without a readable day is not over: see `retention_undated`.
    """
    found: list[Over] = []
    for item, rule in _originals(held, rules):
        if item.entry.retention is not None:
            ruling = replace(law, today=today).ruling(item.entry)
            if ruling.over and ruling.until:
                found.append(Over(item, ruling.until))
        elif rule and (day := _latest(item, rule)) is not None:
            until = plus_months(day, rule.months)
            if until < today:
                found.append(Over(item, until, rule.why))
    return found


def retention_undated(held: Iterable[Held], rules: Mapping[str, Rule]) -> list[Held]:
    """The entries whose source has a rule that cannot be applied: no field of that kind holds a readable day."""
    return [item for item, rule in _originals(held, rules) if rule and not item.entry.retention and _latest(item, rule) is None]


def _originals(held: Iterable[Held], rules: Mapping[str, Rule]) -> Iterator[tuple[Held, Rule | None]]:
    return ((item, rules.get(item.source)) for item in held if not item.entry.copy_of)


def _latest(item: Held, rule: Rule) -> date | None:
    return max((day for text in item.entry.values(rule.since) if (day := read_day(text))), default=None)
