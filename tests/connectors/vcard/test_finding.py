"""What is found where: broken cards, copies, names of files, values in whatever spelling; and no file's name is told."""

from __future__ import annotations

import base64
import os
import time
from pathlib import Path

import pytest

from connectors.contract import Needle
from connectors.entry import Cursor, Entry, Unreadable
from connectors.errors import HubError, Unreachable
from connectors.phrase import Phrase
from connectors.vcard import VcardConnector
from connectors.vcard.files import neutral
from tests.connectors.vcard.test_erasing import AINO, EERO, LIST, entries, named, source

HIDDEN = "card 1 of a file of the card folder"
HER = (Needle("name", "Aino Kuvitelma"), Needle("email", "aino@kuvitelma.example"), Needle("phone", "+358441234567"))


def places(path: Path) -> list[str]:
    """Where any of her values is found."""
    return [str(item.where) for item in source(path).residue(HER) if item.found]


def card(*lines: str) -> str:
    """Somebody else's card with these lines."""
    return "\r\n".join(["BEGIN:VCARD", "VERSION:3.0", "FN:Eero Keksitty", *lines, "UID:e-1", "END:VCARD", ""])


@pytest.mark.parametrize(
    "line",
    [
        "NOTE:Aino Kuvitelman puoliso on Aino Kuvitelma",
        "NOTE:soita Aino Kuvi\r\n telmalle tai aino@kuvi\r\n telma.example",
        "NOTE;ENCODING=QUOTED-PRINTABLE:Aino=20Kuvitelma",
        "NOTE;ENCODING=b:" + base64.b64encode(b"Aino Kuvitelma").decode(),
        "item1.X-ABRELATEDNAMES:Kuvitelma\\, Aino",
        "N:Kuvitelma;Aino;;;",
        "X-OMA:puh. 044 123 4567",
        "PHOTO;ENCODING=b:"
        + base64.b64encode(b"\xff\xd8\xff" + os.urandom(50) + b"\0kuva: Aino Kuvitelma\0" + bytes(9)).decode(),
        "PHOTO;ENCODING=b:" + base64.b64encode(b"\xff\xd8\xff\0" + "Aino Kuvitelma".encode("utf-16-le")).decode(),
        "PHOTO;ENCODING=b:!!! Aino Kuvitelma",
    ],
)
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_a_value_in_somebody_elses_card_is_told(tmp_path: Path, line: str, end: str) -> None:
    """In a note, folded, encoded, inside a picture: it is found, and told by the number of the card."""
    path = tmp_path / "kontaktit.vcf"
    path.write_text((card("NOTE:muu") + card(line)).replace("\r\n", end), newline="")

    assert places(path) == ["card 2 of kontaktit.vcf"]


def test_each_card_that_names_her_is_told_with_its_entry(tmp_path: Path) -> None:
    """So that its owner can be shown; of very many cards the rest is counted."""
    path = tmp_path / "kontaktit.vcf"
    cards = [card("NOTE:Aino Kuvitelma").replace("UID:e-1", f"UID:e-{number}") for number in range(23)]
    path.write_text(card("NOTE:muu") + "".join(cards), newline="")

    told = source(path).residue(HER)

    assert [item.ref for item in told] == [entry.ref for entry in entries(path)[1:21]] + [None]
    assert (str(told[0].where), str(told[-1].where)) == ("card 2 of kontaktit.vcf", "3 more cards of kontaktit.vcf")


def test_a_value_between_the_cards_is_told(tmp_path: Path) -> None:
    """Text that belongs to no card is searched, and listed as unreadable."""
    path = tmp_path / "kontaktit.vcf"
    path.write_text(EERO + "Aino Kuvitelma 044 123 4567\r\n" + EERO.replace("e-1", "e-2"), newline="")

    assert places(path) == ["kontaktit.vcf, between the cards"]
    told = [item for item in source(path).entries() if isinstance(item, Unreadable)]
    assert [str(item.locator) for item in told] == ["kontaktit.vcf, between the cards"]


