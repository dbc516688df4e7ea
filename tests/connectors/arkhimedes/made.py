"""Made-up exports: customer tables with Isolta's columns, Finvoice files, PDFs."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path

import pypdf
import xlsxwriter

from connectors.arkhimedes import ArkhimedesConnector
from connectors.entry import Entry

COLUMNS = (
    "Nimi;Osasto/Yhteyshenkilö;Lisärivi;Laskutusosoite;Postinumero;Postitoimipaikka;Maakoodi;Sähköposti;Puhelin;Y-tunnus;"
    "Asiakasnumero;Muistio;Yksityisasiakas;Kieli;Verkkolaskuosoite;Operaattori"
)
MAIJA = "Malli Maija;;;Kuja 1;00100;HELSINKI;FI;maija@malli.example;0441234567;;1007;Tuntee Eeron;1;fi;;"
FIRM = "Kahvila Kulma;Esko Eero;;Tie 2;00200;HELSINKI;FI;eero@kulma.example;0501234567;1234567-1;1008;;0;fi;003712345671@00372112;00372112"
NOON = 1_790_000_000
DAY = 86_400


def source(folder: Path, **options: object) -> ArkhimedesConnector:
    """A source on a folder."""
    return ArkhimedesConnector("laskutus", {"path": folder, **options})


def export(folder: Path, name: str, *rows: str, day: int = 0) -> Path:
    """A customer table made on a day."""
    path = folder / name
    path.write_bytes("\r\n".join((COLUMNS, *rows, "")).encode("cp1252"))
    os.utime(path, (NOON + day * DAY, NOON + day * DAY))
    return path


def workbook(folder: Path, name: str, *rows: str, day: int = 0) -> Path:
    """The same table as a workbook, whose comment, link and properties repeat what a row says."""
    path = folder / name
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Kontaktit")
        for number, row in enumerate((COLUMNS, *rows)):
            for column, text in enumerate(row.split(";")):
                sheet.write_string(number, column, text)
        if rows:
            cells = rows[0].split(";")
            sheet.write_comment(1, 0, f"Soita {cells[0]}, {cells[7]}")
            sheet.write_url(1, 7, f"mailto:{cells[7]}", string=cells[7])
            book.set_properties({"comments": f"Viimeksi {cells[7]}"})
    os.utime(path, (NOON + day * DAY, NOON + day * DAY))
    return path


def entries(connector: ArkhimedesConnector) -> list[Entry]:
    """What it lists."""
    return [item for item in connector.entries() if isinstance(item, Entry)]


def one(connector: ArkhimedesConnector, start: str) -> Entry:
    """The one entry whose ref begins so."""
    (found,) = [entry for entry in entries(connector) if entry.ref.startswith(start)]
    return found


def invoice(number: str = "1005", buyer: str = "Malli Maija", extra: str = "", rows: str = "") -> str:
    """The body of one Finvoice invoice."""
    return (
        '<Finvoice Version="3.0"><MessageTransmissionDetails><MessageReceiverDetails><ToIdentifier>003712345671</ToIdentifier>'
        "</MessageReceiverDetails></MessageTransmissionDetails>"
        "<SellerPartyDetails><SellerOrganisationName>Esimerkki Oy</SellerOrganisationName></SellerPartyDetails>"
        "<SellerContactPersonName>Omistaja Olga</SellerContactPersonName><SellerCommunicationDetails>"
        "<SellerEmailaddressIdentifier>olga@esimerkki.example</SellerEmailaddressIdentifier></SellerCommunicationDetails>"
        f"<BuyerPartyDetails><BuyerOrganisationName>{buyer}</BuyerOrganisationName><BuyerPostalAddressDetails>"
        "<BuyerStreetName>Kuja 1</BuyerStreetName><BuyerTownName>HELSINKI</BuyerTownName>"
        "<BuyerPostCodeIdentifier>00100</BuyerPostCodeIdentifier></BuyerPostalAddressDetails></BuyerPartyDetails>"
        "<BuyerCommunicationDetails><BuyerPhoneNumberIdentifier>044 123 4567</BuyerPhoneNumberIdentifier>"
        "<BuyerEmailaddressIdentifier>maija@malli.example</BuyerEmailaddressIdentifier></BuyerCommunicationDetails>"
        f"{extra}<InvoiceDetails><InvoiceNumber>{number}</InvoiceNumber>"
        '<InvoiceDate Format="CCYYMMDD">20260115</InvoiceDate>'
        '<InvoiceTotalVatIncludedAmount AmountCurrencyIdentifier="EUR">124,00</InvoiceTotalVatIncludedAmount>'
        f"<InvoiceFreeText>Kiitos, Määttä soittaa</InvoiceFreeText></InvoiceDetails>{rows}</Finvoice>"
    )


def finvoice(*bodies: str, encoding: str = "iso-8859-15") -> bytes:
    """A bank's file: each invoice behind a SOAP envelope and with an XML declaration of its own."""
    frame = (
        '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body/></SOAP-ENV:Envelope>\n'
        f'<?xml version="1.0" encoding="{encoding}"?>\n<?xml-stylesheet type="text/xsl" href="Finvoice.xsl"?>\n'
    )
    return "\n".join(frame + body for body in bodies).encode(encoding)


def pdf(lines: Sequence[str], password: str = "") -> bytes:
    """A PDF of one page with these lines of text; none: an empty page, as a scan without its picture."""
    shown = " T* ".join(f"({line}) Tj" for line in lines)
    stream = f"BT /F1 12 Tf 14 TL 72 720 Td {shown} ET".encode("cp1252")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    data, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    data += b"xref\n0 6\n0000000000 65535 f \n%strailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (table, len(data))
    if not password:
        return data
    writer, target = pypdf.PdfWriter(clone_from=io.BytesIO(data)), io.BytesIO()
    writer.encrypt(password, algorithm="RC4-128")
    writer.write(target)
    return target.getvalue()
