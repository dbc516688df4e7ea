"""Customers in marketing groups, lists, sheets and columns."""

from __future__ import annotations

import pytest

from connectors.entry import Entry, Field, Ref, Version
from connectors.phrase import Phrase
from hub.person import Held
from hub.report.marketing import Marketing
from tests.hub.report.nights import found, held, night, person, places

CUSTOMER = held("customers", "1", name="Aino Esimerkkilä")


def flagged(*fields: Field, source: str = "gmail") -> bool:
    """Whether a customer with such an entry is flagged."""
    return bool(found(night("customers", source), Marketing, person(CUSTOMER, held(source, "g", *fields))))


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("group", "Uutiskirje"),
        ("CATEGORIES", "Asiakkaat,Markkinointi"),
        ("group", "Newsletter 2026"),
        ("Ryhmä", "joulumarkkinointi"),
        ("Kategori", "Nyhetsbrev"),
        ("Uutiskirje", "kyllä"),
        ("Markkinointilupa", "x"),
        ("Nyhetsbrev", "ja"),
    ],
)
def test_a_customer_in_something_for_marketing_is_flagged(label: str, value: str) -> None:
    """A group, a category or a column, in three languages."""
    assert flagged(Field("other", value, label))


@pytest.mark.parametrize(
    ("kind", "label", "value"),
    [
        ("other", "Uutiskirje", "ei"),
        ("other", "Markkinointilupa", "0"),
        ("other", "Markkinointikielto", "x"),
        ("other", "group", "Ei markkinointia"),
        ("other", "group", "Asiakkaat"),
        ("service", "Palvelu", "Markkinointi"),
        ("company", "Yritys", "Mainostoimisto Kuusi"),
        ("title", "title", "Markkinointipäällikkö"),
        ("name", "Markkinoinnin yhteyshenkilö", "Aino Esimerkkilä"),
        ("note", "Lisätiedot", "kiinnostunut markkinoinnista"),
    ],
)
def test_what_is_not_for_marketing_is_left_alone(kind: str, label: str, value: str) -> None:
    """A no, a ban, and a customer whose business is marketing."""
    assert not flagged(Field(kind, value, label))


def test_only_customers_are_flagged() -> None:
    """A friend may get the newsletter; a customer of the invoicing program may not."""
    group = held("gmail", "g", Field("other", "Uutiskirje", "group"))
    of = night("customers", "gmail", "invoicing")

    assert found(of, Marketing, person(group)) == ()
    (finding,) = found(of, Marketing, person(group, held("invoicing", "r", name="Aino")))
    assert finding.kind == "marketing"
    assert places(finding) == {("gmail", "g")}


def test_a_list_is_known_by_its_name() -> None:
    """The name of the source, or of the sheet or book in the locator."""
    sheet = Held("customers", Entry(Ref("s"), Version("1"), Phrase("sheet {sheet}, row {row}", sheet="Postituslista", row=2), ()))
    of = night("customers", "newsletter")

    assert len(found(of, Marketing, person(CUSTOMER, held("newsletter", "n", name="Aino")))) == 1
    assert len(found(of, Marketing, person(CUSTOMER, sheet))) == 1
    assert found(of, Marketing, person(CUSTOMER)) == ()


def test_one_list_is_one_finding() -> None:
    """Though she stands in it twice."""
    rows = [held("newsletter", ref, name="Aino") for ref in ("1", "2")]

    assert len(found(night("customers", "newsletter"), Marketing, person(CUSTOMER, *rows))) == 1
