"""What a plan changes outside its entries: shown before anything goes, and looked at again where an erase goes on."""

from __future__ import annotations

from dataclasses import replace

from connectors.errors import HubError
from hub.commands.base import Run
from hub.erase import apply as erasing
from hub.erase.readback import as_left
from hub.ledger import Request
from hub.plan import DONE, Change, Plan, Step


def foreseen(run: Run, plan: Plan) -> Plan:
    """The plan with every place outside its entries that an erase would change, too."""
    spreading = [name for name in asked_of(run, plan) if name in run.spreading]
    return erasing.foreseen(plan, run.sources(spreading) if spreading else ())


def unseen(run: Run, request: Request, shown: Plan) -> list[Change]:
    """The places that what is left to do would change by now, and that the plan did not show."""
    if shown.wanted:
        return []  # a correction changes its entries alone
    done = {number for number, outcome in request.outcomes.items() if outcome.result in DONE}
    left = tuple(_as_left(run, step, shown) for step in shown.steps if step.number not in done)
    now = foreseen(run, replace(shown, steps=left))
    return [
        Change(source, one.where, "beside")
        for source, one in now.spread
        if one.before != one.after and (source, one) not in shown.spread
    ]


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
