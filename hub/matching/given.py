"""What is known of given names beforehand: which words are some, and what people are called in daily life. Pure."""

from __future__ import annotations

from functools import cache

from connectors import _resources
from hub import normalise


@cache
def known() -> frozenset[str]:
    """Loose words that are given names."""
    table = _resources.table("names.toml")
    words = {*table["given"].split(), *table["called"]}
    return frozenset(normalise.loose(part) for word in words for part in (*word.split("-"), word.replace("-", "")))


@cache
def _meant() -> dict[str, frozenset[str]]:
    """A call name, loose, to the names it may stand for."""
    called: dict[str, list[str]] = _resources.table("names.toml")["called"]
    return {normalise.loose(word): frozenset(map(normalise.loose, names)) for word, names in called.items()}


def called(one: str, other: str) -> bool:
    """Whether one of two loose words is a call name that may stand for the other."""
    meant = _meant()
    return other in meant.get(one, ()) or one in meant.get(other, ())


def words_called() -> frozenset[str]:
    """Every loose word that is a call name or has one."""
    return frozenset(_meant()).union(*_meant().values())
