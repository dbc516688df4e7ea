"""Reading and replacing a file the owner needs: private copies, hashes, atomic replace, excess bytes nowhere."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from connectors import _system
from connectors.errors import PLAN_AGAIN, Conflict, Damaged, Locked, Refused, Unreachable
from connectors.phrase import Phrase

PREFIX = ".hub-"
"""Every temporary file of the hub begins so; a crash may leave one, and the next write removes it."""

BLOCK = 1 << 20

_FOLDER = "hub-private-"
_LOCK = "in-use"


def digest(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hex."""
    total = hashlib.sha256()
    with reading(path), path.open("rb") as stream:
        while block := stream.read(BLOCK):
            total.update(block)
    return total.hexdigest()


def open_mark(path: Path) -> str | None:
    """The name of the file by which a spreadsheet program (Excel, LibreOffice) says that it has this one open; None: none does."""
    marks = (f"~${path.name}", f".~lock.{path.name}#")
    return next((mark for mark in marks if path.with_name(mark).exists()), None)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what the system says about a file that cannot be read into the hub's own errors."""
    try:
        yield
    except FileNotFoundError:
        if _system.placeholder_of(path).exists():
            raise Unreachable(
                Phrase("{file} is in iCloud and not on this computer.", file=path.name),
                Phrase("Open its folder in Finder, choose Download Now, and run the command again."),
            ) from None
        raise Unreachable(
            Phrase("{file} is not where the configuration says.", file=path.name),
            Phrase("Check `path` in hub.toml; was the file moved or renamed?"),
        ) from None
    except PermissionError:
        raise Unreachable(
            Phrase("{file} may not be read by this user, or another program has it open.", file=path.name),
            Phrase("Close the program, or check the file's permissions."),
        ) from None
    except IsADirectoryError:
        raise Damaged(Phrase("{file} is a folder, not a file.", file=path.name)) from None
    except OSError as error:
        raise Unreachable(
            Phrase("{file} could not be read (system error {code}).", file=path.name, code=error.errno or 0),
            Phrase("Check the disk or the network folder, and run the command again."),
        ) from None


def require_downloaded(path: Path) -> None:
    """Raise `Unreachable` when the file's content is in the cloud only: reading it could block for long."""
    with reading(path):
        stat = path.stat()
    if _system.is_placeholder(path, stat):
        raise Unreachable(
            Phrase("{file} is in the cloud and not on this computer.", file=path.name),
            Phrase("Open its folder, choose Download Now (or Always Keep on This Device), and run the command again."),
        )


_IN_USE: set[str] = set()
"""Private folders of this very process: its own locks do not show it which are in use."""


@contextmanager
def private_folder() -> Iterator[Path]:
    """A temporary folder only this user can read, removed with all it holds.

    A run that is killed cannot remove its own; the next run does, as soon as nobody holds its lock any more.
    """
    remove_private_leftovers()
    folder = Path(tempfile.mkdtemp(prefix=_FOLDER))
    _IN_USE.add(str(folder))
    release = None
    try:
        release = _system.hold_lock(folder / "new")
        with suppress(OSError):
            (folder / "new").rename(folder / _LOCK)  # locked already when another run can first see it
        inner = folder / "copy"
        inner.mkdir(mode=0o700)
        try:
            yield inner
        finally:
            shutil.rmtree(inner)
    finally:
        if release is not None:
            release()
        shutil.rmtree(folder, ignore_errors=True)  # nothing is in it but the lock; another run may remove it as well
        _IN_USE.discard(str(folder))


def remove_private_leftovers() -> None:
    """Remove the private folders of runs that were killed: copies of registers may lie in them."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDER}*"):
        if str(folder) in _IN_USE or folder.is_symlink():
            continue
        with suppress(OSError):
            release = _system.hold_lock(folder / _LOCK, create=False)
            if release is not None:
                release()
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def beside(target: Path) -> Iterator[Path]:
    """A new, empty file in the folder of `target` that only this user can read, to be written and put in its place.

    It is removed at the end where it still has its name. One that a killed run left is removed by the next; never one
    that another run is just writing. Raises OSError.
    """
    remove_leftovers(target.parent)
    while True:
        temporary = target.parent / f"{PREFIX}{os.getpid()}-{os.urandom(4).hex()}.tmp"
        descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        let_go = _system.mark_in_use(descriptor)
        if temporary.exists():  # else another run took it for a leftover before it was marked
            break
        let_go()
    try:
        yield temporary
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        let_go()


def write_beside(target: Path, content: bytes) -> None:
    """Write a file for this user only: what was there before or the new one, whole, on the disk. Raises OSError."""
    with beside(target) as temporary:
        with temporary.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        _system.replace(temporary, target)
        _system.sync_folder(target.parent)


def remove_leftovers(folder: Path) -> None:
    """Remove temporary files that a killed run left in `folder`."""
    for left in folder.glob(f"{PREFIX}*.tmp"):
        with suppress(OSError), _system.unused(left):
            left.unlink()


def replace_file(target: Path, build: Callable[[Path], None], expected: str, verify: Callable[[Path], None]) -> None:
    """Replace `target` by what `build` writes: the old file or the new one, whole, at every moment.

    `build` writes a new file at the path it is given (in the same folder, so that the replace is one act);
    `verify` reads it back and raises when it is not what was meant. `expected` is the SHA-256 of the file the plan
    was made on: raises `Conflict` when the target changed meanwhile, `Locked` when a program holds it open,
    `Refused` when the folder cannot be written or the disk is full. Mode and, where allowed, owner are carried over.
    """
    with ExitStack() as ending:
        with _writing(target):
            temporary = ending.enter_context(beside(target))
            build(temporary)
            _flush(temporary)
        verify(temporary)
        with _writing(target):
            _carry_over(target, temporary)
        if digest(target) != expected:
            raise Conflict(
                Phrase("{file} was changed by another program a moment ago; nothing was written.", file=target.name),
                PLAN_AGAIN,
            )
        with _writing(target):
            _system.replace(temporary, target)
            _system.sync_folder(target.parent)


@contextmanager
def _writing(target: Path) -> Iterator[None]:
    try:
        yield
    except PermissionError:
        raise Locked(
            Phrase("{file} cannot be replaced: a program has it open, or its folder is write-protected.", file=target.name),
            Phrase("Close the program, check the folder's permissions, and run the command again."),
        ) from None
    except OSError as error:
        raise Refused(
            Phrase(
                "{file} could not be written (system error {code}); it is unchanged.", file=target.name, code=error.errno or 0
            ),
            Phrase("Is the disk full? Make room and run the command again."),
        ) from None


def _flush(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def _carry_over(source: Path, target: Path) -> None:
    """Give the new file the old one's mode, owner and extended attributes, as far as this user may."""
    stat = source.stat()
    shutil.copymode(source, target)
    if hasattr(os, "chown"):
        with suppress(OSError):
            os.chown(target, stat.st_uid, stat.st_gid)
    for name in os.listxattr(source) if hasattr(os, "listxattr") else ():
        with suppress(OSError):
            os.setxattr(target, name, os.getxattr(source, name))
