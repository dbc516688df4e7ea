"""rectify: a value that is wrong is put right in every register that lets a program do it; the others become steps by hand."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.contract import Correction
from connectors.errors import UsageError
from connectors.phrase import Phrase
from hub import permissions
from hub.commands.base import Run, answered, decisions, one_person
from hub.commands.erasing import asked, besides, confirm, keep, request_named, show_plan
from hub.erase import apply as erasing
from hub.erase import rectify as rectifying
from hub.ledger import Ledger, Request
from hub.permissions.known import marks_of
from hub.person import Person
from hub.plan import Plan, Report
from hub.search.gathered import Gathered, Key


def rectify(run: Run) -> int:
    """Plan a correction and show it; with --confirm carry it out."""
    options = run.options
    if options.confirm and (number := request_named(options)) is not None:
        return confirm(run, number, "rectification", remembering)
    if bool(options.who) == bool(options.person):
        raise UsageError(Phrase("Say who: WHO, or --person HANDLE from the last find, and not both."))
    wanted = _wanted(run)
    gathered = run.gather()
    person, code = one_person(run, gathered)
    if person is None:
        return code
    plan = planned(run, gathered, person, wanted, decisions(run, gathered, person))
    if not plan.steps and not plan.review:
        show_plan(run, plan)
        return answered(gathered)
    return keep(run, gathered, plan, "rectification", remembering)


def _wanted(run: Run) -> tuple[Correction, ...]:
    """What the options ask for. Raises `UsageError`."""
    options = run.options
    told = [(kind, " ".join(str(value).split())) for kind in rectifying.KINDS if (value := getattr(options, kind)) is not None]
    if not told or not all(value for _, value in told):
        raise UsageError(
            Phrase("Say what is right: --phone NEW, --email NEW, --name NEW, --address NEW …"),
            Phrase("A value that must only go away is no correction: hub erase takes entries away."),
        )
    if options.old and len(told) > 1:
        raise UsageError(Phrase("--old belongs to one value: correct one at a time."))
    for kind, value in told:
        rectifying.require_sound(kind, value, run.config.region, run.today)
    return tuple(Correction(kind, options.old.strip(), value) for kind, value in told)


def planned(
    run: Run, gathered: Gathered, person: Person, wanted: Sequence[Correction], decided: tuple[Sequence[Key], Sequence[Key]]
) -> Plan:
    """The plan of a correction, by what each source lets a program do."""
    include, exclude = decided
    return rectifying.make_plan(
        gathered, person, wanted, include, exclude, region=run.config.region, able=run.correctable, law=run.law
    )


def remembering(run: Run, book: Ledger, request: Request) -> erasing.Remember:
    """What knows the person again by the new value, and notes who must be told of it."""

    def remember(plan: Plan, _left: Sequence[Key]) -> None:
        acts, day = permissions.found(book, run.config.state, run.config.region), run.today.isoformat()
        standing = acts.known().of(plan.person) if acts else None
        if acts is None or standing is None or not standing.acts:
            return
        region = run.config.region
        marks = marks_of(plan.person, [*plan.needles, *rectifying.new_needles(plan, region)], region)
        if not any(act.request == request.number and act.kind == "rectified" for act in standing.acts):
            acts.record("rectified", marks, day, request=request.number)
        permissions.to_tell(acts, standing, request.number, day, {one.kind for one in plan.wanted})

    return remember


def done(run: Run, book: Ledger, request: Request) -> Report:
    """A value was put right by hand."""
    sources = asked(run, request.plan) if request.plan else []
    kept = besides(run, request.plan) if request.plan else []
    with run.progress() as tick:
        remember = remembering(run, book, request)
        return rectifying.settle(request, run.options.step, book, sources, tick, kept=kept, remember=remember)
