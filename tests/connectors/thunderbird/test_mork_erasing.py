"""A book in the old format is written anew as a whole: the person goes, the others stay, whatever happens on the way."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from connectors import _files, _system
from connectors.entry import Entry
from connectors.errors import Conflict, Fault, HubError, Locked
from connectors.thunderbird import morkbook, morkfile
from tests.connectors.thunderbird.dying import killed
from tests.connectors.thunderbird.mabs import Mab, main_part
from tests.connectors.thunderbird.mork_her import (
    EMAIL,
    HER,
    LISTS,
    NEEDLES,
    OTHERS,
    TRACES,
    erase,
    full,
    traces,
    world,
)
from tests.connectors.thunderbird.mork_samples import BASE
from tests.connectors.thunderbird.profiles import (
    PNG,
    connector,
    entries,
    entry_with,
    running,
)


def test_nothing_of_her_is_left_and_the_others_are_the_same(tmp_path: Path) -> None:
    """Her card, her places in lists and every old trace go; ids, keys, unknown columns and other lists stay."""
    path = world(tmp_path)
    before = main_part(path.read_bytes())
    refs = {entry.ref: entry for entry in entries(tmp_path) if EMAIL not in entry.values("email")}
    assert len(traces(path)) == len(TRACES)

    assert erase(tmp_path) == "erased"

    after = main_part(path.read_bytes())
    lists = {name: after.pop(("list", number)) for number, name in enumerate(LISTS, start=1)}
    assert after == {key: row for key, row in before.items() if key[0] != "list" and key != ("card", 2)}
    assert {name: [row.get(f"Address{number}") for number in (1, 2, 3, 4)] for name, row in lists.items()} == {
        "Kaikki": [b"4", b"1", b"3", None],
        "Vain hän": [None] * 4,
        "Muut": [b"1", b"3", None, None],
    }
    assert [row["ListTotalAddresses"] for row in lists.values()] == [b"3", b"0", b"2"]
    assert traces(path) == []
    assert {entry.ref: entry for entry in entries(tmp_path)} == refs
    assert list(connector(tmp_path).residue(NEEDLES)) == []
    assert b"deleted" not in path.read_bytes()


def test_a_second_run_changes_no_byte(tmp_path: Path) -> None:
    """Erased again, the card is already absent, and the file is the same to the byte."""
    path = world(tmp_path)
    entry = entry_with(tmp_path, EMAIL)
    erase(tmp_path)
    before = path.read_bytes(), path.stat().st_mtime_ns

    assert connector(tmp_path).erase(entry.ref, entry.version, NEEDLES).result == "already_absent"
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_changed_files_raise_nothing_else_and_nothing_is_written(tmp_path: Path) -> None:
    """Whatever a file holds, looking at it raises only the hub's errors and changes no byte; an erase writes all or nothing."""
    chance = random.Random(11)
    whole = full().data
    path = world(tmp_path)
    source = connector(tmp_path)
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(40, len(data))
            data[place : place + chance.randint(0, 9)] = chance.randbytes(chance.randint(0, 4))
        path.write_bytes(data)
        shown: list[Entry] = []
        with suppress(HubError):
            for item in source.entries():
                shown += [item] if isinstance(item, Entry) else []
        with suppress(HubError):
            source.residue(NEEDLES)
        assert path.read_bytes() == data
        if shown:
            with suppress(HubError):
                source.erase(shown[0].ref, shown[0].version)
            left = morkbook.from_bytes(path.read_bytes())
            assert len(left.cards) == len(shown) - (path.read_bytes() != data)


def test_thunderbirds_lock_is_obeyed(tmp_path: Path) -> None:
    """While the profile is open the book is read but not written."""
    path = world(tmp_path)
    before = path.read_bytes()

    with running(path.parent), pytest.raises(Locked):
        erase(tmp_path)

    assert path.read_bytes() == before
    assert erase(tmp_path) == "erased"


@pytest.mark.parametrize("moment", ["without", "to_bytes"])
def test_a_change_in_the_last_moment_is_a_conflict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    """Bytes appended after the file was read, or while the new one was being written, are not lost."""
    path = world(tmp_path)
    entry = entry_with(tmp_path, EMAIL)
    original = getattr(morkbook, moment)

    def late(*arguments: Any) -> Any:
        with path.open("ab") as stream:
            stream.write(b" ")
        return original(*arguments)

    monkeypatch.setattr(morkbook, moment, late)
    with pytest.raises(Conflict):
        connector(tmp_path).erase(entry.ref, entry.version)

    assert entry_with(tmp_path, EMAIL).ref == entry.ref


