"""A night that goes on from the night before says what a night says that compares everything."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import cast

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.entry import Entry, Field, Ref, Version
from connectors.phrase import Phrase
from hub.machine.workers import Workers
from hub.matching import NONE, Decisions, Matching, model
from hub.matching.memory import MemoryIndex
from hub.matching.night import namesakes, put_together, renewing
from hub.matching.night.arrays import Feature
from hub.matching.night.census import counted
from hub.matching.night.name_keys import NameKeys
from hub.matching.night.prepared import Prepared, prepared
from hub.matching.night.renewing import Changes, Kept, Worked, all_compared, renewed
from hub.matching.night.sheet import sheet_of
from hub.person import Held, Person
from tests.bench.registers import Habits, careless, registers
from tests.hub.test_matching_bulk import REGISTERS


def _prepared(held: Sequence[Held]) -> Prepared:
    with Workers() as workers:
        return prepared(sheet_of(held), "FI", workers)


def _night(held: Sequence[Held]) -> Worked:
    return all_compared(_prepared(held))


def _next(kept: Kept, before: Sequence[Held], now: Sequence[Held]) -> Worked | None:
    """The night after, when the entries are these; both are in the order of their keys."""
    there, stand = {item.key: item for item in before}, {item.key: item for item in now}
    gone = [number for number, item in enumerate(before) if stand.get(item.key) != item]
    places = [number for number, item in enumerate(now) if there.get(item.key) != item]
    came = _prepared([now[number] for number in places])
    return renewed(kept, Changes(np.array(gone, np.int64), came, np.array(places, np.int64)))


def _persons(held: Sequence[Held], worked: Worked, decisions: Decisions) -> list[Person]:
    grouping = put_together(MemoryIndex(held, "FI"), decisions, worked)
    return list(Matching(grouping.index, "FI", decisions, grouping)._everybody())  # what `persons` goes through


def _agree(worked: Worked, now: Sequence[Held], decisions: Decisions = NONE) -> None:
    whole = _night(now)
    assert worked.looked.both.tolist() == whole.looked.both.tolist()
    assert worked.looked.patterns.tolist() == whole.looked.patterns.tolist()
    assert _persons(now, worked, decisions) == _persons(now, whole, decisions)
    for kind, column in worked.prepared.columns.items():
        assert sorted(column.keys.to_pylist()) == sorted(whole.prepared.columns[kind].keys.to_pylist()), "a key of nobody is left"


def _ordered(held: Sequence[Held]) -> list[Held]:
    return sorted({item.key: item for item in held}.values(), key=lambda item: item.key)


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many are touched."""
    monkeypatch.setattr(renewing, "_MOST", 0)


