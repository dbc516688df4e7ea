"""Everybody without the evidence: who has which entries, which others may be theirs, and what they are called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from hub.machine.workers import pieces
from hub.matching.facts import forms_in
from hub.matching.groups import Grouping
from hub.matching.index import Index
from hub.matching.persons import name_of
from hub.person import Held, Member, Person, Verdict, handle_of

if TYPE_CHECKING:
    from hub.matching.night.makeup import Lasting

_PIECE = 20_000
"""The entries of so many persons are made at once."""


class Everyone:
    """The persons among all entries of an index, in the order of their first entries; each comes and is not kept."""

    def __init__(self, index: Index, grouping: Grouping) -> None:
        self._index = index
        self._grouping = grouping

    def __iter__(self) -> Iterator[Person]:
        return self._made(self._grouping.members())

    def only(self, places: Sequence[int]) -> Iterator[Person]:
        """Those in these places among all persons."""
        return self._made(self._grouping.members(places))

    def lasting(self) -> Lasting | None:
        """Of which entries everybody is made, where these keep their numbers from night to night."""
        return self._grouping.lasting()

    def _made(self, members: Iterable[tuple[list[int], list[int]]]) -> Iterator[Person]:
        for piece in pieces(members, _PIECE):
            coming = iter(self._index.entries([number for sure, possible in piece for number in (*sure, *possible)]))
            for sure, possible in piece:
                yield _person([next(coming) for _ in sure], [next(coming) for _ in possible])


def _person(sure: Sequence[Held], possible: Sequence[Held]) -> Person:
    name = name_of([form for held in sure for form in forms_in(held.entry)], (held.entry for held in sure))
    links = [Member(held, Verdict.LINK) for held in sure]
    others = [Member(held, Verdict.POSSIBLE) for held in (sorted(possible, key=_key) if len(possible) > 1 else possible)]
    return Person(handle_of(held.key for held in sure), name, (*links, *others))


def _key(held: Held) -> tuple[str, str]:
    return held.key
