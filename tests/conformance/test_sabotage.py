"""The kit has teeth: every deliberately broken connector is killed by a named check, the honest one by none."""

from __future__ import annotations

from functools import cache
from importlib import import_module

import pytest

from connectors.memory import MemoryConnector
from tests.conformance import GROUPS, ConnectorTests, World
from tests.conformance.memory_world import MemoryWorld
from tests.conformance.sabotage import ALL, ManualMemory, PlainMemory, Sabotage

import_module("tests.conformance.sabotage_writes")  # its classes put themselves into the same list
import_module("tests.conformance.sabotage_rectify")  # so do these
import_module("tests.conformance.sabotage_spread")

CHECKS = sorted(name for name in dir(ConnectorTests) if name.startswith("test_"))


def run(name: str, world: World) -> str:
    """Run one check on a world: passed, failed or skipped."""
    try:
        getattr(ConnectorTests(), name)(world)
    except pytest.skip.Exception:
        return "skipped"
    except (Exception, pytest.fail.Exception):  # noqa: BLE001  # a broken connector may raise whatever it likes
        return "failed"
    return "passed"


@cache
def kills(name: str, made: type[MemoryConnector]) -> bool:
    """Whether a connector class does not pass a check."""
    return run(name, MemoryWorld(made)) == "failed"


@pytest.mark.parametrize("sabotage", ALL, ids=lambda sabotage: sabotage.made.__name__)
def test_a_broken_connector_is_killed(sabotage: Sabotage) -> None:
    """The check that is there for this fault finds it."""
    assert sabotage.killed_by in CHECKS
    assert kills(sabotage.killed_by, sabotage.made)


@pytest.mark.parametrize("made", [MemoryConnector, PlainMemory, ManualMemory])
def test_the_honest_connector_passes(made: type[MemoryConnector]) -> None:
    """No check is red for a connector that keeps its promise, whatever its features."""
    assert [name for name in CHECKS if kills(name, made)] == []


def test_every_check_kills_somebody() -> None:
    """No check of the kit is there without power: each one is red for at least one broken connector."""
    for name in CHECKS:
        likely = sorted(ALL, key=lambda sabotage: sabotage.killed_by != name)
        assert any(kills(name, sabotage.made) for sabotage in likely), name


@pytest.mark.parametrize("group", GROUPS)
def test_every_group_has_its_sabotage(group: str) -> None:
    """Each group of the kit names at least one broken connector that it is there to kill."""
    assert [sabotage for sabotage in ALL if sabotage.killed_by.startswith(f"test_{group}_")]


def test_every_check_belongs_to_a_group() -> None:
    """A check is named after its group, and no group is empty."""
    named = {group: [name for name in vars(made) if name.startswith("test_")] for group, made in GROUPS.items()}

    assert all(names and all(name.startswith(f"test_{group}_") for name in names) for group, names in named.items())
    assert sorted(name for names in named.values() for name in names) == CHECKS


def test_skips_come_from_features_only() -> None:
    """With every feature nothing is skipped; with none, only what needs one."""
    full = {name for name in CHECKS if run(name, MemoryWorld()) == "skipped"}
    plain = {name for name in CHECKS if run(name, MemoryWorld(PlainMemory)) == "skipped"}

    assert full == set()
    assert all("redact" in name or "rectify" in name or "delta" in name or "restore" in name for name in plain)
