"""Which entries could have to do with one another, found by key and never by comparing all with all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import combinations

from hub.matching.facts import Facts, Identifier
from hub.matching.names import Likeness, NameForm, compare_all
from hub.matching.relations import Relation, is_role, relate
from hub.normalise import TAIL
from hub.person import Verdict

MANY = 30
"""With more holders of one identifier, those alike in name are compared with one of them and not with each other."""

Buckets = dict[str, list[int]]


class Index:
    """Entries by e-mail, last phone digits, customer number and words of their names; entries are numbered."""

    def __init__(self, facts: Sequence[Facts]) -> None:
        self.facts = facts
        self._emails: Buckets = defaultdict(list)
        self._tails: Buckets = defaultdict(list)
        self._customer_numbers: Buckets = defaultdict(list)
        self._shared: dict[Identifier, bool] = {}
        for number, item in enumerate(facts):
            _file(number, item.emails, self._emails)
            _file(number, item.tails, self._tails)
            _file(number, item.customer_numbers, self._customer_numbers)

    def holders(self, identifier: Identifier) -> list[int]:
        """The entries that bear an identifier."""
        kind, key = identifier
        if kind == "email":
            return self._emails.get(key, [])
        if kind == "customer_number":
            return self._customer_numbers.get(key, [])
        return [number for number in self._tails.get(key[-TAIL:], []) if key in self.facts[number].phones]

    def owners(self, identifier: Identifier) -> list[int]:
        """The entries whose person it surely is, not merely that of a record several persons share."""
        return [number for number in self.holders(identifier) if identifier not in self.facts[number].staying]

    def identifiers(self, number: int) -> Iterator[Identifier]:
        """The identifiers of an entry that some other entry may bear as well."""
        item = self.facts[number]
        for key in item.emails:
            if len(self._emails[key]) > 1:
                yield "email", key
        if any(len(self._tails[tail]) > 1 for tail in item.tails):
            for key in item.phones:
                yield "phone", key
        for key in item.customer_numbers:
            if len(self._customer_numbers[key]) > 1:
                yield "customer_number", key

    def is_shared(self, identifier: Identifier) -> bool:
        """Whether people of conflicting names bear it, or it is a mailbox of a company: it cannot tell who is who."""
        known = self._shared.get(identifier)
        if known is None:
            kind, key = identifier
            known = (kind == "email" and is_role(key)) or self._has_conflict(self.owners(identifier))
            self._shared[identifier] = known
        return known

    def _has_conflict(self, holders: Sequence[int]) -> bool:
        forms: set[tuple[NameForm, ...]] = {self.facts[number].forms for number in holders} - {()}
        return any(compare_all(one, other) is Likeness.CONFLICT for one, other in combinations(forms, 2))

    def by_identifier(self, number: int) -> set[int]:
        """The other entries with an identifier in common, shared or not."""
        found = {other for identifier in self.identifiers(number) for other in self.holders(identifier)}
        return found - {number}

    def by_name(self, number: int) -> set[int]:
        """The other entries whose name may be the same."""
        found = self.named(self.facts[number].forms)
        found.discard(number)
        return found

    def named(self, forms: Sequence[NameForm]) -> set[int]:
        """The entries whose name may be the same as one of these."""
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
        return found

    @cached_property
    def _names(self) -> Buckets:
        """The entries by the words of their names, two and two; made when first needed."""
        return self._filed(NameForm.word_keys)

    @cached_property
    def _initials(self) -> Buckets:
        """The entries whose name has an initial, by a whole word and that letter."""
        return self._filed(lambda form: form.initial_keys(initials=True) if form.has_initials else ())

    @cached_property
    def _whole(self) -> Buckets:
        """All entries by a whole word and the first letter of another one: what an initial may stand for."""
        return self._filed(lambda form: form.initial_keys(initials=False))

    def _filed(self, keys: Callable[[NameForm], Iterable[str]]) -> Buckets:
        buckets: Buckets = defaultdict(list)
        for number, item in enumerate(self.facts):
            for form in item.forms:
                _file(number, keys(form), buckets)
        return buckets

    def relation(self, one: int, other: int) -> Relation | None:
        """What the rules say about two entries, seen from `one`."""
        ours, theirs = self.facts[one], self.facts[other]
        common = [("email", key) for key in ours.emails if key in theirs.emails]
        if ours.tails & theirs.tails:
            common += [("phone", key) for key in ours.phones if key in theirs.phones]
        common += [("customer_number", key) for key in ours.customer_numbers if key in theirs.customer_numbers]
        own = [identifier for identifier in common if not self.is_shared(identifier)]
        return relate(ours, theirs, own, [identifier for identifier in common if identifier not in own])

    def neighbourhood(self, number: int) -> tuple[set[int], set[Identifier]]:
        """All entries reached through identifiers of their own, and these identifiers; the same from each of them."""
        entries, identifiers, waiting = {number}, set[Identifier](), [number]
        while waiting:
            for identifier in self.identifiers(waiting.pop()):
                if identifier in identifiers or self.is_shared(identifier):
                    continue
                identifiers.add(identifier)
                fresh = set(self.holders(identifier)) - entries
                entries |= fresh
                waiting += fresh
        return entries, identifiers

    def links(self, identifiers: set[Identifier]) -> dict[tuple[int, int], Relation]:
        """Every relation between holders of these identifiers that is a link, by the pair of their numbers."""
        pairs = {pair for identifier in identifiers for pair in self._pairs(self.holders(identifier))}
        judged = ((pair, self.relation(*pair)) for pair in sorted(pairs))
        return {pair: relation for pair, relation in judged if relation and relation.verdict is Verdict.LINK}

    def _pairs(self, holders: Sequence[int]) -> Iterator[tuple[int, int]]:
        if len(holders) <= MANY:
            yield from combinations(sorted(set(holders)), 2)
            return
        first: dict[object, int] = {}
        for number in sorted(set(holders)):
            leader = first.setdefault(self.facts[number].signature, number)
            if leader != number:
                yield leader, number
        yield from combinations(sorted(first.values()), 2)


def _file(number: int, keys: Iterable[str], buckets: Buckets) -> None:
    for key in set(keys):
        buckets[key].append(number)
