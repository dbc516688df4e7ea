"""hub rectify on the made-up company: one correction in every register that lets a program do it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import pytest

from connectors.csv_table import CsvConnector
from hub import ledger
from hub.cli import main
from hub.demo.people import HER_EMAIL, HER_HOME_EMAIL
from tests.cli.running import Hub
from tests.conformance import Killed

NEW = "050 123 9999"
OLD = ("--old", "044 123 4567")
PLAN = ("rectify", HER_EMAIL, "--phone", NEW, *OLD)


@pytest.fixture
def config(demo_copy: Path) -> Path:
    """The made-up company."""
    return demo_copy


def registers(config: Path) -> dict[str, bytes]:
    """Every byte of the registers."""
    paths = [path for path in config.parent.rglob("*") if path.is_file() and "state" not in path.relative_to(config.parent).parts]
    return {str(path.relative_to(config.parent)): path.read_bytes() for path in paths}


def letters(config: Path) -> list[list[str]]:
    """The newsletter's rows as Python reads them."""
    text = (config.parent / "uutiskirje.csv").read_bytes().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))


def test_a_plan_changes_nothing(hub: Hub, config: Path) -> None:
    """Each register that lets a program do it has a step; the others wait for a hand with their place; an invoice stays."""
    before = registers(config)

    code, plan = hub(*PLAN)

    assert (code, plan["schema"]) == (0, "hub.plan/1")
    acts = {(step["source"], step["action"]) for step in plan["steps"]}
    assert acts >= {("customers", "rectify"), ("newsletter", "rectify"), ("cards", "rectify"), ("binder", "manual")}
    assert ("invoicing", "retain") in acts
    kept = next(step for step in plan["steps"] if step["action"] == "retain")
    assert (kept["basis"], kept["changes"]) == ("KPL 2 luku 10 §", [])
    assert all(step["changes"][0]["new"] == NEW for step in plan["steps"] if step["action"] != "retain")
    assert registers(config) == before
    assert hub(*PLAN)[1]["request"] == plan["request"], "the same plan keeps its number"


def test_a_confirmed_correction_is_in_every_register_and_nothing_else_is(hub: Hub, config: Path) -> None:
    """Read back by other readers; every other row, cell and card is as it was; `hub undo` takes it back to the byte."""
    before, rows = registers(config), letters(config)
    plan = hub(*PLAN)[1]

    code, done = hub("rectify", "--confirm", plan["request"])

    assert (code, done["schema"], done["state"]) == (4, "hub.outcome/1", "waiting")
    results = {(item["source"], item["outcome"]) for item in done["outcomes"]}
    assert results >= {
        ("customers", "rectified"),
        ("newsletter", "rectified"),
        ("cards", "rectified"),
        ("binder", "manual_pending"),
    }
    assert all(item["verified"] for item in done["outcomes"] if item["outcome"] in {"rectified", "retained"})
    sheet = openpyxl.load_workbook(config.parent / "asiakkaat.xlsx")["Asiakkaat"]
    assert sum(cell.value == NEW for row in sheet.iter_rows() for cell in row) == 1
    assert sum(NEW in str(cell.value) for row in sheet.iter_rows() for cell in row) == 2, (
        "beside a colleague only her part changes"
    )
    was = {tuple(row) for row in rows} - {tuple(row) for row in letters(config)}
    now = {tuple(row) for row in letters(config)} - {tuple(row) for row in rows}
    assert (len(was), len(now)) == (1, 1)
    untouched = {name for name in before if name.startswith(("Thunderbird", "arkhimedes", "mappi"))}
    after = registers(config)
    assert {name: after[name] for name in untouched} == {name: before[name] for name in untouched}
    assert hub("rectify", "--confirm", plan["request"])[1]["outcomes"] == done["outcomes"], "a second run writes nothing"
    assert registers(config) == after
    assert hub("erase", "--confirm", plan["request"])[0] == 2

    assert hub("undo", plan["request"])[0] in {0, 4}

    assert registers(config) == before


def test_a_step_by_hand_is_looked_at(hub: Hub, config: Path) -> None:
    """Saying "done" while the old number still stands there is no success; corrected by hand, it is seen."""
    plan = hub(*PLAN)[1]
    hub("rectify", "--confirm", plan["request"])
    (step,) = [item["step"] for item in plan["steps"] if item["source"] == "binder"]

    _, told = hub("done", plan["request"], str(step))
    assert {item["outcome"] for item in told["outcomes"] if item["source"] == "binder"} == {"manual_pending"}
    path = config.parent / "mappi" / "index.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("044-1234567", NEW), encoding="utf-8")
    _, told = hub("done", plan["request"], str(step))

    assert [(item["outcome"], item["verified"]) for item in told["outcomes"] if item["source"] == "binder"] == [
        ("rectified", True)
    ]


def test_what_changed_since_is_stale(hub: Hub, config: Path) -> None:
    """Exit 5, and nothing is written anywhere."""
    plan = hub(*PLAN)[1]
    path = config.parent / "uutiskirje.csv"
    path.write_bytes(path.read_bytes().replace(HER_EMAIL.upper().encode(), HER_EMAIL.encode()))
    before = registers(config)

    assert hub("rectify", "--confirm", plan["request"])[0] == 5

    assert registers(config) == before


