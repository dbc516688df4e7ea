"""erase, done: from the plan to its outcome."""

from __future__ import annotations

import re
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from connectors.contract import Connector
from connectors.errors import PLAN_AGAIN, Conflict, Undecided, UsageError
from connectors.phrase import Phrase
from hub import mirror, permissions
from hub.commands import requesting
from hub.commands.base import Run, answered, decisions, one_person, query, worst
from hub.commands.spreading import asked_of, foreseen, unseen
from hub.erase import apply as erasing
from hub.erase import owner, planning, tasks
from hub.erase import undo as undoing
from hub.erase.changes import Shown
from hub.erase.register import MirrorRegister, NotAsked
from hub.ledger import Kind, Ledger, Request
from hub.matching import Reading
from hub.plan import ApprovedPlan, Change, Plan, Report, State
from hub.render import json as documents
from hub.render import plans, text
from hub.render import undoing as screens
from hub.report.history import forget_last_night
from hub.search.gathered import Gathered, Key
from hub.store import snapshot, suppression

REQUEST = re.compile(r"20\d\d-\d{4,}")
_LIKE_ONE = re.compile(r"20\d\d\s*[-–/_.]\s*\d+")

MOST = 12
"""So many numbers of requests are named in one sentence."""

EXIT_OF = {State.COMPLETE: 0, State.WAITING: 4, State.INCOMPLETE: 3, State.STALE: 5}


def erase(run: Run) -> int:
    """Plan an erase and show it; with --confirm carry it out."""
    options = run.options
    if options.everybody:
        from hub.commands import everybody

        return everybody.erase(run)
    if options.confirm and (number := request_named(options)) is not None:
        return confirm(run, number, "erasure", remembering)
    if options.confirm and len(options.who) == 1 and _LIKE_ONE.fullmatch(options.who[0]):
        raise UsageError(
            Phrase("{number} is no request number: they look like 2026-0001.", number=options.who[0]),
            Phrase(
                "hub requests lists them. If it is a customer's number, take the handle that hub find shows: --person HANDLE."
            ),
        )
    if bool(options.who) == bool(options.person):
        raise UsageError(Phrase("Say who: WHO, or --person HANDLE from the last find, and not both."))
    gathered = run.gather()
    person, code = one_person(run, gathered)
    if person is None:
        if code == 0:
            requesting.nobody_found(run, gathered, "erasure")
        return code
    if not options.owner:
        owner.require_somebody_else(run.config.controller, members=person.links)
    include, exclude = decisions(run, gathered, person)
    plan = complete(run, planning.make_plan(gathered, person, include, exclude, options.reason, law=run.law))
    return keep(run, gathered, plan, "erasure", remembering)


def request_named(options: Namespace) -> str | None:
    """The number of the request that --confirm is about, "" for the only one that waits; None: it is about WHO.

    Raises `UsageError` for a number with a person beside it: the request says whom it is about.
    """
    number = next((word for word in options.who if REQUEST.fullmatch(word)), "")
    if number and (len(options.who) > 1 or options.person):
        raise UsageError(
            Phrase("The number of a request stands alone: request {number} says itself whom it is about.", number=number),
            Phrase("Write --confirm {number} and nobody's name; nothing was changed.", number=number),
        )
    return None if (options.who or options.person) and not number else number


Remembering = Callable[[Run, Ledger, Request], erasing.Remember]


def keep(run: Run, gathered: Gathered, plan: Plan, kind: Kind, how: Remembering) -> int:
    """Keep a plan as a request and show it; with --confirm carry it out at once, if nothing is in the way."""
    options = run.options
    with run.book() as book:
        request = book.keep(plan, kind, requesting.joined(run, book, gathered, plan.person, kind))
        assert request.plan is not None
        if options.confirm and may_apply_at_once(run, gathered, plan):
            return carry_out(run, book, request, request.plan.approve(plan.fingerprint), how(run, book, request))
    show_plan(run, request.plan)
    waits = plan.review or (options.confirm and gathered.answered)
    return worst(answered(gathered), 4 if waits else 0)


