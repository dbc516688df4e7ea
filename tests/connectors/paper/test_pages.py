"""The binder's own rules: never the content, always a place, pictures only from its folder and only while somebody names them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.contract import Needle
from connectors.entry import Cursor, Disposal, Entry
from connectors.errors import ConfigError, Conflict, Unreachable
from connectors.paper import PaperConnector

MAIJA = (Needle("name", "Maija Mallikas"), Needle("phone", "+358441234567"))
HEAD = "Nimi;Puhelin;Pvm;Paikka;Sivukuva;Kopioitu;Muistiinpano\r\n"
ROW = "Maija Mallikas;044 123 4567;1.2.2026;mappi 2, sivu 14;{};{};pelkää hammaslääkäriä\r\n"
PEKKA = "Pekka Keksitty;0501234567;2.2.2026;mappi 1, sivu 3;{};;{}\r\n"

Binder = Callable[..., PaperConnector]


@pytest.fixture
def binder(tmp_path: Path) -> Binder:
    """Writes an index and pictures into a folder, and opens it."""

    def write(text: str, *pictures: str, **options: object) -> PaperConnector:
        folder = tmp_path / "mappi"
        folder.mkdir(exist_ok=True)
        (folder / "index.csv").write_text(text, encoding="utf-8", newline="")
        for name in pictures:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(f"picture {name}".encode())
        return PaperConnector("mappi", {"path": folder, **options})

    return write


def _pages(connector: PaperConnector) -> list[Entry]:
    return [item for item in connector.entries() if isinstance(item, Entry)]


def _page(connector: PaperConnector, name: str = "Maija Mallikas") -> Entry:
    (found,) = [entry for entry in _pages(connector) if name in entry.values("name")]
    return found


def _folder(connector: PaperConnector) -> Path:
    return Path(connector.settings["path"])


def _index(connector: PaperConnector) -> str:
    return (_folder(connector) / "index.csv").read_bytes().decode()


def test_an_entry_says_who_when_and_where(binder: Binder) -> None:
    """The fields are the index's, the locator is the place in the owner's words, and only a hand can erase it."""
    entry = _page(binder(HEAD + ROW.format("a.png", ""), "a.png"))

    assert [(item.kind, item.value, item.label) for item in entry.fields] == [
        ("name", "Maija Mallikas", "Nimi"),
        ("phone", "044 123 4567", "Puhelin"),
        ("date", "1.2.2026", "Pvm"),
        ("other", "mappi 2, sivu 14", "Paikka"),
    ]
    assert entry.locator == "binder: mappi 2, sivu 14"
    assert entry.disposal is Disposal.MANUAL
    assert entry.disposal_reason is not None
    assert "hub done" in entry.disposal_reason


@pytest.mark.parametrize(
    ("head", "place"),
    [
        ("Namn;Telefon;Datum;Pärm;Sida;Bild", "Pärm 2, Sida 14"),
        ("Name;Phone;Date;Binder;Page;Page image", "Binder 2, Page 14"),
        ("Nimi;Puhelin;Päivä;Mappi;Sivu;Kuva", "Mappi 2, Sivu 14"),
    ],
)
def test_headings_in_three_languages(binder: Binder, head: str, place: str) -> None:
    """Names in Finnish, Swedish and English are known; a bare number says with its column's name what it counts."""
    entry = _page(binder(f"{head}\nMaija Mallikas;0441234567;1.2.2026;2;14;a.png\n", "a.png"))

    assert entry.locator == f"binder: {place}"
    assert entry.values("other") == (place,)
    assert [item.media_type for item in entry.attachments] == ["image/png"]


def test_the_owner_may_name_the_columns(binder: Binder) -> None:
    """A mapping says which column is the place, the picture, the day of the copy; what content is, it cannot say."""
    text = "Kuka;Numero;Missä;Tiedosto;Annettu\nMaija Mallikas;0441234567;laatikko 3;a.png;1.3.2026\n"
    columns = {"Kuka": "name", "Numero": "phone", "Missä": "place", "Tiedosto": "picture", "Annettu": "copied"}
    entry = _page(binder(text, "a.png", columns=columns))

    assert entry.locator == "binder: laatikko 3"
    assert len(entry.attachments) == 1
    (option,) = [option for option in PaperConnector.options if option.name == "columns"]
    assert {"note", "service", "other"}.isdisjoint(option.choices)


