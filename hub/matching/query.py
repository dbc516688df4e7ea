"""Which entries a query means: an identifier, a whole name, part of a name, or a piece of a name or company."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from functools import cached_property

from connectors._values import dataclass
from hub import normalise
from hub.machine.pattern import Pattern
from hub.matching import typos
from hub.matching.facts import Facts
from hub.matching.index import Index
from hub.matching.names import SAME_NAME, Likeness, NameForm, compare_all, first_looked_for

_EMAIL = Pattern(r"[^\s<>,;\"]+@[^\s<>,;\"]+")
_DIGITS = Pattern(r"(?:FI|\+|\()?\d[\d\s()/.\-]*\d", re.IGNORECASE)

_AFTER = 1
"""What is only like the query ranks after what it says."""

WIDE = 60
"""Of more entries than this that a query may mean, those that come first in the index are ranked first, as many at a time."""


class Query:
    """What the owner typed, taken apart: identifiers, and words."""

    def __init__(self, text: str, region: str) -> None:
        self.text = text
        self.region = region
        self.whole = normalise.fold(text)
        whole_email = normalise.email_key(text)
        found = {text} if whole_email else set(_EMAIL.findall(text))
        self.emails = {key for key in map(normalise.email_key, found) if key}
        rest = "" if whole_email else _EMAIL.sub(lambda match: " " if normalise.email_key(match[0]) else match[0], text)
        self.numbers = [run for run in _DIGITS.findall(rest) if sum(map(str.isdigit, run)) >= normalise.TAIL]
        for run in self.numbers:
            rest = rest.replace(run, " ")
        self.words = normalise.name_tokens(rest) or normalise.tokens(rest)

    @cached_property
    def loose_words(self) -> tuple[str, ...]:
        """The words in their loose form."""
        return tuple(map(normalise.loose, self.words))

    @cached_property
    def form(self) -> tuple[NameForm, ...]:
        """The query as a name, if it can be one."""
        name = normalise.parse_name(self.text) if self.words and not self.emails and not self.numbers else None
        return (NameForm(name),) if name else ()


class Reading(Enum):
    """How a query was understood: the first of these that means any entry."""

    IDENTIFIER = "identifier"
    """An e-mail, phone, customer number or business id, alone or with words of the name."""
    NAME = "name"
    """The whole name, letter by letter, in any order."""
    LOOSE_NAME = "loose_name"
    """The whole name but for transliteration: maybe somebody else's."""
    PART = "part"
    """Whole words of the name."""
    LIKE = "like"
    """A shorter or longer form of the name, or the beginnings of its words."""
    TYPO = "typo"
    """The name but for a typing error in a word."""
    PIECE = "piece"
    """A piece of a name, a company, an e-mail or a number."""
    NOTHING = "nothing"


Reader = Callable[[Query, Facts], int | None]
"""The rank of an entry among those that a query means, 0 for the best; None when it is not meant."""


@dataclass(frozen=True, slots=True)
class _Pass:
    """A way in which entries may be meant: which to look at, and what rank each has, `worse` than in the way before."""

    numbers: set[int]
    reader: Reader
    worse: int = 0


