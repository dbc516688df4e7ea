"""What a request holds of a namesake goes as soon as the erase knows whom it does not take, long before its last step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from connectors.entry import Disposal, Field, Ref
from hub import ledger
from hub.erase.apply import apply, settle
from hub.erase.planning import make_plan
from hub.ledger import Ledger
from hub.ledger.codec import dumped
from hub.plan import Plan, Result, State
from hub.search import silently
from hub.search.gathered import Key
from hub.search.sources import gather
from hub.store import suppression
from tests.hub.people import NAMESAKE, World

THEIRS = "toinen.aino@muualla.example"


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    """An open ledger with its key in a file."""
    monkeypatch.setenv("HUB_KEY_PLACE", "file")
    with ledger.opened(tmp_path / "state") as opened:
        yield opened


def test_a_waiting_request_holds_nothing_of_a_namesake(book: Ledger, tmp_path: Path) -> None:
    """Excluded and spared: gone from the ledger while a hand is awaited, and known to be somebody else to the end."""
    world, state = World(), tmp_path / "state"
    world.first.put((Field("name", "Aino Esimerkki"), Field("phone", "0441234567")), Disposal.MANUAL, ref=Ref("page"))
    other = world.second.put(NAMESAKE)
    gathered = gather(world.sources, "FI")
    (person,) = gathered.matching.find("aino@esimerkki.example")
    plan = make_plan(gathered, person, exclude=[("second", other)])
    request = book.new("erasure", plan)
    assert THEIRS in dumped(request)

    def remember(done: Plan, left: Sequence[Key]) -> None:
        suppression.remember(state, request.number, "erased", suppression.marks_of(done, left, "FI"))

    assert request.plan is not None
    approved = request.plan.approve(plan.fingerprint)
    waiting = apply(approved, request, book, world.sources, silently, remember=remember)

    assert waiting.state is State.WAITING
    kept = book.load(request.number)
    assert THEIRS not in dumped(kept)
    assert "aino@esimerkki.example" in dumped(kept)
    (step,) = [item.step.number for item in waiting.outcomes if item.result is Result.MANUAL_PENDING]
    settle(kept, step, book, world.sources, silently, remember=remember)

    known = suppression.known(state, "FI")
    gathered = gather(world.sources, "FI")
    (namesake,) = gathered.matching.find("Aino Esimerkki")
    assert [known.look(member.held) for member in namesake.members] == [None]
    world.second.put((*NAMESAKE, Field("company", "Keksitty Oy")))
    for member in gather(world.sources, "FI").matching.find(THEIRS)[0].members:
        found = known.look(member.held)
        assert found is None or not found.sure
