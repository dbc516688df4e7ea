"""The keys under which names meet: two words, all of them in one, a word and an initial."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import permutations

import numpy as np

from hub.matching.names import NameForm
from hub.matching.night.arrays import Feature, Ints, coded, pairs_within
from hub.matching.night.letters import INITIAL
from hub.matching.night.names import WIDEST, Names

_LETTERS = 0x110000
"""So many letters there are."""

_ENOUGH = -1
"""In place of a further word: the two words say enough without one."""

Columns = tuple[Ints, ...]


class Loose:
    """Two given names, or two family names, of names that have more words: many bear them who have nothing else in common.

    One row for each further word of the name.
    """

    def __init__(self, names: Ints, keys: Ints, rests: Ints) -> None:
        self.names = names
        self.keys = keys
        self._rests = rests

    def of(self, names: Ints) -> Loose:
        """The rows of these names."""
        keep = np.isin(self.names, names)
        return Loose(self.names[keep], self.keys[keep], self._rests[keep])

    def related(self, names: Names, asked: Ints | None) -> Iterator[tuple[Ints, Ints]]:
        """The places of two rows under one key whose further words may stand for one another; of `asked` names at least those."""
        letters, rests = names.letters, self._rests
        wanted = None if asked is None else asked[self.names]
        for ones, others in pairs_within(self.keys, np.arange(len(self.keys))):
            if wanted is not None:
                either = wanted[ones] | wanted[others]
                ones, others = ones[either], others[either]  # noqa: PLW2901  # the rest is not looked at
            near = np.flatnonzero(letters.may_stand(rests[ones], rests[others]))
            near = near[letters.relation(rests[ones[near]], rests[others[near]]) > 0]
            yield ones[near], others[near]


class NameKeys:
    """The keys of rare names, each as a small number; by the numbers of the names."""

    def __init__(self, names: Names, rare: Ints) -> None:
        self.rare = np.zeros(len(names), bool)
        self.rare[rare] = True
        self.joined = names.joined
        plain, odd = rare[names.ordinary[rare]], rare[~names.ordinary[rare]].tolist()
        number = {word: place for place, word in enumerate(names.vocabulary)} if odd else {}
        forms = [(name, form) for name in odd for form in names.forms(name)]
        owners, ones, others, rests = _joined([*_word_pairs(names, plain), _columns(_odd_word_pairs(forms, number), 4)])
        kinds, (keys,) = _numbered(ones.astype(np.int64) * max(1, len(names.vocabulary)) + others)
        firm = rests == _ENOUGH
        self.pairs = Feature.of(owners, keys, len(names), kinds)
        self.firm = Feature.of(owners[firm], keys[firm], len(names), kinds)
        self.loose = Loose(owners[~firm], keys[~firm], rests[~firm])
        found = [
            _joined([_by_letter(names, plain, initials=side), _columns(_odd_by_letter(forms, number, initials=side), 2)])
            for side in (True, False)
        ]
        kinds, items = _numbered(*(keys for _, keys in found))
        self.initials, self.wholes = (
            Feature.of(owners, keys, len(names), kinds) for (owners, _), keys in zip(found, items, strict=True)
        )


def _word_pairs(names: Names, plain: Ints) -> Iterator[Columns]:
    """The words of ordinary names two and two (`NameForm.pairs`): name, smaller and greater word, and a further one."""
    matrix, first, width = (column[plain] for column in (names.matrix, names.first, names.width))
    ordered = np.sort(matrix, axis=1)
    twice = ((ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0)).any(axis=1)
    for one, other, *rests in permutations(range(WIDEST)):
        if one > other or rests[0] > rests[1]:
            continue
        low, high = np.minimum(matrix[:, one], matrix[:, other]), np.maximum(matrix[:, one], matrix[:, other])
        there = (other < width) & (low != high)
        loose = there & ((other < first) | (one >= first)) & (width > 2) & ~twice
        firm = np.flatnonzero(there & ~loose)
        yield plain[firm], low[firm], high[firm], np.full(len(firm), _ENOUGH)
        for rest in rests:
            at = np.flatnonzero(loose & (rest < width))
            yield plain[at], low[at], high[at], matrix[at, rest]


def _odd_word_pairs(forms: Sequence[tuple[int, NameForm]], number: Mapping[str, int]) -> Iterator[tuple[int, ...]]:
    """The same of names that are not ordinary; of somebody's several names one may meet another and a different one be like it."""
    several = Counter(name for name, _ in forms)
    for name, form in forms:
        ever = {*form.family, *form.former}
        for pair in form.pairs():
            one, other = sorted(number[word] for word in pair)
            rests = {*form.words, *form.former} - {*pair}
            if rests and several[name] == 1 and (ever.isdisjoint(pair) or not set(form.given).intersection(pair)):
                yield from ((name, one, other, number[rest]) for rest in rests)
            else:
                yield name, one, other, _ENOUGH


def _by_letter(names: Names, plain: Ints, *, initials: bool) -> Columns:
    """Whole words of ordinary names with the first letters of others (`NameForm.initial_keys`)."""
    parts = []
    for one, other in permutations(range(WIDEST), 2):
        ours, theirs = names.matrix[plain, one], names.matrix[plain, other]
        there = (ours >= 0) & (theirs >= 0) & (ours != theirs)
        there &= (names.letters.look(ours) & INITIAL == 0) & ((names.letters.look(theirs) & INITIAL > 0) == initials)
        parts.append((plain[there], ours[there].astype(np.int64) * _LETTERS + names.letters.first(theirs[there])))
    return _joined(parts)


def _odd_by_letter(
    forms: Iterable[tuple[int, NameForm]], number: Mapping[str, int], *, initials: bool
) -> Iterator[tuple[int, ...]]:
    """The same of names that are not ordinary."""
    for name, form in forms:
        if form.has_initials or not initials:
            for key in form.initial_keys(initials=initials):
                yield name, number[key[:-2]] * _LETTERS + ord(key[-1])


def _joined(parts: Iterable[Columns]) -> Columns:
    return tuple(np.concatenate(column) for column in zip(*parts, strict=True))


def _columns(rows: Iterable[tuple[int, ...]], width: int) -> Columns:
    return tuple(np.array([*rows], np.int64).reshape(-1, width).T)


def _numbered(*columns: Ints) -> tuple[int, list[Ints]]:
    """Large numbers as small ones, the same in all these columns; how many there are."""
    place, which = coded(np.concatenate(columns))
    return len(place), np.split(which, np.cumsum([len(column) for column in columns])[:-1])
