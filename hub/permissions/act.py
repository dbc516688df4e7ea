"""One thing that was asked, agreed, refused or passed on, as it is written down. Pure."""

from __future__ import annotations

from functools import cache
from typing import Literal, get_args

from connectors._values import dataclass, field
from hub.normalise import fold, wordlist

Kind = Literal["ask", "consent", "withdrawal", "objection", "permission", "disclosure", "rectified", "to_tell", "told"]
"""What happened.

ask          the person was asked, or answered        consent      they agree to a purpose (GDPR 7)
withdrawal   they take a consent or permission back   objection    they object to a purpose, "" for every use (GDPR 21)
permission   one recipient, one set of data, once     disclosure   the data went there, by that permission
rectified    their data changed: both marks are one   to_tell      who got the data must hear of a change (GDPR 19)
told         they heard of it
"""

Status = Literal["not_asked", "asked", "answered_yes", "answered_no"]
"""Whether a person was asked, and what they said; `asked` is no answer, and stays that until they give one."""

STATUSES: tuple[Status, ...] = get_args(Status)

MARKETING = "marketing"


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the book; `day` is when it happened, `written` when it was written down.

    `marks` are (role, keyed hash) of the person; `of` is the act this one is about. `gone`: the person was erased since.
    """

    number: str
    kind: Kind
    day: str
    written: str
    marks: frozenset[tuple[str, str]] = field(default=frozenset(), repr=False)
    status: str = ""
    purpose: str = field(default="", repr=False)
    wording: str = field(default="", repr=False)
    how: str = field(default="", repr=False)
    recipient: str = field(default="", repr=False)
    data: tuple[str, ...] = ()
    until: str = ""
    of: str = ""
    request: str = ""
    gone: bool = False


def purpose_key(purpose: str) -> str:
    """What two spellings of a purpose are compared by; every word for marketing is the same purpose."""
    key = " ".join(fold(purpose).split())
    return MARKETING if key and _marketing().met(key) else key


def recipient_key(recipient: str) -> str:
    """What two spellings of a recipient are compared by: blanks and capital letters make no other one."""
    return " ".join(fold(recipient).split())


def means_silence(how: str) -> bool:
    """Whether what is told of an answer is that there was none."""
    return _silence().met(how)


@cache
def _marketing() -> wordlist.WordList:
    return wordlist.WordList(wordlist.table()["marketing"]["words"])


@cache
def _silence() -> wordlist.WordList:
    return wordlist.WordList(wordlist.table()["silence"]["words"])
