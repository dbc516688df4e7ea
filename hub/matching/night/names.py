"""Every distinct name once, its words as numbers, and how two names relate: for many pairs at once.

How ordinary names relate depends on nothing but how their words do (`_signatures`). So the code of the pure evaluator is
asked once for each way in which words may relate, and the answer holds for every pair whose words relate so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, combinations, count, product
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hub.machine.workers import Workers, pieces
from hub.matching import common
from hub.matching.columns import decoded, encoded
from hub.matching.evidence import likeness_of
from hub.matching.facts import forms_of
from hub.matching.names import Likeness, NameForm
from hub.matching.night.arrays import Feature, Ints, chunks, coded, distinct
from hub.matching.night.letters import EQUAL, KNOWN, ONE_LETTER, RELATIONS, ROUGH, Letters
from hub.matching.night.prepare import BATCH
from hub.normalise import Name

LEVELS = (*(likeness.name.lower() for likeness in Likeness), "surname", "differ", "akin")
"""What `likeness_of` may say."""

WIDEST = 4
"""So many words an ordinary name has at most."""

BETWEEN = "\x1f"
"""Stands between the parts of an ordinary name."""

ODD = "["
"""Begins a name that is not ordinary."""


Said = tuple[tuple[str, ...], ...]
Told = tuple[list[str], list[str], list[str], list[str]]
"""Of a name that is not ordinary its words, its telling words, the keys and the joined words of its forms."""


def take_apart(batch: Sequence[Said]) -> tuple[list[str], list[str]]:
    """For each the name as comparing sees it, and as it can be made again."""
    names: list[str] = []
    written: list[str] = []
    for said in batch:
        known = _commonly(said)
        if known:
            names.append(known[0])
            written.append(known[1])
            continue
        forms = forms_of(*said)
        if len(forms) == 1 and _is_ordinary(forms[0]):
            form = forms[0]
            names.append(BETWEEN.join(map(" ".join, (form.given, form.family, form.strict))))
            written.append(
                BETWEEN.join((" ".join(form.name.given), " ".join(form.name.family), (form.name.known and "known") or ""))
            )
        else:
            names.append(f"{ODD}{encoded(tuple(sorted(forms, key=_by_parts)))}")
            written.append(names[-1])
    return names, written


def _commonly(said: Said) -> tuple[str, str] | None:
    """The same of a name as most are; None for any other."""
    givens, families, formers, wholes = said
    if formers:
        return None
    if len(wholes) == 1 and not givens and not families:
        name = common.whole(wholes[0])
    elif not wholes and len(givens) == 1 == len(families):
        name = common.parts(givens[0], families[0])
    else:
        return None
    if name is None or len(name.folded) > WIDEST:
        return None
    shown = (" ".join(name.given), " ".join(name.family), " ".join(sorted(name.folded)))
    return BETWEEN.join(shown), BETWEEN.join((*name.written, "known" if name.known else ""))


def _by_parts(form: NameForm) -> tuple[object, ...]:
    name = form.name
    return name.given, name.family, name.former, name.generation, name.known, name.company


def _is_ordinary(form: NameForm) -> bool:
    name = form.name
    return not (name.company or name.generation or name.former) and 0 < len(form.words) <= WIDEST


def _told(forms: Iterable[NameForm]) -> Told:
    words = {word for form in forms for word in (*form.words, *form.former)}
    telling = {word for form in forms if not form.long for word in (*form.words, *form.former) if len(word) > 1}
    return list(words), list(telling), list({form.key for form in forms}), list({form.joined for form in forms})


@dataclass(slots=True, repr=False)
class Names:
    """All distinct names; `ordinary` ones are of one form, and of at most `WIDEST` words."""

    texts: pa.StringArray
    ordinary: Ints
    first: Ints
    """How many of the words are given names."""
    width: Ints
    matrix: Ints
    """The words of ordinary names in reading order, -1 where there is none."""
    strict: Ints
    joined: Feature
    """For each name the numbers of its forms with all words in one."""
    vocabulary: list[str]
    """All words in alphabetical order: a word's number says where it stands."""
    letters: Letters
    words: Feature
    """For each name its loose words, former ones too."""
    telling: Feature
    keys: Feature
    """For each name its forms by their loose words in alphabetical order (`NameForm.key`)."""
    odd_keys: dict[int, dict[str, int]]
    """The same of names that are not ordinary, by the keys themselves."""
    _known: dict[tuple[int, ...], int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.texts)

    def forms(self, number: int) -> tuple[NameForm, ...]:
        """The name as the pure evaluator knows it."""
        text = self.texts[number].as_py()
        if not self.ordinary[number]:
            return decoded(text[1:])
        first, family, known = text.split(BETWEEN)
        return (NameForm(Name(tuple(first.split()), tuple(family.split()), known=bool(known))),)

    def levels(self, ones: Ints, others: Ints) -> Ints:
        """The number in `LEVELS` of each of these pairs of names."""
        both = np.minimum(ones, others).astype(np.int64) * len(self) + np.maximum(ones, others)
        place, which = coded(both)
        pairs = both[place]
        found = np.empty(len(pairs), np.int8)
        for part in chunks(len(pairs)):
            ours, theirs = np.divmod(pairs[part], len(self))
            found[part] = self._levels(ours, theirs)
        return found[which]

    def _levels(self, ours: Ints, theirs: Ints) -> Ints:
        found = np.empty(len(ours), np.int8)
        plain = self.ordinary[ours] & self.ordinary[theirs]
        ones, others = ours[plain], theirs[plain]
        signatures = self._signatures(ones, others)
        first, which = distinct(*signatures)
        told = [
            self._told(key, one, other)
            for *key, one, other in zip(*(column[first].tolist() for column in (*signatures, ones, others)), strict=True)
        ]
        found[plain] = np.array(told, np.int8)[which]
        nameless = (self.keys.counts[ours] == 0) | (self.keys.counts[theirs] == 0)
        found[nameless] = LEVELS.index("nameless")
        rest = np.flatnonzero(~plain & ~nameless)
        for place, one, other in zip(rest.tolist(), ours[rest].tolist(), theirs[rest].tolist(), strict=True):
            found[place] = LEVELS.index(likeness_of(self.forms(one), self.forms(other)))
        return found

    def _told(self, signature: Sequence[int], one: int, other: int) -> int:
        """What the pure evaluator says of two names, and so of all whose words relate as theirs do."""
        key = tuple(signature)
        if key not in self._known:
            self._known[key] = LEVELS.index(likeness_of(self.forms(one), self.forms(other)))
        return self._known[key]

    def _signatures(self, ones: Ints, others: Ints) -> tuple[Ints, ...]:
        """All that comparing two ordinary names looks at, as numbers: equal rows compare equal."""
        shape = np.zeros(len(ones), np.int64)
        for side in (ones, others):
            shape = (shape * 8 + self.first[side]) * 8 + self.width[side]
        joined = self.joined.items[self.joined.starts[ones]] == self.joined.items[self.joined.starts[others]]
        shape = shape * 4 + (self.strict[ones] == self.strict[others]) * 2 + joined
        relations = np.zeros((2, len(ones)), np.int64)
        equal, rough, near = np.zeros(len(ones), bool), np.zeros(len(ones), np.int8), np.zeros(len(ones), np.int8)
        for one, other in product(range(WIDEST), repeat=2):
            relation = self.letters.relation(self.matrix[ones, one], self.matrix[others, other])
            relations[one % 2] = relations[one % 2] * RELATIONS + relation
            equal |= relation & EQUAL > 0
            rough += relation & (EQUAL | ROUGH) == ROUGH
            near += (relation > 0) & (relation & EQUAL == 0)
        # Two names are surely of two people only if both begin with a given name that people bear.
        for side in (ones, others):
            shape = shape * 2 + ((self.first[side] > 0) & (self.letters.look(self.matrix[side, 0]) & KNOWN > 0))
        # Where several words are left that may stand for several others, their order decides which of them is tried first.
        tried = (rough > 1) | (equal & (near > 1) & (self.width[ones] > 2) & (self.width[others] > 2))
        return shape, *relations, np.where(tried, self._order(ones, others), 0)

    def _order(self, ones: Ints, others: Ints) -> Ints:
        """In which alphabetical order the words of two names stand."""
        found = np.zeros(len(ones), np.int64)
        for side, (one, other) in product((ones, others), combinations(range(WIDEST), 2)):
            found = found * 3 + np.sign(self.matrix[side, one] - self.matrix[side, other]) + 1
        for one, other in product(range(WIDEST), repeat=2):
            found = found * 2 + (self.matrix[ones, one] < self.matrix[others, other])
        return found


