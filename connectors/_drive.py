"""A file in iCloud Drive, through pyicloud: read whole, and replaced so that it is never missing for good.

iCloud Drive has no "replace this file": an upload always makes another document. So the new file is uploaded under
a name of its own and read back; the old one is set aside by its etag; the new one takes its name; the old one goes,
out of Recently Deleted as well. The name of the old one set aside tells which document is to take its place, so that
the next write can finish or undo what an interrupted one left, and never destroys a file that is not replaced.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from connectors import _http, _system
from connectors._drivetrouble import broken, gone, wrapped
from connectors.errors import PLAN_AGAIN, ConfigError, Conflict, HubError, Refused, Unreachable
from connectors.phrase import Phrase

if TYPE_CHECKING:
    from pyicloud.services.drive import DriveNode, DriveService

Result = TypeVar("Result")

SCHEME = "icloud:"
"""So begins a path that is no path of this computer but a place in iCloud Drive."""

LEFT = re.compile(r"hub-(old|new)-([0-9a-f]{12})-(.+)", re.DOTALL)
"""The names of our own files there: the old one set aside (with the mark of its successor), and a new one on its way."""

_TIMEOUT = 60.0
_PATIENCE = _http.Patience(tries=4, deadline=60.0)


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which document a file was, when it was fetched."""

    name: str = field(repr=False)
    docwsid: str = field(repr=False)
    etag: str = field(repr=False)
    sha256: str = field(repr=False)


