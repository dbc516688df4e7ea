"""Whatever a source tells, and in whatever way: afterwards the mirror is as if it had been made anew of what is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Literal

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlcipher3 import dbapi2

from connectors.entry import Cursor, Entry, Field, Gone, Item, Ref, Version
from connectors.errors import Unreachable
from connectors.memory import MemoryConnector
from connectors.phrase import Phrase
from hub.mirror import Known, Mirror
from hub.person import Held
from hub.search import silently
from hub.search.asking import _ask
from tests.hub.mirror.conftest import fill, made

Way = Literal["whole", "broken off", "restarted", "what changed"]
Told = list[tuple[str, int | None]]
"""Refs with the versions in which they are told; None: it is gone."""

Listings = list[tuple[Way, Told]]

VERSIONS = (
    (Field("name", "Maija Virtanen"), Field("email", "maija@x.example")),
    (Field("name", "Maija Virtanen"), Field("phone", "044 1234567")),
    (Field("name", "Maja Virtanen"), Field("name", "M. Koski"), Field("company", "Malli Oy")),
    (Field("given", "Anna-Maija"), Field("family", "Mäki"), Field("birthday", "1970-03-12")),
    (Field("note", "ei nimeä"),),
)

LISTINGS = st.lists(
    st.tuples(
        st.sampled_from(["whole", "broken off", "restarted", "what changed"]),
        st.lists(st.tuples(st.sampled_from("abcde"), st.one_of(st.none(), st.integers(0, len(VERSIONS) - 1))), max_size=7),
    ),
    min_size=1,
    max_size=5,
)


class Telling(MemoryConnector):
    """A source that tells what it was given to tell; it may name one ref several times, as a damaged book does."""

    told: tuple[Way, Told] = ("whole", [])

    def entries(self, since: str | None = None) -> Iterator[Item]:
        """A delta where one was asked for; else only what is there."""
        way, told = self.told
        for ref, version in told:
            if version is not None:
                yield entry(ref, version)
            elif way == "what changed" and since:
                yield Gone(Ref(ref))
        if way == "broken off":
            raise Unreachable(Phrase("gone"))
        yield Cursor(
            sum(version is not None for _, version in told), 0, token="night", restarted=way == "restarted" and bool(since)
        )


def entry(ref: str, version: int) -> Entry:
    """The entry with this ref in this version."""
    return Entry(Ref(ref), Version(str(version)), Phrase("card {ref}", ref=ref), VERSIONS[version])


@settings(max_examples=150)
@given(LISTINGS)
def test_the_mirror_is_as_if_made_anew(listings: Listings) -> None:
    """Entries, words and typing errors are those of what the source said last, and nothing beside them."""
    source, known = Telling("book", {}), Known("book", "memory", "")
    expected: dict[str, list[int]] = {}
    with closing(dbapi2.connect(":memory:")) as database, closing(dbapi2.connect(":memory:")) as fresh:
        mirror = made(database)
        for listing in listings:
            source.told = listing
            since = bool(known.token and known.answer)
            _ask(mirror, source, known, known.options, tick=silently)
            expected = known_after(expected, listing, since=since)

        entries = [entry(ref, version) for ref, versions in expected.items() for version in versions]
        assert Counter(map(repr_of, mirror.everything())) == Counter(repr_of(Held("book", item)) for item in entries)
        assert known.entries == len(entries)
        assert contents(mirror) == contents(fill(made(fresh), [Held("book", item) for item in entries]))


def known_after(before: dict[str, list[int]], listing: tuple[Way, Told], *, since: bool) -> dict[str, list[int]]:
    """The versions of each ref that are known after a listing: one that is whole leaves nothing else."""
    way, told = listing
    now: dict[str, list[int]] = {}
    for ref, version in told:
        if version is not None:
            now.setdefault(ref, []).append(version)
        elif way == "what changed" and since:
            now.setdefault(ref, [])
    whole = way in {"whole", "what changed"} and not since
    return now if whole or way == "restarted" else before | now


def repr_of(held: Held) -> tuple[str, str, Sequence[Field]]:
    """What tells two entries apart."""
    return held.entry.ref, held.entry.version, held.entry.fields


def contents(mirror: Mirror) -> tuple[object, object]:
    """How many entries each word has, and by which parts with which letters missing words are found."""
    words = mirror.database.execute("SELECT term, doc FROM vocabulary").fetchall()
    parts = mirror.database.execute("SELECT part, missing FROM typo ORDER BY part").fetchall()
    return words, [(part, sorted(missing[at : at + 2] for at in range(0, len(missing), 2))) for part, missing in parts]
