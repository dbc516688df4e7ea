"""The ledger keeps requests encrypted, whole and numbered."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.errors import StateError, UsageError
from connectors.phrase import Phrase
from hub import ledger
from hub.erase import make_plan
from hub.plan import Leftover, Plan, Result, StepOutcome
from hub.search import gather
from tests.hub.people import World


def _plan() -> Plan:
    world = World()
    gathered = gather(world.sources, "FI")
    (person,) = gathered.matching.find("aino@esimerkki.example")
    return make_plan(gathered, person)


def test_a_request_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    """Plan, answers, decisions and phrases survive the file, translated templates included."""
    plan = _plan()
    with ledger.opened(tmp_path / "state") as book:
        number = book.new("erasure", plan).number
    with ledger.opened(tmp_path / "state") as book:
        request = book.load(number)

    assert plan.numbered(number) == request.plan
    assert request.plan is not None
    assert "record {ref}" == request.plan.steps[0].locator.template
    assert plan.fingerprint == request.plan.fingerprint


def test_outcomes_and_residue_come_back(tmp_path: Path) -> None:
    """What was done so far is there after a restart, so that an erase can go on."""
    plan = _plan()
    with ledger.opened(tmp_path / "state") as book:
        request = book.new("erasure", plan)
        request.intents.append(1)
        request.outcomes[1] = StepOutcome(plan.steps[0], Result.ERASED, verified=True, notes=(Phrase("a note"),))
        request.residue = (Leftover("first", Phrase("file {name}", name="x"), Phrase("why"), found=False),)
        book.save(request)
    with ledger.opened(tmp_path / "state") as book:
        again = book.load(request.number)

    assert request == again


def test_numbers_count_up_within_the_year(tmp_path: Path) -> None:
    """Requests of both kinds share one row of numbers."""
    with ledger.opened(tmp_path / "state") as book:
        numbers = [book.new("access").number, book.new("erasure", _plan()).number, book.new("access").number]

    assert [number.split("-")[1] for number in numbers] == ["0001", "0002", "0003"]


def test_no_value_of_the_person_lies_readable_in_the_state_directory(tmp_path: Path) -> None:
    """A pending request holds the person, so every file of the state directory is searched for her."""
    with ledger.opened(tmp_path / "state") as book:
        book.new("erasure", _plan())
        during = b"".join(path.read_bytes() for path in (tmp_path / "state").iterdir())
    after = b"".join(path.read_bytes() for path in (tmp_path / "state").iterdir())

    for data in (during, after):
        assert b"Aino" not in data
        assert b"aino@" not in data
        assert b"SQLite format" not in data


def test_only_the_user_may_read_the_state_directory(tmp_path: Path) -> None:
    """The directory is 0700 and each file in it 0600."""
    with ledger.opened(tmp_path / "state") as book:
        book.new("access")

    assert oct((tmp_path / "state").stat().st_mode & 0o777) == "0o700"
    assert {oct(path.stat().st_mode & 0o777) for path in (tmp_path / "state").iterdir()} == {"0o600"}


def test_a_ledger_of_another_key_is_an_error_and_stays_untouched(tmp_path: Path) -> None:
    """A file from another machine is neither opened nor overwritten."""
    with ledger.opened(tmp_path / "state") as book:
        book.new("access")
    before = (tmp_path / "state" / ledger.FILE).read_bytes()
    (tmp_path / "state" / "key").write_bytes(base64.b64encode(bytes(32)))

    with pytest.raises(StateError), ledger.opened(tmp_path / "state"):
        pass

    assert before == (tmp_path / "state" / ledger.FILE).read_bytes()


def test_a_lost_key_is_an_error_not_a_new_ledger(tmp_path: Path) -> None:
    """Without its key the ledger is not silently begun anew."""
    with ledger.opened(tmp_path / "state") as book:
        book.new("access")
    (tmp_path / "state" / "key").unlink()

    with pytest.raises(StateError), ledger.opened(tmp_path / "state"):
        pass

    assert not (tmp_path / "state" / "key").exists()


def test_an_unknown_number_is_told(tmp_path: Path) -> None:
    """A number nobody gave out is a usage error."""
    with ledger.opened(tmp_path / "state") as book, pytest.raises(UsageError):
        book.load("2020-0001")


def test_a_newer_plan_puts_the_older_one_aside_and_empties_it(tmp_path: Path) -> None:
    """Only the newest plan about a person can be confirmed, the older one keeps no value of hers; the same one its number."""
    plan = _plan()
    with ledger.opened(tmp_path / "state") as book:
        old = book.keep(plan).number
        assert old == book.keep(plan).number
        new = book.keep(replace(plan, steps=plan.steps[1:])).number

        assert old != new
        assert [new] == [request.number for request in book.pending()]
        superseded = book.load(old)
    assert superseded.stage == "superseded"
    assert superseded.plan is not None
    assert superseded.plan.person.name == ""
    assert superseded.plan.needles == ()
