"""A ledger of many requests: what listing them costs, and that checking every line of it costs in proportion to its lines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from connectors.phrase import Phrase
from hub import ledger
from hub.ledger import Ledger, Request, Stage
from hub.person import Person
from hub.plan import Action, Plan, Result, Step, StepOutcome
from tests.bench.measure import Cost, Row, median, python

REPEATS = 7
STEPS = 6
STAGES: tuple[Stage, ...] = ("received", "planned", "running", "verified")


def rows(folder: Path, count: int) -> Iterator[Row]:
    """List and check so many requests, nine of ten closed, and check half as many."""
    halves = [_filled(folder / str(some), some) for some in (count // 2, count)]
    bare = median([python("-c", "pass") for _ in range(REPEATS)])
    yield "a bare interpreter", bare, ""
    for act, what in ((["requests"], ""), (["requests", "--json"], ", as a document")):
        cost = _hub(halves[1], *act)
        more = (cost.processor - bare.processor) * 1000
        yield f"hub: list {count:,} requests{what}", cost, f"{more:.0f} ms of the processor's over a bare interpreter"
    half, whole = (_hub(config, "ledger", "verify") for config in halves)
    yield f"hub: verify a ledger of {count // 2:,} requests", half, ""
    yield f"hub: verify a ledger of {count:,} requests", whole, f"{whole.processor / half.processor:.1f} times the half"


def _hub(config: Path, *arguments: str) -> Cost:
    return median([python("-m", "hub", *arguments, "--config", str(config)) for _ in range(REPEATS)])


def _filled(folder: Path, count: int) -> Path:
    """A configuration with a ledger of so many requests, each with four lines of history; nothing of it is made to last."""
    folder.mkdir()
    (folder / "lista.csv").write_text("Nimi;Puhelin\n", encoding="utf-8")
    text = 'state = "state"\n[controller]\nlanguage = "en"\n[source.lista]\nkind = "csv"\npath = "lista.csv"\n'
    (folder / "hub.toml").write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HUB_KEY_PLACE", "file")
        with ledger.opened(folder / "state") as book:
            book.database.execute("PRAGMA synchronous = OFF")
            book.database.execute("PRAGMA journal_mode = MEMORY")
            for number in range(1, count + 1):
                _write(book, number)
    return folder / "hub.toml"


def _write(book: Ledger, number: int) -> None:
    day = (date(2016, 1, 4) + timedelta(days=number // 3)).isoformat()
    request = Request(f"2026-{number:04d}", "erasure", "received", f"{day}T10:00:00+00:00", asked=True, received=day)
    request.letters = {"receipt": day}
    request.plan = Plan(request.number, Person("0123456789", "", ()), _STEPS, (), ())
    request.outcomes = {step.number: StepOutcome(step, Result.REDACTED, verified=True) for step in _STEPS}
    for stage in (*STAGES, "closed") if number % 10 else STAGES:
        request.stage = stage
        book.save(request)


_STEPS = tuple(
    Step(
        number,
        "customers",
        f"Asiakkaat!{number}",
        "0123456789abcdef",
        Phrase("sheet {sheet}, row {row}", sheet="Asiakkaat", row=number),
        Action.REDACT,
        ("name", "phone", "email"),
        Phrase("only this person's part goes, the rest of the record stays"),
    )
    for number in range(1, STEPS + 1)
)
