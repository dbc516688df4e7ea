"""Mailboxes that are no single person's, by what they are called: a company's, or a family's. Pure."""

from __future__ import annotations

import re
from functools import cache

from connectors import _resources
from hub.machine.pattern import Pattern

_SEPARATORS = r".\-_+\d"
_BETWEEN_WORDS = Pattern(f"[{_SEPARATORS}]")

_LONG = 5
"""A word of so many letters is one at the beginning or the end of another, too (virtasperhe@)."""


def is_role(email: str) -> bool:
    """Whether an e-mail key is a mailbox of a company (info@, laskut@ …) and not of a person."""
    local = email.rpartition("@")[0]
    return local in _role_words() or _BETWEEN_WORDS.split(local)[0] in _role_words()


def is_family(email: str) -> bool:
    """Whether an e-mail key is a mailbox of a whole family (perhe.virtanen@, familjen@ …) by what it is called."""
    return bool(_family_word().search(email.rpartition("@")[0]))


def family_words() -> list[str]:
    """One of these is in every mailbox of a family."""
    words: list[str] = _resources.table("matching.toml")["family_mailboxes"]
    return words


@cache
def _family_word() -> re.Pattern[str]:
    begins, ends = rf"(?<![^{_SEPARATORS}])", rf"(?![^{_SEPARATORS}])"
    every, long = ("|".join(word for word in family_words() if len(word) >= least) for least in (0, _LONG))
    return re.compile(f"{begins}(?:{every}){ends}|{begins}(?:{long})|(?:{long}){ends}")


@cache
def _role_words() -> frozenset[str]:
    return frozenset(_resources.table("matching.toml")["role_mailboxes"])
