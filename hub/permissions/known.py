"""Whose an act is: a person is known again by keyed marks, in any spelling and whatever else of theirs changed. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from connectors.contract import Needle
from hub.matching.facts import Facts
from hub.permissions.act import Act
from hub.permissions.standing import Standing
from hub.person import Held, Person
from hub.store import marking
from hub.store.marking import Mark

STRONG = frozenset({"email", "phone"})
"""The person's own e-mails and phones, which nobody else bore when it was written down."""


def marks_of(person: Person, needles: Iterable[Needle], region: str) -> set[Mark]:
    """What a person is known again by: their own e-mails and phones, a name with a second fact, an entry with a name."""
    found = {mark for mark in marking.identifying(needles, region) if mark[0] in STRONG}
    for member in person.links:
        facts = Facts(member.held, region)
        names = {name for form in facts.forms for name in marking.names(form)}
        found |= set(_weak(member.held, names, marking.second_facts(facts)))
    return found


class Known:
    """Every act, found by the marks of the person it is about."""

    def __init__(self, acts: Sequence[Act] = (), key: bytes = b"", region: str = "FI") -> None:
        self.acts = acts
        self._key, self._region = key, region
        self._groups = _groups(acts)
        self._strong = {mark: group for group in self._groups for act in group for mark in act.marks if mark[0] in STRONG}
        self._weak: dict[Mark, list[Act]] = defaultdict(list)
        for act in acts:
            for mark in act.marks:
                if mark[0] not in STRONG:
                    self._weak[mark].append(act)

    def __repr__(self) -> str:
        return f"<{len(self.acts)} acts>"

    def of(self, person: Person) -> Standing:
        """Where a person stands; a namesake is somebody else unless a second fact or the very entry says otherwise."""
        if not self.acts:
            return Standing()
        held = [member.held for member in person.links]
        facts = [Facts(item, self._region) for item in held]
        strong = {self._mark(role, text) for one in facts for role, texts in _identifiers(one) for text in texts}
        found = {act.number: act for mark in strong for act in self._strong.get(mark, ())}
        for item, one in zip(held, facts, strict=True):
            for role, text in _weak(item, set(marking.names_there(one)), marking.second_facts(one)):
                for act in self._weak.get(self._mark(role, text), ()):
                    if role == "entry" or not strong or not any(mark[0] in STRONG for mark in act.marks):
                        found.update((other.number, other) for other in self._group(act))
        return Standing(list(found.values()))

    def _group(self, act: Act) -> Sequence[Act]:
        return next((self._strong[mark] for mark in act.marks if mark in self._strong), (act,))

    def _mark(self, role: str, text: str) -> Mark:
        return role, marking.digest(self._key, role, text).hex()


def _identifiers(facts: Facts) -> Iterator[tuple[str, Iterable[str]]]:
    yield "email", facts.emails
    yield "phone", facts.phones


def _weak(held: Held, names: Iterable[str], second: Iterable[str]) -> Iterator[Mark]:
    named = list(names)
    facts = list(second)
    for name in named:
        yield from (("fact", f"{name}\0{fact}") for fact in facts)
        yield "entry", f"{marking.place(held)}\0{name}"
    if not named:
        yield "entry", f"{marking.place(held)}\0"


def _groups(acts: Sequence[Act]) -> list[list[Act]]:
    """The acts put together by a common e-mail or phone: those of one person, before and after a change of either."""
    of_mark: dict[Mark, list[Act]] = {}
    for act in acts:
        strong = [mark for mark in act.marks if mark[0] in STRONG]
        group = [act]
        for other in {id(of_mark[mark]): of_mark[mark] for mark in strong if mark in of_mark}.values():
            group = [*other, *group]
        for one in group:
            of_mark.update((mark, group) for mark in one.marks if mark[0] in STRONG)
    return list({id(group): group for group in of_mark.values()}.values())
