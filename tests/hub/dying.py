"""A process that dies at the n-th of the places at which it writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from connectors.memory import MemoryStore
from hub.ledger import Ledger
from hub.store import secrets, snapshot
from hub.store.snapshot import Snapshot
from tests.conformance.world import Killed

WRITES: tuple[tuple[Any, str], ...] = (
    (Ledger, "save"),
    (Snapshot, "_write"),
    (MemoryStore, "commit"),
    (MemoryStore, "vacuum"),
    (secrets, "_create"),
    (secrets, "destroy"),
    (snapshot, "remove"),
)
"""Where an erase and its undoing write: the ledger, the sealed copy, the registers, the keys."""


@contextmanager
def dying_at(number: int) -> Iterator[None]:
    """Die just before the write of this number, the first being 0: just after the one before it is the same."""
    left = number

    def watched(name: str, act: Callable[..., Any]) -> Callable[..., Any]:
        def acting(*arguments: Any, **options: Any) -> Any:
            nonlocal left
            left -= 1
            if left == -1:
                raise Killed(name)
            return act(*arguments, **options)

        return acting

    with pytest.MonkeyPatch.context() as patch:
        for owner, name in WRITES:
            patch.setattr(owner, name, watched(name, getattr(owner, name)))
        yield


def every_death(act: Callable[[int], bool]) -> int:
    """Call `act` with each number until it says that it was not cut off; how many deaths were died."""
    return next(number for number in range(1000) if not act(number))
