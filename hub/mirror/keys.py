"""The words under which an entry can be looked up in the mirror: what each is, then the key itself, as one safe token."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from connectors.entry import Entry
from hub import normalise
from hub.matching.facts import (
    KEY_KINDS,
    NAME_KINDS,
    Identifier,
    forms_of,
    keys_of,
    loose_words,
    number_key,
    traits_of,
    words_of,
)
from hub.matching.names import NameForm
from hub.person import handle_of

NAME, JOINED, SORTED, INITIAL, EMAIL, PHONE, NUMBER, KEY, COMPANY, TRAIT, HANDLE, SEVERAL = "njsiepckothm"
"""A loose word of a name · a whole name in one word · its words in alphabetical order · a word with another's initial ·
identifiers · other keys · a word of a company · what several have in common (a company, a place, a birthday) · the entry's own ·
that it has several names."""

Plain = tuple[tuple[str, str], ...]
"""Kind and value of each field of an entry."""

_KIND_OF = {"email": EMAIL, "phone": PHONE, "customer_number": NUMBER}
_CODES = {ord(sign): f"_{ord(sign):x}_" for sign in map(chr, range(128)) if not (sign.isalnum() or sign in "@.+-")}
"""Signs at which a word of the index would end, and those that its language knows, are written as their codes."""

_HANDLE_DIGITS = 7


def token(kind: str, key: str) -> str:
    """One word of the index."""
    return kind + (key if key.isalnum() else key.translate(_CODES))


def sorted_token(key: str) -> str:
    """The word for a name's words in alphabetical order (`NameForm.key`)."""
    return SORTED + ".".join(token("", word) for word in key.split(" "))


def initial_token(key: str) -> str:
    """The word for a whole word of a name with the first letter of another (`NameForm.initial_keys`)."""
    word, _, letter = key.partition("~")
    return f"{token(INITIAL, word)}.{token('', letter)}"


def identifier_token(identifier: Identifier) -> str:
    """The word under which the holders of an identifier are found."""
    return token(_KIND_OF[identifier[0]], identifier[1])


def tag_token(source: str, ref: str) -> str:
    """The word for the key of an entry: its digits are the handle of a person of this entry alone."""
    return handle_token(handle_of([(source, ref)]))


def handle_token(handle: str) -> str:
    """The word for a handle: its first digits are enough, and whoever finds an entry by them looks at the entry's key."""
    return token(HANDLE, handle[:_HANDLE_DIGITS])


def plain(entry: Entry) -> Plain:
    """The fields of an entry as the words need them."""
    return tuple((item.kind, item.value) for item in entry.fields)


def tokens_of(fields: Plain, region: str) -> tuple[dict[str, None], frozenset[str]]:
    """Every word under which an entry with these fields is found, but for its `tag_token`; and the words of its names."""
    several, names = _of_names(tuple(item for item in fields if item[0] in NAME_KINDS))
    found = dict.fromkeys(several)
    for kind, value in fields:
        if kind == "phone":
            found.update((PHONE + key, None) for key in normalise.phone_keys(value, region))
        elif kind == "email":
            key = normalise.email_key(value)
            if key is not None:
                found[token(EMAIL, key)] = None
        elif kind in _WITH_WORDS:
            found.update(_of_value(kind, value))
    return found, names


_WITH_WORDS = frozenset((*KEY_KINDS, "company", "address", "postcode", "city", "birthday"))


@lru_cache(maxsize=200_000)
def _of_names(fields: Plain) -> tuple[tuple[str, ...], frozenset[str]]:
    values = (tuple(value for kind, value in fields if kind == wanted) for wanted in NAME_KINDS)
    forms = forms_of.__wrapped__(*values)
    several = (token(SEVERAL, ""),) if len(forms) > 1 else ()
    return (*several, *(word for form in forms for word in _of_form(form))), words_of(forms)


@lru_cache(maxsize=200_000)
def _of_value(kind: str, value: str) -> dict[str, None]:
    """The words for a value of any kind but names, phones and e-mails: many entries have the same."""
    found = [token(TRAIT, trait) for trait in traits_of(kind, value)]
    if kind == "company":
        found += [token(COMPANY, word) for word in loose_words(value)]
    elif kind in KEY_KINDS:
        found += [token(KEY, key) for key in keys_of(kind, value)]
    number = number_key(value) if kind == "customer_number" else None
    return dict.fromkeys([*found, token(NUMBER, number)] if number else found)


def _of_form(form: NameForm) -> Iterable[str]:
    if len(form.words) == 2 and not form.former:
        one, other = form.words
        if len(one) > 1 and len(other) > 1 and one != other and form.joined.isalnum():
            first, last = (one, other) if one < other else (other, one)
            names = (f"{NAME}{one}", f"{NAME}{other}", f"{JOINED}{one}{other}", f"{SORTED}{first}.{last}")
            return (*names, f"{INITIAL}{one}.{other[0]}", f"{INITIAL}{other}.{one[0]}")
    return (
        *(token(NAME, word) for word in dict.fromkeys((*form.words, *form.former))),
        token(JOINED, form.joined),
        sorted_token(form.key),
        *map(initial_token, form.initial_keys(initials=False)),
    )


def words(tokens: Iterable[str]) -> str:
    """Different tokens as the index takes them."""
    return " ".join(tokens)
