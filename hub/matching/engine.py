"""Where all pairs of many entries are compared at once: a setting."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from connectors._values import dataclass

Backend = Literal["columns", "duckdb", "spark"]

BACKENDS = ("columns", "duckdb", "spark")
"""On columns of numbers of our own, or by Splink: on DuckDB in memory, or on Spark. All of them say the same."""


@dataclass(frozen=True, slots=True)
class Engine:
    """Where the work is done; `spill` is a folder of the hub's own for what does not fit into the `memory` that Splink may take.

    Fewer entries than `entries` are compared one by one, without any engine: that is as fast, and nothing is loaded.
    """

    backend: Backend = "columns"
    memory: str = "2GB"
    spill: Path | None = None
    entries: int = 30_000
