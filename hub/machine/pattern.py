"""Regular expressions that are compiled when they are first used: a find needs few of the many that the hub knows."""

from __future__ import annotations

import re
from collections.abc import Callable

from hub.machine.lazy import lazy


class Pattern:
    """A compiled regular expression as of `re`, but not compiled yet."""

    def __init__(self, text: str, flags: int = 0) -> None:
        self._text = text
        self._flags = flags

    def __repr__(self) -> str:
        return f"Pattern({self._text!r})"

    @lazy
    def compiled(self) -> re.Pattern[str]:
        """The expression itself."""
        return re.compile(self._text, self._flags)

    @lazy
    def match(self) -> Callable[[str], re.Match[str] | None]:
        """As of `re`, at the beginning of a text."""
        return self.compiled.match

    @lazy
    def fullmatch(self) -> Callable[[str], re.Match[str] | None]:
        """As of `re`, for a whole text."""
        return self.compiled.fullmatch

    @lazy
    def search(self) -> Callable[[str], re.Match[str] | None]:
        """As of `re`, anywhere in a text."""
        return self.compiled.search

    @lazy
    def findall(self) -> Callable[[str], list[str]]:
        """As of `re`, for a pattern of at most one group."""
        return self.compiled.findall

    @lazy
    def split(self) -> Callable[[str], list[str]]:
        """As of `re`."""
        return self.compiled.split

    @lazy
    def sub(self) -> Callable[[str | Callable[[re.Match[str]], str], str], str]:
        """As of `re`."""
        return self.compiled.sub
