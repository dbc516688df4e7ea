"""Compare two names: the same, compatible, unclear, or two different people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from functools import lru_cache
from itertools import combinations, product

from hub import normalise
from hub.matching import given, typos
from hub.normalise import Name

MOST_TOKENS = 12
"""A longer text is compared as a whole only: it is no name of one person."""


class Likeness(Enum):
    """How two names (or the names of two entries) relate, the closest first."""

    SAME = "the same words, in any order"
    FORMER = "a given name in common, and the family name one had before"
    LOOSE = "the same but for transliteration (a for ä, w for v)"
    SUBSET = "one has a name more"
    INITIAL = "an initial in place of a name"
    CALLED = "one is a call name of the other"
    TYPO = "the same but for a typing error"
    GARBLED = "the same but for several typing errors"
    SINGLE = "one is only a part of the other"
    NAMELESS = "at least one has no name"
    GENERATION = "one is called junior or senior"
    UNCLEAR = "a given name in common, the rest differs"
    CONFLICT = "two different people"


SAME_NAME = frozenset({Likeness.SAME, Likeness.FORMER, Likeness.LOOSE, Likeness.SUBSET, Likeness.INITIAL, Likeness.GENERATION})
"""Enough to ask a human, without any identifier in common."""

FULL_NAME = (SAME_NAME - {Likeness.GENERATION}) | {Likeness.CALLED, Likeness.TYPO}
"""Both name somebody in full, and it is one name."""

_RANK = {likeness: rank for rank, likeness in enumerate(Likeness)}


class NameForm:
    """A name made ready for comparing; two forms of equal names are equal.

    `given`, `family` (a double one in its halves) and `former` are loose words, `words` all but the former ones in
    reading order, `strict` their folded forms, sorted, `joined` all in one (Anna-Maija is Annamaija).
    """

    __slots__ = ("_hash", "family", "former", "given", "joined", "name", "strict", "words")

    def __init__(self, name: Name) -> None:
        first, family = _folded(name.given), _folded(name.family)
        if not name.known and is_turned(first, family):
            first, family = (*first[1:], *family), first[:1]
        self.name = name
        self.strict = tuple(sorted((*first, *family)))
        self.given = tuple(map(normalise.loose, first))
        self.family = tuple(map(normalise.loose, family))
        self.former = tuple(map(normalise.loose, _folded(name.former))) if name.former else ()
        self.words = (*self.given, *self.family)
        self.joined = "".join(self.words)
        self._hash = hash(name)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, NameForm) and self.name == other.name)

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return "<NameForm>"

    @property
    def key(self) -> str:
        """The loose words in alphabetical order: equal for names of the same words."""
        return " ".join(sorted(self.words))

    @property
    def long(self) -> bool:
        """Whether this is too long to be a name."""
        return len(self.words) > MOST_TOKENS

    @property
    def has_initials(self) -> bool:
        """Whether one of the words is an initial."""
        return any(map(is_initial, self.words))

    def word_keys(self) -> Iterator[str]:
        """Index keys: two names of `SAME_NAME` likeness have one in common, if need be through `initial_keys`."""
        yield f"={self.joined}"
        for one, other in self.pairs():
            yield f"{one}|{other}"

    def pairs(self) -> Iterator[tuple[str, str]]:
        """As the function of that name."""
        return pairs(self.words, self.former)

    def meets(self, other: NameForm) -> bool:
        """Whether the two have an index key in common."""
        return not (
            set(self.word_keys()).isdisjoint(other.word_keys())
            and set(self.initial_keys(initials=False)).isdisjoint(other.initial_keys(initials=True))
            and set(self.initial_keys(initials=True)).isdisjoint(other.initial_keys(initials=False))
        )

    def initial_keys(self, *, initials: bool) -> Iterator[str]:
        """As the function of that name."""
        return initial_keys(self.words, self.former, initials=initials)


def pairs(words: Sequence[str], former: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The words of a name two and two; none of a text that is too long to be a name."""
    return combinations(sorted({*words, *former[:MOST_TOKENS]}) if len(words) <= MOST_TOKENS else (), 2)


