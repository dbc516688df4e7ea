"""One person in a book in the old format, with everything a journal gathers: what the tests of it share."""

from __future__ import annotations

from pathlib import Path

from connectors.contract import Needle
from tests.connectors.thunderbird.mabs import Mab, card
from tests.connectors.thunderbird.profiles import connector, entry_with, make_profile

EMAIL = "aino@kuvitelma.example"
NOTE = "harvinainensana (sulut), hinta 5$ ja \\ sekä ääkkösiä, " * 3
HER = card("Äino Kuvitelma", EMAIL, CellularNumber="044 123 4567", Notes=NOTE, HomeCity="Turku", BirthYear="1980", BirthMonth="2")
HER |= {
    "BirthDay": "3",
    "SecondEmail": "aino@koti.example",
    "Company": "Kuva Oy",
    "Custom1": "asiakas",
    "Omituinen": "tuntematon",
}
OTHERS = [
    card("Eero Keksitty", "eero@muu.example", Notes="(a) $ \\ ä", Omituinen="säilyy"),
    card("Äino Kuvitelma", "aino.k@toinen.example"),
    card("Liisa Keksitty", "liisa@muu.example", PhotoName="liisa.png"),
]
CARDS = [OTHERS[0], HER, *OTHERS[1:]]
LISTS = {"Kaikki": [4, 2, 1, 3], "Vain hän": [2], "Muut": [1, 3]}
NEEDLES = (Needle("email", EMAIL), Needle("phone", "+358441234567"), Needle("text", "harvinainensana"))
TRACES = (EMAIL.encode(), b"044 123 4567", b"harvinainensana", b"aino@koti.example", b"asiakas", b"Turku", b"tuntematon")


def full() -> Mab:
    """A book with everything a journal gathers: an edit of hers, a copy among the deleted, orphans, an open group."""
    mab = Mab().book(CARDS, LISTS)
    mab.group(mab.row(2, {"Notes": NOTE, "HomeCity": "Turku"}))
    mab.add(mab.table(mab.row(0x99, {"DisplayName": "Äino Kuvitelma", "PrimaryEmail": EMAIL}).strip(), 2, "deleted"))
    mab.add(mab.row(0x98, {"Notes": NOTE}))
    return mab.group(mab.row(2, {"Custom1": "asiakas"}), b"")


def world(home: Path, name: str = "abook.mab", mab: Mab | None = None) -> Path:
    """A profile with one book in the old format."""
    return (mab or full()).write(make_profile(home) / name)


def erase(home: Path, needles: tuple[Needle, ...] = NEEDLES) -> str:
    """Erase her by e-mail."""
    entry = entry_with(home, EMAIL)
    return connector(home).erase(entry.ref, entry.version, needles).result


def traces(path: Path) -> list[bytes]:
    """What is left of her in the bytes, wrapped or not."""
    data = path.read_bytes().replace(b"\\\n", b"")
    return [trace for trace in TRACES if trace in data]
