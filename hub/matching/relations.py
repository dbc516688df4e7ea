"""What was judged about two entries, with the evidence in values and the reason in words."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from connectors.phrase import Phrase
from hub.matching import model
from hub.matching.evidence import Common
from hub.matching.facts import Facts
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
    "generation": "similar_name",
}

_WHY = {
    "same": Phrase("the same name, but no e-mail or phone of their own in common"),
    "former": Phrase("the same given name and a former family name, but no e-mail or phone of their own in common"),
    "loose": Phrase("the same name in another spelling, but no e-mail or phone of their own in common"),
    "subset": Phrase("the same name but for a further given or family name, and no e-mail or phone in common"),
    "initial": Phrase("the same family name and the same initial, but no e-mail or phone in common"),
    "called": Phrase("the same family name and a call name, but no e-mail or phone in common"),
    "typo": Phrase("the same name but for a typing error, and no e-mail or phone in common"),
    "generation": Phrase("the same name, but only one of the two is called junior or senior"),
}
_AT_HOME = Phrase("the same name and address: one person, or two of one family; no e-mail or phone of their own in common")
_AT_WORK = Phrase("the same name at the same company, but no e-mail or phone of their own in common")
_BIRTHDAYS = Phrase("an e-mail, phone or number in common, but different birthdays")
_LINKED = Phrase("an e-mail, phone or number of their own in common")
_BORN = Phrase("the same full name, birthday and address")
_NAMELESS = Phrase("the same phone or customer number, but the entry bears no person's name")
_DIFFER = Phrase("an e-mail, phone or number in common, but the names differ")
_SHARED = Phrase("the same name, but the e-mail or phone in common is used by others too")
_PARTLY = Phrase("an e-mail or phone in common that others use too, and no full name")
_WEAK = Phrase("several things in common, but too much speaks against it")
DECIDED = Phrase("somebody decided that both are one person")


@dataclass(frozen=True, slots=True)
class Relation:
    """What was judged about two entries; `evidence` is seen from the first one. A greater `strength` is used earlier."""

    verdict: Verdict
    strength: float
    evidence: tuple[Evidence, ...] = field(repr=False)
    why: Phrase
    by_identifier: bool
    """Whether an identifier in common speaks for it."""

    def turned(self) -> Relation:
        """The same relation seen from the second entry."""
        evidence = tuple(Evidence(item.rule, item.theirs, item.ours) for item in self.evidence)
        return replace(self, evidence=evidence)


def relate(ours: Facts, theirs: Facts, common: Common, levels: Levels, size: int) -> Relation | None:
    """Judge two entries by their levels among so many entries; None when they have nothing to do with one another."""
    verdict = model.verdict(levels, size)
    if verdict is None:
        return None
    why = _why_linked(common) if verdict is Verdict.LINK else _doubt(levels, common)
    identified = bool(common.own or common.shared)
    return Relation(verdict, model.weight(levels, size), _evidence(ours, theirs, common, levels), why, identified)


def decided(ours: Facts, theirs: Facts) -> Relation:
    """The relation of two entries of which a human said that they are one person."""
    shown = (facts.shown_name or str(facts.entry.locator) for facts in (ours, theirs))
    return Relation(Verdict.LINK, float("inf"), (Evidence("decision", *shown),), DECIDED, by_identifier=True)


def _why_linked(common: Common) -> Phrase:
    return _LINKED if common.own else _BORN


def _doubt(levels: Levels, common: Common) -> Phrase:
    """Why a human must decide."""
    if levels.birthday == "differ" and common.any:
        return _BIRTHDAYS
    if common.own and levels.name in ("nameless", "firm"):
        return _NAMELESS
    if common.own:
        return _WHY["generation"] if levels.name == "generation" else _DIFFER if levels.name not in _WHY else _WEAK
    if common.shared:
        return _SHARED if levels.name in _WHY else _PARTLY
    if levels.name in ("same", "loose", "subset", "called", "typo", "initial") and levels.address == "same":
        return _AT_HOME
    if levels.name in ("same", "loose", "subset", "called", "typo", "initial") and levels.company in ("few", "many"):
        return _AT_WORK
    return _WHY.get(levels.name, _WEAK)


def _evidence(ours: Facts, theirs: Facts, common: Common, levels: Levels) -> tuple[Evidence, ...]:
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
    if levels.birthday in ("same", "day"):
        found.append(Evidence("same_birthday", ours.values("birthday")[0], theirs.values("birthday")[0]))
    return tuple(found)
