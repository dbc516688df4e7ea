"""Others in free text: covered in every spelling, whatever else stands there; nothing of the person is ever covered."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.entry import Entry, Field, Ref, Version
from connectors.errors import UsageError
from connectors.phrase import Phrase
from hub.export.masking import masked
from hub.language import Language
from hub.matching import Matching, in_memory
from hub.person import Held, Member, Person, Verdict
from tests.hub.shown import HOSTILE

EN = Language("en")
OTHERS = (
    (Field("name", "Pekka Virtanen"), Field("phone", "050 123 4567"), Field("email", "pekka@kulma.example")),
    (Field("name", "Ruokoski Helena"), Field("phone", "09 4245 0012")),
    (Field("name", "Anna-Maija Koski-Lahti"),),
    (Field("name", "Pekka Esimerkkilä"),),
    (Field("company", "Kahvila Kulma Oy"), Field("email", "info@kulma.example")),
)
OWN = (Field("name", "Aino Esimerkkilä"), Field("phone", "044 123 4567"), Field("email", "aino@posti.example"))


def entry(ref: str, *fields: Field, version: str = "1") -> Held:
    """An entry of one source."""
    return Held("customers", Entry(Ref(ref), Version(version), Phrase("record"), fields))


def world(note: str, kind: str = "note", version: str = "1") -> tuple[Person, Matching]:
    """Aino with a text, and the others beside her."""
    hers = entry("hers", *OWN, Field(kind, note), version=version)
    matching = in_memory([hers, *(entry(f"o{number}", *fields) for number, fields in enumerate(OTHERS))], "FI")
    return Person("x", "Aino Esimerkkilä", (Member(hers, Verdict.LINK),)), matching


def covered(note: str, kind: str = "note") -> str:
    """The text as it stands in the package."""
    person, _ = masked(*world(note, kind), EN)
    return person.links[0].held.entry.fields[-1].value


@pytest.mark.parametrize(
    ("note", "shown"),
    [
        ("Pekka Virtanen soitti", "[another person] soitti"),
        ("VIRTANEN PEKKA", "[another person]"),
        ("virtanen, pekka: kahvi", "[another person]: kahvi"),
        ("Pekan Virtasen luona, Helena Ruokoskelle", "[another person] luona, [another person]"),
        ("Anna-Maija Koski-Lahti", "[another person]"),
        ("Pekka Esimerkkilä on hänen miehensä", "[another person] on hänen miehensä"),
        (
            "+358 50 123 4567 tai 0501234567 tai pekka@KULMA.example.",
            "[another person] tai [another person] tai [another person].",
        ),
        ("Aino Esimerkkilä ja Pekka Virtanen", "Aino Esimerkkilä ja [another person]"),
    ],
)
def test_others_are_covered_in_any_spelling(note: str, shown: str) -> None:
    """Both orders, capitals, Finnish cases, phones with and without code, e-mails in any case."""
    assert covered(note) == shown


@pytest.mark.parametrize(
    "note",
    [
        "Aino Esimerkkilä, 044 123 4567, aino@posti.example",
        "Esimerkkilän Aino",
        "Pekka soitti ja Helena kävi",
        "Kahvila Kulma Oy, Kulma",
        "Virtanen",
        "soita 1.2.2026 klo 12.30, hinta 1 234,50",
        "",
    ],
)
def test_nothing_else_is_covered(note: str) -> None:
    """Her own values, single names, companies, dates and prices stay."""
    assert covered(note) == note


def _beside(note: str, *fields: Field) -> str:
    """The text in the package of Aino of Malli Oy, with one other person in the registers."""
    hers = entry("hers", *OWN, Field("company", "Malli Oy"), Field("note", note))
    person = Person("x", "Aino Esimerkkilä", (Member(hers, Verdict.LINK),))
    return masked(person, in_memory([hers, entry("his", *fields)], "FI"), EN)[0].links[0].held.entry.fields[-1].value


@pytest.mark.parametrize(
    ("shared", "note", "shown"),
    [
        (Field("company", "Malli oy"), "Kalle soitti", "[another person] soitti"),
        (Field("company", "Malli Oy"), "Kerro Kallelle, että Aino tulee", "Kerro [another person], että Aino tulee"),
        (OWN[1], "Kallen puhelin", "[another person] puhelin"),
        (Field("company", "Toinen Oy"), "Kalle soitti", "Kalle soitti"),
        (Field("company", "Malli Oy"), "kalle on myös sana", "kalle on myös sana"),
        (Field("company", "Malli Oy"), "Rantakoivu ja Malli", "Rantakoivu ja Malli"),
    ],
)
def test_a_given_name_alone_is_a_colleagues(shared: Field, note: str, shown: str) -> None:
    """Of the same company, or with her phone; never a family name, a word in small letters, or somebody from elsewhere."""
    assert _beside(note, Field("name", "Kalle Rantakoivu"), shared) == shown


def test_a_given_name_that_is_hers_too_is_not_covered() -> None:
    """Two Ainos in one company: in her own entry the name means her."""
    assert _beside("Aino soitti", Field("name", "Aino Rantakoivu"), Field("company", "Malli Oy")) == "Aino soitti"


def test_what_two_people_share_is_hers_too() -> None:
    """A number that she bears herself is nobody else's, although somebody shares it."""
    person, matching = world("044 123 4567")
    twin = entry("twin", Field("name", "Otto Toinen"), Field("phone", "044 123 4567"))
    held = [person.links[0].held, twin]
    assert masked(person, in_memory(held, "FI"), EN)[1] == ()
    assert matching.mentions("044 123 4567", [person.links[0].held]) == []


