"""Taking one card away by its etag, out of the groups too, and putting it back."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any, Literal

from connectors.carddav import reading
from connectors.carddav.listing import Lister
from connectors.carddav.server import Book, Fetched, canonical
from connectors.carddav.wire import may_be_done
from connectors.entry import Ref, Version
from connectors.errors import PLAN_AGAIN, Conflict, Fault, NotFound, Refused, Unreachable
from connectors.phrase import Phrase

REF = re.compile(r"[0-9a-f]{24}")
_PAUSES = (0.0, 0.5, 1.0, 2.0)
"""Waits in seconds before each look whether a card is gone: a read may be a little behind."""

_TURNS = 4
Told = tuple[Literal["erased", "already_absent"], list[Phrase], bytes]


class Eraser:
    """One erase or restore."""

    def __init__(self, lister: Lister, seal: Callable[[bytes], None] | None = None) -> None:
        self._lister, self._server, self._seal = lister, lister.server, seal

    def erase(self, ref: Ref, version: Version) -> Told:
        """Delete the card first, then its lines in groups: a run that was cut off between the two is ended by the next.

        Raises as `Connector.erase`.
        """
        trace = version.partition("-")[2]
        found = self._lister.find(ref) if REF.fullmatch(ref) else None
        if found is None:
            notes, _ = self._ungroup(trace)
            return "already_absent", notes, b""
        book, fetched = found
        path, etag = fetched.member.path, fetched.member.etag
        self._require_same(fetched, version)
        if not etag:
            raise Refused(
                Phrase("The server gives the card no version by which it could be deleted safely."),
                Phrase("Delete it by hand in the contacts program."),
            )
        raw = self._server.get(book, path)
        if self._seal:
            self._seal(_receipt(book, path, raw, []))
        self._delete(book, path, etag)
        notes, groups = self._ungroup(trace)
        return "erased", notes, _receipt(book, path, raw, groups)

    def restore(self, receipt: bytes) -> list[Phrase]:
        """Write the card where it was, unless something is there. Raises `Refused`, `Conflict`, `Unreachable`."""
        told = _read_receipt(receipt)
        book = next((book for book in self._lister.books() if book.key == told["book"]), None)
        if book is None:
            raise Refused(Phrase("The address book of the card is no longer there; nothing was put back."))
        path, raw = self.own_path(book, told["path"]), base64.b64decode(told["card"])
        if self._is_there(book, path):
            raise Conflict(Phrase("A card stands there again; nothing was put back."))
        self._put(book, path, raw, "")
        now = reading.told(self._server.get(book, path))
        if not now:
            raise Fault(Phrase("The server confirmed that it took the card back but does not show it."))
        notes = [
            self._regroup(book, str(group["path"]), [base64.b64decode(line) for line in group["lines"]])
            for group in told["groups"]
        ]
        if now != reading.told(raw):
            notes.append(Phrase("The card is back, but the server shows it otherwise than it was: have a look at it."))
        return [note for note in notes if note]

    @staticmethod
    def own_path(book: Book, path: str) -> str:
        """The path of a receipt. Raises `Refused` for one that leads out of its address book."""
        if not canonical(path).startswith(f"{book.key.rstrip('/')}/") or ".." in canonical(path).split("/"):
            raise not_ours()
        return path

    def _require_same(self, fetched: Fetched, version: Version) -> None:
        data = fetched.data or b""
        if fetched.data is None or reading.version_of(fetched.member, data, reading.readable(data)) != version:
            raise Conflict(
                Phrase("The card changed since the plan was shown; nothing was written."),
                PLAN_AGAIN,
            )

    def _delete(self, book: Book, path: str, etag: str) -> None:
        """Delete and read back: gone is gone, whether by this request, by one sent twice, or by somebody faster."""
        try:
            self._server.delete(book, path, etag)
        except NotFound:
            return
        except Conflict:
            if self._is_there(book, path):
                raise
            return  # some servers find a version that does not match where there is none
        except Unreachable as error:
            raise (_unsettled() if may_be_done(error) else error) from None
        self._confirm_gone(book, path)

    def _is_there(self, book: Book, path: str) -> bool:
        try:
            self._server.get(book, path)
        except NotFound:
            return False
        return True

    def _confirm_gone(self, book: Book, path: str) -> None:
        for pause in _PAUSES:
            if pause:
                self._server.patience.sleep(pause)
            if not self._is_there(book, path):
                return
        raise Fault(Phrase("The server confirmed the delete but still shows the card."))

    # Groups

    def _ungroup(self, trace: str) -> tuple[list[Phrase], list[dict[str, Any]]]:
        """Take the lines that name the card out of every group; groups the server will not change are noted."""
        notes: list[Phrase] = []
        changed: list[dict[str, Any]] = []
        for book, path in self._lister.groups(trace) if trace else ():
            try:
                taken = self._without(book, path, trace)
            except Refused:
                notes.append(_group_refused())
                continue
            if taken:
                changed.append({"path": path, "lines": [base64.b64encode(line).decode() for line in taken]})
        return notes, changed

    def _without(self, book: Book, path: str, trace: str) -> list[bytes]:
        """Take the lines out of one group, on its newest version. Raises `Conflict` when it keeps changing."""
        for _ in range(_TURNS):
            try:
                etag = self._server.etag(book, path)
                old = self._server.get(book, path)
            except NotFound:
                return []
            new, taken = reading.without_member(old, trace)
            if not taken:
                return []
            if self._replaced(book, path, new, etag):
                return taken
        raise Conflict(Phrase("A group was changed again and again by another program; run the command again."))

    def _regroup(self, book: Book, path: str, lines: list[bytes]) -> Phrase | None:
        """Put member lines back into a group; a note when that cannot be."""
        try:
            etag = self._server.etag(book, path)
            old = self._server.get(book, path)
            missing = [line for line in lines if line.strip() not in old]
            if not reading.is_group(reading.readable(old)) or (
                missing and not self._replaced(book, path, reading.with_lines(old, missing), etag)
            ):
                return _group_not_back()
        except (NotFound, Refused):
            return _group_not_back()
        return None

    def _replaced(self, book: Book, path: str, new: bytes, etag: str) -> bool:
        """Write a group and read it back; False when somebody was faster."""
        if not etag:
            raise Refused(Phrase("The server gives the group no version by which it could be changed safely."))
        try:
            self._put(book, path, new, etag)
        except Conflict:
            return False
        if reading.members(self._server.get(book, path)) != reading.members(new):
            raise Fault(Phrase("The server confirmed the change of a group but shows it otherwise."))
        return True

    def _put(self, book: Book, path: str, data: bytes, etag: str) -> None:
        """Write; an answer that got lost is settled by reading."""
        try:
            self._server.put(book, path, data, etag)
        except Unreachable as error:
            try:
                if may_be_done(error) and reading.told(self._server.get(book, path)) == reading.told(data):
                    return
            except NotFound:
                pass
            raise


def _receipt(book: Book, path: str, raw: bytes, groups: list[dict[str, Any]]) -> bytes:
    return json.dumps({"book": book.key, "path": path, "card": base64.b64encode(raw).decode(), "groups": groups}).encode()


def _read_receipt(receipt: bytes) -> dict[str, Any]:
    try:
        told = json.loads(receipt)
        base64.b64decode(told["card"], validate=True)
        if not all(isinstance(told[key], kind) for key, kind in (("book", str), ("path", str), ("groups", list))):
            raise not_ours()
    except (ValueError, KeyError, TypeError):
        raise not_ours() from None
    return dict(told)


def not_ours() -> Refused:
    """What is said of a receipt that none of these gave."""
    return Refused(Phrase("This receipt is of another source."))


def _unsettled() -> Unreachable:
    return Unreachable(
        Phrase("The server fell silent while the card was being deleted: it may be gone or not."),
        Phrase("Confirm the request again later: the hub reads first, and goes on where it stopped."),
    )


def _group_refused() -> Phrase:
    return Phrase(
        "The server would not let a group be changed: it still counts a member that is gone. Open the group and save it once."
    )


def _group_not_back() -> Phrase:
    return Phrase("The card is back, but not in one of its groups: put it there by hand.")
