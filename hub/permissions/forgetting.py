"""What becomes of the book when a person's data change or go: who must be told, and what is kept no longer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from connectors._needles import Matcher
from connectors.contract import Needle
from hub.permissions.act import Act
from hub.permissions.book import Book
from hub.permissions.standing import Disclosed, Standing
from hub.person import Person
from hub.plan import ToTell


def forget(book: Book, person: Person, needles: Sequence[Needle], request: str, day: str) -> None:
    """A person was erased: of what is theirs only marks, dates and purposes stay, and nobody else's line names them.

    The name of a recipient stays until it was told; that it must be is written down first. Doing it again changes nothing.
    """
    known = book.known()
    standing = known.of(person)
    to_tell(book, standing, request, day)
    hers = {act.number for act in standing.acts}
    untold = {one.act.number for one in book.known().of(person).disclosures if one.to_tell}
    matcher = Matcher(needles)
    for act in book.all():
        left = _emptied(act, kept=act.number in untold) if act.number in hers else _cut(act, matcher)
        if left != act:
            book.rewrite(left)


def announce(book: Book, person: Person, _needles: Sequence[Needle], request: str, day: str) -> None:
    """A person was erased from some sources only: who got their data must be told, and what was agreed goes on."""
    to_tell(book, book.known().of(person), request, day)


def to_tell(book: Book, standing: Standing, request: str, day: str, kinds: Collection[str] = ()) -> list[Disclosed]:
    """Write down that everybody who got a person's data (of these kinds, where any are named) must hear what a request did."""
    earlier = {(act.of, act.request) for act in standing.acts if act.kind == "to_tell"}
    found = [one for one in standing.disclosures if not kinds or set(kinds) & set(one.act.data)]
    for one in found:
        if (one.act.number, request) not in earlier:
            book.follow("to_tell", one.act, day, request=request)
    return found


def waiting(book: Book, request: str) -> tuple[ToTell, ...]:
    """Who must still hear what a request did."""
    found = Standing(book.all()).disclosures
    return tuple(ToTell(one.act.number, one.act.recipient, one.act.data, one.act.day) for one in found if request in one.to_tell)


def told(book: Book, disclosure: Act, day: str) -> tuple[str, ...]:
    """The recipient heard of every change so far: the requests it was told of; of an erased person its name goes then."""
    standing = Standing([act for act in book.all() if disclosure.number in {act.number, act.of}])
    (one,) = (item for item in standing.disclosures if item.act.number == disclosure.number)
    for request in one.to_tell:
        book.follow("told", disclosure, day, request=request)
    if disclosure.gone:
        book.rewrite(replace(disclosure, recipient=""))
    return one.to_tell


def _emptied(act: Act, *, kept: bool) -> Act:
    return replace(act, how="", gone=True, recipient=act.recipient if kept and act.kind == "disclosure" else "")


def _cut(act: Act, matcher: Matcher) -> Act:
    """A line of somebody else without what it says of the erased person."""
    how, purpose, wording = (matcher.cut(text, "…") if text else "" for text in (act.how, act.purpose, act.wording))
    return replace(act, how=how, purpose=purpose, wording=wording)
