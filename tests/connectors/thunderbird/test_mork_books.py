"""Books in the old format in a profile: found, read, erased from as a whole new file, and searched by value."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from connectors.contract import Needle
from connectors.entry import Entry
from connectors.errors import Conflict, Damaged, Fault, HubError, Locked, Refused
from connectors.thunderbird import morkbook, morkfile
from tests.connectors.thunderbird.mabs import Mab, card, main_part
from tests.connectors.thunderbird.mork_samples import BASE
from tests.connectors.thunderbird.profiles import (
    PNG,
    connector,
    entries,
    entry_with,
    make_profile,
    modern,
    running,
    write_book,
)

EMAIL = "aino@kuvitelma.example"
NOTE = "harvinainensana (sulut), hinta 5$ ja \\ sekä ääkkösiä, " * 3
HER = card("Äino Kuvitelma", EMAIL, CellularNumber="044 123 4567", Notes=NOTE, HomeCity="Turku", BirthYear="1980", BirthMonth="2")
HER |= {
    "BirthDay": "3",
    "SecondEmail": "aino@koti.example",
    "Company": "Kuva Oy",
    "Custom1": "asiakas",
    "Omituinen": "tuntematon",
}
OTHERS = [
    card("Eero Keksitty", "eero@muu.example", Notes="(a) $ \\ ä", Omituinen="säilyy"),
    card("Äino Kuvitelma", "aino.k@toinen.example"),
    card("Liisa Keksitty", "liisa@muu.example", PhotoName="liisa.png"),
]
CARDS = [OTHERS[0], HER, *OTHERS[1:]]
LISTS = {"Kaikki": [4, 2, 1, 3], "Vain hän": [2], "Muut": [1, 3]}
NEEDLES = (Needle("email", EMAIL), Needle("phone", "+358441234567"), Needle("text", "harvinainensana"))
TRACES = (EMAIL.encode(), b"044 123 4567", b"harvinainensana", b"aino@koti.example", b"asiakas", b"Turku", b"tuntematon")


def full() -> Mab:
    """A book with everything a journal gathers: an edit of hers, a copy among the deleted, orphans, an open group."""
    mab = Mab().book(CARDS, LISTS)
    mab.group(mab.row(2, {"Notes": NOTE, "HomeCity": "Turku"}))
    mab.add(mab.table(mab.row(0x99, {"DisplayName": "Äino Kuvitelma", "PrimaryEmail": EMAIL}).strip(), 2, "deleted"))
    mab.add(mab.row(0x98, {"Notes": NOTE}))
    return mab.group(mab.row(2, {"Custom1": "asiakas"}), b"")


def world(home: Path, name: str = "abook.mab", mab: Mab | None = None) -> Path:
    """A profile with one book in the old format."""
    return (mab or full()).write(make_profile(home) / name)


def erase(home: Path, needles: tuple[Needle, ...] = NEEDLES) -> str:
    """Erase her by e-mail."""
    entry = entry_with(home, EMAIL)
    return connector(home).erase(entry.ref, entry.version, needles).result


def traces(path: Path) -> list[bytes]:
    """What is left of her in the bytes, wrapped or not."""
    data = path.read_bytes().replace(b"\\\n", b"")
    return [trace for trace in TRACES if trace in data]


def test_a_card_is_an_entry(tmp_path: Path) -> None:
    """Names, addresses, phones, dates and what nobody knows are shown with the kinds of the other books."""
    world(tmp_path)
    entry = entry_with(tmp_path, EMAIL)
    shown = {(item.kind, item.value) for item in entry.fields}

    assert {
        ("name", "Äino Kuvitelma"),
        ("given", "Äino"),
        ("family", "Kuvitelma"),
        ("email", "aino@koti.example"),
        ("phone", "044 123 4567"),
        ("city", "Turku"),
        ("company", "Kuva Oy"),
        ("birthday", "1980-02-03"),
        ("note", NOTE.strip()),
        ("other", "asiakas"),
        ("other", "tuntematon"),
    } <= shown
    assert str(entry.locator) == "address book Personal Address Book (abook.mab)"
    unknown = [column.column for column in connector(tmp_path).coverage() if not column.known]
    assert unknown == ["Omituinen"]


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


@pytest.mark.parametrize("where", ["deleted", "orphan", "superseded", "unfinished", "removed", "parts of a name", "value"])
def test_traces_of_a_deleted_card_are_told_and_cleaned(tmp_path: Path, where: str) -> None:
    """With her card long gone, what the journal still holds is residue, and an erase of the absent card clears it."""
    mab = Mab().book([*OTHERS, card("Joku Muu", "joku@muu.example")])
    her = {"DisplayName": "Äino Kuvitelmatar", "PrimaryEmail": EMAIL}
    if where == "deleted":
        mab.add(mab.table(mab.row(0x99, her).strip(), 2, "deleted"))
    elif where == "parts of a name":
        mab.add(mab.row(0x99, {"FirstName": "Äino", "LastName": "Kuvitelmatar"}))
    elif where == "value":
        mab.values(EMAIL)
    elif where == "unfinished":
        mab.group(mab.row(0x99, her), b"")
    else:
        mab.add(mab.row(0x99 if where == "orphan" else 4, her))
        mab.group(mab.table(b"-4" if where == "removed" else b"-99"))
        if where == "superseded":
            mab.group(mab.row(4, card("Joku Muu", "joku@muu.example"), anew=True))
    path = world(tmp_path, mab=mab)
    needles = (Needle("email", EMAIL), Needle("name", "Äino Kuvitelmatar"))
    before = [(entry.ref, entry.fields) for entry in entries(tmp_path)]
    entry = entries(tmp_path)[0]

    (place,) = connector(tmp_path).residue(needles)
    assert (place.found, "run the erase again" in place.why) == (True, True)
    assert connector(tmp_path).erase(type(entry.ref)(entry.ref[:9] + "0" * 16), entry.version, needles).result == "already_absent"

    assert list(connector(tmp_path).residue(needles)) == []
    assert EMAIL.encode() not in path.read_bytes()
    assert [(entry.ref, entry.fields) for entry in entries(tmp_path)] == before


def test_without_a_trace_of_hers_a_journal_is_left_as_it_is(tmp_path: Path) -> None:
    """Old bytes of strangers are no reason to write."""
    path = world(tmp_path)
    before = path.read_bytes()
    entry = entries(tmp_path)[0]

    stranger = (Needle("email", "vieras@tuntematon.example"),)
    connector(tmp_path).erase(type(entry.ref)(entry.ref[:9] + "0" * 16), entry.version, stranger)

    assert path.read_bytes() == before


def test_what_others_say_of_her_is_told_and_stays(tmp_path: Path) -> None:
    """A list called after her and a note that names her are reported, not cut, and no reason to write again."""
    mab = Mab().book([HER, card("Eero Keksitty", "eero@muu.example", Notes=f"ks. {EMAIL}")], {f"Terveisin {EMAIL}": [1, 2]})
    path = world(tmp_path, mab=mab)
    her = entry_with(tmp_path, EMAIL)
    erase(tmp_path)
    before = path.read_bytes()

    told = sorted(str(place.where).split(" ")[0:2] for place in connector(tmp_path).residue(NEEDLES) if place.found)

    assert told == [["1", "names"], ["1", "other"]]
    assert connector(tmp_path).erase(her.ref, her.version, NEEDLES).result == "already_absent"
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["abook.mab", "abook.mab.bak", "abook.mab-1.bak", "abook-1.mab", "history.mab", "impab.mab"])
def test_books_of_seamonkey_and_what_a_migration_left(tmp_path: Path, name: str) -> None:
    """Any file with such a book in it is one, in a SeaMonkey profile, too; the person goes from each."""
    root = tmp_path / ".mozilla" / "seamonkey"
    profile = root / "Profiles" / "abc.default"
    profile.mkdir(parents=True)
    (root / "profiles.ini").write_text("[Profile0]\nName=default\nIsRelative=1\nPath=Profiles/abc.default\n")
    path = full().write(profile / name)

    assert erase(tmp_path) == "erased"
    assert traces(path) == []


def test_which_old_books_are_copies(tmp_path: Path) -> None:
    """What stayed beside the database that was made of it is a copy; SeaMonkey's own books are not."""
    profile = make_profile(tmp_path)
    write_book(profile / "abook.sqlite", [modern("u-1", "Eero Keksitty", "eero@muu.example")])
    for name in ("abook.mab", "abook.mab.bak", "history.mab", "history.mab.bak", "abook-3.mab"):
        Mab().book(OTHERS[:1]).write(profile / name)

    found = {str(entry.locator).removeprefix("address book "): entry.copy_of for entry in entries(tmp_path)}

    assert found == {
        "Personal Address Book (abook.sqlite)": "",
        "Personal Address Book (abook.mab)": "abook.sqlite",
        "Personal Address Book (abook.mab.bak)": "abook.sqlite",
        "Collected Addresses (history.mab)": "",
        "Collected Addresses (history.mab.bak)": "history.mab",
        "abook-3 (abook-3.mab)": "",
    }


