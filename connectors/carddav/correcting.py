"""Putting values of one card right by its etag, and taking that back while the card is as it was written."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any, Literal

from connectors import _corrections
from connectors._cardcorrect import corrected
from connectors.carddav import reading
from connectors.carddav.erasing import REF, Eraser, not_ours
from connectors.carddav.server import Book
from connectors.contract import Correction
from connectors.entry import Entry, Ref, Version
from connectors.errors import Conflict, Fault, Refused
from connectors.phrase import Phrase

_KEY = "corrected"


class Corrector(Eraser):
    """One correction, or its taking back."""

    def rectify(
        self, ref: Ref, version: Version, corrections: Sequence[Correction]
    ) -> tuple[Literal["rectified", "already_absent"], bytes]:
        """Write the card with the right values, and read it back. Raises as `Connector.rectify`."""
        found = self._lister.find(ref) if REF.fullmatch(ref) else None
        item = self._lister.item(*found) if found else None
        if found is None or (isinstance(item, Entry) and _corrections.is_done(item.fields, corrections)):
            return "already_absent", b""
        book, fetched = found
        self._require_same(fetched, version)
        if not fetched.member.etag:
            raise Refused(
                Phrase("The server gives the card no version by which it could be changed safely."),
                Phrase("Correct it by hand in the contacts program."),
            )
        path, raw = fetched.member.path, self._server.get(book, fetched.member.path)
        new = _with(raw, corrections)
        receipt = _receipt(book, path, raw, new)
        if self._seal:
            self._seal(receipt)
        self._put(book, path, new, fetched.member.etag)
        self._require_shown(book, path, new)
        return "rectified", receipt

    def take_back(self, receipt: bytes) -> None:
        """Write the old card in the place of the corrected one. Raises `Refused`, `Conflict`, `Unreachable`."""
        told = _opened(receipt)
        book = next((book for book in self._lister.books() if book.key == told["book"]), None)
        if book is None:
            raise Refused(Phrase("The address book of the card is no longer there; nothing was put back."))
        path = self.own_path(book, told["path"])
        etag, now = self._server.etag(book, path), self._server.get(book, path)
        if not etag or reading.told(now) != reading.told(base64.b64decode(told["new"])):
            raise Conflict(Phrase("The card was written again since; nothing was put back."))
        old = base64.b64decode(told["card"])
        self._put(book, path, old, etag)
        self._require_shown(book, path, old)

    def _require_shown(self, book: Book, path: str, data: bytes) -> None:
        if reading.told(self._server.get(book, path)) != reading.told(data):
            raise Fault(Phrase("The server confirmed the change of a card but shows it otherwise."))


def is_receipt(receipt: bytes) -> bool:
    """Whether a receipt is that of a correction."""
    try:
        return bool(json.loads(receipt)[_KEY])
    except (ValueError, LookupError, TypeError):
        return False


def _with(raw: bytes, corrections: Sequence[Correction]) -> bytes:
    """The resource with the right values; every byte outside the lines that held the wrong ones stays."""
    found = reading.readable(raw)
    if len(found) != 1:
        raise Refused(
            Phrase("Several cards stand in one; nothing was written."), Phrase("Correct it by hand in the contacts program.")
        )
    (card,) = found
    return raw[: card.start] + corrected(card, corrections) + raw[card.end :]


def _receipt(book: Book, path: str, raw: bytes, new: bytes) -> bytes:
    packed = {name: base64.b64encode(data).decode() for name, data in (("card", raw), ("new", new))}
    return json.dumps({_KEY: True, "book": book.key, "path": path, **packed}).encode()


def _opened(receipt: bytes) -> dict[str, Any]:
    told = json.loads(receipt)
    if not all(isinstance(told.get(key), str) for key in ("book", "path", "card", "new")):
        raise not_ours()
    return dict(told)
