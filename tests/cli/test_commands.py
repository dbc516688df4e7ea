"""The command line on the made-up company: what each command prints, which exit code it ends with, what it leaves."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from hub import mirror
from hub.cli import main
from hub.cli.arguments import COMMANDS, EXIT_CODES
from hub.demo.company import Demo, build
from hub.demo.people import HER_EMAIL, HER_NAME
from tests.cli.running import Hub

BOTH = HER_NAME[:9]
"""What her name and her namesake's begin with."""


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The made-up company, built once, with the two registers from which everything can be erased by the hub."""
    demo = build(tmp_path_factory.mktemp("demo") / "company")
    text = demo.config.read_text(encoding="utf-8")
    demo.config.write_text(text[: text.index("[source.cards]")], encoding="utf-8")
    return demo


@pytest.fixture
def company(original: Demo, tmp_path: Path) -> Demo:
    """A fresh copy of it."""
    folder = tmp_path / "company"
    shutil.copytree(original.folder, folder)
    parts = {
        name: folder / getattr(original, name).relative_to(original.folder)
        for name in ("config", "workbook", "profiles", "profile")
    }
    return Demo(folder, **parts)


@pytest.fixture
def config(company: Demo) -> Path:
    """Its configuration."""
    return company.config


def _bytes(company: Demo) -> dict[str, bytes]:
    """Every byte of the registers."""
    folders = (company.workbook, *sorted(company.profiles.rglob("*")))
    return {str(path.relative_to(company.folder)): path.read_bytes() for path in folders if path.is_file()}


def _namesakes(document: Any) -> list[str]:
    entries = document["persons"][0]["entries"] if "persons" in document else document["review"]
    return [f"{entry['source']}:{entry['ref']}" for entry in entries if entry["verdict"] == "possible"]


def _excluding(document: Any) -> list[str]:
    return [word for ref in _namesakes(document) for word in ("--exclude", ref)]


def test_find_shows_one_person_over_both_registers_with_evidence(hub: Hub) -> None:
    """Every sure entry but the one that was hit says by which rule it is hers."""
    code, found = hub("find", HER_EMAIL)

    assert code == 0
    assert found["schema"] == "hub.find/1"
    (person,) = found["persons"]
    links = [entry for entry in person["entries"] if entry["verdict"] == "link"]
    assert {entry["source"] for entry in links} == {"customers", "mail"}
    assert all(entry["evidence"] for entry in links if HER_EMAIL not in [field["value"].lower() for field in entry["fields"]])
    assert {answer["state"] for answer in found["answers"]} == {"complete"}


@pytest.mark.parametrize("query", [HER_NAME, " ".join(reversed(HER_NAME.split())), HER_NAME.upper(), HER_EMAIL.upper()])
def test_find_takes_a_name_in_any_order_and_case(hub: Hub, query: str) -> None:
    """Several words are one query, with or without quotes."""
    assert hub("find", query)[1]["persons"] == hub("find", *query.split())[1]["persons"] != []


def test_finding_changes_no_byte_of_a_register(hub: Hub, company: Demo) -> None:
    """Neither find, check, persons nor a plan writes anything but the hub's own state."""
    before = _bytes(company)

    hub("find", HER_NAME)
    hub("check")
    hub("erase", HER_EMAIL)

    assert before == _bytes(company)


def test_nobody_found_is_complete_when_every_source_answered(hub: Hub) -> None:
    """An empty list and exit 0, for find and for erase."""
    for command in ("find", "erase"):
        code, document = hub(command, "nobody.at.all@nowhere.example")
        assert (code, document["persons"]) == (0, [])


def test_a_missing_source_is_named_and_the_others_answer(hub: Hub, company: Demo) -> None:
    """Exit 3, the silent source with its reason, and never "nothing found"."""
    company.workbook.unlink()

    code, found = hub("find", HER_EMAIL)

    states = {answer["source"]: answer for answer in found["answers"]}
    assert code == 3
    assert states["customers"]["state"] == "silent"
    assert states["customers"]["reason"]
    assert states["mail"]["state"] == "complete"
    assert found["persons"]
    assert hub("find", "nobody.at.all@nowhere.example")[0] == 3


