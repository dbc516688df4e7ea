"""erase --everybody: the company closes or changes its owner; everybody's plan is listed, approved as a whole, and carried out."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from connectors.errors import Conflict, HubError, Undecided, UsageError
from connectors.phrase import Phrase
from hub import mirror, normalise
from hub.commands.base import Run, answered, worst
from hub.commands.erasing import EXIT_OF, Around, applied, asked, left_out, remembering, with_packages
from hub.erase import apply as erasing
from hub.erase import everybody
from hub.erase.changes import Shown
from hub.erase.everybody import REASONS, Batch, Batches, Summary, Taken
from hub.erase.readback import as_left
from hub.ledger import CONFIRMABLE, Ledger, Request
from hub.machine import outbox
from hub.plan import ApprovedPlan, Plan, Report, Result, State
from hub.render import everybody as shown
from hub.render import plans
from hub.render.text import show_answers
from hub.report.history import forget_last_night

_DONE = frozenset({"waiting", "verified", "closed"})
"""Stages of a request that was carried out as far as a program can."""


def erase(run: Run) -> int:
    """List what would be done with everybody's data; with --confirm and the listing's fingerprint carry it out."""
    options = run.options
    if options.person or options.include or (options.who and not options.confirm):
        raise UsageError(Phrase("--everybody means everybody: leave out WHO, --person and --include."))
    if options.confirm:
        return _confirm(run)
    if options.reason not in REASONS:
        raise UsageError(
            Phrase("Say why with --reason: closes or owner_changes."),
            Phrase("Everybody's data goes only when the company closes or gets another owner."),
        )
    return _list(run)


def _list(run: Run) -> int:
    """Keep everybody's plan as a request, and show all of them; nothing is changed in the registers."""
    options = run.options
    gathered = run.gather()
    if not gathered.answered:
        shown.silent(run.talk, gathered.answers)
        return answered(gathered)
    staying = gathered.keys(options.exclude)
    told = shown.Listing(run.screen, run.language, json=options.json, page=options.html is not None, spreading=run.spreading)
    summary, requests = Summary(), []
    with run.book() as book:
        with book.together():
            for plan in everybody.plans(gathered, run.config, run.law, options.reason, set(staying), owner=options.owner):
                request = book.keep(with_packages(run, plan))
                assert request.plan is not None
                requests.append(request.number)
                summary.add(request.plan)
                told.add(request.plan)
        batch = Batches(book.database).new(
            summary, requests, reason=options.reason, sources=tuple(options.source), staying=staying, owner=options.owner
        )
    if options.html:
        outbox.write_page(options.html, told.page(batch, summary, run.config.controller))
    if options.json:
        run.show_json(told.document(batch, summary, gathered.answers))
    else:
        told.end(batch, summary, gathered.answers, str(options.html or ""))
    return answered(gathered)


def _confirm(run: Run) -> int:
    """Approve the listing by its fingerprint and carry it out, or go on with one that was interrupted."""
    options = run.options
    with run.book() as book:
        batches = Batches(book.database)
        batch = batches.latest()
        if batch is None:
            raise UsageError(
                Phrase("There is no listing of everybody yet."), Phrase("Make it first: hub erase --everybody --reason closes.")
            )
        if batch.stage == "shown":
            batch = _approved(run, book, batch)
            batches.save(batch)
        reports, stale, shared = _carry_out_all(run, book, batches, batch)
        if all(report.state in {State.COMPLETE, State.WAITING, State.STALE} for report in reports):
            batch = replace(batch, stage="finished")
            batches.save(batch)
    forget_last_night(run.config.state)
    if options.json:
        run.show_json(shown.outcome_document(batch, reports, stale, shared))
    else:
        shown.outcome(run.screen, batch, reports, stale, shared)
    return worst(*(EXIT_OF[report.state] for report in reports), 5 if stale else 0)


