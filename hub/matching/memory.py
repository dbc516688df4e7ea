"""The index of entries that all lie in memory."""

from __future__ import annotations

from abc import abstractmethod
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, overload

from hub import normalise
from hub.matching import typos
from hub.matching.facts import Facts, Identifier
from hub.matching.index import MANY, Index
from hub.matching.names import NameForm, first_looked_for
from hub.normalise import TAIL
from hub.person import Held, handle_of

if TYPE_CHECKING:
    from hub.matching.night.makeup import Numbered
    from hub.matching.night.sheet import Sheet

__all__ = ["MANY", "MemoryIndex"]

Buckets = dict[str, list[int]]

KEPT = 100_000
"""Of so many entries at once what they say is kept: with more, it is read off again when it is asked for again."""


class InOrder(Sequence[Held]):
    """Entries that are in the order of their keys already, each made only when it is asked for."""

    @abstractmethod
    def sheet(self) -> Sheet:
        """Their columns, for the nightly run."""

    @overload
    def __getitem__(self, number: int) -> Held: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Held]: ...
    def __getitem__(self, number: int | slice) -> Held | Sequence[Held]:
        if isinstance(number, slice):
            return self.many(range(*number.indices(len(self))))
        return self.one(number)

    @abstractmethod
    def one(self, number: int) -> Held:
        """The entry in that place. Raises IndexError where there is none."""

    @abstractmethod
    def many(self, numbers: Sequence[int]) -> Sequence[Held]:
        """Many of them at once."""


