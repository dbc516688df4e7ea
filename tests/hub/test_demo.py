"""The made-up company is what it claims to be, and the demo does the whole job on it."""

from __future__ import annotations

import io
import os
import quopri
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import openpyxl
import pypdf
import pytest
from defusedxml import ElementTree

from connectors.errors import Fault, UsageError
from hub.demo.addressbook import PHOTO
from hub.demo.company import Demo, build
from hub.demo.people import (
    COLLEAGUE_EMAIL,
    HER_EMAIL,
    HER_HOME_EMAIL,
    HER_NAME,
    NAMESAKE_EMAIL,
    NAMESAKE_NAME,
    NAMESAKE_PHONE,
    SWITCHBOARD,
    customers,
)
from hub.demo.registers import INVOICE, PAGE
from hub.demo.run import run

HERS = (HER_NAME, "Esimerkkilä;Aino", "Esimerkkilä Aino", HER_EMAIL, HER_HOME_EMAIL, "441234567", "44 123 4567", "44-1234567")
"""Every spelling of her values that stands somewhere in the registers, the invoices that are kept aside."""

KEPT = ("laskut.xml", f"lasku-{INVOICE}.pdf")
"""The files of the invoices."""

HER_ROWS = {"Asiakkaat": {9, 20}, "Postituslista": {5}}
BESIDE = {("Asiakkaat", "J10"), *(("Yhteenveto", cell) for cell in ("B5", "B6", "B7"))}
"""Cells of others that speak of her, or of her row."""


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """A company nobody has touched."""
    return build(tmp_path_factory.mktemp("fresh") / "company")


def parts(workbook: Path) -> dict[str, str]:
    """Every part of a workbook that is text."""
    with zipfile.ZipFile(workbook) as package:
        return {name: package.read(name).decode("utf-8", "replace") for name in package.namelist()}


@contextmanager
def opened(book: Path) -> Iterator[sqlite3.Connection]:
    """A copy of a book: even reading one in place would leave side files beside it."""
    with tempfile.TemporaryDirectory() as folder:
        for path in book.parent.glob(f"{book.name}*"):
            shutil.copy(path, folder)
        with closing(sqlite3.connect(Path(folder) / book.name)) as database:
            yield database


