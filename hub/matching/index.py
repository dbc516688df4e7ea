"""Which entries could have to do with one another, found by key and never by comparing all with all.

`Index` is a port: the same questions are answered from entries in memory and from the encrypted mirror of the sources.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from hub.matching import model
from hub.matching.evidence import Common, compare, name_level
from hub.matching.faces import Face, led
from hub.matching.facts import Facts, Identifier
from hub.matching.mailboxes import is_role
from hub.matching.model import Levels
from hub.matching.names import NameForm, is_initial
from hub.matching.relations import Judgement, judge
from hub.matching.worth import Worth
from hub.person import Held, Verdict

if TYPE_CHECKING:
    from hub.matching.decisions import Decisions
    from hub.matching.night import Settled

MANY = 30
"""With more holders of one identifier, those alike in name are compared with one of them and not with each other."""

Links = dict[tuple[int, int], Judgement]
"""What was judged about pairs of entries that are linked, by their numbers, the smaller one first."""


class Index(ABC):
    """Entries, each with a number of its own, by the keys under which they can be found."""

    def __init__(self) -> None:
        self._shared: dict[Identifier, bool] = {}
        self._rarities: dict[NameForm, int] = {}
        self._known: Mapping[tuple[int, int], Levels] | None = None
        self._partners: dict[int, set[int]] = {}

    @property
    @abstractmethod
    def size(self) -> int:
        """How many entries there are."""

    @abstractmethod
    def __iter__(self) -> Iterator[int]:
        """The numbers of all entries, those of one source together and by their refs."""

    @abstractmethod
    def __getitem__(self, number: int) -> Facts:
        """What the entry with that number says."""

    def entries(self, numbers: Sequence[int]) -> Sequence[Held]:
        """The entries with these numbers, in their order; nothing of them is kept that was not."""
        return [self[number].held for number in numbers]

    @abstractmethod
    def number_of(self, key: tuple[str, str]) -> int | None:
        """The number of the entry with this (source, ref), None where there is none."""

    @abstractmethod
    def with_ref(self, ref: str) -> Sequence[int]:
        """The entries of any source that have this ref."""

    @abstractmethod
    def with_handle(self, handle: str) -> Sequence[int]:
        """The entries that alone would give a person this handle."""

    @abstractmethod
    def holders(self, identifier: Identifier) -> Sequence[int]:
        """The entries that bear an identifier."""

    @abstractmethod
    def keyed(self, value: str) -> set[int]:
        """The entries of which this folded value is a customer number, business id or another key, as a whole."""

    @abstractmethod
    def named(self, forms: Sequence[NameForm], beside: Collection[str] | None = None, limit: int | None = None) -> set[int]:
        """The entries whose name may be the same as one of these, or with two words of it and one of the traits `beside` it.

        Those whose name is just two words of a longer one, and more common than the `limit`, may be left out.
        """

    @abstractmethod
    def spelled(self, joined: str) -> set[int]:
        """The entries with a name that is this, its loose words written as one."""

    @abstractmethod
    def bearers(self, word: str) -> int:
        """How many entries have this loose word in a name: the rarity of a name comes from here."""

    @abstractmethod
    def namesakes(self, key: str) -> int:
        """How many entries have a name of exactly these loose words (`NameForm.key`)."""

    @abstractmethod
    def called(self, key: str) -> Sequence[int]:
        """The entries that have a name of exactly these loose words."""

    @abstractmethod
    def meeting(self, facts: Facts, traits: Collection[str]) -> set[int]:
        """The entries with one of these traits: at the address of a few, or with a word of the name, all of it in one, or a birthday."""

    @abstractmethod
    def crowd(self, trait: str) -> int:
        """How many entries have this trait (`Facts.traits`): a company, a place."""

    @abstractmethod
    def bearing(self, words: Iterable[str]) -> set[int]:
        """The entries among whose names and companies each of these loose words stands as a whole."""

    @abstractmethod
    def named_by(self, words: Iterable[str]) -> set[int]:
        """The entries in whose names each of these loose words stands as a whole."""

    @abstractmethod
    def beginning(self, words: Sequence[str]) -> set[int]:
        """The entries in whose names each of these loose words begins a word; initials beside longer ones begin another."""

    @abstractmethod
    def misspelled(self, words: Sequence[str]) -> set[int]:
        """The entries in whose names each of these loose words stands, give or take a typing error."""

    @abstractmethod
    def holding(self, pieces: Iterable[str]) -> set[int]:
        """The entries in which each of these pieces stands somewhere: loosely in names and companies, as it is in e-mails and keys."""

    @abstractmethod
    def fetch(self, numbers: Iterable[int]) -> None:
        """Have these entries at hand: they will be asked for one by one."""

    def loaded(self) -> Index:
        """The same entries all at hand, for a question about everybody."""
        return self

    def settled(self, decisions: Decisions) -> Settled | None:
        """Who is who among all entries, where something is kept that makes it cheap to say; None where nothing is."""
        del decisions
        return None

    def in_order(self, numbers: Iterable[int]) -> list[int]:
        """These entries, each once, by their keys: the numbers themselves say nothing that lasts."""
        return sorted(set(numbers), key=lambda number: self[number].held.key)

    def owners(self, identifier: Identifier) -> list[int]:
        """The entries whose person it surely is, not merely that of a record several persons share."""
        return list(self._owners(identifier))

    def _owners(self, identifier: Identifier) -> Iterator[int]:
        return (number for number in self.holders(identifier) if identifier not in self[number].staying)

    def identifiers(self, number: int) -> Iterable[Identifier]:
        """The identifiers of an entry that some other entry may bear as well."""
        yield from (identifier for identifier in self[number].identifiers() if len(self.holders(identifier)) > 1)

    def is_shared(self, identifier: Identifier) -> bool:
        """Whether people of conflicting names bear it, or it is a mailbox of a company: it cannot tell who is who."""
        known = self._shared.get(identifier)
        if known is None:
            kind, key = identifier
            # A number that somebody gave is not shared by chance: its holders must be two people for certain.
            certain = kind == "customer_number"
            known = (kind == "email" and is_role(key)) or self._has_conflict(self._owners(identifier), certain=certain)
            self._shared[identifier] = known
        return known

    def _has_conflict(self, holders: Iterable[int], *, certain: bool) -> bool:
        named: dict[Face, None] = {}
        for facts in map(self.__getitem__, holders):
            face = Face(frozenset(facts.forms), frozenset(facts.birthdays))
            if face.forms and face not in named:
                # Of many holders the first few tell.
                if any(face.names_conflict(other, certain=certain) for other in named):
                    return True
                named[face] = None
        return False

    def know(self, levels: Mapping[tuple[int, int], Levels]) -> None:
        """Take over how all those pairs compare, the smaller number first, that are worth a verdict: see `bulk`."""
        self._known = levels
        self._partners = defaultdict(set)
        for one, other in levels:
            self._partners[one].add(other)
            self._partners[other].add(one)

    def candidates(self, number: int) -> set[int]:
        """The other entries that may turn out to be of the same person: all that any evidence could make a question."""
        if self._known is not None:
            found = set(self._partners.get(number, ())).union(*map(self.holders, self._of_many(number)))
            found.discard(number)
            return found
        found = {other for key in self.identifiers(number) for other in self.few_holders(key)}
        found |= self._without_identifier(number)
        found.discard(number)
        return found

    def _without_identifier(self, number: int) -> set[int]:
        """Those of the candidates that a company, a place, a birthday or the bare name alone could make a question.

        Where that takes more than one trait in common, only those with the most telling ones are looked for.
        """
        item, rarity, limit = self[number], self.rarity(number), model.bare_limit(self.size)
        worth = Worth(item, rarity, self.size, self.is_few)
        # How many have a trait need not be counted where it would not help if they were few.
        if not Worth(item, rarity, self.size, bool).matters(item.traits):
            return set()
        traits = {trait for trait in item.traits if self.crowd(trait) > 1}
        if not worth.matters(traits):
            return set()
        # Beside a birthday a town may tell, too.
        asked = worth.telling(traits if item.birthdays else traits - item.towns)
        found = self._worthy(worth, self.meeting(item, asked))
        if rarity <= limit:
            named = self._worthy(worth, self._named(worth, traits, asked))
            # Both must be rare enough, so that what is asked about one is asked about the other.
            found.update(other for other in named if self.rarity(other) <= limit and self._has_name_of(other, item))
        return found

    def _worthy(self, worth: Worth, numbers: Collection[int]) -> set[int]:
        """Those of these entries with whose names, and with no more than the traits in common, there may be a verdict."""
        self.fetch(numbers)
        item, found = worth.facts, set()
        for number in numbers:
            name = name_level(item, self[number])
            if model.is_hopeless(name):
                continue
            common = item.traits & self[number].traits
            # How common a name is takes a look at many entries: first, as if it were rare.
            if worth.matters(common, name) and worth.matters(common, name, self.rarity(number)):
                found.add(number)
        return found

    def _has_name_of(self, number: int, item: Facts) -> bool:
        """Whether a name meets a name: the words of somebody's several names are none."""
        forms = self[number].forms
        return len(forms) == 1 or any(one.meets(other) for one in item.forms for other in forms)

    def _named(self, worth: Worth, traits: Collection[str], asked: Collection[str]) -> set[int]:
        """The entries whose name could alone make a question, or with one of the traits beside which `meeting` did not find them."""
        item = worth.facts
        if not worth.matters(()):
            beside = [trait for trait in worth.telling(traits) if trait not in asked or self.is_crowded(trait)]
            return self.named(item.forms, beside) if beside else set()
        found = self.named(item.forms, limit=model.alone_limit(self.size, born=bool(item.birthdays)))
        if any(len(form.words) > 2 for form in item.forms):
            # Two of its words alone say little: with any trait, more.
            found |= self.named(item.forms, worth.helpful(traits))
        return found

    def _of_many(self, number: int) -> list[Identifier]:
        """The identifiers of an entry that are its own and stand in many others: the bulk evaluator leaves them out."""
        return [item for item in self.identifiers(number) if len(self.holders(item)) > MANY and not self.is_shared(item)]

    def is_thronged(self, identifier: Identifier) -> bool:
        """Whether so many bear an identifier that, if they share it, it says nothing."""
        return len(self.holders(identifier)) > int(model.settings()["crowd"])

    def few_holders(self, identifier: Identifier) -> Sequence[int]:
        """The entries that bear an identifier, unless many people share it."""
        return self.holders(identifier) if not self.is_thronged(identifier) or not self.is_shared(identifier) else ()

    def rarity(self, number: int) -> int:
        """How common the most common full name of an entry is: the power of two of the expected number of namesakes."""
        forms = self[number].forms
        full = [form for form in forms if len(form.words) > 1]
        return max(map(self._rarity, full or forms), default=model.RAREST[0])

    def _rarity(self, form: NameForm) -> int:
        known = self._rarities.get(form)
        if known is None:
            bearers = [None if is_initial(word) else self.bearers(word) for word in form.words]
            namesakes = self.namesakes(form.key)

            def rarity(looks: int) -> int:
                return model.rarity_of(bearers, namesakes, looks, self.size)

            known = rarity(0)
            if known < rarity(min(namesakes, int(model.settings()["most"]))):  # else nobody need be looked at
                known = rarity(self._looks(form.key, namesakes))
            self._rarities[form] = known
        return known

    def _looks(self, key: str, namesakes: int) -> int:
        """How many of those who bear a name differ in more than that, as far as the model asks; of very many as many as it asks."""
        figures = model.settings()
        usual, most = int(figures["usual"]), int(figures["most"])
        if namesakes <= usual or namesakes > int(figures["throng"]):
            return min(namesakes, most)
        looks: set[object] = set()
        for number in self.called(key):
            looks.add(self[number].look)
            if len(looks) == most:
                break
        return len(looks)

    def is_crowded(self, trait: str) -> bool:
        """Whether so many have a company or place that a word of the name beside it says nothing."""
        return self.crowd(trait) > int(model.settings()["throng"])

    def is_few(self, trait: str) -> bool:
        """Whether a company or place is that of a few entries only."""
        return self.crowd(trait) <= int(model.settings()["few"])

    def common(self, one: int, other: int) -> Common:
        """The identifiers two entries have in common."""
        ours, theirs = self[one], self[other]
        common = [("email", key) for key in ours.emails if key in theirs.emails]
        if ours.tails & theirs.tails:
            common += [("phone", key) for key in ours.phones if key in theirs.phones]
        common += [("customer_number", key) for key in ours.customer_numbers if key in theirs.customer_numbers]
        own = [identifier for identifier in common if not self.is_shared(identifier)]
        shared = [item for item in common if item not in own and not self.is_thronged(item)]
        return Common(own, shared, [item for item in common if item not in own and item not in shared])

    def levels(self, one: int, other: int) -> Levels:
        """How two entries compare."""
        known = self._known.get((min(one, other), max(one, other))) if self._known else None
        if known is not None:
            return known
        rarity = max(self.rarity(one), self.rarity(other))
        return compare(self[one], self[other], self.common(one, other), rarity, self.is_few)

    def judge(self, one: int, other: int) -> Judgement | None:
        """What the model says about two entries."""
        return judge(self.levels(one, other), self.size)

    def component(self, number: int) -> tuple[set[int], Links]:
        """All entries that links may join with this one, directly or over others, and these links."""
        if self._known is not None:
            return self._linked(number)
        entries, identifiers, born = self.neighbourhood(number)
        return entries, self.links(identifiers, born)

    def _linked(self, number: int) -> tuple[set[int], Links]:
        """`component`, when all pairs are known."""
        entries, links, waiting = {number}, Links(), [number]
        while waiting:
            one = waiting.pop()
            found = self.links(self._of_many(one), ((min(one, other), max(one, other)) for other in self._partners.get(one, ())))
            fresh = {other for pair in found for other in pair} - entries
            links |= found
            entries |= fresh
            waiting += fresh
        return entries, links

    def neighbourhood(self, number: int) -> tuple[set[int], set[Identifier], set[tuple[int, int]]]:
        """All entries reached through identifiers of their own or without any; these identifiers, and pairs without any.

        It is the same from each of them.
        """
        entries, identifiers, pairs, waiting = {number}, set[Identifier](), set[tuple[int, int]](), [number]
        while waiting:
            one = waiting.pop()
            reached = self._born_alike(one) | self._at_one_desk(one)
            pairs |= {(min(one, other), max(one, other)) for other in reached}
            for identifier in self.identifiers(one):
                if identifier not in identifiers and not self.is_shared(identifier):
                    identifiers.add(identifier)
                    reached |= {*self.holders(identifier)}
            waiting += reached - entries
            entries |= reached
        return entries, identifiers, pairs

    def _born_alike(self, number: int) -> set[int]:
        """The other entries with a birthday and something else in common."""
        item = self[number]
        near = self.meeting(item, item.traits) if item.birthdays else ()
        return {other for other in near if other != number and not item.born.isdisjoint(self[other].born)}

    def _at_one_desk(self, number: int) -> set[int]:
        """The other entries of its name at its address of its company, if that is a small one."""
        item = self[number]
        firms = {firm for firm in item.firms if self.is_few(firm)} if item.forms and item.places else ()
        near = self.meeting(item, firms) if firms else ()
        self.fetch(near)
        alike = (other for other in near if other != number and not item.places.keys().isdisjoint(self[other].places))
        return {other for other in alike if model.are_at_one_desk(self.levels(number, other))}

    def links(self, identifiers: Iterable[Identifier], pairs: Iterable[tuple[int, int]]) -> Links:
        """Every judgement about these pairs and the holders of these identifiers that is a link, by the pair."""
        wanted = {pair for identifier in identifiers for pair in self._pairs(self.holders(identifier))}.union(pairs)
        judged = ((pair, self.judge(*pair)) for pair in sorted(wanted))
        return {pair: told for pair, told in judged if told and told.verdict is Verdict.LINK and self._holds(pair, told)}

    def _holds(self, pair: tuple[int, int], judged: Judgement) -> bool:
        """What a desk alone links does not hold in a family's firm."""
        return not (model.are_at_one_desk(judged.levels) and any(self[number].is_of_family_firm for number in pair))

    def _pairs(self, holders: Sequence[int]) -> Iterator[tuple[int, int]]:
        if len(holders) <= MANY:
            yield from combinations(self.in_order(holders), 2)
            return
        yield from led(self.in_order(holders), lambda number: self[number].signature)