def test_a_killed_run_goes_on(hub: Hub, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed right after a write: the same command ends it, once."""
    plan = hub(*PLAN)[1]
    honest = CsvConnector.rectify

    def dying(self: CsvConnector, *arguments: object) -> object:
        honest(self, *arguments)  # type: ignore[arg-type]  # only passed on
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(CsvConnector, "rectify", dying)
        with pytest.raises(Killed):
            hub("rectify", "--confirm", plan["request"])
    assert hub("requests")[1]["requests"][-1]["stage"] == "running"

    _, done = hub("rectify", "--confirm", plan["request"])

    assert {item["outcome"] for item in done["outcomes"] if item["source"] == "newsletter"} == {"already_absent"}
    assert all(item["verified"] for item in done["outcomes"] if item["source"] == "newsletter")
    assert sum(NEW in cell for row in letters(config) for cell in row) == 1


_NO_EMAILS = (
    *("maija", "maija@", "a@b@c.example", "maija@esimerkki"),
    *("Maija <m@x.example>", "<m@x.example>", "mailto:m@x.example", '"m@x.example"', "'m@x.example'", "m@x.example."),
)


@pytest.mark.parametrize(
    ("option", "wrong", "right"),
    [
        ("--phone", ("abc", "12", "044"), "+46 70 123 45 67"),
        ("--email", _NO_EMAILS, "o'uusi@esimerkki.example"),
        ("--birthday", ("keväällä", "31.2.1970", "1970-13-01", "2999-01-31", "1.1.2999"), "12.3.1970"),
        ("--postcode", ("abc", "-", "Helsinki 00100 Suomi"), "SW1A 1AA"),
    ],
)
def test_what_is_none_of_its_kind_is_refused(hub: Hub, option: str, wrong: tuple[str, ...], right: str) -> None:
    """With the option by name, before anything is read or kept; a value of its kind is taken."""
    for value in wrong:
        code, told = hub("rectify", HER_EMAIL, option, value)
        assert (code, told["schema"]) == (2, "hub.error/1")
        assert told["error"].startswith(option)
        assert value not in told["error"] + told["hint"] or len(value) < 3
    assert hub("requests")[1]["requests"] == []

    assert hub("rectify", HER_EMAIL, option, right)[1]["schema"] in {"hub.plan/1", "hub.error/1"}
    assert not hub("rectify", HER_EMAIL, option, right)[1].get("error", "").startswith("--")


def test_several_values_wait_for_a_word(hub: Hub) -> None:
    """Which of two is wrong is never guessed; one that nobody holds is a usage error; what is right already is no plan."""
    assert hub("rectify", HER_EMAIL, "--phone", NEW)[0] == 4
    assert hub("rectify", HER_EMAIL, "--phone", NEW, "--old", "040 000 1111")[0] == 2
    assert hub("rectify", HER_EMAIL)[0] == 2
    assert hub("rectify", HER_EMAIL, "--phone", "")[0] == 2
    assert hub("rectify", HER_EMAIL, "--phone", NEW, "--email", "x@uusi.example", "--old", "x")[0] == 2
    code, plan = hub("rectify", HER_EMAIL, "--city", "Turku", "--old", "Turku")
    assert (code, plan["steps"]) == (0, [])


def test_a_name_is_written_as_each_register_writes_it(hub: Hub, config: Path) -> None:
    """Family name first where it stood first, given and family name in their own fields."""
    plan = hub("rectify", HER_EMAIL, "--name", "Aino Testilä")[1]

    changes = {(one["kind"], one["old"], one["new"]) for step in plan["steps"] for one in step["changes"]}
    assert changes >= {("name", "Aino Esimerkkilä", "Aino Testilä"), ("name", "Esimerkkilä Aino", "Testilä Aino")}
    assert ("family", "Esimerkkilä", "Testilä") in changes
    _, done = hub("rectify", "--confirm", plan["request"])

    assert {item["outcome"] for item in done["outcomes"] if item["source"] in {"customers", "newsletter", "cards"}} == {
        "rectified"
    }
    assert "Testilä Aino" in {cell for row in letters(config) for cell in row}


def test_an_e_mail_changes_and_what_she_said_is_still_known(hub: Hub, config: Path) -> None:
    """Asked under the old address, known under the new one; the recipient of the old one must be told."""
    hub("ask", HER_HOME_EMAIL, "--status", "yes")
    hub("consent", "give", HER_HOME_EMAIL, "--to", "Tilitoimisto Oy", "--data", "email")
    hub("consent", "give", HER_HOME_EMAIL, "--to", "Painotalo Oy", "--data", "name")
    assert hub("disclose", HER_HOME_EMAIL, "--to", "Tilitoimisto Oy", "--data", "email")[0] == 0
    assert hub("disclose", HER_HOME_EMAIL, "--to", "Painotalo Oy", "--data", "name")[0] == 0
    plan = hub("rectify", HER_HOME_EMAIL, "--email", "aino@uusi.example", "--old", HER_HOME_EMAIL)[1]

    _, done = hub("rectify", "--confirm", plan["request"])

    assert [item["recipient"] for item in done["to_be_told"]] == ["Tilitoimisto Oy"]
    for source in ("cards",):
        assert hub("ask", "aino@uusi.example", "--source", source)[1]["status"] == "answered_yes"
    with ledger.opened(config.parent / "state") as book:
        told = str(book.database.execute("SELECT content FROM permissions").fetchall())
    assert [value for value in ("uusi.example", HER_HOME_EMAIL) if value in told] == []


def test_a_rectification_shows_in_words(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The plan shows old and new, and the command that carries it out; in Finnish too."""
    for language, word in (("en", "correct"), ("fi", "korjaa")):
        assert main([*PLAN, "--config", str(config), "--lang", language]) == 0
        shown = capsys.readouterr().out
        assert f"441234567 → {NEW}" in shown
        assert "hub rectify --confirm" in shown
        assert word in shown.casefold()
