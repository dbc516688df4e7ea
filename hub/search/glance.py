"""What the configuration says at a glance: enough to open the mirror; all of it is read only when a source must be asked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors._digest import sha256
from hub import __version__
from hub.machine import place
from hub.machine.pattern import Pattern

if TYPE_CHECKING:
    from hub.config import Config
    from hub.search.freshness import Begun

_LINE = Pattern(
    r"""[ \t]*
    (?:\[ (?P<table> [A-Za-z0-9_-]+ ) (?P<below> \.[A-Za-z0-9_.-]+ )? \]
      |(?P<key> [A-Za-z0-9_-]+ ) [ \t]* = [ \t]*
        (?: "(?P<text> [^"\\]* )" | (?P<flag> true|false ) | '[^']*' | \d+
          | \[ (?: [^"'\[\]\#{]*+ "[^"\\]*+" )*+ [^"'\[\]\#{]*+ \] | \{ (?: [^"'{}\#]*+ "[^"\\]*+" )*+ [^"'{}\#]*+ \} )
    )? [ \t]* (?: \#.* )? \r?""",
    re.VERBOSE,
)
"""A line of a configuration as most are: a table, or a key with a plain value. Texts and flags are taken, other values passed over."""

_NEEDED = frozenset({"state", "mirror", "controller", "country", "language"})


class Glance:
    """One configuration file; where it cannot be understood, everything is asked of `config`, which says what is wrong."""

    def __init__(self, path: Path | None, env: Mapping[str, str]) -> None:
        self._path = path
        self._env = env
        self.file = place.located(path, env)
        self.begun: Begun | None = None
        """A look at the files of a source, begun before anybody asks for it."""

    @cached_property
    def config(self) -> Config:
        """The whole configuration. Raises `ConfigError` with every problem at once."""
        from hub.config import load  # imports the connectors of every source

        return load(self._path, self._env)

    @cached_property
    def digest(self) -> str:
        """A hash of the file, its place and the hub's own version; "" where it cannot be read."""
        told = f"{__version__}\n{self.file}\n".encode("utf-8", "surrogateescape")
        return sha256(told + self._bytes).hexdigest() if self._bytes else ""

    @property
    def state(self) -> Path:
        """The hub's own folder."""
        state = self._table.get("state")
        return self.file.parent / state if isinstance(state, str) and _plain(state) else self.config.state

    @property
    def region(self) -> str:
        """The country by whose rules a phone number without country code is read."""
        return self._said("country", "FI") or self.config.region

    @property
    def language(self) -> str:
        """The owner's language."""
        return self._said("language", "fi") or self.config.controller.language

    @property
    def tongue(self) -> str:
        """The owner's language as far as a file tells it that may be broken; English where there is none."""
        from hub.language import CODES

        said = re.search(rb"^[ \t]*language[ \t]*=[ \t]*[\"']([a-z]+)[\"']", self._bytes, re.MULTILINE)
        code = said[1].decode() if said else "fi" if self._bytes else "en"
        return code if code in CODES else "en"

    @property
    def mirror(self) -> bool:
        """Whether questions are answered from the mirror."""
        mirror = self._table.get("mirror", True)
        return mirror if isinstance(mirror, bool) else self.config.mirror

    def places(self, only: Sequence[str] = ()) -> list[str]:
        """Where the sources lie, all or those named, as far as the file says it plainly; there may be nothing there."""
        plain: list[str] = []
        for name, table in self._table.items():
            path = table.get("path") if name.startswith("source.") and isinstance(table, Mapping) else None
            if isinstance(path, str) and _plain(path) and (not only or name.removeprefix("source.") in only):
                plain.append(str(self.file.parent / path))
        return plain

    def _said(self, key: str, default: str) -> str:
        controller = self._table.get("controller", {})
        value = controller.get(key, default) if isinstance(controller, Mapping) else ""
        return value if isinstance(value, str) else ""

    @cached_property
    def _bytes(self) -> bytes:
        try:
            return self.file.read_bytes()
        except OSError:
            return b""

    @cached_property
    def _table(self) -> Mapping[str, Any]:
        try:
            return glanced(self._bytes.decode("utf-8").removeprefix("\ufeff"))
        except (ValueError, RecursionError):
            self.config  # noqa: B018  # says what is wrong
            return {}


def glanced(text: str) -> Mapping[str, Any]:
    """What a TOML text says of the hub itself. Of simple lines it is read off at once; any other text is parsed as TOML.

    A text that is no TOML may be read all the same: whoever relies on it has had the whole of it checked before.
    """
    told: dict[str, Any] = {}
    table = told
    for line in text.split("\n"):
        found = _LINE.fullmatch(line)
        if found is None or ((found["key"] or (found["below"] and found["table"])) in _NEEDED and not _simple(found)):
            import tomllib  # 4 ms

            return tomllib.loads(text)
        if found["table"]:
            table = told.setdefault(found["table"] + (found["below"] or ""), {})
        elif found["key"]:
            table[found["key"]] = found["text"] if found["flag"] is None else found["flag"] == "true"
    return told


def _simple(found: re.Match[str]) -> bool:
    """Whether it is a key with a text or a flag: nothing that would have to be taken apart."""
    return found["text"] is not None or found["flag"] is not None


def _plain(path: str) -> bool:
    """Whether a place is said without anything that must be looked up."""
    return bool(path) and not path.startswith("~") and ".." not in path and "\0" not in path
