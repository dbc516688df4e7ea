"""The port between the hub and the outside world: what every connector promises.

Glossary, the law for code, CLI, JSON, README and errors alike:

connector   the code for one kind of register          source    one configured instance of it
entry       one record about one person in a source    ref       the source's own opaque id of an entry
version     a token that changes when the entry does   locator   tells a human where the entry is
field       one value of an entry, with its kind       needle    a value of the person that is searched for by value
erase       the whole record goes                      redact    only the person's part of it goes
rectify     one value of it is put right               residue   a needle still found by value after an erase
retain      stays unaltered, by law
retention   for how long a law retains an entry        voucher   an issued invoice or credit note
outcome     what came of one planned step              receipt   what `restore` needs to put an entry back

Laws: unreachable is never "nothing found" (raise, or end the listing without its `Cursor`); absent is success;
zero changes where something was found is a `Fault`. The constructor does no I/O. Everything is synchronous.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol, runtime_checkable

from connectors._values import dataclass, field
from connectors.entry import Cursor, Entry, Item, Ref, Version
from connectors.errors import Damaged, HubError, Locked, NotFound, Refused, Unreachable
from connectors.phrase import Phrase


@dataclass(frozen=True, slots=True)
class Features:
    """What sources of this kind can do, as data; the hub and the kit read it and never ask for the kind."""

    erase: Literal["automatic", "manual", "no"] = "automatic"
    """`manual`: every entry waits for a hand; `erase` is called only when a human said that it was done, and completes it."""
    redact: bool = False
    rectify: bool = False
    """Values of an entry can be put right."""
    spreads: bool = False
    """An erase may take values out of places that are no part of the entry, where nobody else bears them; see `Connector.spread`."""
    guard: Literal["atomic", "recheck"] = "recheck"
    """`atomic`: version check and write are one act; `recheck`: checked just before the write."""
    delta: bool = False
    restore: bool = False
    local: bool = True
    """Reads files of this machine and never the network."""
    bin_days: int = 0
    """For so many days the service behind it lets somebody restore what was erased: a bin, an archive."""
    holds: Literal["customers", "invoicing", "contacts", "other"] = "other"
    """Whose entries these are: customers, those of an invoicing program, contacts of a phone or an address book, or anybody's."""


@dataclass(frozen=True, slots=True)
class Option:
    """One key of a `[source.NAME]` table.

    `choices` are the words a choice may be, a table's values may be, or that a path option takes instead of a path.
    `prefixes` are the beginnings by which a path option's value is no path but an address, which is passed on unchanged.
    """

    name: str
    type: Literal["text", "path", "integer", "choice", "table", "secret"]
    help: str
    required: bool = False
    default: object = None
    choices: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()


CheckState = Literal["ok", "locked", "missing", "damaged", "stale", "refused"]


