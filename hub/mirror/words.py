"""The words under which entries are found, and which of them are meant by a word with a typing error."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Any

from connectors._digest import sha256
from hub.matching import typos
from hub.mirror.keys import BETWEEN

_SIGNS = "".join(sign for sign in map(chr, range(ord(" "), 127)) if not sign.isalnum())
"""What may stand in a word as well as letters and digits: words are lines (`keys.BETWEEN`)."""

_OPTION = "ascii tokenchars '{}'".format(_SIGNS.replace("'", "''")).replace('"', '""')

TABLES = (
    # A leaf of the index fills a page of the file: one that does not fit would take two.
    f"""CREATE VIRTUAL TABLE IF NOT EXISTS word USING
    fts5(words, content='', detail='none', columnsize=0, tokenize="{_OPTION}")""",
    "INSERT INTO word (word, rank) VALUES ('pgsz', 3940)",
    "INSERT INTO word (word, rank) VALUES ('secure-delete', 1)",
    "INSERT INTO word (word, rank) VALUES ('hashsize', 67108864)",
    "CREATE VIRTUAL TABLE IF NOT EXISTS vocabulary USING fts5vocab(word, 'row')",
    "CREATE TABLE IF NOT EXISTS typo (part INTEGER PRIMARY KEY, missing TEXT NOT NULL)",
)

_KEPT = 64_000
"""Kilobytes that a reader may keep of the file: the words of the common names are asked for again and again."""

_MOST_COUNTS = 100_000

_MANY = 20_000
"""Putting together the words of a million entries takes as long as reading so many."""

_AT_ONCE = 1_000
"""So many words are looked up in one question."""

_FIRST = ord("A")
_WHOLE = "  "
"""Stands in place of a missing letter where the part is the word itself."""


class Words:
    """The word index of the mirror: each entry's words in one text, as `hub.mirror.tokens` puts them together."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._counts: dict[str, int] = {}
        self._changes = 0
        self._added = 0

    def ready(self) -> None:
        """To be called before questions are asked: what was counted holds until somebody changes the file."""
        self._database.execute(f"PRAGMA cache_size = -{_KEPT}")
        (changes,) = self._database.execute("PRAGMA data_version").fetchone()
        if changes != self._changes or len(self._counts) > _MOST_COUNTS:
            self._counts.clear()
        self._changes = changes

    def add(self, words: Iterable[tuple[int, str]]) -> None:
        """Add the words of entries, by their numbers in ascending order."""
        self._counts.clear()
        self._added += self._database.executemany("INSERT INTO word (rowid, words) VALUES (?, ?)", words).rowcount

    def settle(self) -> None:
        """Put the index together when very many were added: a question looks into each piece that it is in."""
        if self._added > _MANY:
            self._database.execute("INSERT INTO word (word) VALUES ('optimize')")
            self._added = 0

    def remove(self, words: Iterable[tuple[int, str]]) -> None:
        """Remove the words of entries, in ascending order: those under which they were added, nothing of them stays."""
        self._counts.clear()
        # The index counts: it takes itself for damaged when more is removed than was added, and a change adds each word once.
        once = ((number, BETWEEN.join(dict.fromkeys(several.split(BETWEEN)))) for number, several in words)
        self._database.executemany("INSERT INTO word (word, rowid, words) VALUES ('delete', ?, ?)", once)

    def change(self, number: int, lost: str, gained: str) -> None:
        """Give an entry other words; those that it has before and after are not touched. In ascending order, too."""
        before, after = (set(words.split(BETWEEN)) for words in (lost, gained))
        self.remove([(number, BETWEEN.join(before - after))])
        self.add([(number, BETWEEN.join(after - before))])

    def count(self, token: str) -> int:
        """How many entries are found under a word."""
        known = self._counts.get(token)
        if known is None:
            row = self._database.execute("SELECT doc FROM vocabulary WHERE term = ?", (token,)).fetchone()
            known = self._counts[token] = int(row[0]) if row else 0
        return known

    def learn(self, names: Collection[str]) -> None:
        """Let these words of names be found with a typing error."""
        parts: dict[int, str] = {}
        for word in sorted(set(names) - self._known(names)):
            for part, missing in _parts(word):
                parts[part] = parts.get(part, "") + missing
        self._database.executemany(
            "INSERT INTO typo (part, missing) VALUES (?, ?) ON CONFLICT DO UPDATE SET missing = missing || excluded.missing",
            sorted(parts.items()),  # in the order of the file
        )

    def _known(self, names: Iterable[str]) -> set[str]:
        """Those of the words that were learned before."""
        found: set[str] = set()
        rest = iter(names)
        while several := list(islice(rest, _AT_ONCE)):
            keys = {_key(word): word for word in several}
            found.update(keys[part] for part, missing in self._missing(keys) if _WHOLE in _pairs(missing))
        return found

    def _missing(self, parts: Collection[int]) -> list[tuple[int, str]]:
        marks = ", ".join("?" * len(parts))
        rows = self._database.execute(f"SELECT part, missing FROM typo WHERE part IN ({marks})", tuple(parts))  # noqa: S608  # marks only
        found: list[tuple[int, str]] = rows.fetchall()
        return found

    def forget(self, names: Iterable[str]) -> None:
        """Undo `learn`."""
        for word in sorted(names):
            for part, missing in _parts(word):
                row = self._database.execute("SELECT missing FROM typo WHERE part = ?", (part,)).fetchone()
                left = [pair for pair in _pairs(row[0]) if pair != missing] if row else []
                if left:
                    self._database.execute("UPDATE typo SET missing = ? WHERE part = ?", ("".join(left), part))
                else:
                    self._database.execute("DELETE FROM typo WHERE part = ?", (part,))

    def near(self, word: str) -> set[str]:
        """The words of names that are this one but for a typing error."""
        parts = {_key(part): part for part in typos.shortened(word)}
        found = {_completed(parts[part], pair) for part, missing in self._missing(parts) for pair in _pairs(missing)}
        return {known for known in found if typos.alike(word, known)}


def _key(part: str) -> int:
    """40 bits of a hash: shorter than the part, and two that fall together only make a word that nobody bears."""
    return int.from_bytes(sha256(part.encode()).digest()[:5], "big")


def _parts(word: str) -> Iterator[tuple[int, str]]:
    """The key of each part by which a word is found, and the letter that is missing in it, with its place."""
    yield _key(word), _WHOLE
    for place, part in typos.without_one(word):
        yield _key(part), chr(_FIRST + place) + word[place]


def _pairs(missing: str) -> list[str]:
    return [missing[at : at + 2] for at in range(0, len(missing), 2)]


def _completed(part: str, pair: str) -> str:
    if pair == _WHOLE:
        return part
    place = ord(pair[0]) - _FIRST
    return part[:place] + pair[1] + part[place:]
