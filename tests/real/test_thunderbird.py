"""A real Thunderbird writes the books, the connector erases one person, and Thunderbird shows what is left."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Needle
from connectors.entry import Entry
from connectors.errors import Locked
from connectors.thunderbird.profiles import find_profiles, held
from tests.connectors.thunderbird import profiles
from tests.real import marionette
from tests.real.marionette import Thunderbird

MISSING = marionette.program() is None and not os.environ.get("CI")

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(MISSING, reason="Thunderbird is not installed (Debian: apt-get install thunderbird)"),
]

NEEDLES = (
    Needle("name", "Aino Kuvitelma-Pitkäniminen"),
    Needle("email", "aino.kuvitelma@esimerkki.example"),
    Needle("email", "aino@koti.example"),
    Needle("email", "aino@kolmas.example"),
    Needle("phone", "+358441234567"),
    Needle("text", "harvinainensana"),
)
NOTE = (
    "Tavattu messuilla; pitää kahvista, teestä ja pitkistä kävelyistä.\nToinen rivi, harvinainensana ja pitkä loppu ääkkösillä."
)
HER = profiles.vcard(
    "FN:Aino Kuvitelma-Pitkäniminen",
    "N:Kuvitelma-Pitkäniminen;Aino;;;",
    "EMAIL;PREF=1:aino.kuvitelma@esimerkki.example",
    "EMAIL:aino@koti.example",
    "EMAIL:aino@kolmas.example",
    "TEL;TYPE=cell:044 123 4567",
    "ADR;TYPE=home:;;Kuvakatu 1;Turku;;20100;Suomi",
    f"NOTE:{profiles.text_value(NOTE)}",
)
OTHERS = ("Eero Keksitty", "Liisa Keksitty", "Aino Kuvitelma", "Satu Ääkkönen")

_START = """
const {MailServices} = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const {VCardUtils} = ChromeUtils.importESModule("resource:///modules/VCardUtils.sys.mjs");
"""
_FILL = (
    _START
    + """
const [her, others] = args;
const book = name => MailServices.ab.directories.find(directory => directory.dirName == name);
MailServices.ab.newAddressBook("Asiakkaat", "", 101);
const add = (directory, text) => directory.addCard(VCardUtils.vCardToAbCard(text));
for (const name of ["Personal Address Book", "Asiakkaat", "Collected Addresses"]) {
  const cards = [others[0], others[1], her, others[2], others[3]].map(text => add(book(name), text));
  if (name == "Collected Addresses") continue;
  let list = Cc["@mozilla.org/addressbook/directoryproperty;1"].createInstance(Ci.nsIAbDirectory);
  list.isMailList = true;
  list.dirName = "Uutiskirje";
  list = book(name).addMailList(list);
  for (const card of [cards[3], cards[2], cards[0]]) list.addCard(card);
}
Services.prefs.savePrefFile(null);
"""
)
_SHOW = (
    _START
    + """