@dataclass(frozen=True, slots=True)
class Check:
    """How a source is right now, found by a trivial call that never writes.

    `state` is one of ok, locked, missing, damaged, stale, refused. `problems` say what to do about it.
    """

    reachable: bool
    may_read: bool
    may_erase: bool
    state: CheckState = "ok"
    problems: tuple[Phrase, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """One column or property of a source: `kind` when mapped, else None with the reason; `known` False: not recognised."""

    column: str
    kind: str | None
    why: Phrase | None = None
    known: bool = True


@dataclass(frozen=True, slots=True)
class Needle:
    """A value of the person, searched for by value: kind `name`, `email`, `phone` or `text`.

    A name is given in reading order ("Maija Virtanen"), a phone in E.164, an e-mail in lower case. Of an `inflected` name
    the forms are parted by `|`; it is given to `residue` only, which reports it, and never to what erases.
    """

    kind: Literal["name", "email", "phone", "text", "inflected"]
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Correction:
    """A value that is wrong, just as the entry shows it, and the one that is right; of the same kind of field."""

    kind: str
    old: str = field(repr=False)
    new: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Going:
    """An entry that is to go as it was read: the whole record, or only the named kinds of fields."""

    ref: Ref
    version: Version
    fields: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """A place that is no part of an entry that goes, with what it shows now and what the erase leaves of that."""

    where: Phrase
    before: str = field(repr=False)
    after: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one erase, redact, rectify or restore. Failures are raised, see `Connector.erase`.

    `notes` are follow-ups the owner must know ("the server still keeps this card"). `receipt` is opaque and may
    hold personal data: only an encrypted store keeps it. `seen` False: the source has nothing newer than the plan by
    which it could see that it is so; it takes a human's word, and reading it again proves nothing. `ref` is the entry's from
    now on, where a correction changed what its ref is made of.
    """

    result: Literal["erased", "redacted", "rectified", "already_absent", "restored"]
    notes: tuple[Phrase, ...] = ()
    receipt: bytes = field(default=b"", repr=False)
    seen: bool = True
    ref: Ref | None = None


@dataclass(frozen=True, slots=True)
class Residue:
    """A place where a needle is still found (`found`), or one that could not be inspected (`found` False).

    `where` names file and part; it holds no value of the person.
    """

    where: Phrase
    why: Phrase
    found: bool = True
    ref: Ref | None = None
    """The entry in which it stands, where its place alone does not tell which one that is."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A file, or the files of a folder, whose names, sizes and times tell whether a source may have changed.

    `like`: of a folder, the files whose names hold this text in lower case ("" for all). `deep`: all below it, too.
    """

    path: Path = field(repr=False)
    like: str | None = field(default=None, repr=False)
    deep: bool = False


def _state_of(error: HubError) -> CheckState:
    if isinstance(error, Locked):
        return "locked"
    if isinstance(error, Unreachable):
        return "missing"
    return "damaged" if isinstance(error, Damaged) else "refused"


def _unsealed(_receipt: bytes) -> None:
    """Keep no receipt: nobody asked for one."""


class Connector(ABC):
    """One source. Subclasses must write `entries`, `coverage`, `erase` and `residue`."""

    kind: ClassVar[str]
    features: ClassVar[Features]
    options: ClassVar[tuple[Option, ...]] = ()

    def __init__(self, name: str, options: Mapping[str, Any]) -> None:
        """Keep the validated options (paths absolute, defaults filled in); no I/O here."""
        self.name = name
        self.settings = dict(options)
        self.seal: Callable[[bytes], None] = _unsealed
        """Called with a receipt just before the write that it undoes: who is killed right after the write loses nothing."""
        self.sealed = b""
        """What a run that was cut off gave to `seal` of the same write."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"

    def check(self) -> Check:
        """Say whether the source is reachable, may be read and may be erased from; never write, never raise."""
        try:
            for _ in self.entries():
                break
        except HubError as error:
            return Check(not isinstance(error, Unreachable), False, False, _state_of(error), (error.told,))
        return Check(True, True, self.features.erase == "automatic")

    def watched(self) -> Sequence[Watched] | None:
        """Everything whose change can change what `entries` tells; None when only asking the source tells. Never raises."""
        return None

    @abstractmethod
    def coverage(self) -> Sequence[Column]:
        """List each column or property: mapped, ignored and why, or unknown. Raises as `entries` does."""

    @abstractmethod
    def entries(self, since: str | None = None) -> Iterator[Item]:
        """Yield each record as `Entry` or `Unreadable`, then one `Cursor`; with `since` only changes (and `Gone`).

        Raises `Unreachable`, `Locked`, `Damaged` or `Refused` when nothing (more) can be read. Without the feature
        `delta`, `since` is ignored. Reading changes nothing: no file, no time stamp but atime, no side file.
        """

    def get(self, ref: Ref) -> Entry:
        """Read one entry afresh. Raises `NotFound` when it is not there, else as `entries` does."""
        complete = False
        for item in self.entries():
            if isinstance(item, Entry) and item.ref == ref:
                return item
            complete = isinstance(item, Cursor)
        if not complete:
            raise Unreachable(Phrase("{source} broke its listing off before its end.", source=self.name))
        raise NotFound(Phrase("The entry is no longer in {source}.", source=self.name))

    def groups(self) -> Mapping[str, frozenset[str]]:
        """The refs of the entries in each group or list of the source, by its name, where no field of an entry says so.

        Raises as `entries` does.
        """
        return {}

    @abstractmethod
    def erase(self, ref: Ref, version: Version, needles: Sequence[Needle] = ()) -> Outcome:
        """Remove the whole record, and the person's own values wherever this source repeats them.

        `needles` are the person's values known from every source; only values that no other entry bears are given.
        Raises `Conflict` when the entry changed, `Locked`, `Refused`, `Unreachable`: nothing was written then.
        Raises `Fault` when the read-back shows the entry still there. An absent entry is `already_absent`.
        """

    def spread(self, going: Sequence[Going], needles: Sequence[Needle] = ()) -> Sequence[Spread]:
        """List the places that erasing these entries, in their order, would change although they are no part of them.

        Nothing is written; what was changed since it was read is passed over. Only where `features.spreads`. Raises as `erase`.
        """
        return ()

    def redact(self, ref: Ref, version: Version, fields: Sequence[str], needles: Sequence[Needle] = ()) -> Outcome:
        """Remove only the named kinds of fields, the person's part; everything else of the record stays.

        Raises as `erase`. Where nothing of those fields is left the outcome is `already_absent`.
        """
        raise Refused(Phrase("{source} can only erase whole entries.", source=self.name))

    def rectify(self, ref: Ref, version: Version, corrections: Sequence[Correction]) -> Outcome:
        """Write the right values in the place of the wrong ones, all or none; only where `features.rectify`.

        Every other value of the entry and of all others stays. Raises as `erase`, and `Refused` for a value that is not
        the person's alone, or that could not be read back as it is written. Where the right values stand already, or
        the entry is gone, the outcome is `already_absent`.
        """
        raise Refused(Phrase("{source} lets no program correct a value.", source=self.name))

    def restore(self, receipt: bytes) -> Outcome:
        """Put back what `receipt` describes, one that was returned or sealed; only where `features.restore`.

        Raises `Refused`, and `Conflict` where something stands there (again).
        """
        raise Refused(Phrase("{source} cannot put an erased entry back.", source=self.name))

    @abstractmethod
    def residue(self, needles: Sequence[Needle]) -> Sequence[Residue]:
        """Search every byte this source owns for the needles: dead bytes, journals, side files, look-alike copies.

        What stands in an entry that is retained or waits for a hand is not residue: its step says so already.
        Raises `Unreachable` or `Damaged` when the source cannot be searched at all.
        """


@runtime_checkable
class SignsIn(Protocol):
    """A connector whose source is signed in to once, in the owner's browser (`hub login`)."""

    def sign_in(self, tell: Callable[[Phrase], None]) -> None:
        """Have the owner sign in and keep the sign-in. Raises `ConfigError`, `Unreachable`, `Refused`."""

    def sign_out(self, tell: Callable[[Phrase], None]) -> None:
        """Forget the sign-in, here and at the other end as far as it answers."""