@pytest.mark.parametrize("column", ["Muistiinpano", "Sisältö", "Anteckningar", "Notes", "Palvelu", "Aihe", "Mitä puhuttiin", ""])
def test_content_is_never_read(binder: Binder, column: str) -> None:
    """A column that may tell what is on a page is refused in the coverage, and its values are in no entry."""
    connector = binder(f"Nimi;Puhelin;Pvm;Paikka;{column}\nMaija Mallikas;0441234567;1.2.2026;mappi 2;salaisuus\n")

    (refused,) = [item for item in connector.coverage() if item.column == (column or "E")]
    assert refused.kind is None
    assert refused.why is not None
    assert "never what is on it" in refused.why
    assert [item.value for entry in _pages(connector) for item in entry.fields if "salaisuus" in item.value] == []


@pytest.mark.parametrize(
    "place", ["Mallikas", "mappi M: Maija Mallikas", "kansio KEKSITTY", "puh. 050-123 4567", "maija@mallikas.example", ""]
)
def test_a_place_that_names_somebody_is_told_by_its_row(binder: Binder, place: str) -> None:
    """A locator stands in plans and reports: neither her name nor anybody else's of the index is in it."""
    text = HEAD + ROW.format("", "").replace("mappi 2, sivu 14", place) + PEKKA.format("", "")

    assert _page(binder(text)).locator == "index.csv, row 2"


@pytest.mark.parametrize(
    ("picture", "copied", "lacks"),
    [
        ("a.png", "", False),
        ("", "", True),
        ("", "3.3.2026", False),
        ("", "ei", True),
        ("b.png", "", True),
        ("b.png", "2026-03-03", False),
    ],
)
def test_a_package_lacks_what_is_neither_shown_nor_copied(binder: Binder, picture: str, copied: str, lacks: bool) -> None:
    """Each page needs a picture that is there, or the day on which it was copied."""
    entry = _page(binder(HEAD + ROW.format(picture, copied), "a.png"))

    assert bool(entry.missing) == lacks


def test_pictures_are_found_as_people_write_them(binder: Binder) -> None:
    """Several in a cell, with backslashes, in another case, in folders, in either spelling of an ä, with a comma in the name."""
    names = ("kuvat/a 1.png", "b.JPG", "ha\u0308n, 2.tif", "c.pdf", "d.jpeg")
    connector = binder(HEAD + ROW.format('"kuvat\\A 1.png; b.jpg;\nh\u00e4n, 2.tif;c.pdf, ./d.jpeg"', ""), *names)

    types = [item.media_type for item in _page(connector).attachments]
    assert types == ["image/png", "image/jpeg", "image/tiff", "application/pdf", "image/jpeg"]
    assert _page(connector).attachments[0].load() == b"picture kuvat/a 1.png"
    assert connector.check().problems == ()


@pytest.mark.parametrize(
    "name", ["../secret.png", "kuvat/../../secret.png", "{root}/secret.png", "link.png", "linked/secret.png", "index.csv"]
)
def test_nothing_outside_the_folder_is_a_picture(binder: Binder, tmp_path: Path, name: str) -> None:
    """A path that leads out, a link, or another kind of file is neither shown nor deleted."""
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"somebody's")
    connector = binder(HEAD + ROW.format(name.replace("{root}", str(tmp_path)), ""))
    (_folder(connector) / "link.png").symlink_to(secret)
    (_folder(connector) / "linked").symlink_to(tmp_path)
    entry = _page(connector)

    assert entry.attachments == ()
    assert entry.missing
    assert len(connector.check().problems) == 1
    connector.erase(entry.ref, entry.version, MAIJA)
    assert secret.read_bytes() == b"somebody's"
    assert (_folder(connector) / "link.png").is_symlink()


