"""Of which entries each person is made, by numbers that last: whoever is made as the night before is known again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from hub.matching.night.arrays import Ints, spread

UNLIKE = -(2**40)
"""In the place of a sure entry: this person is never taken for one of another night."""


Mark = Mapping[str, str]
"""Stands for a night."""


@dataclass(slots=True, repr=False)
class Numbered:
    """The numbers that entries keep from night to night.

    `mark` is that of this night; `changed` tells the numbers of the entries that were changed since an earlier one, None when
    it may be any.
    """

    numbers: Ints
    mark: Mark
    changed: Callable[[Mark], Ints | None]


@dataclass(slots=True, repr=False)
class Makeup:
    """For each person from `starts` on the numbers of their entries, and behind them, below zero, of those that may be theirs."""

    starts: Ints
    rows: Ints

    @classmethod
    def of(cls, sure: tuple[Ints, Ints], possible: tuple[Ints, Ints]) -> Makeup:
        """From the numbers of the sure and of the possible entries, each behind where those of each person start."""
        starts = sure[0] + possible[0]
        rows = np.empty(starts[-1], np.int64)
        which, at = spread(sure[0][:-1], sure[0][1:])
        rows[at + possible[0][which]] = sure[1][at]
        which, at = spread(possible[0][:-1], possible[0][1:])
        rows[at + sure[0][which + 1]] = -1 - possible[1][at]
        return cls(starts, rows)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def same(self, before: Makeup, changed: Ints) -> Ints:
        """For each person the place of one who was made just so before; -1: nobody was, or an entry was `changed`."""
        found = _first_in(self.rows[self.starts[:-1]], before.rows[before.starts[:-1]])
        sizes = np.append(np.diff(before.starts), -1)
        found[sizes[found] != np.diff(self.starts)] = -1
        alike = np.flatnonzero(found >= 0)
        which, at = spread(self.starts[alike], self.starts[alike + 1])
        mine, theirs = self.rows[at], before.rows[at + (before.starts[found[alike]] - self.starts[alike])[which]]
        other = (mine != theirs) | (mine == UNLIKE) | np.isin(np.where(mine < 0, -1 - mine, mine), changed)
        found[alike[which[other]]] = -1
        return found


def _first_in(wanted: Ints, among: Ints) -> Ints:
    """Where each number stands among others, each there once; -1 where it does not."""
    order = np.argsort(among)
    at = np.append(order, -1)[np.searchsorted(among, wanted, sorter=order)]
    found: Ints = np.where(np.append(among, -1)[at] == wanted, at, -1)
    return found


@dataclass(slots=True, repr=False)
class Lasting:
    """Of which entries everybody is made this night, and what is told of their numbers."""

    makeup: Makeup
    numbered: Numbered
