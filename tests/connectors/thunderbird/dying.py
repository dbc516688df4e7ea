"""A process that is killed at a step of the connector: before it, after it, or so many instructions of SQLite into it."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from tests.conformance.world import Killed
from tests.faults.killing import in_a_child


def killed(module: ModuleType, when: str, name: str, act: Callable[[], object]) -> bool:
    """Whether a child that does this died by SIGKILL at the step, a function of the module; `when` is before, after or in N."""
    original: Callable[..., object] = getattr(module, name)

    def die() -> None:
        raise Killed(name)

    def dying(*arguments: Any) -> None:
        if when.startswith("in "):
            arguments[0].set_progress_handler(die, int(when[3:]))
        if when != "before":
            original(*arguments)
        die()

    def acting() -> bool:
        setattr(module, name, dying)
        act()
        return False

    return in_a_child(acting)
