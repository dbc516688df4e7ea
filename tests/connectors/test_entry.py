"""Entries say what leaves and what stays, and never show a value by accident."""

from __future__ import annotations

import pytest

from connectors.entry import IDENTIFYING, KINDS, Attachment, Disposal, Entry, Field, Ref, Version
from connectors.phrase import Phrase

FIELDS = (
    Field("name", "Aino Kuvitelma"),
    Field("email", "aino@kuvitelma.example", "TYPE=work"),
    Field("email", "aino.k@toinen.example"),
    Field("company", "Kuvitelma Oy", stays=True),
)


def entry(disposal: Disposal) -> Entry:
    """An entry with the fields above."""
    return Entry(Ref("r1"), Version("v1"), Phrase("row 1"), FIELDS, disposal)


def test_values_come_in_the_sources_order() -> None:
    """The values of several kinds keep the order of the record."""
    assert entry(Disposal.ERASE).values("company", "email") == ("aino@kuvitelma.example", "aino.k@toinen.example", "Kuvitelma Oy")
    assert entry(Disposal.ERASE).values("phone") == ()


@pytest.mark.parametrize(
    ("disposal", "count"), [(Disposal.ERASE, 4), (Disposal.REDACT, 3), (Disposal.RETAIN, 3), (Disposal.MANUAL, 3)]
)
def test_leaving_depends_on_the_disposal(disposal: Disposal, count: int) -> None:
    """A whole record takes everything with it, any other only what does not stay."""
    assert len(entry(disposal).leaving()) == count


def test_no_value_in_a_repr() -> None:
    """An entry, a field or an attachment in a log shows its place and kind only."""
    shown = repr([entry(Disposal.ERASE), *FIELDS, Attachment("photo.jpg", "image/jpeg", lambda: b"Aino")])

    assert [item.value for item in FIELDS if item.value in shown] == []
    assert "Aino" not in shown


def test_entries_are_values() -> None:
    """Two readings of one unchanged record are equal, and cannot be changed behind each other's back."""
    first = entry(Disposal.ERASE)

    assert first == entry(Disposal.ERASE)
    with pytest.raises(AttributeError):
        first.ref = Ref("r2")  # type: ignore[misc]  # that it cannot be written is what is tested


def test_the_kinds_are_the_interfaces() -> None:
    """Every kind of the interface is there once, and what identifies a person is among them."""
    assert len(set(KINDS)) == len(KINDS) == 22
    assert IDENTIFYING <= set(KINDS)
