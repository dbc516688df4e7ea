"""The words under which an entry can be looked up in the mirror: a letter for what each is, then the key itself."""

from __future__ import annotations

from hub.matching.facts import Identifier
from hub.person import handle_of

NAME, JOINED, SORTED, PAIR, INITIAL, SHORT, EMAIL, PHONE, NUMBER, KEY, COMPANY, TRAIT, HANDLE, SEVERAL = "njsbiaepckothm"
"""A loose word of a name · a whole name in one word · its words in alphabetical order · two of several words so · a word with
the first letter of another · a word with an initial beside it · identifiers · other keys · a word of a company · what several
have in common (a company, a place, a birthday) · the entry's own · that it has several names."""

_KIND_OF = {"email": EMAIL, "phone": PHONE, "customer_number": NUMBER}

BETWEEN = "\n"
"""Stands between the words of an entry (`hub.mirror.tokens`): no key has a sign of control in it."""

_HANDLE_DIGITS = 7


def token(kind: str, key: str) -> str:
    """One word of the index."""
    return kind + key


def identifier_token(identifier: Identifier) -> str:
    """The word under which the holders of an identifier are found."""
    return token(_KIND_OF[identifier[0]], identifier[1])


def tag_token(source: str, ref: str) -> str:
    """The word for the key of an entry: its digits are the handle of a person of this entry alone."""
    return handle_token(handle_of([(source, ref)]))


def handle_token(handle: str) -> str:
    """The word for a handle: its first digits are enough, and whoever finds an entry by them looks at the entry's key."""
    return token(HANDLE, handle[:_HANDLE_DIGITS])
