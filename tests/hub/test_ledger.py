"""The ledger keeps requests encrypted, whole and numbered."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from connectors.entry import Attachment, Unreadable
from connectors.errors import StateError, UsageError
from connectors.phrase import Phrase
from hub import ledger, store
from hub.erase.planning import make_plan
from hub.ledger import codec
from hub.ledger.request import Request
from hub.ledger.undone import Window
from hub.plan import Leftover, Plan, Result, State, StepOutcome
from hub.search.sources import gather
from hub.store import chain
from hub.store.secrets import key_for_state
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


def _within(kind: Any, found: set[type]) -> set[type]:
    """Every class of the hub's own that something of this type may hold."""
    if isinstance(kind, type) and kind not in found and kind.__module__.startswith(("hub.", "connectors.")):
        found.add(kind)
        told = get_type_hints(kind)
        for name in getattr(kind, "__match_args__", ()):
            _within(told[name], found)
    for part in get_args(kind):
        _within(part, found)
    return found


def test_whatever_a_request_may_hold_can_be_kept() -> None:
    """One class that is forgotten, and who is planned about just then cannot be erased; attachments are not kept at all."""
    held = _within(Request, set()) - {Request, Attachment, Phrase}

    assert len(held) > 20
    assert {kind.__name__ for kind in held} <= {*codec._CLASSES, *codec._ENUMS}


def test_a_plan_beside_an_unreadable_record_comes_back(tmp_path: Path) -> None:
    """What a source could not read is part of its answer, and of what the plan was made on."""
    plan = _plan()
    odd = Unreadable(Phrase("record {number}", number=7), Phrase("it is cut off"))
    plan = replace(plan, answers=(replace(plan.answers[0], state="partial", unreadable=(odd,)), *plan.answers[1:]))
    with ledger.opened(tmp_path / "state") as book:
        number = book.new("erasure", plan).number
    with ledger.opened(tmp_path / "state") as book:
        assert book.load(number).plan == plan.numbered(number)


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


def test_the_ten_thousandth_request_of_a_year_takes_no_other_ones_number(tmp_path: Path) -> None:
    """Numbers are counted, not compared as texts; lists show them in the order in which they were given out."""
    with ledger.opened(tmp_path / "state") as book:
        first = book.new("access")
        year = first.number[:4]
        for last in ("9998", "9999"):
            book.save(ledger.Request(f"{year}-{last}", "access", "verified", first.created))

        numbers = [book.new("access").number for _ in range(2)]

        assert numbers == [f"{year}-10000", f"{year}-10001"]
        assert [line.number for line in book.lines()] == [first.number, f"{year}-9998", f"{year}-9999", *numbers]


def test_a_list_shows_what_the_requests_say(tmp_path: Path) -> None:
    """Kind, stage, state, and the steps that are still to be done, without loading anybody's plan."""
    plan = _plan()
    with ledger.opened(tmp_path / "state") as book:
        request = book.new("erasure", plan)
        request.stage, request.state = "waiting", State.WAITING
        request.outcomes = {
            1: StepOutcome(plan.steps[0], Result.ERASED),
            2: StepOutcome(plan.steps[1], Result.MANUAL_PENDING),
        }
        request.window = Window("2026-12-04", 7)
        book.save(request)

        (line,) = book.lines()

    assert line == ledger.Line(
        request.number, "erasure", "waiting", request.created, State.WAITING, undo_until="2026-12-04", waits_for=(2,)
    )


def _tampered(state: Path, statement: str) -> list[str]:
    """What the ledger says of itself after somebody who has the key changed it."""
    with ledger.opened(state) as book:
        numbers = [book.new("access").number for _ in range(3)]
        assert book.broken() == (3, [])
        with book._database:
            book._database.execute(statement, {"number": numbers[1]})
        return [str(numbers.index(number) + 1) for number in book.broken()[1]]


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE requests SET content = replace(content, 'access', 'erasure') WHERE number = :number", ["2"]),
        ("DELETE FROM requests WHERE number = :number", ["2"]),
        ("UPDATE chain SET at = '2020-01-01T00:00:00+00:00' WHERE number = :number", ["2"]),
        ("DELETE FROM chain WHERE number = :number", ["3", "2"]),
        ("UPDATE chain SET content = 'x' WHERE number = :number", ["2"]),
    ],
)
def test_whatever_is_changed_from_outside_shows(tmp_path: Path, statement: str, told: list[str]) -> None:
    """A request changed or removed, a line changed, removed or dated back: each is told by its number."""
    assert _tampered(tmp_path / "state", statement) == told


