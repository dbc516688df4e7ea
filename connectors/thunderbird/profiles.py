"""Where Thunderbird's profiles are, what their preferences say about books, and whether Thunderbird has one open."""

from __future__ import annotations

import configparser
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from connectors import _system
from connectors._files import reading
from connectors.errors import Damaged, Locked, Refused, Unreachable
from connectors.phrase import Phrase

_PREF = re.compile(r'user_pref\(\s*("(?:[^"\\]|\\.)*")\s*,\s*(.*?)\s*\)\s*;')
_HEX_ESCAPE = re.compile(r"\\x([0-9A-Fa-f]{2})")
_SERVER = re.compile(r"ldap_2\.servers\.(.+)\.([a-z]+(?:\.url)?)", re.IGNORECASE)
_MARKS = ("prefs.js", ".parentlock", "parent.lock", "abook.sqlite", "history.sqlite", "abook.mab", "history.mab")


@dataclass(frozen=True, slots=True)
class Profile:
    """One profile: its folder, the name its owner knows it by, and a `key` that stays while the folder stays."""

    folder: Path
    name: str
    key: str

    @property
    def lock(self) -> Path:
        """The file that a running Thunderbird holds locked."""
        return _system.thunderbird_lock(self.folder)


@dataclass(frozen=True, slots=True)
class Server:
    """What the preferences say about one book (`ldap_2.servers.NAME.*`); nothing of it needs to be true of the files."""

    name: str
    file: str
    type: int | None
    title: str
    remote: bool


def find_profiles(setting: str, home: Path) -> tuple[list[Profile], list[Unreachable]]:
    """Every profile that `profile = setting` means, and an error for each listed one whose folder is not there.

    Raises `Unreachable` when there is none, `Damaged` when a profiles.ini cannot be read.
    """
    if setting != "auto":
        folder = Path(setting).expanduser()
        if not folder.is_dir():
            raise Unreachable(
                Phrase("The Thunderbird folder {folder} is not there.", folder=folder.name),
                Phrase('Check `profile` in hub.toml, or write profile = "auto".'),
            )
        single = not (folder / "profiles.ini").is_file() and _is_profile(folder)
        places, base = ([], folder.parent) if single else ([folder], folder)
        found = {folder.resolve(): Profile(folder, folder.name, folder.name)} if single else {}
    else:
        places, base, found = roots(setting, home), home, {}
    missing: list[Unreachable] = []
    for root in places:
        for folder, name in _candidates(root):
            if folder.is_dir():
                found.setdefault(folder.resolve(), Profile(folder, name, _key(folder, base)))
            else:
                missing.append(_absent(name))
    if not found:
        raise (
            missing[0]
            if missing
            else Unreachable(
                Phrase("No Thunderbird profile was found."),
                Phrase("Start Thunderbird once, or write the profile's folder as `profile` in hub.toml."),
            )
        )
    return list(found.values()), missing


def roots(setting: str, home: Path) -> list[Path]:
    """Every folder that may hold a profiles.ini, existing or not."""
    if setting != "auto":
        return [Path(setting).expanduser()]
    # Another home than this user's own: the environment speaks of the wrong one.
    env = os.environ if home.resolve() == Path.home().resolve() else {}
    return _system.thunderbird_roots(home, env)


def servers(profile: Profile) -> list[Server]:
    """The books that prefs.js and user.js name; prefs.js may lag behind while Thunderbird runs."""
    told: dict[str, dict[str, str | int | bool]] = {}
    for file in ("prefs.js", "user.js"):
        for key, value in _prefs(profile.folder / file):
            match = _SERVER.fullmatch(key)
            if match:
                told.setdefault(match[1], {})[match[2].lower()] = value
    return [_server(name, values) for name, values in told.items()]


def is_running(profile: Profile) -> bool:
    """Whether Thunderbird has the profile open now; in a profile that is write-protected it cannot."""
    if not os.access(profile.lock, os.W_OK):
        return False
    with reading(profile.lock):
        return _system.is_locked(profile.lock)


