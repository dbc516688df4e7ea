"""A person as the hub sees one: entries of several sources, each with its verdict and the evidence for it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Literal

from connectors._digest import sha256
from connectors._values import dataclass, field
from connectors.entry import Entry, Unreadable
from connectors.phrase import Phrase


class Verdict(StrEnum):
    """Whether an entry is the person's: `link` may enter a plan, `possible` waits for a human."""

    LINK = "link"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason to believe that two entries are the same person: the rule, and the two values it compared."""

    rule: str
    ours: str = field(repr=False)
    theirs: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Held:
    """An entry together with the name of the source that holds it."""

    source: str
    entry: Entry

    @property
    def key(self) -> tuple[str, str]:
        """What identifies the entry over all sources."""
        return self.source, self.entry.ref


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of a person, with why it is believed to be theirs; `why` says in words what a human must decide."""

    held: Held
    verdict: Verdict
    evidence: tuple[Evidence, ...] = ()
    why: Phrase | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Everything that is believed to be one human; `members` holds the links first, then the possible ones."""

    handle: str
    name: str = field(repr=False)
    members: tuple[Member, ...] = field(repr=False)

    @property
    def links(self) -> tuple[Member, ...]:
        """The entries that may enter a plan."""
        if self.members and self.members[-1].verdict is Verdict.LINK:
            return self.members  # as of most persons
        return tuple(member for member in self.members if member.verdict is Verdict.LINK)

    @property
    def possible(self) -> tuple[Member, ...]:
        """The entries a human must decide."""
        if self.members and self.members[-1].verdict is Verdict.LINK:
            return ()
        return tuple(member for member in self.members if member.verdict is Verdict.POSSIBLE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one source said to a question: complete, partial (broke off, or a record was unreadable) or silent (nothing)."""

    source: str
    kind: str
    state: Literal["complete", "partial", "silent"]
    entries: int = 0
    unreadable: tuple[Unreadable, ...] = ()
    as_of: str = ""
    reason: Phrase | None = None
    warnings: tuple[Phrase, ...] = ()
    fault: bool = False
    """The connector itself broke: a bug of the hub, not a state of the register."""
    listed: bool = True
    """The listing reached its end: every record was told, if only as unreadable."""


def handle_of(keys: Iterable[tuple[str, str]]) -> str:
    """A short, stable handle of the person who has these (source, ref) entries: no personal value can be read off it."""
    first = min(keys)
    return sha256("\x00".join(first).encode("utf-8", "surrogatepass")).hexdigest()[:10]
