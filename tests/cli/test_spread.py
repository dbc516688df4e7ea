"""What an erase takes out of other cells of a workbook is seen before anything goes, and nothing goes that was not seen."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment

from connectors.contract import Outcome
from connectors.entry import Ref
from connectors.errors import Unreachable
from connectors.excel import ExcelConnector
from connectors.phrase import Phrase
from hub import ledger
from hub.cli import main
from tests.cli.running import Hub

WHO = "maija@mallikas.example"
PEOPLE = (
    ("Nimi", "Sähköposti", "Puhelin", "Paikkakunta"),
    ("Maija Mallikas", WHO, "040 000 1111", "Turku"),
    ("Pekka Kokeila", "pekka@kokeila.example", "040 000 1112", "Salo"),
    ("Maija Mallikas", WHO, "", "Turku"),
)
NOTES = {
    "A1": "Soita Maija Mallikas ma klo 10",
    "B2": WHO,
    "C3": '=IF(A1="Maija Mallikas",1,0)',
    "A5": "Pekka Kokeila maksoi",
}
SEEN = [
    ("sheet Muistio, cell A1", NOTES["A1"], "Soita  ma klo 10"),
    ("sheet Muistio, cell B2", WHO, ""),
    ("sheet Muistio, cell C3", NOTES["C3"], '=IF(A1="Poistettu",1,0)'),
]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A register in which she has two rows, with a sheet of notes that nobody listed."""
    path = tmp_path / "asiakkaat.xlsx"
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.title = "Asiakkaat"
    for row in PEOPLE:
        sheet.append(row)
    notes = made.create_sheet("Muistio")
    for cell, text in NOTES.items():
        notes[cell] = text
    made.save(path)
    return path


@pytest.fixture
def config(book: Path) -> Path:
    """A configuration with that workbook alone."""
    config = book.parent / "hub.toml"
    config.write_text(f'state = "state"\n[controller]\nlanguage = "en"\n[source.list]\nkind = "excel"\npath = "{book.name}"\n')
    return config


def _spread(plan: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(one["where"].partition(", ")[2], one["before"], one["after"]) for one in plan["spread"]]


def _change(book: Path, cell: str, text: str) -> None:
    made = openpyxl.load_workbook(book)
    made["Muistio"][cell] = text
    made.save(book)


def _notes(book: Path) -> dict[str, str]:
    cells = (cell for row in openpyxl.load_workbook(book)["Muistio"].iter_rows() for cell in row)
    return {cell.coordinate: str(cell.value) for cell in cells if cell.value}


@pytest.mark.parametrize("command", ["erase", "refuse"])
def test_every_other_cell_that_loses_a_value_is_in_the_plan(hub: Hub, book: Path, command: str) -> None:
    """Where it is, what stands there and what is left of that, though her two rows go one after the other; nothing is written."""
    before = book.read_bytes()

    _, plan = hub(command, WHO)

    assert _spread(plan) == SEEN
    assert book.read_bytes() == before


def test_the_cells_of_the_plan_are_those_that_change(hub: Hub, book: Path) -> None:
    """Neither more nor less, seen by another reader."""
    _, plan = hub("erase", WHO)

    code, _ = hub("erase", "--confirm", plan["request"])

    assert code == 0
    left = {where.rpartition(" ")[2]: after for where, _, after in SEEN if after}
    assert _notes(book) == {**left, "A5": NOTES["A5"]}


def test_a_sheet_of_her_name_is_not_named(hub: Hub, book: Path) -> None:
    """The ledger keeps where something went, and no value of hers."""
    made = openpyxl.load_workbook(book)
    made["Muistio"].title = "Maija Mallikas 2026"
    made.save(book)
    _, plan = hub("erase", WHO)

    _, outcome = hub("erase", "--confirm", plan["request"])

    assert [one["where"].partition(", ")[2] for one in plan["spread"]] == [
        f"sheet … 2026, cell {cell}" for cell in ("A1", "B2", "C3")
    ]
    assert [note for one in outcome["outcomes"] for note in one["notes"] if "other cells" in note]
    assert [note for one in outcome["outcomes"] for note in one["notes"] if "Mallikas" in note] == []


