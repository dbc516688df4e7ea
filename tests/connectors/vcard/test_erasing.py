"""Taking a card out of its file: exactly its bytes, in every encoding; its groups; its file; and back again."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors import _system
from connectors.contract import Needle
from connectors.entry import Cursor, Entry, Ref, Unreadable, Version
from connectors.errors import Conflict, Damaged, HubError, NotFound, Refused
from connectors.vcard import VcardConnector, erasing, files
from tests.connectors.cardbytes import ANY, PIECES

AINO = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Aino Kuvitelma\r\nEMAIL:aino@kuvitelma.example\r\nUID:a-1\r\nEND:VCARD\r\n"
EERO = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Eero Keksitty\r\nEMAIL:eero@keksitty.example\r\nUID:e-1\r\nEND:VCARD\r\n"
LIST = (
    "BEGIN:VCARD\r\nVERSION:4.0\r\nKIND:group\r\nFN:Kaikki\r\nMEMBER:urn:uuid:a-1\r\nMEMBER:urn:u\r\n uid:e-1\r\n"
    "UID:lista\r\nEND:VCARD\r\n"
)


def source(path: Path) -> VcardConnector:
    """A connector on a file or a folder."""
    return VcardConnector("kortit", {"path": path})


def entries(path: Path) -> list[Entry]:
    """Every entry of the source."""
    return [item for item in source(path).entries() if isinstance(item, Entry)]


def named(path: Path, name: str) -> Entry:
    """The entry with this name."""
    return next(entry for entry in entries(path) if name in entry.values("name"))


def erase(path: Path, name: str) -> bytes:
    """Erase the entry with this name; its receipt."""
    entry = named(path, name)
    outcome = source(path).erase(entry.ref, entry.version)
    assert outcome.result == "erased"
    return outcome.receipt


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_exactly_the_cards_bytes_go(tmp_path: Path, encoding: str, end: str) -> None:
    """Everything around the card stays to the byte, junk and blank lines included, and comes back with the receipt."""
    path = tmp_path / "k.vcf"
    before = EERO.replace("Keksitty", "Mäkelä") + "\r\n"
    whole = f"{before}{AINO}roska ä\r\n\r\n{EERO}".replace("\r\n", end).encode(encoding)
    path.write_bytes(whole)

    receipt = erase(path, "Aino Kuvitelma")

    assert path.read_bytes() == f"{before}roska ä\r\n\r\n{EERO}".replace("\r\n", end).encode(encoding)
    assert source(path).restore(receipt).result == "restored"
    assert path.read_bytes() == whole


def test_the_only_card_of_a_file_in_a_folder_takes_it_along(tmp_path: Path) -> None:
    """The file is gone, the others are untouched, and a restore makes it again, for this user only."""
    (tmp_path / "aino.vcf").write_bytes(AINO.encode())
    (tmp_path / "eero.vcf").write_bytes(EERO.encode())

    receipt = erase(tmp_path, "Aino Kuvitelma")

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"eero.vcf": EERO.encode()}
    source(tmp_path).restore(receipt)
    assert (tmp_path / "aino.vcf").read_bytes() == AINO.encode()
    assert stat.S_IMODE((tmp_path / "aino.vcf").stat().st_mode) == 0o600
    with pytest.raises(Conflict):
        source(tmp_path).restore(receipt)


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_the_only_card_of_the_one_file_leaves_an_empty_register(tmp_path: Path, mark: str, encoding: str) -> None:
    """The register is still there and says that it holds nothing; an empty file, which may be an accident, is damaged."""
    path = tmp_path / "k.vcf"
    path.write_bytes((mark + AINO).encode(encoding))

    receipt = erase(path, "Aino Kuvitelma")
    (cursor,) = source(path).entries()

    assert isinstance(cursor, Cursor)
    assert cursor.entries == 0
    assert cursor.warnings
    assert list(source(path).residue([Needle("email", "aino@kuvitelma.example")])) == []
    source(path).restore(receipt)
    assert path.read_bytes() == (mark + AINO).encode(encoding)
    path.write_bytes(b"")
    with pytest.raises(Damaged):
        list(source(path).entries())


@pytest.mark.parametrize("apart", [False, True])
def test_the_line_in_a_group_goes_and_nothing_else_of_it(tmp_path: Path, apart: bool) -> None:
    """A folded member line is understood; the group keeps every other byte, in the same file and in another one."""
    (tmp_path / "a.vcf").write_text(AINO + EERO + ("" if apart else LIST), newline="")
    if apart:
        (tmp_path / "b.vcf").write_text(LIST, newline="")
    whole = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    receipt = erase(tmp_path, "Eero Keksitty")

    text = "".join(path.read_bytes().decode() for path in sorted(tmp_path.iterdir()))
    assert text == AINO + LIST.replace("MEMBER:urn:u\r\n uid:e-1\r\n", "")
    assert source(tmp_path).restore(receipt).notes == ()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == whole


def test_a_group_keeps_a_member_that_another_card_still_is(tmp_path: Path) -> None:
    """A copy of the card in another file bears the same UID: the group means it, until it goes, too."""
    (tmp_path / "a.vcf").write_text(AINO + LIST, newline="")
    (tmp_path / "a 2.vcf").write_text(AINO, newline="")
    first, second = entries(tmp_path)

    source(tmp_path).erase(first.ref, first.version)
    assert "MEMBER:urn:uuid:a-1" in (tmp_path / "a.vcf").read_text()
    source(tmp_path).erase(second.ref, second.version)

    assert [path.name for path in tmp_path.iterdir()] == ["a.vcf"]
    assert "a-1" not in (tmp_path / "a.vcf").read_text()


def test_a_run_killed_between_card_and_group_is_ended_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The card is gone, the group still names it: the second run finds the line by the ref alone."""
    (tmp_path / "a.vcf").write_text(AINO, newline="")
    (tmp_path / "b.vcf").write_text(EERO + LIST, newline="")
    entry = named(tmp_path, "Aino Kuvitelma")
    with monkeypatch.context() as patch:
        patch.setattr(erasing, "replace", _interrupt)
        with pytest.raises(KeyboardInterrupt):
            source(tmp_path).erase(entry.ref, entry.version)
    assert not (tmp_path / "a.vcf").exists()

    assert source(tmp_path).erase(entry.ref, entry.version).result == "already_absent"

    assert (tmp_path / "b.vcf").read_bytes().decode() == EERO + LIST.replace("MEMBER:urn:uuid:a-1\r\n", "")