@pytest.mark.parametrize(
    "name",
    [
        "kontaktit.vcf~",
        "kontaktit.vcf.bak",
        "kontaktit.bak",
        "kontaktit 2.vcf",
        "kontaktit (1).vcf",
        ".kontaktit.vcf.swp~",
        ".hub-1-ab.tmp",
    ],
)
def test_copies_beside_the_file_are_searched(tmp_path: Path, name: str) -> None:
    """A backup or a conflict copy holds her card still; a file that only lies beside it is none of this source's."""
    path = tmp_path / "kontaktit.vcf"
    path.write_text(EERO, newline="")
    (tmp_path / "muu.vcf").write_text(AINO)
    assert places(path) == []

    (tmp_path / name).write_text(AINO)

    assert len(places(path)) == 1


@pytest.mark.parametrize("name", ["vanha.vcf~", "alla/x.vcf.bak", ".hidden/x.vcf", ".hub-1-ab.tmp"])
def test_copies_anywhere_in_a_folder_are_searched(tmp_path: Path, name: str) -> None:
    """Also hidden ones, deeper ones, and what a killed run left."""
    (tmp_path / "e.vcf").write_text(EERO, newline="")
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(AINO)

    assert len(places(tmp_path)) == 1


def test_a_packed_copy_and_old_versions_are_said_to_be_unsearched(tmp_path: Path) -> None:
    """What cannot be searched is named and never counts as searched."""
    (tmp_path / "e.vcf").write_text(EERO, newline="")
    (tmp_path / "kortit.zip").write_bytes(b"PK\x03\x04")
    (tmp_path / ".git").mkdir()

    told = [(str(item.where), item.found) for item in source(tmp_path).residue(HER)]

    assert told == [("kortit.zip", False), ("the folder .git", False)]


@pytest.mark.parametrize("name", ["Aino Kuvitelma.jpg", "kuvitelma_aino/e.vcf"])
def test_a_name_of_a_file_is_a_place(tmp_path: Path, name: str) -> None:
    """A file or folder called after her is told, without saying its name."""
    (tmp_path / "e.vcf").write_text(EERO, newline="")
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(EERO.replace("e-1", "e-2") if name.endswith("vcf") else "")

    (place,) = source(tmp_path).residue(HER)

    assert place.where == "1 file names"


def test_no_name_of_a_file_leaves(tmp_path: Path) -> None:
    """A file called after a person: neither locator, ref, error nor residue says so."""
    path = tmp_path / "Aino Kuvitelma 0441234567.vcf"
    path.write_text(AINO + LIST + "roska\r\n" + card("NOTE:Aino Kuvitelma"), newline="")
    texts = [repr(source(tmp_path)), str(source(tmp_path).check())]
    texts += [str(item) for item in source(tmp_path).entries()]
    texts += [str(item) for item in source(tmp_path).residue(HER)]
    entry = named(tmp_path, "Aino Kuvitelma")
    path.write_text(AINO.replace("FN", "NOTE:x\r\nFN"), newline="")
    for act in (
        lambda: source(tmp_path).erase(entry.ref, entry.version),
        lambda: list(source(path.with_name("Kuvitelma.vcf")).entries()),
        lambda: list(source(_emptied(path)).entries()),
    ):
        with pytest.raises(HubError) as caught:
            act()
        texts += [str(caught.value), str(caught.value.message.values)]

    assert [text for text in texts if "Kuvitelma" in text or "0441234567" in text] == []


def _emptied(path: Path) -> Path:
    path.write_bytes(b"")
    return path


def test_a_locator_says_the_files_name_where_it_holds_no_value(tmp_path: Path) -> None:
    """The owner must find the card: a name that is not the person's is said."""
    (tmp_path / "toimittajat-pohjoinen.vcf").write_text(AINO, newline="")
    (tmp_path / "ainokuvitelma.vcf").write_text(AINO.replace("a-1", "a-2"), newline="")
    (tmp_path / "makela.vcf").write_text(EERO.replace("Keksitty\r", "Mäkelä\r"), newline="")

    assert sorted(str(entry.locator) for entry in entries(tmp_path)) == [
        "a file of the card folder",
        "a file of the card folder",
        "toimittajat-pohjoinen.vcf",
    ]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("kontaktit.vcf", True),
        ("iCloud vCards 2024-05-01.vcf", True),
        ("3f2504e0-4f89-11d3-9a0c-0305e82c3301.vcf", True),
        ("0441234567.vcf", False),
        ("kontaktit 044 123 4567.vcf", False),
        ("Virtanen.vcf", False),
        ("20240501.vcf", False),
    ],
)
def test_which_names_say_nothing_about_anybody(name: str, said: bool) -> None:
    """Neutral words, a date beside them, a machine's id; a number alone may be a phone."""
    assert isinstance(neutral(Path(name)), Phrase) != said


