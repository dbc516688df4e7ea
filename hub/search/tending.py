"""Human decisions about entries that come, go and get another ref: followed where a source knows them again, else told."""

from __future__ import annotations

from datetime import date

from connectors.entry import Ref
from connectors.errors import HubError
from hub.matching.decisions import Pair
from hub.search.gathered import Gathered, Key
from hub.search.glance import Glance
from hub.search.sources import open_sources
from hub.store import decisions


def followed(glance: Glance, gathered: Gathered) -> bool:
    """Whether decisions were moved to the new refs of their entries, so that the question must be asked once more.

    A row gets another ref when the one that looked like it goes: without its decision two people would become one.
    """
    gone, _ = _looked_up(glance, gathered)
    moved = {key: again for key in gone if (again := _known_again(glance, key)) not in (None, key)}
    if moved:
        decisions.follow(glance.state, {key: again for key, again in moved.items() if again})
    return bool(moved)


def tended(glance: Glance, gathered: Gathered, today: date) -> tuple[Pair, ...]:
    """The decisions that lost an entry, as `decisions.tend` says; only a source that told everything has lost one."""
    gone, there = _looked_up(glance, gathered)
    return decisions.tend(glance.state, gone, there, today, glance.config.undo_days)


def _looked_up(glance: Glance, gathered: Gathered) -> tuple[set[Key], set[Key]]:
    complete = {answer.source for answer in gathered.answers if answer.state == "complete" and answer.listed}
    asked = {key for key in decisions.named(glance.state) if key[0] in complete}
    there = {key for key in asked if any(held.key == key for held in gathered.matching.with_ref(key[1]))}
    return asked - there, there


def _known_again(glance: Glance, key: Key) -> Key | None:
    """The entry as its source has it now. Raises nothing: what cannot be asked now is asked the next time."""
    source, ref = key
    try:
        (connector,) = open_sources(glance.config, [source])
        return source, connector.get(Ref(ref)).ref
    except HubError:
        return None
