"""A file in iCloud Drive: fetched whole, replaced so that it never goes missing, cleared up after any interruption."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyicloud import exceptions as known
from pyicloud.services.drive import DriveService

from connectors import _drive
from connectors._drive import DriveFolder, Stamp
from connectors._drivetrouble import wrapped
from connectors.errors import ConfigError, Conflict, Damaged, HubError, Refused, Unreachable
from tests.conformance import Killed
from tests.connectors.icloud_drive import HURRIED, ROOT, Cloud, Mortal, serving

NAME = "asiakkaat.xlsx"
OLD, NEW = b"old: Maija", b"new, without her"
World = tuple[Cloud, Callable[[], DriveService]]


@pytest.fixture
def world() -> Iterator[World]:
    """A running stand-in with one file."""
    with serving() as (cloud, service):
        cloud.put(NAME, OLD)
        yield cloud, service


def opened(world: World) -> DriveFolder:
    """The folder, as a new run sees it."""
    service = world[1]()
    return DriveFolder(f"icloud:/Rekisteri/{NAME}", lambda: service, HURRIED)


def fetched(drive: DriveFolder, folder: Path, name: str = NAME) -> Stamp:
    """The stamp of the file, its content in the folder."""
    return drive.fetch(name, folder / "old")


def new(folder: Path) -> Path:
    """The new file."""
    (folder / NAME).write_bytes(NEW)
    return folder / NAME


def clean(cloud: Cloud, data: bytes = NEW) -> bool:
    """Whether exactly one file is left, with this content, and nothing anywhere else."""
    return [(one.name, one.data, one.trashed) for one in cloud.documents.values()] == [(NAME, data, False)]


def test_a_file_is_replaced_and_the_old_one_gone(world: World, tmp_path: Path) -> None:
    """One file is left, the new one; nothing lies in Recently Deleted, and no path of this machine was sent."""
    cloud, _ = world
    drive = opened(world)
    drive.replace(new(tmp_path), fetched(drive, tmp_path))

    assert clean(cloud)
    assert (tmp_path / "old").read_bytes() == OLD
    assert (tmp_path / "old").stat().st_mode & 0o777 == 0o600
    sent = b" ".join([*cloud.bodies, *(address.encode() for address in cloud.addresses)])
    assert str(tmp_path).encode() not in sent
    assert [address for address in cloud.addresses if "TOK" in address and "/ws/" not in address] == []


def test_a_moved_etag_is_a_conflict(world: World, tmp_path: Path) -> None:
    """A file saved elsewhere after it was fetched stays as it is, and nothing is uploaded."""
    cloud, _ = world
    drive = opened(world)
    stamp = fetched(drive, tmp_path)
    cloud.the(NAME).data, cloud.the(NAME).etag = b"newer", 7

    with pytest.raises(Conflict):
        drive.replace(new(tmp_path), stamp)

    assert clean(cloud, b"newer")
    assert "upload" not in cloud.asked


def test_a_save_during_the_upload_is_a_conflict(world: World, tmp_path: Path) -> None:
    """A file saved elsewhere while ours was on its way stays, and ours goes."""
    cloud, _ = world
    drive = opened(world)
    stamp = fetched(drive, tmp_path)

    def saved(act: str) -> None:
        if act == "update":
            cloud.the(NAME).data, cloud.the(NAME).etag = b"newer", 7

    cloud.trouble = saved
    with pytest.raises(Conflict):
        drive.replace(new(tmp_path), stamp)

    assert clean(cloud, b"newer")


def test_the_last_moment_counts(world: World, tmp_path: Path) -> None:
    """A save just before the old one is set aside: the server refuses in the answer's small print, and we look."""
    cloud, _ = world
    drive = opened(world)
    stamp = fetched(drive, tmp_path)

    def saved(act: str) -> None:
        if act == "renameItems" and cloud.the(NAME).etag == 1:
            cloud.the(NAME).data, cloud.the(NAME).etag = b"newer", 7

    cloud.trouble = saved
    with pytest.raises(Conflict):
        drive.replace(new(tmp_path), stamp)

    assert clean(cloud, b"newer")


def test_a_name_taken_meanwhile_is_undone(world: World, tmp_path: Path) -> None:
    """Another device saves a file of that name in the very moment: both of theirs stay, ours goes."""
    cloud, _ = world
    drive = opened(world)
    stamp = fetched(drive, tmp_path)
    renames: list[str] = []

    def saved(act: str) -> None:
        if act == "renameItems":
            renames.append(act)
            if len(renames) == 2:
                cloud.put(NAME, b"theirs")

    cloud.trouble = saved
    with pytest.raises(Conflict):
        drive.replace(new(tmp_path), stamp)

    assert {one.name: one.data for one in cloud.documents.values()} == {NAME: b"theirs", "asiakkaat 2.xlsx": OLD}