class DriveFolder:
    """The folder of one file in iCloud Drive, as seen by one run."""

    def __init__(self, address: str, service: Callable[[], DriveService], patience: _http.Patience = _PATIENCE) -> None:
        """`address` is "icloud:/Folder/name.xlsx". Raises `ConfigError` when it is not; no request is made here."""
        parts = [part for part in address.removeprefix(SCHEME).split("/") if part]
        if not address.startswith(f"{SCHEME}/") or not parts or any(part in {".", ".."} for part in parts):
            raise ConfigError(
                Phrase("The path of the workbook in iCloud Drive cannot be read."),
                [Phrase('path: write it as "icloud:/Folder/name.xlsx", as the folders are called in iCloud Drive.')],
            )
        *self._folders, self.file = parts
        self._service = service
        self._patience = patience
        self._folder: DriveNode | None = None

    # Reading -----------------------------------------------------------------------------------------------------

    def siblings(self) -> list[str]:
        """The names of every file in the folder, the file itself included, listed afresh. Raises `Unreachable`, `Damaged`."""
        return [node.name for node in self._files()]

    def deleted(self) -> list[str]:
        """The names in iCloud Drive's Recently Deleted. Raises as `siblings`."""
        return [node.name for node in self._trash()]

    def fetch(self, name: str, into: Path) -> Stamp:
        """Write a file's content to `into`, which only this user can read. Raises `Unreachable`, or `Refused` for equal names."""
        nodes = self._files()
        found = _named(nodes, name) or [node for node in nodes if _left(node, "old") == _plain(name)]
        if not found:
            raise gone(name)
        if len(found) > 1:
            raise Refused(
                Phrase("{count} files in the iCloud Drive folder are called {file}.", count=len(found), file=name),
                Phrase("Look at them in iCloud Drive, rename or delete all but one, and run the command again."),
            )
        data = self._content(found[0])
        descriptor = os.open(into, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
        return Stamp(name, _id(found[0]), _etag(found[0]), hashlib.sha256(data).hexdigest())

    # Writing -----------------------------------------------------------------------------------------------------

    def replace(self, new: Path, stamp: Stamp) -> None:
        """Put the content of `new` in the place of the document that was fetched.

        Raises `Conflict` when that one changed meanwhile, else `Unreachable`: then the old file stands, or comes back with
        the next write (`tidy`). `Unreachable` after the new one stands means that the old one is still to be removed.
        """
        self._unmoved(stamp)
        try:
            fresh, name = self._upload(new.read_bytes(), stamp.name)
            old = self._unmoved(stamp)
        except HubError:
            with suppress(HubError):
                self.tidy()
            raise
        try:
            self._rename(old, f"hub-old-{_mark(_id(fresh))}-{stamp.name}")
            self._rename(fresh, stamp.name)
            if len(_named(self._files(), stamp.name)) != 1:
                raise self._conflict(stamp.name)
        except HubError:
            if not self._stands(_id(fresh), stamp.name):
                with suppress(HubError):
                    self._undo(stamp, _id(fresh), name)
                raise
        self.tidy()

    def tidy(self) -> None:
        """Finish or undo what an interrupted write left. Raises `Conflict` when that is not clear, else as `siblings`."""
        nodes, trashed = self._files(), set()
        for old in [node for node in nodes if _left(node, "old")]:
            trashed |= self._tidy_old(old, nodes)
        nodes = self._files()
        for node in nodes:
            name = _left(node, "new")
            if name and _named(nodes, name):
                self._ask(node.move_to_trash)
                trashed.add(node.name)
        self._empty_trash(trashed)

    def _tidy_old(self, old: DriveNode, nodes: list[DriveNode]) -> set[str]:
        """Give an old version its name back when nothing stands there, or its leave when its successor does: its name then."""
        match = LEFT.fullmatch(old.name)
        mark, name = (match[2], match[3]) if match else ("", "")
        here = _named(nodes, name)
        if not here:
            self._rename(old, name)
            return set()
        if len(here) == 1 and _mark(_id(here[0])) == mark:
            self._ask(old.move_to_trash)
            return {old.name}
        raise Conflict(
            Phrase("Beside {file} in iCloud Drive lies an older version that an interrupted erase set aside.", file=name),
            Phrase('Look at both, and delete or rename the one whose name begins with "hub-old"; then run the command again.'),
        )

    def _upload(self, data: bytes, name: str) -> tuple[DriveNode, str]:
        """The new document under a name of its own, read back and compared."""
        folder, service = self._opened(), self._service()
        own = f"hub-new-{os.urandom(6).hex()}-{name}"
        stream = io.BytesIO(data)
        stream.name = own
        try:
            self._ask(lambda: folder.upload(stream))
        finally:
            service.params.pop("token", None)  # left there, it would stand in the address of every later request
        found = [node for node in self._files() if node.name == own]
        if len(found) != 1 or self._content(found[0]) != data:
            raise Unreachable(
                Phrase("The new version of {file} did not arrive whole in iCloud Drive; the old one is unchanged.", file=name),
                Phrase("Run the command again later."),
            )
        return found[0], own

    def _unmoved(self, stamp: Stamp) -> DriveNode:
        """The document that was fetched, when it is still as it was and alone under its name."""
        found = _named(self._files(), stamp.name)
        if [(_id(node), _etag(node)) for node in found] != [(stamp.docwsid, stamp.etag)]:
            raise self._conflict(stamp.name)
        return found[0]

    def _rename(self, node: DriveNode, name: str) -> None:
        """Rename by the node's etag, and look: an answer alone proves nothing."""
        self._ask(lambda: node.rename(name))
        if not self._stands(_id(node), name):
            raise self._conflict(name)

    def _undo(self, stamp: Stamp, fresh: str, name: str) -> None:
        """Put the old document back under its name and take the new one away."""
        by_id = {_id(node): node for node in self._files()}
        if fresh in by_id and by_id[fresh].name != name:
            self._rename(by_id[fresh], name)
        if stamp.docwsid in by_id and by_id[stamp.docwsid].name != stamp.name:
            # Where the name is taken the server gives it a number: a conflict copy like any other.
            with suppress(HubError):
                self._rename(by_id[stamp.docwsid], stamp.name)
        self.tidy()

    def _stands(self, docwsid: str, name: str) -> bool:
        """Whether this document, and no other, bears the name."""
        try:
            return [_id(node) for node in _named(self._files(), name)] == [docwsid]
        except HubError:
            return False

    def _empty_trash(self, trashed: set[str]) -> None:
        """Delete our own leftovers, and nothing else, from Recently Deleted, so that nothing of the person stays there."""
        for node in self._trash_when(lambda names: trashed <= names):
            if LEFT.fullmatch(node.name):
                self._ask(node.delete_forever)
        self._trash_when(lambda names: not any(LEFT.fullmatch(name) for name in names))

    def _trash_when(self, ready: Callable[[set[str]], bool]) -> list[DriveNode]:
        """Recently Deleted, as soon as it shows what was done: a listing may be a little behind."""

        def look() -> list[DriveNode]:
            nodes = self._trash()
            if not ready({node.name for node in nodes}):
                raise _http.Repeatable(
                    Unreachable(
                        Phrase("The old version of {file} is still in Recently Deleted of iCloud Drive.", file=self.file),
                        Phrase("Run the command again: it is removed first."),
                    )
                )
            return nodes

        return _http.repeated(look, self._patience)

    def _conflict(self, name: str) -> Conflict:
        match = LEFT.fullmatch(name)
        return Conflict(
            Phrase("{file} was changed in iCloud Drive a moment ago; it was not replaced.", file=match[3] if match else name),
            PLAN_AGAIN,
        )

    # Requests ----------------------------------------------------------------------------------------------------

    def _files(self) -> list[DriveNode]:
        return [node for node in self._list(self._opened()) if node.type == "file"]

    def _opened(self) -> DriveNode:
        """The folder, found by its names from the top, once."""
        if self._folder is None:
            from pyicloud.services.drive import CLOUD_DOCS_ZONE_ID_ROOT, DriveNode

            at = DriveNode(self._service(), {"drivewsid": CLOUD_DOCS_ZONE_ID_ROOT})
            at.data = self._details(at)
            for folder in self._folders:
                found = [node for node in _named(self._list(at), folder) if node.type != "file"]
                if len(found) != 1:
                    raise gone(folder)
                at = found[0]
            self._folder = at
        return self._folder

    def _trash(self) -> list[DriveNode]:
        from pyicloud.services.drive import CLOUD_DOCS_ZONE_ID_TRASH, DriveNode

        return self._list(DriveNode(self._service(), {"drivewsid": CLOUD_DOCS_ZONE_ID_TRASH}))

    def _list(self, folder: DriveNode) -> list[DriveNode]:
        """What is in a folder now. Not by the node's own method, which hands out old children when the answer has none."""
        from pyicloud.services.drive import DriveNode

        data = self._details(folder)
        items = data.get("items")
        fewer = isinstance(items, list) and len(items) < int(data.get("directChildrenCount") or 0)
        if not isinstance(items, list) or fewer or not all(isinstance(item, dict) for item in items):
            raise broken()
        return [DriveNode(self._service(), item) for item in items]

    def _details(self, folder: DriveNode) -> dict[str, Any]:
        data = self._ask(
            lambda: self._service().get_node_data(folder.data["drivewsid"], folder.data.get("shareID")), reading=True
        )
        if not isinstance(data, dict):
            raise broken()
        return data

    def _content(self, node: DriveNode) -> bytes:
        def download() -> bytes:
            if not node.data["size"]:
                return b""
            response = node.open()
            response.raise_for_status()
            return bytes(response.content)

        data = self._ask(download, reading=True)
        if len(data) != int(node.data["size"]):
            raise broken()
        return data

    def _ask(self, request: Callable[[], Result], *, reading: bool = False) -> Result:
        """Make a request; only what reads is made again. Raises the hub's own errors alone."""
        return _http.repeated(lambda: wrapped(request, again=reading), self._patience)


def signed_in(account: str, password: str, session: Path) -> DriveService:
    """Sign in to iCloud Drive by the sign-in kept in `session` (a folder of this user alone). Raises `Unreachable`, `Refused`."""
    from pyicloud import PyiCloudService
    from pyicloud.exceptions import PyiCloud2FARequiredException

    try:
        session.mkdir(mode=0o700, parents=True, exist_ok=True)
        _system.own_only(session)
    except OSError:
        raise ConfigError(
            Phrase("The folder for the sign-in to iCloud Drive cannot be used."),
            [Phrase("session: name a folder that only you can read and write.")],
        ) from None

    def sign_in() -> DriveService:
        # An empty password instead of none, or the library would look for one in the key store by itself.
        cloud = PyiCloudService(account, password, cookie_directory=str(session), authenticate=False, with_family=False)
        cloud.session.mount("https://", _patient_adapter())
        cloud.authenticate()
        if cloud.requires_2fa or cloud.requires_2sa:
            raise PyiCloud2FARequiredException("", None)
        return cloud.drive

    return _http.repeated(lambda: wrapped(sign_in, again=False), _http.Patience(tries=1))


def _patient_adapter() -> Any:
    """A transport that gives up in time: the library itself would wait for ever."""
    from requests.adapters import HTTPAdapter

    class Patient(HTTPAdapter):
        def send(self, *arguments: Any, **options: Any) -> Any:
            return super().send(*arguments, **{**options, "timeout": options.get("timeout") or _TIMEOUT})

    return Patient()


def _named(nodes: list[DriveNode], name: str) -> list[DriveNode]:
    return [node for node in nodes if _plain(node.name) == _plain(name)]


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _left(node: DriveNode, which: str) -> str:
    """The name of the file that a leftover of ours stands for, "" when it is none of that sort."""
    match = LEFT.fullmatch(node.name)
    return _plain(match[3]) if match and match[1] == which else ""


def _mark(docwsid: str) -> str:
    return hashlib.sha256(docwsid.encode()).hexdigest()[:12]


def _id(node: DriveNode) -> str:
    return str(node.data.get("docwsid", ""))


def _etag(node: DriveNode) -> str:
    return str(node.data.get("etag", ""))