def cards(book: Path) -> dict[str, dict[str, str]]:
    """Every card of a book, by its uid, with its properties."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    with opened(book) as database:
        for card, name, value in database.execute("SELECT card, name, value FROM properties"):
            found[card][name] = value
    return dict(found)


@pytest.mark.parametrize(
    ("part", "pattern"),
    [
        ("xl/sharedStrings.xml", HER_NAME),
        ("xl/sharedStrings.xml", f"{HER_NAME} / Pekka"),
        ("xl/worksheets/sheet1.xml", '<mergeCell ref="A1:J1"'),
        ("xl/worksheets/sheet1.xml", r'<c r="C9"[^>]*t="n"><v>441234567</v>'),
        ("xl/worksheets/sheet1.xml", r"<f>H9\*1\.255</f><v>301\.2"),
        ("xl/worksheets/sheet1.xml", r"<f>SUM\(H5:H44\)</f><v>\d"),
        ("xl/worksheets/sheet1.xml", f'<cfRule [^>]*><formula>\\$B5="{HER_NAME}"'),
        ("xl/worksheets/sheet1.xml", "<dataBar>"),
        ("xl/worksheets/sheet1.xml", f"<oddFooter>[^<]*{HER_NAME}"),
        ("xl/worksheets/_rels/sheet1.xml.rels", f"mailto:{HER_EMAIL}"),
        ("xl/worksheets/sheet2.xml", f'<f>VLOOKUP\\("{HER_NAME}",[^<]*</f><v>Valmennus</v>'),
        ("xl/worksheets/sheet2.xml", f't="str"><f>Asiakkaat!B9</f><v>{HER_NAME}</v>'),
        ("xl/worksheets/sheet2.xml", f'<f>COUNTIF\\([^<]*"{HER_NAME}"\\)</f><v>1</v>'),
        ("xl/worksheets/sheet2.xml", f'<dataValidation [^>]*prompt="[^"]*{HER_NAME}'),
        ("xl/worksheets/sheet2.xml", f'<formula1>"{HER_NAME},'),
        ("xl/charts/chart1.xml", f"<strCache>.*<v>{HER_NAME}</v>"),
        ("xl/comments/comment1.xml", f"Sijainen: {HER_NAME}"),
        ("xl/comments/comment1.xml", 'ref="B9"'),
        ("xl/tables/table1.xml", 'ref="A4:J44"'),
        ("xl/tables/table2.xml", 'displayName="Hinnat"'),
        ("xl/workbook.xml", f'<definedName name="Avainasiakas" comment="[^"]*{HER_EMAIL}">"{HER_NAME}"'),
        ("xl/workbook.xml", 'name="Postituslista" sheetId="4" state="hidden"'),
        ("xl/workbook.xml", 'name="Luettelot" sheetId="5" state="veryHidden"'),
        ("docProps/core.xml", HER_NAME),
    ],
)
def test_the_workbook_has_every_feature_it_promises(company: Demo, part: str, pattern: str) -> None:
    """Each place where a workbook can repeat a person is there."""
    assert re.search(pattern, parts(company.workbook)[part])


def test_the_workbook_opens_with_its_header_in_row_four(company: Demo) -> None:
    """A second reader sees forty customers below a merged title."""
    sheet = openpyxl.load_workbook(company.workbook)["Asiakkaat"]
    assert [cell.value for cell in sheet[4]][:4] == ["Yritys", "Yhteyshenkilö", "Puhelin", "Sähköposti"]
    assert [sheet.cell(row, 2).value for row in range(5, 45)] == [customer.contact for customer in customers()]


def test_the_customers_hold_the_hard_cases() -> None:
    """A namesake with other details, colleagues at one switchboard, and otherwise nobody twice."""
    rows = customers()
    assert sum(SWITCHBOARD in str(row.phone) for row in rows) == 2
    namesake = rows[7]
    assert (namesake.contact, namesake.phone, namesake.email) == (NAMESAKE_NAME, NAMESAKE_PHONE, NAMESAKE_EMAIL)
    assert len({row.contact for row in rows}) == len({row.email for row in rows}) == 40


@pytest.mark.parametrize("name", ["abook.sqlite", "abook-1.sqlite", "history.sqlite"])
def test_the_books_are_as_thunderbird_writes_them(company: Demo, name: str) -> None:
    """Page size, version, journal mode and integrity are a real book's, and nothing waits in a journal."""
    with opened(company.profile / name) as book:
        answers = [book.execute(f"PRAGMA {key}").fetchone()[0] for key in ("user_version", "page_size", "journal_mode")]
        assert answers == [4, 32768, "wal"]
        assert book.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    wal = company.profile / f"{name}-wal"
    assert not wal.exists() or not wal.stat().st_size


def test_her_cards_are_in_both_books_the_list_and_the_collected_addresses(company: Demo) -> None:
    """She is linked by e-mail here and by phone there, has a photo, and is on the list."""
    mine = {uid: card for uid, card in cards(company.profile / "abook.sqlite").items() if HER_EMAIL in card["_vCard"]}
    (uid,) = mine
    assert mine[uid]["PhotoName"] == PHOTO
    assert (company.profile / "Photos" / PHOTO).read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    with opened(company.profile / "abook.sqlite") as book:
        assert [row[0] for row in book.execute("SELECT card FROM list_cards")].index(uid) == 1
    assert any("044-1234567" in card["_vCard"] for card in cards(company.profile / "abook-1.sqlite").values())
    collected = [card for card in cards(company.profile / "history.sqlite").values() if HER_EMAIL in card["_vCard"]]
    assert [card.get("DisplayName") for card in collected] == [None]


def test_vcards_are_folded_at_75_octets(company: Demo) -> None:
    """No line is longer, some line is folded inside a word, and unfolding gives the text back."""
    text = "".join(card["_vCard"] for card in cards(company.profile / "abook.sqlite").values())
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    assert re.search(r"\w\r\n \w", text)
    assert "pitkistä kävelyistä saaristossa.\\nSovittu" in text.replace("\r\n ", "")


def test_the_prefs_name_the_second_book(company: Demo) -> None:
    """Thunderbird finds its own book by these lines, and the profile by profiles.ini."""
    prefs = (company.profile / "prefs.js").read_text(encoding="utf-8")
    assert 'user_pref("ldap_2.servers.Tyo.filename", "abook-1.sqlite");' in prefs
    assert f"Path={company.profile.relative_to(company.profiles)}" in (company.profiles / "profiles.ini").read_text(
        encoding="utf-8"
    )