@pytest.mark.parametrize(("cell", "text"), [("E9", "hei Maija Mallikas!"), ("A1", "Maija Mallikas perui")])
def test_a_cell_that_came_since_makes_the_plan_stale(hub: Hub, book: Path, cell: str, text: str) -> None:
    """Her rows are as they were, and yet nothing is written: what would go was not seen."""
    _, plan = hub("erase", WHO)
    _change(book, cell, text)
    before = book.read_bytes()

    code, outcome = hub("erase", "--confirm", plan["request"])

    assert (code, outcome["state"]) == (5, "stale")
    assert [one["locator"].rpartition(" ")[2] for one in outcome["changes"] if one["change"] == "beside"] == [cell]
    assert book.read_bytes() == before


def test_a_workbook_that_is_not_there_is_no_change(hub: Hub, book: Path) -> None:
    """Its steps say that it did not answer, and the request waits; once it is back, what was shown goes and nothing else."""
    _, plan = hub("erase", WHO)
    away = book.rename(book.with_suffix(".away"))

    code, outcome = hub("erase", "--confirm", plan["request"])
    away.rename(book)
    later, done = hub("erase", "--confirm", plan["request"])

    assert (code, [one["outcome"] for one in outcome["outcomes"]]) == (3, ["unreachable"] * 2)
    assert (later, done["state"]) == (0, "complete")
    assert sorted(_notes(book)) == ["A1", "A5", "C3"]


def test_a_cell_that_came_while_the_workbook_was_away_makes_the_plan_stale(hub: Hub, book: Path) -> None:
    """What nobody saw does not go, even where the request was confirmed before."""
    _, plan = hub("erase", WHO)
    away = book.rename(book.with_suffix(".away"))
    hub("erase", "--confirm", plan["request"])
    away.rename(book)
    _change(book, "E9", "hei Maija Mallikas!")
    before = book.read_bytes()

    code, _ = hub("erase", "--confirm", plan["request"])

    assert code == 5
    assert book.read_bytes() == before


@pytest.mark.parametrize("kind", ["excel", "arkhimedes"])
def test_a_comment_that_goes_with_another_row_is_in_nobodys_way(hub: Hub, book: Path, config: Path, kind: str) -> None:
    """Her first row takes her phone out of a comment on the second, which is as it was shown for all that; nothing goes unseen."""
    made = openpyxl.load_workbook(book)
    made["Asiakkaat"]["D4"].comment = Comment("Soita 040 000 1111 aamulla", "x")
    made.save(book)
    if kind == "arkhimedes":
        (book.parent / "viennit").mkdir()
        book.rename(book.parent / "viennit" / book.name)
        text = config.read_text("utf-8").replace('"excel"', '"arkhimedes"').replace(book.name, "viennit")
        config.write_text(text, "utf-8")
    _, plan = hub("erase", WHO)

    _, outcome = hub("erase", "--confirm", plan["request"])

    assert _spread(plan) == SEEN
    assert {one["outcome"] for one in outcome["outcomes"]} <= {"redacted", "erased", "manual_pending"}
    assert outcome["state"] == ("complete" if kind == "excel" else "waiting")


