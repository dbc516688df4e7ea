"""All words of an entry: those under which the mirror finds it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from hub import normalise
from hub.matching import common
from hub.matching.facts import KEY_KINDS, NAME_KINDS, forms_of, keys_of, loose_words, number_key, traits_of
from hub.matching.names import initial_keys, pairs
from hub.mirror.keys import (
    BETWEEN,
    COMPANY,
    EMAIL,
    INITIAL,
    JOINED,
    KEY,
    NAME,
    NUMBER,
    PAIR,
    PHONE,
    SEVERAL,
    SHORT,
    SORTED,
    TRAIT,
    tag_token,
)

Kinds = tuple[str, ...]
"""The kinds of the fields of an entry, in their order."""


def tagged(words: str, source: str, ref: str) -> str:
    """All words of an entry: those of its fields, and the one for its key."""
    return f"{words}{BETWEEN}{tag_token(source, ref)}"


class _Places(NamedTuple):
    """Where in entries with fields of the same kinds stands what they are found by."""

    kinds: Kinds
    """Those of the names."""
    names: tuple[int, ...]
    phones: tuple[int, ...]
    emails: tuple[int, ...]
    others: tuple[tuple[str, int], ...]


@lru_cache(maxsize=10_000)
def _places(kinds: Kinds) -> _Places:
    def of(*wanted: str) -> tuple[int, ...]:
        return tuple(place for place, kind in enumerate(kinds) if kind in wanted)

    names = of(*NAME_KINDS)
    others = tuple((kinds[place], place) for place in of(*_WITH_WORDS))
    return _Places(tuple(kinds[place] for place in names), names, of("phone"), of("email"), others)


def tokens_of(kinds: Kinds, values: Sequence[str], region: str) -> tuple[str, Iterable[str]]:
    """Every word under which an entry with fields of these kinds is found, but for that of its key; and the words of its names."""
    places = _places(kinds)
    found = [PHONE + key for place in places.phones for key in normalise.phone_keys(values[place], region)]
    for place in places.emails:
        key = normalise.email_key(values[place])
        if key is not None:
            found.append(EMAIL + key)
    found += [_of_value(kind, values[place]) for kind, place in places.others]
    if not places.names:
        return BETWEEN.join(found), ()
    said = tuple(values[place] for place in places.names)
    own, names = _of_common(places.kinds, said) or _of_names(places.kinds, said)
    return BETWEEN.join((own, *found)), names


_WITH_WORDS = frozenset((*KEY_KINDS, "company", "address", "postcode", "city", "birthday"))
_WHOLE, _PARTS = ("name",), ("given", "family")

Named = tuple[str, Sequence[str]]
"""The words for names, and the words of the names themselves."""


def _of_common(kinds: Kinds, said: tuple[str, ...]) -> Named | None:
    if kinds == _WHOLE:
        name = common.whole(*said)
    elif kinds == _PARTS:
        name = common.parts(*said)
    else:
        return None
    if name is None:
        return None
    words = name.given + name.family
    return _of_words(words), words


@lru_cache(maxsize=50_000)
def _of_names(kinds: Kinds, said: tuple[str, ...]) -> Named:
    by_kind = (tuple(value for kind, value in zip(kinds, said, strict=True) if kind == wanted) for wanted in NAME_KINDS)
    forms = forms_of.__wrapped__(*by_kind)
    found = [_of_words(form.words, form.former) for form in forms] + [SEVERAL] * (len(forms) > 1)
    return BETWEEN.join(found), tuple({word for form in forms for word in (*form.words, *form.former)})


@lru_cache(maxsize=200_000)
def _of_value(kind: str, value: str) -> str:
    """The words for a value of any kind but names, phones and e-mails: many entries have the same."""
    found = [TRAIT + trait for trait in traits_of(kind, value)]
    if kind == "company":
        found += [COMPANY + word for word in loose_words(value)]
    elif kind in KEY_KINDS:
        found += [KEY + key for key in keys_of(kind, value)]
    number = number_key(value) if kind == "customer_number" else None
    return BETWEEN.join([*found, NUMBER + number] if number else found)


def _of_words(words: Sequence[str], former: Sequence[str] = ()) -> str:
    """The words for a name of these loose words, in their order."""
    if len(words) == 2 and not former:
        one, other = words
        if len(one) > 1 and len(other) > 1 and one != other:
            first, last = (one, other) if one < other else (other, one)
            names = f"{NAME}{one}\n{NAME}{other}\n{JOINED}{one}{other}\n{SORTED}{first} {last}"
            return f"{names}\n{INITIAL}{one}~{other[0]}\n{INITIAL}{other}~{one[0]}"
    own = " ".join(sorted(words))
    found = [NAME + word for word in dict.fromkeys((*words, *former))]
    found += [JOINED + "".join(words), SORTED + own]
    found += [PAIR + pair for pair in map(" ".join, pairs(words, former)) if pair != own]
    found += [INITIAL + key for key in initial_keys(words, former, initials=False)]
    return BETWEEN.join(found + [SHORT + key for key in initial_keys(words, former, initials=True)])
