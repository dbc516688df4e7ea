"""Finnish case forms of a person's names, as far as they are certain: to be reported where they stand, never to be cut.

No stemmer takes a text apart: the forms of the known names are made, and looked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from connectors import _resources
from connectors.contract import Needle
from hub import normalise
from hub.matching.index import Index

_FILE = "inflection.fi.toml"
_VOWELS = "aeiouyäöå"
_SHORTEST = 4
"""A shorter name is too often a part of speech."""
_OF_PEOPLE = 4
"""The first cases, "of", "to", "with" and "from" somebody: alone, the others of a given name are words ("Ainoa")."""
_SURE = re.compile(r".{3,}(?:nen|l[aä])", re.IGNORECASE)
"""Family names that are nothing else: alone, other ones may be a place or a word."""


def family_forms(name: str) -> tuple[str, ...]:
    """The case forms of a family name ("Virtanen": "Virtasen", "Virtaselle" …), none where they are not certain."""
    lower = name.casefold()
    if lower.endswith("nen") and len(name) > _SHORTEST:
        stem = name[:-3]
        return (*_cases(stem + "se", stem + "se", partitive=stem + "s" + _harmony(lower, "ta")), stem + "sten")
    for ending, told in _resources.table(_FILE)["endings"].items():
        if lower.endswith(ending):
            weak, strong, partitive = told if len(name) > len(ending) else map(str.capitalize, told)
            stem = name[: -len(ending)]
            return _cases(stem + weak, stem + strong, partitive=stem + partitive)
    return () if lower.endswith("s") else _regular(name)


def given_forms(name: str) -> tuple[str, ...]:
    """The case forms of a given name ("Pekka": "Pekan", "Pekalle" …), none where they are not certain."""
    if re.search(r"[aeu]s$", name, re.IGNORECASE):
        stem = name[:-1] + "kse"
        return _cases(stem, stem, partitive=name + _harmony(name.casefold(), "ta"))
    return () if name.casefold().endswith("s") else _regular(name)


def _regular(name: str) -> tuple[str, ...]:
    """Forms of a name that ends in a vowel, with double consonants weakened, or in a consonant, with an i between."""
    lower = name.casefold()
    if len(name) < _SHORTEST or not lower.isalpha() or lower[-1] == "e":
        return ()
    if lower[-1] not in _VOWELS:
        return _cases(name + "i", name + "i", partitive=name + "i" + _harmony(lower, "a"))
    if lower[-2] in "kpt":
        before = lower[-3]
        if before == lower[-2]:
            return _cases(name[:-2] + name[-1], name, partitive=name + _harmony(lower, "a"))
        if before != "s":
            return ()  # "Keto" and "Auto" are not bent alike
    return _cases(name, name, partitive=name + _harmony(lower, "a"))


def _cases(weak: str, strong: str, *, partitive: str) -> tuple[str, ...]:
    lower = strong.casefold()
    ends = ("n", "lle", *(_harmony(lower, end) for end in ("lla", "lta", "ssa", "sta")), "ksi", "t")
    return (*(weak + end for end in ends), partitive, strong + _harmony(lower, "na"), strong + strong[-1].casefold() + "n")


def _harmony(word: str, ending: str) -> str:
    """An ending with the vowels that the word's last part wants."""
    back = max(word.rfind(letter) for letter in "aou")
    front = max(word.rfind(letter) for letter in "äöy")
    return ending if back > front else ending.replace("a", "ä")


def hints(people: Iterable[tuple[str, str]], inside: set[int], index: Index) -> tuple[Needle, ...]:
    """What is looked for, and reported only, of somebody who bears these (given, family) names.

    Both names together; one alone only where nobody else bears it, and where it is no ordinary word.
    """
    found: list[Needle] = []
    for given, family in people:
        bent, called = family_forms(family), given_forms(given)
        found += _needle(f"{given} {form}" for form in bent)
        found += _needle(f"{bent[0]} {form}" for form in (given, *called)) if bent else ()
        if _SURE.fullmatch(family) and _only_theirs(family, bent, inside, index):
            found += _needle(bent)
        called = called[:_OF_PEOPLE]
        if given.casefold() not in _resources.table(_FILE)["words"]["given"] and _only_theirs(given, called, inside, index):
            found += _needle(called)
    return tuple(dict.fromkeys(found))


def _needle(forms: Iterable[str]) -> Iterator[Needle]:
    told = "|".join(forms)
    if told:
        yield Needle("inflected", told)


def _only_theirs(name: str, forms: Iterable[str], inside: set[int], index: Index) -> bool:
    """Whether no other entry has the name, or a form of it, among its names and companies."""
    return all(index.bearing([normalise.loose(normalise.fold(word))]) <= inside for word in (name, *forms))
