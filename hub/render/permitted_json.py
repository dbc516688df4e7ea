"""JSON of what a person was asked and agreed to, and of who was told what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hub.permissions import Act, Disclosed, Permitted, Standing
from hub.person import Person
from hub.render.json import Document, step_document

if TYPE_CHECKING:
    from hub.ledger import Request
    from hub.permissions.disclosure import Value


def ask_document(person: Person, standing: Standing, day: str, recorded: Act | None) -> Document:
    """The `hub.ask/1` document: where a person stands on a day (ISO), and what was written down just now."""
    agreed = [act for purpose in standing.purposes if (act := standing.agrees(purpose))]
    objected = [act for purpose in ("", *standing.purposes) if (act := standing.objects(purpose))]
    return {
        "schema": "hub.ask/1",
        "person": person.handle,
        "status": standing.status,
        "asked": act_of(standing.asked) if standing.asked else None,
        "recorded": recorded.number if recorded else None,
        "consents": [act_of(act) for act in agreed],
        "objections": [act_of(act) for act in {act.number: act for act in objected}.values()],
        "permissions": [permission_of(item) for item in standing.permissions(day)],
        "disclosures": [disclosure_of(item) for item in standing.disclosures],
    }


def act_document(schema: str, person: Person, act: Act, request: Request | None) -> Document:
    """The `hub.consent/1` and `hub.objection/1` documents: what was written down, and the tasks it made."""
    steps = request.plan.steps if request and request.plan else ()
    return {
        "schema": schema,
        "person": person.handle,
        **act_of(act),
        "request": request.number if request else None,
        "steps": [step_document(step) for step in steps],
        "proposal": f"hub erase --person {person.handle}" if request else None,
    }


def disclosure_document(person: Person, act: Act, values: Sequence[Value]) -> Document:
    """The `hub.disclosure/1` document: what was passed on, to whom, by which permission."""
    return {
        "schema": "hub.disclosure/1",
        "disclosure": act.number,
        "person": person.handle,
        "permission": act.of,
        "recipient": act.recipient,
        "on": act.day,
        "kinds": list(act.data),
        "data": [
            {"kind": item.kind, "value": item.value, "source": item.source, "locator": str(item.locator)} for item in values
        ],
        "directory": None,
        "files": [],
    }


def given_document(act: Act, values: Sequence[Value]) -> Document:
    """What the recipient gets: the data alone, nothing of where they come from."""
    data = [{"kind": item.kind, "value": item.value} for item in values]
    return {"schema": "hub.disclosed/1", "disclosure": act.number, "recipient": act.recipient, "date": act.day, "data": data}


def disclosures_document(found: Sequence[Disclosed]) -> Document:
    """The `hub.disclosures/1` document: every disclosure; whose data they were only the person's marks know."""
    return {"schema": "hub.disclosures/1", "disclosures": [disclosure_of(item) for item in found]}


def act_of(act: Act) -> Document:
    """One act."""
    return {
        "number": act.number,
        "act": act.kind,
        "status": act.status or None,
        "purpose": act.purpose or None,
        "on": act.day,
        "recorded_at": act.written,
        "wording": act.wording or None,
        "how": act.how or None,
        "recipient": act.recipient or None,
        "kinds": list(act.data),
        "until": act.until or None,
    }


def permission_of(item: Permitted) -> Document:
    """A permission, and whether it may still be used."""
    return {**act_of(item.act), "state": item.state}


def disclosure_of(item: Disclosed) -> Document:
    """A disclosure, and the requests of which its recipient must still hear."""
    act = item.act
    return {
        "disclosure": act.number,
        "permission": act.of,
        "recipient": act.recipient or None,
        "kinds": list(act.data),
        "on": act.day,
        "to_be_told": list(item.to_tell),
    }
