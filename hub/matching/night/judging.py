"""Every pair of entries that is a link, or a question, or may be one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from hub.matching.night import pairs
from hub.matching.night.arrays import Ints
from hub.matching.night.census import Census, Faces
from hub.matching.night.levels import Comparing, Judged
from hub.person import Verdict


@dataclass(slots=True)
class Pairs:
    """Pairs, the smaller entry first, in rising order, with their patterns."""

    ones: Ints
    others: Ints
    patterns: Ints
    links: Ints
    """Which of them may put entries together."""


def judged(census: Census, faces: Faces, judged: Judged) -> Pairs:
    """Look at every pair that meets, and keep those about which there is something to say."""
    comparing = Comparing(census, faces)
    found = _looked_at(pairs.met(census), comparing, judged, census.size)
    ones, others = np.divmod(found, max(1, census.size))
    at, patterns = comparing.patterns(ones, others)
    return Pairs(ones[at], others[at], patterns, judged.are(patterns, lambda item: item.verdict is Verdict.LINK))


def _looked_at(met: Iterable[pairs.Pair], comparing: Comparing, judged: Judged, size: int) -> Ints:
    """The pairs worth a word, each once, as one number; what is found is looked at piece by piece."""
    kept: list[Ints] = [np.empty(0, np.int64)]
    waiting: list[Ints] = []
    amount = 0

    def look() -> None:
        both = np.unique(np.concatenate(waiting)) if waiting else kept[0]
        ones, others = np.divmod(both, max(1, size))
        at, patterns = comparing.patterns(ones, others)
        kept.append(both[at[judged.are(patterns, lambda _: True)]])
        waiting.clear()

    for ones, others in met:
        waiting.append(ones.astype(np.int64) * size + others)
        amount += len(ones)
        if amount > 3_000_000:
            look()
            amount = 0
    look()
    return np.unique(np.concatenate(kept))
