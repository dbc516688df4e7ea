"""`hub letter`: a page and a PDF in a folder, noted in the request, with no name in any file's name."""

from __future__ import annotations

import json
import shutil
import stat
from pathlib import Path

import pypdf
import pytest

from hub import ledger
from hub.cli import main
from hub.demo.company import build
from tests.cli.running import Hub, cards_alone

HER, HER_NAME = "aino@kotiposti.example", "Aino Esimerkkilä"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The made-up company with its card files alone, made once."""
    folder = tmp_path_factory.mktemp("letters")
    return cards_alone(build(folder / "all"), folder / "cards")


@pytest.fixture
def config(original: Path, tmp_path: Path) -> Path:
    """A copy of it for one test."""
    shutil.copytree(original.parent, tmp_path / "company")
    return tmp_path / "company" / original.name


def noted(config: Path, number: str) -> dict[str, str]:
    """The letters that the request knows of."""
    with ledger.opened(config.parent / "state") as book:
        return book.load(number).letters


def test_the_receipt_of_an_erase_is_written_and_noted(hub: Hub, config: Path, tmp_path: Path) -> None:
    """Page and PDF say the same, only the owner may read them, and the request knows the day."""
    number = hub("erase", HER, "--confirm")[1]["request"]
    code, told = hub("letter", "receipt", number, "--out", str(tmp_path / "out"), "--lang", "fi")
    page, pdf = (tmp_path / "out" / f"{number}-receipt.{suffix}" for suffix in ("html", "pdf"))

    assert (code, told["files"]) == (0, [str(page), str(pdf)])
    assert {stat.S_IMODE(file.stat().st_mode) for file in (page, pdf)} == {0o600}
    assert "Kuittaus: tietojesi poistaminen" in pypdf.PdfReader(pdf).pages[0].extract_text()
    assert list(noted(config, number)) == ["receipt"]
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [page.name, pdf.name]


def test_a_request_that_was_not_carried_out_has_no_receipt(hub: Hub, config: Path, tmp_path: Path) -> None:
    """A pending plan has neither report nor receipt; nothing is written or noted."""
    number = hub("erase", HER)[1]["request"]
    for kind in ("receipt", "report", "access"):
        assert hub("letter", kind, number, "--out", str(tmp_path / "out"))[0] == 2
    assert not (tmp_path / "out").exists()
    assert noted(config, number) == {}


def test_a_letter_about_a_pending_request_greets_by_name(hub: Hub, config: Path, tmp_path: Path) -> None:
    """As long as the request holds the name the letter does; the file's name never does."""
    number = hub("erase", HER)[1]["request"]
    assert hub("letter", "refusal", number, "--out", str(tmp_path), "--reason", "Pyyntö toistuu.", "--lang", "fi")[0] == 0
    page = (tmp_path / f"{number}-refusal.html").read_text("utf-8")

    assert HER_NAME in page
    assert "Pyyntö toistuu." in page
    assert list(noted(config, number)) == ["refusal"]


