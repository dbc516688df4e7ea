"""Where the data files of `config/` are: beside the code in a checkout, inside the package in an installed wheel."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from connectors._digest import sha256

_INSTALLED = Path(__file__).with_name("_config")
_CHECKOUT = Path(__file__).parent.with_name("config")


def path(*parts: str) -> Path:
    """The path of one data file, such as `path("headers.toml")`."""
    root = _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT
    return root.joinpath(*parts)


@cache
def table(name: str) -> dict[str, Any]:
    """A TOML data file, read once: as it was parsed beforehand if that was this very text, for TOML is read slowly."""
    text = path(name).read_bytes()
    try:
        parsed = json.loads(path("parsed", f"{name}.json").read_bytes())
    except FileNotFoundError:
        parsed = {}
    if parsed.get("of") != sha256(text).hexdigest():
        import tomllib

        return tomllib.loads(text.decode("utf-8"))
    found: dict[str, Any] = parsed["table"]
    return found
