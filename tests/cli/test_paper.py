"""A binder beside another register, from the command line: found, copied, a step with its place, closed by `hub done`."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

from hub.cli import main
from tests.cli.running import Hub

CONFIG = """state = "state"

[controller]
name = "Esimerkki Oy"

[source.newsletter]
kind = "csv"
path = "lista.csv"

[source.binder]
kind = "paper"
path = "mappi"
"""
LIST = "Nimi;Sähköposti;Puhelin\r\nMallikas Maija;maija@mallikas.example;+358 44 123 4567\r\n"
OTHERS = "Pekka Keksitty;050 123 4567;2.2.2026;mappi 1, sivu 3;pekka.png;;\r\n"
HEAD = "Nimi;Puhelin;Pvm;Paikka;Sivukuva;Kopioitu;Muistiinpano\r\n"
ROWS = (
    "Maija Mallikas;0441234567;1.2.2026;mappi 2, sivu 14;sivu14.png;;salaisuus yksi\r\n"
    "Maija Mallikas;0441234567;8.2.2026;mappi 2, sivu 15;;;salaisuus kaksi\r\n"
)


@pytest.fixture
def company(tmp_path: Path) -> Path:
    """A list and a binder; of her two pages one has a picture."""
    (tmp_path / "hub.toml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "lista.csv").write_text(LIST, encoding="utf-8", newline="")
    (tmp_path / "mappi").mkdir()
    (tmp_path / "mappi/index.csv").write_text(HEAD + ROWS + OTHERS, encoding="utf-8", newline="")
    for name in ("sivu14.png", "pekka.png"):
        (tmp_path / "mappi" / name).write_bytes(f"picture {name}".encode())
    return tmp_path


@pytest.fixture
def config(company: Path) -> Path:
    """Its configuration."""
    return company / "hub.toml"


def _copied(company: Path) -> None:
    """Note down the day on which the page without a picture was copied."""
    index = company / "mappi/index.csv"
    text = index.read_bytes().decode().replace("mappi 2, sivu 15;;;", "mappi 2, sivu 15;;3.3.2026;")
    index.write_text(text, encoding="utf-8", newline="")


def test_her_pages_are_found_with_the_rest(hub: Hub) -> None:
    """One person in both registers, in either order of the name and any spelling of the phone; no content anywhere."""
    code, found = hub("find", "Mallikas", "Maija")

    (person,) = found["persons"]
    told = [(entry["source"], entry["locator"], entry["verdict"]) for entry in person["entries"]]
    assert code == 0
    assert sorted(told) == [
        ("binder", "binder: mappi 2, sivu 14", "link"),
        ("binder", "binder: mappi 2, sivu 15", "link"),
        ("newsletter", "row 2", "link"),
    ]
    assert "salaisuus" not in json.dumps(found)


def test_a_package_waits_for_each_page(hub: Hub, company: Path) -> None:
    """The picture of a page is in the package, which is complete when the other page was copied, and never tells the content."""
    code, document = hub("export", "0441234567", "--out", str(company / "out"))
    (lack,) = document["missing"]
    assert (code, document["complete"]) == (3, False)
    assert "sivu 15" in lack

    _copied(company)
    code, document = hub("export", "0441234567", "--out", str(company / "out"))
    folder = Path(document["directory"])
    assert (code, document["missing"]) == (0, [])
    assert (folder / "files/page-1.png").read_bytes() == b"picture sivu14.png"
    assert [path for path in folder.rglob("*") if path.is_file() and b"salaisuus" in path.read_bytes()] == []


def test_a_package_that_lacks_something_is_not_done(
    hub: Hub, company: Path, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also when nobody asked for it: the list and `hub request show` say so and what it lacks, until there is a whole one."""
    hub("export", "0441234567", "--out", str(company / "out"))
    (listed,) = hub("requests")[1]["requests"]
    number = listed["request"]
    assert (listed["stage"], listed["needs"], listed["asked"]) == ("incomplete", "package", False)
    (lack,) = hub("request", "show", number)[1]["missing"]
    assert "sivu 15" in lack
    assert main(["request", "show", number, "--config", str(config), "--lang", "fi"]) == 0
    said = capsys.readouterr().out
    assert "Paketista puuttuu: " in said
    assert f"--request {number} --out" in said

    _copied(company)
    hub("export", "0441234567", "--out", str(company / "out"))
    assert [(item["stage"], item["needs"]) for item in hub("requests")[1]["requests"]] == [
        ("superseded", None),
        ("verified", None),
    ]
    for item in hub("requests")[1]["requests"]:
        shown = hub("request", "show", item["request"])[1]
        assert (shown["missing"], shown["person"]) == ([], None)


