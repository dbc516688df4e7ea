"""Where all pairs of many entries are compared at once: a setting."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from connectors._values import dataclass

BACKENDS = ("duckdb", "spark")
"""In memory on this computer, or on Spark."""


@dataclass(frozen=True, slots=True)
class Engine:
    """Where the work is done; `spill` is a folder of the hub's own for what does not fit into `memory`.

    Fewer entries than `entries` are compared one by one, without any engine: that is as fast, and nothing is loaded.
    """

    backend: Literal["duckdb", "spark"] = "duckdb"
    memory: str = "2GB"
    spill: Path | None = None
    entries: int = 30_000
