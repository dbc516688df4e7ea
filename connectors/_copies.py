"""Conflict and backup copies of a file in its own folder: made by iCloud, Dropbox, OneDrive, Finder, Explorer."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from connectors import _files, _system
from connectors.contract import Watched

_BEFORE = re.compile(r"^(?:copy of|kopio:?|kopia av|kopio tiedostosta|backup of|varmuuskopio)[\s_\-]+", re.IGNORECASE)
_BEHIND = re.compile(
    r"[\s_\-–]+(?:[2-9]|1\d|\(\d{1,2}\)|\(?[^()]*(?:conflicted copy|conflict|ristiriit|konflikt)[^()]*\)?(?: \(?\d{1,2}\)?)?"
    r"|\(?(?:copy|kopio|kopia|varmuuskopio|backup|varmistus)\)?(?:[\s_]*\(?\d{1,2}\)?)?)$",
    re.IGNORECASE,
)
_WORKBOOKS = (".xlsx", ".xlsm")


def copies_of(path: Path) -> list[Path]:
    """The files of the same kind beside `path` whose names say that they are copies of it, in the order of their names.

    One that is in iCloud only is among them: reading it says so, and it is never passed over.
    """
    own, suffix = _plain(path.stem), path.suffix.casefold()
    kinds = _WORKBOOKS if suffix in _WORKBOOKS else (suffix,)
    with _files.reading(path):
        beside = sorted({meant(other) for other in path.parent.iterdir()})
    return [other for other in beside if other.name != path.name and _is_copy(other, own, kinds)]


def watched(path: Path) -> list[Watched]:
    """The file and whatever lies beside it under a name that holds its own: copies, backups, stand-ins of iCloud."""
    return [Watched(path), Watched(path.parent, like=_plain(path.stem))]


def meant(path: Path) -> Path:
    """The file that a hidden stand-in of iCloud (`.name.xlsx.icloud`) is there for; any other as it is."""
    real = path.with_name(path.name[1:].removesuffix(".icloud")) if path.suffix == ".icloud" and path.stem[1:] else path
    return real if path == _system.placeholder_of(real) else path


def _is_copy(other: Path, own: str, kinds: tuple[str, ...]) -> bool:
    if other.suffix.casefold() not in kinds or other.name.startswith(("~$", ".")):
        return False
    name = _plain(other.stem)
    if name == own:
        return False
    bare = _BEFORE.sub("", name)
    while bare != own:
        match = _BEHIND.search(bare)
        if match is None or not bare.startswith(own) or match.start() < len(own):
            return bare == own
        bare = bare[: match.start()]
    return True


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
