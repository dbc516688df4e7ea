"""Requests as JSON documents: all of them in a list, or one with everything the ledger holds of it."""

from __future__ import annotations

import json
from collections.abc import Sequence

from hub.ledger import Line, Request, life
from hub.ledger.request import line_of, need_of
from hub.render.json import Document, leftover_document, outcome_of_step, step_document

MANY = 200
"""More requests than this are printed without line breaks: nobody reads so many, and it takes a tenth of the time."""


def requests_text(requests: Sequence[Line], country: str) -> str:
    """The `hub.requests/1` document: it holds words of the hub's own only."""
    document = {"schema": "hub.requests/1", "requests": [_line(item, country) for item in requests]}
    return json.dumps(document, indent=2 if len(requests) <= MANY else None)


def _line(item: Line, country: str) -> Document:
    return {
        "request": item.number,
        "kind": item.kind,
        "state": item.stage,
        "stage": item.stage,
        "created": item.created,
        "received": item.received or life.received(item, country).isoformat(),
        "asked": item.asked,
        "due": life.due(item, country).isoformat(),
        "extended": item.extended or None,
        "outcome": item.state.value if item.state else None,
        "undo_until": item.undo_until or None,
        "receipt": item.receipt,
        "needs": need_of(item) or None,
        "waits_for": list(item.waits_for),
    }


def request_document(request: Request, country: str) -> Document:
    """The `hub.request/1` document: what `hub.requests/1` says of it, and all the rest."""
    steps = request.plan.steps if request.plan else ()
    return {
        "schema": "hub.request/1",
        **_line(line_of(request), country),
        "channel": request.channel or None,
        "identity": request.identity or None,
        "who": request.who or None,
        "person": request.handle or (request.plan.person.handle if request.plan else "") or None,
        "reasons": dict(request.reasons),
        "letters": dict(request.letters),
        "delivered": request.delivered or None,
        "delivered_on": request.delivered_on or None,
        "steps": [step_document(step) for step in steps],
        "outcomes": [outcome_of_step(item) for item in request.outcomes.values()],
        "residue": [leftover_document(item) for item in request.residue],
        "missing": [str(item) for item in request.lacking],
        "rechecks": dict(request.rechecks),
        "forgotten": request.forgotten or None,
        "history": [{"state": stage, "at": at} for stage, at in request.history],
    }
