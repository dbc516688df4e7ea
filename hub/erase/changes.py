"""Why a plan that was shown holds no longer: which entry is not as it was, where, and in what; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from connectors._values import dataclass, field
from connectors.phrase import Phrase
from hub.person import Held
from hub.plan import Change, Plan
from hub.search.gathered import Key


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry as a plan shows it; `does` is what the plan does with it, () while nobody has decided."""

    source: str
    where: Phrase
    version: str = field(repr=False)
    says: Counter[tuple[str, str]] = field(repr=False)
    does: tuple[str, ...] = field(default=(), repr=False)
    step: int | None = None


class Shown:
    """What plans show: their entries, and the cells outside of them that change, too."""

    def __init__(self, *plans: Plan) -> None:
        """Look at these; further ones may be added."""
        self._entries: dict[Key, _Entry] = {}
        self._places: dict[tuple[str, str], tuple[Phrase, set[tuple[str, str]]]] = {}
        for plan in plans:
            self.add(plan)

    def add(self, plan: Plan) -> None:
        """Look at one more plan; it is not kept."""
        held = {member.held.key: member.held for member in (*plan.person.members, *plan.review)}
        self._entries |= {member.held.key: _read(member.held) for member in plan.review}
        for step in plan.steps:
            key, does = (step.source, step.ref), (step.action.value, *step.fields)
            says = _says(held[key]) if key in held else Counter[tuple[str, str]]()
            self._entries[key] = _Entry(step.source, step.locator, step.version, says, does, step.number)
        for source, one in plan.spread:
            # One that shows no difference is no place, but why the source could not tell them.
            where = one.where if one.before != one.after else Phrase("the whole source")
            self._places.setdefault((source, str(where)), (where, set()))[1].add((one.before, one.after))

    def changes(self, now: Shown, besides: Iterable[Held] = ()) -> tuple[Change, ...]:
        """What of it is not so any more: entry after entry, then what came since, then the cells outside of all.

        `besides` are entries that are in no plan now, and may be one of the plan's under another ref.
        """
        came = {key: one for key, one in now._entries.items() if key not in self._entries}
        others = {one.key: _read(one) for one in besides}
        found = []
        for key, one in self._entries.items():
            there = now._entries.get(key) or others.pop(key, None)
            found.append(_difference(one, there) if there else _under_another_ref(one, came, others))
        new = [Change(one.source, one.where, "new") for one in came.values()]
        beside = [
            Change(source, where, "beside")
            for (source, name), (where, _) in {**now._places, **self._places}.items()
            if self._places.get((source, name)) != now._places.get((source, name))
        ]
        return (*filter(None, found), *new, *beside)


def _read(held: Held) -> _Entry:
    return _Entry(held.source, held.entry.locator, held.entry.version, _says(held))


def _says(held: Held) -> Counter[tuple[str, str]]:
    return Counter((item.kind, item.value) for item in held.entry.fields)


def _difference(shown: _Entry, now: _Entry) -> Change | None:
    if shown.version != now.version:
        return _changed(shown, now)
    return Change(shown.source, shown.where, "judged", step=shown.step) if shown.does != now.does else None


def _changed(shown: _Entry, now: _Entry) -> Change:
    differ = (shown.says - now.says) + (now.says - shown.says) if shown.says and now.says else Counter()
    return Change(shown.source, shown.where, "changed", tuple(dict.fromkeys(kind for kind, _ in differ)), step=shown.step)


def _under_another_ref(shown: _Entry, *pools: dict[Key, _Entry]) -> Change:
    """What became of an entry whose ref is gone: a row that moved has another, and one whose name changed."""
    for pool in pools:
        for key, one in pool.items():
            if shown.says and (one.source, one.says) == (shown.source, shown.says) and one.where != shown.where:
                del pool[key]
                return Change(shown.source, shown.where, "moved", now=one.where, step=shown.step)
    for pool in pools:
        for key, one in pool.items():
            if (one.source, one.where) == (shown.source, shown.where):
                del pool[key]
                return _changed(shown, one)
    return Change(shown.source, shown.where, "gone", step=shown.step)