@dataclass(slots=True, repr=False)
class Spoken:
    """Every distinct name once, as comparing sees it (`BETWEEN` its given names, its family names, and the words as written)."""

    texts: pa.StringArray
    written: pa.StringArray
    """A way in which somebody wrote it."""


def spoken(said: Iterable[Said], workers: Workers, count: int) -> tuple[Spoken, Ints, pa.DictionaryArray]:
    """All names; for each thing said which name it is, and how it is written: forms that are equal are written alike."""
    asked = ((batch,) for batch in pieces(said, BATCH))
    texts: list[Any] = []
    written: list[Any] = []
    for names, made in workers.each(take_apart, asked, many=count > BATCH):
        texts.append(pa.array(names, pa.string()))
        written.append(pa.array(made, pa.string()))
    told = pc.dictionary_encode(pa.chunked_array(texts, pa.string())).combine_chunks()
    which = told.indices.to_numpy(zero_copy_only=False)
    _, first = np.unique(which, return_index=True)
    forms = pc.dictionary_encode(pa.chunked_array(written, pa.string())).combine_chunks()
    return Spoken(told.dictionary, forms.cast(pa.string()).take(pa.array(first))), which, forms


def compared(spoken: Spoken) -> Names:
    """The names, ready to be compared."""
    special = np.flatnonzero(pc.starts_with(spoken.texts, ODD).to_numpy(zero_copy_only=False))
    forms = spoken.texts.take(pa.array(special)).to_pylist()
    odd = {number: _told(decoded(text[1:])) for number, text in zip(special.tolist(), forms, strict=True)}
    return _built(spoken.texts, spoken.written, odd)


