"""The mirror itself: one encrypted file that holds what every source said last, and the words to look it up by."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from connectors._values import dataclass, field
from connectors.entry import Entry
from connectors.errors import StateError
from connectors.phrase import Phrase
from hub import store
from hub.collecting import no_collecting
from hub.matching import typos
from hub.matching.facts import Facts
from hub.mirror import codec, keys
from hub.person import Held

FILE = "mirror.db"
FORMAT = "4"
"""Goes up when rows or words are made otherwise than before: an older file is then made anew."""

TABLES = (
    "CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS source (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, state TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS shape (id INTEGER PRIMARY KEY, shape TEXT UNIQUE NOT NULL)",
    """CREATE TABLE IF NOT EXISTS entry (id INTEGER PRIMARY KEY, tag INTEGER NOT NULL, source INTEGER NOT NULL,
    shape INTEGER NOT NULL, ref TEXT NOT NULL, version TEXT NOT NULL, content TEXT NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS entry_tag ON entry (tag)",
    """CREATE VIRTUAL TABLE IF NOT EXISTS word USING
    fts5(words, content='', detail='none', columnsize=0, tokenize="ascii tokenchars '@.+-_'")""",
    "INSERT INTO word (word, rank) VALUES ('secure-delete', 1)",
    "INSERT INTO word (word, rank) VALUES ('hashsize', 67108864)",
    "CREATE VIRTUAL TABLE IF NOT EXISTS vocabulary USING fts5vocab(word, 'row')",
    "CREATE TABLE IF NOT EXISTS typo (part TEXT NOT NULL, word TEXT NOT NULL, PRIMARY KEY (part, word)) WITHOUT ROWID",
)
_CACHE = 256_000
"""Kilobytes that a writer may keep of the file: what does not fit is encrypted and decrypted again and again."""

_KEPT = 64_000
"""Kilobytes that a reader may keep of it: the words of the common names are asked for again and again."""

_MOST_COUNTS = 100_000
_AT_ONCE = 500

Row = tuple[int, int, int, str, str, str]
"""tag, source, shape, ref, version, content."""


Place = tuple[int, str]
"""The number of an entry, and the version in which it is here."""


@dataclass(slots=True)
class Known:
    """What the mirror knows of one source beside its entries.

    `options` is a hash of its settings, `place` its number in the configuration, `watched` what its files are (None: it must be asked), `signature` how they
    looked, `token` where the next delta starts, `answer` its last answer as JSON, `entries` how many of its entries are here.
    """

    name: str
    kind: str
    options: str
    place: int = 0
    watched: list[tuple[str, str | None, bool]] | None = field(default=None, repr=False)
    signature: str = ""
    token: str = ""
    as_of: str = ""
    entries: int = 0
    answer: dict[str, Any] = field(default_factory=dict, repr=False)


