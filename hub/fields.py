"""What the kinds of fields are called, as phrases."""

from __future__ import annotations

from connectors.phrase import Phrase

KINDS = {
    "name": Phrase("name"),
    "given": Phrase("given name"),
    "family": Phrase("family name"),
    "former_name": Phrase("former name"),
    "email": Phrase("e-mail"),
    "phone": Phrase("phone"),
    "address": Phrase("address"),
    "postcode": Phrase("postcode"),
    "city": Phrase("city"),
    "country": Phrase("country"),
    "company": Phrase("company"),
    "business_id": Phrase("business id"),
    "title": Phrase("title"),
    "birthday": Phrase("birthday"),
    "note": Phrase("note"),
    "url": Phrase("web address"),
    "service": Phrase("service"),
    "price": Phrase("price"),
    "date": Phrase("date"),
    "customer_number": Phrase("customer number"),
    "invoice_number": Phrase("invoice number"),
    "other": Phrase("other"),
}
"""Every kind of field."""


def field_name(name: str) -> str:
    """What a kind of field is called."""
    return KINDS.get(name, name)
