"""`hub export` to the end: told, covered, encrypted, known, reported when its time is over, and erased with the person."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pyzipper

from connectors._needles import Matcher
from connectors.contract import Needle
from hub.cli import main
from hub.erase import undo
from hub.ledger import Ledger, Request
from hub.store import packages as register
from hub.store.packages import Packages
from tests.cli.running import Hub

HER = "aino@posti.example"
HIS = ("Pekka Virtanen", "pekka@kulma.example", "050 123 4567")
NOTE = "Soitti 1.2. Pekka Virtasen puolesta, 050 123 4567, pekka@kulma.example. Aino Esimerkkilä, 044 123 4567."
NOTICE = """
[notice]
purposes = "Laskutus"
basis = { fi = "Sopimus", en = "Contract" }
recipients = ["Kirjanpitäjä", "Laskutusohjelma"]
transfers = "Ei siirretä"
origin = "Sinulta"
automated = "Ei automaattisia päätöksiä"
[notice.customers]
retention = "Kaksi vuotta"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A company with two customers, the one mentioned in the other's note."""
    rows = f"Nimi;Sähköposti;Puhelin;Muistio\r\nAino Esimerkkilä;{HER};044 123 4567;{NOTE}\r\n{';'.join(HIS)};Oma\r\n"
    (tmp_path / "asiakkaat.csv").write_text(rows, "utf-8", newline="")
    file = tmp_path / "hub.toml"
    source = '[source.customers]\nkind = "csv"\npath = "asiakkaat.csv"\n'
    file.write_text(f'state = "state"\n[controller]\nname = "Esimerkki Oy"\nfiscal_year_end = "12-31"\n{source}', "utf-8")
    return file


def told(folder: str | Path) -> Any:
    """The data of a package."""
    return json.loads((Path(folder) / "data.json").read_bytes())


def everything(folder: Path) -> str:
    """All text of a package."""
    return "\n".join(file.read_text("utf-8") for file in folder.rglob("*") if file.is_file())


def test_others_are_covered_until_the_owner_looked(hub: Hub, tmp_path: Path) -> None:
    """Nothing of somebody else is in any file, her own values are, and the package waits for a human's eyes."""
    code, document = hub("export", HER, "--out", str(tmp_path / "out"))
    written = everything(Path(document["directory"]))

    assert (code, document["complete"], document["looked"]) == (4, False, False)
    assert [(item["kind"], item["text"], item["covered"]) for item in document["to_look_at"]] == [
        ("name", "Pekka Virtasen", True),
        ("phone", HIS[2], True),
        ("email", HIS[1], True),
    ]
    assert not Matcher([Needle("name", HIS[0]), Needle("email", HIS[1]), Needle("phone", "+358501234567")]).in_text(written)
    assert "Virtasen" not in written
    assert "[toinen henkilö] puolesta, [toinen henkilö], [toinen henkilö]. Aino Esimerkkilä, 044 123 4567." in written
    assert "15 artiklan 4 kohta" in written


def test_the_owner_decides_place_by_place(hub: Hub, tmp_path: Path) -> None:
    """`--show` uncovers one place, `--looked` makes the rest right; a place that is none is refused and nothing written."""
    places = [item["place"] for item in hub("export", HER, "--out", str(tmp_path / "a"))[1]["to_look_at"]]
    code, document = hub("export", HER, "--out", str(tmp_path / "b"), "--show", places[1])
    assert (code, document["complete"]) == (4, False)
    code, document = hub("export", HER, "--out", str(tmp_path / "c"), "--show", places[1], "--looked")
    note = next(item["value"] for item in told(document["directory"])["entries"][0]["fields"] if item["kind"] == "note")
    assert (code, document["complete"]) == (0, True)
    assert HIS[2] in note
    assert HIS[1] not in note
    shown = [word for place in places for word in ("--show", place)]
    code, document = hub("export", HER, "--out", str(tmp_path / "d"), *shown)
    assert (code, document["complete"]) == (0, True)
    assert "[toinen henkilö]" not in everything(Path(document["directory"]))

    assert hub("export", HER, "--out", str(tmp_path / "e"), "--show", "00000000")[0] == 2
    assert not (tmp_path / "e").exists()