def _interrupt(*_arguments: object) -> None:
    raise KeyboardInterrupt


def test_the_same_card_twice_is_one_entry_and_goes_twice(tmp_path: Path) -> None:
    """Two cards of one file that are equal to the byte cannot be told apart; nothing of her may stay."""
    path = tmp_path / "k.vcf"
    path.write_text(AINO + EERO + AINO, newline="")
    assert len(entries(path)) == 2

    receipt = erase(path, "Aino Kuvitelma")

    assert path.read_bytes() == EERO.encode()
    source(path).restore(receipt)
    assert path.read_bytes() == (AINO + EERO + AINO).encode()


def test_two_cards_of_one_uid_are_two_entries(tmp_path: Path) -> None:
    """Each keeps its ref while the other goes."""
    path = tmp_path / "k.vcf"
    other = AINO.replace("aino@", "toinen@")
    path.write_text(AINO + other, newline="")
    first, second = entries(path)

    source(path).erase(first.ref, first.version)
    assert path.read_bytes() == other.encode()
    with pytest.raises(NotFound):
        source(path).get(first.ref)
    assert source(path).erase(second.ref, second.version).result == "erased"


@pytest.mark.parametrize(
    "now",
    [
        AINO.replace("a-1", "a-2"),
        AINO.replace("UID:a-1\r\n", "NOTE:uusi\r\n"),
    ],
)
def test_a_card_under_a_new_uid_is_a_conflict(tmp_path: Path, now: str) -> None:
    """The owner's program wrote the card anew: it is not absent."""
    path = tmp_path / "k.vcf"
    path.write_text(AINO + EERO, newline="")
    entry = named(path, "Aino Kuvitelma")
    path.write_text(EERO + now, newline="")

    with pytest.raises(Conflict):
        source(path).erase(entry.ref, entry.version)


def test_a_card_in_a_renamed_file_is_a_conflict(tmp_path: Path) -> None:
    """A file that moved is not a card that is gone."""
    (tmp_path / "a.vcf").write_text(AINO, newline="")
    entry = named(tmp_path, "Aino Kuvitelma")
    (tmp_path / "a.vcf").rename(tmp_path / "b.vcf")

    with pytest.raises(Conflict):
        source(tmp_path).erase(entry.ref, entry.version)


def test_an_unfinished_card_goes_without_its_neighbour(tmp_path: Path) -> None:
    """A card without END ends where the next begins; the listing warns of it."""
    path = tmp_path / "k.vcf"
    path.write_text(AINO.replace("END:VCARD\r\n", "") + EERO, newline="")
    cursor = list(source(path).entries())[-1]
    assert isinstance(cursor, Cursor)
    assert cursor.warnings

    erase(path, "Aino Kuvitelma")

    assert path.read_bytes() == EERO.encode()


def test_what_would_hide_another_card_is_refused(tmp_path: Path) -> None:
    """UTF-16 without a mark is known by its first card: without it, the one far below could not be read any more."""
    path = tmp_path / "k.vcf"
    whole = (AINO + "\r\n" * 3000 + EERO).encode("utf-16-le")
    path.write_bytes(whole)
    entry = named(path, "Aino Kuvitelma")

    with pytest.raises(Refused):
        source(path).erase(entry.ref, entry.version)

    assert path.read_bytes() == whole


