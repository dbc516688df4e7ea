"""What the configuration says at a glance: enough to open the mirror; all of it is read only when a source must be asked."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hub import __version__, place

if TYPE_CHECKING:
    from hub.config import Config


class Glance:
    """One configuration file; where it cannot be understood, everything is asked of `config`, which says what is wrong."""

    def __init__(self, path: Path | None, env: Mapping[str, str]) -> None:
        self._path = path
        self._env = env
        self.file = place.located(path, env)

    @cached_property
    def config(self) -> Config:
        """The whole configuration. Raises `ConfigError` with every problem at once."""
        from hub.config import load  # imports the connectors of every source

        return load(self._path, self._env)

    @cached_property
    def digest(self) -> str:
        """A hash of the file, its place and the hub's own version; "" where it cannot be read."""
        told = f"{__version__}\n{self.file}\n".encode("utf-8", "surrogateescape")
        return hashlib.sha256(told + self._bytes).hexdigest() if self._bytes else ""

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
    def mirror(self) -> bool:
        """Whether questions are answered from the mirror."""
        mirror = self._table.get("mirror", True)
        return mirror if isinstance(mirror, bool) else self.config.mirror

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
        import tomllib

        try:
            return tomllib.loads(self._bytes.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            self.config  # noqa: B018  # says what is wrong
            return {}


def _plain(state: str) -> bool:
    """Whether the folder is said without anything that must be looked up."""
    return bool(state) and not state.startswith("~") and ".." not in state and "\0" not in state
