"""The kit's world around a memory source; also the one that broken connectors are put into."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.contract import Connector
from connectors.entry import Disposal, Entry, Field
from connectors.memory import MemoryConnector, MemoryStore
from tests.conformance.people import SHOWN, Made
from tests.conformance.world import Killed, World


class MemoryWorld(World):
    """A `MemoryStore` with the people; the one called `redacted` is a record from which only the person's part goes."""

    def __init__(self, made: type[MemoryConnector] = MemoryConnector, redacted: Sequence[str] = ("emoji",)) -> None:
        super().__init__()
        folder = Path(tempfile.mkdtemp(prefix="muisti-"))
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self.made, self.store = made, MemoryStore(folder / "muisti")
        can = made.features.redact
        whole = Disposal.MANUAL if made.features.erase == "manual" else Disposal.ERASE
        self.refs = {
            person.key: self.store.put(
                fields_of(person, stays=person.key in redacted and can),
                Disposal.REDACT if person.key in redacted and can else whole,
            )
            for person in self.people
        }

    def connector(self) -> Connector:
        return self.made("muisti", {"store": self.store})

    def snapshot(self) -> object:
        return dict(self.store.records), list(self.store.dead), dict(self.store.changed)

    def files(self) -> frozenset[str]:
        return frozenset(self.store.files)

    def columns(self) -> Sequence[str]:
        return SHOWN

    def bystanders(self, key: str) -> object:
        return {ref: raw for ref, raw in self.store.records.items() if ref != self.refs[key]}

    def touch(self, key: str) -> None:
        entry = MemoryConnector("muisti", {"store": self.store}).get(self.refs[key])
        self.store.put(changed(entry), entry.disposal, self.refs[key])
        self.store.vacuum()

    def break_record(self, key: str) -> bool:
        self.store.commit(self.refs[key], b"\xff not a record")
        self.store.vacuum()
        return True

    def bury(self, text: str) -> bool:
        self.store.dead.append(text.encode())
        return True

    def break_source(self) -> None:
        self.store.state = "missing"

    def damage(self) -> None:
        self.store.state = "damaged"

    def lock(self) -> AbstractContextManager[object] | None:
        return self._locked()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.store.state = "locked"
        yield
        self.store.state = "ok"

    def write_points(self) -> tuple[str, ...]:
        return ("before the commit", "after the commit", "after the vacuum")

    @contextmanager
    def failing_at(self, point: str) -> Iterator[list[str]]:
        reached: list[str] = []
        when, _, what = point.split()
        act: Callable[..., None] = getattr(self.store, what)

        def dying(*arguments: object) -> None:
            if when == "after":
                act(*arguments)
            reached.append(point)
            raise Killed(point)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(self.store, what, dying)
            yield reached


def fields_of(person: Made, stays: bool = False) -> list[Field]:
    """The person's fields; with `stays` the company belongs to the record and not to them."""
    return [Field(kind, getattr(person, kind), stays=stays and kind == "company") for kind in SHOWN]


def changed(entry: Entry) -> list[Field]:
    """The entry's fields after the owner added a word to the note."""
    return [replace(item, value=f"{item.value} muutettu") if item.kind == "note" else item for item in entry.fields]
