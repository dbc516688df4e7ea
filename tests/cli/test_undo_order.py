"""Two persons erased from every register one after the other, and put back in either order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli import everywhere
from tests.cli.everywhere import EMAIL
from tests.cli.running import Hub
from tests.connectors.carddav.servers import Running
from tests.connectors.gmail.standin import StandIn

HIS = "eero@kulma.example"


@pytest.fixture
def config(tmp_path: Path, gmail: StandIn, carddav: Running, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Both in every register, one row of the workbook shared between them."""
    return everywhere.build(tmp_path, gmail, carddav, monkeypatch)


def _held(hub: Hub, email: str) -> list[tuple[str, Any]]:
    """What every register holds of somebody, whatever the entries are called there now."""
    persons = hub("find", email)[1]["persons"]
    entries = [entry for person in persons for entry in person["entries"] if entry["verdict"] == "link"]
    return sorted((entry["source"], sorted((item["kind"], item["value"]) for item in entry["fields"])) for entry in entries)


def _erased(hub: Hub, email: str) -> str:
    code, done = hub("erase", email, "--confirm")
    assert code == 4, "steps by hand are open"
    return str(done["request"])


def _undone(hub: Hub, request: str) -> tuple[int, list[tuple[str, str]]]:
    code, told = hub("undo", request)
    waiting = {"kept", "restored"}
    return code, sorted((item["source"], item["outcome"]) for item in told["outcomes"] if item["outcome"] not in waiting)


def test_the_later_one_first(hub: Hub) -> None:
    """Everything is as it was."""
    hers, his = _held(hub, EMAIL), _held(hub, HIS)
    first, second = _erased(hub, EMAIL), _erased(hub, HIS)

    assert _undone(hub, second) == (0, [])
    assert _undone(hub, first) == (0, [])

    assert (_held(hub, EMAIL), _held(hub, HIS)) == (hers, his)


def test_the_earlier_one_first(hub: Hub) -> None:
    """Everything but the row that both shared: hers ends as to be entered by hand, with what it held, and no request loops."""
    hers, his = _held(hub, EMAIL), _held(hub, HIS)
    first, second = _erased(hub, EMAIL), _erased(hub, HIS)

    assert _undone(hub, first) == (4, [("customers", "by_hand")])
    assert _undone(hub, second) == (0, [])

    assert _held(hub, HIS) == his
    missing = [item for item in hers if item not in _held(hub, EMAIL)]
    assert [source for source, _ in missing] == ["customers"]
    stages = {item["request"]: item["stage"] for item in hub("requests")[1]["requests"]}
    assert {stages[first], stages[second]} == {"undone"}
    assert hub("undo", first)[0] == 5
