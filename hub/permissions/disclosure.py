"""What goes to a recipient: exactly the kinds of data that were permitted, and a folder of them on request."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from connectors.entry import IDENTIFYING
from connectors.errors import UsageError
from connectors.phrase import Phrase
from hub.machine import outbox
from hub.normalise.values import NAMES, value_key
from hub.person import Person


@dataclass(frozen=True, slots=True)
class Value:
    """One value that is passed on, and where it stands."""

    kind: str
    value: str = field(repr=False)
    source: str
    locator: Phrase


def values_of(person: Person, kinds: Sequence[str], region: str) -> list[Value]:
    """The person's values of these kinds, each in one spelling; nothing of who else stands in a row, or is only possibly the person."""
    found: dict[tuple[str, str], Value] = {}
    for kind in kinds:
        for member in person.links:
            entry = member.held.entry
            for item in entry.fields:
                if item.kind == kind and not (item.stays and kind in IDENTIFYING) and _is_one(kind, item.value):
                    found.setdefault(
                        (kind, value_key(kind, item.value, region)), Value(kind, item.value, member.held.source, entry.locator)
                    )
    return list(found.values())


def _is_one(kind: str, value: str) -> bool:
    """Whether a value is what it is called: an address book puts an e-mail or a number where it knows no name."""
    return kind not in NAMES or ("@" not in value and any(map(str.isalpha, value)))


def require_room(directory: Path) -> None:
    """Raise `UsageError` when nothing can be written into a folder: a permission must not be used up by that."""
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        writable = False
    else:
        writable = os.access(directory, os.W_OK | os.X_OK)
    if not writable:
        raise UsageError(
            Phrase("Nothing can be written into that folder; nothing was passed on."),
            Phrase("Name a folder with --out that you may write to."),
        )


def write(directory: Path, number: str, data: str) -> tuple[Path, tuple[str, ...]]:
    """Write the data, as a document, into a new folder that only this user can read: the folder and its files."""
    files = {"data.json": data.encode()}
    return outbox.write_folder(directory, number, files), tuple(files)
