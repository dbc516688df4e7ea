"""What an erase will do, before it is done: steps, fingerprint, and the approval that `apply` demands. Pure."""

from __future__ import annotations

import hashlib
import json
from enum import StrEnum
from typing import Literal

from connectors._values import dataclass, field, replace
from connectors.contract import Correction, Needle, Spread
from connectors.entry import Disposal, Entry
from connectors.errors import PLAN_AGAIN, Conflict, Undecided
from connectors.phrase import Phrase
from hub.law import NOT_TOLD, Law
from hub.person import Answer, Held, Member, Person, handle_of


class Action(StrEnum):
    """What a step does to its entry."""

    ERASE = "erase"
    REDACT = "redact"
    RETAIN = "retain"
    MANUAL = "manual"
    RECTIFY = "rectify"


@dataclass(frozen=True, slots=True)
class Step:
    """One entry and what will be done to it; `fields` are the kinds that go, `until` the last day still kept (ISO)."""

    number: int
    source: str
    ref: str
    version: str
    locator: Phrase
    action: Action
    fields: tuple[str, ...]
    reason: Phrase
    basis: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything an erase of one person would do, and what a human must still decide (`review`)."""

    request: str
    person: Person
    steps: tuple[Step, ...]
    review: tuple[Member, ...]
    answers: tuple[Answer, ...]
    needles: tuple[Needle, ...] = field(default=(), repr=False)
    reason: str = field(default="", repr=False)
    included: tuple[tuple[str, str], ...] = ()
    excluded: tuple[tuple[str, str], ...] = ()
    """The human's decisions on possible matches, as (source, ref)."""
    spared: tuple[Held, ...] = field(default=(), repr=False)
    """Entries with a name like the person's that are not in the plan: namesakes."""
    wanted: tuple[Correction, ...] = field(default=(), repr=False)
    """Of a rectification: what is to be put right; `old` is "" where it is the one value that differs."""
    corrections: tuple[tuple[int, tuple[Correction, ...]], ...] = field(default=(), repr=False)
    """Of a rectification: by its number, what each step puts right, in the spelling of its entry."""

    def corrections_of(self, step: int) -> tuple[Correction, ...]:
        """What one step puts right."""
        return dict(self.corrections).get(step, ())

    spread: tuple[tuple[str, Spread], ...] = field(default=(), repr=False)
    """By its source each place that changes although it is no part of an entry of the plan."""
    hints: tuple[Needle, ...] = field(default=(), repr=False)
    """What may be the person and is only reported where it stands: inflected names."""

    @property
    def fingerprint(self) -> str:
        """A hash over refs, versions, actions, corrections and what else changes: two plans with the same one do the same things."""
        facts = sorted([step.source, step.ref, step.version, step.action.value, *step.fields] for step in self.steps)
        undecided = sorted(["review", *member.held.key, member.held.entry.version] for member in self.review)
        right = [[number, one.kind, one.old, one.new] for number, some in self.corrections for one in some]
        beside = [[source, str(one.where), one.before, one.after] for source, one in self.spread]
        told = [facts, undecided, *([right] if right else ()), *([beside] if beside else ())]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]

    def approve(self, fingerprint: str) -> ApprovedPlan:
        """Turn the plan that was shown into one that may be applied.

        Raises `Conflict` when `fingerprint` is not this plan's, `Undecided` while `review` holds anything.
        """
        if fingerprint != self.fingerprint:
            raise stale()
        if self.review:
            raise Undecided(
                Phrase("{count} possible matches wait for your decision; nothing was written.", count=len(self.review)),
                Phrase("Decide each with --include REF or --exclude REF."),
            )
        return ApprovedPlan(self, _APPROVAL)

    def numbered(self, request: str) -> Plan:
        """The same plan under the number it was kept as."""
        return replace(self, request=request)

    def shown(self) -> frozenset[tuple[str, str]]:
        """Source and ref of every entry whose values the plan holds: what goes, what is undecided, what it spares."""
        held = [member.held for member in (*self.person.members, *self.review)]
        return frozenset((str(item.source), str(item.entry.ref)) for item in (*held, *self.spared))

    def without_others(self) -> Plan:
        """The plan once it was carried out: nothing of a namesake, or of a cell that others may be named in, is kept any longer."""
        return replace(self, review=(), spared=(), spread=())

    def without_person(self) -> Plan:
        """What may be kept of a finished request: places and actions, no value of the person."""
        nobody = Person(self.person.handle, "", ())
        emptied = replace(self, person=nobody, review=(), needles=(), hints=(), reason="", spared=(), spread=())
        return replace(emptied, wanted=(), corrections=())


