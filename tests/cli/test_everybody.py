"""Promise 17: the company closes or changes its owner: a plan for everybody, seen as a whole, approved as a whole."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment

from connectors.contract import Outcome
from connectors.entry import Ref
from connectors.excel import ExcelConnector
from hub import mirror
from hub.cli import main
from hub.demo.company import build
from hub.erase import apply as erasing
from hub.erase.everybody import Batches
from hub.ledger import Ledger, Request, opened
from hub.plan import ApprovedPlan, Plan
from tests.cli.running import Hub

HEAD = "Nimi;Yritys;Sähköposti;Puhelin\n"
ROWS = (
    "Aino Keksitty;;aino@keksitty.example;044 123 4567\n"
    "Aino Keksitty;;toinen@muualla.example;\n"  # a namesake: possible for her, and sure for herself
    "Masa Muu;Muu Oy;masa@muu.example;\n"
    ";Pelkkä Oy;;\n"
)
OTHER = "Keksitty Aino;;aino@keksitty.example;\n"
PEOPLE = ("aino@keksitty.example", "toinen@muualla.example", "masa@muu.example")
CONFIG = """state = "state"
[controller]
language = "en"
[source.list]
kind = "csv"
path = "lista.csv"
[source.other]
kind = "csv"
path = "toinen.csv"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Three people in two registers, and a company without anybody."""
    (tmp_path / "lista.csv").write_text(HEAD + ROWS, encoding="utf-8")
    (tmp_path / "toinen.csv").write_text(HEAD + OTHER, encoding="utf-8")
    path = tmp_path / "hub.toml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


def _registers(config: Path) -> str:
    return config.with_name("lista.csv").read_text("utf-8") + config.with_name("toinen.csv").read_text("utf-8")


def _listed(hub: Hub, *words: str) -> Any:
    code, listing = hub("erase", "--everybody", "--reason", "closes", *words)
    assert code == 0
    return listing


def _confirm(hub: Hub, fingerprint: str) -> tuple[int, Any]:
    return hub("erase", "--everybody", "--confirm", fingerprint)


def test_promise_17_everybody_is_listed_and_nothing_is_changed(hub: Hub, config: Path) -> None:
    """Each person's plan is a request of its own; counts by source and action; a company alone is nobody."""
    before = _registers(config)

    listing = _listed(hub)

    assert _registers(config) == before
    assert (listing["persons"], listing["entries"]) == (3, 4)
    assert listing["counts"] == [
        {"source": "list", "action": "erase", "entries": 3},
        {"source": "other", "action": "erase", "entries": 1},
    ]
    assert [plan["request"] for plan in listing["plans"]] == [item["request"] for item in hub("requests")[1]["requests"]]
    assert _listed(hub)["fingerprint"] == listing["fingerprint"]
    assert len(hub("requests")[1]["requests"]) == 3


def test_promise_17_all_of_it_goes_by_the_fingerprint_of_the_whole(hub: Hub, config: Path) -> None:
    """Namesakes too, without a question; the company stays; a second listing finds nobody; no mirror is left of them."""
    listing = _listed(hub)

    code, outcome = _confirm(hub, listing["fingerprint"])

    assert (code, outcome["stage"], outcome["stale"], outcome["residue"]) == (0, "finished", 0, 0)
    assert {item["state"] for item in outcome["requests"]} == {"complete"}
    assert not [value for value in (*PEOPLE, "Aino", "Masa") if value in _registers(config)]
    assert "Pelkkä Oy" in _registers(config)
    assert not (config.parent / "state" / mirror.FILE).exists()
    assert _listed(hub)["persons"] == 0


def test_promise_17_a_package_that_was_written_goes_too(hub: Hub, config: Path) -> None:
    """It is no entry of a source, and stands in the listing all the same."""
    person = hub("find", "aino")[1]["persons"][0]["person"]
    assert hub("export", "--person", person, "--out", str(config.with_name("out")))[0] in {0, 4}

    listing = _listed(hub, "--html", str(config.with_name("all.html")))
    assert {"source": "packages", "action": "erase", "entries": 1} in listing["counts"]
    assert _confirm(hub, listing["fingerprint"])[0] == 0
    assert not list(config.with_name("out").rglob("*.json"))


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--everybody", "--confirm"], 4),
        (["--everybody", "--confirm", "0123456789abcdef"], 2),
        (["--everybody"], 2),
        (["--everybody", "--reason", "tired of it"], 2),
        (["--everybody", "Aino", "--reason", "closes"], 2),
        (["--everybody", "--person", "0123456789", "--reason", "closes"], 2),
        (["--everybody", "--include", "x", "--reason", "closes"], 2),
    ],
)
def test_promise_17_nothing_goes_that_was_not_seen_and_approved(hub: Hub, config: Path, words: list[str], code: int) -> None:
    """Without the fingerprint, with a wrong one, without a reason that counts, or beside a person: not a byte is changed."""
    _listed(hub)
    before = _registers(config)

    assert hub("erase", *words)[0] == code
    assert _registers(config) == before


