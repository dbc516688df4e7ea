"""Which entries a query means: an identifier, a whole name, part of a name, or a piece of a name or company."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from enum import Enum
from functools import cached_property

from hub import normalise
from hub.matching import typos
from hub.matching.facts import Facts
from hub.matching.index import Index
from hub.matching.names import SAME_NAME, Likeness, NameForm, compare_all
from hub.pattern import Pattern

_EMAIL = Pattern(r"[^\s<>,;\"]+@[^\s<>,;\"]+")
_DIGITS = Pattern(r"(?:FI|\+|\()?\d[\d\s()/.\-]*\d", re.IGNORECASE)
Hits = dict[int, int]
"""Entry to the rank of its hit, 0 for the best."""

Candidates = Sequence[tuple[int, Facts]]

_AFTER = 1
"""What is only like the query ranks after what it says."""


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
    """A piece of a name, company or address."""
    NOTHING = "nothing"


Reader = Callable[[Query, Candidates], Hits]
"""Which of some entries a query means, with their ranks."""


def hits(query: Query, index: Index) -> tuple[Reading, Hits]:
    """The entries a query means, and how it was understood."""
    exact = _by_key(query.text, index)
    if exact:
        return Reading.IDENTIFIER, dict.fromkeys(exact, 0)
    numbers = _with_identifiers(query, index)
    identified = bool(query.emails or query.numbers)
    if not query.words:
        return (Reading.IDENTIFIER, dict.fromkeys(numbers, 0)) if identified and numbers else (Reading.NOTHING, {})
    for reading, meant, read in _READINGS:
        found = _read(query, index, meant(query, index) & numbers if identified else meant(query, index), read)
        if found and reading is Reading.LIKE:
            # A letter too many makes "Peekka" of Pekka: "P." fits it as well, so neither hides the other.
            found = _read(query, index, index.misspelled(query.loose_words), _misspelled, _AFTER) | found
        elif found and not identified and any(form.has_initials for form in query.form):
            # Who asks for "P. Mäki" means every Mäki whose given name begins so, however it is written.
            found = _read(query, index, _by_beginnings(query, index), _like_names, _AFTER) | found
        if found:
            return (Reading.IDENTIFIER if identified else reading), found
    return Reading.NOTHING, {}


def _read(query: Query, index: Index, candidates: set[int], read: Reader, worse: int = 0) -> Hits:
    found = read(query, [(number, index[number]) for number in sorted(candidates)])
    return {number: rank + worse for number, rank in found.items()}


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


def _whole_names(query: Query, candidates: Candidates) -> Hits:
    """Entries of exactly this name, in any order. One word is no whole name."""
    wanted = tuple(sorted(query.words))
    if len(wanted) < 2:
        return {}
    return {number: 0 for number, facts in candidates if any(form.strict == wanted for form in facts.forms)}


def _loose_names(query: Query, candidates: Candidates) -> Hits:
    """Entries of this name but for transliteration."""
    if len(query.words) < 2:
        return {}
    words, loosely = sorted(query.loose_words), "".join(query.loose_words)
    loose = (
        number
        for number, facts in candidates
        if any(sorted(form.words) == words or form.joined == loosely for form in facts.forms)
    )
    return dict.fromkeys(loose, 0)


def _words_of_names(query: Query, candidates: Candidates) -> Hits:
    """Entries whose name (or former name) has every word of the query; those in the very letters rank first."""
    strict, loose = set(query.words), set(query.loose_words)
    found: Hits = {}
    for number, facts in candidates:
        for form in facts.forms:
            if loose <= {*form.words, *form.former}:
                rank = 0 if tuple(sorted(query.words)) == form.strict else 1 if strict <= set(form.strict) else 2
                found[number] = min(rank, found.get(number, rank))
    return found


def _like_names(query: Query, candidates: Candidates) -> Hits:
    """Entries with a shorter form of the name (an initial, no middle name), or with words that begin so."""
    wanted = set(query.loose_words)
    found: Hits = {}
    for number, facts in candidates:
        likeness = Likeness.NAMELESS
        if query.form and any(not wanted.isdisjoint(form.words) for form in facts.forms):
            likeness = compare_all(query.form, facts.forms)
        if likeness in SAME_NAME:
            found[number] = 1 if likeness is Likeness.INITIAL else 0
        elif any(all(any(own.startswith(word) for own in form.words) for word in query.loose_words) for form in facts.forms):
            found[number] = 2
    return found


def _misspelled(query: Query, candidates: Candidates) -> Hits:
    """Entries whose name has every word of the query, give or take a typing error; the fewer errors, the better."""
    found: Hits = {}
    for number, facts in candidates:
        for form in facts.forms:
            errors = _errors(query.loose_words, {*form.words, *form.former})
            if errors is not None:
                found[number] = min(errors, found.get(number, errors))
    return found


def _errors(wanted: Sequence[str], words: set[str]) -> int | None:
    """How many of the wanted words are there only with a typing error; None when one is not there at all."""
    if not all(any(typos.alike(word, own) for own in words) for word in wanted):
        return None
    return sum(word not in words for word in wanted)


def _pieces(query: Query, candidates: Candidates) -> Hits:
    """Entries whose name, company or address holds every word of the query somewhere; a whole company ranks first."""
    wanted = " ".join(query.words)
    return {number: 0 if wanted in facts.companies else 1 for number, facts in candidates}


def _by_words(query: Query, index: Index) -> set[int]:
    """Where a whole name may stand: written in one word or in several, too."""
    return index.named_by(query.loose_words) | index.named(query.form)


def _by_beginnings(query: Query, index: Index) -> set[int]:
    return index.named_by(query.loose_words, beginnings=True) | index.named(query.form)


_READINGS: tuple[tuple[Reading, Callable[[Query, Index], set[int]], Reader], ...] = (
    (Reading.NAME, _by_words, _whole_names),
    (Reading.LOOSE_NAME, _by_words, _loose_names),
    (Reading.PART, _by_words, _words_of_names),
    (Reading.LIKE, _by_beginnings, _like_names),
    (Reading.TYPO, lambda query, index: index.misspelled(query.loose_words), _misspelled),
    (Reading.PIECE, lambda query, index: index.holding(query.loose_words), _pieces),
)
"""How a query may be read: what it is called, where it is looked for, and which of these are meant with what rank."""
