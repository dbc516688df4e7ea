"""Words of `config/report.toml`, looked for in texts: at the beginning of a word, anywhere in it, or as a whole word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Any

from connectors import _resources
from hub.normalise import fold

_LONGEST = 100_000
"""Characters of one value that are looked at; what is longer is no note but a file."""


class WordList:
    """Words that are looked for together."""

    def __init__(self, words: Iterable[str]) -> None:
        self._pattern = re.compile("|".join(_part(fold(word)) for word in sorted(set(words), key=len, reverse=True)))
        self._met = lru_cache(maxsize=20_000)(self._search)

    def found(self, text: str) -> Iterator[str]:
        """Each word that is met, as it is written in the folded text."""
        yield from dict.fromkeys(match[0] for match in self._pattern.finditer(fold(text[:_LONGEST])))

    def met(self, text: str) -> bool:
        """Whether any word is met; remembered, for texts that come again and again (labels, sheets)."""
        return self._met(text)

    def _search(self, text: str) -> bool:
        return self._pattern.search(fold(text[:_LONGEST])) is not None


def _part(word: str) -> str:
    """The pattern of one word; what it finds runs to the end of the word of the text."""
    inside, whole = word.startswith("*"), word.endswith(".") and " " not in word
    core = re.escape(word.removeprefix("*").rstrip(".") if whole else word.removeprefix("*"))
    begin = r"\b\w*" if inside else r"\b"
    return begin + core + (r"(?!\w)" if whole else r"\w*")


def table() -> dict[str, Any]:
    """The data file."""
    return _resources.table("report.toml")


@cache
def health() -> WordList:
    """Words that say something about somebody's health, in Finnish, Swedish and English."""
    words = table()["health"]
    return WordList([*words["fi"], *words["sv"], *words["en"]])
