"""How common everything is among all entries: names, identifiers and who shares them, companies and places."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hub.machine.workers import beside
from hub.matching import model
from hub.matching.evidence import HOUSEHOLDS, birthday_level
from hub.matching.facts import Birthday, birthdays_conflict, is_family_firm
from hub.matching.mailboxes import family_words
from hub.matching.names import is_initial
from hub.matching.night.arrays import Feature, Ints, distinct, pairs_within
from hub.matching.night.letters import INITIAL, Spelling
from hub.matching.night.names import LEVELS, Names, compared
from hub.matching.night.prepare import Keyed
from hub.matching.night.prepared import BUSINESS, Prepared

OWN, HOUSEHOLD, SHARED, CROWDED = 1, 2, 4, 8
"""What an identifier in common says."""

FEW, MANY = 1, 2
"""A company or place of a few entries, or of more."""

Days = tuple[Birthday, ...]

IDENTIFIERS = ("email", "phone", "customer_number")
SPEAKS_AGAINST = {"email": "own_email", "phone": "tail", "customer_number": "customer_number"}
"""What an entry must have that one of another value may speak against it."""

TRAITS = {
    "firms": "firm", "places": "place", "postcodes": "postcode", "cities": "city", "flats": "flat", "streets": "street",
}  # fmt: skip
"""The traits, and from which column each is."""

CONFLICT = np.array([level in ("conflict", "differ", "akin") for level in LEVELS])
"""Levels of names that are of two people, as far as one can tell."""
SURELY = np.array([level == "conflict" for level in LEVELS])


@dataclass(slots=True, repr=False)
class Identifier:
    """One kind of identifier: who has which, and what each says when two entries have it in common."""

    has: Feature
    keys: pa.StringArray
    marks: Ints
    holders: Ints
    both: Ints
    """The entries in which one of another value speaks against it."""


@dataclass(slots=True, repr=False)
class Census:
    """Everything that comparing two entries asks for."""

    size: int
    names: Names
    name: Ints
    """The name of each entry."""
    look: Ints
    """For each entry a number that is the same where the names are equal letter by letter (`Facts.signature`)."""
    nameless: Ints
    rarity: Ints
    """Of each name."""
    identifiers: dict[str, Identifier]
    known_by: dict[str, Feature]
    """E-mails of persons and last digits of phones."""
    traits: dict[str, Feature]
    """firms, places, postcodes, cities, days; and flats and streets, which nobody meets by."""
    trait_marks: dict[str, Ints]
    streets: Spelling
    towns: Spelling
    addresses: dict[str, pa.StringArray]
    """Of the places and the flats, as they are written."""
    firms: pa.StringArray
    companied: Ints
    of_company: Ints
    """As `Facts.is_of_company`."""
    birthdays: list[tuple[Birthday, ...]]
    """What birthdays entries have; the first is none."""
    birthday: Ints
    """For each entry which of them."""

    def is_of_family_firm(self, entry: int) -> bool:
        """As `Facts.is_of_family_firm`."""
        firms = self.firms.take(pa.array(self.traits["firms"].through(np.array([entry]))[1])).to_pylist()
        return is_family_firm(firms, self.names.forms(int(self.name[entry])))


def counted(prepared: Prepared, shared: Mapping[str, Ints] | None = None) -> Census:
    """Count everything; `shared` is what still holds of a night before: for each key of identifiers whether people share it, -1: ask."""
    names, name, size = compared(prepared.spoken), prepared.name, prepared.size
    columns = prepared.columns
    birthdays, birthday = _birthdays(columns["birthday"], size)
    traits = {trait: columns[kind].feature(size) for trait, kind in TRAITS.items()}
    traits["days"] = _days(birthdays, birthday)
    few = int(model.settings()["few"])
    nameless = (np.diff(names.keys.starts) == 0)[name]
    companied = _companied(columns["firm"], size)
    role_only = _has(columns["email"], size) & ~_has(columns["own_email"], size)
    faces = Faces(names, birthdays)
    return Census(
        size=size,
        names=names,
        name=name,
        look=columns["look"].items,
        nameless=nameless,
        rarity=_rarity(names, name, prepared.seen, size),
        identifiers=_identifiers(prepared, faces, birthday, shared or {}),
        known_by={"email": columns["own_email"].feature(size), "phone": columns["tail"].feature(size)},
        traits=traits,
        trait_marks={kind: np.where(trait.holders <= few, FEW, MANY).astype(np.uint8) for kind, trait in traits.items()},
        streets=Spelling(columns["street"].keys.to_pylist()),
        towns=Spelling(columns["city"].keys.to_pylist()),
        addresses={kind: columns[TRAITS[kind]].keys for kind in ("places", "flats")},
        firms=columns["firm"].keys,
        companied=companied,
        of_company=nameless & (companied | role_only),
        birthdays=birthdays,
        birthday=birthday,
    )


def _has(told: Keyed, size: int) -> Ints:
    found: Ints = np.bincount(told.entries, minlength=size) > 0
    return found


def _companied(firms: Keyed, size: int) -> Ints:
    """Which entries name a company, and not merely its business id."""
    companies = ~pc.starts_with(firms.keys, BUSINESS).to_numpy(zero_copy_only=False)
    found: Ints = np.bincount(firms.entries[companies[firms.items]], minlength=size) > 0
    return found


def _birthdays(told: Keyed, size: int) -> tuple[list[tuple[Birthday, ...]], Ints]:
    """What sets of birthdays there are, the empty one first, and which each entry has."""
    days = [_birthday(key) for key in told.keys.to_pylist()]
    own: dict[int, list[Birthday]] = {}
    for entry, item in zip(told.entries.tolist(), told.items.tolist(), strict=True):
        own.setdefault(entry, []).append(days[item])
    known: dict[tuple[Birthday, ...], int] = {(): 0}
    which = np.zeros(size, np.int32)
    for entry, birthdays in own.items():
        which[entry] = known.setdefault(tuple(birthdays), len(known))
    return list(known), which


def _birthday(key: str) -> Birthday:
    year, month, day = map(int, key.split("-"))
    return year, month, day


def _days(birthdays: list[tuple[Birthday, ...]], which: Ints) -> Feature:
    """The days of the birthdays, without their years."""
    sets = [sorted({month * 100 + day for _, month, day in several}) for several in birthdays]
    at = np.flatnonzero(which)
    lists = [sets[number] for number in which[at].tolist()]
    owners = np.repeat(at, [len(days) for days in lists])
    return Feature.of(owners, np.array([day for days in lists for day in days], np.int64), len(which), 1300)


class Faces:
    """How names with birthdays relate, for many pairs at once; pairs of sets of birthdays are asked for once each."""

    def __init__(self, names: Names, birthdays: list[tuple[Birthday, ...]]) -> None:
        self.names = names
        self._birthdays = birthdays

    def same_day(self, ones: Ints, others: Ints) -> Ints:
        """Whether a full birthday is in both."""
        return self._asked(lambda one, other: any(day[0] for day in {*one} & {*other}), ones, others)

    def conflict(self, ones: Ints, others: Ints) -> Ints:
        """As `birthdays_conflict`."""
        return self._asked(birthdays_conflict, ones, others)

    def levels(self, ones: Ints, others: Ints, told: Sequence[str]) -> Ints:
        """The level of the birthdays, as its place among those told."""
        return self._asked(lambda one, other: told.index(birthday_level(one, other)), ones, others)

    def _asked(self, ask: Callable[[Days, Days], int], ones: Ints, others: Ints) -> Ints:
        found = np.zeros(len(ones), np.int8)
        at = np.flatnonzero((ones > 0) & (others > 0))
        if len(at):
            ones, others = ones[at], others[at]
            first, which = distinct(ones, others)
            pairs = zip(ones[first].tolist(), others[first].tolist(), strict=True)
            found[at] = np.array([ask(self._birthdays[one], self._birthdays[other]) for one, other in pairs], np.int8)[which]
        return found

    def names_conflict(self, levels: Ints, ones: Ints, others: Ints) -> Ints:
        """As `Face.names_conflict`, from the levels of the names and the sets of birthdays."""
        found: Ints = SURELY[levels] | (CONFLICT[levels] & (self.same_day(ones, others) == 0))
        return found


def _looks(names: Names, name: Ints, seen: Ints, namesakes: Ints) -> Ints:
    """How many different looks the entries of each name have (by its words in alphabetical order); of a few as many as they are."""
    usual, most = int(model.settings()["usual"]), int(model.settings()["most"])
    found = np.minimum(namesakes, most)
    asked = (namesakes > usual) & (namesakes <= model.settings()["throng"])
    keep = asked[names.keys.items]
    kept = Feature.of(names.keys.owners[keep], names.keys.items[keep], len(names), names.keys.kinds)
    which, keys = kept.through(name)
    place, _ = distinct(keys, seen[which])
    counts = np.bincount(keys[place], minlength=len(found))
    return np.where(asked, np.minimum(counts, most), found)


def _rarity(names: Names, name: Ints, seen: Ints, size: int) -> Ints:
    """The rarity of each name, worked out with the very same steps as `model.rarity_of`."""
    figures, entries = model.settings(), model.counted(size)
    bearing = np.bincount(name, minlength=len(names))
    bearers = np.bincount(names.words.items, weights=bearing[names.words.owners], minlength=len(names.vocabulary)).astype(
        np.int64
    )
    namesakes = np.bincount(names.keys.items, weights=bearing[names.keys.owners], minlength=names.keys.kinds).astype(np.int64)
    plain = np.flatnonzero(names.ordinary)
    same = namesakes[names.keys.items[names.keys.starts[plain]]]
    looks = _looks(names, name, seen, namesakes)
    expected = np.full(len(plain), float(entries))
    for place in range(names.matrix.shape[1]):
        words = names.matrix[plain, place]
        initial = names.letters.look(words) & INITIAL > 0
        others = np.maximum(0, bearers[words] - same) if len(bearers) else same
        factor = np.where(
            initial, figures["initial"], (others + figures["trust"] * figures["common"]) / (entries + figures["trust"])
        )
        expected = np.where(words < 0, expected, expected * factor)
    seen_as = looks[names.keys.items[names.keys.starts[plain]]]
    expected = np.maximum(expected, np.minimum(expected * np.array(model.crowding())[seen_as], seen_as))
    low, high = model.RAREST
    exact = np.log2(np.maximum(expected, 2.0**low))
    rounded = np.rint(exact)
    found = np.full(len(names), low, np.int64)
    found[plain] = np.minimum(high, rounded)
    for at in np.flatnonzero(np.abs(np.abs(exact - rounded) - 0.5) < 1e-9).tolist():
        found[plain[at]] = model.rounded(float(expected[at]))
    number = {word: place for place, word in enumerate(names.vocabulary)} if len(plain) < len(names) else {}
    for odd in np.flatnonzero(~names.ordinary).tolist():
        keys, forms = names.odd_keys[odd], names.forms(odd)
        full = [form for form in forms if len(form.words) > 1]
        told = [
            model.rarity_of(
                [None if is_initial(word) else int(bearers[number[word]]) for word in form.words],
                int(namesakes[keys[form.key]]),
                int(looks[keys[form.key]]),
                size,
            )
            for form in full or forms
        ]
        found[odd] = max(told, default=low)
    return found


def _identifiers(prepared: Prepared, faces: Faces, birthday: Ints, known: Mapping[str, Ints]) -> dict[str, Identifier]:
    def counted_of(kind: str) -> Identifier:
        return _identifier(kind, prepared, faces, birthday, known.get(kind))

    return dict(zip(IDENTIFIERS, beside(counted_of, IDENTIFIERS), strict=True))


def _identifier(kind: str, prepared: Prepared, faces: Faces, birthday: Ints, known: Ints | None) -> Identifier:
    columns, size = prepared.columns, prepared.size
    told = columns[kind]
    has = told.feature(size)
    holders = has.holders
    shared = np.full(len(told.keys), -1) if known is None else known
    asked = shared < 0
    fresh = _shared(told, asked & (holders > 1), faces, (prepared.name, birthday), certain=kind == "customer_number")
    shared = np.where(asked, fresh, shared > 0)
    if kind == "email":
        shared |= ~pc.is_in(told.keys, columns["own_email"].keys).to_numpy(zero_copy_only=False)
    crowded = holders > int(model.settings()["crowd"])
    own = np.where(_of_households(kind, told.keys), HOUSEHOLD, OWN)
    marks = np.where(shared, np.where(crowded, CROWDED, SHARED), own).astype(np.uint8)
    return Identifier(has, told.keys, marks, holders, _has(columns[SPEAKS_AGAINST[kind]], size))


def _of_households(kind: str, keys: pa.StringArray) -> Ints:
    """Which of these identifiers are not one person's, by what they are called."""
    found = np.zeros(len(keys), bool)
    if kind in HOUSEHOLDS:
        some = "|".join(family_words()) if kind == "email" else r"^\+358"  # of others they need not be asked
        at = np.flatnonzero(pc.match_substring_regex(keys, some).to_numpy(zero_copy_only=False))
        found[at] = np.fromiter(map(HOUSEHOLDS[kind][1], keys.take(pa.array(at)).to_pylist()), bool, len(at))
    return found


