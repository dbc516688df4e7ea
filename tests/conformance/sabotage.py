"""Deliberately broken memory connectors, each with the check of the kit that must kill it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from connectors.contract import Check, Column, Connector, Features, Needle, Option, Outcome, Residue, Watched
from connectors.entry import Cursor, Entry, Field, Item, Ref, Retention, Version
from connectors.errors import Conflict, NotFound
from connectors.memory import MemoryConnector
from connectors.phrase import Phrase


@dataclass(frozen=True, slots=True)
class Sabotage:
    """A broken connector and the check that is there to find it."""

    made: type[MemoryConnector]
    killed_by: str


ALL: list[Sabotage] = []


class Broken(MemoryConnector):
    """The base of every broken connector; a subclass names the check that kills it."""

    def __init_subclass__(cls, killed_by: str, **options: Any) -> None:
        super().__init_subclass__(**options)
        ALL.append(Sabotage(cls, killed_by))

    def items(self, since: str | None = None) -> list[Item]:
        """The honest listing."""
        return list(super().entries(since))


class PlainMemory(MemoryConnector):
    """A memory source that can only erase whole entries, as honest about it as it must be."""

    features = Features()
    redact = Connector.redact
    rectify = Connector.rectify
    restore = Connector.restore

    def entries(self, since: str | None = None) -> Iterator[Item]:
        """List everything, whatever `since` says, and give no token."""
        del since
        for item in super().entries():
            yield replace(item, token="") if isinstance(item, Cursor) else item


class ManualMemory(PlainMemory):
    """A memory source of things only a hand can remove; what it knows about one goes when a human said that it was done."""

    features = Features(erase="manual")

    def entries(self, since: str | None = None) -> Iterator[Item]:
        """Say of every entry that it needs a hand."""
        for item in super().entries(since):
            yield replace(item, disposal_reason=Phrase("by hand")) if isinstance(item, Entry) else item


# Declare


class OpensInTheConstructor(Broken, killed_by="test_declare_constructor_does_no_io"):
    """Looks at a file before anybody asked."""

    def __init__(self, name: str, options: Mapping[str, Any]) -> None:
        super().__init__(name, options)
        Path(tempfile.gettempdir()).stat()


class ListsInTheConstructor(Broken, killed_by="test_declare_constructor_does_no_io"):
    """Reads the whole source before anybody asked."""

    def __init__(self, name: str, options: Mapping[str, Any]) -> None:
        super().__init__(name, options)
        self.first = next(iter(self.entries()))


class TellsItsSettings(Broken, killed_by="test_declare_repr_holds_no_setting"):
    """Shows its password to every log."""

    def __repr__(self) -> str:
        return f"<Memory {self.name} {self.settings}>"


class NotInTheRegistry(Broken, killed_by="test_declare_kind_is_registered"):
    """Calls itself something else."""

    kind = "excel"


class OptionWithoutHelp(Broken, killed_by="test_declare_options_are_documented"):
    """Leaves the owner to guess."""

    options = (Option("store", "table", ""), Option("mode", "choice", "How it is to be read."))


class ManualThatRestores(Broken, killed_by="test_declare_features_fit_together"):
    """Cannot erase, and promises to put it back."""

    features = Features(erase="manual", redact=True, restore=True)


class SaysItMayErase(Broken, killed_by="test_declare_check_tells_the_truth"):
    """Writes while it checks, and forgets to say that it may erase."""

    def check(self) -> Check:
        self._store.dead.append(b"")
        return Check(True, True, False)


class CheckSaysAllIsWell(Broken, killed_by="test_declare_check_of_a_missing_source"):
    """Never looks."""

    def check(self) -> Check:
        return Check(True, True, True)


# Read


class EndsWithoutCursor(Broken, killed_by="test_read_listing_ends_with_one_cursor"):
    """Lets a broken-off listing look like a whole one."""

    def entries(self, since: str | None = None) -> Iterator[Item]:
        yield from self.items(since)[:-1]


class CountsWrong(Broken, killed_by="test_read_cursor_counts_are_right"):
    """Counts one too many."""

    def entries(self, since: str | None = None) -> Iterator[Item]:
        *items, cursor = self.items(since)
        assert isinstance(cursor, Cursor)
        yield from items
        yield replace(cursor, entries=cursor.entries + 1)


class ListsTwice(Broken, killed_by="test_read_every_person_is_listed_once"):
    """Lists the first entry again under another ref."""

    def entries(self, since: str | None = None) -> Iterator[Item]:
        first, *items = self.items(since)
        yield first
        if isinstance(first, Entry):
            yield replace(first, ref=Ref("again"))
        yield from items


class DrawsRefs(Broken, killed_by="test_read_refs_are_unique_and_stable"):
    """Numbers its refs anew at every listing."""

    drawn = 0

    def entries(self, since: str | None = None) -> Iterator[Item]:
        for item in self.items(since):
            type(self).drawn += 1
            yield replace(item, ref=Ref(f"{item.ref}-{self.drawn}")) if isinstance(item, Entry) else item


class RefIsTheEmail(Broken, killed_by="test_read_refs_and_locators_hold_no_value"):
    """Uses the address as the ref."""

    def entries(self, since: str | None = None) -> Iterator[Item]:
        for item in self.items(since):
            yield replace(item, ref=Ref(item.values("email")[0])) if isinstance(item, Entry) else item


class VersionIsTheClock(Broken, killed_by="test_read_versions_are_stable"):
    """Gives every reading a new version."""

    read = 0

    def entries(self, since: str | None = None) -> Iterator[Item]:
        for item in self.items(since):
            type(self).read += 1
            yield replace(item, version=Version(str(self.read))) if isinstance(item, Entry) else item


class VersionNeverChanges(Broken, killed_by="test_read_version_changes_with_the_entry"):
    """Calls every state of an entry the same."""

    def entries(self, since: str | None = None) -> Iterator[Item]:
        for item in self.items(since):
            yield replace(item, version=Version("1")) if isinstance(item, Entry) else item


class VersionOfTheWholeSource(Broken, killed_by="test_read_version_changes_with_the_entry"):
    """Makes every entry stale when one changes."""

    def entries(self, since: str | None = None) -> Iterator[Item]:
        for item in self.items(since):
            yield replace(item, version=Version(str(self._store.sequence))) if isinstance(item, Entry) else item


class WritesWhileReading(Broken, killed_by="test_read_changes_nothing"):
    """Leaves a mark of every reading."""

    def entries(self, since: str | None = None) -> Iterator[Item]:
        self._store.dead.append(b"read")
        yield from self.items(since)


class GetIsAnotherReading(Broken, killed_by="test_read_get_equals_the_listed_entry"):
    """Shows less when one entry is asked for."""

    def get(self, ref: Ref) -> Entry:
        entry = super().get(ref)
        return replace(entry, fields=entry.fields[:-1])


class GetInventsEntries(Broken, killed_by="test_read_get_of_an_unknown_ref"):
    """Has an empty entry for any ref."""

    def get(self, ref: Ref) -> Entry:
        try:
            return super().get(ref)
        except NotFound:
            return Entry(ref, Version("1"), Phrase("nowhere"), ())


class CutsLongValues(Broken, killed_by="test_read_hostile_values_survive"):
    """Keeps 255 characters, and takes a leading = away."""

    def entries(self, since: str | None = None) -> Iterator[Item]:
        for item in self.items(since):
            if isinstance(item, Entry):
                yield replace(item, fields=tuple(replace(one, value=one.value[:255].lstrip("=")) for one in item.fields))
            else:
                yield item


class InventsKinds(Broken, killed_by="test_read_fields_are_well_formed"):
    """Uses kinds that nobody knows and leaves blanks around values."""

    def entries(self, since: str | None = None) -> Iterator[Item]:
        for item in self.items(since):
            yield replace(item, fields=(*item.fields, Field("shoe", " 42 "))) if isinstance(item, Entry) else item


class KeepsByLawWhatMayGo(Broken, killed_by="test_read_retention_is_honest"):
    """Says that a law keeps what it would erase, by days that go with the person, and not what comes after."""

    def entries(self, since: str | None = None) -> Iterator[Item]:
        for item in self.items(since):
            yield replace(item, retention=Retention("voucher")) if isinstance(item, Entry) else item


# Cover


class ForgetsAColumn(Broken, killed_by="test_cover_lists_each_column_once"):
    """Passes over the last column in silence."""

    def coverage(self) -> Sequence[Column]:
        return super().coverage()[:-1]


class IgnoresWithoutWhy(Broken, killed_by="test_cover_says_mapped_ignored_or_unknown"):
    """Ignores a column and does not say why."""

    def coverage(self) -> Sequence[Column]:
        return [Column(one.column, None) if one.column == "note" else one for one in super().coverage()]


class HidesWhatItMaps(Broken, killed_by="test_cover_names_every_kind_the_entries_show"):
    """Calls a column ignored whose values it shows."""

    def coverage(self) -> Sequence[Column]:
        why = Phrase("not a person's")
        return [Column(one.column, None, why) if one.column == "phone" else one for one in super().coverage()]


# Find


class FindsNothing(Broken, killed_by="test_find_each_kind_of_needle"):
    """Has no residue, ever."""

    def residue(self, needles: Sequence[Needle]) -> Sequence[Residue]:
        self._opened()
        return []


class FindsEverything(Broken, killed_by="test_find_nothing_of_an_absent_person"):
    """Finds whoever is asked for."""

    def residue(self, needles: Sequence[Needle]) -> Sequence[Residue]:
        self._opened()
        return [Residue(Phrase("somewhere"), Phrase("a value"))]


class FindsWithoutNeedles(Broken, killed_by="test_find_without_needles"):
    """Takes no needle for every needle."""

    def residue(self, needles: Sequence[Needle]) -> Sequence[Residue]:
        return super().residue(needles) if needles else [Residue(Phrase("somewhere"), Phrase("a value"))]


class TellsTheValue(Broken, killed_by="test_find_places_hold_no_value"):
    """Names the place by what stands there."""

    def residue(self, needles: Sequence[Needle]) -> Sequence[Residue]:
        found = super().residue(needles)
        return [replace(one, where=Phrase("the record of {who}", who=needles[0].value)) for one in found]


class LooksAtRecordsOnly(Broken, killed_by="test_find_in_places_no_listing_shows"):
    """Searches what it lists and no dead byte."""

    def residue(self, needles: Sequence[Needle]) -> Sequence[Residue]:
        return [one for one in super().residue(needles) if one.where != "dead bytes"]


# Live


class WatchesNothing(Broken, killed_by="test_live_watched_files_show_the_owners_changes"):
    """Says that no file tells of a change, and so that nothing ever changes."""

    def watched(self) -> Sequence[Watched]:
        """Watch an empty list of files."""
        return []


class WritesWhatItWatches(Broken, killed_by="test_live_watched_files_show_the_owners_changes"):
    """Touches the watched file at every reading: it would be read anew for ever."""

    def entries(self, since: str | None = None) -> Iterator[Item]:
        """List, and leave a trace of it."""
        stamp = self._store.stamp
        if stamp is not None:
            stamp.write_text(stamp.read_text("ascii") + "!", encoding="ascii")
        yield from self.items(since)


class SealsTooLate(Broken, killed_by="test_live_restore_is_sealed_before_the_write"):
    """Hands over its receipt when the entry is gone already."""

    def erase(self, ref: Ref, version: Version, needles: Sequence[Needle] = ()) -> Outcome:
        seal, self.seal = self.seal, lambda _receipt: None
        outcome = super().erase(ref, version, needles)
        seal(outcome.receipt)
        return outcome


class RestoresOnlyTheLatest(Broken, killed_by="test_live_restore_waits_for_no_other_receipt"):
    """Compares all of the source with what its receipt left, so that an erase after it is in the way for ever."""

    def restore(self, receipt: bytes) -> Outcome:
        told = json.loads(receipt) if receipt.startswith(b"{") else {}
        if self._store.changed.get(told.get("ref", ""), 0) not in {0, self._store.sequence}:
            raise Conflict(Phrase("Something changed since the erase."))
        return super().restore(receipt)
