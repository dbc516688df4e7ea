"""Work on every core comes back in its order, whoever does it."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pytest

from hub.machine.workers import Workers, beside
from hub.matching.night.arrays import mixed_texts


def _collects(number: int) -> tuple[int, bool]:
    return number, gc.isenabled()


@pytest.mark.parametrize("many", [True, False])
def test_processes_give_their_results_in_order_and_look_for_no_garbage(many: bool) -> None:
    """Where there are not many, this process works as it is."""
    with Workers() as workers:
        done = list(workers.each(_collects, ((number,) for number in range(20)), many=many))
    assert done == [(number, gc.isenabled() and not many) for number in range(20)]


def test_threads_give_their_results_in_order_though_the_first_ends_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """On any machine."""
    monkeypatch.setattr("hub.machine.workers.cores", lambda: 2)
    later = threading.Event()

    def work(number: int) -> int:
        if number == 0:
            assert later.wait(60)
        else:
            later.set()
        return number

    assert list(beside(work, range(20))) == list(range(20))


def test_what_a_thread_cannot_do_is_known_to_who_asked() -> None:
    """Whichever piece it is."""
    with pytest.raises(ZeroDivisionError):
        list(beside(lambda number: 1 // number, [3, 2, 1, 0, 1]))


def test_threads_are_never_far_behind_what_is_made_for_them() -> None:
    """What is read quickly must not all lie in memory."""
    made, taken = 0, 0

    def numbers() -> Iterator[int]:
        nonlocal made
        for made in range(1, 1001):
            yield made
            assert made - taken < 100

    for _ in beside(int, numbers()):
        taken += 1
    assert taken == made == 1000


def test_a_text_mixes_to_the_same_number_whatever_stands_beside_it() -> None:
    """So many texts that they are worked on in several parts."""
    texts = pa.array([f"{number} äö" for number in range(120_000)])
    mixed = mixed_texts(texts, 7)
    for start in (0, 49_999, 50_000, 119_990):
        assert np.array_equal(mixed[start : start + 10], mixed_texts(texts[start : start + 10], 7))
    assert len(np.unique(mixed)) == len(texts)