def test_a_folder_that_holds_anything_is_left_alone(tmp_path: Path) -> None:
    """The owner's files are never written over."""
    (tmp_path / "oma.txt").write_text("x", encoding="utf-8")
    with pytest.raises(UsageError):
        build(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["oma.txt"]


def test_a_step_that_breaks_its_promise_stops_the_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that fails is never talked over, and the environment is as before."""
    monkeypatch.delenv("HUB_KEY_PLACE", raising=False)
    seen: list[tuple[str, str | None]] = []

    def failing(arguments: Sequence[str]) -> int:
        seen.append((arguments[0], os.environ.get("HUB_KEY_PLACE")))
        return 3

    with pytest.raises(Fault, match="exit code 3"):
        run(tmp_path / "company", io.StringIO(), failing)
    assert seen == [("find", "file")]
    assert "HUB_KEY_PLACE" not in os.environ


# The whole job, once, in a process of its own, beside a company that nobody touched.


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Demo, str]:
    """The company after the demo, and what the demo printed."""
    home = tmp_path_factory.mktemp("home")
    folder = tmp_path_factory.mktemp("demo") / "company"
    env = {key: value for key, value in os.environ.items() if not key.startswith(("HUB_", "XDG_"))} | {"HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-m", "hub", "demo", str(folder)], env=env, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert list(home.iterdir()) == []
    fresh = build(tmp_path_factory.mktemp("shape") / "company")
    names = {"config", "workbook", "profiles", "profile"}
    return Demo(folder, **{name: folder / getattr(fresh, name).relative_to(fresh.folder) for name in names}), done.stdout


def test_the_demo_says_what_it_did(finished: tuple[Demo, str]) -> None:
    """The commands, the hand's steps, what the second find shows, the empty residue and the files are on the screen."""
    demo, said = finished
    for command in ("find", "export", "erase", "erase --confirm", "done"):
        assert f"$ hub {command} " in said
    assert "residue: none" in said
    assert "She is gone but for the invoice." in said
    assert said.count("$ hub done ") == 2
    assert f"invoice {INVOICE} | an issued invoice is kept unaltered" in said
    assert "KPL 2 luku 10 §; kept until 2032-12-31" in said
    for path in (path for path in demo.folder.rglob("*") if path.is_file()):
        assert str(path.relative_to(demo.folder)) in said


def test_the_demo_exports_before_it_erases(company: Demo, finished: tuple[Demo, str]) -> None:
    """The access package holds her values, her photo, the page, her invoice, and nobody else's e-mail address."""
    package = finished[0].folder / "access-package"
    (page,) = package.glob("*/index.html")
    text = page.read_text(encoding="utf-8")
    assert HER_EMAIL in text
    assert not [email for email in (NAMESAKE_EMAIL, COLLEAGUE_EMAIL) if email in text]
    files = {path.name: path.read_bytes() for path in (page.parent / "files").iterdir()}
    fresh = {"photo-1.png": company.profile / "Photos" / PHOTO, "page-1.png": company.binder / PAGE}
    fresh["document-1.pdf"] = company.exports / f"lasku-{INVOICE}.pdf"
    assert files == {name: path.read_bytes() for name, path in fresh.items()}


def test_the_demo_leaves_no_value_of_her_in_any_byte_of_the_registers(company: Demo, finished: tuple[Demo, str]) -> None:
    """No spelling is found in any encoding; on the untouched company each of them is."""
    assert found_in(company) == set(HERS)
    assert found_in(finished[0]) == set()


def test_the_demo_leaves_all_other_cells_as_they_were(company: Demo, finished: tuple[Demo, str]) -> None:
    """Cell by cell, formulas and formats included; hers keep what is the company's."""
    before, after = (openpyxl.load_workbook(demo.workbook) for demo in (company, finished[0]))
    assert before.sheetnames == after.sheetnames
    for sheet in before:
        for row in sheet.iter_rows():
            for cell in row:
                now = after[sheet.title][cell.coordinate]
                assert now.style_id == cell.style_id
                if cell.row not in HER_ROWS.get(sheet.title, set()) and (sheet.title, cell.coordinate) not in BESIDE:
                    assert (now.value, now.comment) == (cell.value, cell.comment), cell.coordinate
    hers = [cell.value for cell in after["Asiakkaat"][9]]
    assert hers[0] == "Saariston Esimerkki Oy"
    assert hers[5:9] == [cell.value for cell in before["Asiakkaat"][9]][5:9]
    assert [hers[1], hers[2], hers[3]] == [None, None, None]
    assert [after["Asiakkaat"].cell(20, column).value for column in (2, 3, 4)] == [
        "Pekka Mallikas",
        "040 123 4568",
        "pekka.mallikas@saaristo.example",
    ]


def test_the_demo_leaves_the_namesakes_row_to_the_byte(company: Demo, finished: tuple[Demo, str]) -> None:
    """Row 12 is the same in the package, not only the same to a reader."""
    rows = [
        re.search(r'<row r="12".*?</row>', parts(demo.workbook)["xl/worksheets/sheet1.xml"]) for demo in (company, finished[0])
    ]
    assert rows[0] is not None
    assert rows[1] is not None
    assert rows[0][0] == rows[1][0]


@pytest.mark.parametrize("name", ["abook.sqlite", "abook-1.sqlite", "history.sqlite"])
def test_the_demo_leaves_all_other_cards_as_they_were(company: Demo, finished: tuple[Demo, str], name: str) -> None:
    """Every property of every other card is the same, the namesake's too; hers are gone and the list has no ghost."""
    before, after = cards(company.profile / name), cards(finished[0].profile / name)
    hers = {uid for uid, card in before.items() if HER_EMAIL in card["_vCard"] or "044-1234567" in card["_vCard"]}
    assert len(hers) == 1
    assert after == {uid: card for uid, card in before.items() if uid not in hers}
    with opened(finished[0].profile / name) as book:
        assert all(row[0] in after for row in book.execute("SELECT card FROM list_cards"))


def test_the_demo_removes_her_photo(finished: tuple[Demo, str]) -> None:
    """Thunderbird itself would leave it behind."""
    assert list((finished[0].profile / "Photos").iterdir()) == []


def test_the_demo_takes_her_out_of_the_smaller_registers_and_nobody_else(company: Demo, finished: tuple[Demo, str]) -> None:
    """Of each table one line goes, of the cards one file, of the binder her page; every other byte is as before."""
    before, after = (_small_files(demo) for demo in (company, finished[0]))
    assert before.keys() - after.keys() == {"kortit/4.vcf", f"mappi/{PAGE}"}
    assert after.keys() <= before.keys()
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"uutiskirje.csv", "arkhimedes/asiakkaat.csv", "mappi/index.csv"}
    for name in changed:
        lines, left = before[name].splitlines(keepends=True), after[name].splitlines(keepends=True)
        (hers,) = [line for line in lines if line not in left]
        assert b"Aino" in hers
        assert left == [line for line in lines if line != hers]


