"""The smallest connector that passes the kit: a register in memory, for tests and as an example to copy."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

from connectors import _corrections
from connectors._needles import Matcher
from connectors._values import replace
from connectors.contract import Check, Column, Connector, Correction, Features, Needle, Option, Outcome, Residue, Watched
from connectors.entry import Cursor, Disposal, Entry, Field, Gone, Item, Ref, Unreadable, Version
from connectors.errors import Conflict, Damaged, Fault, Locked, Refused, Unreachable
from connectors.phrase import Phrase


class MemoryStore:
    """What a memory source keeps, as the owner's own program sees it: raw records, dead bytes of old ones, files."""

    def __init__(self, stamp: Path | None = None) -> None:
        """Write the number of each change into the file `stamp`, as a program's own file would show it."""
        self.stamp = stamp
        self.records: dict[str, bytes] = {}
        self.dead: list[bytes] = []
        self.files: set[str] = set()
        self.changed: dict[str, int] = {}
        self.state: Literal["ok", "missing", "damaged", "locked"] = "ok"
        self._made = 0

    @property
    def sequence(self) -> int:
        """The number of the newest change."""
        return max(self.changed.values(), default=0)

    def put(self, fields: Sequence[Field], disposal: Disposal = Disposal.ERASE, ref: Ref | None = None) -> Ref:
        """Add a record, or replace the one with this ref."""
        if ref is None:
            self._made += 1
            ref = Ref(f"m{self._made}")
        self.commit(ref, encode(fields, disposal))
        return ref

    def commit(self, ref: str, raw: bytes | None) -> None:
        """Write or remove one record as one act; the old bytes stay behind as dead ones, as in a database file."""
        if ref in self.records:
            self.dead.append(self.records.pop(ref))
        if raw is not None:
            self.records[ref] = raw
        self.changed[ref] = self.sequence + 1
        if self.stamp is not None:
            self.stamp.write_text("." * self.sequence, encoding="ascii")

    def vacuum(self) -> None:
        """Forget the dead bytes."""
        self.dead.clear()