@pytest.fixture(params=["as it is", "few are many", "each counts"])
def figures(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The figures of the model, and those with which a handful of entries crosses every border that it draws."""
    if request.param != "as it is":
        for name, value in {"few": 2, "throng": 3, "crowd": 2}.items():
            monkeypatch.setitem(cast("dict[str, int]", model.settings()), name, value)
    if request.param == "each counts":
        monkeypatch.setitem(cast("dict[str, int]", model.settings()), "fewest", 1)
    _forget_figures()
    yield request.param
    monkeypatch.undo()
    _forget_figures()


def _forget_figures() -> None:
    for known in vars(model).values():
        if hasattr(known, "cache_clear"):
            known.cache_clear()


@pytest.mark.usefixtures("always")
@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(REGISTERS, REGISTERS, st.data())
def test_any_change_gives_the_same_persons(figures: str, first: list[Held], other: list[Held], data: st.DataObject) -> None:
    """Whatever goes, comes or is written otherwise, and whatever humans decided."""
    before = _ordered(first)
    fate = st.sampled_from(["stays", "stays", "goes", "changes"])
    now, rest = [], list(other)
    for item in before:
        what = data.draw(fate)
        if what == "stays":
            now.append(item)
        elif what == "changes" and rest:
            now.append(Held(item.source, replace(rest.pop().entry, ref=item.entry.ref)))
    coming = data.draw(st.integers(0, len(rest)))
    taken = {item.key for item in before}
    now = _ordered([*now, *(item for item in rest[:coming] if item.key not in taken)])
    worked = _next(_night(before).kept(), before, now)
    if worked is None:
        assert figures == "each counts", "so few entries decide nothing by their number"
        return
    keys = [item.key for item in now]
    pairs = [(keys[at], keys[at + 1]) for at in range(len(keys) - 1)][:2]
    _agree(worked, now, Decisions(pairs[:1], pairs[1:]))


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize("seed", [21, 22])
def test_night_after_night(seed: int) -> None:
    """Registers as they are kept in life: of each night a few entries go, come, or take over what others hold."""
    habits = careless(Habits()) if seed % 2 else Habits()
    every = [made.held for made in registers(3000, seed, habits)]
    chance = random.Random(seed)
    now = _ordered(every[:-200])
    kept, went_on = _night(now).kept(), 0
    for night in range(4):
        before, now = now, _ordered([*_changed(now, chance), *every[len(every) - 200 + night * 10 :][:10]])
        worked = _next(kept, before, now)
        went_on += worked is not None
        worked = worked or _night(now)
        _agree(worked, now)
        kept = worked.kept()
    assert went_on, "no night went on from the one before"


def _changed(held: Sequence[Held], chance: random.Random) -> list[Held]:
    """Ten entries less, ten of another name, ten with the e-mail or phone of another one."""
    places = chance.sample(range(len(held)), 30)
    found: dict[int, Held | None] = {}
    for number, place in enumerate(places):
        entry, other = held[place].entry, held[chance.randrange(len(held))].entry
        if number < 10:
            found[place] = None
        elif number < 20:
            found[place] = _with(held[place], entry, other, {"name", "given", "family"})
        else:
            found[place] = _with(held[place], entry, other, {"email", "phone"})
    every = (found.get(place, item) for place, item in enumerate(held))
    return [item for item in every if item is not None]


def _with(item: Held, entry: Entry, other: Entry, kinds: set[str]) -> Held:
    """The entry, with what the other one has of these kinds in place of its own."""
    fields = [field for field in entry.fields if field.kind not in kinds] + [
        field for field in other.fields if field.kind in kinds
    ]
    return Held(item.source, replace(entry, fields=tuple(fields)))


def test_where_many_are_touched_everything_is_compared() -> None:
    """It would cost as much, and is simpler."""
    before = [Held("book", _entry(number, "Maija Virtanen")) for number in range(100)]
    now = [Held("book", _entry(number, "Matti Koski" if number < 10 else "Maija Virtanen")) for number in range(100)]
    assert _next(_night(before).kept(), before, now) is None


def test_where_the_number_of_entries_decides_otherwise_everything_is_compared() -> None:
    """A register that grows tenfold asks less of what was a question before."""
    before = _ordered([made.held for made in registers(300, 5)])
    now = _ordered([*before, *(Held("more", _entry(number, f"Aku{number} Ankka")) for number in range(3000))])
    assert _next(_night(before).kept(), before, now) is None


def _entry(number: int, name: str) -> Entry:
    return Entry(Ref(f"{number:05}"), Version("1"), Phrase("card"), (Field("name", name),))


def test_where_a_pattern_comes_to_another_verdict_everything_is_compared() -> None:
    """Pairs about which nothing was said are not kept: some may be worth a question among other numbers of entries."""
    held = _ordered([made.held for made in registers(300, 5)])
    kept = _night(held).kept()
    assert _next(kept, held, held) is not None
    kept.verdicts[0] += 1
    assert _next(kept, held, held) is None


def test_a_birthday_of_ever_more_people(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside one that a throng has, a word of the name says nothing any more: what was a question is none, and is one again."""
    monkeypatch.setattr(renewing, "_MOST", 0)
    monkeypatch.setitem(cast("dict[str, int]", model.settings()), "throng", 3)
    born = [Field("birthday", "1970-05-05")]
    few = [
        Held("book", replace(_entry(number, name), fields=(Field("name", name), *born)))
        for number, name in enumerate(["Maija Virtanen", "Virtanen", "Aku Ankka"])
    ]
    many = [*few, Held("book", replace(_entry(9, "Iines Hiiri"), fields=(Field("name", "Iines Hiiri"), *born)))]
    assert (len(_night(few).looked.both), len(_night(many).looked.both)) == (1, 0)
    for before, now in ((few, many), (many, few)):
        worked = _next(_night(before).kept(), before, now)
        assert worked is not None
        _agree(worked, now)


NAMES = st.lists(
    st.sampled_from("Anna Maija Annamaija M. A. Virtanen V. Koski Virtanen-Koski".split()), min_size=1, max_size=4
).map(" ".join)


@settings(max_examples=150)
@given(st.lists(NAMES, min_size=2, max_size=8), st.integers(1, 2))
def test_no_name_is_passed_over_that_may_meet_a_touched_one(names: list[str], touched: int) -> None:
    """By all its words in one, by two of them, by a word and an initial from either side."""
    census = counted(_prepared([Held("book", _entry(number, name)) for number, name in enumerate(names)]))
    dirty = np.arange(len(names)) < touched
    keys = NameKeys(census.names, np.arange(len(census.names)))
    near = namesakes._near(census, dirty)  # what `by_name` looks at
    for one, other in product(census.name[dirty].tolist(), range(len(census.names))):
        features = (
            (keys.joined, keys.joined),
            (keys.pairs, keys.pairs),
            (keys.initials, keys.wholes),
            (keys.wholes, keys.initials),
        )
        if any({*_items(ours, one)} & {*_items(theirs, other)} for ours, theirs in features):
            assert near[other]


def _items(feature: Feature, owner: int) -> list[int]:
    found: list[int] = feature.items[feature.starts[owner] : feature.starts[owner + 1]].tolist()
    return found
