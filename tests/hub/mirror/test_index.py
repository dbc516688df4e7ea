"""Whatever is asked, the mirror and the memory give the same answer."""

from __future__ import annotations

import random
from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlcipher3 import dbapi2

from hub.matching import Matching, in_memory
from hub.matching.memory import MemoryIndex
from hub.mirror import MirrorIndex
from hub.person import Held
from tests.bench.registers import registers
from tests.hub.held import held, refs
from tests.hub.mirror.conftest import fill, made
from tests.hub.test_matching_properties import REGISTERS

QUERIES = (
    "Maija Virtanen",
    "virtanen maija",
    "Maja Virtanen",
    "Virtannen",
    "M. Koski",
    "Annamaija Mäki",
    "anna-maija maki",
    "Vir",
    "irtan",
    "virtanen-koski",
    "a@x.example",
    "x.exam",
    "044 123 4567",
    "+358 50 1234567",
    "10023",
    "1",
    "maija a@x.example",
    "=1+1",
    "oy",
)


@settings(max_examples=80)
@given(REGISTERS, st.randoms(use_true_random=False))
def test_the_mirror_answers_as_the_memory(entries: list[Held], chance: random.Random) -> None:
    """Every query, handle, person and needle is the same, in whatever order the entries came, changed and went."""
    expected = in_memory(entries, "FI")
    shuffled = list(entries)
    chance.shuffle(shuffled)
    passing = [held("passing", name="Maija Virtanen", email="a@x.example"), held("too", name="M. Koski")]
    with closing(dbapi2.connect(":memory:")) as database:
        before = [replace(item, entry=replace(item.entry, fields=chance.choice(entries).entry.fields)) for item in shuffled]
        mirror = fill(made(database), [passing[0], *before, passing[1]])
        places = mirror.refs(1)
        mirror.change((places[item.entry.ref].pop()[0], mirror.row_of(item.entry)) for item in shuffled)
        mirror.remove([places[item.entry.ref][0][0] for item in passing])
        mirror.keep(replace(mirror.sources()["book"][1], entries=len(entries)))
        matching = Matching(MirrorIndex(mirror, "FI"), "FI")

        for query in QUERIES:
            assert matching.understood(query) is expected.understood(query), query
            assert matching.find(query) == expected.find(query), query
        everybody = expected.everybody()
        assert matching.everybody() == everybody
        for person in everybody:
            assert matching.person(person.handle) == person
            links = [member.held for member in person.links]
            assert set(matching.needles(links)) == set(expected.needles(links))


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("joensuunwilla", "mail"),
        ("jonsuunvilla", None),
        ("ensuun", "mail"),
        ("wahlroosin", "firm"),
        ("sivu 35", "page"),
        ("L-0077", "bill"),
        ("7654", "number"),
        ("sivu 36", None),
    ],
)
def test_a_piece_of_anything_that_tells_is_found(query: str, meant: str | None) -> None:
    """Of an e-mail or a key as it is written, of a company's name in any spelling; in the mirror and in memory."""
    entries = [
        held("mail", name="Maija Virtanen", email="info@joensuunwilla.example"),
        held("firm", company="Vahlroosin Kukka Oy"),
        held("page", name="Liisa Koski", other="Mappi 2, sivu 35"),
        held("bill", name="Pekka Koski", invoice_number="L-0077-1"),
        held("number", name="Kalle Salo", customer_number="K7654321"),
    ]
    with closing(dbapi2.connect(":memory:")) as database:
        for matching in (in_memory(entries, "FI"), Matching(MirrorIndex(fill(made(database), entries), "FI"), "FI")):
            assert {ref for person in matching.find(query) for ref in refs(person)} == ({meant} if meant else set())