def test_a_place_is_another_one_once_the_text_changed(hub: Hub, config: Path, tmp_path: Path) -> None:
    """A decision never outlives the text it was made on."""
    place = hub("export", HER, "--out", str(tmp_path / "a"))[1]["to_look_at"][0]["place"]
    file = config.parent / "asiakkaat.csv"
    file.write_text(file.read_text("utf-8").replace("Soitti 1.2.", "Kävi 3.2."), "utf-8", newline="")

    assert hub("export", HER, "--out", str(tmp_path / "b"), "--show", place)[0] == 2


def test_what_the_law_wants_told_is_named_when_it_is_missing(
    hub: Hub, config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each topic that hub.toml leaves out is named to the owner and left open on the page, never made up."""
    document = hub("export", "pekka@kulma.example", "--out", str(tmp_path / "a"))[1]
    topics = ["purposes", "basis", "recipients", "transfers", "retention", "origin", "automated"]
    assert document["notice_missing"] == [f"Under [notice] hub.toml does not say of customers: {', '.join(topics)}"]
    assert document["complete"]
    config.write_text(config.read_text("utf-8") + NOTICE, "utf-8")
    document = hub("export", "pekka@kulma.example", "--out", str(tmp_path / "b"))[1]
    page = (Path(document["directory"]) / "index.html").read_text("utf-8")
    assert document["notice_missing"] == []
    for said in (
        "Laskutus",
        "Sopimus",
        "Kirjanpitäjä",
        "Laskutusohjelma",
        "Ei siirretä",
        "Kaksi vuotta",
        "Sinulta",
        "Ei automaattisia",
    ):
        assert said in page
    assert "Contract" not in page
    assert "Näitä ei kerrota" not in page
    assert "Mitä tietoja on" in page
    topic = {item["topic"]: item for item in told(document["directory"])["notice"]}
    assert topic["recipients"]["said"] == [{"registers": [], "texts": ["Kirjanpitäjä", "Laskutusohjelma"]}]
    assert main(["export", "pekka@kulma.example", "--out", str(tmp_path / "c"), "--config", str(config), "--lang", "en"]) == 0
    assert "Contract" in everything(tmp_path / "c")
    assert "does not say" not in capsys.readouterr().err


def test_an_archive_opens_in_other_programs_and_only_with_its_password(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One ZIP and nothing in the clear, not even for a while; its password is said once, on stderr, and kept nowhere."""
    assert main(["export", HER, "--out", str(tmp_path / "out"), "--encrypt", "--looked", "--config", str(config)]) == 0
    out, err = capsys.readouterr()
    password = err.split()[-1]
    (archive,) = (tmp_path / "out").iterdir()
    assert (archive.suffix, archive.stat().st_mode & 0o777) == (".zip", 0o600)
    assert len(password) > 30
    assert password not in out
    for file in config.parent.rglob("*"):
        assert not file.is_file() or password.encode() not in file.read_bytes()
    assert not Matcher([Needle("email", HER), Needle("name", "Aino Esimerkkilä")]).in_bytes(archive.read_bytes())

    with pyzipper.AESZipFile(archive) as opened:
        assert all(item.flag_bits & 1 for item in opened.infolist())
        opened.setpassword(b"wrong" * 6)
        with pytest.raises(RuntimeError):
            opened.read(opened.namelist()[0])
        opened.setpassword(password.encode())
        names = opened.namelist()
        assert HER.encode() in opened.read(next(name for name in names if name.endswith("data.json")))
    _foreign(archive, password, tmp_path / "opened", names)


def _foreign(archive: Path, password: str, folder: Path, names: list[str]) -> None:
    """What 7-Zip makes of it, where there is one."""
    seven = shutil.which("7z") or shutil.which("7zz")
    if seven is None:
        pytest.skip("7-Zip is not installed")
    listed = subprocess.run([seven, "l", "-slt", archive], capture_output=True, text=True, check=True).stdout
    assert listed.count("AES-256") == len(names)
    wrong = subprocess.run([seven, "x", "-y", "-pwrong", f"-o{folder}-wrong", archive], capture_output=True, check=False)
    assert wrong.returncode != 0
    subprocess.run([seven, "x", "-y", f"-p{password}", f"-o{folder}", archive], capture_output=True, check=True)
    assert sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()) == sorted(names)