def may_apply_at_once(run: Run, gathered: Gathered, plan: Plan) -> bool:
    """Whether nothing is left to decide: every source answered, no possible match is open, and WHO was met exactly.

    A name that was met only roughly may be somebody else's: the namesake who is left after an erase, for one. What is in
    the way is said.
    """
    exact = bool(run.options.person) or gathered.matching.understood(query(run)) in {Reading.IDENTIFIER, Reading.NAME}
    if not exact:
        run.talk.line(Phrase("The name was met only roughly, so look at the plan and confirm it by its number."))
    if not gathered.answered:
        silent = [answer.source for answer in gathered.answers if not answer.listed]
        run.talk.line(Phrase("Nothing was changed, because these did not answer: {sources}", sources=silent))
    if plan.review:
        run.talk.line(
            Phrase("Nothing was changed: {count} possible matches wait for your --include or --exclude.", count=len(plan.review))
        )
    return exact and gathered.answered and not plan.review


def show_plan(run: Run, plan: Plan) -> None:
    """Show what a plan will do, and what of it can be put back."""
    if run.options.json:
        run.show_json(documents.plan_document(plan, run.config.undo_days, run.able))
    else:
        plans.plan(run.screen, plan, run.spreading)
        screens.planned(run.screen, plan, run.config.undo_days, run.able)
        steps = {step.ref: step.number for step in plan.steps if step.source == run.packages.name}
        for kept in run.packages.all() if steps else ():
            if kept.ref in steps:
                run.talk.line(Phrase("Step {step} is about {path}", step=steps[kept.ref], path=str(kept.path)))


def confirm(run: Run, number: str, kind: Kind, how: Remembering) -> int:
    """Carry out a pending request of this kind, go on with an interrupted one, or show a finished one again."""
    with run.book() as book:
        request = book.load(number) if number else _only_pending(book, kind)
        requesting.require_ready(request)
        if request.kind == kind and request.stage == "received":
            raise UsageError(
                Phrase("Request {number} has no plan yet.", number=number),
                Phrase("Make one with --request {number} beside the person's name.", number=number),
            )
        if request.kind != kind or request.stage in {"superseded", "cancelled"} or request.plan is None:
            raise UsageError(
                Phrase(
                    "Request {number} cannot be confirmed here: it was cancelled, a newer plan took its place, or it is of another kind.",
                    number=request.number,
                ),
                Phrase("hub requests lists the requests."),
            )
        _require_standing(request)
        if request.stage in {"waiting", "verified", "closed"}:
            return _show_report(run, erasing.report_of(request), book)
        try:
            approved = _approved(run, request)
        except Undecided as error:
            book.save(request)
            show_plan(run, request.plan)
            text.error(run.talk, error)
            return error.exit_code
        if isinstance(approved, Report):
            return _show_report(run, approved, book)
        return carry_out(run, book, request, approved, how(run, book, request))


def _require_standing(request: Request) -> None:
    if request.stage in {"undoing", "undone"}:
        raise Conflict(
            Phrase("Request {number} was put back with hub undo; nothing was written.", number=request.number),
            PLAN_AGAIN,
        )


def _only_pending(book: Ledger, kind: Kind) -> Request:
    pending = book.pending(kind)
    if len(pending) == 1:
        return pending[0]
    if not pending:
        raise UsageError(
            Phrase("No request waits for a confirmation."),
            Phrase("Run hub erase or hub rectify with the person's name first: it shows the plan and changes nothing."),
        )
    raise UsageError(
        Phrase("Several requests wait: {numbers}.", numbers=_numbers([request.number for request in pending])),
        Phrase("Say which: --confirm NUMBER."),
    )


def _numbers(numbers: list[str]) -> str:
    return ", ".join(numbers[:MOST]) + (" …" if len(numbers) > MOST else "")


