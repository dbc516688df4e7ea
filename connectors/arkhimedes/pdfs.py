"""Invoice PDFs by their text: the invoice's number and day, and whom it is addressed to."""

from __future__ import annotations

import io
import logging
import re
from dataclasses import dataclass, field

from connectors import _cells
from connectors.entry import Field
from connectors.errors import Refused
from connectors.phrase import Phrase

_PAGES = 40
_LONGEST = 200_000
_NUMBER = re.compile(
    r"(?:laskun?\s*(?:numero|nro|n:o|no)|laskunumero|fakturanummer|fakturanr|faktura\s*nr|invoice\s*(?:number|no|nr))"
    r"\s*[.:#]*\s*([A-Z]{0,4}-?\d[\w/-]{0,19})",
    re.IGNORECASE,
)
_PLAIN_NUMBER = re.compile(r"^\s*(?:lasku|faktura|invoice)\s+(\d{2,12})\s*$", re.IGNORECASE | re.MULTILINE)
_DAY = re.compile(
    r"(?:laskun\s*(?:päivä(?:ys|määrä)?|pvm)|laskupäivä|päiväys|fakturadatum|invoice\s*date)\s*[.:]*\s*"
    r"(\d{1,2}\.\d{1,2}\.\d{4}|\d{4}-\d\d-\d\d)",
    re.IGNORECASE,
)
_CUSTOMER = re.compile(
    r"(?:asiakas(?:numero|nro|\s*nro)|kundnummer|kundnr|customer\s*(?:number|no))\s*[.:]*\s*(\w[\w-]{0,19})", re.IGNORECASE
)
_TO = re.compile(
    r"^\s*(?:laskutusosoite|laskun\s*saaja|vastaanottaja|asiakas|ostaja|maksaja|bill\s*to|customer|kund|mottagare|köpare)(?=\s|:|$)\s*:?\s*(.*)$",
    re.IGNORECASE,
)
_POSTCODE = re.compile(r"^\s*(?:FI-)?(\d{5})\s+(\D{2,40})$")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_BLOCK = 6


@dataclass(frozen=True)
class Paper:
    """What an invoice PDF says: number and fields, and its whole text."""

    number: str = field(repr=False)
    fields: tuple[Field, ...] = field(repr=False)
    text: str = field(repr=False)


def read(data: bytes) -> Paper:
    """Read an invoice PDF. Raises `Refused` when it is damaged, encrypted, or has no text."""
    text = _text(data)
    match = _NUMBER.search(text) or _PLAIN_NUMBER.search(text)
    number = match[1] if match else ""
    day = _DAY.search(text)
    fields = list(_addressee(text.splitlines()))
    if customer := _CUSTOMER.search(text):
        fields.append(Field("customer_number", customer[1], "PDF"))
    if number:
        fields.append(Field("invoice_number", number, "PDF", stays=True))
    if day:
        fields.append(Field("date", day[1], "PDF", stays=True))
    return Paper(number, tuple(fields), text)


def _text(data: bytes) -> str:
    import pypdf  # 0.2 s, and only invoices need it

    # What it warns of may quote the document.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL + 1)
    try:
        reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
        locked = reader.is_encrypted and not reader.decrypt("")
        text = ""
        for page in () if locked else reader.pages[:_PAGES]:
            text += page.extract_text() + "\n"
            if len(text) > _LONGEST:
                break
    except Exception:  # noqa: BLE001  # on a damaged file the library raises whatever its parser stumbles over
        raise Refused(Phrase("it is damaged or not a PDF; look at it by hand")) from None
    if locked:
        raise Refused(Phrase("it is protected by a password; remove the password, or look at it by hand"))
    if not any(letter.isalpha() for letter in text):
        raise Refused(Phrase("it holds a picture and no text (a scan); look at it by hand"))
    return text


def _addressee(lines: list[str]) -> list[Field]:
    """Whom the invoice is addressed to: the lines below a word that says so, else above the first postcode."""
    for index, line in enumerate(lines):
        match = _TO.match(line)
        if match:
            block = [match[1], *lines[index + 1 : index + 1 + _BLOCK]]
            if fields := _block([one.strip() for one in block if one.strip()]):
                return fields
    for index, line in enumerate(lines):
        if _POSTCODE.match(line):
            block = [one.strip() for one in lines[max(0, index - 4) : index + 1] if one.strip()]
            for start in range(len(block)):
                if fields := _block(block[start:]):
                    return fields
    return []


def _block(lines: list[str]) -> list[Field]:
    """Name, street and town of an address; nothing when its first line is no name."""
    if not lines or not (_cells.looks_like_name(lines[0]) or _cells.is_company(lines[0])) or len(lines[0].split()) < 2:
        return []
    company = _cells.is_company(lines[0])
    found = [Field("company" if company else "name", lines[0], "PDF", stays=company)]
    if company and (name := _cells.sole_trader(lines[0])):
        found.append(Field("name", name, "PDF"))
    for line in lines[1:_BLOCK]:
        town = _POSTCODE.match(line)
        if town:
            return [*found, Field("postcode", town[1], "PDF"), Field("city", town[2].strip(), "PDF")]
        if email := _EMAIL.search(line):
            found.append(Field("email", email[0], "PDF"))
        elif re.search(r"\d", line) and len(line) < 60:
            found.append(Field("address", line, "PDF"))
        elif _cells.looks_like_name(line) and company and len(line.split()) > 1:
            found.append(Field("name", line, "PDF"))
    return found if len(found) > 1 else []
