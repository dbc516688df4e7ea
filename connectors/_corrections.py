"""What a correction means for the values of an entry: whether it is done, and what must be read afterwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from connectors.contract import Correction
from connectors.entry import Field
from connectors.errors import Refused
from connectors.phrase import Phrase


def is_done(fields: Iterable[Field], corrections: Sequence[Correction]) -> bool:
    """Whether every right value stands there, and none of the wrong ones."""
    shown = {(item.kind, item.value) for item in fields}
    return all((one.kind, one.new) in shown and (one.kind, one.old) not in shown for one in corrections)


def new_value(item: Field, corrections: Sequence[Correction]) -> str | None:
    """What a value becomes, None when it stays. What belongs to the record and not to the person is never corrected."""
    if item.stays:
        return None
    return next((one.new for one in corrections if (one.kind, one.old) == (item.kind, item.value)), None)


def require_as_meant(before: Sequence[Field], after: Sequence[Field], corrections: Sequence[Correction]) -> None:
    """Raise `Refused` when an entry would not be read as it was, but for its right values."""
    meant = Counter((item.kind, new_value(item, corrections) or item.value) for item in before)
    if meant != Counter((item.kind, item.value) for item in after) or not is_done(after, corrections):
        raise Refused(
            Phrase("Written there, the new value would not be read as it is meant, or is not this person's alone."),
            Phrase("Correct it by hand."),
        )
