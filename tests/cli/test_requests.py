"""A person's request from the command line: from the day it came in to its receipt, and what it holds on the way."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hub import ledger
from hub.cli import main
from hub.cli.further import KINDS
from hub.law import calendar
from hub.ledger.codec import dumped
from tests.cli.running import Hub

HER = "aino@kuvitelma.example"
LIST = (
    "Nimi;Sähköposti;Puhelin\r\nAino Kuvitelma;aino@kuvitelma.example;0441234567\r\n"
    "Eero Keksitty;eero@kuvitelma.example;\r\nMaija Esimerkki;maija@esimerkki.example;050 000 0000\r\n"
)
CONFIG = """state = "state"
[controller]
contact = "Maija Esimerkki, 050 000 0000, maija@esimerkki.example"
language = "en"
[source.lista]
kind = "csv"
path = "lista.csv"
"""
BINDER = '[source.mappi]\nkind = "paper"\npath = "mappi"\n'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A list of three, the owner herself among them."""
    (tmp_path / "lista.csv").write_text(LIST, encoding="utf-8", newline="")
    (tmp_path / "hub.toml").write_text(CONFIG, encoding="utf-8")
    return tmp_path / "hub.toml"


def _today() -> date:
    return calendar.today(datetime.now(UTC))


def _new(hub: Hub, *arguments: str, kind: str = "erasure") -> Any:
    code, told = hub("request", "new", "--kind", kind, *arguments)
    assert code == 0
    return told


def _receipt(config: Path, number: str) -> None:
    """Make the receipt as the letter command does."""
    with ledger.opened(config.parent / "state") as book:
        request = book.load(number)
        request.letters["receipt"] = "2026-11-28"
        book.save(request)


def _kept(config: Path, number: str) -> str:
    """Everything that the ledger holds of a request."""
    with ledger.opened(config.parent / "state") as book:
        return dumped(book.load(number)).casefold()


def _listed(hub: Hub) -> dict[str, Any]:
    return {item["request"]: item for item in hub("requests")[1]["requests"]}


def test_an_erasure_from_its_letter_to_its_receipt(hub: Hub, config: Path) -> None:
    """Received, planned and carried out under one number; closed only with its receipt; then nothing of her is left in it."""
    told = _new(hub, HER, "--received", "2.1.2026", "--channel", "Sähköposti", "--identity", "same e-mail")
    number = told["request"]
    assert (told["state"], told["due"], told["channel"], told["identity"]) == ("received", "2026-02-02", "email", "same_email")
    assert (told["who"], told["needs"]) == (HER, "plan")

    plan = hub("erase", HER)[1]
    assert plan["request"] == number
    assert hub("erase", HER)[1]["request"] == number
    assert _listed(hub)[number]["state"] == "planned"
    assert hub("request", "close", number, "--delivered", "email")[0] == 4
    assert hub("erase", "--confirm", number)[0] == 0
    assert (_listed(hub)[number]["state"], _listed(hub)[number]["needs"]) == ("verified", "receipt")

    code, told = hub("request", "close", number, "--delivered", "email")
    assert (code, "receipt" in told["error"]) == (4, True)
    _receipt(config, number)
    assert _listed(hub)[number]["needs"] == "delivery"
    code, told = hub("request", "close", number, "--delivered", "kirje", "--on", _today().isoformat())

    assert (code, told["state"], told["delivered"], told["needs"]) == (0, "closed", "letter", None)
    assert [step["state"] for step in told["history"]] == [
        *("received", "planned", "approved", "running", "verified", "closed"),
    ]
    assert [item["outcome"] for item in told["outcomes"]] == ["erased"]
    assert [word for word in ("aino", "kuvitelma", "441234567") if word in _kept(config, number)] == []
    code, told = hub("request", "close", number, "--delivered", "email")
    assert (code, "closed before" in told["error"]) == (5, True)
    assert hub("request", "show", number)[1]["delivered"] == "letter"


@pytest.mark.parametrize("kind", ["access", "portability"])
def test_an_export_joins_the_request_of_the_same_person(hub: Hub, config: Path, kind: str) -> None:
    """The package lies under the request's number; a second export is one of the owner's own again."""
    number = _new(hub, "Aino Kuvitelma", kind=kind)["request"]

    code, package = hub("export", HER, "--out", str(config.parent / "out"))

    assert (code, Path(package["directory"]).name) == (0, number)
    assert _listed(hub)[number]["state"] == "verified"
    other = Path(hub("export", HER, "--out", str(config.parent / "out"))[1]["directory"]).name
    assert other != number
    assert (_listed(hub)[other]["asked"], _listed(hub)[other]["needs"]) == (False, None)


