"""Groups and lists that name their members elsewhere than in the members' own entries: the report sees a customer in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors import _resources
from connectors.registry import connector_class
from tests.cli.running import Hub
from tests.connectors.carddav.front import Front
from tests.connectors.carddav.servers import PASSWORD, USER
from tests.connectors.carddav.world import card, group
from tests.connectors.thunderbird.profiles import make_profile, modern, write_book

EMAIL = "aino@kuvitelma.example"
CONFIG = """state = "state"
[controller]
language = "en"
[source.customers]
kind = "excel"
path = "asiakkaat.xlsx"
[source.binder]
kind = "paper"
path = "mappi/"
[source.cards]
kind = "vcard"
path = "kortit/"
[source.mail]
kind = "thunderbird"
profile = "profiili/.thunderbird"
[source.phone]
kind = "carddav"
url = "{url}"
username = "{user}"
password = {{ env = "GROUPS_PASSWORD" }}
"""
_CUSTOMERS = (
    ("Yhteyshenkilö", "Yritys", "Sähköposti", "Puhelin"),
    ("Aino Kuvitelma", "", EMAIL, ""),
    ("Pia Sivullinen", "", "", "044 000 1111"),
    ("Masa Muu", "Muu Oy", "masa@muu.example", ""),
)
MEMBER = "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:urn:uuid:AINO\r\nFN:Aino Kuvitelma\r\nEMAIL:aino@kuvitelma.example\r\nEND:VCARD\r\n"
LIST = "BEGIN:VCARD\r\nVERSION:4.0\r\nKIND:group\r\nUID:lista\r\nFN:{name}\r\nMEMBER:urn:uuid:aino\r\nEND:VCARD\r\n"


def build(folder: Path, front: Front, name: str) -> Path:
    """A customer who is in a group of this name in files, on a server and in Thunderbird; her configuration."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ("Yhteyshenkilö", "Yritys", "Sähköposti"),
        ("Aino Kuvitelma", "", EMAIL),
        ("Masa Muu", "Muu Oy", "masa@muu.example"),
    ):
        sheet.append(row)
    book.save(folder / "asiakkaat.xlsx")
    for path in ("mappi", "kortit"):
        (folder / path).mkdir()
    (folder / "mappi/index.csv").write_text(
        "nimi;puhelin;pvm;paikka\nPia Sivullinen;044 000 1111;1.2.2026;mappi 1\n", encoding="utf-8"
    )
    (folder / "kortit/aino.vcf").write_text(MEMBER, encoding="utf-8", newline="")
    (folder / "kortit/listat.vcf").write_text(LIST.format(name=name), encoding="utf-8", newline="")
    profile = make_profile(folder / "profiili")
    write_book(profile / "abook.sqlite", [modern("u1", "Aino Kuvitelma", EMAIL), modern("u2", "Pia Toinen")], {name: ["u1"]})
    front.put("aino.vcf", card("AINO", "Aino Kuvitelma", f"EMAIL:{EMAIL}"))
    front.put("lista.vcf", group("LISTA", name, "aino"))
    config = folder / "hub.toml"
    config.write_text(CONFIG.format(url=front.url, user=USER), encoding="utf-8")
    return config


@pytest.fixture
def front() -> Iterator[Front]:
    """A contacts server."""
    with Front() as front:
        yield front


@pytest.fixture
def name() -> str:
    """What the group is called."""
    return "Uutiskirje 2026"


@pytest.fixture
def config(tmp_path: Path, front: Front, name: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The company."""
    monkeypatch.setenv("GROUPS_PASSWORD", PASSWORD)
    return build(tmp_path, front, name)


@pytest.mark.parametrize("name", ["Uutiskirje 2026", "Perhe", "Ei markkinointia"])
def test_promise_15_a_customer_in_a_marketing_group_is_flagged_in_every_register(hub: Hub, name: str) -> None:
    """Card files, the phone's contacts and Thunderbird's lists; a family's group and a ban are left alone."""
    code, report = hub("report")
    found = [item for item in report["findings"] if item["kind"] == "marketing"]

    assert code == 0
    assert {place["source"] for item in found for place in item["entries"]} == (
        {"cards", "mail", "phone"} if name == "Uutiskirje 2026" else set()
    )
    assert all(name in item["what"] and "Pia" not in item["what"] for item in found)


def test_promise_15_once_out_of_the_group_nothing_is_said(hub: Hub, config: Path, front: Front) -> None:
    """The entry itself did not change: it is the list that is read anew."""
    hub("report")
    (config.parent / "kortit/listat.vcf").write_text(LIST.format(name="Uutiskirje").replace("aino", "toinen"), encoding="utf-8")
    next((config.parent / "profiili").rglob("abook.sqlite")).unlink()
    del front.cards[next(path for path in front.cards if "lista" in path)]

    assert [
        item for item in hub("report")[1]["findings"] if item["kind"] == "marketing" and "cards" in str(item["entries"])
    ] == []


def test_promise_9_private_customers_are_expected_in_the_binder(hub: Hub, config: Path) -> None:
    """As the example of the configuration says: who has no page is named; who has one, or stands for a company, is not."""
    example = _resources.path("hub.example.toml").read_text(encoding="utf-8")
    (expect,) = re.findall(r'"customers/private" = \["binder"\]', example)
    with config.open("a", encoding="utf-8") as stream:
        stream.write(f"[report]\nexpect = {{ {expect} }}\n")

    missing = [item for item in hub("report")[1]["findings"] if item["kind"] == "missing"]

    assert [item["what"].split(" –")[0] for item in missing] == ["Aino Kuvitelma"]
    assert missing[0]["what"].endswith("is not in: binder")


def test_a_source_without_groups_tells_none() -> None:
    """Where an entry's own fields say it, or there are none."""
    assert connector_class("csv")("lista", {"path": Path("lista.csv")}).groups() == {}
