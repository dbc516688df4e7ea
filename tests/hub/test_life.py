"""Whatever is done to a request, in whatever order: it closes with its receipt only, its day stays, and what is over holds nobody."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Needle
from connectors.errors import Conflict, HubError, Undecided, UsageError
from connectors.phrase import Phrase
from hub.law import calendar
from hub.ledger import BEGUN, OVER, Request, life
from hub.ledger.codec import dumped
from hub.ledger.request import line_of, need_of
from hub.person import Person
from hub.plan import Action, Plan, Result, Step, StepOutcome

HER = "Aino Kuvitelma"
DAY = date(2026, 3, 31)
STEP = Step(1, "mappi", "ref", "v", Phrase("page {page}", page=3), Action.MANUAL, ("name",), Phrase("by hand"))
ACTS = st.sampled_from(
    [
        *("not_yet", "known", "extend", "hold", "resume", "cancel", "close", "receipt", "refusal"),
        *("plan", "apply", "wait", "done", "tomorrow", "month", "back"),
    ]
)

WAY = ("plan", "apply", "wait", "done", "receipt", "close")
"""An erasure as it should go; a story begins somewhere on it."""


class Office:
    """A request, the day, and what may be done to it; what does not fit raises and must change nothing."""

    def __init__(self, *, asked: bool) -> None:
        self.day = DAY
        self.request = Request("2026-0001", "erasure", "received", "2026-03-31T09:00:00+00:00", asked=asked)
        self.request.received, self.request.who = DAY.isoformat(), HER
        self.note()

    def note(self) -> None:
        """Write the stage down, as the ledger does when it keeps the request."""
        history = self.request.history
        if not history or history[-1][0] != self.request.stage:
            history.append((self.request.stage, f"{self.day.isoformat()}T12:00:00+00:00"))

    def do(self, act: str) -> None:
        """One act of the owner, of the erase, or of the clock."""
        request, moved = self.request, {"tomorrow": 1, "month": 31, "back": -45}
        if act in {"not_yet", "known"}:
            life.identify(request, act)
        elif act == "extend":
            life.extend(request, f"{HER} on matkoilla", self.day, "FI")
        elif act == "hold":
            life.hold(request, HER)
        elif act == "resume":
            life.resume(request)
        elif act == "cancel":
            life.cancel(request)
        elif act == "close":
            life.close(request, "email", self.day, None, "FI")
        elif act in {"receipt", "refusal"}:
            request.letters[act] = self.day.isoformat()
        elif act in moved:
            self.day += timedelta(days=moved[act])
        else:
            self.erase(act)

    def erase(self, act: str) -> None:
        """What the erase does to its request."""
        request = self.request
        if act == "plan" and request.stage in {"received", "planned"}:
            request.plan = Plan(request.number, Person("h", HER, ()), (STEP,), (), (), (Needle("name", HER),), HER)
            request.stage = "planned"
        elif act == "apply" and request.stage == "planned":
            request.stage = "running"
        elif act == "wait" and request.stage == "running":
            request.stage, request.outcomes[1] = "waiting", StepOutcome(STEP, Result.MANUAL_PENDING)
        elif act == "done" and request.stage == "waiting":
            request.stage = "verified"
            request.outcomes[1] = StepOutcome(STEP, Result.ERASED, notes=(Phrase("{note}", note=HER),))


@given(st.booleans(), st.integers(0, len(WAY)), st.lists(ACTS, max_size=15))
def test_a_request_is_never_where_it_must_not_be(asked: bool, begun: int, then: list[str]) -> None:
    """After each act: the laws of a request hold, and an act that was refused left no trace."""
    office = Office(asked=asked)
    request = office.request
    for act in (*WAY[:begun], *then):
        before, due = dumped(request), life.due(request, "FI")
        try:
            office.do(act)
        except HubError:
            assert before == dumped(request)
        office.note()

        now = life.due(request, "FI")
        assert now == due or (act == "extend" and now == calendar.extended_due(DAY, date.fromisoformat(request.extended)) > due)
        assert now in {calendar.due(DAY), calendar.extended_due(DAY, DAY)}
        assert need_of(line_of(request)) != "" or request.stage in OVER or (request.stage == "verified" and not asked)
        if request.stage == "closed":
            assert "receipt" in request.letters
            assert request.open_steps == ()
            assert request.delivered_on
        if request.stage in {"closed", "cancelled"}:
            assert HER not in dumped(request)
        if request.stage == "cancelled":
            assert not BEGUN & {stage for stage, _ in request.history}


@pytest.mark.parametrize(
    ("acts", "act", "error"),
    [
        ([], "close", Undecided),
        (["receipt"], "close", Undecided),
        (["plan", "receipt"], "close", Undecided),
        (["plan", "apply", "wait", "receipt"], "close", Undecided),
        (["plan", "apply", "wait", "done"], "close", Undecided),
        (["hold", "receipt"], "close", Undecided),
        (["not_yet", "receipt"], "close", Undecided),
        (["plan", "apply", "wait", "done", "receipt", "close"], "close", Conflict),
        (["cancel"], "close", Conflict),
        (["cancel"], "cancel", Conflict),
        (["plan", "apply"], "cancel", UsageError),
        (["plan", "apply"], "hold", UsageError),
        (["extend"], "extend", Conflict),
        (["month"], "extend", Conflict),
        (["month", "plan", "back"], "extend", Conflict),
        ([], "resume", UsageError),
    ],
)
def test_what_does_not_fit_is_refused(acts: list[str], act: str, error: type[HubError]) -> None:
    """Each act that cannot be, by its kind of error."""
    office = Office(asked=True)
    for earlier in acts:
        office.do(earlier)
        office.note()

    with pytest.raises(error):
        office.do(act)


def test_no_open_step_is_overlooked() -> None:
    """Whatever the stage says: a step that waits for a hand keeps a request open."""
    office = Office(asked=True)
    office.request.stage, office.request.letters = "verified", {"receipt": "2026-04-01"}
    office.request.outcomes[1] = StepOutcome(STEP, Result.MANUAL_PENDING)

    with pytest.raises(Undecided):
        office.do("close")


def test_a_request_that_is_refused_closes_with_the_reasons_and_its_receipt() -> None:
    """Nothing is erased for it, and nothing more waits."""
    office = Office(asked=True)
    for act in ("not_yet", "refusal", "receipt", "close"):
        office.do(act)

    assert office.request.stage == "closed"