def test_an_objection_and_a_correction_join_their_requests(hub: Hub) -> None:
    """What somebody asked for goes on under its own number; an objection that was only typed is due all the same."""
    objection = _new(hub, HER, kind="objection")["request"]
    wrong = _new(hub, HER, kind="rectification")["request"]

    hub("objection", HER, "--how", "phone")
    assert hub("rectify", HER, "--phone", "044 000 0000")[1]["request"] == wrong
    hub("objection", "eero@kuvitelma.example")

    told = _listed(hub)
    assert (told[objection]["state"], told[wrong]["state"]) == ("waiting", "planned")
    (typed,) = told.keys() - {objection, wrong}
    assert (told[typed]["kind"], told[typed]["asked"], told[typed]["needs"]) == ("objection", True, "hand")


def test_an_erase_joins_nobody_elses_request(hub: Hub) -> None:
    """A request about somebody else, of another kind, or of somebody whose identity is not verified stays as it is."""
    others = [
        _new(hub, "Eero Keksitty")["request"],
        _new(hub, HER, kind="access")["request"],
        _new(hub, HER, "--identity", "not yet")["request"],
    ]

    assert hub("erase", HER)[1]["request"] not in others


def test_who_is_not_known_to_be_the_person_gets_nothing_erased(hub: Hub, config: Path) -> None:
    """Confirming such a request is refused with the neutral answer; once identified it goes on."""
    before = (config.parent / "lista.csv").read_bytes()
    told = _new(hub, HER, "--identity", "not_yet")
    number = told["request"]
    assert (told["state"], told["needs"]) == ("identity_unverified", "identity")
    for act in (
        ("erase", "--confirm", number),
        ("erase", HER, "--request", number),
        ("erase", HER, "--confirm", "--request", number),
    ):
        code, told = hub(*act)
        assert (code, "hub letter neutral" in told["hint"]) == (4, True)
    assert before == (config.parent / "lista.csv").read_bytes()

    assert hub("request", "identify", number, "--identity", "called back on the stored number")[1]["state"] == "received"

    assert hub("erase", HER)[1]["request"] == number


def test_the_time_for_the_answer_counts_from_the_day_the_request_came(hub: Hub) -> None:
    """Extended once, with a reason, within the first month, counted from the request; never twice, never for nobody."""
    today = _today()
    number = _new(hub, HER, "--received", (today - timedelta(days=20)).isoformat())["request"]
    own = hub("erase", "eero@kuvitelma.example")[1]["request"]
    late = _new(hub, HER, "--received", "2026-01-02", kind="access")["request"]

    assert hub("request", "extend", number)[0] == 2
    code, told = hub("request", "extend", number, "--reason", "mappi on pankin holvissa")

    assert (code, told["extended"], told["reasons"]) == (0, today.isoformat(), {"extended": "mappi on pankin holvissa"})
    assert told["due"] == calendar.extended_due(today - timedelta(days=20), today).isoformat()
    assert hub("request", "extend", number, "--reason", "vielä")[0] == 5
    assert hub("request", "extend", late, "--reason", "myöhässä")[0] == 5
    assert hub("request", "extend", own, "--reason", "oma")[0] == 2
    assert _listed(hub)[number]["due"] == told["due"]


def test_only_what_somebody_asked_for_is_overdue(hub: Hub, config: Path) -> None:
    """Counted from the day it came; the owner's own forgotten plan is due to nobody, and keeps its day in the list."""
    number = _new(hub, HER, "--received", "2026-01-02", kind="objection")["request"]
    own = hub("erase", "eero@kuvitelma.example")[1]["request"]
    with ledger.opened(config.parent / "state") as book:
        plan = book.load(own)
        plan.created = "2026-01-02T10:00:00+00:00"
        book.save(plan)

    late = [item["what"] for item in hub("report")[1]["findings"] if item["kind"] in {"overdue", "due_soon"}]

    assert len(late) == 1
    assert number in late[0]
    assert _listed(hub)[own]["due"] == "2026-02-02"
    assert hub("request", "cancel", number)[0] == 0
    assert [item for item in hub("report")[1]["findings"] if item["kind"] == "overdue"] == []