def test_letters_of_old_windows(tmp_path: Path) -> None:
    """A value that is no UTF-8 is read as Windows wrote it, found by value, and the others' bytes stay."""
    mab = Mab().book([card("Eero Keksitty", "e@muu.example")])
    mab.group(mab.row(1, {"LastName": "K\xe4ki".encode("cp1252"), "DisplayName": "Eero K\xe4ki \x80".encode("latin-1")}))
    path = world(tmp_path, mab=mab)

    assert entry_with(tmp_path, "e@muu.example").values("name") == ("Eero Käki €",)
    assert [place.found for place in connector(tmp_path).residue([Needle("name", "Eero Käki")])] == [True]
    extra = Mab().book([card("Äino Kuvitelma", EMAIL), {"DisplayName": b"\xe4\xff"}]).write(path)
    erase(tmp_path)
    assert main_part(extra.read_bytes())["card", 2]["DisplayName"] == b"\xe4\xff"


def test_a_broken_book_shows_what_comes_first_and_is_not_written(tmp_path: Path) -> None:
    """Cards before the broken place are listed, the answer is partial, an erase is refused, other books go on."""
    path = world(tmp_path)
    path.write_bytes(BASE.replace(b"a@x.example", EMAIL.encode()) + b"%%%")
    write_book(path.with_name("history.sqlite"), [modern("u-1", "Äino Kuvitelma", "toinen@muu.example")])
    source, before = connector(tmp_path), path.read_bytes()
    items = source.entries()
    shown = [item for _ in range(5) if isinstance(item := next(items), Entry)]

    assert len(shown) == 4
    with pytest.raises(Damaged, match="broken in the middle"):
        next(items)
    assert source.check().state == "damaged"
    with pytest.raises(Refused, match="cannot be read"):
        source.erase(shown[0].ref, shown[0].version, NEEDLES)
    outcome = source.erase(shown[-1].ref, shown[-1].version, NEEDLES)
    assert (outcome.result, "could not be cleared" in outcome.notes[-1]) == ("erased", True)
    assert path.read_bytes() == before
    assert [place.found for place in source.residue(NEEDLES)] == [True]
    assert [place.found for place in source.residue([Needle("email", "vieras@muu.example")])] == [False]


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


