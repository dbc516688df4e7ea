"""Value objects that cost little to define: the part of `dataclasses` that the hub needs, for what every command imports.

The standard `dataclass` imports `inspect` and compiles six functions for each class as it is defined: of thirty classes
that is a third of the time in which a person is to be found. Here a class is made of functions that all of them share;
only its `__init__` is compiled, when the first object is made. To the type checker, and to `dataclasses.fields`,
`replace` and `is_dataclass`, these classes are dataclasses. Always with slots; a subclass adds no fields.

The standard `NamedTuple` compiles the type of each field: a millisecond for two classes.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

T = TypeVar("T")

_NOTHING: Any = object()


class _Part:
    """What is said of one field beside its name and type."""

    __slots__ = ("compare", "default", "factory", "repr")

    def __init__(self, default: Any, factory: Any, *, repr: bool, compare: bool) -> None:  # noqa: A002  # as in `dataclasses`
        self.default = default
        self.factory = factory
        self.repr = repr
        self.compare = compare


def _field(
    *,
    default: Any = _NOTHING,
    default_factory: Any = _NOTHING,
    repr: bool = True,  # noqa: A002  # as in `dataclasses`
    compare: bool = True,
) -> Any:
    """As `dataclasses.field`."""
    return _Part(default, default_factory, repr=repr, compare=compare)


def _dataclass(*, frozen: bool = False, slots: bool) -> Callable[[type[T]], type[T]]:
    """As `dataclasses.dataclass`."""
    assert slots

    def made_of(plain: type[T]) -> type[T]:
        content = {name: value for name, value in vars(plain).items() if name not in {"__dict__", "__weakref__"}}
        parts = {name: _part(content.pop(name, _NOTHING)) for name in content["__annotations__"]}
        content |= {"__slots__": tuple(parts), "__match_args__": tuple(parts), "__qualname__": plain.__qualname__}
        content |= {"__dataclass_fields__": _Fields(parts)} | _shared(parts, frozen=frozen)
        made: Any = type(plain.__name__, plain.__bases__, content)
        made.__init__ = _first(made, parts)
        return made  # type: ignore[no-any-return]  # what a dataclass decorator returns is untyped

    return made_of


def _replace(item: T, /, **changes: Any) -> T:
    """As `dataclasses.replace`."""
    kept: dict[str, Any] = {name: getattr(item, name) for name in item.__match_args__}  # type: ignore[attr-defined]  # every value class has them
    return type(item)(**kept | changes)


_standard: Any = namedtuple  # noqa: PYI024  # what it makes is written with types


class _Named(type):
    """Makes a tuple of what is written as a class with fields."""

    def __new__(cls, name: str, bases: tuple[type, ...], content: dict[str, Any]) -> Any:
        if not bases:
            return super().__new__(cls, name, bases, content)
        fields = list(content["__annotations__"])
        defaults = [content.pop(field) for field in fields if field in content]
        made = _standard(name, fields, defaults=defaults, module=content.pop("__module__"))
        for kept, value in content.items():
            setattr(made, kept, value)
        return made


class _NamedTuple(metaclass=_Named):
    """As `typing.NamedTuple`."""


if TYPE_CHECKING:
    from dataclasses import dataclass, field, replace
    from typing import NamedTuple
else:
    dataclass, field, replace, NamedTuple = _dataclass, _field, _replace, _NamedTuple

__all__ = ["NamedTuple", "dataclass", "field", "replace"]


def _part(said: Any) -> _Part:
    return said if isinstance(said, _Part) else _Part(said, _NOTHING, repr=True, compare=True)


def _first(made: Any, parts: Mapping[str, _Part]) -> Callable[..., None]:
    """The `__init__` of a class of which there is no object yet: compiles the real one and steps aside for it."""

    def __init__(self: Any, *given: Any, **named: Any) -> None:  # noqa: N807  # becomes a method of each class
        made.__init__ = _compiled(made, parts)
        made.__init__(self, *given, **named)

    return __init__


def _compiled(made: type, parts: Mapping[str, _Part]) -> Callable[..., None]:
    """Sets each slot directly, past the `__setattr__` that keeps a frozen object from changing."""
    known: dict[str, Any] = {"_nothing": _NOTHING}
    head, body = [], []
    for name, part in parts.items():
        known |= {f"_set_{name}": getattr(made, name).__set__, f"_default_{name}": part.default, f"_new_{name}": part.factory}
        told = part.default is not _NOTHING or part.factory is not _NOTHING
        head.append(f"{name}=_default_{name}" if told else name)
        value = name if part.factory is _NOTHING else f"_new_{name}() if {name} is _nothing else {name}"
        body.append(f" _set_{name}(self, {value})\n")
    exec(f"def __init__(self, {', '.join(head)}):\n{''.join(body)}", known)  # noqa: S102  # names of our own fields only
    init: Callable[..., None] = known["__init__"]
    init.__qualname__ = f"{made.__qualname__}.__init__"
    return init


def _shared(parts: Mapping[str, _Part], *, frozen: bool) -> dict[str, Any]:
    """What all value objects do alike, each with its own fields."""
    compared = attrgetter(*[name for name, part in parts.items() if part.compare])
    shown = [name for name, part in parts.items() if part.repr]

    def __eq__(self: Any, other: object) -> Any:  # noqa: N807  # as above
        return compared(self) == compared(other) if other.__class__ is self.__class__ else NotImplemented

    def __hash__(self: Any) -> int:  # noqa: N807  # as above
        return hash(compared(self))

    def __repr__(self: Any) -> str:  # noqa: N807  # as above
        told = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
        return f"{type(self).__qualname__}({told})"

    def __reduce__(self: Any) -> tuple[Any, ...]:  # noqa: N807  # as above
        return type(self), tuple(getattr(self, name) for name in parts)

    common = {"__eq__": __eq__, "__repr__": __repr__, "__reduce__": __reduce__}
    if frozen:
        return common | {"__hash__": __hash__, "__setattr__": _refuse, "__delattr__": _refuse}
    return common | {"__hash__": None}


def _refuse(_self: object, name: str, _value: object = None) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot assign to field {name!r}")


class _Fields:
    """What `dataclasses` wants to know of a class, worked out when it asks."""

    def __init__(self, parts: Mapping[str, _Part]) -> None:
        self._parts = parts
        self._known: dict[str, Any] | None = None

    def __get__(self, holder: object | None, owner: type) -> dict[str, Any]:
        if self._known is None:
            from dataclasses import make_dataclass

            told = [(name, owner.__annotations__[name], _as_told(part)) for name, part in self._parts.items()]
            twin = make_dataclass(owner.__name__, told)
            self._known = twin.__dataclass_fields__  # type: ignore[attr-defined]  # set by the standard decorator
        return self._known


def _as_told(part: _Part) -> Any:
    import dataclasses

    told = {"default": part.default, "default_factory": part.factory}
    said: dict[str, Any] = {name: value for name, value in told.items() if value is not _NOTHING}
    return dataclasses.field(repr=part.repr, compare=part.compare, **said)
