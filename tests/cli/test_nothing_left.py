"""After a request is done and its undo is over, no byte the hub keeps anywhere tells who it was: searched without the hub's own search."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

import pytest

from hub.erase import undo
from hub.matching.engine import Engine
from hub.mirror import NIGHT, SAID, kept
from tests.cli import everywhere
from tests.cli.everywhere import EMAIL
from tests.cli.running import Hub
from tests.cli.searching import decrypted, needles, traces
from tests.connectors.carddav.servers import Running
from tests.connectors.gmail.standin import StandIn

VALUES = (
    *("Maija Malli", "Malli Maija", "Malli, Maija", "maijamalli", "mallimaija", "Maija"),
    *(EMAIL, "malli.example", "0441234567", "044 123 4567", "044-1234567", "+358441234567", "+358 44 1234567", "441234567"),
    "sivu14.png",
)
"""Everything of hers that the registers hold, as they spell it and as the hub may; that a page stood in a binder is no value of hers."""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The temporary folder of everything that the hub runs."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


@pytest.fixture
def config(tmp_path: Path, gmail: StandIn, carddav: Running, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Her in all registers, and in no invoice, which would have to stay."""
    (tmp_path / "company").mkdir()
    config = everywhere.build(tmp_path / "company", gmail, carddav, monkeypatch)
    for name in ("laskut.xml", "lasku-1005.pdf"):
        (config.parent / "laskutus" / name).unlink()
    return config


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _opened(state: Path, folder: Path) -> list[Path]:
    """The hub's own files as they are, and those that are encrypted page by page as their keys read them."""
    folder.mkdir()
    return [*_files(state), *decrypted(state, folder), *_night(state, folder)]


def _night(state: Path, folder: Path) -> list[Path]:
    """What is kept of the last night: its columns are compressed."""
    plain = []
    for name in (NIGHT, SAID):
        if found := kept.read(state, name, {}):
            plain.append(folder / f"columns-{name}.plain")
            plain[-1].write_text("\n".join(str(column.to_pylist()) for column in found[1].values()), encoding="utf-8")
    return plain


def test_no_byte_of_the_hub_tells_of_her(  # noqa: PLR0917  # fixtures
    hub: Hub, config: Path, gmail: StandIn, temporary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found, reported, exported, planned, erased, closed by hand; while its time lasts the copy holds her, and then nothing does."""
    monkeypatch.setattr("hub.config.read_engine", lambda *_given: Engine(entries=0))  # a night of many
    state = config.parent / "state"
    for command in (["refresh"], ["find", EMAIL], ["find", "maija malli"], ["report", "--html", str(state / "report.html")]):
        assert hub(*command)[0] == 0
    exports = tmp_path / "exports"
    assert "directory" in hub("export", EMAIL, "--out", str(exports))[1]
    assert traces(_files(exports), VALUES)
    _, plan = hub("erase", EMAIL)
    held = {name.partition("-")[2].partition(".")[0] for name, _ in traces(_opened(state, tmp_path / "before"), VALUES)}
    assert {"ledger", "mirror", "night", "said"} <= held, "the search itself finds her where she is"
    blocks = b"".join(path.read_bytes() for path in (tmp_path / "before").glob("*mirror.plain"))
    assert b"044-1234567" in blocks, "as the binder spells her phone, in what the mirror keeps compressed, too"

    hub("erase", "--confirm", plan["request"], "--include", "nobody") if plan["review"] else hub(
        "erase", "--confirm", plan["request"]
    )
    for name in list(gmail.store.others):
        gmail.store.remove_other(name)
    assert not (state / NIGHT).exists()
    assert not (state / SAID).exists()
    waiting = [
        item["step"] for item in hub("erase", "--confirm", plan["request"])[1]["outcomes"] if item["outcome"] == "manual_pending"
    ]
    codes = [hub("done", plan["request"], str(step))[0] for step in waiting]
    assert codes[-1] == 0
    copies = {(name.partition("-")[2], value) for name, value in traces(_opened(state, tmp_path / "during"), VALUES)}
    assert {name for name, _ in copies} == {f"{plan['request']}.plain"}

    over = undo.today() + timedelta(days=8)
    monkeypatch.setattr(undo, "today", lambda: over)
    assert hub("report")[0] == 0

    assert traces(_opened(state, tmp_path / "after"), VALUES) == []
    assert not list((state / "undo").glob("*"))
    assert traces(_files(exports), VALUES) == []
    assert traces(_files(temporary), VALUES) == []
    assert [path.name for path in temporary.rglob("*")] == [], "nothing at all is left in the temporary folder"


@pytest.mark.parametrize("value", ["Maija Malli", "+358441234567", EMAIL])
@pytest.mark.parametrize("offset", range(3))
def test_the_search_finds_what_is_hidden(value: str, offset: int, tmp_path: Path) -> None:
    """In UTF-16, in base64 at any place, percent-encoded, escaped, or as digits backwards."""
    import base64
    import json
    from urllib.parse import quote

    hidden = [
        value.encode("utf-16-le"),
        base64.b64encode(b"x" * offset + value.encode() + b"yz"),
        quote(value, safe="").encode(),
        json.dumps({"a": value.upper()}).encode(),
    ]
    for number, data in enumerate(hidden):
        (tmp_path / f"{number}").write_bytes(b"\0" * 7 + data + b"\0")

    assert {name for name, _ in traces(_files(tmp_path), [value])} == {str(number) for number in range(len(hidden))}
    assert b"7654321448" in needles("+358 44 123 4567") or value
