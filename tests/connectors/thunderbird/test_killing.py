"""A kill at any step leaves the old book or the new one, whole; pictures are nobody's loss but hers."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.thunderbird import erasing
from tests.connectors.thunderbird.dying import killed
from tests.connectors.thunderbird.her import EMAIL, HER, NEEDLES, erase, traces, world
from tests.connectors.thunderbird.profiles import PNG, Card, connector, dump, entries, entry_with, flat, write_book


@pytest.mark.parametrize("journal", ["wal", "delete"])
@pytest.mark.parametrize(
    ("when", "name", "gone"),
    [
        ("before", "_delete_rows", False),
        ("after", "_delete_rows", False),
        ("in 5", "_delete_rows", False),
        ("after", "set_aside", False),
        ("before", "_commit", False),
        ("after", "_commit", True),
        ("before", "clear", True),
        ("in 300", "clear", True),
        ("in 3000", "clear", True),
        ("before", "checkpoint", True),
        ("after", "checkpoint", True),
        ("before", "remove_aside", True),
    ],
)
def test_a_kill_leaves_old_or_new_and_a_second_run_ends_it(
    tmp_path: Path, journal: str, when: str, name: str, gone: bool
) -> None:
    """SIGKILL at any step: real SQLite and the connector see the old book or the new one; another run finishes."""
    her = Card(HER.uid, {**HER.properties, "PhotoName": "kuva.png"})
    path = world(tmp_path, her=her, journal=journal)
    photo = path.parent / "Photos" / "kuva.png"
    photo.parent.mkdir()
    photo.write_bytes(PNG)
    entry = entry_with(tmp_path, EMAIL)
    old, new = dump(path), dump(path, without="u-her")

    assert killed(erasing, when, name, lambda: connector(tmp_path).erase(entry.ref, entry.version, NEEDLES[:1]))

    found = [item.ref for item in entries(tmp_path) if EMAIL in item.values("email")]
    assert found == ([] if gone else [entry.ref])
    again = connector(tmp_path).erase(entry.ref, entry.version, NEEDLES)
    assert again.result == ("already_absent" if gone else "erased")
    assert dump(path) == new != old
    assert traces(path) == []
    assert list(photo.parent.iterdir()) == []
    assert connector(tmp_path).residue(NEEDLES) == []


def test_a_kill_never_costs_a_stranger_the_picture(tmp_path: Path) -> None:
    """A picture set aside for a card that is still there gets its name back when another card is erased."""
    path = world(tmp_path, her=Card(HER.uid, {**HER.properties, "PhotoName": "kuva.png"}))
    photo = path.parent / "Photos" / "kuva.png"
    photo.parent.mkdir()
    photo.with_name(".hub-photo-kuva.png").write_bytes(PNG)

    erase(tmp_path, "e1@muu.example")

    assert photo.read_bytes() == PNG
    assert [item.name for item in entry_with(tmp_path, EMAIL).attachments] == ["photo.png"]


def test_a_picture_that_another_card_shows_stays(tmp_path: Path) -> None:
    """Only when the last card of any book that shows it goes, the picture goes."""
    path = world(tmp_path, her=Card(HER.uid, {**HER.properties, "PhotoName": "kuva.png"}))
    write_book(
        path.with_name("abook.v3.sqlite"), [flat("u-her", "Aino Kuvitelma", "vanha@kuvitelma.example", PhotoName="kuva.png")]
    )
    photo = path.parent / "Photos" / "kuva.png"
    photo.parent.mkdir()
    photo.write_bytes(PNG)

    erase(tmp_path)
    assert photo.exists()
    erase(tmp_path, "vanha@kuvitelma.example")
    assert not photo.exists()


@pytest.mark.parametrize("name", ["../prefs.js", "..", "/etc/hostname", "a/../../prefs.js", "C:\\x", "..\\prefs.js"])
def test_a_picture_name_never_leads_elsewhere(tmp_path: Path, name: str) -> None:
    """A picture's name that is a path is neither read nor removed."""
    path = world(tmp_path, her=Card(HER.uid, {**HER.properties, "PhotoName": name}))
    (path.parent / "Photos").mkdir()

    assert entry_with(tmp_path, EMAIL).attachments == ()
    assert erase(tmp_path).result == "erased"
    assert (path.parent / "prefs.js").exists()


def test_a_damaged_neighbour_keeps_the_picture(tmp_path: Path) -> None:
    """When a book cannot be read nobody knows whether it shows the picture: it stays, and that is said."""
    path = world(tmp_path, her=Card(HER.uid, {**HER.properties, "PhotoName": "kuva.png"}))
    photo = path.parent / "Photos" / "kuva.png"
    photo.parent.mkdir()
    photo.write_bytes(PNG)
    entry = entry_with(tmp_path, EMAIL)
    path.with_name("history.sqlite").write_bytes(b"rubbish")

    outcome = connector(tmp_path).erase(entry.ref, entry.version, NEEDLES)

    assert (outcome.result, photo.exists()) == ("erased", True)
    assert any("picture stays" in note for note in outcome.notes)
