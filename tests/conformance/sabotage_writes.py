"""Deliberately broken memory connectors that do harm when they write; see `sabotage`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from connectors.contract import Features, Needle, Outcome, Residue
from connectors.entry import Cursor, Disposal, Entry, Gone, Item, Ref, Unreadable, Version
from connectors.errors import Conflict, Damaged, HubError, Refused, Unreachable
from connectors.memory import encode
from connectors.phrase import Phrase
from tests.conformance.sabotage import Broken, ManualMemory

# Erase


class SaysNoAndErases(Broken, killed_by="test_erase_feature_is_honest"):
    """Says that nothing can be erased from it, and erases all the same."""

    features = Features(erase="no", delta=True)


class SaysManualToNobody(Broken, killed_by="test_erase_feature_is_honest"):
    """Calls itself manual, and lets its entries look as if a program could remove them."""

    features = Features(erase="manual", delta=True)


class ForgetsToAskForAHand(ManualMemory, Broken, killed_by="test_erase_feature_is_honest"):
    """Lists one entry of many as if a program could remove it."""

    def entries(self, since: str | None = None) -> Iterator[Item]:
        for number, item in enumerate(super().entries(since)):
            yield replace(item, disposal=Disposal.ERASE) if isinstance(item, Entry) and number == 3 else item


class CountsWhatWaitsAsResidue(ManualMemory, Broken, killed_by="test_find_each_kind_of_needle"):
    """Reports entries that wait for a hand as if somebody had forgotten them."""

    def residue(self, needles: Sequence[Needle]) -> Sequence[Residue]:
        return [Residue(Phrase("records"), Phrase("a value of the person still stands here"))] if needles else []


class DoesNothing(Broken, killed_by="test_erase_removes_exactly_one_entry"):
    """Says that no change at all is success."""

    def erase(self, ref: Ref, version: Version, needles: Sequence[Needle] = ()) -> Outcome:
        return Outcome("erased")


class ErasesEveryone(Broken, killed_by="test_erase_leaves_bystanders_alone"):
    """Removes the whole register."""

    def erase(self, ref: Ref, version: Version, needles: Sequence[Needle] = ()) -> Outcome:
        for other in list(self._store.records):
            self._store.commit(other, None)
        self._store.vacuum()
        return Outcome("erased")


class ErasesByName(Broken, killed_by="test_erase_spares_who_shares_a_value"):
    """Removes everybody of that name."""

    def erase(self, ref: Ref, version: Version, needles: Sequence[Needle] = ()) -> Outcome:
        name = self.get(ref).values("name") if ref in self._store.records else ()
        outcome = super().erase(ref, version, needles)
        for item in self.items():
            if isinstance(item, Entry) and item.values("name") == name:
                super().erase(item.ref, item.version)
        return outcome


class ErasesByPhone(Broken, killed_by="test_erase_spares_who_shares_a_value"):
    """Empties the phone of whoever shares it."""

    def erase(self, ref: Ref, version: Version, needles: Sequence[Needle] = ()) -> Outcome:
        phone = self.get(ref).values("phone") if ref in self._store.records else ()
        outcome = super().erase(ref, version, needles)
        for item in self.items():
            if isinstance(item, Entry) and item.values("phone") == phone:
                self._store.put([one for one in item.fields if one.kind != "phone"], item.disposal, item.ref)
        self._store.vacuum()
        return outcome


class LeavesABackup(Broken, killed_by="test_erase_leaves_no_residue"):
    """Keeps the old bytes, as a .bak would."""

    def erase(self, ref: Ref, version: Version, needles: Sequence[Needle] = ()) -> Outcome:
        old = self._store.records.get(ref)
        outcome = super().erase(ref, version, needles)
        if old is not None:
            self._store.dead.append(old)
        return outcome


class IgnoresTheVersion(Broken, killed_by="test_erase_of_a_changed_entry_is_a_conflict"):
    """Erases whatever stands there now."""

    def erase(self, ref: Ref, version: Version, needles: Sequence[Needle] = ()) -> Outcome:
        return super().erase(ref, self._now(ref, version), needles)

    def redact(self, ref: Ref, version: Version, fields: Sequence[str], needles: Sequence[Needle] = ()) -> Outcome:
        return super().redact(ref, self._now(ref, version), fields, needles)

    def _now(self, ref: Ref, version: Version) -> Version:
        return self.get(ref).version if ref in self._store.records else version


class TrustsAForeignVersion(Broken, killed_by="test_erase_with_a_foreign_version_is_a_conflict"):
    """Takes a version it never gave for a current one."""

    def erase(self, ref: Ref, version: Version, needles: Sequence[Needle] = ()) -> Outcome:
        known = len(version) == 16 or ref not in self._store.records
        return super().erase(ref, version if known else self.get(ref).version, needles)


class ErasesAgain(Broken, killed_by="test_erase_twice_is_already_absent"):
    """Says erased every time, and writes it down."""

    def erase(self, ref: Ref, version: Version, needles: Sequence[Needle] = ()) -> Outcome:
        outcome = super().erase(ref, version, needles)
        self._store.changed["log"] = self._store.sequence + 1
        return replace(outcome, result="erased")


class RaisesWhenAbsent(Broken, killed_by="test_erase_of_an_unknown_ref_is_already_absent"):
    """Takes an absent entry for a failure."""

    def erase(self, ref: Ref, version: Version, needles: Sequence[Needle] = ()) -> Outcome:
        return super().erase(self.get(ref).ref, version, needles)


class ChokesOnHostileValues(Broken, killed_by="test_erase_of_hostile_entries"):
    """Refuses an entry whose name begins with =."""

    def erase(self, ref: Ref, version: Version, needles: Sequence[Needle] = ()) -> Outcome:
        if ref in self._store.records and b'"=' in self._store.records[ref]:
            raise Refused(Phrase("a formula"))
        return super().erase(ref, version, needles)


class OneEraseAtATime(Broken, killed_by="test_erase_two_with_versions_read_before"):
    """Makes every version stale with its first write."""

    writes = 0

    def erase(self, ref: Ref, version: Version, needles: Sequence[Needle] = ()) -> Outcome:
        if self.writes and ref in self._store.records:
            raise Conflict(Phrase("the file changed"))
        self.writes += 1
        return super().erase(ref, version, needles)


class LeavesAFile(Broken, killed_by="test_erase_leaves_no_file_behind"):
    """Leaves a temporary file beside the source."""

    def erase(self, ref: Ref, version: Version, needles: Sequence[Needle] = ()) -> Outcome:
        outcome = super().erase(ref, version, needles)
        self._store.files.add(f"{len(self._store.files)}.tmp")
        return outcome


# Redact


class RefusesWhatItPromised(Broken, killed_by="test_redact_feature_is_honest"):
    """Says it can redact, and refuses."""

    def redact(self, ref: Ref, version: Version, fields: Sequence[str], needles: Sequence[Needle] = ()) -> Outcome:
        raise Refused(Phrase("not today"))


class RedactsThoughItCannot(Broken, killed_by="test_redact_feature_is_honest"):
    """Says it cannot redact, and does."""

    features = Features(delta=True, restore=True)


class RedactsTooMuch(Broken, killed_by="test_redact_removes_only_the_named_fields"):
    """Empties the whole record when one field is named."""

    def redact(self, ref: Ref, version: Version, fields: Sequence[str], needles: Sequence[Needle] = ()) -> Outcome:
        return super().redact(ref, version, ["phone", "note", *fields], needles)


class RedactsTooLittle(Broken, killed_by="test_redact_leaves_no_residue_of_what_went"):
    """Marks the value as deleted and keeps it."""

    def redact(self, ref: Ref, version: Version, fields: Sequence[str], needles: Sequence[Needle] = ()) -> Outcome:
        old = self._store.records.get(ref)
        outcome = super().redact(ref, version, fields, needles)
        self._store.dead += [old] if old is not None else []
        return outcome


class RedactsWhatStays(Broken, killed_by="test_redact_keeps_what_stays"):
    """Takes the record's own fields as well."""

    def redact(self, ref: Ref, version: Version, fields: Sequence[str], needles: Sequence[Needle] = ()) -> Outcome:
        if ref not in self._store.records:
            return Outcome("already_absent")
        entry = self.get(ref)
        kept = [item for item in entry.fields if item.kind not in fields]
        return self._write(ref, version, encode(kept, entry.disposal))


