"""Registers of made-up people in any number, the same for the same seed."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hub.demo.addressbook import Card, new_profile, write_book

HEADERS = (
    "Asiakasnumero",
    "Yritys",
    "Yhteyshenkilö",
    "Puhelin",
    "Sähköposti",
    "Osoite",
    "Postinumero",
    "Paikkakunta",
    "Palvelu",
    "Aika",
    "Hinta",
    "Lisätiedot",
)
_GIVEN = (
    "Aamu",
    "Eeli",
    "Hilla",
    "Ilmo",
    "Kaino",
    "Lauha",
    "Meri",
    "Nuutti",
    "Oiva",
    "Pihla",
    "Rauha",
    "Soini",
    "Taimi",
    "Vieno",
)
_SYLLABLES = ("ka", "lu", "mäk", "vir", "sal", "tuo", "ran", "jär", "ko", "pel", "hei", "nie", "au", "sil")
_FAMILIES = len(_SYLLABLES) ** 5
_SERVICES = ("Valmennus", "Koulutus", "Työpaja", "Kartoitus")
_PLAIN = str.maketrans("äö", "ao")


@dataclass(frozen=True, slots=True)
class Someone:
    """One made-up person; nobody else has this number, phone or e-mail address."""

    number: int
    name: str = field(repr=False)

    @property
    def email(self) -> str:
        """Their only address."""
        return f"{self.name.lower().translate(_PLAIN).replace(' ', '.')}{self.number}@esimerkki.example"

    @property
    def phone(self) -> str:
        """Their only number."""
        return f"040 1{self.number:06}"

    def row(self) -> tuple[str | int | float, ...]:
        """Their row under `HEADERS`; a service and a note are shared with many others, as in real registers."""
        return (
            self.number,
            f"Yritys {self.number // 3} Oy",
            self.name,
            self.phone,
            self.email,
            f"Esimerkkitie {self.number % 400}",
            f"{20000 + self.number % 900}",
            "Turku",
            _SERVICES[self.number % 4],
            f"2026-{1 + self.number % 12:02}-{1 + self.number % 28:02}",
            100.0 + self.number % 900,
            "Sovittu jatkosta" if self.number % 5 else "",
        )


def people(count: int, seed: int = 1) -> Iterator[Someone]:
    """That many people, in the order of their numbers; no two of them bear the same name."""
    chance = random.Random(seed)
    for number in range(count):
        yield Someone(number, f"{chance.choice(_GIVEN)} {_family(number)}")


def _family(number: int) -> str:
    """A family name for each number, neighbours unlike one another."""
    syllables, rest = "", number * 7919 % _FAMILIES
    for _ in range(5):
        rest, which = divmod(rest, len(_SYLLABLES))
        syllables += _SYLLABLES[which]
    return f"{syllables.capitalize()}nen"


def middle(count: int) -> Someone:
    """The person whom the measurements look for: the one in the middle."""
    return next(someone for someone in people(count) if someone.number == count // 2)


def write_workbook(path: Path, count: int) -> None:
    """Write a register of that many rows, texts shared as Excel shares them."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"constant_memory": False})
    sheet = book.add_worksheet("Asiakkaat")
    sheet.write_row(0, 0, HEADERS)
    for row, someone in enumerate(people(count), start=1):
        sheet.write_row(row, 0, someone.row())
    book.close()


def write_profile(root: Path, count: int) -> None:
    """Write a Thunderbird profile of one book of that many cards."""
    profile = new_profile(root)
    cards = (
        Card(f"bench-{someone.number}", someone.name, (someone.email,), (("cell", someone.phone),)) for someone in people(count)
    )
    write_book(profile / "abook.sqlite", cards)


if __name__ == "__main__":
    # In a process of its own: a child inherits the peak memory of its parent, so the measuring one must stay small.
    write_workbook(Path(sys.argv[1]), int(sys.argv[2]))