def test_her_own_name_is_not_her_namesakes() -> None:
    """Somebody else bears the same name: in her own entry it means her."""
    person, _ = world("Aino Esimerkkilä soitti, Esimerkkilä, Aino")
    namesake = entry("namesake", Field("name", "Aino Esimerkkilä"), Field("email", "toinen@posti.example"))
    assert masked(person, in_memory([person.links[0].held, namesake], "FI"), EN)[1] == ()


@pytest.mark.parametrize("kind", ["note", "other", "service", "title"])
def test_free_text_is_looked_at(kind: str) -> None:
    """Each kind of field in which people write what they like."""
    assert covered("Pekka Virtanen", kind) == "[another person]"


@pytest.mark.parametrize("kind", ["name", "company", "email", "address"])
def test_a_field_that_is_hers_is_not_touched(kind: str) -> None:
    """What a register says her name or company is, it says of her."""
    assert covered("Pekka Virtanen", kind) == "Pekka Virtanen"


def test_a_place_is_named_and_can_be_shown() -> None:
    """Each place has a name that says nothing; shown, it stays as it is; a new version of the entry has new places."""
    person, looks = masked(*world("Pekka Virtanen, 050 123 4567"), EN)
    assert [(look.what, look.text, look.shown) for look in looks] == [
        ("name", "Pekka Virtanen", False),
        ("phone", "050 123 4567", False),
    ]
    assert len({look.place for look in looks}) == 2
    shown, again = masked(*world("Pekka Virtanen, 050 123 4567"), EN, [looks[0].place])
    assert shown.links[0].held.entry.fields[-1].value == "Pekka Virtanen, [another person]"
    assert [look.place for look in again] == [look.place for look in looks]
    for other in (world("Pekka Virtanen, 050 123 4567", version="2"), world("nobody")):
        with pytest.raises(UsageError, match="no place"):
            masked(*other, EN, [looks[0].place])
    assert person.links[0].held.entry.fields[:-1] == OWN


def test_what_is_undecided_stays_as_it_is() -> None:
    """A possible entry is not in a package, so nothing in it is covered or listed."""
    person, matching = world("Pekka Virtanen")
    perhaps = replace(person.links[0], verdict=Verdict.POSSIBLE)
    assert masked(replace(person, members=(perhaps,)), matching, EN) == (replace(person, members=(perhaps,)), ())


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_texts_come_through(value: str) -> None:
    """Control characters, markup, surrogates and very long texts stay, and somebody else among them is covered."""
    assert covered(value) == value
    before = unicodedata.normalize("NFC", value)
    assert covered(f"{value} / Pekka Virtanen / {value}") == f"{before} / [another person] / {before}"


@given(
    st.lists(
        st.one_of(st.text(max_size=12), st.sampled_from(["Pekka", "Virtanen", "Helena", "050 123 4567", "\u202e", "ja"])),
        max_size=12,
    )
)
def test_no_text_makes_it_stumble_and_no_known_address_is_left(parts: list[str]) -> None:
    """Whatever stands around it, an e-mail or phone of somebody else is gone, and only places that are listed changed."""
    note = " ; ".join([*parts, "pekka@kulma.example", "050 123 4567"])
    person, looks = masked(*world(note), EN)
    shown = person.links[0].held.entry.fields[-1].value
    assert "pekka@kulma.example" not in shown.split(" ; ")
    assert {"email", "phone"} <= {look.what for look in looks}
    back = shown
    for look in looks:
        back = back.replace("[another person]", look.text, 1)
    assert back == unicodedata.normalize("NFC", note) or "[another person]" in note
