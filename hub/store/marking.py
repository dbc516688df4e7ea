"""Keyed hashes by which a person is known again in any spelling, without a name, e-mail or phone being kept."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator

from connectors.contract import Needle
from hub import normalise
from hub.matching.facts import Facts
from hub.matching.names import NameForm
from hub.person import Held

Mark = tuple[str, str]
"""A role and the text that is hashed under it.

email, phone    the person's own            tail       the last digits of a phone: a quick look before it is parsed
name            the words of the name       fact       a name together with a second fact, such as the company
other           an e-mail or phone of a namesake       spared  an entry of a namesake
place           an entry that is there on purpose
"""


def digest(key: bytes, role: str, text: str) -> bytes:
    """The hash of a text in its role; without the key nothing can even be guessed."""
    return hmac.digest(key, f"{role}\0{text}".encode("utf-8", "surrogatepass"), "sha256")


def identifying(needles: Iterable[Needle], region: str) -> set[Mark]:
    """The marks of a person's own e-mails and phones: of those that nobody else bears."""
    wanted = list(needles)
    emails = {normalise.email_key(needle.value) for needle in wanted if needle.kind == "email"}
    keys = {key for needle in wanted if needle.kind == "phone" for key in normalise.phone_keys(needle.value, region)}
    return {("email", email) for email in emails if email} | phones(keys)


def phones(keys: Iterable[str]) -> set[Mark]:
    """The marks of phones."""
    return {mark for key in keys for mark in (("phone", key), *(("tail", tail) for tail in normalise.phone_tails(key)))}


def names(form: NameForm) -> Iterator[str]:
    """The first given name with each family name, former ones too; and the whole name in one word."""
    if form.name.company or form.long or len(form.words) < 2:
        return
    yield form.joined
    yield from (" ".join(sorted((first, last))) for first in form.given[:1] for last in (*form.family, *form.former))


def names_there(facts: Facts) -> Iterator[str]:
    """The names by which an entry is looked up: any two of its words, in whatever order its source has them."""
    for form in facts.forms:
        if not form.name.company and not form.long:
            yield form.joined
            yield from (" ".join(pair) for pair in form.pairs())


def second_facts(facts: Facts) -> Iterator[str]:
    """What, beside the same name, makes it the same person."""
    for company in facts.values("company"):
        words = [normalise.loose(word) for word in normalise.tokens(company) if word not in normalise.COMPANY_WORDS]
        if words:
            yield f"company {' '.join(words)}"
    for city in facts.values("city"):
        if words := [normalise.loose(word) for word in normalise.tokens(city)]:
            yield f"city {' '.join(words)}"
    yield from (f"birthday {year}-{month}-{day}" for year, month, day in facts.birthdays if year)
    yield from (f"number {number}" for number in facts.customer_numbers)


def place(held: Held) -> str:
    """What an entry is marked by."""
    return f"{held.source}\0{held.entry.ref}"
