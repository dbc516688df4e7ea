"""A name that was changed: an e-mail that spells somebody's full name, beside the same given name and another family name."""

from __future__ import annotations

import pytest

from hub.matching import in_memory
from hub.matching.engine import Engine
from hub.matching.evidence import spelled
from hub.matching.facts import Facts
from hub.person import Verdict
from tests.hub.held import groups, held, verdict

HERS = "maija.virtanen@posti.example"
MAIJA = held("before", name="Maija Virtanen", email=HERS)


@pytest.mark.parametrize(
    ("email", "name", "much"),
    [
        (HERS, "Maija Virtanen", 2),
        ("virtanen.maija77@posti.example", "Maija Virtanen", 2),
        ("maijavirtanen@posti.example", "Virtanen, Maija", 2),
        ("anna-maija.k.maki@posti.example", "Anna-Maija Mäki", 2),
        ("maija@posti.example", "Maija Virtanen", 1),
        ("maija.koski@posti.example", "Maija Virtanen", 1),
        ("m.virtanen@posti.example", "M. Virtanen", 0),
        ("virtanen.perhe@koti.example", "Maija Virtanen", 0),
        ("maija.virtanen@posti.example", "Virtanen Oy", 0),
        ("maija.virtanen@posti.example", "Maija", 1),
    ],
)
def test_how_much_of_a_name_an_email_spells(email: str, name: str, much: int) -> None:
    """The first given name, and a family name with it."""
    assert spelled(email, Facts(held("x", name=name), "FI").forms) == much


@pytest.mark.parametrize(
    ("name", "email", "expected"),
    [
        ("Maija Koski", HERS, Verdict.LINK),
        ("Maija Koski", "maija@posti.example", Verdict.POSSIBLE),
        ("Maija Koski", "perhe@koti.example", Verdict.POSSIBLE),
        ("Virtanen Oy", HERS, Verdict.POSSIBLE),
        ("Masa", HERS, Verdict.POSSIBLE),
        ("M. Koski", HERS, Verdict.POSSIBLE),
        ("Pekka Koski", HERS, None),
    ],
)
def test_who_has_an_email_that_spells_her_name_has_changed_it(name: str, email: str, expected: Verdict | None) -> None:
    """A mailbox that spells no full name may be that of two who are called alike; a company is nobody."""
    assert verdict({"name": "Maija Virtanen", "email": email}, {"name": name, "email": email}) is expected


def test_who_is_known_by_both_names_takes_the_entries_of_both() -> None:
    """But the other family name alone joins nobody, not through entries of less than a full name either."""
    after = held("after", name="Maija Koski", email=HERS, phone="044 123 4567")
    before = held("before", name="Maija Virtanen", email=HERS, customer_number="4711")
    number = held("number", name="Maija Virtanen", customer_number="4711", email="mk@posti.example")
    phone = held("phone", name="Maija Koski", phone="044 123 4567", email="mk@posti.example")
    others = [phone, number]
    assert groups(in_memory([before, after, *others], "FI")) == {frozenset({"before", "after", "phone", "number"})}
    assert groups(in_memory([after, *others], "FI")) == {frozenset({"after", "phone"}), frozenset({"number"})}
    given = held("given", name="Maija", email="mk@posti.example")
    assert not any({"phone", "number"} <= group for group in groups(in_memory([after, given, *others], "FI")))


def test_all_evaluators_say_so() -> None:
    """On columns, and by Splink."""
    entries = [
        MAIJA,
        held("after", source="cards", name="Maija Koski", email=HERS),
        held("firm", name="Virtanen Oy", email="matti.virtanen@posti.example"),
        held("owner", name="Matti Virtanen", email="matti.virtanen@posti.example"),
        held("given", name="Maija Mäki", email="maija@koti.example"),
        held("alike", name="Maija Lahti", email="maija@koti.example"),
    ]
    pure = in_memory(entries, "FI").everybody()
    for engine in (Engine(entries=0), Engine("duckdb", entries=0)):
        assert in_memory(entries, "FI").everybody(engine) == pure
    assert frozenset({"before", "after"}) in groups(in_memory(entries, "FI"))
