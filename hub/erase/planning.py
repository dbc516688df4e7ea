"""From a person and the owner's decisions to the plan of an erase; nothing is read or written by it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from connectors.errors import Conflict
from connectors.phrase import Phrase
from hub.law import NOT_TOLD, Law
from hub.person import Evidence, Held, Member, Person, Verdict
from hub.plan import Plan, step_for
from hub.search.gathered import Gathered, Key


def make_plan(
    gathered: Gathered,
    person: Person,
    include: Sequence[Key] = (),
    exclude: Sequence[Key] = (),
    reason: str = "",
    *,
    law: Law = NOT_TOLD,
    spare: bool = True,
) -> Plan:
    """Plan the erase of one person: a step for each sure or included entry, everything undecided under `review`.

    `law` says until when what the bookkeeping law keeps is kept; without it all of that stays. `spare`: namesakes stay, so
    the plan names them.
    """
    members = decided(gathered, person, set(include), set(exclude))
    taken = [member for member in members if member.verdict is Verdict.LINK]
    steps = tuple(step_for(number, member.held, law) for number, member in enumerate(taken, start=1))
    return Plan(
        request="",
        person=replace(person, members=tuple(members)),
        steps=steps,
        review=tuple(member for member in members if member.verdict is Verdict.POSSIBLE),
        answers=gathered.answers,
        needles=gathered.matching.needles([member.held for member in taken]),
        hints=gathered.matching.hints([member.held for member in taken]),
        reason=reason,
        included=tuple(include),
        excluded=tuple(exclude),
        spared=_spared(gathered, taken) if spare else (),
    )


def _spared(gathered: Gathered, taken: Sequence[Member]) -> tuple[Held, ...]:
    """The entries that a search for the person's names finds beside the ones that are taken."""
    hers = {member.held.key for member in taken}
    names = dict.fromkeys(name for member in taken for name in member.held.entry.values("name"))
    found = {
        member.held.key: member.held for name in names for person in gathered.matching.find(name) for member in person.members
    }
    return tuple(held for key, held in found.items() if key not in hers)


def decided(gathered: Gathered, person: Person, include: set[Key], exclude: set[Key]) -> list[Member]:
    """The person's members after the human's decisions, source by source, in the order in which a person reads the places.

    What an included entry brings along waits for its own decision.
    """
    members = {member.held.key: member for member in person.members}
    for key in include:
        other = gathered.matching.holding([key])
        for member in other.links if other else ():
            members.setdefault(
                member.held.key,
                replace(member, verdict=Verdict.POSSIBLE, why=Phrase("belongs together with an entry you included")),
            )
    found: list[Member] = []
    for key, member in members.items():
        if key in exclude:
            continue
        if key in include and member.verdict is Verdict.POSSIBLE:
            decision = Evidence("decision", "", "")
            found.append(replace(member, verdict=Verdict.LINK, evidence=(*member.evidence, decision), why=None))
        else:
            found.append(member)
    asked = {answer.source: number for number, answer in enumerate(gathered.answers)}
    return sorted(found, key=lambda member: (member.verdict is Verdict.POSSIBLE, asked[member.held.source], _place(member)))


def _place(member: Member) -> list[tuple[int, str]]:
    """What sorts places as a person reads them: row 9 comes before row 10."""
    parts = re.split(r"(\d+)", member.held.entry.locator)
    return [(int(part), "") if part.isdecimal() else (0, part) for part in parts]


def plan_again(shown: Plan, gathered: Gathered, law: Law = NOT_TOLD) -> Plan:
    """Plan a pending request anew on what the sources say now; the caller compares the fingerprints.

    Raises `Conflict` when the person is no longer there at all.
    """
    person = gathered.matching.holding([(step.source, step.ref) for step in shown.steps])
    if person is None:
        raise Conflict(
            Phrase("None of the entries of request {number} is there any more; nothing was written.", number=shown.request),
            Phrase("Run the erase again with the person's name to see what is left."),
        )
    plan = make_plan(gathered, person, shown.included, shown.excluded, shown.reason, law=law)
    return plan.numbered(shown.request)
