"""refuse: somebody does not want to be stored; what devices saved by themselves goes, and nothing of the person is written down."""

from __future__ import annotations

from dataclasses import replace

from connectors.phrase import Phrase
from hub import ledger, permissions
from hub.commands.base import Run, answered, decisions, meant, query, show_persons, worst
from hub.commands.erasing import EXIT_OF, besides, complete, may_apply_at_once
from hub.erase import apply as erasing
from hub.erase import owner, planning, undo
from hub.person import Person
from hub.plan import Action, Plan, Report, State
from hub.render import json as documents
from hub.render import plans
from hub.report.history import forget_last_night
from hub.search.gathered import Gathered, Key
from hub.store import suppression


def refuse(run: Run) -> int:
    """Plan the removal of somebody who refuses, and keep nothing of it; with --confirm carry it out.

    No pending request, no copy to put back, no journal on the disk: an interrupted run is simply run again.
    """
    gathered = run.gather()
    persons = meant(run, gathered)
    if len(persons) > 1:
        show_persons(run, gathered, persons)
        return worst(answered(gathered), 4)
    if persons and not run.options.owner:
        owner.require_somebody_else(run.config.controller, members=persons[0].links)
    plan = _plan(run, gathered, persons[0]) if persons else None
    if not run.options.confirm:
        _show(run, gathered, plan)
        return worst(answered(gathered), 4 if plan and plan.review else 0)
    code = answered(gathered)
    if plan:
        if plan.review or not may_apply_at_once(run, gathered, plan):
            _show(run, gathered, plan)
            return worst(code, 4)
        report = _carry_out(run, plan)
        code = worst(code, EXIT_OF[report.state])
        _tell(run, report)
    else:
        show_persons(run, gathered, ())
    _count(run, plan)
    return code


def _plan(run: Run, gathered: Gathered, person: Person) -> Plan:
    include, exclude = decisions(run, gathered, person)
    return complete(run, planning.make_plan(gathered, person, include, exclude, law=run.law))


def _carry_out(run: Run, plan: Plan) -> Report:
    """Erase with a journal that is in memory only."""
    with run.book() as lasting, ledger.in_memory() as book, run.progress() as tick:
        request = book.new("erasure", plan)
        assert request.plan is not None
        approved = request.plan.approve(plan.fingerprint)
        report = erasing.apply(approved, request, book, [*run.sources(), run.packages], tick, kept=besides(run, plan))
        lasting.outdate(report.outcomes, plan)
    forget_last_night(run.config.state)
    return replace(report, request="")


def _count(run: Run, plan: Plan | None) -> None:
    """Write down that somebody refused, and nothing else; with --remember the hashes by which they are known again."""
    with run.book() as book:
        number = book.new("refusal").number
        if plan and (acts := permissions.found(book, run.config.state, run.config.region)):
            permissions.forget(acts, plan.person, plan.needles, number, undo.today().isoformat())
    if run.options.remember and run.config.remember_days:
        left: list[Key] = (
            [(step.source, step.ref) for step in plan.steps if step.action in {Action.RETAIN, Action.MANUAL}] if plan else []
        )
        marks = suppression.marks_of(plan, left, run.config.region) if plan else set()
        marks |= suppression.marks_of_words(query(run), run.config.region)
        suppression.remember(run.config.state, number, "refused", marks)
    run.talk.line(Phrase("Written down: that somebody refused, as {request}, and nothing of who it was.", request=number))


def _show(run: Run, gathered: Gathered, plan: Plan | None) -> None:
    if plan is None:
        show_persons(run, gathered, ())
    elif run.options.json:
        run.show_json(documents.plan_document(plan))
    else:
        plans.plan(run.screen, plan, run.spreading, "refuse")
        run.screen.line(Phrase("Nothing of this is kept. To carry it out, repeat the command with --confirm."))


def _tell(run: Run, report: Report) -> None:
    if run.options.json:
        run.show_json(documents.outcome_document(report))
    else:
        plans.outcome(run.screen, report)
        if report.state is not State.COMPLETE:
            run.screen.line(Phrase("Put right what is in the way, or remove it by hand; then run the same command again."))
