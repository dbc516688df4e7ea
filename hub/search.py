"""Ask every source, and find persons in what they answer; a source that does not answer never reads as "nothing found"."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from connectors.contract import Connector
from connectors.entry import Cursor, Entry, Unreadable
from connectors.errors import HubError, UsageError
from connectors.phrase import Phrase
from connectors.registry import connector_class
from hub.config import Config
from hub.matching import Matching, in_memory
from hub.person import Answer, Held, Member, Person

Tick = Callable[[str], None]
"""Called with a source's name as entries come in, so that a person sees that something happens."""


Key = tuple[str, str]
"""(source, ref) of an entry."""


def silently(_source: str) -> None:
    """Report no progress."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What all the asked sources answered: how complete each answer is, and who is in them."""

    answers: tuple[Answer, ...]
    matching: Matching = field(repr=False)

    @property
    def complete(self) -> bool:
        """Whether every source that was asked told everything it holds."""
        return all(answer.state == "complete" for answer in self.answers)

    @property
    def answered(self) -> bool:
        """Whether every source listed all its records, even if single ones could not be read."""
        return all(answer.listed for answer in self.answers)

    @property
    def fault(self) -> bool:
        """Whether a connector broke."""
        return any(answer.fault for answer in self.answers)

    def person(self, handle: str) -> Person:
        """The person with this handle. Raises `UsageError` when nobody has it (any more)."""
        person = self.matching.person(handle)
        if person is None:
            raise UsageError(
                Phrase("Nobody has the handle {handle} now.", handle=handle),
                Phrase("Run hub find again and take the handle it shows."),
            )
        return person

    def keys(self, refs: Sequence[str], person: Person | None = None) -> tuple[Key, ...]:
        """The entries that `--include` / `--exclude` name: REF, or SOURCE:REF where two sources use the same one.

        Of two entries with that ref the one meant is the person's. Raises `UsageError` when it is not just one.
        """
        hers = {member.held.key for member in person.members} if person else set()
        keys: list[Key] = []
        for ref in refs:
            source, _, rest = ref.partition(":")
            meant = {item.key for item in self.matching.with_ref(ref)}
            meant |= {item.key for item in self.matching.with_ref(rest) if item.source == source}
            meant = meant & hers or meant
            if len(meant) != 1:
                raise UsageError(
                    Phrase("The ref {ref} means {count} entries.", ref=ref, count=len(meant)),
                    Phrase("Take it from the list of possible matches; write SOURCE:REF when two sources use the same."),
                )
            keys += meant
        return tuple(keys)


def open_sources(config: Config, only: Sequence[str] = ()) -> list[Connector]:
    """The connectors of the configured sources, all of them or the named ones. Raises `UsageError` for a name unknown."""
    names = [source.name for source in config.sources]
    for name in only:
        if name not in names:
            raise UsageError(
                Phrase("There is no source {name} in the configuration.", name=name),
                Phrase("Take one of: {names}.", names=", ".join(names)),
            )
    chosen = [source for source in config.sources if not only or source.name in only]
    return [connector_class(source.kind)(source.name, source.options) for source in chosen]


def gather(sources: Sequence[Connector], region: str, tick: Tick = silently) -> Gathered:
    """Ask each source for all it holds; no source's trouble keeps the others from answering."""
    with _no_collecting():
        answers, held = _listen(sources, tick)
        return Gathered(answers, in_memory(held, region))


def _listen(sources: Sequence[Connector], tick: Tick) -> tuple[tuple[Answer, ...], list[Held]]:
    answers: list[Answer] = []
    held: list[Held] = []
    for source in sources:
        answer, entries = ask(source, tick)
        answers.append(answer)
        held.extend(Held(source.name, entry) for entry in entries)
    return tuple(answers), held


@contextmanager
def _no_collecting() -> Iterator[None]:
    """No garbage collection meanwhile: nearly all that reading makes is kept, and looking through it takes a third of the time."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def gather_around(sources: Sequence[Connector], region: str, known: Sequence[Member], tick: Tick = silently) -> Gathered:
    """Ask again for a request that is pending: where a source is silent now, what it said then stands in."""
    with _no_collecting():
        answers, held = _listen(sources, tick)
        silent = {answer.source for answer in answers if not answer.listed}
        held = [item for item in held if item.source not in silent]
        held += [member.held for member in known if member.held.source in silent]
        return Gathered(answers, in_memory(held, region))


def ask(source: Connector, tick: Tick = silently) -> tuple[Answer, list[Entry]]:
    """One source's whole listing: `silent` when nothing came, `partial` when it broke off or a record was unreadable."""
    entries: list[Entry] = []
    unreadable: list[Unreadable] = []
    cursor: Cursor | None = None
    reason: Phrase | None = None
    fault = False
    try:
        for item in source.entries():
            if isinstance(item, Entry):
                entries.append(item)
                tick(source.name)
            elif isinstance(item, Unreadable):
                unreadable.append(item)
            elif isinstance(item, Cursor):
                cursor = item
    except HubError as error:
        reason = error.told
    except Exception as error:  # noqa: BLE001  # one broken connector must not silence the other registers
        reason = _broken(source.name, error)
        fault = True
    reason = reason or _shortfall(cursor, len(entries), len(unreadable))
    answer = Answer(
        source=source.name,
        kind=source.kind,
        state=_state(reason, bool(entries), bool(unreadable)),
        entries=len(entries),
        unreadable=tuple(unreadable),
        as_of=cursor.as_of if cursor else "",
        reason=reason or _count(unreadable),
        warnings=cursor.warnings if cursor else (),
        fault=fault,
        listed=reason is None,
    )
    return answer, entries


def _state(reason: Phrase | None, entries: bool, unreadable: bool) -> Literal["complete", "partial", "silent"]:
    if reason is not None:
        return "partial" if entries or unreadable else "silent"
    return "partial" if unreadable else "complete"


def _shortfall(cursor: Cursor | None, entries: int, unreadable: int) -> Phrase | None:
    """Why a listing that raised nothing is not to be believed all the same."""
    if cursor is None:
        return Phrase("the listing broke off before its end; run the command again")
    if (cursor.entries, cursor.unreadable) != (entries, unreadable):
        return Phrase(
            "it counts {told} records but gave {got}", told=cursor.entries + cursor.unreadable, got=entries + unreadable
        )
    return None


def _count(unreadable: Sequence[Unreadable]) -> Phrase | None:
    if not unreadable:
        return None
    return Phrase("{count} records could not be read: open them in their own program", count=len(unreadable))


def _broken(source: str, error: Exception) -> Phrase:
    return Phrase(
        "the hub's own code for {source} failed ({error}); please report it, without any names",
        source=source,
        error=type(error).__name__,
    )
