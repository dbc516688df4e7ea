"""hub ask, consent, objection and disclose on the made-up company: promises 4, 5 and 11."""

from __future__ import annotations

import json
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hub import ledger
from hub.cli import main
from hub.demo.people import HER_EMAIL, HER_HOME_EMAIL, HER_NAME
from hub.erase import undo
from hub.ledger import Ledger, Request
from tests.cli.running import Hub
from tests.conformance.world import Killed

RECIPIENT = "Tilitoimisto Oy"
GIVE = ("consent", "give", HER_EMAIL, "--to", RECIPIENT, "--data", "name,email")
DISCLOSE = ("disclose", HER_EMAIL, "--to", RECIPIENT, "--data", "name,email")


@pytest.fixture
def config(demo_copy: Path) -> Path:
    """The made-up company."""
    return demo_copy


def rows(config: Path) -> str:
    """Everything the ledger's file says, as its owner could read it."""
    with ledger.opened(config.parent / "state") as book:
        told = [book.database.execute(f"SELECT * FROM {table}").fetchall() for table in ("permissions", "chain", "requests")]
    return json.dumps(told, ensure_ascii=False)


def findings(hub: Hub, kind: str) -> list[dict[str, Any]]:
    """The findings of one kind."""
    return [item for item in hub("report")[1]["findings"] if item["kind"] == kind]


def test_nobody_is_asked_and_nothing_is_made_by_looking(hub: Hub, config: Path) -> None:
    """Who was never asked is `not_asked`; to look writes no line."""
    code, told = hub("ask", HER_EMAIL)

    assert (code, told["schema"], told["status"], told["recorded"]) == (0, "hub.ask/1", "not_asked", None)
    assert "P20" not in rows(config)


def test_silence_is_never_consent(hub: Hub, config: Path) -> None:
    """Promise 4: asked and no answer stays that for ever, and no act takes silence for a yes."""
    assert hub("ask", HER_EMAIL, "--status", "asked", "--on", "2020-01-31", "--how", "e-mail")[0] == 0

    told = hub("ask", HER_EMAIL)[1]

    assert (told["status"], told["asked"]["on"], told["consents"]) == ("asked", "2020-01-31", [])
    before = rows(config)
    for silence in ("ei vastannut kirjeeseen", "No reply within a week", "Inget svar", "Hän vaikeni"):
        for act in (("ask", HER_EMAIL, "--status", "yes"), ("consent", "give", HER_EMAIL, "--for", "marketing"), GIVE):
            assert hub(*act, "--how", silence)[0] == 2
    assert hub(*DISCLOSE)[0] == 4
    assert rows(config) == before


def test_the_report_names_who_was_not_asked(hub: Hub, config: Path) -> None:
    """Nobody drowns: without a word in hub.toml it begins with the first who is asked; ids stay over the nights."""
    assert findings(hub, "not_asked") == []
    hub("ask", HER_EMAIL, "--status", "asked")

    first = findings(hub, "not_asked")
    again = findings(hub, "not_asked")

    assert len(first) > 30
    assert {item["severity"] for item in first} == {"info"}
    assert [item["id"] for item in first] == [item["id"] for item in again]
    assert len({item["person"] for item in first}) == len(first)
    handle = hub("ask", HER_EMAIL)[1]["person"]
    assert handle not in {item["person"] for item in first}
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("[source.customers]", "[report]\nask = false\n\n[source.customers]"), encoding="utf-8")
    assert findings(hub, "not_asked") == []
    config.write_text(text.replace("[source.customers]", '[report]\nask = "yes"\n\n[source.customers]'), encoding="utf-8")
    assert hub("report")[0] == 2


def test_a_row_knows_her_in_any_spelling_and_names_nobody(hub: Hub, config: Path) -> None:
    """Written down under one e-mail, found under her phone and her name turned round; the ledger holds only marks."""
    hub("ask", HER_EMAIL, "--status", "yes", "--how", f"she, {HER_NAME}, said so on the phone")

    for who in (HER_HOME_EMAIL.upper(), "+358 44 123 4567"):
        assert hub("ask", who)[1]["status"] == "answered_yes"
    told = rows(config)
    assert [value for value in (HER_NAME, HER_EMAIL, HER_HOME_EMAIL, "1234567", "simerkkil") if value in told] == []
    assert hub("ask", "ainoe@lumikki.example")[1]["status"] == "not_asked", "her namesake is somebody else"


