"""All words of an entry: those under which the mirror finds it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from connectors.entry import Entry
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

Plain = tuple[tuple[str, str], ...]
"""Kind and value of each field of an entry."""


def tagged(words: str, source: str, ref: str) -> str:
    """All words of an entry: those of its fields, and the one for its key."""
    return f"{words}{BETWEEN}{tag_token(source, ref)}"


def plain(entry: Entry) -> Plain:
    """The fields of an entry as the words need them."""
    return tuple((item.kind, item.value) for item in entry.fields)


def tokens_of(fields: Iterable[tuple[str, str]], region: str) -> tuple[str, Iterable[str]]:
    """Every word under which an entry with these fields is found, but for that of its key; and the words of its names."""
    said: list[tuple[str, str]] = []
    found: list[str] = []
    for kind, value in fields:
        if kind in NAME_KINDS:
            said.append((kind, value))
        elif kind == "phone":
            found += [PHONE + key for key in normalise.phone_keys(value, region)]
        elif kind == "email":
            key = normalise.email_key(value)
            if key is not None:
                found.append(EMAIL + key)
        elif kind in _WITH_WORDS:
            found.append(_of_value(kind, value))
    if not said:
        return BETWEEN.join(found), ()
    own, names = _of_common(said) or _of_names(tuple(said))
    return BETWEEN.join((own, *found)), names


_WITH_WORDS = frozenset((*KEY_KINDS, "company", "address", "postcode", "city", "birthday"))
_WHOLE, _PARTS = ["name"], ["given", "family"]

Named = tuple[str, Sequence[str]]
"""The words for names, and the words of the names themselves."""


def _of_common(said: list[tuple[str, str]]) -> Named | None:
    kinds = [kind for kind, _ in said]
    if kinds == _WHOLE:
        name = common.whole(said[0][1])
    elif kinds == _PARTS:
        name = common.parts(said[0][1], said[1][1])
    else:
        return None
    if name is None:
        return None
    words = name.given + name.family
    return _of_words(words), words


@lru_cache(maxsize=50_000)
def _of_names(said: tuple[tuple[str, str], ...]) -> Named:
    forms = forms_of.__wrapped__(*(tuple(value for kind, value in said if kind == wanted) for wanted in NAME_KINDS))
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
