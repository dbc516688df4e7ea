"""A request and where it stands: what was asked, by which way, what was planned and done, and how it was answered. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal, get_args

from connectors._values import dataclass, field, replace
from connectors.phrase import Phrase
from hub.ledger.undone import StepReturn, Window
from hub.plan import DONE, Leftover, Plan, Result, State, StepOutcome

Kind = Literal["access", "erasure", "rectification", "restriction", "objection", "portability", "refusal"]
"""Of a refusal nothing is known but that there was one."""

KINDS: tuple[Kind, ...] = ("access", "erasure", "rectification", "restriction", "objection", "portability")
"""What a person may ask for (GDPR articles 15 to 21)."""

Stage = Literal[
    "received", "identity_unverified", "on_hold", "planned", "approved", "running", "incomplete", "waiting", "verified",
    "closed", "cancelled", "superseded", "undoing", "undone",
]  # fmt: skip
"""Where a request stands.

received     written down                           identity_unverified  nobody knows yet whether it is the person who asks
on_hold      the owner put it off                   planned              shown, and waits for a confirmation
approved     confirmed, nothing written yet         running              begun
incomplete   a step failed or a source was silent   waiting              all done that a program can do
verified     done, and read back                    closed               answered, with its receipt
cancelled    withdrawn                              superseded           a newer plan took its place
undoing      being put back                         undone               put back
"""

CONFIRMABLE: frozenset[Stage] = frozenset({"planned", "approved", "running", "incomplete"})
"""Stages of an erase that a confirmation carries out, or carries on."""

BEGUN: frozenset[Stage] = frozenset({"running", "incomplete", "waiting", "verified", "closed", "undoing", "undone"})
"""Stages in which something may have been written already."""

OVER: frozenset[Stage] = frozenset({"closed", "cancelled", "superseded", "undone"})
"""Stages in which nothing is to be done any more."""

OPEN: frozenset[Stage] = frozenset(get_args(Stage)) - OVER
"""Stages in which the person still waits for an answer, if somebody asked."""

NOTE = "{note}"
"""The phrase that a note about a step by hand is."""

IDENTITIES = ("called_back", "same_email", "invoice", "known", "not_yet")
"""How it was checked that it is the person who asks: called back on the stored number, wrote from the stored e-mail, knew an
invoice's number and sum, known in person; or not checked yet. The proof itself is never kept."""

WAYS = ("email", "phone", "message", "letter", "form", "in_person", "other")
"""By which way a request came, and an answer went."""


