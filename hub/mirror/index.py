"""The index answered from the mirror: only the rows that a question touches are read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from hub import normalise
from hub.matching import given, model
from hub.matching.facts import Facts, Identifier
from hub.matching.index import Index
from hub.matching.names import NameForm, first_looked_for, is_initial
from hub.mirror import codec, keys
from hub.mirror.file import Loader, Mirror, unloaded
from hub.person import handle_of

if TYPE_CHECKING:
    from hub.matching.decisions import Decisions
    from hub.matching.night import Settled

MOST_WORDS = 400
"""A piece of a word that stands in more words than this is too short to say whom it means: the first of them count."""

MANY = 5_000
"""So many entries are not all made at once, nor all those looked at who have two given names in common."""

FEW = 30
"""So many holders of an entry's identifiers are told apart by looking at them."""


class MirrorIndex(Index):
    """The entries of the mirror, by their row numbers."""

    def __init__(self, mirror: Mirror, region: str, load: Loader | None = None) -> None:
        super().__init__()
        self._mirror = mirror
        self._region = region
        self._load = load
        sources = mirror.sources().values()
        self._names = {number: known.name for number, known in sources}
        self._numbers = {name: number for number, name in self._names.items()}
        self._size = sum(known.entries for _, known in sources)
        self._facts: dict[int, Facts] = {}
        self._found: dict[str, list[int]] = {}
        self._borne: dict[int, list[Identifier]] = {}
        mirror.words.ready()

    @property
    def size(self) -> int:
        """As counted when the sources were read."""
        return self._size

    def __iter__(self) -> Iterator[int]:
        return iter(self._mirror.in_order())

    def __getitem__(self, number: int) -> Facts:
        facts = self._facts.get(number)
        if facts is None:
            facts = self._facts[number] = Facts(self._mirror.held(number, self._names, self._load), self._region)
        return facts

    def fetch(self, numbers: Iterable[int]) -> None:
        """In one question: each by itself costs several times as much."""
        missing = sorted(number for number in set(numbers) if number not in self._facts)
        for number, held in self._mirror.several(missing, self._names, self._load):
            self._facts[number] = Facts(held, self._region)

    def in_order(self, numbers: Iterable[int]) -> list[int]:
        """All of them are looked at."""
        several = set(numbers)
        self.fetch(several)
        return super().in_order(several)

    def identifiers(self, number: int) -> Sequence[Identifier]:
        """Asked for again and again; all of an entry in one question."""
        if number not in self._borne:
            self._hold_all(list(self[number].identifiers()))
            self._borne[number] = list(super().identifiers(number))
        return self._borne[number]

    def _hold_all(self, identifiers: Sequence[Identifier]) -> None:
        """Find out at once who bears each of these, if they are not many."""
        tokens = {item: keys.identifier_token(item) for item in identifiers}
        wanted = [item for item in identifiers if _quoted(tokens[item]) not in self._found]
        if len(wanted) < 2:
            return
        rows = self._mirror.database.execute(_LOOK + " LIMIT ?", (_any(tokens[item] for item in wanted), FEW)).fetchall()
        if len(rows) == FEW:
            return
        numbers = [number for (number,) in rows]
        self.fetch(numbers)
        borne = {number: {*self[number].identifiers()} for number in numbers}
        for item in wanted:
            self._found[_quoted(tokens[item])] = [number for number in numbers if item in borne[number]]

    def loaded(self) -> Index:
        """In memory: asking row by row about everybody would take minutes."""
        from hub.matching.memory import MemoryIndex

        if self.size < MANY:
            return MemoryIndex(list(self._mirror.everything(self._load)), self._region)
        from hub.mirror.shelf import shelf  # loads Arrow

        return MemoryIndex(shelf(self._mirror.rows(), self._mirror.shapes(), self._load or _unloaded), self._region)

    def settled(self, decisions: Decisions) -> Settled:
        """The mirror keeps what was worked out from one night to the next."""
        from hub.mirror import night  # loads numpy and Arrow

        return night.settled(self._mirror, self._region, self._load or _unloaded, decisions)

    def number_of(self, key: tuple[str, str]) -> int | None:
        """By the hash of its key."""
        return number_in(self._mirror, self._numbers, key)

    def with_ref(self, ref: str) -> Sequence[int]:
        """One look for each source."""
        found = (self.number_of((name, ref)) for name in self._names.values())
        return [number for number in found if number is not None]

    def with_handle(self, handle: str) -> Sequence[int]:
        """The handle is the hash of a key."""
        numbers = self._mirror.tagged(keys.handle_token(handle)) if handle.isalnum() else ()
        return [number for number in numbers if handle_of([self[number].held.key]) == handle]

    def holders(self, identifier: Identifier) -> Sequence[int]:
        """By its own word."""
        return self._ask(_quoted(keys.identifier_token(identifier)))

    def keyed(self, value: str) -> set[int]:
        """By its own word."""
        return set(self._ask(_quoted(keys.token(keys.KEY, value))))

    def named(self, forms: Sequence[NameForm], beside: Collection[str] | None = None, limit: int | None = None) -> set[int]:
        """By two words of the name, or by a word and an initial; all in one question."""
        standing_for = self._standing_for if beside is None and self._size >= MANY else None

        def may_tell(words: tuple[str, str]) -> bool:
            return limit is None or self._rarity_of(words) <= limit

        names = " OR ".join(dict.fromkeys(query for form in forms for query in _same_names(form, standing_for, may_tell)))
        if beside is None:
            return self._all([names])
        return self._all([f"({names})" if names else "", _any(keys.token(keys.TRAIT, trait) for trait in sorted(beside))])

    def _rarity_of(self, words: tuple[str, str]) -> int:
        """How common a name of these two words is, at the least: nobody who bears it is looked at."""
        bearers = [None if is_initial(word) else self.bearers(word) for word in words]
        return model.rarity_of(bearers, self.namesakes(" ".join(words)), 0, self._size)

    def _standing_for(self, one: str, other: str, rest: Sequence[str]) -> str:
        """A query for what makes more of two given names than their chance meeting: a word that stands for a third of them."""
        tokens: list[str] = []
        for word in rest:
            if is_initial(word):
                tokens += (keys.token(keys.INITIAL, f"{first}~{word}") for first in (one, other))
            near = {word, word[0], *self._mirror.words.near(word), *given.exchanged(word)} - {one, other}
            tokens += (keys.token(keys.NAME, third) for third in sorted(near))
        return _any(tokens)

    def spelled(self, joined: str) -> set[int]:
        """By its own word."""
        return set(self._ask(_quoted(keys.token(keys.JOINED, joined))))

    def bearers(self, word: str) -> int:
        """As the index counts them."""
        return self._mirror.bearers(word)

    def namesakes(self, key: str) -> int:
        """As the index counts them."""
        return self._mirror.count(keys.token(keys.SORTED, key))

    def called(self, key: str) -> Sequence[int]:
        """By its own word."""
        return self._ask(_quoted(keys.token(keys.SORTED, key)))

    def meeting(self, facts: Facts, traits: Collection[str]) -> set[int]:
        """One question for each trait."""
        found: set[int] = set()
        asked: dict[str, list[str]] = {}
        for key in sorted(facts.asked(self._among(traits, self.is_crowded), self._among(traits, self.is_few))) if traits else ():
            first, _, trait = key.partition("@")
            if trait in traits:
                asked.setdefault(trait, []).append(_beside(first, facts) if first else "")
        names = [keys.token(keys.JOINED, form.joined) for form in facts.forms]
        for trait, beside in asked.items():
            alone = _quoted(keys.token(keys.TRAIT, trait))
            found.update(self._ask(f"{alone} AND {_any((*names, *beside))}" if all(beside) else alone))
        return found

    @staticmethod
    def _among(traits: Collection[str], condition: Callable[[str], bool]) -> Callable[[str], bool]:
        return lambda trait: trait in traits and condition(trait)

    def crowd(self, trait: str) -> int:
        """As the index counts them."""
        return self._mirror.count(keys.token(keys.TRAIT, trait))

    def bearing(self, words: Iterable[str]) -> set[int]:
        """In names or companies."""
        return self._all(
            f"({_quoted(keys.token(keys.NAME, word))} OR {_quoted(keys.token(keys.COMPANY, word))})" for word in words
        )

    def named_by(self, words: Iterable[str]) -> set[int]:
        """In names."""
        return self._all(_quoted(keys.token(keys.NAME, word)) for word in words)

    def beginning(self, words: Sequence[str]) -> set[int]:
        """The rest only where some word begins as the longest does; by all whole words that do, unless they are many."""
        longest, initials, others = first_looked_for(words)
        queries = []
        for word in (longest, *others):
            query = self._beginning(keys.token(keys.NAME, word))
            if not query:
                return set()
            queries.append(query)
        for letter in initials:
            whole = [term for term in self._terms(keys.token(keys.INITIAL, longest)) if term.endswith(f"~{letter}")]
            queries.append(_any([keys.token(keys.NAME, letter), *whole]))
        return self._all(queries)

    def _beginning(self, token: str) -> str:
        terms = self._terms(token)
        # Where the index looks for the beginning itself, it reads all entries of all these words first.
        return _any(terms) if len(terms) < MOST_WORDS else f"{_quoted(token)}*"

    def _terms(self, token: str) -> list[str]:
        """The words of the index that begin so, the first of them."""
        rows = self._mirror.database.execute(
            "SELECT term FROM vocabulary WHERE term >= ? AND term < ? LIMIT ?", (token, token + _LAST, MOST_WORDS)
        )
        return [term for (term,) in rows.fetchall()]

    def misspelled(self, words: Sequence[str]) -> set[int]:
        """By the words that become equal when a letter is left out."""
        return self._all(_any(keys.token(keys.NAME, near) for near in sorted(self._mirror.words.near(word))) for word in words)

    def holding(self, pieces: Iterable[str]) -> set[int]:
        """Every word of the index is looked into."""
        return self._all(_any(self._words_with(piece)) for piece in pieces)

    def _words_with(self, piece: str) -> list[str]:
        found: list[str] = []
        loose = normalise.loose(piece)
        for kind in (keys.NAME, keys.COMPANY, keys.EMAIL, keys.NUMBER, keys.KEY):
            rows = self._mirror.database.execute(
                "SELECT term FROM vocabulary WHERE term >= ? AND term < ? AND instr(term, ?) > 1 LIMIT ?",
                (kind, chr(ord(kind) + 1), loose if kind in _LOOSE else piece, MOST_WORDS - len(found)),
            )
            found += [term for (term,) in rows.fetchall()]
        return found

    def _all(self, queries: Iterable[str]) -> set[int]:
        every = list(queries)
        return set(self._ask(" AND ".join(every))) if every and all(every) else set()

    def _ask(self, query: str) -> list[int]:
        found = self._found.get(query)
        if found is None:
            rows = self._mirror.database.execute(_LOOK, (query,))
            found = self._found[query] = [number for (number,) in rows.fetchall()]
        return found


