"""Other people in a text: names, e-mails and phones that somebody else in the registers bears, with the place of each."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from itertools import product

from connectors._values import dataclass
from hub import normalise
from hub.matching.index import Index

_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~\-]+@[\w\-]+(?:\.[\w\-]+)+")
_WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_GAP = re.compile(r"[\s,.]{1,3}")
_MOST_WORDS = 4
"""A name in a text is taken to have no more words."""

_MOST_BEARERS = 200
"""A given name of more entries says nothing of one colleague, and they are not looked through."""

_ENDINGS = (
    "lla", "llä", "lle", "lta", "ltä", "ssa", "ssä", "sta", "stä", "ksi", "tta", "ttä", "ta", "tä", "in", "en", "n", "a", "ä", "s",
)  # fmt: skip
"""What Finnish and Swedish hang on to a name."""


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody else at `text[start:end]`, by a `kind` of identifier."""

    start: int
    end: int
    kind: str


def mentions(text: str, entries: Collection[int], index: Index, region: str) -> list[Mention]:
    """Where NFC text mentions somebody who is in the registers and is not the person who has these entries, in order.

    A name counts from two words on, in any order, also in the usual Finnish cases; a given name alone only of somebody of the
    same company or with the same phone or mailbox. What the person bears too is nobody else's.
    """
    found: list[Mention] = []
    for mention in (*_emails(text, entries, index), *_phones(text, entries, index, region), *_names(text, entries, index)):
        if all(mention.end <= other.start or mention.start >= other.end for other in found):
            found.append(mention)
    return sorted(found, key=lambda mention: mention.start)


def _is_anothers(kind: str, key: str, entries: Collection[int], index: Index) -> bool:
    holders = set(index.holders((kind, key)))
    return bool(holders) and holders.isdisjoint(entries)


def _emails(text: str, entries: Collection[int], index: Index) -> Iterator[Mention]:
    for match in _EMAIL.finditer(text):
        key = normalise.email_key(match[0].rstrip("."))
        if key and _is_anothers("email", key, entries, index):
            yield Mention(match.start(), match.end(), "email")


def _phones(text: str, entries: Collection[int], index: Index, region: str) -> Iterator[Mention]:
    if sum(letter.isdigit() for letter in text) < 6:
        return
    import phonenumbers  # 34 ms: only an export asks

    for match in phonenumbers.PhoneNumberMatcher(text, region, leniency=phonenumbers.Leniency.POSSIBLE):
        key = phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
        if _is_anothers("phone", key, entries, index):
            yield Mention(match.start, match.end, "phone")


def _names(text: str, entries: Collection[int], index: Index) -> Iterator[Mention]:
    own = frozenset(word for number in entries for word in index[number].words)
    known: dict[str, tuple[str, ...]] = {}
    words = []
    for match in _WORD.finditer(text):
        if match[0] not in known:
            known[match[0]] = tuple(dict.fromkeys(form for form in _forms(match[0]) if index.bearers(form)))
        words.append((match.start(), match.end(), known[match[0]]))
    near = _Near(entries, index)
    place = 0
    while place < len(words):
        size = _name_at(text, words[place : place + _MOST_WORDS], own, entries, index)
        start, end, forms = words[place]
        if size > 0:
            yield Mention(start, words[place + size - 1][1], "name")
        elif size == 0 and text[start].isupper() and own.isdisjoint(forms) and any(map(near.calls, forms)):
            yield Mention(start, end, "name")
        place += abs(size) or 1


class _Near:
    """The people whom a text about somebody may call by their given name alone: of the same company, phone or mailbox."""

    def __init__(self, entries: Collection[int], index: Index) -> None:
        self._entries, self._index = entries, index
        self._companies = frozenset(key for number in entries for key in index[number].companies)
        self._same = {holder for number in entries for one in index.identifiers(number) for holder in index.holders(one)}

    def calls(self, word: str) -> bool:
        """Whether one of them has this loose word as a given name."""
        if self._index.bearers(word) > _MOST_BEARERS:
            return False
        others = self._index.named_by((word,)) - set(self._entries)
        return any(self._is_near(number) and any(word in form.given for form in self._index[number].forms) for number in others)

    def _is_near(self, number: int) -> bool:
        return number in self._same or not self._companies.isdisjoint(self._index[number].companies)


def _name_at(
    text: str, words: Sequence[tuple[int, int, tuple[str, ...]]], own: frozenset[str], entries: Collection[int], index: Index
) -> int:
    """How many of the first words are somebody else's name; negative when they are the person's own; 0 when they are no name."""
    reach = 1
    while reach < len(words) and words[reach][2] and _GAP.fullmatch(text[words[reach - 1][1] : words[reach][0]]):
        reach += 1
    for size in range(reach if words[0][2] else 0, 1, -1):
        forms = [item[2] for item in words[:size]]
        if all(own.intersection(form) for form in forms):
            return -size
        for chosen in product(*forms):
            if any(len(word) > 1 for word in chosen) and index.named_by(chosen) - set(entries):
                return size
    return 0


def _forms(word: str) -> Iterator[str]:
    """The loose word, and what it may be a case of: Virtaselle is Virtanen, Ruokosken is Ruokoski, Pekan is Pekka."""
    plain = unicodedata.normalize("NFC", word).casefold().replace("'", "").replace("’", "")
    if "-" in plain:
        # A double name is looked for by its last part, which bears the ending.
        plain = plain.rpartition("-")[2]
    yield normalise.loose(plain)
    for ending in _ENDINGS:
        stem = plain.removesuffix(ending)
        if stem == plain or len(stem) < 3:
            continue
        yield normalise.loose(stem)
        if stem.endswith("se"):
            yield normalise.loose(f"{stem[:-2]}nen")
        if stem.endswith("e"):
            yield normalise.loose(f"{stem[:-1]}i")
        if stem[-2] in "kpt" and stem[-1] in "aeiouyäö":
            yield normalise.loose(f"{stem[:-2]}{stem[-2]}{stem[-2:]}")
