"""Take a card out of its file, and its lines out of groups; put it back from a receipt.

Every change is a list of cuts in a file's text, so that what is not cut is there again to the byte.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path, PurePosixPath
from typing import Any

from connectors import _files, _vcard
from connectors._cardedit import with_companions
from connectors._cardlines import Card, cards
from connectors.errors import Conflict, Fault, Refused
from connectors.phrase import Phrase
from connectors.vcard.files import BOM, CardFile, create, decode, delete, encode, read_file, replace
from connectors.vcard.records import REF, Record, key_of_uid, records_of

Cut = tuple[int, int]

_FOLD = re.compile(rb"(?:\r\n|\n|\r)[ \t]")
_LAST_END = re.compile(rb"(?:\r\n|\n|\r)\Z")


@dataclass(frozen=True)
class Change:
    """What goes from one file: whole cards, or member lines of its groups."""

    file: CardFile = field(repr=False)
    cuts: tuple[Cut, ...] = field(repr=False)
    after: bytes | None = field(repr=False)
    """The text that is left; None when the file goes with its only card."""

    def carry_out(self) -> None:
        """Write it. Raises `Conflict`, `Locked` or `Refused`; the file is as it was then."""
        if self.after is None:
            delete(self.file)
        else:
            replace(self.file, self.after)

    def receipt(self) -> dict[str, Any]:
        """What puts it back."""
        told: dict[str, Any] = {
            "file": self.file.relative,
            "encoding": self.file.encoding,
            "rest": None,
            "after": "",
            "cuts": [[start, _packed(self.file.text[start:end])] for start, end in self.cuts],
        }
        rest = _without(self.file.text, self.cuts)
        if self.after != rest:
            told["rest"] = _packed(rest)
        if self.after is not None:
            told["after"] = CardFile(self.file.path, "", self.file.encode(self.after), b"").sha256
        return told


def removal(record: Record, *, leave_groups: bool, file_goes: bool) -> Change:
    """What takes a record's card out of its file, and out of the groups in it unless they still mean another card.

    `file_goes`: a file in which nothing else stands is removed; else an empty line stays, to show that it was no accident.
    """
    file = record.file
    cuts = [(file.cards[number].start, file.cards[number].end) for number in record.numbers]
    others = [card for number, card in enumerate(file.cards) if number not in record.numbers]
    if record.card.uid and not leave_groups and not any(card.uid == record.card.uid for card in others):
        cuts += _member_cuts(others, {record.card.uid})
    rest = _without(file.text, sorted(cuts))
    after: bytes | None = rest
    if not rest.replace(BOM, b"").strip():
        after = None if file_goes else (BOM if rest.startswith(BOM) else b"") + record.card.line_end
    change = Change(file, tuple(sorted(cuts)), after)
    _verify(change, others)
    return change


def group_changes(files: Iterable[CardFile], uid: str) -> list[Change]:
    """What takes a UID out of the groups of these files."""
    found = []
    for file in files:
        cuts = _member_cuts(file.cards, {uid}) if _may_name(file, uid) else []
        if cuts:
            change = Change(file, tuple(cuts), _without(file.text, cuts))
            _verify(change, file.cards)
            found.append(change)
    return found


def bears(files: Iterable[CardFile], uid: str) -> bool:
    """Whether a card of these files has this UID."""
    return any(_may_name(file, uid) and any(card.uid == uid for card in file.cards) for file in files)


def lost_members(files: Sequence[CardFile], ref: str) -> list[str]:
    """The UIDs that groups still name though the card a ref stands for is gone: what a killed run left."""
    match = REF.fullmatch(ref)
    named = {
        uid
        for file in files
        if match and b"MEMBER" in file.text.upper()
        for card in file.cards
        for _, uid in _members(card)
        if key_of_uid(uid) == match[2]
    }
    return [uid for uid in named if not bears(files, uid)]


def receipt_of(ref: str, changes: Sequence[Change]) -> bytes:
    """Everything `restore` needs; it holds the card itself."""
    return json.dumps({"ref": ref, "changes": [change.receipt() for change in changes]}).encode()


@dataclass(frozen=True)
class _Told:
    """One change as a receipt tells it."""

    file: str = field(repr=False)
    encoding: str = field(repr=False)
    after: str = field(repr=False)
    rest: bytes | None = field(repr=False)
    cuts: tuple[tuple[int, bytes], ...] = field(repr=False)


def restore(root: Path, receipt: bytes) -> tuple[Phrase, ...]:
    """Put back what a receipt tells; notes say what could not be. Raises `Refused`, `Conflict`."""
    ref, told = _opened(receipt)
    first, *others = told
    path = root / first.file if first.file else root
    file = read_file(path, first.file) if path.exists() else None
    match = REF.fullmatch(ref)
    if file and match and any(record.key == match[2] for record in records_of(file)):
        raise Conflict(Phrase("The card is there again; nothing was written."))
    if file is None:
        data = _inserted(first.rest or b"", first.cuts)
        create(path, encode(data, first.encoding))
    else:
        _put_back(file, first)
    _require_back(read_file(path, first.file), [raw for _, raw in first.cuts])
    whole = file is None or file.sha256 == first.after or all(cards(raw) for _, raw in first.cuts)
    rejoined = [_rejoined(root, change) for change in others]
    if whole and all(rejoined):
        return ()
    return (Phrase("The card is back, but a group it was a member of has changed since: add it to the group by hand."),)


def _rejoined(root: Path, told: _Told) -> bool:
    """Put member lines back into a group's file, if it is as the erase left it."""
    path = root / told.file
    file = read_file(path, told.file) if path.exists() else None
    if file is None or file.sha256 != told.after:
        return False
    _put_back(file, told)
    return True


