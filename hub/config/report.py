"""The `[report]` table: what the nightly report expects of a person in a source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.entry import KINDS
from connectors.phrase import Phrase
from hub.config.reader import Reader, choose
from hub.config.settings import SourceConfig


def read_report(reader: Reader, table: Mapping[str, Any], sources: Sequence[SourceConfig]) -> Mapping[str, tuple[str, ...]]:
    """For each source what its persons are expected to have too: other sources they stand in, or kinds of fields.

    `NAME/private` is about those of a source who stand there without a company.
    """
    prefix = "report."
    reader.unknown(prefix, table, ("expect", "ask"))
    expect = table.get("expect", {})
    if not isinstance(expect, Mapping):
        reader.problem(f"{prefix}expect", _SHAPE)
        return {}
    names = [source.name for source in sources]
    found: dict[str, tuple[str, ...]] = {}
    for name, wanted in expect.items():
        source = name.removesuffix(PRIVATE)
        if source not in names:
            reader.problem(f"{prefix}expect.{name}", choose(source, names) if names else _SHAPE)
        if not isinstance(wanted, list) or not all(isinstance(item, str) for item in wanted):
            reader.problem(f"{prefix}expect.{name}", _SHAPE)
            continue
        others = [other for other in names if other != source]
        for item in wanted:
            if item not in others and item not in KINDS:
                reader.problem(f"{prefix}expect.{name}", choose(item, [*others, *KINDS]))
        found[name] = tuple(dict.fromkeys(wanted))
    return found


def read_ask(reader: Reader, table: Mapping[str, Any]) -> bool | None:
    """Whether the report names who was not asked; None, when nothing is said: once the first one was asked."""
    ask = table.get("ask")
    if ask is None or isinstance(ask, bool):
        return ask
    reader.problem("report.ask", Phrase("Write true or false here."))
    return None


PRIVATE = "/private"
_SHAPE = Phrase("Write for each source, in curly brackets, the list of the other sources in which its persons must be too.")