def _approved(run: Run, request: Request) -> ApprovedPlan | Report:
    """The plan as it was shown, with the decisions made since; where it holds no longer, the report that says why.

    Raises `Undecided`.
    """
    assert request.plan is not None
    shown = request.plan
    if request.stage in {"running", "incomplete"}:
        places = unseen(run, request, shown)
        return _stale(request, places) if places else shown.approve(shown.fingerprint)
    gathered = run.gather(asked_of(run, shown), shown.person.members)
    try:
        now = _planned_again(run, request, shown, gathered)
    except Conflict:
        return _stale(request, Shown(shown).changes(Shown(), gathered.named(shown.person.name)))
    if now.fingerprint != shown.fingerprint:
        return _stale(request, Shown(shown).changes(Shown(now)), now.person.handle)
    include, exclude = decisions(run, gathered, now.person)
    if include or exclude:
        earlier = [key for key in now.included if key not in exclude], [key for key in now.excluded if key not in include]
        chosen = (*earlier[0], *include), (*earlier[1], *exclude)
        now = _planned_again(run, request, replace(now, included=chosen[0], excluded=chosen[1]), gathered)
        if any(place not in shown.spread for place in now.spread):
            request.plan = now
            raise Undecided(
                Phrase("With what you included, other cells lose a value, too; nothing was written."),
                Phrase("Look at the plan, and confirm it once more."),
            )
    approved = now.approve(now.fingerprint)
    request.plan = approved.plan
    return approved


def _stale(request: Request, changes: Sequence[Change], handle: str = "") -> Report:
    return Report(request.number, State.STALE, (), changes=tuple(changes), handle=handle, kind=request.kind)


def _planned_again(run: Run, request: Request, shown: Plan, gathered: Gathered) -> Plan:
    if request.kind == "rectification":
        from hub.erase import rectify

        return rectify.plan_again(shown, gathered, region=run.config.region, able=run.correctable, law=run.law)
    now = complete(run, planning.plan_again(shown, gathered, run.law))
    # Where a source is silent, nothing is known to have changed: its steps will say that it did not answer.
    silent = {answer.source for answer in gathered.answers if answer.state == "silent"}
    places = [*(one for one in now.spread if one[0] not in silent), *(one for one in shown.spread if one[0] in silent)]
    return replace(now, spread=tuple(places))


def asked(run: Run, plan: Plan) -> list[Connector]:
    """The sources that were asked when the plan was made and are still configured, and the packages that were written."""
    return [
        *(run.sources(asked_of(run, plan)) if asked_of(run, plan) else ()),
        *([run.packages] if _is_whole(run, plan) and not plan.wanted else ()),
    ]


def _is_whole(run: Run, plan: Plan) -> bool:
    """Whether every source was asked: only then a plan reaches for the packages, which hold what all of them hold."""
    return len(asked_of(run, plan)) == len(run.config.sources)


def complete(run: Run, plan: Plan) -> Plan:
    """The plan with what its sources would change besides, and with the access packages of its person."""
    return with_packages(run, foreseen(run, plan))


def with_packages(run: Run, plan: Plan) -> Plan:
    """The plan with a step for each access package of its person that may still lie somewhere."""
    return run.packages.added(plan) if _is_whole(run, plan) else plan


def besides(run: Run, plan: Plan) -> list[MirrorRegister | NotAsked]:
    """What is searched beside the sources of a plan: those it left out, and what the hub itself keeps of all of them.

    From now on nobody reads the mirror any more, so that it can be written.
    """
    run.stack.close()
    mirror.forget_night(run.config.state)  # it holds words of everybody, and is made anew by the next report
    if run.glance.mirror:
        return [*left_out(run, plan), MirrorRegister(run.glance)]
    mirror.remove(run.config.state)  # one of an earlier configuration would keep her
    return [*left_out(run, plan)]