def test_a_change_in_the_last_moment_is_a_conflict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes appended while the new file was being written are not lost."""
    path = world(tmp_path)
    entry = entry_with(tmp_path, EMAIL)
    original = morkbook.to_bytes

    def late(rows: tuple[morkbook.Row, ...]) -> bytes:
        with path.open("ab") as stream:
            stream.write(b" ")
        return original(rows)

    monkeypatch.setattr(morkbook, "to_bytes", late)
    with pytest.raises(Conflict):
        connector(tmp_path).erase(entry.ref, entry.version)

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


def test_an_erase_that_did_nothing_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Success is only said after the book was read again."""
    world(tmp_path)
    monkeypatch.setattr(morkfile, "delete_card", lambda *_: None)

    with pytest.raises(Fault, match="still holds"):
        erase(tmp_path)


KILLED = """
import os, signal, sys
from pathlib import Path
from connectors import _files, _system
from connectors.thunderbird import morkbook
from tests.connectors.thunderbird.profiles import connector, entry_with

when, name, home = sys.argv[1], sys.argv[2], Path(sys.argv[3])
module = next(module for module in (_system, _files, morkbook) if hasattr(module, name))
original = getattr(module, name)

def dying(*arguments):
    if when == "after":
        original(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(module, name, dying)
entry = entry_with(home, "aino@kuvitelma.example")
connector(home).erase(entry.ref, entry.version)
"""


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

    done = subprocess.run([sys.executable, "-c", KILLED, when, name, str(tmp_path)], cwd=Path.cwd(), timeout=60, check=False)

    assert done.returncode == -signal.SIGKILL
    assert (path.read_bytes() == old) == (not gone)
    again = connector(tmp_path).erase(entry.ref, entry.version, NEEDLES)
    assert again.result == ("already_absent" if gone else "erased")
    assert [row.value(b"PrimaryEmail") for row in morkbook.from_bytes(path.read_bytes()).cards] == [
        one["PrimaryEmail"].encode() for one in OTHERS
    ]
    assert traces(path) == []
    assert list(path.parent.glob(".hub-*")) == []