def test_a_vanished_picture_says_so_without_its_name(binder: Binder) -> None:
    """An error of a picture never quotes its name, which may be hers."""
    connector = binder(HEAD + ROW.format("maija.png", ""), "maija.png")
    entry = _page(connector)
    (_folder(connector) / "maija.png").unlink()

    with pytest.raises(Unreachable) as error:
        entry.attachments[0].load()
    assert "maija" not in str(error.value)


def test_a_confirmed_page_takes_row_and_pictures_along(binder: Binder) -> None:
    """Its row and its pictures go; every other byte of the index, and every other picture, stays."""
    rest = PEKKA.format("b.png", "")
    connector = binder(HEAD + ROW.format("a.png|a2.png", "") + rest, "a.png", "a2.png", "b.png")
    entry = _page(connector)

    assert connector.erase(entry.ref, entry.version, MAIJA).result == "erased"

    assert _index(connector) == HEAD + rest
    assert sorted(path.name for path in _folder(connector).iterdir()) == ["b.png", "index.csv"]
    assert connector.residue(MAIJA) == []


def test_a_picture_of_two_rows_stays_for_the_other(binder: Binder) -> None:
    """A picture that another row names is kept and the owner is told; it goes with the last of its rows."""
    connector = binder(HEAD + ROW.format("a.png", "") + PEKKA.format("A.png", ""), "a.png")
    maija, pekka = _page(connector), _page(connector, "Pekka Keksitty")

    told = connector.erase(maija.ref, maija.version, MAIJA)

    assert (_folder(connector) / "a.png").exists()
    assert len(told.notes) == 1
    connector.erase(pekka.ref, pekka.version, ())
    assert not (_folder(connector) / "a.png").exists()


def test_a_page_about_somebody_else_too_is_not_copied_as_it_is(binder: Binder) -> None:
    """A picture of a page that two persons are on goes into nobody's package; a day says that a covered copy was given."""
    both = '"Maija Mallikas; Pekka Keksitty";;1.2.2026;mappi 2;a.png;{};\r\n'
    two_rows = ROW.format("a.png", "") + PEKKA.format("a.png", "")
    for text in (HEAD + both.format(""), HEAD + two_rows):
        entry = _page(binder(text, "a.png"))
        assert entry.attachments == ()
        (lack,) = entry.missing
        assert "covered" in lack
    assert _page(binder(HEAD + both.format("3.3.2026"), "a.png")).missing == ()


def test_a_picture_named_in_an_unreadable_row_stays(binder: Binder) -> None:
    """What cannot be read may be somebody's: its picture is not deleted."""
    connector = binder(
        HEAD + ROW.format("a.png", "") + PEKKA.format("a.png", 'rikki "lainaus').replace("mappi 1", '"mappi 1'), "a.png"
    )
    entry = _page(connector)
    (cursor,) = [item for item in connector.entries() if isinstance(item, Cursor)]
    assert cursor.unreadable == 1

    connector.erase(entry.ref, entry.version, MAIJA)

    assert (_folder(connector) / "a.png").exists()


def test_two_pages_of_one_person_are_two_steps(binder: Binder) -> None:
    """Each page goes by itself, with the versions read before, and the other one is told of."""
    other = ROW.format("b.png", "").replace("sivu 14", "sivu 15")
    connector = binder(HEAD + ROW.format("a.png", "") + other, "a.png", "b.png")
    first, second = _pages(connector)

    told = connector.erase(first.ref, first.version, MAIJA)
    assert len(told.notes) == 1
    assert _index(connector) == HEAD + other
    assert connector.erase(first.ref, first.version, MAIJA).result == "already_absent"
    assert (_folder(connector) / "b.png").exists()

    assert connector.erase(second.ref, second.version, MAIJA).result == "erased"
    assert _index(connector) == HEAD


