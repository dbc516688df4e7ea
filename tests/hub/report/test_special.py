"""Personal identity codes, health words and birth dates: found wherever they stand, shown nowhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.entry import Disposal, Field
from hub.report import Finding
from hub.report.special import SpecialData
from tests.hub.report.nights import found, held, night, person

CODE = "010594Y9021"
"""A temporary code: such numbers are nobody's."""


def in_field(kind: str, value: str, label: str = "") -> list[Finding]:
    """What is found in one field of one entry."""
    return list(found(night("customers"), SpecialData, person(held("customers", "1", Field(kind, value, label)))))


def types(kind: str, value: str, label: str = "") -> list[str]:
    """Which types of special data are found in it, sorted."""
    known = {"error": "code", "warning": "health", "info": "birth"}
    return sorted(known[finding.severity] for finding in in_field(kind, value, label))


@pytest.mark.parametrize(
    "code", ["131052-308T", "131052A308T", "131052Y308T", "131052F308T", "131052u308t", CODE, "131052–308T", "131052 - 308T"]
)
@pytest.mark.parametrize("kind", ["note", "name", "customer_number", "birthday", "address"])
def test_a_code_is_found_in_any_field(code: str, kind: str) -> None:
    """With the signs of 2023 too, in any spelling."""
    assert types(kind, f"tunnus {code}, muuta") == ["code"]


@pytest.mark.parametrize(
    "text", ["131052-308U", "310252-3087", "1131052-308T", "131052-308TX", "131052308T", "tilaus 131052-3080"]
)
def test_what_only_looks_like_a_code_is_none(text: str) -> None:
    """A wrong check digit, an impossible day, a part of a longer number."""
    assert types("note", text) == []


@pytest.mark.parametrize(
    "text",
    [
        "sairauslomalla maaliskuuhun",
        "masennusta",
        "Verenpainelääkitys",
        "rintasyöpä",
        "DIABETES",
        "on raskaana",
        "har diabetes",
        "sjukskriven",
        "bröstcancer",
        "on sick leave",
        "gluten-free, please",
        "pähkinäallergia",
    ],
)
def test_a_health_word_is_found(text: str) -> None:
    """In Finnish, Swedish and English, inflected and compounded."""
    assert types("note", text) == ["health"]


@pytest.mark.parametrize(
    "text",
    [
        "terveisin Maija",
        "raskas laukku mukana",
        "asiakas vuodesta 2019",
        "maksaa aina ajoissa",
        "lasku 1005, 240,00 €",
        "soitti 3.4.2026 ja peruutti",
        "sivut s. 2019",
        "invalid e-mail",
        "add to the list",
    ],
)
def test_ordinary_words_are_left_alone(text: str) -> None:
    """A finding that is none teaches the owner not to look."""
    assert types("note", text) == []


@pytest.mark.parametrize(
    ("kind", "value"), [("company", "Sairaalapalvelu Oy"), ("address", "Terapiakuja 3"), ("email", "psykologi@x.example")]
)
def test_a_name_of_a_company_or_a_street_says_nothing_about_health(kind: str, value: str) -> None:
    """Only where a person writes about a person."""
    assert types(kind, value) == []


def test_a_column_about_health_is_enough() -> None:
    """What stands in a column "Allergiat" is about health whatever the word is; "no" is not."""
    assert types("note", "pähkinä", "Allergiat") == ["health"]
    assert types("note", "ei", "Allergiat") == []
    assert types("note", "pähkinä", "Toiveet") == []


@pytest.mark.parametrize(
    "text",
    [
        "syntynyt 1.2.1980",
        "s. 1.2.1980",
        "synt. 1980",
        "Syntymäaika: 010280",
        "född den 3.4.1975",
        "born 1975-04-03",
        "s.12/3/70",
    ],
)
def test_a_birth_date_in_a_note_is_found(text: str) -> None:
    """By the word in front of it."""
    assert types("note", text) == ["birth"]


def test_a_birthday_field_is_one() -> None:
    """Whatever its form; a code in it is told as the code."""
    assert types("birthday", "1980-02-01") == ["birth"]
    assert types("birthday", "1980") == ["birth"]
    assert types("date", "1.2.2026") == []


def test_each_is_a_finding_of_its_own_and_shows_nothing() -> None:
    """Two words, a code and a date: four findings, four ids, and no value in any."""
    text = f"diabetes, astma, {CODE}, syntynyt 1.5.1994"
    findings = in_field("note", text, "Lisätiedot")

    assert len({finding.id for finding in findings}) == 4
    for finding in findings:
        shown = f"{finding!r}{finding.what}{finding.proposal}{finding.entries}"
        assert not any(part in shown for part in ("diabetes", "astma", CODE, "1994"))
        assert "Lisätiedot" in finding.what


def test_the_id_reveals_nothing() -> None:
    """It depends on the key: without it, words cannot be tried out."""
    entry = person(held("customers", "1", note="diabetes"))
    (ours,) = found(night("customers"), SpecialData, entry)
    other = night("customers")
    object.__setattr__(other, "key", b"another key")
    (theirs,) = found(other, SpecialData, entry)

    assert ours.id != theirs.id


def test_what_two_persons_share_is_told_once() -> None:
    """A row of two contact persons has one note."""
    shared = Field("note", "diabetes", "Lisätiedot", stays=True)
    rows = [person(held("customers", "1", Field("name", name), shared), name=name) for name in ("Aino", "Onni")]

    assert len(found(night("customers"), SpecialData, *rows)) == 1


def test_the_card_of_a_row_is_not_told_again() -> None:
    """A card by hand says what its row says; a page of a binder stands for itself."""
    row = held("invoicing", "r", note="diabetes")
    card = held("invoicing", "c", note="diabetes", disposal=Disposal.MANUAL)

    assert [item.entries[0].ref for item in found(night("invoicing"), SpecialData, person(card, row))] == ["r"]
    assert len(found(night("invoicing"), SpecialData, person(card))) == 1


def test_the_same_word_in_two_rows_of_hers_is_two_findings() -> None:
    """Each must be removed."""
    rows = [held("customers", ref, name="Aino", note="diabetes") for ref in ("1", "2")]

    assert len(found(night("customers"), SpecialData, person(*rows))) == 2


def test_the_same_word_twice_in_one_column_is_one_finding() -> None:
    """It is the same place to look at."""
    twice = held("customers", "1", Field("note", "diabetes", "Huom"), Field("note", "on diabetes", "Huom"))

    assert len(found(night("customers"), SpecialData, person(twice))) == 1


def test_a_copy_is_not_looked_into() -> None:
    """It is reported as a copy."""
    copy = held("customers", "c", note=CODE, copy_of="asiakkaat.xlsx")

    assert found(night("customers"), SpecialData, person(copy)) == ()


@given(st.text(max_size=200))
def test_any_text_can_be_looked_into(text: str) -> None:
    """Whatever a register holds."""
    for kind in ("note", "birthday"):
        for finding in in_field(kind, text, text):
            assert finding.kind == "special_data"
