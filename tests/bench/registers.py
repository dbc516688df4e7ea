"""Five registers of a made-up Finnish company with the truth: who is who, the same for the same seed, in any number.

About 2.3 entries a person, written as people write: typing errors, a for ä, both orders of a name, call names, maiden
and double names, a phone that a household shares, a family's mailbox, info@ and the switchboard, father and son of one
name at one address, things that changed since, and much that is missing. Some of it nobody could put together again.
"""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import accumulate

from connectors.entry import Entry, Field, Ref, Version
from connectors.phrase import Phrase
from hub.person import Held

_GIVEN = (
    "Matti Anna Juha Maria Pekka Päivi Timo Tuula Jari Leena Kari Sari Antti Pirjo Mikko Minna Hannu Anne Markku Riitta "
    "Jukka Tiina Ville Johanna Heikki Kirsi Janne Eija Petri Hanna Tuomas Heidi Seppo Katja Sami Satu Ilkka Laura Pasi "
    "Jaana Marko Outi Esa Merja Jussi Ulla Tapio Mari Harri Elina Tommi Sanna Risto Raija Teemu Marja Veli Arja Lauri "
    "Liisa Erkki Kaisa Olli Irma Vesa Aino Mika Helena Arto Emilia Jouni Eeva Aleksi Susanna Reijo Marjatta Jarmo Terhi "
    "Raimo Anneli Jorma Noora Kimmo Piia Eero Sofia Otto Jenni Onni Essi Veikko Kaarina Oskari Taina Paavo Hilkka Henri "
    "Sirpa Väinö Eila Niko Ritva Aarne Maija Kalle Saara Toni Iida Joni Venla Eetu Helmi Arttu Ella Tero Oona Urpo Ilona "
    "Anna-Maija Juha-Pekka Eeva-Liisa Veli-Matti Ulla-Maija Kari-Pekka Marja-Leena Hanna-Mari"
).split(" ")
_CALLED = {
    "Matti": "Masa",
    "Pekka": "Pekko",
    "Johanna": "Jonna",
    "Heikki": "Heka",
    "Antti": "Ana",
    "Tapio": "Tapsa",
    "Mikko": "Miksu",
    "Susanna": "Sussu",
    "Katja": "Katu",
    "Helena": "Hellu",
    "Jukka": "Juki",
    "Kalle": "Kalla",
    "Markku": "Make",
    "Timo": "Timppa",
    "Emilia": "Emmi",
    "Aleksi": "Ale",
    "Tuomas": "Tume",
    "Hannu": "Hande",
}
_ROOTS = (
    "virta korho niemi mäki koski laakso harju ranta heikki lehto saari kallio järvi salmi aalto peura karhu susi hirvi kettu "
    "suo kangas kanto kivi hiekka sora savo häme karja pohja etelä itä länsi rauta kulta hopea tina vaski puro joki lampi oja "
    "lahti vuori tunturi vaara notko metsä korpi rämä neva pelto niitty aho kataja pihlaja koivu lepo honka mänty kuusi haapa "
    "halla pakka tuuli pilvi sade ukko akka poika tyttö seppä myllä sauna tupa pirtti aitta riihi talo kylä pitä"
).split(" ")
_ENDINGS = "nen la lä maa mäki ranta lahti salo niemi koski vaara harju puro oja holm ström nsaari virta lainen sto".split(" ")
_STREETS = ("katu", "tie", "polku", "kuja", "raitti", "rinne")
_CITIES = tuple(
    zip("Helsinki Espoo Tampere Vantaa Oulu Turku Jyväskylä Lahti Kuopio Pori".split(), range(100, 1000, 90), strict=True)
)
_TWIN = {"Helsinki": "Helsingfors", "Espoo": "Esbo", "Turku": "Åbo", "Tampere": "Tammerfors", "Vantaa": "Vanda"}
_FIRMS = "Raken Siivous Auto Konsultti Media Kukka Leipä Metalli Puu Sähkö Vene Kirja Tieto Luonto Kuva Hieno".split()
SOURCES = ("customers", "invoicing", "phone", "mail", "binder")
_MOBILE = ("440", "441", "500", "501", "400", "401", "409", "450", "451", "459")
"""Each begins ten million numbers, together about as many as there are in life: strangers rarely have the same."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How carelessly the registers are kept; every figure is a share."""

    typo: float = 0.03
    plain: float = 0.06
    swapped: float = 0.12
    called: float = 0.03
    initial: float = 0.03
    single: float = 0.015
    nameless: float = 0.02
    changed: float = 0.06
    no_email: float = 0.38
    no_phone: float = 0.41
    household: float = 0.30
    """A household of several persons."""
    son: float = 0.02
    """A household in which father and son bear one name."""
    junior: float = 0.3
    """How often the son is called junior then."""
    family_mailbox: float = 0.12
    landline: float = 0.25
    company: float = 0.45
    role: float = 0.08
    """An entry of a contact person with info@ or the switchboard instead of their own."""
    maiden: float = 0.06
    double: float = 0.04
    address: float = 0.5


