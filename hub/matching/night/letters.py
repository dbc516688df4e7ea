"""How words relate: equal, an initial, a call name, alike but for a typing error; for many pairs of words at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from hub.matching import given, typos
from hub.matching.names import is_initial
from hub.matching.night.arrays import Ints, distinct

EQUAL, STANDS, CALLED, ALIKE, ROUGH, NEW = 1, 2, 4, 8, 16, 32
"""The same · one an initial of the other · a call name · alike but for a typing error · for several · not both known names."""

RELATIONS = 64
INITIAL, ONE_LETTER, KNOWN = 1, 2, 4
"""What a word is by itself."""

_WIDE = 20
"""Longer words are compared one pair at a time."""


class Spelling:
    """Words letter by letter."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = words
        self._lengths = np.fromiter(map(len, words), np.int32, len(words))
        fixed = np.array([word[:_WIDE] for word in words], f"U{_WIDE}") if words else np.empty(0, f"U{_WIDE}")
        self._codes = fixed.view(np.uint32).reshape(len(words), _WIDE)
        bits = np.left_shift(np.uint64(1), (self._codes % 64).astype(np.uint64)) * (self._codes != 0)
        self._bag = np.bitwise_or.reduce(bits, axis=1) if words else np.empty(0, np.uint64)
        self._whole = self._lengths <= _WIDE

    def first(self, words: Ints) -> Ints:
        """The code of each word's first letter."""
        codes: Ints = self._codes[words, 0].astype(np.int64)
        return codes

    def alike(self, ones: Ints, others: Ints) -> Ints:
        """As `typos.alike`, of words that differ."""
        found = np.zeros(len(ones), bool)
        near = self._near(ones, others, 1)
        near &= np.maximum(self._lengths[ones], self._lengths[others]) >= typos.SHORTEST
        found[near] = self._alike(ones[near], others[near])
        return found

    def roughly(self, ones: Ints, others: Ints) -> Ints:
        """As `typos.roughly`; what letters alone do not rule out is asked of it, each two words once."""
        found = np.zeros(len(ones), bool)
        at = np.flatnonzero((self._codes[ones, 0] == self._codes[others, 0]) & self._near(ones, others, 2))
        place, which = distinct(ones[at], others[at])
        pairs = zip(ones[at][place].tolist(), others[at][place].tolist(), strict=True)
        told = [typos.roughly(self.words[one], self.words[other]) for one, other in pairs]
        found[at] = np.array(told, bool)[which]
        return found

    def _near(self, ones: Ints, others: Ints, errors: int) -> Ints:
        """Whether so few errors may lie between words, by their lengths and by which letters are in them at all."""
        near: Ints = np.bitwise_count(self._bag[ones] ^ self._bag[others]) <= 2 * errors
        near |= ~(self._whole[ones] & self._whole[others])
        near &= np.abs(self._lengths[ones] - self._lengths[others]) <= errors
        return near

    def _alike(self, ones: Ints, others: Ints) -> Ints:
        """As `typos.alike`, of words that differ."""
        shorter = np.where(self._lengths[ones] <= self._lengths[others], ones, others)
        longer = ones + others - shorter
        size, more = self._lengths[shorter], self._lengths[longer] - self._lengths[shorter]
        ahead = self._agreeing(shorter, longer, size)
        width = np.arange(_WIDE)
        small, big = self._codes[shorter], self._codes[longer]
        # A letter too many: what follows it agrees with what follows in the other, one place on.
        inserted = (
            (small[:, : _WIDE - 1] == big[:, 1:]) | (width[: _WIDE - 1] < ahead[:, None]) | (width[: _WIDE - 1] >= size[:, None])
        )
        rest = (small == big) | (width <= ahead[:, None])
        beyond = (small == big) | (width <= ahead[:, None] + 1)
        rows, last = np.arange(len(ones)), np.minimum(ahead + 1, _WIDE - 1)
        crossed = (small[rows, np.minimum(ahead, _WIDE - 1)] == big[rows, last]) & (
            small[rows, last] == big[rows, np.minimum(ahead, _WIDE - 1)]
        )
        crossed &= ahead + 1 < size
        equal = rest.all(axis=1) | (crossed & beyond.all(axis=1))
        found: Ints = np.where(more == 1, inserted.all(axis=1), equal & (more == 0))
        for place in np.flatnonzero(self._lengths[longer] >= _WIDE).tolist():
            found[place] = typos.alike(self.words[ones[place]], self.words[others[place]])
        return found

    def _agreeing(self, ones: Ints, others: Ints, size: Ints) -> Ints:
        """How many letters at the beginning are the same."""
        same = self._codes[ones] == self._codes[others]
        same &= np.arange(_WIDE) < size[:, None]
        return np.where(same.all(axis=1), _WIDE, np.argmin(same, axis=1))


