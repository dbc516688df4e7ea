"""Conflicts: two registers each hold a person's phone, e-mail, address or name, and have none in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from connectors.entry import Disposal, Entry, Field
from connectors.phrase import Phrase
from hub.normalise import clean, email_key, name_of_parts, parse_name, phone_keys, tokens
from hub.normalise.addresses import parse_address
from hub.person import Held, Person
from hub.report.finding import Family, Finding, Night, Place, Severity, brief, listed, mark, own_links, where

MOST = 6
"""So many of the differing values are shown; `--json` names the place of each."""


@dataclass(frozen=True, slots=True)
class _Value:
    """One value of a kind: what it is compared by, how it is written, and where."""

    key: frozenset[str] = field(repr=False)
    text: str = field(repr=False)
    place: Place
    mark: str = field(repr=False)


Same = Callable[[frozenset[str], frozenset[str]], bool]


class Conflicts(Family):
    """What differs between the registers of one person."""

    def __init__(self, night: Night) -> None:
        super().__init__(night)
        self._readers: Sequence[tuple[str, Severity, Callable[[Entry], Iterator[tuple[frozenset[str], str]]], Same]] = (
            ("phone", "warning", self._phones, _overlap),
            ("email", "warning", _emails, _overlap),
            ("address", "warning", _streets, _within),
            ("postcode", "warning", _postcodes, _overlap),
            ("name", "info", _names, _one_name),
        )

    def about(self, person: Person) -> Iterator[Finding]:
        """One finding for each kind of value that differs."""
        # An issued invoice is never corrected, and what others share in its row is not surely the person's.
        held = [item.held for item in own_links(person) if item.held.entry.disposal is not Disposal.RETAIN]
        if len({item.source for item in held}) < 2:
            return
        moved = False
        for kind, severity, read, same in self._readers:
            if (kind == "postcode" and moved) or _alike(held, _WRITTEN[kind]):
                continue
            values: dict[str, list[_Value]] = {}
            for item in held:
                for key, text in read(item.entry):
                    values.setdefault(item.source, []).append(_Value(key, text, Place.of(item), mark(item)))
            differing = _differing(values, same) if len(values) > 1 else []
            if differing:
                moved = moved or kind == "address"
                yield self._finding(person, kind, severity, differing, same)

    def _finding(self, person: Person, kind: str, severity: Severity, differing: Sequence[_Value], same: Same) -> Finding:
        sides = _sides(differing, same)
        # What is accepted is this difference: another value is another finding.
        anchors = sorted("\x02".join((min(value.mark for value in side), *sorted(_keys(side)))) for side in sides)
        places = tuple(dict.fromkeys(value.place for value in differing))
        return Finding(
            kind="conflict",
            severity=severity,
            person=person.handle,
            entries=places,
            id=self.night.id("conflict", kind, *anchors),
            what=Phrase(
                "{field} of {person} differs: {values}", field=_FIELDS[kind], person=brief(person.name), values=_told(sides)
            ),
            proposal=_proposal(sides),
        )

    def _phones(self, entry: Entry) -> Iterator[tuple[frozenset[str], str]]:
        for text in _own(entry, "phone"):
            if keys := phone_keys(text, self.night.region):
                yield frozenset(keys), text


_FIELDS = {
    "phone": Phrase("The phone number"),
    "email": Phrase("The e-mail address"),
    "address": Phrase("The address"),
    "postcode": Phrase("The postcode"),
    "name": Phrase("The spelling of the name"),
}


_WRITTEN = {kind: (kind,) for kind in _FIELDS} | {"name": ("name", "given", "family")}
_BLANKS = dict.fromkeys(map(ord, " -()\u00a0"))
_NATIONAL = 9
"""So many last digits, with a 0 or a country code before them, are a whole number."""


def _alike(held: Sequence[Held], kinds: Collection[str]) -> bool:
    """Whether the first register's values of these kinds stand in every other one that has any, letter by letter.

    So it is for most people, and nothing needs to be taken apart.
    """
    written: dict[str, set[str]] = {}
    for item in held:
        for one in item.entry.fields:
            if one.kind in kinds and not one.stays:
                written.setdefault(item.source, set()).add(_plain(one))
    return len(written) < 2 or bool(set.intersection(*written.values()))


def _plain(item: Field) -> str:
    text = item.value.translate(_BLANKS).casefold()
    number = text.lstrip("+")
    if item.kind == "phone" and number.isdecimal() and len(number) > _NATIONAL and text[0] in "+0":
        return number[-_NATIONAL:]
    return text


def _own(entry: Entry, kind: str) -> Iterator[str]:
    return (item.value for item in entry.fields if item.kind == kind and not item.stays)


def _emails(entry: Entry) -> Iterator[tuple[frozenset[str], str]]:
    for text in _own(entry, "email"):
        if key := email_key(text):
            yield frozenset({key}), text


def _streets(entry: Entry) -> Iterator[tuple[frozenset[str], str]]:
    for text in _own(entry, "address"):
        address = parse_address(text)
        words = {address.place, f"flat {address.flat}" if address.flat else ""} if address.place else set(tokens(text))
        if address.place or len(words) > 1:
            yield frozenset(filter(None, words)), text


def _postcodes(entry: Entry) -> Iterator[tuple[frozenset[str], str]]:
    for text in _own(entry, "postcode"):
        key = "".join(filter(str.isalnum, clean(text))).casefold().removeprefix("fi")
        if key:
            yield frozenset({key}), text


def _names(entry: Entry) -> Iterator[tuple[frozenset[str], str]]:
    whole = list(_own(entry, "name"))
    for text in whole:
        name = parse_name(text)
        if name is not None and not name.company:
            yield _name_key((*name.given, *name.family)), name.display
    if not whole:
        given, family = (" ".join(_own(entry, kind)) for kind in ("given", "family"))
        name = name_of_parts(given, family)
        if name is not None:
            yield _name_key((*name.given, *name.family)), name.display


def _name_key(words: Sequence[str]) -> frozenset[str]:
    return frozenset(part for word in words for part in tokens(word))


def _overlap(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    return not ours.isdisjoint(theirs)


def _within(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    """The same street and number, where only one of the two also names the flat."""
    return ours <= theirs or theirs <= ours


def _one_name(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    """The same words in any order; one may have fewer of them, or initials."""
    few, many = sorted((ours, theirs), key=len)
    rest = many - few
    return all(word in many or (len(word) == 1 and any(other.startswith(word) for other in rest)) for word in few) or all(
        word in few or (len(word) == 1 and any(other.startswith(word) for other in few - many)) for word in many
    )


def _differing(values: dict[str, list[_Value]], same: Same) -> list[_Value]:
    """The values of every source that has none in common with some other one."""
    apart: set[str] = set()
    for ours, theirs in combinations(sorted(values), 2):
        if not any(same(one.key, other.key) for one in values[ours] for other in values[theirs]):
            apart |= {ours, theirs}
    return [value for source in sorted(apart) for value in values[source]]


def _sides(values: Sequence[_Value], same: Same) -> list[list[_Value]]:
    """The values put together by what is the same; the side most sources are on comes first."""
    sides: list[list[_Value]] = []
    for value in values:
        near = [side for side in sides if any(same(value.key, other.key) for other in side)]
        sides = [side for side in sides if side not in near]
        sides.append([*(other for side in near for other in side), value])
    return sorted(sides, key=lambda side: (-len({value.place.source for value in side}), min(value.mark for value in side)))


def _keys(side: Sequence[_Value]) -> frozenset[str]:
    return frozenset[str]().union(*(value.key for value in side))


def _told(sides: Sequence[Sequence[_Value]]) -> str:
    told = [
        Phrase("{value} – {places}", value=brief(_written(side)), places=where(value.place for value in side))
        for side in sides[:MOST]
    ]
    if len(sides) > MOST:
        told.append(Phrase("and {count} more", count=len(sides) - MOST))
    return listed(told)


def _proposal(sides: Sequence[Sequence[_Value]]) -> Phrase:
    """Which value to write where: what more registers say than any other, else what the owner finds out."""
    counts = [len({value.place.source for value in side}) for side in sides]
    if len(sides) > 1 and counts[0] > counts[1]:
        others = where(value.place for side in sides[1:] for value in side)
        return Phrase("Probably {value} is right. Correct it in: {places}", value=brief(_written(sides[0])), places=others)
    return Phrase("Ask the person which is right, and correct the other.")


def _written(side: Sequence[_Value]) -> str:
    """The spelling that is written most often."""
    return Counter(value.text for value in side).most_common(1)[0][0]
