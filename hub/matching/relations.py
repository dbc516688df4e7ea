"""The rules: what two entries have in common, and whether that makes them one person, perhaps, or not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from connectors import _resources
from connectors.phrase import Phrase
from hub.matching.facts import Facts, Identifier, birthdays_conflict
from hub.matching.names import COMPATIBLE, SAME_NAME, Likeness, closest, compare_all
from hub.person import Evidence, Verdict

_NAME_RULES = {
    Likeness.SAME: "same_name",
    Likeness.FORMER: "former_name",
    Likeness.LOOSE: "similar_name",
    Likeness.SUBSET: "similar_name",
    Likeness.INITIAL: "similar_name",
    Likeness.GENERATION: "similar_name",
}

_WHY = {
    Likeness.SAME: Phrase("the same name, but no e-mail or phone of their own in common"),
    Likeness.FORMER: Phrase("the same given name and a former family name, but no e-mail or phone of their own in common"),
    Likeness.LOOSE: Phrase("the same name in another spelling, but no e-mail or phone of their own in common"),
    Likeness.SUBSET: Phrase("the same name but for a further given or family name, and no e-mail or phone in common"),
    Likeness.INITIAL: Phrase("the same family name and the same initial, but no e-mail or phone in common"),
    Likeness.GENERATION: Phrase("the same name, but only one of the two is called junior or senior"),
}

_BIRTHDAYS = Phrase("an e-mail, phone or number in common, but different birthdays")
_LINKED = Phrase("an e-mail, phone or number of their own in common")


@dataclass(frozen=True, slots=True)
class Relation:
    """What was judged about two entries; `evidence` is seen from the first one. A greater `strength` is used earlier."""

    verdict: Verdict
    strength: int
    evidence: tuple[Evidence, ...] = field(repr=False)
    why: Phrase
    by_identifier: bool
    """Whether anything but the names speaks for it."""

    def turned(self) -> Relation:
        """The same relation seen from the second entry."""
        evidence = tuple(Evidence(item.rule, item.theirs, item.ours) for item in self.evidence)
        return replace(self, evidence=evidence)


def is_role(email: str) -> bool:
    """Whether an e-mail key is a mailbox of a company (info@, laskut@ …) and not of a person."""
    local = email.rpartition("@")[0]
    words = _resources.table("matching.toml")["role_mailboxes"]
    return local in words or re.split(r"[.\-_+\d]", local, maxsplit=1)[0] in words


def relate(ours: Facts, theirs: Facts, own: Sequence[Identifier], shared: Sequence[Identifier]) -> Relation | None:
    """Judge two entries by their names and by the identifiers they have in common.

    `own` are those that nobody of another name uses, `shared` the others (switchboard, family mailbox, info@).
    """
    likeness = compare_all(ours.forms, theirs.forms)
    if likeness is Likeness.CONFLICT:
        return None
    strong = _strong(own, likeness)
    if birthdays_conflict(ours.birthdays, theirs.birthdays):
        verdict, why = Verdict.POSSIBLE, _BIRTHDAYS if strong else None
    elif strong and likeness in COMPATIBLE and not _company_phone(ours, theirs, strong, likeness):
        verdict, why = Verdict.LINK, _LINKED
    else:
        verdict, why = Verdict.POSSIBLE, _doubt(own, shared, likeness)
    if why is None:
        return None
    evidence = _evidence(ours, theirs, [*own, *shared], likeness)
    return Relation(verdict, _strength(strong, evidence), evidence, why, by_identifier=bool(own or shared))


def _strong(own: Sequence[Identifier], likeness: Likeness) -> list[Identifier]:
    """The identifiers that link; a customer number may mean another customer elsewhere, so it needs the name too."""
    named = likeness in SAME_NAME
    return [identifier for identifier in own if identifier[0] != "customer_number" or named]


def _company_phone(ours: Facts, theirs: Facts, strong: Sequence[Identifier], likeness: Likeness) -> bool:
    """Whether all that speaks for a nameless entry of a company is a phone: it may be the company's."""
    if likeness is not Likeness.NAMELESS or any(kind == "email" for kind, _ in strong):
        return False
    return any(facts.companies and not facts.forms for facts in (ours, theirs))


def _doubt(own: Sequence[Identifier], shared: Sequence[Identifier], likeness: Likeness) -> Phrase | None:
    """Why a human must decide, or None when there is nothing to decide."""
    if own and likeness not in SAME_NAME:
        if likeness is Likeness.NAMELESS:
            return Phrase("the same phone or customer number, but the entry bears no person's name")
        return Phrase("an e-mail, phone or number in common, but the names differ")
    if shared and likeness in (Likeness.SAME, Likeness.FORMER, Likeness.LOOSE):
        return Phrase("the same name, but the e-mail or phone in common is used by others too")
    if likeness in SAME_NAME:
        return _WHY[likeness]
    personal = [identifier for identifier in shared if identifier[0] == "email" and not is_role(identifier[1])]
    if (shared and likeness is Likeness.SINGLE) or (personal and likeness is Likeness.NAMELESS):
        return Phrase("an e-mail or phone in common that others use too, and no full name")
    return None


def _evidence(ours: Facts, theirs: Facts, identifiers: Sequence[Identifier], likeness: Likeness) -> tuple[Evidence, ...]:
    found = [Evidence(f"same_{item[0]}", ours.shown(item), theirs.shown(item)) for item in identifiers]
    if likeness in _NAME_RULES:
        one, other = closest(ours.forms, theirs.forms)
        found.append(Evidence(_NAME_RULES[likeness], one.name.display, other.name.display))
    for rule, mine, other_values in (
        ("same_company", ours.companies, theirs.companies),
        ("same_business_id", ours.business_ids, theirs.business_ids),
    ):
        found += [Evidence(rule, mine[key], other_values[key]) for key in sorted(mine.keys() & other_values.keys())]
    return tuple(found)


def _strength(strong: Sequence[Identifier], evidence: Sequence[Evidence]) -> int:
    order = _resources.table("matching.toml")["order"]
    rules = {f"same_{kind}" for kind, _ in strong}
    rules |= {item.rule for item in evidence if item.rule.endswith("_name")}
    return sum(int(order[rule]) for rule in rules)
