"""Ask every source, and find persons in what they answer; a source that does not answer never reads as "nothing found"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from connectors.contract import Connector
from connectors.entry import Entry
from connectors.errors import UsageError
from connectors.phrase import Phrase
from connectors.registry import connector_class
from hub.machine.collecting import no_collecting
from hub.matching import NONE, Decisions, in_memory
from hub.person import Answer, Held, Member
from hub.search import Tick, silently
from hub.search.gathered import Gathered
from hub.search.listing import Listing

if TYPE_CHECKING:
    from hub.config import Config, SourceConfig


def open_sources(config: Config, only: Sequence[str] = ()) -> list[Connector]:
    """The connectors of the configured sources, all of them or the named ones. Raises `UsageError` for a name unknown."""
    return [connector_of(source) for source in chosen(config, only)]


def connector_of(source: SourceConfig) -> Connector:
    """The connector of one configured source; nothing is read yet."""
    return connector_class(source.kind)(source.name, source.options)


def chosen(config: Config, only: Sequence[str] = ()) -> list[SourceConfig]:
    """The configured sources, all of them or the named ones. Raises `UsageError` for a name unknown."""
    names = [source.name for source in config.sources]
    for name in only:
        if name not in names:
            raise UsageError(
                Phrase("There is no source {name} in the configuration.", name=name),
                Phrase("Take one of: {names}.", names=", ".join(names)),
            )
    return [source for source in config.sources if not only or source.name in only]


def gather(sources: Sequence[Connector], region: str, tick: Tick = silently) -> Gathered:
    """Ask each source for all it holds; no source's trouble keeps the others from answering."""
    with no_collecting():
        answers, held = _listen(sources, tick)
        return Gathered(answers, in_memory(held, region))


def _listen(sources: Sequence[Connector], tick: Tick) -> tuple[tuple[Answer, ...], list[Held]]:
    answers: list[Answer] = []
    held: list[Held] = []
    for source in sources:
        listing = Listing(source, tick=tick)
        held.extend(Held(source.name, item) for item in listing if isinstance(item, Entry))
        answers.append(listing.answer())
    return tuple(answers), held


def gather_around(
    sources: Sequence[Connector],
    region: str,
    known: Sequence[Member],
    tick: Tick = silently,
    decided: Decisions = NONE,
) -> Gathered:
    """Ask again for a request that is pending: where a source is silent now, what it said then stands in."""
    with no_collecting():
        answers, held = _listen(sources, tick)
        silent = {answer.source for answer in answers if not answer.listed}
        held = [item for item in held if item.source not in silent]
        held += [member.held for member in known if member.held.source in silent]
        return Gathered(answers, in_memory(held, region, decided))
