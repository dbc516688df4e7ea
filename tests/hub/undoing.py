"""Erasing and taking back as the commands do, for the tests of both."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from connectors.contract import Connector
from hub import ledger
from hub.erase import undo
from hub.erase.apply import apply
from hub.erase.planning import make_plan
from hub.ledger.undone import Return
from hub.plan import Plan, Report
from hub.search import silently
from hub.search.sources import gather
from hub.store import snapshot
from tests.conformance.world import Killed

DAY = date(2026, 11, 27)
"""The day of every erase here."""


def plan_of(sources: Sequence[Connector]) -> Plan:
    """The plan of erasing the Aino of `World`."""
    gathered = gather(sources, "FI")
    (person,) = gathered.matching.find("aino@esimerkki.example")
    return make_plan(gathered, person)


def asked(state: Path, sources: Sequence[Connector]) -> str:
    """A request that waits for its confirmation."""
    with ledger.opened(state) as book:
        return book.new("erasure", plan_of(sources)).number


def carried_out(state: Path, number: str, sources: Sequence[Connector], days: int = 7) -> Report:
    """Confirm as the command does."""
    with ledger.opened(state) as book:
        undo.close_windows(book, state, DAY)
        request = book.load(number)
        assert request.plan is not None
        with snapshot.opened(state, number, make=True) as sealed:
            request.window = undo.window(book, days, DAY)
            return apply(request.plan.approve(request.plan.fingerprint), request, book, sources, silently, sealed=sealed)


def taken_back(state: Path, number: str, sources: Sequence[Connector], day: date = DAY) -> Return:
    """Put back as the command does."""
    with ledger.opened(state) as book:
        undo.close_windows(book, state, day)
        return undo.put_back(book.load(number), book, sources, silently, state=state, day=day)


def fresh(tmp_path: Path) -> Path:
    """A state directory that nobody used yet."""
    return tmp_path / os.urandom(4).hex()


def is_cut_off(act: Callable[[], object]) -> bool:
    """Whether the process died in it."""
    try:
        act()
    except Killed:
        return True
    return False


def stage(state: Path, number: str) -> str:
    """Where the ledger says that a request stands."""
    with ledger.opened(state) as book:
        return book.load(number).stage
