"""The `[engine]` table: where all pairs of many entries are compared."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from connectors.phrase import Phrase
from hub.config.reader import Reader, choose
from hub.matching.engine import BACKENDS, Backend, Engine

SPILL = "spill"
"""The folder in the state directory for what does not fit into memory."""


def read_engine(reader: Reader, table: Mapping[str, Any], state: Path) -> Engine:
    """The engine, with every problem noted."""
    reader.unknown("engine.", table, ("backend", "memory"))
    backend = reader.text(table, "engine.", "backend", Engine().backend)
    if backend not in BACKENDS:
        reader.problem("engine.backend", choose(backend, BACKENDS))
    memory = reader.text(table, "engine.", "memory", Engine().memory)
    if not re.fullmatch(r"\d+(?:\.\d+)? ?[MG]B", memory):
        reader.problem("engine.memory", Phrase('Write how much memory it may take, like "2GB".'))
    return Engine(cast(Backend, backend), memory, state / SPILL)
