"""Running the command line in this process."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hub.demo.company import Demo

Hub = Callable[..., tuple[int, Any]]
"""Runs a command with --json; its exit code and document."""


def cards_alone(original: Demo, folder: Path) -> Path:
    """The configuration of a fresh copy of the made-up company in `folder`, with the card files alone."""
    shutil.copytree(original.folder, folder)
    config = folder / original.config.name
    text = config.read_text(encoding="utf-8")
    head, cards = text[: text.index("[source.customers]")], text[text.index("[source.cards]") : text.index("[source.newsletter]")]
    config.write_text(head + cards, encoding="utf-8")
    return config


def two_tables(folder: Path, text: str) -> Path:
    """A configuration of two tables that say the same."""
    told = 'state = "tila"\n[controller]\nlanguage = "en"\n'
    for name in ("lista", "toinen"):
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        told += f'[source.{name}]\nkind = "csv"\npath = "{name}.csv"\n'
    (folder / "hub.toml").write_text(told, encoding="utf-8")
    return folder / "hub.toml"
