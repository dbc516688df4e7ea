"""The table of sources in the README, made from what each connector says of itself: `python -m tests.readme` renews it."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from connectors.registry import connector_class, kinds

README = Path(__file__).parent.with_name("README.md")
_BLOCK = re.compile(r"(?<=<!-- made by: python -m tests\.readme -->\n).*?(?=<!-- end -->)", re.DOTALL)
_ERASE = {"automatic": "yes", "manual": "by hand: a step with its place", "no": "no"}


def table() -> str:
    """A row for each kind an owner may configure."""
    rows = [
        "| kind | register | erases | only her part | corrects a value | put back by `hub undo` | network | needs |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for kind in kinds():
        connector = connector_class(kind)
        features = connector.features
        cells = (
            f"`{kind}`",
            (inspect.getdoc(connector) or "").splitlines()[0].rstrip("."),
            _ERASE[features.erase],
            "yes" if features.redact else "–",
            "yes" if features.rectify else "–",
            "yes" if features.restore else "–",
            "–" if features.local else "yes",
            ", ".join(f"`{option.name}`" for option in connector.options if option.required) or "–",
        )
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def renewed(text: str) -> str:
    """The README with a fresh table."""
    return _BLOCK.sub(lambda _: table(), text)


if __name__ == "__main__":
    README.write_text(renewed(README.read_text(encoding="utf-8")), encoding="utf-8")