@pytest.mark.parametrize("act", ["upload", "content", "update"])
def test_a_lost_upload_leaves_the_old_file(world: World, tmp_path: Path, act: str) -> None:
    """A server that is busy while we upload: nothing changed, and the write is not repeated blindly."""
    cloud, _ = world
    drive = opened(world)
    stamp = fetched(drive, tmp_path)
    cloud.trouble = lambda asked: (503, {}) if asked == act else None

    with pytest.raises(Unreachable):
        drive.replace(new(tmp_path), stamp)

    assert clean(cloud, OLD)
    assert cloud.asked.count(act) == 1


@pytest.mark.parametrize("spoil", [b"", b"new, without hex", NEW + b"!"])
def test_an_upload_that_differs_is_thrown_away(world: World, tmp_path: Path, spoil: bytes) -> None:
    """What arrived is read back; when it is not what was sent, the old file stays and nothing else."""
    cloud, _ = world
    drive = opened(world)
    stamp = fetched(drive, tmp_path)

    def spoiled() -> None:
        for one in cloud.documents.values():
            if one.name.startswith("hub-new-"):
                one.data = spoil

    cloud.written = spoiled
    with pytest.raises(Unreachable):
        drive.replace(new(tmp_path), stamp)

    assert clean(cloud, OLD)


WRITES = 7
"""Requests that write in one replace: three of the upload, two renames, one to the bin, one out of it."""


def test_the_writes_are_counted(world: World, tmp_path: Path) -> None:
    """The number of places to die at is what a replace really makes."""
    service = world[1]()
    drive = DriveFolder(f"icloud:/Rekisteri/{NAME}", lambda: service, HURRIED)
    drive.replace(new(tmp_path), fetched(drive, tmp_path))

    assert isinstance(service.session, Mortal)
    assert service.session.writes == WRITES


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("step", range(1, WRITES + 1))
def test_a_death_at_any_step_loses_nothing(world: World, tmp_path: Path, step: int, before: bool) -> None:
    """The old file or the new one can be read after it, and the next write leaves exactly one, and no trace."""
    cloud, service = world[0], world[1]()
    assert isinstance(service.session, Mortal)
    drive = DriveFolder(f"icloud:/Rekisteri/{NAME}", lambda: service, HURRIED)
    stamp = fetched(drive, tmp_path)
    service.session.dies_at, service.session.before = step, before
    with pytest.raises(Killed):
        drive.replace(new(tmp_path), stamp)

    again = opened(world)
    fetched(again, tmp_path)
    assert (tmp_path / "old").read_bytes() in {OLD, NEW}
    again.tidy()
    stamp = fetched(again, tmp_path)
    assert clean(cloud, (tmp_path / "old").read_bytes())
    again.replace(new(tmp_path), stamp)
    assert clean(cloud)


@pytest.mark.parametrize("step", range(1, WRITES + 1))
def test_a_failure_at_any_step_is_settled(world: World, tmp_path: Path, step: int) -> None:
    """The network goes once, at any step: the old file or the new one stands alone, at once or after the next clearing up."""
    cloud, _ = world
    drive = opened(world)
    stamp = fetched(drive, tmp_path)
    seen = 0

    def once(act: str) -> tuple[int, object] | None:
        nonlocal seen
        seen += act in {"upload", "content", "update", "renameItems", "moveItemsToTrash", "deleteItems"}
        if seen == step:
            seen += 100
            return 502, {}
        return None

    cloud.trouble = once
    with pytest.raises(Unreachable):
        drive.replace(new(tmp_path), stamp)

    opened(world).tidy()
    assert clean(cloud, NEW if step > 5 else OLD)


def test_an_old_version_without_its_successor_is_never_destroyed(world: World) -> None:
    """Somebody put another file in the place of one that was set aside: both stay, and the owner is asked."""
    cloud, _ = world
    cloud.put(f"hub-old-0123456789ab-{NAME}", OLD)

    with pytest.raises(Conflict):
        opened(world).tidy()

    assert len(cloud.names()) == 2


def test_a_new_version_without_an_old_one_is_never_destroyed(world: World) -> None:
    """A leftover upload that may be the only file left stays."""
    cloud, _ = world
    cloud.the(NAME).name = f"hub-new-0123456789ab-{NAME}"
    opened(world).tidy()

    assert len(cloud.names()) == 1


def test_what_others_deleted_stays_in_the_bin(world: World) -> None:
    """Clearing up takes away our own leftovers from Recently Deleted and nothing of the owner's."""
    cloud, _ = world
    cloud.put("kuva.png", b"x").trashed = True
    cloud.put(f"hub-old-0123456789ab-{NAME}", OLD).trashed = True
    opened(world).tidy()

    assert cloud.bin() == ["kuva.png"]


def test_equal_names_are_refused(world: World, tmp_path: Path) -> None:
    """Two files of one name: neither is taken for the register."""
    world[0].put(NAME, b"another")

    with pytest.raises(Refused):
        fetched(opened(world), tmp_path)