def test_a_page_is_erased_by_hand_and_by_her_word(hub: Hub, company: Path) -> None:
    """Until she says that a page is shredded nothing of it is touched; each word takes its own page; then nothing is left."""
    index, picture = company / "mappi/index.csv", company / "mappi/sivu14.png"

    code, outcome = hub("erase", "maija@mallikas.example", "--confirm")
    pending = {item["locator"]: item["step"] for item in outcome["outcomes"] if item["outcome"] == "manual_pending"}
    assert (code, outcome["state"], outcome["residue"]) == (4, "waiting", [])
    assert sorted(pending) == ["binder: mappi 2, sivu 14", "binder: mappi 2, sivu 15"]
    assert index.read_bytes().decode() == HEAD + ROWS + OTHERS

    code, _ = hub("done", outcome["request"], str(pending["binder: mappi 2, sivu 14"]))
    assert code == 4
    assert index.read_bytes().decode() == HEAD + ROWS.splitlines(keepends=True)[1] + OTHERS
    assert not picture.exists()

    code, closed = hub("done", outcome["request"], str(pending["binder: mappi 2, sivu 15"]))
    assert (code, closed["state"], closed["residue"]) == (0, "complete", [])
    assert [(item["outcome"], item["verified"]) for item in closed["outcomes"]] == [("erased", True)] * 3
    assert index.read_bytes().decode() == HEAD + OTHERS
    assert (company / "mappi/pekka.png").exists()
    assert hub("find", "Maija Mallikas")[1]["persons"] == []


def test_her_word_changes_nothing_while_the_index_is_open(hub: Hub, company: Path) -> None:
    """The step goes on waiting, with what to do, until the spreadsheet program is closed."""
    _, outcome = hub("erase", "maija@mallikas.example", "--confirm")
    step = next(str(item["step"]) for item in outcome["outcomes"] if item["outcome"] == "manual_pending")
    lock = company / "mappi/.~lock.index.csv#"
    lock.write_text(",x,y,01.11.2026 10:00;", encoding="utf-8")

    code, told = hub("done", outcome["request"], step)
    (waiting,) = [item for item in told["outcomes"] if str(item["step"]) == step]
    assert (code, waiting["outcome"]) == (4, "manual_pending")
    assert "open" in waiting["reason"]
    assert (company / "mappi/index.csv").read_bytes().decode() == HEAD + ROWS + OTHERS

    lock.unlink()
    _, told = hub("done", outcome["request"], step)
    assert [item["outcome"] for item in told["outcomes"] if str(item["step"]) == step] == ["erased"]


def test_check_names_the_column_that_is_not_read(hub: Hub) -> None:
    """The content's column stands in the coverage with the reason; the binder is readable and no program erases from it."""
    code, document = hub("check")

    (binder,) = [source for source in document["sources"] if source["source"] == "binder"]
    (column,) = [item for item in binder["coverage"] if item["column"] == "Muistiinpano"]
    assert code == 0
    assert (binder["may_read"], binder["may_erase"], binder["problems"]) == (True, False, [])
    assert column["as"] is None
    assert "never what is on it" in column["why"]


def test_the_plan_shows_what_the_word_takes_out_of_other_cells_of_the_index(hub: Hub, company: Path) -> None:
    """An index in a workbook may repeat her elsewhere: that is seen when the page is planned, and is what goes in the end."""
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    for row in (("Nimi", "Puhelin", "Paikka"), ("Maija Mallikas", "0441234567", "mappi 2"), ("Pekka Keksitty", "", "mappi 1")):
        sheet.append(row)
    made.create_sheet("Muistio")["A1"] = "Maija Mallikas lainasi mapin, Pekka Keksitty ei"
    (company / "mappi/index.csv").unlink()
    made.save(company / "mappi/index.xlsx")

    _, plan = hub("erase", "maija@mallikas.example")
    (step,) = (step["step"] for step in plan["steps"] if step["source"] == "binder")
    hub("erase", "--confirm", plan["request"])
    hub("done", plan["request"], str(step))

    (seen,) = plan["spread"]
    assert (seen["source"], seen["where"]) == ("binder", "index.xlsx, sheet Muistio, cell A1")
    assert (
        seen["after"]
        == " lainasi mapin, Pekka Keksitty ei"
        == openpyxl.load_workbook(company / "mappi/index.xlsx")["Muistio"]["A1"].value
    )


def test_the_cover_letter_of_a_copy_that_lacks_a_page_says_so(hub: Hub, company: Path, tmp_path: Path) -> None:
    """It tells the person that something is missing; what it is stands in the copy. A complete one says nothing of it."""
    for number, lacking in (("2026-0001", True), ("2026-0002", False)):
        hub("export", "maija@mallikas.example", "--out", str(tmp_path / "ulos"))
        hub("letter", "access", number, "--out", str(tmp_path / "kirje"))
        letter = (tmp_path / "kirje" / f"{number}-access.html").read_text(encoding="utf-8")
        assert ("mitä puuttuu, kerrotaan jäljennöksen alussa" in letter) is lacking
        _copied(company)
