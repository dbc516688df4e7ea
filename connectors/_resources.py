"""Where the data files of `config/` are: beside the code in a checkout, inside the package in an installed wheel."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

_INSTALLED = Path(__file__).with_name("_config")
_CHECKOUT = Path(__file__).parent.with_name("config")


def path(*parts: str) -> Path:
    """The path of one data file, such as `path("headers.toml")`."""
    root = _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT
    return root.joinpath(*parts)


@cache
def table(*parts: str) -> dict[str, Any]:
    """A TOML data file, read once."""
    with path(*parts).open("rb") as stream:
        return tomllib.load(stream)
