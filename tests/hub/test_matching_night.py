"""The nightly run on columns says of every person what the pure evaluator says, entry by entry and reason by reason."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.entry import Disposal, Entry, Field, Ref, Version
from connectors.phrase import Phrase
from hub.machine.workers import Workers
from hub.matching import NONE, Decisions, in_memory, night, typos
from hub.matching import given as names
from hub.matching.engine import Engine
from hub.matching.evidence import likeness_of
from hub.matching.facts import forms_of
from hub.matching.memory import MemoryIndex
from hub.matching.names import is_initial
from hub.matching.night import prepare
from hub.matching.night.letters import ALIKE, CALLED, EQUAL, NEW, ROUGH, STANDS, Letters
from hub.matching.night.names import LEVELS, compared, spoken
from hub.person import Held
from tests.bench.registers import Habits, careless, registers
from tests.hub.held import held
from tests.hub.test_matching_bulk import REGISTERS

ALWAYS, NEVER = Engine(entries=0), Engine(entries=10**9)
WORDS = st.sampled_from(
    "Maija Matti Matt Mattii Masa M. K. Anna-Maija Annamaija Virtanen Wirtanen Virtane Vitranen Virtannen Vrtnaen Koski "
    "Koskela Päivi Paivi Paeivi von af Oy jr 王 小 Ω Liisa Lissa Pirkko Pirrko Virtanen-Koski o.s.".split(" ")
)
SAID = st.tuples(
    st.lists(st.lists(WORDS, min_size=1, max_size=2).map(" ".join), max_size=1).map(tuple),
    st.lists(WORDS, max_size=1).map(tuple),
    st.lists(WORDS, max_size=1).map(tuple),
    st.lists(st.lists(WORDS, min_size=1, max_size=5).map(" ".join), max_size=2).map(tuple),
)


def same(held: Sequence[Held], decisions: Decisions = NONE) -> None:
    """Both ways give the same persons with the same entries, verdicts, evidence and reasons."""
    assert in_memory(held, "FI", decisions).everybody(ALWAYS) == in_memory(held, "FI", decisions).everybody(NEVER)


@settings(max_examples=150)
@given(REGISTERS, st.data())
def test_any_register_gives_the_same_persons(held: list[Held], data: st.DataObject) -> None:
    """Whatever stands in the entries and whatever humans decided."""
    pair = st.tuples(st.sampled_from(held), st.sampled_from(held)).map(lambda two: (two[0].key, two[1].key))
    pairs = data.draw(st.lists(pair.filter(lambda two: two[0] != two[1]), max_size=3))
    split = data.draw(st.integers(0, len(pairs)))
    same(held, Decisions(pairs[:split], pairs[split:]))


def test_one_name_may_meet_and_another_be_like_it() -> None:
    """Two family names in common bring somebody up, who is asked about for the other of her names."""
    entries = [
        held("0", name="Maija"),
        held("1", name="Matti Virtanen-Koski"),
        held("2", name=["Matti Virtanne", "Virtanen-Koski, Maija"]),
    ]
    assert [len(person.possible) for person in in_memory(entries, "FI").everybody(NEVER)] == [0, 1, 1]
    same(entries)


@pytest.mark.parametrize("seed", [11, 12])
def test_whole_registers_give_the_same_persons(seed: int) -> None:
    """Registers as they are kept in life, well or carelessly, with and without decisions."""
    habits = careless(Habits()) if seed % 2 else Habits()
    held = [made.held for made in registers(2500, seed, habits)]
    same(held)
    chance = random.Random(seed)
    keys = [item.key for item in held]
    near = [(keys[at], keys[at + 1]) for at in chance.sample(range(len(keys) - 1), 40)]
    same(held, Decisions(near[:20], near[20:]))


@settings(max_examples=150)
@given(
    st.lists(
        st.fixed_dictionaries(
            {"name": st.sampled_from(["Maija Virtanen", "Virtanen, Maija", "Maija Wirtanen", "Matti Koski", "M. Koski"])},
            optional={
                "phone": st.lists(st.sampled_from(["044 123 4567", "0441234567", "112"]), min_size=1, max_size=3),
                "company": st.sampled_from(["Keksitty Oy", "Maija Virtanen"]),
                "former_name": st.sampled_from(["Koski", "Maija Koski"]),
                "address": st.sampled_from(["Kotikatu 5", "Kotikatu 6", "Kotikaut 5", ""]),
                "note": st.sampled_from(["x", "y"]),
            },
        ),
        min_size=4,
        max_size=30,
    ),
    st.sampled_from([1, 9]),
)
def test_names_are_as_rare_as_the_pure_evaluator_says(entries: list[dict[str, str | list[str]]], times: int) -> None:
    """Whatever the entries of one name say beside it, and however often they say the same."""
    made = [held(f"{number}", source="book", **values) for number, values in enumerate(entries * times)]
    index = MemoryIndex(made, "FI")
    census = night.settled(index, NONE)._census
    assert [int(census.rarity[name]) for name in census.name] == [index.rarity(number) for number in index]


def test_one_person_in_very_many_entries() -> None:
    """Of those who share an identifier of their own with many others the same pairs are compared, and give the same reasons."""
    names = ("Maija Virtanen", "Virtanen Maija", "M. Virtanen", "Maija Virtanen-Koski", "")
    held = [
        Held("invoices", _entry(number, [("name", names[number % 5]), ("email", "a@x.example"), ("address", "Kivikatu 5")]))
        for number in range(45)
    ]
    same([*held, *(Held("book", _entry(number, [("name", "Maija Virtanen"), ("phone", "044 123 4567")])) for number in range(5))])


def test_what_stays_in_a_record_makes_nothing_shared() -> None:
    """An e-mail that stays in the row of a company speaks for none of its holders."""
    fields = (Field("name", "Maija Virtanen"), Field("email", "a@x.example", stays=True))
    staying = Held("book", Entry(Ref("0"), Version("1"), Phrase("row"), fields, Disposal.REDACT))
    others = [
        Held("book", _entry(number, [("name", name), ("email", "a@x.example")]))
        for number, name in ((1, "Matti Koski"), (2, "M. Koski"))
    ]
    same([staying, *others])


def _entry(number: int, fields: Sequence[tuple[str, str]]) -> Entry:
    return Entry(Ref(f"{number:03}"), Version("1"), Phrase("card"), tuple(Field(kind, value) for kind, value in fields if value))


@settings(max_examples=150)
@given(st.lists(SAID, min_size=1, max_size=25))
def test_names_relate_as_the_pure_evaluator_says(said: list[tuple[tuple[str, ...], ...]]) -> None:
    """Of every pair of names, ordinary or not."""
    with Workers() as workers:
        names, which, forms = spoken(said, workers, len(said))
    found, looks = compared(names), forms.indices.to_pylist()
    pairs = [(one, other) for one in range(len(said)) for other in range(len(said))]
    ones, others = (np.array(column) for column in zip(*pairs, strict=True))
    told = found.levels(which[ones], which[others])
    for (one, other), level in zip(pairs, told.tolist(), strict=True):
        assert LEVELS[level] == likeness_of(forms_of(*said[one]), forms_of(*said[other]))
        assert (looks[one] == looks[other]) == ({*forms_of(*said[one])} == {*forms_of(*said[other])})


LOOSE = st.one_of(
    st.sampled_from(["a", "m", "maija", "maja", "miaja", "masa", "matti", "mattti", "virtanen", "virtane", "王", "х"]),
    st.text("abmijt", min_size=1, max_size=9),
    st.text("ab", min_size=18, max_size=23),
)


@settings(max_examples=300)
@given(st.lists(LOOSE, min_size=2, max_size=12, unique=True).map(sorted))
def test_words_relate_as_the_pure_evaluator_says(words: list[str]) -> None:
    """Of every pair of words, short or long."""
    letters = Letters(words)
    ones, others = (column.ravel() for column in np.meshgrid(np.arange(-1, len(words)), np.arange(-1, len(words))))
    for one, other, told in zip(ones.tolist(), others.tolist(), letters.relation(ones, others).tolist(), strict=True):
        assert told == (_relation(words[one], words[other]) if one >= 0 and other >= 0 else 0)


def _relation(one: str, other: str) -> int:
    if one == other:
        return EQUAL + ALIKE * (len(one) > 1)
    stands = (is_initial(one) or is_initial(other)) and one[0] == other[0]
    alike, rough = typos.alike(one, other), typos.roughly(one, other)
    new = (alike or rough) and not names.known().issuperset((one, other))
    return STANDS * stands + CALLED * names.called(one, other) + ALIKE * alike + ROUGH * rough + NEW * new


def test_many_values_are_prepared_in_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Split over processes or not, the persons are the same."""
    monkeypatch.setattr(prepare, "BATCH", 200)
    same([made.held for made in registers(700, 3)])


def test_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine works in memory."""
    monkeypatch.chdir(tmp_path)
    in_memory([made.held for made in registers(300, 5)], "FI").everybody(ALWAYS)
    assert list(tmp_path.iterdir()) == []
