"""Memory sources that lie, fall silent, break off, die and change behind the hub's back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import ClassVar

from connectors.contract import Needle, Outcome, Residue
from connectors.entry import Disposal, Entry, Field, Item, Ref, Version
from connectors.errors import Refused, Unreachable
from connectors.memory import MemoryConnector, MemoryStore
from connectors.phrase import Phrase
from tests.conformance.world import Killed

MOODS = (
    "honest",
    "silent",
    "breaks off",
    "new versions",
    "refuses",
    "has a bug",
    "lies",
    "lies and breaks off",
    "silent after the write",
    "dies before the write",
    "dies after the write",
    "comes back",
    "cannot search",
    "has a bug in its search",
)


class HostileStore(MemoryStore):
    """A store with a mood; what the owner does is never disturbed by it."""

    def __init__(self) -> None:
        super().__init__()
        self.mood = "honest"
        self.readings = 0

    def commit(self, ref: str, raw: bytes | None) -> None:
        """Write for the connector, as the mood goes."""
        if self.mood == "dies before the write":
            raise Killed
        old = self.records.get(ref)
        super().commit(ref, raw)
        if self.mood == "dies after the write":
            raise Killed
        if self.mood == "comes back" and raw is None and old is not None:
            super().commit(f"{ref}x", old)
        if self.mood == "silent after the write":
            self.mood = "silent"

    def as_owner(self, ref: Ref | None, fields: Sequence[Field], disposal: Disposal = Disposal.ERASE) -> Ref:
        """Write for the owner: always honestly."""
        mood, self.mood = self.mood, "honest"
        try:
            return self.put(fields, disposal, ref)
        finally:
            self.vacuum()
            self.mood = mood

    def owner_removes(self, ref: str) -> None:
        """Remove for the owner."""
        super().commit(ref, None)
        self.vacuum()


class HostileConnector(MemoryConnector):
    """A connector on a `HostileStore`, as good as its mood."""

    _store: HostileStore
    silences: ClassVar[frozenset[str]] = frozenset({"silent"})

    def _opened(self) -> MemoryStore:
        if self._store.mood in self.silences:
            raise Unreachable(Phrase("{source} did not answer.", source=self.name))
        return super()._opened()

    def entries(self, since: str | None = None) -> Iterator[Item]:
        """List, break off in the middle, or give every reading new versions."""
        items = list(super().entries(since))
        self._store.readings += 1
        if self._store.mood.endswith("breaks off"):
            items = items[: len(items) // 2]
        for item in items:
            if self._store.mood == "new versions" and isinstance(item, Entry):
                yield replace(item, version=Version(f"{item.version}-{self._store.readings}"))
            else:
                yield item

    def erase(self, ref: Ref, version: Version, needles: Sequence[Needle] = ()) -> Outcome:
        """Erase, refuse, fail, or say so only."""
        self._trouble()
        return Outcome("erased") if self._store.mood.startswith("lies") else super().erase(ref, version, needles)

    def redact(self, ref: Ref, version: Version, fields: Sequence[str], needles: Sequence[Needle] = ()) -> Outcome:
        """Redact, refuse, fail, or say so only."""
        self._trouble()
        return Outcome("redacted") if self._store.mood.startswith("lies") else super().redact(ref, version, fields, needles)

    def residue(self, needles: Sequence[Needle]) -> Sequence[Residue]:
        """Search, or fail."""
        if self._store.mood == "cannot search":
            raise Refused(Phrase("{source} cannot be searched.", source=self.name))
        if self._store.mood == "has a bug in its search":
            raise RuntimeError
        return super().residue(needles)

    def _trouble(self) -> None:
        if self._store.mood == "refuses":
            raise Refused(Phrase("{source} refuses.", source=self.name))
        if self._store.mood == "has a bug":
            raise RuntimeError
