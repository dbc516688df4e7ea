"""Real Thunderbird and real LibreOffice open what the demo leaves, and show everybody but the one who was erased."""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from hub.cli import main
from hub.demo.addressbook import LIST
from hub.demo.company import Demo, build
from hub.demo.people import COLLEAGUE, HER_EMAIL, HER_NAME, NAMESAKE_NAME, customers
from hub.demo.run import run
from tests.real import marionette
from tests.real.marionette import Thunderbird

SOFFICE = shutil.which("soffice")
IN_CI = bool(os.environ.get("CI"))

pytestmark = pytest.mark.real

_SHOW = """
const {MailServices} = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const name = card => card.displayName || card.primaryEmail;
return Object.fromEntries(MailServices.ab.directories.map(directory => [directory.dirName, {
  cards: directory.childCards.filter(card => !card.isMailList).map(name),
  lists: Object.fromEntries(directory.childNodes.map(list => [list.dirName, list.childCards.map(name)])),
}]));
"""
_EVERY_SHEET = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"

HERS = {("Asiakkaat", 9): slice(1, 5), ("Asiakkaat", 20): slice(1, 4), ("Postituslista", 5): slice(0, 2)}
"""Her cells, by sheet and row: name, phone, e-mail and city or what is left of them in a shared row."""

ABOUT_HER = {("Yhteenveto", row) for row in (5, 6, 7)}
"""Rows whose formulas ask for her by name."""


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The company after the whole demo."""
    folder = tmp_path_factory.mktemp("demo") / "company"
    assert run(folder, io.StringIO(), main) == 0
    shape = build(tmp_path_factory.mktemp("shape") / "company")
    return Demo(
        folder,
        *(folder / path.relative_to(shape.folder) for path in (shape.config, shape.workbook, shape.profiles, shape.profile)),
    )


@pytest.mark.skipif(marionette.program() is None and not IN_CI, reason="Thunderbird is not installed")
def test_thunderbird_shows_the_remaining_cards_and_list_members(after: Demo, tmp_path: Path) -> None:
    """All books, in their order, without her and without a ghost on the list."""
    profile = shutil.copytree(after.profile, tmp_path / "profile")
    with Thunderbird(profile) as thunderbird:
        books = thunderbird.run(_SHOW)
    own = [row.contact for row in customers()[20:28]]
    assert books["Personal Address Book"] == {"cards": [*own, NAMESAKE_NAME], "lists": {LIST: own[:2]}}
    assert books["Työ"] == {"cards": [COLLEAGUE], "lists": {}}
    assert books["Collected Addresses"] == {"cards": [row.email for row in customers()[30:36]], "lists": {}}


@pytest.mark.skipif(SOFFICE is None and not IN_CI, reason="LibreOffice is not installed")
def test_libreoffice_calculates_the_same_in_all_other_cells(after: Demo, tmp_path: Path) -> None:
    """Every sheet, hidden ones too; her cells are empty, a shared row holds only her colleague, and nothing is an error."""
    fresh = build(tmp_path / "fresh")
    before, now = (_calculated(demo.workbook, tmp_path / name) for name, demo in (("before", fresh), ("now", after)))
    assert before.keys() == now.keys() == {"Asiakkaat", "Yhteenveto", "Hinnasto", "Postituslista", "Luettelot"}
    for sheet, rows in before.items():
        for number, row in enumerate(rows, start=1):
            seen = now[sheet][number - 1]
            if (place := (sheet, number)) in HERS:
                hers = HERS[place]
                assert [seen[: hers.start], seen[hers.stop : 9]] == [row[: hers.start], row[hers.stop : 9]], place
            elif place not in ABOUT_HER:
                assert seen == row, place
    assert now["Asiakkaat"][8][1:5] == [""] * 4
    assert now["Asiakkaat"][19][1:4] == [COLLEAGUE, "040 123 4568", "pekka.mallikas@saaristo.example"]
    text = str(now)
    assert HER_NAME not in text
    assert HER_EMAIL not in text


def _calculated(workbook: Path, out: Path) -> dict[str, list[list[str]]]:
    """What LibreOffice shows in each sheet after loading and calculating the workbook."""
    assert SOFFICE, "LibreOffice is missing, and this run must have it"
    command = [SOFFICE, f"-env:UserInstallation=file://{out}/profile", "--headless", "--norestore"]
    command += ["--convert-to", _EVERY_SHEET, "--outdir", str(out), str(workbook)]
    subprocess.run(command, capture_output=True, timeout=120, check=True)
    sheets = {}
    for path in out.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as stream:
            sheets[path.stem.removeprefix(f"{workbook.stem}-")] = list(csv.reader(stream))
    return sheets
