"""The made-up people whom every source under the kit holds: a namesake, a shared phone, a longer name, hostile values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

from connectors.contract import Needle


@dataclass(frozen=True, slots=True)
class Made:
    """Somebody who does not exist; `keyword` is a word that stands in `note` and nowhere else."""

    key: str
    name: str
    email: str
    phone: str
    e164: str
    company: str
    note: str
    keyword: str

    def needles(self) -> tuple[Needle, ...]:
        """One needle of each kind."""
        return (
            Needle("name", self.name),
            Needle("email", self.email),
            Needle("phone", self.e164),
            Needle("text", self.keyword),
        )


def _made(key: str, name: str, email: str, digits: str, note: str = "soittaa takaisin {keyword}") -> Made:
    keyword = f"avain{key}sana"
    phone = f"{digits[:3]} {digits[3:6]} {digits[6:]}"
    return Made(
        key, name, email, phone, f"+358{digits[1:]}", f"{key.capitalize()} Oy", note.replace("{keyword}", keyword), keyword
    )


_LONG = " ".join(f"pitkä{number}" for number in range(1, 2000))

PEOPLE = (
    _made("aino", "Aino Kuvitelma", "aino@kuvitelma.example", "0441234567"),
    _made("kaima", "Aino Kuvitelma", "aino.k@toinen.example", "0401234567"),
    _made("eero", "Eero Keksitty", "eero@keksitty.example", "0501234567"),
    _made("liisa", "Liisa Keksitty", "liisa@keksitty.example", "0501234567"),
    _made("satu", "Eero Keksitty-Satu", "satu@pidempi.example", "0441234501"),
    _made("kaava", "=Kaava Laskija", "kaava@hostile.example", "0441234502", '=HYPERLINK("paha.example","osuma") {keyword}'),
    _made(
        "html",
        '<i>Html & "Lainaus" O\'Testi',
        "html@hostile.example",
        "0441234503",
        "<script>alert(1)</script> ]]> &amp; {keyword}",
    ),
    _made("muistio", "Pitkä Muistio", "muistio@hostile.example", "0441234504", "{keyword} " + _LONG[:10_000]),
    _made("merkki", "Outo Merkki", "merkki@hostile.example", "0441234505", "nolla\x00 yksi\x01 raja\x1f sarkain\t {keyword}"),
    _made("rivi", "Monta Riviä", "rivi@hostile.example", "0441234506", "ensimmäinen\ntoinen; kolmas,\n\nviimeinen {keyword}"),
    _made("oikea", "Oikealta\u200f Vasemmalle", "oikea@hostile.example", "0441234507", "\u202ekäännetty\u202c שלום {keyword}"),
    _made("emoji", "Ilona 🦊 Emoji", "emoji@hostile.example", "0441234508", "👩\u200d👩\u200d👧 ja 🇫🇮 {keyword}"),
    _made("vinot", "Vino Lainaus", "vinot@hostile.example", "0441234509", "a\\n;b\\,c:\"d'e`f%41=42^`g {keyword}"),
)

HOSTILE = tuple(person.key for person in PEOPLE[5:])
"""Whose values are meant to break things."""

SHOWN = ("name", "email", "phone", "company", "note")
"""The kinds of fields every source under the kit holds for each person."""


def people(cannot_hold: str = "") -> tuple[Made, ...]:
    """The people without the characters a format has no way to write down."""
    table = {ord(letter): None for letter in cannot_hold}
    return tuple(
        replace(person, **{item.name: getattr(person, item.name).translate(table).strip() for item in fields(person)})
        for person in PEOPLE
    )


def own_needles(everybody: Sequence[Made], key: str) -> tuple[Needle, ...]:
    """The needles of one person that nobody else bears: what the hub hands to an erase."""
    others = {needle for person in everybody if person.key != key for needle in person.needles()}
    return tuple(needle for person in everybody if person.key == key for needle in person.needles() if needle not in others)
