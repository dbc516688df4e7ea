"""Writing what leaves the hub: new files and folders that only this user can read, there as a whole or not at all."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from connectors import _files, _system
from connectors.errors import UsageError
from connectors.phrase import Phrase

_BUILDING = f"{_files.PREFIX}unfinished-"
"""What is written lies in a folder of such a name until all of it is there."""

_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]*")


def write_folder(directory: Path, name: str, contents: Mapping[str, bytes]) -> Path:
    """Write files, by their paths in it, into the new folder `directory/name`.

    Raises `UsageError` when there is something of that name already or it cannot be written; nothing is left behind then.
    """
    with _building(directory, name) as building:
        for path, content in contents.items():
            _write(building / path, content)
        building.rename(directory / name)
    return directory / name


def write_files(directory: Path, contents: Mapping[str, bytes]) -> tuple[Path, ...]:
    """Write new files into a folder, made when there is none. Raises as `write_folder`."""
    for name in contents:
        _require_free(directory, name)
    with _building(directory, next(iter(contents))) as building:
        for name, content in contents.items():
            _write(building / name, content)
        for name in contents:
            (building / name).rename(directory / name)
    _system.sync_folder(directory)
    return tuple(directory / name for name in contents)


@contextmanager
def _building(directory: Path, name: str) -> Iterator[Path]:
    _require_free(directory, name)
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        remove_unfinished(directory)
        building, let_go = _begun(directory)
    except OSError:
        raise _unwritable() from None
    try:
        yield building
    except OSError:
        raise _unwritable() from None
    finally:
        shutil.rmtree(building, ignore_errors=True)
        let_go()


def _begun(directory: Path) -> tuple[Path, Callable[[], None]]:
    while True:
        building = Path(tempfile.mkdtemp(prefix=_BUILDING, dir=directory))
        let_go = _system.mark_in_use(os.open(building, os.O_RDONLY)) if os.name != "nt" else lambda: None
        if building.exists():  # else another run took it for a leftover before it was marked
            return building, let_go
        let_go()


def remove_unfinished(directory: Path) -> None:
    """Remove what a killed run left half written in a folder, and nothing that another run is just writing.

    On Windows a folder cannot be marked as in use, so there nothing is removed.
    """
    for left in directory.glob(f"{_BUILDING}*") if os.name != "nt" else ():
        with suppress(OSError), _system.unused(left):
            shutil.rmtree(left)


def _require_free(directory: Path, name: str) -> None:
    if not _NAME.fullmatch(name) or os.path.lexists(directory / name):
        raise UsageError(
            Phrase("There is already something called {name} in that folder; nothing was written.", name=name),
            Phrase("Name another folder with --out."),
        )


def _unwritable() -> UsageError:
    return UsageError(
        Phrase("Nothing can be written into that folder, and nothing was left there."),
        Phrase("Name a folder with --out that you may write to and that has room."),
    )


def _write(path: Path, content: bytes) -> None:
    """A new file that only this user can read."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with path.open("xb") as stream:
        _system.own_only(path)
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def write_page(target: Path, text: str) -> None:
    """Write a page for this user only: the old file or the new one, whole. Raises `UsageError` when it cannot be written."""
    try:
        _files.write_beside(target, text.encode("utf-8"))
    except OSError as error:
        raise UsageError(
            Phrase("The page could not be written (system error {code}).", code=error.errno or 0),
            Phrase("Name a file in a folder that exists and that you may write to."),
        ) from None
