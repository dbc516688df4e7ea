"""breach: data came into wrong hands; the clock runs, two drafts are written, and it ends when everybody was told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from connectors.errors import UsageError
from connectors.phrase import Phrase
from hub import ledger
from hub.commands.base import Run, answered
from hub.law import clock
from hub.render import breaches as shown
from hub.store import breach as breaches
from hub.store.breach import Breach, Breaches


def breach(run: Run) -> int:
    """Write a breach down, change it, show it with its drafts, or close it."""
    return _ACTS[run.options.act](run)


def _new(run: Run) -> int:
    """The breach is kept before anything is counted: the clock runs whatever the registers say."""
    if run.options.number:
        raise UsageError(Phrase("A new breach gets its number from the hub."), Phrase("To change one: hub breach set NUMBER."))
    now = datetime.now(UTC)
    country = run.config.controller.country
    aware = clock.read_moment(run.options.aware, now, country) if run.options.aware else clock.local(now, country)
    run.sources()  # a source that does not exist is said before anything is written
    with run.book() as book:
        made = Breaches(book.database).new(aware, clock.local(now, country), **_told(run, now))
    made, code = _counted(run, made)
    _show(run, made)
    return code


def _set(run: Run) -> int:
    now = datetime.now(UTC)
    told = _told(run, now)
    if run.options.aware:
        told["aware"] = clock.read_moment(run.options.aware, now, run.config.controller.country).isoformat()
    changed = _changed(run, lambda item: replace(item, **told))
    code = 0
    if run.options.source:
        changed, code = _counted(run, changed)
    _show(run, changed)
    return code


def _close(run: Run) -> int:
    now = datetime.now(UTC)
    told = _told(run, now)
    changed = _changed(run, lambda item: breaches.closed(replace(item, **told), now, run.options.reason))
    _show(run, changed)
    return 0


def _show_act(run: Run) -> int:
    if run.options.number:
        with run.book() as book:
            found = Breaches(book.database).load(run.options.number)
        _show(run, found)
        return 0
    if run.options.out:
        raise UsageError(Phrase("Say of which breach the drafts are to be written: its number."))
    known: list[Breach] = []
    if (run.config.state / ledger.FILE).exists():
        with run.book() as book:
            known = Breaches(book.database).all()
    now, country = datetime.now(UTC), run.config.controller.country
    if run.options.json:
        run.show_json({"schema": "hub.breaches/1", "breaches": [shown.document(item, country, now) for item in known]})
    else:
        shown.listed(run.screen, known, country, now)
    return 0


_ACTS = {"new": _new, "set": _set, "show": _show_act, "close": _close}


def _told(run: Run, now: datetime) -> dict[str, Any]:
    """What the arguments say of a breach; what they do not name stays as it is."""
    options, country = run.options, run.config.controller.country
    told = {
        name: value
        for name in ("noticed_by", "risk", "what", "effects", "measures", "delay")
        if (value := getattr(options, name))
    }
    for name in ("authority", "customers"):
        if text := getattr(options, name):
            told[name] = clock.read_moment(text, now, country).isoformat()
    return told


def _changed(run: Run, change: Any) -> Breach:
    if not run.options.number:
        raise UsageError(Phrase("Say which breach: its number."), Phrase("hub breach show lists all of them."))
    with run.book() as book:
        kept = Breaches(book.database)
        changed: Breach = change(kept.load(run.options.number))
        kept.save(changed)
    return changed


def _counted(run: Run, made: Breach) -> tuple[Breach, int]:
    """The breach with what the registers hold, kept; and how complete their answer is."""
    gathered = run.gather()
    everybody = gathered.matching.everybody(run.config.engine)
    made = breaches.counted(made, gathered.answers, everybody, run.options.source)
    run.stack.close()  # the mirror is not held while the ledger is written
    with run.book() as book:
        Breaches(book.database).save(made)
    return made, answered(gathered)


def _show(run: Run, item: Breach) -> None:
    now, controller = datetime.now(UTC), run.config.controller
    files: list[str] = []
    if run.options.out:
        from hub.commands.writing import write_pages  # the typesetter, for --out alone

        pages = shown.drafts(item, controller, now, run.language)
        files = [str(file) for file in write_pages(run, pages)]
    if run.options.json:
        run.show_json(shown.document(item, controller.country, now, files))
        return
    shown.shown(run.screen, item, controller.country, now)
    if files:
        run.screen.heading(Phrase("Both drafts were written; complete them before you send them:"))
        for file in files:
            run.screen.command(file)
    shown.what_next(run.screen, item, drafted=bool(files))
