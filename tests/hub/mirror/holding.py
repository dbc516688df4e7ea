"""A mirror that holds what a test says, and is brought from one night to the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from hub.mirror import Known, Mirror, opened
from hub.person import Held
from hub.store import secrets


@contextmanager
def opening(state: Path) -> Iterator[Mirror]:
    """The mirror of a state directory."""
    with opened(state, secrets.key_for_state(state), "FI") as mirror:
        yield mirror


@contextmanager
def shared(factory: pytest.TempPathFactory, first: Sequence[Held]) -> Iterator[Path]:
    """A new state directory with its key in a file and these entries in its mirror, for a night that many tests go on from."""
    state = factory.mktemp("state")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HUB_KEY_PLACE", "file")
        with opening(state) as mirror:
            put(mirror, [], first)
        yield state


def put(mirror: Mirror, before: Sequence[Held], now: Sequence[Held]) -> None:
    """Have the mirror hold what is there now: what is new added, what was changed written in its place, the rest removed."""
    for name in sorted({item.source for item in [*before, *now]}):
        there, stand = ({item.entry.ref: item.entry for item in held if item.source == name} for held in (before, now))
        number = mirror.keep(Known(name, "memory", "", entries=len(stand)))
        places = mirror.refs(number)
        mirror.change(
            (places[ref][0][0], mirror.row_of(entry)) for ref, entry in stand.items() if ref in there and entry != there[ref]
        )
        mirror.remove([places[ref][0][0] for ref in there.keys() - stand.keys()])
        mirror.add(name, number, [entry for ref, entry in stand.items() if ref not in there], "FI")
