"""What differs between Linux, macOS and Windows, in one place.

Every function takes the system's name as an argument (`platform`, `sys.platform`'s spelling) so that the other
systems' branches can be tested by their own rules. Never run on a real macOS or Windows: the branches marked
"by rule" follow the vendors' documentation only.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path

SF_DATALESS = 0x40000000
"""macOS `st_flags`: the file's content is in iCloud only; reading it would start a download."""

FILE_ATTRIBUTE_HIDDEN = 0x2
FILE_ATTRIBUTE_OFFLINE = 0x1000
FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS = 0x400000
"""Windows file attributes: hidden, and the two that mark a file whose content is in the cloud only."""

REPLACE_TRIES = 5
REPLACE_PAUSE = 0.2
"""On Windows a virus scanner or indexer holds a fresh file for a moment; a replace is tried again that often."""


def thunderbird_roots(home: Path, env: Mapping[str, str], platform: str = sys.platform) -> list[Path]:
    """Every folder that may hold Thunderbird's (or SeaMonkey's) profiles.ini, existing or not, most likely first."""
    if platform == "darwin":
        return [home / "Library/Thunderbird", home / "Library/Application Support/SeaMonkey"]
    if platform == "win32":
        roaming = Path(env.get("APPDATA") or home / "AppData/Roaming")
        local = Path(env.get("LOCALAPPDATA") or home / "AppData/Local")
        store = sorted(local.glob("Packages/*hunderbird*/LocalCache/Roaming/Thunderbird"))
        return [roaming / "Thunderbird", *store, roaming / "Mozilla/SeaMonkey"]
    config = Path(env.get("XDG_CONFIG_HOME") or home / ".config")
    flatpaks = sorted(home.glob(".var/app/*hunderbird*/.thunderbird")) + sorted(home.glob(".var/app/*etterbird*/.thunderbird"))
    return [
        home / ".thunderbird",
        home / "snap/thunderbird/common/.thunderbird",
        *flatpaks,
        config / "thunderbird",
        home / ".icedove",
        home / ".mozilla-thunderbird",
        home / ".mozilla/seamonkey",
    ]


def thunderbird_lock(profile: Path, platform: str = sys.platform) -> Path:
    """The file that a running Thunderbird holds locked; its mere existence says nothing."""
    return profile / ("parent.lock" if platform == "win32" else ".parentlock")


def icloud_drive_roots(home: Path, platform: str = sys.platform) -> list[Path]:
    """The folders where iCloud Drive keeps its local copies (the synced home folders on macOS included)."""
    if platform == "darwin":
        return [home / "Library/Mobile Documents/com~apple~CloudDocs", home / "Documents", home / "Desktop"]
    return [home / "iCloudDrive", home / "iCloud Drive", home / "Documents", home / "Asiakirjat"]


def is_placeholder(path: Path, stat: os.stat_result, platform: str = sys.platform) -> bool:
    """Whether the content is in the cloud only, so that reading it would block on a download (by rule)."""
    if path.name.startswith(".") and path.suffix == ".icloud":
        return True
    if platform == "darwin":
        return bool(getattr(stat, "st_flags", 0) & SF_DATALESS)
    attributes = getattr(stat, "st_file_attributes", 0)
    return bool(attributes & (FILE_ATTRIBUTE_OFFLINE | FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS))


def placeholder_of(path: Path) -> Path:
    """The hidden stand-in that macOS before 14 leaves for a file that is not downloaded (`.name.xlsx.icloud`)."""
    return path.with_name(f".{path.name}.icloud")


def replace(temporary: Path, target: Path, platform: str = sys.platform) -> None:
    """Put `temporary` in the place of `target` as one act; on Windows try again while something holds the file.

    Raises PermissionError when the target stays open in another program; it is then untouched.
    """
    tries = REPLACE_TRIES if platform == "win32" else 1
    for attempt in range(tries):
        try:
            temporary.replace(target)
            return
        except PermissionError:
            if attempt + 1 == tries:
                raise
            time.sleep(REPLACE_PAUSE)


def sync_folder(folder: Path, platform: str = sys.platform) -> None:
    """Make a rename in `folder` survive a power cut; Windows has no such call and needs none (NTFS journals it)."""
    if platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_locked(path: Path, platform: str = sys.platform) -> bool:
    """Whether another program holds `path` locked: by `fcntl` on Linux and macOS, by refusing to open on Windows.

    A lock of this very process is not seen: POSIX record locks belong to the process.
    """
    if not path.exists():
        return False
    if platform == "win32":
        return _open_refused(path)
    lock = hold_lock(path, platform)
    if lock is None:
        return True
    lock()
    return False


def hold_lock(
    path: Path, platform: str = sys.platform, *, create: bool = True, shared: bool = False
) -> Callable[[], None] | None:
    """Take the lock a Mozilla program takes on `path`; None when another program has it.

    Returns the function that lets it go again; the file itself stays, as the program leaves it. A file that is missing
    is created, or raises `FileNotFoundError` where `create` is False. Many may hold it `shared` while nobody holds it
    alone; Windows knows no such lock, and needs none where it keeps an open file from being removed.
    """
    if platform == "win32":
        return _nothing if shared else _hold_by_opening(path, create=create)
    import fcntl

    descriptor = os.open(path, os.O_RDWR | (os.O_CREAT if create else 0), 0o600)
    try:
        fcntl.lockf(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return lambda: os.close(descriptor)


def _nothing() -> None:
    """Let go of a lock that is none."""


def mark_in_use(descriptor: int, platform: str = sys.platform) -> Callable[[], None]:
    """Mark an open file as in use until the function that this returns is called, or the process ends: see `unused`.

    Unlike a record lock it holds while the process opens and closes the file otherwise. On Windows the file is closed
    at once, because an open one cannot be given another name.
    """
    if platform != "win32":
        import fcntl

        with suppress(OSError):  # a file system without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        return lambda: os.close(descriptor)
    os.close(descriptor)
    return lambda: None


@contextmanager
def unused(path: Path, platform: str = sys.platform) -> Iterator[None]:
    """Keep a file from being marked as in use meanwhile. Raises OSError when it is: Windows says so when it is open."""
    if platform == "win32":
        yield
        return
    import fcntl

    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def _open_refused(path: Path) -> bool:
    try:
        with path.open("r+b"):
            return False
    except PermissionError:
        return True


def _hold_by_opening(path: Path, *, create: bool) -> Callable[[], None] | None:
    """Windows: a Mozilla program opens the file without sharing, so that opening it twice fails (by rule).

    The first byte is locked as well, so that two hubs, which do share the file, keep each other out.
    """
    try:
        handle = path.open("a+b" if create else "r+b")
    except PermissionError:
        return None
    try:
        msvcrt = import_module("msvcrt")
        msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
    except OSError:
        handle.close()
        return None
    return handle.close


def own_only(path: Path) -> None:
    """Let only this user read `path`: mode 0600 or 0700; on Windows the user's profile folder does that already."""
    path.chmod(0o700 if path.is_dir() else 0o600)


def keep_freed_memory(platform: str = sys.platform) -> bool:
    """Use memory that was given back again at once; whether the C library lets itself be told so (glibc alone does).

    Else every large column is mapped anew and all its pages are handed out one by one: an eighth of a night's time.
    """
    if platform != "linux":
        return False
    import ctypes

    tell = getattr(ctypes.CDLL(None), "mallopt", None)
    return bool(tell and all(tell(what, _MOST_KEPT) for what in (_TRIM_THRESHOLD, _MMAP_THRESHOLD)))


_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""As `malloc.h` numbers them."""

_MOST_KEPT = 2**31 - 1
