"""Registers in trouble, from the command line: who must act is said, soon, and the others are found and erased unharmed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors._http import Patience
from connectors.carddav import CarddavConnector
from tests.cli.running import Hub
from tests.connectors.carddav.front import BOOK, HOME, Fault, Front
from tests.connectors.carddav.servers import PASSWORD, USER
from tests.connectors.carddav.world import card
from tests.connectors.thunderbird.profiles import make_profile, modern, running, write_book

EMAIL = "aino@kuvitelma.example"
CONFIG = """state = "state"
[controller]
country = "FI"
language = "en"
[source.list]
kind = "csv"
path = "lista.csv"
[source.mail]
kind = "thunderbird"
profile = "profiili/.thunderbird"
[source.phone]
kind = "carddav"
url = "{url}"
username = "{user}"
password = {{ env = "BAD_INPUT_PASSWORD" }}
"""
LIST = "Nimi;Sähköposti;Puhelin\r\nAino Kuvitelma;aino@kuvitelma.example;0441234567\r\nEero Keksitty;eero@kuvitelma.example;\r\n"


@pytest.fixture
def front() -> Iterator[Front]:
    """A contacts server with her card."""
    with Front() as front:
        front.put("aino.vcf", card("AINO", "Aino Kuvitelma", f"EMAIL:{EMAIL}"))
        yield front


@pytest.fixture
def folder(tmp_path: Path, front: Front, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Her in a list, an address book and the phone."""
    monkeypatch.setenv("BAD_INPUT_PASSWORD", PASSWORD)
    monkeypatch.setattr(CarddavConnector, "patience", Patience(sleep=lambda _: None))
    (tmp_path / "lista.csv").write_text(LIST, encoding="utf-8", newline="")
    write_book(make_profile(tmp_path / "profiili") / "abook.sqlite", [modern("u1", "Aino Kuvitelma", EMAIL)])
    (tmp_path / "hub.toml").write_text(CONFIG.format(url=front.url, user=USER), encoding="utf-8")
    return tmp_path


@pytest.fixture
def config(folder: Path) -> Path:
    """Its configuration."""
    return folder / "hub.toml"


def states(document: Any) -> dict[str, str]:
    """How complete each source's answer is."""
    return {answer["source"]: answer["state"] for answer in document["answers"]}


def sources(document: Any) -> set[str]:
    """Where she was found."""
    return {entry["source"] for person in document["persons"] for entry in person["entries"]}


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (401, "username and password"),
        ("html", "no address book"),
        ("bomb", "no address book"),
        ("half", "half an answer"),
        ("empty", "broke its listing off"),
        ("foreign", "contacts.foreign.example"),
        ("circle", "round in a circle"),
        ("drop", "did not answer"),
        (503, "too busy"),
    ],
)
@pytest.mark.parametrize("again", [False, True], ids=["first", "later"])
def test_a_server_in_trouble(hub: Hub, front: Front, what: int, said: str, again: bool) -> None:
    """Exit 3 with the reason, at the first find and after a good one; nobody found is not complete, nothing is erased at once."""
    if again:
        assert hub("find", EMAIL)[0] == 0
    front.faults += [Fault(f"PROPFIND {BOOK}", what, times=999), Fault("REPORT", what, times=999)]
    front.faults += [Fault(f"PROPFIND {HOME}", what, times=999)] if again else []

    code, found = hub("find", EMAIL)

    assert code == 3
    assert states(found) == {"list": "complete", "mail": "complete", "phone": "silent"}
    (reason,) = [answer["reason"] for answer in found["answers"] if answer["state"] == "silent"]
    assert said in reason or (again and "no address book" in reason)
    assert {"list", "mail"} <= sources(found)
    assert hub("find", "nobody@nowhere.example")[0] == 3
    assert hub("erase", EMAIL, "--confirm")[0] == 3
    assert front.sent("DELETE") == []


def test_a_quote_that_never_closes(hub: Hub, folder: Path) -> None:
    """The row is told and hides nobody: the list is partial, she is found in all, and erased from all."""
    (folder / "lista.csv").write_text(LIST.replace("Eero", '"Eero'), encoding="utf-8", newline="")

    code, found = hub("find", EMAIL)

    assert (code, states(found)) == (3, {"list": "partial", "mail": "complete", "phone": "complete"})
    assert [answer["unreadable"] for answer in found["answers"]] == [1, 0, 0]
    assert sources(found) == {"list", "mail", "phone"}
    assert hub("find", "nobody@nowhere.example")[0] == 3


def test_a_locked_profile(hub: Hub, folder: Path, front: Front) -> None:
    """While Thunderbird is open she is found everywhere, erased elsewhere, and the same request ends the rest later."""
    with running(next((folder / "profiili/.thunderbird").glob("*.default"))):
        assert hub("find", EMAIL)[0] == 0
        hub("erase", EMAIL)
        code, outcome = hub("erase", "--confirm")

    told = {item["source"]: (item["outcome"], item["reason"]) for item in outcome["outcomes"]}
    assert (code, outcome["state"]) == (3, "incomplete")
    assert (told["list"][0], told["phone"][0]) == ("erased", "erased")
    assert told["mail"][0] in {"refused", "unreachable", "failed"}
    assert "Thunderbird" in told["mail"][1]
    assert front.cards == {}
    code, outcome = hub("erase", "--confirm", outcome["request"])
    assert (code, outcome["state"]) == (0, "complete")
    assert hub("find", EMAIL)[1]["persons"] == []
