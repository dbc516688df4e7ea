"""One name at one address of one small company: one person without an e-mail or phone in common, but not in a family's firm."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.matching import in_memory
from hub.matching.engine import Engine
from hub.person import Held, Verdict
from tests.bench.registers import registers
from tests.hub.held import groups, held, refs

DESK = {"name": "Maija Virtanen", "company": "Keksitty Oy", "address": "Kivikatu 5, 20100 Turku"}
ALWAYS, NEVER = Engine(entries=0), Engine(entries=10**9)


def linked(*entries: dict[str, str]) -> bool:
    """Whether all of these are one person."""
    return len(groups(in_memory([held(f"{number}", **values) for number, values in enumerate(entries)], "FI"))) == 1


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"name": "VIRTANEN Maija", "company": "KEKSITTY OY", "address": "kivikatu 5"},
        {"email": "maija@koti.example"},
        {"phone": "044 123 4567"},
        {"company": "Keksitty Oy", "business_id": "1234567-1"},
    ],
)
def test_a_desk_tells_who_it_is(other: dict[str, str]) -> None:
    """However it is written; what only one of them has does not speak against it."""
    assert linked(DESK, {**DESK, **other})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {"company": ""}),
        ({}, {"company": "Toinen Oy"}),
        ({}, {"address": ""}),
        ({}, {"address": "Kivikatu 7, 20100 Turku"}),
        ({}, {"name": "M. Virtanen"}),
        ({}, {"name": "Maija Liisa Virtanen"}),
        ({}, {"name": "Maija Virtanen jr"}),
        ({"email": "maija@koti.example"}, {"email": "virtanen@koti.example"}),
        ({"phone": "044 123 4567"}, {"phone": "050 123 4567"}),
        ({"customer_number": "10023"}, {"customer_number": "10024"}),
        ({"birthday": "1950-01-02"}, {"birthday": "1980-03-04"}),
    ],
)
def test_where_anything_differs_a_human_is_asked(one: dict[str, str], other: dict[str, str]) -> None:
    """Father and son have one name at one address, and seldom one phone."""
    assert not linked({**DESK, **one}, {**DESK, **other})


@pytest.mark.parametrize("company", ["Virtanen Oy", "Tmi Maija Virtanen", "Kello ja Kulta Virtasen Pojat Ky", "Maija Virtanen"])
def test_a_familys_firm_tells_nothing(company: str) -> None:
    """Father and son may both work there: it is a question, with the reason."""
    entries = [held(ref, **{**DESK, "company": company}) for ref in ("one", "other")]

    assert groups(in_memory(entries, "FI")) == {frozenset({"one"}), frozenset({"other"})}
    (person, _) = in_memory(entries, "FI").find("Maija Virtanen")
    assert refs(person, Verdict.POSSIBLE) == {"other"}
    assert "one person, or two of one family" in str(person.possible[0].why)


def test_a_company_of_many_tells_nothing() -> None:
    """Two of one name in a large house are two people as likely as one."""
    others = [made.held for made in registers(2_000, 3)]
    pair = [held("one", **DESK), held("other", **DESK)]
    for colleagues, together in ((5, True), (14, False)):
        crowd = [held(f"c{number}", name=f"{chr(65 + number)}ino Keksijä", company="Keksitty Oy") for number in range(colleagues)]
        (person, *_) = in_memory([*others, *crowd, *pair], "FI").find("Maija Virtanen Keksitty")
        assert (len(refs(person)) == 2) == together


SAID = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["Maija Virtanen", "Virtanen, Maija", "Maija Wirtanen", "Matti Koski", ""]),
        "company": st.sampled_from(["Keksitty Oy", "Keksitty Oy", "Virtasen Kello", "Koski Ky", "Toinen Oy", ""]),
        "address": st.sampled_from(["Kotikatu 5", "Kotikatu 5", "Kotikatu 6", ""]),
    },
    optional={
        "email": st.sampled_from(["maija@koti.example", "toimisto@koti.example", "muu@koti.example"]),
        "phone": st.sampled_from(["044 123 4567", "050 123 4567"]),
        "business_id": st.sampled_from(["1234567-1", "7654321-2"]),
        "birthday": st.sampled_from(["1950-01-02", "--01-02"]),
    },
)


@settings(max_examples=80)
@given(st.lists(SAID, min_size=2, max_size=16))
def test_find_and_the_night_agree_on_desks(said: list[dict[str, str]]) -> None:
    """Whatever stands beside it, all ways to put entries together give the same persons, and each find its person."""
    entries: list[Held] = [held(f"{number:02}", **values) for number, values in enumerate(said)]
    night = in_memory(entries, "FI").everybody(ALWAYS)

    assert in_memory(entries, "FI").everybody(NEVER) == night
    for person in night:
        found = in_memory(entries, "FI").person(person.handle)
        assert found is not None
        assert [refs(found, verdict) for verdict in Verdict] == [refs(person, verdict) for verdict in Verdict]
