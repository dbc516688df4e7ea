"""Twice in one register, or missing from one."""

from __future__ import annotations

from connectors.entry import Disposal, Field
from hub.person import Answer
from hub.report.duplicate import Duplicates
from hub.report.missing import Missing
from tests.hub.report.nights import found, held, night, person, places

HER = held("customers", "1", name="Aino Esimerkkilä")


def test_two_entries_in_one_register_are_a_duplicate() -> None:
    """One finding for the register, naming each entry."""
    twice = person(HER, held("customers", "2", name="Aino Esimerkkilä"), held("phone", "a"))
    (finding,) = found(night("customers", "phone"), Duplicates, twice)

    assert (finding.kind, finding.severity) == ("duplicate", "warning")
    assert places(finding) == {("customers", "1"), ("customers", "2")}


def test_rows_for_different_purchases_only_inform() -> None:
    """A row for each service is how many keep their register."""
    rows = [held("customers", str(number), Field("service", f"palvelu {number}", stays=True)) for number in (1, 2)]
    (finding,) = found(night("customers"), Duplicates, person(*rows))

    assert finding.severity == "info"


def test_invoices_pages_and_copies_are_no_duplicates() -> None:
    """They are many by nature, or reported as a copy."""
    for disposal, copy in ((Disposal.RETAIN, ""), (Disposal.MANUAL, ""), (Disposal.ERASE, "asiakkaat.xlsx")):
        other = held("customers", "2", name="Aino", disposal=disposal, copy_of=copy)
        assert found(night("customers"), Duplicates, person(HER, other)) == ()


def test_a_possible_match_within_a_register_is_told_once() -> None:
    """Though both persons know of one another; one in another register is none."""
    other = held("customers", "2", name="Aino Esimerkkila")
    hers, theirs = person(HER, possible=[other]), person(other, possible=[HER])
    (finding,) = found(night("customers"), Duplicates, hers, theirs)

    assert finding.severity == "info"
    assert places(finding) == {("customers", "1"), ("customers", "2")}
    assert "hub different customers:1 customers:2" in str(finding.proposal)
    assert found(night("customers", "phone"), Duplicates, person(HER, possible=[held("phone", "a")])) == ()


def test_a_customer_is_expected_among_the_contacts() -> None:
    """In any one source of contacts, without any configuration."""
    of = night("customers", "phone", "cards")

    (finding,) = found(of, Missing, person(HER))
    assert finding.kind == "missing"
    assert places(finding) == {("customers", "1")}
    assert found(of, Missing, person(HER, held("cards", "c"))) == ()
    assert found(of, Missing, person(held("cards", "c", name="Aino"))) == ()


def test_nobody_is_missed_where_it_cannot_be_known() -> None:
    """No contacts at all, or contacts that did not tell everything: unreachable is never "not there"."""
    silent = Answer("phone", "", "silent")
    broken = Answer("phone", "", "partial", listed=False)

    assert found(night("customers", "mail"), Missing, person(HER)) == ()
    assert found(night("customers", answers=[silent]), Missing, person(HER)) == ()
    assert found(night("customers", answers=[broken]), Missing, person(HER)) == ()
    assert found(night("customers", answers=[silent], expect={"customers": ["phone"]}), Missing, person(HER)) == ()


def test_a_row_without_a_person_is_not_missed() -> None:
    """A company has no contact card."""
    assert found(night("customers", "phone"), Missing, person(held("customers", "1", company="Kuusipuu Oy"))) == ()


def test_the_configuration_says_what_is_expected() -> None:
    """Each named source is expected; the default does not hold then."""
    of = night("customers", "phone", "binder", expect={"customers": ["binder", "phone"]})

    assert len(found(of, Missing, person(HER))) == 2
    assert len(found(of, Missing, person(HER, held("phone", "a")))) == 1
    assert found(night("customers", "phone", expect={"mail": ["phone"]}), Missing, person(HER)) == ()


def test_a_kind_of_field_may_be_expected() -> None:
    """Where there is no source of that name."""
    of = night("customers", expect={"customers": ["phone"]})

    assert len(found(of, Missing, person(HER))) == 1
    assert found(of, Missing, person(HER, held("customers", "2", name="Aino", phone="0441234567"))) == ()


def test_a_possible_match_is_pointed_at() -> None:
    """Perhaps nothing is missing."""
    (finding,) = found(night("customers", "phone"), Missing, person(HER, possible=[held("phone", "a")]))

    assert "may be the same person" in str(finding.proposal)


def test_an_entry_in_a_copy_is_not_enough() -> None:
    """What only a conflict copy holds neither expects nor fulfils anything."""
    copy = held("phone", "c", name="Aino", copy_of="kortit.vcf")

    assert len(found(night("customers", "phone"), Missing, person(HER, copy))) == 1