def test_a_row_that_was_removed_by_hand_takes_its_picture_along(binder: Binder) -> None:
    """She cleared the index herself: what is left of the page goes when she says that it is shredded."""
    rest = PEKKA.format("b.png", "")
    connector = binder(HEAD + ROW.format("a.png", "") + rest, "a.png", "b.png")
    entry = _page(connector)
    same_place = rest.replace("mappi 1, sivu 3", "mappi 2, sivu 14")
    (_folder(connector) / "index.csv").write_text(HEAD + same_place, encoding="utf-8", newline="")

    assert connector.erase(entry.ref, entry.version, MAIJA).result == "erased"

    assert sorted(path.name for path in _folder(connector).iterdir()) == ["b.png", "index.csv"]


@pytest.mark.parametrize(
    ("old", "new"), [("1.2.2026", "9.9.2026"), ("a.png", "b.png"), ("hammaslääkäriä", "pimeää"), ("Maija M", "Maria M")]
)
def test_a_changed_row_is_a_conflict(binder: Binder, old: str, new: str) -> None:
    """A row that was changed since the plan was shown stays, whatever was changed in it, and its picture stays."""
    text = HEAD + ROW.format("a.png", "")
    connector = binder(text, "a.png", "b.png")
    entry = _page(connector)
    (_folder(connector) / "index.csv").write_text(text.replace(old, new), encoding="utf-8", newline="")

    with pytest.raises(Conflict):
        connector.erase(entry.ref, entry.version, MAIJA)

    assert (_folder(connector) / "a.png").exists()


def test_of_a_shared_page_only_her_part_of_the_row_goes(binder: Binder) -> None:
    """Two persons of one page: the step says so, the other one's row and the picture stay."""
    both = ROW.format("a.png", "").replace("Maija Mallikas", "Maija Mallikas; Pekka Keksitty", 1)
    connector = binder(HEAD + both.replace("Maija Mallikas; Pekka Keksitty", '"Maija Mallikas; Pekka Keksitty"'), "a.png")
    entry = _page(connector)
    assert entry.disposal_reason is not None
    assert "another person" in entry.disposal_reason

    assert connector.erase(entry.ref, entry.version, MAIJA[:1]).result == "redacted"

    assert _page(connector, "Pekka Keksitty").locator == "binder: mappi 2, sivu 14"
    assert (_folder(connector) / "a.png").exists()
    assert connector.residue(MAIJA[:1]) == []


def test_what_waits_for_a_hand_is_no_residue(binder: Binder) -> None:
    """Her own row and her own picture are in a step; her name in somebody else's row, or on a file nobody names, is in none."""
    connector = binder(HEAD + ROW.format("maija_mallikas.png", "") + PEKKA.format("b.png", ""), "maija_mallikas.png", "b.png")
    assert connector.residue(MAIJA) == []

    connector = binder(
        HEAD + ROW.format("maija_mallikas.png", "") + PEKKA.format("b.png", "Maija Mallikas suositteli"), "mallikas-maija.pdf"
    )
    found = connector.residue(MAIJA)

    assert [str(item.where) for item in found if item.found] == ["index.csv, row 3", "1 file names"]
    assert [str(item.where) for item in found if not item.found] == ["1 pictures that no row of index.csv names"]
    assert "allikas" not in str(found)


def test_copies_and_other_files_of_the_folder_are_searched(binder: Binder) -> None:
    """A conflict copy of the index and a text file beside it are told by name, hers cut out of it."""
    connector = binder(HEAD + PEKKA.format("", ""))
    for name in ("index 2.csv", "Maija Mallikas.txt"):
        (_folder(connector) / name).write_text(ROW, encoding="utf-8")

    found = connector.residue(MAIJA)

    assert len(found) == 3
    assert all(item.found for item in found)
    assert "Mallikas" not in str(found)


@pytest.mark.parametrize("name", ["../index.csv", "kansio/index.csv", "..\\index.csv", "/index.csv"])
def test_the_index_lies_in_the_folder(binder: Binder, name: str) -> None:
    """A file name that leads elsewhere is refused."""
    with pytest.raises(ConfigError):
        _pages(binder(HEAD, index=name))
