"""Requests in trouble: what is wrong is said, the exit code is the interface's, nothing is lost and nothing written."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hub import ledger, store
from hub.cli import main
from hub.law import calendar
from hub.ledger import Ledger, book
from tests.cli.running import Hub
from tests.cli.test_requests import CONFIG, HER, LIST


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The list of `test_requests`."""
    (tmp_path / "lista.csv").write_text(LIST, encoding="utf-8", newline="")
    (tmp_path / "hub.toml").write_text(CONFIG, encoding="utf-8")
    return tmp_path / "hub.toml"


@pytest.fixture
def planned(hub: Hub) -> str:
    """The number of a request that waits for its confirmation."""
    number: str = hub("request", "new", "--kind", "erasure", HER)[1]["request"]
    assert hub("erase", HER)[1]["request"] == number
    return number


@contextmanager
def _unchanged(config: Path) -> Iterator[None]:
    """Neither the register nor a request changes meanwhile."""
    before = (config.parent / "lista.csv").read_bytes(), _requests(config)
    yield
    assert before == ((config.parent / "lista.csv").read_bytes(), _requests(config))


def _requests(config: Path) -> list[tuple[str, str]]:
    with ledger.opened(config.parent / "state") as open_book:
        rows: list[tuple[str, str]] = open_book.database.execute("SELECT number, content FROM requests").fetchall()
    return rows


@pytest.mark.parametrize(
    "act", [("erase", "--confirm"), ("request", "show"), ("request", "cancel"), ("undo",), ("request", "extend", "--reason", "x")]
)
def test_a_request_that_was_changed_from_outside_is_not_acted_on(
    hub: Hub, config: Path, planned: str, act: tuple[str, ...]
) -> None:
    """Whoever has the key and makes the plan point elsewhere is stopped, and told by the request's number."""
    with ledger.opened(config.parent / "state") as open_book, open_book.database as database:
        database.execute("UPDATE requests SET content = replace(content, 'aino@', 'eero@')")

    with _unchanged(config):
        code, told = hub(*act[:2], planned, *act[2:])

    assert (code, planned in told["error"], "ledger verify" in told["hint"]) == (2, True, True)
    assert hub("ledger", "verify")[1]["broken"] == [planned]


def test_a_request_that_was_changed_from_outside_stops_no_other(hub: Hub, config: Path, planned: str) -> None:
    """Everybody else is planned, erased and put back as ever."""
    with ledger.opened(config.parent / "state") as open_book, open_book.database as database:
        database.execute("UPDATE requests SET content = replace(content, 'aino@', 'eero@')")

    number = hub("erase", "eero@kuvitelma.example")[1]["request"]

    assert hub("erase", "--confirm", number)[0] == 0
    assert hub("undo", number)[0] == 0
    assert hub("ledger", "verify")[1]["broken"] == [planned]


def test_a_line_of_the_list_that_was_changed_shows(hub: Hub, config: Path, planned: str) -> None:
    """A request that is only hidden from the list, or shown there otherwise, is broken too."""
    for statement in ("UPDATE lines SET stage = 'closed'", "DELETE FROM lines"):
        with ledger.opened(config.parent / "state") as open_book, open_book.database as database:
            database.execute(statement)
        assert hub("ledger", "verify") == (2, hub("ledger", "verify")[1])
        assert hub("ledger", "verify")[1]["broken"] == [planned]


def test_a_lost_key_begins_no_new_ledger(hub: Hub, config: Path, planned: str) -> None:
    """Nothing can be read, so nothing is written: not even a key."""
    key = config.parent / "state" / "key"
    kept = key.read_bytes()
    key.unlink()

    for act in (("requests",), ("request", "new", "--kind", "access", "Eero"), ("erase", "--confirm", planned)):
        assert hub(*act)[0] == 2
        assert not key.exists()
    key.write_bytes(kept)

    assert [item["request"] for item in hub("requests")[1]["requests"]] == [planned]