const name = card => card.displayName || card.primaryEmail;
return Object.fromEntries(MailServices.ab.directories.map(directory => [directory.dirName, {
  cards: directory.childCards.filter(card => !card.isMailList).map(name).sort(),
  lists: Object.fromEntries(directory.childNodes.map(list => [list.dirName, list.childCards.map(name)])),
}]));
"""
)


def _other(name: str) -> str:
    given, family = name.split()
    return profiles.vcard(f"FN:{name}", f"N:{family};{given};;;", f"EMAIL:{given}.{family}@muu.example".lower())


def _filled(home: Path, *, kill: bool) -> Path:
    """A profile whose books real Thunderbird wrote; killed at the end, it leaves its cards in the journal only."""
    profile = profiles.make_profile(home)
    with Thunderbird(profile) as thunderbird:
        thunderbird.run(_FILL, HER, [_other(name) for name in OTHERS])
        if kill:
            _wait_for(lambda: b"Asiakkaat" in (profile / "prefs.js").read_bytes())
        else:
            thunderbird.quit()
    return profile


def _wait_for(condition: Callable[[], bool]) -> None:
    """Thunderbird writes its preferences in the background."""
    end = time.monotonic() + 90
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def _shown(profile: Path) -> Mapping[str, Any]:
    """What real Thunderbird shows: the cards and the members of the lists of each book."""
    with Thunderbird(profile) as thunderbird:
        shown: Mapping[str, Any] = thunderbird.run(_SHOW)
        thunderbird.quit()
    return shown


def _hers(home: Path) -> list[Entry]:
    return [entry for entry in profiles.entries(home) if "aino@kolmas.example" in entry.values("email")]


def _erase(home: Path, found: Sequence[Entry]) -> None:
    source = profiles.connector(home)
    assert [source.erase(entry.ref, entry.version, NEEDLES).result for entry in found] == ["erased"] * len(found)


@pytest.mark.parametrize("kill", [False, True], ids=["closed", "killed"])
def test_thunderbird_shows_exactly_the_others(tmp_path: Path, kill: bool) -> None:
    """After the erase Thunderbird lists every other card and list member, and no byte of the person is in its books."""
    profile = _filled(tmp_path, kill=kill)
    assert ((profile / "abook.sqlite-wal").stat().st_size > 0) == kill
    found = _hers(tmp_path)
    assert [len(found), *{NOTE in entry.values("note") for entry in found}] == [3, True]

    _erase(tmp_path, found)

    assert [place for place in profiles.connector(tmp_path).residue(NEEDLES) if place.found] == []
    shown = _shown(profile)
    assert {book: told["cards"] for book, told in shown.items()} == dict.fromkeys(
        ["Asiakkaat", "Collected Addresses", "Personal Address Book"], sorted(OTHERS)
    )
    lists = {"Uutiskirje": ["Aino Kuvitelma", "Eero Keksitty"]}
    assert {book: told["lists"] for book, told in shown.items()} == {
        "Asiakkaat": lists,
        "Collected Addresses": {},
        "Personal Address Book": lists,
    }
    assert _hers(tmp_path) == []


def test_while_thunderbird_runs(tmp_path: Path) -> None:
    """Every card is read from a running Thunderbird; an erase is refused and changes nothing."""
    profile = _filled(tmp_path, kill=False)
    with Thunderbird(profile) as thunderbird:
        before = thunderbird.run(_SHOW)
        check = profiles.connector(tmp_path).check()
        found = _hers(tmp_path)

        assert (check.may_read, check.may_erase, check.state) == (True, False, "locked")
        assert len(found) == 3
        with pytest.raises(Locked):
            _erase(tmp_path, found)
        assert thunderbird.run(_SHOW) == before
        thunderbird.quit()
    assert profiles.connector(tmp_path).check().state == "ok"


def test_thunderbird_waits_for_us(tmp_path: Path) -> None:
    """While the hub holds the profile, as it does for the whole erase, Thunderbird refuses to start on it."""
    profile = profiles.make_profile(tmp_path)
    profiles.write_book(profile / "abook.sqlite", [profiles.modern("uid-1", "Eero Keksitty", "eero@muu.example")])
    (found,), _ = find_profiles("auto", tmp_path)

    with held(found):
        assert "already running" in marionette.refusal(profile)

    assert _shown(profile)["Personal Address Book"]["cards"] == ["Eero Keksitty"]


@pytest.mark.parametrize("user_version", [1, 2, 3])
def test_a_book_that_thunderbird_upgraded(tmp_path: Path, user_version: int) -> None:
    """Thunderbird opens our old books; the backups its upgrade leaves are found, and erased from like the book."""
    profile = profiles.make_profile(tmp_path)
    cards = [
        profiles.flat("uid-1", "Eero Keksitty", "eero@muu.example", CellularNumber="0501234567"),
        profiles.flat("uid-2", "Aino Kuvitelma-Pitkäniminen", "aino@kolmas.example", CellularNumber="0441234567"),
        profiles.flat("uid-3", "Liisa Keksitty", "liisa@muu.example"),
    ]
    profiles.write_book(
        profile / "abook.sqlite", cards, {"Lista": ["uid-3", "uid-2", "uid-1"]}, user_version=user_version, journal="delete"
    )
    before = _shown(profile)["Personal Address Book"]
    assert len(before["cards"]) == len(before["lists"]["Lista"]) == 3
    found = _hers(tmp_path)
    backups = {entry.copy_of for entry in found if entry.copy_of}
    assert (len(found) > 1, backups) == (True, {"abook.sqlite"})

    _erase(tmp_path, found)

    assert [place for place in profiles.connector(tmp_path).residue(NEEDLES) if place.found] == []
    after = _shown(profile)["Personal Address Book"]
    assert after == {"cards": ["Eero Keksitty", "Liisa Keksitty"], "lists": {"Lista": ["Liisa Keksitty", "Eero Keksitty"]}}
