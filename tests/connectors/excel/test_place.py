"""The workbook in iCloud Drive: found, read and erased as one in a folder, with its copies; nothing of hers stays there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyicloud.services.drive import DriveService

from connectors._needles import Matcher
from connectors._workbook.package import Package
from connectors._workbook.residue import find_residue
from connectors.contract import Needle
from connectors.entry import Cursor
from connectors.errors import ConfigError, Conflict, Locked, Unreachable
from connectors.excel import ExcelConnector
from connectors.excel.place import Drive
from tests.conformance import Killed
from tests.connectors.excel.books import ROWS, entries, of, open_source, register, remove, unreadable
from tests.connectors.icloud_drive import Cloud, Mortal, serving

NAME = "asiakkaat.xlsx"
ADDRESS = f"icloud:/Rekisteri/{NAME}"
HERS = [Needle("name", "Maija Virtanen"), Needle("email", "maija.virtanen@posti.example"), Needle("phone", "+358441234567")]
World = tuple[Cloud, Callable[[], DriveService]]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A stand-in with the register, and a file that is none of ours."""
    with serving() as (cloud, service):
        cloud.put(NAME, register(tmp_path / "made.xlsx").read_bytes())
        cloud.put("muistio.txt", b"Maija Virtanen")
        yield cloud, service


def source_of(world: World) -> ExcelConnector:
    """The connector on the workbook in the stand-in."""
    source = ExcelConnector("register", {"path": ADDRESS})
    source._place = Drive(ADDRESS, world[1])
    return source


def hers(cloud: Cloud) -> list[str]:
    """The workbooks that hold a value of hers in any part, Recently Deleted included."""
    books = [one for one in cloud.documents.values() if one.data.startswith(b"PK\3\4")]
    return [one.name for one in books if find_residue(Package.of(one.data, one.name), Matcher(HERS))]


def test_a_person_is_erased_from_icloud_drive(world: World) -> None:
    """The others stay; one workbook is left, without her; Recently Deleted is empty; a second erase finds nothing to do."""
    cloud, _ = world
    source = source_of(world)
    assert [entry.values("name") for entry in entries(source)] == [("Maija Virtanen",), ("Pekka Laine",), ("Liisa Öberg",)]
    assert hers(cloud) == [NAME]
    entry = of(source, "Maija Virtanen")
    assert remove(source, entry) == "redacted"

    assert cloud.names() == [NAME, "muistio.txt"]
    assert cloud.bin() == []
    assert hers(cloud) == []
    assert remove(source, entry) == "already_absent"
    assert source.residue(HERS) == []
    assert of(source, "Pekka Laine") == source.get(of(source, "Pekka Laine").ref)