@contextmanager
def held(profile: Profile) -> Iterator[None]:
    """Keep Thunderbird from opening the profile; raises `Locked` when it already has it open."""
    try:
        release = _system.hold_lock(profile.lock)
    except OSError as error:
        raise Refused(
            Phrase(
                "The Thunderbird profile {profile} is write-protected (system error {code}).",
                profile=profile.name,
                code=error.errno or 0,
            ),
            Phrase("Check the permissions of its folder and run the command again."),
        ) from None
    if release is None:
        raise Locked(
            Phrase("Thunderbird is open (profile {profile}).", profile=profile.name),
            Phrase("Close it and run the command again."),
        )
    try:
        yield
    finally:
        release()


def _absent(name: str) -> Unreachable:
    return Unreachable(
        Phrase("Thunderbird lists the profile {profile}, but its folder is not there.", profile=name),
        Phrase("Connect the disk it is on, or remove the profile in Thunderbird's profile manager (thunderbird -P)."),
    )


def _candidates(root: Path) -> Iterator[tuple[Path, str]]:
    """Folder and name of each profile a root lists or holds."""
    listed = list(_listed(root))
    yield from listed
    known = {folder.resolve() for folder, _ in listed}
    for parent in (root, root / "Profiles"):
        if not parent.is_dir():
            continue
        with reading(parent):
            folders = sorted(parent.iterdir())
        yield from ((folder, folder.name) for folder in folders if folder.resolve() not in known and _is_profile(folder))


def _listed(root: Path) -> Iterator[tuple[Path, str]]:
    """The profiles that profiles.ini names: `Path` is relative to its folder where `IsRelative=1`."""
    ini = root / "profiles.ini"
    if not ini.is_file():
        return
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    with reading(ini):
        text = ini.read_bytes().decode("utf-8-sig", "replace")
    try:
        parser.read_string(text)
    except configparser.Error:
        raise Damaged(
            Phrase("profiles.ini of Thunderbird cannot be understood."),
            Phrase("Write the profile's folder as `profile` in hub.toml."),
        ) from None
    for section in parser.sections():
        path = parser[section].get("Path", "").strip()
        if section.startswith("Profile") and path and "\0" not in path:
            relative = parser[section].get("IsRelative", "1").strip() == "1"
            yield (root / path if relative else Path(path)), parser[section].get("Name") or Path(path).name


def _is_profile(folder: Path) -> bool:
    try:
        return folder.is_dir() and any((folder / mark).exists() for mark in _MARKS)
    except OSError:
        return False


def _key(folder: Path, base: Path) -> str:
    """The folder as seen from `base`, so that a home that moves as a whole keeps its refs."""
    try:
        return folder.resolve().relative_to(base.resolve()).as_posix()
    except ValueError:
        return folder.resolve().as_posix()


def _prefs(path: Path) -> Iterator[tuple[str, str | int | bool]]:
    if not path.is_file():
        return
    with reading(path):
        text = path.read_bytes().decode("utf-8-sig", "replace")
    for line in text.splitlines():
        match = _PREF.match(line.strip())
        key, value = (_literal(match[1]), _literal(match[2])) if match else (None, None)
        if isinstance(key, str) and value is not None:
            yield key, value


def _literal(text: str) -> str | int | bool | None:
    """A JavaScript string, number or truth value; None when it is something else."""
    try:
        value = json.loads(_HEX_ESCAPE.sub(r"\\u00\1", text), strict=False)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, str | int) else None


def _server(name: str, values: dict[str, str | int | bool]) -> Server:
    kind = values.get("dirtype")
    address = str(values.get("uri", ""))
    return Server(
        name=name,
        file=str(values.get("filename", "")),
        type=int(kind) if isinstance(kind, int) else None,
        title=str(values.get("description", "")),
        remote="carddav.url" in values or address.lower().startswith("ldap"),
    )