class RedactsAgain(Broken, killed_by="test_redact_again_is_already_absent"):
    """Says redacted where nothing of the fields is left."""

    def redact(self, ref: Ref, version: Version, fields: Sequence[str], needles: Sequence[Needle] = ()) -> Outcome:
        return replace(super().redact(ref, version, fields, needles), result="redacted")


class RedactsWhatChanged(Broken, killed_by="test_redact_of_a_changed_entry_is_a_conflict"):
    """Ignores the version when it redacts."""

    def redact(self, ref: Ref, version: Version, fields: Sequence[str], needles: Sequence[Needle] = ()) -> Outcome:
        now = self.get(ref).version if ref in self._store.records else version
        return super().redact(ref, now, fields, needles)


# Fail


class SwallowsTheTimeout(Broken, killed_by="test_fail_unreachable_is_never_empty"):
    """Takes a source that does not answer for an empty one."""

    def entries(self, since: str | None = None) -> Iterator[Item]:
        try:
            yield from super().entries(since)
        except Unreachable:
            yield Cursor(0, 0)


class SilentResidue(Broken, killed_by="test_fail_unreachable_is_never_empty"):
    """Finds no residue where it could not look."""

    def residue(self, needles: Sequence[Needle]) -> Sequence[Residue]:
        try:
            return super().residue(needles)
        except HubError:
            return []


class DamagedIsEmpty(Broken, killed_by="test_fail_damaged_is_never_empty"):
    """Takes a broken source for an empty one."""

    def entries(self, since: str | None = None) -> Iterator[Item]:
        try:
            yield from super().entries(since)
        except Damaged:
            yield Cursor(0, 0)


