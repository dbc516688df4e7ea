"""The owner's language: every sentence is a `Phrase`, looked up by its English template and filled in again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property

from connectors import _resources
from connectors.phrase import Phrase

CODES = ("fi", "en")
"""The languages the hub speaks; English is the language of the templates themselves."""

_DAYS = frozenset({"day", "date", "until", "due", "today"})
"""Places in a sentence that hold a day: it is told as ISO 8601, and said as people write it."""

_TIMES = frozenset({"time"})
"""Places that hold a moment with its offset, likewise."""


class Language:
    """One language: says a phrase in it. What has no translation is said in English, never left out."""

    def __init__(self, code: str) -> None:
        """Take a code of `CODES`; any other one is English."""
        self.code = code if code in CODES else "en"

    @cached_property
    def _words(self) -> Mapping[str, str]:
        """Read when something is said: a run with --json says nothing."""
        return {} if self.code == "en" else _words(self.code)

    def __repr__(self) -> str:
        return f"Language({self.code!r})"

    def say(self, phrase: str) -> str:
        """The phrase in this language; its values that are phrases are translated too."""
        if not isinstance(phrase, Phrase):
            return phrase
        template = self._words.get(phrase.template, phrase.template)
        if not phrase.values:
            return template
        return template.format(**{name: self._value(value, name) for name, value in phrase.values.items()})

    def day(self, iso: str) -> str:
        """A day of ISO 8601 as people write it in this language; anything else unchanged."""
        parts = iso.split("-")
        if self.code != "fi" or len(parts) != 3 or not all(part.isdecimal() for part in parts):
            return iso
        return ".".join(str(int(part)) for part in reversed(parts))

    def moment(self, iso: str) -> str:
        """A moment of ISO 8601 as the computer's clock showed it, to the minute; anything else unchanged."""
        from datetime import datetime  # a find tells no moment

        try:
            there = datetime.fromisoformat(iso).astimezone()
        except ValueError:
            return iso
        return f"{self.day(there.date().isoformat())} {there:%H:%M}"

    def time(self, iso: str) -> str:
        """A moment of ISO 8601 with its offset, as the clock there showed it; anything else unchanged.

        The offset is told: summer and winter time are not the same.
        """
        from datetime import datetime

        try:
            there = datetime.fromisoformat(iso)
        except ValueError:
            return iso
        return f"{self.day(there.date().isoformat())} {there:%H:%M} (UTC{there.isoformat()[-6:]})" if there.tzinfo else iso

    def _value(self, value: object, name: str = "") -> object:
        """A phrase among the values is said in this language, and so are the phrases in a list of them; a day, and a moment, too."""
        if isinstance(value, str) and name in _DAYS:
            return self.day(value)
        if isinstance(value, str) and name in _TIMES:
            return self.time(value)
        if isinstance(value, Phrase):
            return self.say(value)
        if isinstance(value, list | tuple):
            return ", ".join(str(self._value(item)) for item in value)
        return value


def _words(code: str) -> Mapping[str, str]:
    """The sentences of a language. Its file holds one in a line, which JSON reads twenty times faster than TOML is read."""
    text = _resources.path(f"words.{code}.toml").read_text(encoding="utf-8")
    lines = (line.replace('" = "', '": "', 1) for line in text.splitlines() if line.startswith('"'))
    words: Mapping[str, str] = json.loads("{" + ",".join(lines) + "}")
    return words