def _built(names: pa.StringArray, written: pa.StringArray, odd: dict[int, Told]) -> Names:
    """`odd` holds, by their numbers in rising order, the names that are not ordinary."""
    count = len(names)
    ordinary = np.ones(count, bool)
    ordinary[list(odd)] = False
    plain = np.flatnonzero(ordinary)
    parts = pc.split_pattern(names.take(pa.array(plain)), BETWEEN).flatten()
    firsts, families, stricts = (parts.take(pa.array(np.arange(place, len(parts), 3))) for place in range(3))
    whole = pc.binary_join_element_wise(firsts, families, " ")
    split = pc.split_pattern(pc.utf8_trim(whole, " "), " ")
    flat = pc.dictionary_encode(split.flatten())
    vocabulary = sorted({*flat.dictionary.to_pylist(), *chain.from_iterable(told[0] for told in odd.values())})
    number = {word: place for place, word in enumerate(vocabulary)}
    ranks = np.array([number[word] for word in flat.dictionary.to_pylist()], np.int32)
    words = ranks[flat.indices.to_numpy(zero_copy_only=False)]
    width, first = np.zeros(count, np.int8), np.zeros(count, np.int8)
    width[plain] = pc.list_value_length(split).to_numpy(zero_copy_only=False)
    spaces = pc.count_substring(firsts, " ").to_numpy(zero_copy_only=False) + 1
    first[plain] = np.where(pc.equal(firsts, "").to_numpy(zero_copy_only=False), 0, spaces)
    matrix = np.full((count, WIDEST), -1, np.int32)
    rows = np.repeat(plain, width[plain])
    starts = np.cumsum(width[plain]) - width[plain]
    matrix[rows, np.arange(len(words)) - np.repeat(starts, width[plain])] = words
    joined = _numbered(pc.replace_substring(whole, " ", ""), [told[3] for told in odd.values()])
    strict = np.full(count, -1, np.int64)
    strict[plain] = pc.dictionary_encode(stricts).indices.to_numpy(zero_copy_only=False)
    letters = Letters(vocabulary)
    keys, odd_keys = _keys(matrix, plain, odd, number)
    return Names(
        texts=written,
        ordinary=ordinary,
        first=first,
        width=width,
        matrix=matrix,
        strict=strict,
        joined=Feature.of(*_owned(plain, joined[0], list(odd), joined[1]), count, joined[2]),
        vocabulary=vocabulary,
        letters=letters,
        words=Feature.of(
            *_owned(rows, words, list(odd), [[number[word] for word in told[0]] for told in odd.values()]), count, len(vocabulary)
        ),
        telling=Feature.of(*_telling(rows, words, letters, odd, number), count, len(vocabulary)),
        keys=keys,
        odd_keys=odd_keys,
    )