def _full(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the ledger's file cannot grow by a page."""
    opened = store.open_database

    def full(path: Path, key: bytes, *statements: str, **options: str) -> object:
        database = opened(path, key, *statements, **options)
        if path.name == ledger.FILE:
            (count,) = database.execute("PRAGMA page_count").fetchone()
            database.execute(f"PRAGMA max_page_count = {count}")
        return database

    monkeypatch.setattr(store, "open_database", full)


def test_a_full_disk_stops_an_erase_before_it_writes(
    hub: Hub, config: Path, planned: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be written down is not done; with room again it goes on, and is done once, to the end.

    The ledger is filled a little more each time, so that the disk is full at one write of the erase and at another.
    """
    state, register = config.parent / "state", config.parent / "lista.csv"
    shutil.copytree(state, config.parent / "before")
    reached: set[str] = set()
    for filled in range(0, 24, 2):
        shutil.rmtree(state)
        shutil.copytree(config.parent / "before", state)
        register.write_text(LIST, encoding="utf-8", newline="")
        os.utime(register, (1, 1))
        with ledger.opened(state) as open_book:
            for _ in range(filled):
                open_book.new("access")
            open_book.database.execute("VACUUM")
        with monkeypatch.context() as patch:
            _full(patch)
            code, told = hub("erase", "--confirm", planned)
        with ledger.opened(state) as open_book:
            request = open_book.load(planned)
        if code:
            assert (code, "disk" in str(told["hint"]) and "cannot be written" in told["error"]) == (2, True)
            reached.add(request.stage)
            assert request.intents or b"Aino" in register.read_bytes()

        code, done = hub("erase", "--confirm", planned)

        assert (code, done["state"]) == (0, "complete")
        assert b"Aino" not in register.read_bytes()
        assert hub("ledger", "verify")[0] == 0
    assert len(reached) > 1


def _set_clock(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    """Set the computer's clock, as far as the ledger and the commands look at it."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]  # whatever zone is asked for
            assert tz is UTC
            return datetime.now(UTC) + timedelta(days=days)

    monkeypatch.setattr(book, "datetime", Clock)
    today = calendar.today(datetime.now(UTC)) + timedelta(days=days)
    monkeypatch.setattr("hub.commands.base.Run.today", today)
    monkeypatch.setattr("hub.erase.undo.today", lambda: today)


def test_a_clock_that_is_set_back_moves_no_day_and_gives_no_number_twice(
    hub: Hub, config: Path, planned: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request of today is refused, one with its day is written down; nobody's due date moves, no number comes twice."""
    before = {item["request"]: item["due"] for item in hub("requests")[1]["requests"]}
    with monkeypatch.context() as patch:
        _set_clock(patch, -400)
        with _unchanged(config):
            code, told = hub("request", "new", "--kind", "access", "Eero Keksitty")
        assert (code, "clock" in told["error"], "--received" in told["hint"]) == (2, True, True)
        numbers = [
            hub("request", "new", "--kind", "access", "Eero Keksitty", "--received", "2025-01-02")[1]["request"] for _ in range(2)
        ]
        assert {item["request"]: item["due"] for item in hub("requests")[1]["requests"]}.items() >= before.items()
    numbers += [hub("request", "new", "--kind", "access")[1]["request"] for _ in range(2)]

    assert len({*numbers, planned}) == 5


def test_an_extension_by_a_clock_set_back_is_too_late_all_the_same(
    hub: Hub, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The request knows when it was written down: its first month is over, whatever the clock says."""
    number = hub("request", "new", "--kind", "access", "--received", "2026-01-02")[1]["request"]
    _set_clock(monkeypatch, -330)

    with _unchanged(config):
        code, told = hub("request", "extend", number, "--reason", "syy")

    assert (code, "2026-02-02" in told["error"]) == (5, True)


def test_a_number_is_never_given_out_again(config: Path) -> None:
    """Not even when its request was removed from the file: what was removed must not seem to be there."""
    with ledger.opened(config.parent / "state") as open_book:
        first = open_book.new("access").number
        with open_book.database as database:
            database.execute("DELETE FROM requests")
            database.execute("DELETE FROM lines")
        assert open_book.new("access").number != first
        assert open_book.broken()[1] == [first]


@pytest.mark.parametrize("who", ["maija@esimerkki.example", "+358 50 0000000", "Esimerkki Maija", "050-0000000"])
def test_the_owner_herself_is_not_a_customer(hub: Hub, config: Path, who: str) -> None:
    """Her own contact stands in every register: only with a word of its own is it asked for, erased or refused."""
    with _unchanged(config):
        for act in (("request", "new", "--kind", "erasure", who), ("erase", who), ("erase", who, "--confirm"), ("refuse", who)):
            code, told = hub(*act)
            assert (code, "--owner" in told["hint"]) == (2, True)

    assert hub("request", "new", "--kind", "erasure", who, "--owner")[0] == 0
    assert hub("erase", who, "--owner")[0] == 0
    assert hub("find", who)[1]["persons"] != []


def test_a_phone_that_others_use_too_makes_nobody_the_owner(hub: Hub, config: Path) -> None:
    """Another name beside the owner's phone is somebody else."""
    path = config.parent / "lista.csv"
    path.write_text(f"{LIST}Pekka Perhe;pekka@kuvitelma.example;050 000 0000\r\n", encoding="utf-8", newline="")

    assert hub("erase", "pekka@kuvitelma.example")[0] in {0, 4}


@pytest.mark.usefixtures("planned")
def test_a_plan_from_another_computer_is_not_known_here(hub: Hub, config: Path) -> None:
    """A number that was never given out here is no request, whatever is done to it."""
    with _unchanged(config):
        for act in (("erase", "--confirm"), ("request", "show"), ("request", "cancel"), ("undo",), ("request", "resume")):
            code, told = hub(*act, "2026-9999")
            assert (code, "2026-9999" in told["error"], "another" in told["hint"]) == (2, True, True)
        assert hub("request", "close", "2026-9999", "--delivered", "email")[0] == 2
        assert hub("erase", HER, "--request", "2026-9999")[0] == 2


@pytest.mark.parametrize("number", ["2026-1", "2026/0001", "2026-001", "2026_12"])
@pytest.mark.usefixtures("planned")
def test_a_mistyped_number_is_not_taken_for_a_name(hub: Hub, config: Path, number: str) -> None:
    """It says how numbers look; a phone that is written like one is still a phone."""
    with _unchanged(config):
        code, told = hub("erase", "--confirm", number)

    assert (code, "2026-0001" in told["error"]) == (2, True)
    assert hub("erase", "--confirm", "0400-000000")[0] == 0


def test_a_confirmation_that_writes_nothing_says_why(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The plan is on stdout, the reason on stderr: a possible match, or a source that did not answer."""
    path = config.parent / "lista.csv"
    path.write_text(LIST + "Aino Kuvitelma;;\r\n", encoding="utf-8", newline="")
    capsys.readouterr()
    code = main(["erase", HER, "--confirm", "--json", "--config", str(config)])
    told = capsys.readouterr()
    assert (code, json.loads(told.out)["schema"]) == (4, "hub.plan/1")
    assert re.search(r"Nothing was changed: 1 possible", told.err)

    config.write_text(CONFIG + '[source.toinen]\nkind = "csv"\npath = "puuttuu.csv"\n', encoding="utf-8")
    code = main(["erase", "eero@kuvitelma.example", "--confirm", "--json", "--config", str(config)])
    told = capsys.readouterr()
    assert (code, "did not answer: toinen" in told.err) == (3, True)


@pytest.mark.parametrize(
    "wrong",
    [
        ("--received", "31.2.2026"),
        ("--received", "2099-01-01"),
        ("--channel", "kyyhkynen"),
        ("--identity", "passikuva"),
        ("--identity", "010190-123A"),
    ],
)
def test_what_cannot_be_meant_is_not_written_down(hub: Hub, config: Path, wrong: tuple[str, str]) -> None:
    """A day that is none or still to come, an unknown way; the proof of an identity never gets in."""
    with _unchanged(config):
        code, told = hub("request", "new", "--kind", "access", "Eero", *wrong)

    assert code == 2
    assert wrong[1] not in json.dumps(told)


def test_an_answer_cannot_have_gone_before_the_request_came(hub: Hub, config: Path) -> None:
    """Nor tomorrow."""
    number = hub("request", "new", "--kind", "objection", "--received", "2026-03-02")[1]["request"]
    with ledger.opened(config.parent / "state") as open_book:
        request = open_book.load(number)
        request.letters["receipt"] = "2026-03-03"
        open_book.save(request)

    assert hub("request", "close", number, "--delivered", "")[0] == 2
    assert hub("request", "identify", number, "--identity", "")[0] == 2
    assert hub("request", "close", number, "--delivered", "email", "--on", "2026-03-01")[0] == 2
    assert hub("request", "close", number, "--delivered", "email", "--on", "2099-03-01")[0] == 2
    assert hub("request", "close", number, "--delivered", "email", "--on", "2026-03-04")[1]["delivered_on"] == "2026-03-04"


def test_the_seal_of_a_request_is_looked_at(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard has power: without it the changed request would be loaded."""
    with ledger.opened(config.parent / "state") as open_book:
        number = open_book.new("access", asked=True, who="Aino").number
        with open_book.database as database:
            database.execute("UPDATE requests SET content = replace(content, 'Aino', 'Eero')")
        monkeypatch.setattr("hub.store.chain.is_sealed", lambda *_: True)
        assert Ledger(open_book.database).load(number).who == "Eero"
