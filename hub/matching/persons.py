"""The persons a query means, in their order, each worked out when it is asked for: of many, the first come at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import overload

from connectors.entry import Entry
from hub.machine.collecting import no_collecting
from hub.matching.groups import Group
from hub.matching.names import NameForm
from hub.normalise import display_name
from hub.person import Person


class Persons(Sequence[Person]):
    """A person stands where the best of their entries stands. How many there are is only known when all entries were looked at."""

    def __init__(self, groups: Iterable[Group], person_of: Callable[[Group], Person]) -> None:
        self._coming = iter(groups)
        self._person_of = person_of
        self._seen: set[frozenset[int]] = set()
        self._groups: list[Group] = []
        self._persons: dict[int, Person] = {}

    def __bool__(self) -> bool:
        return self._reach(1) > 0

    def __len__(self) -> int:
        return self._reach(None)

    @overload
    def __getitem__(self, place: int) -> Person: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Person, ...]: ...
    def __getitem__(self, place: int | slice) -> Person | tuple[Person, ...]:
        if isinstance(place, slice):
            stop = place.stop
            known = self._reach(stop if stop is not None and stop >= 0 and (place.start or 0) >= 0 else None)
            return tuple(self._at(number) for number in range(*place.indices(known)))
        known = self._reach(place + 1 if place >= 0 else None)
        return self._at(range(known)[place])

    def __iter__(self) -> Iterator[Person]:
        place = 0
        while self._reach(place + 1) > place:
            yield self._at(place)
            place += 1

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]  # as of a list

    def _reach(self, count: int | None) -> int:
        """Look for so many persons, None for all; how many are known then."""
        with no_collecting():
            while count is None or len(self._groups) < count:
                group = next(self._coming, None)
                if group is None:
                    break
                if group.entries not in self._seen:
                    self._seen.add(group.entries)
                    self._groups.append(group)
        return len(self._groups)

    def _at(self, place: int) -> Person:
        if place not in self._persons:
            with no_collecting():
                self._persons[place] = self._person_of(self._groups[place])
        return self._persons[place]


def name_of(forms: Sequence[NameForm], entries: Iterable[Entry]) -> str:
    """The fullest name in reading order; without any, what the first entry shows."""
    if len(forms) == 1:
        return forms[0].name.display
    if forms:
        best = max(forms, key=lambda form: (len(form.words) > 1, form.name.known, not form.long, forms.count(form)))
        return best.name.display
    fields = [item for entry in entries for item in entry.fields]
    for kind in ("email", "company", "phone"):
        for item in fields:
            if item.kind == kind:
                return display_name(item.value)
    return display_name(fields[0].value) if fields else ""
