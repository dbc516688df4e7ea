"""A cold find over a folder of contact cards, beside khard, vobject and ripgrep on the same folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from tests.bench.data import middle, people
from tests.bench.measure import Row, command, compared, median, python

_CONFIG = """state = "state"
[controller]
country = "FI"
language = "en"
[source.cards]
kind = "vcard"
path = "cards"
"""
_KHARD = "[addressbooks]\n[[cards]]\npath = {path}\n"
_VOBJECT = """
import sys, pathlib, vobject
for path in pathlib.Path(sys.argv[1]).iterdir():
    card = vobject.readOne(path.read_text("utf-8"))
    if sys.argv[2] in card.fn.value:
        print(card.fn.value)
"""


def rows(folder: Path, count: int, repeats: int) -> Iterator[Row]:
    """The first find of hub builds the mirror; what is compared is a find when nothing changed since."""
    write_cards(folder / "cards", count)
    config = folder / "hub.toml"
    config.write_text(_CONFIG, encoding="utf-8")
    khard = folder / "khard.conf"
    khard.write_text(_KHARD.format(path=folder / "cards"), encoding="utf-8")
    someone = middle(count)
    bare = median([python("-c", "pass") for _ in range(repeats)])
    yield "a bare interpreter", bare, ""
    ask = ("-m", "hub", "find", someone.name, "--json", "--config", str(config))
    yield f"hub: first find over {count:,} cards, mirror made", python(*ask), ""
    python(*ask)  # the cards may have been too young to be trusted the first time
    ours = median([python(*ask) for _ in range(repeats)])
    yield f"hub: cold find over {count:,} cards, median of {repeats}", ours, compared(bare, ours, "a bare interpreter")
    theirs = python("-m", "khard", "-c", str(khard), "list", someone.name)
    yield f"khard list, {count:,} cards", theirs, compared(ours, theirs)
    theirs = python("-c", _VOBJECT, str(folder / "cards"), someone.name)
    yield f"vobject: parse and look, {count:,} cards", theirs, compared(ours, theirs)
    if ripgrep := shutil.which("rg"):
        theirs = median([command(ripgrep, "-il", someone.name, str(folder / "cards")) for _ in range(repeats)])
        yield f"ripgrep -il, {count:,} cards", theirs, compared(ours, theirs)


def write_cards(folder: Path, count: int) -> None:
    """A file for each of so many people, as vdirsyncer leaves them."""
    folder.mkdir(parents=True)
    for someone in people(count):
        given, family = someone.name.split(" ")
        (folder / f"{someone.number}.vcf").write_bytes(
            (
                f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:bench-{someone.number}\r\nFN:{someone.name}\r\nN:{family};{given};;;\r\n"
                f"EMAIL:{someone.email}\r\nTEL;TYPE=CELL:{someone.phone}\r\nORG:Yritys {someone.number // 3} Oy\r\nEND:VCARD\r\n"
            ).encode()
        )