def _approved(run: Run, book: Ledger, batch: Batch) -> Batch:
    """The batch, approved; only what the listing showed, to the letter. Raises `UsageError`, `Conflict`, `Undecided`."""
    if not run.options.who:
        raise Undecided(
            Phrase("Nothing was written: the fingerprint of the listing is missing."),
            Phrase("It stands at the end of the listing; read it, then: hub erase --everybody --confirm FINGERPRINT."),
        )
    if run.options.who != [batch.fingerprint]:
        raise UsageError(
            Phrase("This is not the fingerprint of the newest listing; nothing was written."),
            Phrase("Take the one that stands at the end of it, or make a new listing."),
        )
    gathered = run.gather(batch.sources)
    now, shown_now = Summary(), Shown()
    for plan in everybody.plans(gathered, run.config, run.law, batch.reason, set(batch.staying), owner=batch.owner):
        now.add(whole := with_packages(run, plan))
        shown_now.add(whole)
    run.stack.close()  # the mirror is not held while the registers are written
    if not gathered.answered or now.fingerprint != batch.fingerprint:
        if not gathered.answered:
            show_answers(run.talk, gathered.answers)
        listed = {answer.source for answer in gathered.answers if answer.listed} | {run.packages.name}
        plans.changes(run.talk, [one for one in _as_listed(book, batch).changes(shown_now) if one.source in listed])
        raise Conflict(
            Phrase("Something changed since the listing was made, or a source did not answer; nothing was written."),
            Phrase("Make a new one and read it: hub erase --everybody --reason {reason}.", reason=batch.reason),
        )
    return replace(batch, stage="running")


def _as_listed(book: Ledger, batch: Batch) -> Shown:
    """What the listing showed, without the numbers of steps: each person's begin anew."""
    shown = Shown()
    for plan in (book.load(number).plan for number in batch.requests):
        if plan is not None:
            shown.add(replace(plan, steps=tuple(replace(step, number=0) for step in plan.steps)))
    return shown


def _carry_out_all(run: Run, book: Ledger, batches: Batches, batch: Batch) -> tuple[list[Report], int, list[str]]:
    """Every request that is still to do, by the one path; the reports, and how many changed meanwhile and were put aside.

    Last the names that no request searched for by value: several bore each of them, while some of these were still there.
    The mirror would have to be brought up to date for each request. It goes instead, and is made anew by the next question.
    """
    reports: list[Report] = []
    taken = batches.taken()
    stale = 0
    mirror.remove(run.config.state)
    with run.progress() as tick:
        for count, number in enumerate(batch.requests, 1):
            request = book.load(number)
            if request.stage not in CONFIRMABLE or request.plan is None:
                reports += [erasing.report_of(request)] if request.stage in _DONE else []
                stale += request.stage not in _DONE
                continue
            tick(Phrase("{count} of {total}", count=count, total=len(batch.requests)))
            approved = request.plan.approve(request.plan.fingerprint)
            taken[number] = Taken.by(approved.plan)
            batches.take(number, taken[number])
            around = Around(_quiet, remembering(run, book, request), left_out(run, approved.plan))
            report = applied(run, book, request, approved, around)
            if (again := _as_others_left(run, request, approved.plan, taken)) is not None:
                report = applied(run, book, request, again, around)
            if report.state is State.STALE:
                book.put_aside(request)
                stale += 1
            else:
                reports.append(report)
    mirror.remove(run.config.state)  # another hub may have asked meanwhile
    shared: dict[str, str] = {}
    for name in filter(None, (one.name for one in taken.values())):
        shared.setdefault(" ".join(sorted(normalise.tokens(name))), name)
    return reports, stale, list(shared.values())


def _as_others_left(run: Run, request: Request, plan: Plan, taken: Mapping[str, Taken]) -> ApprovedPlan | None:
    """The plan with the entries as the erases before it left them, None where that is not all that changed in one.

    A comment on the row of one may name another, whose erase took the name out of it: both were seen and approved.
    """
    sources = {source.name: source for source in asked(run, plan)}
    steps = []
    for step in plan.steps:
        outcome, source = request.outcomes.get(step.number), sources.get(step.source)
        version = None
        if outcome is not None and outcome.result is Result.CONFLICT and source is not None:
            with suppress(HubError):
                others = [needle for number, some in taken.items() if number != request.number for needle in some.needles]
                version = as_left(step, source, plan, others)
        steps.append(step if version is None else replace(step, version=version))
    if tuple(steps) == plan.steps:
        return None
    request.plan = replace(plan, steps=tuple(steps))
    return request.plan.approve(request.plan.fingerprint)


def _quiet(_: str) -> None:
    """The bar counts people, not sources."""
