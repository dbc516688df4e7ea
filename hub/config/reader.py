"""Reading a parsed TOML file key by key, and noting every problem with its key, its line and the fix."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from connectors.phrase import Phrase

TOP = (
    "state",
    "undo_days",
    "remember_days",
    "package_days",
    "mirror",
    "controller",
    "source",
    "report",
    "retention",
    "engine",
    "notice",
)
"""The keys at the top of the file."""


class Reader:
    """Collects problems, each with its key and line, while the settings are read."""

    def __init__(self, file: Path, text: str) -> None:
        self.file = file
        self.base = file.parent
        self.problems: list[tuple[int, Phrase]] = []
        self._lines = _lines_of(text)

    def problem(self, key: str, problem: Phrase) -> None:
        """Note what is wrong with a key, and the fix; the value itself is never quoted."""
        line = self._lines.get(key) or self._lines.get(key.rpartition(".")[0], 0)
        told = (
            Phrase("{key} (line {line}): {problem}", key=key, line=line, problem=problem)
            if line
            else Phrase("{key}: {problem}", key=key, problem=problem)
        )
        self.problems.append((line, told))

    def unknown(self, prefix: str, table: Mapping[str, Any], known: Iterable[str]) -> None:
        """Note every key of a table that is not known."""
        words = list(known)
        for key in table:
            if key not in words:
                self.problem(f"{prefix}{key}", _unknown(key, words, top=bool(prefix) and key in TOP))

    def text(self, table: Mapping[str, Any], prefix: str, key: str, default: str = "") -> str:
        """A text, or the default."""
        value = table.get(key, default)
        if isinstance(value, str) and "\0" not in value:
            return value
        self.problem(f"{prefix}{key}", Phrase('Write a text in "quotes" here.'))
        return default

    def table(self, table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        """A table, or an empty one."""
        value = table.get(key, {})
        if isinstance(value, Mapping):
            return value
        self.problem(key, Phrase("This is a table: write [{key}] on a line of its own, and its keys below.", key=key))
        return {}

    def path(self, value: str) -> Path:
        """A path, relative ones from where the configuration is."""
        try:
            known = Path(value).expanduser()
        except RuntimeError:  # "~somebody" without such a user
            known = Path(value)
        return Path(os.path.normpath(self.base / known))


def _unknown(key: str, words: list[str], *, top: bool) -> Phrase:
    if top:
        return Phrase("This key belongs to the top of the file, above the first [table].")
    near = get_close_matches(key, words, 1, 0.6)
    if near:
        return Phrase("There is no such key. Did you mean {nearest}?", nearest=near[0])
    return Phrase("There is no such key. Remove it; there are: {known}.", known=", ".join(words))


def _lines_of(text: str) -> dict[str, int]:
    """The line of each table and key, by its dotted name; good enough to point at it."""
    found: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line)
        key = re.match(r"\s*([\w.\"'-]+)\s*=", line)
        if header:
            table = header[1].replace('"', "").replace("'", "")
            found.setdefault(table, number)
        elif key:
            name = key[1].replace('"', "").replace("'", "")
            found.setdefault(f"{table}.{name}" if table else name, number)
    return found


def choose(value: str, words: Iterable[str]) -> Phrase:
    """What may stand in a key, with the nearest of it to what does."""
    choices = list(words)
    near = get_close_matches(value.casefold(), choices, 1, 0.5)
    if near:
        return Phrase("Write one of: {choices}. Did you mean {nearest}?", choices=", ".join(choices), nearest=near[0])
    return Phrase("Write one of: {choices}.", choices=", ".join(choices))
