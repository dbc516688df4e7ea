"""What becomes of an erase that is taken back: until when that goes, and what came of each step. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum

from connectors._values import dataclass, field
from connectors.entry import Field
from connectors.phrase import Phrase
from hub.plan import State, Step


class Returned(StrEnum):
    """What came of putting one step back; every step has exactly one."""

    RESTORED = "restored"
    KEPT = "kept"
    """The erase took nothing away there."""
    BY_HAND = "by_hand"
    """No program can put it back, or its place was changed since: the owner is shown what it held."""
    CONFLICT = "conflict"
    """Its place was changed since, said by an earlier version: it is looked at once more."""
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    FAILED = "failed"


SETTLED = frozenset({Returned.RESTORED, Returned.KEPT, Returned.BY_HAND})
"""Results after which a step is not tried again."""


@dataclass(frozen=True, slots=True)
class StepReturn:
    """What came of putting one step back; `verified` only after the source was read again."""

    step: Step
    result: Returned
    verified: bool = False
    reason: Phrase | None = None
    notes: tuple[Phrase, ...] = ()


@dataclass(frozen=True, slots=True)
class Return:
    """What `hub undo` did; `values` are what a step held that a hand must put back, by its number."""

    request: str
    state: State
    outcomes: tuple[StepReturn, ...]
    values: Mapping[int, tuple[Field, ...]] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Window:
    """Until when a request can be put back: the last day as people count, and as the hub's own clock counts.

    `over` is the day on which the key of its copy was destroyed, "" while it is there.
    """

    until: str
    closes: int
    over: str = ""


@dataclass(frozen=True, slots=True)
class Clock:
    """Days counted by what the computer's clock said each time; a clock that is set back never takes one away.

    `latest` is the latest day ever seen, `last` the one seen last (ISO), `count` the days that went by.
    """

    latest: str
    last: str
    count: int = 0

    def at(self, today: date) -> Clock:
        """The clock once this day was seen.

        After a leap back days count from where the clock is now, so that one wrong day in the far future does not stop
        it; a leap forth to days that were seen before counts from the latest one.
        """
        latest, last = date.fromisoformat(self.latest), date.fromisoformat(self.last)
        gone = today - latest if today >= latest else today - last
        return Clock(max(today, latest).isoformat(), today.isoformat(), self.count + max(gone.days, 0))


def state_of(outcomes: Iterable[StepReturn]) -> State:
    """Where a request stands that is being put back."""
    results = {item.result for item in outcomes}
    if results - SETTLED:
        return State.INCOMPLETE
    return State.WAITING if Returned.BY_HAND in results else State.COMPLETE
