"""What the report knows of the configured sources besides their entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from connectors.contract import Column, Connector
from hub.config import SourceConfig
from hub.person import Answer
from hub.report.finding import Register
from hub.search.coverage import read


def registers(
    sources: Sequence[Connector],
    settings: Sequence[SourceConfig],
    answers: Sequence[Answer],
    columns: Mapping[str, Sequence[Column]] = MappingProxyType({}),
) -> Mapping[str, Register]:
    """Each source by name; `columns` of its are known, or asked for where it answered."""
    options = {source.name: source.options for source in settings}
    silent = {answer.source for answer in answers if answer.state == "silent"}
    found: dict[str, Register] = {}
    for source in sources:
        days = options.get(source.name, {}).get("stale_after_days")
        found[source.name] = Register(
            name=source.name,
            kind=source.kind,
            holds=source.features.holds,
            columns=() if source.name in silent else columns[source.name] if source.name in columns else read(source) or (),
            stale_after_days=days if isinstance(days, int) else None,
            groups={} if source.name in silent else groups_of(source),
        )
    return found


def groups_of(source: Connector) -> Mapping[str, frozenset[str]]:
    """The groups and lists of a source; none when it cannot tell them now."""
    try:
        return source.groups()
    except Exception:  # noqa: BLE001  # what keeps a source from being read is told by its answer; the night goes on
        return {}
