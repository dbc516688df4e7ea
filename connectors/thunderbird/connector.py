"""The connector for Thunderbird: what the port promises, over all profiles and all books."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from connectors.contract import Check, Column, Connector, Features, Needle, Option, Outcome, Residue, Watched
from connectors.entry import Cursor, Entry, Item, Ref, Unreadable, Version
from connectors.errors import Conflict, Damaged, Fault, HubError, Locked, NotFound, Refused, Unreachable
from connectors.phrase import Phrase
from connectors.thunderbird import erasing, morkfile, receipts, residue
from connectors.thunderbird.books import Book, find_books
from connectors.thunderbird.cards import columns, photo_of, read_card
from connectors.thunderbird.profiles import Profile, find_profiles, held, is_running, roots
from connectors.thunderbird.reading import Row, members_of_lists, read_book, translated, uid_key, version_of
from connectors.thunderbird.traces import Finder

State = Literal["ok", "locked", "missing", "damaged", "stale", "refused"]

_REF = re.compile(r"([0-9a-f]{8})-([0-9a-f]{16})")


@dataclass
class _Survey:
    """What is there now: profiles with their books, warnings, and what kept parts of it from being looked at."""

    profiles: list[Profile] = field(default_factory=list)
    books: list[Book] = field(default_factory=list)
    warnings: list[Phrase] = field(default_factory=list)
    problems: list[HubError] = field(default_factory=list)

    def of(self, profile: Profile) -> list[Book]:
        """The books of one profile."""
        return [book for book in self.books if book.profile == profile]


class ThunderbirdConnector(Connector):
    """Every address book of every profile; read from private copies, so that Thunderbird may be open."""

    kind = "thunderbird"
    features = Features(guard="atomic", restore=True)
    options = (
        Option(
            "profile",
            "path",
            'The folder of one profile, or of a profiles.ini; "auto": every profile of this user.',
            default="auto",
            choices=("auto",),
        ),
        Option("home", "path", 'Where "auto" looks.', default="~"),
        Option("region", "text", "The country of phone numbers written without a country code.", default="FI"),
    )

    def check(self) -> Check:
        """Say whether every book can be read, and whether Thunderbird is open."""
        try:
            survey = self._survey()
            running = [profile for profile in survey.profiles if is_running(profile)]
        except HubError as error:
            return Check(not isinstance(error, Unreachable), False, False, _state_of(error), (error.told,))
        problems, readable = [*survey.problems], 0
        for book in survey.books:
            try:
                if read_book(book).cut_off:
                    problems.append(_cut_off(book))
                readable += 1
            except HubError as error:
                problems.append(error)
        told = [problem.told for problem in problems]
        told += [
            Phrase("Thunderbird is open (profile {profile}): close it before an erase.", profile=item.name) for item in running
        ]
        protected = [book for book in survey.books if not os.access(book.path, os.W_OK)]
        told += [Phrase("The {where} is write-protected: nothing can be erased from it.", where=book.where) for book in protected]
        if not readable:
            return Check(True, False, False, "damaged", (*told, *survey.warnings))
        state: State = "locked" if running else "damaged" if problems else "ok"
        return Check(True, True, not running and not protected, state, (*told, *survey.warnings))

    def watched(self) -> Sequence[Watched]:
        """The list of profiles, and of each profile its preferences, its books and what may be one."""
        setting, home = str(self.settings["profile"]), Path(self.settings["home"])
        try:
            survey = self._survey()
        except HubError:
            survey = _Survey()
        found = [Watched(root / "profiles.ini") for root in roots(setting, home)]
        for profile in survey.profiles:
            found += [Watched(profile.folder / name) for name in ("prefs.js", "user.js")]
            found += [Watched(profile.folder, like=word) for word in ("ab", "history")]
            found.append(Watched(profile.folder / "Photos", like=""))
        for book in survey.books:
            found += [Watched(book.path), Watched(book.side("-wal"))]
        return found

    def coverage(self) -> Sequence[Column]:
        """Each property that occurs in a card of any readable book."""
        rows: list[tuple[Row, ...]] = []
        read, problem = 0, None
        for book in self._survey().books:
            try:
                rows += read_book(book).cards.values()
                read += 1
            except HubError as error:
                problem = error
        if problem and not read:
            raise problem
        return columns(rows)

    def entries(self, since: str | None = None) -> Iterator[Item]:
        """Yield every card of every book; a book that cannot be read is told, the others go on, and the listing is partial.

        Raises `Unreachable` when there is no profile or no book, and what kept a book from being read at the end.
        """
        del since
        survey = self._survey()
        problems, found, unreadable = list(survey.problems), 0, 0
        for book in survey.books:
            try:
                for item in _read(book):
                    found += isinstance(item, Entry)
                    unreadable += isinstance(item, Unreadable)
                    yield item
            except HubError as error:
                problems.append(error)
                if len(survey.books) > 1:
                    yield Unreadable(book.where, Phrase("the whole book: {reason}", reason=error.told))
        if problems:
            raise problems[0]
        yield Cursor(found, unreadable, warnings=tuple(survey.warnings))

    def groups(self) -> Mapping[str, frozenset[str]]:
        """The mailing lists of every book that can be read, with the cards in them; those of old books (Mork) are not told."""
        found: dict[str, frozenset[str]] = {}
        for book in self._survey().books:
            with suppress(HubError):  # a book that cannot be read is told when its cards are listed
                for name, uids in members_of_lists(book).items():
                    refs = frozenset(f"{book.key}-{uid_key(uid)}" for uid in uids)
                    found[name] = found.get(name, frozenset()) | refs
        return found

    def get(self, ref: Ref) -> Entry:
        """Read one card afresh, from its own book only."""
        survey = self._survey()
        book = _book_of(ref, survey)
        if book is not None:
            for item in _read(book):
                if isinstance(item, Entry) and item.ref == ref:
                    return item
        raise NotFound(Phrase("The card is no longer in {source}.", source=self.name))

    def erase(self, ref: Ref, version: Version, needles: Sequence[Needle] = ()) -> Outcome:
        """Remove one card, its place in lists and its picture; then rebuild books that hold dead bytes of the person.

        Names in lists and in other people's cards stay: `residue` tells them. Raises as the port says.
        """
        survey = self._survey()
        book = _book_of(ref, survey)
        outcome = Outcome("already_absent")
        if book is not None:
            with held(book.profile):
                outcome = self._erase_from(book, ref, version, survey.of(book.profile))
        notes = _clean_all(survey, Finder(needles)) if needles else []
        return Outcome(outcome.result, (*outcome.notes, *notes), outcome.receipt)

    def restore(self, receipt: bytes) -> Outcome:
        """Put a card back into its book, with its picture and its places in the lists that are there."""
        told, survey = receipts.opened(receipt), self._survey()
        book = _book_of(Ref(told.ref), survey)
        if book is None or book.format != told.format:
            raise Refused(Phrase("The address book of the card is no longer there; nothing was put back."))
        with held(book.profile):
            _settle(book, survey.of(book.profile))
            whole = (morkfile if book.format == "mork" else erasing).restore_card(book, told)
            if version_of(read_book(book).cards.get(told.uid, ())) != told.version:
                raise Fault(Phrase("The {where} does not hold the card that was put back.", where=book.where))
            with translated(book):
                pictured = erasing.take_up(book, told.photo)
        notes = []
        if not whole:
            notes.append(Phrase("The card is back, but a list it was in is no longer there."))
        if not pictured:
            notes.append(Phrase("The card is back, but another picture has the name of its own in the folder Photos."))
        if book.server:
            notes.append(
                Phrase("{book} comes from a server: put the card back there too, or it goes again here.", book=book.title)
            )
        return Outcome("restored", tuple(notes))

    def residue(self, needles: Sequence[Needle]) -> Sequence[Residue]:
        """Search the books of every profile, live text and dead bytes, then Thunderbird's other files beside them."""
        survey, finder = self._survey(), Finder(needles)
        found = [Residue(Phrase("Thunderbird"), problem.told, found=False) for problem in survey.problems]
        for profile in survey.profiles:
            for book in survey.of(profile):
                found += residue.of_book(book, finder)
            found += residue.of_profile(profile, survey.of(profile), finder)
        return found

    def _erase_from(self, book: Book, ref: Ref, version: Version, neighbours: list[Book]) -> Outcome:
        """Erase from one book whose profile is held."""
        cards = read_book(book).cards
        uid = next((uid for uid in cards if uid_key(uid) == ref[9:]), None)
        used = _settle(book, neighbours)
        if uid is None:
            return Outcome("already_absent")
        if version_of(cards[uid]) != version:
            raise erasing.changed(book)  # seen on the copy: the book itself is not even opened
        photo = photo_of(cards[uid])
        kept = photo and (used is None or _shown_elsewhere(photo, uid, book, neighbours))
        going = "" if kept else photo
        with translated(book):
            picture = erasing.picture_of(book, going)
        there = going if picture is not None else ""

        def receipt_of(removed: receipts.Removed) -> bytes:
            return receipts.Receipt(ref, book.format, uid, version, removed, there, picture or b"").packed()

        delete_card = (morkfile if book.format == "mork" else erasing).delete_card
        removed = delete_card(book, uid, version, going, lambda removed: self.seal(receipt_of(removed)))
        if uid in read_book(book).cards:
            raise Fault(Phrase("The {where} still holds the card that was erased.", where=book.where))
        notes = []
        if book.server:
            notes.append(
                Phrase(
                    "{book} comes from a server that still keeps this card: remove it there, or it comes back.", book=book.title
                )
            )
        if kept and used is None:
            notes.append(Phrase("The card's picture stays in the folder Photos, because a damaged book may show it, too."))
        return Outcome("erased", tuple(notes), receipt_of(removed))

    def _survey(self) -> _Survey:
        """Look at every profile anew. Raises `Unreachable` when there is no book at all."""
        home = Path(str(self.settings.get("home") or "~")).expanduser()
        profiles, missing = find_profiles(str(self.settings.get("profile") or "auto"), home)
        survey = _Survey(profiles, problems=list(missing))
        for profile in profiles:
            try:
                books, more = find_books(profile, alone=len(profiles) == 1)
            except HubError as error:
                survey.problems.append(error)
            else:
                survey.books += books
                survey.warnings += more
        if not survey.books:
            raise survey.problems[0] if survey.problems else _nothing(profiles)
        return survey