def test_the_invoices_are_what_they_claim_to_be(company: Demo) -> None:
    """Another program reads the PDF, and the file of electronic invoices is hers and her colleague's."""
    (page,) = pypdf.PdfReader(company.exports / KEPT[1]).pages
    assert {f"Laskun numero: {INVOICE}", "Asiakas: Esimerkkilä Aino"} <= set(page.extract_text().splitlines())
    invoices = (company.exports / KEPT[0]).read_bytes().decode("iso-8859-15").split("<?xml")[1:]
    assert [(HER_EMAIL in invoice, COLLEAGUE_EMAIL in invoice) for invoice in invoices] == [(True, False), (False, True)]
    for invoice in invoices:
        ElementTree.fromstring(f"<?xml{invoice}".encode("iso-8859-15"))


def _small_files(demo: Demo) -> dict[str, bytes]:
    """Every file of the registers but the workbook and the address books."""
    folders = (demo.cards, demo.exports, demo.binder)
    paths = [demo.newsletter, *(path for folder in folders for path in folder.rglob("*") if path.is_file())]
    return {path.relative_to(demo.folder).as_posix(): path.read_bytes() for path in paths}


def found_in(demo: Demo) -> set[str]:
    """Her values that stand anywhere in the registers' bytes, found without the hub's own search."""
    texts = [text for blob in _blobs(demo) for text in _readings(blob)]
    return {value for value in HERS if any(value.casefold() in text for text in texts)}


def _blobs(demo: Demo) -> Iterator[bytes]:
    with zipfile.ZipFile(demo.workbook) as package:
        yield from (package.read(name) for name in package.namelist())
    yield demo.workbook.read_bytes()
    yield from (path.read_bytes() for path in demo.profiles.rglob("*") if path.is_file())
    yield from (data for name, data in _small_files(demo).items() if Path(name).name not in KEPT)


def _readings(blob: bytes) -> Iterator[str]:
    unfolded = blob.replace(b"\r\n ", b"")
    for data in (unfolded, quopri.decodestring(unfolded)):
        text = data.decode("utf-8", "replace").casefold()
        yield text
        yield re.sub(r"&#x([0-9a-f]+);", lambda match: chr(int(match[1], 16)), text)
    yield blob.decode("cp1252", "replace").casefold()
    for start in (0, 1):
        yield blob[start:].decode("utf-16-le", "replace").casefold()
