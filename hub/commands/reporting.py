"""report, schedule: the nightly look at where the registers disagree."""

from __future__ import annotations

import os
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from connectors.errors import UsageError
from connectors.phrase import Phrase
from hub import ledger, permissions
from hub import schedule as nightly
from hub.commands.base import Run
from hub.erase import expiry
from hub.erase import undo as undoing
from hub.machine.collecting import no_collecting
from hub.render import json as documents
from hub.render import report as shown
from hub.render.report_page import write_page
from hub.report import Left, Night, nightly_report
from hub.report import history as histories
from hub.report.history import History, Remembered
from hub.report.registers import registers
from hub.search.gathered import Gathered
from hub.search.tending import tended
from hub.store import suppression
from hub.store.breach import Breaches, Waiting


def report(run: Run) -> int:
    """Look at every register, compare with the nights before, and show what is not as it should be."""
    options = run.options
    if options.accept or options.unaccept:
        return _settle(run)
    if options.reason:
        raise UsageError(Phrase("--reason belongs to --accept FINDING."))
    undoing.expire(run.config.state, undoing.today())
    expiry.forget_old(run.config.state, run.config.remember_days, undoing.today())
    gathered = run.gather(columns=True)
    with histories.opened(run.config.state) as history, no_collecting():
        told = _tonight(run, gathered, history)
    if options.html:
        _write_page(run, told)
    if options.json:
        for piece in documents.report_pieces(told):
            print(piece, end="")
        print()
    else:
        shown.report(run.screen, told, quiet=options.quiet)
    silent = any(answer.state == "silent" for answer in gathered.answers)
    return 1 if gathered.fault else 3 if silent else 0


def _tonight(run: Run, gathered: Gathered, history: History) -> Remembered:
    night = Night(
        now=datetime.now(UTC).astimezone(),
        answers=gathered.answers,
        registers=registers(run.sources(), run.config.sources, gathered.answers, gathered.columns),
        expect=run.config.expect,
        region=run.config.region,
        key=history.id_key,
        gone=suppression.known(run.config.state, run.config.region),
        due=_due(run),
        breaches=_breaches(run),
        left=_left(run),
        acts=_acts(run),
        ask=run.config.ask,
        rules=run.config.retention,
        law=run.law,
        lost=tended(run.glance, gathered, undoing.today()),
        packages=run.packages.expire(run.config.package_days, run.law.today),
        package_days=run.config.package_days,
    )
    return history.remember(nightly_report(night, gathered.matching.persons(run.config.engine), run.config.state))


def _due(run: Run) -> dict[str, date]:
    """Until when each open request that somebody made must be answered; asking makes no ledger."""
    if not (run.config.state / ledger.FILE).exists():
        return {}
    with run.book() as book:
        return {line.number: run.due(line) for line in book.lines() if line.asked and line.stage in ledger.OPEN}


def _breaches(run: Run) -> list[Waiting]:
    if not (run.config.state / ledger.FILE).exists():
        return []
    with run.book() as book:
        return Breaches(book.database).waiting(run.config.controller.country)


def _left(run: Run) -> tuple[Left, ...]:
    """What requests left behind that a hand must see to; asking makes no ledger."""
    if not (run.config.state / ledger.FILE).exists():
        return ()
    with run.book() as book:
        done = (book.sound(line.number) for line in book.lines() if line.stage in {"incomplete", "waiting", "verified", "closed"})
        return tuple(
            Left(request.number, tuple(item for item in request.residue if item.found), request.rechecks)
            for request in done
            if request is not None and (request.residue or request.rechecks)
        )


def _acts(run: Run) -> permissions.Known:
    with permissions.kept(run.config.state, run.config.region) as book:
        return book.known() if book else permissions.Known()


def _settle(run: Run) -> int:
    """Accept findings, or show accepted ones again; the registers are not asked."""
    options = run.options
    if options.accept and not options.reason.strip():
        raise UsageError(Phrase("Say with --reason why these findings are right as they are."))
    if options.accept and options.unaccept:
        raise UsageError(Phrase("Either --accept or --unaccept, not both at once."))
    with histories.opened(run.config.state) as history:
        if options.accept:
            history.accept(options.accept, options.reason.strip(), datetime.now(UTC).astimezone().date())
        history.unaccept(options.unaccept)
        kept = history.accepted()
    if options.json:
        run.show_json({"schema": "hub.accepted/1", "accepted": [documents.accepted_document(item) for item in kept]})
    else:
        shown.accepted(run.screen, kept)
    return 0


def _write_page(run: Run, told: Remembered) -> None:
    write_page(run.options.html, told, run.config.controller, run.language)
    if not run.options.quiet:
        shown.written(run.talk, str(run.options.html))


def schedule(run: Run) -> int:
    """Have the report made every night, have it made no longer, or say how that stands."""
    options = run.options
    page = run.config.state / histories.PAGE if options.html else None
    job = nightly.Job(run.config.path, nightly.checked_time(options.at), page)
    system = nightly.System(sys.platform, Path.home(), os.environ)
    removed = False
    if options.act == "install":
        nightly.install(job, system)
    elif options.act == "remove":
        removed = nightly.remove(job, system)
        histories.forget_last_night(run.config.state)
    found = nightly.installed(job, system)
    last = _last_run(run)
    if options.json:
        run.show_json(
            {
                "schema": "hub.schedule/1",
                "installed": found is not None,
                "by": found.by if found else None,
                "at": found.at if found else None,
                "command": found.command if found else None,
                "last_run": last or None,
            }
        )
    else:
        shown.schedule(run.screen, found, last, removed=removed)
    return 0


def _last_run(run: Run) -> str:
    """When the report was last made, "" when it never was; asking makes no history."""
    if not (run.config.state / histories.FILE).exists():
        return ""
    with histories.opened(run.config.state) as history:
        nights = history.nights()
    return nights[-1].at if nights else ""