def left_out(run: Run, plan: Plan) -> list[NotAsked]:
    """The configured sources that a plan never asked."""
    asked = {answer.source for answer in plan.answers}
    left = [NotAsked(source.name) for source in run.config.sources if source.name not in asked]
    return [*left, NotAsked(run.packages.name)] if left and run.packages.all() else left


@contextmanager
def _sealed(run: Run, book: Ledger, request: Request) -> Iterator[snapshot.Snapshot | None]:
    """Where what goes is kept so that it can be put back, None when the owner wants nothing kept.

    What a hand settles later does not make the copy of the rest last longer.
    """
    days = run.config.undo_days
    if not days:
        yield None
        return
    with snapshot.opened(run.config.state, request.number, make=True) as sealed:
        settling = request.stage == "waiting" and request.window is not None and not request.window.over
        request.window = request.window if settling else undoing.window(book, days, undoing.today())
        yield sealed


def remembering(run: Run, book: Ledger, request: Request) -> erasing.Remember:
    """What keeps the hashes by which somebody who comes back is noticed, if any are wanted, and forgets what the person said."""

    def remember(plan: Plan, left: Sequence[Key]) -> None:
        if acts := permissions.found(book, run.config.state, run.config.region):
            everywhere = {answer.source for answer in plan.answers} >= {source.name for source in run.config.sources}
            act = permissions.forget if everywhere else permissions.announce
            act(acts, plan.person, plan.needles, request.number, undoing.today().isoformat())
        if run.config.remember_days:
            marks = suppression.marks_of(plan, left, run.config.region)
            suppression.remember(run.config.state, request.number, "erased", marks)

    return remember


@dataclass(frozen=True, slots=True)
class Around:
    """What an erase is told of the run it is part of; `kept`: what is searched besides, None for what `besides` says."""

    tick: erasing.Progress
    remember: erasing.Remember
    kept: Sequence[erasing.Searched] | None = None


def carry_out(run: Run, book: Ledger, request: Request, approved: ApprovedPlan, remember: erasing.Remember) -> int:
    """Apply an approved plan and show what came of it."""
    with run.progress() as tick:
        report = applied(run, book, request, approved, Around(tick, remember))
    forget_last_night(run.config.state)
    return _show_report(run, report, book)


def applied(run: Run, book: Ledger, request: Request, approved: ApprovedPlan, around: Around) -> Report:
    """Apply an approved plan by the one path, with its sealed copy; goes on where an earlier run stopped."""
    with _sealed(run, book, request) as sealed:
        return erasing.apply(
            approved,
            request,
            book,
            asked(run, approved.plan),
            around.tick,
            kept=besides(run, approved.plan) if around.kept is None else around.kept,
            sealed=sealed,
            remember=around.remember,
        )


def done(run: Run) -> int:
    """A manual step was carried out by hand."""
    with run.book() as book:
        request = book.load(run.options.request)
        _require_standing(request)
        sources = asked(run, request.plan) if request.plan else []
        if request.kind == "objection":
            return _show_report(run, tasks.settle(request, run.options.step, book, sources), book)
        if request.kind == "rectification":
            from hub.commands import rectifying

            return _show_report(run, rectifying.done(run, book, request), book)
        kept = besides(run, request.plan) if request.plan else []
        with _sealed(run, book, request) as sealed, run.progress() as tick:
            report = erasing.settle(
                request,
                run.options.step,
                book,
                sources,
                tick,
                kept=kept,
                note=run.options.note,
                sealed=sealed,
                remember=remembering(run, book, request),
            )
        forget_last_night(run.config.state)
        return _show_report(run, report, book)


def _show_report(run: Run, report: Report, book: Ledger) -> int:
    if acts := permissions.found(book, run.config.state, run.config.region):
        report = replace(report, to_be_told=permissions.waiting(acts, report.request))
    if run.options.json:
        run.show_json(documents.outcome_document(report))
    else:
        plans.outcome(run.screen, report)
        screens.carried_out(run.screen, report, run.able)
    return EXIT_OF[report.state]
