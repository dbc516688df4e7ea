"""Invoices: everybody named in them is found, the owner is not, nothing of them is altered, and bad ones are told."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract import Needle
from connectors.entry import Disposal, Unreadable
from connectors.errors import HubError, Refused
from tests.connectors.arkhimedes.made import MAIJA, entries, export, finvoice, invoice, one, pdf, source

NEEDLE = Needle("email", "maija@malli.example")


def unreadable(folder: Path) -> list[Unreadable]:
    """What its listing could not read."""
    return [item for item in source(folder).entries() if isinstance(item, Unreadable)]


@pytest.mark.parametrize("encoding", ["iso-8859-15", "utf-8", "ISO-8859-1"])
def test_a_framed_file_of_several_invoices(tmp_path: Path, encoding: str) -> None:
    """Each invoice behind its envelope is an entry with the buyer's values and its own, never the seller's."""
    data = finvoice(invoice("1005"), invoice("1006", "Kahvila Kulma Oy"), encoding=encoding)
    (tmp_path / "laskut.xml").write_bytes(data)
    first, second = entries(source(tmp_path))

    assert (first.disposal, str(first.locator)) == (Disposal.RETAIN, "invoice 1005")
    assert first.values("name", "email", "phone") == ("Malli Maija", "044 123 4567", "maija@malli.example")
    assert first.values("invoice_number", "date", "price") == ("1005", "2026-01-15", "124,00")
    assert "Kiitos, Määttä soittaa" in first.values("note")
    assert (second.values("company"), second.values("name")) == (("Kahvila Kulma Oy",), ())
    assert not any("olga" in item.value.casefold() or "Esimerkki" in item.value for item in first.fields)


def test_every_place_of_a_person(tmp_path: Path) -> None:
    """Contact person, long names over two lines, delivery, other parties and rows' free text are read."""
    extra = (
        "<BuyerContactPersonName>Esko Eero</BuyerContactPersonName>"
        "<DeliveryPartyDetails><DeliveryOrganisationName>Luu Liisa</DeliveryOrganisationName></DeliveryPartyDetails>"
        "<DeliveryDetails><DeliveryMethod>posti</DeliveryMethod></DeliveryDetails>"
        "<AnyPartyDetails><AnyPartyText>Maksaja</AnyPartyText><AnyPartyOrganisationName>Pitkä Olli</AnyPartyOrganisationName>"
        "<AnyPartyCommunicationDetails><AnyPartyEmailAddressIdentifier>olli@pitka.example</AnyPartyEmailAddressIdentifier>"
        "</AnyPartyCommunicationDetails></AnyPartyDetails>"
    )
    rows = "<InvoiceRow><ArticleName>Valmennus</ArticleName><RowFreeText>Sari Suo mukana</RowFreeText></InvoiceRow>"
    (tmp_path / "l.xml").write_bytes(finvoice(invoice(extra=extra, rows=rows)))
    found = entries(source(tmp_path))

    assert [entry.values("name") for entry in found] == [("Malli Maija", "Esko Eero"), ("Luu Liisa",), ("Pitkä Olli",)]
    assert "Sari Suo mukana" in found[0].values("note")
    assert found[2].values("email", "invoice_number") == ("olli@pitka.example", "1005")
    assert not any(item.value == "posti" for entry in found for item in entry.fields)


def test_an_invoice_is_never_altered(tmp_path: Path) -> None:
    """Erase and redact refuse, the bytes stay, and what stands in it is no residue."""
    (tmp_path / "l.xml").write_bytes(finvoice(invoice()))
    kept, before = one(source(tmp_path), "i"), (tmp_path / "l.xml").read_bytes()

    with pytest.raises(Refused, match="invoice is not altered"):
        source(tmp_path).erase(kept.ref, kept.version)
    with pytest.raises(Refused):
        source(tmp_path).redact(kept.ref, kept.version, ["name"])

    assert (tmp_path / "l.xml").read_bytes() == before
    assert list(source(tmp_path).residue([NEEDLE])) == []


def test_what_is_no_invoice_is_searched(tmp_path: Path) -> None:
    """A value in a table's other row, a note, or a backup is residue; a PDF that cannot be read is said."""
    export(tmp_path, "asiakkaat.csv", MAIJA)
    (tmp_path / "muistio.txt").write_text("soita maija@malli.example", encoding="utf-8")
    (tmp_path / "lasku.pdf").write_bytes(pdf(()))
    found = source(tmp_path).residue([NEEDLE])

    assert sorted((str(item.where), item.found) for item in found) == [
        ("asiakkaat.csv, row 2", True),
        ("lasku.pdf", False),
        ("muistio.txt", True),
    ]