def stale() -> Conflict:
    """What is raised in place of doing anything else than what the plan showed."""
    return Conflict(
        Phrase("Something changed since the plan was shown; nothing was written."),
        PLAN_AGAIN,
    )


class ApprovedPlan:
    """A plan a human approved; only `Plan.approve` makes one, and only this can be applied."""

    __slots__ = ("plan",)

    plan: Plan

    def __init__(self, plan: Plan, approval: object) -> None:
        if approval is not _APPROVAL:
            raise TypeError("an ApprovedPlan comes from Plan.approve only")
        self.plan = plan


_APPROVAL = object()


class Result(StrEnum):
    """What came of one step; every step has exactly one."""

    ERASED = "erased"
    REDACTED = "redacted"
    RECTIFIED = "rectified"
    RETAINED = "retained"
    MANUAL_PENDING = "manual_pending"
    ALREADY_ABSENT = "already_absent"
    CONFLICT = "conflict"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    FAILED = "failed"


DONE = frozenset({Result.ERASED, Result.REDACTED, Result.RECTIFIED, Result.RETAINED, Result.ALREADY_ABSENT})
"""Results after which nothing is left to do for a step."""


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """What came of one step; `verified` only after the source was read again; `notes` are follow-ups for the owner."""

    step: Step
    result: Result
    verified: bool = False
    reason: Phrase | None = None
    notes: tuple[Phrase, ...] = ()


@dataclass(frozen=True, slots=True)
class Leftover:
    """A place where one of the person's own values still stands (`found`), or that could not be inspected."""

    source: str
    where: Phrase
    why: Phrase
    found: bool = True
    ref: str = ""
    """The entry in which it stands, "" where the place tells it, or where it is in none."""

    @property
    def handle(self) -> str:
        """By which hub find shows the entry in which it stands; "" without one."""
        return handle_of([(self.source, self.ref)]) if self.ref else ""


ChangeKind = Literal["changed", "moved", "gone", "new", "judged", "beside"]
"""An entry changed, moved, is gone, came since, is judged otherwise now (by the law, or whose it is); or a cell outside of all."""


@dataclass(frozen=True, slots=True)
class Change:
    """Why a plan holds no longer: an entry, or a cell outside of them, that is not as it was shown; it holds no value."""

    source: str
    where: Phrase
    what: ChangeKind
    kinds: tuple[str, ...] = ()
    """Of an entry that changed: the kinds of fields that did."""
    now: Phrase | None = None
    """Of one that moved: where it is now."""
    step: int | None = None
    """Its number in the plan that was shown, if it had one."""


class State(StrEnum):
    """Where a request stands after `apply`."""

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    WAITING = "waiting"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class ToTell:
    """Somebody who got the person's data and must hear what a request did to them (GDPR 19); `disclosure` is its number."""

    disclosure: str
    recipient: str = field(repr=False)
    kinds: tuple[str, ...]
    day: str


@dataclass(frozen=True, slots=True)
class Report:
    """What an erase did: one outcome for each step, and what is left by value."""

    request: str
    state: State
    outcomes: tuple[StepOutcome, ...]
    residue: tuple[Leftover, ...] = ()
    undo_until: str = ""
    """The last day on which it can be put back (ISO); "" when it cannot."""
    to_be_told: tuple[ToTell, ...] = ()
    changes: tuple[Change, ...] = ()
    """Of a stale one: what is not as it was shown."""
    handle: str = ""
    """Of a stale one: whom to plan for again."""
    kind: str = "erasure"
    """The kind of the request: a rectification says "corrected" where an erase says "erased"."""


def step_for(number: int, held: Held, law: Law = NOT_TOLD) -> Step:
    """The step an erase takes for one entry, by what its source says an erase means for it, and the law."""
    ruling = law.ruling(held.entry)
    entry = replace(held.entry, disposal=ruling.disposal, disposal_reason=ruling.reason)
    kinds = tuple(dict.fromkeys(item.kind for item in entry.leaving()))
    gone = () if entry.disposal is Disposal.RETAIN else kinds
    return Step(
        number=number,
        source=held.source,
        ref=entry.ref,
        version=entry.version,
        locator=entry.locator,
        action=Action(entry.disposal.value),
        fields=gone,
        reason=entry.disposal_reason or _reason(entry),
        basis=ruling.basis,
        until=ruling.until.isoformat() if ruling.until and not ruling.over else None,
    )


def _reason(entry: Entry) -> Phrase:
    if entry.disposal is Disposal.ERASE:
        return Phrase("the whole entry is about this person")
    if entry.disposal is Disposal.REDACT:
        return Phrase("only this person's part goes, the rest of the record stays")
    if entry.disposal is Disposal.RETAIN:
        return Phrase("must stay unaltered")
    return Phrase("can only be removed by hand")