def test_the_password_may_come_from_a_command(hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Then it is not shown; a short one, a failing command or the option alone is refused and nothing written."""
    code, document = hub(
        "export", HER, "--out", str(tmp_path / "a"), "--looked", "--encrypt", "--password-command", "echo kaksi-sanaa-riittaa"
    )
    assert (code, Path(document["archive"]).parent) == (0, tmp_path / "a")
    with pyzipper.AESZipFile(document["archive"]) as opened:
        opened.setpassword(b"kaksi-sanaa-riittaa")
        assert opened.testzip() is None
    for words in (
        ("--encrypt", "--password-command", "echo lyhyt"),
        ("--encrypt", "--password-command", "false"),
        ("--password-command", "echo x"),
    ):
        assert hub("export", HER, "--out", str(tmp_path / "b"), "--looked", *words)[0] == 2
    assert not (tmp_path / "b").exists()
    assert "riittaa" not in capsys.readouterr().err


def _steps(document: Any) -> list[Any]:
    return [item for item in document.get("steps", document.get("outcomes")) if item["source"] == register.NAME]


@pytest.mark.parametrize("encrypt", [(), ("--encrypt",)])
def test_an_erase_takes_the_package_with_it_and_undo_puts_it_back(hub: Hub, tmp_path: Path, encrypt: tuple[str, ...]) -> None:
    """The plan shows it as a step with its place; it goes, nothing of her is left, and comes back byte by byte."""
    hub("export", HER, "--out", str(tmp_path / "Aino Esimerkkilä"), "--looked", *encrypt)
    files = {file: file.read_bytes() for file in (tmp_path / "Aino Esimerkkilä").rglob("*") if file.is_file()}
    plan = hub("erase", HER)[1]
    (step,) = _steps(plan)
    assert (step["action"], step["undo"]) == ("erase", True)
    assert "Aino" not in json.dumps(step, ensure_ascii=False)

    code, document = hub("erase", "--confirm", plan["request"])
    assert (code, [item["outcome"] for item in _steps(document)], document["residue"]) == (0, ["erased"], [])
    assert not [file for file in files if file.exists()]
    assert list((tmp_path / "Aino Esimerkkilä").iterdir()) == []

    code, document = hub("undo", plan["request"])
    assert (code, {item["outcome"] for item in document["outcomes"]}) == (0, {"restored"})
    assert {file: file.read_bytes() for file in files} == files
    assert len(_steps(hub("erase", HER)[1])) == 1


def test_a_package_that_was_moved_waits_for_a_hand(hub: Hub, config: Path, tmp_path: Path) -> None:
    """It may lie anywhere: the owner says when it is deleted, and then it is known no more."""
    folder = Path(hub("export", HER, "--out", str(tmp_path / "out"), "--looked")[1]["directory"])
    folder.rename(tmp_path / "elsewhere")
    plan = hub("erase", HER)[1]
    (step,) = _steps(plan)
    assert (step["action"], folder.name in step["reason"]) == ("manual", True)
    assert hub("erase", "--confirm", plan["request"])[0] == 4
    code, document = hub("done", plan["request"], str(step["step"]))
    assert (code, [item["outcome"] for item in _steps(document)]) == (0, ["erased"])
    assert Packages(config.parent / "state").all() == []


def test_what_the_owner_put_beside_it_stays(hub: Hub, tmp_path: Path) -> None:
    """Her own file in the folder is left, and told; one that came after the plan was shown makes it stale."""
    folder = Path(hub("export", HER, "--out", str(tmp_path / "out"), "--looked")[1]["directory"])
    (folder / "oma.txt").write_text("omaa", "utf-8")
    plan = hub("erase", HER)[1]
    (folder / "toinen.txt").write_text("omaa", "utf-8")
    code, told = hub("erase", "--confirm", plan["request"])
    assert (code, [(one["source"], one["change"]) for one in told["changes"]]) == (5, [("packages", "changed")])
    assert (folder / "data.json").exists()
    code, document = hub("erase", "--confirm", hub("erase", HER)[1]["request"])
    assert (code, [item["outcome"] for item in _steps(document)]) == (0, ["erased"])
    assert any("stay: 2" in note for item in _steps(document) for note in item["notes"])
    assert sorted(file.name for file in folder.iterdir()) == ["oma.txt", "toinen.txt"]


def test_the_package_of_somebody_else_is_left_and_searched(hub: Hub, tmp_path: Path) -> None:
    """Hers stays when he is erased; that it shows him is told as residue, and an encrypted one as not searched."""
    shown = [item["place"] for item in hub("export", HER, "--out", str(tmp_path / "a"))[1]["to_look_at"]]
    words = [word for place in shown for word in ("--show", place)]
    folder = Path(hub("export", HER, "--out", str(tmp_path / "b"), *words)[1]["directory"])
    archive = Path(hub("export", HER, "--out", str(tmp_path / "c"), "--encrypt", "--looked")[1]["archive"])
    code, document = hub("erase", HIS[1], "--confirm")
    places = {item["where"]: item["found"] for item in document["residue"] if item["source"] == register.NAME}

    assert (code, _steps(document)) == (4, [])
    assert folder.exists()
    assert archive.exists()
    assert {where.split(",")[0]: found for where, found in places.items()} == {
        f"access package {folder.name}": True,
        f"access package {archive.stem}": False,
    }


def test_the_report_names_a_package_whose_time_is_over(
    hub: Hub, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One finding with its place, the same every night; gone with the package, which is then forgotten."""
    folder = Path(hub("export", HER, "--out", str(tmp_path / "out"), "--looked")[1]["directory"])

    def over() -> list[Any]:
        return [item for item in hub("report")[1]["findings"] if item["kind"] == "retention_over"]

    assert over() == []
    config.write_text("package_days = 0\n" + config.read_text("utf-8"), "utf-8")
    assert over() == []  # today is still the last day
    real = register.Kept.expires
    monkeypatch.setattr(register.Kept, "expires", lambda kept, days: real(kept, days) - timedelta(days=1))
    first, again = over(), over()
    assert [(item["id"], str(folder) in item["what"], item["entries"][0]["source"]) for item in first] == [
        (item["id"], True, "packages") for item in again
    ]
    assert len(first) == 1
    shutil.rmtree(folder)
    assert over() == []
    assert Packages(config.parent / "state").all() == []


def test_check_lists_where_the_packages_lie(hub: Hub, config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each with its day and its place, whether it is still there or not; nothing at all while there is none."""
    assert hub("check")[1]["packages"] == []
    paths = [Path(hub("export", who, "--out", str(tmp_path / "out"), "--looked")[1]["directory"]) for who in (HER, HIS[1])]
    shutil.rmtree(paths[1])

    listed = hub("check")[1]["packages"]
    assert [(Path(one["path"]), one["there"], one["request"]) for one in listed] == [
        (path.resolve(), path.exists(), path.name) for path in paths
    ]
    assert {one["written"] for one in listed} == {datetime.now().astimezone().date().isoformat()}
    assert hub("check", "--source", "customers")[1]["packages"] == []

    main(["check", "--config", str(config), "--lang", "en"])
    said = capsys.readouterr().out
    assert f"it lies here:\n    {paths[0].resolve()}\n" in said
    assert f"it was here, and was moved or deleted:\n    {paths[1].resolve()}\n" in said


def test_a_package_that_could_not_be_written_is_not_known(hub: Hub, config: Path, tmp_path: Path) -> None:
    """A folder that may not be written to, or is in the way, leaves no track."""
    (tmp_path / "file").write_text("x", "utf-8")
    assert hub("export", HER, "--out", str(tmp_path / "file"), "--looked")[0] == 2
    assert Packages(config.parent / "state").all() == []


def test_the_cover_letter_lists_what_is_in_the_package(hub: Hub, tmp_path: Path) -> None:
    """The letter of an access request names the files; without a package that is known there is none."""
    document = hub("export", HER, "--out", str(tmp_path / "out"), "--looked")[1]
    number = Path(document["directory"]).name
    assert hub("letter", "access", number, "--out", str(tmp_path))[0] == 0
    page = (tmp_path / f"{number}-access.html").read_text("utf-8")
    assert all(name in page for name in document["files"])
    assert "Tietosi sivuna, jonka voi lukea ja tulostaa: index.html" in page
    assert "ei ole vielä täydellinen" not in page


def test_the_cover_letter_of_an_archive_says_what_it_is(hub: Hub, tmp_path: Path) -> None:
    """Its own files are hidden in it: the letter names the archive alone."""
    document = hub("export", HER, "--out", str(tmp_path / "out"), "--looked", "--encrypt")[1]
    archive = Path(document.get("archive") or document["directory"]).name
    number = archive.removesuffix(".zip")
    assert hub("letter", "access", number, "--out", str(tmp_path))[0] == 0
    assert f"Salattu arkisto, jossa kaikki tämä on: {number}.zip" in (tmp_path / f"{number}-access.html").read_text("utf-8")


def test_no_name_stands_in_the_clear_in_the_hubs_own_folder(hub: Hub, config: Path, tmp_path: Path) -> None:
    """The path the owner chose may hold a name: it is encrypted while the package is there and goes with it."""
    hub("export", HER, "--out", str(tmp_path / "Aino Esimerkkilä"), "--looked")
    state = config.parent / "state"
    matcher = Matcher([Needle("name", "Aino Esimerkkilä"), Needle("email", HER)])
    assert [kept.day for kept in Packages(state).all()] == [undo.today()]
    assert [file.name for file in state.rglob("*") if file.is_file() and matcher.in_bytes(file.read_bytes())] == []


def test_the_same_command_again_takes_the_place_of_its_own_package(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exporting again for the same request replaces what the hub wrote, and never what somebody touched."""
    monkeypatch.setattr(
        Ledger, "new", lambda _book, kind, _plan=None, **_: Request("2026-0001", kind, "verified", "2026-11-28T10:00:00")
    )
    folder = Path(hub("export", HER, "--out", str(tmp_path / "out"))[1]["directory"])
    code, document = hub("export", HER, "--out", str(tmp_path / "out"), "--looked")
    assert (code, document["complete"], document["directory"]) == (0, True, str(folder))
    (folder / "oma.txt").write_text("omaa", "utf-8")
    assert hub("export", HER, "--out", str(tmp_path / "out"), "--looked")[0] == 2
    assert (folder / "data.json").exists()


def test_an_erase_of_one_source_leaves_the_packages(hub: Hub, config: Path, tmp_path: Path) -> None:
    """A plan that asks one register only does not reach for what holds all of them; that it was not searched is said."""
    (tmp_path / "kortit").mkdir()
    (tmp_path / "kortit" / "a.vcf").write_text(
        f"BEGIN:VCARD\nVERSION:3.0\nFN:Aino\nN:;Aino;;;\nEMAIL:{HER}\nEND:VCARD\n", "utf-8"
    )
    config.write_text(config.read_text("utf-8") + '[source.cards]\nkind = "vcard"\npath = "kortit"\n', "utf-8")
    folder = Path(hub("export", HER, "--out", str(tmp_path / "out"), "--looked")[1]["directory"])
    code, document = hub("erase", HER, "--source", "cards", "--confirm")
    assert (code, _steps(document), folder.exists()) == (0, [], True)
    assert [(item["source"], item["found"]) for item in document["residue"]] == [("customers", False), ("packages", False)]
