"""What a source said last, as the mirror remembers it: said again while nothing of the source has changed."""

from __future__ import annotations

from pathlib import Path

from connectors.contract import Watched
from connectors.entry import Unreadable
from connectors.phrase import Phrase
from hub.mirror import Known
from hub.mirror.codec import pack, unpack
from hub.person import Answer
from hub.search.freshness import Begun, look


def unchanged(known: Known, begun: Begun | None = None) -> bool:
    """Whether the files of a source look as they did when it was read; where a look at them was `begun`, it is asked for."""
    return bool(known.watched is not None and known.signature) and look(_watched(known), begun).signature == known.signature


def _watched(known: Known) -> list[Watched]:
    return [Watched(Path(path), like, deep) for path, like, deep in known.watched or ()]


def packed(answer: Answer) -> dict[str, object]:
    """An answer as it is remembered."""
    return {
        "state": answer.state,
        "unreadable": [[pack(item.locator), pack(item.reason)] for item in answer.unreadable],
        "as_of": answer.as_of,
        "reason": pack(answer.reason),
        "warnings": [pack(item) for item in answer.warnings],
    }


def told(known: Known) -> Answer:
    """The last answer of a source whose files are unchanged."""
    plain = {name: value for name, value in known.answer.items() if name not in {"unreadable", "reason", "warnings"}}
    unreadable = tuple(Unreadable(*map(_phrase, item)) for item in known.answer["unreadable"])
    reason = known.answer["reason"]
    return Answer(
        source=known.name,
        kind=known.kind,
        entries=known.entries,
        unreadable=unreadable,
        reason=_phrase(reason) if reason else None,
        warnings=tuple(map(_phrase, known.answer["warnings"])),
        **plain,
    )


def _phrase(remembered: object) -> Phrase:
    said = unpack(remembered)
    return said if isinstance(said, Phrase) else Phrase("{said}", said=said)
