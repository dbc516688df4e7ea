"""Reading an entry again after a step: what still stands there, or stands there otherwise than it should."""

from __future__ import annotations

from collections.abc import Sequence

from connectors._corrections import is_done
from connectors.contract import Connector, Correction
from connectors.entry import Ref
from connectors.errors import NotFound
from hub.plan import Action, Step


def left_after(step: Step, source: Connector) -> list[str]:
    """The kinds of fields that a fresh reading still shows though the step took them away."""
    try:
        entry = source.get(Ref(step.ref))
    except NotFound:
        return []
    if step.action is Action.ERASE:
        return sorted({item.kind for item in entry.fields}) or ["entry"]
    return sorted({item.kind for item in entry.leaving() if item.kind in step.fields})


def not_right(source: Connector, ref: Ref, corrections: Sequence[Correction]) -> list[str]:
    """The kinds of fields that a fresh reading shows otherwise than they were put right; none when the entry is gone."""
    try:
        fields = source.get(ref).fields
    except NotFound:
        return []
    return sorted({one.kind for one in corrections if not is_done(fields, [one])})


def is_unaltered(source: Connector, step: Step) -> bool:
    """Whether a retained entry is there unaltered."""
    return source.get(Ref(step.ref)).version == step.version
