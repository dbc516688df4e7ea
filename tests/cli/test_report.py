"""`hub report` and `hub schedule` on the made-up company, as a person and as a nightly run call them."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub.cli import main
from hub.demo.company import Demo, build
from hub.demo.people import HER_NAME
from hub.report.history import FILE, PAGE

Hub = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The made-up company, built once."""
    return build(tmp_path_factory.mktemp("demo") / "company").folder


@pytest.fixture
def company(original: Path, tmp_path: Path) -> Demo:
    """A fresh copy of it."""
    folder = tmp_path / "company"
    shutil.copytree(original, folder)
    profiles = folder / "Thunderbird"
    return Demo(
        folder,
        folder / "hub.toml",
        folder / "asiakkaat.xlsx",
        profiles,
        next(path for path in profiles.iterdir() if path.is_dir()),
    )


@pytest.fixture
def hub(company: Demo, capsys: pytest.CaptureFixture[str]) -> Hub:
    """Runs a command; its exit code, stdout and stderr."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main([*arguments, "--config", str(company.config)])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def report(hub: Hub, *arguments: str) -> tuple[int, Any]:
    """A report as its document."""
    code, out, _ = hub("report", "--json", *arguments)
    return code, json.loads(out)


def of_kind(document: Any, kind: str) -> list[Any]:
    """The findings of one kind."""
    return [finding for finding in document["findings"] if finding["kind"] == kind]


def contents(company: Demo) -> dict[str, bytes]:
    """Every byte but the hub's own."""
    return {
        str(path.relative_to(company.folder)): path.read_bytes()
        for path in sorted(company.folder.rglob("*"))
        if path.is_file() and company.state not in path.parents
    }


def test_a_report_finds_and_changes_nothing(hub: Hub, company: Demo) -> None:
    """Exit 0 when every source answered, whatever is found; the registers are byte for byte as they were."""
    before = contents(company)
    code, document = report(hub)

    assert code == 0
    assert document["schema"] == "hub.report/1"
    assert document["persons"] > 30
    assert {"conflict", "missing", "duplicate", "marketing"} <= {finding["kind"] for finding in document["findings"]}
    (conflict,) = [finding for finding in of_kind(document, "conflict") if HER_NAME in finding["what"]]
    assert {place["source"] for place in conflict["entries"]} >= {"customers", "cards"}
    assert "4.vcf" in conflict["proposal"]
    assert contents(company) == before


def test_ids_are_the_same_over_the_runs(hub: Hub, company: Demo) -> None:
    """Also when somebody else's entry goes; each names entries that find knows."""
    _, first = report(hub)
    (company.cards / "1.vcf").unlink()
    _, second = report(hub)

    ids = [{finding["id"] for finding in document["findings"]} for document in (first, second)]
    assert len(ids[0]) == len(first["findings"])
    assert len(ids[0] - ids[1]) <= 2
    _, out, _ = hub("persons", "--json")
    known = {(line["source"], line["ref"]) for line in map(json.loads, out.splitlines())}
    assert {(place["source"], place["ref"]) for item in second["findings"] for place in item["entries"]} <= known


def test_a_silent_source_makes_it_incomplete(hub: Hub, company: Demo) -> None:
    """Exit 3, and nobody is reported missing from what did not answer."""
    shutil.rmtree(company.cards)
    code, document = report(hub)

    assert code == 3
    (silent,) = of_kind(document, "silent_source")
    assert silent["entries"] == [{"source": "cards", "ref": None}]
    assert (silent["severity"], silent["person"]) == ("error", None)
    assert of_kind(document, "missing") == []


def test_what_a_silent_source_said_before_stands_in(hub: Hub, company: Demo) -> None:
    """Its findings are neither gone nor new, and the source is told all the same."""
    _, before = report(hub)
    shutil.rmtree(company.cards)
    code, during = report(hub)

    assert code == 3
    assert len(of_kind(during, "silent_source")) == 1
    assert [item["id"] for item in of_kind(during, "conflict")] == [item["id"] for item in of_kind(before, "conflict")]
    assert of_kind(during, "missing") == []


def test_a_record_that_cannot_be_read_is_told_and_is_no_silence(hub: Hub, company: Demo) -> None:
    """Exit 0: the source answered."""
    with company.newsletter.open("ab") as stream:
        stream.write(b'Aino;"\r\n')
    code, document = report(hub)

    assert [answer["state"] for answer in document["answers"] if answer["source"] == "newsletter"] == ["partial"]
    assert len(of_kind(document, "unreadable")) == 1
    assert code == 0


def test_a_conflict_copy_is_one_finding(hub: Hub, company: Demo) -> None:
    """All else is as without it."""
    _, before = report(hub)
    shutil.copy(company.workbook, company.workbook.with_name("asiakkaat 2.xlsx"))
    _, after = report(hub)

    assert len(of_kind(after, "conflict_copy")) == 1
    assert {item["id"] for item in after["findings"]} - {item["id"] for item in before["findings"]} == {
        of_kind(after, "conflict_copy")[0]["id"]
    }


