"""Deliberately broken memory connectors that put values wrong instead of right, or back too late; see `sabotage`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from connectors.contract import Connector, Correction, Features, Outcome
from connectors.entry import Disposal, Entry, Ref, Version
from connectors.errors import Conflict
from connectors.memory import MemoryConnector, encode
from connectors.phrase import Phrase
from tests.conformance.sabotage import Broken


def honest(connector: MemoryConnector, ref: Ref, version: Version, corrections: Sequence[Correction]) -> Outcome:
    """What the honest connector does."""
    return MemoryConnector.rectify(connector, ref, version, corrections)


class PromisesToRectify(Broken, killed_by="test_rectify_feature_is_honest"):
    """Says that it corrects values, and refuses."""

    rectify = Connector.rectify


class RectifiesUnasked(Broken, killed_by="test_rectify_feature_is_honest"):
    """Says that it corrects nothing, and does."""

    features = Features(redact=True, guard="atomic", delta=True, restore=True)


class SaysRectifiedAndIsNot(Broken, killed_by="test_rectify_feature_is_honest"):
    """Says that it is done, and writes nothing."""

    def rectify(self, ref: Ref, version: Version, corrections: Sequence[Correction]) -> Outcome:
        return Outcome("rectified")


class RectifiesEveryone(Broken, killed_by="test_rectify_changes_only_that_value"):
    """Gives everybody the new phone."""

    def rectify(self, ref: Ref, version: Version, corrections: Sequence[Correction]) -> Outcome:
        done = honest(self, ref, version, corrections)
        for item in self.items():
            if isinstance(item, Entry) and item.ref != ref:
                mine = [replace(one, old=value) for one in corrections for value in item.values(one.kind)]
                honest(self, item.ref, item.version, mine)
        return done


class RectifiesAndTidies(Broken, killed_by="test_rectify_changes_only_that_value"):
    """Tidies the other values while it is at it."""

    def rectify(self, ref: Ref, version: Version, corrections: Sequence[Correction]) -> Outcome:
        done = honest(self, ref, version, corrections)
        entry = self.get(ref)
        self._store.put([replace(item, value=item.value.strip("🎉 ").title()) for item in entry.fields], entry.disposal, ref)
        self._store.vacuum()
        return done


class AppendsTheRightValue(Broken, killed_by="test_rectify_leaves_no_residue_of_the_wrong_value"):
    """Keeps the wrong value in a dead record."""

    def rectify(self, ref: Ref, version: Version, corrections: Sequence[Correction]) -> Outcome:
        old = self._store.records.get(ref, b"")
        done = honest(self, ref, version, corrections)
        self._store.dead.append(old)
        return done


class MovesWithoutAWord(Broken, killed_by="test_rectify_tells_the_new_ref"):
    """Gives the entry a new ref and does not tell it."""

    def rectify(self, ref: Ref, version: Version, corrections: Sequence[Correction]) -> Outcome:
        done = honest(self, ref, version, corrections)
        if done.result == "rectified":
            raw = self._store.records[ref]
            self._store.commit(ref, None)
            self._store.commit(f"{ref}x", raw)
            self._store.vacuum()
        return done


class RectifiesTheFirst(Broken, killed_by="test_rectify_several_values_at_once"):
    """Corrects the first value of several."""

    def rectify(self, ref: Ref, version: Version, corrections: Sequence[Correction]) -> Outcome:
        return honest(self, ref, version, corrections[:1])


class RectifiesAnyVersion(Broken, killed_by="test_rectify_of_a_changed_entry_is_a_conflict"):
    """Writes whatever the owner did meanwhile."""

    def rectify(self, ref: Ref, version: Version, corrections: Sequence[Correction]) -> Outcome:
        if ref in self._store.records:
            version = self.get(ref).version
        return honest(self, ref, version, corrections)


class RectifiesAgainAndAgain(Broken, killed_by="test_rectify_again_is_already_absent"):
    """Takes a value that is right already for a change."""

    def rectify(self, ref: Ref, version: Version, corrections: Sequence[Correction]) -> Outcome:
        done = honest(self, ref, version, corrections)
        if done.result == "already_absent":
            raise Conflict(Phrase("The entry changed since the plan was shown; nothing was written."))
        return done


class EscapesWhatItWrites(Broken, killed_by="test_rectify_writes_hostile_values_as_they_are"):
    """Writes a value as another format would."""

    def rectify(self, ref: Ref, version: Version, corrections: Sequence[Correction]) -> Outcome:
        return honest(self, ref, version, [replace(one, new=one.new.replace("&", "&amp;")) for one in corrections])


class RectifiesInTwoSteps(Broken, killed_by="test_rectify_a_fault_leaves_old_or_new"):
    """Takes the wrong value out first, and writes the right one then."""

    def rectify(self, ref: Ref, version: Version, corrections: Sequence[Correction]) -> Outcome:
        entry = self.get(ref) if ref in self._store.records else None
        if entry and entry.version == version:
            left = [item for item in entry.fields if item.kind not in {one.kind for one in corrections}]
            self._store.commit(ref, encode(left, Disposal(entry.disposal)))
            right = {one.kind: one.new for one in corrections}
            fixed = [replace(item, value=right.get(item.kind, item.value)) for item in entry.fields]
            self._store.commit(ref, encode(fixed, Disposal(entry.disposal)))
            self._store.vacuum()
            return Outcome("rectified")
        return honest(self, ref, version, corrections)


class SealsACorrectionTooLate(Broken, killed_by="test_rectify_is_put_back"):
    """Hands over the receipt once everything is written."""

    def rectify(self, ref: Ref, version: Version, corrections: Sequence[Correction]) -> Outcome:
        seal, self.seal = self.seal, lambda _receipt: None
        done = honest(self, ref, version, corrections)
        seal(done.receipt)
        return done
