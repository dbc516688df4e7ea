"""What came of an export: where the package is, what is in it and what is not, and what its owner must look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from connectors.phrase import Phrase


@dataclass(frozen=True, slots=True)
class Look:
    """A place in the data that mentions somebody else: covered in the package, unless the owner said to show it.

    `text` is what stands there, for the owner's eyes only; `place` is its name, which says nothing of it.
    """

    place: str
    source: str
    ref: str
    locator: Phrase
    kind: str
    what: str
    text: str = field(repr=False)
    shown: bool = False


@dataclass(frozen=True, slots=True)
class Export:
    """A written package: its folder or encrypted archive, its files relative to it, and what is `missing` from it."""

    directory: Path
    files: tuple[str, ...]
    missing: tuple[Phrase, ...]
    unsaid: tuple[Phrase, ...] = ()
    """What the person has a right to be told of all data and hub.toml does not say."""
    looks: tuple[Look, ...] = ()
    looked: bool = True
    """Whether the owner looked at every place in `looks`."""
    archive: Path | None = None
    """The encrypted ZIP that holds the files, in place of a folder."""

    @property
    def complete(self) -> bool:
        """Whether nothing is missing and nothing waits for the owner's eyes."""
        return not self.missing and self.looked
