"""Running the command line in this process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Hub = Callable[..., tuple[int, Any]]
"""Runs a command with --json; its exit code and document."""