def test_a_pdf_goes_with_its_invoice(tmp_path: Path) -> None:
    """The PDF of an invoice that is there as XML is its attachment; another is an entry of its own."""
    (tmp_path / "l.xml").write_bytes(finvoice(invoice()))
    lines = (
        "Esimerkki Oy",
        "Asiakasnumero: 1007",
        "Laskunumero: 1005",
        "Vastaanottaja",
        "Malli Maija",
        "Kuja 1",
        "00100 HELSINKI",
    )
    (tmp_path / "a.pdf").write_bytes(pdf(lines))
    (tmp_path / "b.pdf").write_bytes(pdf([line.replace("1005", "1006") for line in lines]))
    both, alone = one(source(tmp_path), "i"), one(source(tmp_path), "p")

    assert [(file.name, file.load()[:5]) for file in both.attachments] == [("a.pdf", b"%PDF-")]
    assert (alone.disposal, str(alone.locator)) == (Disposal.RETAIN, "invoice 1006")
    assert alone.values("name", "address", "postcode", "city") == ("Malli Maija", "Kuja 1", "00100", "HELSINKI")
    assert alone.values("customer_number") == ("1007",)


def test_only_the_invoices_of_a_folder_of_other_registers(tmp_path: Path) -> None:
    """Loose invoices and the PDFs that say their number are read; tables, other XML, other PDFs and folders are not this source's."""
    (tmp_path / "l.xml").write_bytes(finvoice(invoice()))
    (tmp_path / "muu.xml").write_text("<svg/>", encoding="utf-8")
    (tmp_path / "poikki.xml").write_bytes(finvoice(invoice())[:-30])
    (tmp_path / "l.pdf").write_bytes(pdf(("Laskunumero: 1005", "Malli Maija")))
    (tmp_path / "esite.pdf").write_bytes(pdf(("Malli Maija", "Kuja 1", "00100 HELSINKI")))
    (tmp_path / "skanni.pdf").write_bytes(pdf(()))
    (tmp_path / "vanhat").mkdir()
    (tmp_path / "vanhat" / "l.xml").write_bytes(finvoice(invoice("1006")))
    export(tmp_path, "asiakkaat.csv", MAIJA)
    loose = source(tmp_path, content="invoices")

    assert [(str(entry.locator), [file.name for file in entry.attachments]) for entry in entries(loose)] == [
        ("invoice 1005", ["l.pdf"])
    ]
    assert [str(item.locator) for item in loose.entries() if isinstance(item, Unreadable)] == [
        "poikki.xml, invoice number 1 in the file"
    ]
    assert list(loose.residue([NEEDLE])) == []


@pytest.mark.parametrize("data", [pdf(()), pdf(("Lasku",), "salasana"), b"%PDF-1.7\n" + bytes(50), pdf(("Lasku",))[:200]])
def test_a_pdf_that_cannot_be_read_is_located(tmp_path: Path, data: bytes) -> None:
    """Scanned, encrypted, broken and cut off: told with the file, the others unharmed."""
    export(tmp_path, "asiakkaat.csv", MAIJA)
    (tmp_path / "lasku.pdf").write_bytes(data)

    assert [str(item.locator) for item in unreadable(tmp_path)] == ["lasku.pdf"]
    assert len(entries(source(tmp_path))) == 2


BOMB = '<!DOCTYPE Finvoice [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "data",
    [
        (BOMB + invoice("1", "&b;")).encode(),
        (BOMB + invoice("1")).encode(),
        invoice("1", "&b;").encode(),
        invoice("1")[:-30].encode(),
        invoice("1").replace("</BuyerPartyDetails>", "").encode(),
        b'<?xml version="1.0" encoding="utf-8"?>' + invoice("1").encode("iso-8859-15"),
        b'<?xml version="1.0" encoding="utf-7"?>' + invoice("1").encode(),
        ("<Finvoice>" + "<a>" * 200 + "</a>" * 200 + "</Finvoice>").encode(),
    ],
)
def test_a_bad_invoice_hides_no_other(tmp_path: Path, data: bytes) -> None:
    """Entities, cut-off and broken XML, wrong letters and depth cost their own invoice only."""
    (tmp_path / "l.xml").write_bytes(data + b"\n" + finvoice(invoice("2")))

    assert [entry.values("invoice_number") for entry in entries(source(tmp_path))] == [("2",)]
    assert len(unreadable(tmp_path)) == 1


def test_a_plain_doctype_is_passed_over(tmp_path: Path) -> None:
    """Old invoices name their DTD; nothing is fetched, and they are read."""
    (tmp_path / "l.xml").write_bytes(b'<!DOCTYPE Finvoice SYSTEM "Finvoice.dtd">' + invoice().encode())

    assert len(entries(source(tmp_path))) == 1


@settings(max_examples=150)
@given(st.binary(max_size=120), st.integers(0, 1500), st.sampled_from((".xml", ".csv", ".pdf", ".xlsx")))
def test_any_bytes_end_in_entries_or_in_the_hubs_own_error(noise: bytes, at: int, suffix: str) -> None:
    """Whatever stands in the folder, nothing but a HubError comes out, and nothing is written."""
    good = {".xml": finvoice(invoice()), ".csv": MAIJA.encode(), ".pdf": pdf(("Laskunumero 1005", "Malli Maija"))}.get(
        suffix, b"PK\x03\x04"
    )
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / f"x{suffix}"
        path.write_bytes(good[:at] + noise + good[at + len(noise) :])
        before = path.read_bytes()
        connector = source(Path(name))
        for act in (lambda: list(connector.entries()), connector.coverage, lambda: connector.residue([NEEDLE]), connector.check):
            try:
                act()
            except HubError:
                continue
        assert [(file.name, file.read_bytes()) for file in Path(name).iterdir()] == [(path.name, before)]