class MemoryIndex(Index):
    """Entries by e-mail, last phone digits, customer number and words of their names; phones are parsed when needed."""

    numbered: Numbered | None = None
    """Numbers of the entries that last from night to night, where they have some."""

    def __init__(self, held: Sequence[Held], region: str) -> None:
        super().__init__()
        self.held = held if isinstance(held, InOrder) else _in_order(held)
        self.region = region
        self._facts: dict[int, Facts] = {}

    @property
    def size(self) -> int:
        """How many entries were given."""
        return len(self.held)

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.held)))

    def __getitem__(self, number: int) -> Facts:
        facts = self._facts.get(number)
        if facts is None:
            if len(self._facts) >= KEPT:
                self._facts.clear()
            facts = self._facts[number] = Facts(self.held[number], self.region)
        return facts

    def entries(self, numbers: Sequence[int]) -> Sequence[Held]:
        """As they were given."""
        return self.held.many(numbers) if isinstance(self.held, InOrder) else [self.held[number] for number in numbers]

    def fetch(self, numbers: Iterable[int]) -> None:
        """They are."""

    def in_order(self, numbers: Iterable[int]) -> list[int]:
        """They are numbered in that order."""
        return sorted(set(numbers))

    def number_of(self, key: tuple[str, str]) -> int | None:
        """By its key."""
        return self._numbers.get(key)

    def with_ref(self, ref: str) -> Sequence[int]:
        """Looked for one by one: rarely asked."""
        return [number for number, held in enumerate(self.held) if held.entry.ref == ref]

    def with_handle(self, handle: str) -> Sequence[int]:
        """Looked for one by one: rarely asked."""
        return [number for number, held in enumerate(self.held) if handle_of([held.key]) == handle]

    def identifiers(self, number: int) -> Iterator[Identifier]:
        """Without parsing the phones of an entry whose last digits nobody else has."""
        item = self[number]
        for key in item.emails:
            if len(self._emails[key]) > 1:
                yield "email", key
        if any(len(self._tails[tail]) > 1 for tail in item.tails):
            for key in item.phones:
                yield "phone", key
        for key in item.customer_numbers:
            if len(self._customer_numbers[key]) > 1:
                yield "customer_number", key

    def holders(self, identifier: Identifier) -> Sequence[int]:
        """By the key; phones are parsed only where the last digits agree."""
        kind, key = identifier
        if kind == "email":
            return self._emails.get(key, [])
        if kind == "customer_number":
            return self._customer_numbers.get(key, [])
        return [number for number in self._tails.get(key[-TAIL:], []) if key in self[number].phones]

    def keyed(self, value: str) -> set[int]:
        """By the folded value."""
        return set(self._keys.get(value, ()))

    def named(self, forms: Sequence[NameForm], beside: Collection[str] | None = None, limit: int | None = None) -> set[int]:
        """By two words of the name, or by a word and an initial; nobody is left out."""
        del limit
        found: set[int] = set()
        for form in forms:
            for key in form.word_keys():
                found.update(self._names.get(key, ()))
            if self._initials:
                for key in form.initial_keys(initials=False):
                    found.update(self._initials.get(key, ()))
            if form.has_initials:
                for key in form.initial_keys(initials=True):
                    found.update(self._whole.get(key, ()))
        return found if beside is None else found & _under(beside, self._traits)

    def spelled(self, joined: str) -> set[int]:
        """By the name in one word."""
        return set(self._names.get(f"={joined}", ()))

    def bearers(self, word: str) -> int:
        """Counted from the entries by word."""
        return len(self._words.get(word, ()))

    def namesakes(self, key: str) -> int:
        """Counted from the entries by name."""
        return len(self._name_keys.get(key, ()))

    def called(self, key: str) -> Sequence[int]:
        """By the name."""
        return self._name_keys.get(key, [])

    def meeting(self, facts: Facts, traits: Collection[str]) -> set[int]:
        """By both at once."""
        keys = facts.asked(
            lambda trait: trait in traits and self.is_crowded(trait), lambda trait: trait in traits and self.is_few(trait)
        )
        found = _under((key for key in keys if key.partition("@")[2] in traits), self._meetings)
        return found | (_under((f"={form.joined}" for form in facts.forms), self._names) & _under(traits, self._traits))

    def abbreviated(self, keys: Iterable[str]) -> list[str]:
        """Those of these keys for which some entry has an initial."""
        return [key for key in keys if key in self._initials]

    def crowd(self, trait: str) -> int:
        """Counted from the entries by trait."""
        return len(self._traits.get(trait, ()))

    def bearing(self, words: Iterable[str]) -> set[int]:
        """From the words of names and companies."""
        return _in_all({*self._words.get(word, ()), *self._companies.get(word, ())} for word in words)

    def named_by(self, words: Iterable[str]) -> set[int]:
        """From the words of names."""
        return _in_all(self._words.get(word, ()) for word in words)

    def beginning(self, words: Sequence[str]) -> set[int]:
        """Every known word is looked at."""
        longest, initials, others = first_looked_for(words)
        meant = [self._beginning(word) for word in (longest, *others)]
        whole = [known for known in self._words if known.startswith(longest)] if initials else []
        meant += (
            _under((f"{known}~{letter}" for known in whole), self._whole) | {*self._words.get(letter, ())} for letter in initials
        )
        return _in_all(meant)

    def _beginning(self, word: str) -> set[int]:
        return _under([known for known in self._words if known.startswith(word)], self._words)

    def misspelled(self, words: Sequence[str]) -> set[int]:
        """By the words that become equal when a letter is left out."""
        return _in_all(_under(self._spelled_like(word), self._words) for word in words)

    def holding(self, pieces: Iterable[str]) -> set[int]:
        """Every known word is looked into."""
        return _in_all(
            {
                number
                for bucket, told in ((self._words, loose), (self._companies, loose), (self._texts, piece))
                for known, numbers in bucket.items()
                if told in known
                for number in numbers
            }
            for piece, loose in ((piece, normalise.loose(piece)) for piece in pieces)
        )

    def _spelled_like(self, word: str) -> set[str]:
        near = {known for part in typos.shortened(word) for known in self._shortened.get(part, ())}
        return {known for known in near if typos.alike(word, known)}

    @cached_property
    def _emails(self) -> Buckets:
        return self._filed(lambda facts: facts.emails)

    @cached_property
    def _tails(self) -> Buckets:
        return self._filed(lambda facts: facts.tails)

    @cached_property
    def _customer_numbers(self) -> Buckets:
        return self._filed(lambda facts: facts.customer_numbers)

    @cached_property
    def _numbers(self) -> dict[tuple[str, str], int]:
        return {held.key: number for number, held in enumerate(self.held)}

    @cached_property
    def _keys(self) -> Buckets:
        return self._filed(lambda facts: facts.keys)

    @cached_property
    def _words(self) -> Buckets:
        return self._filed(lambda facts: facts.words)

    @cached_property
    def _name_keys(self) -> Buckets:
        return self._filed(lambda facts: [form.key for form in facts.forms])

    @cached_property
    def _meetings(self) -> Buckets:
        return self._filed(lambda facts: facts.meetings)

    @cached_property
    def _traits(self) -> Buckets:
        return self._filed(lambda facts: facts.traits)

    @cached_property
    def _companies(self) -> Buckets:
        return self._filed(lambda facts: facts.company_words)

    @cached_property
    def _texts(self) -> Buckets:
        return self._filed(lambda facts: facts.texts)

    @cached_property
    def _shortened(self) -> dict[str, list[str]]:
        buckets: dict[str, list[str]] = defaultdict(list)
        for word in self._words:
            for part in typos.shortened(word):
                buckets[part].append(word)
        return buckets

    @cached_property
    def _names(self) -> Buckets:
        """The entries by the words of their names, two and two; made when first needed."""
        return self._filed(lambda facts: _keys_of(facts, NameForm.word_keys))

    @cached_property
    def _initials(self) -> Buckets:
        """The entries whose name has an initial, by a whole word and that letter."""
        return self._filed(
            lambda facts: _keys_of(facts, lambda form: form.initial_keys(initials=True) if form.has_initials else ())
        )

    @cached_property
    def _whole(self) -> Buckets:
        """All entries by a whole word and the first letter of another one: what an initial may stand for."""
        return self._filed(lambda facts: _keys_of(facts, lambda form: form.initial_keys(initials=False)))

    def _filed(self, keys: Callable[[Facts], Iterable[str]]) -> Buckets:
        buckets: Buckets = defaultdict(list)
        for number in self:
            for key in set(keys(self[number])):
                buckets[key].append(number)
        return buckets


def _keys_of(facts: Facts, keys: Callable[[NameForm], Iterable[str]]) -> Iterator[str]:
    return (key for form in facts.forms for key in keys(form))


def _under(words: Iterable[str], buckets: Buckets) -> set[int]:
    return {number for word in words for number in buckets.get(word, ())}


def _in_all(groups: Iterable[Iterable[int]]) -> set[int]:
    """What is in every one of these; nothing, when there is none."""
    found: set[int] | None = None
    for group in groups:
        found = set(group) if found is None else found.intersection(group)
    return found or set()


def _in_order(held: Sequence[Held]) -> list[Held]:
    """The entries in an order that does not depend on how they were listed."""
    ordered = sorted(held, key=lambda item: item.key)
    if len({item.key for item in ordered}) < len(ordered):
        # No two entries of a source should have one ref; if they do, what they hold decides.
        ordered.sort(key=lambda item: (*item.key, [(field.kind, field.value) for field in item.entry.fields]))
    return ordered
