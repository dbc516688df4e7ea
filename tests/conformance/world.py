"""What a connector's test must build for the kit: a small world with one source in it, seen from outside."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import ClassVar

from connectors.contract import Connector
from tests.conformance.people import SHOWN, Made, people


class Killed(BaseException):
    """The process dies here: not an `Exception`, so that no connector can catch it by accident."""


class World(ABC):
    """One fresh source that holds `people`, each with the kinds `shown`, and the ways to look at it and to hurt it.

    Everything here works without the connector under test: by an independent reader, or on raw bytes. What a format
    cannot do is said as data (`cannot_hold`, None, False, an empty tuple), never by leaving a check out.
    """

    cannot_hold: ClassVar[str] = ""
    """The characters the format has no way to write down; they are taken out of the people's values."""

    shown: ClassVar[tuple[str, ...]] = SHOWN
    """The kinds of fields the source shows for each person; fewer where its purpose forbids the others."""

    def __init__(self) -> None:
        self.people = people(self.cannot_hold)

    def person(self, key: str) -> Made:
        """One of the people."""
        return next(person for person in self.people if person.key == key)

    @abstractmethod
    def connector(self) -> Connector:
        """A new connector on the source."""

    @abstractmethod
    def snapshot(self) -> object:
        """Everything the source owns, byte for byte, comparable with ==."""

    @abstractmethod
    def files(self) -> frozenset[str]:
        """The names of every file in the source's folders; empty for a source without files."""

    @abstractmethod
    def columns(self) -> Sequence[str]:
        """The columns or properties the source really has."""

    @abstractmethod
    def bystanders(self, key: str) -> object:
        """Every record but this person's, field by field or byte by byte, comparable with ==."""

    @abstractmethod
    def touch(self, key: str) -> None:
        """The owner changes something small in this person's entry (not name, e-mail or phone)."""

    @abstractmethod
    def break_record(self, key: str) -> bool:
        """Make this person's record unreadable, and it alone; False where the format has no such thing."""

    @abstractmethod
    def bury(self, text: str) -> bool:
        """Hide `text` in a place of this source that no listing shows; False where there is no such place."""

    @abstractmethod
    def break_source(self) -> None:
        """Make the source unreachable."""

    @abstractmethod
    def damage(self) -> None:
        """Turn the source into something that is not what it should be."""

    @abstractmethod
    def lock(self) -> AbstractContextManager[object] | None:
        """Have the source open as the owner's own program has it; None where nothing locks it."""

    @abstractmethod
    def write_points(self) -> tuple[str, ...]:
        """The names of the places where a write can be cut off."""

    def correction_points(self) -> tuple[str, ...]:
        """The names of the places where a correction can be cut off; those of an erase where it writes in the same way."""
        return self.write_points()

    @abstractmethod
    def failing_at(self, point: str) -> AbstractContextManager[list[str]]:
        """Raise `Killed` (or an OSError, for a full disk) at this place; the list holds the point once it was reached."""
