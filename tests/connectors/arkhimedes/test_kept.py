"""What an invoice says of the law that keeps it: its record, whether it is paid, and how it goes when the time is over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from connectors.arkhimedes import ArkhimedesConnector
from connectors.contract import Features
from connectors.entry import Disposal, Entry, Field, Ref, Retention, Version
from connectors.errors import Refused
from connectors.phrase import Phrase
from tests.conformance.tools import retention_faults
from tests.connectors.arkhimedes.made import MAIJA, entries, export, finvoice, invoice, one, pdf, source

PAPER = ("Laskunumero: 1005", "Vastaanottaja", "Malli Maija", "Kuja 1", "00100 HELSINKI")


def kept(entry: Entry) -> Retention:
    """What the entry says of the law."""
    assert entry.retention
    return entry.retention


def status(code: str) -> str:
    """The element in which an invoice says whether it is paid."""
    return f"<PaymentStatusDetails><PaymentStatusCode>{code}</PaymentStatusCode></PaymentStatusDetails>"


def test_every_invoice_says_that_a_law_keeps_it_and_nothing_else_does(tmp_path: Path) -> None:
    """Finvoice and PDF alike are vouchers; a customer's row and card are not saved by the invoice beside them."""
    export(tmp_path, "asiakkaat.csv", MAIJA)
    (tmp_path / "l.xml").write_bytes(finvoice(invoice("1006")))
    (tmp_path / "a.pdf").write_bytes(pdf(PAPER))
    found = entries(source(tmp_path))

    assert {entry.ref[0]: entry.retention is not None for entry in found} == {"r": False, "c": False, "i": True, "p": True}
    assert [fault for entry in found for fault in retention_faults(entry, ArkhimedesConnector.features)] == []


@pytest.mark.parametrize(
    ("code", "owed"), [("NOTPAID", True), ("PARTLYPAID", True), ("notpaid", True), ("PAID", False), ("", False)]
)
def test_an_invoice_that_is_not_paid_says_so(tmp_path: Path, code: str, owed: bool) -> None:
    """What is owed, whole or in part, is a reason to look before anything goes."""
    (tmp_path / "l.xml").write_bytes(finvoice(invoice(rows=status(code) if code else "")))

    assert bool(kept(one(source(tmp_path), "i")).hold) == owed


def test_the_way_an_invoice_goes_names_its_files_without_her_name(tmp_path: Path) -> None:
    """The XML and the PDF are both named, a name in a file's name is not said, and other invoices in the file are spared."""
    (tmp_path / "lasku 1005 Maija Malli.xml").write_bytes(finvoice(invoice()))
    (tmp_path / "Malli-Maija.pdf").write_bytes(pdf(PAPER))
    alone = kept(one(source(tmp_path), "i")).after_reason
    (tmp_path / "lasku 1005 Maija Malli.xml").write_bytes(finvoice(invoice(), invoice("1006")))
    together = kept(entries(source(tmp_path))[0]).after_reason

    assert str(alone).endswith("and here lasku 1005 ….xml, ….pdf")
    assert "other invoices are in the file too" in str(together)


def test_a_hand_is_believed_only_when_the_invoice_and_its_pdf_are_gone(tmp_path: Path) -> None:
    """While the file is there, or only its PDF, the hand has not done it; a PDF of another invoice is no hindrance."""
    xml, paper = tmp_path / "l.xml", tmp_path / "a.pdf"
    xml.write_bytes(finvoice(invoice()))
    paper.write_bytes(pdf(PAPER))
    (tmp_path / "b.pdf").write_bytes(pdf([line.replace("1005", "1006") for line in PAPER]))
    entry = one(source(tmp_path), "i")

    with pytest.raises(Refused, match="1005"):
        source(tmp_path).erase(entry.ref, entry.version)
    xml.unlink()
    with pytest.raises(Refused, match="1005"):
        source(tmp_path).erase(entry.ref, entry.version)
    paper.unlink()

    assert source(tmp_path).erase(entry.ref, entry.version).result == "already_absent"


HONEST = Entry(
    Ref("1"),
    Version("1"),
    Phrase("record"),
    (Field("date", "2026-01-15", stays=True),),
    Disposal.RETAIN,
    Phrase("why"),
    retention=Retention("voucher", Disposal.MANUAL, Phrase("how")),
)


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        (HONEST, []),
        (replace(HONEST, retention=None, disposal=Disposal.ERASE), []),
        (replace(HONEST, disposal=Disposal.ERASE), ["may go though a law keeps it"]),
        (replace(HONEST, disposal_reason=None), ["does not say why it stays"]),
        (
            replace(HONEST, retention=Retention("voucher", Disposal.REDACT)),
            ["promises for later what the source cannot do"],
        ),
        (
            replace(HONEST, retention=Retention("voucher", Disposal.RETAIN)),
            ["promises for later what the source cannot do"],
        ),
        (replace(HONEST, retention=Retention("voucher")), ["does not say how it goes by hand"]),
        (replace(HONEST, fields=(Field("date", "2026-01-15"),)), ["its day would go with the person"]),
    ],
)
def test_the_kit_sees_each_untruth(entry: Entry, fault: list[str]) -> None:
    """Every promise of a retention is looked at by itself."""
    assert retention_faults(entry, Features()) == fault
