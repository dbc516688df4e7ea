"""Searching: which sources must be asked again, what they answered, and who is in it."""

from __future__ import annotations

from collections.abc import Callable

Tick = Callable[[str], None]
"""Called with a source's name as entries come in, so that a person sees that something happens."""


def silently(_source: str) -> None:
    """Report no progress."""
