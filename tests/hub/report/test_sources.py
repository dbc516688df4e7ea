"""What is said about the sources themselves, and about their conflict copies."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.contract import Column
from connectors.entry import Entry, Ref, Unreadable, Version
from connectors.phrase import Phrase
from hub.person import Answer, Held
from hub.report import Finding, Place, families, make_report
from hub.report.copies import Copies
from hub.report.sources import Sources
from tests.hub.report.nights import NOON, found, held, night, person, places

WHY = Phrase("{source} did not answer.", source="phone")


def kinds(findings: tuple[Finding, ...]) -> list[str]:
    """The kinds found, sorted."""
    return sorted(finding.kind for finding in findings)


def test_a_silent_source_is_an_error() -> None:
    """It is named as a source, with the reason."""
    (finding,) = found(night(answers=[Answer("phone", "", "silent", reason=WHY, listed=False)]), Sources)

    assert (finding.kind, finding.severity, finding.entries) == ("silent_source", "error", (Place("phone"),))
    assert "phone did not answer." in str(finding.what)


def test_a_listing_that_broke_off_and_records_that_cannot_be_read() -> None:
    """Each record is a finding of its own with its place; a source that told all is none."""
    broken = tuple(Unreadable(Phrase("record {ref}", ref=ref), Phrase("could not be read")) for ref in ("8", "9"))
    findings = found(night("phone", answers=[Answer("mail", "", "partial", 5, broken, reason=WHY, listed=False)]), Sources)

    assert kinds(findings) == ["unreadable"] * 3
    assert len({finding.id for finding in findings}) == 3
    assert [finding.severity for finding in findings] == ["error", "warning", "warning"]
    assert any("record 8" in str(finding.what) for finding in findings)
    assert found(night("phone"), Sources) == ()


@pytest.mark.parametrize(("days", "stale"), [(30, False), (32, True)])
def test_an_old_export_is_stale(days: int, stale: bool) -> None:
    """By the time of its newest data, where the configuration says how old it may be."""
    answer = Answer("invoicing", "", "complete", as_of=(NOON - timedelta(days=days)).isoformat())

    assert kinds(found(night(answers=[answer], stale={"invoicing": 31}), Sources)) == (["stale_source"] if stale else [])
    assert found(night(answers=[answer]), Sources) == ()


@pytest.mark.parametrize("as_of", ["", "gestern", "2026-11-27"])
def test_a_source_without_a_time_is_never_stale(as_of: str) -> None:
    """Nor is one whose time cannot be read."""
    answer = Answer("invoicing", "", "complete", as_of=as_of)

    assert found(night(answers=[answer], stale={"invoicing": 31}), Sources) == ()


def test_a_column_nobody_knows_is_told() -> None:
    """Each of them; a known one and one that is left out on purpose are not."""
    columns = [
        Column("Hattukoko", None, known=False),
        Column("Nimi", "name"),
        Column("Nro", None, Phrase("it only counts the rows")),
    ]
    (finding,) = found(night("customers", columns={"customers": columns}), Sources)

    assert (finding.kind, finding.entries) == ("unknown_column", (Place("customers"),))
    assert "Hattukoko" in str(finding.what)


def in_copy(ref: str, file: str) -> Held:
    """An entry of a conflict copy."""
    locator = Phrase("{file}, sheet {sheet}, row {row}", file=file, sheet="Asiakkaat", row=ref)
    return Held("customers", Entry(Ref(ref), Version("1"), locator, (), copy_of="asiakkaat.xlsx"))


def warned(*files: str) -> Answer:
    """An answer that warns of copies."""
    warning = [
        Phrase("{copy} looks like a conflict copy of {file}: it is searched and erased too.", copy=file, file="asiakkaat.xlsx")
        for file in files
    ]
    return Answer("customers", "", "complete", warnings=(*warning, Phrase("{count} cells are left out.", count=2)))


def test_each_copy_is_one_finding() -> None:
    """With its entries, and without any when it holds none."""
    entries = [in_copy("c1", "asiakkaat 2.xlsx"), in_copy("c2", "asiakkaat 2.xlsx"), in_copy("c3", "asiakkaat 4.xlsx")]
    of = night(answers=[warned("asiakkaat 2.xlsx", "asiakkaat 3.xlsx", "asiakkaat 4.xlsx")])
    two, three, four = found(of, Copies, person(held("customers", "1"), *entries))

    assert places(two) == {("customers", "c1"), ("customers", "c2")}
    assert "asiakkaat 2.xlsx" in str(two.what)
    assert places(three) == {("customers", None)}
    assert places(four) == {("customers", "c3")}


def test_a_copy_nobody_warned_of_is_told_too() -> None:
    """Its entries say what they are a copy of."""
    (finding,) = found(night("customers"), Copies, person(in_copy("c1", "asiakkaat 2.xlsx")))

    assert finding.kind == "conflict_copy"
    assert found(night("customers"), Copies, person(held("customers", "1"))) == ()


def test_entries_of_a_copy_make_no_other_finding() -> None:
    """Whatever they hold: everything would be told twice."""
    copy = held("customers", "c1", name="Aino", phone="0501234567", note="diabetes", birthday="1980", copy_of="asiakkaat.xlsx")
    hers = person(held("customers", "1", name="Aino", phone="0441234567"), copy, held("phone", "a", phone="0441234567"))
    report = make_report(night("customers", "phone"), [hers], families())

    assert kinds(tuple(report.findings)) == ["conflict_copy"]
