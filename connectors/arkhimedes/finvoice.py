"""Electronic invoices: Finvoice 1.x to 3.0, framed or not, several in a file; who is named in each.

The elements are those of the Finvoice 3.0 implementation guide of Finance Finland; older versions name them alike.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from connectors import _cells
from connectors._rowpeople import key_of
from connectors.entry import Field
from connectors.errors import Damaged
from connectors.phrase import Phrase

_STARTS = re.compile(rb"<(?:[\w.-]+:)?Finvoice(?=[\s>])")
_END = re.compile(rb"</(?:[\w.-]+:)?Finvoice\s*>")
_ENCODING = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.-]{1,40})[\"']")
_ENTITY = re.compile(rb"<!ENTITY|<!DOCTYPE[^>]{0,1000}\[")
_CODECS: Final = frozenset(("utf-8", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252"))
_DEEPEST: Final = 64
_MOST: Final = 100_000

_PARTY = re.compile(r"(Buyer|InvoiceRecipient|Delivery|(?:Sub)?(?:Row)?AnyParty)(\w*)")
_SUFFIXES = (
    ("ContactPersonName", "name"),
    ("ContactPersonFunction", "title"),
    ("OrganisationName", "name"),
    ("OrganisationTradingName", "company"),
    ("OrganisationTaxCode", "business_id"),
    ("PartyIdentifier", "business_id"),
    ("StreetName", "address"),
    ("PostOfficeBoxIdentifier", "address"),
    ("PostCodeIdentifier", "postcode"),
    ("TownName", "city"),
    ("CountryName", "country"),
    ("PhoneNumberIdentifier", "phone"),
    ("EmailaddressIdentifier", "email"),
    ("EmailAddressIdentifier", "email"),
)
_HOLDERS = re.compile(r"(?:Party|PostalAddress|Communication)Details$")
_ALONE = {
    "InvoiceNumber": "invoice_number",
    "InvoiceTotalVatIncludedAmount": "price",
    "SellersBuyerIdentifier": "customer_number",
    "ArticleName": "service",
    "ArticleDescription": "service",
    "DefinitionValue": "note",
    "BuyerReferenceIdentifier": "other",
    "OrderIdentifier": "other",
    "EpiOrderInfo": "note",
    "EpiEmail": "other",
    "ToIdentifier": "other",
    "InvoiceUrlText": "other",
    "InvoiceUrlNameText": "other",
    "AttachmentName": "other",
}
_FREE = re.compile(r"\w*FreeText|AccountDimension\w*Text|AccountDimension\w*Value|PaymentCardInfo\w*|AttachmentMessage\w*")
_STAYS = frozenset(("invoice_number", "date", "price"))
_OWED = frozenset(("NOTPAID", "PARTLYPAID"))


@dataclass(frozen=True)
class Party:
    """One person or company of an invoice, with what the invoice says of it."""

    fields: tuple[Field, ...] = field(repr=False)


@dataclass(frozen=True)
class Invoice:
    """One invoice: its number ("" when it has none), a hash of its bytes, and its parties, the buyer first.

    `owed`: it says that it is not paid, or not all of it.
    """

    number: str = field(repr=False)
    digest: str = field(repr=False)
    parties: tuple[Party, ...] = field(repr=False)
    owed: bool = False


@dataclass(frozen=True, slots=True)
class _Leaf:
    name: str = field(repr=False)
    text: str = field(repr=False)
    holders: tuple[str, ...] = field(repr=False)
    form: str = field(default="", repr=False)


def invoices(data: bytes) -> Iterator[Invoice | Phrase]:
    """The invoices of a file; for each that cannot be read the reason. Raises `Damaged` when there is none."""
    data = _narrow(data)
    starts = [match.start() for match in _STARTS.finditer(data)]
    if not starts:
        raise Damaged(Phrase("There is no Finvoice invoice in it."))
    before = 0
    for start, following in zip(starts, [*starts[1:], len(data)], strict=True):
        end = _END.search(data, start, following)
        preamble, before = data[before:start], end.end() if end else start
        if end is None:
            yield Phrase("it is cut off in the middle; export the invoice again")
            continue
        try:
            yield _invoice(data[start : end.end()], preamble)
        except _Unreadable as error:
            yield error.why


def is_in(data: bytes) -> bool:
    """Whether there is a Finvoice invoice in a file, readable or not."""
    return _STARTS.search(_narrow(data)) is not None


def _narrow(data: bytes) -> bytes:
    """A file in UTF-16 as UTF-8."""
    if not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data
    return b'<?xml version="1.0" encoding="utf-8"?>' + data.decode("utf-16", "replace").encode("utf-8", "replace")


class _Unreadable(Exception):
    """An invoice that cannot be read, with the reason."""

    def __init__(self, why: Phrase) -> None:
        super().__init__(why)
        self.why = why


def _invoice(body: bytes, preamble: bytes) -> Invoice:
    if _ENTITY.search(preamble) or b"<!ENTITY" in body:
        raise _Unreadable(Phrase("it declares its own entities (a DTD), which no invoice needs; it was not opened"))
    named = _ENCODING.findall(preamble)
    codec = named[-1].decode("ascii").lower() if named else "utf-8"
    if codec not in _CODECS and codec != "utf-16":
        raise _Unreadable(Phrase("its letters are stored in a way that is not known ({codec})", codec=codec[:20]))
    try:
        text = body.decode("utf-8" if codec == "utf-16" else codec)
    except UnicodeDecodeError:
        raise _Unreadable(Phrase("its letters are not stored as it says")) from None
    leaves = _Reader().read(text.encode("utf-8"))
    number = next((leaf.text for leaf in leaves if leaf.name == "InvoiceNumber"), "")
    owed = any(leaf.name == "PaymentStatusCode" and leaf.text.upper() in _OWED for leaf in leaves)
    return Invoice(number, hashlib.sha256(body).hexdigest()[:20], tuple(_parties(leaves)), owed)


class _Reader:
    """Collects the elements that hold text; entities other than XML's own five are an error of expat's."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._text: list[str] = []
        self._form = ""
        self._found: list[_Leaf] = []

    def read(self, body: bytes) -> list[_Leaf]:
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text.append
        try:
            parser.Parse(body, True)
        except expat.ExpatError:
            raise _Unreadable(Phrase("it is no well-formed XML; export the invoice again")) from None
        return self._found

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._open.append(name.rpartition(":")[2])
        self._text.clear()
        self._form = attributes.get("Format", "")
        if len(self._open) > _DEEPEST or len(self._found) > _MOST:
            raise _Unreadable(Phrase("it holds far more than an invoice needs; it was not read to its end"))

    def _end(self, _name: str) -> None:
        text = "".join(self._text).strip()
        name = self._open.pop()
        self._text.clear()
        if text:
            self._found.append(_Leaf(name, text, tuple(self._open), self._form))