def _shared(told: Keyed, asked: Ints, faces: Faces, looks: tuple[Ints, Ints], *, certain: bool) -> Ints:
    """Which of the identifiers asked for people of conflicting names bear, as `Index.is_shared` has it."""
    name, birthday = looks
    shared = np.zeros(len(told.keys), bool)
    # A record that stays after an erase speaks for nobody: the first value that has the key decides.
    at = np.flatnonzero(asked[told.items])
    _, first = np.unique(told.entries[at].astype(np.int64) * max(1, len(told.keys)) + told.items[at], return_index=True)
    first = at[first]
    first = first[~told.stays[first]]
    entries, items = told.entries[first], told.items[first]
    named = np.diff(faces.names.keys.starts)[name[entries]] > 0
    entries, items = entries[named], items[named]
    once, _ = distinct(items, name[entries], birthday[entries])
    entries, items = entries[once], items[once]
    order = np.lexsort((name[entries], items))
    entries, items = entries[order], items[order]

    def conflict(ones: Ints, others: Ints) -> Ints:
        levels = faces.names.levels(name[ones], name[others])
        return SURELY[levels] if certain else faces.names_conflict(levels, birthday[ones], birthday[others])

    beside = np.flatnonzero(items[1:] == items[:-1])
    shared[items[beside][conflict(entries[beside], entries[beside + 1])]] = True
    rest = ~shared[items]
    places = np.arange(len(items))[rest]
    for ones, others in pairs_within(items[rest], places):
        shared[items[ones][conflict(entries[ones], entries[others])]] = True
    return shared