class Hits:
    """The entries a query means, the best first; each is looked at when it is asked for, and no more than once."""

    def __init__(self, query: Query, index: Index, passes: Sequence[_Pass] = ()) -> None:
        self._query = query
        self._index = index
        self._passes = passes
        self._ranks: dict[int, int | None] = {}

    def __bool__(self) -> bool:
        return next(iter(self), None) is not None

    def __iter__(self) -> Iterator[int]:
        seen: set[int] = set()
        for numbers in self._batches():
            self._index.fetch(numbers - seen)
            ranked = [(rank, number) for number in numbers - seen if (rank := self.rank(number)) is not None]
            seen |= numbers
            yield from (number for *_, number in sorted((rank, *self._shown(number), number) for rank, number in ranked))

    def rank(self, number: int) -> int | None:
        """The rank of an entry, None when the query does not mean it."""
        if number not in self._ranks:
            ranks = (self._rank_in(one, number) for one in self._passes if number in one.numbers)
            self._ranks[number] = next((rank for rank in ranks if rank is not None), None)
        return self._ranks[number]

    def followed(self, *passes: _Pass) -> Hits:
        """These, and what is meant in other ways as well."""
        return Hits(self._query, self._index, (*self._passes, *passes))

    def _rank_in(self, one: _Pass, number: int) -> int | None:
        rank = one.reader(self._query, self._index[number])
        return None if rank is None else rank + one.worse

    def _shown(self, number: int) -> tuple[str, tuple[str, str]]:
        facts = self._index[number]
        return facts.shown_name.casefold(), facts.held.key

    def _batches(self) -> Iterator[set[int]]:
        together = set().union(*(one.numbers for one in self._passes))
        if len(together) <= WIDE:
            yield together
            return
        for one in self._passes:
            ordered = sorted(one.numbers)
            yield from ({*ordered[start : start + WIDE]} for start in range(0, len(ordered), WIDE))


def hits(query: Query, index: Index) -> tuple[Reading, Hits]:
    """The entries a query means, and how it was understood."""
    exact = _by_key(query.text, index)
    if exact:
        return Reading.IDENTIFIER, Hits(query, index, [_Pass(exact, _any)])
    numbers = _with_identifiers(query, index)
    identified = bool(query.emails or query.numbers)
    if not query.words:
        found = Hits(query, index, [_Pass(numbers, _any)])
        return (Reading.IDENTIFIER if numbers else Reading.NOTHING), found
    for reading, places, reader in _READINGS:
        meant = (where & numbers if identified else where for where in places(query, index))
        found = Hits(query, index, [_Pass(where, reader) for where in meant])
        if found:
            more = _also(reading, query, index)
            return (Reading.IDENTIFIER if identified else reading), found if identified else found.followed(*more)
    return Reading.NOTHING, Hits(query, index)


def _also(reading: Reading, query: Query, index: Index) -> Iterator[_Pass]:
    """What a query that was understood in one way may mean as well."""
    if reading is Reading.LIKE:
        # A letter too many makes "Peekka" of Pekka: "P." fits it as well, so neither hides the other.
        yield _Pass(index.misspelled(query.loose_words), _misspelled, _AFTER)
        return
    if reading is Reading.NAME and query.whole.isascii():
        # Who types "Maki" for want of an ä means Mäki, even if somebody is written as Maki.
        yield from (_Pass(where, _transliterated, _AFTER) for where in _by_name(query, index))
    if any(form.has_initials for form in query.form):
        # Who asks for "P. Mäki" means every Mäki whose given name begins so, however it is written.
        yield from (_Pass(where, _like_names, _AFTER) for where in _by_beginnings(query, index))


def _by_key(text: str, index: Index) -> set[int]:
    """The entries of which the text is, as a whole, a customer number, business id or other key."""
    wanted = normalise.fold(text)
    if not any(map(str.isdigit, wanted)):
        return set()
    business_id = normalise.business_id(text)
    return index.keyed(wanted) | (index.keyed(business_id) if business_id else set())


def _with_identifiers(query: Query, index: Index) -> set[int]:
    """The entries that bear every e-mail and number of the query."""
    wanted = [set(index.holders(("email", key))) for key in query.emails]
    for number in query.numbers:
        phones = normalise.phone_keys(number, query.region)
        wanted.append({holder for key in phones for holder in index.holders(("phone", key))} | _by_key(number, index))
    return set.intersection(*wanted) if wanted else set()


def _any(_query: Query, _facts: Facts) -> int | None:
    return 0


def _whole_name(query: Query, facts: Facts) -> int | None:
    """Entries of exactly this name, in any order. One word is no whole name."""
    wanted = tuple(sorted(query.words))
    return 0 if len(wanted) > 1 and any(form.strict == wanted for form in facts.forms) else None


