"""Value objects that are cheap to define behave as the standard library's."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import subprocess
import sys
import typing
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import _values
from connectors.entry import Field
from hub.matching.relations import DECIDED


def made_by(tools: Any, *, frozen: bool = True) -> Any:
    """One and the same class, made by one of the two."""

    @tools.dataclass(frozen=frozen, slots=True)
    class Thing:
        """A thing."""

        kind: str
        value: str = tools.field(repr=False)
        label: str = ""
        load: object = tools.field(default=None, repr=False, compare=False)
        parts: list[str] = tools.field(default_factory=list, compare=False)

        @property
        def both(self) -> str:
            """Two fields in one."""
            return self.kind + self.value

    return Thing


OURS, THEIRS = made_by(_values), made_by(dataclasses)
NAMES = ("kind", "value", "label", "load", "parts")
arguments = st.tuples(
    st.lists(st.sampled_from(["", "a", "b"]), max_size=6),
    st.dictionaries(st.sampled_from([*NAMES, "other"]), st.sampled_from(["", "a"]), max_size=4),
)


def tried(act: Callable[[], object]) -> object:
    """What comes of it: the result, or the class of what it raises."""
    try:
        return act()
    except (TypeError, AttributeError) as error:
        return type(error)


@given(arguments)
def test_it_takes_the_same_arguments(told: tuple[list[str], dict[str, str]]) -> None:
    """Positions, names, defaults and what is wrong with them: as in the standard library."""

    def taken(made: Any) -> object:
        return tried(lambda: [getattr(made(*told[0], **told[1]), name) for name in NAMES])

    assert taken(OURS) == taken(THEIRS)


@given(arguments, arguments)
def test_two_are_equal_when_they_would_be(one: tuple[list[str], dict[str, str]], other: tuple[list[str], dict[str, str]]) -> None:
    """Equality, hash and repr are those of the standard library."""

    def seen(made: Any) -> object:
        first, second = made(*one[0], **one[1]), made(*other[0], **other[1])
        return first == second, first != second, hash(first) == hash(second), repr(first), first.both, first == one[0]

    assert tried(lambda: seen(OURS)) == tried(lambda: seen(THEIRS))


def test_another_class_is_never_equal() -> None:
    """The same values in another class are another thing."""
    assert OURS("a", "b") != THEIRS("a", "b")
    assert OURS("a", "b") != made_by(_values)("a", "b")


def test_a_frozen_one_does_not_change() -> None:
    """Neither a field nor anything else can be set or deleted."""
    thing = OURS("a", "b")

    for name in ("kind", "other"):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(thing, name, "c")
        with pytest.raises(dataclasses.FrozenInstanceError):
            delattr(thing, name)
    assert not hasattr(thing, "__dict__")


def test_one_that_is_not_frozen_changes() -> None:
    """Its fields can be set, others do not exist, and it has no hash."""
    thing = made_by(_values, frozen=False)("a", "b")

    thing.kind = "c"

    assert thing == type(thing)("c", "b")
    with pytest.raises(AttributeError):
        thing.other = 1
    with pytest.raises(TypeError):
        hash(thing)


def test_the_standard_library_takes_it_for_its_own() -> None:
    """`is_dataclass`, `fields`, `replace` and `asdict` see what they would see of a class of theirs."""

    def told(made: Any) -> list[tuple[object, ...]]:
        return [(item.name, item.type, item.default, item.repr, item.compare) for item in dataclasses.fields(made)]

    assert told(OURS) == told(THEIRS)
    assert dataclasses.is_dataclass(Field)
    assert dataclasses.replace(OURS("a", "b"), label="c") == _values.replace(OURS("a", "b"), label="c") == OURS("a", "b", "c")
    assert dataclasses.asdict(OURS("a", "b")) == dataclasses.asdict(THEIRS("a", "b"))


def test_a_copy_is_equal() -> None:
    """Pickle and copy give an equal object."""
    thing = Field("email", "maija@saari.example", "Sähköposti")

    assert pickle.loads(pickle.dumps(thing)) == copy.copy(thing) == copy.deepcopy(thing) == thing


def test_a_name_alone_is_matched() -> None:
    """Positions of a `match` are those of the fields."""
    match OURS("a", "b"):
        case OURS(kind, value):
            assert (kind, value) == ("a", "b")
        case _:
            pytest.fail("no match")


def tuple_made_by(tools: Any) -> Any:
    """One and the same class of tuples, made by one of the two."""

    class Pair(tools.NamedTuple):  # type: ignore[misc]  # either of two
        """A pair."""

        kind: str
        value: str = ""
        label: str = "-"

        @property
        def both(self) -> str:
            """Two fields in one."""
            return self.kind + self.value

        def __repr__(self) -> str:
            return f"<{self.kind}>"

    return Pair


@given(arguments)
def test_a_tuple_is_the_standard_one(told: tuple[list[str], dict[str, str]]) -> None:
    """It takes the same arguments, and is equal to what the standard library makes of them."""

    def seen(made: Any) -> object:
        one = made(*told[0], **told[1])
        return one, hash(one), repr(one), one.both, one.label, one._asdict(), one._replace(label="c"), isinstance(one, tuple)

    assert tried(lambda: seen(tuple_made_by(_values))) == tried(lambda: seen(tuple_made_by(typing)))


def test_a_tuple_tells_of_its_fields_as_the_standard_one() -> None:
    """Names, types, defaults, and where it is from; a copy is equal."""

    def told(made: Any) -> object:
        return made._fields, made._field_defaults, [*made.__annotations__], made.__doc__, made.__module__, made.__qualname__

    assert told(tuple_made_by(_values)) == told(tuple_made_by(typing))
    assert pickle.loads(pickle.dumps(DECIDED)) == copy.deepcopy(DECIDED) == DECIDED
    assert DECIDED.levels.filled({"email": "own"}).email == "own"


def test_defining_one_needs_none_of_the_heavy_parts() -> None:
    """What every command imports neither imports `dataclasses` nor, with it, `inspect`."""
    code = "import sys, connectors.contract, hub.person; print(*sorted({'dataclasses', 'inspect'} & {*sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == []
