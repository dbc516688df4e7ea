"""One made-up person in every register there is, each spelling her in its own way; beside her somebody to be left alone."""

from __future__ import annotations

import base64
import os
import time
from pathlib import Path

import openpyxl
import pytest

from tests.connectors.arkhimedes.made import COLUMNS, FIRM, MAIJA, finvoice, invoice, pdf
from tests.connectors.carddav.servers import PASSWORD, Running, radicale_book
from tests.connectors.carddav.world import card as dav_card
from tests.connectors.gmail.standin import TOKEN, StandIn
from tests.connectors.gmail.world import person
from tests.connectors.thunderbird.mabs import Mab
from tests.connectors.thunderbird.mabs import card as mork_card
from tests.connectors.thunderbird.profiles import Card, make_profile, modern, write_book

EMAIL = "maija@malli.example"
PHOTO = b"\xff\xd8\xff\xe0 the photo of a card \xff\xd9"
PAGE = b"\x89PNG\r\n\x1a\n the picture of a page"
INVOICE = pdf(["Lasku", "Laskun numero: 1005", "Asiakas: Malli Maija", "Kuja 1", "00100 HELSINKI"])
SPELLINGS = ("maija", "malli.example", "441234567", "44 123 4567", "44 1234567")
"""Whatever of her may stand in a register, in small letters."""

CONFIG = """state = "state"

[controller]
name = "Esimerkki Oy"
country = "FI"

[source.customers]
kind = "excel"
path = "asiakkaat.xlsx"

[source.mail]
kind = "thunderbird"
profile = "profiili/.thunderbird"

[source.cards]
kind = "vcard"
path = "kortit"

[source.newsletter]
kind = "csv"
path = "lista.csv"

[source.invoicing]
kind = "arkhimedes"
path = "laskutus"

[source.binder]
kind = "paper"
path = "mappi"

[source.gmail]
kind = "gmail"
client_secrets = "client_secret.json"
endpoint = "{gmail}"
token = {{ env = "EVERYWHERE_TOKEN" }}

[source.phone]
kind = "carddav"
url = "{carddav}"
username = "alice"
password = {{ env = "EVERYWHERE_PASSWORD" }}
"""

SOURCES = ("customers", "mail", "cards", "newsletter", "invoicing", "binder", "gmail", "phone")


def build(folder: Path, gmail: StandIn, carddav: Running, patch: pytest.MonkeyPatch) -> Path:
    """Write every register and the configuration that names them, its secrets in the environment; returns the configuration."""
    patch.setenv("EVERYWHERE_TOKEN", TOKEN)
    patch.setenv("EVERYWHERE_PASSWORD", PASSWORD)
    _workbook(folder / "asiakkaat.xlsx")
    profile = make_profile(folder / "profiili")
    write_book(profile / "abook.sqlite", [modern("u1", "Maija Malli", EMAIL.upper()), _other_card("u2")])
    Mab().book([_other_mork(), mork_card("Maija Malli", EMAIL, CellularNumber="+358 44 1234567")]).write(profile / "abook-2.mab")
    _cards(folder / "kortit")
    list_ = "Nimi;Sähköposti;Puhelin\r\nMalli Maija;Maija@Malli.example;0441234567\r\nEsko Eero;eero@kulma.example;0501234567\r\n"
    (folder / "lista.csv").write_text(list_, encoding="utf-8", newline="")
    _exports(folder / "laskutus")
    _binder(folder / "mappi")
    _gmail(gmail)
    carddav.empty()
    cards = {"maija.vcf": dav_card("d1", "Maija Malli", f"EMAIL:{EMAIL.title()}", "TEL:+358 44 1234567"), "eero.vcf": _eero()}
    radicale_book(carddav, "kirja", cards)
    config = folder / "hub.toml"
    config.write_text(CONFIG.format(gmail=gmail.url, carddav=carddav.url), encoding="utf-8")
    return config


def _workbook(path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Yritys", "Yhteyshenkilö", "Puhelin", "Sähköposti", "Palvelu"])
    sheet.append(["Malli Oy", "Malli, Maija", 441234567, EMAIL, "Valmennus"])
    both = ["Esko Eero / Maija Malli", "050 123 4567 / +358 44 1234567", "eero@kulma.example / MAIJA@malli.example"]
    sheet.append(["Kahvila Kulma", *both, "Koulutus"])
    book.save(path)


def _other_card(uid: str) -> Card:
    return modern(uid, "Eero Esko", "eero@kulma.example", phone="0501234567")


def _other_mork() -> dict[str, str]:
    return mork_card("Eero Esko", "eero@kulma.example", CellularNumber="0501234567")


def _eero() -> bytes:
    return dav_card("d2", "Eero Esko", "EMAIL:eero@kulma.example", "TEL:0501234567")


def _cards(folder: Path) -> None:
    folder.mkdir()
    photo = f"PHOTO;ENCODING=b;TYPE=JPEG:{base64.b64encode(PHOTO).decode()}"
    (folder / "a1.vcf").write_bytes(dav_card("v1", "Maija Malli", f"EMAIL:{EMAIL}", "TEL;TYPE=CELL:0441234567", photo))
    (folder / "a2.vcf").write_bytes(_eero())


def _exports(folder: Path) -> None:
    folder.mkdir()
    (folder / "asiakkaat.csv").write_bytes(f"{COLUMNS}\r\n{MAIJA}\r\n{FIRM}\r\n".encode("cp1252"))
    long_ago = time.time() - 3600
    os.utime(folder / "asiakkaat.csv", (long_ago, long_ago))
    (folder / "laskut.xml").write_bytes(finvoice(invoice("1005")))
    (folder / "lasku-1005.pdf").write_bytes(INVOICE)


def _binder(folder: Path) -> None:
    folder.mkdir()
    rows = (
        "Nimi;Puhelin;Pvm;Paikka;Sivukuva;Kopioitu",
        "Maija Malli;044-1234567;1.2.2026;mappi 2, sivu 14;sivu14.png;",
        "Eero Esko;050 123 4567;2.2.2026;mappi 1, sivu 3;;3.3.2026",
        "",
    )
    (folder / "index.csv").write_text("\r\n".join(rows), encoding="utf-8", newline="")
    (folder / "sivu14.png").write_bytes(PAGE)


def _gmail(standin: StandIn) -> None:
    standin.store.add(**person("Maija Malli", EMAIL.title(), phone="0441234567"))
    standin.store.add(**person("Eero Esko", "eero@kulma.example", phone="0501234567"))
    standin.store.add_other(**person("", EMAIL.upper()))
