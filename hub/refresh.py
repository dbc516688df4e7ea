"""Bring the mirror up to date before a question: ask only the sources that may have changed, and of these only what did."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from connectors._values import replace
from connectors.contract import Check, Column, Connector, Needle, Residue, Watched
from connectors.entry import KINDS, Entry, Ref, Unreadable
from connectors.errors import HubError, NotFound, StateError
from connectors.phrase import Phrase
from hub import __version__, decisions, mirror, secrets
from hub.glance import Glance
from hub.listing import Listing, Tick, silently
from hub.matching import Matching, in_memory
from hub.mirror import Known, Mirror, MirrorIndex, look
from hub.mirror.codec import Load, pack, unpack
from hub.person import Answer
from hub.search import chosen, connector_of, open_sources

if TYPE_CHECKING:
    from hub.config import Config, SourceConfig
from hub.gathered import Gathered


@contextmanager
def gathering(glance: Glance, only: Sequence[str] = (), tick: Tick = silently, *, anew: bool = False) -> Iterator[Gathered]:
    """What the configured sources say, from a mirror that was just brought up to date, or made `anew`.

    A source that does not answer is stood in for by what it said last, and its answer says so.
    """
    with mirrored(glance, anew=anew) as mine:
        answers = refresh(mine, glance, only, tick)
        load, decided = _loader(glance), decisions.load(glance.state)
        if only:
            held = [item for item in mine.everything(load) if item.source in only]
            yield Gathered(answers, in_memory(held, glance.region, decided))
        else:
            yield Gathered(answers, Matching(MirrorIndex(mine, glance.region, load), glance.region, decided))


@contextmanager
def mirrored(glance: Glance, *, anew: bool = False) -> Iterator[Mirror]:
    """The mirror of this configuration; with a lost key it is made anew, unless that key is needed for something else.

    Raises `StateError` when the hub's own folder cannot be used.
    """
    try:
        key = secrets.key_for_state(glance.state)
    except StateError:
        if any(path.name != mirror.FILE for path in glance.state.glob("*.db")):
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
        if {*only} <= {item.name for item in asked} and all(map(_unchanged, asked)):
            return tuple(map(_told, asked))
    config = glance.config
    for name in known.keys() - {source.name for source in config.sources}:
        mine.drop(name)
    answers = [_refreshed(mine, source, known, config, tick) for source in chosen(config, only)]
    if not only:
        mine.remark("config", glance.digest)
        mine.database.commit()
    return tuple(answers)


def _refreshed(mine: Mirror, source: SourceConfig, known: Mapping[str, tuple[int, Known]], config: Config, tick: Tick) -> Answer:
    """The answer of one source, asked only if it may have changed."""
    _, before = known.get(source.name, (0, Known(source.name, source.kind, "")))
    options, place = _options(source), config.sources.index(source)
    same = before.options == options
    if same and before.place == place and _unchanged(before):
        return _told(before)
    connector = connector_of(source)
    answer = _ask(mine, connector, replace(before, options=options, place=place), full=not same, tick=tick)
    mine.database.commit()
    return answer


class MirrorRegister:
    """The mirror as one of the registers that are searched after an erase: what the hub itself keeps."""

    name = "mirror"
    kind = "mirror"

    def __init__(self, glance: Glance) -> None:
        self._glance = glance

    def check(self) -> Check:
        """Whether it can be used; nothing of it is needed that the sources do not say again."""
        try:
            with mirrored(self._glance) as mine:
                stale = [known.name for _, known in mine.sources().values() if not known.as_of]
        except HubError as error:
            return Check(False, False, False, "missing", (error.told,))
        problems = (Phrase("Not read yet: {sources}. Run hub refresh.", sources=stale),) if stale else ()
        return Check(True, True, True, "ok", problems)

    def coverage(self) -> Sequence[Column]:
        """It repeats the fields of all sources, and nothing else."""
        return [Column(kind, kind) for kind in KINDS]

    def residue(self, needles: Sequence[Needle]) -> Sequence[Residue]:
        """Bring it up to date, so that what went from the sources goes from it; name what a silent source leaves in it."""
        with gathering(self._glance) as gathered:
            silent = [answer.source for answer in gathered.answers if not answer.listed]
            left = {held.source for held in gathered.matching.bearing(needles)} & set(silent)
        where = Phrase("the hub's own mirror")
        return [
            Residue(where, Phrase("{source} did not answer, so what it said last is still kept", source=name)) for name in left
        ]


def _options(source: SourceConfig) -> str:
    """A hash of everything that decides how a source is read; secrets show nothing of themselves."""
    told = f"{__version__}\n{source.kind}\n{sorted((name, repr(value)) for name, value in source.options.items())}"
    return hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _unchanged(known: Known) -> bool:
    """Whether the files of a source look as they did when it was read."""
    return bool(known.watched is not None and known.signature) and look(_watched(known)).signature == known.signature


def _watched(known: Known) -> list[Watched]:
    return [Watched(Path(path), like, deep) for path, like, deep in known.watched or ()]


def _ask(mine: Mirror, source: Connector, known: Known, *, full: bool, tick: Tick) -> Answer:
    """Ask one source for what changed, and write it down."""
    watched = source.watched()
    before = look(watched) if watched is not None else None
    complete = bool(known.answer) and not known.answer["unreadable"]
    since = known.token if source.features.delta and known.token and complete and not full else ""
    number = mine.keep(known)
    mine.database.commit()
    listing = Listing(source, since, tick)
    changes = _Changes(mine, number, source.name, listing, full=full)
    added = mine.add(source.name, number, changes.fresh(), mine.about("region"))
    gone = changes.gone()
    mine.remove(gone)
    known.entries += added - len(gone)
    if listing.listed:
        known.signature = before.signature if before and before.settled else ""
        known.watched = [(str(item.path), item.like, item.deep) for item in watched] if watched is not None else None
        known.token = listing.cursor.token if listing.cursor else ""
        known.as_of = _now()
    answer = _answer(listing.answer(), known)
    if listing.listed:
        known.answer = _packed(answer)
    mine.keep(known)
    return answer


class _Changes:
    """What a listing tells beside what the mirror holds: first `fresh`, then `gone`."""

    def __init__(self, mine: Mirror, source: int, name: str, listing: Listing, *, full: bool) -> None:
        self._mine, self._source, self._name = mine, source, name
        self._listing = listing
        self._full = full
        self._there = {} if listing.since else mine.refs(source)
        self._seen: set[str] = set()

    def fresh(self) -> Iterator[Entry]:
        """The entries that are new or changed, as they come."""
        for item in self._listing:
            if self._listing.since and item.ref not in self._seen:
                self._there[item.ref] = self._mine.places(self._source, self._name, item.ref)
            self._seen.add(item.ref)
            if isinstance(item, Entry) and not self._is_here(item):
                yield item

    def _is_here(self, entry: Entry) -> bool:
        """Whether the mirror holds it in this very version; what is not claimed so is gone in the end."""
        places = self._there.get(entry.ref, [])
        same = next((place for place in places if place[1] == entry.version and not self._full), None)
        if same is not None:
            places.remove(same)
        return same is not None

    def gone(self) -> list[int]:
        """The numbers of the entries that are gone or were changed; of a listing that broke off only those it told of."""
        there = self._there
        if self._listing.restarted:
            there = {ref: places for ref, places in self._mine.refs(self._source).items() if ref not in self._seen} | there
        kept = set() if self._listing.whole else there.keys() - self._seen
        return [place[0] for ref, places in there.items() if ref not in kept for place in places]


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


def _packed(answer: Answer) -> dict[str, object]:
    return {
        "state": answer.state,
        "unreadable": [[pack(item.locator), pack(item.reason)] for item in answer.unreadable],
        "as_of": answer.as_of,
        "reason": pack(answer.reason),
        "warnings": [pack(item) for item in answer.warnings],
    }


def _told(known: Known) -> Answer:
    """The last answer of a source whose files are unchanged."""
    told = {name: value for name, value in known.answer.items() if name not in {"unreadable", "reason", "warnings"}}
    unreadable = tuple(Unreadable(*map(_phrase, item)) for item in known.answer["unreadable"])
    reason = known.answer["reason"]
    return Answer(
        source=known.name,
        kind=known.kind,
        entries=known.entries,
        unreadable=unreadable,
        reason=_phrase(reason) if reason else None,
        warnings=tuple(map(_phrase, known.answer["warnings"])),
        **told,
    )


def _phrase(packed: object) -> Phrase:
    said = unpack(packed)
    return said if isinstance(said, Phrase) else Phrase("{said}", said=said)


def _loader(glance: Glance) -> Callable[[str, str], Load]:
    """What reads an attachment: the mirror keeps no files, so its source is asked again."""

    def load(source: str, ref: str) -> Load:
        def read(name: str) -> bytes:
            (connector,) = open_sources(glance.config, [source])
            for item in connector.get(Ref(ref)).attachments:
                if item.name == name:
                    return item.load()
            raise NotFound(Phrase("A file of the entry is no longer in {source}.", source=source))

        return read

    return load