def test_what_is_expected_is_configured(hub: Hub, company: Demo) -> None:
    """`[report] expect` takes the place of the rule for customers."""
    company.config.write_text(company.config.read_text("utf-8") + '\n[report]\nexpect = { binder = ["newsletter"] }\n', "utf-8")
    _, document = report(hub)

    (missing,) = of_kind(document, "missing")
    assert {place["source"] for place in missing["entries"]} == {"binder"}


def test_a_finding_is_accepted_and_shown_again(hub: Hub) -> None:
    """It is neither shown nor counted, and never forgotten."""
    _, before = report(hub)
    name = before["findings"][0]["id"]
    code, out, _ = hub("report", "--accept", name, "--reason", "molemmat käytössä", "--json")
    _, during = report(hub)

    assert code == 0
    assert json.loads(out)["accepted"][0]["id"] == name
    assert [item["reason"] for item in during["accepted"]] == ["molemmat käytössä"]
    assert len(during["findings"]) == len(before["findings"]) - 1
    assert hub("report", "--unaccept", name)[0] == 0
    _, after = report(hub)
    assert [item["id"] for item in after["findings"]] == [item["id"] for item in before["findings"]]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--accept", "ffffffffffff", "--reason", "x"), "There is no finding"),
        (("--accept", "ffffffffffff"), "--reason"),
        (("--accept", "a", "--unaccept", "b", "--reason", "x"), "not both"),
        (("--unaccept", "ffffffffffff"), "not accepted"),
        (("--reason", "x"), "belongs to"),
    ],
)
def test_what_cannot_be_accepted_is_said(hub: Hub, arguments: tuple[str, ...], said: str) -> None:
    """Exit 2, with what to do."""
    code, _, talk = hub("report", *arguments, "--lang", "en")

    assert code == 2
    assert said in talk


@pytest.mark.parametrize("language", ["fi", "en"])
def test_a_person_reads_it(hub: Hub, language: str) -> None:
    """With the names, and the command that silences a finding; quiet, it names nobody."""
    code, out, _ = hub("report", "--lang", language)
    quiet_code, quiet, talk = hub("report", "--quiet", "--lang", language)

    assert (code, quiet_code) == (0, 0)
    assert HER_NAME in out
    assert "hub report --accept" in out
    assert HER_NAME.split()[-1] not in quiet + talk
    assert re.search(r"\| \d+", quiet)


def test_the_page_is_written(hub: Hub, tmp_path: Path) -> None:
    """For this user only, and it is said that it holds personal data."""
    target = tmp_path / "r.html"
    code, _, talk = hub("report", "--html", str(target), "--lang", "en")

    assert code == 0
    assert HER_NAME in target.read_text("utf-8")
    assert target.stat().st_mode & 0o777 == 0o600
    assert "personal data" in talk


@pytest.mark.parametrize("place", [".", "/", "", "nowhere/r.html"])
def test_a_page_that_cannot_be_written_there_is_a_usage_error(
    hub: Hub, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder, or a folder that does not exist: said, and nothing is left behind."""
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    code, out, talk = hub("report", "--html", place, "--lang", "en")

    assert (code, out) == (2, "")
    assert "Name a file in a folder" in talk
    assert sorted(tmp_path.iterdir()) == before


def test_an_erase_takes_the_nightly_page_away(hub: Hub, company: Demo) -> None:
    """It named her; the history does not."""
    hub("report", "--html", str(company.state / PAGE))
    assert HER_NAME in (company.state / PAGE).read_text("utf-8")
    _, out, _ = hub("find", "aino@kotiposti.example", "--json")
    refs = [entry for entry in json.loads(out)["persons"][0]["entries"] if entry["verdict"] == "possible"]
    excluded = [word for entry in refs for word in ("--exclude", f"{entry['source']}:{entry['ref']}")]
    hub("erase", "aino@kotiposti.example", "--confirm", "--reason", "x", *excluded)

    assert not (company.state / PAGE).exists()
    assert (company.state / FILE).exists()


def test_a_nightly_run_needs_no_terminal(hub: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is scheduled says how it stands; without any scheduler it says so and fails."""
    monkeypatch.setenv("PATH", str(tmp_path))
    code, out, _ = hub("schedule", "--json")
    assert code == 0
    assert json.loads(out) == {
        "schema": "hub.schedule/1",
        "installed": False,
        "by": None,
        "at": None,
        "command": None,
        "last_run": None,
    }
    report(hub)
    assert json.loads(hub("schedule", "show", "--json")[1])["last_run"]
    assert hub("schedule", "remove")[0] == 0
    code, _, talk = hub("schedule", "install", "--lang", "en")
    assert code == 2
    assert "Install cron" in talk
    assert hub("schedule", "install", "--at", "25:00")[0] == 2
