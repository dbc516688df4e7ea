"""Whether anything changed in the files of a source since they were read, told by their names, sizes and times alone."""

from __future__ import annotations

import hashlib
import os
import time
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
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
    digest = hashlib.blake2b(digest_size=16)
    newest = 0
    for name, told in _stats(watched):
        digest.update(f"{name}\0{told}\n".encode("utf-8", "surrogateescape"))
        if told is not None:
            newest = max(newest, told[0], told[1])
    return Look(digest.hexdigest(), time.time_ns() - newest > RACY)


Stat = tuple[int, int, int, int] | None


def _stats(watched: Iterable[Watched]) -> Iterator[tuple[str, Stat]]:
    for item in watched:
        if item.like is None and not item.deep:
            yield str(item.path), _stat(item.path)
        else:
            yield from _listed(str(item.path), item)


def _listed(folder: str, item: Watched) -> Iterator[tuple[str, Stat]]:
    try:
        with os.scandir(folder) as found:
            inside = sorted(found, key=lambda entry: entry.name)
    except OSError:
        yield folder, None
        return
    for entry in inside:
        if item.deep and entry.is_dir(follow_symlinks=False):
            yield from _listed(entry.path, item)
        elif item.like is None or item.like in unicodedata.normalize("NFC", entry.name).casefold():
            yield entry.path, _stat(entry)


def _stat(path: Path | os.DirEntry[str]) -> Stat:
    try:
        told = path.stat()
    except OSError:
        return None
    return told.st_mtime_ns, told.st_ctime_ns, told.st_size, told.st_ino
