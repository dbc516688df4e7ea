"""The words of many entries, worked out on every core while the rows are written."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from connectors.entry import Entry
from hub.collecting import no_collecting
from hub.mirror import keys
from hub.workers import Workers, pieces

BATCH = 20_000
"""So many entries are worked on at once; fewer are not worth another process."""


@dataclass(slots=True)
class Prepared:
    """Entries, for each its words as the index takes them, and the words of all their names."""

    entries: list[Entry] = field(repr=False)
    words: list[str] = field(repr=False)
    names: set[str] = field(repr=False)


def prepared(entries: Iterable[Entry], region: str) -> Iterator[Prepared]:
    """The entries in batches, in their order, with their words."""
    waiting: deque[list[Entry]] = deque()
    batches = pieces(entries, BATCH)
    first = next(batches, [])

    def asked() -> Iterator[tuple[list[keys.Plain], str]]:
        for batch in chain([first] if first else (), batches):
            waiting.append(batch)
            yield list(map(keys.plain, batch)), region

    with Workers() as workers:
        for words, names in workers.each(work_out, asked(), many=len(first) == BATCH):
            yield Prepared(waiting.popleft(), words, names)


def work_out(entries: Sequence[keys.Plain], region: str) -> tuple[list[str], set[str]]:
    """The words of each entry, and the words of all their names; runs in a process of its own when there are many."""
    words: list[str] = []
    names: set[str] = set()
    with no_collecting():
        for fields in entries:
            found, own = keys.tokens_of(fields, region)
            words.append(keys.words(found))
            names |= own
    return words, names