class WritesThroughTheLock(Broken, killed_by="test_fail_locked_writes_nothing"):
    """Writes while the owner's program has the source open."""

    def _writable(self) -> object:  # type: ignore[override]  # broken on purpose
        return self._opened()


class StopsAtABrokenRecord(Broken, killed_by="test_fail_one_broken_record_never_hides_the_rest"):
    """Ends the listing where a record cannot be read."""

    def entries(self, since: str | None = None) -> Iterator[Item]:
        for item in self.items(since):
            if isinstance(item, Unreadable):
                yield Cursor(0, 0)
                return
            yield item


class DropsABrokenRecord(Broken, killed_by="test_fail_one_broken_record_never_hides_the_rest"):
    """Leaves a record out that cannot be read, and says nothing."""

    def entries(self, since: str | None = None) -> Iterator[Item]:
        for item in self.items(since):
            if isinstance(item, Cursor):
                yield replace(item, unreadable=0)
            elif not isinstance(item, Unreadable):
                yield item


class WritesByHalves(Broken, killed_by="test_fail_a_fault_leaves_old_or_new"):
    """Empties the fields first and removes the record then."""

    def erase(self, ref: Ref, version: Version, needles: Sequence[Needle] = ()) -> Outcome:
        if ref in self._store.records and self.get(ref).version == version:
            entry = self.get(ref)
            self._store.records[ref] = encode(entry.fields[:2])
            version = self.get(ref).version
        return super().erase(ref, version, needles)


class RerunLeavesATrace(Broken, killed_by="test_fail_a_fault_leaves_old_or_new"):
    """Takes an absent entry for a clean source."""

    def erase(self, ref: Ref, version: Version, needles: Sequence[Needle] = ()) -> Outcome:
        if ref not in self._store.records:
            return Outcome("already_absent")
        return super().erase(ref, version, needles)


class ErrorTellsTheName(Broken, killed_by="test_fail_errors_hold_no_value"):
    """Says in its error whose entry it is."""

    def erase(self, ref: Ref, version: Version, needles: Sequence[Needle] = ()) -> Outcome:
        try:
            return super().erase(ref, version, needles)
        except Conflict:
            raise Conflict(Phrase("{who} changed.", who=self.get(ref).values("name")[0])) from None


class CauseTellsTheName(Broken, killed_by="test_fail_errors_hold_no_value"):
    """Lets a library's error shine through that quotes the record."""

    def erase(self, ref: Ref, version: Version, needles: Sequence[Needle] = ()) -> Outcome:
        try:
            return super().erase(ref, version, needles)
        except Conflict as error:
            raise error from ValueError(self._store.records[ref].decode())


# Live


class ReadsOnce(Broken, killed_by="test_live_sees_the_owners_changes"):
    """Shows for ever what it read first."""

    _first: list[Item] | None = None

    def entries(self, since: str | None = None) -> Iterator[Item]:
        self._first = self._first or self.items(since)
        yield from self._first


class NoTokenThoughPromised(Broken, killed_by="test_live_delta_feature_is_honest"):
    """Promises deltas and lists everything each time."""

    def entries(self, since: str | None = None) -> Iterator[Item]:
        yield from self.items()


class DeltaThoughNotPromised(Broken, killed_by="test_live_delta_feature_is_honest"):
    """Gives a token though its features say it has none."""

    features = Features(redact=True, restore=True)


class ForgetsWhatWent(Broken, killed_by="test_live_delta_tells_what_changed_and_what_went"):
    """Tells in a delta what changed, and not what is gone."""

    def entries(self, since: str | None = None) -> Iterator[Item]:
        yield from (item for item in self.items(since) if not isinstance(item, Gone))


class RestoresAnything(Broken, killed_by="test_live_restore_feature_is_honest"):
    """Takes any bytes for a receipt."""

    def restore(self, receipt: bytes) -> Outcome:
        try:
            return super().restore(receipt)
        except Refused:
            return Outcome("already_absent")


class RestoresHalf(Broken, killed_by="test_live_restore_puts_back_every_field"):
    """Puts back the entry without its note."""

    def restore(self, receipt: bytes) -> Outcome:
        outcome = super().restore(receipt)
        ref = Ref(json.loads(receipt)["ref"])
        entry = self.get(ref)
        self._store.put([item for item in entry.fields if item.kind != "note"], entry.disposal, ref)
        return outcome


class RestoresThoughNotPromised(Broken, killed_by="test_live_restore_puts_back_every_field"):
    """Puts entries back though its features say it cannot."""

    features = Features(redact=True, delta=True)


class RestoresOverTheOwner(Broken, killed_by="test_live_restore_never_overwrites"):
    """Puts the old entry over what the owner wrote since."""

    def restore(self, receipt: bytes) -> Outcome:
        try:
            return super().restore(receipt)
        except Conflict:
            told = json.loads(receipt)
            self._store.commit(told["ref"], told["before"].encode())
            return Outcome("restored")
