"""What a plan changes outside its entries: shown before anything goes, and looked at again where an erase goes on."""

from __future__ import annotations

from dataclasses import replace

from connectors.errors import HubError
from hub.commands.base import Run
from hub.erase import apply as erasing
from hub.erase.readback import as_left
from hub.ledger import Request
from hub.plan import DONE, Plan, Step, stale


def foreseen(run: Run, plan: Plan) -> Plan:
    """The plan with every place outside its entries that an erase would change, too."""
    spreading = [name for name in asked_of(run, plan) if name in run.spreading]
    return erasing.foreseen(plan, run.sources(spreading) if spreading else ())


def require_seen(run: Run, request: Request, shown: Plan) -> None:
    """Raise `Conflict` where what is left to do would change a place by now that the plan did not show."""
    if shown.wanted:
        return  # a correction changes its entries alone
    done = {number for number, outcome in request.outcomes.items() if outcome.result in DONE}
    left = tuple(_as_left(run, step, shown) for step in shown.steps if step.number not in done)
    now = foreseen(run, replace(shown, steps=left))
    if any(place.before != place.after and (source, place) not in shown.spread for source, place in now.spread):
        raise stale()


def _as_left(run: Run, step: Step, shown: Plan) -> Step:
    """A step with the version that a step before it left its entry in: a comment on a row may have lost a value already."""
    if step.source not in run.spreading:
        return step
    (source,) = run.sources([step.source])
    try:
        version = as_left(step, source, shown)
    except HubError:
        version = None
    return step if version is None else replace(step, version=version)


def asked_of(run: Run, plan: Plan) -> list[str]:
    """The sources that were asked when the plan was made and are still configured."""
    asked = {answer.source for answer in plan.answers}
    return [source.name for source in run.config.sources if source.name in asked]
