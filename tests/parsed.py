"""The data files that every find reads, parsed beforehand into `config/parsed`: `python -m tests.parsed` renews them."""

from __future__ import annotations

import hashlib
import json
import tomllib

from connectors import _resources

NAMES = ("matching.toml", "names.toml")


def parsed(name: str) -> str:
    """What `connectors._resources.table` finds beside a data file: its content, and the hash of the text it was made of."""
    text = _resources.path(name).read_bytes()
    made = {"of": hashlib.sha256(text).hexdigest(), "table": tomllib.loads(text.decode("utf-8"))}
    return json.dumps(made, ensure_ascii=False, separators=(",", ":")) + "\n"


def main() -> None:
    """Write them all."""
    for name in NAMES:
        _resources.path("parsed", f"{name}.json").write_text(parsed(name), "utf-8")


if __name__ == "__main__":
    main()
