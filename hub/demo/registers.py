"""The smaller registers of the made-up company: contact cards, a newsletter list, invoicing exports and a paper binder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from hub.demo.addressbook import Card, png
from hub.demo.people import (
    COLLEAGUE,
    COLLEAGUE_EMAIL,
    COLLEAGUE_PHONE,
    HER_EMAIL,
    HER_HOME_EMAIL,
    HER_NAME,
    HER_PHONE,
    Customer,
    customers,
)

INVOICE, OTHER_INVOICE = "1005", "1006"
PAGE = "sivu14.png"
_HER_SURNAME_FIRST = " ".join(reversed(HER_NAME.split()))
_PAGE_SIZE = 64


def write_cards(folder: Path) -> None:
    """Write contact cards, a file each: her under her private address, and three others."""
    folder.mkdir()
    others = [
        Card(f"oma-{number}", row.contact, (row.email,), (("cell", str(row.phone)),))
        for number, row in enumerate(customers()[10:13])
    ]
    for number, card in enumerate([*others, Card("oma-9", HER_NAME, (HER_HOME_EMAIL,), (("cell", "0441234567"),))], start=1):
        (folder / f"{number}.vcf").write_bytes(card.vcard().encode())


def write_newsletter(path: Path) -> None:
    """Write the list of a newsletter: surname first, her address in capital letters."""
    rows = [(_surname_first(row), row.email, str(row.phone)) for row in customers()[30:36]]
    rows.insert(2, (_HER_SURNAME_FIRST, HER_EMAIL.upper(), HER_PHONE))
    _write_table(path, ["Nimi;Sähköposti;Puhelin", *(";".join(row) for row in rows)], "utf-8")


def write_exports(folder: Path) -> None:
    """Write exports as of an invoicing program: customers, a file of two electronic invoices, and hers as a PDF."""
    folder.mkdir()
    others = [
        f"{_surname_first(row)};Koekatu {number};20100;Turku;{row.email};{row.phone};{number};1"
        for number, row in enumerate(customers()[10:14], start=1001)
    ]
    hers = f"{_HER_SURNAME_FIRST};Koekatu 5;20100;Turku;{HER_EMAIL};0441234567;1007;1"
    heads = "Nimi;Laskutusosoite;Postinumero;Postitoimipaikka;Sähköposti;Puhelin;Asiakasnumero;Yksityisasiakas"
    _write_table(folder / "asiakkaat.csv", [heads, *others[:2], hers, *others[2:]], "cp1252")
    invoices = _invoice(INVOICE, _HER_SURNAME_FIRST, HER_EMAIL, HER_PHONE)
    invoices += _invoice(OTHER_INVOICE, COLLEAGUE, COLLEAGUE_EMAIL, COLLEAGUE_PHONE)
    (folder / "laskut.xml").write_bytes(invoices.encode("iso-8859-15"))
    lines = (
        "Lasku",
        f"Laskun numero: {INVOICE}",
        f"Asiakas: {_HER_SURNAME_FIRST}",
        "Koekatu 5",
        "20100 Turku",
        "Valmennus 240,00",
    )
    (folder / f"lasku-{INVOICE}.pdf").write_bytes(_pdf(lines))


def export_again(folder: Path) -> None:
    """Export the customers once more, as after her card was deleted: without her, at a later time."""
    table = folder / "asiakkaat.csv"
    table.write_bytes(table.read_bytes())


def write_binder(folder: Path) -> None:
    """Write the index of a paper binder with two pages: hers, with its picture, and a colleague's."""
    folder.mkdir()
    rows = (
        "Nimi;Puhelin;Pvm;Paikka;Sivukuva;Kopioitu",
        f"{HER_NAME};044-1234567;4.3.2026;mappi 2, sivu 14;{PAGE};",
        f"{COLLEAGUE};{COLLEAGUE_PHONE};11.3.2026;mappi 2, sivu 15;;12.3.2026",
    )
    _write_table(folder / "index.csv", rows, "utf-8")
    (folder / PAGE).write_bytes(_page())


def _surname_first(row: Customer) -> str:
    return " ".join(reversed(row.contact.split()))


def _write_table(path: Path, lines: Sequence[str], encoding: str) -> None:
    path.write_text("".join(f"{line}\r\n" for line in lines), encoding=encoding, newline="")


def _invoice(number: str, name: str, email: str, phone: str) -> str:
    """One Finvoice 3.0 invoice, with an XML declaration of its own as in a bank's file."""
    return (
        '<?xml version="1.0" encoding="ISO-8859-15"?>\n<Finvoice Version="3.0">\n'
        "<SellerPartyDetails><SellerOrganisationName>Saaren Valmennus Tmi</SellerOrganisationName></SellerPartyDetails>\n"
        f"<BuyerPartyDetails><BuyerOrganisationName>{escape(name)}</BuyerOrganisationName></BuyerPartyDetails>\n"
        f"<BuyerCommunicationDetails><BuyerPhoneNumberIdentifier>{phone}</BuyerPhoneNumberIdentifier>"
        f"<BuyerEmailaddressIdentifier>{email}</BuyerEmailaddressIdentifier></BuyerCommunicationDetails>\n"
        f"<InvoiceDetails><InvoiceNumber>{number}</InvoiceNumber>"
        '<InvoiceDate Format="CCYYMMDD">20260310</InvoiceDate>'
        '<InvoiceTotalVatIncludedAmount AmountCurrencyIdentifier="EUR">301,20</InvoiceTotalVatIncludedAmount>'
        "</InvoiceDetails>\n</Finvoice>\n"
    )


def _pdf(lines: Sequence[str]) -> bytes:
    """A PDF of one page with these lines of text."""
    shown = " T* ".join(f"({line}) Tj" for line in lines)
    stream = f"BT /F1 12 Tf 16 TL 72 760 Td {shown} ET".encode("cp1252")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )
    data, places = b"%PDF-1.4\n", b""
    for number, body in enumerate(objects, start=1):
        places += b"%010d 00000 n \n" % len(data)
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    trailer = b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(data)
    return data + b"xref\n0 6\n0000000000 65535 f \n" + places + trailer


def _page() -> bytes:
    """A picture of a page: grey lines on white."""
    white, grey = b"\xff\xff\xff", b"\x90\x90\x90"
    return png(_PAGE_SIZE, b"".join(b"\0" + (grey if y % 8 == 4 else white) * _PAGE_SIZE for y in range(_PAGE_SIZE)))