def test_a_word_of_any_signs_is_found() -> None:
    """Signs that would split a word of the index, or that its language knows, are only signs."""
    signs = ['"quoted" Name', "A*B C", "Ål (x) Ön", "O'Neil ^x", "a:b c", "AND OR NOT", "🙂 Emoji", "x_y z", "न म"]
    entries = [held(f"{number}", name=name, email=f"s{number}_x!#$%&@x.example") for number, name in enumerate(signs)]
    expected = in_memory(entries, "FI")
    with closing(dbapi2.connect(":memory:")) as database:
        matching = Matching(MirrorIndex(fill(made(database), entries), "FI"), "FI")
        for number, name in enumerate(signs):
            for query in (name, f"s{number}_x!#$%&@x.example"):
                assert matching.find(query) == expected.find(query)
                assert str(number) in {member.held.entry.ref for person in matching.find(query) for member in person.links}


class _Counted(MemoryIndex):
    """Of so many entries that names and traits must tell something."""

    @property
    def size(self) -> int:
        return 1_000_000


def test_the_mirror_looks_at_whom_the_memory_looks_at() -> None:
    """Names of several given and family names, common and rare, among entries as registers have them."""
    entries = [item.held for item in registers(500, seed=3)]
    entries += [
        held("a", name="Hanna-Mari Susiholm-Pirttiström"),
        held("b", name="Hanna Mari"),
        held("c", name="Hanna-Mari Susiholm Pirtiström"),
        held("d", name="Hannamari Susiholm-Pirttiström"),
        held("e", name="Hanna M. Susiholm"),
        held("f", name="Hanna-Mari S."),
        held("g", name="Hanna-Mari Kaarina Susiholm-Pirttiström"),
    ]
    with closing(dbapi2.connect(":memory:")) as database:
        mirror = fill(made(database), [replace(item, source="book") for item in entries])
        mirror.keep(replace(mirror.sources()["book"][1], entries=1_000_000))
        matching = Matching(MirrorIndex(mirror, "FI"), "FI")
        expected = Matching(_Counted([replace(item, source="book") for item in entries], "FI"), "FI")
        for item in entries[::5] + entries[-7:]:
            for name in item.entry.values("name")[:1]:
                assert matching.find(name) == expected.find(name), name


class _Thousands(MemoryIndex):
    """Of 5,000 entries."""

    @property
    def size(self) -> int:
        return 5_000


def test_who_bears_a_common_part_of_a_rare_name_is_not_looked_at() -> None:
    """Nobody is read from the file of whom the words of the name say that it is no question; the answer is the same."""
    names = ["Maija Virtanen"] * 10 + [f"{'Maija' if number % 2 else 'Matti'} Suku{number:02}nen" for number in range(120)]
    names += [f"Nimi{number:02} Virtanen" for number in range(60)]
    entries = [held(f"{number:03}", name=name, address=f"Kotikatu {number}") for number, name in enumerate(names)]
    entries += [held("one", name="Maija Aurora Virtanen", phone="044 123 4567"), held("other", name="Aurora Maija Virtanen")]
    with closing(dbapi2.connect(":memory:")) as database:
        mirror = fill(made(database), entries)
        mirror.keep(replace(mirror.sources()["book"][1], entries=5_000))
        index = MirrorIndex(mirror, "FI")
        (number,) = index.with_ref("one")
        found = {index[other].entry.ref for other in index.candidates(number)}
        assert found == {"other"}
        assert len(index._facts) == len({"one", "other"})
    memory = _Thousands(entries, "FI")
    (number,) = memory.with_ref("one")
    assert {memory[other].entry.ref for other in memory.candidates(number)} == found


def test_a_name_is_as_rare_in_the_mirror_as_in_the_memory() -> None:
    """Many bills of one customer, and a name of many people: the mirror looks at its entries as the memory does."""
    entries = [item.held for item in registers(300, seed=3)]
    entries += [held(f"bill{number:02}", name="Aatos Harvinainenvaara", phone="044 123 4567") for number in range(20)]
    entries += [held(f"other{number}", name="Tuovi Harvinainenvaara", address=f"Kotikatu {number}") for number in range(5)]
    entries = [replace(item, source="book") for item in entries]
    memory = MemoryIndex(entries, "FI")
    with closing(dbapi2.connect(":memory:")) as database:
        mirror = MirrorIndex(fill(made(database), entries), "FI")
        told = {mirror[number].held.key: mirror.rarity(number) for number in mirror}
    assert told == {memory[number].held.key: memory.rarity(number) for number in memory}