def test_a_restore_into_a_changed_file_loses_nothing(tmp_path: Path) -> None:
    """The owner added a card meanwhile: the old one comes behind it, and a lost place in a group is said."""
    path = tmp_path / "k.vcf"
    path.write_text(AINO + LIST, newline="")
    receipt = erase(path, "Aino Kuvitelma")
    changed = path.read_bytes() + EERO.encode().rstrip()
    path.write_bytes(changed)

    outcome = source(path).restore(receipt)

    assert path.read_bytes() == changed + b"\r\n" + AINO.encode()
    assert outcome.notes


def test_a_restore_takes_no_other_files_place(tmp_path: Path) -> None:
    """A link that leads nowhere now stands where the file was: it is the owner's."""
    path = tmp_path / "a.vcf"
    path.write_text(AINO, newline="")
    receipt = erase(tmp_path, "Aino Kuvitelma")
    path.symlink_to(tmp_path / "pois.vcf")

    with pytest.raises(Conflict):
        source(tmp_path).restore(receipt)

    assert [found.name for found in tmp_path.iterdir()] == ["a.vcf"]
    assert path.is_symlink()


@pytest.mark.parametrize("file", ["../muu.vcf", "/muu.vcf"])
def test_a_receipt_leads_to_no_other_place(tmp_path: Path, file: str) -> None:
    """A receipt names files inside the source only."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.vcf").write_text(AINO + EERO, newline="")
    receipt = json.loads(erase(tmp_path / "in", "Aino Kuvitelma"))
    receipt["changes"][0]["file"] = file

    with pytest.raises(Refused):
        source(tmp_path / "in").restore(json.dumps(receipt).encode())


def test_a_file_that_changes_under_the_erase_is_a_conflict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last look comes just before the file is removed."""
    path = tmp_path / "a.vcf"
    path.write_text(AINO, newline="")
    entry = named(tmp_path, "Aino Kuvitelma")

    def late(file: files.CardFile) -> None:
        path.write_text(AINO + EERO, newline="")
        files.delete(file)

    monkeypatch.setattr(erasing, "delete", late)
    with pytest.raises(Conflict):
        source(tmp_path).erase(entry.ref, entry.version)

    assert path.read_bytes() == (AINO + EERO).encode()


def test_the_removal_survives_a_power_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder is written to disk after a file is removed from it."""
    (tmp_path / "a.vcf").write_text(AINO, newline="")
    synced: list[Path] = []
    monkeypatch.setattr(_system, "sync_folder", synced.append)

    erase(tmp_path, "Aino Kuvitelma")

    assert synced == [tmp_path]


def test_a_link_and_its_file(tmp_path: Path) -> None:
    """A link into the folder is no second card; of a link to outside the file itself goes."""
    (tmp_path / "in").mkdir()
    outside = tmp_path / "out.vcf"
    outside.write_text(AINO, newline="")
    (tmp_path / "in" / "link.vcf").symlink_to(outside)
    (tmp_path / "in" / "e.vcf").write_text(EERO, newline="")
    (tmp_path / "in" / "toinen.vcf").symlink_to(tmp_path / "in" / "e.vcf")
    assert len(entries(tmp_path / "in")) == 2

    erase(tmp_path / "in", "Aino Kuvitelma")

    assert not outside.exists()
    assert not os.path.lexists(tmp_path / "in" / "link.vcf")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(ANY, PIECES), st.one_of(ANY, PIECES), st.sampled_from(["utf-8", "utf-16-le"]))
def test_any_bytes_raise_nothing_but_the_hubs_errors(tmp_path: Path, first: bytes, second: bytes, encoding: str) -> None:
    """Whatever stands around two cards: reading writes nothing, and an erase takes out one card or refuses."""
    path = tmp_path / "k.vcf"
    wide = (b"\r\n" + AINO.encode() + second + b"\r\n").decode("latin-1").encode("latin-1" if encoding == "utf-8" else encoding)
    data = first + wide + EERO.encode(encoding)
    path.write_bytes(data)
    connector = source(path)
    found: list[Entry] = []

    try:
        for item in connector.entries():
            assert not isinstance(item, Unreadable) or item.reason
            found += [item] if isinstance(item, Entry) else []
        connector.coverage()
    except HubError:
        pass
    connector.check()
    try:
        connector.residue([Needle("email", "aino@kuvitelma.example")])
        connector.erase(Ref("nobody"), Version("x"))
    except HubError:
        pass
    assert path.read_bytes() == data
    for entry in found[:2]:
        try:
            receipt = connector.erase(entry.ref, entry.version).receipt
        except HubError:
            assert path.read_bytes() == data
        else:
            assert len(entries(path)) <= len(found)
            connector.restore(receipt)
            assert path.read_bytes() == data