def test_a_permission_is_for_one_recipient_one_set_of_data_and_one_time(hub: Hub) -> None:
    """Promise 11: another recipient, more or less data, a second time: refused, each with its reason."""
    assert hub(*DISCLOSE)[0] == 4
    code, given = hub(*GIVE)
    assert (code, given["schema"], given["act"]) == (0, "hub.consent/1", "permission")

    assert hub("disclose", HER_EMAIL, "--to", "Tilitoimisto Ky", "--data", "name,email")[0] == 4
    assert hub("disclose", HER_EMAIL, "--to", RECIPIENT, "--data", "name,email,phone")[0] == 4
    assert hub("disclose", HER_EMAIL, "--to", RECIPIENT, "--data", "name")[0] == 4
    assert hub("disclose", "ainoe@lumikki.example", "--to", RECIPIENT, "--data", "name,email")[0] == 4
    assert hub(*DISCLOSE, "--permission", "P2020-0001")[0] == 4
    code, told = hub("disclose", HER_EMAIL, "--to", " TILITOIMISTO  oy", "--data", "email, name")

    assert (code, told["schema"], told["permission"], told["recipient"]) == (0, "hub.disclosure/1", given["number"], RECIPIENT)
    assert {item["kind"] for item in told["data"]} == {"name", "email"}
    assert {item["value"].casefold() for item in told["data"] if item["kind"] == "email"} == {HER_EMAIL, HER_HOME_EMAIL}
    code, error = hub(*DISCLOSE)
    assert (code, "used before" in error["error"]) == (4, True)
    assert [item["disclosure"] for item in hub("disclose")[1]["disclosures"]] == [told["disclosure"]]


def test_a_name_that_is_an_address_is_not_passed_on_as_a_name(hub: Hub, config: Path) -> None:
    """An address book that knows no name puts the e-mail or the number there: a permission for names is none for these."""
    cards = [
        f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{name}\r\nEMAIL:{HER_EMAIL}\r\nEND:VCARD\r\n" for name in (HER_EMAIL, "0441234567")
    ]
    (config.parent / "kortit" / "kerätyt.vcf").write_text("".join(cards), encoding="utf-8", newline="")
    hub("consent", "give", HER_EMAIL, "--to", RECIPIENT, "--data", "name")

    code, told = hub("disclose", HER_EMAIL, "--to", RECIPIENT, "--data", "name")

    assert (code, [item["value"] for item in told["data"]]) == (0, [HER_NAME])


def test_a_permission_ends(hub: Hub) -> None:
    """Expired, not come yet by its own day, or taken back: refused; and never given for a past that ends before it."""
    last_week, yesterday = (str(undo.today() - timedelta(days)) for days in (7, 1))
    assert hub(*GIVE, "--on", last_week, "--until", yesterday)[0] == 0
    code, error = hub(*DISCLOSE)
    assert (code, "not good on this day" in error["error"]) == (4, True)
    assert hub(*GIVE, "--until", yesterday)[0] == 2
    assert hub(*GIVE, "--on", "2999-01-01")[0] == 2
    hub(*GIVE)

    assert hub("consent", "withdraw", HER_EMAIL, "--to", RECIPIENT)[0] == 0

    code, error = hub(*DISCLOSE)
    assert (code, "taken back" in error["error"]) == (4, True)
    assert hub("consent", "withdraw", HER_EMAIL, "--to", RECIPIENT)[0] == 2


