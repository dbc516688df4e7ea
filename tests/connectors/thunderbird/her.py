"""One person among many in a book: what the tests of the erase share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from connectors.contract import Needle, Outcome
from tests.connectors.thunderbird.profiles import Card, connector, entry_with, make_profile, modern, raw, write_book

EMAIL = "aino@kuvitelma.example"
NOTE = "harvinainensana ja " + "pitkä " * 40
HER = modern("u-her", "Aino Kuvitelma", EMAIL, phone="0441234567", note=NOTE, company="Kuva Oy")
NAMESAKE = modern("u-nsk", "Aino Kuvitelma", "aino.k@toinen.example", phone="0401234567")
CROWD = [modern(f"u-{number}", f"Etu{number} Suku{number}", f"e{number}@muu.example", note="x" * 300) for number in range(60)]
NEEDLES = (Needle("email", EMAIL), Needle("phone", "+358441234567"), Needle("text", "harvinainensana"))
TRACES = (EMAIL.encode(), b"0441234567", b"harvinainensana", b"u-her")


def world(home: Path, name: str = "abook.sqlite", her: Card = HER, **options: Any) -> Path:
    """A profile with one book: her, a namesake, many others, two lists; returns the book."""
    cards = [*CROWD[:30], her, NAMESAKE, *CROWD[30:]]
    lists = {"Kaikki": [card.uid for card in reversed(cards)], "Hän": [her.uid]}
    return write_book(make_profile(home) / name, cards, lists, **options)


def erase(home: Path, email: str = EMAIL) -> Outcome:
    """Find her by e-mail and erase her."""
    entry = entry_with(home, email)
    return connector(home).erase(entry.ref, entry.version, NEEDLES)


def traces(path: Path) -> list[bytes]:
    """What is left of her in the bytes of a book and its side files, folded or not."""
    data = raw(path).replace(b"\r\n ", b"")
    return [trace for trace in TRACES if trace in data]
