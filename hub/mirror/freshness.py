"""Whether anything changed in the files of a source since they were read, told by their names, sizes and times alone."""

from __future__ import annotations

import os
import time
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from zlib import crc32

from connectors._digest import sha256
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
        path = str(item.path)
        seen.append(_listed(path, item) if item.deep or item.like is not None else _file(path, item.path))
    digest = sha256(repr([sum_ for sum_, _ in seen]).encode())
    return Look(digest.hexdigest(), time.time_ns() - max((newest for _, newest in seen), default=0) > RACY)


Seen = tuple[int, int]
"""A sum over some files, and the nanosecond at which the newest of them was written or changed."""


def _listed(folder: str, item: Watched) -> Seen:
    """What is in a folder, in whatever order it is told: there may be very many files, so nothing is kept of any."""
    total = newest = 0
    like, deep = item.like, item.deep
    try:
        with _scanned(folder) as inside:
            for entry in inside:
                name = entry.name
                if deep and entry.is_dir(follow_symlinks=False):
                    within, changed = _listed(f"{folder}{os.sep}{name}", item)
                    total += hash((_number(name), within))
                elif not like or like in unicodedata.normalize("NFC", name).casefold():
                    one, changed = _file(name, entry)
                    total += one
                else:
                    continue
                newest = max(newest, changed)
    except OSError:
        return hash((_number(folder), _NOTHING)), 0
    return total, newest


def _file(name: str, path: Path | os.DirEntry[str]) -> Seen:
    """When a file was written and changed, its size and its number: of numbers the hash is the same in every process."""
    try:
        told = path.stat()
    except OSError:
        return hash((_number(name), _NOTHING)), 0
    written, changed = told.st_mtime_ns, told.st_ctime_ns
    one = hash((_number(name), written, changed, told.st_size, told.st_ino))
    return one, max(written, changed)


_NOTHING = -1


def _number(name: str) -> int:
    return crc32(name.encode("utf-8", "surrogateescape"))


@contextmanager
def _scanned(folder: str) -> Iterator[Iterator[os.DirEntry[str]]]:
    """As `os.scandir`; where the system can, every file is looked at from within the folder and not from the root."""
    if os.scandir not in os.supports_fd:
        with os.scandir(folder) as inside:
            yield inside
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with os.scandir(descriptor) as inside:
            yield inside
    finally:
        os.close(descriptor)
