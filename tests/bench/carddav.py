"""What listing an address book on a server costs: a whole one, and only what changed, against a real Radicale.

`python -m tests.bench.carddav URL TOKEN` lists once in a process of its own: everything when the file TOKEN is empty,
else what changed since the listing that wrote it.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from connectors.carddav import CarddavConnector
from connectors.entry import Cursor
from tests.bench.data import Someone, people
from tests.bench.measure import Cost, python
from tests.connectors.carddav.servers import PASSWORD, USER, radicale, radicale_book

_LINES = (
    "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:bench-{0.number}\r\nN:{0.name};;;;\r\nFN:{0.name}\r\nEMAIL:{0.email}\r\nTEL:{0.phone}\r\n"
)


def rows(count: int = 10_000) -> Iterator[tuple[str, Cost, str]]:
    """A book of that many cards listed whole by a server that just started, again, unchanged, and with one card changed."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-carddav-") as name, radicale(Path(name)) as server:
        token = Path(name, "token")
        book = radicale_book(server, "bench", {f"{someone.number}.vcf": _card(someone) for someone in people(count)})
        first = _listed(server.url, token, anew=True)
        yield f"hub: list {count:,} cards, the server's caches empty", first, _told(first)
        again = _listed(server.url, token, anew=True)
        yield f"hub: list {count:,} cards, the server's caches full", again, _told(again)
        same = _listed(server.url, token)
        yield "hub: what changed since: nothing", same, _told(same)
        (book / "0.vcf").write_bytes(_card(Someone(0, "Uusi Nimi")))
        changed = _listed(server.url, token)
        yield "hub: what changed since: one card", changed, _told(changed)


def _listed(url: str, token: Path, *, anew: bool = False) -> Cost:
    if anew:
        token.write_text("", encoding="utf-8")
    return python("-m", "tests.bench.carddav", url, str(token))


def _told(cost: Cost) -> str:
    return f"{cost.printed.strip()}; the server's own time counts in the first column only"


def _card(someone: Someone) -> bytes:
    note = "NOTE:Sovittu jatkosta\r\n" if someone.number % 5 else ""
    return f"{_LINES.format(someone)}{note}END:VCARD\r\n".encode()


def _list(url: str, token: Path) -> None:
    """List, keep the new token, and print how many items there were."""
    source = CarddavConnector("bench", {"url": url, "username": USER, "password": lambda: PASSWORD})
    count = 0
    for item in source.entries(token.read_text("utf-8") or None):
        count += 1
        if isinstance(item, Cursor):
            token.write_text(item.token, encoding="utf-8")
    print(f"{count - 1:,} listed")


if __name__ == "__main__":
    _list(sys.argv[1], Path(sys.argv[2]))
