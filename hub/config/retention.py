"""The `[retention]` table: how long each source keeps an entry, counted from a day in it, and why so long."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.entry import KINDS
from connectors.phrase import Phrase
from hub.config.reader import Reader, choose
from hub.law import Rule

LONGEST = 1200
"""Months; a hundred years are no rule any more."""


def read_retention(reader: Reader, table: Mapping[str, Any], sources: Iterable[str]) -> dict[str, Rule]:
    """The rules that can be used, by the name of their source."""
    names = list(sources)
    found: dict[str, Rule] = {}
    for name, line in table.items():
        key = f"retention.{name}"
        if name not in names:
            problem = Phrase("There is no source of this name; a rule is called like its [source.NAME] table.")
            reader.problem(key, problem)
        elif not isinstance(line, Mapping):
            reader.problem(key, _EXAMPLE)
        elif (rule := _rule(reader, key, line)) is not None:
            found[name] = rule
    return found


_EXAMPLE = Phrase("Write the rule like this: {example}", example='{ months = 24, from = "date", why = "…" }')


def _rule(reader: Reader, key: str, line: Mapping[str, Any]) -> Rule | None:
    """One rule, None when something is wrong with it."""
    before = len(reader.problems)
    reader.unknown(f"{key}.", line, ("months", "from", "why"))
    months, since = line.get("months"), line.get("from", "date")
    if isinstance(months, bool) or not isinstance(months, int) or not 1 <= months <= LONGEST:
        reader.problem(f"{key}.months", Phrase("Write a whole number of months from 1 to {most} here.", most=LONGEST))
    if since not in KINDS:
        reader.problem(f"{key}.from", choose(str(since), KINDS))
    why = line.get("why")
    if not isinstance(why, str) or not why.strip():
        reader.problem(f"{key}.why", Phrase("Say why it is kept so long: whoever asks has a right to know."))
    return Rule(int(months or 0), str(why), str(since)) if len(reader.problems) == before else None