def test_what_is_passed_on_is_written_for_the_recipient_alone(hub: Hub, tmp_path: Path) -> None:
    """The folder holds exactly the kinds that were permitted and no place of a register; a folder that is none uses nothing up."""
    hub(*GIVE)
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert hub(*DISCLOSE, "--out", str(tmp_path / "file"))[0] == 2

    code, told = hub(*DISCLOSE, "--out", str(tmp_path / "out"))

    assert code == 0
    (file,) = (tmp_path / "out" / told["disclosure"]).iterdir()
    given = json.loads(file.read_text(encoding="utf-8"))
    assert {item["kind"] for item in given["data"]} == {"name", "email"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "customers" not in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "recipient", ["=cmd|' /C calc'!A0", "[bold red]x", "../../etc", "\x1b[2J\x07", "x" * 5000, "'; DROP TABLE"]
)
def test_a_hostile_recipient_is_only_a_name(hub: Hub, config: Path, recipient: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It acts neither on the ledger nor on the terminal nor on a path."""
    assert hub("consent", "give", HER_EMAIL, "--to", recipient, "--data", "name")[0] == 0
    assert hub("disclose", HER_EMAIL, "--to", recipient, "--data", "name", "--out", str(config.parent / "out"))[0] == 0

    assert main(["disclose", "--config", str(config)]) == 0

    assert "\x1b" not in capsys.readouterr().out
    assert len(list((config.parent / "out").iterdir())) == 1
    assert hub("ledger", "verify")[0] == 0


def test_an_objection_stops_marketing_in_every_list(hub: Hub, config: Path) -> None:
    """Promise 5: one dated request with a step for each list; an error in the report until a hand took her out of it."""
    hub("consent", "give", HER_EMAIL, "--for", "Uutiskirje", "--wording", "2026-01")
    handle = hub("ask", HER_EMAIL)[1]["person"]
    assert [item for item in findings(hub, "marketing") if item["person"] == handle] == [], "a consent makes it right"

    code, told = hub("objection", HER_EMAIL, "--how", "phone")

    assert (code, told["schema"], told["act"], told["purpose"]) == (4, "hub.objection/1", "objection", None)
    code, stopped = hub("objection", HER_EMAIL, "--to", "marketing")
    assert {step["source"] for step in stopped["steps"]} == {"customers", "newsletter", "mail"}, "a mailing list names her, too"
    assert hub("objection", HER_EMAIL, "--to", "marketing")[1]["request"] == stopped["request"], (
        "the same tasks are not made again"
    )
    listed = {item["request"]: item for item in hub("requests")[1]["requests"]}[stopped["request"]]
    assert (listed["kind"], listed["stage"], listed["waits_for"]) == ("objection", "waiting", [1, 2, 3])
    assert listed["due"] > str(undo.today())
    found = [item for item in findings(hub, "marketing") if item["person"] == handle]
    assert [item["severity"] for item in found] == ["error"] * 3
    assert hub("erase", "--confirm", stopped["request"])[0] == 2

    letters = next(step["step"] for step in stopped["steps"] if step["source"] == "newsletter")
    assert hub("done", stopped["request"], str(letters))[0] == 4, "she still stands there"
    path = config.parent / "uutiskirje.csv"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in lines if HER_EMAIL.encode() not in line.lower()))
    _, done = hub("done", stopped["request"], str(letters))

    assert {item["outcome"] for item in done["outcomes"] if item["source"] == "newsletter"} == {"already_absent"}
    left = [item for item in findings(hub, "marketing") if item["person"] == handle]
    assert {entry["source"] for item in left for entry in item["entries"]} == {"customers", "mail"}


def test_an_objection_is_written_down_whole_or_not_at_all(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whenever the process dies, no request is left that nobody can carry out; the next run makes the one that waits."""
    honest, left = Ledger._save, 0

    def dying(self: Ledger, request: Request) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Killed
        honest(self, request)

    for writes in range(2):
        left = writes
        with monkeypatch.context() as patch:
            patch.setattr(Ledger, "_save", dying)
            with pytest.raises(Killed):
                hub("objection", HER_EMAIL, "--to", "marketing")
        assert hub("requests")[1]["requests"] == [], writes

    assert hub("objection", HER_EMAIL, "--to", "marketing")[0] == 4
    assert [(item["kind"], item["stage"]) for item in hub("requests")[1]["requests"]] == [("objection", "waiting")]
    assert hub("ledger", "verify")[0] == 0


def test_a_withdrawal_is_as_easy_as_the_consent(hub: Hub) -> None:
    """The same words; then the consent is none, and all registers are gone through in one plan."""
    hub("consent", "give", HER_EMAIL, "--for", "valmennus", "--wording", "2", "--how", "form")
    assert [item["purpose"] for item in hub("ask", HER_EMAIL)[1]["consents"]] == ["valmennus"]

    code, told = hub("consent", "withdraw", HER_EMAIL, "--for", "Valmennus")

    assert (code, told["act"]) == (4, "withdrawal")
    assert {step["source"] for step in told["steps"]} >= {"customers", "mail", "cards", "binder"}
    assert told["proposal"].startswith("hub erase --person ")
    assert hub("ask", HER_EMAIL)[1]["consents"] == []


def test_a_withdrawal_of_yesterday_written_late_does_not_undo_the_consent_of_today(hub: Hub) -> None:
    """What counts is when it happened."""
    hub("consent", "give", HER_EMAIL, "--for", "marketing")
    hub("consent", "withdraw", HER_EMAIL, "--for", "marketing", "--on", str(undo.today() - timedelta(1)))

    assert len(hub("ask", HER_EMAIL)[1]["consents"]) == 1


def _erase(hub: Hub) -> Any:
    _, plan = hub("erase", HER_EMAIL)
    excluded = [word for item in plan["review"] for word in ("--exclude", f"{item['source']}:{item['ref']}")]
    _, plan = hub("erase", "--person", plan["person"]["person"], *excluded)
    return hub("erase", "--confirm", plan["request"])[1]


def test_an_erase_tells_who_must_hear_of_it_and_forgets_the_rest(hub: Hub, config: Path) -> None:
    """The recipient's name stays until it was told; of hers only marks stay, by which her objection still counts."""
    hub("ask", HER_EMAIL, "--status", "yes", "--how", "her daughter Liisa was there")
    hub("consent", "give", HER_EMAIL, "--to", "Never Oy", "--data", "phone")
    hub("ask", "pekka.mallikas@saaristo.example", "--status", "asked", "--how", f"together with {HER_NAME}")
    hub(*GIVE)
    _, passed_on = hub(*DISCLOSE)
    hub("objection", HER_EMAIL, "--to", "marketing")
    cards = {path.name: path.read_bytes() for path in (config.parent / "kortit").iterdir()}

    told = _erase(hub)

    assert told["to_be_told"] == [
        {"disclosure": passed_on["disclosure"], "recipient": RECIPIENT, "kinds": ["name", "email"], "on": passed_on["on"]}
    ]
    left = rows(config)
    assert RECIPIENT in left
    assert [value for value in ("Liisa", "Never Oy") if value in left] == []
    assert hub("erase", "--confirm", str(told["request"]))[1]["to_be_told"] == told["to_be_told"]
    assert hub("disclose", "--told", passed_on["disclosure"])[1]["requests"] == [told["request"]]
    assert hub("erase", "--confirm", str(told["request"]))[1]["to_be_told"] == []
    assert hub("disclose")[1]["disclosures"][0]["recipient"] is None
    assert hub("disclose", "--told", "P2020-0001")[0] == 2
    assert RECIPIENT not in rows(config)
    assert hub("ledger", "verify")[0] == 0
    for name, content in cards.items():
        (config.parent / "kortit" / name).write_bytes(content)
    again = hub("ask", HER_HOME_EMAIL)[1]
    assert [item["purpose"] for item in again["objections"]] == ["marketing"], "she is back, and still objects"
    assert all(item["how"] is None for item in again["objections"])


def test_the_access_package_names_the_recipients(hub: Hub, config: Path) -> None:
    """Who got her data by the owner's hand stands in her package, escaped; nobody else's recipients do."""
    hub("consent", "give", HER_EMAIL, "--to", "<b>Tilitoimisto</b> Oy", "--data", "name")
    hub("disclose", HER_EMAIL, "--to", "<b>Tilitoimisto</b> Oy", "--data", "name")

    _, told = hub("export", HER_EMAIL, "--out", str(config.parent / "out"))
    page = (Path(told["directory"]) / "index.html").read_text(encoding="utf-8")
    _, other = hub("export", "ainoe@lumikki.example", "--out", str(config.parent / "out"))

    assert "&lt;b&gt;Tilitoimisto&lt;/b&gt; Oy" in page
    assert "Tilitoimisto" not in (Path(other["directory"]) / "index.html").read_text(encoding="utf-8")


def test_a_line_that_was_changed_from_outside_is_seen(hub: Hub, config: Path) -> None:
    """The chain covers what was agreed: a consent that was made up afterwards, changed or taken out shows."""
    hub("consent", "give", HER_EMAIL, "--for", "valmennus")
    number = hub("ask", HER_EMAIL, "--status", "asked")[1]["recorded"]
    assert hub("ledger", "verify") == (0, {"schema": "hub.ledger/1", "lines": 2, "broken": [], "there": True})

    with ledger.opened(config.parent / "state") as book, book.database:
        book.database.execute(
            "UPDATE permissions SET content = replace(content, 'asked', 'answered_yes') WHERE number = ?", (number,)
        )
    assert hub("ledger", "verify")[1]["broken"] == [number]
    with ledger.opened(config.parent / "state") as book, book.database:
        book.database.execute("DELETE FROM permissions")

    assert len(hub("ledger", "verify")[1]["broken"]) == 2


def test_a_lost_key_is_said(hub: Hub, config: Path) -> None:
    """Without the key of the marks nobody is known again, and that is never taken for "nothing was agreed"."""
    hub("objection", HER_EMAIL, "--to", "marketing")
    (config.parent / "state" / "permissions.key").unlink()

    assert hub("ask", HER_EMAIL)[0] == 2
    assert hub("report")[0] == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("ask",),
        ("ask", HER_EMAIL, "--how", "phone"),
        ("consent", "give", HER_EMAIL),
        ("consent", "give", HER_EMAIL, "--for", "x", "--to", "y"),
        ("consent", "give", HER_EMAIL, "--to", "y"),
        ("consent", "give", HER_EMAIL, "--to", "y", "--data", "shoes"),
        ("disclose", HER_EMAIL, "--to", "y"),
        ("disclose", HER_EMAIL, "--told", "P2026-0001"),
        ("ask", HER_EMAIL, "--status", "asked", "--on", "31.12.2026"),
        ("ask", HER_EMAIL, "--status", "asked", "--on", "2999-12-31"),
    ],
)
def test_what_is_said_wrongly_is_a_usage_error(hub: Hub, arguments: tuple[str, ...]) -> None:
    """Exit 2, and a document that says what to do."""
    code, error = hub(*arguments)

    assert (code, error["schema"]) == (2, "hub.error/1")


def test_several_persons_wait_for_a_choice(hub: Hub) -> None:
    """Exit 4, as everywhere; nothing is written."""
    assert hub("ask", "Aino", "--status", "yes")[0] == 4
    assert hub("objection", "Aino")[0] == 4


def test_what_an_objection_still_waits_for_is_said(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nothing must stop there is an answer to give all the same; a permission that was used tells no day it lasts."""
    common = ["--config", str(config), "--lang", "en"]
    assert main(["objection", "Kerttu", "Kokeila", "--to", "marketing", *common]) == 0
    assert "hub letter receipt " in capsys.readouterr().out

    permit = ["--to", "Accountant", "--data", "name"]
    assert main(["consent", "give", HER_EMAIL, *permit, "--how", "phone", *common]) == 0
    assert main(["ask", HER_EMAIL, *common]) == 0
    assert "may be used once  until " in capsys.readouterr().out
    assert main(["disclose", HER_EMAIL, *permit, *common]) == 0
    capsys.readouterr()
    assert main(["ask", HER_EMAIL, *common]) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "was used" in line]
    assert line.rstrip().endswith("was used")