class Mirror:
    """The open file. Nothing in it is the only copy of anything: what is wrong with it is mended by making it anew."""

    def __init__(self, database: Any) -> None:
        self.database = database
        self._shapes: dict[object, int] = {}
        self._parsed: dict[int, Any] = {}
        self._counts: dict[str, int] = {}
        self._changes = 0

    def ready(self) -> None:
        """To be called before questions are asked: what was counted holds until somebody changes the file."""
        self.database.execute(f"PRAGMA cache_size = -{_KEPT}")
        (changes,) = self.database.execute("PRAGMA data_version").fetchone()
        if changes != self._changes or len(self._counts) > _MOST_COUNTS:
            self._counts.clear()
        self._changes = changes

    def hold(self) -> None:
        """From now on show one moment, whatever another hub writes: it waits until this one has done with it."""
        self.database.commit()
        self.database.execute("BEGIN")
        self.about("format")

    def write(self) -> None:
        """Until the next commit nobody else writes, so that what is read now still holds when it is written upon."""
        self.database.commit()
        self.database.execute("BEGIN IMMEDIATE")

    def about(self, name: str) -> str:
        """A remark kept under this name, "" where there is none."""
        row = self.database.execute("SELECT value FROM about WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def remark(self, name: str, value: str) -> None:
        """Keep a remark."""
        self.database.execute("INSERT OR REPLACE INTO about (name, value) VALUES (?, ?)", (name, value))

    def sources(self) -> dict[str, tuple[int, Known]]:
        """Every mirrored source with its number."""
        rows = self.database.execute("SELECT id, state FROM source ORDER BY id").fetchall()
        known = ((number, Known(**json.loads(state))) for number, state in rows)
        return {item.name: (number, item) for number, item in known}

    def keep(self, known: Known) -> int:
        """Write down what is known of a source; its number."""
        state = json.dumps({name: getattr(known, name) for name in Known.__slots__}, ensure_ascii=False)
        self.database.execute(
            "INSERT INTO source (name, state) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET state = excluded.state",
            (known.name, state),
        )
        (number,) = self.database.execute("SELECT id FROM source WHERE name = ?", (known.name,)).fetchone()
        return int(number)

    def drop(self, name: str) -> None:
        """Forget a source and everything it said."""
        row = self.database.execute("SELECT id FROM source WHERE name = ?", (name,)).fetchone()
        if row:
            self.remove([number for places in self.refs(row[0]).values() for number, _ in places])
            self.database.execute("DELETE FROM source WHERE id = ?", row)

    def refs(self, source: int) -> dict[str, list[Place]]:
        """Each ref of a source with the places of its entries: one, or several where a source gives one ref twice."""
        found: dict[str, list[Place]] = {}
        for ref, number, version in self.database.execute("SELECT ref, id, version FROM entry WHERE source = ?", (source,)):
            found.setdefault(ref, []).append((number, version))
        return found

    def places(self, source: int, name: str, ref: str) -> list[Place]:
        """The places of the entries of a source with one ref."""
        found: list[Place] = self.database.execute(
            "SELECT id, version FROM entry WHERE tag = ? AND source = ? AND ref = ?", (codec.tag_of(name, ref), source, ref)
        ).fetchall()
        return found

    def add(self, name: str, source: int, entries: Iterable[Entry], region: str) -> int:
        """Add entries of a source, none of which is here yet; how many they were."""
        from hub.mirror.preparing import prepared  # only what is read anew is worked on in several processes

        added = 0
        self._counts.clear()
        names: set[str] = set()
        self.database.execute(f"PRAGMA cache_size = -{_CACHE}")
        with no_collecting():
            for done in prepared(entries, region):
                (last,) = self.database.execute("SELECT ifnull(max(id), 0) FROM entry").fetchone()
                rows = (self._row(name, source, entry) for entry in done.entries)
                self.database.executemany(
                    "INSERT INTO entry (id, tag, source, shape, ref, version, content) VALUES (?, ?, ?, ?, ?, ?, ?)",
                    ((number, *row) for number, row in enumerate(rows, last + 1)),
                )
                self.database.executemany("INSERT INTO word (rowid, words) VALUES (?, ?)", enumerate(done.words, last + 1))
                names |= done.names
                added += len(done.entries)
            self.database.executemany("INSERT OR IGNORE INTO typo (part, word) VALUES (?, ?)", _parts(self._unspelled(names)))
        return added

    def _unspelled(self, words: Iterable[str]) -> Iterator[str]:
        """Those of the words that cannot be found with a typing error yet; each stands among its own parts."""
        for word in words:
            if not self.database.execute("SELECT 1 FROM typo WHERE part = ? AND word = ?", (word, word)).fetchone():
                yield word

    def remove(self, numbers: Sequence[int]) -> None:
        """Remove entries and every word that only they had; nothing of them stays in the file."""
        sources = {number: known.name for number, known in self.sources().values()}
        region = self.about("region")
        gone: set[str] = set()
        self._counts.clear()
        for number in numbers:
            held = self.held(number, sources)
            facts = Facts(held, region)
            self.database.execute(
                "INSERT INTO word (word, rowid, words) VALUES ('delete', ?, ?)", (number, keys.words(keys.tokens_of(facts)))
            )
            self.database.execute("DELETE FROM entry WHERE id = ?", (number,))
            gone |= facts.words
        lost = [word for word in gone if not self.bearers(word)]
        self.database.executemany("DELETE FROM typo WHERE part = ? AND word = ?", _parts(lost))

    def bearers(self, word: str) -> int:
        """How many entries have this loose word in a name."""
        return self.count(keys.token(keys.NAME, word))

    def count(self, token: str) -> int:
        """How many entries are found under a word of the index."""
        known = self._counts.get(token)
        if known is None:
            row = self.database.execute("SELECT doc FROM vocabulary WHERE term = ?", (token,)).fetchone()
            known = self._counts[token] = int(row[0]) if row else 0
        return known

    def held(self, number: int, sources: Mapping[int, str], load: Callable[[str, str], codec.Load] | None = None) -> Held:
        """The entry with this number; `load` gives, for a source and a ref, what reads an attachment."""
        return next(held for _, held in self.several([number], sources, load))

    def several(
        self, numbers: Sequence[int], sources: Mapping[int, str], load: Callable[[str, str], codec.Load] | None = None
    ) -> Iterator[tuple[int, Held]]:
        """The entries with these numbers, each with its number."""
        for start in range(0, len(numbers), _AT_ONCE):
            some = numbers[start : start + _AT_ONCE]
            marks = ", ".join("?" * len(some))
            rows = self.database.execute(
                f"SELECT id, source, shape, ref, version, content FROM entry WHERE id IN ({marks})",  # noqa: S608  # marks only
                some,
            ).fetchall()
            for number, source, shape, ref, version, content in rows:
                name = sources[source]
                entry = codec.entry_of(self._shape(shape), ref, version, content, load(name, ref) if load else _unloaded)
                yield number, Held(name, entry)

    def everything(self, load: Callable[[str, str], codec.Load] | None = None) -> Iterator[Held]:
        """Every entry, source by source as they came."""
        names = {number: known.name for number, known in self.sources().values()}
        for source, shape, ref, version, content in self.database.execute(
            "SELECT source, shape, ref, version, content FROM entry ORDER BY source, id"
        ):
            name = names[source]
            yield Held(name, codec.entry_of(self._shape(shape), ref, version, content, load(name, ref) if load else _unloaded))

    def _row(self, name: str, source: int, entry: Entry) -> Row:
        shape = codec.shape_key(entry)
        number = self._shapes.get(shape) or self._new_shape(shape, codec.shape_of(entry))
        return codec.tag_of(name, entry.ref), source, number, entry.ref, entry.version, codec.content_of(entry)

    def _new_shape(self, key: object, shape: str) -> int:
        self.database.execute("INSERT OR IGNORE INTO shape (shape) VALUES (?)", (shape,))
        (number,) = self.database.execute("SELECT id FROM shape WHERE shape = ?", (shape,)).fetchone()
        self._shapes[key] = number
        return int(number)

    def _shape(self, number: int) -> Any:
        if number not in self._parsed:
            (text,) = self.database.execute("SELECT shape FROM shape WHERE id = ?", (number,)).fetchone()
            self._parsed[number] = json.loads(text)
        return self._parsed[number]


@contextmanager
def opened(state: Path, key: bytes, region: str, *, anew: bool = False) -> Iterator[Mirror]:
    """The mirror of a state directory; one that is damaged, foreign or of an older format is made `anew`, empty.

    What is done inside and not committed is kept when the block ends well, and undone when it does not. Raises
    `StateError` when it turns out damaged in the middle (and is gone then), or another hub has it for too long.
    """
    path = state / FILE
    database = None if anew else _usable(path, key, region)
    if database is None:
        database = _made(path, key, region, anew=anew)
    try:
        yield Mirror(database)
        database.commit()
    except store.database_errors() as error:
        database.close()
        raise _trouble(error, path) from None
    finally:
        database.close()


def remove(state: Path) -> None:
    """Remove the mirror, where there is one: the owner wants none any more."""
    path = state / FILE
    if path.exists():
        with store.alone(path.with_suffix(".lock")):
            _unlink(path)


def _unlink(path: Path) -> None:
    for suffix in ("", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _trouble(error: Exception, path: Path) -> StateError:
    """What an error of the database means: nothing of the mirror is worth mending, all of it can be read again."""
    if "locked" in str(error):
        return StateError(
            Phrase("Another hub command is working on the mirror."),
            Phrase("Wait until it has finished, and run this one again."),
        )
    if "full" in str(error):
        return StateError(Phrase("The disk with the hub's own folder is full."), Phrase("Make room, and run the command again."))
    path.unlink(missing_ok=True)
    return StateError(
        Phrase("The mirror was damaged and has been removed; the registers themselves are untouched."),
        Phrase("Run the command again: it is made anew."),
    )


def _made(path: Path, key: bytes, region: str, *, anew: bool) -> Any:
    with store.alone(path.with_suffix(".lock")):
        # Another hub may have made it while this one waited.
        database = None if anew else _usable(path, key, region)
        if database is not None:
            return database
        _unlink(path)
        database = store.open_database(path, key, *TABLES)
        mirror = Mirror(database)
        mirror.remark("format", FORMAT)
        mirror.remark("region", region)
        database.commit()
        return database


def _usable(path: Path, key: bytes, region: str) -> Any:
    """The open file, None where there is none that can be trusted."""
    if not path.exists():
        return None
    try:
        database = store.open_database(path, key)
    except StateError:
        return None
    try:
        told = dict(database.execute("SELECT name, value FROM about WHERE name IN ('format', 'region')").fetchall())
    except store.database_errors():
        told = {}
    if (told.get("format"), told.get("region")) == (FORMAT, region):
        return database
    database.close()
    return None


def _parts(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    for word in sorted(words):
        yield from ((part, word) for part in sorted(typos.shortened(word)))


def _unloaded(_name: str) -> bytes:
    raise LookupError("the mirror keeps no files")
