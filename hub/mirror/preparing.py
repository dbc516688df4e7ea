"""The words of many entries, worked out on every core while the rows are written."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from multiprocessing import get_context

from connectors.entry import Entry
from hub.mirror import keys

BATCH = 20_000
"""So many entries are worked on at once; fewer are not worth another process."""

_AHEAD = 3
"""So many batches may wait for each core: what is read quickly must not all lie in memory."""


@dataclass(slots=True)
class Prepared:
    """Entries, for each its words as the index takes them, and the words of all their names."""

    entries: list[Entry] = field(repr=False)
    words: list[str] = field(repr=False)
    names: set[str] = field(repr=False)


def prepared(entries: Iterable[Entry], region: str) -> Iterator[Prepared]:
    """The entries in batches, in their order, with their words."""
    with ExitStack() as stack:
        pool: ProcessPoolExecutor | None = None
        waiting: deque[tuple[list[Entry], Future[tuple[list[str], set[str]]]]] = deque()
        for batch in _batches(entries):
            if len(batch) < BATCH and pool is None:
                yield Prepared(batch, *work_out(list(map(keys.plain, batch)), region))
                continue
            pool = pool or stack.enter_context(ProcessPoolExecutor(_cores(), get_context("spawn")))
            waiting.append((batch, pool.submit(work_out, list(map(keys.plain, batch)), region)))
            while len(waiting) > _AHEAD * _cores():
                yield _finished(*waiting.popleft())
        for batch, future in waiting:
            yield _finished(batch, future)


def work_out(entries: Sequence[keys.Plain], region: str) -> tuple[list[str], set[str]]:
    """The words of each entry, and the words of all their names; runs in a process of its own when there are many."""
    words: list[str] = []
    names: set[str] = set()
    for fields in entries:
        found, own = keys.tokens_of(fields, region)
        words.append(keys.words(found))
        names |= own
    return words, names


def _finished(batch: list[Entry], future: Future[tuple[list[str], set[str]]]) -> Prepared:
    return Prepared(batch, *future.result())


def _cores() -> int:
    return os.cpu_count() or 1


def _batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    batch: list[Entry] = []
    for entry in entries:
        batch.append(entry)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
