"""Ask a source for what changed since the mirror last heard of it, and write that down."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from connectors._values import replace
from connectors.contract import Connector
from connectors.entry import Entry
from connectors.phrase import Phrase
from hub import __version__
from hub.config import Config, SourceConfig
from hub.mirror import Known, Mirror, Place
from hub.mirror.codec import Row
from hub.person import Answer
from hub.search import Tick, coverage
from hub.search.answers import packed, told, unchanged
from hub.search.freshness import look
from hub.search.listing import Listing
from hub.search.sources import connector_of


def refreshed(mine: Mirror, source: SourceConfig, known: Mapping[str, tuple[int, Known]], config: Config, tick: Tick) -> Answer:
    """The answer of one source, asked only if it may have changed."""
    options, place = _options(source), config.sources.index(source)

    def stands(item: Known) -> bool:
        return (item.options, item.place) == (options, place) and unchanged(item)

    before = _known(known, source)
    if stands(before):
        return told(before)
    connector = connector_of(source)
    mine.write()
    before = _known(mine.sources(), source)  # another hub may have asked it while this one waited
    answer = told(before) if stands(before) else _ask(mine, connector, replace(before, place=place), options, tick=tick)
    mine.database.commit()
    return answer


def _known(known: Mapping[str, tuple[int, Known]], source: SourceConfig) -> Known:
    return known.get(source.name, (0, Known(source.name, source.kind, "")))[1]


def _options(source: SourceConfig) -> str:
    """A hash of everything that decides how a source is read; secrets show nothing of themselves."""
    told = f"{__version__}\n{source.kind}\n{sorted((name, repr(value)) for name, value in source.options.items())}"
    return hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _ask(mine: Mirror, source: Connector, known: Known, options: str, *, tick: Tick) -> Answer:
    """Ask one source for what changed, and write it down.

    What was heard by other settings stands in where the source does not answer by these, and is never taken for its answer.
    """
    full = known.options != options
    if full:
        known.signature = ""
    watched = source.watched()
    before = look(watched) if watched is not None else None
    complete = bool(known.answer) and not known.answer["unreadable"]
    since = known.token if source.features.delta and known.token and complete and not full else ""
    number = mine.keep(known)
    listing = Listing(source, since, tick)
    changes = _Changes(mine, number, source.name, listing, full=full)
    added = mine.add(source.name, number, changes.fresh(), mine.about("region"))
    mine.change(changes.changed)
    gone = changes.gone()
    mine.remove(gone)
    if not since or changes.heard or listing.unreadable or not listing.listed:
        coverage.forget(mine, source.name)
    known.entries += added - len(gone)
    if listing.listed:
        known.options = options
        known.signature = before.signature if before and before.settled else ""
        known.watched = [(str(item.path), item.like, item.deep) for item in watched] if watched is not None else None
        known.token = listing.cursor.token if listing.cursor else ""
        known.as_of = _now()
    answer = _answer(listing.answer(), known)
    if listing.listed:
        known.answer = packed(answer)
    mine.keep(known)
    return answer


_IN_PLACE = 20_000
"""Where more entries are of another version, those that follow are written anew and the old ones removed."""


class _Changes:
    """What a listing tells beside what the mirror holds: first `fresh`, then `changed` and `gone`."""

    def __init__(self, mine: Mirror, source: int, name: str, listing: Listing, *, full: bool) -> None:
        self._mine, self._source, self._name = mine, source, name
        self._listing = listing
        self._full = full
        self._there = {} if listing.since else mine.refs(source)
        self._seen: set[str] = set()
        self.changed: list[tuple[int, Row]] = []
        """Entries as they are written, with the numbers of those in whose place they come; complete when `fresh` is."""
        self._rewritten = 0

    def fresh(self) -> Iterator[Entry]:
        """The entries that are new (or so many changed that all may be made anew), as they come."""
        for item in self._listing:
            if self._listing.since and item.ref not in self._seen:
                self._there[item.ref] = self._mine.places(self._source, self._name, item.ref)
            self._seen.add(item.ref)
            if isinstance(item, Entry) and not self._is_here(item):
                place = self._place_for(item)
                if place is None:
                    yield item
                else:
                    self.changed.append((place[0], self._mine.row_of(item)))

    @property
    def heard(self) -> bool:
        """Whether the listing told of any record, if only that it is gone."""
        return bool(self._seen)

    def _is_here(self, entry: Entry) -> bool:
        """Whether the mirror holds it just as it is told; what is not claimed so is gone in the end."""
        places = self._there.get(entry.ref, [])
        if self._full or not any(version == entry.version for _, version, _ in places):
            return False
        written = hash(self._mine.row_of(entry))
        same = next((place for place in places if place[1:] == (entry.version, written)), None)
        if same is not None:
            places.remove(same)
        return same is not None

    def _place_for(self, entry: Entry) -> Place | None:
        """Where it is written in place of what was there: of the same version (a row stands elsewhere), or one of not too many others."""
        places = () if self._full else self._there.get(entry.ref, ())
        place = next((place for place in places if place[1] == entry.version), None)
        if place is None and places and self._rewritten < _IN_PLACE:
            self._rewritten += 1
            place = places[-1]
        if place is not None:
            self._there[entry.ref].remove(place)
        return place

    def gone(self) -> list[int]:
        """The numbers of the entries that are gone or were changed; of a listing that broke off only those it told of."""
        there = self._there
        if self._listing.restarted:
            there = {ref: places for ref, places in self._mine.refs(self._source).items() if ref not in self._seen} | there
        kept = set() if self._listing.whole else there.keys() - self._seen
        return [number for ref, places in there.items() if ref not in kept for number, *_ in places]


def _answer(answer: Answer, known: Known) -> Answer:
    """The answer with the mirror behind it: where a source broke off, what it said last stands in."""
    if answer.listed:
        return replace(answer, entries=known.entries, as_of=answer.as_of or known.as_of)
    if not known.as_of:
        return answer
    said = Phrase("{reason} What it said on {day} is shown.", reason=answer.reason or "", day=known.as_of[:10])
    return replace(answer, entries=known.entries, as_of=known.as_of, reason=said)


def _now() -> str:
    return datetime.now(UTC).astimezone().isoformat(timespec="seconds")
