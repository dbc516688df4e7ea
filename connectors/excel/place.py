"""Where the workbook is: a folder of this computer, or iCloud Drive. Everything else sees a folder of files either way."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors import _copies, _files, _http
from connectors._copies import copies_of
from connectors._drive import LEFT, SCHEME, DriveFolder, Stamp, signed_in
from connectors.contract import Residue, Watched
from connectors.errors import ConfigError, Damaged
from connectors.phrase import Phrase

if TYPE_CHECKING:
    from pyicloud.services.drive import DriveService

Beside = Callable[[Path], Iterable[Path]]
"""Which files beside the workbook are needed too, told by their names alone."""


class Hand(ABC):
    """The workbook at hand, at `path`, with what lies beside it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @abstractmethod
    def replace(self, target: Path, build: Callable[[Path], None], expected: str, verify: Callable[[Path], None]) -> None:
        """Replace the workbook or a copy beside it, as `_files.replace_file` does and raising as it does, or `Unreachable`."""

    def elsewhere(self) -> Sequence[Residue]:
        """Older versions that lie where nothing can be searched."""
        return ()


class Place(ABC):
    """Where the workbook is."""

    @abstractmethod
    def at_hand(self, beside: Beside = copies_of, *, writing: bool = False) -> AbstractContextManager[Hand]:
        """The workbook, and the files beside it; `writing`: after an interrupted write was cleared up."""

    def watched(self) -> Sequence[Watched] | None:
        """What tells whether the workbook changed; None when only asking does."""
        return None


class LocalFolder(Place):
    """A folder of this computer; also one that iCloud or another service keeps in step."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def watched(self) -> Sequence[Watched]:
        """The file and its copies."""
        return _copies.watched(self._path)

    @contextmanager
    def at_hand(self, beside: Beside = copies_of, *, writing: bool = False) -> Iterator[Hand]:
        """The file itself."""
        del beside, writing
        yield _LocalHand(self._path)


class _LocalHand(Hand):
    def replace(self, target: Path, build: Callable[[Path], None], expected: str, verify: Callable[[Path], None]) -> None:
        _files.replace_file(target, build, expected, verify)


class Drive(Place):
    """iCloud Drive: the files are fetched into a private folder for each act, and gone from it after."""

    def __init__(self, address: str, service: Callable[[], DriveService]) -> None:
        """`address` is "icloud:/Folder/name.xlsx"; `service` signs in, at the first request."""
        self._address = address
        self._sign_in = service
        self._signed_in: DriveService | None = None

    def _service(self) -> DriveService:
        if self._signed_in is None:
            self._signed_in = self._sign_in()
        return self._signed_in

    @contextmanager
    def at_hand(self, beside: Beside = copies_of, *, writing: bool = False) -> Iterator[Hand]:
        """Private copies; of files that are not needed only the names, as empty files."""
        drive = DriveFolder(self._address, self._service)
        if writing:
            drive.tidy()
        with _files.private_folder() as folder:
            names = _local_names(drive.siblings())
            for name in names:
                (folder / name).touch(mode=0o600)
            path = folder / drive.file
            stamps = {drive.file: drive.fetch(drive.file, path)}
            for other in beside(path):
                stamps[other.name] = drive.fetch(names[other.name], other)
            yield _DriveHand(path, drive, stamps)


class _DriveHand(Hand):
    def __init__(self, path: Path, drive: DriveFolder, stamps: Mapping[str, Stamp]) -> None:
        super().__init__(path)
        self._drive = drive
        self._stamps = stamps

    def replace(self, target: Path, build: Callable[[Path], None], expected: str, verify: Callable[[Path], None]) -> None:
        _files.replace_file(target, build, expected, verify)
        self._drive.replace(target, self._stamps[target.name])

    def elsewhere(self) -> Sequence[Residue]:
        return [
            Residue(
                Phrase("Recently Deleted of iCloud Drive, {file}", file=self.path.name),
                Phrase("A deleted version lies there and is not searched. Look at it on icloud.com, and delete it for good."),
                found=False,
            )
            for name in self._drive.deleted()
            if name == self.path.name
        ]


def place_of(settings: Mapping[str, Any]) -> Place:
    """The place that the option `path` names; nothing is read or asked here."""
    path = settings["path"]
    if not str(path).startswith(SCHEME):
        return LocalFolder(Path(path))

    def sign_in() -> DriveService:
        if not settings.get("account"):
            raise ConfigError(
                Phrase("A workbook in iCloud Drive needs an account."),
                [Phrase("account: write the e-mail address of your Apple ID.")],
            )
        password = settings.get("password")
        session = Path(settings.get("session") or "icloud-session")
        return signed_in(str(settings["account"]), _http.revealed(password) if password is not None else "", session)

    return Drive(str(path), sign_in)


def _local_names(names: Iterable[str]) -> dict[str, str]:
    """The name in the private folder → the name in iCloud Drive; what a crash of ours left is called as such files are here."""
    found: dict[str, str] = {}
    for name in names:
        if "/" in name or "\0" in name or name in {"", ".", ".."}:
            raise Damaged(Phrase("A file in the iCloud Drive folder has a name that no file can have."))
        found[f"{_files.PREFIX}{name}.tmp" if LEFT.fullmatch(name) else name] = name
    return found