def test_a_comment_that_was_changed_is_in_the_way(hub: Hub, book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the owner wrote there since the plan was shown does not go with the row, though a value of hers went from it, too."""
    made = openpyxl.load_workbook(book)
    made["Asiakkaat"]["D4"].comment = Comment("Soita 040 000 1111 aamulla", "x")
    made.save(book)
    honest, turns = ExcelConnector.redact, count()

    def redact(self: ExcelConnector, ref: Ref, *rest: Any) -> Outcome:
        if next(turns) == 1:
            made = openpyxl.load_workbook(book)
            made["Asiakkaat"]["D4"].comment = Comment("Soita aamulla, ei illalla", "x")
            made.save(book)
        return honest(self, ref, *rest)

    monkeypatch.setattr(ExcelConnector, "redact", redact)
    _, plan = hub("erase", WHO)

    code, outcome = hub("erase", "--confirm", plan["request"])

    assert (code, [one["outcome"] for one in outcome["outcomes"]]) == (3, ["redacted", "conflict"])


def test_what_stood_there_is_kept_no_longer_than_the_plan(hub: Hub, book: Path, config: Path) -> None:
    """A cell may name others: once it lost the value the ledger holds nothing of it, though a step still waits for a hand."""
    (book.parent / "mappi").mkdir()
    (book.parent / "mappi" / "index.csv").write_text(
        f"Nimi;Sähköposti;Paikka\r\nMaija Mallikas;{WHO};mappi 1, sivu 2\r\n", "utf-8"
    )
    config.write_text(f'{config.read_text()}[source.binder]\nkind = "paper"\npath = "mappi"\n')
    _, plan = hub("erase", WHO)

    code, outcome = hub("erase", "--confirm", plan["request"])

    assert (code, outcome["state"]) == (4, "waiting")
    with ledger.opened(book.parent / "state") as opened:
        kept = opened.load(plan["request"]).plan
    assert kept is not None
    assert kept.needles
    assert kept.spread == ()


@pytest.mark.parametrize("command", ["erase", "refuse"])
def test_a_plan_that_waits_quotes_nobody_who_was_erased(hub: Hub, book: Path, command: str) -> None:
    """A cell names two people: the other's erase takes him out of the cell, and the plan that still showed it is put aside."""
    _change(book, "A1", "Maija Mallikas ja Pekka Kokeila ma klo 10")
    _, plan = hub("erase", WHO)
    assert "Pekka" in str(plan["spread"])

    hub(command, "pekka@kokeila.example", "--confirm")

    assert _notes(book)["A1"] == "Maija Mallikas ja  ma klo 10"
    with ledger.opened(book.parent / "state") as opened:
        kept = opened.load(plan["request"])
    assert kept.plan is not None
    assert (kept.stage, kept.plan.spread) == ("superseded", ())
    assert "Pekka" not in str(hub("erase", WHO)[1])


def test_a_plan_stays_where_another_erase_changed_no_cell_of_it(hub: Hub, book: Path) -> None:
    """Who is in no cell that the plan quotes goes, and the plan can be confirmed."""
    _change(book, "A5", "Osta kahvia")
    _, plan = hub("erase", WHO)
    hub("erase", "pekka@kokeila.example", "--confirm")

    assert hub("erase", "--confirm", plan["request"])[0] == 0


def test_a_cell_that_says_nothing_of_her_changes_no_plan(hub: Hub, book: Path) -> None:
    """What else is written into the workbook meanwhile is the owner's business."""
    _, plan = hub("erase", WHO)
    _change(book, "E9", "Osta kahvia")

    assert hub("erase", "--confirm", plan["request"])[0] == 0
    assert _notes(book)["E9"] == "Osta kahvia"


def test_what_an_included_entry_reaches_is_seen_before_it_goes(hub: Hub, config: Path, book: Path) -> None:
    """A card of hers by her name alone brings an address that stands in another cell: the plan is shown once more."""
    card = config.parent / "kortti.csv"
    card.write_text("Nimi;Sähköposti\nMaija Mallikas;mm@toinen.example\n", encoding="utf-8")
    config.write_text(f'{config.read_text()}[source.cards]\nkind = "csv"\npath = "{card.name}"\n')
    _change(book, "E9", "mm@toinen.example")
    _, plan = hub("erase", WHO)
    (asked,) = plan["review"]
    before = book.read_bytes()
    assert "cell E9" not in str(plan["spread"])

    code, again = hub("erase", "--confirm", plan["request"], "--include", asked["ref"])

    assert code == 4
    assert "cell E9" in str(again["spread"])
    assert book.read_bytes() == before
    assert hub("erase", "--confirm", plan["request"])[0] == 0
    assert "E9" not in _notes(book)


@pytest.mark.parametrize("comment", ["", "Soita 040 000 1111 aamulla"])
@pytest.mark.parametrize("changed", [True, False])
def test_what_goes_on_takes_nothing_that_was_not_seen(
    hub: Hub, book: Path, monkeypatch: pytest.MonkeyPatch, changed: bool, comment: str
) -> None:
    """An erase that was cut off after the first of her rows: where she is mentioned anew meanwhile, it waits for a new plan.

    Also when the first row took a value out of a comment on the second.
    """
    if comment:
        made = openpyxl.load_workbook(book)
        made["Asiakkaat"]["D4"].comment = Comment(comment, "x")
        made.save(book)
    honest, turns = ExcelConnector.redact, iter([False, True])

    def once(self: ExcelConnector, ref: Ref, *rest: Any) -> Outcome:
        if next(turns, False):
            raise Unreachable(Phrase("The disk is gone."))
        return honest(self, ref, *rest)

    monkeypatch.setattr(ExcelConnector, "redact", once)
    _, plan = hub("erase", WHO)
    assert hub("erase", "--confirm", plan["request"])[0] == 3
    if changed:
        _change(book, "E9", "hei Maija Mallikas!")
    before = book.read_bytes()

    code, _ = hub("erase", "--confirm", plan["request"])

    assert (code, book.read_bytes() == before) == ((5, True) if changed else (0, False))


def test_the_access_package_holds_the_cells(hub: Hub, book: Path, tmp_path: Path) -> None:
    """What an erase takes out of free cells is hers to see: each once and as it is now, others in it covered; no formula."""
    _change(book, "A1", f"{NOTES['A1']}, Pekka Kokeila mukana")
    hub("export", WHO, "--out", str(tmp_path / "out"))

    package = json.loads(next((tmp_path / "out").glob("*/data.json")).read_text(encoding="utf-8"))
    told = [(one["locator"].partition(", ")[2], one["fields"][0]["value"]) for one in package["entries"][2:]]
    assert told == [("sheet Muistio, cell A1", f"{NOTES['A1']}, [another person] mukana"), ("sheet Muistio, cell B2", WHO)]


def test_the_package_says_where_nobody_could_look(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A source that cannot tell its other cells makes the package incomplete, for nothing found would be a guess."""

    def unable(_self: object, _going: object, _needles: object = ()) -> None:
        raise Unreachable(Phrase("The disk is gone."))

    monkeypatch.setattr(ExcelConnector, "spread", unable)
    code, told = hub("export", WHO, "--out", str(tmp_path / "out"))

    assert (code, told["complete"]) == (3, False)
    assert "list: nobody could look for cells outside the entries. The disk is gone." in " ".join(told["missing"])


def test_the_terminal_shows_the_cells_under_their_source(config: Path, book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As the owner reads it: the sheet, the cell, and the text."""
    del book

    main(["erase", WHO, "--config", str(config)])

    shown = capsys.readouterr().out
    assert "These values go from other places, too:" in shown
    assert "sheet Muistio, cell A1" in shown
    assert NOTES["A1"] in shown


def test_the_listing_of_everybody_says_what_it_does_not_list(
    config: Path, book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On the terminal and on the page."""
    del book
    page = tmp_path / "everybody.html"
    asked = ("erase", "--everybody", "--reason", "closes", "--config", str(config))

    main([*asked])
    main([*asked, "--html", str(page)])

    assert "Other cells of a workbook that hold one of these values lose it, too" in capsys.readouterr().out
    assert "Other cells of a workbook that hold one of these values lose it, too" in page.read_text("utf-8")