EARLIER = """
DROP TABLE lines; DELETE FROM about; DROP INDEX chain_number;
CREATE TABLE listed (number TEXT PRIMARY KEY, line TEXT NOT NULL);
"""
"""What makes a ledger of today one of version 0.1, as far as its tables go."""

FIRST_FIELDS = {
    *("number", "kind", "stage", "created", "plan", "intents", "outcomes", "residue", "state", "window", "returning", "returned"),
}
"""What a request of version 0.1 was."""


def _as_of_old(state: Path, stages: dict[str, str], *, sealed: bool = True) -> None:
    """Turn a ledger into one of version 0.1, its requests in the words of that time."""
    with ledger.opened(state) as book, book._database:
        if not sealed:
            book._database.execute("DELETE FROM chain")
        for number, stage in stages.items():
            (text,) = book._database.execute("SELECT content FROM requests WHERE number = ?", (number,)).fetchone()
            kept = [[key, stage if key == "stage" else value] for key, value in json.loads(text)["items"] if key in FIRST_FIELDS]
            content = json.dumps({"@": "dict", "items": kept}, ensure_ascii=False)
            book._database.execute("UPDATE requests SET stage = ?, content = ? WHERE number = ?", (stage, content, number))
            if sealed:
                chain.append(book._database, number, stage, content)
        for statement in filter(None, map(str.strip, EARLIER.split(";"))):
            book._database.execute(statement)


@pytest.mark.parametrize("sealed", [True, False])
def test_a_ledger_of_an_earlier_version_speaks_the_words_of_today(tmp_path: Path, sealed: bool) -> None:
    """Its requests stand where they stood, under the names of today; the lines that sealed them stay as they are."""
    state = tmp_path / "state"
    plan = _plan()
    with ledger.opened(state) as book:
        planned, failed, done = (book.new("erasure", replace(plan, steps=plan.steps[:count])) for count in (1, 2, 3))
        failed.state, done.state = State.INCOMPLETE, State.COMPLETE
        book.save(failed)
        book.save(done)
        access, refusal = book.new("access"), book.new("refusal")
    stages = [(planned, "pending"), (failed, "running"), (done, "finished"), (access, "finished"), (refusal, "finished")]
    _as_of_old(state, {request.number: stage for request, stage in stages}, sealed=sealed)

    with ledger.opened(state) as book:
        told = [line.stage for line in book.lines()]
        assert told == ["planned", "incomplete", "verified", "verified", "closed"]
        assert told == [book.load(request.number).stage for request, _ in stages]
        assert book.load(planned.number).plan == planned.plan
        assert [planned.number, failed.number] == [request.number for request in book.pending()]
        assert book.broken() == (12 if sealed else 5, [])
        assert book.new("access").number == f"{planned.number[:4]}-0006"


def test_a_changed_request_of_an_earlier_version_stays_and_keeps_its_number(tmp_path: Path) -> None:
    """What somebody wrote over it is no request at all: the ledger opens, says so, and gives its number to nobody."""
    state = tmp_path / "state"
    with ledger.opened(state) as book:
        first, second = book.new("access").number, book.new("access").number
    _as_of_old(state, {first: "finished", second: "finished"})
    database = store.open_database(state / ledger.FILE, key_for_state(state))
    with database:
        database.execute("UPDATE requests SET content = 'x' WHERE number = ?", (second,))
    database.close()

    with ledger.opened(state) as book:
        assert [line.number for line in book.lines()] == [first]
        assert book.broken()[1] == [second]
        assert book.new("access").number not in {first, second}
        assert book.broken()[1] == [second]


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    """A file in its place stands for a disk that is write-protected: what is wrong is the folder, and the hub says which."""
    (tmp_path / "state").touch()
    with pytest.raises(StateError, match="own folder cannot be used"), ledger.opened(tmp_path / "state"):
        pass