def _unloaded(_source: str, _ref: str) -> codec.Load:
    return unloaded


_LOOK = "SELECT rowid FROM word WHERE word MATCH ?"
_LOOSE = (keys.NAME, keys.COMPANY)
_LAST = chr(0x10FFFF)
"""No word goes on with a sign behind this one."""


def number_in(mirror: Mirror, sources: Mapping[str, int], key: tuple[str, str]) -> int | None:
    """The number of the first entry of the mirror with this (source, ref); `sources` are those in it with their numbers."""
    found = mirror.places(sources[key[0]], *key) if key[0] in sources else ()
    return found[0][0] if found else None


def _same_names(
    form: NameForm,
    standing_for: Callable[[str, str, Sequence[str]], str] | None,
    may_tell: Callable[[tuple[str, str]], bool],
) -> Iterator[str]:
    """Queries for names like this one.

    `standing_for` says what else there must be beside two given names: many bear them; `may_tell` whether to look for a
    name of just two words of a longer one.
    """
    yield _quoted(keys.token(keys.JOINED, form.joined))
    ever = {*form.family, *form.former}
    for pair in form.pairs():
        if len(form.words) <= len(pair) or may_tell(pair):
            yield _quoted(keys.token(keys.SORTED, " ".join(pair)))
        among = _quoted(keys.token(keys.PAIR, " ".join(pair)))
        rest = [word for word in form.words if word not in pair]
        if standing_for and rest and (ever.isdisjoint(pair) or not set(form.given).intersection(pair)):
            yield f"({among} AND {standing_for(*pair, rest)})"
        else:
            yield among
    for key in form.initial_keys(initials=False):
        yield _quoted(keys.token(keys.SHORT, key))
    if form.has_initials:
        for key in form.initial_keys(initials=True):
            yield _quoted(keys.token(keys.INITIAL, key))


def _beside(first: str, facts: Facts) -> str:
    """The word of the index for what is looked for beside a trait: a whole name, a birthday, or a word of a name."""
    if first.startswith("="):
        return keys.token(keys.SORTED, first[1:])
    return keys.token(keys.TRAIT if first in facts.born else keys.NAME, first)


def _any(tokens: Iterable[str]) -> str:
    """A query for any of these; "" for none, which nothing fits."""
    quoted = [_quoted(token) for token in tokens]
    return f"({' OR '.join(quoted)})" if quoted else ""


def _quoted(token: str) -> str:
    return '"{}"'.format(token.replace('"', '""'))
