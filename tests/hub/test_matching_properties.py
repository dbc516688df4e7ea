"""What must hold for any entries at all: order, query and hostile values change nothing; a name alone never links."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.entry import Entry, Field, Ref, Version
from connectors.phrase import Phrase
from hub.matching import in_memory
from hub.matching.facts import Facts
from hub.matching.names import Likeness, compare_all
from hub.person import Held, Verdict
from tests.hub.held import held, likeness, refs

GIVEN = ["Maija", "Matti", "Anna-Maija", "M.", "Päivi", "Paivi", "Helena"]
FAMILY = ["Virtanen", "Mäki", "Maki", "Koski", "Virtanen-Koski"]
NAMES = st.one_of(
    st.builds("{} {}".format, st.sampled_from(GIVEN), st.sampled_from(FAMILY)),
    st.builds("{}, {}".format, st.sampled_from(FAMILY), st.sampled_from(GIVEN)),
    st.builds("{1} {0} jr".format, st.sampled_from(FAMILY), st.sampled_from(GIVEN)),
    st.sampled_from([*GIVEN, *FAMILY, "", "Maija Virtanen Oy", "Helena Koski o.s. Mäki", "=1+1"]),
)
EMAILS = st.sampled_from(["a@x.example", "A@x.example", "b@x.example", "info@x.example", "c@x.example"])
PHONES = st.sampled_from(["044 123 4567", "+358441234567", "050 123 4567", "09 4245 0011", "112"])
FIELDS = st.one_of(
    st.builds(Field, st.just("name"), NAMES),
    st.builds(Field, st.just("email"), EMAILS),
    st.builds(Field, st.just("phone"), PHONES),
    st.builds(Field, st.just("customer_number"), st.sampled_from(["1", "10023"])),
    st.builds(Field, st.just("birthday"), st.sampled_from(["1970-01-02", "3.4.1980", "--01-02"])),
    st.builds(Field, st.sampled_from(["given", "family", "former_name"]), st.sampled_from([*GIVEN, *FAMILY])),
)
REGISTERS = st.lists(st.lists(FIELDS, min_size=1, max_size=4), min_size=1, max_size=12).map(
    lambda lists: [
        Held("book", Entry(Ref(f"{number:02}"), Version("1"), Phrase("card"), tuple(fields)))
        for number, fields in enumerate(lists)
    ]
)


@settings(max_examples=150)
@given(REGISTERS, st.randoms(use_true_random=False))
def test_persons_do_not_depend_on_order_or_query(entries: list[Held], chance: random.Random) -> None:
    """Any listing order and any query give the same groups, verdicts, handles and reasons."""
    shuffled = list(entries)
    chance.shuffle(shuffled)
    everybody = in_memory(entries, "FI").everybody()
    assert in_memory(shuffled, "FI").everybody() == everybody
    by_handle = {person.handle: person for person in everybody}
    for entry in entries:
        for value in entry.entry.values("name", "email", "phone"):
            for person in in_memory(shuffled, "FI").find(value):
                same = by_handle[person.handle]
                assert refs(person) == refs(same)
                assert refs(person, Verdict.POSSIBLE) == refs(same, Verdict.POSSIBLE)
                assert all(member.why for member in person.possible)


@settings(max_examples=150)
@given(REGISTERS)
def test_persons_are_sound(entries: list[Held]) -> None:
    """Each entry is one person's link; links have evidence beyond the name and no conflict of names or birthdays inside."""
    everybody = in_memory(entries, "FI").everybody()
    linked = [member.held.key for person in everybody for member in person.links]
    assert sorted(linked) == sorted(entry.key for entry in entries)
    for person in everybody:
        facts = [Facts(member.held, "FI") for member in person.links]
        for one in facts:
            assert all(compare_all(one.forms, other.forms) is not Likeness.CONFLICT for other in facts)
        if len(facts) > 1:
            for member in person.links:
                assert {item.rule for item in member.evidence} & {"same_email", "same_phone", "same_customer_number"}
        assert not refs(person) & refs(person, Verdict.POSSIBLE)


@settings(max_examples=100)
@given(st.lists(NAMES, min_size=1, max_size=10))
def test_a_name_alone_never_links(names: list[str]) -> None:
    """Without identifiers every entry stays a person of its own."""
    entries = [held(f"{number}", name=name, company="Firma Oy") for number, name in enumerate(names)]
    assert all(len(person.links) == 1 for person in in_memory(entries, "FI").everybody())


@settings(max_examples=200)
@given(NAMES, NAMES)
def test_comparing_is_symmetric(one: str, other: str) -> None:
    """Two names relate the same from both sides."""
    likeness(one, other)


@settings(max_examples=100)
@given(
    st.lists(
        st.lists(
            st.builds(Field, st.sampled_from("name given family email phone birthday company".split(" ")), st.text(max_size=30)),
            max_size=4,
        ),
        max_size=6,
    ),
    st.text(max_size=30),
)
def test_hostile_values_crash_nothing(lists: list[list[Field]], query: str) -> None:
    """Any text in any field and in the query has an answer, and every entry is still somebody's."""
    entries = [
        Held("book", Entry(Ref(f"{number}"), Version("1"), Phrase("card"), tuple(fields))) for number, fields in enumerate(lists)
    ]
    matching = in_memory(entries, "FI")
    matching.find(query)
    assert sum(len(person.links) for person in matching.everybody()) == len(entries)
    matching.needles(entries[:2])
