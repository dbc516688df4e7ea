"""What one night's report is made from, and what it is made of: the night, the registers, and the findings."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Literal

from connectors.contract import Column
from connectors.entry import Entry
from connectors.phrase import Phrase
from hub.law import NOT_TOLD, Law, Rule
from hub.matching.decisions import Pair
from hub.normalise import email_key, name_tokens, phone_tails
from hub.permissions import Known as KnownActs
from hub.person import Answer, Held, Member, Person
from hub.plan import Leftover
from hub.store.breach import Waiting
from hub.store.packages import Kept
from hub.store.suppression import Known

Severity = Literal["error", "warning", "info"]
"""Act now; put right when there is time; to know."""

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")

KINDS = (
    "conflict", "duplicate", "missing", "reappeared", "refused_but_stored", "not_asked", "retention_over", "due_soon",
    "overdue", "stale_source", "silent_source", "unreadable", "unknown_column", "special_data", "marketing",
    "conflict_copy", "residue",
)  # fmt: skip
"""Every kind of finding, in the order in which scripts know them."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding is: an entry of a source, or (without `ref`) the source as a whole."""

    source: str
    ref: str | None = None
    locator: Phrase | None = None

    @classmethod
    def of(cls, held: Held) -> Place:
        """The place of an entry."""
        return cls(held.source, held.entry.ref, held.entry.locator)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be; `what` and `proposal` may show the owner values of the person.

    `id` reveals nothing and is the same every night; `since` is the first night on which it was seen.
    """

    kind: str
    severity: Severity
    id: str
    entries: tuple[Place, ...]
    what: Phrase = field(repr=False)
    proposal: Phrase = field(repr=False)
    person: str = ""
    since: str = ""


@dataclass(frozen=True, slots=True)
class Register:
    """One configured source as the report sees it; `columns` is empty when they could not be read."""

    name: str
    kind: str = ""
    holds: Literal["customers", "invoicing", "contacts", "other"] = "other"
    columns: Sequence[Column] = ()
    stale_after_days: int | None = None
    groups: Mapping[str, frozenset[str]] = field(default_factory=dict, repr=False)
    """The refs of the entries in each group or list, where no field says so."""


@dataclass(frozen=True, slots=True)
class Left:
    """What an erase left behind: places where a value was still found, and until when bins and archives hold what went."""

    request: str
    residue: Sequence[Leftover] = ()
    bins: Mapping[str, str] = field(default_factory=dict, repr=False)
    """For each source the last day (ISO)."""


@dataclass(frozen=True)
class Night:
    """The facts of one night, apart from the persons, who come one by one."""

    now: datetime
    answers: Sequence[Answer]
    registers: Mapping[str, Register]
    expect: Mapping[str, Sequence[str]] = field(default_factory=dict)
    region: str = "FI"
    key: bytes = field(default=b"", repr=False)
    """Keys the ids of findings, so that nothing can be guessed from one."""
    gone: Known = field(default_factory=Known, repr=False)
    """Who was erased or refused and must not come back."""
    acts: KnownActs = field(default_factory=KnownActs, repr=False)
    """What everybody was asked, agreed and objected to."""
    ask: bool | None = None
    """Whether who was not asked is named; None: once somebody was."""
    due: Mapping[str, date] = field(default_factory=dict)
    """Until when each open request must be answered."""
    left: Sequence[Left] = field(default=(), repr=False)
    rules: Mapping[str, Rule] = field(default_factory=dict, repr=False)
    """How long each source keeps an entry, by the owner's own rules."""
    law: Law = NOT_TOLD
    breaches: Sequence[Waiting] = ()
    """Breaches of which somebody must still be told."""
    lost: Sequence[Pair] = field(default=(), repr=False)
    """Decisions about two entries one of which is gone, or was changed so that it is not known again."""
    packages: Sequence[Kept] = ()
    """Access packages that lie somewhere longer than they should."""
    package_days: int = 0

    @cached_property
    def listed(self) -> frozenset[str]:
        """The sources that told all they hold: only there is "not in it" known."""
        return frozenset(answer.source for answer in self.answers if answer.listed and answer.state != "silent")

    def id(self, kind: str, *parts: str) -> str:
        """The id of a finding of this kind about these parts, whatever they hold: the same every night."""
        told = "\x00".join((kind, *parts)).encode("utf-8", "surrogatepass")
        return hmac.digest(self.key, told, "sha256").hex()[:12]

    def is_customer(self, person: Person) -> bool:
        """Whether a person stands in a register of customers or of an invoicing program."""
        return any(self.holding(member.held.source) in {"customers", "invoicing"} for member in person.links)

    def holding(self, source: str) -> str:
        """Whose entries a source holds."""
        return self.registers[source].holds if source in self.registers else "other"


