"""What is kept of a night, as columns with a name each, and taken up again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from hub.matching.night.arrays import Ints
from hub.matching.night.judging import Looked
from hub.matching.night.prepare import Keyed
from hub.matching.night.prepared import ONE_EACH, Prepared
from hub.matching.night.renewing import Kept

Columns = Mapping[str, pa.Array]


def columns_of(kept: Kept) -> dict[str, pa.Array]:
    """The columns."""
    found: dict[str, Any] = {
        "size": [kept.prepared.size],
        "look": kept.prepared.seen,
        "written": kept.prepared.written,
        "rarity": kept.rarity.astype(np.int8),
        "both": kept.looked.both,
        "patterns": kept.looked.patterns,
        "seen": kept.looked.seen,
        "verdicts": kept.verdicts,
    }
    for kind, column in kept.prepared.columns.items():
        found |= {f"{kind}.items": column.items, f"{kind}.keys": column.keys}
        if kind not in ONE_EACH:
            found |= {f"{kind}.entries": column.entries, f"{kind}.stays": np.flatnonzero(column.stays)}
    found |= {f"{kind}.standing": standing for kind, standing in kept.standing.items()}
    return {name: pa.array(column) for name, column in found.items()}


def kept_of(columns: Columns) -> Kept:
    """Undo `columns_of`. Raises LookupError where one is missing."""
    kinds = [name.removesuffix(".keys") for name in columns if name.endswith(".keys")]
    standing = [name for name in columns if name.endswith(".standing")]
    return Kept(
        Prepared(
            columns["size"][0].as_py(),
            {kind: _keyed(columns, kind) for kind in kinds},
            _ints(columns["look"]),
            columns["written"],
        ),
        {name.removesuffix(".standing"): _ints(columns[name]) for name in standing},
        _ints(columns["rarity"]),
        Looked(*(_ints(columns[name]) for name in ("both", "patterns", "seen"))),
        _ints(columns["verdicts"]),
    )


def _keyed(columns: Columns, kind: str) -> Keyed:
    items = _ints(columns[f"{kind}.items"])
    entries = np.arange(len(items), dtype=np.int32) if kind in ONE_EACH else _ints(columns[f"{kind}.entries"])
    stays = np.zeros(len(items), bool)
    if kind not in ONE_EACH:
        stays[_ints(columns[f"{kind}.stays"])] = True
    return Keyed(entries, items, columns[f"{kind}.keys"], stays)


def _ints(column: pa.Array) -> Ints:
    found: Ints = column.to_numpy(zero_copy_only=False)
    return found
