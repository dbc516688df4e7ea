"""The words under which an entry can be looked up in the mirror: what each is, then the key itself, as one safe token."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from hub.matching.facts import Facts, Identifier

NAME, JOINED, SORTED, INITIAL, EMAIL, PHONE, NUMBER, KEY, COMPANY, TRAIT = "njsiepckot"
"""A loose word of a name · a whole name in one word · its words in alphabetical order · a word with another's initial ·
identifiers · other keys · a word of a company · what several have in common (a company, a place, a birthday)."""

_KIND_OF = {"email": EMAIL, "phone": PHONE, "customer_number": NUMBER}
_UNSAFE = re.compile(r"[^\w@.+-]|[\x00-\x20\x7f]|_")


def token(kind: str, key: str) -> str:
    """One word of the index; signs that would split it are written as their codes."""
    return kind + (key if key.isalnum() else _UNSAFE.sub(lambda match: f"_{ord(match[0]):x}_", key))


def identifier_token(identifier: Identifier) -> str:
    """The word under which the holders of an identifier are found."""
    return token(_KIND_OF[identifier[0]], identifier[1])


def tokens_of(facts: Facts) -> Iterator[str]:
    """Every word under which the entry is found; the same for the same entry."""
    yield from (token(NAME, word) for word in facts.words)
    for form in facts.forms:
        yield token(JOINED, form.joined)
        yield token(SORTED, form.key)
        yield from (token(INITIAL, key) for key in form.initial_keys(initials=False))
    yield from (identifier_token(identifier) for identifier in facts.identifiers())
    yield from (token(KEY, key) for key in facts.keys)
    yield from (token(COMPANY, word) for word in facts.company_words)
    yield from (token(TRAIT, trait) for trait in facts.traits)


def words(tokens: Iterable[str]) -> str:
    """The tokens as the index takes them, each once."""
    return " ".join(dict.fromkeys(tokens))
