"""The columns of each source as the report needs them: read again only where the source may have changed since."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import cast

from connectors.contract import Column, Connector
from connectors.phrase import Phrase
from hub.config import Config
from hub.mirror import Mirror
from hub.mirror.codec import pack, unpack
from hub.person import Answer
from hub.search.sources import open_sources


def columns_of(mine: Mirror, config: Config, answers: Sequence[Answer]) -> Mapping[str, Sequence[Column]]:
    """The columns of every source that answered, from the mirror or from the source itself; none of one that cannot tell them."""
    known, told = mine.sources(), dict[str, Sequence[Column]]()
    for source in open_sources(config, [answer.source for answer in answers if answer.state != "silent"]):
        kept = mine.about(_remark(source.name))
        if kept:
            told[source.name] = [_column(*item) for item in json.loads(kept)]
            continue
        columns = read(source)
        told[source.name] = columns or ()
        if columns is None:
            continue
        mine.write()
        if mine.sources().get(source.name) == known.get(source.name):  # another hub may have asked it meanwhile
            mine.remark(_remark(source.name), json.dumps([_packed(item) for item in columns]))
        mine.database.commit()
    return told


def read(source: Connector) -> Sequence[Column] | None:
    """The columns as the source tells them now, None when it cannot."""
    try:
        return source.coverage()
    except Exception:  # noqa: BLE001  # what keeps a source from being read is told by its answer; the night goes on
        return None


def forget(mine: Mirror, source: str) -> None:
    """The source told something new, or is no more: its columns may be others."""
    if mine.about(_remark(source)):
        mine.remark(_remark(source), "")


def _remark(source: str) -> str:
    return f"columns {source}"


def _packed(column: Column) -> list[object]:
    return [column.column, column.kind, pack(column.why), column.known]


def _column(name: str, kind: str | None, why: object, known: bool) -> Column:  # as it was packed
    return Column(name, kind, cast("Phrase | None", unpack(why)), known)