@dataclass(slots=True)
class _Someone:
    """A person with what is true now and what was true before."""

    number: int
    given: tuple[str, ...]
    family: str
    before: str = ""
    junior: bool = False
    emails: list[str] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    addresses: list[tuple[str, str, str]] = field(default_factory=list)
    company: tuple[str, str, str] | None = None
    customer: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """One entry, and the number of the person it is about."""

    held: Held
    person: int


class _Names:
    """Given and family names, common and rare ones as in life."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        families = [(root + ending).capitalize() for root in _ROOTS for ending in _ENDINGS]
        families += [
            (root + middle + ending).capitalize() for root in _ROOTS for middle in ("n", "s") for ending in _ENDINGS[3:14]
        ]
        families = list(dict.fromkeys(families))
        chance.shuffle(families)
        self._families, self._family_weights = families, list(accumulate(1 / (rank + 25) for rank in range(len(families))))
        self._given_weights = list(accumulate(1 / (rank + 15) for rank in range(len(_GIVEN))))

    def family(self) -> str:
        """A family name; now and then one that hardly anybody has."""
        if self._chance.random() < 0.1:
            parts = (self._chance.choice(_ROOTS), self._chance.choice(_ROOTS), self._chance.choice(_ENDINGS))
            return "".join(parts).capitalize()
        return self._families[bisect(self._family_weights, self._chance.random() * self._family_weights[-1])]

    def given(self) -> str:
        """A given name."""
        return _GIVEN[min(bisect(self._given_weights, self._chance.random() * self._given_weights[-1]), len(_GIVEN) - 1)]


def registers(entries: int, seed: int = 1, habits: Habits = Habits()) -> Iterator[Made]:
    """At least that many entries (the last person's are complete), person by person; nothing is kept."""
    made = 0
    for someone, chance in _people(seed, habits, entries):
        for held in _written(someone, chance, habits, made):
            yield Made(held, someone.number)
            made += 1
        if made >= entries:
            return


def _people(seed: int, habits: Habits, scale: int) -> Iterator[tuple[_Someone, random.Random]]:
    """Persons, household by household."""
    chance = random.Random(seed)
    names, number = _Names(chance), 0
    firms = max(3, scale // 12)
    while True:
        members = _household(chance, names, habits, number)
        for someone in members:
            if chance.random() < habits.company:
                someone.company = _firm(int(firms * chance.random() ** 2))
            yield someone, chance
        number += len(members)


def _household(chance: random.Random, names: _Names, habits: Habits, number: int) -> list[_Someone]:
    size = chance.choice((2, 2, 2, 3, 3, 4)) if chance.random() < habits.household else 1
    family, address, landline = (
        names.family(),
        _address(chance, names),
        f"0{chance.randint(2, 9)} 42{chance.randint(0, 9_999_999):07}",
    )
    mailbox = f"{_plain(family)}.perhe{chance.randint(1, 999)}@koti{chance.randint(1, 40)}.example"
    shares_mail, shares_line = chance.random() < habits.family_mailbox * 2, chance.random() < habits.landline * 2
    members = []
    for place in range(size):
        given = (names.given(), names.given()) if chance.random() < 0.6 else (names.given(),)
        someone = _Someone(number + place, given, family, customer=f"{100000 + (number + place) * 7}")
        someone.addresses = [address, _address(chance, names)]
        someone.phones = [_mobile(chance), _mobile(chance)]
        if chance.random() < habits.maiden:
            someone.before = names.family()
        if chance.random() < habits.double:
            someone.family = f"{names.family()}-{family}"
        someone.emails = [_email(chance, someone), _email(chance, someone)]
        if size > 1 and shares_mail and chance.random() < 0.7:
            someone.emails[0] = mailbox
        if shares_line and chance.random() < 0.5:
            someone.phones[chance.random() < 0.5] = landline
        members.append(someone)
    if size > 1 and chance.random() < habits.son:
        members[1].given, members[1].family, members[1].before = members[0].given, members[0].family, ""
        members[1].junior = chance.random() < habits.junior
    return members


def _firm(number: int) -> tuple[str, str, str]:
    """The name, domain and switchboard of a company."""
    name = f"{_FIRMS[number % len(_FIRMS)]} {_ROOTS[number // len(_FIRMS) % len(_ROOTS)].capitalize()}"
    number_of_its_own = number // len(_FIRMS) // len(_ROOTS)
    name += f" {number_of_its_own}" if number_of_its_own else ""
    return f"{name} Oy", f"firma{number}.example", f"020 7{number:06}"


def _address(chance: random.Random, names: _Names) -> tuple[str, str, str]:
    city, code = chance.choice(_CITIES)
    flat = f" {chance.choice('ABC')} {chance.randint(1, 40)}" if chance.random() < 0.5 else ""
    street = f"{names.family()}{chance.choice(_STREETS)} {chance.randint(1, 60)}{flat}"
    return street, f"{code + chance.randint(0, 40):05}", city


def _mobile(chance: random.Random) -> str:
    return f"0{chance.choice(_MOBILE)}{chance.randint(0, 9_999_999):07}"


def _email(chance: random.Random, someone: _Someone) -> str:
    tail = str(chance.randint(1, 9999)) if chance.random() < 0.7 else ""
    return f"{_plain(someone.given[0])}.{_plain(someone.family)}{tail}@posti{chance.randint(1, 9000)}.example"


def _plain(text: str) -> str:
    return text.lower().replace("ä", "a").replace("ö", "o").replace(" ", "")


def _written(someone: _Someone, chance: random.Random, habits: Habits, made: int) -> Iterator[Held]:
    """The entries of a person in the registers they are in."""
    where = [source for source, share in zip(SOURCES, (0.65, 0.5, 0.5, 0.4, 0.2), strict=True) if chance.random() < share]
    if "customers" in where and chance.random() < 0.1:
        where.insert(0, "customers")
    for place, source in enumerate(where or [chance.choice(SOURCES)]):
        fields = [*_name(someone, source, chance, habits), *_reached(someone, source, chance, habits)]
        if len(fields) == 1 and "@" not in fields[0].value and fields[0].kind == "phone":
            fields.append(Field("note", "soittaa"))
        yield Held(source, Entry(Ref(f"{made + place:08}"), Version("1"), Phrase("an entry"), tuple(fields)))


def _name(someone: _Someone, source: str, chance: random.Random, habits: Habits) -> list[Field]:
    draw = chance.random()
    if draw < habits.nameless and source in ("mail", "phone"):
        return []
    given, family = _called(someone, chance, habits), _family(someone, chance)
    if chance.random() < habits.plain:
        given, family = (chance.choice((_umlauts, _plainer))(part) for part in (given, family))
    if chance.random() < habits.typo:
        given, family = (given, _slip(family, chance)) if chance.random() < 0.6 else (_slip(given, chance), family)
    if draw > 1 - habits.single:
        return [Field("name", chance.choice((given.split(" ")[0], family)))]
    suffix = " jr" if someone.junior else ""
    if source == "phone":
        fields = [Field("given", given), Field("family", family + suffix)]
    elif source == "invoicing" and chance.random() < 0.5:
        fields = [Field("name", f"{family}{suffix}, {given}")]
    elif chance.random() < habits.swapped:
        fields = [Field("name", f"{family} {given}{suffix}")]
    else:
        fields = [Field("name", f"{given} {family}{suffix}")]
    if someone.before and family != someone.before and chance.random() < 0.1:
        fields.append(Field("former_name", someone.before))
    return fields


def _family(someone: _Someone, chance: random.Random) -> str:
    """The family name as this register has it: an older one, or half of a double one."""
    if someone.before and chance.random() < 0.35:
        return someone.before
    if "-" in someone.family and chance.random() < 0.4:
        return chance.choice(someone.family.split("-"))
    return someone.family


def _called(someone: _Someone, chance: random.Random, habits: Habits) -> str:
    """The given name as this register has it."""
    draw, first = chance.random(), someone.given[0]
    if draw < habits.called:
        return _CALLED.get(first, first)
    if draw < habits.called + habits.initial:
        return "-".join(f"{part[0]}" for part in first.split("-")) + "."
    if draw < 0.2 and len(someone.given) > 1:
        return " ".join(someone.given)
    if draw < 0.215 and len(someone.given) > 1:
        return someone.given[1]
    return first


def _umlauts(text: str) -> str:
    return text.replace("ä", "ae").replace("ö", "oe").replace("Ä", "Ae")


def _plainer(text: str) -> str:
    return text.replace("ä", "a").replace("ö", "o").replace("Ä", "A")


def _slip(word: str, chance: random.Random) -> str:
    """One typing error."""
    if len(word) < 4:
        return word
    at, letter = chance.randint(1, len(word) - 2), chance.choice("aeiklmnorstu")
    return chance.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + letter + word[at:],
            word[:at] + letter + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        )
    )


