"""Bring the mirror up to date before a question: ask only the sources that may have changed, and of these only what did."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from connectors.entry import Ref
from connectors.errors import NotFound, StateError
from connectors.phrase import Phrase
from hub import mirror
from hub.matching import Matching, in_memory
from hub.mirror import Mirror, MirrorIndex
from hub.mirror.codec import Load
from hub.person import Answer
from hub.search import Tick, silently
from hub.search.answers import told, unchanged
from hub.search.gathered import Gathered
from hub.search.glance import Glance
from hub.store import decisions, secrets

if TYPE_CHECKING:
    from connectors.contract import Column


@contextmanager
def gathering(
    glance: Glance, only: Sequence[str] = (), tick: Tick = silently, *, anew: bool = False, columns: bool = False
) -> Iterator[Gathered]:
    """What the configured sources say, from a mirror that was just brought up to date, or made `anew`; with their `columns`.

    A source that does not answer is stood in for by what it said last, and its answer says so.
    """
    with mirrored(glance, anew=anew) as mine:
        answers = refresh(mine, glance, only, tick)
        told = _columns(mine, glance, answers) if columns else {}
        mine.hold()
        load, decided = _loader(glance), decisions.load(glance.state)
        if only:
            held = [item for item in mine.everything(load) if item.source in only]
            yield Gathered(answers, in_memory(held, glance.region, decided), told)
        else:
            yield Gathered(answers, Matching(MirrorIndex(mine, glance.region, load), glance.region, decided), told)


@contextmanager
def mirrored(glance: Glance, *, anew: bool = False) -> Iterator[Mirror]:
    """The mirror of this configuration; with a lost key it is made anew, unless that key is needed for something else.

    Raises `StateError` when the hub's own folder cannot be used.
    """
    try:
        key = secrets.key_for_state(glance.state)
    except StateError:
        if any(path.name not in mirror.FILES for path in glance.state.glob("*.db")):
            raise
        secrets.forget_key(glance.state)
        key = secrets.key_for_state(glance.state)
    with mirror.opened(glance.state, key, glance.region, anew=anew) as mine:
        yield mine


def refresh(mine: Mirror, glance: Glance, only: Sequence[str] = (), tick: Tick = silently) -> tuple[Answer, ...]:
    """Read what may have changed, write it down, and say how complete each source's answer is."""
    known = mine.sources()
    if mine.about("config") == glance.digest != "":
        asked = [item for _, item in sorted(known.values(), key=lambda pair: pair[1].place) if not only or item.name in only]
        if {*only} <= {item.name for item in asked} and all(unchanged(item, glance.begun) for item in asked):
            return tuple(map(told, asked))
    return _asked_anew(mine, glance, only, tick)


def _asked_anew(mine: Mirror, glance: Glance, only: Sequence[str], tick: Tick) -> tuple[Answer, ...]:
    # What asks is imported only where there is something to ask.
    from hub.search.asking import refreshed
    from hub.search.coverage import forget
    from hub.search.sources import chosen

    known, config = mine.sources(), glance.config
    for name in known.keys() - {source.name for source in config.sources}:
        mine.write()
        mine.drop(name)
        forget(mine, name)
    answers = [refreshed(mine, source, known, config, tick) for source in chosen(config, only)]
    if not only:
        mine.remark("config", glance.digest)
        mine.database.commit()
    return tuple(answers)


def _columns(mine: Mirror, glance: Glance, answers: Sequence[Answer]) -> Mapping[str, Sequence[Column]]:
    from hub.search.coverage import columns_of  # for a report alone

    return columns_of(mine, glance.config, answers)


def _loader(glance: Glance) -> Callable[[str, str], Load]:
    """What reads an attachment: the mirror keeps no files, so its source is asked again."""

    def load(source: str, ref: str) -> Load:
        def read(name: str) -> bytes:
            from hub.search.sources import open_sources

            (connector,) = open_sources(glance.config, [source])
            for item in connector.get(Ref(ref)).attachments:
                if item.name == name:
                    return item.load()
            raise NotFound(Phrase("A file of the entry is no longer in {source}.", source=source))

        return read

    return load