def test_reading_changes_nothing_there(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A listing, a look at the columns, a check and a search send nothing that writes, and leave no copy here."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    cloud, _ = world
    source = source_of(world)
    assert source.check().may_erase
    assert [column.kind for column in source.coverage()][:2] == ["company", "name"]
    assert isinstance(list(source.entries())[-1], Cursor)
    source.residue(HERS)

    assert set(cloud.asked) == {"retrieveItemDetailsInFolders", "download", "read"}
    assert list((tmp_path / "temporary").iterdir()) == []


def test_conflict_copies_are_read_and_erased(world: World, tmp_path: Path) -> None:
    """A copy that iCloud made of the workbook is found among its siblings, and she goes from it too."""
    cloud, _ = world
    cloud.put("asiakkaat 2.xlsx", register(tmp_path / "copy.xlsx", ROWS[:1]).read_bytes())
    cloud.put("asiakkaat (1).xlsx", b"PK broken")
    source = source_of(world)
    found = [entry for entry in entries(source) if "Maija Virtanen" in entry.values("name")]
    assert [entry.copy_of for entry in found] == ["", NAME]
    assert [str(item.locator) for item in unreadable(source)] == ["asiakkaat (1).xlsx"]
    cloud.documents = {key: one for key, one in cloud.documents.items() if "(1)" not in one.name}
    for entry in found:
        remove(source, entry)

    assert hers(cloud) == []
    assert cloud.names() == ["asiakkaat 2.xlsx", NAME, "muistio.txt"]
    assert cloud.bin() == []


def test_a_copy_that_appears_during_the_write_is_found(world: World) -> None:
    """Excel on another device saves a copy while we write: the next listing has her again."""
    cloud, _ = world
    source = source_of(world)
    entry, old = of(source, "Maija Virtanen"), cloud.the(NAME).data

    def saved(act: str) -> None:
        if act == "moveItemsToTrash" and "asiakkaat 2.xlsx" not in cloud.names():
            cloud.put("asiakkaat 2.xlsx", old)

    cloud.trouble = saved
    remove(source, entry)

    assert [one.copy_of for one in entries(source) if "Maija Virtanen" in one.values("name")] == [NAME]
    assert {item.found for item in source.residue(HERS)} == {True}


def test_an_open_workbook_is_locked(world: World) -> None:
    """The owner file that Excel lays beside a workbook counts in iCloud Drive too."""
    cloud, _ = world
    source = source_of(world)
    entry = of(source, "Maija Virtanen")
    cloud.put(f"~${NAME}", b"Liisa")

    assert source.check().state == "locked"
    with pytest.raises(Locked):
        remove(source, entry)
    assert hers(cloud) == [NAME]


def test_a_save_elsewhere_is_a_conflict(world: World) -> None:
    """A workbook saved on another device between our reading and our writing is left as it is."""
    cloud, _ = world
    source = source_of(world)
    entry = of(source, "Maija Virtanen")

    def saved(act: str) -> None:
        if act == "upload":
            cloud.the(NAME).etag = 9

    cloud.trouble = saved
    with pytest.raises(Conflict):
        remove(source, entry)

    assert cloud.names() == [NAME, "muistio.txt"]
    assert hers(cloud) == [NAME]


@pytest.mark.parametrize("step", range(1, 8))
def test_a_death_at_any_step_is_cleared_up_by_the_same_erase(world: World, step: int) -> None:
    """After it the register can be listed, what still holds her is found by value, and the same erase ends without a trace."""
    cloud, service = world
    entry = of(source_of(world), "Maija Virtanen")
    mortal = service()
    assert isinstance(mortal.session, Mortal)
    mortal.session.dies_at = step
    source = source_of((cloud, lambda: mortal))
    with pytest.raises(Killed):
        remove(source, entry)

    again = source_of(world)
    assert len(entries(again)) == 3
    in_folder = [name for name in hers(cloud) if name in cloud.names()]
    assert bool([item for item in again.residue(HERS) if item.found]) == bool(in_folder)
    remove(again, entry)
    assert hers(cloud) == []
    assert cloud.names() == [NAME, "muistio.txt"]
    assert cloud.bin() == []


def test_a_deleted_version_is_named(world: World) -> None:
    """A version that the owner deleted lies in Recently Deleted: it is hers to delete, and the hub says so."""
    cloud, _ = world
    cloud.put(NAME, b"older").trashed = True

    (left,) = [item for item in source_of(world).residue(HERS) if not item.found]
    assert "Recently Deleted" in str(left.where)
    assert cloud.bin() == [NAME]


def test_a_leftover_of_a_spreadsheet_program_is_searched(world: World) -> None:
    """A temporary file without an ending is fetched for the search by value, as it would be in a folder."""
    cloud, _ = world
    cloud.put("A1B2C3D4", cloud.the(NAME).data)

    assert any("A1B2C3D4" in str(item.where) for item in source_of(world).residue(HERS))


def test_no_answer_is_never_nothing_found(world: World) -> None:
    """A cloud that does not answer is unreachable, in the listing and in the check."""
    cloud, _ = world
    cloud.trouble = lambda _act: (421, {})
    source = source_of(world)

    with pytest.raises(Unreachable):
        entries(source)
    assert source.check().state == "missing"


def test_an_account_must_be_named() -> None:
    """A workbook in iCloud Drive without an account is a matter of the configuration."""
    with pytest.raises(ConfigError):
        list(ExcelConnector("register", {"path": ADDRESS}).entries())


def test_a_copy_in_icloud_only_is_not_passed_over(tmp_path: Path) -> None:
    """A conflict copy that macOS has not downloaded is told in the listing and in the search by value."""
    register(tmp_path / NAME)
    (tmp_path / ".asiakkaat 2.xlsx.icloud").touch()
    (tmp_path / ".muistio.txt.icloud").touch()
    source = open_source(tmp_path / NAME)

    (item,) = unreadable(source)
    assert str(item.locator) == "asiakkaat 2.xlsx"
    assert "iCloud" in str(item.reason)
    assert any(not left.found and "asiakkaat 2.xlsx" in str(left.where) for left in source.residue(HERS))


def test_a_workbook_in_icloud_only_is_unreachable(tmp_path: Path) -> None:
    """A register that macOS has not downloaded is not an absent one."""
    (tmp_path / f".{NAME}.icloud").touch()

    with pytest.raises(Unreachable, match="iCloud"):
        entries(open_source(tmp_path / NAME))
