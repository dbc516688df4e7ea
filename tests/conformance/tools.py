"""What the checks of the kit share: listings, finding a made-up person's entry, taking it away, watching for I/O."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from connectors.contract import Connector, Features, Going, Needle, Outcome
from connectors.entry import Cursor, Disposal, Entry, Gone, Item, Ref, Unreadable
from connectors.errors import HubError, NotFound
from connectors.phrase import Phrase
from tests.conformance.people import Made, own_needles
from tests.conformance.world import World

UNKNOWN = Ref("no-such-entry")
STRANGE_REFS = (UNKNOWN, "", "../../etc/passwd", "0", "a:b:c:d", "\x00", "Ä" * 300)


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything one listing yielded, sorted by what it is."""

    items: tuple[Item, ...]

    @property
    def entries(self) -> list[Entry]:
        return [item for item in self.items if isinstance(item, Entry)]

    @property
    def unreadable(self) -> list[Unreadable]:
        return [item for item in self.items if isinstance(item, Unreadable)]

    @property
    def gone(self) -> list[Gone]:
        return [item for item in self.items if isinstance(item, Gone)]

    @property
    def cursors(self) -> list[Cursor]:
        return [item for item in self.items if isinstance(item, Cursor)]

    @property
    def token(self) -> str:
        return self.cursors[-1].token


def listing(connector: Connector, since: str | None = None) -> Listing:
    """One listing, read to its end."""
    return Listing(tuple(connector.entries(since)))


def entries_of(connector: Connector, person: Made) -> list[Entry]:
    """The entries that bear this person's e-mail address."""
    wanted = person.email.casefold()
    return [entry for entry in listing(connector).entries if wanted in (value.casefold() for value in entry.values("email"))]


def entry_of(connector: Connector, person: Made) -> Entry:
    """The one entry of this person."""
    found = entries_of(connector, person)
    assert len(found) == 1, f"{person.key} is listed {len(found)} times"
    return found[0]


def placeless(entry: Entry) -> Entry:
    """The entry without its locator: where a row above goes, the place of those below is another."""
    return replace(entry, locator=Phrase(""))


def take(connector: Connector, entry: Entry, needles: Sequence[Needle] = ()) -> Outcome:
    """Erase or redact the entry, as its source says an erase means for it."""
    if entry.disposal is Disposal.REDACT:
        kinds = tuple(dict.fromkeys(item.kind for item in entry.leaving()))
        return connector.redact(entry.ref, entry.version, kinds, needles)
    return connector.erase(entry.ref, entry.version, needles)


def going_of(entry: Entry) -> Going:
    """The entry as one that is to go, as its source says an erase means for it."""
    kinds = tuple(dict.fromkeys(item.kind for item in entry.leaving()))
    return Going(entry.ref, entry.version, kinds if entry.disposal is Disposal.REDACT else None)


def take_person(world: World, key: str) -> tuple[Entry, Outcome]:
    """Find the person's entry and take it away with their own needles, as the hub does."""
    connector = world.connector()
    entry = entry_of(connector, world.person(key))
    return entry, take(connector, entry, own_needles(world.people, key))


def retention_faults(entry: Entry, features: Features) -> list[str]:
    """What is not true of an entry that says that a law keeps it."""
    kept = entry.retention
    if kept is None:
        return []
    can = {Disposal.MANUAL} | ({Disposal.ERASE} if features.erase == "automatic" else set())
    can |= {Disposal.REDACT} if features.redact else set()
    faults = {
        "may go though a law keeps it": entry.disposal is not Disposal.RETAIN,
        "does not say why it stays": not entry.disposal_reason,
        "promises for later what the source cannot do": kept.after not in can,
        "does not say how it goes by hand": kept.after is Disposal.MANUAL and not kept.after_reason,
        "its day would go with the person": any(item.kind == "date" and not item.stays for item in entry.fields),
    }
    return [fault for fault, is_so in faults.items() if is_so]


def still_there(connector: Connector, entry: Entry) -> bool:
    """Whether anything that had to leave with the entry is still shown under its ref."""
    try:
        now = connector.get(entry.ref)
    except NotFound:
        return False
    if entry.disposal is Disposal.ERASE:
        return True
    leaving = {(item.kind, item.value) for item in entry.leaving()}
    return any((item.kind, item.value) in leaving for item in now.fields)


def personal(everybody: Sequence[Made]) -> list[str]:
    """Every value that must never stand in a message, a ref or a repr."""
    return [value for person in everybody for value in (person.name, person.email, person.phone, person.e164, person.keyword)]


def told(error: BaseException) -> str:
    """Everything an error says, its traceback and causes included."""
    hints = (getattr(error, "message", ""), getattr(error, "hint", ""))
    return "\n".join([str(error), repr(error), *map(str, hints), *traceback.format_exception(error)])


def error_of(act: Callable[[], object]) -> HubError | None:
    """The hub's error an act raises, None when it raises none; any other exception passes through."""
    try:
        act()
    except HubError as error:
        return error
    return None


def need(can: bool, feature: str) -> None:
    """Skip a check that only means something to a source with this feature: the one reason for a skip in the kit."""
    if not can:
        pytest.skip(f"the features or the format say: no {feature}")


_INPUT_OUTPUT = ("open", "os.", "socket.", "sqlite3.", "subprocess.", "shutil.", "tempfile.", "glob.", "pathlib.", "stat")
_seen: list[str] | None = None


def _hear(event: str, _arguments: tuple[Any, ...]) -> None:
    if _seen is not None and event.startswith(_INPUT_OUTPUT):
        _seen.append(event)


@contextmanager
def watching_io() -> Iterator[list[str]]:
    """Collect the name of every input or output done inside."""
    global _seen  # noqa: PLW0603  # an audit hook stays for the life of the process: it can only be told when to listen
    if not getattr(sys, "_hub_kit_hears", False):
        sys.addaudithook(_hear)
        sys._hub_kit_hears = True  # type: ignore[attr-defined]  # marks the interpreter, since a hook cannot be taken away
    original = os.stat

    def stat(*arguments: Any, **options: Any) -> os.stat_result:
        _hear("stat", arguments)
        return original(*arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "stat", stat)
        _seen = []
        try:
            yield _seen
        finally:
            _seen = None
