"""Entries as rows for the bulk evaluator: everything the comparisons need in plain values, made from the same facts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product

from hub.matching import model
from hub.matching.evidence import HOUSEHOLDS, likeness_of, spelled
from hub.matching.facts import Facts, near_birthdays
from hub.matching.memory import MANY, MemoryIndex
from hub.matching.names import NameForm
from hub.normalise import Name

Row = dict[str, object]

LISTS = (
    "emails_own emails_household emails_shared emails_crowded phones_own phones_household phones_shared phones_crowded numbers_own "
    "numbers_shared numbers_crowded firms_few firms places_few places streets flats postcodes cities cities_few born_full born_yearless born keys initials wholes "
    "emails_named emails_called"
).split(" ")
"""The columns that are lists of texts."""

TEXTS = ("names", "plain")
FLAGS = ("personal", "phoned", "numbered", "firm", "companied")

_KINDS = {"email": "emails", "phone": "phones", "customer_number": "numbers"}


def rows(index: MemoryIndex) -> Iterator[Row]:
    """One row for each entry."""
    for number in index:
        facts = index[number]
        yield {
            "unique_id": number,
            "names": encoded(facts.forms),
            "plain": _plain(facts),
            "rarity": index.rarity(number),
            "personal": bool(facts.personal_emails),
            "phoned": bool(facts.tails),
            "numbered": bool(facts.customer_numbers),
            "firm": facts.is_of_company,
            "companied": bool(facts.companies),
            "firms_few": [key for key in facts.firms if index.is_few(key)],
            "firms": list(facts.firms),
            "places_few": [key for key in facts.places if index.is_few(key)],
            "places": list(facts.places),
            "streets": list(facts.streets),
            "flats": list(facts.flats),
            "postcodes": list(facts.postcodes),
            "cities": list(facts.cities),
            "cities_few": [key for key in facts.cities if index.is_few(f"city:{key}")],
            "born_full": [f"{year}-{month}-{day}" for year, month, day in facts.birthdays if year],
            "born_yearless": [f"{month}-{day}" for year, month, day in facts.birthdays if not year],
            "born": [f"{month}-{day}" for _, month, day in facts.birthdays],
            **(told := _identifiers(index, number)),
            **{
                column: [key for key in told["emails_own"] if spelled(key, facts.forms) >= much]
                for column, much in (("emails_called", 1), ("emails_named", 2))
            },
            **_keys(index, number),
        }


def _identifiers(index: MemoryIndex, number: int) -> dict[str, list[str]]:
    """The identifiers that another entry bears too, by how many people use them."""
    found: dict[str, list[str]] = {name: [] for name in LISTS[:11]}
    for kind, key in index.identifiers(number):
        if index.is_shared((kind, key)):
            crowded = len(index.holders((kind, key))) > int(model.settings()["crowd"])
            said = "crowded" if crowded else "shared"
        else:
            said = "household" if kind in HOUSEHOLDS and HOUSEHOLDS[kind][1](key) else "own"
        found[f"{_KINDS[kind]}_{said}"].append(key)
    return found


def _keys(index: MemoryIndex, number: int) -> dict[str, list[str]]:
    """The keys under which candidates meet, as `Index.candidates` looks for them."""
    facts = index[number]
    keys = [f"{kind}:{key}" for kind, key in index.identifiers(number) if 1 < len(index.few_holders((kind, key))) <= MANY]
    keys += facts.asked(index.is_crowded, index.is_few)
    # No list may be empty: a row with an empty one would vanish from a join over both.
    initials, wholes = [f"-{number}"], [f"+{number}"]
    if index.rarity(number) <= model.bare_limit(index.size):
        for form in facts.forms:
            keys += form.word_keys()
            wholes += index.abbreviated(form.initial_keys(initials=False))
            initials += form.initial_keys(initials=True) if form.has_initials else ()
    return {"keys": keys, "initials": initials, "wholes": wholes}


def _plain(facts: Facts) -> str:
    """The folded words of an ordinary name: where two are equal, the names are the same. "" for any other."""
    if len(facts.forms) != 1:
        return ""
    form = facts.forms[0]
    ordinary = len(form.strict) > 1 and not form.name.company and not form.name.generation
    return " ".join(form.strict) if ordinary else ""


def encoded(forms: tuple[NameForm, ...]) -> str:
    """The names of an entry as text, "" when it has none."""
    names = [[one.given, one.family, one.former, one.generation, one.known, one.company] for one in (form.name for form in forms)]
    return json.dumps(names, ensure_ascii=False) if names else ""


@lru_cache(maxsize=200_000)
def decoded(text: str) -> tuple[NameForm, ...]:
    """Undo `encoded`."""
    names = json.loads(text) if text else []
    return tuple(
        NameForm(Name(tuple(given), tuple(family), tuple(former), generation, known, company))
        for given, family, former, generation, known, company in names
    )


@lru_cache(maxsize=400_000)
def name_level(ours: str, theirs: str) -> str:
    """The level of two entries' names: what the bulk evaluator calls, and the very code of the pure one."""
    return likeness_of(decoded(ours), decoded(theirs))


def born_near(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether two entries have full birthdays (year-month-day) that a slip makes equal."""
    pairs = ([tuple(map(int, birthday.split("-"))) for birthday in pair] for pair in product(ours, theirs))
    return any(near_birthdays((one[0], one[1], one[2]), (other[0], other[1], other[2])) for one, other in pairs)