def test_erase_with_confirm_writes_nothing_while_a_source_is_silent(hub: Hub, company: Demo) -> None:
    """The one-step erase wants every source's answer."""
    company.workbook.unlink()
    before = _bytes(company) if company.workbook.exists() else {p.name: p.read_bytes() for p in company.profile.glob("*.sqlite")}

    code, _ = hub("erase", HER_EMAIL, "--confirm")

    assert code == 3
    assert before == {p.name: p.read_bytes() for p in company.profile.glob("*.sqlite")}


def test_several_persons_of_a_name_are_listed_and_nothing_is_planned(hub: Hub, company: Demo) -> None:
    """Exit 4 and the handles to choose from; with --confirm nothing is written either."""
    before = _bytes(company)

    for arguments in (("erase", BOTH), ("erase", BOTH, "--confirm"), ("export", BOTH, "--out", str(company.folder))):
        code, document = hub(*arguments)
        assert code == 4
        assert len(document["persons"]) > 1
    assert before == _bytes(company)
    assert hub("requests")[1]["requests"] == []


def test_a_person_is_chosen_by_handle(hub: Hub) -> None:
    """The handle that find shows means the same person to erase."""
    handle = hub("find", HER_EMAIL)[1]["persons"][0]["person"]

    code, plan = hub("erase", "--person", handle)

    assert code == 4
    assert plan["person"]["person"] == handle


def test_undecided_matches_keep_everything_as_it_is(hub: Hub, company: Demo) -> None:
    """Neither --confirm at once nor the confirmation of the pending request writes before a human decided."""
    before = _bytes(company)

    code, plan = hub("erase", HER_EMAIL)
    assert code == 4
    assert plan["review"]
    assert hub("erase", HER_EMAIL, "--confirm")[0] == 4
    assert hub("erase", "--confirm", plan["request"])[0] == 4

    assert before == _bytes(company)


def test_an_erase_in_two_steps_leaves_nothing_of_her_and_everything_else(hub: Hub, company: Demo) -> None:
    """Plan, decide, confirm; then nobody is found, nothing is residue, and a second confirmation only tells it again."""
    review = hub("erase", HER_EMAIL)[1]
    code, plan = hub("erase", HER_EMAIL, *_excluding(review))
    assert code == 0
    assert len(hub("find", BOTH)[1]["persons"]) == 2

    code, outcome = hub("erase", "--confirm")

    assert code == 0
    assert outcome["schema"] == "hub.outcome/1"
    assert outcome["state"] == "complete"
    assert outcome["residue"] == []
    assert [item["step"] for item in outcome["outcomes"]] == [step["step"] for step in plan["steps"]]
    assert all(item["verified"] for item in outcome["outcomes"])
    assert hub("find", HER_EMAIL)[1]["persons"] == []
    after = _bytes(company)
    assert hub("erase", "--confirm", plan["request"]) == (0, outcome)
    assert after == _bytes(company)
    assert len(hub("find", BOTH)[1]["persons"]) == 1


def test_decisions_can_be_made_at_the_confirmation(hub: Hub) -> None:
    """A pending request is confirmed together with the decisions on what it left open."""
    plan = hub("erase", HER_EMAIL)[1]

    code, outcome = hub("erase", "--confirm", plan["request"], *_excluding(plan))

    assert (code, outcome["state"]) == (0, "complete")


def test_an_erase_at_once(hub: Hub) -> None:
    """With nothing left to decide, WHO and --confirm in one command do it all."""
    review = hub("erase", HER_EMAIL)[1]

    code, outcome = hub("erase", HER_EMAIL, "--confirm", *_excluding(review))

    assert (code, outcome["state"]) == (0, "complete")


