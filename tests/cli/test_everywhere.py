"""One person in every register at once, from the command line: one find, one export, one erase, and what is left of her."""

from __future__ import annotations

import gc
import json
import warnings
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.cli import everywhere
from tests.cli.everywhere import EMAIL, INVOICE, PAGE, PHOTO, SOURCES, SPELLINGS
from tests.cli.running import Hub
from tests.connectors.carddav.servers import Running
from tests.connectors.gmail.standin import StandIn

HERS = Counter(customers=2, mail=2, cards=1, newsletter=1, invoicing=3, binder=1, gmail=2, phone=1)
"""How many entries are hers; of the invoicing program a row, a card and an invoice, at Google a contact and an Other contact."""
ESKOS = Counter(customers=1, mail=2, cards=1, newsletter=1, invoicing=2, binder=1, gmail=1, phone=1)
"""How many are of the man beside her."""


@pytest.fixture
def config(tmp_path: Path, gmail: StandIn, carddav: Running, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Her in all of them."""
    return everywhere.build(tmp_path, gmail, carddav, monkeypatch)


def links(document: Any) -> set[tuple[str, str]]:
    """The entries of the one person a find shows; that nothing is left to decide is demanded."""
    (person,) = document["persons"]
    assert {entry["verdict"] for entry in person["entries"]} == {"link"}
    return {(entry["source"], entry["ref"]) for entry in person["entries"]}


def per_source(entries: set[tuple[str, str]]) -> Counter[str]:
    """How many entries each source has."""
    return Counter(source for source, _ in entries)


def left_in(folder: Path, home: Path, gmail: StandIn) -> dict[str, set[str]]:
    """What of her stands where: read plainly from the files, the server's cards and the account, without the hub's own search."""
    blobs: dict[str, bytes] = {}
    for path in (path for path in folder.rglob("*") if path.is_file() and "state" not in path.relative_to(folder).parts):
        blobs[str(path.relative_to(folder))] = path.read_bytes() + path.name.encode()
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as package:
                blobs |= {f"{path.name}/{name}": package.read(name) for name in package.namelist()}
    blobs |= {f"server/{path.name}": path.read_bytes() for path in home.rglob("*.vcf")}
    blobs["google"] = json.dumps([gmail.store.contacts, gmail.store.others]).encode()
    texts = {name: blob.decode("utf-8", "replace").lower().replace("\r\n ", "") for name, blob in blobs.items()}
    found = {name: {value for value in SPELLINGS if value in text} for name, text in texts.items()}
    return {name: values for name, values in found.items() if values}


@pytest.mark.parametrize(
    "query", ["Maija Malli", "malli maija", "0441234567", "+358 44 1234567", "441234567", "MAIJA@Malli.example", "1007"]
)
def test_one_find_shows_her_in_every_register(hub: Hub, query: str) -> None:
    """Whatever is asked for and however it is written: one person, every entry of hers and no other, each with its evidence."""
    code, found = hub("find", query)

    assert code == 0
    assert per_source(links(found)) == HERS
    assert all(entry["evidence"] for entry in found["persons"][0]["entries"])
    assert {answer["source"]: answer["state"] for answer in found["answers"]} == dict.fromkeys(SOURCES, "complete")


def test_one_export_holds_everything_of_her(hub: Hub, tmp_path: Path) -> None:
    """Every entry, her photo, the page and the invoice; it is complete, and nobody else is in it."""
    code, export = hub("export", EMAIL, "--out", str(tmp_path / "out"))

    folder = Path(export["directory"])
    files = {path.read_bytes() for path in (folder / "files").iterdir()}
    data = json.loads((folder / "data.json").read_text(encoding="utf-8"))
    assert (code, export["complete"], export["missing"]) == (0, True, [])
    assert files == {PHOTO, PAGE, INVOICE}
    assert Counter(entry["source"] for entry in data["entries"]) == HERS
    everything = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.*"))
    assert not [value for value in ("Esko", "eero@kulma", "0501234567", "050 123 4567") if value in everything]


def test_one_erase_and_every_hand(hub: Hub, config: Path, gmail: StandIn, carddav: Running) -> None:
    """Each step ends as its register allows; what waits is closed by her owner's word, where it can be checked after a check."""
    folder = config.parent
    eskos = links(hub("find", "eero@kulma.example")[1])
    assert len(left_in(folder, carddav.home, gmail)) > len(SOURCES)

    code, outcome = hub("erase", EMAIL, "--confirm")

    told = Counter((item["source"], item["outcome"]) for item in outcome["outcomes"])
    assert (code, outcome["state"], outcome["residue"]) == (4, "waiting", [])
    assert told == {
        ("customers", "redacted"): 2,
        ("mail", "erased"): 2,
        ("cards", "erased"): 1,
        ("newsletter", "erased"): 1,
        ("invoicing", "erased"): 1,
        ("invoicing", "retained"): 1,
        ("invoicing", "manual_pending"): 1,
        ("binder", "manual_pending"): 1,
        ("gmail", "erased"): 1,
        ("gmail", "manual_pending"): 1,
        ("phone", "erased"): 1,
    }
    assert all(item["verified"] for item in outcome["outcomes"] if item["outcome"] != "manual_pending")
    assert all(item["reason"] for item in outcome["outcomes"] if item["outcome"] in {"retained", "manual_pending"})
    waiting = {item["source"]: str(item["step"]) for item in outcome["outcomes"] if item["outcome"] == "manual_pending"}
    assert per_source(links(hub("find", EMAIL)[1])) == Counter(invoicing=1, binder=1, gmail=1)
    kept = {"laskutus/laskut.xml", "laskutus/lasku-1005.pdf"}
    assert left_in(folder, carddav.home, gmail).keys() == kept | {"mappi/index.csv", "google"}

    code, told_again = hub("done", outcome["request"], waiting["gmail"])
    (still,) = [item["outcome"] for item in told_again["outcomes"] if str(item["step"]) == waiting["gmail"]]
    assert (code, still) == (4, "manual_pending")
    for name in list(gmail.store.others):
        gmail.store.remove_other(name)
    codes = [hub("done", outcome["request"], waiting[source])[0] for source in ("gmail", "binder")]
    code, closed = hub("done", outcome["request"], waiting["invoicing"])

    assert (*codes, code) == (4, 4, 0)
    assert (closed["state"], closed["residue"]) == ("complete", [])
    unseen = [item["step"] for item in closed["outcomes"] if not item["verified"]]
    assert [str(step) for step in unseen] == [waiting["invoicing"]], "no newer export shows that the card is gone: her word alone"
    assert left_in(folder, carddav.home, gmail).keys() == kept
    code, found = hub("find", EMAIL)
    assert (code, [entry["locator"] for entry in found["persons"][0]["entries"]]) == (0, ["invoice 1005"])
    assert links(hub("find", "eero@kulma.example")[1]) == eskos
    assert per_source(eskos) == ESKOS


def test_no_connection_and_no_file_is_left_open(hub: Hub) -> None:
    """What a command opened it closes: nothing is left for the system to clear up."""
    gc.collect()
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always", ResourceWarning)
        hub("find", EMAIL)
        gc.collect()

    assert [str(one.message) for one in heard if one.category is ResourceWarning] == []


@pytest.mark.parametrize("silent", ["newsletter", "gmail", "phone", "binder"])
def test_one_silent_register_never_hides_the_others(hub: Hub, config: Path, monkeypatch: pytest.MonkeyPatch, silent: str) -> None:
    """Exit 3 with its reason; the others show her; nobody found is not complete, and nothing is erased at once."""
    if silent == "gmail":
        monkeypatch.setenv("EVERYWHERE_TOKEN", "expired")
    elif silent == "phone":
        monkeypatch.setenv("EVERYWHERE_PASSWORD", "wrong")
    else:
        path = config.parent / {"newsletter": "lista.csv", "binder": "mappi/index.csv"}[silent]
        path.rename(path.with_name("moved"))

    code, found = hub("find", EMAIL)

    (answer,) = [answer for answer in found["answers"] if answer["state"] != "complete"]
    assert (code, answer["source"], answer["state"]) == (3, silent, "silent")
    assert answer["reason"]
    assert per_source(links(found)) == Counter({source: count for source, count in HERS.items() if source != silent})
    assert hub("find", "nobody@nowhere.example")[0] == 3
    assert hub("erase", EMAIL, "--confirm")[0] == 3
    assert per_source(links(hub("find", EMAIL)[1])) == per_source(links(found))
