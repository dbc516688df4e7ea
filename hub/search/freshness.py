"""Whether anything changed in the files of a source since they were read, told by their names, sizes and times alone."""

from __future__ import annotations

import os
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING
from zlib import crc32

from connectors._digest import sha256
from connectors._values import dataclass
from connectors.contract import Watched

if TYPE_CHECKING:
    from hub.machine.sharing import Shared

RACY = 2_000_000_000
"""Nanoseconds: a file written so shortly before it was looked at may change once more without a new time stamp."""

MANY = 2_000
"""So many files of a folder are worth the help of a second processor."""

AT_ONCE = 50_000
"""So many are looked at together; of files that were looked at nothing is kept."""

Seen = tuple[int, int]
"""A sum over some files, and the nanosecond at which the newest of them was written or changed."""

_NOTHING = -1

Stat = Callable[[str], os.stat_result]
"""What the system knows of the file of this name."""


@dataclass(frozen=True, slots=True)
class Look:
    """The files of a source as they looked at one moment; `settled` is False when one was being written just then."""

    signature: str
    settled: bool


class Begun:
    """A look at a folder that another processor has begun while this one does something else; it is good for one time."""

    def __init__(self, folder: str, descriptor: int, shared: Shared) -> None:
        self._folder = folder
        self._descriptor = descriptor
        self._shared = shared
        self._over = False

    def is_of(self, item: Watched) -> bool:
        """Whether it is a look at all files of just this folder, and was not asked for yet."""
        return not self._over and not item.like and (item.deep or item.like is not None) and str(item.path) == self._folder

    def seen(self) -> Seen:
        """What it comes to; what is left to be looked at is shared."""
        try:
            return _sum(self._shared.results())
        finally:
            self._let_go()

    def end(self) -> None:
        """Nobody will ask for it."""
        if not self._over:
            self._shared.end()
            self._let_go()

    def _let_go(self) -> None:
        self._over = True
        os.close(self._descriptor)


def begun(folders: Iterable[str]) -> Begun | None:
    """A look at the first of these folders that holds many files and no folders; None where none does, or nobody can help."""
    for folder in folders if os.scandir in os.supports_fd else ():
        try:
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except OSError:
            continue  # what is wrong with it is told by whoever needs it
        shared = _shared(_files(descriptor), partial(os.stat, dir_fd=descriptor))
        if shared is not None:
            return Begun(folder, descriptor, shared)
        os.close(descriptor)
    return None


def _files(descriptor: int) -> list[str]:
    """What the files of a folder are called; nothing of one that holds folders, or too many files."""
    names: list[str] = []
    with suppress(OSError), os.scandir(descriptor) as inside:
        for entry in inside:
            if len(names) == AT_ONCE or entry.is_dir(follow_symlinks=False):
                return []
            names.append(entry.name)
        return names
    return []


def look(watched: Sequence[Watched], begun: Begun | None = None) -> Look:
    """Look at what is watched, or ask for the look that was begun; a file that is not there is a fact like any other."""
    seen = [begun.seen() if begun is not None and begun.is_of(item) else _found(item) for item in watched]
    told = [(str(item.path), total) for item, (total, _) in zip(watched, seen, strict=True)]
    digest = sha256(repr(told).encode())
    return Look(digest.hexdigest(), time.time_ns() - _sum(seen)[1] > RACY)


def _sum(seen: Sequence[Seen]) -> Seen:
    return sum(total for total, _ in seen), max((newest for _, newest in seen), default=0)


def _found(item: Watched) -> Seen:
    """A single file, or what is in a folder."""
    if item.deep or item.like is not None:
        return _listed(str(item.path), item)
    return _seen([item.path.name], lambda _: item.path.stat())


def _listed(folder: str, item: Watched) -> Seen:
    """What is in a folder."""
    like, deep = item.like, item.deep
    seen: list[Seen] = []
    names: list[str] = []
    try:
        with _scanned(folder) as (inside, stat):
            for entry in inside:
                name = entry.name
                if deep and entry.is_dir(follow_symlinks=False):
                    within, written = _listed(f"{folder}{os.sep}{name}", item)
                    seen.append((hash((_number(name), within)), written))
                elif not like or like in unicodedata.normalize("NFC", name).casefold():
                    names.append(name)
                if len(names) == AT_ONCE:
                    seen += _together(names, stat)
                    names = []
            seen += _together(names, stat)
    except OSError:
        return _NOTHING, 0
    return _sum(seen)


def _together(names: list[str], stat: Stat) -> list[Seen]:
    """Many files, each once, by as many processors as can help."""
    shared = _shared(names, stat)
    return [_seen(names, stat)] if shared is None else shared.results()


def _shared(names: list[str], stat: Stat) -> Shared | None:
    """A look at these files that two processors share, begun by one of them; None where it is not worth it, or cannot be."""
    if len(names) < MANY:
        return None
    from hub.machine import sharing  # seldom needed

    size = len(names) // sharing.PIECES + 1

    def work(turns: Iterator[int]) -> Seen:
        return _seen((name for turn in turns for name in names[turn * size : (turn + 1) * size]), stat)

    return sharing.Shared(work) if sharing.possible() else None


def _seen(names: Iterable[str], stat: Stat) -> Seen:
    """When files were written and changed, their sizes and numbers, in whatever order they are told.

    There may be very many: nothing is called that need not be. The hash of numbers is the same in every process.
    """
    total = newest = 0
    for name in names:
        try:
            told = stat(name)
        except OSError:
            total += hash((_number(name), _NOTHING))
            continue
        changed, written = told.st_ctime_ns, told.st_mtime_ns
        total += hash((_number(name), written, changed, told.st_size, told.st_ino))
        if written > newest or changed > newest:
            newest = max(newest, written, changed)
    return total, newest


def _number(name: str) -> int:
    return crc32(name.encode("utf-8", "surrogateescape"))


@contextmanager
def _scanned(folder: str) -> Iterator[tuple[Iterator[os.DirEntry[str]], Stat]]:
    """As `os.scandir`, and what tells of a file in it; where the system can, from within the folder and not from the root."""
    if os.scandir not in os.supports_fd or os.stat not in os.supports_dir_fd:
        with os.scandir(folder) as inside:
            met: dict[str, os.DirEntry[str]] = {}
            yield (met.setdefault(entry.name, entry) for entry in inside), lambda name: met.pop(name).stat()
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with os.scandir(descriptor) as inside:
            yield inside, partial(os.stat, dir_fd=descriptor)
    finally:
        os.close(descriptor)