def test_a_request_that_is_withdrawn_holds_nothing_of_her(hub: Hub, config: Path) -> None:
    """A plan that nobody will confirm, whoever made it, is ended and emptied at once; what was begun is not."""
    asked = _new(hub, HER, "--identity", "known")["request"]
    assert hub("erase", HER)[1]["request"] == asked
    own = hub("erase", "eero@kuvitelma.example")[1]["request"]
    assert "aino" in _kept(config, asked)
    assert "eero" in _kept(config, own)

    for number in (asked, own):
        code, told = hub("request", "cancel", number)
        assert (code, told["state"]) == (0, "cancelled")
        assert [word for word in ("aino", "eero", "kuvitelma", "441234567") if word in _kept(config, number)] == []
        assert hub("request", "cancel", number)[0] == 5
        assert hub("erase", "--confirm", number)[0] == 2
    assert hub("erase", "--confirm")[0] == 2

    done = hub("erase", HER, "--confirm")[1]["request"]
    assert hub("request", "cancel", done)[0] == 2


def test_a_request_on_hold_waits_and_goes_on(hub: Hub) -> None:
    """Nothing is erased for it meanwhile; its last day stays."""
    number = _new(hub, HER)["request"]
    hub("erase", HER)
    before = _listed(hub)[number]

    code, told = hub("request", "hold", number, "--reason", "odottaa lakimiestä")
    assert (code, told["state"], told["needs"], told["due"]) == (0, "on_hold", "resume", before["due"])
    assert hub("request", "hold", number)[0] == 2
    assert hub("erase", "--confirm", number)[0] == 4
    assert hub("request", "close", number, "--delivered", "email")[0] == 4
    assert hub("request", "resume", number)[1]["reasons"] == {}

    assert _listed(hub)[number] == before
    assert hub("request", "resume", number)[0] == 2
    assert hub("erase", "--confirm", number)[0] == 0
    assert hub("request", "hold", number)[0] == 2


def test_who_is_found_out_while_a_request_is_on_hold(hub: Hub) -> None:
    """It goes on from there; and what becomes doubtful waits again, with its plan."""
    number = _new(hub, HER, "--identity", "not yet")["request"]
    hub("request", "hold", number)
    assert hub("request", "identify", number, "--identity", "known")[1]["state"] == "on_hold"
    assert hub("request", "resume", number)[1]["state"] == "received"
    hub("erase", HER)

    assert hub("request", "identify", number, "--identity", "not yet")[1]["state"] == "identity_unverified"
    assert hub("erase", "--confirm", number)[0] == 4
    assert hub("request", "identify", number, "--identity", "invoice number and sum")[1]["state"] == "planned"

    assert hub("erase", "--confirm", number)[0] == 0
    assert hub("request", "identify", number, "--identity", "not yet")[0] == 2


def test_steps_by_hand_keep_a_request_open(hub: Hub, config: Path) -> None:
    """With its receipt or not, it cannot be closed until the page is shredded."""
    folder = config.parent / "mappi"
    folder.mkdir()
    (folder / "index.csv").write_text(f"Nimi;Sähköposti;Paikka\r\nAino Kuvitelma;{HER};mappi 1, sivu 3\r\n", encoding="utf-8")
    config.write_text(CONFIG + BINDER, encoding="utf-8")
    number = _new(hub, HER)["request"]
    assert hub("erase", HER, "--confirm")[0] == 4
    _receipt(config, number)
    waiting = _listed(hub)[number]
    assert (waiting["state"], waiting["needs"], len(waiting["waits_for"])) == ("waiting", "hand", 1)

    assert hub("request", "close", number, "--delivered", "in person")[0] == 4
    assert hub("done", number, str(waiting["waits_for"][0]), "--note", "Ainskun sivu silputtu")[0] == 0
    assert "ainskun" in _kept(config, number)

    assert hub("request", "close", number, "--delivered", "in person")[1]["state"] == "closed"
    assert "ainskun" not in _kept(config, number)