def test_a_changed_register_makes_the_plan_stale(hub: Hub, company: Demo) -> None:
    """Exit 5, nothing written: another row now bears her address."""
    import openpyxl

    plan = hub("erase", HER_EMAIL, *_excluding(hub("erase", HER_EMAIL)[1]))[1]
    book = openpyxl.load_workbook(company.workbook)
    sheet = book.active
    assert sheet is not None
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value == HER_EMAIL:
                cell.value = "uusi.osoite@posti.example"
    book.save(company.workbook)
    before = _bytes(company)

    code, outcome = hub("erase", "--confirm", plan["request"])

    assert (code, outcome["state"]) == (5, "stale")
    assert before == _bytes(company)


def test_an_open_workbook_refuses_and_the_request_goes_on_later(hub: Hub, company: Demo) -> None:
    """Excel's owner file stops the workbook's steps only; without it the same request ends well."""
    plan = hub("erase", HER_EMAIL, *_excluding(hub("erase", HER_EMAIL)[1]))[1]
    owner_file = company.workbook.with_name(f"~${company.workbook.name}")
    owner_file.write_bytes(b"\x05Maija" + bytes(160))

    code, outcome = hub("erase", "--confirm", plan["request"])

    assert (code, outcome["state"]) == (3, "incomplete")
    results = {item["outcome"] for item in outcome["outcomes"] if item["source"] == "customers"}
    assert results == {"refused"}
    assert {item["outcome"] for item in outcome["outcomes"] if item["source"] == "mail"} == {"erased"}
    owner_file.unlink()
    code, outcome = hub("erase", "--confirm", plan["request"])
    assert (code, outcome["state"]) == (0, "complete")


def test_the_export_holds_her_and_nobody_else(hub: Hub, company: Demo) -> None:
    """A package in its own folder, without a single value of the namesake."""
    code, export = hub("export", HER_EMAIL, "--out", str(company.folder / "out"))

    folder = Path(export["directory"])
    assert code == 4  # the namesake is undecided
    assert folder.parent == company.folder / "out"
    assert {"index.html", "data.json", "contact.vcf"} <= set(export["files"])
    namesake = next(entry for entry in hub("find", HER_EMAIL)[1]["persons"][0]["entries"] if entry["verdict"] == "possible")
    foreign = [field["value"] for field in namesake["fields"] if field["kind"] in {"email", "phone"}]
    content = "".join((folder / name).read_text(encoding="utf-8") for name in ("index.html", "data.json", "contact.vcf"))
    assert HER_EMAIL in content.lower()
    assert foreign
    assert not [value for value in foreign if value in content]


