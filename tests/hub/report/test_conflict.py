"""Conflicts: what counts as two registers that disagree, and what does not."""

from __future__ import annotations

import pytest

from connectors.entry import Disposal, Field
from hub.person import Held
from hub.report import Finding
from hub.report.conflict import Conflicts
from tests.hub.report.nights import found, held, night, person, places


def entry(source: str, values: dict[str, str]) -> Held:
    """An entry with these values by kind."""
    return held(source, source, *(Field(kind, value) for kind, value in values.items()))


def between(one: dict[str, str], other: dict[str, str]) -> list[Finding]:
    """What is found when two registers hold these values of one person."""
    return list(found(night("customers", "phone"), Conflicts, person(entry("customers", one), entry("phone", other))))


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("phone", "044 123 4567", "050 123 4567"),
        ("email", "aino@posti.example", "aino@koti.example"),
        ("address", "Koekatu 5 A 12", "Mallitie 7"),
        ("address", "Koekatu 5 A 12", "Koekatu 5 A 13"),
        ("postcode", "20100", "00100"),
        ("name", "Aino Esimerkkilä", "Aino Esimerkila"),
        ("name", "Aino Esimerkkilä", "Aino Kokeila"),
    ],
)
def test_values_that_differ_are_a_conflict(kind: str, one: str, other: str) -> None:
    """Both places are named, and both values are told."""
    (finding,) = between({kind: one}, {kind: other})

    assert finding.kind == "conflict"
    assert places(finding) == {("customers", "customers"), ("phone", "phone")}
    assert one in str(finding.what)
    assert other in str(finding.what)
    assert one not in repr(finding)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("phone", "044 123 4567", "+358441234567"),
        ("phone", "0441234567", "p. 044-123 4567 (työ)"),
        ("email", "Aino@Posti.example", "aino@posti.example"),
        ("address", "Koekatu 5", "koekatu 5 A 12"),
        ("address", "Koek. 5, 20100 Turku", "Koek. 5"),
        ("postcode", "20100", "FI-20100"),
        ("name", "Esimerkkilä, Aino", "Aino Esimerkkilä"),
        ("name", "Aino Esimerkkilä", "A. Esimerkkilä"),
        ("name", "Aino Maria Esimerkkilä", "Aino Esimerkkilä"),
        ("name", "rva Aino Esimerkkilä", "Aino Esimerkkilä"),
        ("name", "Kuusipuu Oy", "Aino Esimerkkilä"),
        ("phone", "4.4123E+08", "050 123 4567"),
        ("email", "ei ole", "aino@posti.example"),
    ],
)
def test_two_spellings_of_one_thing_are_none(kind: str, one: str, other: str) -> None:
    """Neither are values that cannot be compared."""
    assert between({kind: one}, {kind: other}) == []


def test_a_person_may_have_two_phones() -> None:
    """One that both registers know is enough."""
    hers = held("phone", "a", Field("phone", "050 123 4567"), Field("phone", "044 123 4567"))

    assert found(night("customers", "phone"), Conflicts, person(held("customers", "1", phone="0441234567"), hers)) == ()


def test_two_values_within_one_register_are_no_conflict() -> None:
    """It takes two registers to disagree."""
    both = person(held("customers", "1", phone="0441234567"), held("customers", "2", phone="0501234567"))

    assert found(night("customers"), Conflicts, both) == ()


def test_what_is_not_surely_hers_makes_no_conflict() -> None:
    """What others share in her row, an issued invoice, and a conflict copy are left out."""
    other = held("phone", "a", phone="0501234567")
    shared = held("customers", "1", Field("phone", "0441234567", stays=True))
    invoice = held("invoicing", "i", phone="0441234567", disposal=Disposal.RETAIN)
    copy = held("customers", "c", phone="0441234567", copy_of="asiakkaat.xlsx")

    for item in (shared, invoice, copy):
        assert found(night("customers", "phone", "invoicing"), Conflicts, person(item, other)) == ()


def test_what_others_share_in_her_row_settles_nothing() -> None:
    """Her own phone differs, though her colleague's in the same row is the one on the card."""
    row = held("customers", "1", Field("phone", "0441234567"), Field("phone", "0501234567", stays=True))

    assert len(found(night("customers", "phone"), Conflicts, person(row, held("phone", "a", phone="0501234567")))) == 1


def test_who_moved_is_one_finding() -> None:
    """Another street has another postcode."""
    (finding,) = between({"address": "Koekatu 5", "postcode": "20100"}, {"address": "Mallitie 7", "postcode": "00100"})

    assert "Koekatu 5" in str(finding.what)


def test_what_most_registers_say_is_proposed() -> None:
    """With the place to correct; without a majority the owner is told to ask."""
    wrong = held("phone", "a", phone="0501234567")
    right = [held("customers", "1", phone="044 1234567"), held("mail", "m", phone="0441234567")]

    (finding,) = found(night("customers", "phone", "mail"), Conflicts, person(*right, wrong))
    assert "phone (sheet Asiakkaat, row a)" in str(finding.proposal)
    assert "customers" not in str(finding.proposal)

    (undecided,) = found(night("customers", "phone"), Conflicts, person(right[0], wrong))
    assert "Ask" in str(undecided.proposal)


def test_the_id_is_the_same_when_something_else_of_her_comes_or_goes() -> None:
    """And when her row is pushed down, and when another register agrees with one side; a third value is a new finding."""
    ours, theirs = held("customers", "1", name="Aino", phone="0441234567"), held("phone", "a", name="Aino", phone="0501234567")
    of = night("customers", "phone", "mail", "binder")
    (before,) = found(of, Conflicts, person(ours, theirs))
    moved = held("customers", "9", name="Aino", phone="0441234567")

    for others in (
        [ours, theirs, held("binder", "b", name="Aino")],
        [ours, theirs, held("phonebook", "b", name="Aino", phone="0441234567")],
        [moved, theirs],
    ):
        (after,) = found(of, Conflicts, person(*others))
        assert after.id == before.id
    (again,) = found(of, Conflicts, person(ours, held("phone", "a", name="Aino", phone="+358 50 123 4567")))
    assert again.id == before.id
    (third,) = found(of, Conflicts, person(ours, theirs, held("mail", "m", name="Aino", phone="0401234567")))
    assert third.id != before.id


def test_another_value_is_another_finding() -> None:
    """Who accepted that two numbers differ has not accepted what comes in the place of one of them."""
    (before,) = between({"phone": "044 123 4567"}, {"phone": "050 123 4567"})
    (after,) = between({"phone": "044 123 4567"}, {"phone": "040 123 4567"})

    assert after.id != before.id


def test_a_very_long_value_is_cut() -> None:
    """A finding is a line, whatever a register holds."""
    (finding,) = between({"email": "a" * 9000 + "@posti.example"}, {"email": "aino@posti.example"})

    assert len(finding.what) < 500
