"""Putting a value right in every register that holds the wrong one: planned, approved and carried out as an erase is."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date

from connectors import _corrections
from connectors.contract import Connector, Correction, Needle
from connectors.entry import Disposal, Entry, Ref
from connectors.errors import Conflict, HubError, NotFound, Undecided, UsageError
from connectors.phrase import Phrase
from hub import normalise
from hub.erase import apply as erasing
from hub.erase import planning
from hub.fields import field_name
from hub.law import NOT_TOLD, Law
from hub.ledger import Ledger, Request
from hub.machine.pattern import Pattern
from hub.matching.facts import birthdays_of
from hub.normalise.values import NAMES, value_key
from hub.person import Held, Person, Verdict
from hub.plan import Action, Plan, Report, Result, Step, StepOutcome
from hub.search.gathered import Gathered, Key

KINDS = ("name", "email", "phone", "address", "postcode", "city", "title", "birthday")
"""What can be put right of a person."""


def require_sound(kind: str, value: str, region: str, today: date) -> None:
    """Raise `UsageError` for a new value that is none of its kind: it could be neither found nor compared afterwards."""
    problem = _unsound(kind, value, region, today)
    if problem is not None:
        raise UsageError(problem, Phrase("Nothing was planned. Write the right value as a register shows it."))


def _unsound(kind: str, value: str, region: str, today: date) -> Phrase | None:
    if kind == "phone" and not normalise.phone_keys(value, region):
        return Phrase("--phone takes a phone number: with its area code, or with + and the country code.")
    if kind == "email" and normalise.email_key(value) is None:
        return Phrase("--email takes an e-mail address: with one @ and a domain behind it.")
    if kind == "email" and _WRAPPED.search(value):
        return Phrase("--email takes the e-mail address alone: without a name, brackets or quotation marks around it.")
    if kind == "birthday" and not birthdays_of(value):
        return Phrase("--birthday takes a day that there is: 1970-03-12 or 12.3.1970.")
    if kind == "birthday" and max(birthdays_of(value)) > (today.year, today.month, today.day):
        return Phrase("--birthday takes a day that has been: nobody is born in the future. Look at the year.")
    if kind == "postcode" and not _POSTCODE.fullmatch(value):
        return Phrase("--postcode takes a postcode: digits, abroad letters among them.")
    return None


_WRAPPED = Pattern(r"[\s<>\"]|^'|'$|^mailto:|\.$", re.IGNORECASE)
"""What an address is written into, and that is read over where one is searched for."""

_POSTCODE = Pattern(r"(?=.*\d)[A-Z\d][A-Z\d \-]{1,9}", re.IGNORECASE | re.ASCII)


def make_plan(
    gathered: Gathered,
    person: Person,
    wanted: Sequence[Correction],
    include: Sequence[Key] = (),
    exclude: Sequence[Key] = (),
    *,
    region: str,
    able: Collection[str],
    law: Law = NOT_TOLD,
) -> Plan:
    """Plan a step for each sure entry that holds a wrong value; a possible match that holds one waits for a decision.

    Of what is `wanted`, `old` may be "": then it is the one value that differs from the new one. `able` are the sources
    that a program can correct. Raises `Undecided` when several differ, `UsageError` when nobody holds the old value.
    """
    members = planning.decided(gathered, person, set(include), set(exclude))
    taken = [member for member in members if member.verdict is Verdict.LINK]
    wrong = [_with_old(one, [member.held.entry for member in taken], region) for one in wanted]
    finder = _Finder([one for one in wrong if one is not None], region, _reading_order(person))
    found = [(member.held, finder.of(member.held.entry)) for member in taken]
    numbered = enumerate(((held, some) for held, some in found if some), start=1)
    steps = [(_step(number, held, some, able, law), some) for number, (held, some) in numbered]
    hers = [member.held for member in taken]
    return Plan(
        request="",
        person=replace(person, members=tuple(members)),
        steps=tuple(step for step, _ in steps),
        review=tuple(member for member in members if member.verdict is Verdict.POSSIBLE and finder.of(member.held.entry)),
        answers=gathered.answers,
        needles=tuple(needle for needle in gathered.matching.needles(hers) if finder.meets(needle)) if steps else (),
        included=tuple(include),
        excluded=tuple(exclude),
        wanted=tuple(wanted),
        corrections=tuple((step.number, tuple(some)) for step, some in steps if step.action is not Action.RETAIN),
    )


def plan_again(shown: Plan, gathered: Gathered, *, region: str, able: Collection[str], law: Law = NOT_TOLD) -> Plan:
    """Plan a pending correction anew on what the sources say now. Raises `Conflict` when the wrong values are not there."""
    person = gathered.matching.holding([(step.source, step.ref) for step in shown.steps])
    if person is None:
        raise Conflict(
            Phrase("None of the entries of request {number} is there any more; nothing was written.", number=shown.request),
            Phrase("Run hub rectify again with the person's name."),
        )
    decided = shown.included, shown.excluded
    try:
        plan = make_plan(gathered, person, shown.wanted, *decided, region=region, able=able, law=law)
    except (UsageError, Undecided) as error:
        raise Conflict(
            Phrase("What request {number} corrects has changed since; nothing was written.", number=shown.request), error.message
        ) from None
    return plan.numbered(shown.request)


def _with_old(one: Correction, entries: Sequence[Entry], region: str) -> Correction | None:
    """What is wanted, with the value that is wrong; None when every value is right already."""
    told = {value_key(one.kind, value, region): value for entry in entries for value in entry.values(one.kind)}
    right = value_key(one.kind, one.new, region)
    if one.old:
        old = value_key(one.kind, one.old, region)
        if old not in told:
            raise UsageError(
                Phrase("No entry of the person holds the old {kind}.", kind=field_name(one.kind)),
                Phrase("hub find shows what each one holds."),
            )
        return Correction(one.kind, told[old], one.new)
    if right in told and one.kind in NAMES:
        told.pop(right)
    differing = [value for key, value in told.items() if key != right]
    if len(differing) > 1:
        raise Undecided(
            Phrase("Several different values of the kind {kind} are held.", kind=field_name(one.kind)),
            Phrase("Say with --old which of them is wrong; hub find shows them."),
        )
    return Correction(one.kind, differing[0], one.new) if differing else None


def _reading_order(person: Person) -> tuple[str, ...]:
    return normalise.name_tokens(person.name)


class _Finder:
    """Finds the wrong values in entries, in whatever spelling each has them."""

    def __init__(self, wrong: Sequence[Correction], region: str, order: tuple[str, ...]) -> None:
        self._wrong = [(one, value_key(one.kind, one.old, region)) for one in wrong]
        self._region, self._order = region, order

    def of(self, entry: Entry) -> list[Correction]:
        """The corrections of one entry; none when it holds no wrong value."""
        found = [
            Correction(item.kind, item.value, self._written(one, item.value))
            for one, key in self._wrong
            for item in entry.fields
            if item.kind == one.kind and value_key(item.kind, item.value, self._region) == key
        ]
        for one, key in self._wrong:
            found += self._halves(entry, one, key) if one.kind == "name" else ()
        return [one for one in dict.fromkeys(found) if one.old != one.new]

    def meets(self, needle: Needle) -> bool:
        """Whether a value that is searched for is a wrong one."""
        return any(one.kind == needle.kind and value_key(one.kind, needle.value, self._region) == key for one, key in self._wrong)

    def _halves(self, entry: Entry, one: Correction, key: str) -> Iterator[Correction]:
        """Given and family name in fields of their own."""
        given, family, name = entry.values("given"), entry.values("family"), normalise.parse_name(one.new)
        if len(given) == len(family) == 1 and name and value_key("name", f"{given[0]} {family[0]}", self._region) == key:
            yield Correction("given", given[0], " ".join(name.given))
            yield Correction("family", family[0], " ".join(name.family))

    def _written(self, one: Correction, old: str) -> str:
        """The new value in the way the old one was written: a family name stays in front where it was."""
        name = normalise.parse_name(one.new) if one.kind == "name" else None
        words = normalise.name_tokens(old)
        if name is None or len(self._order) < 2 or not words or words[0] != self._order[-1] or words == self._order:
            return one.new
        comma = "," if "," in old else ""
        return f"{' '.join(name.family)}{comma} {' '.join(name.given)}"


def _step(number: int, held: Held, corrections: Sequence[Correction], able: Collection[str], law: Law) -> Step:
    entry, ruling = held.entry, law.ruling(held.entry)
    kinds = tuple(dict.fromkeys(one.kind for one in corrections))
    kept = entry.disposal is Disposal.RETAIN
    by_hand = None if kept else _why_by_hand(held, corrections, able)
    reason = Phrase("only these values change") if not kept and by_hand is None else by_hand
    return Step(
        number=number,
        source=held.source,
        ref=entry.ref,
        version=entry.version,
        locator=entry.locator,
        action=Action.RETAIN if kept else Action.MANUAL if by_hand else Action.RECTIFY,
        fields=() if kept else kinds,
        reason=reason or ruling.reason or entry.disposal_reason or Phrase("must stay unaltered"),
        basis=ruling.basis if kept else None,
        until=ruling.until.isoformat() if kept and ruling.until and not ruling.over else None,
    )


def _why_by_hand(held: Held, corrections: Sequence[Correction], able: Collection[str]) -> Phrase | None:
    entry = held.entry
    if entry.disposal is Disposal.MANUAL or held.source not in able:
        return Phrase("can only be corrected by hand")
    theirs = {(item.kind, item.value) for item in entry.fields if not item.stays}
    if any((one.kind, one.old) not in theirs for one in corrections):
        return Phrase("the value is not this person's alone there: correct it by hand")
    if any((one.kind, one.new) in theirs for one in corrections):
        return Phrase("the right value stands there too: take the wrong one out by hand")
    return None


def settle(
    request: Request,
    number: int,
    book: Ledger,
    sources: Sequence[Connector],
    tick: erasing.Progress,
    *,
    kept: Sequence[erasing.Searched] = (),
    remember: erasing.Remember | None = None,
) -> Report:
    """A human says that a value was put right by hand: look whether it is so, then search by value again.

    Raises `UsageError` for a step that does not wait for a hand.
    """
    step, plan = erasing.waiting_step(request, number), request.plan
    assert plan is not None
    source = {source.name: source for source in sources}.get(step.source)
    request.outcomes[number] = _looked_at(step, source, plan.corrections_of(number))
    request.stage = "running"  # as after a word about an erase: who is cut off here can go on
    book.save(request)
    return erasing.conclude(plan, request, book, [*sources, *kept], tick, remember=remember)


def _looked_at(step: Step, source: Connector | None, corrections: Sequence[Correction]) -> StepOutcome:
    if source is None:
        return StepOutcome(step, Result.MANUAL_PENDING, reason=erasing.not_configured())
    said = erasing.by_hand()
    try:
        entry = source.get(Ref(step.ref))
        shown = {(item.kind, item.value) for item in entry.fields}
        if any((one.kind, one.old) in shown for one in corrections):
            return StepOutcome(step, Result.MANUAL_PENDING, reason=Phrase("the old value still stands there"))
        return StepOutcome(step, Result.RECTIFIED, verified=_corrections.is_done(entry.fields, corrections), reason=said)
    except NotFound:
        # What a ref is made of may have been corrected.
        seen = any(isinstance(item, Entry) and _corrections.is_done(item.fields, corrections) for item in source.entries())
        return StepOutcome(step, Result.RECTIFIED if seen else Result.ALREADY_ABSENT, verified=seen, reason=said)
    except HubError as error:
        return StepOutcome(step, Result.MANUAL_PENDING, reason=error.told)


def new_needles(plan: Plan, region: str) -> list[Needle]:
    """The right e-mails and phones, by which the person is known from now on."""
    found = [(one.kind, value_key(one.kind, one.new, region)) for one in plan.wanted if one.kind in {"email", "phone"}]
    return [Needle("email" if kind == "email" else "phone", key) for kind, key in found]