def initial_keys(words: Sequence[str], former: Sequence[str], *, initials: bool) -> Iterator[str]:
    """A whole word of a name with the first letter of another: of the words that are initials, or of those that are whole."""
    if len(words) <= MOST_TOKENS:
        for one, other in product({*words, *former[:MOST_TOKENS]}, repeat=2):
            if one != other and not is_initial(one) and is_initial(other) == initials:
                yield f"{one}~{other[0]}"


def first_looked_for(words: Sequence[str]) -> tuple[str, list[str], list[str]]:
    """Of words that may be beginnings, the longest, then the initials beside it, then the others, the longer ones first."""
    longest, *rest = sorted(words, key=lambda word: (-len(word), word))
    initials = [word for word in rest if is_initial(word) and len(longest) > 1]
    return longest, initials, [word for word in rest if word not in initials]


def is_initial(word: str) -> bool:
    """Whether a word stands for a longer one: a single letter of an alphabet that has initials."""
    return len(word) == 1 and word.isalpha() and word < "\u0530"


@lru_cache(maxsize=50_000)
def compare(ours: NameForm, theirs: NameForm) -> Likeness:
    """Compare two names; symmetric."""
    if ours.name.company or theirs.name.company:
        return _compare_companies(ours, theirs)
    if ours.name.generation != theirs.name.generation:
        both = ours.name.generation and theirs.name.generation
        without = _compare_words(ours, theirs)
        if both or without is Likeness.CONFLICT:
            return Likeness.CONFLICT
        return Likeness.GENERATION if without in SAME_NAME else Likeness.UNCLEAR
    return _compare_words(ours, theirs)


def compare_all(ours: Sequence[NameForm], theirs: Sequence[NameForm]) -> Likeness:
    """Compare two entries that may have several names each: the closest pair counts."""
    pairs = (compare(one, other) for one in ours for other in theirs)
    return min(pairs, key=_RANK.__getitem__, default=Likeness.NAMELESS)


def surely_two(ours: Iterable[NameForm], theirs: Iterable[NameForm]) -> bool:
    """Whether conflicting names are those of two people for certain: companies, generations, or given names people bear.

    A word that is no known given name may be any name misspelled.
    """
    known = given.known()
    return all(
        one.name.company
        or other.name.company
        or one.name.generation != other.name.generation
        or (not known.isdisjoint(one.given[:1]) and not known.isdisjoint(other.given[:1]))
        for one in ours
        for other in theirs
    )


def closest(ours: Sequence[NameForm], theirs: Sequence[NameForm]) -> tuple[NameForm, NameForm]:
    """The pair of names that `compare_all` judged; both must have one."""
    return min(product(ours, theirs), key=lambda pair: _RANK[compare(*pair)])


def _folded(words: Sequence[str]) -> tuple[str, ...]:
    return normalise.tokens(" ".join(words)) if words else ()


def is_turned(first: tuple[str, ...], family: tuple[str, ...]) -> bool:
    """Whether a name of uncertain order has its family name first: all its words but that one are given names."""
    names = given.known()
    return (
        bool(family)
        and normalise.loose(first[0]) not in names
        and all(normalise.loose(word) in names for word in (*first[1:], *family))
    )


def _compare_companies(ours: NameForm, theirs: NameForm) -> Likeness:
    if ours.name.company and theirs.name.company:
        return Likeness.SAME if ours.joined == theirs.joined else Likeness.CONFLICT
    return Likeness.UNCLEAR