@pytest.mark.parametrize(
    ("status", "answer", "error"),
    [
        (503, {}, Unreachable),
        (429, {}, Unreachable),
        (421, {}, Unreachable),
        (423, {}, Unreachable),
        (404, {}, Unreachable),
        (400, {}, Damaged),
        (200, b"<html>", Damaged),
        (200, [], Damaged),
        (200, [{"status": "ID_INVALID"}], Damaged),
        (200, [{"drivewsid": ROOT, "items": [], "directChildrenCount": 3}], Damaged),
        (200, [{"items": [4]}], Damaged),
        (200, [[]], Damaged),
    ],
)
def test_a_listing_that_fails_is_never_an_empty_one(world: World, status: int, answer: object, error: type[HubError]) -> None:
    """Refusals, another page, half a listing: the right error, without a word of the server's."""
    world[0].trouble = lambda _act: (status, answer)

    with pytest.raises(error) as caught:
        opened(world).siblings()

    assert type(caught.value) is error
    assert caught.value.__cause__ is None


def test_a_busy_server_is_asked_again(world: World) -> None:
    """Reading is tried more than once."""
    cloud, _ = world
    cloud.trouble = lambda _act: (503, {}) if len(cloud.asked) < 3 else None

    assert opened(world).siblings() == [NAME]


def test_half_a_download_is_seen(world: World, tmp_path: Path) -> None:
    """Fewer bytes than the listing says are no file."""
    world[0].trouble = lambda act: (200, OLD[:4]) if act == "read" else None

    with pytest.raises(Damaged):
        fetched(opened(world), tmp_path)


def test_an_error_page_is_no_content(world: World, tmp_path: Path) -> None:
    """The library hands out what the last server of a download says, whatever its status."""
    world[0].trouble = lambda act: (500, OLD) if act == "read" else None

    with pytest.raises(Unreachable):
        fetched(opened(world), tmp_path)


def test_an_empty_file_is_not_asked_for(world: World, tmp_path: Path) -> None:
    """A file of no bytes is one, without a request."""
    world[0].the(NAME).data = b""
    fetched(opened(world), tmp_path)

    assert (tmp_path / "old").read_bytes() == b""


@pytest.mark.parametrize("address", ["icloud:", "icloud:/", "icloud:a.xlsx", "icloud:/../a.xlsx", "/a.xlsx"])
def test_an_address_must_be_one(address: str) -> None:
    """What names no file in iCloud Drive is told before anything is asked."""
    with pytest.raises(ConfigError):
        DriveFolder(address, lambda: None, HURRIED)


def test_a_folder_that_is_not_there_is_said(world: World) -> None:
    """Never the same as a folder without files."""
    service = world[1]()
    with pytest.raises(Unreachable):
        DriveFolder("icloud:/Muu/a.xlsx", lambda: service, HURRIED).siblings()


SECRET = "maija.salainen@posti.example"


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (known.PyiCloudFailedLoginException(SECRET), "sign-in"),
        (known.PyiCloud2SARequiredException(SECRET), "sign-in"),
        (known.PyiCloud2FARequiredException(SECRET, None), "sign-in"),
        (known.PyiCloudAuthRequiredException(SECRET, None), "sign-in"),
        (known.TokenException(SECRET), "sign-in"),
        (known.PyiCloudAcceptTermsException(SECRET), "terms"),
        (known.PyiCloudPCSTimeoutException(SECRET), "Advanced Data Protection"),
        (known.PyiCloudAPIResponseException("Missing PCS cookies from the request", None), "Advanced Data Protection"),
        (known.PyiCloudAPIResponseException(SECRET, "ACCESS_DENIED"), "Advanced Data Protection"),
        (known.PyiCloudAPIResponseException(SECRET, 503), "busy"),
        (known.PyiCloudServiceUnavailable(SECRET), "busy"),
        (known.PyiCloudConnectionException(SECRET), "did not answer"),
        (OSError(SECRET), "did not answer"),
        (KeyError(SECRET), "does not understand"),
    ],
)
def test_what_the_library_says_is_said_in_our_words(error: Exception, word: str) -> None:
    """Each trouble says who must act, and none repeats the library's text, which may quote an account."""

    def failing() -> None:
        raise error

    with pytest.raises(HubError) as caught:
        wrapped(failing, again=False)

    assert word in str(caught.value)
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_the_sign_in_is_kept_in_a_private_folder(tmp_path: Path) -> None:
    """The folder is this user's alone; one that cannot be made is a matter of the configuration."""
    (tmp_path / "file").touch()

    with pytest.raises(ConfigError):
        _drive.signed_in("maija@posti.example", "", tmp_path / "file" / "session")


def test_the_library_is_loaded_only_when_used() -> None:
    """A workbook on this computer costs no import of pyicloud."""
    code = (
        "import sys; from pathlib import Path; from connectors.excel import ExcelConnector; "
        "ExcelConnector('a', {'path': Path('a.xlsx')}).check(); ExcelConnector('a', {'path': 'icloud:/a.xlsx'}); "
        "assert 'pyicloud' not in sys.modules; assert 'requests' not in sys.modules"
    )

    subprocess.run([sys.executable, "-c", code], check=True)
