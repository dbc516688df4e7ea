"""Real LibreOffice opens a cleaned workbook and calculates the same values as before in everybody else's rows."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from connectors._workbook.package import Package
from connectors._workbook.parts.work import Job
from connectors._workbook.residue import find_residue
from connectors._workbook.scrub import scrub
from connectors.contract import Needle
from connectors.entry import Entry
from connectors.excel.connector import ExcelConnector
from tests.connectors.workbook.parts import corpus, handmade

pytestmark = pytest.mark.real

_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""
"""Always calculate everything anew when a workbook is loaded."""

_SECONDS = 120
_EVERY_SHEET = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"

Values = dict[tuple[str, str], object]


@pytest.fixture(scope="session")
def soffice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """The command that runs LibreOffice without a window, in a profile of its own."""
    program = shutil.which("soffice")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("LibreOffice is missing, and this run must have it.")
        pytest.skip("LibreOffice (soffice) is not installed.")
    profile = tmp_path_factory.mktemp("soffice")
    (profile / "user").mkdir()
    (profile / "user" / "registrymodifications.xcu").write_text(_SETTINGS, encoding="utf-8")
    yield [program, f"-env:UserInstallation=file://{profile}", "--headless", "--norestore"]
    shutil.rmtree(profile, ignore_errors=True)


def _convert(soffice: list[str], form: str, out: Path, *files: Path) -> None:
    command = [*soffice, "--convert-to", form, "--outdir", str(out), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    assert done.returncode == 0, done.stderr


def _calculated(soffice: list[str], folder: Path, *files: Path) -> list[Values]:
    """Every cell's value after LibreOffice loaded, calculated and saved each file as a new workbook."""
    out = folder / "out"
    _convert(soffice, "xlsx", out, *files)
    found: list[Values] = []
    for file in files:
        book = openpyxl.load_workbook(out / file.name, data_only=True)
        cells = (cell for sheet in book for row in sheet.iter_rows() for cell in row)
        found.append({(cell.parent.title, cell.coordinate): cell.value for cell in cells if cell.value not in (None, "")})
    return found


def _books(folder: Path, book: corpus.Book, job: Job) -> tuple[Path, Path, Package]:
    """The workbook before and after."""
    old, new = folder / "vanha.xlsx", folder / "uusi.xlsx"
    old.write_bytes(book.data())
    package = Package(old)
    corpus.empty_cells(package, job)
    scrub(package, job)
    package.write(new)
    return old, new, package


def _hers(values: Values) -> set[tuple[str, str]]:
    """The cells that show her."""
    return {place for place, value in values.items() if corpus.traces(str(value).encode())}


def _pivot(values: Values) -> dict[str, object]:
    """What the pivot table on the report sheet says of each person."""
    return {
        str(value): values[sheet, f"F{ref[1:]}"]
        for (sheet, ref), value in values.items()
        if sheet == "Raportti" and ref[0] == "E" and ("Raportti", f"F{ref[1:]}") in values
    }


COUNTING = {("Raportti", "B2"), ("Raportti", "B3"), ("Raportti", "B4")}
"""Formulas that count her cell, search for her, or show her name."""


def test_the_profile_calculates_anew(soffice: list[str], tmp_path: Path) -> None:
    """A wrong stored result is corrected on load, so the comparison below sees calculated values."""
    book = corpus.plain_book()
    book.swap("xl/worksheets/sheet2.xml", "<f>SUM(Asiakkaat!E5:E10)</f><v>429</v>", "<f>SUM(Asiakkaat!E5:E10)</f><v>1</v>")
    path = tmp_path / "a.xlsx"
    path.write_bytes(book.data())

    assert _calculated(soffice, tmp_path, path)[0]["Raportti", "B1"] == 429


@pytest.mark.parametrize("rich", [False, True], ids=["plain", "with every part"])
def test_all_other_cells_calculate_to_the_same_values(soffice: list[str], tmp_path: Path, *, rich: bool) -> None:
    """With her three cells emptied, every other cell of every sheet has the value it had."""
    book = corpus.plain_book()
    for add in handmade.ALL if rich else ():
        add(book)
    old, new, package = _books(tmp_path, book, corpus.job())
    before, after = _calculated(soffice, tmp_path, old, new)
    aside = {("Asiakkaat", ref) for ref in corpus.HER_CELLS} | COUNTING | _hers(before)
    pivot = _pivot(before) if rich else {}
    if rich:
        # The report is built anew, so its lines move up; what it says of the others stays.
        aside |= {place for place in before | after if _in_pivot(place)}
        print(pivot, _pivot(after))
        assert pivot.pop(corpus.NAME) == 99
        assert {name: value for name, value in _pivot(after).items() if name in pivot} == pivot
    assert {place: value for place, value in after.items() if place not in aside} == {
        place: value for place, value in before.items() if place not in aside
    }
    assert after["Raportti", "B1"] == before["Raportti", "B1"] == 429
    assert after["Raportti", "B2"] == 5
    assert not _hers(after)
    assert not [one for one in find_residue(package, corpus.matcher()) if one.found]


