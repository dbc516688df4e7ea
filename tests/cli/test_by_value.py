"""find --by-value: where a value stands, in entries and outside of them; so what was removed by hand can be looked for again."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from connectors.csv_table import CsvConnector
from connectors.errors import Unreachable
from connectors.phrase import Phrase
from hub.cli import main
from tests.cli.running import Hub
from tests.connectors.thunderbird.profiles import make_profile, modern, write_book

WHO = "maija@mallikas.example"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A workbook in which another's row mentions her, and a list."""
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    sheet.title = "Asiakkaat"
    sheet.append(("Nimi", "Sähköposti", "Puhelin", "Muistiinpano"))
    sheet.append(("Maija Mallikas", WHO, "040 000 1111", ""))
    sheet.append(("Pekka Kokeila", "pekka@kokeila.example", "040 000 1112", f"kysy {WHO} tai 0400001111"))
    made.save(tmp_path / "asiakkaat.xlsx")
    (tmp_path / "lista.csv").write_text(f"Nimi;Sähköposti\r\nMaija Mallikas;{WHO}\r\n", encoding="utf-8")
    file = tmp_path / "hub.toml"
    sources = (("book", "excel", "asiakkaat.xlsx"), ("list", "csv", "lista.csv"))
    told = "".join(f'[source.{name}]\nkind = "{kind}"\npath = "{path}"\n' for name, kind, path in sources)
    file.write_text(f'state = "state"\n[controller]\nlanguage = "en"\n{told}', encoding="utf-8")
    return file


def _places(told: dict[str, object]) -> list[str]:
    residue = told["residue"]
    assert isinstance(residue, list)
    return [item["where"].rpartition(": ")[2] for item in residue if item["found"]]


def test_what_an_erase_left_to_a_hand_is_looked_for_again(hub: Hub, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The request keeps no value of hers by then; whoever types it sees the cell, and that it is gone once she removed it."""
    code, outcome = hub("erase", WHO, "--confirm")
    assert (code, _places(outcome)) == (4, ["D3"])

    code, told = hub("find", WHO, "--by-value")
    assert (code, told["schema"], told["persons"], _places(told)) == (0, "hub.find/1", [], ["D3"])

    made = openpyxl.load_workbook(config.parent / "asiakkaat.xlsx")
    made["Asiakkaat"]["D3"] = ""
    made.save(config.parent / "asiakkaat.xlsx")

    assert _places(hub("find", WHO, "--by-value")[1]) == []
    assert main(["find", WHO, "--by-value", "--config", str(config)]) == 0
    assert "It stands nowhere in what could be looked into." in capsys.readouterr().out


@pytest.mark.parametrize("language", ["en", "fi"])
def test_whose_card_it_is_that_names_her_can_be_seen(
    hub: Hub, config: Path, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    """No place names him; the command under them shows his card, also where he is known by another entry first."""
    his = modern("u-1", "Pekka Kokeila", "pekka@kokeila.example", note=f"kysy: {WHO}")
    for name in ("aa", "zz"):  # the second is not the entry by which he is known
        write_book(make_profile(config.parent / name) / "abook.sqlite", [his])
        with config.open("a", encoding="utf-8") as file:
            file.write(f'[source.{name}]\nkind = "thunderbird"\nhome = "{name}"\n')
    code, outcome = hub("erase", WHO, "--confirm")
    handles = {item["source"]: item["person"] for item in outcome["residue"] if item["source"] in {"aa", "zz"}}
    assert (code, len(set(handles.values()))) == (4, 2)

    main(["erase", "--confirm", outcome["request"], "--config", str(config), "--lang", language])
    said = capsys.readouterr().out
    assert "pekka" not in said.casefold()
    for handle in handles.values():
        assert f"  hub find --person {handle}\n" in said
        (person,) = hub("find", "--person", handle)[1]["persons"]
        assert person["name"] == "Pekka Kokeila"
    assert [main(["erase", "--person", handle, "--config", str(config)]) for handle in handles.values()] == [0, 2]


@pytest.mark.parametrize(
    ("who", "cells"),
    [
        (("040", "000", "1111"), ["C2, D3"]),
        (("+358400001111",), ["C2, D3"]),
        (("Mallikas", "Maija"), ["A2"]),
        ((WHO, "Maija", "Mallikas"), ["A2, B2, D3"]),
    ],
)
def test_a_value_is_looked_for_in_every_spelling(hub: Hub, who: tuple[str, ...], cells: list[str]) -> None:
    """A phone in any spelling, a name in any order, several at once; entries and other places alike."""
    code, told = hub("find", *who, "--by-value", "--source", "book")

    assert (code, _places(told)) == (0, cells)


@pytest.mark.parametrize("who", ["Maija", "1001", "x"])
def test_a_word_alone_is_no_value(hub: Hub, who: str) -> None:
    """It would be found in what is about nobody; find without --by-value finds persons by it."""
    code, told = hub("find", who, "--by-value")

    assert (code, told["schema"]) == (2, "hub.error/1")
    assert "a full name" in told["error"]


def test_a_source_that_does_not_answer_is_named(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nowhere is never said of what nobody looked into."""

    def gone(_self: object, _needles: object) -> None:
        raise Unreachable(Phrase("The disk is gone."))

    monkeypatch.setattr(CsvConnector, "residue", gone)
    code, told = hub("find", WHO, "--by-value")

    assert code == 3
    assert [(item["source"], item["found"], item["why"]) for item in told["residue"] if item["source"] == "list"] == [
        ("list", False, "The disk is gone.")
    ]
