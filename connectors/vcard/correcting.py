"""Put values of a card right in its file, and take that back as long as nothing else in the file changed."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from connectors._cardcorrect import corrected
from connectors._cardlines import cards
from connectors.contract import Correction
from connectors.errors import Conflict, Refused
from connectors.phrase import Phrase
from connectors.vcard.files import CardFile, read_file, replace
from connectors.vcard.records import Record

KEY = "corrected"
"""What tells the receipt of a correction from that of an erase."""


def correct(record: Record, corrections: Sequence[Correction], seal: Callable[[bytes], None]) -> bytes:
    """Write the card, and every copy of it in its file, with the right values; returns the receipt."""
    file, new = record.file, corrected(record.card, corrections)
    pieces, at = [], 0
    for number in record.numbers:
        card = file.cards[number]
        pieces += [file.text[at : card.start], new]
        at = card.end
    text = b"".join([*pieces, file.text[at:]])
    _require_others(file, record, text)
    receipt = _receipt(file, record, text, new)
    seal(receipt)
    replace(file, text)
    return receipt


def _require_others(file: CardFile, record: Record, text: bytes) -> None:
    """Raise `Refused` unless every other card is there to the byte."""
    left = [text[card.start : card.end] for card in cards(text)]
    was = [file.text[card.start : card.end] for card in file.cards]
    same = [number for number in range(len(was)) if number not in record.numbers]
    if len(left) != len(was) or any(left[number] != was[number] for number in same):
        raise Refused(
            Phrase("Correcting the card would have changed another one; nothing was written."),
            Phrase("Correct it in the program that made the file."),
        )


def _receipt(file: CardFile, record: Record, text: bytes, new: bytes) -> bytes:
    after = CardFile(file.path, "", file.encode(text), b"").sha256
    told = {"file": file.relative, "after": after, "old": _packed(record.raw), "new": _packed(new), "count": len(record.numbers)}
    return json.dumps({KEY: told}).encode()


def is_receipt(receipt: bytes) -> bool:
    """Whether a receipt is that of a correction."""
    try:
        return isinstance(json.loads(receipt)[KEY], dict)
    except (ValueError, LookupError, TypeError):
        return False


def restore(root: Path, receipt: bytes) -> None:
    """Put the old card in the place of the corrected one. Raises `Conflict` when it is not there as it was written."""
    told = _opened(receipt)
    path = root / told["file"] if told["file"] else root
    file = read_file(path, told["file"])
    old, new = base64.b64decode(told["old"]), base64.b64decode(told["new"])
    there = [card for card in file.cards if file.text[card.start : card.end] == new]
    if len(there) != told["count"]:
        raise Conflict(Phrase("The card was written again since; nothing was put back."))
    pieces, at = [], 0
    for card in there:
        pieces += [file.text[at : card.start], old]
        at = card.end
    replace(file, b"".join([*pieces, file.text[at:]]))


def _opened(receipt: bytes) -> dict[str, Any]:
    told = json.loads(receipt)[KEY]
    place = PurePosixPath(str(told.get("file")))
    if place.is_absolute() or ".." in place.parts or not all(isinstance(told.get(key), str) for key in ("file", "old", "new")):
        raise Refused(Phrase("This receipt is none of a card file's."))
    return dict(told)


def _packed(data: bytes) -> str:
    return base64.b64encode(data).decode()
