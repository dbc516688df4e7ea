"""Everybody one by one, without the evidence: the same persons that the search tells with it."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from hub.matching import NONE, Decisions, Engine, in_memory
from hub.person import Held, Person
from tests.bench.registers import Habits, careless, registers
from tests.hub.held import held

ALWAYS, NEVER = Engine(entries=0), Engine(entries=10**9)


def bare(person: Person) -> Person:
    """A person without the evidence and without the reasons."""
    return replace(person, members=tuple(replace(member, evidence=(), why=None) for member in person.members))


def some(entries: list[Held]) -> Decisions:
    """Decisions about entries that stand beside one another, some of which have nothing to do with one another."""
    chance, keys = random.Random(4), [item.key for item in entries]
    near = [(keys[at], keys[at + 1]) for at in chance.sample(range(len(keys) - 1), 40)]
    return Decisions(near[:20], near[20:])


@pytest.mark.parametrize("engine", [ALWAYS, NEVER])
@pytest.mark.parametrize("decided", [False, True])
def test_everybody_is_the_same_with_and_without_the_evidence(engine: Engine, *, decided: bool) -> None:
    """By columns and one by one, with decisions of humans and without; in the same order, under the same names and handles."""
    entries = [made.held for made in registers(400, 21, careless(Habits()))]
    decisions = some(entries) if decided else NONE
    expected = [bare(person) for person in in_memory(entries, "FI", decisions).everybody(engine)]
    assert any(person.possible for person in expected)
    assert list(in_memory(entries, "FI", decisions).persons(engine)) == expected


def test_who_bears_no_name_is_called_by_what_the_entry_shows() -> None:
    """An e-mail before a phone; nothing at all is nobody's name."""
    entries = [held("a", phone="050 123 4567", email="aino@saaristo.example"), held("b", note="x"), held("c")]
    assert [person.name for person in in_memory(entries, "FI").persons(ALWAYS)] == ["aino@saaristo.example", "x", ""]
