"""What was judged about two entries, with the evidence in values and the reason in words."""

from __future__ import annotations

from itertools import product

from connectors._values import NamedTuple
from connectors.phrase import Phrase
from hub.matching import model
from hub.matching.evidence import Common
from hub.matching.facts import Facts, nearly_meet
from hub.matching.model import Levels
from hub.matching.names import closest
from hub.person import Evidence, Verdict

_NAME_RULES = {
    "same": "same_name",
    "former": "former_name",
    "loose": "similar_name",
    "subset": "similar_name",
    "initial": "similar_name",
    "called": "call_name",
    "typo": "misspelled_name",
    "garbled": "misspelled_name",
    "generation": "similar_name",
    "renamed": "former_name",
}

_WHY = {
    "same": Phrase("the same name, but no e-mail or phone of their own in common"),
    "former": Phrase("the same given name and a former family name, but no e-mail or phone of their own in common"),
    "loose": Phrase("the same name in another spelling, but no e-mail or phone of their own in common"),
    "subset": Phrase("the same name but for a further given or family name, and no e-mail or phone in common"),
    "initial": Phrase("the same family name and the same initial, but no e-mail or phone in common"),
    "called": Phrase("the same family name and a call name, but no e-mail or phone in common"),
    "typo": Phrase("the same name but for a typing error, and no e-mail or phone in common"),
    "garbled": Phrase("the same name but for several typing errors, and no e-mail or phone in common"),
    "generation": Phrase("the same name, but only one of the two is called junior or senior"),
}
_FULL = frozenset(_WHY) - {"generation", "former"}
_AT_HOME = Phrase("the same name and address: one person, or two of one family; no e-mail or phone of their own in common")
_AT_WORK = Phrase("the same name at the same company, but no e-mail or phone of their own in common")
_BORN_APART = Phrase("the same name and address, but different birthdays: two of one family, or a birthday mistyped")
_BIRTHDAYS = Phrase("an e-mail, phone or number in common, but different birthdays")
_UNMERGED = Phrase("an e-mail, phone or number in common, but one of the two was found to belong together with somebody else")
_NAMELESS = Phrase("the same phone or customer number, but the entry bears no person's name")
_FAMILY = Phrase("a family's mailbox in common: anybody of the family may be meant")
_DIFFER = Phrase("an e-mail, phone or number in common, but the names differ")
_SHARED = Phrase("the same name, but the e-mail or phone in common is used by others too")
_PARTLY = Phrase("an e-mail or phone in common that others use too, and no full name")
_WEAK = Phrase("several things in common, but too much speaks against it")
_DECIDED = Levels(name="decision", rarity=0)


class Judgement(NamedTuple):
    """What the model says about two entries; a greater `strength` is used earlier. The same from both sides."""

    verdict: Verdict
    strength: float
    levels: Levels

    @property
    def by_identifier(self) -> bool:
        """Whether an identifier in common speaks for it."""
        found = {self.levels.email, self.levels.phone, self.levels.customer_number}
        return not found.isdisjoint(("own", "line", "family", "shared"))


DECIDED = Judgement(Verdict.LINK, float("inf"), _DECIDED)
"""A human said that two entries are of one person."""


def judge(levels: Levels, size: int) -> Judgement | None:
    """Judge two entries by their levels among so many entries; None when they have nothing to do with one another."""
    verdict = model.verdict(levels, size)
    return Judgement(verdict, model.strength(levels, size), levels) if verdict else None


def why(judged: Judgement, common: Common) -> Phrase:
    """Why a human must decide."""
    name = judged.levels.name
    if judged.verdict is Verdict.LINK and not model.are_at_one_desk(judged.levels):
        return _UNMERGED
    if judged.levels.birthday in ("differ", "near") and common.any:
        return _BIRTHDAYS
    if judged.levels.email == "family" and "own" not in (judged.levels.phone, judged.levels.customer_number):
        return _FAMILY
    if common.own and name in ("nameless", "firm"):
        return _NAMELESS
    if common.own:
        return _WHY[name] if name == "generation" else _WEAK if name in _WHY else _DIFFER
    if common.shared:
        return _SHARED if name in _WHY else _PARTLY
    return _why_alone(judged.levels)


def _why_alone(levels: Levels) -> Phrase:
    """Why, with no identifier in common."""
    if levels.name in _FULL and levels.address in ("same", "mistyped", "street") and levels.birthday in ("differ", "near"):
        return _BORN_APART
    if levels.name in _FULL and levels.address in model.HOME:
        return _AT_HOME
    if levels.name in _FULL and levels.company in ("few", "many"):
        return _AT_WORK
    return _WHY.get(levels.name, _WEAK)


def evidence(ours: Facts, theirs: Facts, common: Common, levels: Levels) -> tuple[Evidence, ...]:
    """What speaks for it, seen from the first entry."""
    if levels is _DECIDED:
        return (Evidence("decision", *(facts.shown_name or str(facts.entry.locator) for facts in (ours, theirs))),)
    identifiers = (*common.own, *common.shared, *common.crowded)
    found = [Evidence(f"same_{item[0]}", ours.shown(item), theirs.shown(item)) for item in identifiers]
    if levels.name in _NAME_RULES:
        one, other = closest(ours.forms, theirs.forms)
        found.append(Evidence(_NAME_RULES[levels.name], one.name.display, other.name.display))
    firms, places = (
        sorted(one.keys() & other.keys()) for one, other in ((ours.firms, theirs.firms), (ours.places, theirs.places))
    )
    found += [Evidence(f"same_{key.partition(':')[0]}", ours.firms[key], theirs.firms[key]) for key in firms]
    if levels.address in ("same", "many"):
        found += [Evidence("same_address", ours.places[key], theirs.places[key]) for key in places]
    if levels.address in ("street", "mistyped"):
        found += [Evidence("same_street", *shown) for shown in _streets(ours, theirs)]
    if levels.birthday in ("same", "day"):
        found.append(Evidence("same_birthday", ours.values("birthday")[0], theirs.values("birthday")[0]))
    return tuple(found)


def _streets(ours: Facts, theirs: Facts) -> list[tuple[str, str]]:
    """The addresses on one street, as their sources show them."""
    pairs = product(ours.addresses.items(), theirs.addresses.items())
    return [(shown, other) for (one, shown), (rival, other) in pairs if nearly_meet([one.street], [rival.street])]
