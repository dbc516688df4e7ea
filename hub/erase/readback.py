"""Reading an entry again after a step: what still stands there, or stands there otherwise than it should."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from connectors._corrections import is_done
from connectors._needles import Matcher
from connectors.contract import Connector, Correction, Needle
from connectors.entry import Entry, Ref, Version
from connectors.errors import NotFound
from hub.plan import Action, Plan, Step


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


def as_left(step: Step, source: Connector, plan: Plan, taken: Sequence[Needle] = ()) -> Version | None:
    """The version of an entry in which an earlier step of the plan changed something; None where anything else was changed.

    What a workbook says of her in a comment on one row goes with her other row, too. The entry is what the plan showed then,
    but for values of hers that the plan takes, and for those that were `taken` by the erases of others approved with it.
    """
    before = bool(taken) or any(other.source == step.source and other.number < step.number for other in plan.steps)
    shown = next((item.held.entry for item in plan.person.members if item.held.key == (step.source, step.ref)), None)
    try:
        now = source.get(Ref(step.ref)) if before and shown is not None else None
    except NotFound:
        return None
    matcher = Matcher((*plan.needles, *taken))
    return now.version if now is not None and shown is not None and _rest(now, matcher) == _rest(shown, matcher) else None


def _rest(entry: Entry, matcher: Matcher) -> Counter[tuple[str, str, str]]:
    """What an entry says beside her own values."""
    said = ((item.kind, item.label, " ".join(matcher.cut(item.value).split())) for item in entry.fields)
    return Counter(item for item in said if item[2])
