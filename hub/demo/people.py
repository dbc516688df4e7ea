"""The people of the made-up company: none of them exists, and their addresses and numbers belong to nobody."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Customer:
    """One row of the customer register: `contact`, `phone` and `email` may hold several values, as owners type them."""

    company: str
    contact: str = field(repr=False)
    phone: str | int = field(repr=False)
    email: str = field(repr=False)
    city: str
    service: str
    date: str
    price: float
    note: str = field(default="", repr=False)


HER_NAME = "Aino Esimerkkilä"
HER_EMAIL = "aino.esimerkkila@saaristo.example"
HER_HOME_EMAIL = "aino@kotiposti.example"
HER_PHONE = "+358 44 123 4567"
"""The person who asks to be erased."""

NAMESAKE_NAME = "Aino Esimerkkila"
NAMESAKE_EMAIL = "ainoe@lumikki.example"
NAMESAKE_PHONE = "050 123 4567"
"""Another person, whose name somebody typed without the dots: to be left alone."""

COLLEAGUE = "Pekka Mallikas"
COLLEAGUE_EMAIL = "pekka.mallikas@saaristo.example"
COLLEAGUE_PHONE = "040 123 4568"
SWITCHBOARD = "09 4245 0012"
"""A colleague at her company, and the number that everybody there shares."""

SERVICES = {"Valmennus": 240.0, "Koulutus": 980.0, "Työpaja": 1450.0, "Kartoitus": 620.0}
"""What the company sells, and its list prices."""

_GIVEN = (
    "Onni",
    "Helmi",
    "Eino",
    "Venla",
    "Väinö",
    "Siiri",
    "Toivo",
    "Lempi",
    "Urho",
    "Tyyne",
    "Armas",
    "Saima",
    "Oiva",
    "Hilja",
    "Sulo",
    "Impi",
)
_FAMILY = ("Kokeila", "Näytelä", "Mallila", "Keksilä", "Kuvitela", "Harjoitela", "Luonnosto", "Testamo")
_COMPANIES = ("Kaislaranta", "Pilvilinna", "Tuulispää", "Hopeavirta", "Kultapiisku", "Sinitaivas", "Aamukaste")
_CITIES = ("Turku", "Naantali", "Parainen", "Salo", "Raisio")
_PLAIN = str.maketrans("äöÄÖ", "aoAO")


def customers() -> list[Customer]:
    """The forty customers in the order of the workbook; hers are the fifth and the sixteenth, her namesake's the eighth."""
    rows = [_bystander(number) for number in range(40)]
    saaristo = "Saariston Esimerkki Oy"
    rows[4] = Customer(
        saaristo, HER_NAME, 441234567, HER_EMAIL, "Parainen", "Valmennus", "2026-03-04", 240.0, "Soita iltapäivällä"
    )
    rows[5] = Customer(
        saaristo, COLLEAGUE, f"{COLLEAGUE_PHONE}; {SWITCHBOARD}", COLLEAGUE_EMAIL, "Parainen", "Koulutus", "2026-03-11", 980.0
    )
    rows[6] = Customer(
        saaristo, "Kerttu Kokeila", SWITCHBOARD, "kerttu.kokeila@saaristo.example", "Parainen", "Kartoitus", "2026-04-02", 620.0
    )
    rows[7] = Customer(
        "Lumikki Tmi", NAMESAKE_NAME, NAMESAKE_PHONE, NAMESAKE_EMAIL, "Salo", "Valmennus", "2026-04-09", 240.0, "Tuli messuilta"
    )
    rows[15] = Customer(
        saaristo,
        f"{HER_NAME} / {COLLEAGUE}",
        f"{HER_PHONE} / {COLLEAGUE_PHONE}",
        f"{HER_EMAIL} / {COLLEAGUE_EMAIL}",
        "Parainen",
        "Työpaja",
        "2026-05-20",
        1450.0,
    )
    return rows


def _bystander(number: int) -> Customer:
    given, family = _GIVEN[number % len(_GIVEN)], _FAMILY[(number * 3 + number // 8) % len(_FAMILY)]
    company = _COMPANIES[number % len(_COMPANIES)]
    service = list(SERVICES)[number % len(SERVICES)]
    email = f"{given}.{family}{number}@{company}.example".lower().translate(_PLAIN)
    note = "Sovittu jatkosta" if number % 9 == 0 else ""
    return Customer(
        f"{company} Oy",
        f"{given} {family}",
        f"040 123 {5000 + number}",
        email,
        _CITIES[number % len(_CITIES)],
        service,
        f"2026-{1 + number % 9:02}-{1 + number % 27:02}",
        SERVICES[service],
        note,
    )
