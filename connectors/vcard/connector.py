"""The connector for contact cards in files: what the port promises, over one file or a folder of them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal

from connectors import _corrections, _vcard
from connectors._needles import Matcher
from connectors.contract import Check, Column, Connector, Correction, Features, Needle, Option, Outcome, Residue, Watched
from connectors.entry import Cursor, Entry, Item, Ref, Unreadable, Version
from connectors.errors import PLAN_AGAIN, Conflict, Damaged, Fault, HubError, NotFound, Unreachable
from connectors.phrase import Phrase
from connectors.vcard import correcting, residue
from connectors.vcard.erasing import bears, clear_leftovers, group_changes, lost_members, receipt_of, removal, restore
from connectors.vcard.files import CardFile, file_key, find_files, neutral, read_file, require_cards, told_apart
from connectors.vcard.records import REF, Record, entries_of, find, records_of, unreadable_in


@dataclass
class _Survey:
    """The card files that are there now, and what kept a part of the source from being looked at."""

    paths: list[tuple[Path, str]] = field(repr=False)
    problems: list[HubError] = field(repr=False)
    files: list[CardFile] = field(default_factory=list, repr=False)


class VcardConnector(Connector):
    """A .vcf file with many cards, or a folder of card files."""

    kind = "vcard"
    features = Features(erase="automatic", rectify=True, guard="recheck", restore=True, holds="contacts")
    options: ClassVar[tuple[Option, ...]] = (
        Option("path", "path", "the .vcf file, or the folder of .vcf files (with the folders in it)", required=True),
    )

    @property
    def _root(self) -> Path:
        return Path(self.settings["path"])

    def check(self) -> Check:
        """Say whether every card file can be read, and whether any is write-protected."""
        try:
            survey = self._survey()
            readable = 0
            for path, relative in survey.paths:
                try:
                    require_cards(read_file(path, relative))
                    readable += 1
                except HubError as error:
                    survey.problems.append(error)
        except HubError as error:
            return Check(not isinstance(error, Unreachable), False, False, _state_of(error), (error.told,))
        told = list(dict.fromkeys(problem.told for problem in survey.problems))
        if survey.problems and not readable:
            missing = isinstance(survey.problems[0], Unreachable)
            return Check(not missing, False, False, _state_of(survey.problems[0]), tuple(told))
        places = {path for path, _ in survey.paths} | {path.parent for path, _ in survey.paths}
        protected = sum(not os.access(path, os.W_OK) for path in places)
        if protected:
            told.append(Phrase("{count} files or folders are write-protected: nothing can be erased from them.", count=protected))
        return Check(True, True, not protected, "damaged" if survey.problems else "ok", tuple(told))

    def watched(self) -> Sequence[Watched]:
        """The file, or everything in the folder."""
        return [Watched(self._root), Watched(self._root, like="", deep=True)]

    def coverage(self) -> Sequence[Column]:
        """Each property that occurs in a card of any readable file."""
        survey = self._survey()
        names = {line.name for file in self._files(survey) for card in file.cards for line in (*card.properties, *card.inner)}
        if survey.problems and not survey.files:
            raise survey.problems[0]
        return [_vcard.column(name) for name in sorted(names)]

    def entries(self, since: str | None = None) -> Iterator[Item]:
        """Yield every card of every file; a file that cannot be read is told, the others go on, and the listing is partial.

        Raises `Damaged` when the source is one file without a card.
        """
        del since
        survey = self._survey()
        found = unreadable = broken = 0
        for item in self._items(survey):
            found += isinstance(item, Entry)
            unreadable += isinstance(item, Unreadable)
            yield item
        if survey.problems:
            raise survey.problems[0]
        broken = sum(not card.complete for file in survey.files for card in file.cards)
        yield Cursor(found, unreadable, warnings=tuple(_warnings(survey, broken)))

    def groups(self) -> Mapping[str, frozenset[str]]:
        """The group cards of every file, with the cards that they name in any of them."""
        files = list(self._files(self._survey()))
        records = (record for file in files for record in records_of(file) if record.card.uid)
        refs = {record.card.uid.casefold(): str(record.ref) for record in records}
        return _vcard.groups((card for file in files for card in file.cards), refs)

    def get(self, ref: Ref) -> Entry:
        """Read one card afresh, from its own file only."""
        record = self._record(self._survey(), ref)
        if record is None:
            raise NotFound(Phrase("The card is no longer in {source}.", source=self.name))
        return next(entry for entry in entries_of(record.file) if entry.ref == record.ref)

    def erase(self, ref: Ref, version: Version, needles: Sequence[Needle] = ()) -> Outcome:
        """Take one card out of its file, and its line out of every group; a file in a folder goes with its only card.

        What other cards say of the person stays: `residue` tells it. Raises as the port says.
        """
        del needles
        survey = self._survey()
        record = self._record(survey, ref)
        files = [file for file in self._files(survey) if file.has_cards]
        if record is None:
            return self._absent(survey, files, ref, version)
        if record.version != version:
            raise _changed(record.file)
        others = [file for file in files if file.relative != record.file.relative]
        uid = record.card.uid
        kept = bool(uid) and bears(others, uid)
        changes = [removal(record, leave_groups=kept, file_goes=bool(record.file.relative))]
        changes += group_changes(others, uid) if uid and not kept else []
        receipt = receipt_of(ref, changes)
        self.seal(receipt)
        for change in changes:
            change.carry_out()
        if self._record(self._survey(), ref) is not None:
            raise Fault(Phrase("The card is still there after it was erased from {source}.", source=self.name))
        return Outcome("erased", receipt=receipt)

    def rectify(self, ref: Ref, version: Version, corrections: Sequence[Correction]) -> Outcome:
        """Write the card with the right values; every other line of it and every other card stays."""
        survey = self._survey()
        record = self._record(survey, ref)
        if record is None:
            for other in (other for file in self._files(survey) for other in records_of(file)):
                if other.is_like(version) and not _corrections.is_done(other.fields, corrections):
                    raise _changed(other.file)
        if record is None or _corrections.is_done(record.fields, corrections):
            clear_leftovers(path.parent for path, _ in survey.paths)
            return Outcome("already_absent")
        if record.version != version:
            raise _changed(record.file)
        receipt = correcting.correct(record, corrections, self.seal)
        again = records_of(read_file(record.file.path, record.file.relative))
        now = next((other.ref for other in again if other.numbers == record.numbers), None)
        return Outcome("rectified", receipt=receipt, ref=now)

    def restore(self, receipt: bytes) -> Outcome:
        """Put the card and its places in groups back: where they stood, or at the file's end when it changed since."""
        find_files(self._root)
        if correcting.is_receipt(receipt):
            correcting.restore(self._root, receipt)
            return Outcome("restored")
        return Outcome("restored", restore(self._root, receipt))

    def residue(self, needles: Sequence[Needle]) -> Sequence[Residue]:
        """Search every card file, every copy beside them, and their names."""
        survey, matcher = self._survey(), Matcher(needles)
        found = [item for file in self._files(survey) for item in residue.of_file(file, matcher)]
        if survey.problems and not survey.files:
            raise survey.problems[0]
        found += [residue.cannot_be_searched(problem) for problem in survey.problems]
        found += residue.of_copies(self._root, {path for path, _ in survey.paths}, matcher)
        return [*found, *residue.of_names(self._root, matcher)]

    def _survey(self) -> _Survey:
        return _Survey(*find_files(self._root))

    def _files(self, survey: _Survey) -> Iterator[CardFile]:
        """Every file that can be read, kept in the survey; what cannot be becomes one of its problems."""
        for path, relative in survey.paths:
            try:
                file = read_file(path, relative)
                if not relative:
                    require_cards(file)
            except HubError as error:
                survey.problems.append(error)
            else:
                survey.files.append(file)
                yield file

    def _items(self, survey: _Survey) -> Iterator[Entry | Unreadable]:
        told = len(survey.problems)
        for file in self._files(survey):
            try:
                require_cards(file)
            except Damaged as error:
                yield Unreadable(Phrase("{file}", file=told_apart(file)), error.message)
                continue
            yield from entries_of(file)
            yield from unreadable_in(file)
        if len(survey.paths) > 1:
            yield from (Unreadable(Phrase("the card folder"), problem.told) for problem in survey.problems[told:])

    def _record(self, survey: _Survey, ref: Ref) -> Record | None:
        """The card a ref stands for. Raises when it may be in a place that cannot be looked at."""
        match = REF.fullmatch(ref)
        for path, relative in survey.paths:
            own = match is not None and file_key(relative) == match[1]
            if own or not relative:
                file = read_file(path, relative)
                require_cards(file)
                return find(records_of(file), ref) if own else None
        if survey.problems and match:
            raise survey.problems[0]
        return None

    def _absent(self, survey: _Survey, files: Sequence[CardFile], ref: Ref, version: Version) -> Outcome:
        """End what a killed run began. Raises `Conflict` when the card is there under another ref: changed or moved."""
        match = REF.fullmatch(ref)
        for file in files:
            own = match is not None and file.key == match[1]
            for record in records_of(file) if match else ():
                if (own and record.is_like(version)) or record.version == version:
                    raise _changed(file)
        for uid in lost_members(files, ref):
            for change in group_changes(files, uid):
                change.carry_out()
        clear_leftovers(path.parent for path, _ in survey.paths)
        return Outcome("already_absent")


def _changed(file: CardFile) -> Conflict:
    return Conflict(
        Phrase("The card in {file} was changed or moved since the plan was shown; nothing was written.", file=neutral(file.path)),
        PLAN_AGAIN,
    )


def _warnings(survey: _Survey, broken: int) -> Iterator[Phrase]:
    if broken:
        yield Phrase("{count} contact cards have no end: was a file cut off?", count=broken)
    if not any(file.has_cards for file in survey.files):
        yield Phrase("There is no contact card here: is the right file or folder named, and its disk connected?")


def _state_of(error: HubError) -> Literal["missing", "damaged"]:
    return "missing" if isinstance(error, Unreachable) else "damaged"
