"""The words under which an entry can be looked up in the mirror: what each is, then the key itself, as one safe token."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from hub.matching.facts import Facts, Identifier
from hub.matching.names import NameForm

NAME, JOINED, SORTED, INITIAL, EMAIL, PHONE, NUMBER, KEY, COMPANY, TRAIT = "njsiepckot"
"""A loose word of a name · a whole name in one word · its words in alphabetical order · a word with another's initial ·
identifiers · other keys · a word of a company · what several have in common (a company, a place, a birthday)."""

_KIND_OF = {"email": EMAIL, "phone": PHONE, "customer_number": NUMBER}
_CODES = {ord(sign): f"_{ord(sign):x}_" for sign in map(chr, range(128)) if not (sign.isalnum() or sign in "@.+-")}
"""Signs at which a word of the index would end, and those that its language knows, are written as their codes."""


def token(kind: str, key: str) -> str:
    """One word of the index."""
    return kind + (key if key.isalnum() else key.translate(_CODES))


def sorted_token(key: str) -> str:
    """The word for a name's words in alphabetical order (`NameForm.key`)."""
    return SORTED + ".".join(token("", word) for word in key.split(" "))


def initial_token(key: str) -> str:
    """The word for a whole word of a name with the first letter of another (`NameForm.initial_keys`)."""
    word, _, letter = key.partition("~")
    return f"{token(INITIAL, word)}.{token('', letter)}"


def identifier_token(identifier: Identifier) -> str:
    """The word under which the holders of an identifier are found."""
    return token(_KIND_OF[identifier[0]], identifier[1])


def tokens_of(facts: Facts) -> Iterator[str]:
    """Every word under which the entry is found; the same for the same entry."""
    for form in facts.forms:
        yield from _of_name(form)
    yield from (identifier_token(identifier) for identifier in facts.identifiers())
    yield from (token(KEY, key) for key in facts.keys)
    yield from (token(COMPANY, word) for word in facts.company_words)
    yield from (token(TRAIT, trait) for trait in facts.traits)


@lru_cache(maxsize=200_000)
def _of_name(form: NameForm) -> tuple[str, ...]:
    words = dict.fromkeys((*form.words, *form.former))
    return (
        *(token(NAME, word) for word in words),
        token(JOINED, form.joined),
        sorted_token(form.key),
        *map(initial_token, form.initial_keys(initials=False)),
    )


def words(tokens: Iterable[str]) -> str:
    """The tokens as the index takes them, each once."""
    return " ".join(dict.fromkeys(tokens))