def test_persons_lists_every_entry_once_as_a_link(company: Demo, hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    """One document a line, exactly one link for each entry of each source."""
    found = hub("find", HER_EMAIL)[1]
    capsys.readouterr()

    assert main(["persons", "--json", "--config", str(company.config)]) == 0

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    links = [(line["source"], line["ref"]) for line in lines if line["verdict"] == "link"]
    assert len(links) == len(set(links)) == sum(answer["entries"] for answer in found["answers"])

    assert main(["persons", "--config", str(company.config), "--lang", "en"]) == 0
    said = capsys.readouterr().out
    assert said.count("; possible") == len(lines) - len(links) > 0, "what is not surely hers is said in a word, not by a colour"


def test_check_tells_each_source_and_its_columns(hub: Hub) -> None:
    """Reachable, readable, erasable, and what each column is taken for."""
    code, check = hub("check")

    assert code == 0
    assert [source["source"] for source in check["sources"]] == ["customers", "mail", "mirror"]
    assert all(source["reachable"] and source["may_read"] and source["may_erase"] for source in check["sources"])
    assert all(source["coverage"] for source in check["sources"])


def test_check_names_what_is_kept_of_the_last_report(company: Demo, hub: Hub) -> None:
    """It belongs to the mirror, lies beside it, and is named as long as it is there."""

    def named() -> set[str]:
        (mine,) = (source for source in hub("check")[1]["sources"] if source["source"] == "mirror")
        return {item["column"] for item in mine["coverage"] if item["as"] is None}

    def lying() -> set[str]:
        return {path.name for path in (company.config.parent / "state").glob("*.db")} & {mirror.NIGHT, mirror.SAID}

    assert named() == lying() == set()
    hub("report")
    (company.config.parent / "state" / mirror.NIGHT).touch()
    assert mirror.NIGHT in named()
    assert named() == lying()
    mirror.forget_night(company.config.parent / "state")
    assert named() == set()


def test_source_narrows_what_is_asked(hub: Hub) -> None:
    """Only the named source answers; a name that is not configured is a usage error."""
    assert [answer["source"] for answer in hub("find", HER_EMAIL, "--source", "mail")[1]["answers"]] == ["mail"]
    assert hub("find", HER_EMAIL, "--source", "nothing")[0] == 2


def test_an_erase_from_one_source_names_those_it_never_asked(hub: Hub) -> None:
    """An empty residue is a promise about every source, so one that was left out is named as not looked into."""
    plan = hub("erase", HER_EMAIL, "--source", "mail")[1]
    left = [word for item in plan["review"] for word in ("--exclude", item["ref"])]

    code, done = hub("erase", "--confirm", plan["request"], *left)

    assert (code, done["state"]) == (0, "complete")
    assert [(item["source"], item["found"]) for item in done["residue"]] == [("customers", False)]


def test_usage_errors_end_with_2(hub: Hub) -> None:
    """No WHO, an unknown handle, an unknown request, a request number nobody gave out."""
    for arguments in (("find",), ("find", "--person", "0123456789"), ("erase", "--confirm"), ("erase", "--confirm", "2020-0001")):
        code, document = hub(*arguments)
        assert (code, document["schema"]) == (2, "hub.error/1")


def test_a_missing_configuration_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 2 and a way out, not a traceback."""
    assert main(["find", "Aino", "--config", str(tmp_path / "hub.toml")]) == 2
    assert "hub init" in capsys.readouterr().err


@pytest.mark.parametrize("language", ["fi", "en"])
def test_every_command_speaks_to_a_person_too(company: Demo, capsys: pytest.CaptureFixture[str], language: str) -> None:
    """Without --json the results are readable lines, in both languages."""
    for arguments in (["find", HER_EMAIL], ["check"], ["persons"], ["erase", HER_EMAIL], ["requests"]):
        assert main([*arguments, "--lang", language, "--config", str(company.config)]) in {0, 4}
        assert capsys.readouterr().out.strip()


@pytest.mark.parametrize("words", [[], *([name] for name in COMMANDS), ["request", "new"], ["request", "close"]], ids=" ".join)
def test_the_help_is_in_the_owners_language(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """That of the configuration, for every command but those before it; not a word of argparse's own is left."""
    config = tmp_path / "hub.toml"
    config.write_text('[controller]\nlanguage = "fi"\n', encoding="utf-8")
    monkeypatch.setenv("HUB_CONFIG", str(config))
    early = ["--lang", "fi"] if words in (["demo"], ["init"]) else []
    with pytest.raises(SystemExit):
        main([*words, "--help", *early])

    told = " ".join(capsys.readouterr().out.split())
    assert told.startswith("käyttö: hub")
    assert "valinnat: -h, --help näytä tämä ohje ja lopeta" in told
    assert not re.search(r"usage|options|positional|show this|default|the |may be", told)


def test_help_tells_every_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    """The help names all six codes."""
    with pytest.raises(SystemExit):
        main(["--help"])

    told = " ".join(capsys.readouterr().out.split())
    assert all(f"{code} {meaning}" in told for code, meaning in EXIT_CODES.items())
