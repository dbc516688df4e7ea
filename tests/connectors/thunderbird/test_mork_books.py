"""Books in the old format in a profile: found, read, and searched by value."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.contract import Needle
from connectors.entry import Entry
from connectors.errors import Damaged, Refused
from tests.connectors.thunderbird.mabs import Mab, card, main_part
from tests.connectors.thunderbird.mork_her import (
    EMAIL,
    HER,
    NEEDLES,
    NOTE,
    OTHERS,
    erase,
    full,
    traces,
    world,
)
from tests.connectors.thunderbird.mork_samples import BASE
from tests.connectors.thunderbird.profiles import (
    connector,
    entries,
    entry_with,
    make_profile,
    modern,
    write_book,
)


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
    assert (place.found, "run the command again" in place.why) == (True, True)
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
    before = path.read_bytes(), path.stat().st_ino

    told = sorted(str(place.where).split(" ")[0:2] for place in connector(tmp_path).residue(NEEDLES) if place.found)

    assert [one[0] for one in told] == ["1", "card"]
    assert connector(tmp_path).erase(her.ref, her.version, NEEDLES).result == "already_absent"
    assert (path.read_bytes(), path.stat().st_ino) == before


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
    write_book(profile / "abook-4.sqlite", [modern("u-1", "Eero Keksitty", "eero@muu.example")])
    for name in ("abook.mab", "abook.mab.bak", "history.mab", "history.mab.bak", "abook-3.mab", "abook-4.mab"):
        Mab().book(OTHERS[:1]).write(profile / name)

    found = {str(entry.locator).removeprefix("address book "): entry.copy_of for entry in entries(tmp_path)}

    assert found == {
        "Personal Address Book (abook.sqlite)": "",
        "Personal Address Book (abook.mab)": "abook.sqlite",
        "Personal Address Book (abook.mab.bak)": "abook.sqlite",
        "Collected Addresses (history.mab)": "",
        "Collected Addresses (history.mab.bak)": "history.mab",
        "abook-3 (abook-3.mab)": "",
        "abook-4 (abook-4.sqlite)": "",
        "abook-4 (abook-4.mab)": "abook-4.sqlite",
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
