"""Killed, or out of disk, at every place of every connector's write: the request goes on and ends as if nothing had been."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import HubError
from connectors.registry import connector_class, kinds
from hub import ledger
from hub.erase.planning import make_plan
from hub.person import Verdict
from hub.plan import Report, State
from hub.search.sources import gather
from tests.conformance import World
from tests.conformance.people import own_needles
from tests.conformance.tools import entries_of, entry_of, listing
from tests.connectors.carddav.servers import Running
from tests.faults.killing import in_a_child
from tests.faults.sources import DURABLE, WORLDS
from tests.hub.undoing import carried_out, taken_back

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows knows neither fork nor SIGKILL")

Record = Callable[[str, object], None]
AFTER_REDACT = {"erased", "redacted", "already_absent"}


def asked(state: Path, world: World) -> str:
    """A request about Aino that waits for its confirmation."""
    gathered = gather([world.connector()], "FI")
    (person,) = gathered.matching.find(world.person("aino").email)
    possible = [member.held.key for member in person.members if member.verdict is Verdict.POSSIBLE]
    with ledger.opened(state) as book:
        return book.new("erasure", make_plan(gathered, person, exclude=possible)).number


def confirmed(state: Path, number: str, world: World) -> Report:
    """What came of the request when it was confirmed (again)."""
    return carried_out(state, number, [world.connector()])


def _left(world: World) -> list[Any]:
    """What the source shows, without versions, which may count the writes, and how many files it has."""
    shown = [sorted((item.kind, item.value) for item in entry.fields) for entry in listing(world.connector()).entries]
    return [*sorted(shown), len(world.files())]


def require_ended(world: World, report: Report, expected: list[Any] | None = None) -> None:
    """Everything is done and verified, nothing is left by value, and the source is as `expected`."""
    assert report.state is State.COMPLETE, [str(item.reason) for item in report.outcomes]
    assert {item.result.value for item in report.outcomes} <= AFTER_REDACT
    assert all(item.verified for item in report.outcomes)
    assert [str(item.where) for item in report.residue if item.found] == []
    assert expected is None or _left(world) == expected
    assert entries_of(world.connector(), world.person("aino")) == []
    assert list(world.connector().residue(own_needles(world.people, "aino"))) == []


@pytest.mark.parametrize("name", WORLDS)
def test_a_request_that_was_cut_off_at_any_write_ends_as_if_it_had_not_been(
    name: str, tmp_path: Path, radicale_server: Running, record_property: Record
) -> None:
    """By SIGKILL in a child, or with the disk full: confirmed again, the source is as without it; and can still be put back."""
    with WORLDS[name](_folder(tmp_path, "whole"), radicale_server) as world:
        number = asked(tmp_path / "state", world)
        report = confirmed(tmp_path / "state", number, world)
        expected = _left(world)
        require_ended(world, report, expected)
        points = world.write_points()

    for place, point in enumerate(points):
        state = tmp_path / f"state{place}"
        with WORLDS[name](_folder(tmp_path, str(place)), radicale_server) as world:
            hers, others = entry_of(world.connector(), world.person("aino")), world.bystanders("aino")
            number = asked(state, world)

            assert in_a_child(lambda: _cut_off(state, number, world, point)), f"the write never came to {point}"  # noqa: B023  # called here

            assert world.bystanders("aino") == others, f"cut off at {point}, somebody else is not whole"
            require_ended(world, confirmed(state, number, world), expected)
            if world.connector().features.restore:
                assert taken_back(state, number, [world.connector()]).state is State.COMPLETE
                assert entry_of(world.connector(), world.person("aino")).fields == hers.fields
    record_property("fault points", f"{name}: {len(points)}")
    assert points


def _cut_off(state: Path, number: str, world: World, point: str) -> bool:
    with world.failing_at(point) as reached, suppress(HubError):
        confirmed(state, number, world)
    return bool(reached)


def _folder(tmp_path: Path, name: str) -> Path:
    (tmp_path / name).mkdir()
    return tmp_path / name


def test_every_kind_that_erases_by_itself_is_in_the_matrix() -> None:
    """A new connector is not left out."""
    automatic = {kind for kind in kinds() if connector_class(kind).features.erase == "automatic"}

    assert automatic == {name.partition(",")[0] for name in WORLDS}


@pytest.mark.parametrize("name", WORLDS)
def test_a_stale_plan_writes_nothing(name: str, tmp_path: Path, radicale_server: Running) -> None:
    """The owner changed the entry after the plan was shown: it ends as stale, and the source is as she left it."""
    with WORLDS[name](_folder(tmp_path, "source"), radicale_server) as world:
        number = asked(tmp_path / "state", world)
        world.touch("aino")
        before = world.snapshot()

        report = confirmed(tmp_path / "state", number, world)

        assert report.state is State.STALE
        assert world.snapshot() == before


@pytest.mark.parametrize("name", DURABLE)
def test_the_journal_says_done_only_after_file_and_folder_are_on_the_disk(
    name: str, tmp_path: Path, radicale_server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut right after the journal's line takes nothing back: the new file is synced, takes its place, the folder is synced."""
    import os

    with WORLDS[name](tmp_path, radicale_server) as world:
        number = asked(tmp_path / "state", world)
        calls: list[str] = []
        _watch(monkeypatch, calls, os)

        confirmed(tmp_path / "state", number, world)

    begun, ended = calls.index("begun"), calls.index("done")
    writes = [call for call in calls[begun:ended] if call not in {"begun", "done"}]
    gone = max(index for index, call in enumerate(writes) if call in {"replace", "unlink"})
    assert "sync folder" in writes[gone:]
    assert writes[gone] == "unlink" or "sync file" in writes[:gone]


def _watch(monkeypatch: pytest.MonkeyPatch, calls: list[str], os: Any) -> None:
    """Write down every sync and replace of a register, and when the journal says that a step is begun and done."""
    import stat as kinds

    fsync, replace, unlink, save = os.fsync, os.replace, Path.unlink, ledger.Ledger.save

    def syncing(handle: int) -> None:
        fsync(handle)
        calls.append("sync folder" if kinds.S_ISDIR(os.fstat(handle).st_mode) else "sync file")

    def replacing(*paths: Any, **options: Any) -> None:
        replace(*paths, **options)
        calls.append("replace")

    def unlinking(path: Path, **options: Any) -> None:
        there = path.exists()
        unlink(path, **options)
        if there and path.suffix == ".vcf":
            calls.append("unlink")

    def saving(book: ledger.Ledger, request: ledger.Request) -> None:
        save(book, request)
        calls.append("done" if request.outcomes else "begun")

    monkeypatch.setattr(os, "fsync", syncing)
    monkeypatch.setattr(os, "replace", replacing)
    monkeypatch.setattr(Path, "unlink", unlinking)
    monkeypatch.setattr(ledger.Ledger, "save", saving)