def _read(book: Book) -> Iterator[Entry | Unreadable]:
    content = read_book(book)
    for number, (uid, rows) in enumerate(content.cards.items(), start=1):
        yield read_card(book, uid, rows, number)
    if content.cut_off:
        raise _cut_off(book)


def _cut_off(book: Book) -> Damaged:
    """The error for a book whose file is broken in the middle: what comes first is shown, what comes then nobody knows."""
    return Damaged(
        Phrase("The {where} is broken in the middle: only the cards before that place can be read.", where=book.where),
        Phrase("If it is an old copy that nobody needs, delete the file {file}.", file=book.path.name),
    )


def _book_of(ref: Ref, survey: _Survey) -> Book | None:
    """The book a ref belongs to; None when there is no such book. Raises when it may be in a place not looked at."""
    match = _REF.fullmatch(ref)
    book = next((book for book in survey.books if match and book.key == match[1]), None)
    if book is None and match and survey.problems:
        raise survey.problems[0]
    return book


def _settle(book: Book, neighbours: list[Book]) -> frozenset[str] | None:
    """End what a killed run began with pictures; the pictures that any card shows, None when a book cannot tell."""
    used = residue.used_photos(neighbours)
    if used is not None:
        erasing.settle_photos(book, used)
    return used


def _shown_elsewhere(photo: str, uid: bytes, book: Book, neighbours: list[Book]) -> bool:
    """Whether any other card of any book of the profile shows the same picture."""
    return any(
        photo_of(rows) == photo
        for other in neighbours
        for card, rows in read_book(other).cards.items()
        if (other, card) != (book, uid)
    )


def _clean_all(survey: _Survey, finder: Finder) -> list[Phrase]:
    """Rebuild every book that may hold dead bytes of the person; a book that cannot be is told, and stays `residue`."""
    notes = []
    for book in survey.books:
        if book.format == "broken":
            continue
        try:
            if residue.dead_traces(book, finder)[1]:
                with held(book.profile):
                    (morkfile if book.format == "mork" else erasing).clean(book)
        except (Conflict, Locked, Refused, Damaged, Unreachable) as error:
            notes.append(Phrase("Old bytes of deleted cards could not be cleared: {reason}", reason=error.told))
    return notes


def _nothing(profiles: list[Profile]) -> HubError:
    return Unreachable(
        Phrase("No address book was found in {count} Thunderbird profiles.", count=len(profiles)),
        Phrase("Start Thunderbird once, or write the right profile's folder as `profile` in hub.toml."),
    )


def _state_of(error: HubError) -> State:
    return "missing" if isinstance(error, Unreachable) else "damaged"