def _loose_name(query: Query, facts: Facts) -> int | None:
    """Entries of this name but for transliteration."""
    words, loosely = sorted(query.loose_words), "".join(query.loose_words)
    same = len(words) > 1 and any(sorted(form.words) == words or form.joined == loosely for form in facts.forms)
    return 0 if same else None


def _transliterated(query: Query, facts: Facts) -> int | None:
    """Entries of this name with letters that not every keyboard has."""
    words = sorted(query.loose_words)
    meant = any(sorted(form.words) == words and not all(map(str.isascii, form.strict)) for form in facts.forms)
    return 0 if meant else None


def _words_of_name(query: Query, facts: Facts) -> int | None:
    """Entries whose name (or former name) has every word of the query; those in the very letters rank first."""
    strict, loose, whole = set(query.words), set(query.loose_words), tuple(sorted(query.words))
    ranks = (
        0 if whole == form.strict else 1 if strict <= set(form.strict) else 2
        for form in facts.forms
        if loose <= {*form.words, *form.former}
    )
    return min(ranks, default=None)


def _like_names(query: Query, facts: Facts) -> int | None:
    """Entries with a shorter form of the name (an initial, no middle name), or with words that begin so."""
    wanted = set(query.loose_words)
    likeness = Likeness.NAMELESS
    if query.form and any(not wanted.isdisjoint(form.words) for form in facts.forms):
        likeness = compare_all(query.form, facts.forms)
    if likeness in SAME_NAME:
        return 1 if likeness is Likeness.INITIAL else 0
    return 2 if any(_begin(query.loose_words, form.words) for form in facts.forms) else None


def _begin(wanted: Sequence[str], words: Sequence[str]) -> bool:
    """Whether each of the wanted words begins one of these, an initial another one than the longest."""
    longest, initials, others = first_looked_for(wanted)
    return all(any(own.startswith(word) for own in words) for word in (longest, *others)) and all(
        any(own.startswith(letter) and not own.startswith(longest) for own in words) for letter in initials
    )


def _misspelled(query: Query, facts: Facts) -> int | None:
    """Entries whose name has every word of the query, give or take a typing error; the fewer errors, the better."""
    errors = (_errors(query.loose_words, {*form.words, *form.former}) for form in facts.forms)
    return min((count for count in errors if count is not None), default=None)


def _errors(wanted: Sequence[str], words: set[str]) -> int | None:
    """How many of the wanted words are there only with a typing error; None when one is not there at all."""
    if not all(any(typos.alike(word, own) for own in words) for word in wanted):
        return None
    return sum(word not in words for word in wanted)


def _piece(query: Query, facts: Facts) -> int | None:
    """Entries in which every word of the query is a piece of something; a whole company ranks first."""
    return 0 if " ".join(query.words) in facts.companies else 1


def _by_name(query: Query, index: Index) -> list[set[int]]:
    """Where a whole name may stand: written in one word or in several, too."""
    return [index.spelled("".join(query.loose_words)), index.named_by(query.loose_words)]


def _by_beginnings(query: Query, index: Index) -> list[set[int]]:
    return [index.named(query.form), index.beginning(query.loose_words)]


_READINGS: tuple[tuple[Reading, Callable[[Query, Index], list[set[int]]], Reader], ...] = (
    (Reading.NAME, _by_name, _whole_name),
    (Reading.LOOSE_NAME, _by_name, _loose_name),
    (Reading.PART, _by_name, _words_of_name),
    (Reading.LIKE, _by_beginnings, _like_names),
    (Reading.TYPO, lambda query, index: [index.misspelled(query.loose_words)], _misspelled),
    (Reading.PIECE, lambda query, index: [index.holding(query.words)], _piece),
)
"""How a query may be read: what it is called, where it is looked for, the likeliest first, and which are meant with what rank."""
