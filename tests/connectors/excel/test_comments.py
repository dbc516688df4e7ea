"""What stands in a comment on a person's cell is the person's: it is shown, given out, and goes with its cell only."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.comments import Comment

from connectors._workbook.notes import comments_of
from connectors.entry import Cursor, Entry, Version
from connectors.errors import Conflict
from tests.connectors.excel.books import ROWS, change, entries, of, open_source, register, remove
from tests.connectors.workbook.parts import corpus, handmade

PEKKA = {"A3": "Pekka on uusi johtaja", "B3": "täyttää 50 v. 2.3.2027", "D3": "soita illalla", "H3": "ei lasketa alennusta"}


def commented(path: Path, comments: Mapping[str, str]) -> Path:
    """A register with comments on its cells."""
    register(path, [*ROWS, ["", "Anna Malli / Eero Malli", "anna@malli.example; eero@malli.example", "", "Luento", 250]])
    book = load_workbook(path)
    for place, text in comments.items():
        book["Asiakkaat"][place].comment = Comment(text, "Omistaja")
    book.save(path)
    return path


def left_in(path: Path) -> dict[str, str]:
    """The comments of the sheet, as another reader sees them."""
    rows = load_workbook(path)["Asiakkaat"].iter_rows()
    return {cell.coordinate: cell.comment.text for row in rows for cell in row if cell.comment}


def told(entry: Entry) -> dict[str, tuple[str, bool]]:
    """The comments that an entry shows: place → text, and whether it stays."""
    return {field.label: (field.value, field.stays) for field in entry.fields if field.kind == "note"}


@pytest.mark.parametrize(("on_erase", "going"), [("cells", {"B3", "D3"}), ("row", {"A3", "B3", "D3", "H3"})])
def test_what_is_shown_as_going_goes_and_nothing_else(tmp_path: Path, on_erase: str, going: set[str]) -> None:
    """Every comment of the row is shown; those on emptied cells go, those on the company's and other people's stay."""
    path = commented(tmp_path / "a.xlsx", PEKKA | {"B2": "Maijan oma"})
    source = open_source(path, on_erase=on_erase)
    entry = of(source, "Pekka Laine")
    assert told(entry) == {place: (text, place not in going) for place, text in PEKKA.items()}

    remove(source, entry)

    assert set(left_in(path)) == {*PEKKA, "B2"} - going


def test_of_two_in_a_row_each_sees_the_comments_on_their_cells(tmp_path: Path) -> None:
    """A cell that both share is not emptied for one: its comment is shown to both, and stays with whoever stays."""
    path = commented(tmp_path / "a.xlsx", {"B5": "sisarukset", "H5": "muistettava"})
    source = open_source(path)
    assert [told(of(source, name)) for name in ("Anna Malli", "Eero Malli")] == [{"B5": ("sisarukset", True)}] * 2

    remove(source, of(source, "Anna Malli"))

    assert left_in(path) == {"B5": "sisarukset", "H5": "muistettava"}
    assert told(of(open_source(path), "Eero Malli")) == {"B5": ("sisarukset", False), "H5": ("muistettava", True)}


def test_a_comment_that_came_after_the_plan_is_not_erased_unseen(tmp_path: Path) -> None:
    """It makes the row another one than was shown."""
    path = commented(tmp_path / "a.xlsx", {})
    entry = of(open_source(path), "Pekka Laine")
    commented(path, {"B3": "uusi"})

    with pytest.raises(Conflict):
        remove(open_source(path), entry)

    assert left_in(path) == {"B3": "uusi"}


def test_a_row_without_comments_has_the_version_it_always_had(tmp_path: Path) -> None:
    """A plan that waits is not made stale by another row's comment."""
    path = commented(tmp_path / "a.xlsx", {})
    before: list[Version] = [entry.version for entry in entries(open_source(path))]
    commented(path, {"B2": "Maijan oma"})
    assert [entry.version for entry in entries(open_source(path))][1:] == before[1:]


def test_a_thread_is_read_with_its_answers() -> None:
    """A thread stands for the note that only says that there is one."""
    package, _ = corpus.scrubbed(handmade.threads)
    (sheet,) = [sheet for sheet in package.sheets if sheet.part == corpus.SHEET]
    found = comments_of(package, sheet.part)
    assert (found[8][1], found[6][1]) == (f"{corpus.NAME} soitti", "Ei mitään")


def test_comments_that_cannot_be_read_are_counted(tmp_path: Path) -> None:
    """The rows are read all the same, and it is said that something was left out."""
    path = commented(tmp_path / "a.xlsx", PEKKA)
    change(path, "xl/comments/comment1.xml", lambda data: data[:-20])

    *found, cursor = open_source(path).entries()

    assert isinstance(cursor, Cursor)
    assert len(found) == 5
    assert ["1 cells" in warning for warning in cursor.warnings] == [True]