def _parties(leaves: list[_Leaf]) -> Iterator[Party]:
    """The buyer with all that is said of the invoice, then every other person named in it."""
    groups: dict[str, list[Field]] = {"Buyer": []}
    general: list[Field] = []
    number = 0
    for leaf in leaves:
        match = _PARTY.fullmatch(leaf.name)
        if match and leaf.name not in _ALONE and _is_personal(leaf, match[1]):
            if "AnyParty" in match[1] and match[2] == "Text":
                number += 1
            group = f"{match[1]}{number}" if "AnyParty" in match[1] else match[1]
            groups.setdefault(group, []).append(Field(_kind(match[2]), leaf.text, leaf.name))
        elif (kind := _ALONE.get(leaf.name) or ("note" if _FREE.fullmatch(leaf.name) else None)) is not None:
            general.append(Field(kind, leaf.text, leaf.name, kind in _STAYS))
        elif leaf.name == "InvoiceDate":
            general.append(Field("date", _day(leaf), leaf.name, stays=True))
    buyer = _judged(groups.pop("Buyer"))
    known = {key_of(item.value) for item in buyer if item.kind == "name"}
    others: list[list[Field]] = []
    for fields in map(_judged, groups.values()):
        names = {key_of(item.value) for item in fields if item.kind == "name"}
        if names and not names & known:
            others.append(fields)
        else:
            buyer += fields
    facts = [item for item in general if item.kind in _STAYS]
    yield Party(tuple(_once([*buyer, *general])))
    yield from (Party(tuple(_once([*fields, *facts]))) for fields in others)


def _is_personal(leaf: _Leaf, prefix: str) -> bool:
    return prefix == "Buyer" or "ContactPerson" in leaf.name or any(_HOLDERS.search(holder) for holder in leaf.holders)


def _kind(suffix: str) -> str:
    return next((kind for ending, kind in _SUFFIXES if suffix.endswith(ending)), "other")


def _day(leaf: _Leaf) -> str:
    plain = re.fullmatch(r"(\d{4})(\d\d)(\d\d)", leaf.text)
    return "-".join(plain.groups()) if plain and leaf.form in ("", "CCYYMMDD") else leaf.text


def _judged(fields: list[Field]) -> list[Field]:
    """The same fields; an organisation's name is a person's where nothing says that it is a company."""
    business = any(item.kind == "business_id" for item in fields)
    lines = [item for item in fields if item.label.endswith("OrganisationName")]
    whole = " ".join(item.value for item in lines)
    found: list[Field] = []
    for item in fields:
        if item.kind == "name" and item.label.endswith("OrganisationName"):
            company = business or not _cells.looks_like_name(whole)
            found.append(Field("company" if company else "name", item.value, item.label, stays=company))
            if company and (name := _cells.sole_trader(item.value)):
                found.append(Field("name", name, item.label))
        else:
            found.append(item)
    if len(lines) > 1:
        # A long name is written over several lines.
        found.append(Field(found[fields.index(lines[0])].kind, whole, lines[0].label))
    return found


def _once(fields: list[Field]) -> Iterator[Field]:
    seen: set[tuple[str, str]] = set()
    for item in fields:
        if (item.kind, item.value) not in seen:
            seen.add((item.kind, item.value))
            yield item