def _telling(rows: Ints, words: Ints, letters: Letters, odd: dict[int, Told], number: dict[str, int]) -> tuple[Ints, Ints]:
    long = letters.look(words) & ONE_LETTER == 0
    return _owned(rows[long], words[long], list(odd), [[number[word] for word in told[1]] for told in odd.values()])


def _numbered(plain: pa.StringArray, odd: list[list[str]]) -> tuple[Ints, list[list[int]], int]:
    """Texts as numbers: those of ordinary names, those of the others, and how many there are."""
    told = pc.dictionary_encode(plain)
    wanted = list(dict.fromkeys(chain.from_iterable(odd)))
    there = pc.index_in(pa.array(wanted, pa.string()), value_set=told.dictionary).to_pylist()
    fresh = count(len(told.dictionary))
    known = {text: next(fresh) if place is None else place for text, place in zip(wanted, there, strict=True)}
    numbers = [[known[text] for text in texts] for texts in odd]
    return told.indices.to_numpy(zero_copy_only=False), numbers, next(fresh)


def _owned(owners: Ints, items: Ints, odd: Sequence[int], theirs: Sequence[Sequence[int]]) -> tuple[Ints, Ints]:
    """Owners and items of ordinary names with those of the others."""
    more = np.repeat(np.array(odd, np.int64), [len(items) for items in theirs])
    return np.concatenate([owners, more]), np.concatenate([items, np.array([*chain.from_iterable(theirs)], np.int64)])


def _keys(matrix: Ints, plain: Ints, odd: dict[int, Told], number: dict[str, int]) -> tuple[Feature, dict[int, dict[str, int]]]:
    """The forms of each name by their words in alphabetical order, ordinary or not: equal words, equal number."""
    asked = [(name, key) for name, told in odd.items() for key in told[2]]
    short = [_short(key.split(" "), number) for _, key in asked]
    rows = np.concatenate([np.sort(matrix[plain], axis=1), np.array([row for row in short if row], np.int32).reshape(-1, WIDEST)])
    _, which = distinct(*rows.T)
    few = int(which.max(initial=-1)) + 1
    wide: dict[str, int] = {}
    told = iter(which[len(plain) :].tolist())
    numbers: dict[int, dict[str, int]] = {name: {} for name in odd}
    for (name, key), row in zip(asked, short, strict=True):
        numbers[name][key] = next(told) if row else few + wide.setdefault(key, len(wide))
    theirs = [list(keys.values()) for keys in numbers.values()]
    return Feature.of(*_owned(plain, which[: len(plain)], list(odd), theirs), len(matrix), few + len(wide)), numbers


def _short(words: list[str], number: dict[str, int]) -> list[int]:
    """The words of a key as a row like those of ordinary names; none when they are too many."""
    if len(words) > WIDEST or not all(word in number for word in words):
        return []
    return [*[-1] * (WIDEST - len(words)), *sorted(number[word] for word in words)]