def test_one_broken_file_hides_no_other(tmp_path: Path) -> None:
    """Another kind of file under the name of cards is told; a file that cannot be read makes the listing partial."""
    (tmp_path / "a.vcf").write_text(AINO, newline="")
    (tmp_path / "b.vcf").write_bytes(b"%PDF-1.7")
    (tmp_path / "z.vcf").write_text(EERO, newline="")
    seen = list(source(tmp_path).entries())
    assert [type(item) for item in seen] == [Entry, Unreadable, Entry, Cursor]

    (tmp_path / ".c.vcf.icloud").write_bytes(b"bplist00")
    found: list[object] = []
    with pytest.raises(Unreachable):
        found.extend(source(tmp_path).entries())
    check = source(tmp_path).check()

    assert (check.may_read, check.state) == (True, "damaged")
    assert any(not item.found for item in source(tmp_path).residue(HER))


def test_a_broken_file_that_may_bear_a_name_is_told_by_its_size_and_day(tmp_path: Path) -> None:
    """Among thousands it can be found, and nobody's name is said."""
    for name, content in (
        ("Aino Kuvitelma.vcf", b"%PDF-1.7"),
        ("Eero.vcf", EERO.encode() + b"BEGIN:VCARD\r\nmuuta\r\nEND:VCARD\r\n"),
    ):
        (tmp_path / name).write_bytes(content)
        os.utime(tmp_path / name, (1700000000, 1700000000))

    told = [str(item.locator) for item in source(tmp_path).entries() if isinstance(item, Unreadable)]

    size = (tmp_path / "Eero.vcf").stat().st_size
    assert told == [
        "a card file of 8 bytes, last changed on 2023-11-14",
        f"card 2 of a card file of {size} bytes, last changed on 2023-11-14",
    ]


def test_an_empty_folder_is_said_to_be_empty(tmp_path: Path) -> None:
    """No card file at all may be a disk that is not connected: nothing found is never silent."""
    (cursor,) = source(tmp_path).entries()

    assert isinstance(cursor, Cursor)
    assert cursor.warnings
    with pytest.raises(Unreachable):
        list(source(tmp_path / "pois").entries())


def test_a_group_is_nobody(tmp_path: Path) -> None:
    """A list of cards is no entry, but one with an address of its own is."""
    path = tmp_path / "kontaktit.vcf"
    path.write_text(AINO + LIST + LIST.replace("UID:lista", "EMAIL:tiimi@kuvitelma.example"), newline="")

    assert [entry.values("name", "email") for entry in entries(path)] == [
        ("Aino Kuvitelma", "aino@kuvitelma.example"),
        ("tiimi@kuvitelma.example",),
    ]


def test_many_cards_are_read_in_seconds(tmp_path: Path) -> None:
    """Twenty thousand cards are no reason to wait: processor time is counted, which other programs do not lengthen."""
    path = tmp_path / "kontaktit.vcf"
    path.write_text("".join(AINO.replace("a-1", f"a-{number}") for number in range(20_000)), newline="")
    start = time.process_time()

    count = sum(isinstance(item, Entry) for item in VcardConnector("kortit", {"path": path}).entries())

    assert count == 20_000
    assert time.process_time() - start < 20


@pytest.mark.parametrize(
    ("name", "where"),
    [("k2.vcf", "card 1 of k2.vcf"), ("työ/k2.vcf", "card 1 of työ/k2.vcf"), ("eero.vcf", HIDDEN), ("aino.vcf", HIDDEN)],
)
def test_a_place_is_told_as_a_find_tells_it(tmp_path: Path, name: str, where: str) -> None:
    """In a folder of many files the one is named, unless it is called after the person or after whose card it is."""
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(card("NOTE:Aino Kuvitelma suositteli"), newline="")

    assert places(tmp_path) == [where]
