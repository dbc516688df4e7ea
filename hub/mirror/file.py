"""The mirror itself: one encrypted file that holds what every source said last, and the words to look it up by."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors._values import dataclass, field
from connectors.entry import Entry
from hub.machine.collecting import no_collecting
from hub.mirror import blocks, codec, keys, words
from hub.person import Held

if TYPE_CHECKING:
    from hub.machine.workers import Workers

_CACHE = 256_000
"""Kilobytes that a writer may keep of the file: what does not fit is encrypted and decrypted again and again."""

Loader = Callable[[str, str], codec.Load]

Place = tuple[int, str, int]
"""The number of an entry, the version in which it is here, and a hash of how it is written (in this process)."""


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

    def __init__(self, database: Any, ending: ExitStack | None = None) -> None:
        """`ending` ends what works for the mirror; without one, it works alone."""
        self.database = database
        self._ending = ending
        self._workers: Workers | None = None
        self.blocks = blocks.Blocks(database)
        self.words = words.Words(database)
        self._shapes: dict[object, int] = {}
        self._kinds: dict[int, tuple[str, ...]] = {}
        self._parsed: dict[int, Any] = {}

    def hold(self) -> None:
        """From now on show one moment, whatever another hub writes: it waits until this one has done with it."""
        self.database.commit()
        self.blocks.forget()
        self.database.execute("BEGIN")
        self.about("format")

    def write(self) -> None:
        """Until the next commit nobody else writes, so that what is read now still holds when it is written upon."""
        self.database.commit()
        self.blocks.forget()
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
        state = json.dumps(
            {name: getattr(known, name) for name in Known.__slots__}
        )  # escaped: a path may hold bytes of another encoding
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
            self.remove([number for places in self.refs(row[0]).values() for number, *_ in places])
            self.database.execute("DELETE FROM source WHERE id = ?", row)

    def refs(self, source: int) -> dict[str, list[Place]]:
        """Each ref of a source with the places of its entries: one, or several where a source gives one ref twice."""
        found: dict[str, list[Place]] = {}
        for number, row in self.blocks.rows(source):
            _, ref, version, _ = codec.parts_of(row)
            found.setdefault(ref, []).append((number, version, hash(row)))
        return found

    def places(self, source: int, name: str, ref: str) -> list[Place]:
        """The places of the entries of a source with one ref."""
        found: list[Place] = []
        for number in self.tagged(keys.tag_token(name, ref)):
            of, row = self.blocks.row(number)
            _, there, version, _ = codec.parts_of(row)
            if (of, there) == (source, ref):
                found.append((number, version, hash(row)))
        return found

    def tagged(self, token: str) -> list[int]:
        """The numbers of the entries with this `keys.tag_token`, in ascending order."""
        return [number for (number,) in self.database.execute("SELECT rowid FROM word WHERE word MATCH ?", (f'"{token}"',))]

    def add(self, name: str, source: int, entries: Iterable[Entry], region: str) -> int:
        """Add entries of a source, none of which is here yet; how many they were."""
        from hub.machine.workers import Workers
        from hub.mirror.preparing import prepared  # only what is read anew is worked on in several processes

        if self._workers is None and self._ending is not None:
            self._workers = self._ending.enter_context(Workers())
        added = 0
        names: set[str] = set()
        self.database.execute(f"PRAGMA cache_size = -{_CACHE}")
        with no_collecting():
            for done in prepared(name, map(self.row_of, entries), self._kinds, region, self._workers):
                first = self.blocks.add(source, done.bodies)
                self.words.add(enumerate(done.words, first))
                names |= done.names
                added += len(done.words)
            self.words.learn(names)
        return added

    def change(self, changed: Iterable[tuple[int, codec.Row]]) -> None:
        """Write rows in place of those of the same source and ref with these numbers: only words that differ are touched."""
        from hub.mirror import tokens  # nothing that a find needs

        region = self.about("region")
        old, new = set[str](), set[str]()
        rows = dict(sorted(changed))
        for number, row in rows.items():
            before, now = self._fields(self.blocks.row(number)[1]), self._fields(row)
            if before != now:
                (lost, lost_names), (gained, gained_names) = (tokens.tokens_of(*fields, region) for fields in (before, now))
                self.words.change(number, lost, gained)
                old.update(lost_names)
                new.update(gained_names)
        self.blocks.replace(rows)
        self.words.learn(new - old)
        self._forget(old - new)

    def remove(self, numbers: Iterable[int]) -> None:
        """Remove entries and every word that only they had; nothing of them stays in the file."""
        from hub.mirror import tokens

        region = self.about("region")
        sources = {number: known.name for number, known in self.sources().values()}
        gone: set[str] = set()
        for number in (going := sorted(numbers)):
            source, row = self.blocks.row(number)
            found, names = tokens.tokens_of(*self._fields(row), region)
            self.words.remove([(number, tokens.tagged(found, sources[source], codec.parts_of(row)[1]))])
            gone.update(names)
        self.blocks.replace(dict.fromkeys(going, ""))
        self._forget(gone)

    def _forget(self, names: Iterable[str]) -> None:
        self.words.forget(name for name in names if not self.bearers(name))

    def bearers(self, word: str) -> int:
        """How many entries have this loose word in a name."""
        return self.count(keys.token(keys.NAME, word))

    def count(self, token: str) -> int:
        """How many entries are found under a word of the index."""
        return self.words.count(token)

    def held(self, number: int, sources: Mapping[int, str], load: Loader | None = None) -> Held:
        """The entry with this number; `load` gives, for a source and a ref, what reads an attachment."""
        return next(held for _, held in self.several([number], sources, load))

    def several(
        self, numbers: Iterable[int], sources: Mapping[int, str], load: Loader | None = None
    ) -> Iterator[tuple[int, Held]]:
        """The entries with these numbers, each with its number. Raises LookupError where there is none."""
        for number in numbers:
            source, row = self.blocks.row(number)
            yield number, self._held(sources[source], row, load)

    def everything(self, load: Loader | None = None) -> Iterator[Held]:
        """Every entry, source by source as they came."""
        names = {number: known.name for number, known in self.sources().values()}
        return (self._held(names[source], row, load) for source, _, row in self.blocks.every())

    def rows(self) -> Iterator[tuple[str, int, codec.Row]]:
        """Every entry as it is written, with the name of its source and its number."""
        names = {number: known.name for number, known in self.sources().values()}
        return ((names[source], number, row) for source, number, row in self.blocks.every())

    @property
    def folder(self) -> Path | None:
        """Where the file is; None of one that is only in memory."""
        _, _, path = self.database.execute("PRAGMA database_list").fetchone()
        return Path(path).parent if path else None

    def shapes(self) -> dict[int, str]:
        """Every shape by its number."""
        return dict(self.database.execute("SELECT id, shape FROM shape").fetchall())

    def in_order(self) -> list[int]:
        """The numbers of all entries, those of one source together and by their refs."""
        names = {number: known.name for number, known in self.sources().values()}
        keyed = ((names[source], codec.parts_of(row)[1], number) for source, number, row in self.blocks.every())
        return [number for _, _, number in sorted(keyed)]

    def _held(self, name: str, row: codec.Row, load: Loader | None) -> Held:
        shape, ref, version, content = codec.parts_of(row)
        return Held(name, codec.entry_of(self._shape(shape), ref, version, content, load(name, ref) if load else unloaded))

    def _fields(self, row: codec.Row) -> tuple[tuple[str, ...], list[str]]:
        """The kinds and the values of the fields of an entry."""
        shape, _, _, content = codec.parts_of(row)
        kinds = self._kinds.get(shape) or tuple(field[0] for field in self._shape(shape)[0])
        return kinds, codec.values_of(content)[:-1]

    def row_of(self, entry: Entry) -> codec.Row:
        """An entry as it is written here."""
        shape = codec.shape_key(entry)
        return codec.row_of(self._shapes.get(shape) or self._new_shape(shape, entry), entry)

    def _new_shape(self, key: object, entry: Entry) -> int:
        shape = codec.shape_of(entry)
        self.database.execute("INSERT OR IGNORE INTO shape (shape) VALUES (?)", (shape,))
        (number,) = self.database.execute("SELECT id FROM shape WHERE shape = ?", (shape,)).fetchone()
        self._shapes[key] = number
        self._kinds[number] = tuple(item.kind for item in entry.fields)
        return int(number)

    def _shape(self, number: int) -> Any:
        if number not in self._parsed:
            (text,) = self.database.execute("SELECT shape FROM shape WHERE id = ?", (number,)).fetchone()
            self._parsed[number] = json.loads(text)
        return self._parsed[number]


def unloaded(_name: str) -> bytes:
    """What reads an attachment where nothing can."""
    raise LookupError("the mirror keeps no files")
