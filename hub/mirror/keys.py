"""The words under which an entry can be looked up in the mirror: what each is, then the key itself, as one safe token."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from connectors.entry import Entry, Field, Ref, Version
from connectors.phrase import Phrase
from hub import normalise
from hub.matching.facts import WITHOUT_KEYS, Facts, Identifier, forms_of, named_in, words_of
from hub.matching.names import NameForm
from hub.person import Held, handle_of

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
_NOWHERE = Phrase("")


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


def tokens_of(fields: Plain, region: str) -> Iterator[str]:
    """Every word under which an entry with these fields is found, but for its `tag_token`; the same for the same fields."""
    yield from _of_names(*named_in(fields))[0]
    for kind, value in fields:
        if kind == "phone":
            yield from (token(PHONE, key) for key in normalise.phone_keys(value, region))
        elif kind == "email":
            key = normalise.email_key(value)
            if key is not None:
                yield token(EMAIL, key)
        elif kind not in WITHOUT_KEYS:
            yield from _of_value(kind, value)


def names_of(fields: Plain) -> frozenset[str]:
    """The words of the names in these fields."""
    return _of_names(*named_in(fields))[1]


@lru_cache(maxsize=200_000)
def _of_names(*values: tuple[str, ...]) -> tuple[tuple[str, ...], frozenset[str]]:
    forms = forms_of(*values)
    several = (token(SEVERAL, ""),) if len(forms) > 1 else ()
    return (*several, *(word for form in forms for word in _of_form(form))), words_of(forms)


@lru_cache(maxsize=200_000)
def _of_value(kind: str, value: str) -> tuple[str, ...]:
    """The words for a value of any kind but names, phones and e-mails: many entries have the same."""
    facts = Facts(Held("", Entry(Ref(""), Version(""), _NOWHERE, (Field(kind, value),))), "")
    return (
        *map(identifier_token, facts.identifiers()),
        *(token(KEY, key) for key in facts.keys),
        *(token(COMPANY, word) for word in facts.company_words),
        *(token(TRAIT, trait) for trait in facts.traits),
    )


def _of_form(form: NameForm) -> Iterator[str]:
    yield from (token(NAME, word) for word in dict.fromkeys((*form.words, *form.former)))
    yield token(JOINED, form.joined)
    yield sorted_token(form.key)
    yield from map(initial_token, form.initial_keys(initials=False))


def words(tokens: Iterable[str]) -> str:
    """The tokens as the index takes them, each once."""
    return " ".join(dict.fromkeys(tokens))
