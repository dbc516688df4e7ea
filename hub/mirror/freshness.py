"""Whether anything changed in the files of a source since they were read, told by their names, sizes and times alone."""

from __future__ import annotations

import os
import time
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
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
    seen = [_listed(str(item.path), item) if item.deep or item.like is not None else _seen([item.path], item) for item in watched]
    told = [(str(item.path), total) for item, (total, _) in zip(watched, seen, strict=True)]
    digest = sha256(repr(told).encode())
    return Look(digest.hexdigest(), time.time_ns() - max((newest for _, newest in seen), default=0) > RACY)


Seen = tuple[int, int]
"""A sum over some files, and the nanosecond at which the newest of them was written or changed."""

_NOTHING = -1


def _listed(folder: str, item: Watched) -> Seen:
    """What is in a folder."""
    try:
        with _scanned(folder) as inside:
            return _seen(inside, item, folder)
    except OSError:
        return _NOTHING, 0


def _seen(files: Iterable[Path | os.DirEntry[str]], item: Watched, folder: str = "") -> Seen:
    """When files were written and changed, their sizes and numbers, in whatever order they are told.

    There may be very many: nothing is kept of any, and nothing is called that need not be. The hash of numbers is the same in
    every process.
    """
    total = newest = 0
    like, deep = item.like, item.deep
    for file in files:
        name = file.name
        number = crc32(name.encode("utf-8", "surrogateescape"))
        if deep and isinstance(file, os.DirEntry) and file.is_dir(follow_symlinks=False):
            within, written = _listed(f"{folder}{os.sep}{name}", item)
            changed = written
            total += hash((number, within))
        elif not like or like in unicodedata.normalize("NFC", name).casefold():
            try:
                told = file.stat()
            except OSError:
                total += hash((number, _NOTHING))
                continue
            changed, written = told.st_ctime_ns, told.st_mtime_ns
            total += hash((number, written, changed, told.st_size, told.st_ino))
        else:
            continue
        if written > newest or changed > newest:
            newest = max(newest, written, changed)
    return total, newest


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
