"""The pictures of pages in a binder's folder: found by the name in the index, never looked into, never outside the folder."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from connectors import _files
from connectors.entry import Attachment
from connectors.errors import HubError, Locked, Unreachable
from connectors.phrase import Phrase

_MEDIA = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".heic": "image/heic",
    ".pdf": "application/pdf",
}


class Folder:
    """The files of a binder's folder and the folders in it; links are not followed."""

    def __init__(self, root: Path) -> None:
        """List the names. Raises `Unreachable`."""
        self.root = root
        with _files.reading(root):
            found = sorted(_walk(root))
        self.pictures = {_plain(path.relative_to(root)): path for path in found if path.suffix.casefold() in _MEDIA}
        self.others = [path for path in found if path.suffix.casefold() not in _MEDIA]
        self._folded: dict[str, list[str]] = {}
        for name in self.pictures:
            self._folded.setdefault(name.casefold(), []).append(name)

    def find(self, name: str) -> str | None:
        """The picture meant by a name in the index, by its place in the folder; None when there is none."""
        wanted = _plain(name.replace("\\", "/").removeprefix("./"))
        alike = self._folded.get(wanted.casefold(), [])
        return wanted if wanted in self.pictures else alike[0] if len(alike) == 1 else None

    def named_in(self, text: str) -> tuple[list[str], int]:
        """The pictures that a cell of the index names, and how many of its names are no picture here."""
        found, missing = list[str](), 0
        for piece in filter(None, re.split(r"\s*[;|\r\n]\s*", text.strip())):
            names = [piece] if self.find(piece) or "," not in piece else re.split(r"\s*,\s*", piece)
            for name in filter(None, names):
                picture = self.find(name)
                found += [picture] if picture else []
                missing += picture is None
        return list(dict.fromkeys(found)), missing

    def attachment(self, picture: str) -> Attachment:
        """The picture as a file of an entry."""
        path = self.pictures[picture]
        return Attachment("page", _MEDIA[path.suffix.casefold()], partial(_load, path), shows="page")

    def remove(self, picture: str) -> None:
        """Delete a picture. Raises `Locked` when a program or a write protection is in the way."""
        try:
            unlink(self.pictures[picture])
        except FileNotFoundError:
            return
        except OSError:
            raise Locked(
                Phrase("The index is done, but a picture of the page could not be deleted: is it open, or write-protected?"),
                Phrase("Close the program that shows it, and say again that the step is done."),
            ) from None


def unlink(path: Path) -> None:
    """Delete one file."""
    path.unlink()


def _walk(root: Path) -> Iterator[Path]:
    def broken(error: OSError) -> None:
        raise error

    for folder, _folders, names in os.walk(root, onerror=broken):
        yield from (path for name in names if not (path := Path(folder, name)).is_symlink() and path.is_file())


def _plain(name: str | Path) -> str:
    """A name in one spelling: macOS stores an ä as two letters."""
    return unicodedata.normalize("NFC", Path(name).as_posix())


def _load(path: Path) -> bytes:
    """A picture's bytes. No error tells the file's name, which may be somebody's."""
    try:
        _files.require_downloaded(path)
        with _files.reading(path):
            if path.is_symlink():
                raise FileNotFoundError
            return path.read_bytes()
    except HubError:
        raise Unreachable(
            Phrase("The picture of a page could not be read: it is gone, in the cloud only, or open in another program."),
            Phrase("Make it readable and run the command again."),
        ) from None