def test_promise_17_a_listing_comes_first(hub: Hub) -> None:
    """Before one was made there is nothing to confirm."""
    assert _confirm(hub, "0123456789abcdef")[0] == 2


@pytest.mark.parametrize("change", ["Uusi Tulokas;;uusi@tulokas.example;\n", ""])
def test_promise_17_what_changed_since_is_not_touched(hub: Hub, config: Path, change: str) -> None:
    """Somebody who came, or a register that is silent now: exit 5, and nobody is erased."""
    fingerprint = _listed(hub)["fingerprint"]
    register = config.with_name("toinen.csv")
    if change:
        register.write_text(HEAD + OTHER + change, encoding="utf-8")
    else:
        register.unlink()
    before = config.with_name("lista.csv").read_bytes()

    assert _confirm(hub, fingerprint)[0] == 5
    assert config.with_name("lista.csv").read_bytes() == before
    assert {item["stage"] for item in hub("requests")[1]["requests"]} == {"planned"}


def test_promise_17_a_silent_source_makes_no_listing(hub: Hub, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Everybody is not everybody then: exit 3, and no request is kept."""
    config.with_name("toinen.csv").unlink()

    assert main(["erase", "--everybody", "--reason", "closes", "--json", "--config", str(config)]) == 3
    capsys.readouterr()
    assert hub("requests")[1]["requests"] == []


def test_promise_17_it_goes_on_where_it_was_cut_off(hub: Hub, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut off in the middle of the second person, the same command ends it: each is erased once, none is lost."""
    fingerprint = _listed(hub)["fingerprint"]
    whole = _cut_off_before(monkeypatch, 1)
    assert main(["erase", "--everybody", "--confirm", fingerprint, "--config", str(config)]) == 130
    assert "verified" in {item["stage"] for item in hub("requests")[1]["requests"]}
    monkeypatch.setattr(erasing, "apply", whole)

    code, outcome = hub("erase", "--everybody", "--confirm")

    assert (code, outcome["stage"], len(outcome["requests"])) == (0, "finished", 3)
    assert not [value for value in PEOPLE if value in _registers(config)]
    assert hub("erase", "--everybody", "--confirm")[0] == 0


def test_promise_17_whoever_is_left_out_stays(hub: Hub, config: Path) -> None:
    """An entry that --exclude names is in no plan, and nothing of it goes."""
    (person,) = hub("find", "masa@muu.example")[1]["persons"]

    listing = _listed(hub, "--exclude", person["entries"][0]["ref"])

    assert listing["persons"] == 2
    assert _confirm(hub, listing["fingerprint"])[0] == 0
    assert "Masa Muu;Muu Oy;masa@muu.example" in _registers(config)


def test_promise_17_a_listing_is_kept_whole_or_not_at_all(
    hub: Hub, config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Cut off in the middle, none of its requests is there, and the next one is complete."""
    keep, kept = Ledger.keep, list[str]()

    def cut_off(book: Ledger, plan: Plan) -> Request:
        if kept:
            raise KeyboardInterrupt
        kept.append("one")
        return keep(book, plan)

    monkeypatch.setattr(Ledger, "keep", cut_off)
    assert main(["erase", "--everybody", "--reason", "closes", "--json", "--config", str(config)]) == 130
    capsys.readouterr()
    assert hub("requests")[1]["requests"] == []
    monkeypatch.setattr(Ledger, "keep", keep)
    assert len(_listed(hub)["plans"]) == len(hub("requests")[1]["requests"]) == 3


@pytest.mark.parametrize("row", ["Eeva Eka ja Tiina Toka;Kaksi Oy;;044 000 1111\n", "Eeva Eka ja Tiina Toka;Kaksi Oy;;\n"])
def test_promise_17_two_in_one_row_are_never_lost(hub: Hub, config: Path, row: str) -> None:
    """Where the first erase changes what the second was shown as, that is told, and a new listing takes who is left."""
    config.with_name("toinen.csv").write_text(HEAD + row, encoding="utf-8")

    code, outcome = _confirm(hub, _listed(hub)["fingerprint"])
    if code:
        assert outcome["stale"] or outcome["residue"]
        code, outcome = _confirm(hub, _listed(hub)["fingerprint"])

    assert code == 0
    assert not [value for value in ("Eeva", "Tiina", "1111") if value in _registers(config)]


def _commented(config: Path) -> Path:
    """A workbook as a third register: of two of the three, with her e-mail in a comment on his row."""
    path = config.with_name("asiakkaat.xlsx")
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    for row in (("Nimi", "Yritys", "Sähköposti"), ("Aino Keksitty", "", PEOPLE[0]), ("Masa Muu", "Muu Oy", PEOPLE[2])):
        sheet.append(row)
    sheet["B3"].comment = Comment(f"Laskun hyväksyy {PEOPLE[0]}", "x")
    made.save(path)
    config.write_text(f'{CONFIG}[source.book]\nkind = "excel"\npath = "{path.name}"\n', encoding="utf-8")
    return path


@pytest.mark.parametrize("edited", [False, True])
def test_promise_17_a_comment_about_another_is_in_nobodys_way(
    hub: Hub, config: Path, monkeypatch: pytest.MonkeyPatch, edited: bool
) -> None:
    """Her erase takes her e-mail out of the comment on his row, and his row goes for all that; not when somebody wrote there."""
    path = _commented(config)
    honest = ExcelConnector.redact

    def redact(self: ExcelConnector, ref: Ref, *rest: Any) -> Outcome:
        outcome = honest(self, ref, *rest)
        if edited and ref.startswith("s1-2-"):
            made = openpyxl.load_workbook(path)
            made.worksheets[0]["B3"].comment = Comment("Laskun hyväksyy joku muu", "x")
            made.save(path)
        return outcome

    monkeypatch.setattr(ExcelConnector, "redact", redact)
    code, told = _confirm(hub, _listed(hub)["fingerprint"])

    left = [row[0].value for row in openpyxl.load_workbook(path).worksheets[0].iter_rows(min_row=2)]
    assert (code, left) == ((3, [None, "Masa Muu"]) if edited else (0, [None, None])), told


def _cut_off_before(monkeypatch: pytest.MonkeyPatch, count: int, name: str = "") -> Callable[..., Any]:
    """Have the erase of the person with this name, the count-th or later, end as the power does; the whole one is returned."""
    whole, done = erasing.apply, list[int]()

    def cut_off(approved: ApprovedPlan, *rest: Any, **told: Any) -> Any:
        if len(done) >= count and name in {"", approved.plan.person.name}:
            raise KeyboardInterrupt
        done.append(1)
        return whole(approved, *rest, **told)

    monkeypatch.setattr(erasing, "apply", cut_off)
    return whole


@pytest.mark.parametrize("edited", [False, True])
def test_promise_17_what_was_taken_before_a_break_is_known_after_it(
    hub: Hub, config: Path, monkeypatch: pytest.MonkeyPatch, edited: bool
) -> None:
    """The comment on his row lost her e-mail in an earlier run: his row goes; not when somebody wrote there since."""
    path = _commented(config)
    listing = _listed(hub)
    whole = _cut_off_before(monkeypatch, 1, "Masa Muu")
    assert main(["erase", "--everybody", "--confirm", listing["fingerprint"], "--config", str(config)]) == 130
    monkeypatch.setattr(erasing, "apply", whole)
    made = openpyxl.load_workbook(path)
    assert made.worksheets[0]["A2"].value is None, "she is gone already"
    if edited:
        made.worksheets[0]["B3"].comment = Comment("Laskun hyväksyy joku muu", "x")
        made.save(path)

    code, told = hub("erase", "--everybody", "--confirm")

    left = [row[0].value for row in openpyxl.load_workbook(path).worksheets[0].iter_rows(min_row=2)]
    assert (code, left) == ((3, [None, "Masa Muu"]) if edited else (0, [None, None])), told
    assert told["shared_names"] == ["Aino Keksitty"], "as a run that was not cut off tells it"


@pytest.mark.parametrize("end", [["--confirm"], ["--reason", "closes"]])
def test_promise_17_what_was_taken_is_kept_as_long_as_it_runs(
    hub: Hub, config: Path, monkeypatch: pytest.MonkeyPatch, end: list[str]
) -> None:
    """While it is cut off the encrypted ledger knows what was taken; once it is over, or another listing stands, nothing."""
    listing = _listed(hub)
    whole = _cut_off_before(monkeypatch, 1)
    assert main(["erase", "--everybody", "--confirm", listing["fingerprint"], "--config", str(config)]) == 130
    monkeypatch.setattr(erasing, "apply", whole)
    assert any(value in _taken(config) for value in PEOPLE)

    assert hub("erase", "--everybody", *end)[0] == 0
    assert not _taken(config)


def _taken(config: Path) -> str:
    with opened(config.parent / "state") as book:
        Batches(book.database)
        return "".join(content for (content,) in book.database.execute("SELECT content FROM taken"))


def test_promise_17_a_name_of_two_is_told_for_it_was_not_searched_for(
    hub: Hub, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither of two namesakes stays, but each was there while the other went: their name may still stand in free text."""
    listing = _listed(hub)
    _, told = _confirm(hub, listing["fingerprint"])
    assert told["shared_names"] == ["Aino Keksitty"]

    config.with_name("lista.csv").write_text(HEAD + ROWS, encoding="utf-8")
    again = _listed(hub)["fingerprint"]
    assert main(["erase", "--everybody", "--confirm", again, "--config", str(config), "--lang", "en"]) == 0
    assert "\n  hub find 'Aino Keksitty' --by-value\n" in capsys.readouterr().out


def test_promise_17_each_can_be_put_back(hub: Hub, config: Path) -> None:
    """Within the window: a request of a batch is a request like every other."""
    listing = _listed(hub)
    _confirm(hub, listing["fingerprint"])
    number = next(plan["request"] for plan in listing["plans"] if plan["name"] == "Masa Muu")

    assert hub("undo", number)[0] == 0
    assert "masa@muu.example" in _registers(config)


def test_promise_17_nobody_waits_for_an_answer(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody asked for these requests, so the report counts no days."""
    monkeypatch.setattr("hub.commands.base.Run.due", lambda *_: date(2020, 1, 1))
    _listed(hub)
    assert not [item for item in hub("report")[1]["findings"] if item["kind"] == "overdue"]


def test_promise_17_the_owner_herself_is_left_out(hub: Hub, config: Path) -> None:
    """Her own contact stands in her registers too, and goes only when she says so."""
    config.write_text(CONFIG.replace("[controller]", '[controller]\ncontact = "Masa Muu, masa@muu.example"'), encoding="utf-8")

    assert _listed(hub)["persons"] == 2
    assert _listed(hub, "--owner")["persons"] == 3


@pytest.mark.parametrize("language", ["fi", "en"])
def test_promise_17_the_listing_is_a_page_to_read(config: Path, capsys: pytest.CaptureFixture[str], language: str) -> None:
    """Every value that goes, escaped, for the owner's eyes only, with the fingerprint at its end; the summary on the terminal."""
    page = config.parent / "kaikki.html"
    with config.with_name("toinen.csv").open("a", encoding="utf-8") as register:
        register.write("<script>alert(1)</script> Nimi;;x@nimi.example;\n")
    words = ["erase", "--everybody", "--reason", "owner_changes", "--html", str(page), "--lang", language]

    assert main([*words, "--config", str(config)]) == 0

    said, text = capsys.readouterr().out, page.read_text("utf-8")
    command = next(line.strip() for line in said.splitlines() if "--confirm" in line)
    assert command in text
    assert all(value in text for value in PEOPLE)
    assert not any(value in said for value in PEOPLE)
    assert "<script" not in text
    summary = [re.findall(r"<t[hd]\b", row) for row in re.findall(r"<tr>.*?</tr>", text.partition("</table>")[0])]
    assert {len(cells) for cells in summary} == {5}, "each number stands under a heading"
    assert page.stat().st_mode & 0o077 == 0


def test_promise_17_what_the_law_keeps_and_what_waits_for_a_hand_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Invoices with section and last day, paper by hand: counted in the listing, and open after the confirmation."""
    demo = build(tmp_path / "company")
    words = ["--source", "invoicing", "--source", "binder", "--lang", "en", "--config", str(demo.config)]

    assert main(["erase", "--everybody", "--reason", "closes", *words]) == 0
    said = capsys.readouterr().out
    assert "The law keeps 2 entries until 2032-12-31 (KPL 2 luku 10 §)" in said
    assert "by hand: " in said
    fingerprint = said.split()[-1]
    assert main(["erase", "--everybody", "--confirm", fingerprint, *words]) == 4
    assert "waits for you" in capsys.readouterr().out