def test_the_neutral_letter_needs_no_request_and_no_register(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is written without a look at anything: no ledger, no mirror is made for it, and it is the same for everybody."""
    shutil.rmtree(config.parent / "state", ignore_errors=True)
    assert main(["letter", "neutral", "--out", str(tmp_path / "out"), "--config", str(config)]) == 0
    assert not (config.parent / "state").exists()
    assert {file.name for file in (tmp_path / "out").iterdir()} == {"neutral.html", "neutral.pdf"}
    capsys.readouterr()
    assert main(["letter", "neutral", "2026-0001", "--out", str(tmp_path), "--config", str(config)]) == 2


def test_nothing_that_is_there_is_written_over(hub: Hub, tmp_path: Path) -> None:
    """A letter of the same name stays as it is, also when only the PDF is there."""
    (tmp_path / "neutral.pdf").write_bytes(b"hers")
    code, told = hub("letter", "neutral", "--out", str(tmp_path))

    assert (code, "neutral.pdf" in told["error"]) == (2, True)
    assert (tmp_path / "neutral.pdf").read_bytes() == b"hers"
    assert not (tmp_path / "neutral.html").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("receipt",),
        ("refusal", "2020-0001"),
        ("refusal", "NUMBER"),
        ("extension", "NUMBER"),
        ("refusal", "NUMBER", "--reason", " "),
    ],
)
def test_what_is_missing_is_said_and_nothing_written(hub: Hub, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """No request, an unknown one, or no reason: a clear word, exit 2, and no file."""
    number = hub("erase", HER)[1]["request"]
    words = [number if word == "NUMBER" else word for word in arguments]
    code, told = hub("letter", *words, "--out", str(tmp_path / "out"))

    assert (code, bool(told["error"])) == (2, True)
    assert HER_NAME not in json.dumps(told)
    assert not (tmp_path / "out").exists()


def test_a_request_is_answered_from_its_first_day_to_its_end(hub: Hub, config: Path, tmp_path: Path) -> None:
    """Written down, extended by the letter that tells so, exported, its receipt made, closed; then nobody is greeted by name."""
    number = hub("request", "new", "--kind", "access", "--identity", "known", "--channel", "email", *HER_NAME.split())[1][
        "request"
    ]
    out = ("--out", str(tmp_path / "letters"))
    assert hub("letter", "extension", number, *out)[0] == 2
    assert hub("letter", "extension", number, *out, "--reason", "Aineisto on laaja.", "--lang", "fi")[0] == 0
    page = (tmp_path / "letters" / f"{number}-extension.html").read_text("utf-8")
    assert hub("request", "show", number)[1]["due"] in {_iso(word) for word in page.replace(".<", " ").split()}
    assert f'Hyvä <bdi class="value">{HER_NAME}' in page
    assert hub("letter", "receipt", number, *out)[0] == 2
    assert hub("export", HER, "--out", str(tmp_path / "out"), "--request", number)[0] == 0
    for kind in ("access", "receipt"):
        assert hub("letter", kind, number, *out, "--lang", "fi")[0] == 0
    assert "Sinulle annettiin jäljennös" in (tmp_path / "letters" / f"{number}-receipt.html").read_text("utf-8")
    assert hub("request", "close", number, "--delivered", "email")[0] == 0
    shutil.rmtree(tmp_path / "letters")
    assert hub("letter", "receipt", number, *out, "--lang", "fi")[0] == 0
    assert "Hyvä vastaanottaja," in (tmp_path / "letters" / f"{number}-receipt.html").read_text("utf-8")
    assert set(noted(config, number)) == {"extension", "access", "receipt"}


def _iso(word: str) -> str:
    """A Finnish day in a page as ISO writes it."""
    parts = word.strip(".,;").split(".")
    return "-".join(part.zfill(2) for part in reversed(parts)) if len(parts) == 3 else ""


def test_a_refused_erasure_has_its_receipt_too(hub: Hub, config: Path, tmp_path: Path) -> None:
    """A request that is refused with reasons can be ended: its receipt names the letter that says why."""
    number = hub("request", "new", "--kind", "erasure", "--identity", "known", "--channel", "email", HER)[1]["request"]
    out = ("--out", str(tmp_path), "--lang", "fi")
    assert hub("letter", "receipt", number, *out)[0] == 2
    assert hub("letter", "refusal", number, *out, "--reason", "Pyyntö toistuu ilmeisen perusteettomasti.")[0] == 0
    assert hub("letter", "receipt", number, *out)[0] == 0
    assert "Emme toteuttaneet sitä" in (tmp_path / f"{number}-receipt.html").read_text("utf-8")
    assert hub("request", "close", number, "--delivered", "email")[0] == 0
    assert set(noted(config, number)) == {"refusal", "receipt"}


def test_nobody_found_has_its_receipt(hub: Hub, tmp_path: Path) -> None:
    """The person is told that nothing was found, in the receipt of the erasure that was asked for."""
    asked = ("request", "new", "--kind", "erasure", "--identity", "known", "--channel", "email", "ei.ketaan@posti.example")
    number = hub(*asked)[1]["request"]
    assert hub("erase", "ei.ketaan@posti.example", "--request", number)[0] == 0
    assert hub("letter", "receipt", number, "--out", str(tmp_path), "--lang", "fi")[0] == 0
    assert "löytäneet niitä" in (tmp_path / f"{number}-receipt.html").read_text("utf-8")
