"""Faults for the worlds of file-based sources: the process dies, or the disk is full, at a named place of a write."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from connectors import _files, _system
from tests.conformance.world import Killed

REPLACING = ("before _flush", "full _flush", "after _flush", "before _carry_over", "before replace", "after replace")
"""The places of `_files.replace_file`, which every file-based source writes by."""

_HOMES = {"replace": _system, "sync_folder": _system}


@contextmanager
def failing_at(point: str, homes: Mapping[str, Any] | None = None) -> Iterator[list[str]]:
    """Fail at "before NAME", "after NAME" (killed) or "full NAME" (no space left); the points reached are listed.

    NAME is a function of `_files`, or of the module that `homes` gives for it.
    """
    reached: list[str] = []
    when, name = point.split()
    module = {**_HOMES, **(homes or {})}.get(name, _files)
    act: Callable[..., Any] = getattr(module, name)

    def dying(*arguments: object) -> None:
        if when == "after":
            act(*arguments)
        reached.append(point)
        if when == "full":
            raise OSError(28, "No space left on device")
        raise Killed(point)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, name, dying)
        yield reached