def _compare_words(ours: NameForm, theirs: NameForm) -> Likeness:
    if ours.strict == theirs.strict:
        return Likeness.SAME if len(ours.strict) > 1 else Likeness.SINGLE
    if ours.joined == theirs.joined or sorted(ours.words) == sorted(theirs.words):
        return Likeness.LOOSE if min(len(ours.words), len(theirs.words)) > 1 else Likeness.SINGLE
    if ours.long or theirs.long:
        return Likeness.CONFLICT
    covered = _covered(ours.words, theirs.words) or _covered(theirs.words, ours.words)
    if covered:
        return covered
    small, big = sorted((ours.words, theirs.words), key=lambda words: (len(words), words))
    slipped = _slipped(small, big) or (Likeness.GARBLED if _garbled(small, big) else Likeness.CONFLICT)
    return min(_compare_positions(ours, theirs), slipped, key=_RANK.__getitem__)


def _covered(small: tuple[str, ...], big: tuple[str, ...]) -> Likeness | None:
    """How `small` is contained in `big`, a single letter standing for a word; None when it is not."""
    if len(small) > len(big):
        return None
    rest, left = _without(small, big), _without(big, small)
    full = len(small) - len(rest)
    for word in rest:
        partner = next((other for other in left if _stands_for(word, other)), None)
        if partner is None:
            return None
        left.remove(partner)
    if full == 0:
        return Likeness.UNCLEAR
    if len(small) == 1:
        return Likeness.SINGLE
    return Likeness.SUBSET if full == len(small) else Likeness.INITIAL


def _without(words: tuple[str, ...], others: tuple[str, ...]) -> list[str]:
    """The words but for those that the others have too, each as often as it stands there."""
    left, rest = list(others), []
    for word in words:
        if word in left:
            left.remove(word)
        else:
            rest.append(word)
    return rest


def _slipped(small: tuple[str, ...], big: tuple[str, ...]) -> Likeness | None:
    """Whether `small` is contained in `big` but for call names and typing errors, with a whole word in common."""
    rest, left = sorted(_without(small, big)), sorted(_without(big, small))
    if len(small) < 2 or len(rest) == len(small):
        return None
    found = Likeness.CALLED
    for word in rest:
        partner = next((other for other in left if _stands_for(word, other) or given.called(word, other)), None)
        if partner is None:
            partner, found = next((other for other in left if _misspelled(word, other)), None), Likeness.TYPO
        if partner is None:
            return None
        left.remove(partner)
    return found


def _garbled(small: tuple[str, ...], big: tuple[str, ...]) -> bool:
    """Whether every word of `small` is one of `big` but for typing errors, and no two of them are given names people bear."""
    rest, left = sorted(_without(small, big)), sorted(_without(big, small))
    if len(small) < 2:
        return False
    for word in rest:
        partner = next((other for other in left if _roughly(word, other)), None)
        if partner is None:
            return False
        left.remove(partner)
    return True


def _roughly(one: str, other: str) -> bool:
    return typos.roughly(one, other) and not given.known().issuperset((one, other))


def _misspelled(one: str, other: str) -> bool:
    """Whether two words differ by a typing error; two given names that people bear are two names."""
    return typos.alike(one, other) and not given.known().issuperset((one, other))


def _stands_for(one: str, other: str) -> bool:
    return (is_initial(one) and other.startswith(one)) or (is_initial(other) and one.startswith(other))


def _compare_positions(ours: NameForm, theirs: NameForm) -> Likeness:
    """Names that share some words: the family name alone is a relative, the given name alone may be a marriage."""
    if min(len(ours.words), len(theirs.words)) == 1 < max(len(ours.words), len(theirs.words)):
        return Likeness.UNCLEAR  # the one word may be a nickname
    if not _first_given_in_common(ours.given, theirs.given):
        return Likeness.CONFLICT
    family = set(ours.family) & set(theirs.family)
    ever = {*ours.family, *ours.former} & {*theirs.family, *theirs.former}
    return Likeness.FORMER if ever and not family else Likeness.UNCLEAR


def _first_given_in_common(ours: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """Whether the first given name of one is a given name of the other."""
    return any(
        other == first or _stands_for(other, first)
        for firsts, others in ((ours[:1], theirs), (theirs[:1], ours))
        for first, other in product(firsts, others)
    )
