"""Whether anything changed in the files of a source since they were read, told by their names, sizes and times alone."""

from __future__ import annotations

import hashlib
import os
import time
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from connectors._values import dataclass
from connectors.contract import Watched

RACY = 2_000_000_000
"""Nanoseconds: a file written so shortly before it was looked at may change once more without a new time stamp."""


@dataclass(frozen=True, slots=True)
class Look:
    """The files of a source as they looked at one moment; `settled` is False when one was being written just then."""

    signature: str
    settled: bool


def look(watched: Sequence[Watched]) -> Look:
    """Look at what is watched; a file that is not there is a fact like any other."""
    seen: list[Seen] = []
    for item in watched:
        if item.like is None and not item.deep:
            seen.append((str(item.path), _stat(item.path)))
        else:
            seen += _listed(str(item.path), item)
    newest = max((max(told[:2]) for _, told in seen if told is not None), default=0)
    digest = hashlib.blake2b(repr(seen).encode("utf-8", "surrogateescape"), digest_size=16)
    return Look(digest.hexdigest(), time.time_ns() - newest > RACY)


Stat = tuple[int, int, int, int] | None
Seen = tuple[str, Stat]
"""A path, and when its file was written and changed, its size and its number; None where there is none."""


def _listed(folder: str, item: Watched) -> list[Seen]:
    """The files of a folder, in the order of their names. There may be very many: each is looked at once, and briefly."""
    seen: list[Seen] = []
    try:
        with os.scandir(folder) as inside:
            for entry in inside:
                if item.deep and entry.is_dir(follow_symlinks=False):
                    seen += _listed(entry.path, item)
                elif not item.like or item.like in unicodedata.normalize("NFC", entry.name).casefold():
                    seen.append((entry.path, _stat(entry)))
    except OSError:
        return [(folder, None)]
    seen.sort()
    return seen


def _stat(path: Path | os.DirEntry[str]) -> Stat:
    try:
        told = path.stat()
    except OSError:
        return None
    return told.st_mtime_ns, told.st_ctime_ns, told.st_size, told.st_ino
