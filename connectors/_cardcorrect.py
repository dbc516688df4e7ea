"""Put single values of a contact card right; every line that does not hold them keeps its bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from connectors import _corrections, _vcard
from connectors._cardedit import Value, edited
from connectors._cardlines import Card, Line, cards
from connectors.contract import Correction
from connectors.entry import Field
from connectors.errors import Refused
from connectors.phrase import Phrase

Meaning = Callable[[Card], Sequence[Field]]
"""What a register shows of a card."""


def corrected(card: Card, corrections: Sequence[Correction], shown: Meaning = _vcard.fields_of) -> bytes:
    """The card's bytes with the right values. Raises `Refused` when they would not be read as they are meant."""
    changes: dict[int, Value | None] = {}
    own = {id(line) for line in card.properties}
    for place, line in enumerate(card.lines):
        if id(line) in own and line.name not in _vcard.TECHNICAL and not line.embeds:
            value = _corrected(card, line, corrections)
            if value is not None:
                changes[place] = value
    new = edited(card, changes)
    again = cards(new)
    _corrections.require_as_meant(shown(card), shown(again[0]) if len(again) == 1 else (), corrections)
    return new


def _corrected(card: Card, line: Line, corrections: Sequence[Correction]) -> Value | None:
    """The new value of a line, None when it stays."""
    fields = _vcard.fields_of_line(card, line)
    right = {item.value.strip(): new for item in fields if (new := _new(item, corrections)) is not None}
    if not right:
        return None
    if line.name not in _vcard.STRUCTURED:
        (new,) = right.values()
        return new
    parts = line.components()
    if any(len(part) > 1 for part in parts):
        raise Refused(
            Phrase("A part of the name or address holds several values; nothing was written."), Phrase("Correct it by hand.")
        )
    return [right.get(part[0].strip(), part[0]) if part else "" for part in parts]


def _new(item: Field, corrections: Sequence[Correction]) -> str | None:
    return _corrections.new_value(Field(item.kind, item.value.strip(), item.label), corrections)
