"""What goes wrong while a request is carried out: the disk fills up, a source fails in the middle, two hubs start at once."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import StateError
from hub import ledger
from hub.demo.company import build
from hub.plan import State
from tests.cli.running import cards_alone
from tests.conformance import World
from tests.connectors.carddav.front import Fault as CardFault
from tests.connectors.carddav.front import Front
from tests.connectors.carddav.servers import Running
from tests.connectors.carddav.world import FrontWorld
from tests.connectors.gmail.standin import Fault, StandIn
from tests.connectors.gmail.world import GmailWorld
from tests.faults.killing import in_a_child
from tests.faults.sources import WORLDS
from tests.faults.test_matrix import asked, confirmed, require_ended

HER = "aino@kotiposti.example"
FAILURES: tuple[Any, ...] = (500, 503, "drop", "html")


@pytest.mark.parametrize("done", [False, True], ids=["not done", "done all the same"])
@pytest.mark.parametrize("what", FAILURES)
def test_a_server_that_fails_while_it_deletes_is_gone_on_with(tmp_path: Path, what: Any, done: bool) -> None:
    """Gmail and iCloud: whether the delete was done or not, the request is incomplete or ended, and ends at the next run."""
    with StandIn() as standin, Front() as front:
        standin.faults.append(Fault("DELETE", what, times=8, done=done))
        gmail = GmailWorld(standin)
        icloud = FrontWorld(front)
        for name, world, faults in (("gmail", gmail, standin.faults), ("icloud", icloud, front.faults)):
            state = tmp_path / name
            number = asked(state, world)
            if name == "icloud":
                front.faults.append(CardFault("DELETE", what, times=8, done=done))
            others = world.bystanders("aino")

            report = confirmed(state, number, world)

            assert report.state in {State.INCOMPLETE, State.COMPLETE}
            assert world.bystanders("aino") == others
            faults.clear()
            require_ended(world, confirmed(state, number, world))


def test_a_full_disk_is_told_and_the_request_goes_on(tmp_path: Path, radicale_server: Running) -> None:
    """No file can grow beyond so many bytes, neither the hub's own nor the register: a clear error, and all of it once there is room."""
    ends = 0
    for most in (0, 2048, 4096, 8192, 12_288, 16_384, 20_480, 28_672, 36_864):
        state, folder = tmp_path / f"state{most}", tmp_path / f"source{most}"
        folder.mkdir()
        with WORLDS["csv"](folder, radicale_server) as world:
            number, others = asked(state, world), world.bystanders("aino")

            ends += in_a_child(lambda: _is_full(state, number, world, most))  # noqa: B023  # called here

            assert world.bystanders("aino") == others
            require_ended(world, confirmed(state, number, world))
    assert ends > 3


def _is_full(state: Path, number: str, world: World, most: int) -> bool:
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    try:
        return confirmed(state, number, world).state is not State.COMPLETE
    except StateError:
        return True


def test_two_hubs_that_confirm_at_once_erase_once(tmp_path: Path) -> None:
    """Each waits for the other: both end with the same outcome, and the ledger is whole."""
    config = cards_alone(build(tmp_path / "demo"), tmp_path / "company")
    hub = [sys.executable, "-m", "hub"]
    common = ["--json", "--config", str(config)]
    environment = {**os.environ, "HUB_KEY_PLACE": "file"}

    def run(*what: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*hub, *what, *common], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, cwd=Path(__file__).parents[2]
        )

    plan = json.loads(run("erase", HER).communicate()[0])

    both = [run("erase", "--confirm", plan["request"]) for _ in range(2)]
    told = [json.loads(process.communicate()[0]) for process in both]

    assert [process.returncode for process in both] == [0, 0]
    assert told[0] == told[1]
    assert [item["outcome"] for item in told[0]["outcomes"]] == ["erased"] * len(plan["steps"])
    with ledger.opened(config.parent / "state") as book:
        assert book.broken()[1] == []
