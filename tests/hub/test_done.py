"""A step that waits for a hand: said done, looked at by its source, and called verified only when something was seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.contract import Needle, Outcome
from connectors.entry import Disposal, Field, Ref, Version
from connectors.errors import UsageError
from connectors.memory import MemoryConnector
from hub import ledger
from hub.erase import apply as applying
from hub.erase.apply import apply, settle
from hub.erase.planning import make_plan
from hub.ledger import Ledger
from hub.plan import Report, Result, State
from hub.search import silently
from hub.search.sources import gather
from tests.hub.people import World


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Ledger]:
    """An open ledger with its key in a file."""
    with ledger.opened(tmp_path / "state") as opened:
        yield opened


def _manual(book: Ledger) -> tuple[World, ledger.Request, Report]:
    world = World()
    world.first.put((Field("name", "Aino Esimerkki"), Field("phone", "0441234567")), Disposal.MANUAL, ref=Ref("page"))
    gathered = gather(world.sources, "FI")
    (person,) = gathered.matching.find("aino@esimerkki.example")
    plan = make_plan(gathered, person)
    request = book.new("erasure", plan)
    assert request.plan is not None
    return world, request, apply(request.plan.approve(plan.fingerprint), request, book, world.sources, silently)


def test_a_manual_step_said_done_is_completed_by_its_source(book: Ledger) -> None:
    """The source removes what it still keeps about it, everything is searched again, and the request is finished."""
    world, request, waiting = _manual(book)
    assert waiting.state is State.WAITING
    (step,) = [item.step.number for item in waiting.outcomes if item.result is Result.MANUAL_PENDING]
    assert book.load(request.number).stage == "waiting"

    report = settle(
        book.load(request.number), step, book, world.sources, note="Aino Esimerkki (044 123 4567): silputtu", tick=silently
    )

    assert report.state is State.COMPLETE
    assert "page" not in world.first.records
    done = next(item for item in report.outcomes if item.step.number == step)
    assert (done.result, done.verified) == (Result.ERASED, True)
    assert "… (…): silputtu" in done.notes
    kept = book.load(request.number)
    assert kept.stage == "verified"
    assert kept.plan is not None
    assert kept.plan.needles == ()


def test_a_word_that_was_cut_off_before_the_search_is_gone_on_from(book: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """The step is done and cannot be said done twice: the request itself goes on to its end, as after any interruption."""
    world, request, waiting = _manual(book)
    (step,) = [item.step.number for item in waiting.outcomes if item.result is Result.MANUAL_PENDING]

    def cut_off(*_: object, **__: object) -> Report:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(applying, "conclude", cut_off)
        with pytest.raises(KeyboardInterrupt):
            settle(book.load(request.number), step, book, world.sources, silently)
    assert [item.number for item in book.pending("erasure")] == [request.number]

    cut = book.load(request.number)
    assert cut.plan is not None
    report = apply(cut.plan.approve(cut.plan.fingerprint), cut, book, world.sources, silently)
    assert report.state is State.COMPLETE
    assert book.load(request.number).stage == "verified"


class _Blind(MemoryConnector):
    """Has nothing by which it could see what a hand did."""

    def erase(self, ref: Ref, version: Version, needles: Sequence[Needle] = ()) -> Outcome:
        return replace(super().erase(ref, version, needles), seen=False)


def test_a_word_that_no_reading_bears_out_is_not_verified(book: Ledger) -> None:
    """A source that takes the owner's word without having seen anything newer says so, and the step is done but not verified."""
    world, request, waiting = _manual(book)
    (step,) = [item.step.number for item in waiting.outcomes if item.result is Result.MANUAL_PENDING]
    del world.first.records["page"]
    first, *others = world.sources
    sources = [_Blind(first.name, first.settings), *others]

    report = settle(book.load(request.number), step, book, sources, note="", tick=silently)

    done = next(item for item in report.outcomes if item.step.number == step)
    assert (report.state, done.result, done.verified) == (State.COMPLETE, Result.ALREADY_ABSENT, False)


def test_a_manual_step_its_source_does_not_believe_goes_on_waiting(book: Ledger) -> None:
    """Said done while the register still shows it: the step waits, with the reason."""
    world, request, waiting = _manual(book)
    (step,) = [item.step.number for item in waiting.outcomes if item.result is Result.MANUAL_PENDING]
    world.first.state = "locked"

    report = settle(book.load(request.number), step, book, world.sources, note="", tick=silently)

    assert report.state is State.WAITING
    assert "page" in world.first.records
    assert next(item for item in report.outcomes if item.step.number == step).reason


def test_only_a_waiting_step_can_be_said_done(book: Ledger) -> None:
    """A step that was erased by program, or that does not exist, is a usage error."""
    world, request, _ = _manual(book)

    for step in (1, 99):
        with pytest.raises(UsageError):
            settle(book.load(request.number), step, book, world.sources, note="", tick=silently)
