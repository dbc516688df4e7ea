"""The findings of a night in their order, each made when it is asked for: of very many most are only counted."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import NamedTuple, Self, cast, overload

from connectors.phrase import Phrase
from hub.mirror.codec import pack, unpack
from hub.report.finding import Finding, Place, Severity


class Headline(NamedTuple):
    """What is counted of a finding; `body` is all of it, or the text that `packed` made of it.

    `refs` are those of its entries in one text: two findings of one id that differ in them are two.
    """

    severity: Severity
    kind: str
    id: str
    sources: tuple[str, ...]
    refs: str
    body: Finding | str

    @classmethod
    def of(cls, finding: Finding) -> Headline:
        """The headline of a finding at hand."""
        sources = tuple(sorted({place.source for place in finding.entries}))
        refs = "\x00".join(place.ref or "" for place in finding.entries)
        if not refs.isascii():  # one may be the name of a file that is no UTF-8
            refs = refs.encode("utf-8", "backslashreplace").decode()
        return cls(finding.severity, finding.kind, finding.id, sources, refs, finding)

    def __repr__(self) -> str:
        return f"<{self.severity} {self.kind} {self.id}>"

    def finding(self) -> Finding:
        """All of it; under another id where the headline has one."""
        found = self.body if isinstance(self.body, Finding) else unpacked(self.body)
        return found if found.id == self.id else replace(found, id=self.id)


class Headlines(ABC):
    """Headlines in their order, each id once; those of one severity and kind stand together."""

    ids: Sequence[str]

    def __len__(self) -> int:
        return len(self.ids)

    @abstractmethod
    def __getitem__(self, place: int) -> Headline: ...

    @abstractmethod
    def __iter__(self) -> Iterator[Headline]: ...

    @abstractmethod
    def sources(self) -> Iterable[tuple[str, ...]]:
        """The sources of each."""

    @abstractmethod
    def spans(self) -> Iterable[tuple[Severity, str, range]]:
        """For each severity and kind the places of its headlines."""

    @abstractmethod
    def chosen(self, places: Sequence[int]) -> Self:
        """Those in these places."""


class AtHand(Headlines):
    """Headlines one by one."""

    def __init__(self, items: Sequence[Headline] = ()) -> None:
        self._items = items
        self.ids = [item.id for item in items]

    def __getitem__(self, place: int) -> Headline:
        return self._items[place]

    def __iter__(self) -> Iterator[Headline]:
        return iter(self._items)

    def sources(self) -> Iterable[tuple[str, ...]]:
        """One by one."""
        return (item.sources for item in self._items)

    def spans(self) -> Iterable[tuple[Severity, str, range]]:
        """Counted one by one."""
        start = 0
        for (severity, kind), found in groupby(self._items, lambda item: item[:2]):
            end = start + sum(1 for _ in found)
            yield severity, kind, range(start, end)
            start = end

    def chosen(self, places: Sequence[int]) -> AtHand:
        """One by one."""
        return AtHand([self._items[place] for place in places])


@dataclass(frozen=True, slots=True, eq=False)
class Findings(Sequence[Finding]):
    """Findings by their headlines; `since` tells the first night of an id, where that is known."""

    headlines: Headlines = field(default_factory=AtHand, repr=False)
    since: Callable[[str], str] | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.headlines)

    @overload
    def __getitem__(self, place: int) -> Finding: ...
    @overload
    def __getitem__(self, place: slice) -> Findings: ...
    def __getitem__(self, place: int | slice) -> Finding | Findings:
        if isinstance(place, slice):
            return self._chosen(range(*place.indices(len(self))))
        return self._told(self.headlines[place])

    def __iter__(self) -> Iterator[Finding]:
        return map(self._told, self.headlines)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]  # as of a list

    def groups(self) -> Iterator[tuple[Severity, str, Findings]]:
        """The findings of one severity and kind after the other, as they stand together."""
        return ((severity, kind, self._chosen(places)) for severity, kind, places in self.headlines.spans())

    def new(self, ids: frozenset[str]) -> Findings:
        """Those that have one of these ids."""
        return self._chosen([place for place, name in enumerate(self.headlines.ids) if name in ids])

    def _told(self, headline: Headline) -> Finding:
        found = headline.finding()
        return replace(found, since=self.since(found.id)) if self.since else found

    def _chosen(self, places: Sequence[int]) -> Findings:
        return Findings(self.headlines.chosen(places), self.since)


def packed(finding: Finding) -> str:
    """A finding as one text."""
    places = [[place.source, place.ref, pack(place.locator)] for place in finding.entries]
    told = [finding.kind, finding.severity, finding.id, places, pack(finding.what), pack(finding.proposal), finding.person]
    return json.dumps(told, separators=(",", ":"))


def unpacked(text: str) -> Finding:
    """Undo `packed`."""
    kind, severity, id_, places, what, proposal, person = json.loads(text)
    return Finding(kind, severity, id_, tuple(map(_place, places)), _said(what), _said(proposal), person)


def _place(told: Iterable[object]) -> Place:
    source, ref, locator = told
    return Place(cast("str", source), cast("str | None", ref), _said(locator) if locator is not None else None)


def _said(value: object) -> Phrase:
    return cast("Phrase", unpack(value))