class MemoryConnector(Connector):
    """Entries of a `MemoryStore`; everything a source may be able to do, it can."""

    kind = "memory"
    features = Features(redact=True, rectify=True, guard="atomic", delta=True, restore=True)
    options: ClassVar[tuple[Option, ...]] = (
        Option("store", "table", "The MemoryStore that holds the records; an empty one when left out."),
    )

    def __init__(self, name: str, options: Mapping[str, Any]) -> None:
        super().__init__(name, options)
        self._store: MemoryStore = self.settings.get("store") or MemoryStore()

    def check(self) -> Check:
        """Say how the store is; a locked one may still be read."""
        if self._store.state == "locked":
            return Check(True, True, False, "locked", (Phrase("Close the program that has {source} open.", source=self.name),))
        return super().check()

    def watched(self) -> Sequence[Watched] | None:
        """The file that shows each change, where there is one."""
        return [Watched(self._store.stamp)] if self._store.stamp is not None else None

    def coverage(self) -> Sequence[Column]:
        """Every field kind is mapped to itself."""
        found = {item.kind for entry in self.entries() if isinstance(entry, Entry) for item in entry.fields}
        return [Column(kind, kind) for kind in sorted(found)]

    def entries(self, since: str | None = None) -> Iterator[Item]:
        """Yield the records changed after `since` (a change number), all without it."""
        store = self._opened()
        start = int(since) if since and since.isdigit() else 0
        fresh = [_read(ref, raw) for ref, raw in store.records.items() if store.changed[ref] > start]
        yield from fresh
        if start:
            yield from (Gone(Ref(ref)) for ref, at in store.changed.items() if at > start and ref not in store.records)
        unreadable = sum(isinstance(item, Unreadable) for item in fresh)
        yield Cursor(len(fresh) - unreadable, unreadable, token=str(store.sequence))

    def erase(self, ref: Ref, version: Version, needles: Sequence[Needle] = ()) -> Outcome:
        """Remove the record and every dead byte; no other record ever repeats a value."""
        del needles
        return self._write(ref, version, None)

    def redact(self, ref: Ref, version: Version, fields: Sequence[str], needles: Sequence[Needle] = ()) -> Outcome:
        """Remove the fields of these kinds that do not stay."""
        del needles
        raw = self._writable().records.get(ref)
        entry = _read(ref, raw) if raw is not None else None
        if not isinstance(entry, Entry):
            return self._write(ref, version, raw)
        kept = [item for item in entry.fields if item.stays or item.kind not in fields]
        if len(kept) == len(entry.fields):
            # Nothing left to take, in whatever version: a run that was cut off after its write ends here.
            self._store.vacuum()
            return Outcome("already_absent")
        return self._write(ref, version, encode(kept, entry.disposal))

    def rectify(self, ref: Ref, version: Version, corrections: Sequence[Correction]) -> Outcome:
        """Write the record anew with the right values."""
        raw = self._writable().records.get(ref)
        entry = _read(ref, raw) if raw is not None else None
        if not isinstance(entry, Entry):
            return self._write(ref, version, raw)
        if _corrections.is_done(entry.fields, corrections):
            self._store.vacuum()
            return Outcome("already_absent")
        fields = [replace(item, value=_corrections.new_value(item, corrections) or item.value) for item in entry.fields]
        if entry.version == version:
            _corrections.require_as_meant(entry.fields, fields, corrections)
        return replace(self._write(ref, version, encode(fields, entry.disposal)), result="rectified")

    def restore(self, receipt: bytes) -> Outcome:
        """Put the record back as it was, unless it was written again meanwhile."""
        store = self._writable()
        try:
            told = json.loads(receipt)
            ref, before, after = told["ref"], told["before"].encode(), told["after"]
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Refused(Phrase("This receipt is not one of {source}'s.", source=self.name)) from None
        if _version(store.records.get(ref)) != after:
            raise Conflict(Phrase("The entry was written again since; {source} is unchanged.", source=self.name))
        store.commit(ref, before)
        store.vacuum()
        return Outcome("restored")

    def residue(self, needles: Sequence[Needle]) -> Sequence[Residue]:
        """Search the records and the dead bytes."""
        store, matcher = self._opened(), Matcher(needles)
        places = [(Phrase("record {ref}", ref=ref), raw) for ref, raw in store.records.items() if not _kept(ref, raw)]
        places += [(Phrase("dead bytes"), raw) for raw in store.dead]
        why = Phrase("a value of the person still stands here")
        return [Residue(where, why) for where, raw in places if matcher.in_bytes(raw)]

    def _opened(self) -> MemoryStore:
        if self._store.state == "missing":
            raise Unreachable(Phrase("{source} did not answer.", source=self.name))
        if self._store.state == "damaged":
            raise Damaged(Phrase("{source} is damaged.", source=self.name))
        return self._store

    def _writable(self) -> MemoryStore:
        if self._opened().state == "locked":
            raise Locked(Phrase("{source} is open in another program.", source=self.name))
        return self._store

    def _write(self, ref: Ref, version: Version, new: bytes | None) -> Outcome:
        """Put `new` in the place of the record (None: remove it), leave no dead byte, and read back."""
        store = self._writable()
        old = store.records.get(ref)
        if old is not None and _version(old) != version:
            raise Conflict(Phrase("The entry changed since the plan was shown; nothing was written."))
        if old is None or old == new:
            store.vacuum()  # what a killed run left behind
            return Outcome("already_absent")
        receipt = json.dumps({"ref": ref, "before": old.decode("utf-8", "replace"), "after": _version(new)}).encode()
        self.seal(receipt)
        store.commit(ref, new)
        store.vacuum()
        if store.records.get(ref) != new:
            raise Fault(Phrase("{source} still holds what was removed.", source=self.name))
        return Outcome("erased" if new is None else "redacted", receipt=receipt)


def encode(fields: Sequence[Field], disposal: Disposal = Disposal.ERASE) -> bytes:
    """The raw bytes of a record."""
    rows = [[item.kind, item.value, item.label, item.stays] for item in fields]
    return json.dumps({"disposal": disposal.value, "fields": rows}, ensure_ascii=False).encode()


def _read(ref: str, raw: bytes) -> Entry | Unreadable:
    locator = Phrase("record {ref}", ref=ref)
    try:
        told = json.loads(raw)
        fields = tuple(Field(*row) for row in told["fields"])
        return Entry(Ref(ref), Version(_version(raw)), locator, fields, Disposal(told["disposal"]))
    except (ValueError, KeyError, TypeError):
        return Unreadable(locator, Phrase("its bytes are not a record"))


def _kept(ref: str, raw: bytes) -> bool:
    """Whether the record stays on purpose: its own step says so."""
    entry = _read(ref, raw)
    return isinstance(entry, Entry) and entry.disposal in {Disposal.RETAIN, Disposal.MANUAL}


def _version(raw: bytes | None) -> str:
    return hashlib.sha256(raw).hexdigest()[:16] if raw is not None else ""