class Letters(Spelling):
    """Words in alphabetical order, letter by letter; -1 in place of a word's number means no word, which is like nothing."""

    def __init__(self, words: Sequence[str]) -> None:
        super().__init__(words)
        known = given.known()
        looks = ((is_initial(word), len(word) == 1, word in known) for word in words)
        self._look = np.array([INITIAL * a + ONE_LETTER * b + KNOWN * c for a, b, c in looks], np.int8)
        self._called = self._call_names()

        self._is_called = np.zeros(len(words), bool)
        self._is_called[np.concatenate(np.divmod(self._called, max(1, len(words))))] = True

    def _call_names(self) -> np.ndarray:
        """The pairs of words of which one is a call name of the other, the smaller first, as one number."""
        number = {word: place for place, word in enumerate(self.words)}
        there = sorted(number[word] for word in given.words_called() if word in number)
        pairs = ((one, other) for one, other in combinations(there, 2) if given.called(self.words[one], self.words[other]))
        return np.array(sorted(one * len(self.words) + other for one, other in pairs), np.int64)

    def look(self, words: Ints) -> Ints:
        """What each word is by itself."""
        return np.where(words < 0, 0, self._look[words]) if len(self.words) else np.zeros(len(words), np.int8)

    def may_stand(self, ones: Ints, others: Ints) -> Ints:
        """Which of these pairs of words may relate at all: told quickly, and never no where `relation` says yes."""
        found: Ints = (ones == others) | self._near(ones, others, 1) | (self._is_called[ones] & self._is_called[others])
        found |= (self._codes[ones, 0] == self._codes[others, 0]) & (
            self._near(ones, others, 2) | ((self._look[ones] | self._look[others]) & INITIAL > 0)
        )
        return found

    def relation(self, ones: Ints, others: Ints) -> Ints:
        """How each of these pairs of words relates, as bits; of equal ones only whether they are more than a letter."""
        found = np.zeros(len(ones), np.int64)
        there = (ones >= 0) & (others >= 0)
        same = there & (ones == others)
        found[same] = EQUAL + ALIKE * (self._look[ones[same]] & ONE_LETTER == 0)
        at = np.flatnonzero(there & ~same)
        ours, theirs = ones[at], others[at]
        found[at] |= STANDS * self._stands(ours, theirs)
        if len(self._called):
            low, high = np.minimum(ours, theirs).astype(np.int64), np.maximum(ours, theirs)
            found[at] |= CALLED * np.isin(low * len(self.words) + high, self._called)
        names = self._look[ours] & self._look[theirs] & KNOWN > 0
        alike, rough = self.alike(ours, theirs), self.roughly(ours, theirs)
        found[at] |= ALIKE * alike + ROUGH * rough + NEW * ((alike | rough) & ~names)
        return found

    def _stands(self, ones: Ints, others: Ints) -> Ints:
        """An initial, and a word that begins with it."""
        initial = (self._look[ones] | self._look[others]) & INITIAL > 0
        found = np.zeros(len(ones), bool)
        found[initial] = self._codes[ones[initial], 0] == self._codes[others[initial], 0]
        return found
