"""Compare two entries in every way the model knows: names, e-mails, phones, numbers, companies, addresses, birthdays. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from connectors._values import dataclass, field
from hub import normalise
from hub.machine.pattern import Pattern
from hub.matching.facts import Birthday, Facts, Identifier, near_birthdays, near_places, nearly_meet
from hub.matching.mailboxes import is_family
from hub.matching.model import Levels
from hub.matching.names import Likeness, NameForm, compare_all, surely_two
from hub.matching.typos import alike

_LETTERS = Pattern(r"[^\W\d_]+")

_SHORTEST = 2
"""A shorter given name is an initial."""


@dataclass(frozen=True, slots=True)
class Common:
    """The identifiers two entries have in common.

    `own` are those that nobody of another name uses, `shared` those that a few do (a family's mailbox), `crowded`
    those of many (a switchboard): they say nothing.
    """

    own: Sequence[Identifier] = field(default=(), repr=False)
    shared: Sequence[Identifier] = field(default=(), repr=False)
    crowded: Sequence[Identifier] = field(default=(), repr=False)

    @property
    def any(self) -> bool:
        """Whether there is one at all."""
        return bool(self.own or self.shared or self.crowded)

    def of(self, kind: str) -> tuple[list[str], list[str]]:
        """The keys of one kind: own and shared."""
        return [key for one, key in self.own if one == kind], [key for one, key in self.shared if one == kind]


def compare(ours: Facts, theirs: Facts, common: Common, rarity: int, is_few: Callable[[str], bool]) -> Levels:
    """The levels of two entries; `is_few` says whether only a few entries have a company or a place."""
    return Levels(
        name=_name(ours, theirs, common),
        rarity=rarity,
        email=_identifier(common, "email", both=bool(ours.personal_emails and theirs.personal_emails)),
        phone=_identifier(common, "phone", both=bool(ours.tails and theirs.tails)),
        customer_number=_identifier(common, "customer_number", both=bool(ours.customer_numbers and theirs.customer_numbers)),
        company=_company(ours, theirs, is_few),
        address=_address(ours, theirs, is_few),
        birthday=birthday_level(ours.birthdays, theirs.birthdays),
    )


def is_line(phone: str) -> bool:
    """Whether a Finnish number is none of a mobile phone: a household's or a company's line."""
    return phone.startswith("+358") and not phone.startswith(("+3584", "+35850"))


HOUSEHOLDS: dict[str, tuple[str, Callable[[str], bool]]] = {"email": ("family", is_family), "phone": ("line", is_line)}
"""Of identifiers that a whole household may use though the registers know only one of it: the level, and which they are."""


def _name(ours: Facts, theirs: Facts, common: Common) -> str:
    level = name_level(ours, theirs)
    renamed = level == "unclear" and any(
        are_renamed(key, ours.forms, theirs.forms) for key in common.of("email")[0] if not is_family(key)
    )
    return "renamed" if renamed else level


def name_level(ours: Facts, theirs: Facts) -> str:
    """The level of the names of two entries, of which one may be a company's, by themselves."""
    level = likeness_of(ours.forms, theirs.forms)
    if level == "nameless" and any(facts.is_of_company for facts in (ours, theirs)):
        return "firm"
    return level


def likeness_of(ours: Sequence[NameForm], theirs: Sequence[NameForm]) -> str:
    """The level of the names of two entries."""
    likeness = compare_all(ours, theirs)
    if likeness is Likeness.SINGLE and _by_family(ours, theirs):
        return "surname"
    if likeness is Likeness.CONFLICT and not surely_two(ours, theirs):
        return "akin" if _akin(ours, theirs) else "differ"
    return likeness.name.lower()


def are_renamed(email: str, ours: Sequence[NameForm], theirs: Sequence[NameForm]) -> bool:
    """Whether an e-mail in common spells the full name of one and the given name of the other: a name that was changed."""
    one, other = spelled(email, ours), spelled(email, theirs)
    return min(one, other) > 0 and max(one, other) > 1


def spelled(email: str, forms: Iterable[NameForm]) -> int:
    """How much of a name an e-mail spells: 1 the first given name, 2 a family name with it, 0 neither."""
    letters = "".join(map(normalise.loose, _LETTERS.findall(normalise.fold(email.rpartition("@")[0]))))
    return max((_spelled(letters, form) for form in forms if form.given and not form.name.company), default=0)


def _spelled(letters: str, form: NameForm) -> int:
    first = form.given[0]
    if len(first) < _SHORTEST:
        return 0
    if letters.startswith(first):
        return 2 if letters[len(first) :].endswith(form.family) else 1
    if letters.endswith(first):
        return 2 if letters[: -len(first)].startswith(form.family) else 1
    return 0


def _akin(ours: Sequence[NameForm], theirs: Sequence[NameForm]) -> bool:
    """Whether the names have a whole word in common, give or take a typing error."""
    return any(
        alike(word, rival) and len(word) > 1
        for one in ours
        for other in theirs
        if not one.long and not other.long
        for word in one.words
        for rival in other.words
    )


def _by_family(ours: Sequence[NameForm], theirs: Sequence[NameForm]) -> bool:
    """Whether one has only a family name that is the other's: anybody of the family may be meant."""
    return any(
        len(short.words) == 1 and len(full.words) > 1 and short.words[0] not in full.given
        for one, other in ((ours, theirs), (theirs, ours))
        for short in one
        for full in other
    )


def _identifier(common: Common, kind: str, *, both: bool) -> str:
    own, shared = common.of(kind)
    if own:
        household, is_of_household = HOUSEHOLDS.get(kind, ("own", None))
        return household if is_of_household and all(map(is_of_household, own)) else "own"
    if shared:
        return "shared"
    return "differ" if both and not any(one == kind for one, _ in common.crowded) else ""


def _company(ours: Facts, theirs: Facts, is_few: Callable[[str], bool]) -> str:
    if not ours.firms or not theirs.firms:
        return ""
    common = ours.firms.keys() & theirs.firms.keys()
    if common:
        return "few" if any(map(is_few, common)) else "many"
    return "differ" if ours.companies and theirs.companies else ""


def _address(ours: Facts, theirs: Facts, is_few: Callable[[str], bool]) -> str:
    common = ours.places.keys() & theirs.places.keys()
    if common and not _elsewhere(ours, theirs):
        neighbours = _both_differ(ours.flats, theirs.flats)
        return "same" if not neighbours and any(map(is_few, common)) else "many"
    postcodes, towns = ours.postcodes & theirs.postcodes, ours.cities & theirs.cities
    if (postcodes or towns) and nearly_meet(ours.streets, theirs.streets):
        return "mistyped" if near_places(ours.places, theirs.places, ours.flats, theirs.flats) else "street"
    if postcodes:
        return "postcode"
    if towns:
        return "town" if any(is_few(f"city:{town}") for town in towns) else "city"
    if nearly_meet(ours.cities, theirs.cities):
        return "city"
    if common:
        return "elsewhere"
    told = [facts.places or facts.postcodes or facts.cities for facts in (ours, theirs)]
    return "differ" if all(told) else ""


def _elsewhere(ours: Facts, theirs: Facts) -> bool:
    """Whether streets of one name are in different towns."""
    return _both_differ(ours.postcodes, theirs.postcodes) and not nearly_meet(ours.cities, theirs.cities)


def _both_differ(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    return bool(ours and theirs) and not ours & theirs


def birthday_level(ours: Iterable[Birthday], theirs: Iterable[Birthday]) -> str:
    """The level of the birthdays of two entries."""
    pairs = [(one, other) for one in ours for other in theirs]
    if not pairs:
        return ""
    if any(one == other and one[0] for one, other in pairs):
        return "same"
    if any(one[1:] == other[1:] and 0 in (one[0], other[0]) for one, other in pairs):
        return "day"
    return "near" if any(near_birthdays(one, other) for one, other in pairs) else "differ"
