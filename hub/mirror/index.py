"""The index answered from the mirror: only the rows that a question touches are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from hub.matching.facts import Facts, Identifier
from hub.matching.index import Index
from hub.matching.names import NameForm
from hub.mirror import codec, keys
from hub.mirror.file import Loader, Mirror, unloaded
from hub.person import handle_of

MOST_WORDS = 400
"""A piece of a word that stands in more words than this is too short to say whom it means: the first of them count."""

MANY = 5_000
"""So many entries are not all made at once."""


class MirrorIndex(Index):
    """The entries of the mirror, by their row numbers."""

    def __init__(self, mirror: Mirror, region: str, load: Loader | None = None) -> None:
        super().__init__()
        self._mirror = mirror
        self._region = region
        self._load = load
        self._names = {number: known.name for number, known in mirror.sources().values()}
        self._facts: dict[int, Facts] = {}
        self._found: dict[str, list[int]] = {}
        self._counted: dict[str, int] = {}

    @property
    def size(self) -> int:
        """As counted when the sources were read."""
        return self._size

    @cached_property
    def _size(self) -> int:
        return sum(known.entries for _, known in self._mirror.sources().values())

    def __iter__(self) -> Iterator[int]:
        return iter(self._mirror.in_order())

    def __getitem__(self, number: int) -> Facts:
        facts = self._facts.get(number)
        if facts is None:
            facts = self._facts[number] = Facts(self._mirror.held(number, self._names, self._load), self._region)
        return facts

    def loaded(self) -> Index:
        """In memory: asking row by row about everybody would take minutes."""
        from hub.matching.memory import MemoryIndex

        if self.size < MANY:
            return MemoryIndex(list(self._mirror.everything(self._load)), self._region)
        from hub.mirror.shelf import shelf  # loads Arrow

        return MemoryIndex(shelf(self._mirror.rows(), self._mirror.shapes(), self._load or _unloaded), self._region)

    def number_of(self, key: tuple[str, str]) -> int | None:
        """By the hash of its key."""
        return next((number for number in self._mirror.tagged(keys.tag_token(*key)) if self[number].held.key == key), None)

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

    def named(self, forms: Sequence[NameForm]) -> set[int]:
        """By two words of the name, or by a word and an initial."""
        found: set[int] = set()
        for form in forms:
            queries = list(_same_names(form))
            alike = {number for query in queries for number in self._ask(query)}
            # The words of somebody's several names are told apart only by looking at the names.
            several = self._ask(f"({' OR '.join(f'({query})' for query in queries)}) AND {_quoted(keys.token(keys.SEVERAL, ''))}")
            found |= alike.difference(number for number in several if not any(map(form.meets, self[number].forms)))
        return found

    def bearers(self, word: str) -> int:
        """As the index counts them."""
        if word not in self._counted:
            self._counted[word] = self._mirror.bearers(word)
        return self._counted[word]

    def namesakes(self, key: str) -> int:
        """As the index counts them."""
        return self._mirror.count(keys.sorted_token(key))

    def meeting(self, facts: Facts) -> set[int]:
        """One question for each trait."""
        found: set[int] = set()
        asked: dict[str, list[str]] = {}
        for key in sorted(facts.asked(self.is_crowded, self.is_few)):
            first, _, trait = key.partition("@")
            asked.setdefault(trait, []).append(_beside(first, facts) if first else "")
        for trait, beside in asked.items():
            alone = _quoted(keys.token(keys.TRAIT, trait))
            found.update(self._ask(f"{alone} AND {_any(beside)}" if all(beside) else alone))
        return found

    def crowd(self, trait: str) -> int:
        """As the index counts them."""
        return self._mirror.count(keys.token(keys.TRAIT, trait))

    def bearing(self, words: Iterable[str]) -> set[int]:
        """In names or companies."""
        return self._all(
            f"({_quoted(keys.token(keys.NAME, word))} OR {_quoted(keys.token(keys.COMPANY, word))})" for word in words
        )

    def named_by(self, words: Iterable[str], *, beginnings: bool = False) -> set[int]:
        """In names."""
        return self._all(_quoted(keys.token(keys.NAME, word)) + ("*" if beginnings else "") for word in words)

    def misspelled(self, words: Sequence[str]) -> set[int]:
        """By the words that become equal when a letter is left out."""
        return self._all(_any(keys.token(keys.NAME, near) for near in sorted(self._mirror.words.near(word))) for word in words)

    def holding(self, pieces: Iterable[str]) -> set[int]:
        """Every word of the index is looked into."""
        return self._all(_any(self._words_with(piece)) for piece in pieces)

    def _words_with(self, piece: str) -> list[str]:
        inside = keys.token("", piece)
        found: list[str] = []
        for kind in (keys.NAME, keys.COMPANY, keys.EMAIL, keys.NUMBER, keys.KEY):
            rows = self._mirror.database.execute(
                "SELECT term FROM vocabulary WHERE term >= ? AND term < ? AND instr(term, ?) > 1 LIMIT ?",
                (kind, chr(ord(kind) + 1), inside, MOST_WORDS - len(found)),
            )
            found += [term for (term,) in rows.fetchall()]
        return found

    def _all(self, queries: Iterable[str]) -> set[int]:
        every = list(queries)
        return set(self._ask(" AND ".join(every))) if every and all(every) else set()

    def _ask(self, query: str) -> list[int]:
        found = self._found.get(query)
        if found is None:
            rows = self._mirror.database.execute("SELECT rowid FROM word WHERE word MATCH ?", (query,))
            found = self._found[query] = [number for (number,) in rows.fetchall()]
        return found


def _unloaded(_source: str, _ref: str) -> codec.Load:
    return unloaded


def _same_names(form: NameForm) -> Iterator[str]:
    yield _quoted(keys.token(keys.JOINED, form.joined))
    if form.long:
        return
    for pair in form.pairs():
        yield " AND ".join(_quoted(keys.token(keys.NAME, word)) for word in pair)
    for key in form.initial_keys(initials=False):
        word, _, letter = key.partition("~")
        yield f"{_quoted(keys.token(keys.NAME, word))} AND {_quoted(keys.token(keys.NAME, letter))}"
    if form.has_initials:
        for key in form.initial_keys(initials=True):
            yield _quoted(keys.initial_token(key))


def _beside(first: str, facts: Facts) -> str:
    """The word of the index for what is looked for beside a trait: a whole name, a birthday, or a word of a name."""
    if first.startswith("="):
        return keys.sorted_token(first[1:])
    return keys.token(keys.TRAIT if first in facts.born else keys.NAME, first)


def _any(tokens: Iterable[str]) -> str:
    """A query for any of these; "" for none, which nothing fits."""
    quoted = [_quoted(token) for token in tokens]
    return f"({' OR '.join(quoted)})" if quoted else ""


def _quoted(token: str) -> str:
    return f'"{token}"'
