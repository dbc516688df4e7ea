"""The values of one person that are searched for by value: only what nobody outside their entries bears."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from connectors import _resources
from connectors._values import dataclass, field
from connectors.contract import Needle
from hub import normalise
from hub.matching import inflected
from hub.matching.facts import Facts, Identifier
from hub.matching.index import Index
from hub.matching.names import Likeness, NameForm, compare, is_initial
from hub.normalise import Name


@dataclass(frozen=True, slots=True)
class _Bearer:
    """Somebody else: the words of their names and companies, and the names themselves."""

    words: tuple[frozenset[str], ...] = field(repr=False)
    forms: tuple[NameForm, ...]


def needles(entries: Sequence[int], index: Index) -> tuple[Needle, ...]:
    """The needles of the person who has these entries.

    Left out are a name, e-mail or phone that another entry bears too (a namesake, a shared phone, a company named
    after the person), values that stay with a record, and names of a single word.
    """
    inside = sorted(set(entries))
    own = [index[number] for number in inside]
    names = dict.fromkeys(spelling for facts in own for spelling in _spellings(facts, _families(own)))
    others = _bearers(names, set(inside), index)
    found = [Needle("name", name) for name in names if not _is_borne(name, others)]
    for identifier in dict.fromkeys(identifier for facts in own for identifier in facts.identifiers()):
        if _is_theirs(identifier, set(inside), index):
            found += _of_identifier(identifier, own)
    return tuple(dict.fromkeys(found))


def hints(entries: Sequence[int], index: Index) -> tuple[Needle, ...]:
    """The inflected names of the person who has these entries; none of a name that somebody else bears too."""
    inside = set(entries)
    own = [index[number] for number in sorted(inside)]
    families = _families(own)
    people = dict.fromkeys(
        (given[0], family[-1])
        for facts in own
        for given, family in (_in_order(form.name, families) for form in facts.forms if not form.name.company)
        if given and family
    )
    others = _bearers([" ".join(pair) for pair in people], inside, index)
    return inflected.hints([pair for pair in people if not _is_borne(" ".join(pair), others)], inside, index)


def _is_theirs(identifier: Identifier, inside: set[int], index: Index) -> bool:
    """Whether nobody else bears it; what nobody surely bears is theirs when all who share it are these entries."""
    owners = set(index.owners(identifier))
    if owners or identifier[0] == "customer_number":
        return bool(owners) and owners <= inside
    holders = set(index.holders(identifier))
    return len(holders) > 1 and holders <= inside


def _of_identifier(identifier: Identifier, own: Sequence[Facts]) -> Iterator[Needle]:
    kind, key = identifier
    if kind == "phone":
        yield Needle("phone", key)
    elif kind == "email":
        yield from (Needle("email", spelling) for spelling in normalise.email_spellings(key))
    elif len(key) >= _resources.table("matching.toml")["shortest_customer_number"]:
        shown = (facts.shown(identifier) for facts in own if key in facts.customer_numbers)
        yield from (Needle("text", normalise.clean(value)) for value in shown)


def _families(own: Sequence[Facts]) -> frozenset[str]:
    """The family names that are certain, in fields of their own or before a comma."""
    names = (form.name for facts in own for form in facts.forms if form.name.known)
    return frozenset(normalise.fold(" ".join(name.family)) for name in names)


def _spellings(facts: Facts, families: frozenset[str]) -> Iterator[str]:
    """The names of an entry in reading order, whole, by first and last name, and with a former family name."""
    leaving = {item.kind for item in facts.entry.leaving()}
    if not leaving & {"name", "given", "family"}:
        return
    for form in facts.forms:
        given, family = _in_order(form.name, families)
        if form.name.company or not given or not family:
            continue
        last = " ".join(family)
        for first in dict.fromkeys((" ".join(given), given[0])):
            if not is_initial(normalise.fold(first).strip(".")) or len(given) == 1:
                yield f"{first} {last}"
        if len(family) > 1:
            # The search turns a name round by its last word only.
            yield " ".join((*family, *given))
        yield from _former(form.name.former, given)


def _in_order(name: Name, families: frozenset[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Given and family name; a name without a comma is turned round when another entry knows its first word as family."""
    words = (*name.given, *name.family)
    if not name.known and normalise.fold(words[0]) in families and normalise.fold(words[-1]) not in families:
        return words[1:], words[:1]
    return name.given, name.family


def _former(former: Sequence[str], given: Sequence[str]) -> Iterator[str]:
    folded = [normalise.fold(word) for word in former]
    if len(former) > 1 and normalise.fold(given[0]) in folded:
        yield " ".join(former)
        return
    for old in former:
        yield from dict.fromkeys((f"{' '.join(given)} {old}", f"{given[0]} {old}"))


def _bearers(names: Iterable[str], inside: set[int], index: Index) -> list[_Bearer]:
    """Those others who may bear one of these names: they have all its words, those that are initials left aside."""
    found: set[int] = set()
    for name in names:
        found |= index.bearing(normalise.loose(word) for word in normalise.tokens(name) if not is_initial(word))
    bearers = []
    for facts in (index[number] for number in sorted(found - inside)):
        parts = " ".join(facts.values("name", "given", "family", "former_name"))
        sets = (frozenset(normalise.tokens(value)) for value in (parts, *facts.values("company")))
        bearers.append(_Bearer(tuple(sets), facts.forms))
    return bearers


def _is_borne(name: str, others: Sequence[_Bearer]) -> bool:
    """Whether the name, in any order, is (part of) somebody else's name or of a company's, or may be by its initial."""
    words = frozenset(normalise.tokens(name))
    parsed = normalise.parse_name(name)
    if parsed is None or len(words) < 2:
        return True
    form = NameForm(parsed)
    initials = any(map(is_initial, words))
    for other in others:
        if any(words <= theirs for theirs in other.words):
            return True
        if initials and any(compare(form, theirs) is Likeness.INITIAL for theirs in other.forms):
            return True
    return False
