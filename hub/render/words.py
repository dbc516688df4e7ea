"""What the renderers call things: requests, sources and how they are, rules of evidence and kinds of fields, as phrases."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.entry import Field
from connectors.phrase import Phrase
from hub.fields import KINDS

REQUESTS = {
    "access": Phrase("access"),
    "erasure": Phrase("erasure"),
    "rectification": Phrase("rectification"),
    "restriction": Phrase("restriction"),
    "objection": Phrase("objection"),
    "portability": Phrase("portability"),
    "refusal": Phrase("refusal at first contact"),
}

STAGES = {
    "received": Phrase("received"),
    "identity_unverified": Phrase("identity not verified"),
    "on_hold": Phrase("on hold"),
    "planned": Phrase("planned"),
    "approved": Phrase("approved"),
    "running": Phrase("begun"),
    "incomplete": Phrase("incomplete"),
    "waiting": Phrase("waiting"),
    "verified": Phrase("done and verified"),
    "closed": Phrase("closed"),
    "cancelled": Phrase("cancelled"),
    "superseded": Phrase("a newer plan took its place"),
    "undoing": Phrase("is being put back"),
    "undone": Phrase("was put back"),
}

NEEDS = {
    "identity": Phrase("check who asks"),
    "plan": Phrase("plan the erase"),
    "package": Phrase("make the access package"),
    "confirmation": Phrase("waits for your confirmation"),
    "continuation": Phrase("go on with it"),
    "receipt": Phrase("make its receipt"),
    "delivery": Phrase("deliver the answer and close it"),
    "resume": Phrase("resume it in time"),
    "undo": Phrase("go on putting it back"),
}

WAYS = {
    "email": Phrase("by e-mail"),
    "phone": Phrase("by phone"),
    "message": Phrase("by text message"),
    "letter": Phrase("by letter"),
    "form": Phrase("by the web form"),
    "in_person": Phrase("in person"),
    "other": Phrase("another way"),
}

IDENTITIES = {
    "called_back": Phrase("called back on the stored number"),
    "same_email": Phrase("wrote from the stored e-mail"),
    "invoice": Phrase("knew an invoice's number and sum"),
    "known": Phrase("known in person"),
    "not_yet": Phrase("not checked yet"),
}

LETTERS = {
    "access": Phrase("cover letter of the package"),
    "report": Phrase("erasure report"),
    "receipt": Phrase("receipt"),
    "refusal": Phrase("refusal with reasons"),
    "extension": Phrase("notice of the extension"),
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
    "packages": Phrase("access packages that were written"),
    "mirror": Phrase("the hub's own encrypted copy of all sources"),
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
