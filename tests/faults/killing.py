"""A process that is really killed: a child of this one, by SIGKILL, which runs no clean-up."""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Callable

from tests.conformance.world import Killed

_REACHED, _MISSED, _BROKE = 10, 11, 12


def in_a_child(act: Callable[[], bool]) -> bool:
    """Run `act` in a child that dies by SIGKILL where the tests' `Killed` is raised; whether it came to its fault.

    `act` returns that where the child lives on. Raises `AssertionError` when it ended in any other way.
    """
    child = os.fork()
    if child == 0:
        code = _BROKE
        try:
            setattr(Killed, "__init__", _kill)  # noqa: B010  # mypy knows no other way
            code = _REACHED if act() else _MISSED
        except BaseException:  # noqa: BLE001  # nothing may come back into the tests of the parent
            traceback.print_exc()
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) != _BROKE, "the child broke"
    return os.WEXITSTATUS(status) == _REACHED


def _kill(_self: Killed, *_arguments: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)
