"""What is needed to put a contact back: written at an erase or a redact, read at a restore."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.errors import Refused
from connectors.gmail import bodies
from connectors.gmail.people import WRITABLE, Person
from connectors.phrase import Phrase


@dataclass(frozen=True, slots=True)
class Receipt:
    """One contact's past: whole (`left` is None), or the properties that a redact touched, and how it left them.

    `token` makes a contact that was put back known again. `fixed` names what Google lets nobody write.
    """

    account: str = field(repr=False)
    ref: str
    token: str
    values: bodies.Values = field(repr=False)
    left: bodies.Values | None = field(default=None, repr=False)
    picture: bytes = field(default=b"", repr=False)
    fixed: tuple[str, ...] = field(default=(), repr=False)

    def packed(self) -> bytes:
        """The receipt as bytes."""
        told = {name: getattr(self, name) for name in ("account", "ref", "token", "values", "left", "fixed")}
        return json.dumps({**told, "picture": base64.b64encode(self.picture).decode()}).encode("utf-8", "surrogatepass")


def of_erase(account: str, person: Person, picture: bytes) -> Receipt:
    """The receipt of a whole contact."""
    fixed = tuple(bodies.fixed(person))
    return Receipt(account, str(person["resourceName"]), _token(), bodies.whole(person), picture=picture, fixed=fixed)


def of_redact(account: str, ref: str, before: bodies.Values, left: bodies.Values) -> Receipt:
    """The receipt of the properties that a redact touched."""
    return Receipt(account, ref, _token(), before, left)


def opened(receipt: bytes) -> Receipt:
    """Read a receipt. Raises `Refused` when it is none of a Google account."""
    try:
        told = json.loads(receipt)
        account, ref, token = texts = [told[name] for name in ("account", "ref", "token")]
        if not all(isinstance(text, str) for text in texts) or not ref.startswith("people/") or not token:
            raise not_ours()
        left = None if told["left"] is None else _values(told["left"])
        picture = base64.b64decode(told["picture"], validate=True)
        return Receipt(account, ref, token, _values(told["values"]), left, picture, tuple(str(name) for name in told["fixed"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise not_ours() from None


def not_ours() -> Refused:
    """The refusal of a receipt that was not written here."""
    return Refused(Phrase("This receipt is of another source."))


def _token() -> str:
    return secrets.token_hex(16)


def _values(told: Mapping[str, Any]) -> bodies.Values:
    if set(told) - set(WRITABLE) or not all(isinstance(value, dict) for values in told.values() for value in values):
        raise not_ours()
    return {name: list(values) for name, values in told.items()}