def test_a_closed_request_can_be_put_back_within_its_time(hub: Hub, config: Path) -> None:
    """The sealed copy holds what was erased; the ledger holds nothing of her before and after."""
    number = _new(hub, HER)["request"]
    assert hub("erase", HER, "--confirm")[1]["request"] == number
    _receipt(config, number)
    assert hub("request", "close", number, "--delivered", "email")[1]["undo_until"] is not None
    assert b"Aino" not in (config.parent / "lista.csv").read_bytes()

    assert hub("undo", number)[0] == 0

    assert b"Aino" in (config.parent / "lista.csv").read_bytes()
    assert _listed(hub)[number]["state"] == "undone"
    assert [word for word in ("aino", "kuvitelma", "441234567") if word in _kept(config, number)] == []
    assert hub("request", "close", number, "--delivered", "email")[0] == 5


@pytest.mark.parametrize("answered", [False, True])
def test_who_asked_is_not_forgotten_when_it_is_put_back(
    hub: Hub, config: Path, capsys: pytest.CaptureFixture[str], answered: bool
) -> None:
    """Before the answer went, the command that writes it down anew is said, and it holds; what nobody asked for has none."""
    number = _new(hub, HER, "--received", "2.1.2026")["request"]
    assert hub("erase", HER, "--confirm")[1]["request"] == number
    if answered:
        _receipt(config, number)
        assert hub("request", "close", number, "--delivered", "email")[0] == 0

    assert main(["undo", number, "--config", str(config), "--lang", "fi"]) == 0

    proposed = [line.strip() for line in capsys.readouterr().err.splitlines() if "hub request new" in line]
    assert proposed == ([] if answered else ["hub request new KUKA --kind erasure --received 2.1.2026"])
    if proposed:
        code, told = hub(*proposed[0].replace("KUKA", HER).split()[1:])
        assert (code, told["due"]) == (0, "2026-02-02")


def test_nothing_held_is_an_answer_too(hub: Hub) -> None:
    """Nobody found, every source answered: the request is done."""
    number = _new(hub, "nobody.at.all@nowhere.example", kind="access")["request"]

    assert hub("export", "nobody.at.all@nowhere.example", "--request", number, "--out", "out")[0] == 0

    assert (_listed(hub)[number]["state"], _listed(hub)[number]["needs"]) == ("verified", "receipt")
    assert hub("request", "show", number)[1]["who"] is None


def test_an_erase_of_the_same_person_by_hand_sends_a_request_back(hub: Hub, config: Path) -> None:
    """Its plan shows what is gone: it waits for a new one, and is not superseded, for somebody waits for its answer."""
    number = _new(hub, "--identity", "known", "Aino Kuvitelma")["request"]
    hub("erase", HER)
    with ledger.opened(config.parent / "state") as book:
        plan = book.load(number).plan
        assert plan is not None
        other = book.new("erasure", plan)
        assert other.number != number
    assert hub("erase", "--confirm", other.number)[0] == 0

    told = hub("request", "show", number)[1]

    assert (told["state"], told["steps"]) == ("received", [])


@pytest.mark.parametrize("lang", ["fi", "en"])
def test_a_person_reads_it_too(hub: Hub, config: Path, lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each act and the list speak, in both languages, and say what to type next."""
    number = _new(hub, HER, "--channel", "phone", "--identity", "known")["request"]
    common = ["--config", str(config), "--lang", lang]
    for act in (["show", number], ["hold", number], ["resume", number], ["extend", number, "--reason", "syy"]):
        assert main(["request", *act, *common]) == 0
        assert number in capsys.readouterr().out
    assert main(["requests", *common]) == 0
    told = capsys.readouterr().out
    assert ("plan the erase" if lang == "en" else "tee poistosuunnitelma") in told
    assert main(["request", "show", number, *common]) == 0
    told = capsys.readouterr().out
    assert f"hub erase {HER} --request {number}" in told
    letter = f"hub letter extension {number} --out "
    assert letter in told, "she must hear of it, too"
    assert main(["letter", "extension", number, "--out", str(config.parent / "letters"), *common]) == 0
    assert main(["request", "show", number, *common]) == 0
    assert letter not in capsys.readouterr().out


def test_the_kinds_are_the_same_everywhere() -> None:
    """What can be typed is what the ledger knows."""
    assert KINDS == ledger.KINDS


def test_the_list_of_kinds_and_days_is_kept_as_asked(hub: Hub) -> None:
    """Every kind can be written down; without a day it came today."""
    today = _today().isoformat()
    for kind in KINDS:
        told = _new(hub, kind=kind)
        assert (told["kind"], told["received"], told["state"], told["asked"]) == (kind, today, "received", True)