def test_a_whole_row_leaves_all_other_rows(soffice: list[str], tmp_path: Path) -> None:
    """With her whole row emptied, only the totals over it change, to the sums without her."""
    old, new, _ = _books(tmp_path, corpus.plain_book(), corpus.job(whole_row=True))
    before, after = _calculated(soffice, tmp_path, old, new)
    row = {("Asiakkaat", f"{column}{corpus.HER_ROW}") for column in "ABCDEF"}
    aside = row | COUNTING | {("Raportti", "B1")} | _hers(before)

    assert {place: value for place, value in after.items() if place not in aside} == {
        place: value for place, value in before.items() if place not in aside
    }
    assert after["Raportti", "B1"] == 429 - 99
    assert after.get(("Asiakkaat", "F8")) in (0, None)


@pytest.mark.parametrize("mode", ["cells", "row"])
def test_the_connector_leaves_all_others_as_they_were(soffice: list[str], tmp_path: Path, mode: str) -> None:
    """Every entry of hers erased by the connector itself, in a workbook with every part: the rest calculates the same."""
    book = corpus.plain_book("Yhteensä")
    for add in handmade.ALL:
        add(book)
    old, new = tmp_path / "vanha.xlsx", tmp_path / "uusi.xlsx"
    old.write_bytes(book.data())
    new.write_bytes(book.data())
    count = _erase_all(new, mode)
    before, after = _calculated(soffice, tmp_path, old, new)
    aside = (
        _hers(before)
        | COUNTING
        | {("Asiakkaat", "C8"), ("Taulu", "B5")}
        | {place for place in before | after if _in_pivot(place)}
    )
    if mode == "row":
        rows = {("Asiakkaat", f"{column}8") for column in "ABCDEF"} | {("Taulu", f"{column}5") for column in "ABC"}
        aside |= rows | {("Raportti", "B1"), ("Taulu", "C8")}

    assert count == 2
    assert {place: value for place, value in after.items() if place not in aside} == {
        place: value for place, value in before.items() if place not in aside
    }
    assert after["Raportti", "B1"] == (429 if mode == "cells" else 429 - 99)
    assert not _hers(after)
    assert corpus.traces_of(Package(new)) == {}


def _in_pivot(place: tuple[str, str]) -> bool:
    return place[0] == "Raportti" and place[1][0] in "EF"


def _erase_all(path: Path, mode: str) -> int:
    """Erase her entries one by one, as the hub does; tells how many there were."""
    connector = ExcelConnector("customers", {"path": path, "on_erase": mode})
    needles = [Needle("name", corpus.NAME), Needle("email", corpus.EMAIL), Needle("phone", corpus.PHONE)]
    hers = [item.ref for item in connector.entries() if isinstance(item, Entry) and corpus.NAME in item.values("name")]
    for ref in hers:
        entry = connector.get(ref)
        connector.erase(ref, entry.version, needles)
    assert [one.found for one in connector.residue(needles) if one.found] == []
    return len(hers)


def test_each_sheet_as_text_differs_only_in_her_lines(soffice: list[str], tmp_path: Path) -> None:
    """Exported sheet by sheet as text, only lines with her cells differ, and no line moves."""
    old, new, _ = _books(tmp_path, corpus.plain_book(), corpus.job())
    _convert(soffice, _EVERY_SHEET, tmp_path / "csv", old, new)
    for sheet, lines in {"Asiakkaat": {8}, "Raportti": {2, 3, 4}, "Taulu": {1, 5, 8}, "Piilo": {1, 2}}.items():
        before, after = (
            list(csv.reader((tmp_path / "csv" / f"{name}-{sheet}.csv").read_text(encoding="utf-8").splitlines()))
            for name in ("vanha", "uusi")
        )
        pairs = enumerate(zip(before, after, strict=True), 1)
        assert {number for number, (one, other) in pairs if one != other} <= lines, sheet
        assert not corpus.traces(str(after).encode())


def test_the_result_opens_as_an_open_document_too(soffice: list[str], tmp_path: Path) -> None:
    """LibreOffice's own format made of the result holds none of her values in any part."""
    _, new, _ = _books(tmp_path, corpus.plain_book(), corpus.job())
    _convert(soffice, "ods", tmp_path / "ods", new)
    parts = corpus.Book.read(tmp_path / "ods" / "uusi.ods").parts

    assert {name: corpus.traces(data) for name, data in parts.items() if corpus.traces(data)} == {}