class Family:
    """One family of findings: told every person of a night in turn, then asked for the rest. Keeps no person."""

    def __init__(self, night: Night) -> None:
        self.night = night

    def about(self, person: Person) -> Iterator[Finding]:
        """What is to be said about one person."""
        del person
        yield from ()

    def stands(self, person: Person) -> date:
        """Through which day `about` says the same about a person of the same entries, on nights of the same facts (`said.facts_of`).

        `date.min`: what it says depends on others, too, or on having been asked.
        """
        del person
        return date.max

    def rest(self) -> Iterator[Finding]:
        """What is to be said once every person was told."""
        yield from ()


LONGEST = 120
MOST_PLACES = 4


def where(places: Iterable[Place]) -> list[Phrase]:
    """The places as a person reads them: each source once with its entries; of very many the first ones."""
    by_source: dict[str, list[str]] = {}
    for place in dict.fromkeys(places):
        by_source.setdefault(place.source, []).append(place.locator or "")
    return [_in_source(source, [item for item in locators if item]) for source, locators in by_source.items()]


def _in_source(source: str, locators: list[str]) -> Phrase:
    if not locators:
        return Phrase("{source}", source=source)
    shown = sorted(dict.fromkeys(locators), key=_natural)
    if len(shown) == 1 and shown[0].startswith(f"{source}:"):
        return Phrase("{where}", where=shown[0])
    if len(shown) > MOST_PLACES:
        shown[MOST_PLACES:] = [Phrase("and {count} more", count=len(shown) - MOST_PLACES)]
    return Phrase("{source} ({places})", source=source, places=listed(shown))


def listed(items: Sequence[str]) -> str:
    """Several phrases as one, parted by semicolons: a place has commas of its own."""
    told = items[0]
    for item in items[1:]:
        told = Phrase("{told}; {more}", told=told, more=item)
    return told


def _natural(text: str) -> list[tuple[int, str]]:
    """Row 9 comes before row 20."""
    return [(int(part), "") if part.isdecimal() and part.isascii() else (0, part) for part in re.split(r"(\d+)", text)]


def brief(value: str) -> str:
    """A value as a finding shows it: cut when it is very long."""
    return value if len(value) <= LONGEST else f"{value[:LONGEST]}…"


def own_links(person: Person) -> tuple[Member, ...]:
    """The person's sure entries, without those of conflict copies, which are reported as a copy only."""
    links = person.links
    if any(member.held.entry.copy_of for member in links):
        return tuple(member for member in links if not member.held.entry.copy_of)
    return links


def mark(held: Held) -> str:
    """What tells an entry from the others of its source for a finding's id: who it is about, not the row it is in.

    A row that another one pushed down keeps its findings. Two entries that cannot be told apart share their mark;
    `distinct` parts them.
    """
    return f"{held.source}\x01{_who(held.entry)}"


def _who(entry: Entry) -> str:
    names = entry.values("name") or (" ".join(entry.values("given", "family")),)
    words = sorted({word for name in names for word in name_tokens(name)})
    if words:
        return " ".join(words)
    for value in entry.values("email"):
        if key := email_key(value):
            return key
    for value in entry.values("phone"):
        if tails := phone_tails(value):
            return min(tails)
    return entry.ref
