"""Column names in three languages, however they are written."""

from __future__ import annotations

import pytest

from connectors import _columns
from connectors._resources import table
from connectors.entry import KINDS

NAMES = {
    "Nimi": "name", "NIMI:": "name", "Yhteyshenkilö": "name", "Yhteys-\nhenkilö": "name", "Kontaktperson": "name", "Contact person": "name",
    "Etunimi": "given", "Förnamn": "given", "Last name": "family", "Sukunimi*": "family", "Ent. sukunimi": "former_name",
    "E-Mail": "email", "sähkö posti": "email", "Sahkoposti": "email", "E-postadress": "email", "Yhteyshenkilön sähköposti": "email",
    "Puh.": "phone", "Puhelin 2": "phone", "Puhelin (koti)": "phone", "GSM-numero": "phone", "Tfn": "phone", "Mobile No.": None,
    "Katuosoite": "address", "Postinro": "postcode", "Postitoimipaikka": "city", "Ort": "city", "Maa": "country",
    "Yritys": "company", "Yrityksen nimi": "company", "Företag": "company", "Y-tunnus": "business_id", "FO-nummer": "business_id",
    "Titteli": "title", "Syntymäaika": "birthday", "Huom!": "note", "Anmärkningar": "note", "www-sivut": "url", "Palvelu": "service",
    "Hinta (€)": "price", "Hinta, alv 0 %": None, "Pvm": "date", "Asiakasnro": "customer_number", "Kundnr.": "customer_number",
    "Laskunro": "invoice_number", "Henkilötunnus": "other", "Nro": "running", "#": "running", "Nimi / Name": "name", "Namn/E-post": None,
    "Lempiväri": None, "": None, "Asiakasrekisteri 2024": None, "x" * 500: None, "Maija Virtanen": None,
}  # fmt: skip


@pytest.mark.parametrize("header", NAMES)
def test_a_column_is_known_by_its_name(header: str) -> None:
    """Case, accents, blanks, punctuation, numbers behind and words in brackets make no difference."""
    assert _columns.kind_of(header) == NAMES[header]


def test_every_name_has_one_kind() -> None:
    """No name stands under two kinds, and there is a list for every kind."""
    lists = table("headers.toml")
    assert set(KINDS) <= set(lists)
    seen: dict[str, str] = {}
    for kind in (*KINDS, _columns.RUNNING):
        for word in _columns.words(kind):
            assert seen.setdefault(word, kind) == kind, word


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("Yhteensä", True),
        ("YHTEENSÄ:", True),
        ("Totalt 12 st", True),
        ("Total 1 234,50 €", True),
        ("Summanen Oy", False),
        ("", False),
    ],
)
def test_totals_are_known_by_their_first_word(text: str, total: bool) -> None:
    """A row that sums up others says so in its first text."""
    assert _columns.is_total(text) is total
