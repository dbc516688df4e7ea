"""A real Thunderbird's own importer reads books in the old format, as they are and as an erase leaves them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Needle
from connectors.errors import Damaged
from connectors.thunderbird import morkbook
from tests.connectors.thunderbird import profiles
from tests.connectors.thunderbird.mabs import Mab, card
from tests.connectors.thunderbird.mork_samples import BASE, SAMPLES
from tests.real import marionette
from tests.real.marionette import Thunderbird

MISSING = marionette.program() is None and not os.environ.get("CI")

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(MISSING, reason="Thunderbird is not installed (Debian: apt-get install thunderbird)"),
]

_IMPORT = """
const {MailServices} = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const {AddrBookFileImporter} = ChromeUtils.importESModule("resource:///modules/AddrBookFileImporter.sys.mjs");
const [path, name] = args;
const book = MailServices.ab.getDirectoryFromId(MailServices.ab.newAddressBook(name, "", 101));
const file = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
file.initWithPath(path);
await new AddrBookFileImporter("mab").startImport(file, book);
const properties = card => Object.fromEntries(
  ["DisplayName", "PrimaryEmail", "SecondEmail", "CellularNumber", "HomeCity", "Company", "Notes", "BirthYear"]
    .map(key => [key, card.getProperty(key, "")]).filter(([, value]) => value !== ""));
return {
  cards: book.childCards.filter(card => !card.isMailList).map(properties),
  lists: Object.fromEntries(book.childNodes.map(list => [list.dirName, list.childCards.map(card => card.primaryEmail)])),
};
"""


@pytest.fixture(scope="module")
def thunderbird(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Thunderbird]:
    """One running Thunderbird for all imports."""
    with Thunderbird(profiles.make_profile(tmp_path_factory.mktemp("home"))) as running:
        yield running


def imported(thunderbird: Thunderbird, path: Path) -> Mapping[str, Any]:
    """The cards and lists that Thunderbird makes of a file."""
    found: Mapping[str, Any] = thunderbird.run(_IMPORT, str(path), str(path.parent.name + path.name))
    return found


def names(told: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the imported cards, in their order."""
    return tuple(one.get("DisplayName", "") for one in told["cards"])


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_samples_say_what_thunderbird_shows(thunderbird: Thunderbird, tmp_path: Path, sample: str) -> None:
    """The names beside each sample of the grammar are those that Thunderbird shows."""
    path = tmp_path / "a.mab"
    path.write_bytes(SAMPLES[sample].data)

    told = imported(thunderbird, path)

    assert names(told) == SAMPLES[sample].names
    if not SAMPLES[sample].broken:
        ours = [row.value(b"PrimaryEmail").decode() for row in morkbook.from_bytes(SAMPLES[sample].data).cards]
        assert [one.get("PrimaryEmail", "") for one in told["cards"]] == ours


@pytest.mark.parametrize("sample", SAMPLES)
def test_what_is_written_of_a_sample_is_what_we_read(thunderbird: Thunderbird, tmp_path: Path, sample: str) -> None:
    """Written anew without Eero, every sample that may be written shows the very others, and lists of them alone."""
    try:
        book = morkbook.from_bytes(SAMPLES[sample].data)
    except Damaged:
        return
    path = tmp_path / "a.mab"
    rows = morkbook.without(book.rows, 2)
    path.write_bytes(morkbook.to_bytes(rows))

    told = imported(thunderbird, path)

    left = [row for row in rows if row.scope == morkbook.CARD]
    assert names(told) == tuple(row.value(b"DisplayName").decode() for row in left)
    emails = {row.id: row.value(b"PrimaryEmail").decode() for row in left}
    members = [[emails[int(value, 16)] for name, value in row.cells if name.startswith(b"Address")] for row in rows]
    assert told["lists"] == {
        row.value(b"ListName").decode(): [email for email in found if email]  # nobody is in a list without one
        for row, found in zip(rows, members, strict=True)
        if row.scope == morkbook.LIST
    }


def test_thunderbird_reads_exactly_the_others(thunderbird: Thunderbird, tmp_path: Path) -> None:
    """A book with all that a journal gathers, before and after an erase: the others and their lists are field by field the same."""
    note = "sulut (a), hinta 5$, \\ ja ääkköset\n" * 9
    her = card("Äino Kuvitelma", "aino@kuvitelma.example", CellularNumber="044 123 4567", Notes=note + "harvinainensana")
    others = [
        card(
            f"Etu{number} Sükü{number}",
            f"e{number}@muu.example",
            Notes=note,
            HomeCity="Åbo",
            SecondEmail=f"t{number}@koti.example",
        )
        for number in range(40)
    ]
    everybody = [*others[:20], her, *others[20:]]
    mab = Mab().book(everybody, {"Kaikki": list(range(41, 0, -1)), "Ääni": [21, 3], "Vain hän": [21]})
    mab.group(mab.row(21, {"Company": "Kuva Oy"}))
    mab.group(mab.row(22, {"Company": "Säilyvä Oy"}))
    mab.add(mab.table(mab.row(0x99, {"DisplayName": "Äino Kuvitelma"}).strip(), 2, "deleted"))
    path = mab.group(mab.row(21, {"Company": "Kesken"}), b"").write(profiles.make_profile(tmp_path) / "abook.mab")
    before = imported(thunderbird, path)
    ours = [entry.values("email")[0] for entry in profiles.entries(tmp_path)]
    assert ours == [one["PrimaryEmail"] for one in before["cards"]]
    assert len(before["lists"]["Kaikki"]) == len(everybody)

    entry = profiles.entry_with(tmp_path, "aino@kuvitelma.example")
    needles = [
        Needle("name", "Äino Kuvitelma"),
        Needle("email", "aino@kuvitelma.example"),
        Needle("phone", "+358441234567"),
        Needle("text", "harvinainensana"),
    ]
    assert profiles.connector(tmp_path).erase(entry.ref, entry.version, needles).result == "erased"
    after = imported(thunderbird, path)

    assert after["cards"] == [one for one in before["cards"] if one["PrimaryEmail"] != "aino@kuvitelma.example"]
    assert after["lists"] == {
        name: [member for member in members if member != "aino@kuvitelma.example"] for name, members in before["lists"].items()
    }
    assert list(profiles.connector(tmp_path).residue(needles)) == []
    assert b"kuvitelma" not in path.read_bytes().lower()


def test_the_importer_does_read(thunderbird: Thunderbird, tmp_path: Path) -> None:
    """A file without its magic line gives nothing, the base gives three: the comparison has two sides."""
    (tmp_path / "a.mab").write_bytes(BASE)
    (tmp_path / "b.mab").write_bytes(BASE[5:])

    assert [len(imported(thunderbird, tmp_path / name)["cards"]) for name in ("a.mab", "b.mab")] == [3, 0]
