"""An erase is taken back whole, whenever the process dies, until its time is over; and never afterwards."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from connectors.contract import Features, Outcome
from connectors.entry import Disposal, Field, Ref
from connectors.errors import Conflict, UsageError
from connectors.memory import MemoryConnector
from connectors.vcard import VcardConnector
from hub import ledger
from hub.erase import undo
from hub.ledger import Ledger, codec
from hub.ledger.undone import Returned
from hub.plan import State
from hub.search.sources import gather
from hub.store import snapshot
from tests.hub.dying import dying_at, every_death
from tests.hub.people import World
from tests.hub.undoing import DAY, asked, carried_out, fresh, is_cut_off, stage, taken_back


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state directory that nobody used yet."""
    return tmp_path / "state"


def test_what_was_erased_is_put_back_to_the_byte(state: Path) -> None:
    """Every record is as it was, verified by reading again, and the copy is gone then."""
    world = World()
    before = world.records()
    number = asked(state, world.sources)
    carried_out(state, number, world.sources)
    assert before != world.records()

    told = taken_back(state, number, world.sources)

    assert before == world.records()
    assert told.state is State.COMPLETE
    assert [(Returned.RESTORED, True)] * 3 == [(item.result, item.verified) for item in told.outcomes]
    assert snapshot.requests(state) == []
    with ledger.opened(state) as book:
        request = book.load(number)
    assert (request.stage, request.window and request.window.over) == ("undone", DAY.isoformat())
    assert request.plan is not None
    assert request.plan.person.members == ()


def test_twice_is_told_and_writes_nothing(state: Path) -> None:
    """What was put back can be erased again, and is not put back a second time."""
    world = World()
    number = asked(state, world.sources)
    carried_out(state, number, world.sources)
    taken_back(state, number, world.sources)
    before = world.records()

    with pytest.raises(Conflict):
        taken_back(state, number, world.sources)
    assert before == world.records()


@pytest.mark.parametrize("resumed", [True, False])
def test_killed_at_any_write_of_the_erase_it_can_be_taken_back(tmp_path: Path, resumed: bool) -> None:
    """Gone on with or not: after the undo every record is as it was, the ones that were never touched included."""

    def act(number: int) -> bool:
        world, state = World(), fresh(tmp_path)
        before = world.records()
        request = asked(state, world.sources)
        with dying_at(number):
            cut_off = is_cut_off(lambda: carried_out(state, request, world.sources))
        if resumed or not cut_off:
            assert carried_out(state, request, world.sources).state is State.COMPLETE
            assert gather(world.sources, "FI").matching.find("Aino Esimerkki") == ()
        elif stage(state, request) in {"planned", "approved"}:
            assert before == world.records()
            return cut_off
        assert taken_back(state, request, world.sources).state is State.COMPLETE
        assert before == world.records()
        return cut_off

    deaths = every_death(act)
    print(f"killed at {deaths} points of an erase")
    assert deaths > 15


def test_killed_at_any_write_of_the_undo_it_goes_on(tmp_path: Path) -> None:
    """The next run ends what was begun; every record is as it was, none is there twice."""

    def act(number: int) -> bool:
        world, state = World(), fresh(tmp_path)
        before = world.records()
        request = asked(state, world.sources)
        carried_out(state, request, world.sources)
        with dying_at(number):
            cut_off = is_cut_off(lambda: taken_back(state, request, world.sources))
        if stage(state, request) != "undone":
            assert taken_back(state, request, world.sources).state is State.COMPLETE
        undo.expire(state, DAY)
        assert before == world.records()
        assert snapshot.requests(state) == []
        with ledger.opened(state) as book:
            plan = book.load(request).plan
        assert plan is not None
        assert plan == plan.without_person()
        return cut_off

    deaths = every_death(act)
    print(f"killed at {deaths} points of an undo")
    assert deaths > 10


def test_a_silent_source_is_told_and_put_back_later(state: Path) -> None:
    """The others are done; the same command goes on when it answers again."""
    world = World()
    before = world.records()
    number = asked(state, world.sources)
    carried_out(state, number, world.sources)
    world.second.state = "missing"

    first = taken_back(state, number, world.sources)

    assert first.state is State.INCOMPLETE
    assert [Returned.RESTORED, Returned.UNREACHABLE, Returned.UNREACHABLE] == [item.result for item in first.outcomes]
    world.second.state = "ok"
    assert taken_back(state, number, world.sources).state is State.COMPLETE
    assert before == world.records()


def test_an_entry_that_was_written_again_is_left_alone(state: Path) -> None:
    """What the owner wrote since stays; she sees what was erased, to enter by hand, and the request is at its end."""
    world = World()
    number = asked(state, world.sources)
    carried_out(state, number, world.sources)
    world.second.put((Field("name", "Joku Muu"),), ref=Ref("c1"))
    mine = world.second.records["c1"]

    told = taken_back(state, number, world.sources)

    assert [Returned.RESTORED, Returned.BY_HAND, Returned.RESTORED] == [item.result for item in told.outcomes]
    assert told.outcomes[1].reason
    assert told.state is State.WAITING
    assert mine == world.second.records["c1"]
    assert [2] == list(told.values)
    assert "Esimerkki, Aino" in [item.value for item in told.values[2]]
    assert stage(state, number) == "undone"
    with pytest.raises(Conflict):
        taken_back(state, number, world.sources)