def test_another_version_in_the_last_moment_is_a_conflict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The version is looked at again on the bytes that the new file is made of."""
    mab = full()
    path = world(tmp_path, mab=mab)
    entry = entry_with(tmp_path, EMAIL)
    original = morkfile.delete_card

    def late(*arguments: Any) -> None:
        mab.data = path.read_bytes().rpartition(b"@$${")[0]
        mab.group(mab.row(2, {"PopularityIndex": "7"})).write(path)
        original(*arguments)

    monkeypatch.setattr(morkfile, "delete_card", late)
    with pytest.raises(Conflict):
        connector(tmp_path).erase(entry.ref, entry.version, NEEDLES)

    assert entry_with(tmp_path, EMAIL).ref == entry.ref


def test_a_file_that_is_not_what_was_meant_never_replaces_the_book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The new file is read again and held against the rows that were meant, before it takes the old one's place."""
    path = world(tmp_path)
    before = path.read_bytes()
    entry = entry_with(tmp_path, EMAIL)
    original = morkbook.to_bytes
    monkeypatch.setattr(morkbook, "to_bytes", lambda rows: original(rows[:-1]))

    with pytest.raises(Fault, match="unchanged"):
        connector(tmp_path).erase(entry.ref, entry.version)

    assert path.read_bytes() == before
    assert list(path.parent.glob(".hub-*")) == []


@pytest.mark.parametrize("shared", [False, True])
def test_her_picture_goes_unless_another_card_shows_it(tmp_path: Path, shared: bool) -> None:
    """The file in Photos goes with the last card that shows it, and comes back when nothing was written."""
    her = {**HER, "PhotoName": "liisa.png" if shared else "aino.png"}
    path = world(tmp_path, mab=Mab().book([her, *OTHERS]))
    photo = path.parent / "Photos" / her["PhotoName"]
    photo.parent.mkdir()
    photo.write_bytes(PNG)
    entry = entry_with(tmp_path, EMAIL)
    assert [item.load() for item in entry.attachments] == [PNG]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(morkbook, "to_bytes", lambda _: BASE)
        with pytest.raises(Fault):
            connector(tmp_path).erase(entry.ref, entry.version)
    assert [item.name for item in photo.parent.iterdir()] == [photo.name]

    assert erase(tmp_path) == "erased"

    assert photo.exists() == shared


def test_a_broken_neighbour_keeps_the_picture(tmp_path: Path) -> None:
    """A card behind the place where another book is broken may show the picture, too."""
    path = world(tmp_path, mab=Mab().book([{**HER, "PhotoName": "aino.png"}, *OTHERS]))
    photo = path.parent / "Photos" / "aino.png"
    photo.parent.mkdir()
    photo.write_bytes(PNG)
    entry = entry_with(tmp_path, EMAIL)
    (path.parent / "history.mab").write_bytes(BASE + b"%")

    outcome = connector(tmp_path).erase(entry.ref, entry.version, NEEDLES)

    assert (outcome.result, photo.exists(), len(outcome.notes)) == ("erased", True, 1)


def test_an_erase_that_did_nothing_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Success is only said after the book was read again."""
    world(tmp_path)
    monkeypatch.setattr(morkfile, "delete_card", lambda *_: None)

    with pytest.raises(Fault, match="still holds"):
        erase(tmp_path)


@pytest.mark.parametrize(
    ("when", "name", "gone"),
    [
        ("before", "to_bytes", False),
        ("before", "_flush", False),
        ("after", "_flush", False),
        ("before", "replace", False),
        ("after", "replace", True),
    ],
)
def test_a_kill_leaves_old_or_new(tmp_path: Path, when: str, name: str, gone: bool) -> None:
    """SIGKILL at any step leaves the old file or the new one, whole; another run ends it without a trace."""
    path = world(tmp_path)
    entry, old = entry_with(tmp_path, EMAIL), path.read_bytes()

    module = next(module for module in (_system, _files, morkbook) if hasattr(module, name))
    assert killed(module, when, name, lambda: connector(tmp_path).erase(entry.ref, entry.version))

    assert (path.read_bytes() == old) == (not gone)
    again = connector(tmp_path).erase(entry.ref, entry.version, NEEDLES)
    assert again.result == ("already_absent" if gone else "erased")
    assert [row.value(b"PrimaryEmail") for row in morkbook.from_bytes(path.read_bytes()).cards] == [
        one["PrimaryEmail"].encode() for one in OTHERS
    ]
    assert traces(path) == []
    assert list(path.parent.glob(".hub-*")) == []