def _put_back(file: CardFile, told: _Told) -> None:
    """Write the cuts at their old places, or behind everything when the file has changed since."""
    if file.sha256 == told.after:
        rest = file.text if told.rest is None else told.rest
        # An emptied register no longer shows in which encoding it was.
        replace(dataclasses.replace(file, encoding=told.encoding), _inserted(rest, told.cuts))
        return
    end = b"" if not file.text or _LAST_END.search(file.text) else b"\r\n"
    replace(file, file.text + end + b"".join(raw for _, raw in told.cuts if cards(raw)))


def _require_back(file: CardFile, raws: Sequence[bytes]) -> None:
    there = {file.text[card.start : card.end] for card in file.cards}
    if not all(raw in there for raw in raws if cards(raw)):
        raise Fault(Phrase("The card was written back, but reading it again does not show it."))


def _opened(receipt: bytes) -> tuple[str, list[_Told]]:
    try:
        told = json.loads(receipt)
        ref, changes = told["ref"], [_told(change) for change in told["changes"]]
        safe = all(not PurePosixPath(item.file).is_absolute() and ".." not in PurePosixPath(item.file).parts for item in changes)
        if isinstance(ref, str) and changes and safe:
            return ref, changes
    except (ValueError, LookupError, TypeError, AttributeError):
        pass
    raise Refused(Phrase("This receipt is none of a card file's."))


def _told(change: Mapping[str, Any]) -> _Told:
    cuts = tuple((int(start), base64.b64decode(raw, validate=True)) for start, raw in change["cuts"])
    if change["encoding"] not in {"", "utf-16-le", "utf-16-be"}:
        raise ValueError
    rest = None if change["rest"] is None else base64.b64decode(change["rest"], validate=True)
    return _Told(str(change["file"]), str(change["encoding"]), str(change["after"]), rest, cuts)


def _packed(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _inserted(rest: bytes, cuts: Iterable[tuple[int, bytes]]) -> bytes:
    """The text as it was before the cuts: each piece at its old place."""
    pieces: list[bytes] = []
    taken = length = 0
    for start, raw in cuts:
        step = max(start - length, 0)
        pieces += [rest[taken : taken + step], raw]
        taken += step
        length = start + len(raw)
    return b"".join([*pieces, rest[taken:]])


def _without(text: bytes, cuts: Iterable[Cut]) -> bytes:
    pieces, at = [], 0
    for start, end in cuts:
        pieces.append(text[at:start])
        at = end
    return b"".join([*pieces, text[at:]])


def _member_cuts(among: Iterable[Card], uids: set[str]) -> list[Cut]:
    """The lines of groups that name these UIDs, in the file's text."""
    found: list[Cut] = []
    for card in among:
        gone = {number for number, uid in _members(card) if uid in uids}
        ends = list(accumulate((len(line.raw) for line in card.lines), initial=card.start))
        found += [(ends[number], ends[number + 1]) for number in sorted(with_companions(card, gone))]
    return found


def _members(card: Card) -> list[tuple[int, str]]:
    return list(_vcard.members(card)) if _vcard.is_group(card) else []


def _may_name(file: CardFile, uid: str) -> bool:
    """A quick look whether a UID stands in a file at all, folded or not."""
    return uid.encode("utf-8", "replace") in _FOLD.sub(b"", file.text)


def _verify(change: Change, staying: Sequence[Card]) -> None:
    """Read the new text anew: every card that stays must be there to the byte, but for its lines that were cut."""
    meant = []
    for card in staying:
        inside = [(start - card.start, end - card.start) for start, end in change.cuts if card.start <= start < card.end]
        meant.append(_without(change.file.text[card.start : card.end], inside))
    after = change.after or b""
    left = [after[card.start : card.end] for card in cards(after)]
    exact = not left or decode(change.file.encode(after)) == (after, change.file.encoding)
    if left != meant or not exact:
        raise Refused(
            Phrase("Taking the card out would have changed another one; nothing was written."),
            Phrase("Take it out in the program that made the file."),
        )


def clear_leftovers(folders: Iterable[Path]) -> None:
    """Remove what a killed run left beside the files."""
    for folder in set(folders):
        _files.remove_leftovers(folder)
