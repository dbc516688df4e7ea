"""Work on batches on every core, in processes or threads, in their order, a few batches ahead of whoever takes the results."""

from __future__ import annotations

import gc
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

G = TypeVar("G")
T = TypeVar("T")

_AHEAD = 3
"""So many batches may wait for each core: what is read quickly must not all lie in memory."""


class Workers:
    """Processes of their own, started when there is enough to do for them; `work` must be a function of a module."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.close()

    def each(self, work: Callable[..., T], batches: Iterable[tuple[Any, ...]], *, many: bool) -> Iterator[T]:
        """The result for each batch, in their order; where there are not many, in this process."""
        waiting: deque[Future[T]] = deque()
        for batch in batches:
            if not many:
                yield work(*batch)
                continue
            waiting.append(self._submit(work, *batch))
            while len(waiting) > _AHEAD * cores():
                yield waiting.popleft().result()
        for future in waiting:
            yield future.result()

    def _submit(self, work: Callable[..., T], *given: Any) -> Future[T]:
        if self._pool is None:
            from concurrent.futures import ProcessPoolExecutor  # nothing that a find needs
            from multiprocessing import get_context

            self._pool = self._stack.enter_context(
                ProcessPoolExecutor(cores(), get_context("spawn"), initializer=gc.disable)  # as `no_collecting` has it
            )
        return self._pool.submit(work, *given)


def beside(work: Callable[[G], T], given: Iterable[G]) -> Iterator[T]:
    """What each gives, in their order, worked out by threads while the next is still being made.

    For work on columns alone: numpy and Arrow let other threads run meanwhile, Python does not.
    """
    from concurrent.futures import ThreadPoolExecutor  # nothing that a find needs

    with ThreadPoolExecutor(cores()) as pool:
        waiting: deque[Future[T]] = deque()
        for item in given:
            waiting.append(pool.submit(work, item))
            while len(waiting) > cores():
                yield waiting.popleft().result()
        for future in waiting:
            yield future.result()


def pieces(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of that many; the last one may be shorter."""
    rest = iter(items)
    while piece := list(islice(rest, size)):
        yield piece


def cores() -> int:
    """How many there are."""
    return os.cpu_count() or 1