def _reached(someone: _Someone, source: str, chance: random.Random, habits: Habits) -> Iterator[Field]:
    """How a person is reached, as far as this register knows."""
    of_firm = someone.company is not None and source != "binder"
    has = [chance.random() >= habits.no_email, chance.random() >= habits.no_phone]
    if source == "mail":
        has[0] = chance.random() < 0.97
    if source == "binder":
        has = [False, chance.random() < 0.8]
    role = chance.random() < habits.role
    if someone.company and of_firm and source in ("customers", "invoicing"):
        yield Field("company", someone.company[0])
    if has[0]:
        value = chance.choice(someone.emails) if chance.random() < habits.changed * 2 else someone.emails[0]
        if someone.company and of_firm and source != "phone" and chance.random() < 0.15:
            value = f"{_plain(someone.given[0])}.{_plain(someone.family)}@{someone.company[1]}"
        yield Field("email", f"info@{someone.company[1]}" if role and someone.company and of_firm else value)
    if has[1]:
        value = chance.choice(someone.phones) if chance.random() < habits.changed * 2 else someone.phones[0]
        yield Field("phone", _dialled(someone.company[2] if role and someone.company and of_firm else value, chance))
    if source == "invoicing" or (source in ("customers", "phone") and chance.random() < habits.address / 2):
        yield from _home(someone, chance, habits)
    if source == "invoicing" and chance.random() < 0.5:
        yield Field("customer_number", someone.customer)


def _home(someone: _Someone, chance: random.Random, habits: Habits) -> Iterator[Field]:
    street, postcode, city = someone.addresses[chance.random() < habits.changed]
    if chance.random() < habits.typo:
        street = _slip(street, chance)
    if chance.random() < 0.15:
        street = street.replace("katu ", "k. ")
    yield Field("address", street)
    if chance.random() < 0.85:
        yield Field("postcode", postcode)
        yield Field("city", _TWIN.get(city, city) if chance.random() < 0.08 else city)


def _dialled(number: str, chance: random.Random) -> str:
    """A number as somebody wrote it."""
    digits = number.replace(" ", "")
    style = chance.random()
    if style < 0.3:
        return f"+358{digits[1:]}"
    if style < 0.4:
        return f"+358 (0){digits[1:3]} {digits[3:]}"
    if style < 0.7:
        return f"{digits[:3]} {digits[3:6]} {digits[6:]}"
    return digits


def careless(habits: Habits) -> Habits:
    """Registers kept with twice the errors: figures must not hold on one kind of register only."""
    return replace(habits, typo=habits.typo * 2, called=habits.called * 2, plain=habits.plain * 2, changed=habits.changed * 2)
