"""Requests as the text the ledger keeps, and back: those of earlier versions, too."""

from __future__ import annotations

import json
from enum import Enum
from typing import Any

from connectors.contract import Correction, Needle, Spread
from connectors.entry import Disposal, Entry, Field, Retention, Unreadable
from connectors.phrase import Phrase
from hub.ledger.request import Line, Request, line_of
from hub.ledger.undone import Returned, StepReturn, Window
from hub.person import Answer, Evidence, Held, Member, Person, Verdict
from hub.plan import Action, Leftover, Plan, Result, State, Step, StepOutcome

_CLASSES: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        Answer,
        Correction,
        Entry,
        Evidence,
        Field,
        Held,
        Leftover,
        Member,
        Needle,
        Person,
        Plan,
        Retention,
        Spread,
        Step,
        StepOutcome,
        StepReturn,
        Unreadable,
        Window,
    )
}
_ENUMS: dict[str, type[Enum]] = {kind.__name__: kind for kind in (Action, Disposal, Result, Returned, State, Verdict)}


def dumped(request: Request) -> str:
    """The request as text."""
    return json.dumps(_encode({name: getattr(request, name) for name in Request.__match_args__}), ensure_ascii=False)


def loaded(text: str, without: frozenset[str] = frozenset()) -> Request:
    """The request that was kept as this text, its stage in the words of today; `without` the fields that nobody will ask for."""
    told = json.loads(text)["items"]
    request = Request(**{name: _decode(value) for name, value in told if name not in without})
    if not request.history:
        _translate(request)
    return request


def listed(text: str) -> Line:
    """What a list shows of the request that was kept as this text."""
    return line_of(loaded(text, _UNLISTED))


_UNLISTED = frozenset({"plan", "residue", "returned", "lacking"})
"""Most of a request, of which no list shows anything."""


def _translate(request: Request) -> None:
    """Up to version 0.1 a request was pending, running (even when a run had ended without success) or finished."""
    earlier: str = request.stage
    if earlier == "pending":
        request.stage = "planned"
    elif earlier == "running" and request.state in {State.INCOMPLETE, State.STALE}:
        request.stage = "incomplete"
    elif earlier == "finished":
        request.stage = "closed" if request.kind == "refusal" else "verified"


def _encode(value: Any) -> Any:
    """JSON for the hub's own value objects: each carries its class name; attachments are not kept."""
    if isinstance(value, Phrase):
        return {"@": "Phrase", "template": value.template, "values": _encode(dict(value.values))}
    if isinstance(value, Enum):
        return {"@": type(value).__name__, "value": value.value}
    if type(value).__name__ in _CLASSES:
        names = [name for name in type(value).__match_args__ if name != "attachments"]
        return {"@": type(value).__name__, **{name: _encode(getattr(value, name)) for name in names}}
    if isinstance(value, dict):
        return {"@": "dict", "items": [[_encode(key), _encode(item)] for key, item in value.items()]}
    if isinstance(value, tuple):
        return {"@": "tuple", "items": [_encode(item) for item in value]}
    if isinstance(value, list):
        return [_encode(item) for item in value]
    return value


def _decode(value: Any) -> Any:
    if isinstance(value, list):
        return [_decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    content = dict(value)
    name = content.pop("@")
    if name == "dict":
        return {_decode(key): _decode(item) for key, item in content["items"]}
    if name == "tuple":
        return tuple(_decode(item) for item in content["items"])
    if name == "Phrase":
        return Phrase(content["template"], **_decode(content["values"]))
    if name in _ENUMS:
        return _ENUMS[name](content["value"])
    return _CLASSES[name](**{key: _decode(item) for key, item in content.items()})
