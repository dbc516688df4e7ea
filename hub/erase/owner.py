"""Whether a request is about the owner herself: what bears her own contact is in every register, and not as a customer's."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from connectors.errors import UsageError
from connectors.phrase import Phrase
from hub import normalise
from hub.person import Member

if TYPE_CHECKING:
    from hub.config import Controller

_APART = re.compile(r"[,;|\n]")


def require_somebody_else(controller: Controller, who: str = "", members: Iterable[Member] = ()) -> None:
    """Raise `UsageError` when the words, or the entries of a person, are the controller's own contact.

    An e-mail or phone of hers beside another name is somebody else's: a family's phone, an employee.
    """
    if is_owner(controller, who, members):
        raise UsageError(
            Phrase("This is the contact of the controller in hub.toml: the owner herself. Nothing was written."),
            Phrase(
                "Her own details stand in every invoice and letter. Add --owner if you mean her, or a customer of the same name."
            ),
        )


def is_owner(controller: Controller, who: str = "", members: Iterable[Member] = ()) -> bool:
    """Whether the words, or the entries of a person, are the controller's own contact."""
    names, reached = _told(controller.contact, controller.country)
    asked = _told(who, controller.country)
    same = bool(asked[1] & reached) or (bool(asked[0]) and asked[0] <= names)
    for member in members:
        entry = member.held.entry
        theirs = _told(", ".join(entry.values("name")), controller.country)[0]
        known = _told(", ".join((*entry.values("email"), *entry.values("phone"))), controller.country)[1]
        same = same or (bool(known & reached) and (not theirs or not names or bool(theirs & names)))
    return same


def _told(text: str, region: str) -> tuple[set[frozenset[str]], set[str]]:
    """The names in a text, each as its words in any order, and the e-mails and phones."""
    names: set[frozenset[str]] = set()
    reached: set[str] = set()
    for part in filter(None, map(str.strip, _APART.split(text))):
        email = normalise.email_key(part)
        found = {email} if email else set(normalise.phone_keys(part, region))
        reached |= found
        words = frozenset(normalise.loose_tokens(part))
        if not found and len(words) > 1:
            names.add(words)
    return names, reached
