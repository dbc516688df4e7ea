"""What a query means, and which values of a person are searched for by value."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from connectors.contract import Needle
from connectors.entry import Disposal, Entry, Field, Ref, Version
from connectors.phrase import Phrase
from hub.matching import Reading, in_memory
from hub.person import Held, Verdict
from tests.hub.held import held, refs

REGISTER = [
    held(
        "1", name="Maija Virtanen", email="maija@firma.example", phone="044 123 4567", company="Firma Oy", customer_number="10023"
    ),
    held("2", name="Virtanen, Matti", email="matti@firma.example", company="Firma Oy", business_id="1234567-1"),
    held("3", name="Päivi Mäkelä", given="Päivi", family="Mäkelä", company="Maija Virtanen Oy", note="Maija Virtanen suositteli"),
    held("4", name="Paavo Makela", other="J-77"),
    held("5", email="kerätty@koti.example"),
    held("6", name="K. Koski", former_name="Nieminen"),
    held("7", name="Maija Liisa Korhonen"),
    held("8", name="Kaisa (Kaisu) Niemi", phone="050 123 4567, 040 123 4567"),
]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Maija Virtanen", ["1"]),
        ("virtanen maija", ["1"]),
        ("VIRTANEN, Maija", ["1"]),
        ("rouva Maija Virtanen", ["1"]),
        ("Maija Liisa Virtanen", ["1"]),
        ("M Virtanen", ["1", "2"]),
        ("virtanen", ["1", "2"]),
        ("maija", ["7", "1"]),
        ("mäkelä", ["3", "4"]),
        ("makela", ["4", "3"]),
        ("Paivi Maekelae", ["3"]),
        ("päi mäk", ["3"]),
        ("Kalle Koski", ["6"]),
        ("Kalle Nieminen", []),
        ("nieminen", ["6"]),
        ("maija@firma.example", ["1"]),
        ("Maija V <MAIJA@firma.example>", ["1"]),
        ("mailto:kerätty@koti.example", ["5"]),
        ("kerätty", ["5"]),
        ("@firma.example", ["1", "2"]),
        ("+358 (0)44 1234567", ["1"]),
        ("441234567", ["1"]),
        ("040-1234567", ["8"]),
        ("kaisu", ["8"]),
        ("maija 044 123 4567", ["1"]),
        ("matti 044 123 4567", []),
        ("maija matti@firma.example", []),
        ("0449999999", []),
        ("matti@koti.example", []),
        ("10023", ["1"]),
        ("1234567-1", ["2"]),
        ("FI12345671", ["2"]),
        ("j-77", ["4"]),
        ("firma oy", ["1", "2"]),
        ("firma maija", ["1"]),
        ("suositteli", []),
        ("", []),
        ("   ", []),
        ("-", []),
        ("@", []),
        ("112", []),
    ],
)
def test_a_query_means(query: str, expected: list[str]) -> None:
    """A name in any order, a part, an identifier in any spelling, or several of them together; never what a note mentions."""
    found = in_memory(REGISTER, "FI").find(query)
    assert [next(iter(refs(person))) for person in found] == expected


@pytest.mark.parametrize(
    ("query", "reading"),
    [
        ("maija@firma.example", Reading.IDENTIFIER),
        ("maija 044 123 4567", Reading.IDENTIFIER),
        ("10023", Reading.IDENTIFIER),
        ("Virtanen Maija", Reading.NAME),
        ("Maija Wirtanen", Reading.LOOSE_NAME),
        ("Maija", Reading.PART),
        ("Maija Liisa Virtanen", Reading.LIKE),
        ("vir", Reading.LIKE),
        ("firma", Reading.PIECE),
        ("0449999999", Reading.NOTHING),
        ("nobody", Reading.NOTHING),
        ("", Reading.NOTHING),
    ],
)
def test_how_a_query_was_understood(query: str, reading: Reading) -> None:
    """Who asks for an erase at once must know whether the query names the person or only resembles the name."""
    matching = in_memory(REGISTER, "FI")
    assert matching.understood(query) is reading
    assert bool(matching.find(query)) is (reading is not Reading.NOTHING)


def test_a_whole_name_is_not_its_parts() -> None:
    """The exact name hides longer ones from the hits; they are asked about instead, so that nothing gets lost."""
    matching = in_memory([held("a", name="Maija Virtanen"), held("b", name="Maija Liisa Virtanen")], "FI")
    (person,) = matching.find("Virtanen Maija")
    assert (refs(person), refs(person, Verdict.POSSIBLE)) == ({"a"}, {"b"})
    matching = in_memory([held("ä", name="Maija Mäki"), held("a", name="Maija Maki")], "FI")
    (person,) = matching.find("Maija Mäki")
    assert refs(person) == {"ä"}
    # Who has no ä on the keyboard means Mäki, too.
    assert [refs(person) for person in matching.find("maki maija")] == [{"a"}, {"ä"}]
    assert len(matching.find("Maija Maeki")) == 2


def needles_of(entries: Sequence[Held], *own: str) -> set[tuple[str, str]]:
    """The needles of the person who has the entries with these refs."""
    found = in_memory(entries, "FI").needles([item for item in entries if item.entry.ref in own])
    assert all(isinstance(needle, Needle) for needle in found)
    return {(needle.kind, needle.value) for needle in found}


def test_the_needles_of_a_person() -> None:
    """Names in reading order, the first and last one too, former names, identifiers in their one form."""
    entries = [
        held("a", name="Virtanen, Maija Liisa", former_name="Koski", email="Maija@Äiti.example", phone="044 123 4567"),
        held("b", name="Maija", customer_number="10023", email="maija@firma.example"),
        held("c", name="Pekka Salo"),
    ]
    assert needles_of(entries, "a", "b") == {
        ("name", "Maija Liisa Virtanen"),
        ("name", "Maija Virtanen"),
        ("name", "Maija Liisa Koski"),
        ("name", "Maija Koski"),
        ("email", "maija@äiti.example"),
        ("email", "maija@xn--iti-pla.example"),
        ("email", "maija@firma.example"),
        ("phone", "+358441234567"),
        ("text", "10023"),
    }


@pytest.mark.parametrize(
    "bystander",
    [
        held("x", name="Virtanen Maija"),
        held("x", name="Maija Liisa Virtanen"),
        held("x", given="Maija", family="Virtanen"),
        held("x", name="Pekka Salo", company="Maija Virtanen Oy"),
        held("x", name="Maija Salo", former_name="Virtanen"),
    ],
)
def test_a_namesakes_name_is_no_needle(bystander: Held) -> None:
    """A name that somebody else or a company bears, too, is never cut out of anything."""
    own = held("a", name="Maija Virtanen", email="maija@firma.example")
    assert needles_of([own], "a") == {("name", "Maija Virtanen"), ("email", "maija@firma.example")}
    assert needles_of([own, bystander], "a") == {("email", "maija@firma.example")}


def test_what_others_bear_or_what_stays_is_no_needle() -> None:
    """Shared identifiers, single names, companies, short numbers, initials of others and staying fields are left out."""
    entries = [
        held("a", name=["Maija", "M. Virtanen"], email="yhteinen@koti.example", phone="044 123 4567", customer_number="12"),
        held("b", name="Matti Virtanen", email="Yhteinen@koti.example", phone="+358441234567"),
    ]
    assert needles_of(entries, "a") == set()
    fields = (
        Field("name", "Maija Virtanen"),
        Field("email", "info@firma.example", stays=True),
        Field("company", "Firma Oy", stays=True),
    )
    row = Held("customers", Entry(Ref("r"), Version("1"), Phrase("row 2"), fields, disposal=Disposal.REDACT))
    assert needles_of([row], "r") == {("name", "Maija Virtanen")}
    assert needles_of([held("a", name="Maija Virtanen Oy")], "a") == set()


def test_a_surname_first_name_is_turned_into_reading_order() -> None:
    """When another entry knows the family name, "Virtanen Maija Liisa" is searched for as it is read."""
    entries = [held("a", name="Virtanen Maija Liisa"), held("b", given="Maija", family="Virtanen")]
    assert needles_of(entries, "a", "b") == {("name", "Maija Liisa Virtanen"), ("name", "Maija Virtanen")}
    von = held("v", given="Carl", family="von Esimerkki")
    assert needles_of([von], "v") == {("name", "Carl von Esimerkki"), ("name", "von Esimerkki Carl")}
