"""What the renderers call things: requests, sources and how they are, rules of evidence and kinds of fields, as phrases."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.entry import Field
from connectors.phrase import Phrase
from hub.fields import KINDS

REQUESTS = {
    "access": Phrase("access"),
    "erasure": Phrase("erasure"),
    "refusal": Phrase("refusal at first contact"),
    "objection": Phrase("objection or withdrawal"),
    "rectification": Phrase("rectification"),
}

STAGES = {
    "pending": Phrase("waits for your confirmation"),
    "running": Phrase("was begun and is not finished"),
    "waiting": Phrase("waits for your hand"),
    "finished": Phrase("finished"),
    "superseded": Phrase("a newer plan took its place"),
    "undoing": Phrase("is being put back"),
    "undone": Phrase("was put back"),
}

CHECKS = {
    "ok": Phrase("in order"),
    "locked": Phrase("open in another program"),
    "missing": Phrase("not found"),
    "damaged": Phrase("damaged"),
    "stale": Phrase("old"),
    "refused": Phrase("refused"),
}

SOURCES = {
    "excel": Phrase("Excel workbook"),
    "thunderbird": Phrase("Thunderbird address books"),
    "icloud": Phrase("contacts of the phone (iCloud)"),
    "carddav": Phrase("contacts on a server (CardDAV)"),
    "vcard": Phrase("contact cards (vCard)"),
    "gmail": Phrase("Gmail contacts"),
    "arkhimedes": Phrase("invoicing program"),
    "csv": Phrase("table (CSV)"),
    "paper": Phrase("paper binder"),
}

RULES = {
    "same_email": Phrase("same e-mail"),
    "same_phone": Phrase("same phone"),
    "same_customer_number": Phrase("same customer number"),
    "same_business_id": Phrase("same business id"),
    "same_company": Phrase("same company"),
    "same_name": Phrase("same name"),
    "former_name": Phrase("a former name"),
    "similar_name": Phrase("similar name"),
    "call_name": Phrase("a call name"),
    "misspelled_name": Phrase("same name but for a typing error"),
    "same_address": Phrase("same address"),
    "same_street": Phrase("same street"),
    "same_birthday": Phrase("same birthday"),
    "decision": Phrase("your decision"),
}


def reading_order(fields: Iterable[Field]) -> list[Field]:
    """The fields with the name first, then how to reach the person, then the rest, whatever the source's order."""
    order = {name: index for index, name in enumerate(KINDS)}
    return sorted(fields, key=lambda item: order.get(item.kind, len(order)))


def rule(name: str) -> str:
    """What a rule of evidence is called; one that is not known here is spelt as its code is."""
    return RULES.get(name, name.replace("_", " "))


def source(name: str) -> str:
    """What a kind of source is called."""
    return SOURCES.get(name, name)