class _OneWay(MemoryConnector):
    """Cannot put anything back."""

    features = Features(redact=True)

    def restore(self, receipt: bytes) -> Outcome:
        raise AssertionError("nobody asks for what a source cannot do")


def test_what_no_program_can_put_back_is_shown_with_what_it_held(state: Path) -> None:
    """The step waits for a hand, and its values can be seen until the window is over."""
    world = World()
    sources = [world.sources[0], _OneWay("second", {"store": world.second})]
    number = asked(state, sources)
    carried_out(state, number, sources)

    told = taken_back(state, number, sources)

    assert told.state is State.WAITING
    assert [Returned.RESTORED, Returned.BY_HAND, Returned.BY_HAND] == [item.result for item in told.outcomes]
    assert [("name", "Aino Esimerkki"), ("email", "AINO@esimerkki.example")] == [
        (item.kind, item.value) for item in told.values[3]
    ]
    with ledger.opened(state) as book:
        assert told == undo.shown_again(book.load(number), state)
    undo.expire(state, DAY + timedelta(8))
    with ledger.opened(state) as book:
        assert undo.shown_again(book.load(number), state) is None


def test_what_was_not_taken_away_is_not_put_back(state: Path) -> None:
    """What is kept by law, waits for a hand, or was gone before is told so."""
    world = World()
    world.first.put((Field("name", "Aino Esimerkki"), Field("email", "aino@esimerkki.example")), Disposal.RETAIN, Ref("lasku"))
    world.first.put((Field("name", "Aino Esimerkki"), Field("phone", "0441234567")), Disposal.MANUAL, Ref("sivu"))
    number = asked(state, world.sources)
    world.second.commit("c1", None)
    before = world.records()
    carried_out(state, number, world.sources)

    told = taken_back(state, number, world.sources)

    kept = {item.step.ref for item in told.outcomes if item.result is Returned.KEPT}
    assert kept == {"lasku", "sivu", "c1"}
    assert told.state is State.COMPLETE
    assert before == world.records()


def test_a_request_that_erased_nothing_has_nothing_to_put_back(state: Path) -> None:
    """A pending one and one of another kind are usage errors, like a number nobody gave out."""
    world = World()
    pending = asked(state, world.sources)
    with ledger.opened(state) as book:
        access = book.new("access").number

    for number in (pending, access, "2020-0001"):
        with pytest.raises(UsageError):
            taken_back(state, number, world.sources)


def test_a_copy_that_cannot_be_written_stops_the_erase_of_its_step(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a full disk nothing goes that could not be put back."""
    world = World()
    before = world.records()
    number = asked(state, world.sources)

    monkeypatch.setattr(snapshot.Snapshot, "keep_receipt", _full)

    report = carried_out(state, number, world.sources)

    assert report.state is State.INCOMPLETE
    assert before == world.records()


def _full(self: snapshot.Snapshot, _step: int, _receipt: bytes) -> None:
    self._write("INSERT INTO nowhere VALUES (?)", (1,))


def test_cards_of_one_file_come_back_to_the_byte(state: Path, tmp_path: Path) -> None:
    """Two of her cards in one file, with a stranger's between: put back backwards, the file is as it was."""
    file = tmp_path / "kortit.vcf"
    cards = [
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Aino Esimerkki\r\nEMAIL:aino@esimerkki.example\r\nUID:1\r\nEND:VCARD\r\n",
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Pekka Keksitty\r\nEMAIL:pekka@keksitty.example\r\nUID:2\r\nEND:VCARD\r\n",
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Aino Esimerkki\r\nEMAIL:aino@esimerkki.example\r\nUID:3\r\nEND:VCARD\r\n",
    ]
    file.write_text("".join(cards), encoding="utf-8", newline="")
    before = file.read_bytes()
    number = asked(state, [VcardConnector("cards", {"path": file})])
    carried_out(state, number, [VcardConnector("cards", {"path": file})])
    assert cards[1].encode() == file.read_bytes()

    assert taken_back(state, number, [VcardConnector("cards", {"path": file})]).state is State.COMPLETE
    assert before == file.read_bytes()


def test_the_ledger_keeps_no_receipt_and_no_value(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept to put her back is in the sealed copy alone."""
    world = World()
    number = asked(state, world.sources)
    carried_out(state, number, world.sources)
    written: list[str] = []
    save = Ledger.save

    def watching(self: Ledger, request: ledger.Request) -> None:
        written.append(codec.dumped(request))
        save(self, request)

    monkeypatch.setattr(Ledger, "save", watching)
    taken_back(state, number, world.sources)

    assert written
    assert not any("Aino" in text or "aino@" in text for text in written)