@dataclass(slots=True)
class Request:
    """One request; `intents` are steps whose write was begun, `outcomes` what came of each step so far."""

    number: str
    kind: Kind
    stage: Stage
    created: str
    plan: Plan | None = field(default=None, repr=False)
    intents: list[int] = field(default_factory=list)
    outcomes: dict[int, StepOutcome] = field(default_factory=dict)
    residue: tuple[Leftover, ...] = ()
    lacking: tuple[Phrase, ...] = field(default=(), repr=False)
    """What the last access package lacks, or waits for."""
    state: State | None = None
    """How the last run ended."""
    window: Window | None = None
    returning: list[int] = field(default_factory=list)
    """Steps whose putting back was begun."""
    returned: dict[int, StepReturn] = field(default_factory=dict)
    asked: bool = False
    """Whether somebody asked for it; what the owner does by herself is due to nobody."""
    received: str = ""
    """The day on which it came in (ISO), "" when on the day it was written down."""
    channel: str = ""
    """One of `WAYS`, "" when not told."""
    identity: str = ""
    """One of `IDENTITIES`, "" when not told."""
    who: str = field(default="", repr=False)
    """Whom it is about, in the words in which it was asked."""
    handle: str = ""
    """The handle of the person it is about, once known."""
    reasons: dict[str, str] = field(default_factory=dict, repr=False)
    """Why it was extended or put on hold, by `extended` and `on_hold`."""
    held: Stage | None = None
    """Where it stood before it was put on hold."""
    extended: str = ""
    """The day on which the person was told that the answer takes longer (ISO)."""
    letters: dict[str, str] = field(default_factory=dict)
    """The day (ISO) on which a letter of each kind was made."""
    delivered: str = ""
    """One of `WAYS` by which the answer went."""
    delivered_on: str = ""
    """The day on which it went (ISO)."""
    history: list[tuple[Stage, str]] = field(default_factory=list)
    """Each stage it ever came to, and when."""
    rechecks: dict[str, str] = field(default_factory=dict, repr=False)
    """For each source with a bin or an archive the day (ISO) until which what was erased there can be restored."""
    forgotten: str = field(default="", repr=False)
    """The day (ISO) on which the hashes were removed by which the person was to be noticed again, "" before that."""

    @property
    def open_steps(self) -> tuple[int, ...]:
        """The steps that a hand or another run must still do."""
        return tuple(outcome.step.number for outcome in self.outcomes.values() if outcome.result not in DONE)

    def note_bin(self, number: int, days: int, day: date) -> None:
        """Write down until when the bin or archive of a service (`days` 0: it has none) holds what a step erased on a day."""
        done = self.outcomes[number]
        if days and done.result is Result.ERASED:
            self.rechecks[done.step.source] = (day + timedelta(days=days)).isoformat()

    def empty(self) -> None:
        """Let go of every value of the person, and of anybody else: places, actions, dates and law stay."""
        self.plan = self.plan.without_person() if self.plan else None
        self.who = ""
        self.reasons = {}
        self.lacking = ()

    def forget_notes(self) -> None:
        """Let go of the owner's own notes about steps that were done by hand."""
        for number, done in self.outcomes.items():
            notes = tuple(note for note in done.notes if note.template != NOTE)
            self.outcomes[number] = replace(done, notes=notes)

    @property
    def emptied(self) -> bool:
        """Whether nothing of anybody is left in it."""
        return (
            not self.who
            and not self.reasons
            and not self.lacking
            and (self.plan is None or self.plan == self.plan.without_person())
        )


@dataclass(frozen=True, slots=True)
class Line:
    """What a list of requests shows of one; `waits_for` are the steps that a hand or another run must still do."""

    number: str
    kind: Kind
    stage: Stage
    created: str
    state: State | None = None
    undo_until: str = ""
    waits_for: tuple[int, ...] = ()
    asked: bool = False
    received: str = ""
    extended: str = ""
    receipt: bool = False
    """Whether its receipt was made."""


Need = Literal["identity", "plan", "package", "confirmation", "continuation", "hand", "receipt", "delivery", "resume", "undo", ""]
"""What a request waits for: that it is known who asks; a plan; an access package; the owner's yes; that it goes on; steps by hand;
its receipt; that the answer is delivered; the end of its hold; the end of its undoing; nothing."""

_PACKED: frozenset[Kind] = frozenset({"access", "portability"})


_NEEDS: dict[Stage, Need] = {
    "identity_unverified": "identity",
    "on_hold": "resume",
    "planned": "confirmation",
    "approved": "continuation",
    "running": "continuation",
    "incomplete": "continuation",
    "waiting": "hand",
    "undoing": "undo",
}


def need_of(item: Line) -> Need:
    """What a request waits for."""
    if item.stage in {"received", "incomplete"} and item.kind in _PACKED:
        return "package"
    if item.stage == "received" and item.kind == "erasure":
        return "plan"
    if item.stage == "received" or (item.stage == "verified" and item.asked):
        return "delivery" if item.receipt else "receipt"
    return _NEEDS.get(item.stage, "")


def line_of(request: Request) -> Line:
    """What a list shows of a request."""
    return Line(
        number=request.number,
        kind=request.kind,
        stage=request.stage,
        created=request.created,
        state=request.state,
        undo_until=request.window.until if request.window and not request.window.over else "",
        waits_for=() if request.stage in OVER else request.open_steps,
        asked=request.asked,
        received=request.received,
        extended=request.extended,
        receipt="receipt" in request.letters,
    )
