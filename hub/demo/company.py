"""The made-up company: every file-based register in one folder, with the configuration that names them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from connectors.errors import UsageError
from connectors.phrase import Phrase
from hub.demo import addressbook, people, registers, workbook

_CONFIG = """# The configuration of the made-up company. Paths are relative to this file.
state = "state"                       # the hub's own encrypted directory

[controller]
name = "Saaren Valmennus Tmi"
business_id = "1234567-1"
contact = "Maija Esimerkki, 050 123 4500, maija@saarenvalmennus.example"
country = "FI"
language = "{language}"
fiscal_year_end = "12-31"

[source.customers]
kind = "excel"
path = "{workbook}"
on_erase = "cells"                    # the row keeps company, service and price; the person's cells are emptied

[source.mail]
kind = "thunderbird"
profile = "{profiles}"

[source.cards]
kind = "vcard"
path = "{cards}"

[source.newsletter]
kind = "csv"
path = "{newsletter}"

[source.invoicing]
kind = "arkhimedes"
path = "{exports}"

[source.binder]
kind = "paper"
path = "{binder}"
"""


@dataclass(frozen=True, slots=True)
class Demo:
    """Where everything of the made-up company is."""

    folder: Path
    config: Path
    workbook: Path
    profiles: Path
    """The folder that holds profiles.ini."""
    profile: Path
    """The one profile in it."""

    @property
    def cards(self) -> Path:
        """The folder of contact cards."""
        return self.folder / "kortit"

    @property
    def newsletter(self) -> Path:
        """The list of the newsletter."""
        return self.folder / "uutiskirje.csv"

    @property
    def exports(self) -> Path:
        """The folder of the invoicing program's exports."""
        return self.folder / "arkhimedes"

    @property
    def binder(self) -> Path:
        """The folder of the paper binder's index and pictures."""
        return self.folder / "mappi"

    @property
    def state(self) -> Path:
        """The hub's own directory, made when it is first needed."""
        return self.folder / "state"


def build(folder: Path, language: str = "en") -> Demo:
    """Write the company into `folder`, made when missing.

    Raises `UsageError` when the folder holds anything: nothing of the owner's is ever written over.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            Phrase("The demo writes into an empty folder only; this one holds something."),
            Phrase("Name a new folder, or leave it out for a temporary one."),
        )
    folder.mkdir(parents=True, exist_ok=True)
    folder = folder.resolve()
    profiles = folder / "Thunderbird"
    demo = Demo(folder, folder / "hub.toml", folder / "asiakkaat.xlsx", profiles, profiles / addressbook.PROFILE)
    workbook.write(demo.workbook, people.customers())
    addressbook.write(demo.profiles)
    registers.write_cards(demo.cards)
    registers.write_newsletter(demo.newsletter)
    registers.write_exports(demo.exports)
    registers.write_binder(demo.binder)
    places = {name: getattr(demo, name).name for name in ("workbook", "profiles", "cards", "newsletter", "exports", "binder")}
    text = _CONFIG.format(language=language, **places)
    demo.config.write_text(text, encoding="utf-8")
    return demo
